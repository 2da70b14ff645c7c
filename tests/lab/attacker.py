"""A stranger on the LAN who knows our formats and has keys of his own: what he sends, and what he sees come of it.

Runs in the process of the test, on sockets and a wire of the host he was given. Knows addresses, no program's inside.
"""

import random
import selectors
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from itertools import cycle
from pathlib import Path

from zeroconf import DNSOutgoing, DNSPointer, const

from p2pgame.core.errors import RemoteProtocolError
from p2pgame.wire.beacon import Beacon, SignedBeacon, decode
from p2pgame.wire.prologue import MAGIC
from tests.fuzz.targets.lan import beacon_of
from tests.lab.forge import Datagram, Wire
from tests.lab.lan import DISCOVERY_PORT, Lan

__all__ = ["Attacker", "forged", "invented"]

_ROOT = Path(__file__).parents[2]
_SERVICE = "_p2pgame._tcp.local."
_EVERYBODY = b"\xff" * 6
_MDNS = ("224.0.0.251", 5353)


def invented(count: int, first: int = 1000, **changes: object) -> list[bytes]:
    """Well signed beacons of identities that nobody is. About 100 µs each."""
    return [beacon_of(first + number, **changes) for number in range(count)]


def forged(beacons: Iterable[bytes]) -> list[bytes]:
    """The same with signatures that are none."""
    return [data[:-8] + bytes(8) for data in beacons]


class Attacker:
    """On `host`, which runs no p2pgame."""

    def __init__(self, lan: Lan, host: int) -> None:
        self.lan = lan
        self.host = host
        self._wire = Wire(lan, host)

    def __enter__(self) -> "Attacker":
        return self

    def __exit__(self, *_: object) -> None:
        self._wire.__exit__()

    def shout(self, payloads: Iterable[bytes], sources: Sequence[str], pause_every: int = 0) -> int:
        """Broadcast to the discovery port as if from `sources` in turn, as fast as it goes; how many.

        With `pause_every`, a millisecond's rest after so many: about so many thousand a second.
        """
        number = 0
        for number, (payload, source) in enumerate(zip(payloads, cycle(sources), strict=False), 1):
            self._wire.send(
                Datagram((source, DISCOVERY_PORT), ("10.77.0.255", DISCOVERY_PORT), payload, _EVERYBODY)
            )
            if pause_every and number % pause_every == 0:
                time.sleep(0.001)
        return number

    def leave_for(self, peer: str, instance: str) -> None:
        """An mDNS goodbye (RFC 6762 §10.1) in the name of somebody else."""
        out = DNSOutgoing(const._FLAGS_QR_RESPONSE | const._FLAGS_AA)
        name = f"{peer}-{instance}.{_SERVICE}"
        out.add_answer_at_time(DNSPointer(_SERVICE, const._TYPE_PTR, const._CLASS_IN, 0, name), 0)
        for packet in out.packets():
            self._wire.send(
                Datagram((self.lan.address(self.host), 5353), _MDNS, packet, bytes.fromhex("01005e0000fb"))
            )

    def send_from_here(self, payloads: Iterable[bytes], target: tuple[str, int]) -> None:
        """Plain datagrams from this host's own address."""
        with self.lan.open_socket(self.host, socket.SOCK_DGRAM) as sock:
            for payload in payloads:
                with suppress(OSError):
                    sock.sendto(payload, target)

    def beacons(self, seconds: float, listener: int | None = None) -> list[Beacon]:
        """Every different beacon that is broadcast within `seconds`, as `listener` (or this host) hears them."""
        heard: dict[bytes, Beacon] = {}
        deadline = time.monotonic() + seconds
        with self.lan.open_socket(self.host if listener is None else listener, socket.SOCK_DGRAM) as ears:
            ears.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            ears.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
            ears.bind(("", DISCOVERY_PORT))
            while (left := deadline - time.monotonic()) > 0:
                ears.settimeout(left)
                with suppress(TimeoutError, RemoteProtocolError):
                    data = ears.recv(4096)
                    message = decode(data)
                    if isinstance(message, SignedBeacon) and isinstance(message.body, Beacon):
                        heard[data] = message.body
        return list(heard.values())

    @contextmanager
    def crowd(
        self, what: str, to: tuple[str, int], addresses: Sequence[str], seconds: float, **options: float
    ) -> Iterator["subprocess.Popen[str]"]:
        """`tests.lab.crowd` as a process, from `addresses`, which this host gets; ended at the end."""
        for address in addresses:
            self.lan.add_address(self.host, f"{address}/24")
        command = [sys.executable, "-m", "tests.lab.crowd", what, to[0], str(to[1])]
        command += ["--seconds", str(seconds), *(f"--{name}={value:g}" for name, value in options.items())]
        command += ["--source", *addresses]
        process = self.lan.popen(self.host, command, stdout=subprocess.PIPE, text=True, cwd=_ROOT)
        try:
            yield process
        finally:
            process.terminate()
            process.wait()

    @contextmanager
    def callers(self, address: str, port: int, count: int, seed: int = 1) -> Iterator["Callers"]:
        """`count` TCP connections that say nothing, too little or nonsense."""
        with ExitStack() as stack:
            yield Callers(self, (address, port), count, stack, random.Random(seed))


class Callers:
    """Connections that only cost something. `left` closes those that were cut, and says how many are not."""

    def __init__(
        self, attacker: Attacker, to: tuple[str, int], count: int, stack: ExitStack, chance: random.Random
    ) -> None:
        self._open: set[socket.socket] = set()
        self._selector = stack.enter_context(selectors.DefaultSelector())
        words = (
            b"",
            MAGIC,
            MAGIC + b"\1\x01\x40",
            MAGIC + b"\1\x01\x40" + bytes(30),
            b"GET / HTTP/1.1\r\n\r\n",
        )
        for number in range(count):
            caller = stack.enter_context(attacker.lan.open_socket(attacker.host, socket.SOCK_STREAM))
            caller.setblocking(False)
            caller.connect_ex(to)
            word = chance.randbytes(500) if number % 6 == 5 else words[number % 6]
            self._selector.register(caller, selectors.EVENT_WRITE | selectors.EVENT_READ, word)
            self._open.add(caller)

    def left(self) -> int:
        for key, events in self._selector.select(0):
            caller = key.fileobj
            assert isinstance(caller, socket.socket)
            try:
                if events & selectors.EVENT_WRITE:
                    if key.data:
                        caller.send(key.data)
                    self._selector.modify(caller, selectors.EVENT_READ, None)
                elif not caller.recv(4096):
                    raise ConnectionResetError
            except BlockingIOError:
                continue
            except OSError:
                self._selector.unregister(caller)
                self._open.discard(caller)
                caller.close()
        return len(self._open)

    def wait_cut(self, seconds: float) -> float:
        """Seconds until all were cut; AssertionError after `seconds`."""
        began = time.monotonic()
        while self.left():
            passed = time.monotonic() - began
            assert passed < seconds, f"{self.left()} connections still stand after {passed:.1f} s"
            time.sleep(0.02)
        return time.monotonic() - began
