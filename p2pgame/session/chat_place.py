"""A place to talk, as the room or the match describes it to the chat."""

from collections.abc import Collection, Mapping

import msgspec

from p2pgame.core.ids import PeerId

__all__ = ["Place"]


class Place(msgspec.Struct, frozen=True):
    """Where we can talk."""

    id: bytes
    """Of the room, or of the match."""
    leader: PeerId
    members: Collection[PeerId]
    links: Mapping[PeerId, int]
    """If we lead: to each other member that is here. Else to the leader, or none."""
    room: bool
