"""A stranger on the LAN against the lists of two honest programs, at full rate: they keep, and find, each other.

He hears what is broadcast, sends anything from any address, has as many keys as he likes and answers for them, and
sees nothing that honest programs send each other by unicast.
"""

import itertools
import random
from collections.abc import Callable, Iterator

import msgspec
import pytest

from p2pgame.discovery.events import Lost
from p2pgame.discovery.transmit import Transmit
from p2pgame.wire.beacon import (
    ANYONE,
    Beacon,
    Ping,
    Pong,
    Probe,
    Proof,
    SignedBeacon,
    decode,
    encode_beacon,
    encode_ping,
    encode_pong,
    encode_probe,
    encode_proof,
)
from p2pgame.wire.probe import ExchangeKey
from tests.signers import Answers, Signer
from tests.sim.discovery_world import SimulatedLan, SimulatedNode, show_all

RATE = 460
"""Frames a second, as one small machine sends without effort."""


class Stranger:
    """At `address`, where he also answers for his fakes. Stands in the LAN like a program."""

    def __init__(
        self, lan: SimulatedLan, address: str = "10.0.9.9", fakes: int = 0, first: int = 5000
    ) -> None:
        self.lan, self.address, self.dead = lan, address, False
        self.core = self
        self.heard: dict[bytes, bytes] = {}
        """The newest beacon of each key."""
        self.exchange = ExchangeKey(b"stranger" * 4)
        self.fakes = [Signer(first + number) for number in range(fakes)]
        self.answer: Callable[[bytes, tuple[str, int]], bytes | None] = self.prove
        self._answers = Answers((fake.public_key, self.exchange) for fake in self.fakes)
        self._seq = itertools.count(1)
        self._until = 0.0
        lan.nodes.append(self)  # type: ignore[arg-type]

    def receive_datagram(self, data: bytes, source: tuple[str, int], now: float, *, shared: bool) -> None:
        del now
        message = decode(data)
        if shared and isinstance(message, SignedBeacon):
            self.heard[message.body.public_key] = data
        reply = self.answer(data, source) if not shared else None
        if reply is not None:
            self.send(reply, source[0], self.address)

    def pump(self) -> None: ...

    def prove(self, data: bytes, source: tuple[str, int]) -> bytes | None:
        """What the fake that is probed answers."""
        del source
        return self._answers.to(decode(data))

    def send(self, data: bytes, to: str, source: str) -> None:
        """From `source`, to one honest program or (``*``) to all."""
        for node in self.lan.nodes:
            if node is not self and to in ("*", node.address) and isinstance(node, SimulatedNode):
                self.lan.deliver(node, data, (source, 41421), shared=to == "*")

    def beacon(self, number: int, **changes: object) -> bytes:
        signer = self.fakes[number % len(self.fakes)] if self.fakes else Signer(9000 + number)
        fields = {
            "public_key": signer.public_key, "exchange_key": self.exchange.public_key,
            "instance": number.to_bytes(8, "big"), "seq": next(self._seq), "protocol": 1, "version": "1",
            "name": "fake", "tcp_port": 41421, "udp_port": 41421, "flags": 0, "playing": "", "games": {},
            "ttl_ms": 7000,
        }  # fmt: skip
        return encode_beacon(Beacon(**{**fields, **changes}), signer)  # type: ignore[arg-type]

    def flood(self, attack: Iterator[tuple[bytes, str, str]], seconds: float, rate: float = RATE) -> None:
        """Send what `attack` gives (data, to, source), `rate` a second."""
        until = self.lan.now + seconds

        def step() -> None:
            try:
                self.send(*next(attack))
            except StopIteration:
                return
            if self.lan.now < until:
                self.lan.at(self.lan.now + 1 / rate, step)

        self.lan.at(self.lan.now, step)


def crowd_of_lies(stranger: Stranger, a: SimulatedNode, b: SimulatedNode) -> Iterator[tuple[bytes, str, str]]:
    """Everything that is cheap to send in the name of `b`'s address, and in that of `a`."""
    chance = random.Random(1)
    key = Signer(2).public_key
    for number in itertools.count():
        for here, there in ((a, b), (b, a)):
            real = stranger.heard.get(there.core._announcer._signer.public_key)
            if real is not None:
                body = decode(real).body  # type: ignore[union-attr]
                later = msgspec.structs.replace(body, seq=body.seq + 1000 + number)
                if number < 20:  # the address is told; later copies would only help
                    yield real, here.address, stranger.address
                yield encode_beacon(later, Signer(77)), here.address, there.address
                yield real[:60] + chance.randbytes(100), here.address, there.address
                yield (
                    encode_probe(Probe(body.exchange_key, number, bytes(8), bytes(16))),
                    here.address,
                    there.address,
                )
            yield (
                encode_probe(Probe(chance.randbytes(32), number, bytes(8), bytes(16))),
                here.address,
                there.address,
            )
            for _ in range(5):
                yield encode_ping(Ping(chance.randbytes(8), ANYONE)), here.address, there.address
            yield encode_proof(Proof(bytes(8), key[:16])), here.address, there.address


def lost(node: SimulatedNode, other: SimulatedNode) -> int:
    return sum(event.peer.peer == other.core.peer for _, event in node.events(Lost))  # type: ignore[union-attr]


