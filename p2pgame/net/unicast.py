"""The unicast port of a program: one number for TCP and UDP, which its beacons tell.

Owns the UDP socket, which discovery, the datagrams of matches and pings share, and the listening TCP socket until the
links accept on it. Listens on IPv4 and IPv6 alike where the system has both. Reads no datagram beyond its first bytes.
"""

import asyncio
import secrets
import socket
import time
from collections.abc import Callable, Sequence
from typing import TypeAlias

from p2pgame.core.errors import DiscoveryError
from p2pgame.discovery.seeds import SocketAddress
from p2pgame.net.udp import TextPingResponder, UdpEndpoint, bind_pair
from p2pgame.wire.beacon import DATAGRAM_MAX, HEADER
from p2pgame.wire.sealed import MATCH_DATAGRAM, SEALED_MAX

__all__ = ["UnicastPort"]

_MATCH = bytes([MATCH_DATAGRAM])
_TEXT_PING, _PING, _PONG = b"ping", b"ping ", b"pong "
_LONGEST = max(DATAGRAM_MAX, SEALED_MAX)

Receive: TypeAlias = Callable[[bytes, SocketAddress], None]


class UnicastPort:
    """All methods but `number` and `listener` belong to one event loop."""

    def __init__(self) -> None:
        self.number = 0
        """The port; 0 before `open`."""
        self.listener: socket.socket | None = None
        """Listens on TCP at the same number."""
        self.on_discovery: Receive = _ignore
        """Gets each datagram of discovery."""
        self.on_match: Receive = _ignore
        """Gets each datagram of a match."""
        self._endpoint: UdpEndpoint | None = None
        self._responder = TextPingResponder()
        self._pings: dict[bytes, asyncio.Future[SocketAddress]] = {}
        """Expected answers of pings under way."""

    async def open(self, preferred: int, host: str = "") -> None:
        """Listen on `preferred`, the next 16 or any port; `host` "" is every address of this machine.

        Raises `DiscoveryError` ``no_free_port``.
        """
        self.listener, udp, self.number = bind_pair(preferred, host)
        self._endpoint = UdpEndpoint(udp, self._receive, (HEADER, _MATCH, _TEXT_PING, _PONG), _LONGEST)
        try:
            await self._endpoint.open()
        except OSError as error:
            self.close()
            raise DiscoveryError("no_free_port", reason=str(error)) from error

    def send(self, data: bytes, to: SocketAddress) -> None:
        """Send a datagram; it is lost if the port is not open."""
        if self._endpoint is not None:
            self._endpoint.send(data, to)

    @property
    def last_error(self) -> OSError | None:
        """The last failure to send; EHOSTUNREACH on macOS means a missing permission."""
        return None if self._endpoint is None else self._endpoint.last_error

    async def ping(
        self, targets: Sequence[SocketAddress], seconds: float
    ) -> tuple[SocketAddress, float] | None:
        """Ping all `targets` at once: the one that answers first, and its round trip in milliseconds.

        None if none answers within `seconds`.
        """
        token = secrets.token_hex(6).encode()
        answer: asyncio.Future[SocketAddress] = asyncio.get_running_loop().create_future()
        self._pings[_PONG + token] = answer
        began = time.perf_counter()
        try:
            for target in targets:
                self.send(_PING + token, target)
            async with asyncio.timeout(seconds):
                source = await answer
        except TimeoutError:
            return None
        finally:
            del self._pings[_PONG + token]
        return source, (time.perf_counter() - began) * 1000

    def close(self) -> None:
        """Close both sockets."""
        if self._endpoint is not None:
            self._endpoint.close()
        if self.listener is not None:
            self.listener.close()

    def _receive(self, data: bytes, source: SocketAddress) -> None:
        if data[:1] == _MATCH:
            self.on_match(data, source)
        elif data.startswith(HEADER):
            self.on_discovery(data, source)
        elif data.startswith(_PONG):
            expected = self._pings.get(data)
            if expected is not None and not expected.done():
                expected.set_result(source)
        else:
            answer = self._responder.answer(data, source, asyncio.get_running_loop().time())
            if answer is not None:
                self.send(answer, source)


def _ignore(data: bytes, source: SocketAddress) -> None:
    del data, source
