"""A real-time match in a test's hands, and a hostile other side that holds the right keys."""

from collections.abc import Callable
from typing import Any

import pytest

from p2pgame.core.errors import IllegalMoveError, RemoteProtocolError
from p2pgame.core.game import EndedBy, NoConfig, Outcome
from p2pgame.core.snapshot import encode
from p2pgame.session import events as e
from p2pgame.session.match import Phase
from p2pgame.session.match.channel import Channel
from p2pgame.session.match.remote import Remote
from p2pgame.session.status import StatusCode
from p2pgame.wire import messages as m
from p2pgame.wire.decisions import Ended, Resigned
from p2pgame.wire.packet import Packet, encode_packet
from p2pgame.wire.sealed import Sealer, derive_keys
from tests.toy import ROBIN, TOY, raw
from tests.unit.session.match.duel import (
    GUEST,
    HOST,
    MATCH,
    PORTS,
    SALTS,
    Members,
    entries,
    hear,
    make_match,
    move,
    over_the_wire,
    request,
    resigned,
    said,
)

TICK = 1 / 60
HOME = PORTS[GUEST]
"""From where the guest's datagrams come."""


class Pair(Members):
    """Both sides tick at once; `tcp` and `udp` say what passes."""

    def __init__(
        self,
        delay: int | None = 0,
        limit: int = 0,
        rtt: float = 0.0,
        countdown: tuple[int, int] = (0, 0),
    ) -> None:
        """`countdown`: what the host and the guest want to be counted down, in milliseconds."""
        super().__init__(TOY, frames=limit, delay=delay, countdown=countdown)
        self.now = 50.0
        self.tcp = self.udp = True
        for match in self.all:
            match.set_rtt(match.core.others[0], rtt)
        self.deliver()

    def deliver(self) -> None:
        moved = True
        while moved:
            moved = False
            for match in self.all:
                for data, to in match.datagrams_to_send():
                    assert to == PORTS[match.core.election.players[match.core.others[0]]]
                    if self.udp:
                        source = PORTS[match.core.election.players[match.me]]
                        other = self.all[match.core.others[0]]
                        other.receive_datagrams([(data, source, self.now)], self.now)
                        other.settle(self.now)
                        moved = True
            self.send()
            if self.tcp and self.wire:
                wire, self.wire = self.wire, []
                for sender, player, message in wire:
                    self.all[player].receive(sender, over_the_wire(message), self.now)
                moved = True
        self.collect()

    def tick(self, count: int = 1) -> None:
        for _ in range(count):
            self.now += TICK
            for match in self.all:
                match.handle_timeout(self.now)
            self.deliver()

    @property
    def delays(self) -> tuple[int, int]:
        """Of the host and of the guest."""
        return self.host.core.engine.delay, self.guest.core.engine.delay


class Villain:
    """Holds the guest's keys, and says to the host what it likes."""

    def __init__(self, delay: int | None = 0) -> None:
        self.host = make_match(HOST, TOY, delay=delay)
        self.host.begin(10.0)
        self.now = 10.0
        self.sealer = Sealer(derive_keys(MATCH, 1, GUEST, SALTS[HOST], SALTS[GUEST])[1])
        hear(self.host, m.Start(match=MATCH, hash=self.host.core.timeline.hash, salt=SALTS[GUEST]), self.now)
        said(self.host)
        self.host.events()

    @property
    def remote(self) -> Remote:
        """What the host knows of us."""
        return self.host.core.linked[0]

    @property
    def channel(self) -> Channel:
        assert self.remote.channel is not None
        return self.remote.channel

    def tick(self, count: int = 1) -> None:
        for _ in range(count):
            self.now += TICK
            self.host.handle_timeout(self.now)

    def datagram(self, data: bytes, source: tuple[str, int] = HOME) -> None:
        self.host.receive_datagrams([(data, source, self.now)], self.now)
        self.host.settle(self.now)

    def send(self, packet: Packet) -> None:
        self.datagram(self.sealer.seal(encode_packet(packet)))

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
        host, remote = self.host, self.remote
        engine, channel = host.core.engine, self.channel
        return (
            engine.frame,
            engine.known(0),
            engine.known(1),
            engine.state,
            list(host.core.timeline.log),
            remote.acked,
            remote.advantage,
            remote.hashes._theirs.copy(),
            remote.hashes.agreed,
            host.phase,
            channel.rtt,
            channel.address,
            channel.transport,
        )

    @property
    def refused(self) -> int:
        return self.channel.refused


# --- the life of a match


