"""What beacons say of the lines that we have: ours, and the authors who spoke last, in turn."""

import random

from p2pgame.chat.author import Author
from p2pgame.chat.lobby import LobbyChat, Peers
from p2pgame.core.ids import peer_id_of
from p2pgame.discovery.transmit import BroadcastMethod, Contact, Listed
from p2pgame.wire.chat import LOBBY, Kind, PassedLine, author_tag, encode_lines
from tests.signers import Signer


def chat_with(authors: int, *, by_address: bool = False, proven: bool = True) -> LobbyChat:
    """Ours, identity 99, in which all of these were listed and have said something."""
    listed = {}
    for number in range(1, authors + 1):
        key = Signer(number).public_key
        contact = Contact((f"10.0.0.{number}", 41421))
        listed[key] = Listed(peer_id_of(key), number.to_bytes(8, "big"), contact, by_address, proven)
    by_id = {one.peer: one for one in listed.values()}
    peers = Peers(listed.get, by_id.get, lambda: list(listed.values()))
    chat = LobbyChat(Author(Signer(99), bytes(8)), peers, random.Random(1), lambda: 0.0)
    for number in range(1, authors + 1):
        author = Author(Signer(number), number.to_bytes(8, "big"))
        line = author.line(LOBBY, Kind.TEXT, "hello", f"P{number}", 0.0, 0.0)
        [datagram] = encode_lines([PassedLine(line.data, 0)])
        assert chat.receivers[datagram[:6]](datagram, (f"10.0.0.{number}", 41421), 1.0, True)
    return chat


def tag(number: int) -> bytes:
    return author_tag(Signer(number).public_key, number.to_bytes(8, "big"))


def test_a_beacon_names_the_eight_newest_authors() -> None:
    chat = chat_with(20)
    assert chat.marks(1000.0) == tuple((tag(number), 1) for number in range(20, 12, -1))
    assert len(chat_with(3).marks(2.0)) == 3


def test_our_own_line_is_always_named() -> None:
    chat = chat_with(20)
    chat.say(Kind.TEXT, "hi", "Me", 1.0)
    own = (author_tag(Signer(99).public_key, bytes(8)), 1)
    for _ in range(5):
        assert own in chat.marks(2.0)


def test_where_more_spoke_just_now_they_take_turns() -> None:
    chat = chat_with(20)
    named = {mark for _ in range(5) for mark in chat.marks(2.0)}
    assert named == {(tag(number), 1) for number in range(1, 21)}


def test_who_spoke_a_while_ago_still_has_room() -> None:
    chat = chat_with(20)
    chat.say(Kind.TEXT, "hi", "Me", 30.0)
    named = {mark for _ in range(20) for mark in chat.marks(30.0)}
    assert named >= {(tag(number), 1) for number in range(1, 21)}


def test_many_get_a_line_by_two_broadcasts_and_few_by_one_and_by_unicast() -> None:
    many = chat_with(8)
    many.say(Kind.TEXT, "hi", "Me", 1.0)
    [everybody] = many.datagrams_to_send()
    assert (everybody.to, everybody.methods) == (None, BroadcastMethod.DIRECTED | BroadcastMethod.MULTICAST)
    few = chat_with(2)
    few.say(Kind.TEXT, "hi", "Me", 1.0)
    first, *rest = few.datagrams_to_send()
    assert (first.to, first.methods) == (None, BroadcastMethod.DIRECTED)
    assert [out.to for out in rest] == [("10.0.0.1", 41421), ("10.0.0.2", 41421)]


def test_an_address_that_is_only_said_gets_nothing_by_unicast() -> None:
    chat = chat_with(2, proven=False)
    chat.say(Kind.TEXT, "hi", "Me", 1.0)
    assert [out.to for out in chat.datagrams_to_send()] == [None]


def test_whom_broadcasts_do_not_reach_gets_each_line_by_unicast() -> None:
    chat = chat_with(20, by_address=True)
    chat.say(Kind.TEXT, "hi", "Me", 1.0)
    assert len(chat.datagrams_to_send()) == 21
