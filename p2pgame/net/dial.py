"""Dials a peer: its addresses one after another, each with its whole handshake, until one proves to be the peer.

Says of each address how it failed, as far as this side can see. Sends nothing inside of a connection but the handshake.
"""

import asyncio
import contextlib
import errno
import socket
import ssl
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar

from p2pgame.core.errors import RemoteProtocolError
from p2pgame.core.ids import PeerId
from p2pgame.discovery.failure import Failure, FailureCode
from p2pgame.net.punch import ASK_AFTER, ASKED_WAIT, SHAREABLE, SourcePort, accept_from
from p2pgame.net.tls import STREAM_LIMIT, Credentials, TlsStream, connect_tls
from p2pgame.wire.bounds import DIAL_LIMIT, DIAL_TIMEOUT

__all__ = ["CONNECT_STAGGER", "DialError", "Dialled", "connect", "dial", "silence_code"]

CONNECT_STAGGER: Final = 0.2
"""Seconds, or the round trip if that is longer, until the next address of a peer is tried beside those before."""
_ASK_AGAIN = 0.3
"""Seconds, or twice the round trip if that is longer, after which another connection is asked for beside one that is
not answered. TCP itself asks again after a second, and then takes that second for the round trip: what is lost later it
sends again after several (RFC 6298 §2)."""
_ROUND_TRIP_MAX = 1.0
"""Seconds of a round trip that timeouts allow for."""
_UNREACHABLE = {errno.EHOSTUNREACH, errno.ENETUNREACH, getattr(errno, "EHOSTDOWN", errno.EHOSTUNREACH)}
_FORBIDDEN = {errno.EPERM, errno.EACCES}
_NOT_VALID_NOW = {9, 10}
"""X509_V_ERR_CERT_NOT_YET_VALID and X509_V_ERR_CERT_HAS_EXPIRED of OpenSSL."""


Way = TypeVar("Way")
Made = TypeVar("Made")


class DialError(Exception):
    """An attempt at one address failed."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.code)
        self.failure = failure


class Dialled(NamedTuple):
    """A connection whose other side is proven."""

    stream: TlsStream
    writer: asyncio.StreamWriter
    address: str


async def connect(
    address: str, port: int, rtt: float = 0.0, source: SourcePort | None = None
) -> socket.socket:
    """A TCP connection to a numeric address. `rtt`: the round trip to it in seconds, as far as known.

    Raises `DialError`.
    """
    loop = asyncio.get_running_loop()
    try:
        info, *_ = await loop.getaddrinfo(
            address, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV
        )
        sock = socket.socket(*info[:3]) if source is None else source.open(info[0])
    except OSError as error:
        raise DialError(Failure(FailureCode.NO_ROUTE, address, port)) from error
    try:
        sock.setblocking(False)
        async with asyncio.timeout(_patience(rtt, round_trips=2)):
            await loop.sock_connect(sock, info[4])
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except OSError as error:  # TimeoutError is one
        sock.close()
        raise DialError(Failure(_code_of(error, address, port), address, port)) from error
    except BaseException:
        sock.close()
        raise
    return sock


async def dial(
    credentials: Credentials,
    peer: PeerId,
    addresses: Sequence[str],
    port: int,
    rtt: float | None = None,
    ask: Callable[[int], bool] | None = None,
) -> Dialled | tuple[Failure, ...]:
    """A proven connection to `peer` at the first of `addresses` that leads to it, else how each of them failed.

    `rtt`: the round trip in seconds if it is known. `ask(port)` asks the peer to dial our `port` from the port that
    we dial, and says whether it could be asked. Takes at most `DIAL_LIMIT` seconds.
    """
    known = rtt or 0.0
    failures = {address: Failure(FailureCode.NO_ANSWER, address, port) for address in addresses}
    """Whoever has not failed when time is up has not answered."""
    source = SourcePort()
    hopes = set(failures)
    hopeless = asyncio.Event()

    async def attempt(address: str) -> Dialled | None:
        try:
            return await _shake_hands(credentials, peer, address, port, known, source)
        except DialError as error:
            failures[address] = error.failure
            hopes.discard(address)
            if not hopes:
                hopeless.set()
            return None

    async def called_back(ask: Callable[[int], bool]) -> Dialled | None:
        """A firewall that rejects ends our dials, and what they opened in our own still lets the peer's in."""
        round_trip = min(known, _ROUND_TRIP_MAX)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(ASK_AFTER + round_trip):
                await hopeless.wait()
        family = socket.AF_INET6 if any(":" in address for address in failures) else socket.AF_INET
        with contextlib.suppress(OSError, DialError), contextlib.closing(source.listen(family)) as listener:
            if ask(source.number):
                async with asyncio.timeout(ASKED_WAIT + 4 * round_trip):
                    sock, address = await accept_from(listener, failures, port)
                return await _prove(credentials, peer, sock, address, port, known)
        return None

    found: Dialled | None = None
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(DIAL_LIMIT):
            found = await _first(
                attempt,
                tuple(failures),
                max(CONNECT_STAGGER, min(known, _ROUND_TRIP_MAX)),
                _abort,
                beside=called_back(ask) if ask is not None and failures and SHAREABLE else None,
            )
    return found or tuple(failures.values())


