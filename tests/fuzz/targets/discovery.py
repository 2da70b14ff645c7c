"""Discovery under a script of datagrams, records, goodbyes of mDNS and time: bounded, and no use to others as a weapon.

Beacons and calls with a wrong signature are also played as if their sender had signed them, since fuzzing finds no
signatures, and attackers have keys of their own.
"""

import random
from collections.abc import Callable

import msgspec

from p2pgame.core.errors import RemoteProtocolError
from p2pgame.core.ids import PeerId, peer_id_of
from p2pgame.discovery.profile import Profile
from p2pgame.discovery.protocol import DiscoveryProtocol
from p2pgame.discovery.table import PEERS_MAX
from p2pgame.wire.beacon import (
    DATAGRAM_MAX,
    Beacon,
    DialRequest,
    Ping,
    Probe,
    SignedBeacon,
    decode,
    encode_beacon,
    encode_dial_request,
    encode_ping,
    encode_proof,
    txt_of_datagram,
)
from p2pgame.wire.names import safe_name
from p2pgame.wire.probe import is_tagged, make_proof
from tests.fuzz.mutate import bent, in_msgpack, in_steps, script, steps
from tests.fuzz.targets.lan import ME, beacon_of, call_of
from tests.signers import Signer

mutate = in_steps((in_msgpack(head=6, tail=64), in_msgpack(head=6, tail=64), bent))

_KEYS = {key.public_key: key for key in map(Signer, range(1, 7))}
_ME = next(iter(_KEYS.values()))
_SEED = ("10.0.0.9", 41420)
_PROFILE = Profile(name="Me", version="0.1.0", games={"gomoku": "0011223344556677"})


def samples() -> list[bytes]:
    ping = encode_ping(Ping(b"n" * 8, ME.to_bytes(8, "big")))
    return [
        script((0, beacon_of(2)), (3, b"\1"), (0, beacon_of(2, 11, flags=2))),
        script((1, beacon_of(2, flags=1)), (1, beacon_of(3, flags=1)), (3, b"\x20"), (2, beacon_of(2, 12)), (3, b"`")),
        script((2, beacon_of(2)), (4, b"\2"), (3, b"\1"), (3, b"\x30")),
        script((0, beacon_of(2, flags=9)), (0, beacon_of(2, 11, flags=8)), (0, beacon_of(1, 7, instance=b"another1"))),
        script((0, beacon_of(4)), (0, call_of(4)), (0, call_of(4, 21)), (3, b"\4"), (0, call_of(4, 22))),
        script((0, ping), (1, ping), (5, b"\2"), (0, beacon_of(5)), (3, b"\1"), (5, b"\2"), (6, b"\1"), (3, b"\xff")),
    ]  # fmt: skip


def fuzz_one(data: bytes) -> None:
    Scene().play(data)


class Scene:
    """One program on a LAN, and what is done to it."""

    def __init__(self) -> None:
        self.now = 0.0
        self.probes: list[Probe] = []
        self.core = DiscoveryProtocol(
            signer=_ME,
            instance=ME.to_bytes(8, "big"),
            profile=_PROFILE,
            tcp_port=41421,
            udp_port=41421,
            first_seq=1,
            random_source=random.Random(1),
        )
        self.core.put_seed("seed", [_SEED], 0.0)
        self.core.start(0.0)

    def play(self, data: bytes) -> None:
        doings: tuple[Callable[[bytes], None], ...] = (
            self.unicast, self.shared, self.record, self.wait, self.removed, self.prove, self.pin, self.unicast,
        )  # fmt: skip
        for number, (what, body) in enumerate(steps(data)[:64]):
            self.source = (f"10.0.0.{2 + number % 8}", 41421) if what & 8 else _SEED
            doings[what % len(doings)](body)
            self.check()

    def unicast(self, body: bytes) -> None:
        self.receive(body, shared=False)
        signed = resigned(body)
        if signed is not None:
            self.receive(signed, shared=False)

    def shared(self, body: bytes) -> None:
        self.receive(resigned(body) or body, shared=True)

    def receive(self, datagram: bytes, *, shared: bool) -> None:
        self.check()
        self.core.receive_datagram(datagram, self.source, self.now, shared=shared)
        for out in self.core.datagrams_to_send():
            if out.to is not None and self.source != _SEED:  # a seed was named by the player
                assert out.to == self.source
                assert len(out.data) <= len(datagram), "more goes back than came"

    def record(self, body: bytes) -> None:
        body = (resigned(body) or body)[:392]
        self.core.receive_service(txt_of_datagram(body), ["10.0.0.5", "fe80::1%eth0"], self.now)
        self.core.receive_service({b"b0": body[:255], b"b1": None, b"": b"x"}, [], self.now)

    def wait(self, body: bytes) -> None:
        for byte in body[:8]:
            self.now += byte / 16
            self.core.handle_timeout(self.now)

    def removed(self, body: bytes) -> None:
        for peer in self.core.peers():
            if peer.instance.startswith(body[:1].hex()) or not body:
                self.core.remove_service(peer.peer, bytes.fromhex(peer.instance), self.now)
        self.core.remove_service(PeerId("a" * 26), body[:8], self.now)

    def prove(self, body: bytes) -> None:
        for probe in self.probes[: len(body)]:
            for key in _KEYS.values():
                shared = key.exchange.key_to_answer(probe.exchange_key, key.public_key)
                if is_tagged(probe, shared):
                    self.receive(encode_proof(make_proof(probe, shared)), shared=False)

    def pin(self, body: bytes) -> None:
        for peer in self.core.peers()[: len(body)]:
            self.core.pin(peer.peer)

    def check(self) -> None:
        core = self.core
        for out in core.datagrams_to_send():
            assert len(out.data) <= DATAGRAM_MAX
            message = decode(out.data)
            if isinstance(message, Probe):
                self.probes = [*self.probes[-15:], message]
        core.events()
        peers = core.peers()
        assert len(peers) <= PEERS_MAX
        assert peer_id_of(_ME.public_key) not in {peer.peer for peer in peers}
        for peer in peers:
            assert 1 <= len(peer.addresses) <= 4
            assert peer.name == safe_name(peer.name, "")
        deadline = core.next_deadline(self.now)
        assert deadline is not None


def resigned(data: bytes) -> bytes | None:
    """A well signed datagram that says what `data` says; None if it is none, or of a key that is not ours."""
    try:
        message = decode(data)
    except RemoteProtocolError:
        return None
    if not isinstance(message, SignedBeacon):
        return None
    keys = list(_KEYS.values())
    key = _KEYS.get(message.body.public_key) or keys[message.body.public_key[0] % len(keys)]
    body = msgspec.structs.replace(message.body, public_key=key.public_key)
    match body:
        case Beacon():
            return encode_beacon(body, key)
        case DialRequest():
            return encode_dial_request(body, key)
