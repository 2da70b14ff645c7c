"""Tries each kind of broadcast: a ping that names one receiver goes out, and its pong shows that it was heard.

The same ping with our own instance id is answered by our own discovery port, so it shows what is looped back.
Nobody else answers, however many there are.
"""

import asyncio
import secrets
import socket
from collections.abc import Mapping, Sequence
from typing import Final

from p2pgame.core.errors import RemoteProtocolError
from p2pgame.discovery.seeds import SocketAddress
from p2pgame.net.broadcast import GROUP
from p2pgame.net.doctor.facts import BroadcastFact, BroadcastName
from p2pgame.net.doctor.reach import reason
from p2pgame.net.interfaces import Interface
from p2pgame.net.udp import ANY_LENGTH, FirstLook, UdpEndpoint
from p2pgame.wire.beacon import HEADER, Ping, Pong, decode, encode_ping

__all__ = ["RECEIVERS_MAX", "try_broadcasts"]

ROUNDS: Final = 4
"""Wi-Fi loses up to 40 % of broadcasts: four in a row are lost seldom."""
SPACING: Final = 0.2
"""Seconds between two rounds; also the wait for the last answers."""
RECEIVERS_MAX: Final = 4
"""Peers asked, so that a busy LAN gets few packets."""


class _Trial:
    """One method on one interface."""

    def __init__(
        self, method: BroadcastName, sock: socket.socket, to: SocketAddress, receivers: Mapping[bytes, str]
    ) -> None:
        self.method, self.to, self.receivers = method, to, receivers
        self.pending = {secrets.token_bytes(8): instance for instance in receivers}
        self.heard_by: set[str] = set()
        self.error = ""
        first = FirstLook()
        first.listen(HEADER, ANY_LENGTH, self._receive)
        self.endpoint = UdpEndpoint(sock, first)

    def send(self) -> None:
        for nonce, instance in self.pending.items():
            before = self.endpoint.errors
            self.endpoint.send(encode_ping(Ping(nonce, instance)), self.to)
            if self.endpoint.errors > before:
                self.error = reason(self.endpoint.last_error)

    def _receive(self, data: bytes, source: SocketAddress, now: float) -> None:
        del source, now
        try:
            pong = decode(data)
        except RemoteProtocolError:
            return
        if isinstance(pong, Pong) and self.pending.get(pong.nonce) == pong.instance:
            del self.pending[pong.nonce]
            self.heard_by.add(self.receivers[pong.instance])

    def fact(self) -> BroadcastFact:
        return BroadcastFact(
            method=self.method,
            target=self.to[0].partition("%")[0],
            error="" if self.heard_by else self.error,
            looped="" in self.heard_by,
            heard_by=tuple(sorted(self.heard_by - {""})),
        )


async def try_broadcasts(
    interfaces: Sequence[Interface], port: int, own: bytes, peers: Mapping[bytes, str]
) -> dict[str, tuple[BroadcastFact, ...]]:
    """Facts by interface name. `own`: instance id of our running discovery at `port`; `peers`: ids by instance.

    Takes less than a second, and much less where everything answers.
    """
    receivers = {own: "", **dict(list(peers.items())[:RECEIVERS_MAX])}
    trials = {interface.name: _open(interface, port, receivers) for interface in interfaces}
    everything = [trial for some in trials.values() for trial in some]
    try:
        for trial in everything:
            await trial.endpoint.open()
        for _ in range(ROUNDS):
            for trial in everything:
                trial.send()
            await asyncio.sleep(SPACING)
            if not any(trial.pending for trial in everything):
                break
    finally:
        for trial in everything:
            trial.endpoint.close()
    return {name: tuple(trial.fact() for trial in some) for name, some in trials.items()}


def _open(interface: Interface, port: int, receivers: Mapping[bytes, str]) -> list[_Trial]:
    """A socket for each method; addresses that just vanished are left out."""
    trials: list[_Trial] = []
    for ip in interface.ipv4:
        targets: dict[BroadcastName, str | None] = {"directed": ip.broadcast, "limited": "255.255.255.255"}
        for method, target in targets.items():
            if target is None:
                continue
            sock = _bound(socket.AF_INET, (ip.address, 0), socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
            if sock is not None:
                trials.append(_Trial(method, sock, (target, port), receivers))
    if interface.ipv6:
        option = (socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, interface.index)
        sock = _bound(socket.AF_INET6, ("::", 0), *option)
        if sock is not None:
            trials.append(_Trial("multicast", sock, (f"{GROUP}%{interface.index}", port), receivers))
    return trials


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
