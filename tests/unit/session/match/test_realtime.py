"""A real-time match in a test's hands, and a hostile other side that holds the right keys."""

from collections.abc import Callable
from typing import Any

import pytest
from p2pgame.session.match.realtime import RealtimeMatch

from p2pgame.core.errors import IllegalMoveError, RemoteProtocolError
from p2pgame.core.game import Outcome
from p2pgame.core.snapshot import encode
from p2pgame.session import events as e
from p2pgame.session.invite.election import Election
from p2pgame.session.match import Phase
from p2pgame.wire import messages as m
from p2pgame.wire.bounds import INPUTS_AHEAD
from p2pgame.wire.packet import Packet, encode_packet
from p2pgame.wire.sealed import Sealer, derive_keys
from tests.sim.realtime_world import GUEST, HOST, MATCH, PORTS, TOY, ToyConfig

TICK = 1 / 60
SALTS = (b"h" * 32, b"g" * 32)


def side(me: str = HOST, delay: int | None = 0, limit: int = 0) -> RealtimeMatch:
    election = Election(
        match=MATCH, host=HOST, succession=(HOST, GUEST), players=(HOST, GUEST), seed=7, token=b"t" * 16
    )
    n = (HOST, GUEST).index(me)
    return RealtimeMatch(
        election,
        TOY,
        ToyConfig(),
        me,
        ("Ann", "Ben"),
        salt=SALTS[n],
        address=PORTS[1 - n],
        input_delay=delay,
        frame_limit=limit,
    )


class Pair:
    """Both sides tick at once; `tcp` and `udp` say what passes to whom."""

    def __init__(self, delay: int | None = 0, limit: int = 0, rtt: float = 0.0) -> None:
        self.host, self.guest = side(HOST, delay, limit), side(GUEST, delay, limit)
        self.now = 50.0
        self.told: dict[RealtimeMatch, list[e.Event]] = {self.host: [], self.guest: []}
        self.held: list[tuple[RealtimeMatch, m.Message]] = []
        self.said: list[m.Message] = []
        self.tcp = self.udp = True
        for match in (self.host, self.guest):
            match.set_rtt(rtt)
        self.host.begin()
        self.deliver()

    def deliver(self) -> None:
        moved = True
        while moved:
            moved = False
            for n, (one, other) in enumerate(((self.host, self.guest), (self.guest, self.host))):
                messages = one.messages_to_send()
                self.said += messages
                self.held += [(other, m.decode_message(m.encode_message(message))) for message in messages]
                for data, to in one.datagrams_to_send():
                    assert to == PORTS[1 - n]
                    if self.udp:
                        other.receive_datagram(data, PORTS[n], self.now)
                        moved = True
                self.told[one] += one.events()
            if self.tcp:
                held, self.held = self.held, []
                for to_match, message in held:
                    to_match.receive(message, self.now)
                    moved = True

    def tick(self, count: int = 1) -> None:
        for _ in range(count):
            self.now += TICK
            for match in (self.host, self.guest):
                match.handle_timeout(self.now)
            self.deliver()

    def ends(self) -> list[tuple[Outcome, int]]:
        return [
            (event.outcome, event.frames)
            for events in self.told.values()
            for event in events
            if isinstance(event, e.MatchEnded)
        ]


