"""The input delay of a real-time match: chooses it from the network, and schedules changes.

The host decides it (`wire.decisions.DelayChanged`): as configured or requested, or once from its measurements. All
delays are in frames.
"""

from p2pgame.wire.bounds import DELAY_MAX

__all__ = ["NOTICE", "InputDelay"]

NOTICE = 30
"""Frames between the decision and the start of a new delay."""
_MEASURED_AFTER = 60
"""Frames after which the delay is set from measurements."""
_MOST = 2
"""Maximum delay that is chosen automatically; rollback hides the rest."""


class InputDelay:
    """The input delay at one member."""

    def __init__(self, *, configured: int | None, tick_rate: int) -> None:
        """`configured`: for matches that we host; None: from measurements."""
        self.change: tuple[int, int] | None = None
        """From that frame on, that delay."""
        self.chosen = configured is not None
        """True when it is no longer to be set from what was measured."""
        self._configured = configured
        self._tick_rate = tick_rate

    def suited(self, rtt: float | None, jitter: float) -> int:
        """The delay that hides the one-way latency, within limits. `rtt` and `jitter` in seconds."""
        if self._configured is not None:
            return self._configured
        one_way = (rtt or 0.0) / 2 + jitter
        return max(1, min(_MOST, round(one_way * self._tick_rate)))

    def change_frame(self, now: int) -> int:
        """The frame for a change that is decided at frame `now`, in place of one that did not begin yet."""
        return now + NOTICE

    def schedule(self, frame: int, frames: int) -> None:
        """It was decided that from `frame` on the delay is `frames`. The newest decision holds."""
        self.chosen = True
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
        if self.chosen or now < _MEASURED_AFTER:
            return False
        self.chosen = True
        return True
