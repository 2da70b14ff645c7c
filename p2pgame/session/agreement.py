"""What the members of a match have agreed on before it begins: by an invitation, or in a room."""

from typing import Any

import msgspec

from p2pgame.core.ids import PeerId
from p2pgame.core.registry import Plugin
from p2pgame.session.invite.election import Election

__all__ = ["Agreement"]


class Agreement(msgspec.Struct, frozen=True, kw_only=True):
    """Equal for all members."""

    election: Election
    plugin: Plugin
    config: Any
    config_bytes: bytes
    """As it travelled."""
    names: tuple[str, ...]
    """Of each seat; a bot's is empty."""
    bots: tuple[str, ...]
    """Of each seat: the level (``easy``, ``medium``, ``hard``) of the bot that plays there; empty for a person."""
    teams: tuple[int, ...] = ()
    """A number a seat, or nothing where there are no teams."""
    frames: int = 0
    """The match ends after so many; 0: no limit."""
    room: str = ""
    """Id of the room; empty for an invitation."""

    @property
    def members(self) -> tuple[PeerId, ...]:
        """All who play, in order of their first seat."""
        return tuple(dict.fromkeys(self.election.players))
