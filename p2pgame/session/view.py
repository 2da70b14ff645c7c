"""The match as the app sees it: one immutable value, replaced whole whenever something changes."""

from typing import Any

import msgspec

from p2pgame.core.game import Outcome

__all__ = ["MatchView"]


class MatchView(msgspec.Struct, frozen=True, kw_only=True):
    """A snapshot of the match for drawing."""

    match: str
    game: str
    host: str
    players: tuple[str, ...]
    """Peer ids by player index."""
    names: tuple[str, ...]
    me: int
    """Our player index."""
    config: Any
    state: Any
    """The game's newest state."""
    frame: int
    """Frames passed."""
    to_move: tuple[int, ...]
    outcome: Outcome | None
    rtt_ms: float | None
    hash: str
    """Of the last confirmed state, hex."""
