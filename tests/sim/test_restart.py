"""Programs that are killed and started again, players who give up waiting, and clocks that jump.

`tests/sim/reconnect_world.py` says who plays and what must hold. Times are virtual seconds.
"""

import pytest

from p2pgame.core.errors import LocalProtocolError
from p2pgame.core.game import EndedBy, Outcome
from p2pgame.replay.records import Repaired
from p2pgame.replay.verify import verify
from p2pgame.session import events as e
from p2pgame.testing.network import SimPeer as Peer
from p2pgame.testing.recorded import replay_of
from p2pgame.wire.bounds import CLAIM_AFTER, LINK_QUIET, TOLD_SECONDS
from tests.sim.reconnect_world import GAMES, Play, match_of

games = pytest.mark.parametrize("game", GAMES)
victims = pytest.mark.parametrize("victim", [0, 1])


def begin(game: str, seed: int = 1, frames: int = 0, seconds: float = 0.4) -> Play:
    world = Play(game, seed, frames=frames)
    world.start()
    world.run(seconds)
    return world


def finish(world: Play, seconds: float = 60.0) -> None:
    """The match goes on, ends by agreement, and nothing is left of it."""
    world.play_to_the_end(seconds)
    world.check_agreed()
    world.check_free()


def pause_of(world: Play, peer: Peer) -> object:
    view = peer.lobby.view(peer.now)
    assert view is not None
    return view.pause


def outcome_of(peer: Peer) -> Outcome:
    (ended,) = peer.told(e.MatchEnded)
    outcome = ended.outcome
    assert isinstance(outcome, Outcome)
    return outcome


# --- killed


@games
@victims
@pytest.mark.parametrize("seed", range(8))
def test_killed_and_started_again_plays_on_within_a_second(game: str, victim: int, seed: int) -> None:
    world = begin(game, seed, frames=0 if game != "gomoku" else 40, seconds=0.2 + 0.13 * seed)
    world.wreck(world.both[victim], lost=seed % 3, after=0.5 + 3 * (seed % 2), power=seed % 4 < 2)
    world.run(0.5 + 3 * (seed % 2))
    assert world.playing_again(20.0) <= 1.0
    finish(world)


@games
@victims
def test_a_file_that_was_cut_at_any_record(game: str, victim: int) -> None:
    frames = 40 if game == "gomoku" else 300
    full = begin(game, frames=frames, seconds=1.5)
    records = len(full.both[victim].files[full.match_id])
    assert records > 3
    for lost in range(records):
        world = begin(game, frames=frames, seconds=1.5)
        world.wreck(world.both[victim], lost=lost)
        finish(world)


def test_a_program_without_its_file_is_no_opponent_any_more() -> None:
    world = begin("pong")
    ann, ben = world.both
    world.kill(ben)
    ben.files.clear()
    ben.restart()
    world.run(5.0)
    assert ann.first(e.ErrorEvent).code == "no_seat"
    assert outcome_of(ann) == Outcome.by(EndedBy.ABANDONED, (match_of(ann).me,))
    world.check_free()


@games
def test_both_killed_at_once(game: str) -> None:
    for lost in range(3):
        world = begin(game, frames=40 if game == "gomoku" else 0, seconds=1.2)
        world.wreck(world.ann, lost=lost, after=1.0)
        world.wreck(world.ben, lost=2 - lost, after=3.0)
        world.run(3.0)
        assert world.playing_again(20.0) <= 1.0
        finish(world)


