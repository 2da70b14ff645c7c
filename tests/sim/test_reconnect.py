"""A match outlives its link: whatever is cut, reset, killed, moved or jumps, both sides end in the same place.

`tests/sim/reconnect_world.py` says who plays and what must hold. Times are virtual seconds.
"""

from collections.abc import Callable
from functools import partial

import pytest

from p2pgame.session import events as e
from tests.sim.reconnect_world import GAMES, Play, Storm, pauses

REALTIME = ("pong", "tron")
Fault = Callable[[Play], None]
games = pytest.mark.parametrize("game", GAMES)


def finish(world: Play, seconds: float = 60.0) -> None:
    """The match goes on, ends by agreement, and nothing is left of it."""
    world.play_to_the_end(seconds)
    world.check_agreed()
    world.check_free()


# --- the wire is out for a while


@games
@pytest.mark.parametrize("seconds", [0.3, 3.0, 10.0, 60.0])
@pytest.mark.parametrize("seed", range(4))
def test_out_for_a_while_and_playing_again_within_a_second(game: str, seconds: float, seed: int) -> None:
    world = Play(game, seed, delay=0.002, jitter=0.002)
    world.start()
    world.run(0.07 * seed)
    world.cut_for(seconds, world.ann, world.ben)
    world.run(seconds)
    assert world.playing_again(20.0) <= 1.0
    told = list(pauses(world, world.ann))
    if seconds < 1.0:
        assert told == []
    elif seconds > 5.0:
        assert told == [("MatchPaused", "connection"), ("MatchResumed", "connection")]
    finish(world)


@games
def test_a_wire_that_flaps_every_half_second_for_half_a_minute(game: str) -> None:
    world = Play(game, frames=2000 if game in REALTIME else 200)
    world.start()
    for second in range(30):
        world.at(world.now + second, partial(world.cut_for, 0.5, world.ann, world.ben))
    world.run(30.0)
    assert world.playing_again(20.0) <= 1.0
    finish(world)


@games
@pytest.mark.parametrize("deaf", [0, 1])
def test_one_direction_alone_is_dead(game: str, deaf: int) -> None:
    world = Play(game)
    world.start()
    to, source = world.both[deaf].id, world.both[1 - deaf].id
    world.break_for(12.0, (source, to, "tcp"), (source, to, "udp"))
    world.run(12.0)
    assert world.told["Ann"][-1][1] == e.MatchPaused(match=world.match_id, reason="connection")
    assert world.playing_again(20.0) <= 1.0
    finish(world)


@pytest.mark.parametrize("game", REALTIME)
def test_as_long_as_datagrams_flow_nobody_notices_that_the_session_is_lost(game: str) -> None:
    world = Play(game, seed=4, frames=1200)  # of Tron, one that the rules do not end before
    world.start()
    world.run(0.5)
    world.reset(*world.both)
    world.run(2.0)
    ann, ben = world.ann.id, world.ben.id
    world.break_for(12.0, (ann, ben, "tcp"), (ben, ann, "tcp"))
    before = world.frame_of(world.ann)
    world.run(12.0)
    assert world.frame_of(world.ann) - before > 11.5 * 60
    finish(world)
    for peer in world.both:
        assert list(pauses(world, peer)) == []
        assert peer.first(e.MatchEnded).stats.stalls == 0


@pytest.mark.parametrize("game", REALTIME)
def test_as_long_as_the_session_stands_nobody_is_paused(game: str) -> None:
    world = Play(game, frames=900)
    world.start()
    ann, ben = world.ann.id, world.ben.id
    world.break_for(10.0, (ann, ben, "udp"), (ben, ann, "udp"))
    world.run(10.0)
    assert world.frame_of(world.ann) > 9 * 60
    finish(world)
    assert list(pauses(world, world.ann)) == []


@games
@pytest.mark.parametrize("mover", [0, 1])
def test_an_address_that_changes(game: str, mover: int) -> None:
    world = Play(game)
    world.start()
    world.run(0.2)
    world.move(world.both[mover], ("10.0.9.9", 41421))
    assert world.playing_again(20.0) <= 4.5, "a link is silent for 2.5 s before anybody looks for another"
    finish(world)


# --- at every message


