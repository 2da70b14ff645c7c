"""The network interfaces of this machine, as far as discovery uses them. Opens no sockets."""

import ipaddress
import socket
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import ifaddr
import msgspec

from p2pgame.core.errors import DiscoveryError
from p2pgame.net.interface_kinds import Kind, kind_of

_LOOPBACK_NETWORK = 127
_KNOWN_MAX = 1024
"""Addresses whose origin is kept."""

__all__ = [
    "IPv4",
    "Interface",
    "InterfaceLookup",
    "Origin",
    "Selection",
    "is_wired",
    "list_interfaces",
    "listen_host",
    "own_addresses",
    "publishable",
]


class IPv4(msgspec.Struct, frozen=True):
    """An IPv4 address of an interface."""

    address: str
    prefix: int

    @property
    def network(self) -> ipaddress.IPv4Network:
        return ipaddress.IPv4Network(f"{self.address}/{self.prefix}", strict=False)

    @property
    def broadcast(self) -> str | None:
        """The directed broadcast address; None on a point-to-point link (RFC 3021)."""
        return str(self.network.broadcast_address) if self.prefix < 31 else None


class Interface(msgspec.Struct, frozen=True):
    """One interface that is up, as far as the system tells (only Linux does), and its addresses."""

    name: str
    """As the system shows it to people, e.g. ``eth0`` or ``Wi-Fi``."""
    index: int
    ipv4: tuple[IPv4, ...]
    ipv6: tuple[str, ...]
    """Link-local addresses, without scope."""
    kind: Kind = "unknown"

    @property
    def loopback(self) -> bool:
        return any(ip.network.is_loopback for ip in self.ipv4)

    @property
    def addresses(self) -> tuple[str, ...]:
        return (*(ip.address for ip in self.ipv4), *self.ipv6)


class Selection:
    """The interfaces that the user chose. One chosen by its address stays chosen when DHCP gives it another."""

    def __init__(self, selected: Sequence[str] = ()) -> None:
        """`selected`: names or addresses; none: all but loopback, else loopback."""
        self._selected = tuple(selected)
        self._names: dict[str, frozenset[str]] = {}
        """Of the interfaces that each text meant when it last meant one."""

    def interfaces(self) -> tuple[Interface, ...]:
        """All that were chosen. Raises `DiscoveryError`: ``no_such_interface`` if one is gone, ``no_interface``."""
        found = _system_interfaces()
        chosen, missing = self._chosen(found)
        if missing:
            names = ", ".join(i.name for i in found)
            raise DiscoveryError("no_such_interface", name=missing[0], names=names)
        if not chosen:
            raise DiscoveryError("no_interface")
        return chosen

    def present(self) -> tuple[Interface, ...]:
        """Those of them that there are now, perhaps none."""
        return self._chosen(_system_interfaces())[0]

    def _chosen(self, found: Sequence[Interface]) -> tuple[tuple[Interface, ...], list[str]]:
        """Those of `found` that were chosen, and what was chosen and is not there."""
        chosen: list[Interface] = []
        missing: list[str] = []
        for text in self._selected:
            matches = [i for i in found if text == i.name or text.partition("%")[0] in i.addresses]
            matches = matches or [i for i in found if i.name in self._names.get(text, ())]
            if not matches:
                missing.append(text)
                continue
            self._names[text] = frozenset(i.name for i in matches)
            chosen += [i for i in matches if i not in chosen]
        if not self._selected:
            chosen = [i for i in found if not i.loopback] or list(found)
        return tuple(chosen), missing


def list_interfaces(selected: Sequence[str] = ()) -> tuple[Interface, ...]:
    """All that `selected` names. Raises like `Selection.interfaces`."""
    return Selection(selected).interfaces()


def publishable(interfaces: Sequence[Interface]) -> tuple[Interface, ...]:
    """Those whose addresses lead others here, the likeliest first.

    Bridges of containers and virtual machines lead nobody here: other machines have the same addresses for theirs.
    """
    outward = [i for i in interfaces if i.kind != "container"] or interfaces
    return tuple(sorted(outward, key=lambda i: i.kind == "vpn"))


def own_addresses() -> frozenset[str]:
    """All addresses of this machine, without scopes."""
    return frozenset(address for interface in _system_interfaces() for address in interface.addresses)


def listen_host(selected: Sequence[str]) -> str:
    """The address to listen on: 127.0.0.1 if only loopback was `selected`, else "", which is every address.

    Where loopback is merely all there is, as before Wi-Fi has come up, other interfaces may follow.
    """
    selection = Selection(selected)
    try:
        return "127.0.0.1" if selected and all(i.loopback for i in selection.interfaces()) else ""
    except DiscoveryError:  # one that is gone now
        return ""


