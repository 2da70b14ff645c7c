"""When something is due for each of many: a heap. A deadline that moved to later is found out when its turn comes."""

import heapq
from collections.abc import Hashable
from math import inf
from typing import Generic, TypeVar

__all__ = ["Deadlines"]

K = TypeVar("K", bound=Hashable)


class Deadlines(Generic[K]):
    """One deadline a key. Putting one off costs no more than noting it: most are put off again and again."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, K]] = []
        self._count = 0
        self._due: dict[K, tuple[float, float]] = {}
        """The deadline, and where it stands in the heap, which is not later."""

    def put(self, key: K, at: float) -> None:
        """Due at `at` in place of when it was before; inf: never."""
        if at == inf:
            self._due.pop(key, None)
            return
        known = self._due.get(key)
        if known is not None and known[1] <= at:
            if known[0] != at:
                self._due[key] = (at, known[1])
            return
        self._due[key] = (at, at)
        self._push(key, at)
        if len(self._heap) > 64 and len(self._heap) > 4 * len(self._due):  # old ones of keys that are gone
            self._heap = [(at, number, key) for number, (key, (at, _)) in enumerate(self._due.items())]
            self._count = len(self._heap)
            self._due = {key: (at, at) for at, _, key in self._heap}
            heapq.heapify(self._heap)

    def next(self) -> float | None:
        """The earliest deadline."""
        while self._heap:
            at, _, key = self._heap[0]
            known = self._due.get(key)
            if known is not None and known == (at, at):
                return at
            heapq.heappop(self._heap)
            if known is not None and known[1] == at:
                self._due[key] = (known[0], known[0])
                self._push(key, known[0])
        return None

    def take(self, now: float) -> list[K]:
        """Whose deadline has come; they have none any more."""
        due = []
        while (at := self.next()) is not None and at <= now:
            key = heapq.heappop(self._heap)[2]
            del self._due[key]
            due.append(key)
        return due

    def _push(self, key: K, at: float) -> None:
        self._count += 1
        heapq.heappush(self._heap, (at, self._count, key))