async def _shake_hands(
    credentials: Credentials, peer: PeerId, address: str, port: int, rtt: float, source: SourcePort
) -> Dialled:
    """Connect to one address and prove who is there. Raises `DialError`."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    sock = await _first(
        lambda source: connect(address, port, rtt, source),
        (source, None, None),
        max(_ASK_AGAIN, 2 * min(rtt, _ROUND_TRIP_MAX)),
        socket.socket.close,
    )
    if sock is None:
        raise DialError(Failure(FailureCode.NO_ANSWER, address, port))
    return await _prove(credentials, peer, sock, address, port, loop.time() - began)


async def _prove(
    credentials: Credentials, peer: PeerId, sock: socket.socket, address: str, port: int, rtt: float
) -> Dialled:
    """Prove who is at the other end of a connection. Raises `DialError`."""
    timeout = _patience(rtt, round_trips=4)  # it takes two, and TCP may have to send again
    reader, writer = await asyncio.open_connection(sock=sock, limit=STREAM_LIMIT)
    try:
        async with asyncio.timeout(timeout):
            stream = await connect_tls(reader, writer, credentials, peer, timeout)
    except BaseException as error:
        writer.transport.abort()
        if isinstance(error, TimeoutError | RemoteProtocolError):
            raise DialError(Failure(_code_of_handshake(error), address, port)) from error
        raise
    return Dialled(stream, writer, address)


async def _first(
    attempt: Callable[[Way], Coroutine[Any, Any, Made | None]],
    ways: Sequence[Way],
    stagger: float,
    discard: Callable[[Made], object],
    *,
    beside: Coroutine[Any, Any, Made | None] | None = None,
) -> Made | None:
    """The first success (RFC 8305, of connections or of whole handshakes). The next one starts `stagger` s after the
    one before, or when all before have failed; `beside` runs from the beginning. Raises what an attempt raises."""
    waiting = list(ways)
    running = set() if beside is None else {asyncio.create_task(beside)}
    done: set[asyncio.Task[Made | None]] = set()
    found: Made | None = None
    try:
        while found is None and (waiting or running):
            if waiting:
                running.add(asyncio.create_task(attempt(waiting.pop(0))))
            done, running = await asyncio.wait(
                running, timeout=stagger if waiting else None, return_when=asyncio.FIRST_COMPLETED
            )
            found = next((result for task in done if (result := task.result()) is not None), None)
    finally:
        for task in running:
            task.cancel()
        for late in await asyncio.gather(*running, *done, return_exceptions=True):
            if late is not None and not isinstance(late, BaseException) and late is not found:
                discard(late)
    return found


def _abort(dialled: Dialled) -> None:
    dialled.writer.transport.abort()


def _patience(rtt: float, *, round_trips: int) -> float:
    return DIAL_TIMEOUT + round_trips * min(rtt, _ROUND_TRIP_MAX)


def silence_code(address: str, port: int) -> FailureCode:
    """Why nothing comes back from an address, as far as this machine can tell."""
    refusal = _refusal_of(address, port)
    if refusal is not None:
        return FailureCode.FORBIDDEN if refusal.errno in _FORBIDDEN else FailureCode.NO_ROUTE
    return FailureCode.NOBODY if _without_neighbour(address) else FailureCode.NO_ANSWER


def _code_of(error: OSError, address: str, port: int) -> FailureCode:
    """What a failure to connect says."""
    if isinstance(error, ConnectionError):
        return FailureCode.REFUSED
    code = silence_code(address, port)
    if isinstance(error, TimeoutError) or code in (FailureCode.FORBIDDEN, FailureCode.NO_ROUTE):
        return code
    if error.errno in _FORBIDDEN:  # how Linux reports the ICMPv6 answer of a firewall that prohibits
        return FailureCode.REJECTED
    return FailureCode.NOBODY if error.errno in _UNREACHABLE else FailureCode.NO_ROUTE


def _refusal_of(address: str, port: int) -> OSError | None:
    """Why this machine itself sends nothing to an address: no route, or a firewall or VPN that forbids it.

    TCP does not tell: what is dropped on the way out looks like silence. An empty datagram is refused at once.
    """
    bare, _, _ = address.partition("%")
    try:
        with socket.socket(socket.AF_INET6 if ":" in bare else socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.setblocking(False)
            info = socket.getaddrinfo(address, port, type=socket.SOCK_DGRAM, flags=socket.AI_NUMERICHOST)
            sock.connect(info[0][4])
            sock.send(b"")
    except BlockingIOError:
        return None
    except OSError as error:
        return error
    return None


def _without_neighbour(address: str, table: Path = Path("/proc/net/arp")) -> bool:
    """Whether the system asked the link who has this IPv4 address, and nobody said so; only Linux tells (proc(5))."""
    with contextlib.suppress(OSError):
        rows = [line.split() for line in table.read_text().splitlines()[1:]]
        return any(row[0] == address and int(row[2], 16) == 0 for row in rows)
    return False


def _code_of_handshake(error: TimeoutError | RemoteProtocolError) -> FailureCode:
    """What a failed handshake says of who is at the other end."""
    cause = error.__cause__
    match cause if cause is not None else error:
        case ssl.SSLCertVerificationError(verify_code=code) if code in _NOT_VALID_NOW:
            return FailureCode.CLOCK
        case TimeoutError():
            return FailureCode.STALLED
        case ConnectionError() | asyncio.IncompleteReadError(partial=b""):
            return FailureCode.HUNG_UP
    return FailureCode.ANOTHER_PROGRAM
