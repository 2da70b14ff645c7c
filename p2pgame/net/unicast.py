"""The unicast port of a program: one number for TCP and UDP, which its beacons tell.

Owns the UDP sockets, which discovery, the datagrams of matches and pings share, and the listening TCP socket until the
links accept on it. Listens on IPv4 and IPv6 alike where the system has both. Reads no datagram beyond its first bytes.
"""

import asyncio
import secrets
import socket
import time
from collections.abc import Sequence

from p2pgame.core.errors import DiscoveryError
from p2pgame.discovery.seeds import SocketAddress
from p2pgame.net.udp import FirstLook, TextPingResponder, UdpEndpoint, bind_port

__all__ = ["UnicastPort"]

_PING, _PONG = b"ping ", b"pong "
_TEXT_LENGTHS = range(4, 31)


class UnicastPort:
    """All methods but `number` and `listener` belong to one event loop."""

    def __init__(self) -> None:
        self.number = 0
        """The port; 0 before `open`."""
        self.listener: socket.socket | None = None
        """Listens on TCP at the same number."""
        self._first = FirstLook()
        self.listen = self._first.listen
        """Say who gets which datagrams: see `FirstLook.listen`."""
        self.listen(_PING[:4], _TEXT_LENGTHS, self._on_text_ping)
        self.listen(_PONG[:4], _TEXT_LENGTHS, self._on_text_pong)
        self._endpoints: dict[int, UdpEndpoint] = {}
        """By the version of IP, as family of its socket."""
        self._responder = TextPingResponder()
        self._pings: dict[bytes, asyncio.Future[SocketAddress]] = {}
        """Expected answers of pings under way."""

    async def open(self, preferred: int, host: str = "") -> None:
        """Listen on `preferred`, the next 16 or any port; `host` "" is every address of this machine.

        Raises `DiscoveryError` ``no_free_port``.
        """
        self.listener, udp, self.number = bind_port(preferred, host)
        self._endpoints = {sock.family: UdpEndpoint(sock, self._first) for sock in udp}
        try:
            for endpoint in self._endpoints.values():
                await endpoint.open()
        except OSError as error:
            self.close()
            raise DiscoveryError("no_free_port", reason=str(error)) from error

    def send(self, data: bytes, to: SocketAddress) -> None:
        """Send a datagram; it is lost if the port is not open, or not for this version of IP."""
        endpoint = self._endpoints.get(socket.AF_INET6 if ":" in to[0] else socket.AF_INET)
        if endpoint is not None:
            endpoint.send(data, to)

    @property
    def last_error(self) -> OSError | None:
        """The last failure to send; EHOSTUNREACH on macOS means a missing permission."""
        return next((e.last_error for e in self._endpoints.values() if e.last_error is not None), None)

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
        for endpoint in self._endpoints.values():
            endpoint.close()
        if self.listener is not None:
            self.listener.close()

    def _on_text_ping(self, data: bytes, source: SocketAddress, now: float) -> None:
        answer = self._responder.answer(data, source, now)
        if answer is not None:
            self.send(answer, source)

    def _on_text_pong(self, data: bytes, source: SocketAddress, now: float) -> None:
        del now
        expected = self._pings.get(data)
        if expected is not None and not expected.done():
            expected.set_result(source)
