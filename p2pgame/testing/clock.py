"""A clock that stands still until it is told to go on, and the queue of what is to happen then."""

import heapq
from collections.abc import Callable

__all__ = ["VirtualClock"]


class VirtualClock:
    """Virtual time in seconds. What is due at one time happens in the order in which it was asked for."""

    def __init__(self, now: float = 0.0) -> None:
        self.now = now
        self._queue: list[tuple[float, int, Callable[[], None]]] = []
        self._order = 0

    def at(self, when: float, what: Callable[[], None]) -> None:
        """Call `what` at time `when`, or at once if that has passed."""
        self._order += 1
        heapq.heappush(self._queue, (when, self._order, what))

    def step(self, until: float) -> bool:
        """Go to the next thing due by `until` and let it happen; False if nothing is, then no time has passed."""
        if not self._queue or self._queue[0][0] > until:
            return False
        when, _, what = heapq.heappop(self._queue)
        self.now = max(self.now, when)
        what()
        return True

    def run(self, seconds: float) -> None:
        """Let `seconds` pass, and happen what is due in them."""
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
