"""When something is due for each of many: a heap. A deadline that moved to later is found out when its turn comes."""

import heapq
from math import inf
from typing import Any, Generic, Protocol, TypeVar

__all__ = ["Deadlines"]


_SLACK = 64


class Timed(Protocol):
    """What has a deadline keeps it, since a dictionary of them would cost more."""

    due: float
    """The deadline; inf: none."""
    queued: float
    """Where it stands in the heap, which is not later; inf: nowhere."""

    def __lt__(self, other: Any, /) -> bool:
        """Any order: of which of two with one deadline comes first."""


K = TypeVar("K", bound=Timed)


class Deadlines(Generic[K]):
    """One deadline each. Putting one off costs no more than noting it: most are put off again and again."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, K]] = []
        self._live = 0
        """Items with a deadline."""

    def put(self, item: K, at: float) -> None:
        """Due at `at` in place of when it was before; inf: never."""
        self._live += (at < inf) - (item.due < inf)
        item.due = at
        if at < item.queued:
            self._push(item)
        if len(self._heap) > _SLACK + 4 * self._live:  # of items that have none any more
            self._heap = [each for each in self._heap if each[0] == each[1].queued and each[1].due < inf]
            heapq.heapify(self._heap)

    def next(self) -> float | None:
        """The earliest deadline."""
        while self._heap:
            at, item = self._heap[0]
            if at == item.queued == item.due:
                return at
            heapq.heappop(self._heap)
            if at == item.queued:
                item.queued = inf
                if item.due < inf:
                    self._push(item)
        return None

    def take(self, now: float) -> list[K]:
        """Whose deadline has come; they have none any more."""
        due = []
        while (at := self.next()) is not None and at <= now:
            item = heapq.heappop(self._heap)[1]
            item.due = item.queued = inf
            self._live -= 1
            due.append(item)
        return due

    def _push(self, item: K) -> None:
        item.queued = item.due
        heapq.heappush(self._heap, (item.due, item))
