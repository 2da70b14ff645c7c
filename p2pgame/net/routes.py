"""Addresses at which peers can be dialled: those that discovery hears, and that of the last link."""

from collections.abc import Sequence

from p2pgame.core.ids import PeerId
from p2pgame.discovery.peer import Peer

__all__ = ["Routes"]

_ROUTES_MAX = 256


class Routes:
    """Remembers the address of the last link to each peer, for the newest `_ROUTES_MAX` peers."""

    def __init__(self) -> None:
        self._last_addresses: dict[PeerId, tuple[str, int]] = {}

    def remember(self, peer: PeerId, address: str, port: int) -> tuple[str, int]:
        """A link to `peer` is open; `port` is the one it listens on. Returns both in the form they are dialled in."""
        self._last_addresses.pop(peer, None)
        self._last_addresses[peer] = route = (address.removeprefix("::ffff:"), port)
        if len(self._last_addresses) > _ROUTES_MAX:
            del self._last_addresses[next(iter(self._last_addresses))]
        return route

    def forget(self, peer: PeerId) -> None:
        """The peer said goodbye."""
        self._last_addresses.pop(peer, None)

    def find(self, peer: PeerId, listed: Sequence[Peer]) -> tuple[list[str], int]:
        """Addresses to dial, most promising first, and the TCP port; none if nothing is known."""
        known = next((p for p in listed if p.peer == peer), None)
        last = self._last_addresses.get(peer)
        addresses = list(known.addresses) if known else []
        if last is not None and last[0] not in addresses:
            addresses.append(last[0])
        port = known.tcp_port if known else last[1] if last else 0
        return addresses, port
