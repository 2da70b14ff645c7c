"""The chat of rooms and of matches by invitation, over links that come and go, and leaders that vanish."""

import random
from collections.abc import Iterable

import pytest

from p2pgame.chat.author import Author
from p2pgame.core.errors import LocalProtocolError
from p2pgame.session import commands as c
from p2pgame.session import events as e
from p2pgame.session.party_chat import PASSED_BURST, PASSED_RATE
from p2pgame.session.people.known_peer import KnownPeer
from p2pgame.session.people.trust_store import TrustStore
from p2pgame.testing.network import SimPeer
from p2pgame.wire import messages as m
from p2pgame.wire.chat import Kind, SignedLine
from tests.signers import Signer
from tests.sim.rooms_world import Hall, timed  # noqa: F401
from tests.sim.world import World


def _texts(peer: SimPeer) -> list[str]:
    return [event.text for event in peer.told(e.Chat)]


def _say(peer: SimPeer, text: str, where: str = "") -> str:
    """Returns why it was refused, if it was."""
    room = peer.lobby.room_view(peer.now)
    match = peer.lobby.match
    place = where or (room.room if room is not None else match.id if match is not None else "")
    try:
        peer.do("execute", c.Say(text=text, where=place), peer.now)
    except LocalProtocolError as error:
        return error.code
    return ""


@pytest.fixture
def hall(timed: None) -> Hall:  # noqa: F811
    return Hall(seed=5, delay=0.02, jitter=0.01)


def test_all_members_of_a_room_read_the_same_lines_in_the_same_order(hall: Hall) -> None:
    peers = hall.crowd(4)
    rng = random.Random(1)
    for turn in range(12):
        for peer in rng.sample(peers, 3):
            assert _say(peer, f"{peer.name} {turn}") == ""
        hall.run(2.5)
    lines = _texts(peers[0])
    assert len(lines) == 36
    assert all(_texts(peer) == lines for peer in peers)
    room = hall.view(peers[0]).room
    assert {event.where for event in peers[2].told(e.Chat)} == {room}


def test_who_comes_late_reads_the_newest_hundred_lines(hall: Hall) -> None:
    ann, ben = hall.crowd(2)
    for number in range(104):
        _say((ann, ben)[number % 2], f"{number}")
        hall.run(1.0)
    late = hall.add("Late")
    hall.order(late, c.JoinRoom(room=hall.view(ann).room, local=0))
    hall.run(1.0)
    assert _texts(late) == [f"{number}" for number in range(4, 104)]
    _say(late, "hello")
    hall.run(0.5)
    assert [_texts(peer)[-1] for peer in (ann, ben, late)] == ["hello"] * 3


def test_a_leader_vanishes_and_what_only_some_have_read_comes_to_all(hall: Hall) -> None:
    ann, ben, cid = hall.crowd(3)
    _say(ben, "one")
    hall.run(1.0)
    hall.cut |= {
        frozenset({ann.id, ben.id}),
        frozenset({ben.id, cid.id}),
    }  # Ben, who is to lead next, misses it
    _say(cid, "only Ann and Cid")
    hall.run(0.5)
    assert _texts(ann) == _texts(cid) == ["one", "only Ann and Cid"]
    assert _texts(ben) == ["one"]
    hall.kill(ann)
    hall.cut.clear()
    hall.run(25.0)
    assert hall.view(ben).leader == hall.view(cid).leader == ben.id
    assert _texts(ben) == _texts(cid) == ["one", "only Ann and Cid"]
    _say(ben, "he is gone")
    hall.run(1.0)
    assert _texts(ben) == _texts(cid) == ["one", "only Ann and Cid", "he is gone"]


def test_what_is_said_while_nobody_leads_is_read_later(hall: Hall) -> None:
    ann, ben, cid = hall.crowd(3)
    hall.kill(ann)
    hall.run(0.1)
    assert _say(cid, "is anybody there?") == ""
    hall.run(25.0)
    assert _texts(ben) == _texts(cid) == ["is anybody there?"]


def test_the_leader_may_silence_a_member_which_learns_it(hall: Hall) -> None:
    ann, ben, cid = hall.crowd(3)
    hall.order(ann, c.Silence(peer=cid.id))
    with pytest.raises(LocalProtocolError) as refused:
        hall.order(ben, c.Silence(peer=ann.id))
    assert refused.value.code == "not_leader"
    _say(cid, "spam")
    hall.run(0.5)
    assert not _texts(ann)
    assert not _texts(ben)
    assert not _texts(cid)
    assert [event.params["reason"] for event in cid.told(e.ErrorEvent)] == ["chat_silenced"]
    hall.order(ann, c.Silence(peer=cid.id, silenced=False))
    _say(cid, "sorry")
    hall.run(0.5)
    assert _texts(ann) == _texts(ben) == _texts(cid) == ["sorry"]


