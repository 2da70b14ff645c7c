"""Queues inputs of a real-time match. Each press holds for at least a frame; of positions the newest wins.

What is no press, the input of who does nothing, holds for no time: who lets go of one key and presses the opposite one
waits for nothing.
"""

from collections import deque
from typing import Any

__all__ = ["InputQueue"]

_HOLD = 1.25
"""Frames for which a press holds at least, so that no tap is lost."""
_WAITING_MAX = 4


class InputQueue:
    """Changed inputs that are not sent yet, oldest first."""

    def __init__(self, neutral: Any) -> None:
        """`neutral`: the input of a player who does nothing, which the other side assumes at the start."""
        self.used = False
        """True once an input was sent."""
        self._neutral = neutral
        self._sent = neutral
        self._until = 0.0
        """The last input sent holds until then, in frames of the clock."""
        self._waiting: deque[tuple[Any, bool]] = deque(maxlen=_WAITING_MAX)
        """Each with whether it is a position."""

    def put(self, move: Any, *, position: bool = False) -> None:
        """Add `move`, unless it is the newest input already.

        `position`: it follows a pointer that moves. Whatever comes next takes its place, and it holds for no time, so
        that a paddle is never behind the hand.
        """
        if self._waiting and self._waiting[-1][1]:
            self._waiting.pop()
        if move != (self._waiting[-1][0] if self._waiting else self._sent):
            self._waiting.append((move, position))

    def take(self, now: float, rate: int) -> Any | None:
        """The next input, once the last one has held long enough. `rate`: frames a second."""
        if not self._waiting or now * rate < self._until:
            return None
        self.used = True
        self._sent, position = self._waiting.popleft()
        if self._sent == self._neutral and self._waiting:
            self._sent, position = self._waiting.popleft()
        self._until = now * rate + (0.0 if position or self._sent == self._neutral else _HOLD)
        return self._sent
