"""The input delay of a real-time match: what suits the network, and from which frame on a new one holds.

The host decides it (`wire.decisions.DelayChanged`): as asked for on the command line or by a player, or else once
from what it measured. All delays are in frames.
"""

from p2pgame.wire.bounds import DELAY_MAX

__all__ = ["NOTICE", "InputDelay"]

NOTICE = 30
"""Frames ahead at which a new delay begins on all sides."""
_MEASURED_AFTER = 60
"""Frames after which it is set from what was measured."""
_MOST = 2
"""Frames that are chosen by ourselves; rollback hides the rest."""


class InputDelay:
    """As one member sees it."""

    def __init__(self, *, configured: int | None, tick_rate: int) -> None:
        """`configured`: of matches that we host; None: as measured."""
        self.change: tuple[int, int] | None = None
        """From that frame on, that delay."""
        self._configured = configured
        self._tick_rate = tick_rate
        self._chosen = configured is not None
        """True when it is no longer to be set from what was measured."""

    def suited(self, rtt: float | None, jitter: float) -> int:
        """Frames that hide the way of an input (seconds), as far as that is worth the lag."""
        if self._configured is not None:
            return self._configured
        one_way = (rtt or 0.0) / 2 + jitter
        return max(1, min(_MOST, round(one_way * self._tick_rate)))

    def change_frame(self, now: int) -> int:
        """The frame for a change that is decided at frame `now`, in place of one that did not begin yet."""
        return now + NOTICE

    def schedule(self, frame: int, frames: int) -> None:
        """It was decided that from `frame` on the delay is `frames`. The newest decision holds."""
        self._chosen = True
        self.change = (frame, min(DELAY_MAX, frames))

    def due(self, now: int) -> int | None:
        """The delay that begins at frame `now`, if one does."""
        if self.change is None or now < self.change[0]:
            return None
        frames = self.change[1]
        self.change = None
        return frames

    def measurable(self, now: int) -> bool:
        """True, once, when the host has seen enough of the network to choose."""
        if self._chosen or now < _MEASURED_AFTER:
            return False
        self._chosen = True
        return True
