"""The match as the app sees it: one immutable value, replaced whole whenever something changes."""

from typing import Any

import msgspec

from p2pgame.core.game import Outcome

__all__ = ["Figures", "MatchView", "Pause"]


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """How the netcode of a real-time match is doing, for the overlay. Times in milliseconds, loss 0 to 1."""

    rtt_ms: float | None = None
    jitter_ms: float = 0.0
    loss: float = 0.0
    input_delay: int = 0
    rollback_depth: int = 0
    """Frames of the newest rollback in the last second; 0: none."""
    max_rollback: int = 0
    rollbacks: int = 0
    stalls: int = 0
    frame_advantage: float = 0.0
    """Frames by which we run ahead of the other side; negative: behind."""
    transport: str = ""
    """``udp`` or ``tcp``."""


class Pause(msgspec.Struct, frozen=True, kw_only=True):
    """Why the match stands still."""

    since: float
    """`time.monotonic()`."""
    reason: str
    """As in `MatchPaused`."""
    claim_at: float | None = None
    """From when on the player may claim the match, `time.monotonic()`; None: not in this pause."""


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
    tick_rate: int = 0
    """Frames a second; 0: turn-based, and what follows is of no use."""
    previous: Any = None
    """Real-time: the state one frame before `state`, to draw between the two."""
    at: float = 0.0
    """Real-time: when `state` became the newest, `time.monotonic()`."""
    confirmed: int = 0
    """Frames of which all inputs are known."""
    waiting: bool = False
    """True while the match cannot go on because the other side is not heard."""
    figures: Figures | None = None
    pause: Pause | None = None
    """While it is paused; a short stall is only `waiting`."""
