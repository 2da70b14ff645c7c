"""A stranger who attacks without rest: hears what is broadcast, lies from any address, and answers for keys of his own.

    with Stranger(lan, 2, fakes=8) as stranger, stranger.attacking(stranger.lies(*addresses), rate=460):
        ...

Runs in a thread of the test. Sees of what others send each other by unicast nothing.
"""

import itertools
import random
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import msgspec

from p2pgame.core.errors import RemoteProtocolError
from p2pgame.core.ids import PeerId
from p2pgame.wire.beacon import (
    ANYONE,
    Beacon,
    DialRequest,
    Ping,
    Probe,
    Proof,
    SignedBeacon,
    decode,
    encode_beacon,
    encode_dial_request,
    encode_ping,
    encode_probe,
    encode_proof,
)
from tests.fuzz.targets.lan import beacon_of
from tests.lab.attacker import Attacker
from tests.lab.forge import Datagram
from tests.lab.lan import DISCOVERY_PORT, Lan
from tests.signers import Answers, Signer

__all__ = ["Stranger"]

_EVERYBODY = b"\xff" * 6
_FIRST = 30_000


class Stranger(Attacker):
    """On `host`, with `addresses` more addresses of its own and `fakes` identities that answer."""

    def __init__(self, lan: Lan, host: int, *, fakes: int = 0, addresses: int = 0) -> None:
        super().__init__(lan, host)
        self.addresses = [lan.address(host), *(f"10.77.0.{100 + number}" for number in range(addresses))]
        for address in self.addresses[1:]:
            lan.add_address(host, f"{address}/24")
        self.fakes = [Signer(_FIRST + number) for number in range(fakes)]
        self.newest: dict[PeerId, bytes] = {}
        """The newest beacon heard of each peer."""
        self.answers_as: Callable[[bytes, str], bytes | None] = self._prove
        """What to answer to a datagram that came to one of our addresses."""
        self.sent = 0
        self._answers = Answers((fake.public_key, fake.exchange) for fake in self.fakes)
        self._seq = itertools.count(1)
        self._ears = lan.open_socket(host, socket.SOCK_DGRAM)
        self._ears.bind(("", DISCOVERY_PORT))
        self._ears.setblocking(False)
        self._mouth = lan.open_socket(host, socket.SOCK_DGRAM)  # so that no kernel says that nobody is there
        self._mouth.bind(("", DISCOVERY_PORT + 1))
        self._mouth.setblocking(False)

    def __exit__(self, *error: object) -> None:
        self._ears.close()
        self._mouth.close()
        super().__exit__(*error)

    @contextmanager
    def attacking(self, frames: Iterator[Datagram], rate: float) -> Iterator[None]:
        """Send `frames`, `rate` a second, and answer what comes, until the end of the block."""
        over = threading.Event()
        thread = threading.Thread(target=self._attack, args=(frames, rate, over), name="stranger")
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def _attack(self, frames: Iterator[Datagram], rate: float, over: threading.Event) -> None:
        began = time.monotonic()
        while not over.is_set():
            self._hear()
            due = min(int((time.monotonic() - began) * rate) - self.sent, 200)
            for frame in itertools.islice(frames, max(0, due)):
                self._wire.send(frame)
                self.sent += 1
            time.sleep(0.001)

    def _hear(self) -> None:
        with suppress(BlockingIOError):
            while True:
                data = self._ears.recv(4096)
                with suppress(RemoteProtocolError):
                    message = decode(data)
                    if isinstance(message, SignedBeacon) and isinstance(message.body, Beacon):
                        self.newest[message.body.peer] = data
        with suppress(BlockingIOError):
            while True:
                self._mouth.recv(4096)  # read on the wire, where its target can be seen
        for datagram in self._wire.heard():
            if datagram.target[0] in self.addresses and datagram.source[0] not in self.addresses:
                answer = self.answers_as(datagram.payload, datagram.source[0])
                if answer is not None:
                    self._wire.send(self.frame(answer, datagram.source, datagram.target))

    def frame(self, payload: bytes, target: tuple[str, int], source: tuple[str, int]) -> Datagram:
        return Datagram(source, target, payload, _EVERYBODY)

    def to_all(self, payload: bytes, source: str) -> Datagram:
        return self.frame(payload, ("10.77.0.255", DISCOVERY_PORT), (source, DISCOVERY_PORT))

    def _prove(self, data: bytes, source: str) -> bytes | None:
        """For the fake that is asked; a ping is answered as whoever it names."""
        del source
        try:
            message = decode(data)
        except RemoteProtocolError:
            return None
        answer = self._answers.to(message)
        if answer is None and isinstance(message, Probe):
            return encode_proof(Proof(message.nonce, message.tag))  # for somebody else: worth a try
        return answer

    # What to send

    def beacon(self, fake: int, **changes: object) -> bytes:
        return beacon_of(_FIRST + fake, seq=next(self._seq), **changes)

    def live(self, addresses: list[str] | None = None) -> Iterator[Datagram]:
        """Beacons of all fakes over and over, from our own addresses or from `addresses`."""
        places = addresses or self.addresses
        for number in itertools.count():
            fake = number % len(self.fakes)
            yield self.to_all(self.beacon(fake), places[fake % len(places)])

    def lies(self, *addresses: str) -> Iterator[Datagram]:
        """In the name of each of `addresses`, to each other of them: all that is cheap to send.

        The beacons that were heard again from here, forged and spoilt ones, questions and answers.
        """
        chance = random.Random(1)
        port = DISCOVERY_PORT + 1
        told: dict[tuple[str, bytes], int] = {}
        for number in itertools.count():
            for here, there in itertools.permutations(addresses, 2):
                to, source, nonce = (here, port), (there, port), number.to_bytes(8, "big")
                for real in list(self.newest.values()):
                    body = decode(real).body  # type: ignore[union-attr]
                    later = msgspec.structs.replace(body, seq=body.seq + 1000 + number)
                    if (
                        told.setdefault((here, real[9:41]), number) + 20 > number
                    ):  # later copies would only help
                        yield self.frame(real, (here, DISCOVERY_PORT), (self.addresses[0], DISCOVERY_PORT))
                    yield self.frame(encode_beacon(later, Signer(77)), (here, DISCOVERY_PORT), source)
                    yield self.frame(real[:60] + chance.randbytes(150), (here, DISCOVERY_PORT), source)
                    yield self.frame(
                        encode_probe(Probe(body.exchange_key, number, nonce, bytes(16))), to, source
                    )
                yield self.frame(
                    encode_probe(Probe(chance.randbytes(32), number, nonce, bytes(16))), to, source
                )
                for _ in range(8):
                    yield self.frame(encode_ping(Ping(chance.randbytes(8), ANYONE)), to, source)

    def farewells(self, *addresses: str) -> Iterator[Datagram]:
        """`lies`, and mDNS goodbyes of all who were heard."""
        for number, frame in enumerate(self.lies(*addresses)):
            yield frame
            for peer, data in list(self.newest.items()) if number % 50 == 0 else ():
                self.leave_for(peer, decode(data).body.instance.hex())  # type: ignore[union-attr]

    def calls(self, target: str, to: str, victim: tuple[str, int]) -> Iterator[Datagram]:
        """Requests of our first fake that `target`, at the address `to`, shall dial the victim."""
        for _ in itertools.count():
            seq = int(time.time() * 1000)
            request = DialRequest(self.fakes[0].public_key, target, bytes(8), seq, victim[1])
            data = encode_dial_request(request, self.fakes[0])
            yield self.frame(data, (to, DISCOVERY_PORT + 1), (victim[0], DISCOVERY_PORT + 1))
