"""Queues inputs of a real-time match. Each one holds for at least a frame, so that no tap is lost."""

from collections import deque
from typing import Any

__all__ = ["InputQueue"]

_HOLD = 1.25
"""Frames for which an input holds at least."""
_WAITING_MAX = 4


class InputQueue:
    """Changed inputs that are not sent yet, oldest first."""

    def __init__(self, neutral: Any) -> None:
        """`neutral`: the input of a player who does nothing, which the other side assumes at the start."""
        self.used = False
        """True once an input was sent."""
        self._sent = neutral
        self._sent_at = 0.0
        self._waiting: deque[Any] = deque(maxlen=_WAITING_MAX)

    def put(self, move: Any) -> None:
        """Add `move`, unless it is the newest input already."""
        if move != (self._waiting[-1] if self._waiting else self._sent):
            self._waiting.append(move)

    def take(self, now: float, rate: int) -> Any | None:
        """The next input, once the last one has held long enough. `rate`: frames a second."""
        if not self._waiting or now - self._sent_at < _HOLD / rate:
            return None
        self.used = True
        self._sent, self._sent_at = self._waiting.popleft(), now
        return self._sent
