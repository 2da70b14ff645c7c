"""What our beacons say of us, and whether we can play with a peer by what its beacons say."""

from collections.abc import Mapping

import msgspec

from p2pgame.core.errors import Param
from p2pgame.wire.beacon import RoomLine
from p2pgame.wire.bounds import PROTOCOL

__all__ = ["Profile", "compatibility"]


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """Everything in our beacon that people or their choices make."""

    name: str
    version: str
    """Of the p2pgame package."""
    games: dict[str, str]
    """Game name to rules digest, 16 hex digits."""
    avatar: int | None = None
    """Chosen by the player (`wire.beacon.AVATARS`); None: it follows from the key."""
    busy: bool = False
    playing: str = ""
    """Game name, or empty."""
    room: RoomLine | None = None
    """The room that we lead."""
    protocol: int = PROTOCOL


def compatibility(ours: Profile, protocol: int, games: Mapping[str, str]) -> tuple[str, dict[str, Param]]:
    """Why we cannot play with a peer of this protocol and these games: a code and its parameters.

    The code is ``other_protocol``, ``other_rules``, ``no_common_game``, or empty if we can.
    """
    if protocol != ours.protocol:
        return "other_protocol", {"theirs": protocol, "ours": ours.protocol}
    common = sorted(ours.games.keys() & games.keys())
    if any(ours.games[name] == games[name] for name in common):
        return "", {}
    if common:
        return "other_rules", {"games": ", ".join(common)}
    return "no_common_game", {}
