"""The group chat of a LAN, of programs on real kernels: everybody reads every line once, in its author's order."""

import time

import pytest

from tests.lab.conftest import Start
from tests.lab.lan import Lan
from tests.lab.peer import Event, Peer

pytestmark = pytest.mark.lab

SOON_S = 3.0
"""Within so many seconds everybody has a line; more is allowed where eight programs share a few cores."""
SHARED_CORES_S = 2.0


def lines(peer: Peer, author: Peer) -> list[Event]:
    return peer.all("chat", peer=author.id, where="lobby")


def test_eight_programs_talk_while_a_third_of_all_broadcasts_is_lost(hall: Lan, start: Start) -> None:
    hall.impair(broadcast_loss=0.3, multicast_loss=0.3)
    names = [f"P{number}" for number in range(8)]
    says = [["--say", f"one of {name}", "--say", f"two of {name}"] for name in names]
    peers = [start(n, names[n], "chat", "--seconds", "120", *says[n]) for n in range(8)]
    for peer in peers:
        peer.wait_for("announcing", timeout=30)
    for reader in peers:
        for author in peers:
            reader.wait_until(
                f"lines of {author.name}", lambda r=reader, a=author: len(lines(r, a)) >= 2, timeout=25
            )
    for author in peers:
        said = [line["t"] for line in lines(author, author)]
        for reader in peers:
            heard = lines(reader, author)
            assert [line["text"] for line in heard] == [f"one of {author.name}", f"two of {author.name}"]
            began = reader.wait_for("announcing")["t"]
            for when, line in zip(said, heard, strict=True):
                assert line["t"] - max(when, began) <= SOON_S + SHARED_CORES_S


def test_one_line_is_said_and_the_command_ends_when_it_has_arrived(lan: Lan, start: Start) -> None:
    listener = start(0, "Ann", "chat")
    listener.wait_for("announcing")
    speaker = start(1, "Ben", "chat", "--say", "hello", "--say", "hello", "--say", "x" * 201)
    speaker.assert_exit(6)  # two of the three are refused
    assert [error["params"]["reason"] for error in speaker.all("error")] == ["chat_repeated", "chat_too_long"]
    heard = listener.wait_for("chat")
    assert (heard["name"], heard["text"], heard["where"], heard["peer"]) == (
        "Ben",
        "hello",
        "lobby",
        speaker.id,
    )
    late = start(1, "Cid", "chat", "--seconds", "4")
    assert late.wait_for("chat")["text"] == "hello", "who comes later reads what was said"
    time.sleep(0.5)
    assert len(listener.all("chat")) == 1
    listener.interrupt()
    assert listener.wait_exit() == 130


def test_a_room_has_a_chat_of_its_own(lan3: Lan, start: Start) -> None:
    host = start(0, "Ann", "bot", "--open", "tron", "--seats", "3", "--wait", "30")
    room = host.wait_for("room_joined")["room"]
    reader = start(1, "Ben", "chat", "--room", "Ann")
    reader.wait_for("room_joined")
    start(2, "Cid", "chat", "--room", "Ann", "--say", "hello room").assert_exit(0, timeout=15)
    assert reader.wait_for("chat")["where"] == room
    assert host.wait_for("chat", where=room)["text"] == "hello room"
    stranger = start(2, "Dan", "chat", "--room", "nobody", "--seconds", "2")
    stranger.assert_exit(3)