class Villain:
    """Holds the guest's keys, and says to the host what it likes."""

    def __init__(self, delay: int | None = 0) -> None:
        self.host = side(HOST, delay)
        self.host.begin()
        self.now = 10.0
        self.sealer = Sealer(derive_keys(MATCH, *SALTS)[1])
        self.host.receive(m.Start(match=MATCH, hash=self.host._timeline.hash, salt=SALTS[1]), self.now)
        self.host.messages_to_send()
        self.host.events()

    def tick(self, count: int = 1) -> None:
        for _ in range(count):
            self.now += TICK
            self.host.handle_timeout(self.now)

    def send(self, packet: Packet) -> None:
        self.host.receive_datagram(self.sealer.seal(encode_packet(packet)), PORTS[1], self.now)

    def inputs(self, first: int, *moves: Any, ack: int = 0) -> None:
        self.send(Packet(first=first, inputs=tuple(encode(move) for move in moves), ack=ack))

    def breaks(self, code: str, act: Callable[[], None]) -> str:
        with pytest.raises(RemoteProtocolError) as caught:
            act()
        assert caught.value.code == code
        return str(caught.value)

    @property
    def picture(self) -> tuple[Any, ...]:
        """Everything that a bad packet must leave alone."""
        host = self.host
        rollback, channel = host._rollback, host.channel
        assert channel is not None
        return (
            rollback.frame,
            rollback.known(0),
            rollback.known(1),
            rollback.state,
            list(host._timeline.log),
            host._acked,
            host._their_advantage,
            host._hashes._theirs.copy(),
            host._hashes.agreed,
            host.phase,
            channel.rtt,
            channel.address,
            channel.transport,
        )

    @property
    def refused(self) -> int:
        assert self.host.channel is not None
        return self.host.channel.refused


# --- the life of a match


def test_both_play_the_same_frames() -> None:
    pair = Pair(limit=120)
    for step in range(200):
        if pair.host.phase is Phase.PLAYING and pair.guest.phase is Phase.PLAYING and not step % 7:
            pair.host.submit(step % 4)
            pair.guest.submit(step % 3)
        pair.tick()
    assert pair.ends() == [(Outcome(winners=(), reason="frame limit"), 120)] * 2
    assert pair.host._timeline.log == pair.guest._timeline.log
    assert not pair.host.running


def test_a_packet_a_frame_and_nothing_over_the_session() -> None:
    pair = Pair()
    pair.said.clear()
    pair.tick(60)
    assert pair.said == []
    assert pair.host.channel is not None
    assert 59 <= pair.host.channel.sent_packets <= 61


def test_frames_are_due_without_drift() -> None:
    villain = Villain()
    villain.inputs(0, *[0] * 9)
    match, due = villain.host, villain.host.next_deadline()
    assert due is not None
    for n in range(8):
        late = due + n * TICK + 0.001 + 0.004 * (n % 3)
        match.handle_timeout(late)
        assert match._rollback.frame == n + 1
    assert match.next_deadline() == pytest.approx(due + 8 * TICK)


def test_a_little_lateness_is_caught_up_and_a_sleep_is_not() -> None:
    for late, frames in ((0.11, 7), (30.0, 1)):
        villain = Villain()
        villain.inputs(0, *[0] * 9)
        match, due = villain.host, villain.host.next_deadline()
        assert due is not None
        match.handle_timeout(due + late)
        assert match._rollback.frame == frames


@pytest.mark.parametrize("who", ["host", "guest", "both"])
@pytest.mark.parametrize("delay", [0, 1, 4])
@pytest.mark.parametrize("frame", [0, 1, 30])
def test_giving_up(who: str, delay: int, frame: int) -> None:
    pair = Pair(delay)
    pair.tick(frame)
    for match, name in ((pair.host, "host"), (pair.guest, "guest")):
        if who in (name, "both"):
            match.resign()
            match.resign()
            match.settle(pair.now)
    pair.tick(30)
    winner = (1,) if who in ("host", "both") else (0,)
    (one, other) = pair.ends()
    assert one == other
    assert one[0] == Outcome(winners=winner, reason="resigned")
    assert pair.host._timeline.log == pair.guest._timeline.log


def test_the_end_is_agreed_though_datagrams_overtake_the_session() -> None:
    for frame in range(20, 30):
        pair = Pair()
        pair.tick(frame)
        pair.tcp = False
        pair.host.resign()
        pair.host.settle(pair.now)
        pair.tick(12)
        pair.guest.resign()
        pair.tick(3)
        pair.tcp = True
        pair.tick(5)
        assert pair.ends() == [(Outcome(winners=(1,), reason="resigned"), frame)] * 2


