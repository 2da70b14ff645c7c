"""Tries each way to everybody: a ping that names one receiver goes out, and its pong shows that it was heard.

The same ping with our own instance id is answered by our own discovery port, so it shows what is looped back.
Nobody else answers, however many there are.
"""

import asyncio
import secrets
import socket
from collections.abc import Mapping, Sequence
from typing import Final

from p2pgame.core.errors import RemoteProtocolError
from p2pgame.discovery.seeds import Source
from p2pgame.net.doctor.facts import WayFact, WayName
from p2pgame.net.doctor.reach import reason
from p2pgame.net.interfaces import Interface
from p2pgame.net.lan import GROUP
from p2pgame.net.udp import UdpEndpoint
from p2pgame.wire.beacon import Ping, Pong, decode, encode_ping

__all__ = ["RECEIVERS_MAX", "try_ways"]

ROUNDS: Final = 4
"""Wi-Fi loses up to 40 % of broadcasts: four in a row are lost seldom."""
SPACING: Final = 0.2
"""Seconds between two rounds; also the wait for the last answers."""
RECEIVERS_MAX: Final = 4
"""Peers asked, so that a busy LAN gets few packets."""


class _Way:
    """One way out of one interface."""

    def __init__(
        self, name: WayName, sock: socket.socket, to: Source, receivers: Mapping[bytes, str]
    ) -> None:
        self.name, self.to, self.receivers = name, to, receivers
        self.pending = {secrets.token_bytes(8): instance for instance in receivers}
        self.heard_by: set[str] = set()
        self.error = ""
        self.endpoint = UdpEndpoint(sock, self._receive)

    def send(self) -> None:
        for nonce, instance in self.pending.items():
            before = self.endpoint.errors
            self.endpoint.send(encode_ping(Ping(nonce, instance)), self.to)
            if self.endpoint.errors > before:
                self.error = reason(self.endpoint.last_error)

    def _receive(self, data: bytes, source: Source) -> None:
        del source
        try:
            pong = decode(data)
        except RemoteProtocolError:
            return
        if isinstance(pong, Pong) and self.pending.get(pong.nonce) == pong.instance:
            del self.pending[pong.nonce]
            self.heard_by.add(self.receivers[pong.instance])

    def fact(self) -> WayFact:
        return WayFact(
            name=self.name,
            target=self.to[0].partition("%")[0],
            error="" if self.heard_by else self.error,
            looped="" in self.heard_by,
            heard_by=tuple(sorted(self.heard_by - {""})),
        )


async def try_ways(
    interfaces: Sequence[Interface], port: int, own: bytes, peers: Mapping[bytes, str]
) -> dict[str, tuple[WayFact, ...]]:
    """Facts by interface name. `own`: instance id of our running discovery at `port`; `peers`: ids by instance.

    Takes less than a second, and much less where everything answers.
    """
    receivers = {own: "", **dict(list(peers.items())[:RECEIVERS_MAX])}
    ways = {interface.name: _open(interface, port, receivers) for interface in interfaces}
    everything = [way for some in ways.values() for way in some]
    try:
        for way in everything:
            await way.endpoint.open()
        for _ in range(ROUNDS):
            for way in everything:
                way.send()
            await asyncio.sleep(SPACING)
            if not any(way.pending for way in everything):
                break
    finally:
        for way in everything:
            way.endpoint.close()
    return {name: tuple(way.fact() for way in some) for name, some in ways.items()}


def _open(interface: Interface, port: int, receivers: Mapping[bytes, str]) -> list[_Way]:
    """A socket for each way; addresses that just vanished are left out."""
    ways: list[_Way] = []
    for ip in interface.ipv4:
        targets: dict[WayName, str | None] = {"broadcast": ip.broadcast, "255.255.255.255": "255.255.255.255"}
        for name, target in targets.items():
            if target is None:
                continue
            sock = _bound(socket.AF_INET, (ip.address, 0), socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
            if sock is not None:
                ways.append(_Way(name, sock, (target, port), receivers))
    if interface.ipv6:
        option = (socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, interface.index)
        sock = _bound(socket.AF_INET6, ("::", 0), *option)
        if sock is not None:
            ways.append(_Way("IPv6 multicast", sock, (f"{GROUP}%{interface.index}", port), receivers))
    return ways


def _bound(
    family: int, address: tuple[str, int], level: int, option: int, value: int
) -> socket.socket | None:
    try:
        sock = socket.socket(family, socket.SOCK_DGRAM)
    except OSError:
        return None
    try:
        sock.setblocking(False)
        sock.setsockopt(level, option, value)
        sock.bind(address)
    except OSError:
        sock.close()
        return None
    return sock
