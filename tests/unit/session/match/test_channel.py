"""Two ends of a channel with a clock in hand: which way packets go, and what is measured on the way."""

import pytest
from cryptography.exceptions import InvalidTag

from p2pgame.session.match.channel import Address, Channel
from p2pgame.wire.path import PathChallenge, PathResponse, encode_path
from p2pgame.wire.sealed import Sealer

A, B, ELSEWHERE = ("10.0.0.1", 1), ("10.0.0.2", 2), ("10.9.9.9", 9)
TICK = 1 / 60


def taken(channel: Channel) -> list[tuple[bytes, Address]]:
    """What it wants to send, as the match takes it."""
    out, channel.datagrams = channel.datagrams, []
    return out


class Wire:
    """Two channels; each tick both send, and what passes arrives `delay` seconds later."""

    def __init__(self, delay: float = 0.01, address: Address | None = B, rtt: float | None = None) -> None:
        self.now = 100.0
        self.delay = delay
        self.udp = True
        self.drop = lambda n: False
        rtt = 2 * delay if rtt is None else rtt
        self.a = Channel(b"a" * 16, b"b" * 16, address, self.now, rtt, b"of a")
        self.b = Channel(b"b" * 16, b"a" * 16, A, self.now, rtt, b"of b")
        self.datagrams: list[tuple[float, Channel, bytes, Address]] = []
        self.packets: list[tuple[float, Channel, bytes, tuple[int, int] | None]] = []
        self.arrived: dict[Channel, int] = {self.a: 0, self.b: 0}
        self.sent_udp = {self.a: 0, self.b: 0}
        self.echoes: dict[bytes, tuple[int, int] | None] = {}
        self.count = 0

    def tick(self, ticks: int = 1) -> None:
        for _ in range(ticks):
            self.now += TICK
            self._deliver()
            for channel, other, source in ((self.a, self.b, A), (self.b, self.a, B)):
                self.count += 1
                name = b"%d" % self.count
                self.echoes[name] = channel.echo(self.now)
                channel.send(name, self.now)
                for data, _ in taken(channel):
                    self.sent_udp[channel] += 1
                    if self.udp and not self.drop(self.count):
                        self.datagrams.append((self.now + self.delay, other, data, source))
                for data in channel.packets_to_send():
                    self.packets.append((self.now + self.delay, other, data, None))

    def _deliver(self) -> None:
        for due in [d for d in self.datagrams if d[0] <= self.now]:
            self.datagrams.remove(due)
            packet = due[1].receive_datagram(due[2], due[3], due[0])
            if packet is not None:
                self._heard(due[1], packet, due[0])
        for late in [p for p in self.packets if p[0] <= self.now]:
            self.packets.remove(late)
            late[1].receive_packet(late[2])
            self._heard(late[1], late[2], late[0])

    def _heard(self, channel: Channel, packet: bytes, now: float) -> None:
        self.arrived[channel] += 1
        channel.acknowledge(self.echoes[packet], now)


# --- which way


def test_one_datagram_a_packet_while_they_pass() -> None:
    wire = Wire()
    wire.tick(300)
    assert wire.a.transport == wire.b.transport == "udp"
    assert wire.sent_udp[wire.a] == wire.a.sent_packets == 300
    assert wire.packets == []


@pytest.mark.parametrize("delay", [0.0005, 0.01, 0.1])
def test_tcp_takes_over_within_patience(delay: float) -> None:
    wire = Wire(delay)
    wire.tick(120)
    wire.udp = False
    since = wire.now
    while wire.a.transport == "udp":
        wire.tick()
        assert wire.now < since + 0.2 + 4 * delay + 3 * TICK
    heard = wire.arrived[wire.b]
    wire.tick(60)
    assert wire.arrived[wire.b] >= heard + 60 - 2 - delay / TICK


def test_tcp_from_the_start_if_there_is_no_address() -> None:
    wire = Wire(address=None)
    wire.udp = False
    wire.tick(60)
    assert wire.a.transport == "tcp"
    assert wire.sent_udp[wire.a] == 0
    assert wire.arrived[wire.b] >= 58


def test_udp_dead_from_the_start_holds_packets_up_for_less_than_a_second() -> None:
    wire = Wire()
    wire.udp = False
    wire.tick(30)
    assert wire.arrived[wire.a] > 0
    assert wire.arrived[wire.b] > 0


def test_few_probes_while_udp_is_dead() -> None:
    wire = Wire()
    wire.udp = False
    wire.tick(60)
    before = wire.sent_udp[wire.a]
    wire.tick(600)
    assert 35 <= wire.sent_udp[wire.a] - before <= 42


def test_udp_is_taken_again_when_it_works() -> None:
    wire = Wire()
    wire.udp = False
    wire.tick(120)
    assert wire.a.transport == wire.b.transport == "tcp"
    wire.udp = True
    wire.tick(60)
    assert wire.a.transport == wire.b.transport == "udp"