def test_a_guest_whose_host_does_not_answer_gives_up_waiting() -> None:
    pair = Pair()
    pair.tick(5)
    pair.tcp = pair.udp = False
    pair.guest.resign()
    pair.guest.settle(pair.now)
    with pytest.raises(RemoteProtocolError) as caught:
        pair.tick(600)
    assert caught.value.code == "end_timeout"


# --- our own input


def test_an_input_the_game_does_not_know_is_refused_before_it_is_sent() -> None:
    pair = Pair()
    pair.host.submit(2)
    with pytest.raises(IllegalMoveError):
        pair.host.submit(9)
    pair.tick(3)
    assert [inputs[0] for inputs in pair.host._timeline.log] == [2] * len(pair.host._timeline.log)


# --- input delay


def test_a_new_delay_begins_on_one_frame_on_both_sides() -> None:
    pair = Pair(0)
    pair.tick(10)
    pair.guest.set_delay(3)
    pair.tick(20)
    assert (pair.host._rollback.delay, pair.guest._rollback.delay) == (0, 0)
    pair.tick(25)
    assert (pair.host._rollback.delay, pair.guest._rollback.delay) == (3, 3)
    pair.host.set_delay(1)
    pair.tick(60)
    assert (pair.host._rollback.delay, pair.guest._rollback.delay) == (1, 1)
    assert pair.host._timeline.log == pair.guest._timeline.log[: len(pair.host._timeline.log)]


@pytest.mark.parametrize("later", [0, 1, 5])
@pytest.mark.parametrize("swapped", [False, True])
def test_where_changes_cross_both_sides_choose_alike(later: int, swapped: bool) -> None:
    pair = Pair(0)
    pair.tick(10)
    pair.tcp = False
    first, second = (pair.guest, pair.host) if swapped else (pair.host, pair.guest)
    first.set_delay(2)
    pair.tick(later)
    second.set_delay(4)
    pair.tick(2)
    pair.tcp = True
    pair.tick(80)
    assert pair.host._rollback.delay == pair.guest._rollback.delay != 0


@pytest.mark.parametrize("swapped", [False, True])
def test_a_change_soon_after_another_replaces_it_on_both_sides(swapped: bool) -> None:
    pair = Pair(0)
    first, second = (pair.host, pair.guest) if swapped else (pair.guest, pair.host)
    pair.tick(10)
    first.set_delay(2)
    pair.tick()
    for delay in (5, 4, 3):
        second.set_delay(delay)
    pair.tick(60)
    assert (pair.host._rollback.delay, pair.guest._rollback.delay) == (3, 3)


def test_the_host_measures_once_however_long_the_frame_stands() -> None:
    villain = Villain(delay=None)
    assert villain.host.channel is not None
    villain.host.channel.rtt = 0.2
    for frame in range(60):
        villain.inputs(frame, 0)
        villain.tick()
    villain.tick(120)
    said = [x for x in villain.host.messages_to_send() if isinstance(x, m.SetDelay)]
    assert len(said) == 1


def test_a_delay_that_somebody_chose_is_not_measured_away() -> None:
    pair = Pair(None, rtt=0.0)
    pair.tick(5)
    pair.guest.set_delay(5)
    pair.tick(120)
    assert (pair.host._rollback.delay, pair.guest._rollback.delay) == (5, 5)


def test_a_flood_of_delays_changes_one_number() -> None:
    villain = Villain()
    villain.inputs(0, 0)
    villain.tick(2)
    for n in range(2000):
        villain.host.receive(
            m.SetDelay(match=MATCH, frame=(n * 77_777) & 0xFFFFFFFF, delay=n % 11), villain.now
        )
    change = villain.host._delay.change
    assert change is not None
    assert change[0] <= villain.host._rollback.frame + INPUTS_AHEAD
    assert villain.host.messages_to_send() == []


# --- datagrams that are none


