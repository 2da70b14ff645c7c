"""The rooms that beacons announce, by room: which a node lists, and what it reports of them."""

from collections.abc import Sequence

import msgspec

from p2pgame.discovery import events as d
from p2pgame.discovery.peer import Peer
from p2pgame.session import events as e
from p2pgame.session.room_view import ListedRoom

__all__ = ["RoomList"]


class RoomList:
    """One room a leader. Where two announce the same, the first one stays until it announces it no more."""

    def __init__(self) -> None:
        self._announced: dict[str, ListedRoom] = {}
        """By leader."""
        self._listed: dict[str, ListedRoom] = {}
        """By room."""

    @property
    def rooms(self) -> Sequence[ListedRoom]:
        """In order of first hearing."""
        return tuple(self._listed.values())

    def get(self, room: str) -> ListedRoom | None:
        return self._listed.get(room)

    def note(self, event: d.Found | d.Updated | d.Lost) -> list[e.Event]:
        """A peer is found, changed or lost: what that means for rooms."""
        peer = event.peer
        old = self._announced.pop(peer.peer, None)
        new = None if isinstance(event, d.Lost) else _room_of(peer)
        if new is not None:
            self._announced[peer.peer] = new
        rooms = dict.fromkeys(one.room for one in (old, new) if one is not None)
        return [event for room in rooms for event in self._list(room)]

    def _list(self, room: str) -> list[e.Event]:
        before = self._listed.get(room)
        by = [one for one in self._announced.values() if one.room == room]
        after = next((one for one in by if before is not None and one.leader == before.leader), None)
        after = after or next(iter(by), None)
        if after == before:
            return []
        if after is None:
            del self._listed[room]
            return [e.RoomLost(room=room, name=before.name if before is not None else "")]
        self._listed[room] = after
        kind = e.RoomFound if before is None else e.RoomUpdated
        return [kind(**msgspec.structs.asdict(after))]


def _room_of(peer: Peer) -> ListedRoom | None:
    """What its leader announces; nothing of one that others only told of, which may be gone by now."""
    line = peer.room
    if line is None or tuple(peer.via) == ("bundle",):
        return None
    return ListedRoom(
        room=line.id.hex(),
        leader=peer.peer,
        name=peer.name,
        game=line.game,
        seats=line.seats,
        taken=line.taken,
        running=line.running,
        locked=line.locked,
    )
