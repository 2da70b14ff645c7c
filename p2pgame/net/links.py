"""Sockets under the links: listens, dials, shakes hands, and moves bytes between each connection and its `Link`.

Enforces all bounds on connections. Reports link events by callbacks; does not read messages.
"""

import asyncio
import errno
import logging
import socket
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Final

import msgspec

from p2pgame.core.errors import Param, RemoteProtocolError
from p2pgame.core.ids import PeerId
from p2pgame.discovery.failure import Failure, FailureCode
from p2pgame.discovery.limits import TokenBucket
from p2pgame.net.admission import Handshakes, ReadBudget, ReadBudgets
from p2pgame.net.dial import DialError, Dialled, connect, dial
from p2pgame.net.punch import SHAREABLE, SourcePort, share_port
from p2pgame.net.ratelog import RateLimitedLog
from p2pgame.net.tls import STREAM_LIMIT, Credentials, TlsStream, accept_tls, close_writer
from p2pgame.net.udp import normalise
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
from p2pgame.wire.addresses import network_of
from p2pgame.wire.bounds import (
    ACCEPT_BURST,
    ACCEPT_RATE,
    CONNECTIONS_MAX,
    CONNECTIONS_PER_ADDRESS,
)
from p2pgame.wire.framing import frame

__all__ = ["LinkHandler", "Links"]

_RECEIVE_BUFFER = 64 * 1024  # of a connection in the system: what a flood fills before TCP pushes back
_WRITE_LIMIT = 4 * 1024 * 1024  # a snapshot and a long log, and what else is on its way
_STRANGERS_WRITE_LIMIT = 64 * 1024
GOODBYE_TIMEOUT: Final = 0.8
"""Seconds for the last messages to arrive: TCP may have to resend an end and its signature."""
_LEAVING_MAX = 16
"""Connections that are being closed while new ones take their places."""
_EXHAUSTED = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}
_REST = 1.0
"""Seconds without accepting when the system has no descriptor left."""
_log = logging.getLogger(__name__)


class LinkHandler:
    """Callbacks for link events. All calls are made on the event loop's thread."""

    def admits(self, peer: PeerId) -> bool:
        """Whether `peer`, proven by TLS, may have a link to us at all."""
        del peer
        return True

    def knows(self, peer: PeerId, address: str | None = None) -> bool:
        """Whether `peer` is no stranger. With an `address`: and that is one of its own, as far as we heard."""
        del peer, address
        return False

    def expects(self, address: str) -> bool:
        """Whether `address` is one of somebody who is no stranger. Asked for each connection: must be cheap."""
        del address
        return False

    def needs(self, link: int) -> bool:
        """Whether an open link has a use; of those without one, strangers may lose theirs."""
        del link
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

    def __init__(self, number: int, peer: PeerId, link: Link, stream: TlsStream) -> None:
        self.number = number
        self.peer = peer
        self.link = link
        self.stream = stream
        self.timer: asyncio.TimerHandle | None = None

    def flush(self) -> None:
        data = self.link.data_to_send()
        if data:
            self.stream.write(data)