def test_forged_replayed_and_cut_datagrams_change_nothing() -> None:
    villain = Villain()
    good = villain.sealer.seal(encode_packet(Packet(first=0, inputs=(b"\1",), ack=0)))
    villain.host.receive_datagram(good, PORTS[1], villain.now)
    villain.tick(3)
    before = villain.picture
    bad = [
        good,
        good[:-1],
        good[:4],
        b"",
        b"\x80",
        bytes([*good[:-1], good[-1] ^ 1]),
        good + good,
        Sealer(b"k" * 16).seal(b"?"),
        bytes(5000),
    ]
    for data in bad:
        villain.host.receive_datagram(data, ("10.6.6.6", 6), villain.now)
    assert villain.picture == before
    assert villain.refused == len(bad)


@pytest.mark.parametrize(
    ("first", "ack"),
    [(2, 0), (30_000, 0), (0, 30_000), (0, 20)],
    ids=["a gap", "the far future", "a far acknowledgement", "the acknowledgement of what is to come"],
)
def test_packets_that_cannot_be_are_dropped_and_counted(first: int, ack: int) -> None:
    villain = Villain()
    villain.inputs(0, 1)
    villain.tick(3)
    before = villain.picture
    data = Packet(
        first=first, inputs=(b"\2",) * 5, ack=ack, advantage=9, echo=(1, 0), hash=(first, b"badbad")
    )
    villain.send(data)
    assert villain.picture == before
    assert villain.refused == 1


def test_garbage_under_the_right_key_ends_the_match() -> None:
    villain = Villain()
    villain.tick(2)
    data = villain.sealer.seal(b"\xff" * 20)
    villain.breaks("bad_packet", lambda: villain.host.receive_datagram(data, PORTS[1], villain.now))
    packet = m.StreamPacket(match=MATCH, data=b"")
    villain.breaks("bad_packet", lambda: villain.host.receive(packet, villain.now))


@pytest.mark.parametrize("data", [b"\4", b"\xff", b"\xa2up", b"\xc0", b"\x91\1", b"\xc1", b""], ids=repr)
def test_an_input_the_game_does_not_know_is_the_sender_s_fault_and_never_applied(data: bytes) -> None:
    villain = Villain()
    villain.inputs(0, 1)
    villain.tick(4)
    text = villain.breaks(
        "illegal_input", lambda: villain.send(Packet(first=1, inputs=(b"\1", data, b"\1"), ack=0))
    )
    assert "Ben" in text
    villain.tick(2)
    assert all(inputs[1] in range(4) for inputs in villain.host._timeline.log)
    assert villain.host._rollback.known(1) <= 2


def test_an_input_once_given_stays() -> None:
    villain = Villain()
    villain.inputs(0, 1, 2)
    villain.inputs(0, 3, 3, 3)
    villain.tick(4)
    assert [inputs[1] for inputs in villain.host._timeline.log] == [1, 2, 3]


def test_who_never_acknowledges_gets_no_more_than_the_bound() -> None:
    villain = Villain()
    for frame in range(600):
        villain.inputs(frame, 0, ack=0)
        villain.tick()
        villain.host.messages_to_send()
        for data, _ in villain.host.datagrams_to_send():
            assert len(data) <= 1200
    assert villain.host._timeline.frame >= 590
    assert len(villain.host._rollback._queues[0]) <= 2


def test_the_memory_of_a_match_with_who_is_silent() -> None:
    villain = Villain(delay=4)
    for step in range(5000):
        villain.host.submit(step % 4)
        villain.tick()
        villain.host.messages_to_send()
        villain.host.datagrams_to_send()
        villain.host.events()
    host = villain.host
    assert host._rollback.frame == 8
    assert len(host._rollback._queues[0]) <= 12
    assert len(host._hashes._ours) <= 2
    assert host.channel is not None
    assert len(host.channel._sent) <= 256
    view = host.view()
    assert view.waiting
    assert view.figures is not None
    assert view.figures.transport == "tcp"


def test_hashes_that_come_too_late_fill_no_memory() -> None:
    villain = Villain()
    for frame in range(3000):
        villain.inputs(frame, 0)
        villain.tick()
        villain.host.datagrams_to_send()
    ledger = villain.host._hashes
    for frame in range(1, 1800):
        villain.host.receive(m.StateHash(match=MATCH, frame=frame, hash=b"?" * 16), villain.now)
    assert len(ledger._theirs) == 0
    assert len(ledger._ours) <= 1024


