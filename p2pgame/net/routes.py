"""Where peers can be dialled: as discovery hears them, and where they were last spoken to."""

from collections.abc import Sequence

from p2pgame.core.ids import PeerId
from p2pgame.discovery.peer import Peer

__all__ = ["Routes"]

_ROUTES_MAX = 256


class Routes:
    """Remembers the peers that were spoken to, the newest `_ROUTES_MAX`, for when discovery does not hear them."""

    def __init__(self) -> None:
        self._spoken: dict[PeerId, tuple[str, int]] = {}

    def spoke(self, peer: PeerId, address: str, port: int) -> tuple[str, int]:
        """A link to `peer` is open; `port` is the one it listens on. Returns both in the form they are dialled in."""
        self._spoken.pop(peer, None)
        self._spoken[peer] = route = (address.removeprefix("::ffff:"), port)
        if len(self._spoken) > _ROUTES_MAX:
            del self._spoken[next(iter(self._spoken))]
        return route

    def forget(self, peer: PeerId) -> None:
        """It said goodbye."""
        self._spoken.pop(peer, None)

    def to(self, peer: PeerId, listed: Sequence[Peer]) -> tuple[list[str], int]:
        """Addresses to dial, most promising first, and the TCP port; none if nothing is known."""
        known = next((p for p in listed if p.peer == peer), None)
        spoken = self._spoken.get(peer)
        addresses = list(known.addresses) if known else []
        if spoken is not None and spoken[0] not in addresses:
            addresses.append(spoken[0])
        port = known.tcp_port if known else spoken[1] if spoken else 0
        return addresses, port
