"""The driver on a loop that stands still: one timer, datagrams in batches, one pass for each frame."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, cast

import pytest

from p2pgame.net import driver as module
from p2pgame.net.driver import Driver
from p2pgame.session import events as e
from p2pgame.session.datagram_batch import BATCH_MAX, BATCH_WAIT
from p2pgame.session.effects import CloseLink, Dial, Effect, Send
from p2pgame.wire import messages as m
from tests.unit.session.sides import BEN

SOURCE = ("10.0.0.2", 41421)
FRAME = 1 / 60


class Timer:
    def __init__(self, at: float, call: Callable[[], None]) -> None:
        self.at = at
        self.call = call
        self.cancelled = False

    def when(self) -> float:
        return self.at

    def cancel(self) -> None:
        self.cancelled = True


class Loop:
    """Time passes only in `run_until`."""

    def __init__(self) -> None:
        self.now = 0.0
        self.timers: list[Timer] = []
        self.fired = 0

    def time(self) -> float:
        return self.now

    def call_at(self, at: float, call: Callable[[], None]) -> Timer:
        self.timers.append(Timer(at, call))
        return self.timers[-1]

    @property
    def waiting(self) -> list[Timer]:
        return [timer for timer in self.timers if not timer.cancelled]

    def run_until(self, end: float) -> None:
        while due := [timer for timer in self.waiting if timer.at <= end]:
            first = min(due, key=Timer.when)
            self.timers.remove(first)
            self.now = max(self.now, first.at)
            self.fired += 1
            first.call()
        self.now = end


class Matches:
    def __init__(self) -> None:
        self.match: object = "any"
        self.out: list[tuple[bytes, Any]] = []

    def datagrams(self) -> list[tuple[bytes, Any]]:
        out, self.out = self.out, []
        return out


class Lobby:
    """Ticks each `interval`; says what a test puts into it."""

    def __init__(self, interval: float | None = FRAME) -> None:
        self.rooms_changed = False
        self.matches = Matches()
        self.interval = interval
        self.tick_at = interval
        self.ticks: list[float] = []
        self.batches: list[tuple[Sequence[tuple[bytes, Any, float]], float]] = []
        self.deadlines_asked = 0
        self.shown: object = None
        self.effects_out: list[Effect] = []
        self.events_out: list[e.Event] = []

    def handle_timeout(self, now: float, datagrams: Sequence[tuple[bytes, Any, float]]) -> None:
        if datagrams:
            self.batches.append((datagrams, now))
        while self.tick_at is not None and self.interval is not None and now >= self.tick_at:
            self.ticks.append(self.tick_at)
            self.tick_at += self.interval

    def next_deadline(self) -> float | None:
        self.deadlines_asked += 1
        return self.tick_at

    def room_changed(self) -> bool:
        changed, self.rooms_changed = self.rooms_changed, False
        return changed

    def room_view(self, now: float) -> str:
        return "room"

    def view(self, now: float) -> object:
        return self.shown

    def effects(self) -> list[Effect]:
        out, self.effects_out = self.effects_out, []
        return out

    def events(self) -> list[e.Event]:
        out, self.events_out = self.events_out, []
        return out


class Links:
    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *about: self.calls.append((name, *about))


class Desk:
    """A driver and everything around it."""

    def __init__(self, lobby: Lobby, loop: Loop, *, seen: bool = False) -> None:
        """`seen`: somebody looks at the match."""
        self.lobby = lobby
        self.loop = loop
        self.links = Links()
        self.discovery = Links()
        self.log: list[tuple[str, Any]] = []
        self.rests = 0
        sender: Any = type("Sender", (), {"send": lambda _, data, to: self.log.append(("datagram", data))})()
        self.driver = Driver(
            cast("Any", lobby),
            cast("Any", self.links),
            cast("Any", self.discovery),
            cast("Any", type("Routes", (), {"find": lambda *_: (["10.0.0.2"], 41421)})()),
            sender,
            cast("Any", None),
            on_event=self.event,
            on_view=(lambda view: self.log.append(("view", view))) if seen else None,
            on_room=lambda room: self.log.append(("room", room)),
            on_rest=self.rest,
            keep_lots=lambda lots: self.log.append(("lots", lots)),
        )
        self.driver.start()
        self.rests = 0

    def event(self, event: e.Event) -> None:
        self.log.append(("event", event))

    def rest(self) -> None:
        self.rests += 1


@pytest.fixture
def loop(monkeypatch: pytest.MonkeyPatch) -> Loop:
    loop = Loop()
    monkeypatch.setattr(module.asyncio, "get_running_loop", lambda: loop)
    assert asyncio.get_running_loop() is loop
    return loop


def test_datagrams_wait_for_the_tick_and_keep_the_time_of_their_arrival(loop: Loop) -> None:
    desk = Desk(Lobby(), loop)
    for number in range(3):
        loop.now = number / 1000
        desk.driver.receive_datagram(bytes([number]), SOURCE, loop.now)
    assert desk.lobby.batches == []
    loop.run_until(FRAME)
    expected = [(bytes([number]), SOURCE, number / 1000) for number in range(3)]
    assert desk.lobby.batches == [(expected, FRAME)]
    assert desk.lobby.ticks == [FRAME]


def test_a_frame_costs_one_wake_and_one_look_at_the_deadline(loop: Loop) -> None:
    desk = Desk(Lobby(), loop)
    before = desk.lobby.deadlines_asked
    for frame in range(60):
        loop.run_until((frame + 0.4) * FRAME)
        desk.driver.receive_datagram(b"x", SOURCE, loop.now)
    loop.run_until(60.2 * FRAME)
    assert loop.fired == len(desk.lobby.ticks) == len(desk.lobby.batches) == 60
    assert desk.lobby.deadlines_asked - before == 60
    assert desk.rests == 0, "the status cannot have changed"
    assert len(loop.waiting) == 1


def test_where_somebody_looks_a_datagram_waits_only_for_a_tick_that_is_near(loop: Loop) -> None:
    desk = Desk(Lobby(), loop, seen=True)
    loop.run_until(0.3 * FRAME)
    for data in (b"a", b"b"):
        desk.driver.receive_datagram(data, SOURCE, loop.now)
    desk.driver.pump()  # whatever else happens meanwhile
    loop.run_until(0.4 * FRAME)
    assert [[data for data, _, _ in batch] for batch, _ in desk.lobby.batches] == [[b"a", b"b"]]
    loop.run_until(0.9 * FRAME)
    desk.driver.receive_datagram(b"c", SOURCE, loop.now)
    loop.run_until(0.99 * FRAME)
    assert len(desk.lobby.batches) == 1
    loop.run_until(FRAME)
    assert [data for data, _, _ in desk.lobby.batches[-1][0]] == [b"c"]
    assert desk.lobby.ticks[-1] == FRAME


@pytest.mark.parametrize("interval", [None, 5.0])
def test_where_no_tick_is_near_a_datagram_does_not_wait_for_it(loop: Loop, interval: float | None) -> None:
    desk = Desk(Lobby(interval), loop)
    desk.driver.receive_datagram(b"a", SOURCE, loop.now)
    loop.run_until(BATCH_WAIT / 2)
    desk.driver.receive_datagram(b"b", SOURCE, loop.now)
    desk.driver.pump()  # whatever else happens meanwhile
    loop.run_until(BATCH_WAIT)
    (batch, now) = desk.lobby.batches[0]
    assert [data for data, _, _ in batch] == [b"a", b"b"]
    assert now == BATCH_WAIT
    assert len(loop.waiting) == (interval is not None)


def test_without_a_match_nothing_waits(loop: Loop) -> None:
    desk = Desk(Lobby(None), loop)
    desk.lobby.matches.match = None
    desk.driver.receive_datagram(b"x", SOURCE, loop.now)
    assert loop.waiting == []


def test_a_flood_is_handed_over_when_half_the_room_is_taken(loop: Loop) -> None:
    desk = Desk(Lobby(), loop)
    for _ in range(3 * BATCH_MAX):
        desk.driver.receive_datagram(b"x", SOURCE, loop.now)
    assert [len(batch) for batch, _ in desk.lobby.batches] == [BATCH_MAX // 2] * 6
    assert desk.lobby.ticks == []


def test_after_the_end_nothing_is_handed_over(loop: Loop) -> None:
    desk = Desk(Lobby(), loop)
    desk.driver.receive_datagram(b"x", SOURCE, loop.now)
    desk.driver.stop()
    loop.run_until(1.0)
    desk.driver.receive_datagram(b"y", SOURCE, loop.now)
    loop.run_until(2.0)
    assert desk.lobby.batches == []


def test_the_view_comes_before_the_event_and_only_when_it_changed(loop: Loop) -> None:
    desk = Desk(Lobby(), loop, seen=True)
    desk.lobby.shown = "new"
    event = e.ErrorEvent(code="x")
    desk.lobby.events_out = [event]
    desk.lobby.matches.out = [(b"packet", SOURCE)]
    desk.driver.pump()
    desk.driver.pump()
    assert desk.log == [("datagram", b"packet"), ("view", "new"), ("event", event)]
    assert desk.rests == 2


def test_a_tick_with_an_event_may_change_the_status(loop: Loop) -> None:
    desk = Desk(Lobby(), loop)
    desk.lobby.events_out = [e.ErrorEvent(code="x")]
    loop.run_until(FRAME)
    assert desk.rests == 1


def test_what_comes_with_every_frame_changes_no_status(loop: Loop) -> None:
    desk = Desk(Lobby(), loop)
    desk.lobby.events_out = [e.Hash(match="m", frame=4, hash="h")]
    loop.run_until(FRAME)
    assert len(desk.log) == 1
    assert desk.rests == 0


def test_effects_are_carried_out(loop: Loop) -> None:
    desk = Desk(Lobby(), loop)
    desk.driver.opened(3, BEN)
    beat = m.Heartbeat(nonce=1)
    desk.lobby.effects_out = [
        Send(3, beat, b"payload"),
        CloseLink(3, "silent", {"seconds": 5}),
        Dial(BEN, 7),
    ]
    desk.driver.pump()
    assert desk.links.calls == [
        ("send", 3, beat, b"payload"),
        ("close_link", 3, "silent", {"seconds": 5}),
        ("dial", BEN, ["10.0.0.2"], 41421, 7, None),
    ]
    assert desk.discovery.calls[:2] == [("pin", BEN), ("unpin", BEN)]


def test_a_room_that_looks_different_is_shown_and_the_status_may_have_changed(loop: Loop) -> None:
    desk = Desk(Lobby(), loop)
    desk.lobby.rooms_changed = True
    loop.run_until(FRAME)
    assert desk.log.count(("room", "room")) == 1
    assert desk.rests == 1