class Origin(msgspec.Struct, frozen=True):
    """Where a datagram came from, as far as its source address tells."""

    interface: Interface | None = None
    """The one whose network its source is in; None if it is in none."""
    own: bool = False
    """This machine itself sent it."""


class InterfaceLookup:
    """Finds the origin of each datagram. Computed once for a set of interfaces, since it is asked at every datagram."""

    def __init__(self, interfaces: Sequence[Interface], *, selected: bool) -> None:
        """`selected`: the user chose them, so nothing else is heard.

        Without that everything but loopback is, so that a neighbour with a wrong netmask is heard.
        """
        self._elsewhere = None if selected else Origin()
        self._own = {address: Origin(i, own=True) for i in interfaces for address in i.addresses}
        self._networks = tuple(
            (int(ip.network.netmask), int(ip.network.network_address), Origin(i))
            for i in interfaces
            for ip in i.ipv4
        )
        self._scopes = {scope: Origin(i) for i in reversed(interfaces) for scope in (i.name, str(i.index))}
        self._loopback = next((Origin(i, own=True) for i in interfaces if i.loopback), None)
        self._known: dict[str, Origin | None] = {}
        """What was found of the addresses asked for last."""

    def find(self, address: str) -> Origin | None:
        """The origin of a datagram from `address`; None if it is not to be heard."""
        try:
            return self._known[address]
        except KeyError:
            if len(self._known) >= _KNOWN_MAX:
                self._known.clear()
            origin = self._known[address] = self._find(address)
            return origin

    def _find(self, address: str) -> Origin | None:
        bare, _, scope = address.partition("%")
        own = self._own.get(bare)
        if own is not None:
            return own
        try:
            if ":" in bare:
                socket.inet_pton(socket.AF_INET6, bare)
                return self._loopback if bare == "::1" else self._scopes.get(scope, self._elsewhere)
            value = int.from_bytes(socket.inet_pton(socket.AF_INET, bare), "big")
        except (OSError, ValueError):
            return None
        for netmask, network, origin in self._networks:
            if value & netmask == network:
                return origin
        return None if value >> 24 == _LOOPBACK_NETWORK else self._elsewhere

    def nearest_first(self, addresses: Sequence[str]) -> list[str]:
        """Addresses that a peer claims, those that a datagram from here most likely gets to first.

        An address of ours, or in the network of a bridge of ours, is likely one that the peer's own bridge has too.
        """
        return sorted(addresses, key=self._distance)

    def _distance(self, address: str) -> int:
        origin = self.find(address)
        if origin is None:
            return 4
        if origin.own:
            return 3
        if origin.interface is None:
            return 1
        return 2 if origin.interface.kind == "container" else 0


def is_wired(interface: Interface) -> bool:
    """True if the system says that this is no radio; False where it does not say (only Linux does)."""
    device = Path("/sys/class/net") / interface.name
    return device.exists() and not (device / "wireless").exists()


def _is_up(name: str) -> bool:
    """False if the system says that interface `name` is down; it may keep its addresses then."""
    flags = Path("/sys/class/net") / name / "flags"
    return not flags.exists() or bool(int(flags.read_text(), 16) & 1)  # IFF_UP


class _Adapter(msgspec.Struct, frozen=True):
    """What the system says of an interface that is up."""

    name: str
    index: int
    addresses: tuple[tuple[str | tuple[str, int, int], int], ...]
    """As `ifaddr` has them, each with the length of its prefix."""


def _system_interfaces() -> list[Interface]:
    up = [adapter for adapter in ifaddr.get_adapters() if _is_up(adapter.name)]
    return list(
        _interfaces(
            tuple(
                _Adapter(
                    str(adapter.nice_name if adapter.name.startswith("{") else adapter.name),
                    adapter.index or 0,
                    tuple((ip.ip, ip.network_prefix) for ip in adapter.ips),
                )
                for adapter in up
            )
        )
    )


@lru_cache(1)  # asked every two seconds, and mostly nothing has changed
def _interfaces(adapters: tuple[_Adapter, ...]) -> tuple[Interface, ...]:
    found: list[Interface] = []
    for adapter in adapters:
        ipv4: list[IPv4] = []
        ipv6: list[str] = []
        for address, prefix in adapter.addresses:
            if isinstance(address, str):
                ipv4.append(IPv4(address, prefix))
            elif ipaddress.IPv6Address(address[0].partition("%")[0]).is_link_local:
                ipv6.append(address[0].partition("%")[0])
        if ipv4 or ipv6:
            lo = any(ip.network.is_loopback for ip in ipv4)
            kind = "loopback" if lo else kind_of(adapter.name)
            found.append(Interface(adapter.name, adapter.index, tuple(ipv4), tuple(ipv6), kind))
    return tuple(found)
