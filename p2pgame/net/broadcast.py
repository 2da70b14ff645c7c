"""The discovery port, shared by all programs of a machine: receives broadcasts and sends them, interface by interface.

One wildcard socket for each IP version receives, since a socket bound to an address hears no broadcast; several
programs share the port. One socket for each interface sends, since a broadcast leaves by one interface only.
"""

import errno
import logging
import socket
import struct
from collections import Counter
from collections.abc import Callable, Container, Sequence
from functools import partial
from typing import Final

from p2pgame.core.errors import DiscoveryError
from p2pgame.discovery.seeds import SocketAddress
from p2pgame.discovery.transmit import BroadcastMethod
from p2pgame.net.interfaces import Interface, InterfaceLookup
from p2pgame.net.udp import FirstLook, Receive, UdpEndpoint

__all__ = ["GROUP", "BroadcastPort"]

_log = logging.getLogger(__name__)

GROUP: Final = "ff12::7032:7067"
"""IPv6 multicast group: link-local scope, not permanently assigned (RFC 4291 §2.7); "p2pg" in hex."""


class BroadcastPort:
    """Sends to and hears everybody on the links of the selected interfaces."""

    def __init__(self, port: int, *, selected: bool) -> None:
        self.port = port
        self.heard: Counter[str] = Counter()
        """Datagrams of discovery that other machines sent, by the name of the interface."""
        self._first = FirstLook()
        self._selected = selected
        self._last_errors: dict[str, str] = {}
        self._interfaces: tuple[Interface, ...] = ()
        self._lookup = InterfaceLookup((), selected=selected)
        self._v4: dict[tuple[Interface, str], socket.socket] = {}
        self._v6: dict[Interface, socket.socket] = {}
        self._ipv4: UdpEndpoint | None = None
        self._ipv6: UdpEndpoint | None = None
        self._ipv6_socket: socket.socket | None = None

    def listen(self, beginning: bytes, lengths: Container[int], receive: Receive) -> None:
        """As `FirstLook.listen`, of what comes from where we listen."""
        heard = self.heard

        def on_datagram(data: bytes, source: SocketAddress, now: float) -> None:
            origin = self._lookup.find(source[0])
            if origin is not None:
                if origin.interface is not None and not origin.own:
                    heard[origin.interface.name] += 1
                receive(data, source, now)

        self._first.listen(beginning, lengths, on_datagram)

    async def open(self, interfaces: Sequence[Interface]) -> None:
        """Open the port and join the group on `interfaces`. Raises `DiscoveryError` ``discovery_port_taken``."""
        try:
            sock = _open_shared(socket.AF_INET, self.port)
        except OSError as error:
            raise DiscoveryError(
                "discovery_port_taken", port=self.port, reason=error.strerror or str(error)
            ) from error
        self._ipv4 = UdpEndpoint(sock, self._first)
        await self._ipv4.open()
        try:
            sock = _open_shared(socket.AF_INET6, self.port)
        except OSError as error:
            _log.info("no IPv6 for discovery: %s", error)
        else:
            self._ipv6_socket = sock
            self._ipv6 = UdpEndpoint(sock, self._first)
            await self._ipv6.open()
        self.update(interfaces)

    def update(self, interfaces: Sequence[Interface]) -> None:
        """Use these interfaces from now on."""
        self._interfaces = tuple(interfaces)
        self._lookup = InterfaceLookup(interfaces, selected=self._selected)
        wanted = {(interface, ip.address) for interface in interfaces for ip in interface.ipv4}
        for key in self._v4.keys() - wanted:
            self._v4.pop(key).close()
        for gone in self._v6.keys() - set(interfaces):
            self._v6.pop(gone).close()
            self._set_membership(gone, socket.IPV6_LEAVE_GROUP)
        for interface, address in wanted - self._v4.keys():
            self._attempt(interface, partial(self._open_v4, interface, address))
        for interface in interfaces:
            if interface.ipv6 and interface not in self._v6 and self._ipv6 is not None:
                self._attempt(interface, partial(self._open_v6, interface))

    def send(self, data: bytes, methods: BroadcastMethod) -> None:
        """To everybody. Interfaces where that fails are skipped."""
        targets = {ip.address: ip.broadcast for i in self._interfaces for ip in i.ipv4}
        multicast = BroadcastMethod.MULTICAST in methods
        for (interface, address), sock in self._v4.items():
            # Where there is no group to send to, its turn goes to the broadcast address.
            directed = BroadcastMethod.DIRECTED in methods or (multicast and interface not in self._v6)
            broadcast = targets.get(address)
            if directed and broadcast is not None:
                self._send(interface, sock, data, (broadcast, self.port))
            if BroadcastMethod.LIMITED in methods:
                self._send(interface, sock, data, ("255.255.255.255", self.port))
        for interface, sock in self._v6.items():
            if multicast or not interface.ipv4:
                self._send(interface, sock, data, (GROUP, self.port, 0, interface.index))

    def reply(self, data: bytes, to: SocketAddress) -> None:
        """Send by unicast from the shared port, to a peer that sent something there."""
        endpoint = self._ipv6 if ":" in to[0] else self._ipv4
        if endpoint is not None:
            endpoint.send(data, to)

    def close(self) -> None:
        for sock in (*self._v4.values(), *self._v6.values()):
            sock.close()
        self._v4.clear()
        self._v6.clear()
        for endpoint in (self._ipv4, self._ipv6):
            if endpoint is not None:
                endpoint.close()
        self._ipv4 = self._ipv6 = self._ipv6_socket = None

    def _open_v4(self, interface: Interface, address: str) -> None:
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            sock.setblocking(False)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
            sock.bind((address, 0))
        except OSError:
            sock.close()
            raise
        self._v4[interface, address] = sock

    def _open_v6(self, interface: Interface) -> None:
        self._set_membership(interface, socket.IPV6_JOIN_GROUP)
        sock = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
        try:
            sock.setblocking(False)
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, interface.index)
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 1)
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_LOOP, 1)
        except OSError:
            sock.close()
            raise
        self._v6[interface] = sock

    def _set_membership(self, interface: Interface, option: int) -> None:
        if self._ipv6_socket is None:
            return
        request = socket.inet_pton(socket.AF_INET6, GROUP) + struct.pack("@I", interface.index)
        try:
            self._ipv6_socket.setsockopt(socket.IPPROTO_IPV6, option, request)
        except OSError as error:
            if option == socket.IPV6_JOIN_GROUP and error.errno != errno.EADDRINUSE:
                raise

    def _send(
        self, interface: Interface, sock: socket.socket, data: bytes, to: tuple[str | int, ...]
    ) -> None:
        self._attempt(interface, partial(sock.sendto, data, to))

    def _attempt(self, interface: Interface, action: Callable[[], object]) -> None:
        try:
            action()
        except OSError as error:
            if self._last_errors.get(interface.name) != str(error):  # once, not at every beacon
                self._last_errors[interface.name] = str(error)
                _log.info("discovery on %s: %s", interface.name, error)


def _open_shared(family: int, port: int) -> socket.socket:
    sock = socket.socket(family, socket.SOCK_DGRAM)
    try:
        sock.setblocking(False)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if hasattr(socket, "SO_REUSEPORT"):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sock.bind(("", port))
    except OSError:
        sock.close()
        raise
    return sock