def test_both_play_the_same_frames() -> None:
    pair = Pair(limit=120)
    for step in range(200):
        if pair.host.phase is Phase.PLAYING and pair.guest.phase is Phase.PLAYING and not step % 7:
            pair.host.submit(step % 4)
            pair.guest.submit(step % 3)
        pair.tick()
    assert pair.ends() == [(Outcome.by(EndedBy.FRAME_LIMIT), 120)] * 2
    assert pair.host.core.timeline.log == pair.guest.core.timeline.log
    assert not pair.host.running


def test_a_packet_a_frame_and_nothing_over_the_session() -> None:
    pair = Pair()
    pair.said.clear()
    pair.tick(60)
    assert pair.said == []
    channel = pair.host.core.linked[0].channel
    assert channel is not None
    assert 59 <= channel.sent_packets <= 61


def test_frames_are_due_without_drift() -> None:
    villain = Villain()
    villain.inputs(0, *[0] * 9)
    match, due = villain.host, villain.host.next_deadline()
    assert due is not None
    for n in range(8):
        late = due + n * TICK + 0.001 + 0.004 * (n % 3)
        match.handle_timeout(late)
        assert match.core.engine.frame == n + 1
    assert match.next_deadline() == pytest.approx(due + 8 * TICK)


def test_a_little_lateness_is_caught_up_and_a_sleep_is_not() -> None:
    for late, frames in ((0.11, 7), (30.0, 1)):
        villain = Villain()
        villain.inputs(0, *[0] * 9)
        match, due = villain.host, villain.host.next_deadline()
        assert due is not None
        match.handle_timeout(due + late)
        assert match.core.engine.frame == frames


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
    assert one[0] == resigned(*winner)
    assert pair.host.core.timeline.log == pair.guest.core.timeline.log


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
        assert pair.ends() == [(resigned(1), frame)] * 2


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
    assert [inputs[0] for inputs in pair.host.core.timeline.log] == [b"\2"] * len(pair.host.core.timeline.log)


# --- input delay


@pytest.mark.parametrize("who", [0, 1], ids=["host", "guest"])
def test_each_side_has_a_delay_of_its_own(who: int) -> None:
    """What one side chooses changes nothing for the other, and no input that was given."""
    pair = Pair(1)
    pair.tick(20)
    (pair.host, pair.guest)[who].set_delay(4)
    pair.tick(30)
    assert pair.delays == ((4, 1), (1, 4))[who]
    (pair.host, pair.guest)[who].set_delay(0)
    pair.tick(60)
    assert pair.delays == ((0, 1), (1, 0))[who]
    both = min(len(match.core.timeline.log) for match in (pair.host, pair.guest))
    assert pair.host.core.timeline.log[:both] == pair.guest.core.timeline.log[:both]
    assert pair.host.core.log.entries == []


@pytest.mark.parametrize(("frames", "delay"), [(-3, 0), (0, 0), (10, 10), (4000, 10)])
def test_a_delay_has_bounds(frames: int, delay: int) -> None:
    pair = Pair(2)
    pair.host.set_delay(frames)
    assert pair.delays == (delay, 2)


def test_each_side_measures_once_however_long_the_frame_stands() -> None:
    villain = Villain(delay=None)
    villain.channel.rtt = 0.2
    for frame in range(58):
        villain.inputs(frame, 0)
        villain.tick()
    before = villain.host.core.engine.delay
    villain.tick(120)
    assert (before, villain.host.core.engine.delay) == (0, 2)
    villain.channel.rtt = 0.0
    villain.tick(120)
    assert villain.host.core.engine.delay == 2


def test_a_delay_that_the_player_chose_is_not_measured_away() -> None:
    pair = Pair(None, rtt=0.0)
    pair.tick(5)
    pair.guest.set_delay(5)
    pair.tick(120)
    assert pair.delays == (0, 5)


# --- datagrams that are none


def test_forged_replayed_and_cut_datagrams_change_nothing() -> None:
    villain = Villain()
    good = villain.sealer.seal(encode_packet(Packet(first=0, inputs=(b"\1",), ack=0)))
    villain.datagram(good)
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
        villain.datagram(data, ("10.6.6.6", 6))
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
    villain.breaks("bad_packet", lambda: villain.datagram(data))
    packet = m.StreamPacket(match=MATCH, data=b"")
    villain.breaks("bad_packet", lambda: hear(villain.host, packet, villain.now))


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
    assert all(inputs[1] in raw(range(4)) for inputs in villain.host.core.timeline.log)
    assert villain.host.core.engine.known(1) <= 2


def test_an_input_once_given_stays() -> None:
    villain = Villain()
    villain.inputs(0, 1, 2)
    villain.inputs(0, 3, 3, 3)
    villain.tick(4)
    assert [inputs[1] for inputs in villain.host.core.timeline.log] == raw([1, 2, 3])


