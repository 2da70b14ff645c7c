"""The facts that an examination collects, as plain values."""

from collections.abc import Sequence
from typing import Literal

import msgspec

from p2pgame.core.errors import Param
from p2pgame.discovery.failure import FailureCode
from p2pgame.net.interface_kinds import Kind

__all__ = [
    "AddressFact",
    "BroadcastFact",
    "BroadcastName",
    "ErrorFact",
    "Facts",
    "FirewallFact",
    "InterfaceFact",
    "MdnsFact",
    "PeerFact",
    "PortFact",
    "best_of",
]

BroadcastName = Literal["directed", "limited", "multicast"]
"""To the broadcast address of the network, to 255.255.255.255, to the IPv6 group."""


class BroadcastFact(msgspec.Struct, frozen=True, kw_only=True):
    """One method to reach everybody on the link of one interface, tried with a ping that names who shall answer."""

    method: BroadcastName
    target: str
    error: str = ""
    """Why the system refused to send; empty if it did not."""
    looped: bool = False
    """Our own program heard it at the discovery port."""
    heard_by: tuple[str, ...] = ()
    """Peer ids that heard it and whose answer arrived."""


class InterfaceFact(msgspec.Struct, frozen=True, kw_only=True):
    """One interface that discovery uses."""

    name: str
    addresses: tuple[str, ...]
    kind: Kind = "unknown"
    carrier: bool | None = None
    """Cable plugged in, or Wi-Fi joined; None where the system does not tell."""
    networks: tuple[str, ...] = ()
    """Its IPv4 networks, e.g. ``192.168.1.0/24``."""
    broadcasts: tuple[BroadcastFact, ...] = ()
    beacons_heard: int = 0
    """Datagrams of other machines at the shared port."""


class MdnsFact(msgspec.Struct, frozen=True, kw_only=True):
    """How multicast DNS went."""

    error: str = ""
    """Why it could not even be tried; empty if it could."""
    taken: bool = False
    """Another program has port 5353 for itself ..."""
    holder: str = ""
    """... this one, as far as the system tells."""
    not_joined: frozenset[str] = frozenset()
    """Names of the interfaces on which the system lets us hear no more multicast, since it is on as many as one socket
    may (igmp_max_memberships of Linux: 20)."""
    looped: frozenset[str] = frozenset()
    """Names of the interfaces where our own question came back."""
    devices: int = 0
    """Addresses of other machines that were heard speaking mDNS, of any program."""


class PortFact(msgspec.Struct, frozen=True, kw_only=True):
    """The ports."""

    discovery: int
    shareable: bool = True
    """Whether the discovery port can be opened together with other programs that share it."""
    holder: str = ""
    """Program that has the discovery port, as far as the system tells; asked for only if it is not shareable."""
    preferred: int = 0
    """Port for TCP and UDP that we would like."""
    own: int = 0
    """Port for TCP and UDP that we got; 0: none."""
    preferred_holder: str = ""


class AddressFact(msgspec.Struct, frozen=True, kw_only=True):
    """What of a match's traffic reaches one address of a peer."""

    address: str
    udp_ms: float | None = None
    """Round trip to its unicast port; None: no answer."""
    tcp_ms: float | None = None
    """Time to open a connection to its port; None: it did not open ..."""
    failure: FailureCode | None = None
    """... for this reason."""


def best_of(addresses: Sequence[AddressFact]) -> AddressFact:
    """The address that a match would use: one that TCP gets to, else one that datagrams get to."""
    return min(addresses, key=lambda fact: (fact.tcp_ms is None, fact.udp_ms is None))


class PeerFact(msgspec.Struct, frozen=True, kw_only=True):
    """A peer that was found, and what of a match's traffic reaches it."""

    peer: str
    name: str
    tag: str
    addresses: tuple[AddressFact, ...]
    """Best first; at least one."""
    tcp_port: int
    via: tuple[str, ...]
    compatible: bool = True
    reason: str = ""
    """Code of why not compatible, as `Peer.reason`."""
    reason_params: dict[str, Param] = {}
    dialled_back: bool | None = None
    """Whether it connected to us after we asked for that; None: not asked."""
    punched: bool = False
    """Neither side gets to the other alone, but both together do (`net.punch`)."""

    @property
    def best(self) -> AddressFact:
        """The address that a match would use."""
        return best_of(self.addresses)


class FirewallFact(msgspec.Struct, frozen=True, kw_only=True):
    """A firewall that is visible without special rights. What it lets through is seldom visible."""

    name: Literal["ufw", "firewalld", "nftables", "Windows", "macOS"]
    active: bool
    drops: bool | None = None
    """Whether it drops some of what comes in; None if unknown."""
    profile: str = ""
    """Windows only: ``public``, ``private``, ``domain`` or empty if unknown."""


class ErrorFact(msgspec.Struct, frozen=True):
    """Code and parameters of an error."""

    code: str
    params: dict[str, Param] = {}


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """Everything."""

    platform: str
    """As `sys.platform`."""
    python: str
    pygame: str
    """Name and version of what is installed; empty: none."""
    conflict: str | None = None
    """Why pygame cannot work, with the fix; None if it can."""
    display: str | None = None
    """Why no window can be opened; None if one can."""
    ports: PortFact
    interfaces: tuple[InterfaceFact, ...] = ()
    selected: bool = False
    """The interfaces were named by the user."""
    start_error: ErrorFact | None = None
    """Why the peer could not be started; None if it could."""
    mdns: MdnsFact = MdnsFact()
    peers: tuple[PeerFact, ...] = ()
    """Peers on other machines; on this one too if only loopback is used."""
    programs_here: tuple[str, ...] = ()
    """Names that other p2pgame programs of this machine show."""
    firewalls: tuple[FirewallFact, ...] = ()
    copies: tuple[str, ...] = ()
    """Addresses of other computers that have our identity."""
    permission_denied: bool = False
    """Sending to the LAN failed as it does on macOS without the local-network permission (EHOSTUNREACH)."""
    clock_jump: float = 0.0
    """Seconds by which the wall clock parted from the monotonic clock while listening."""