class _Guest(msgspec.Struct, eq=False):
    """A connection that another opened to us, until its socket is closed."""

    network: str
    """See `network_of`."""
    task: "asyncio.Task[None] | None" = None
    peer: PeerId | None = None
    """None until it has proven who it is."""
    stranger: bool = False
    """It has proven so, and was a stranger then."""
    link: int | None = None
    leaving: bool = False
    """Its place was given to another."""


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
        self.handshakes = Handshakes()
        self._trace = trace
        self._ask_punch = ask_punch
        self._credentials = Credentials(identity)
        self._hello = hello
        self._handler = handler
        self._connections: dict[int, _Connection] = {}
        self._guests: dict[_Guest, None] = {}
        """Oldest first."""
        self._tasks: set[asyncio.Task[None]] = set()
        self._listening: list[asyncio.Task[None]] = []
        self._port = 0
        self._next = 0
        self._accepts = TokenBucket(ACCEPT_RATE, ACCEPT_BURST)
        self._budgets = ReadBudgets()
        self._strangers_turn = asyncio.Lock()
        """Strangers whose messages wait are served in the order in which they came."""
        self._refusals = RateLimitedLog(_log)

    async def listen(self, sockets: Sequence[socket.socket]) -> None:
        """Accept connections on bound sockets."""
        loop = asyncio.get_running_loop()
        for sock in sockets:
            self._port = sock.getsockname()[1]
            share_port(sock)
            self._listening.append(loop.create_task(self._listen(sock)))

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
        for task in self._listening:
            task.cancel()
        await asyncio.gather(*self._listening, return_exceptions=True)
        for number in list(self._connections):
            self.close_link(number, "bye")
        if self._tasks:
            _, pending = await asyncio.wait(self._tasks, timeout=GOODBYE_TIMEOUT)
            for task in pending:
                task.cancel()
            await asyncio.gather(*pending, return_exceptions=True)

    # --- inside

    def _spawn(self, coroutine: "asyncio._CoroutineLike[None]") -> "asyncio.Task[None]":
        task = asyncio.get_running_loop().create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _punch(self, address: str, port: int, ticket: int) -> None:
        """Connect from the port that they dial, and serve: they lead the handshake, as with any dial of theirs."""
        if not SHAREABLE:
            return
        try:
            self._receive(await connect(address, port, source=SourcePort(self._port)), address, ticket)
        except DialError as error:  # also if their dial came first: then the two ends are connected
            _log.info("no way to %s port %s: %s", address, port, error)

    async def _listen(self, listener: socket.socket) -> None:
        """Accept connections as fast as may be; the others wait in the queue of the system, or are lost there."""
        with listener:
            while True:
                await _until(self._accepts.ready_at(_now()))
                try:
                    sock, source = await asyncio.get_running_loop().sock_accept(listener)
                except OSError as error:
                    await asyncio.sleep(_REST if error.errno in _EXHAUSTED else 0)
                    continue
                self._accepts.take(_now())
                sock.setblocking(False)
                self._receive(sock, normalise(source)[0])
                await asyncio.sleep(0)  # who was turned out leaves before the next one comes

    def _receive(self, sock: socket.socket, address: str, ticket: int | None = None) -> None:
        """Serve a connection that another opened to us, or that we opened for it with `ticket`, if there is room."""
        guest = _Guest(network_of(address))
        served = ticket is not None or self._handler.expects(address)
        if (served or self.handshakes.strangers_ready(_now())) and self._make_room(guest.network):
            self._guests[guest] = None
            guest.task = self._spawn(self._serve(guest, sock, address, ticket))
        else:
            self._refusals.info("too many connections, the newest from %s", address)
            sock.close()

    async def _serve(self, guest: _Guest, sock: socket.socket, address: str, ticket: int | None) -> None:
        writer: asyncio.StreamWriter | None = None
        try:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER)
            # asyncio does so for sockets that it made itself.
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            reader, writer = await asyncio.open_connection(sock=sock, limit=STREAM_LIMIT)
            peer, stream = await accept_tls(
                reader, writer, self._credentials, admit=partial(self._admit, address, ticket)
            )
            if not self._handler.admits(peer):
                stream.write(frame(m.encode_message(m.Close(code="blocked"))))
                stream.close()
                await stream.drop()
                raise RemoteProtocolError("blocked")
            stranger = not self._handler.knows(peer)
            if stranger and not self._make_room_for_stranger():
                raise RemoteProtocolError("too_many")
            guest.peer, guest.stranger = peer, stranger
            await self._run_link(peer, stream, address, ticket, guest)
        except RemoteProtocolError as error:
            self._refusals.info("refused a connection from %s: %s", address, error)
        except OSError as error:
            self._refusals.info("lost a connection from %s: %s", address, error)
        finally:
            try:
                if writer is None:
                    sock.close()
                elif guest.leaving:
                    writer.transport.abort()
                else:
                    await close_writer(writer)
            finally:
                del self._guests[guest]

    def _admit(self, address: str, ticket: int | None, claimed: PeerId) -> bool:
        """Whether who claims to be `claimed` gets a TLS handshake.

        Anybody can claim to be somebody whom we know, but not from that one's address. What we opened ourselves, with
        a `ticket`, discovery has allowed already, and it allows few.
        """
        if ticket is not None:
            return True
        if self._handler.knows(claimed, address):
            return self.handshakes.admit_known(claimed, _now())
        return self.handshakes.admit_stranger(address, _now())

    def _make_room(self, network: str) -> bool:
        """Whether a new connection from `network` may stay.

        Where it is crowded, the oldest connection that has not proven who it is gives way: an honest handshake is
        over long before that, so idle connections keep nobody out. After those, links of strangers without a use.
        """
        if len(self._guests) < CONNECTIONS_PER_ADDRESS:
            return True
        if len(self._guests) >= CONNECTIONS_MAX:
            return False  # a few are being closed
        present = [guest for guest in self._guests if not guest.leaving]
        crowd = [guest for guest in present if guest.network == network]
        if len(crowd) < CONNECTIONS_PER_ADDRESS:
            if len(present) < CONNECTIONS_MAX - _LEAVING_MAX:
                return True
            crowd = _most_crowded(present)
        unproven = next((guest for guest in crowd if guest.peer is None), None)
        return self._turn_out(unproven or self._unneeded(crowd))

    def _make_room_for_stranger(self) -> bool:
        """Whether a stranger may have a link: the oldest link of a stranger that has no use gives way."""
        if len(self._guests) <= self.handshakes.strangers_links:  # the newest has no link yet
            return True
        links = [guest for guest in self._guests if guest.stranger and not guest.leaving]
        if len(links) < self.handshakes.strangers_links:
            return True
        return self._turn_out(self._unneeded(_most_crowded(links)) or self._unneeded(links))

    def _is_stranger(self, guest: _Guest) -> bool:
        return guest.peer is not None and not self._handler.knows(guest.peer)

    def _unneeded(self, guests: Iterable[_Guest]) -> _Guest | None:
        """The oldest of `guests` that is a stranger's link without a use."""
        for guest in guests:
            if guest.link is not None and self._is_stranger(guest) and not self._handler.needs(guest.link):
                return guest
        return None

    def _turn_out(self, guest: _Guest | None) -> bool:
        if guest is None:
            return False
        guest.leaving = True
        connection = self._connections.get(guest.link) if guest.link is not None else None
        if connection is not None:
            self._report(connection, connection.link.close("idle"))
        if guest.task is not None:
            guest.task.cancel()
        return True

    async def _dial(
        self, peer: PeerId, addresses: Sequence[str], port: int, ticket: int | None, rtt: float | None
    ) -> None:
        dialled = await dial(self._credentials, peer, addresses, port, rtt, partial(self._ask_punch, peer))
        if not isinstance(dialled, Dialled):
            failures = dialled
        else:
            try:
                opened = await self._run_link(peer, dialled.stream, dialled.address, ticket)
            finally:
                await close_writer(dialled.writer)
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
        stream: TlsStream,
        address: str,
        ticket: int | None,
        guest: _Guest | None = None,
    ) -> bool:
        """Run a link until it ends. Returns False if it never opened."""
        loop = asyncio.get_running_loop()
        self._next += 1
        trace = partial(self._trace, self._next, peer) if self._trace is not None else None
        connection = _Connection(self._next, peer, Link(self._hello(), loop.time(), trace), stream)
        link = connection.link
        self._connections[connection.number] = connection
        if guest is not None:
            guest.link = connection.number
        opened = False
        try:
            while not link.closed:
                self._flush(connection)
                self._arm(connection)
                events: list[LinkEvent] = []
                if link.waiting:
                    await self._turn(peer, 0)
                elif (data := await self._read(connection)) is not None:
                    events += link.feed(data, loop.time())
                if link.waiting:
                    events += link.next_message(loop.time())
                for event in events:
                    if isinstance(event, LinkOpened):
                        opened = True
                        self._handler.opened(connection.number, peer, event.hello, address, ticket)
                    else:
                        self._report(connection, event)
        finally:
            if self._connections.pop(connection.number, None) is not None:
                self._finish(connection)
        await stream.drop()
        return opened

    async def _read(self, connection: _Connection) -> bytes | None:
        """What comes next, once it is its turn; empty at the end, None if nothing of it is data."""
        stream = connection.stream
        try:
            await self._turn(connection.peer, await stream.receive())
            data = stream.decrypt()
        except OSError:  # reset, unreachable, or a TLS record that is none
            return b""
        return data if data or stream.ended else None

    async def _turn(self, peer: PeerId, size: int) -> None:
        """Wait until one message of `peer`, and `size` bytes that came, may be looked at.

        Meanwhile nothing more is read of that connection, so TCP has its sender wait.
        """
        known = self._handler.knows(peer)
        await _spend(self._budgets.own(peer, known=known), size)
        if not known:
            async with self._strangers_turn:
                await _spend(self._budgets.strangers, size)

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
        unsent = connection.stream.unsent
        if unsent > _WRITE_LIMIT or (
            unsent > _STRANGERS_WRITE_LIMIT and not self._handler.knows(connection.peer)
        ):
            self._report(connection, connection.link.close("too_slow"))

    def _finish(self, connection: _Connection) -> None:
        """Send what is left, then end the connection; `_run_link` wakes up and returns."""
        if connection.timer is not None:
            connection.timer.cancel()
        connection.stream.close(connection.link.data_to_send())


def _most_crowded(guests: Sequence[_Guest]) -> list[_Guest]:
    """Those of `guests`, which are not none, in the network that most of them are in."""
    crowded, _ = Counter([guest.network for guest in guests]).most_common(1)[0]
    return [guest for guest in guests if guest.network == crowded]


def _now() -> float:
    return asyncio.get_running_loop().time()


async def _until(at: float) -> None:
    """Wait; without a pause if the time has come."""
    if (seconds := at - _now()) > 0:
        await asyncio.sleep(seconds)


async def _spend(budget: ReadBudget, size: int) -> None:
    while (at := budget.ready_at(_now())) > _now():
        await _until(at)
    budget.spend(size, _now())