def test_a_wrong_hash_stops_the_match_until_it_is_mended() -> None:
    villain = Villain()
    host = villain.host
    villain.inputs(0, 0, 0, 0)
    villain.tick(4)
    villain.send(Packet(first=3, inputs=(), ack=0, hash=(2, b"wrong!")))
    assert host.mending
    (paused,) = (event for event in host.events() if isinstance(event, e.MatchPaused))
    assert paused.reason == "desync"
    (differ,) = (message for message in host.messages_to_send() if isinstance(message, m.Differ))
    assert (differ.first, len(differ.hashes)) == (0, 16 * (host.frame + 1))
    confirmed, frame = host.frame, host.view().frame
    villain.inputs(3, 1, 1, 1)
    villain.tick(10)
    assert (host.frame, host.view().frame) == (confirmed, frame)
    assert host.datagrams_to_send(), "the channel is kept alive"
    assert host._rollback.known(1) == 6, "no input is lost"


def test_what_a_packet_says_of_hashes_counts_nothing_meanwhile() -> None:
    villain = Villain()
    villain.inputs(0, 0, 0, 0)
    villain.tick(4)
    villain.send(Packet(first=3, inputs=(), ack=0, hash=(2, b"wrong!")))
    known = villain.host._hashes._theirs.copy()
    villain.send(Packet(first=3, inputs=(), ack=0, hash=(9, b"wrong!")))
    assert villain.host._hashes._theirs == known


# --- messages that do not belong here


def test_messages_of_another_kind_of_match() -> None:
    villain = Villain()
    villain.tick(2)
    villain.breaks(
        "unexpected_message",
        lambda: villain.host.receive(m.Input(match=MATCH, frame=0, data=b"\1"), villain.now),
    )
    assert villain.host._timeline._pending == {}
    end = m.End(match=MATCH, frame=2, outcome=Outcome(winners=(0,), reason="resigned"))
    villain.breaks("unexpected_message", lambda: villain.host.receive(end, villain.now))


def test_a_start_without_a_salt() -> None:
    host = side(HOST)
    host.begin()
    with pytest.raises(RemoteProtocolError) as caught:
        host.receive(m.Start(match=MATCH, hash=host._timeline.hash), 1.0)
    assert caught.value.code == "bad_start"


@pytest.mark.parametrize("off", [-1, 10_000, 2**32 - 1])
def test_the_host_cannot_end_the_match_in_the_past_or_the_far_future(off: int) -> None:
    pair = Pair()
    pair.tick(20)
    frame = pair.guest._timeline.frame
    end = m.End(
        match=MATCH, frame=min(frame + off, 2**32 - 1), outcome=Outcome(winners=(1,), reason="resigned")
    )
    with pytest.raises(RemoteProtocolError) as caught:
        pair.guest.receive(end, pair.now)
    assert caught.value.code == "wrong_frame"
    assert pair.guest._timeline.frame == frame


# --- what is shown


def test_the_view_stays_the_same_object_until_something_changes() -> None:
    pair = Pair()
    pair.tick(5)
    view = pair.host.view()
    assert pair.host.view() is view
    pair.tick()
    newer = pair.host.view()
    assert newer.frame == view.frame + 1
    assert newer.previous == view.state
    assert newer.tick_rate == 60


def test_nothing_is_said_or_due_after_the_end() -> None:
    pair = Pair(limit=10)
    pair.tick(30)
    assert pair.host.over
    assert pair.host.next_deadline() is None
    pair.said.clear()
    pair.host.receive(m.SetDelay(match=MATCH, frame=5, delay=1), pair.now)
    pair.host.receive(m.StreamPacket(match=MATCH, data=b"late"), pair.now)
    pair.host.receive_datagram(b"late", PORTS[1], pair.now)
    pair.tick(5)
    assert pair.said == []
