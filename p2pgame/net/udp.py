"""UDP addresses and the unicast port: one number for TCP and UDP, IPv4 and IPv6 link-local.

Also answers the plain-text ``ping`` that people send to the port. Knows no beacons.
"""

import asyncio
import errno
import re
import socket
import sys
import time
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
_BACKLOG = 256
_TEXT = re.compile(rb"ping( [\x20-\x7e]{1,24})?\n?")
_IN_USE = {errno.EADDRINUSE, errno.EACCES, getattr(errno, "WSAEADDRINUSE", errno.EADDRINUSE)}

READ_SPACING: Final = 0.002
"""Seconds between two reads of a socket. A turn of the loop costs ten times what a datagram does, so a flood is read
in batches. What a match gets waits longer than that for its tick."""
READ_MAX: Final = 256
"""Datagrams of one read. The kernel drops what is too much, at no cost to us."""
READ_TIME: Final = 0.001
"""Seconds after which a read ends, however many wait: a signature costs fifty times as much as junk, and a frame of a
match that is due must not wait for all of them."""
_ANY_SIZE = 65_536

Receive = Callable[[bytes, SocketAddress], None]


def normalise(address: tuple[Any, ...]) -> SocketAddress:
    """What `recvfrom` gave: IPv4-mapped addresses become plain, link-local ones get their ``%scope``."""
    host, port = address[0], address[1]
    if host[:7] == "::ffff:" and "." in host:
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
    """A UDP socket in the event loop. Errors of the network are counted and forgotten.

    The first look at a datagram is here, before anything else is done for it: does it begin as one that we know, and is
    it short enough? Junk costs a system call and a comparison.
    """

    def __init__(
        self,
        sock: socket.socket,
        receive: Receive,
        beginnings: tuple[bytes, ...] = (b"",),
        longest: int = 65_535,
    ) -> None:
        """`receive` gets datagrams of at most `longest` bytes that have one of `beginnings`."""
        self._sock = sock
        self._receive = receive
        self._beginnings, self._longest = beginnings, longest
        self._transport: asyncio.DatagramTransport | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        """While it is open, unless the loop reads by itself."""
        self._timer: asyncio.TimerHandle | None = None
        self._next_read = 0.0
        self.errors = 0
        self.last_error: OSError | None = None

    async def open(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            loop.add_reader(self._sock, self._read)
            self._loop = loop
        except NotImplementedError:  # Windows, whose loop reads by itself
            self._transport, _ = await loop.create_datagram_endpoint(lambda: self, sock=self._sock)

    def _read(self) -> None:
        """Something waits: read it, unless that was done a moment ago; then read on by the clock."""
        loop = self._loop
        if loop is None:
            return
        now = loop.time()
        if now >= self._next_read:
            self._next_read = now + READ_SPACING
            self._drain()
        else:
            loop.remove_reader(self._sock)
            self._timer = loop.call_at(self._next_read, self._poll)

    def _poll(self) -> None:
        """Read by the clock until nothing waits any more."""
        loop = self._loop
        if loop is None:
            return
        self._next_read = loop.time() + READ_SPACING
        self._timer = loop.call_at(self._next_read, self._poll)
        if not self._drain() and self._loop is not None:
            self._timer.cancel()
            loop.add_reader(self._sock, self._read)

    def _drain(self) -> int:
        """Read at most `READ_MAX`, and for no longer than `READ_TIME`; how many there were."""
        read, beginnings, longest = self._sock.recvfrom, self._beginnings, self._longest
        clock = time.monotonic
        until = clock() + READ_TIME
        for number in range(READ_MAX):
            if clock() > until:
                return number
            try:
                data, address = read(_ANY_SIZE)
            except (BlockingIOError, InterruptedError):
                return number
            except OSError as error:  # an ICMP error, or closed by what came in
                self.error_received(error)
                return number
            if len(data) <= longest and data.startswith(beginnings):
                self._receive(data, normalise(address))
        return READ_MAX

    def datagram_received(self, data: bytes, addr: tuple[Any, ...]) -> None:
        """The loop has read one by itself; others may wait."""
        if len(data) <= self._longest and data.startswith(self._beginnings):
            self._receive(data, normalise(addr))
        self._drain()

    def error_received(self, exc: Exception) -> None:
        """Windows reports a peer's closed port here (ConnectionResetError), macOS a missing permission."""
        self.errors += 1
        if isinstance(exc, OSError) and not isinstance(exc, ConnectionError):
            self.last_error = exc

    def send(self, data: bytes, to: SocketAddress) -> None:
        """Send if possible; a datagram is never certain anyway."""
        if self._transport is None and self._loop is None:
            return
        try:
            self._sock.sendto(data, sockaddr(to, self._sock.family))
        except BlockingIOError:
            return  # no room now: lost like any other
        except OSError as error:
            self.error_received(error)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.abort()
            self._transport = None
            return
        if self._timer is not None:
            self._timer.cancel()
        if self._loop is not None:
            self._loop.remove_reader(self._sock)
            self._loop = None
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
