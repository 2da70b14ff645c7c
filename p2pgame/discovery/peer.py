"""One entry of the peer list: the immutable value that the rest of the program sees."""

import msgspec

from p2pgame.core.errors import Param
from p2pgame.core.ids import PeerId
from p2pgame.discovery.failure import Failure
from p2pgame.wire.beacon import RoomLine

__all__ = ["Peer"]


class Peer(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A peer of the LAN, merged from everything heard of it."""

    peer: PeerId
    instance: str
    """Hex; random at each launch. Two programs of one identity (a cloned disk) differ here."""
    name: str
    """Made safe for display."""
    addresses: tuple[str, ...]
    """Where it was heard, best first; IPv6 link-local ones with their ``%scope``. At most 8."""
    tcp_port: int
    udp_port: int
    via: tuple[str, ...]
    """Sorted subset of ``broadcast``, ``mdns``, ``seed``."""
    status: str
    """``idle`` or ``busy``."""
    playing: str
    """Name of the game it plays or offers; empty if none."""
    games: dict[str, str]
    """Game name to rules digest."""
    version: str
    """Of its p2pgame package."""
    compatible: bool
    reason: str
    """Code of why not compatible (`discovery.profile.compatibility`); empty if compatible."""
    reason_params: dict[str, Param] = {}
    """Facts for the sentence of `reason`."""
    rtt_ms: float | None = None
    """Smoothed round trip of the unicast probe; None until known."""

    avatar: int | None = None
    """Chosen by its player, 0 to 63; None: it follows from the key."""
    room: RoomLine | None = None
    """The room that it leads, by its word."""

    silent: bool = False
    """It is heard, and has answered none of the newest probes."""
    unreachable: Failure | None = None
    """Why it is not reached, as far as known; None if it is, or nobody has tried."""

    @property
    def address(self) -> str:
        return self.addresses[0]