def test_nobody_outside_of_a_place_talks_there(hall: Hall) -> None:
    ann, ben = hall.crowd(2)
    stranger = hall.add("Eve")
    assert _say(stranger, "let me in", where=hall.view(ann).room) == "chat_gone"
    assert _say(ben, "elsewhere", where="00" * 8) == "chat_gone"
    hall.run(0.5)
    assert not _texts(ann)


# --- messages of a member that lies


def _link_to_leader(peer: SimPeer, leader: SimPeer) -> int:
    return next(n for n, link in peer.lobby._connections.links.items() if link.peer == leader.id)


def _forge(
    hall: Hall, liar: SimPeer, leader: SimPeer, author: Author, text: str, *, flip: bool = False
) -> None:
    room = hall.view(liar).room
    line = author.line(bytes.fromhex(room), Kind.TEXT, text, "Mallory", hall.now, hall.now)
    data = line.data[:-1] + bytes([line.data[-1] ^ flip])
    liar.lobby._connections.send(_link_to_leader(liar, leader), m.ChatSay(where=room, line=data))
    hall.pump(liar)
    hall.run(0.5)


def test_lines_in_the_name_of_another_are_not_passed_on(hall: Hall) -> None:
    ann, ben, cid = hall.crowd(3)
    stolen = hall.add("Eve").lobby._chat._author  # signed rightly, by somebody who did not say it here
    assert stolen is not None
    _forge(hall, cid, ann, stolen, "I am Eve")
    assert not any(_texts(peer) for peer in (ann, ben))


@pytest.mark.parametrize("where", [b"", bytes(8)], ids=["lobby", "another room"])
def test_what_somebody_said_elsewhere_is_not_said_here(hall: Hall, where: bytes) -> None:
    ann, ben, cid = hall.crowd(3)
    own = cid.lobby._chat._author
    assert own is not None
    line = own.line(where, Kind.TEXT, "yes, with pleasure", "Cid", hall.now, hall.now)
    link = _link_to_leader(cid, ann)
    cid.lobby._connections.send(link, m.ChatSay(where=hall.view(cid).room, line=line.data))
    hall.pump(cid)
    hall.run(0.5)
    assert link not in cid.lobby._connections.links
    assert not any(_texts(peer) for peer in (ann, ben))


