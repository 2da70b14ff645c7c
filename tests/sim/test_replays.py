"""What was said once is said again: in the same session, in another, by somebody else, and too late."""

import pytest

from p2pgame.core.errors import LocalProtocolError
from p2pgame.session import events as e
from p2pgame.wire import messages as m
from p2pgame.wire.bounds import INVITE_TIMEOUT
from tests.sim.world import Peer, World


@pytest.fixture
def world() -> World:
    return World()


def said(peer: Peer, kind: type[m.Message]) -> list[tuple[int, m.Message]]:
    """From now on, every message of this kind that reaches `peer`, with its link."""
    heard: list[tuple[int, m.Message]] = []
    take = peer.lobby.link_message

    def listen(link: int, message: m.Message, now: float, size: int = 0) -> None:
        if isinstance(message, kind):
            heard.append((link, message))
        take(link, message, now, size)

    peer.lobby.link_message = listen  # type: ignore[method-assign]
    return heard


def resend(peer: Peer, other: Peer, *messages: m.Message) -> None:
    """On a new link from `peer` to `other`."""
    world = peer.world
    before = set(peer.ends)
    world._dial(peer, other.id, None)
    world.run(0.1)
    end = peer.ends[(set(peer.ends) - before).pop()]
    for message in messages:
        end.link.send(message)
    world._flush(end)
    world.run(0.5)


def test_an_invitation_replayed_in_its_session_asks_nobody_twice(world: World) -> None:
    a, b = world.add("Ann"), world.add("Ben")
    invites = said(b, m.Invite)
    a.invite(b)
    world.run(0.5)
    (link, invite), *_ = invites
    a.lobby.link_message = lambda *_: None  # type: ignore[method-assign]  # refusals do not impress her
    for _ in range(12):
        b.lobby.link_message(link, invite, world.now)
        world.pump(b)
        world.run(0.5)  # six seconds in all: longer than the patience with one who asks again
    assert len(b.told(e.InviteReceived)) == 1
    assert len(b.lobby.waiting) == 1


def test_an_invitation_replayed_as_soon_as_it_is_answered_asks_nobody(world: World) -> None:
    a, b = world.add("Ann"), world.add("Ben")
    invites = said(b, m.Invite)
    a.invite(b)
    world.run(0.5)
    (link, invite), *_ = invites
    b.do("decline", b.lobby.waiting[0], world.now)
    b.lobby.link_message(link, invite, world.now)
    world.pump(b)
    assert len(b.told(e.InviteReceived)) == 1


def test_an_invitation_replayed_over_another_session_during_its_match_changes_nothing(world: World) -> None:
    a, b = world.add("Ann"), world.add("Ben")
    invites = said(b, m.Invite)
    a.meet(b)
    resend(a, b, invites[0][1])
    assert len(b.told(e.InviteReceived)) == 1
    assert len(b.told(e.MatchStarted)) == 1
    assert a.lobby.match is not None
    assert a.lobby.match.running


def test_an_invitation_replayed_by_another_is_that_others_and_elects_nobody(world: World) -> None:
    a, b, c = world.add("Ann"), world.add("Ben"), world.add("Cho")
    invites, reveals = said(c, m.Invite), said(c, m.Reveal)
    a.invite(c)
    world.run(0.5)
    c.do("accept", c.lobby.waiting[0], world.now)
    world.run(0.5)
    assert reveals, "Cho knows all that Ann committed to"
    c.do("leave", world.now)
    world.run(1.0)
    resend(c, b, invites[0][1])
    asked = b.told(e.InviteReceived)
    assert [event.peer for event in asked] == [c.id], "who asks is who holds the key, not who wrote it first"
    link = next(number for number, end in b.ends.items() if end.other is not None and end.other.owner is c)
    b.do("accept", asked[0].invite, world.now)
    b.lobby.link_message(link, reveals[0][1], world.now)
    world.pump(b)
    world.run(5.0)
    assert not b.told(e.HostElected)
    assert not b.told(e.MatchStarted)


def test_an_invitation_replayed_after_it_lapsed_is_a_question_and_no_more(world: World) -> None:
    a, b = world.add("Ann"), world.add("Ben")
    invites = said(b, m.Invite)
    a.invite(b)
    world.run(INVITE_TIMEOUT + 1)
    old = b.first(e.InviteReceived).invite
    assert b.told(e.InviteExpired)
    with pytest.raises(LocalProtocolError):
        b.do("accept", old, world.now)
    resend(a, b, invites[0][1])
    for number in list(b.lobby.waiting):
        b.do("accept", number, world.now)
    world.run(10.0)
    assert not a.told(e.MatchStarted), "the inviter no longer means it"
    assert not b.told(e.MatchStarted)
    assert not b.lobby.busy


def test_an_acceptance_that_comes_too_late_is_taken_back(world: World) -> None:
    a, b = world.add("Ann"), world.add("Ben")
    accepts = said(a, m.Accept)
    a.meet(b)
    a.do("leave", world.now)
    world.run(1.0)
    resend(b, a, accepts[0][1])
    assert len(a.told(e.MatchStarted)) == 1
    assert not a.lobby.busy


def test_the_token_of_one_match_opens_no_seat_in_the_next(world: World) -> None:
    a, b = world.add("Ann"), world.add("Ben")
    a.meet(b)
    assert a.lobby.match is not None
    first = a.lobby.match.core.election
    b.do("resign", world.now)
    world.run(0.5)
    a.do("rematch", world.now)
    world.run(0.5)
    b.do("accept", b.lobby.waiting[0], world.now)
    world.run(0.5)
    second = b.lobby.match
    assert second is not None
    assert second.core.election.match != first.match
    links = set(b.ends)
    resend(a, b, m.Join(match=first.match, session=1, token=first.token))
    resend(a, b, m.Join(match=second.core.election.match, session=1, token=first.token))
    assert set(b.ends) == links, "refused"
    assert b.lobby.match is second
    assert second.running
