"""Events of discovery."""

import msgspec

from p2pgame.core.ids import PeerId
from p2pgame.discovery.peer import Peer
from p2pgame.wire.beacon import ChatMark

__all__ = ["DialRequested", "DiscoveryEvent", "DuplicateIdentity", "Found", "HeardMarks", "Lost", "Updated"]


class Found(msgspec.Struct, frozen=True):
    """A peer heard for the first time, or again after it was lost."""

    peer: Peer


class Updated(msgspec.Struct, frozen=True):
    """Something shown of a listed peer changed. A new `rtt_ms` alone causes no event."""

    peer: Peer


class Lost(msgspec.Struct, frozen=True):
    """A listed peer is gone; `peer` is its last entry."""

    peer: Peer
    reason: str
    """``goodbye`` or ``expired``."""


class DialRequested(msgspec.Struct, frozen=True):
    """A listed peer asks, by a valid signature, to be dialled, and answered a probe there. Limited in rate."""

    peer: PeerId
    address: str
    """The source of the request, where it receives; not necessarily one of the peer's known addresses."""
    tcp_port: int
    punch: bool = False
    """It dials us from there right now, and our firewall may stop that."""


class DuplicateIdentity(msgspec.Struct, frozen=True):
    """A beacon of another program with our identity (a copied disk), or an old one of ours that somebody says again.

    Once per instance; it is not listed.
    """

    instance: str
    address: str
    tcp_port: int


class HeardMarks(msgspec.Struct, frozen=True):
    """A listed peer says, in a beacon newer than all before, which lines of the lobby's chat it has."""

    peer: PeerId
    marks: tuple[ChatMark, ...]


DiscoveryEvent = Found | Updated | Lost | DialRequested | DuplicateIdentity | HeardMarks
