"""One line of the history of matches."""

import msgspec

__all__ = ["HistoryEntry", "Score"]


class HistoryEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A match that was played here, or is still open."""

    match: str
    game: str
    peer: str
    """Peer id of the opponent."""
    name: str
    """As the opponent called itself then."""
    me: int
    """Our player index."""
    started: float
    """Unix time."""
    duration: float = 0.0
    """Seconds."""
    frames: int = 0
    result: str = "open"
    """``won``, ``lost``, ``draw``, ``unfinished`` (nobody won: the link was lost), ``open`` (to be resumed)."""
    ended_by: str = ""
    """As in the outcome (`EndedBy`); empty while it is open, ``interrupted`` if nobody resumed it."""
    reason: str = ""
    """As in the outcome: ``five in a row``, ``resigned``."""
    file: str = ""
    """Name of the replay's file, in the directory of replays."""


class Score(msgspec.Struct, frozen=True):
    """Against one opponent."""

    won: int = 0
    lost: int = 0
    drawn: int = 0
