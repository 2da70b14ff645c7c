"""Match datagrams that wait for the next tick, so that a frame costs one pass. Does not know what they carry.

Where somebody looks at the match they wait for it only if it is near: what others did is seen up to a frame earlier.
"""

from collections import deque
from typing import Final

from p2pgame.session.match.channel import Address

__all__ = ["BATCH_MAX", "BATCH_WAIT", "SEEN_WAIT", "DatagramBatch"]

BATCH_MAX: Final = 256
"""Datagrams that wait; the oldest are dropped. Half as many are handed over without waiting for the tick."""
BATCH_WAIT: Final = 0.02
"""Seconds for which one waits at most: longer than a frame at 60 Hz, so that the tick comes first."""
SEEN_WAIT: Final = 0.0005
"""The same where somebody looks: those of several members come together."""
NEAR: Final = 0.004
"""Seconds for which it is not worth a pass of its own that what comes is seen before the tick."""


class DatagramBatch:
    """Of one peer."""

    def __init__(self, wait: float = BATCH_WAIT) -> None:
        """`wait`: seconds for which one waits at most, unless the tick is near."""
        self._wait = wait
        self.due: float | None = None
        """When the oldest has waited for long enough; None: none waits."""
        self._waiting: deque[tuple[bytes, Address, float]] = deque(maxlen=BATCH_MAX)
        """With source and time of arrival."""

    def add(self, data: bytes, source: Address, now: float) -> bool:
        """Let one wait. True if so many wait that they are to be handed over at once."""
        if self.due is None:
            self.due = now + self._wait
        self._waiting.append((data, source, now))
        return len(self._waiting) >= BATCH_MAX // 2

    def deadline(self, tick: float | None) -> float | None:
        """When to hand over, if the next tick is at `tick`: with it, or before it."""
        if self.due is None or (tick is not None and tick <= self.due + NEAR):
            return tick
        return self.due

    def take(self) -> list[tuple[bytes, Address, float]]:
        """All that wait, the oldest first."""
        taken = list(self._waiting)
        self._waiting.clear()
        self.due = None
        return taken
