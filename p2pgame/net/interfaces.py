"""The network interfaces of this machine, as far as discovery uses them. Knows no sockets."""

import ipaddress
from collections.abc import Iterable, Sequence
from pathlib import Path

import ifaddr
import msgspec

from p2pgame.core.errors import DiscoveryError

__all__ = ["IPv4", "Interface", "accepts", "is_wired", "list_interfaces", "listen_host"]


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

    @property
    def loopback(self) -> bool:
        return any(ip.network.is_loopback for ip in self.ipv4)

    @property
    def addresses(self) -> tuple[str, ...]:
        return (*(ip.address for ip in self.ipv4), *self.ipv6)


def list_interfaces(selected: Sequence[str] = ()) -> tuple[Interface, ...]:
    """The interfaces to use: those `selected` by name or address, else all but loopback, else loopback.

    Raises `DiscoveryError` if one selected does not exist or there is none at all.
    """
    found = _system_interfaces()
    if selected:
        chosen: list[Interface] = []
        for text in selected:
            matches = [i for i in found if text == i.name or text.partition("%")[0] in i.addresses]
            if not matches:
                names = ", ".join(i.name for i in found) or "none"
                raise DiscoveryError(f"no network interface {text!r} here; there are: {names}")
            chosen += [i for i in matches if i not in chosen]
        return tuple(chosen)
    chosen = [i for i in found if not i.loopback] or found
    if not chosen:
        raise DiscoveryError("no network interface of this machine is up and has an address")
    return tuple(chosen)


def listen_host(selected: Sequence[str]) -> str:
    """The address to listen on: 127.0.0.1 if only loopback was `selected`, else "", which is every address.

    Where loopback is merely all there is, as before Wi-Fi has come up, other interfaces may follow. Raises like
    `list_interfaces`.
    """
    return "127.0.0.1" if selected and all(i.loopback for i in list_interfaces(selected)) else ""


def accepts(interfaces: Iterable[Interface], address: str, *, selected: bool) -> bool:
    """Whether a datagram from `address` came by one of `interfaces`, as far as its source tells.

    Without an explicit selection everything but loopback counts, so that a neighbour with a wrong netmask is heard.
    """
    bare, _, scope = address.partition("%")
    try:
        ip = ipaddress.ip_address(bare)
    except ValueError:
        return False
    interfaces = tuple(interfaces)
    if not selected and not ip.is_loopback:
        return True
    if isinstance(ip, ipaddress.IPv4Address):
        return any(ip in own.network for i in interfaces for own in i.ipv4)
    return any(scope in (i.name, str(i.index)) or bare in i.ipv6 for i in interfaces) or (
        ip.is_loopback and any(i.loopback for i in interfaces)
    )


def is_wired(interface: Interface) -> bool:
    """True if the system says that this is no radio; False where it does not say (only Linux does)."""
    device = Path("/sys/class/net") / interface.name
    return device.exists() and not (device / "wireless").exists()


def _is_up(name: str) -> bool:
    """False if the system says that interface `name` is down; it may keep its addresses then."""
    flags = Path("/sys/class/net") / name / "flags"
    return not flags.exists() or bool(int(flags.read_text(), 16) & 1)  # IFF_UP


def _system_interfaces() -> list[Interface]:
    found: list[Interface] = []
    for adapter in ifaddr.get_adapters():
        if not _is_up(adapter.name):
            continue
        ipv4: list[IPv4] = []
        ipv6: list[str] = []
        for ip in adapter.ips:
            if isinstance(ip.ip, str):
                ipv4.append(IPv4(ip.ip, ip.network_prefix))
            elif ipaddress.IPv6Address(ip.ip[0].partition("%")[0]).is_link_local:
                ipv6.append(ip.ip[0].partition("%")[0])
        if ipv4 or ipv6:
            name = adapter.nice_name if adapter.name.startswith("{") else adapter.name
            found.append(Interface(str(name), adapter.index or 0, tuple(ipv4), tuple(ipv6)))
    return found
