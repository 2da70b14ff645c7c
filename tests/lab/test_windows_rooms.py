"""A room in real windows, with the keyboard: joined, played, watched, and its host killed and back.

What the screens showed is kept in ``tests/output``.
"""

import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress

import pytest

from tests.lab.conftest import Start
from tests.lab.display import Display, open_display, require_display
from tests.lab.lan import Lan
from tests.lab.match import hashes
from tests.lab.peer import Peer
from tests.lab.people import GRACE_S, OUTPUT

pytestmark = [pytest.mark.lab, pytest.mark.window]

NAMES = ("Ann", "Ben", "Cid", "Dan")
WATCH = (557, 352)
"""The button in the lobby of a window of 640 x 480."""


@pytest.fixture
def displays() -> Iterator[list[Display]]:
    require_display()
    with ExitStack() as stack:
        yield [stack.enter_context(open_display("640x480")) for _ in NAMES]


def test_a_room_by_keys_while_its_host_is_killed_and_comes_back(
    hall: Lan, start: Start, displays: list[Display], request: pytest.FixtureRequest
) -> None:
    def window(number: int, *options: str, again: Peer | None = None) -> Peer:
        data = again.data_dir if again is not None else None
        size = ("--size", "640x480", "--language", "en", *options)
        return start(number, NAMES[number], "play", *size, data_dir=data, **displays[number].env)

    def picture(what: str) -> None:
        for name, display in zip(NAMES, displays, strict=True):
            display.screenshot(OUTPUT / request.node.name / f"{what}-{name.lower()}.png")

    peers = [window(0, "--open", "tron", "--seats", "5", "--bots", "1")]
    peers += [window(number) for number in (1, 2, 3)]
    ann, ben, cid, dan = peers
    room = ann.wait_for("room_joined", 30)["room"]
    for peer, display in zip(peers, displays, strict=True):
        display.wait_window(30)
        if peer is not ann:
            peer.wait_for("room_found", 30, room=room)
    time.sleep(GRACE_S)
    for peer, display in ((ben, displays[1]), (cid, displays[2])):
        display.press("Home", "Return")
        peer.wait_for("room_joined", room=room)
    displays[1].press("w")
    ann.wait_for("seat_changed", name="Ben (2)")
    time.sleep(0.3)
    picture("room")
    for display in displays[:3]:
        display.press("Return")

    players = peers[:3]
    begun = [peer.wait_for("match_started", 12) for peer in players]
    assert len(begun[1]["seats"]) == 2
    host = next(peer for peer in players if peer.id == begun[0]["host"])
    others = [peer for peer in players if peer is not host]
    others[0].wait_until("some frames", lambda: [e for e in others[0].all("hash") if e["frame"] >= 30])
    gone = len(others[0].events)
    host.process.kill()
    for peer in others:
        assert peer.wait_for("host_changed", 4)["epoch"] == 2
    seat = next(begun[i]["me"] for i, peer in enumerate(players) if peer is host)
    others[0].wait_for("seat_changed", seat=seat, kind="bot")
    displays[3].press("Home")
    displays[3].click(*WATCH)
    dan.wait_for("spectating", match=begun[0]["match"])
    picture("host-gone")

    number = peers.index(host)
    reborn = window(number, again=host)
    displays[number].wait_window(30)
    reborn.wait_for("match_resumable", 30)
    time.sleep(GRACE_S)
    for _ in range(4):  # the question may not be on the screen yet
        displays[number].press("Return")
        with suppress(AssertionError):
            reborn.wait_for("room_joined", 5)
            break
    others[0].wait_for("seat_changed", 30, after=gone, seat=seat, kind="person", peer=host.id)
    picture("host-back")

    known: dict[int, str] = {}
    for peer in (*others, reborn, dan):
        peer.wait_for("hash", 20)
        shown = hashes(peer, begun[0]["match"])
        for frame, value in shown.items():
            assert known.setdefault(frame, value) == value, peer.story()
        assert not peer.all("desync"), peer.story()
        assert "Traceback" not in peer.log, peer.story()
