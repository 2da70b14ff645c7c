"""The input delay of one member of a real-time match, in frames: chosen by its player, or from the network.

Each member has its own: packets say for which frame an input is, so nobody else needs to know it.
"""

from math import ceil

from p2pgame.wire.bounds import DELAY_MAX

__all__ = ["InputDelay"]

_MEASURED_AFTER = 60
"""Frames after which the delay is set from measurements."""
_MOST = 2
"""Maximum delay that is chosen automatically, where rollback hides the rest."""
_BRIDGED = 0.5
"""The part of what prediction reaches that it bridges unseen. Below, a delay would cost our own hand more than it gives
the other side."""
_UNSTEADY = 2
"""So many times the jitter a packet is late at worst, mostly."""
_SPARE = 3
"""Frames that prediction bridges beyond the round trip: packets are lost, and wait for ticks."""


class InputDelay:
    """Chooses the input delay."""

    def __init__(self, *, configured: int | None, tick_rate: int, window: int) -> None:
        """`configured`: by the player; None: from measurements. `window`: frames that each side predicts."""
        self.chosen = configured is not None
        """True when it is no longer to be set from what was measured."""
        self._configured = configured
        self._tick_rate = tick_rate
        self._window = window

    def suited(self, rtt: float | None, jitter: float, *, is_host: bool = False, in_pair: bool = True) -> int:
        """None on a LAN and a fair line; on a bad one what prediction does not bridge well. `rtt`, `jitter`: seconds.

        Where there are more than two (not `in_pair`) an input takes one way more, to a guest that may be far away
        without our knowing, so it hides the way that we see. A guest that is farther away than prediction of both sides
        reaches has a longer one, or all would wait for it.
        """
        if self._configured is not None:
            return self._configured
        frames = (rtt or 0.0) * self._tick_rate
        if in_pair and self._window:
            late = frames / 2 + _UNSTEADY * jitter * self._tick_rate - _BRIDGED * self._window
            hidden = max(0, min(_MOST, ceil(late)))
        else:
            hidden = max(1, min(_MOST, round(frames / 2 + jitter * self._tick_rate)))
        return hidden if is_host else min(DELAY_MAX, max(hidden, ceil(frames) + _SPARE - 2 * self._window))

    def choose(self, frames: int) -> None:
        """The player wants this delay."""
        self._configured, self.chosen = frames, True

    def measurable(self, now: int) -> bool:
        """True, once, when enough of the network was seen to choose. `now`: frames simulated."""
        if self.chosen or now < _MEASURED_AFTER:
            return False
        self.chosen = True
        return True
