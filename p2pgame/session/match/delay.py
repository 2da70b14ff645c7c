"""The input delay of one member of a real-time match, in frames: chosen by its player, or from the network.

Each member has its own: packets say for which frame an input is, so nobody else needs to know it.
"""

from collections import deque
from math import ceil

from p2pgame.wire.bounds import DELAY_MAX

__all__ = ["InputDelay"]

_MOST = 2
"""Maximum delay that is chosen automatically, where rollback hides the rest."""
_BRIDGED = 0.5
"""The part of what prediction reaches that it bridges unseen. Below, a delay would cost our own hand more than it gives
the other side."""
_UNSTEADY = 2
"""So many times the jitter a packet is late at worst, mostly."""
_SPARE = 5
"""Frames that prediction bridges beyond the round trip: packets wait for ticks, and on a line that loses every fifth,
three in a row are lost every other second."""

_LOOKS = 10
"""So many looks count: a line that wavers does not make the delay waver."""


class InputDelay:
    """Chooses the input delay."""

    def __init__(self, *, configured: int | None, tick_rate: int, window: int) -> None:
        """`configured`: by the player; None: from measurements. `window`: frames that each side predicts."""
        self._configured = configured
        self._chosen: int | None = None
        self._beyond = deque([0], maxlen=_LOOKS)
        """What a guest bridged beyond the reach of prediction, in the newest looks."""
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
        hidden = self._hidden(rtt, jitter, in_pair=in_pair)
        return hidden if is_host else max(hidden, self._beyond_reach(rtt, jitter))

    def choose(self, frames: int) -> None:
        """The player wants this delay."""
        self._configured = frames

    def measured(self, rtt: float, jitter: float, *, is_host: bool, in_pair: bool) -> int:
        """What suits now that enough of the network was seen: to be asked from time to time.

        It is chosen once: a hand gets used to it. Later it grows only for a guest whose line becomes so long that all
        others would wait for it, and falls again a while after.
        """
        if self._configured is not None:
            return self._configured
        if self._chosen is None:
            self._chosen = self._hidden(rtt, jitter, in_pair=in_pair)
        if not is_host:
            self._beyond.append(self._beyond_reach(rtt, jitter))
        return max(self._chosen, *self._beyond)

    def _hidden(self, rtt: float | None, jitter: float, *, in_pair: bool) -> int:
        frames = (rtt or 0.0) * self._tick_rate
        if in_pair and self._window:
            late = frames / 2 + _UNSTEADY * jitter * self._tick_rate - _BRIDGED * self._window
            return max(0, min(_MOST, ceil(late)))
        return max(1, min(_MOST, round(frames / 2 + jitter * self._tick_rate)))

    def _beyond_reach(self, rtt: float | None, jitter: float) -> int:
        """Frames of the round trip that the prediction of both sides does not bridge."""
        frames = ((rtt or 0.0) + _UNSTEADY * jitter) * self._tick_rate
        return max(0, min(DELAY_MAX, ceil(frames) + _SPARE - 2 * self._window))