def test_who_never_acknowledges_gets_no_more_than_the_bound() -> None:
    villain = Villain()
    for frame in range(600):
        villain.inputs(frame, 0, ack=0)
        villain.tick()
        said(villain.host)
        for data, _ in villain.host.datagrams_to_send():
            assert len(data) <= 1200
    assert villain.host.core.timeline.frame >= 590
    assert len(villain.host.core.engine._queues[0]) <= 2


def test_the_memory_of_a_match_with_who_is_silent() -> None:
    villain = Villain(delay=4)
    for step in range(5000):
        villain.host.submit(step % 4)
        villain.tick()
        said(villain.host)
        villain.host.datagrams_to_send()
        villain.host.events()
    host = villain.host
    assert host.core.engine.frame == 8
    assert len(host.core.engine._queues[0]) <= 12
    assert len(villain.remote.hashes._ours) <= 2
    assert len(villain.channel._sent) <= 256
    view = host.view()
    assert view.stalled
    assert view.figures is not None
    assert view.figures.transport == "tcp"


def test_hashes_that_come_too_late_fill_no_memory() -> None:
    villain = Villain()
    for frame in range(3000):
        villain.inputs(frame, 0)
        villain.tick()
        villain.host.datagrams_to_send()
    ledger = villain.remote.hashes
    for frame in range(1, 1800):
        hear(villain.host, m.StateHash(match=MATCH, frame=frame, hash=b"?" * 16), villain.now)
    assert len(ledger._theirs) == 0
    assert len(ledger._ours) <= 1024


def test_a_wrong_hash_stops_the_match_until_it_is_mended() -> None:
    villain = Villain()
    host = villain.host
    villain.inputs(0, 0, 0, 0)
    villain.tick(4)
    villain.send(Packet(first=3, inputs=(), ack=0, hash=(2, b"wrong!")))
    assert host.repair.active
    (paused,) = (event for event in host.events() if isinstance(event, e.MatchPaused))
    assert paused.reason == "desync"
    (differ,) = (message for message in said(host) if isinstance(message, m.Differ))
    assert (differ.first, len(differ.hashes)) == (0, 16 * (host.frame + 1))
    confirmed, frame = host.frame, host.view().frame
    villain.inputs(3, 1, 1, 1)
    villain.tick(10)
    assert (host.frame, host.view().frame) == (confirmed, frame)
    assert host.datagrams_to_send(), "the channel is kept alive"
    assert host.core.engine.known(1) == 6, "no input is lost"


def test_what_a_packet_says_of_hashes_counts_nothing_meanwhile() -> None:
    villain = Villain()
    villain.inputs(0, 0, 0, 0)
    villain.tick(4)
    villain.send(Packet(first=3, inputs=(), ack=0, hash=(2, b"wrong!")))
    known = villain.remote.hashes._theirs.copy()
    villain.send(Packet(first=3, inputs=(), ack=0, hash=(9, b"wrong!")))
    assert villain.remote.hashes._theirs == known


# --- messages that do not belong here


def test_messages_of_another_kind_of_match() -> None:
    villain = Villain()
    villain.tick(2)
    villain.breaks(
        "unexpected_message",
        lambda: hear(villain.host, move(villain.host, 0, b"\1"), villain.now),
    )
    assert villain.host.core.engine.known(1) == 0
    for entry in entries(villain.host, 2, Resigned(seat=1), Ended(outcome=resigned(0))):
        villain.breaks("bad_decision", lambda entry=entry: hear(villain.host, entry, villain.now))


def test_a_start_without_a_salt() -> None:
    host = make_match(HOST, TOY)
    host.begin(1.0)
    with pytest.raises(RemoteProtocolError) as caught:
        hear(host, m.Start(match=MATCH, hash=host.core.timeline.hash), 1.0)
    assert caught.value.code == "bad_start"


@pytest.mark.parametrize("off", [-1, 10_000, 2**32 - 1])
def test_the_host_cannot_end_the_match_in_the_past_or_the_far_future(off: int) -> None:
    pair = Pair()
    pair.tick(20)
    frame = pair.guest.core.timeline.frame
    why, end = entries(pair.guest, min(frame + off, 2**32 - 1), Resigned(seat=0), Ended(outcome=resigned(1)))
    hear(pair.guest, why, pair.now)
    with pytest.raises(RemoteProtocolError) as caught:
        hear(pair.guest, end, pair.now)
    assert caught.value.code == "bad_decision"
    assert pair.guest.core.timeline.frame == frame
    assert pair.guest.outcome is None


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


