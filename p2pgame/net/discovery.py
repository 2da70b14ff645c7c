"""Discovery on real sockets: `discovery.protocol` with a clock, UDP, mDNS and the interfaces of the system.

Belongs to one asyncio loop. Moves datagrams, keeps the timers and watches the interfaces; does not read what it moves.
"""

import asyncio
import contextlib
import logging
import secrets
import socket
import time
from collections.abc import Callable, Collection, Coroutine, Mapping, Sequence
from typing import Final

import msgspec

from p2pgame.chat.author import Author
from p2pgame.chat.lobby import LobbyChat, Peers
from p2pgame.chat.log import Said
from p2pgame.core.errors import DiscoveryError, LocalProtocolError
from p2pgame.core.ids import PeerId
from p2pgame.discovery.announcer import GOODBYES
from p2pgame.discovery.events import DiscoveryEvent, HeardMarks
from p2pgame.discovery.failure import Failure
from p2pgame.discovery.peer import Peer
from p2pgame.discovery.profile import Profile
from p2pgame.discovery.protocol import DiscoveryProtocol
from p2pgame.discovery.seeds import SocketAddress
from p2pgame.net.broadcast import BroadcastPort
from p2pgame.net.interface_changes import InterfaceChanges
from p2pgame.net.interfaces import Interface, InterfaceLookup, Selection
from p2pgame.net.mdns import MdnsService
from p2pgame.net.udp import Receive, forget_scopes, normalise
from p2pgame.net.unicast import UnicastPort
from p2pgame.wire.beacon import LENGTHS, Signer
from p2pgame.wire.chat import CHAT_LENGTHS, Kind
from p2pgame.wire.names import is_called

__all__ = ["DISCOVERY_PORT", "DiscoveryConfig", "DiscoveryService", "parse_seed"]

_log = logging.getLogger(__name__)

DISCOVERY_PORT: Final = 41420
POLL_INTERVAL: Final = 2.0
"""Seconds between two looks at the interfaces ..."""
TOLD_INTERVAL: Final = 20.0
"""... and where the system tells of changes: a look costs as much as three beacons ..."""
SETTLING: Final = 0.25
"""... so many seconds later, for an interface gets its addresses one by one."""
TIMER_DELAY: Final = 0.002
"""Seconds after a datagram until the timer is set: in a flood, the deadline costs more than the datagrams."""
CLOCK_JUMP: Final = 5.0
"""Seconds by which the clocks may part before it counts as sleep."""
CHAT_BEACON: Final = 1.0
"""Seconds after a line of ours until a beacon tells of it, where few others do."""
SEED_RETRY: Final = 5.0
"""Seconds between two tries to resolve a seed's host name."""


class DiscoveryConfig(msgspec.Struct, frozen=True, kw_only=True):
    """How to look for peers."""

    interfaces: tuple[str, ...] = ()
    """Names or addresses; empty: all that are up, loopback only if there is no other."""
    may_be_gone: bool = False
    """Interfaces that are not there are waited for."""
    discovery_port: int = DISCOVERY_PORT
    seeds: tuple[str, ...] = ()
    """``HOST[:PORT]``"""
    mdns: bool = True
    broadcast: bool = True


def parse_seed(text: str, default_port: int) -> tuple[str, int]:
    """Host and port of ``HOST``, ``HOST:PORT`` or ``[IPV6]:PORT``. Raises `DiscoveryError`."""
    text = text.strip()
    host, port = text, ""
    if text.startswith("["):
        host, closing, rest = text[1:].partition("]")
        if not closing or (rest and not rest.startswith(":")):
            raise DiscoveryError("bad_address", text=text)
        port = rest[1:]
    elif text.count(":") == 1:
        host, _, port = text.partition(":")
    number = default_port if not port and not text.endswith(":") else int(port) if port.isdecimal() else 0
    if not host or len(host) > 253 or any(c.isspace() for c in host) or not 0 < number < 65536:
        raise DiscoveryError("bad_address", text=text)
    return host, number