def test_an_address_that_was_not_known_is_learnt_from_a_genuine_datagram() -> None:
    wire = Wire(address=None)
    wire.tick(90)
    assert wire.a.address == B
    assert wire.a.transport == "udp"


def test_single_successes_do_not_bring_udp_back() -> None:
    wire = Wire()
    wire.udp = False
    wire.tick(120)
    wire.udp = True
    lucky = {n for start in range(0, 100_000, 120) for n in (start, start + 1, start + 2, start + 3)}
    wire.drop = lambda n: n not in lucky
    wire.tick(1200)
    assert wire.a.transport == "tcp"


def test_old_echoes_are_no_acknowledgement() -> None:
    """Eight bits come round: what they heard long ago must not look like news."""
    channel = Channel(b"a" * 16, b"b" * 16, B, 0.0, 0.01, b"of a")
    for n in range(12_000):
        now = n * TICK
        channel.send(b"x", now)
        taken(channel)
        channel.packets_to_send()
        channel.acknowledge((7, min(255, 10 + int(now * 1000))), now)
    assert channel.transport == "tcp"
    assert channel._acknowledged == 7


def test_probes_that_succeed_now_and_then_do_not_bring_udp_back() -> None:
    channel = Channel(b"a" * 16, b"b" * 16, B, 0.0, 0.01, b"of a")
    for n in range(3000):
        channel.send(b"x", n * TICK)
        if n and not n % 120:
            channel.acknowledge((channel._sealer.sequence & 0xFF, 5), n * TICK + 0.01)
        assert n < 60 or channel.transport == "tcp"


# --- the way that the other side is reached


def moved() -> tuple[Channel, Channel]:
    """Both channels; a genuine datagram of `b` has come to `a` from elsewhere."""
    a = Channel(b"a" * 16, b"b" * 16, B, 0.0, 0.01, b"of a")
    b = Channel(b"b" * 16, b"a" * 16, A, 0.0, 0.01, b"of b")
    b.send(b"moved", 1.0)
    ((data, _),) = taken(b)
    assert a.receive_datagram(data, ELSEWHERE, 1.0) == b"moved"
    return a, b


def test_the_path_follows_who_answers_a_challenge_there() -> None:
    a, b = moved()
    assert a.address == B, "anybody can send a genuine datagram on"
    ((challenge, to),) = taken(a)
    assert to == ELSEWHERE
    assert b.receive_datagram(challenge, A, 1.0) is None
    ((answer, back),) = taken(b)
    assert back == A
    assert a.receive_datagram(answer, ELSEWHERE, 1.0) is None
    assert a.address == ELSEWHERE
    a.send(b"x", 1.0)
    assert [to for _, to in taken(a)] == [ELSEWHERE]


def test_a_stream_is_not_moved_to_a_host_that_is_silent() -> None:
    """The other side itself, with a program of its own, sends thirty a second in the name of a third host."""
    a, b = moved()
    hits = taken(a)
    liar = Sealer(b"b" * 16)
    liar.sequence = 1
    for n in range(300):
        now = 1.0 + n / 30
        b.send(b"x", now)
        for data, _ in taken(b):
            a.receive_datagram(data, ELSEWHERE, now)
        liar.sequence += 1
        guess = encode_path(PathResponse(n.to_bytes(8, "big")))
        assert a.receive_datagram(liar.seal(guess), ELSEWHERE, now) is None
        a.send(b"x", now)
        hits += [hit for hit in taken(a) if hit[1] == ELSEWHERE]
        a.packets_to_send()
        assert a.address == B
    assert len(hits) <= 1 + 10 * 4
    assert {len(data) for data, _ in hits} == {20}, "less than came"


def test_new_places_are_challenged_at_a_bounded_rate() -> None:
    """Who is between the two can send each datagram on from an address of somebody else."""
    a = Channel(b"a" * 16, b"b" * 16, B, 0.0, 0.01, b"of a")
    b = Channel(b"b" * 16, b"a" * 16, A, 0.0, 0.01, b"of b")
    challenged = 0
    for n in range(200):
        now = 1.0 + n / 200
        b.send(b"x", now)
        for data, _ in taken(b):
            a.receive_datagram(data, (f"10.0.1.{n}", 6), now)
        challenged += len(taken(a))
    assert 1 <= challenged <= 5
    assert a.address == B


def test_the_answer_of_one_place_counts_in_no_other() -> None:
    a, b = moved()
    ((challenge, _),) = taken(a)
    b.receive_datagram(challenge, A, 1.0)
    ((answer, _),) = taken(b)
    a.receive_datagram(answer, ("10.0.0.66", 6), 1.0)
    assert a.address == B


def test_challenges_are_answered_at_a_bounded_rate() -> None:
    _, b = moved()
    asking = Sealer(b"a" * 16)
    answers = 0
    for n in range(1000):
        b.receive_datagram(asking.seal(encode_path(PathChallenge(bytes(8)))), ELSEWHERE, 1.0 + n / 1000)
        answers += len(taken(b))
    assert 4 <= answers <= 9