def assert_listed(a: SimulatedNode, b: SimulatedNode) -> None:
    for here, there in ((a, b), (b, a)):
        peer = here.core.get(there.core.peer)
        assert peer is not None
        assert peer.address == there.address
        assert lost(here, there) == 0


def test_replays_spoofed_questions_and_own_answers_do_not_come_between_two() -> None:
    lan = SimulatedLan(3)
    a, b = lan.add(), lan.add()
    stranger = Stranger(lan)

    def lie(data: bytes, source: tuple[str, int]) -> bytes | None:
        message = decode(data)
        if isinstance(message, Probe | Ping):  # it came here for an address that he added to an honest peer
            other = b if source[0] == a.address else a
            stranger.send(data, other.address, source[0])  # passed on, in the name of who asked
            pong = encode_pong(Pong(message.nonce, other.core.instance))
            stranger.send(pong, source[0], stranger.address)
            return encode_proof(Proof(message.nonce, bytes(16)))
        return None

    stranger.answer = lie
    lan.run(1.0)
    stranger.flood(crowd_of_lies(stranger, a, b), 15.0)
    for _ in range(150):
        lan.run(0.1)
        show_all(a.core)
        show_all(b.core)
        assert_listed(a, b)


def test_two_that_start_in_the_middle_of_it_find_each_other() -> None:
    lan = SimulatedLan(4)
    a, b = lan.add(start=False), lan.add(start=False)
    stranger = Stranger(lan)
    stranger.flood(crowd_of_lies(stranger, a, b), 20.0)
    lan.run(1.0)
    a.start()
    lan.run(0.7)
    b.start()
    lan.run_until(lambda: a.sees(b) and b.sees(a), 3.0)
    lan.run(12.0)
    assert_listed(a, b)


def test_a_dead_peer_is_lost_though_somebody_at_its_address_answers_for_it() -> None:
    lan = SimulatedLan(5)
    a, b = lan.add(), lan.add()
    stranger = Stranger(lan)
    lan.run(3.0)
    b.dead = True
    b.address, stranger.address = "10.0.9.8", b.address

    def lie(data: bytes, source: tuple[str, int]) -> bytes | None:
        message = decode(data)
        if isinstance(message, Probe | Ping):
            stranger.send(encode_pong(Pong(message.nonce, b.core.instance)), source[0], stranger.address)
            return encode_proof(Proof(message.nonce, bytes(16)))
        return None

    stranger.answer = lie
    assert lan.run_until(lambda: not a.sees(b), 8.0) > 1.0


@pytest.mark.parametrize("seed", range(3))
def test_fakes_that_moved_to_an_address_do_not_keep_its_owner_out(seed: int) -> None:
    lan = SimulatedLan(seed)
    a = lan.add()
    stranger = Stranger(lan, fakes=8)
    for number in range(8):
        stranger.send(stranger.beacon(number), "*", stranger.address)
    lan.run(1.0)
    assert len(a.core.peers()) == 8
    b = lan.add(start=False)

    def move() -> Iterator[tuple[bytes, str, str]]:
        for number in itertools.count():
            yield stranger.beacon(number), "*", b.address

    stranger.flood(move(), 30.0, rate=16)
    lan.run(2.0)
    b.start()
    lan.run_until(lambda: a.sees(b) and b.sees(a), 1.0)
    lan.run(20.0)
    assert_listed(a, b)


def test_a_table_full_of_fakes_that_answer_has_room_for_who_comes_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    places = 256  # a quarter of all, to fill them sooner
    monkeypatch.setattr("p2pgame.discovery.table.PEERS_MAX", places)
    monkeypatch.setattr("p2pgame.discovery.table.NEWCOMERS_MIN", places // 4)
    lan = SimulatedLan(2)
    a = lan.add()
    everywhere = [Stranger(lan, f"10.0.8.{n}", fakes=20, first=5000 + 20 * n) for n in range(1, 21)]

    def live() -> Iterator[tuple[bytes, str, str]]:
        for number in itertools.count():
            stranger = everywhere[number % 20]
            yield stranger.beacon(number // 20 % 20), "*", stranger.address

    everywhere[0].flood(live(), 12.0, rate=80)
    lan.run(5.0)
    assert len(a.core.peers()) > places - 10
    b = lan.add()
    lan.run_until(lambda: a.sees(b) and b.sees(a), 1.0)
    lan.run(6.0)
    assert_listed(a, b)


def test_a_forged_goodbye_by_mdns_under_a_flood_of_its_address_removes_nobody() -> None:
    lan = SimulatedLan(6)
    lan.broadcast_works = False  # so that mDNS is all that is heard
    a, b = lan.add(), lan.add()
    lan.publish(a)
    lan.publish(b)
    lan.run(0.5)
    stranger = Stranger(lan)
    stranger.heard = {
        Signer(n).public_key: out.data for n, node in ((1, a), (2, b)) for out in beacons_of(lan, node)
    }
    stranger.flood(crowd_of_lies(stranger, a, b), 15.0)
    for _ in range(60):
        lan.run(0.25)
        a.core.remove_service(b.core.peer, b.core.instance, lan.now)
        a.pump()
        assert a.sees(b)
    assert lost(a, b) == 0


def beacons_of(lan: SimulatedLan, node: SimulatedNode) -> list[Transmit]:
    return [out for _, by, out in lan.sent if by is node and out.to is None]
