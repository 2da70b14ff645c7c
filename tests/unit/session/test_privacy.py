"""Who may invite us, who may watch rooms that we lead, whose chat we see: the player says so, the session keeps it."""

import pytest

from p2pgame.core.ids import PeerId
from p2pgame.session import commands as c
from p2pgame.session import events as e
from p2pgame.session.people.known_peer import KnownPeer
from p2pgame.session.people.trust_store import TrustStore
from p2pgame.wire import messages as m
from tests.unit.session.room.test_hostile import Desk, led
from tests.unit.session.room.test_leader import ANN, BEN, CID, DAN

STORE = TrustStore(
    [
        KnownPeer(peer=BEN, name="Ben", met_at=1.0),
        KnownPeer(peer=CID, name="Cid", verified=True),
        KnownPeer(peer=DAN, name="Dan", verified=True, blocked=True),
    ]
)
STRANGER = PeerId("z" * 26)


@pytest.mark.parametrize(
    ("audience", "members"),
    [
        ("everyone", {STRANGER, BEN, CID}),
        ("known", {BEN, CID}),
        ("verified", {CID}),
        ("nobody", set()),
    ],
)
def test_an_audience_never_has_whom_we_blocked(audience: c.Audience, members: set[PeerId]) -> None:
    inside = {peer for peer in (STRANGER, BEN, CID, DAN) if STORE.in_audience(peer, audience)}
    assert inside == members


@pytest.mark.parametrize(("audience", "asked"), [("everyone", True), ("known", False), ("nobody", False)])
def test_who_may_not_invite_is_declined_without_a_word(audience: c.Audience, asked: bool) -> None:
    desk = Desk()
    desk.do(c.SetPrivacy(invite=audience))
    desk.link(BEN)
    offer = m.RoomOffer(room="a" * 16, leader=BEN, game="toy", digest=led().state.digest)
    desk.hear(1, offer)
    told = [event for event in desk.lobby.events() if isinstance(event, e.RoomOffered)]
    assert bool(told) is asked


@pytest.mark.parametrize(("audience", "reason"), [("everyone", None), ("verified", "no_watchers")])
def test_who_may_not_watch_is_told_so_and_is_no_member(audience: c.Audience, reason: str | None) -> None:
    desk = led(BEN)
    desk.do(c.SetPrivacy(watch=audience))
    desk.hear(desk.link(CID), m.RoomJoin(room=desk.state.room, local=0))
    desk.pass_time()
    left = [message for message in desk.said(2) if isinstance(message, m.RoomLeave)]
    assert [message.reason for message in left] == ([reason] if reason else [])
    assert any(member.peer == CID for member in desk.state.members) is (reason is None)
    desk.hear(desk.link(DAN), m.RoomJoin(room=desk.state.room, local=1))
    desk.pass_time()
    assert any(member.peer == DAN for member in desk.state.members), "who plays is welcome"
    assert ANN in {member.peer for member in desk.state.members}


def test_nobody_comes_to_watch_by_asking_for_a_seat() -> None:
    desk = led(BEN)
    desk.do(c.SetPrivacy(watch="verified"))
    desk.lobby.trust_store = STORE
    desk.hear(1, m.RoomAsk(room=desk.state.room, what="local", value=0))
    desk.pass_time()
    assert desk.said(1) == [m.RoomRefused(room=desk.state.room, reason="no_watchers")]
    assert [member.local for member in desk.state.members] == [1, 1]
    for number in range(2, len(desk.state.seats)):
        desk.do(c.SetSeat(seat=number, kind="closed"))
    desk.hear(desk.link(STRANGER, 3), m.RoomJoin(room=desk.state.room, local=1))
    assert [message for message in desk.said(3) if isinstance(message, m.RoomLeave)] == [
        m.RoomLeave(room=desk.state.room, reason="full")
    ]
    desk.hear(desk.link(CID), m.RoomJoin(room=desk.state.room, local=1))
    desk.pass_time()
    assert {member.peer for member in desk.state.members} == {ANN, BEN, CID}, "a verified peer may"


@pytest.mark.parametrize(
    ("audience", "read"),
    [("everyone", {BEN, CID}), ("known", {BEN, CID}), ("verified", {CID}), ("nobody", set())],
)
def test_we_see_the_chat_of_whom_we_want_and_always_our_own(audience: c.Audience, read: set[PeerId]) -> None:
    desk = Desk()
    desk.lobby.trust_store = STORE
    desk.do(c.SetPrivacy(chat=audience))
    assert {peer for peer in (BEN, CID, DAN) if desk.lobby.reads(peer)} == read
    assert desk.lobby.reads(STRANGER) is (audience == "everyone")
    assert desk.lobby.reads(ANN)
