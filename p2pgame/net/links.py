"""Sockets under the links: listens, dials, shakes hands, and moves bytes between each connection and its `Link`.

Enforces all bounds on connections. Reports link events by callbacks; does not read messages.
"""

import asyncio
import contextlib
import logging
import socket
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Final

from p2pgame.core.errors import Param, RemoteProtocolError
from p2pgame.core.ids import PeerId
from p2pgame.discovery.failure import Failure, FailureCode
from p2pgame.discovery.limits import BucketMap
from p2pgame.net.dial import READ_LIMIT, DialError, Dialled, connect, dial
from p2pgame.net.punch import SHAREABLE, SourcePort, share_port
from p2pgame.net.ratelog import RateLimitedLog
from p2pgame.net.tls import accept_tls
from p2pgame.session.link import (
    Link,
    LinkClosed,
    LinkEvent,
    LinkHeard,
    LinkOpened,
    LinkQuiet,
    MessageReceived,
    RttMeasured,
)
from p2pgame.storage.identity import Identity
from p2pgame.wire import messages as m
from p2pgame.wire.bounds import (
    CONNECTIONS_MAX,
    CONNECTIONS_PER_ADDRESS,
    HANDSHAKE_BURST,
    HANDSHAKE_RATE,
)
from p2pgame.wire.framing import frame

__all__ = ["LinkHandler", "Links"]

_WRITE_LIMIT = 4 * 1024 * 1024  # a snapshot and a long log, and what else is on its way
GOODBYE_TIMEOUT: Final = 0.8
"""Seconds for the last messages to arrive: TCP may have to resend an end and its signature."""
_ADDRESSES_KEPT = 1024
_log = logging.getLogger(__name__)


class LinkHandler:
    """Callbacks for link events. All calls are made on the event loop's thread."""

    def admits(self, peer: PeerId) -> bool:
        """Whether `peer`, proven by TLS, may have a link to us at all."""
        del peer
        return True

    def opened(self, link: int, peer: PeerId, hello: m.Hello, address: str, ticket: int | None) -> None:
        raise NotImplementedError

    def message(self, link: int, message: m.Message, size: int) -> None:
        """`size`: bytes of it, as it travelled."""
        raise NotImplementedError

    def measured(self, link: int, rtt: float) -> None:
        """The smoothed round trip, in seconds."""
        raise NotImplementedError

    def closed(self, link: int, code: str, params: Mapping[str, Param], *, remote: bool) -> None:
        """`remote`: the other side closed it."""
        raise NotImplementedError

    def quiet(self, link: int) -> None:
        """No data arrived for a while; the link is still open."""
        raise NotImplementedError

    def heard(self, link: int) -> None:
        """Data arrived again."""
        raise NotImplementedError

    def dial_failed(self, peer: PeerId, failures: Sequence[Failure], ticket: int | None) -> None:
        """No link to `peer` opened; `failures`: how each address failed, none if there was none to dial."""
        raise NotImplementedError


class _Connection:
    """One TCP connection that has become a link."""

    def __init__(self, number: int, peer: PeerId, link: Link, writer: asyncio.StreamWriter) -> None:
        self.number = number
        self.peer = peer
        self.link = link
        self.writer = writer
        self.timer: asyncio.TimerHandle | None = None

    def flush(self) -> None:
        data = self.link.data_to_send()
        if data and not self.writer.is_closing():
            self.writer.write(data)


