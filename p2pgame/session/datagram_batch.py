"""Match datagrams that wait for the next tick, so that a frame costs one pass. Does not know what they carry."""

from collections import deque
from typing import Final

from p2pgame.session.match.channel import Address

__all__ = ["BATCH_MAX", "BATCH_WAIT", "DatagramBatch"]

BATCH_MAX: Final = 256
"""Datagrams that wait; the oldest are dropped. Half as many are handed over without waiting for the tick."""
BATCH_WAIT: Final = 0.02
"""Seconds for which one waits at most: longer than a frame at 60 Hz, so that the tick comes first."""


class DatagramBatch:
    """Of one peer."""

    def __init__(self) -> None:
        self.due: float | None = None
        """When the oldest has waited for long enough; None: none waits."""
        self._waiting: deque[tuple[bytes, Address, float]] = deque(maxlen=BATCH_MAX)
        """With source and time of arrival."""

    def add(self, data: bytes, source: Address, now: float) -> bool:
        """Let one wait. True if so many wait that they are to be handed over at once."""
        if self.due is None:
            self.due = now + BATCH_WAIT
        self._waiting.append((data, source, now))
        return len(self._waiting) >= BATCH_MAX // 2

    def take(self) -> list[tuple[bytes, Address, float]]:
        """All that wait, the oldest first."""
        taken = list(self._waiting)
        self._waiting.clear()
        self.due = None
        return taken
