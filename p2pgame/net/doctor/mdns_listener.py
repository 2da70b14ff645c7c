"""Listens for multicast DNS of any program on the links of this machine (RFC 6762). Publishes nothing.

One question (RFC 6763 §9: which kinds of services are there) makes printers, televisions and phones answer, and
comes back to us where multicast works.
"""

import asyncio
import errno
import socket
import struct
import sys
from collections.abc import Sequence
from typing import Final

from p2pgame.discovery.seeds import SocketAddress
from p2pgame.net.doctor.facts import MdnsFact
from p2pgame.net.doctor.reach import reason
from p2pgame.net.interfaces import Interface
from p2pgame.net.udp import ANY_LENGTH, FirstLook, UdpEndpoint

__all__ = ["MDNS_PORT", "MdnsListener"]

_GROUP: Final = "224.0.0.251"
MDNS_PORT: Final = 5353
_QUESTION: Final = (
    struct.pack("!6H", 0, 0, 1, 0, 0, 0)
    + b"\x09_services\x07_dns-sd\x04_udp\x05local\x00"
    + struct.pack("!2H", 12, 1)  # PTR, IN
)
_ASKED_AT: Final = (0.0, 0.4, 1.2)
_DEVICES_MAX: Final = 256
_IP_MULTICAST_ALL: Final = 49
"""ip(7); has no name in the socket module."""


class MdnsListener:
    """Counts the devices that it hears, and notes on which interfaces our own question came back."""

    def __init__(self, interfaces: Sequence[Interface]) -> None:
        self._owners = {ip.address: i.name for i in interfaces for ip in i.ipv4}
        self._looped: set[str] = set()
        self._not_joined: set[str] = set()
        self._devices: set[str] = set()
        self._error = ""
        self._sock: socket.socket | None = None
        self._endpoint: UdpEndpoint | None = None
        self._timers: list[asyncio.TimerHandle] = []

    async def open(self) -> None:
        """Listen and ask; errors are in `fact`."""
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            sock.setblocking(False)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if hasattr(socket, "SO_REUSEPORT"):
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 255)
            sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_LOOP, 1)
            if sys.platform == "linux":
                sock.setsockopt(
                    socket.IPPROTO_IP, _IP_MULTICAST_ALL, 0
                )  # what other programs joined stays theirs
            sock.bind(("", MDNS_PORT))
        except OSError as error:
            sock.close()
            self._error = reason(error)
            return
        for address in self._owners:
            request = socket.inet_aton(_GROUP) + socket.inet_aton(address)
            try:
                sock.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, request)
            except OSError as error:
                if error.errno == errno.ENOBUFS:
                    self._not_joined.add(self._owners[address])
                else:
                    self._error = reason(error)
        self._sock = sock
        first = FirstLook()
        first.listen(b"", ANY_LENGTH, self._on_datagram)
        self._endpoint = UdpEndpoint(sock, first)
        await self._endpoint.open()
        loop = asyncio.get_running_loop()
        self._timers = [loop.call_later(delay, self._ask) for delay in _ASKED_AT]

    def close(self) -> None:
        for timer in self._timers:
            timer.cancel()
        if self._endpoint is not None:
            self._endpoint.close()
        self._endpoint = None

    def fact(self) -> MdnsFact:
        heard = bool(self._looped or self._devices)
        return MdnsFact(
            error="" if heard else self._error,
            looped=frozenset(self._looped),
            devices=len(self._devices),
            not_joined=frozenset(self._not_joined),
        )

    def _ask(self) -> None:
        if self._endpoint is None or self._sock is None:
            return
        for address in self._owners:
            before = self._endpoint.errors
            try:
                self._sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(address))
            except OSError:  # the address has just gone
                continue
            self._endpoint.send(_QUESTION, (_GROUP, MDNS_PORT))
            if self._endpoint.errors > before:
                self._error = reason(self._endpoint.last_error)

    def _on_datagram(self, data: bytes, source: SocketAddress, now: float) -> None:
        del data, now
        owner = self._owners.get(source[0])
        if owner is not None:
            self._looped.add(owner)
        elif len(self._devices) < _DEVICES_MAX:
            self._devices.add(source[0])
