"""A virtual clock: time passes only in `step` and `run`, which carry out what is due."""

import heapq
from collections.abc import Callable

__all__ = ["VirtualClock"]


class VirtualClock:
    """Virtual time in seconds. Calls that are due at the same time are made in the order in which they were added."""

    def __init__(self, now: float = 0.0) -> None:
        self.now = now
        self._queue: list[tuple[float, int, Callable[[], None]]] = []
        self._order = 0

    def at(self, when: float, what: Callable[[], None]) -> None:
        """Call `what` at time `when`, or at once if that has passed."""
        self._order += 1
        heapq.heappush(self._queue, (when, self._order, what))

    def step(self, until: float) -> bool:
        """Advance to the next call that is due by `until`, and make it. False if there is none; then no time passes."""
        if not self._queue or self._queue[0][0] > until:
            return False
        when, _, what = heapq.heappop(self._queue)
        self.now = max(self.now, when)
        what()
        return True

    def run(self, seconds: float) -> None:
        """Advance by `seconds`, and make the calls that become due."""
        end = self.now + seconds
        while self.step(end):
            pass
        self.now = max(self.now, end)

    def run_until(self, condition: Callable[[], bool], seconds: float) -> float:
        """Virtual seconds until `condition` holds. Raises `TimeoutError` if it does not within `seconds`."""
        began = self.now
        while not condition():
            if not self.step(began + seconds):
                raise TimeoutError(f"not within {seconds} s")
        return self.now - began