def test_the_path_does_not_follow_anything_else() -> None:
    a, b = (
        Channel(b"a" * 16, b"b" * 16, B, 0.0, 0.01, b"of a"),
        Channel(b"b" * 16, b"a" * 16, A, 0.0, 0.01, b"of b"),
    )
    for _ in range(3):
        b.send(b"x", 0.0)
    old, middle, new = (data for data, _ in taken(b))
    a.receive_datagram(middle, B, 0.0)
    assert a.receive_datagram(old, ELSEWHERE, 0.0) == b"x"  # genuine, but older than what came from B
    assert a.receive_datagram(middle, ELSEWHERE, 0.0) is None  # replayed
    assert a.receive_datagram(new[:-1] + bytes([new[-1] ^ 1]), ELSEWHERE, 0.0) is None  # forged
    assert a.receive_datagram(b"", ELSEWHERE, 0.0) is None
    assert a.address == B
    assert a.refused == 3


# --- what is measured


@pytest.mark.parametrize("delay", [0.002, 0.03, 0.11])
def test_the_round_trip_without_the_time_it_was_held(delay: float) -> None:
    wire = Wire(delay, rtt=0.0)
    wire.tick(400)
    assert wire.a.rtt == pytest.approx(2 * delay, abs=TICK)
    assert wire.a.rtt >= 2 * delay - 0.002
    assert wire.a.jitter < TICK


def test_the_share_that_is_lost() -> None:
    wire = Wire()
    wire.drop = lambda n: n % 8 in (0, 1)
    wire.tick(400)
    assert wire.a.loss == pytest.approx(0.25, abs=0.05)
    wire.drop = lambda n: False
    wire.tick(400)
    assert wire.a.loss == 0.0


def test_nothing_is_echoed_before_anything_was_heard() -> None:
    channel = Channel(b"a" * 16, b"b" * 16, B, 0.0, 0.0, b"of a")
    assert channel.echo(5.0) is None
    channel.acknowledge(None, 1.0)
    channel.acknowledge((5, 0), 1.0)  # of nothing that was ever sent
    channel.send(b"x", 1.0)
    channel.acknowledge((200, 0), 1.0)
    assert channel.rtt == 0.0


# --- bounds


def test_memory_does_not_grow_while_nobody_answers() -> None:
    channel = Channel(b"a" * 16, b"b" * 16, B, 0.0, 0.5, b"of a")
    for n in range(20_000):
        channel.send(b"x", n * TICK)
        taken(channel)
        channel.packets_to_send()
    assert len(channel._sent) <= 256
    assert channel.transport == "tcp"


def test_who_guesses_numbers_blindly_has_few_of_them_tried() -> None:
    """A number is tried if so many datagrams can have been sent since the newest one: 1,000 a second, and a few."""
    wire = Wire()
    wire.tick(20)
    tried = []
    opener = wire.a._opener
    opener._aead = type("Aead", (), {"decrypt": lambda _, *about: tried.append(about) or refuse()})()  # type: ignore[assignment]
    for n in range(0x10000):
        assert wire.a.receive_datagram(b"\x80" + n.to_bytes(2, "big") + bytes(30), B, wire.now) is None
    assert 128 <= len(tried) < 300
    tried.clear()
    wire.a.receive_datagram(b"\x80" + (10_000).to_bytes(2, "big") + bytes(30), B, wire.now + 5.0)
    assert not tried
    wire.a.receive_datagram(b"\x80" + (10_000).to_bytes(2, "big") + bytes(30), B, wire.now + 10.0)
    assert len(tried) == 1


def refuse() -> bytes:
    raise InvalidTag


def test_a_flood_of_forgeries_only_counts() -> None:
    wire = Wire()
    wire.tick(20)
    before = (wire.a.received_packets, wire.a.address, wire.a.echo(wire.now), wire.a.loss)
    for n in range(1000):
        assert (
            wire.a.receive_datagram(b"\x80" + n.to_bytes(2, "big") + bytes(30), ELSEWHERE, wire.now) is None
        )
    assert (wire.a.received_packets, wire.a.address, wire.a.echo(wire.now), wire.a.loss) == before
    assert wire.a.refused == 1000


def test_the_shortest_of_the_newest_round_trips_grows_with_the_way_and_not_with_a_stop() -> None:
    wire = Wire(delay=0.01)
    assert wire.a.shortest_rtt == 0.0
    wire.tick(30)
    near = wire.a.shortest_rtt
    assert near == pytest.approx(0.02, abs=0.004)
    wire.now += 0.3  # nobody looks for a while
    wire.tick(3)
    assert wire.a.shortest_rtt < 0.1
    wire.delay = 0.15
    wire.tick(180)
    assert wire.a.shortest_rtt == pytest.approx(0.3, abs=0.02)
