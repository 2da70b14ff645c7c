"""What the members of a match agreed on before it: by an invitation, or in a room."""

from typing import Any

import msgspec

from p2pgame.core.registry import Plugin
from p2pgame.session.invite.election import Election

__all__ = ["Agreement"]


class Agreement(msgspec.Struct, frozen=True, kw_only=True):
    """Equal for all members."""

    election: Election
    """Its `players` are the owners of the seats: one peer may own several, and the host owns those of bots."""
    plugin: Plugin
    config: Any
    """Decoded."""
    config_bytes: bytes
    """As it travelled."""
    names: tuple[str, ...]
    """Of each seat; of a bot empty."""
    bots: tuple[str, ...] = ()
    """Of each seat the level of its bot (`core.game.Level`), empty for a person; empty as a whole: no bots."""
    teams: tuple[int, ...] = ()
    """Of each seat; empty: everybody plays for itself."""
    frames: int = 0
    """The match ends after so many; 0: no limit."""
    room: str = ""
    """Id of the room; empty for an invitation."""

    @property
    def bot_seats(self) -> tuple[int, ...]:
        return tuple(seat for seat, level in enumerate(self.bots) if level)