class Links:
    """All links of one node."""

    def __init__(
        self,
        identity: Identity,
        hello: Callable[[], m.Hello],
        handler: LinkHandler,
        trace: Callable[[int, PeerId, bool, m.Message], None] | None = None,
        ask_punch: Callable[[PeerId, int], bool] = lambda _peer, _port: False,
    ) -> None:
        """`hello()`: our first message on a new link. `trace(link, peer, sent, message)` sees every message.

        `ask_punch(peer, port)` asks `peer` to call `punch` for our `port`; false if it cannot be asked.
        """
        self._trace = trace
        self._ask_punch = ask_punch
        self._identity = identity
        self._hello = hello
        self._handler = handler
        self._connections: dict[int, _Connection] = {}
        self._accepted: dict[asyncio.Task[None], str] = {}
        """Accepted connections with their addresses, oldest first."""
        self._unproven: dict[asyncio.Task[None], str] = {}
        """Those of them that have not finished the handshake."""
        self._tasks: set[asyncio.Task[None]] = set()
        self._servers: list[asyncio.Server] = []
        self._port = 0
        self._next = 0
        self._handshakes: BucketMap[str] = BucketMap(HANDSHAKE_RATE, HANDSHAKE_BURST, _ADDRESSES_KEPT)
        self._refusals = RateLimitedLog(_log)

    async def listen(self, sockets: Sequence[socket.socket]) -> None:
        """Accept connections on bound sockets."""
        for sock in sockets:
            self._port = sock.getsockname()[1]
            share_port(sock)
            self._servers.append(await asyncio.start_server(self._accept, sock=sock, limit=READ_LIMIT))

    def dial(
        self,
        peer: PeerId,
        addresses: Sequence[str],
        port: int,
        ticket: int | None,
        rtt: float | None = None,
    ) -> None:
        """Open a link to `peer` at the first of `addresses` that leads to it. `rtt`: seconds, if it is known."""
        self._spawn(self._dial(peer, addresses, port, ticket, rtt))

    def punch(self, address: str, port: int, ticket: int) -> None:
        """Let a dial from `port` of `address` through our firewall. Its link gets `ticket`; failure is not reported."""
        self._spawn(self._punch(address, port, ticket))

    def send(self, number: int, message: m.Message, payload: bytes) -> None:
        """Send `message`, encoded as `payload`, on a link; nothing happens if it is gone."""
        connection = self._connections.get(number)
        if connection is None or connection.link.closed or connection.link.peer_hello is None:
            return
        connection.link.send_payload(message, payload)
        self._flush(connection)

    def close_link(self, number: int, code: str, params: Mapping[str, Param] | None = None) -> None:
        """Close a link from our side; it is not reported back."""
        connection = self._connections.pop(number, None)
        if connection is not None:
            connection.link.close(code, params)
            self._finish(connection)

    def rtt(self, number: int) -> float | None:
        """Smoothed round trip of a link in seconds."""
        connection = self._connections.get(number)
        return connection.link.rtt if connection else None

    async def close(self) -> None:
        """Say goodbye on every link and stop listening."""
        for server in self._servers:
            server.close()
        for number in list(self._connections):
            self.close_link(number, "bye")
        if self._tasks:
            _, pending = await asyncio.wait(self._tasks, timeout=GOODBYE_TIMEOUT)
            for task in pending:
                task.cancel()
            await asyncio.gather(*pending, return_exceptions=True)

    # --- inside

    def _spawn(self, coroutine: "asyncio._CoroutineLike[None]") -> None:
        task = asyncio.get_running_loop().create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _punch(self, address: str, port: int, ticket: int) -> None:
        """Connect from the port that they dial, and serve: they lead the handshake, as with any dial of theirs."""
        served = partial(self._accept, ticket=ticket)
        if not SHAREABLE:
            return
        try:
            sock = await connect(address, port, source=SourcePort(self._port))
            await asyncio.get_running_loop().connect_accepted_socket(
                lambda: asyncio.StreamReaderProtocol(asyncio.StreamReader(READ_LIMIT), served), sock
            )
        except (
            DialError
        ) as error:  # also if their dial came through before: the two ends are connected already
            _log.info("no way to %s port %s: %s", address, port, error)

    async def _accept(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, ticket: int | None = None
    ) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        address = str(writer.get_extra_info("peername", ("?",))[0])
        if task is None or not self._make_room(address):
            self._refusals.info("too many connections, the newest from %s", address)
            writer.transport.abort()
            return
        self._accepted[task] = self._unproven[task] = address
        try:
            peer = await accept_tls(
                reader, writer, self._identity, admit=lambda: self._handshakes.take(address, _now())
            )
            del self._unproven[task]
            if not self._handler.admits(peer):
                writer.write(frame(m.encode_message(m.Close(code="blocked"))))
                raise RemoteProtocolError("blocked")
            await self._run_link(peer, reader, writer, address, ticket)
        except RemoteProtocolError as error:
            self._refusals.info("refused a connection from %s: %s", address, error)
        finally:
            self._unproven.pop(task, None)
            self._accepted.pop(task, None)
            await _close_writer(writer)

    def _make_room(self, address: str) -> bool:
        """Whether a new connection from `address` may stay.

        Where it is crowded, the oldest connection that has not proven who it is gives way: an honest handshake is
        over long before that, so idle connections keep nobody out.
        """
        crowds = Counter(self._accepted.values())
        if crowds[address] >= CONNECTIONS_PER_ADDRESS:
            crowded = address
        elif len(self._accepted) >= CONNECTIONS_MAX:
            crowded = crowds.most_common(1)[0][0]
        else:
            return True
        for task, where in self._unproven.items():
            if where == crowded:
                del self._unproven[task], self._accepted[task]
                task.cancel()
                return True
        return False

    async def _dial(
        self, peer: PeerId, addresses: Sequence[str], port: int, ticket: int | None, rtt: float | None
    ) -> None:
        dialled = await dial(self._identity, peer, addresses, port, rtt, partial(self._ask_punch, peer))
        if not isinstance(dialled, Dialled):
            failures = dialled
        else:
            try:
                opened = await self._run_link(peer, *dialled, ticket)
            finally:
                await _close_writer(dialled.writer)
            if opened:
                return
            failures = (Failure(FailureCode.HUNG_UP, dialled.address, port),)
        _log.info(
            "could not reach %s: %s",
            peer,
            ", ".join(f"{f.address} {f.code}" for f in failures) or "no address",
        )
        self._handler.dial_failed(peer, failures, ticket)

    async def _run_link(
        self,
        peer: PeerId,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        address: str,
        ticket: int | None,
    ) -> bool:
        """Run a link until it ends. Returns False if it never opened."""
        loop = asyncio.get_running_loop()
        sock = writer.get_extra_info("socket")
        if sock is not None:  # else the other side has hung up already
            with contextlib.suppress(OSError):
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._next += 1
        trace = partial(self._trace, self._next, peer) if self._trace is not None else None
        connection = _Connection(self._next, peer, Link(self._hello(), loop.time(), trace), writer)
        self._connections[connection.number] = connection
        opened = False
        try:
            while not connection.link.closed:
                self._flush(connection)
                self._arm(connection)
                try:
                    data = await reader.read(READ_LIMIT)
                except (OSError, ValueError):  # reset, unreachable, or a TLS record that is none
                    data = b""
                for event in connection.link.receive_data(data, loop.time()):
                    if isinstance(event, LinkOpened):
                        opened = True
                        self._handler.opened(connection.number, peer, event.hello, address, ticket)
                    else:
                        self._report(connection, event)
        finally:
            if self._connections.pop(connection.number, None) is not None:
                self._finish(connection)
        return opened

    def _report(self, connection: _Connection, event: LinkEvent) -> None:
        """Pass an event on; `LinkOpened` is the business of `_run_link`."""
        match event:
            case MessageReceived(message=message, size=size):
                self._handler.message(connection.number, message, size)
            case RttMeasured(rtt=rtt):
                self._handler.measured(connection.number, rtt)
            case LinkQuiet():
                self._handler.quiet(connection.number)
            case LinkHeard():
                self._handler.heard(connection.number)
            case LinkClosed(code=code, params=params, remote=remote):
                if not (was_open := connection.link.peer_hello is not None):
                    self._refusals.info("link to %s ended before hello: %s %s", connection.peer, code, params)
                if self._connections.pop(connection.number, None) is not None:
                    self._finish(connection)
                    if was_open:
                        self._handler.closed(connection.number, code, params, remote=remote)

    def _arm(self, connection: _Connection) -> None:
        """Keep one timer for the link's next deadline."""
        if connection.timer is not None:
            connection.timer.cancel()
            connection.timer = None
        deadline = connection.link.next_deadline()
        if deadline is not None:
            loop = asyncio.get_running_loop()
            connection.timer = loop.call_at(deadline, self._on_timer, connection)

    def _on_timer(self, connection: _Connection) -> None:
        for event in connection.link.handle_timeout(asyncio.get_running_loop().time()):
            self._report(connection, event)
        if not connection.link.closed:
            self._flush(connection)
            self._arm(connection)

    def _flush(self, connection: _Connection) -> None:
        """Send queued data; close the link of a peer that does not read."""
        connection.flush()
        if connection.writer.transport.get_write_buffer_size() > _WRITE_LIMIT:
            self._report(connection, connection.link.close("too_slow"))

    def _finish(self, connection: _Connection) -> None:
        """Send what is left, then end the connection; `_run_link` wakes up and returns."""
        if connection.timer is not None:
            connection.timer.cancel()
        connection.flush()
        connection.writer.close()


def _now() -> float:
    return asyncio.get_running_loop().time()


async def _close_writer(writer: asyncio.StreamWriter) -> None:
    """Close, and abort after a second: TLS would wait half a minute for the other side's close_notify."""
    writer.close()
    try:
        async with asyncio.timeout(1.0):
            await writer.wait_closed()
    except (OSError, ValueError, TimeoutError):
        writer.transport.abort()
