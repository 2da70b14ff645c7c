"""When a search has to end: at a time, or after so many nodes."""

from collections.abc import Callable
from typing import Final

__all__ = ["OutOfTime", "Stop"]

_LOOK_EVERY: Final = 16
"""Nodes from one look at the clock to the next: half a millisecond, or ten where all lines are new to the board."""


class OutOfTime(Exception):  # noqa: N818  (no error: every search ends so)
    """The search ends here. The position is not restored."""


class Stop:
    """Counts nodes."""

    __slots__ = ("_clock", "_deadline", "_limit", "_next", "nodes")

    def __init__(
        self, clock: Callable[[], float], deadline: float | None = None, nodes: int | None = None
    ) -> None:
        """`clock`: seconds. `nodes`: the most that are searched. None: no limit."""
        self._clock = clock
        self._deadline = deadline
        self._limit = nodes
        self.nodes = 0
        self._next = _LOOK_EVERY if nodes is None else min(_LOOK_EVERY, nodes)

    def count(self) -> None:
        """One more node. Raises `OutOfTime`."""
        self.nodes += 1
        if self.nodes >= self._next:
            self._look()

    def _look(self) -> None:
        self._next = self.nodes + _LOOK_EVERY
        if self._limit is not None:
            if self.nodes >= self._limit:
                raise OutOfTime
            self._next = min(self._next, self._limit)
        if self._deadline is not None and self._clock() >= self._deadline:
            raise OutOfTime