def sent_in(game: str, prepare: Fault = lambda _: None) -> int:
    """Pieces that pass in a whole match, and in the two seconds after it."""
    world = Play(game)
    prepare(world)
    world.invite()
    world.until(lambda: all(world.over(peer) for peer in world.both), 60.0)
    world.run(2.0)
    return world.sent


def at_every_message(game: str, fault: Fault, prepare: Fault = lambda _: None, step: int = 1) -> set[str]:
    """The places in which both were in the end, over all messages at which `fault` struck."""
    return {strike(game, number, fault, prepare) for number in range(1, sent_in(game, prepare) + 1, step)}


def strike(game: str, number: int, fault: Fault, prepare: Fault) -> str:
    """`fault` comes after `number` pieces of the streams between the two; in which place are both in the end?"""
    world = Play(game)
    prepare(world)
    first = world.faults.get(number, lambda: None)

    def both() -> None:
        first()
        fault(world)

    world.faults[number] = both
    world.invite()
    world.run(14.0)
    return world.check_any_end()


def cut(seconds: float) -> Fault:
    return lambda world: world.cut_for(seconds, *world.both)


def reset(world: Play) -> None:
    world.reset(*world.both)


def wreck(which: str, lost: int = 0) -> Fault:
    def strike(world: Play) -> None:
        for number, peer in enumerate(world.both):
            if which in (peer.name, "both"):
                world.wreck(peer, lost=lost, after=0.3 + 0.4 * number)

    return strike


FAULTS: dict[str, Fault] = {
    "reset": reset,
    "cut for 0.3 s": cut(0.3),
    "cut for 3 s": cut(3.0),
    "cut for 10 s": cut(10.0),
    "Ann killed": wreck("Ann"),
    "Ben killed": wreck("Ben"),
    "Ann killed, the disk behind": wreck("Ann", lost=1),
    "Ben killed, the disk behind": wreck("Ben", lost=2),
    "both killed": wreck("both", lost=1),
}


@games
@pytest.mark.parametrize("fault", FAULTS)
def test_at_every_message_of_a_match(game: str, fault: str) -> None:
    """Invitation, election, start, play, end and signatures."""
    assert "agreed" in at_every_message(game, FAULTS[fault], step=1 if game == "gomoku" else 3)


@games
@pytest.mark.parametrize("fault", ["reset", "cut for 3 s", "Ann killed", "Ben killed, the disk behind"])
@pytest.mark.parametrize("first", ["cut for 3 s", "Ann killed"])
def test_at_every_message_of_a_reunion(game: str, fault: str, first: str) -> None:
    def prepare(world: Play) -> None:
        world.faults[30] = lambda: FAULTS[first](world)

    step = 3 if game == "gomoku" else 25
    assert "agreed" in at_every_message(game, FAULTS[fault], prepare, step)


# --- storms


@pytest.mark.parametrize("seed", range(60), ids="seed-{:04}".format)
def test_a_storm(seed: int) -> None:
    Storm(seed).weather()


@pytest.mark.parametrize("seed", range(100), ids="seed-{:04}".format)
def test_a_storm_over_a_clock_and_takebacks(seed: int) -> None:
    Storm(seed, "tally").weather()


@pytest.mark.parametrize("seed", [4849, 4987, 5097, 5104, 5353, 5371])
def test_who_was_started_anew_and_is_ahead_keeps_nobody_waiting(seed: int) -> None:
    """The other side plays what it lacks, and keeps its inputs beyond that."""
    Storm(seed).weather()


def test_a_seed_draws_the_same_storm_again() -> None:
    one, again = Storm(7), Storm(7)
    assert one.weather() == again.weather()
    assert one.story == again.story
    assert one.told == again.told


# --- the end


@pytest.mark.parametrize("game", REALTIME)
def test_an_end_waits_for_the_session_and_says_so(game: str) -> None:
    """Datagrams carry the play to its end; to sign it takes the session."""
    world = Play(game)
    world.start()
    world.run(1.0)
    world.reset(*world.both)
    ann, ben = world.ann.id, world.ben.id
    world.break_for(20.0, (ann, ben, "tcp"), (ben, ann, "tcp"))
    world.run(10.0)
    for peer in world.both:
        assert world.frame_of(peer) == world.frames
        assert list(pauses(world, peer)) == [("MatchPaused", "connection")]
        assert not peer.told(e.MatchEnded)
    finish(world)