def test_signatures_of_one_member_are_checked_at_a_bounded_rate(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, _, cid = hall.crowd(3)
    room, link, checked = bytes.fromhex(hall.view(cid).room), _link_to_leader(cid, ann), []
    verify = SignedLine.verify
    monkeypatch.setattr(SignedLine, "verify", lambda line: checked.append(line) or verify(line))
    for number in range(400):
        line = Author(Signer(1000 + number), bytes(8)).line(room, Kind.TEXT, "hi", "Cid", hall.now, hall.now)
        cid.lobby._connections.send(link, m.ChatSay(where=room.hex(), line=line.data))
    hall.pump(cid)
    hall.run(1.0)
    assert 100 <= len(checked) <= PASSED_BURST + PASSED_RATE


def test_a_line_with_a_false_signature_costs_its_sender_the_link(hall: Hall) -> None:
    ann, ben, cid = hall.crowd(3)
    own = cid.lobby._chat._author
    assert own is not None
    link = _link_to_leader(cid, ann)
    _forge(hall, cid, ann, own, "false", flip=True)
    assert link not in cid.lobby._connections.links
    assert not any(_texts(peer) for peer in (ann, ben))


def test_a_flood_of_a_member_is_cut_to_what_one_may_say(hall: Hall) -> None:
    ann, ben, cid = hall.crowd(3)
    room = hall.view(cid).room
    for number in range(60):  # a bucket of its own for each line: it says whatever it wants
        author = Author(_Unbounded(cid), number.to_bytes(8, "big"))
        line = author.line(bytes.fromhex(room), Kind.TEXT, f"spam {number}", "Cid", hall.now, hall.now)
        cid.lobby._connections.send(_link_to_leader(cid, ann), m.ChatSay(where=room, line=line.data))
        hall.pump(cid)
        hall.run(0.05)
    hall.run(1.0)
    assert 8 <= len(_texts(ben)) <= 11
    _say(ben, "stop it")
    hall.run(0.5)
    assert _texts(ann)[-1] == _texts(ben)[-1] == "stop it"


def _pass_on(hall: Hall, liar: SimPeer, leader: SimPeer, authors: Iterable[Author]) -> None:
    """Say again and again that we have lines that the leader lacks, and pass on one of each of `authors`."""
    room, link = hall.view(liar).room, _link_to_leader(liar, leader)
    for number, author in enumerate(authors):
        marks = ((number.to_bytes(8, "big"), 1),)
        liar.lobby._connections.send(link, m.ChatSync(where=room, marks=marks, answer=False))
        line = author.line(bytes.fromhex(room), Kind.TEXT, f"spam {number}", "Ann", hall.now, hall.now)
        liar.lobby._connections.send(link, m.ChatSay(where=room, line=line.data))
        hall.pump(liar)
        hall.run(0.05)
    hall.run(1.0)


def test_lines_of_who_was_never_here_are_not_passed_on_to_a_leader(hall: Hall) -> None:
    ann, ben, cid = hall.crowd(3)
    _pass_on(hall, cid, ann, (Author(Signer(1000 + number), bytes(8)) for number in range(20)))
    assert not any(_texts(peer) for peer in (ann, ben))


def test_a_member_that_passes_on_its_own_lines_says_little_more_than_others(hall: Hall) -> None:
    ann, ben, cid = hall.crowd(3)
    key = _Unbounded(cid)
    _pass_on(hall, cid, ann, (Author(key, number.to_bytes(8, "big")) for number in range(60)))
    assert len(_texts(ben)) <= 36


def test_who_is_silenced_passes_nothing_on(hall: Hall) -> None:
    ann, ben, cid = hall.crowd(3)
    hall.order(ann, c.Silence(peer=cid.id))
    _pass_on(hall, cid, ann, [Author(_Unbounded(ben), bytes(8))])
    assert not any(_texts(peer) for peer in (ann, ben))


class _Unbounded:
    """The key of a peer."""

    def __init__(self, peer: SimPeer) -> None:
        author = peer.lobby._chat._author
        assert author is not None
        self.public_key = author.public_key
        self.sign = author._signer.sign


# --- matches by invitation


def _match() -> tuple[World, SimPeer, SimPeer]:
    world = World(seed=3)
    ann, ben = world.add("Ann"), world.add("Ben")
    ann.meet(ben)
    assert ann.lobby.match is not None
    assert ann.lobby.match.running
    return world, ann, ben


def test_two_who_play_by_invitation_talk_in_the_same_way() -> None:
    world, ann, ben = _match()
    assert _say(ann, "good luck") == _say(ben, "to you, too") == ""
    world.run(0.5)
    assert sorted(_texts(ann)) == ["good luck", "to you, too"]
    assert _texts(ann) == _texts(ben)
    assert ann.lobby.match is not None
    assert {event.where for event in ben.told(e.Chat)} == {ann.lobby.match.id}


def test_what_was_said_while_the_wire_was_cut_arrives_once_it_is_back() -> None:
    world, ann, ben = _match()
    world.cut.add(frozenset({ann.id, ben.id}))
    _say(ann, "can you hear me?")
    _say(ben, "hello?")
    world.run(6.0)
    world.cut.clear()
    world.run(8.0)
    assert sorted(_texts(ann)) == ["can you hear me?", "hello?"]
    assert sorted(_texts(ben)) == ["can you hear me?", "hello?"]


def test_chat_is_not_in_the_file_of_the_match_and_outlives_its_end() -> None:
    world, ann, ben = _match()
    records = {peer: [list(r) for r in peer.files.values()] for peer in (ann, ben)}
    _say(ann, "secret words")
    world.run(0.5)
    assert _texts(ben) == ["secret words"]
    assert {peer: [list(r) for r in peer.files.values()] for peer in (ann, ben)} == records
    ann.do("execute", c.Resign(), ann.now)
    world.run(1.0)
    _say(ben, "good game")
    world.run(0.5)
    assert _texts(ann)[-1] == "good game"


def test_who_is_muted_is_not_heard() -> None:
    world, ann, ben = _match()
    ben.lobby.trust_store = TrustStore([KnownPeer(peer=ann.id, name="Ann", muted=True)])
    _say(ann, "insult")
    _say(ben, "calm")
    world.run(0.5)
    assert _texts(ben) == ["calm"]
    assert sorted(_texts(ann)) == ["calm", "insult"]
