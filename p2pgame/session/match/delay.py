"""The input delay of a real-time match: who may set it, to what, and from which frame on.

Asked for on the command line, or by a player, or else set once by the host from what it measured. Where two changes
cross, both sides choose alike.
"""

from p2pgame.wire.bounds import INPUTS_AHEAD

__all__ = ["InputDelay"]

_MEASURED_AFTER = 60
"""Frames after which it is set from what was measured."""
_NOTICE = 30
"""Frames ahead at which a new delay begins on both sides."""
_MOST = 2
"""Frames that are chosen by ourselves; rollback hides the rest."""


class InputDelay:
    """As one side sees it. All delays in frames."""

    def __init__(self, *, is_host: bool, wanted: int | None, tick_rate: int) -> None:
        """`wanted`: of matches that we host; None: as measured."""
        self.change: tuple[int, int] | None = None
        """From that frame on, that delay."""
        self._is_host = is_host
        self._wanted = wanted
        self._tick_rate = tick_rate
        self._chosen = not is_host or wanted is not None
        """True when it is no longer for us to set from what was measured."""

    def suited(self, rtt: float | None, jitter: float) -> int:
        """Frames that hide the way of an input (seconds), as far as that is worth the lag."""
        if self._wanted is not None:
            return self._wanted
        one_way = (rtt or 0.0) / 2 + jitter
        return max(1, min(_MOST, round(one_way * self._tick_rate)))

    def set(self, frames: int, now: int) -> tuple[int, int]:
        """Our change, at frame `now`: to be told."""
        frame = now + _NOTICE
        if self.change is not None:
            frame = max(frame, self.change[0] + 1)
        self._chosen = True
        self.change = (frame, frames)
        return self.change

    def receive(self, frame: int, frames: int, now: int) -> None:
        """Theirs. Of two that cross, that for the later frame holds, of equal ones the host's."""
        self._chosen = True  # somebody chose
        frame = min(frame, now + INPUTS_AHEAD)
        if self.change is None or (frame, not self._is_host) > (self.change[0], self._is_host):
            self.change = (frame, frames)

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
