"""One line of the history of matches."""

import msgspec

__all__ = ["HistoryEntry", "Score"]


class HistoryEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One match in the history, finished or open."""

    match: str
    game: str
    peer: str
    """Peer id of the opponent."""
    name: str
    """Name of the opponent at that time."""
    me: int
    """Our player index."""
    started: float
    """Unix time."""
    duration: float = 0.0
    """Seconds."""
    frames: int = 0
    result: str = "open"
    """``won``, ``lost``, ``draw``, ``unfinished`` (no winner: the connection was lost), ``open`` (can be resumed),
    ``adjourned`` (the players agreed to go on another day)."""
    ended_by: str = ""
    """As in the outcome (`EndedBy`); empty while it is open, ``interrupted`` if nobody resumed it."""
    reason: str = ""
    """As in the outcome: ``five in a row``, ``resigned``."""
    file: str = ""
    """Name of the replay's file, in the directory of replays."""


class Score(msgspec.Struct, frozen=True):
    """Wins, losses and draws against one opponent."""

    won: int = 0
    lost: int = 0
    drawn: int = 0
