"""The parts of a room's messages (`wire.messages`): members, seats, the lineup of a round, votes.

A room is carried by its leader, which sends all of it to all members whenever something changes. Structs are msgpack
arrays; every field is bounded here.
"""

from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from p2pgame.core.digest import digest
from p2pgame.core.ids import PeerId
from p2pgame.wire.bounds import (
    LOCAL_MAX,
    MEMBERS_MAX,
    PLAYERS_MAX,
    Bytes32,
    Name,
)

__all__ = [
    "NO_LINK",
    "AskKind",
    "Base",
    "Commitment",
    "Kicked",
    "Level",
    "Member",
    "Milliseconds",
    "Peer",
    "PeerOrNobody",
    "Player",
    "RoomPhase",
    "RoundNews",
    "Seat",
    "SeatIndex",
    "Vote",
    "VoteKind",
    "parties_of",
    "plan_digest",
]

NO_LINK: Final = 65535
"""In `Commitment.round_trips`: there is no connection."""

Peer = Annotated[str, Meta(pattern=r"^[a-z2-7]{26}\Z")]
PeerOrNobody = Annotated[str, Meta(pattern=r"^([a-z2-7]{26})?\Z")]
SeatIndex = Annotated[int, Meta(ge=0, lt=PLAYERS_MAX)]
Local = Annotated[int, Meta(ge=0, le=LOCAL_MAX)]
Milliseconds = Annotated[int, Meta(ge=0, le=3_600_000)]
Team = Annotated[int, Meta(ge=0, le=PLAYERS_MAX)]
Base = Literal["open", "closed", "bot"]
Level = Literal["easy", "medium", "hard"]
RoomPhase = Literal["open", "countdown", "gathering", "playing", "table"]
VoteKind = Literal["game", "kick", "restart", "pause"]
AskKind = Literal["ready", "local", "hold", "ballot", "game", "kick", "restart", "pause"]
"""What a member asks of the leader; the last four propose a vote."""
RoundNews = Literal["begun", "unreachable", "ended"]


class Member(msgspec.Struct, frozen=True, array_like=True):
    """A peer in the room. Members stand in order of joining, which is the order of succession of the leader."""

    peer: Peer
    name: Name
    local: Local = 1
    """People on its machine who want to play; 0: it watches."""
    ready: bool = False
    connected: bool = True


class Seat(msgspec.Struct, frozen=True, array_like=True):
    """A seat of the next round."""

    base: Base = "open"
    """What it is while no person has it."""
    level: Level = "medium"
    """Of the bot."""
    team: Team = 0
    peer: PeerOrNobody = ""
    """The member who has it."""
    index: Local = 0
    """Which of the people on its machine, from 0."""


class Player(msgspec.Struct, frozen=True, array_like=True):
    """A player of a round, in order of player indices."""

    seat: SeatIndex
    peer: PeerOrNobody
    """Empty for a bot."""
    name: Name
    level: Literal["", "easy", "medium", "hard"]
    """Of a bot; empty for a person."""
    team: Team


class Vote(msgspec.Struct, frozen=True, array_like=True):
    """A vote that runs."""

    peer: Peer
    """Who proposed it."""
    kind: VoteKind
    argument: Annotated[str, Meta(max_length=26)]
    """Name of a game, or a peer id."""
    left: Milliseconds
    needed: Annotated[int, Meta(ge=1, le=MEMBERS_MAX)]
    yes: Annotated[tuple[Peer, ...], Meta(max_length=MEMBERS_MAX)]
    no: Annotated[tuple[Peer, ...], Meta(max_length=MEMBERS_MAX)]


class Kicked(msgspec.Struct, frozen=True, array_like=True):
    """Who may not come back for a while."""

    peer: Peer
    left: Milliseconds


class Commitment(msgspec.Struct, frozen=True, array_like=True):
    """What one party of a round says before any nonce is known."""

    commitment: Bytes32
    reachable: bool
    """False if a connection to it failed before."""
    wired: bool
    round_trips: Annotated[
        tuple[Annotated[int, Meta(ge=0, le=NO_LINK)], ...], Meta(min_length=1, max_length=PLAYERS_MAX)
    ]
    """Milliseconds to each party, by its place; its own is 0, `NO_LINK` where no connection stands."""


_ENCODER = msgspec.msgpack.Encoder()


def plan_digest(
    room: str, number: int, game: str, rules: str, config: bytes, frames: int, lineup: tuple[Player, ...]
) -> bytes:
    """What the parties of a round commit to beside their nonces (docs/protocol.md, "Gathering")."""
    return digest("plan", _ENCODER.encode((room, number, game, rules, config, frames, lineup)))


def parties_of(lineup: tuple[Player, ...]) -> tuple[PeerId, ...]:
    """The members who play a lineup, in order of their first seat."""
    return tuple(PeerId(peer) for peer in dict.fromkeys(player.peer for player in lineup) if peer)
