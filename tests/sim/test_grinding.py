"""An inviter that learns the election first, breaks off and asks again, as often as it likes."""

import pytest

from p2pgame.replay.records import Header
from p2pgame.session import events as e
from p2pgame.testing.network import SimPeer as Peer
from p2pgame.wire import messages as m
from p2pgame.wire.bounds import INVITE_GAP, LOTS_TIME, SESSION_TIMEOUT
from tests.sim.reconnect_world import Play

TRIES = 8


def elections(peer: Peer) -> list[tuple[str, tuple[str, ...]]]:
    return [(event.host, event.players) for event in peer.told(e.HostElected)]


def break_off(world: Play, inviter: Peer) -> None:
    """`inviter` invites, hears the other's nonce, and keeps its own."""
    world.lies[inviter.name] = lambda message: [] if isinstance(message, m.Reveal) else [message]
    inviter.invite(world.other(inviter))
    world.run(SESSION_TIMEOUT + INVITE_GAP)
    del world.lies[inviter.name]


@pytest.mark.parametrize("seed", range(12))
def test_breaking_off_and_asking_again_draws_no_other_lots(seed: int) -> None:
    world = Play("gomoku", seed)
    for number in range(TRIES):
        break_off(world, world.both[seed % 2] if number % 3 else world.both[1 - seed % 2])
    assert not any(peer.told(e.MatchStarted) for peer in world.both)
    world.start()
    results = [*elections(world.ann), *elections(world.ben)]
    assert len(results) >= TRIES + 2
    assert len(set(results)) == 1


def test_what_was_known_at_the_break_is_what_is_played_with() -> None:
    world = Play("pong", 3)
    world.lies["Ann"] = lambda message: [] if isinstance(message, m.Reveal) else [message]
    world.invite()
    world.run(1.0)
    opening = world.ann.lobby._opener.opening
    assert opening is not None
    assert opening.agreement is not None
    known = opening.agreement.election
    assert known is not None
    del world.lies["Ann"]
    world.run(SESSION_TIMEOUT + INVITE_GAP)
    world.start()
    for peer in world.both:
        header = peer.files[world.match_id][0]
        assert isinstance(header, Header)
        assert (header.seed, header.players, header.host) == (known.seed, known.players, known.host)
        assert header.match != known.match, "a match has an id of its own"


@pytest.mark.parametrize("killed", [(0,), (1,), (0, 1)], ids=["inviter", "invitee", "both"])
def test_a_program_that_is_started_anew_opens_what_the_last_one_committed_to(killed: tuple[int, ...]) -> None:
    world = Play("gomoku", 7)
    break_off(world, world.ann)
    for number in killed:
        peer = world.both[number]
        world.kill(peer)
        world.run(1.0)
        peer.restart()
    world.run(1.0)
    world.start()
    results = [*elections(world.ann), *elections(world.ben)]
    assert len(results) >= 3
    assert len(set(results)) == 1


@pytest.mark.parametrize("who", [0, 1])
def test_another_commitment_is_refused_until_the_first_one_lapsed(who: int) -> None:
    """A program that lost its file has drawn anew; nobody can tell it from one that grinds."""
    world = Play("gomoku", 5)
    grinder = world.both[who]
    break_off(world, grinder)
    grinder.lobby._invitations.lots.spend(world.other(grinder).id)
    asked = len(world.other(grinder).told(e.InviteReceived))
    grinder.invite(world.other(grinder))
    world.run(1.0)
    assert [event.reason for event in grinder.told(e.InviteDeclined)] == ["changed"]
    assert len(world.other(grinder).told(e.InviteReceived)) == asked, "nobody is asked"
    world.other(grinder).invite(grinder)
    world.run(1.0)
    assert [event.reason for event in world.other(grinder).told(e.InviteDeclined)] == ["changed"]
    assert not any(peer.told(e.MatchStarted) for peer in world.both)
    world.run(LOTS_TIME)
    world.start()


def test_after_a_match_that_began_lots_are_drawn_anew() -> None:
    firsts = set()
    for seed in range(6):
        world = Play("gomoku", seed)
        for _ in range(2):
            world.start()
            world.play_to_the_end()
            for peer in world.both:
                peer.do("leave", peer.now)
            world.run(INVITE_GAP + 1)
            firsts.add((seed, elections(world.ann)[-1]))
    assert len(firsts) > 6, "the second match of a pair is not always like the first"
