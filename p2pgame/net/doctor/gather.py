"""Examines this machine's network as a real peer: it announces itself, listens, and pings the peers it finds.

Collects facts only. Nothing blocks the event loop, nothing waits without a limit.
"""

import asyncio
import errno
import sys
import time
from collections.abc import Collection, Sequence
from functools import partial
from typing import Final

import msgspec

from p2pgame.core.errors import P2PGameError
from p2pgame.core.ids import PeerId, tag_of
from p2pgame.core.registry import Registry
from p2pgame.discovery.peer import Peer
from p2pgame.net.dial import Dialled, dial
from p2pgame.net.discovery import DiscoveryService
from p2pgame.net.doctor.broadcasts import try_broadcasts
from p2pgame.net.doctor.facts import ErrorFact, Facts, InterfaceFact, MdnsFact, PeerFact, PortFact
from p2pgame.net.doctor.firewall import firewalls
from p2pgame.net.doctor.machine import interface_fact, port_holder, udp_shareable
from p2pgame.net.doctor.mdns_listener import MDNS_PORT, MdnsListener
from p2pgame.net.doctor.reach import examine
from p2pgame.net.interfaces import own_addresses
from p2pgame.net.node import Node, NodeConfig
from p2pgame.net.tls import Credentials
from p2pgame.session import events as e
from p2pgame.storage.identity import stored_peer_id
from p2pgame.wire import messages as m

__all__ = ["PEERS_MAX", "ProgramFacts", "gather"]

PEERS_MAX: Final = 8
"""Peers that are examined one by one."""
DIAL_BACK: Final = 1.5
"""Seconds a peer has to connect to us after we asked."""


class ProgramFacts(msgspec.Struct, frozen=True, kw_only=True):
    """Facts of the program rather than of the network; found by the command line, which may load pygame."""

    pygame: str
    conflict: str | None
    display: str | None


async def gather(config: NodeConfig, registry: Registry, program: ProgramFacts, *, seconds: float) -> Facts:
    """All facts, after `seconds` of listening and at most two seconds of trying what was found."""
    offset = time.time() - time.monotonic()
    firewall_task = asyncio.create_task(asyncio.to_thread(firewalls))
    examination = _Examination(config, registry)
    try:
        await examination.run(seconds)
    finally:
        await examination.close()
    mdns = examination.mdns
    if not await asyncio.to_thread(udp_shareable, MDNS_PORT):
        holder = await asyncio.to_thread(port_holder, MDNS_PORT, "udp")
        mdns = msgspec.structs.replace(mdns, taken=True, holder=holder)
    port = config.discovery_port
    shareable = bool(examination.own_port) or await asyncio.to_thread(udp_shareable, port)
    moved = examination.own_port not in (0, port + 1)
    return Facts(
        platform=sys.platform,
        python=".".join(map(str, sys.version_info[:3])),
        pygame=program.pygame,
        conflict=program.conflict,
        display=program.display,
        ports=PortFact(
            discovery=port,
            shareable=shareable,
            holder="" if shareable else await asyncio.to_thread(port_holder, port, "udp"),
            preferred=port + 1,
            own=examination.own_port,
            preferred_holder=await asyncio.to_thread(port_holder, port + 1, "udp", "tcp") if moved else "",
        ),
        interfaces=examination.interfaces,
        selected=bool(config.interfaces),
        start_error=examination.start_error,
        mdns=mdns,
        peers=examination.peers,
        programs_here=examination.programs_here,
        firewalls=await firewall_task,
        copies=examination.copies,
        permission_denied=examination.permission_denied,
        clock_jump=time.time() - time.monotonic() - offset,
    )


class _DialBackNode(Node):
    """A node that remembers which peers connected to it."""

    def __init__(self, config: NodeConfig, registry: Registry) -> None:
        super().__init__(config, registry, self._note)
        self.dialled_by: dict[PeerId, asyncio.Event] = {}
        self.copies: dict[str, None] = {}
        """Addresses of other computers with our identity, in order of hearing."""
        self._stored = stored_peer_id(config.data_dir)

    def opened(self, link: int, peer: PeerId, hello: m.Hello, address: str, ticket: int | None) -> None:
        super().opened(link, peer, hello, address, ticket)
        if ticket is None:
            self.dialled_by.setdefault(peer, asyncio.Event()).set()

    def _note(self, t: float, event: e.Event) -> None:
        del t
        match event:
            case e.IdentityCopied(address=address):
                self.copies[address] = None
            case e.PeerFound(peer=peer) | e.PeerUpdated(peer=peer) if peer == self._stored:
                # Our app runs beside us and has our identity; we have a passing one.
                own = {address for i in self.discovery.interfaces for address in i.addresses}
                if event.address.partition("%")[0] not in own:
                    self.copies[event.address] = None