class DiscoveryService:
    """Announces this program on the LAN and keeps the list of peers.

    All methods belong to one event loop; `peers` and `interfaces` may be read on any thread.
    """

    def __init__(
        self,
        config: DiscoveryConfig,
        unicast: UnicastPort,
        signer: Signer,
        profile: Profile,
        listener: Callable[[DiscoveryEvent], None],
        on_said: Callable[[Said], None] = lambda _: None,
    ) -> None:
        """`unicast` stays its owner's: it is opened before `start` and closed after `stop`.

        `on_said(line)` for each line of the lobby's chat, our own among them.
        """
        self.config = config
        self.instance = secrets.token_bytes(8)
        self.author = Author(signer, self.instance)
        """Us, wherever we say something."""
        self._on_said = on_said
        self._chat: LobbyChat | None = None
        self.interfaces: tuple[Interface, ...] = ()
        self.peers: tuple[Peer, ...] = ()
        """In order of first hearing. Replaced whole when something of it changes, so any thread may read it."""
        self._selection = Selection(config.interfaces)
        self._signer = signer
        self._profile = profile
        self._listener = listener
        self._protocol: DiscoveryProtocol | None = None
        self._broadcast: BroadcastPort | None = None
        self._unicast = unicast
        self._mdns: MdnsService | None = None
        self._look = asyncio.Event()
        """The interfaces may have changed, or the machine slept."""
        self._clock_gap = 0.0
        """Between the time of day and the loop's clock."""
        self._timer: asyncio.TimerHandle | None = None
        self._delayed_timer: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._pumping = False
        self._listening = False
        self._stopping = False
        self._friends: Collection[str] = frozenset()

    # Life

    async def start(self) -> None:
        """Open the discovery port and announce ourselves: on return the first beacons are out.

        Raises `DiscoveryError`.
        """
        loop = asyncio.get_running_loop()
        try:
            self.interfaces = self._selection.interfaces()
        except DiscoveryError as error:
            if not self.config.may_be_gone or error.code != "no_such_interface":
                raise
            _log.warning("the interface %s is not here; waiting for it", error.params.get("name", ""))
            self.interfaces = self._selection.present()
        protocol = DiscoveryProtocol(
            signer=self._signer,
            instance=self.instance,
            profile=self._profile,
            tcp_port=self._unicast.number,
            udp_port=self._unicast.number,
            first_seq=max(0, int(time.time() * 1000)),  # a clock may stand before 1970
            random_source=secrets.SystemRandom(),
        )
        if self.config.broadcast:
            self._broadcast = BroadcastPort(self.config.discovery_port, selected=bool(self.config.interfaces))
        chat = LobbyChat(
            self.author,
            Peers(protocol.listed, protocol.listed_peer, protocol.all_listed),
            secrets.SystemRandom(),
            time.time,
        )
        protocol.set_chat_marks(lambda: chat.marks(self._now()))
        for beginning, receive in {**protocol.receivers, **chat.receivers}.items():
            lengths = {**LENGTHS, **CHAT_LENGTHS}[beginning]
            self._unicast.listen(beginning, lengths, self._receiver(receive, shared=False))
            if self._broadcast is not None:
                self._broadcast.listen(beginning, lengths, self._receiver(receive, shared=True))
        try:
            if self._broadcast is not None:
                await self._broadcast.open(self.interfaces)
        except DiscoveryError:
            self._close()
            raise
        self._protocol, self._chat = protocol, chat
        self._listening = True
        self._protocol.set_friends(self._friends)
        for seed in self.config.seeds:
            self.add_seed(seed)
        self._protocol.start(loop.time())
        self._pump()
        if self.config.mdns:
            self._mdns = MdnsService(
                self._protocol.peer,
                self.instance,
                self._unicast.number,
                self._receive_service,
                self._remove_service,
            )
            if self.interfaces:
                self._mdns.start(self.interfaces, self._protocol.record())
        self._clock_gap = time.time() - self._now()
        self._spawn(self._watch_interfaces())

    async def stop(self) -> None:
        """Send goodbyes and close the discovery port. Takes at most a third of a second."""
        if self._protocol is None or self._stopping:
            return
        self._listening = False
        self._stopping = True
        for task in self._tasks:
            task.cancel()
        self._protocol.stop(self._now())
        self._pump()
        mdns = self._mdns.stop() if self._mdns is not None else asyncio.sleep(0)
        await asyncio.gather(asyncio.sleep(GOODBYES[-1] + 0.01), mdns)
        self._close()

    def _close(self) -> None:
        for handle in (self._timer, self._delayed_timer):
            if handle is not None:
                handle.cancel()
        if self._broadcast is not None:
            self._broadcast.close()

    # State

    def get(self, peer: str) -> Peer | None:
        return None if self._protocol is None else self._protocol.get(PeerId(peer))

    def rtt(self, peer: PeerId) -> float | None:
        """The smoothed round trip to `peer` in seconds; None if it is not known."""
        known = self.get(peer)
        return None if known is None or known.rtt_ms is None else known.rtt_ms / 1000

    def find(self, text: str) -> Peer | None:
        """The peer with this id, else name (case aside), else tag, short or long; None if there is none or several."""
        folded = text.strip().casefold()
        tag = folded.removeprefix("#").replace("-", "")
        peers = self.peers
        tests: tuple[Callable[[Peer], bool], ...] = (
            lambda p: p.peer == folded,
            lambda p: p.name == text,
            lambda p: is_called(text, p.name),
            lambda p: tag in (p.peer[:4], p.peer[:8]),
        )
        for test in tests:
            found = [peer for peer in peers if test(peer)]
            if len(found) == 1:
                return found[0]
        return None

    @property
    def heard(self) -> Mapping[str, int]:
        """Datagrams of other machines at the discovery port, by the name of the interface."""
        return {} if self._broadcast is None else self._broadcast.heard

    @property
    def mdns_error(self) -> str:
        """Why mDNS does not work here; empty if it does or is off."""
        return "" if self._mdns is None else self._mdns.error

    # Commands

    @property
    def profile(self) -> Profile:
        return self._profile

    def set_profile(self, profile: Profile) -> None:
        """Announce a changed profile."""
        self._profile = profile
        if self._protocol is not None and not self._stopping:
            self._protocol.set_profile(profile, self._now())
            self._pump()

    def say(self, kind: Kind, text: str) -> None:
        """Say a line in the lobby. Raises `LocalProtocolError` (`Author.line`, and ``chat_not_ready``)."""
        if self._protocol is None or self._chat is None or self._stopping:
            raise LocalProtocolError("chat_not_ready")
        now = self._now()
        self._chat.say(kind, text, self._profile.name, now)
        self._protocol.hasten_beacon(now + CHAT_BEACON)
        self._pump()

    def chat_reached(self, peer: PeerId) -> bool:
        """Whether `peer` says that it has all our lines of the lobby's chat."""
        return self._chat is not None and self._chat.reached(peer)

    def show_rtt(self, peers: Sequence[str]) -> None:
        """Keep `Peer.rtt_ms` of these fresh: those whose rows a window shows."""
        if self._protocol is not None and not self._stopping:
            self._protocol.show_rtt([PeerId(peer) for peer in peers])
            self._pump()

    @property
    def hall_count(self) -> int:
        """How many peers there are, ourselves and those not listed too: an estimate."""
        return 0 if self._protocol is None else self._protocol.hall_count

    def add_seed(self, text: str) -> None:
        """Solicit a peer at ``HOST[:PORT]`` until it is heard. Raises `DiscoveryError` on a malformed one."""
        shared = self.config.discovery_port
        host, port = parse_seed(text, shared)
        # Without a port, its first unicast port, too: if it calls us as well, both firewalls take that for an answer.
        self._spawn(self._resolve(text, host, (port,) if port != shared else (shared, shared + 1)))

    def request_dial(self, peer: str, punch_port: int | None = None) -> bool:
        """Ask `peer` to dial our TCP port, or the `punch_port` that we dial it from. False if it is not listed."""
        if self._protocol is None:
            return False
        known = self._protocol.request_dial(PeerId(peer), self._now(), punch_port)
        self._pump()
        return known

    def set_friends(self, peers: Collection[str]) -> None:
        """Peers that unknown peers never evict nor keep out; for the next `start` too."""
        self._friends = peers
        if self._protocol is not None:
            self._protocol.set_friends(peers)

    def set_unreachable(self, peer: PeerId, failure: Failure | None) -> None:
        """List `peer` as not reached for this reason, or no longer so."""
        if self._protocol is not None and not self._stopping:
            self._protocol.set_unreachable(peer, failure)
            self._pump()

    def pin(self, peer: str) -> None:
        """We hold a link to `peer`: keep it listed, even in a flood of new peers."""
        if self._protocol is not None:
            self._protocol.pin(PeerId(peer))

    def linked(self, peer: str, address: str) -> None:
        """A TLS link to `peer` at `address` was opened."""
        if self._protocol is not None:
            self._protocol.linked(PeerId(peer), address)
            self._pump()

    def unpin(self, peer: str) -> None:
        if self._protocol is not None:
            self._protocol.unpin(PeerId(peer))

    # In

    def _receiver(
        self, receive: Callable[[bytes, SocketAddress, float, bool], bool], *, shared: bool
    ) -> Receive:
        """What gets the datagrams of one type: a closure, since it is called at each datagram of a flood."""

        def on_datagram(data: bytes, source: SocketAddress, now: float) -> None:
            if self._listening and receive(data, source, now, shared) and not self._pumping:
                self._pumping = True  # once for all datagrams of this turn of the loop
                asyncio.get_running_loop().call_soon(self._pump_received)

        return on_datagram

    def _pump_received(self) -> None:
        self._pumping = False
        self._pump(soon=True)

    def _receive_service(self, properties: Mapping[bytes, bytes | None], addresses: Sequence[str]) -> None:
        if self._protocol is not None and not self._stopping:
            lookup = InterfaceLookup(self.interfaces, selected=bool(self.config.interfaces))
            self._protocol.receive_service(properties, lookup.nearest_first(addresses), self._now())
            self._pump()

    def _remove_service(self, peer: str, instance: bytes) -> None:
        if self._protocol is not None and not self._stopping:
            self._protocol.remove_service(PeerId(peer), instance, self._now())
            self._pump()

    # Out

    def _now(self) -> float:
        return asyncio.get_running_loop().time()

    def _pump(self, *, soon: bool = False) -> None:
        """Send datagrams, publish the peers, report events, set the timer.

        `soon`: the timer only after `TIMER_DELAY`, once for a flood.
        """
        protocol, chat = self._protocol, self._chat
        if protocol is None or chat is None:
            return
        events = protocol.events()
        for event in events:
            if isinstance(event, HeardMarks):
                chat.heard_marks(event.peer, event.marks, self._now())
        for out in (*protocol.datagrams_to_send(), *chat.datagrams_to_send()):
            if out.to is None:
                if self._broadcast is not None:
                    self._broadcast.send(out.data, out.methods)
            elif out.shared and self._broadcast is not None:
                self._broadcast.reply(out.data, out.to)
            else:
                self._unicast.send(out.data, out.to)
        self.peers = protocol.peers()
        if self._mdns is not None and not self._stopping:
            self._mdns.set_record(protocol.record())
        for event in events:
            self._listener(event)
        for said in chat.events():
            self._on_said(said)
        if not soon:
            self._set_timer()
        elif self._delayed_timer is None:
            self._delayed_timer = asyncio.get_running_loop().call_later(TIMER_DELAY, self._set_timer)

    def _set_timer(self) -> None:
        for handle in (self._timer, self._delayed_timer):
            if handle is not None:
                handle.cancel()
        self._timer = self._delayed_timer = None
        if self._protocol is None or self._chat is None:
            return
        deadline = self._deadline(self._now())
        if deadline is not None:
            self._timer = asyncio.get_running_loop().call_at(deadline, self._timeout)

    def _deadline(self, now: float) -> float | None:
        """When `_timeout` is to be called next."""
        parts = (self._protocol, self._chat)
        due = (None if part is None else part.next_deadline(now) for part in parts)
        return min((at for at in due if at is not None), default=None)

    def _timeout(self) -> None:
        self._timer = None
        if self._protocol is None or self._chat is None:
            return
        if self._slept():
            self._look.set()
        now = self._now()
        deadline = self._deadline(now)
        if deadline is not None and deadline <= now:
            self._protocol.handle_timeout(now)
            self._chat.handle_timeout(now)
            self._pump()
        else:  # it was put off in the meantime, as that of who was heard again
            self._set_timer()

    # In the background

    async def _watch_interfaces(self) -> None:
        """Watch the interfaces and the clock."""
        changes = InterfaceChanges(self._look.set)
        pause = TOLD_INTERVAL if changes.open() else POLL_INTERVAL
        try:
            while True:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(pause):
                        await self._look.wait()
                    await asyncio.sleep(SETTLING)
                self._look.clear()
                self._look_at_interfaces()
        finally:
            changes.close()

    def _slept(self) -> bool:
        """Whether the clocks parted since the last look."""
        return abs(time.time() - self._now() - self._clock_gap) > CLOCK_JUMP

    def _look_at_interfaces(self) -> None:
        slept = self._slept()
        self._clock_gap = time.time() - self._now()
        interfaces = self._selection.present()
        if interfaces == self.interfaces and not slept:
            return
        _log.info("interfaces: %s", ", ".join(i.name for i in interfaces) or "none")
        self.interfaces = interfaces
        forget_scopes()
        if self._broadcast is not None:
            self._broadcast.update(interfaces)
        if self._protocol is not None and interfaces:
            if self._mdns is not None:
                self._mdns.use(interfaces, self._protocol.record())
            self._protocol.start(self._now())
            self._pump()

    async def _resolve(self, name: str, host: str, ports: Sequence[int]) -> None:
        """Look up the seed's host until that works."""
        loop = asyncio.get_running_loop()
        while True:
            try:
                found = await loop.getaddrinfo(host, None, type=socket.SOCK_DGRAM)
            except (OSError, UnicodeError) as error:
                _log.info("peer %s: %s", name, error)
                await asyncio.sleep(SEED_RETRY)
                continue
            hosts = dict.fromkeys(normalise(info[4])[0] for info in found)
            addresses = [(address, port) for address in hosts for port in ports]
            if self._protocol is not None:
                self._protocol.put_seed(name, addresses, self._now())
                self._protocol.handle_timeout(self._now())
                self._pump()
            return

    def _spawn(self, coroutine: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
