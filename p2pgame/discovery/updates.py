"""Schedules updates to peers known only by address, which receive neither our broadcasts nor our mDNS record.

Knows no peers and no bytes, only times.
"""

from typing import Final

from p2pgame.discovery.limits import TokenBucket

__all__ = ["UPDATE_REFRESH", "UPDATE_REPEATS", "UnicastUpdates"]

UPDATE_REPEATS: Final = (0.0, 0.150, 0.450)
"""Seconds after a change at which the beacon goes to each of them: datagrams get lost."""
UPDATE_REFRESH: Final = 15.0
"""It also goes there each so many intervals, as the record is renewed."""
UPDATE_RATE: Final = 4.0
"""Rounds a second in the long run, however often something changes ..."""
UPDATE_BURST: Final = 6.0


class UnicastUpdates:
    """Deadlines of the rounds. In each, every peer known only by address gets our newest beacon."""

    def __init__(self) -> None:
        self._bucket = TokenBucket(UPDATE_RATE, UPDATE_BURST)
        self._due: list[float] = []
        self._refresh: float | None = None

    def start(self, now: float, interval: float) -> None:
        self._refresh = now + UPDATE_REFRESH * interval

    def changed(self, now: float) -> None:
        """Our profile changed."""
        if self._refresh is not None:
            self._due = [now + offset for offset in UPDATE_REPEATS]

    def next_deadline(self, now: float) -> float | None:
        if self._refresh is None:
            return None
        return max(min((self._refresh, *self._due[:1])), self._bucket.ready_at(now))

    def take(self, now: float, interval: float) -> bool:
        """Whether a round is due; it counts as done."""
        due = self._refresh is not None and min((self._refresh, *self._due[:1])) <= now
        if not due or not self._bucket.take(now):
            return False
        self._due = [at for at in self._due if at > now]
        self._refresh = now + UPDATE_REFRESH * interval
        return True