@games
def test_killed_again_and_again(game: str) -> None:
    world = begin(game, frames=60 if game == "gomoku" else 0)
    for number in range(6):
        world.wreck(world.both[number // 3], lost=number % 2, after=0.2)
        world.run((0.21, 0.23, 0.8)[number % 3])
    finish(world)


@victims
def test_who_moved_before_it_was_killed_is_ahead(victim: int) -> None:
    world = begin("gomoku", frames=40, seconds=0.4 + 0.05 * victim)
    world.cut_for(3.0, *world.both)
    world.until(lambda: world.frame_of(world.ann) != world.frame_of(world.ben), 1.0)
    ahead = max(world.both, key=world.frame_of)
    frames = world.frame_of(ahead)
    world.wreck(ahead)
    world.until(lambda: world.frame_of(world.other(ahead)) > frames, 10.0)
    finish(world)
    assert not [record for record in ahead.files[world.match_id] if isinstance(record, Repaired)]


@pytest.mark.parametrize("game", ["pong", "tron"])
@victims
def test_who_lost_more_than_its_disk_may_lose_signs_nothing(game: str, victim: int) -> None:
    """Nobody is told what its own player did for seconds."""
    world = begin(game, frames=2000, seconds=TOLD_SECONDS + 3.0)
    peer = world.both[victim]
    frames = match_of(peer).frame
    world.wreck(peer, lost=10_000)
    world.run(2.0)
    for each in world.both:
        assert outcome_of(each) == Outcome.by(EndedBy.DISPUTED)
        assert each.first(e.ErrorEvent).code == "disputed"
    assert match_of(peer).frame < frames
    world.check_free()


@pytest.mark.parametrize("game", ["pong", "tron"])
@victims
def test_what_a_program_was_told_of_its_own_inputs_is_marked(game: str, victim: int) -> None:
    world = begin(game, frames=400, seconds=2.3)
    peer = world.both[victim]
    world.wreck(peer, lost=1)
    finish(world)
    replays = [replay_of(each.files[world.match_id]) for each in world.both]
    verdicts = [verify(replay, world.plugin.game, world.plugin.digest) for replay in replays]
    told = [verdict.told for verdict in verdicts]
    assert 0 < told[victim] <= TOLD_SECONDS * 60
    assert told[1 - victim] == 0


@games
@victims
@pytest.mark.parametrize("frames_left", [0, 1, 2])
def test_killed_in_the_last_frames(game: str, victim: int, frames_left: int) -> None:
    world = Play(game)
    world.start()
    last = world.frames - frames_left
    world.until(lambda: max(world.frame_of(peer) for peer in world.both) >= last, 20.0)
    world.wreck(world.both[victim], lost=1)
    finish(world)


# --- the player does not wait


@games
def test_a_match_can_be_claimed_after_half_a_minute_and_the_other_is_told(game: str) -> None:
    world = begin(game)
    ann, ben = world.both
    world.kill(ben)
    world.run(CLAIM_AFTER)
    with pytest.raises(LocalProtocolError, match="too_early_to_claim"):
        ann.do("claim", ann.now)
    world.run(LINK_QUIET)
    ann.do("claim", ann.now)
    me = match_of(ann).me
    assert outcome_of(ann) == Outcome.by(EndedBy.CLAIMED, (me,))
    ann.do("leave", ann.now)
    ben.restart()
    world.run(3.0)
    assert outcome_of(ben) == Outcome.by(EndedBy.CLAIMED, (me,))
    for peer in world.both:
        replay = replay_of(peer.files[world.match_id])
        verdict = verify(replay, world.plugin.game, world.plugin.digest)
        assert verdict.problems == ()
        assert verdict.signed_by == (match_of(ben).me if peer is ben else me,)
        assert not peer.told(e.ErrorEvent)
    world.check_free()


@games
def test_both_claim(game: str) -> None:
    world = begin(game)
    world.cut_for(60.0, *world.both)
    world.run(CLAIM_AFTER + 5.0)
    for peer in world.both:
        me = match_of(peer).me
        peer.do("claim", peer.now)
        assert outcome_of(peer) == Outcome.by(EndedBy.CLAIMED, (me,))
    world.run(60.0)
    world.check_free()


@games
@pytest.mark.parametrize("button", ["resign", "leave"])
@pytest.mark.parametrize("seconds", [3.5, 10.0])
@victims
def test_giving_up_while_it_is_paused(game: str, button: str, seconds: float, victim: int) -> None:
    """After 3.5 s the old link still stands: nobody waits for the end of a match that is over."""
    world = begin(game)
    quitter = world.both[victim]
    other = world.other(quitter)
    winner = match_of(other).me
    world.cut_for(seconds, *world.both)
    world.until(lambda: pause_of(world, quitter) is not None, 6.0)
    quitter.do(button, quitter.now)
    assert outcome_of(quitter) == Outcome.by(EndedBy.RESIGNED, (winner,))
    assert not quitter.lobby.busy
    world.run(seconds + 8.0)
    assert outcome_of(other) == Outcome.by(EndedBy.RESIGNED, (winner,))
    assert not other.told(e.ErrorEvent)
    world.check_free()


@games
@victims
def test_leaving_when_the_wire_is_out_and_nobody_knows_yet(game: str, victim: int) -> None:
    world = begin(game)
    quitter = world.both[victim]
    other = world.other(quitter)
    winner = match_of(other).me
    world.cut_for(10.0, *world.both)
    quitter.do("leave", quitter.now)
    world.run(9.0)
    assert not quitter.lobby.busy
    assert quitter.lobby.match is None
    assert outcome_of(quitter) == Outcome.by(EndedBy.RESIGNED, (winner,))
    world.run(4.0)
    assert outcome_of(other) == Outcome.by(EndedBy.RESIGNED, (winner,))
    world.check_free()


@games
@victims
def test_a_resignation_that_the_wire_swallowed_is_said_again(game: str, victim: int) -> None:
    world = begin(game)
    quitter = world.both[victim]
    winner = match_of(world.other(quitter)).me
    world.cut_for(6.0, *world.both)
    quitter.do("resign", quitter.now)
    finish(world)
    assert outcome_of(quitter) == Outcome.by(EndedBy.RESIGNED, (winner,))


@games
@victims
@pytest.mark.parametrize("which", ["host", "guest"])
@pytest.mark.parametrize("milliseconds", [1, 7, 12, 17])
def test_a_resignation_survives_the_programs(game: str, victim: int, which: str, milliseconds: int) -> None:
    """Wherever the host's decision and the signatures are on their way: who resigned has lost."""
    world = begin(game)
    quitter = world.both[victim]
    winner = match_of(world.other(quitter)).me
    killed = world.host if which == "host" else world.other(world.host)
    quitter.do("resign", quitter.now)
    world.run(milliseconds / 1000)
    world.wreck(killed)
    world.until(lambda: all(world.end_in_file(peer) is not None for peer in world.both), 30.0)
    for peer in world.both:
        end = world.end_in_file(peer)
        assert end is not None
        assert end.outcome == Outcome.by(EndedBy.RESIGNED, (winner,))
        assert not peer.told(e.ErrorEvent)
    world.run(2.0)
    world.check_free()


@games
def test_who_left_after_it_resigned_tells_whose_program_missed_it(game: str) -> None:
    world = begin(game)
    ann, ben = world.both
    me = match_of(ben).me
    ann.do("leave", ann.now)
    world.run(1.0)
    assert ann.lobby.match is None
    del ben.files[world.match_id][-4:]  # none of it was on the disk
    world.wreck(ben)
    world.run(3.0)
    assert ben.told(e.MatchEnded)[-1].outcome == Outcome.by(EndedBy.RESIGNED, (me,))
    assert not ben.told(e.ErrorEvent)
    world.check_free()


@games
def test_an_offered_match_is_abandoned(game: str) -> None:
    world = begin(game)
    ann, ben = world.both
    me = match_of(ann).me
    ben.on_event = lambda _: None
    world.kill(ben)
    ben.restart()
    world.run(3.0)
    assert not ben.lobby.busy
    ben.do("abandon", world.match_id, ben.now)
    world.run(3.0)
    assert outcome_of(ann) == Outcome.by(EndedBy.ABANDONED, (me,))
    assert outcome_of(ben).winners == (me,)
    assert not ann.told(e.ErrorEvent)
    world.check_free()


def test_a_player_who_never_decides_keeps_nothing_busy() -> None:
    world = begin("pong")
    ann, ben = world.both
    told = ben.on_event
    ben.on_event = lambda _: None
    world.kill(ben)
    ben.restart()
    for _ in range(60):
        world.run(10.0)
        assert len(ben.ends) <= 4
        assert len(ben.lobby._connections.links) <= 4
    assert not ben.lobby.busy
    assert pause_of(world, ann) is not None
    ben.on_event = told
    ben.do("resume", world.match_id, ben.now)
    world.killed.add("Ben")
    assert world.playing_again(20.0) <= 1.5
    finish(world)


@games
@victims
def test_blocking_ends_even_a_match_that_waits(game: str, victim: int) -> None:
    world = begin(game)
    blocker = world.both[victim]
    world.cut_for(20.0, *world.both)
    world.run(8.0)
    assert pause_of(world, blocker) is not None
    blocker.do("block", world.other(blocker).id, blocker.now)
    assert not blocker.lobby.busy
    assert [event.code for event in blocker.told(e.ErrorEvent)] == ["blocked"]
    world.run(20.0)
    assert world.other(blocker).told(e.MatchEnded)
    world.check_free()


# --- clocks


@games
@victims
@pytest.mark.parametrize("paused", [False, True])
@pytest.mark.parametrize("hours", [1 / 3600, 1, 1000])
def test_a_clock_that_jumps(game: str, victim: int, paused: bool, hours: float) -> None:
    world = begin(game)
    if paused:
        world.cut_for(6.0, *world.both)
        world.run(5.0)
    world.both[victim].skew += hours * 3600
    world.run(1.0 if paused else 0.0)
    assert world.playing_again(20.0) <= 2.0
    finish(world)
