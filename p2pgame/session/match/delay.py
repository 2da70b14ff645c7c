"""The input delay of one member of a real-time match, in frames: chosen by its player, or from the network.

Each member has its own: packets say for which frame an input is, so nobody else needs to know it.
"""

__all__ = ["InputDelay"]

_MEASURED_AFTER = 60
"""Frames after which the delay is set from measurements."""
_MOST = 2
"""Maximum delay that is chosen automatically; rollback hides the rest."""


class InputDelay:
    """Chooses the input delay."""

    def __init__(self, *, configured: int | None, tick_rate: int) -> None:
        """`configured`: by the player; None: from measurements."""
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

    def choose(self, frames: int) -> None:
        """The player wants this delay."""
        self._configured, self.chosen = frames, True

    def measurable(self, now: int) -> bool:
        """True, once, when enough of the network was seen to choose. `now`: frames simulated."""
        if self.chosen or now < _MEASURED_AFTER:
            return False
        self.chosen = True
        return True
