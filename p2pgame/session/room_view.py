"""The view of a room for the app: one immutable value, replaced as a whole when something changes."""

from typing import Any

import msgspec

__all__ = ["ListedRoom", "RoomMember", "RoomSeat", "RoomView", "RoomVote"]


class ListedRoom(msgspec.Struct, frozen=True, kw_only=True):
    """A room as the beacon of its leader announces it, or an offer to come into it."""

    room: str
    leader: str
    """Peer id."""
    name: str
    """Of the leader."""
    game: str
    seats: int = 0
    taken: int = 0
    """Seats that people have."""
    running: bool = False
    locked: bool = False


class RoomMember(msgspec.Struct, frozen=True, kw_only=True):
    """A peer in the room."""

    peer: str
    name: str
    local: int = 1
    """People who play on its machine; 0: it watches."""
    ready: bool = False
    connected: bool = True
    """False while it is waited for."""
    rtt_ms: float | None = None
    """From us; None: unknown, or we."""
    impostor: bool = False
    """Its name, which the leader tells, is like that of somebody whom our player verified, and it is another."""


class RoomSeat(msgspec.Struct, frozen=True, kw_only=True):
    """A seat: a player index of the next round."""

    kind: str = "open"
    """``person``, ``bot``, ``open``, ``closed``, or ``kept`` for a person who dropped out."""
    peer: str = ""
    """Who plays there; of a bot, empty."""
    name: str = ""
    """Shown name: of the second person on a machine ``Ann (2)``, of a bot as the window calls it (empty here)."""
    level: str = ""
    """Of a bot: ``easy``, ``medium``, ``hard``."""
    team: int = 0


class RoomVote(msgspec.Struct, frozen=True, kw_only=True):
    """A vote that runs."""

    peer: str
    kind: str
    argument: str
    yes: int
    no: int
    needed: int
    until: float
    """`time.monotonic()`."""
    ours: bool | None
    """What we answered."""


class RoomView(msgspec.Struct, frozen=True, kw_only=True):
    """A snapshot of our room for drawing."""

    room: str
    leader: str
    """Peer id."""
    me: str
    """Our peer id."""
    game: str
    config: Any
    """Decoded."""
    members: tuple[RoomMember, ...]
    """In order of joining."""
    seats: tuple[RoomSeat, ...]
    locked: bool = False
    phase: str = "open"
    """``open`` (before a round), ``countdown``, ``gathering`` (the host is being elected), ``playing``, ``table``."""
    starts_at: float | None = None
    """`time.monotonic()` at which the countdown, or the table, ends."""
    held: bool = False
    """At the table: somebody holds the next round."""
    round: int = 0
    """Rounds begun."""
    wins: tuple[int, ...] = ()
    """Rounds won, by seat, in this series."""
    first_to: int = 0
    """Who has won so many wins the series; 0: it has no end."""
    champions: tuple[int, ...] = ()
    """Seats that have won the series; the next round begins another one."""
    last: tuple[int, ...] = ()
    """Seats that won the newest round."""
    match: str = ""
    """Id of the round that is played."""
    host: str = ""
    """Peer id of who carries it."""
    joining: bool = False
    """True until the leader has let us in; then all else is what its beacon said."""
    vote: RoomVote | None = None

    @property
    def leads(self) -> bool:
        return self.leader == self.me