# --- a countdown before frames go on


def stand(pair: Pair, seconds: float) -> None:
    """Nothing passes for so long, and then all does again."""
    pair.tcp = pair.udp = False
    pair.tick(round(seconds * 60))
    pair.tcp = pair.udp = True


def frames(pair: Pair) -> tuple[int, int]:
    return pair.host.core.engine.frame, pair.guest.core.engine.frame


@pytest.mark.parametrize("wants", [(1800, 0), (0, 1800), (1800, 1800)])
def test_who_stood_still_counts_down_and_all_go_on_at_once(wants: tuple[int, int]) -> None:
    pair = Pair(countdown=wants, rtt=0.02)
    pair.tick(100)
    assert [match.view().goes_on_at for match in pair.all] == [0.0, 0.0], "the start is not counted"
    stand(pair, 3.0)
    stood = pair.now
    pair.tick(4)
    at = [match.view().goes_on_at for match in pair.all]
    assert all(1.7 < when - stood < 1.9 for when in at), at
    assert abs(at[0] - at[1]) < 0.02
    before = frames(pair)
    while pair.now < min(at) - TICK:
        pair.tick()
        assert frames(pair) == before
        assert pair.host.status.code is pair.guest.status.code is StatusCode.RUNNING
        pair.host.submit(2)
    pair.tick(5)
    assert all(now > then for now, then in zip(frames(pair), before, strict=True))
    assert abs(frames(pair)[0] - frames(pair)[1]) <= 8
    pair.tick(60)
    assert [match.view().goes_on_at for match in pair.all] == pytest.approx(at), "once"
    assert pair.host.core.timeline.log[-1][pair.host.me] == encode(2), "what is held when it goes on counts"


def test_after_a_hiccup_or_between_bots_nobody_counts() -> None:
    for pair, seconds in ((Pair(countdown=(1800, 1800)), 0.8), (Pair(), 3.0)):
        pair.tick(100)
        stand(pair, seconds)
        before = frames(pair)
        pair.tick(4)
        assert all(now > then for now, then in zip(frames(pair), before, strict=True))
        assert pair.host.view().goes_on_at == 0.0


def test_a_match_that_is_given_up_meanwhile_ends_at_once() -> None:
    pair = Pair(countdown=(1800, 1800))
    pair.tick(60)
    stand(pair, 2.0)
    pair.tick(4)
    pair.guest.resign()
    pair.tick(4)
    assert pair.host.outcome is not None
    assert pair.guest.outcome == pair.host.outcome


def test_a_countdown_does_not_put_off_a_claim() -> None:
    pair = Pair(countdown=(1800, 1800))
    pair.tick(60)
    stand(pair, 2.0)
    pair.tick(30)
    assert pair.guest.standing_since(pair.now) is not None


def test_a_countdown_that_is_interrupted_begins_anew() -> None:
    pair = Pair(countdown=(1800, 1800))
    pair.tick(60)
    stand(pair, 2.0)
    pair.tick(30)
    first = pair.host.view().goes_on_at
    stand(pair, 4.0)
    before = frames(pair)
    pair.tick(4)
    again = [match.view().goes_on_at for match in pair.all]
    assert min(again) > first + 2
    pair.tick(60)
    assert frames(pair)[0] <= before[0] + 8


def test_by_turns_nobody_counts() -> None:
    pair = Members(ROBIN, NoConfig())
    pair.deliver()
    with pytest.raises(RemoteProtocolError) as caught:
        hear(pair.guest, m.Countdown(match=MATCH, milliseconds=1000))
    assert caught.value.code == "unexpected_message"


# --- once it is over


def test_once_it_is_over_the_view_has_the_last_moment_as_it_was_confirmed() -> None:
    pair = Pair(limit=120)
    pair.tick(100)
    assert pair.host.view().closing == ()
    pair.tick(40)
    for match in pair.all:
        timeline, view = match.core.timeline, match.view()
        assert view.closing == tuple(timeline.state_at(frame) for frame in range(89, 121))
        assert view.closing[-1] == view.state


def test_nothing_is_said_or_due_after_the_end() -> None:
    pair = Pair(limit=10)
    pair.tick(30)
    assert pair.host.over
    assert pair.host.next_deadline() is None
    pair.said.clear()
    hear(pair.host, request(pair.host, m.RequestKind.DRAW, 1), pair.now)
    hear(pair.host, m.StreamPacket(match=MATCH, data=b"late"), pair.now)
    pair.host.receive_datagrams([(b"late", HOME, pair.now)], pair.now)
    pair.tick(5)
    assert pair.said == []