class _Examination:
    """One examination; its attributes are facts as soon as it was run."""

    def __init__(self, config: NodeConfig, registry: Registry) -> None:
        self.start_error: ErrorFact | None = None
        self.own_port = 0
        self.interfaces: tuple[InterfaceFact, ...] = ()
        self.mdns = MdnsFact()
        self.peers: tuple[PeerFact, ...] = ()
        self.programs_here: tuple[str, ...] = ()
        self.permission_denied = False
        self.copies: tuple[str, ...] = ()
        self._config = config
        self._node: _DialBackNode | None = None
        try:
            self._node = _DialBackNode(config, registry)
        except P2PGameError as error:
            self.start_error = ErrorFact(error.code, error.params)

    async def run(self, seconds: float) -> None:
        if self._node is None:
            return
        discovery = self._node.discovery
        try:
            await self._node.start()
        except P2PGameError as error:
            self.start_error = ErrorFact(error.code, error.params)
        else:
            self.own_port = self._node.unicast.number
            await self._listen(discovery, seconds)
        found = await asyncio.to_thread(lambda: [interface_fact(i) for i in discovery.interfaces])
        self.interfaces = tuple(found)
        if self.own_port:
            await self._try(self._node)
        self.copies = tuple(self._node.copies)

    async def close(self) -> None:
        if self._node is not None:
            await self._node.stop()

    async def _listen(self, discovery: DiscoveryService, seconds: float) -> None:
        listener = MdnsListener(discovery.interfaces)
        try:
            await listener.open()
            await asyncio.sleep(seconds)
            self.mdns = listener.fact()
        finally:
            listener.close()
        if discovery.mdns_error:
            self.mdns = msgspec.structs.replace(self.mdns, error=discovery.mdns_error)

    async def _try(self, node: _DialBackNode) -> None:
        """What was found, all at the same time."""
        discovery = node.discovery
        here = own_addresses() if any(not i.loopback for i in discovery.interfaces) else frozenset()
        elsewhere = [peer for peer in discovery.peers if not _all_in(peer.addresses, here)]
        self.programs_here = tuple(p.name for p in discovery.peers if _all_in(p.addresses, here))
        found = elsewhere[:PEERS_MAX]
        instances = {bytes.fromhex(peer.instance): peer.peer for peer in found}
        broadcasts, peers = await asyncio.gather(
            try_broadcasts(discovery.interfaces, self._config.discovery_port, discovery.instance, instances),
            asyncio.gather(*(_examine(node, peer) for peer in found)),
        )
        self.interfaces = tuple(
            msgspec.structs.replace(
                fact,
                broadcasts=broadcasts.get(fact.name, ()),
                beacons_heard=discovery.heard.get(fact.name, 0),
            )
            for fact in self.interfaces
        )
        self.peers = tuple(peers)
        refused = node.unicast.last_error
        self.permission_denied = refused is not None and refused.errno == errno.EHOSTUNREACH


def _all_in(addresses: Sequence[str], own: Collection[str]) -> bool:
    """Whether a peer is heard at addresses of this machine only: a program beside us, which shows nothing of the LAN.

    One address is not enough to tell: bridges of containers have the same addresses on many machines.
    """
    return all(address.partition("%")[0] in own for address in addresses)


async def _examine(node: _DialBackNode, peer: Peer) -> PeerFact:
    """UDP and TCP to all addresses of `peer`, and TCP from it."""
    addresses, back = await asyncio.gather(
        examine(node.unicast, peer.addresses, peer.udp_port, peer.tcp_port, node.discovery.rtt(peer.peer)),
        _dials_back(node, peer.peer),
    )
    return PeerFact(
        peer=peer.peer,
        name=peer.name,
        tag=tag_of(peer.peer),
        addresses=addresses,
        tcp_port=peer.tcp_port,
        via=peer.via,
        compatible=peer.compatible,
        reason=peer.reason,
        reason_params=peer.reason_params,
        dialled_back=back,
        punched=not back and all(fact.tcp_ms is None for fact in addresses) and await _punches(node, peer),
    )


async def _punches(node: _DialBackNode, peer: Peer) -> bool:
    """Whether a connection opens if both sides try at once."""
    ask = partial(node.discovery.request_dial, peer.peer)
    rtt = node.discovery.rtt(peer.peer)
    dialled = await dial(Credentials(node.identity), peer.peer, peer.addresses, peer.tcp_port, rtt, ask)
    if not isinstance(dialled, Dialled):
        return False
    dialled.writer.transport.abort()
    return True


async def _dials_back(node: _DialBackNode, peer: PeerId) -> bool | None:
    dialled = node.dialled_by.setdefault(peer, asyncio.Event())
    if not node.discovery.request_dial(peer):
        return None
    try:
        async with asyncio.timeout(DIAL_BACK):
            await dialled.wait()
    except TimeoutError:
        return False
    return True
