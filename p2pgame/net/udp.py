"""UDP addresses and the unicast port: one number for TCP and UDP, IPv4 and IPv6 link-local.

Also answers the plain-text ``ping`` that people send to the port. Knows no beacons.
"""

import asyncio
import errno
import re
import socket
import sys
import time
from collections.abc import Callable, Container
from functools import lru_cache
from typing import Any, Final

from p2pgame.core.errors import DiscoveryError
from p2pgame.discovery.limits import BucketMap, TokenBucket
from p2pgame.discovery.seeds import SocketAddress

__all__ = [
    "ANY_LENGTH",
    "PORT_TRIES",
    "FirstLook",
    "Receive",
    "TextPingResponder",
    "UdpEndpoint",
    "bind_port",
    "forget_scopes",
    "normalise",
    "sockaddr",
]

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
READS_AT_ONCE: Final = 4
"""Reads of one datagram each that may follow each other without that pause: to find out that no other waits costs as
much as to read one."""
READ_MAX: Final = 256
"""Datagrams of one read. The kernel drops what is too much, at no cost to us."""
READ_TIME: Final = 0.001
"""Seconds after which a read ends, however many wait: a signature costs fifty times as much as junk, and a frame of a
match that is due must not wait for all of them."""
_ANY_SIZE = 65_536
ANY_LENGTH: Final = range(_ANY_SIZE)
"""Of a datagram."""

Receive = Callable[[bytes, SocketAddress, float], None]
"""Gets a datagram, its source, and when it was read, by the clock of the loop."""


def normalise(address: tuple[Any, ...]) -> SocketAddress:
    """What `recvfrom` gave: IPv4-mapped addresses become plain, link-local ones get their ``%scope``."""
    host, port = address[0], address[1]
    if host.startswith("::ffff:") and "." in host:
        return host[7:], port
    if len(address) == 4 and address[3] and host.lower().startswith("fe80"):
        return f"{host.partition('%')[0]}%{_scope_name(int(address[3]))}", port
    return host, port


def forget_scopes() -> None:
    """The interfaces changed, and with them perhaps the names that `normalise` gives."""
    _scope_name.cache_clear()


def sockaddr(to: SocketAddress) -> tuple[Any, ...]:
    """`to` as `sendto` of a socket of its family wants it. Raises `OSError` if it has a scope that is none of ours."""
    host, port = to
    if "%" not in host:
        return to
    bare, _, scope = host.partition("%")
    return (bare, port, 0, int(scope) if scope.isdigit() else socket.if_nametoindex(scope))


@lru_cache(64)  # a system call at each datagram else
def _scope_name(index: int) -> str:
    try:
        return socket.if_indextoname(index)
    except OSError:
        return str(index)


def bind_port(preferred: int, host: str = "") -> tuple[socket.socket, list[socket.socket], int]:
    """A listening TCP socket, one UDP socket for each version of IP, and the port number they share; none blocks.

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


def _bind(port: int, host: str) -> tuple[socket.socket, list[socket.socket], int]:
    tcp = _tcp_socket(host)
    udp: list[socket.socket] = []
    try:
        if sys.platform != "win32":  # there it would let two programs share the port
            tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        tcp.bind((host, port))
        tcp.listen(_BACKLOG)
        number = int(tcp.getsockname()[1])
        both = not host and tcp.family == socket.AF_INET6
        for family in (socket.AF_INET, socket.AF_INET6) if both else (tcp.family,):
            udp.append(socket.socket(family, socket.SOCK_DGRAM))
            udp[-1].setblocking(False)
            if family == socket.AF_INET6:  # apart: to read the mapped addresses of one for both costs more
                udp[-1].setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            udp[-1].bind((host, number))
    except OSError:
        for sock in (tcp, *udp):
            sock.close()
        raise
    return tcp, udp, number


def _tcp_socket(host: str) -> socket.socket:
    sock: socket.socket | None = None
    if not host or ":" in host:
        try:
            sock = socket.socket(socket.AF_INET6, socket.SOCK_STREAM)
            if not host:
                sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        except OSError:  # no IPv6 in this kernel, or none that shares with IPv4
            if sock is not None:
                sock.close()
            sock = None
    if sock is None:
        sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    sock.setblocking(False)
    return sock


class FirstLook:
    """The first look at a datagram, before anything else is done for it: does anybody listen to what begins so, and may
    it be so long? Junk costs a system call and looks into a table.
    """

    def __init__(self) -> None:
        self._receivers: dict[bytes, tuple[Container[int], Receive]] = {}
        self._sizes: tuple[int, ...] = ()
        """Of the beginnings, the longest first."""

    def listen(self, beginning: bytes, lengths: Container[int], receive: Receive) -> None:
        """`receive` gets all that begins so and has one of these `lengths`, in place of who got it before."""
        self._receivers[beginning] = lengths, receive
        self._sizes = tuple(sorted({len(beginning) for beginning in self._receivers}, reverse=True))

    def look(self, data: bytes, address: tuple[Any, ...], now: float) -> None:
        """`address`: as `recvfrom` gave it."""
        for size in self._sizes:
            found = self._receivers.get(data[:size])
            if found is not None:
                lengths, receive = found
                if len(data) in lengths:
                    receive(data, address if len(address) == 2 else normalise(address), now)
                return


class UdpEndpoint(asyncio.DatagramProtocol):
    """A UDP socket in the event loop. Errors of the network are counted and forgotten."""

    def __init__(self, sock: socket.socket, first: FirstLook) -> None:
        self._sock = sock
        self._look = first.look
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
        """Something waits: read one, for mostly there is one; if that was done too often lately, read by the clock."""
        loop = self._loop
        if loop is None:
            return
        now = loop.time()
        if now >= self._next_read - READS_AT_ONCE * READ_SPACING:
            self._next_read = max(now, self._next_read) + READ_SPACING
            self._drain(1)
        else:
            loop.remove_reader(self._sock)
            self._timer = loop.call_at(now + READ_SPACING, self._poll)

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

    def _drain(self, most: int = READ_MAX) -> int:
        """Read at most so many, and for no longer than `READ_TIME`; how many there were."""
        read, look, clock = self._sock.recvfrom, self._look, time.monotonic
        until = clock() + READ_TIME
        for number in range(most):
            now = clock()
            if now > until:
                return number
            try:
                data, address = read(_ANY_SIZE)
            except (BlockingIOError, InterruptedError):
                return number
            except OSError as error:  # an ICMP error, or closed by what came in
                self.error_received(error)
                return number
            look(data, address, now)
        return most

    def datagram_received(self, data: bytes, addr: tuple[Any, ...]) -> None:
        """The loop has read one by itself; others may wait."""
        self._look(data, addr, time.monotonic())
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
            self._sock.sendto(data, sockaddr(to))
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
