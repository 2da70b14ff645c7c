"""What we say of ourselves, and whether we can play with what others say of themselves."""

from collections.abc import Mapping

import msgspec

from p2pgame.wire.bounds import PROTOCOL

__all__ = ["Profile", "compatibility"]


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """Everything in our beacon that people or their choices make."""

    name: str
    version: str
    """Of the p2pgame package."""
    games: dict[str, str]
    """Game name to rules digest, 16 hex digits."""
    busy: bool = False
    playing: str = ""
    """Game name, or empty."""
    protocol: int = PROTOCOL


def compatibility(ours: Profile, protocol: int, games: Mapping[str, str]) -> str:
    """Why we cannot play with a peer of this protocol and these games, in plain words; empty if we can."""
    if protocol != ours.protocol:
        return f"plays by protocol {protocol}, this program by {ours.protocol}: update p2pgame"
    common = sorted(ours.games.keys() & games.keys())
    if any(ours.games[name] == games[name] for name in common):
        return ""
    if common:
        return f"other rules of {', '.join(name.replace('-', ' ').title() for name in common)}"
    return "no game in common"
