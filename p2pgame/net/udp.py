"""UDP addresses and the unicast port: one number for TCP and UDP, IPv4 and IPv6 link-local.

Also answers the plain-text ``ping`` that people send to the port. Knows no beacons.
"""

import asyncio
import errno
import re
import socket
import sys
from collections.abc import Callable
from typing import Any, Final

from p2pgame.core.errors import DiscoveryError
from p2pgame.discovery.limits import BucketMap, TokenBucket
from p2pgame.discovery.seeds import SocketAddress

__all__ = ["PORT_TRIES", "TextPingResponder", "UdpEndpoint", "bind_pair", "normalise", "sockaddr"]

PORT_TRIES: Final = 17
"""The preferred port and the next 16, then any."""
TEXT_RATE: Final = 10.0
"""Text pings a second answered to one address ..."""
TEXT_RATE_ALL: Final = 100.0
_BACKLOG = 64
_TEXT = re.compile(rb"ping( [\x20-\x7e]{1,24})?\n?")
_IN_USE = {errno.EADDRINUSE, errno.EACCES, getattr(errno, "WSAEADDRINUSE", errno.EADDRINUSE)}

Receive = Callable[[bytes, SocketAddress], None]


def normalise(address: tuple[Any, ...]) -> SocketAddress:
    """What `recvfrom` gave: IPv4-mapped addresses become plain, link-local ones get their ``%scope``."""
    host, port = str(address[0]), int(address[1])
    if host.startswith("::ffff:") and "." in host:
        return host[7:], port
    if len(address) == 4 and address[3] and host.lower().startswith("fe80"):
        return f"{host.partition('%')[0]}%{_scope_name(int(address[3]))}", port
    return host, port


def sockaddr(to: SocketAddress, family: int) -> tuple[Any, ...]:
    """`to` as `sendto` of a socket of `family` wants it. Raises `OSError` if it cannot be reached by it."""
    host, port = to
    bare, _, scope = host.partition("%")
    if ":" not in bare:
        return (bare, port) if family == socket.AF_INET else (f"::ffff:{bare}", port, 0, 0)
    if family == socket.AF_INET:
        raise OSError(errno.EAFNOSUPPORT, "no IPv6 here")
    if not scope:
        return (bare, port, 0, 0)
    return (bare, port, 0, int(scope) if scope.isdigit() else socket.if_nametoindex(scope))


def _scope_name(index: int) -> str:
    try:
        return socket.if_indextoname(index)
    except OSError:
        return str(index)


def bind_pair(preferred: int, host: str = "") -> tuple[socket.socket, socket.socket, int]:
    """A listening TCP socket, a UDP socket and the port number they share, all non-blocking.

    Tries `preferred`, the next 16, then whatever is free. `host` "" is every address, IPv6 too where there is any.
    Raises `DiscoveryError` ``no_free_port``.
    """
    ports = [port for port in range(preferred, preferred + PORT_TRIES) if 0 < port < 65536]
    problem: OSError | None = None
    for port in (*ports, *[0] * 8):
        try:
            return _bind(port, host)
        except OSError as error:
            problem = error
            if error.errno not in _IN_USE:
                break
    raise DiscoveryError("no_free_port", reason=str(problem))


def _bind(port: int, host: str) -> tuple[socket.socket, socket.socket, int]:
    tcp = _socket(socket.SOCK_STREAM, host)
    try:
        if sys.platform != "win32":  # there it would let two programs share the port
            tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        tcp.bind((host, port))
        tcp.listen(_BACKLOG)
        number = int(tcp.getsockname()[1])
        udp = _socket(socket.SOCK_DGRAM, host)
        try:
            udp.bind((host, number))
        except OSError:
            udp.close()
            raise
    except OSError:
        tcp.close()
        raise
    return tcp, udp, number


def _socket(kind: socket.SocketKind, host: str) -> socket.socket:
    sock: socket.socket | None = None
    if not host or ":" in host:
        try:
            sock = socket.socket(socket.AF_INET6, kind)
            if not host:
                sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        except OSError:  # no IPv6 in this kernel, or none that shares with IPv4
            if sock is not None:
                sock.close()
            sock = None
    if sock is None:
        sock = socket.socket(socket.AF_INET, kind)
    sock.setblocking(False)
    return sock


class UdpEndpoint(asyncio.DatagramProtocol):
    """A UDP socket in the event loop. Errors of the network are counted and forgotten."""

    def __init__(self, sock: socket.socket, receive: Receive) -> None:
        self._sock = sock
        self._receive = receive
        self._transport: asyncio.DatagramTransport | None = None
        self.errors = 0
        self.last_error: OSError | None = None

    async def open(self) -> None:
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(lambda: self, sock=self._sock)

    def datagram_received(self, data: bytes, addr: tuple[Any, ...]) -> None:
        self._receive(data, normalise(addr))

    def error_received(self, exc: Exception) -> None:
        """Windows reports a peer's closed port here (ConnectionResetError), macOS a missing permission."""
        self.errors += 1
        if isinstance(exc, OSError) and not isinstance(exc, ConnectionError):
            self.last_error = exc

    def send(self, data: bytes, to: SocketAddress) -> None:
        """Send if possible; a datagram is never certain anyway."""
        if self._transport is None or self._transport.is_closing():
            return
        try:
            self._transport.sendto(data, sockaddr(to, self._sock.family))
        except OSError as error:
            self.error_received(error)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.abort()
        else:
            self._sock.close()


class TextPingResponder:
    """``ping`` typed by a person: the same bytes come back as ``pong``, so nothing is amplified."""

    def __init__(self) -> None:
        self._each: BucketMap[str] = BucketMap(TEXT_RATE, TEXT_RATE, 256)
        self._all = TokenBucket(TEXT_RATE_ALL, TEXT_RATE_ALL)

    def answer(self, data: bytes, source: SocketAddress, now: float) -> bytes | None:
        """The answer, or None if `data` is no text ping or too many came."""
        if not _TEXT.fullmatch(data) or not self._each.take(source[0], now) or not self._all.take(now):
            return None
        return b"pong" + data[4:]
