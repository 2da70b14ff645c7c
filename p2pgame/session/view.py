"""The view of a match for the app: one immutable value, replaced as a whole when something changes."""

from typing import Any, Final

import msgspec

from p2pgame.core.game import Outcome
from p2pgame.netcode.clocks import ClockFace
from p2pgame.session.status import RUNNING, Status, StatusCode

__all__ = ["CLOSING", "COUNT_IN", "Figures", "MatchView", "Requests"]

CLOSING: Final = 32
"""States in `MatchView.closing` at most: half a second of a game of 60 frames a second."""
COUNT_IN: Final = 1800
"""Milliseconds that are counted where a person plays before a real-time match goes on that stood still: 3, 2, 1, as
short as lets hands find their keys, and eyes what moves."""


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """Network statistics of a real-time match for the overlay. Times in milliseconds, loss 0 to 1."""

    rtt_ms: float | None = None
    jitter_ms: float = 0.0
    loss: float = 0.0
    input_delay: int = 0
    rollback_depth: int = 0
    """Depth of the newest rollback within the last second; 0: none."""
    max_rollback: int = 0
    rollbacks: int = 0
    stalls: int = 0
    late_ms: float = 0.0
    """By how much the inputs of the others come too late to be played at once, on average: by choice or by line ..."""
    late_there_ms: float = 0.0
    """... and ours at the others."""
    frame_advantage: float = 0.0
    """Frames by which we are ahead of the other side; negative: behind."""
    transport: str = ""
    """``udp`` or ``tcp``."""


class Requests(msgspec.Struct, frozen=True, kw_only=True):
    """By turns: what the players ask each other for."""

    takeback_by: int | None = None
    """The player who wants its newest move back, and waits for an answer."""
    answers_takeback: bool = False
    """Whether our player is asked about that."""
    may_take_back: bool = False
    """Whether our player may ask for a takeback now."""
    draw_offered: bool = False
    """Whether our player is offered a draw."""
    offering_draw: bool = False
    """Whether our player's offer of a draw stands."""
    may_adjourn: bool = False
    """Whether the match can be adjourned."""
    adjourn_asked: bool = False
    """Whether our player is asked to put the match aside."""
    asking_adjourn: bool = False
    """Whether our player's request to put it aside stands."""


class MatchView(msgspec.Struct, frozen=True, kw_only=True):
    """A snapshot of the match for drawing."""

    match: str
    game: str
    host: str
    players: tuple[str, ...]
    """Peer ids by player index."""
    names: tuple[str, ...]
    me: int
    """Our first player index; -1: we watch."""
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
    """Frames a second; 0: turn-based, and the following fields are unused."""
    previous: Any = None
    """Real-time: the state one frame before `state`, for interpolation."""
    at: float = 0.0
    """Real-time: time of `state`, `time.monotonic()`."""
    confirmed: int = 0
    """Frames of which all inputs are known."""
    goes_on_at: float = 0.0
    """Real-time: when frames go on, `time.monotonic()`: something is counted down. In the past: they do."""
    closing: tuple[Any, ...] = ()
    """Real-time: once the match is over its newest states, oldest first, so that its last moment can be shown again."""
    figures: Figures | None = None
    status: Status = RUNNING
    """Whether the match runs, or why not."""
    seats: tuple[int, ...] = ()
    """All our player indices; empty: we watch."""
    bots: tuple[int, ...] = ()
    """Player indices that bots play now."""
    first_players: tuple[str, ...] = ()
    """Peer ids by player index when the match began, empty for bots: who comes late or back learns them, too."""
    waiting_for: tuple[tuple[str, float], ...] = ()
    """Real time: names of those whose inputs are missing, and since when (`time.monotonic()`)."""
    room: str = ""
    """Id of the room; empty for a match by invitation."""

    clocks: tuple[ClockFace, ...] = ()
    """By turns: the clock of each player; empty without."""
    requests: Requests = Requests()

    @property
    def pause(self) -> Status | None:
        """The status while the match is paused, else None."""
        return self.status if self.status.paused else None

    @property
    def stalled(self) -> bool:
        """True while no frame advances because inputs are missing, but the match is not paused yet."""
        return self.status.code is StatusCode.STALLED
