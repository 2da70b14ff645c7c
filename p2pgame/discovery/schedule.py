"""When to send a beacon. Knows the number of peers, not their addresses or any bytes.

A newcomer sends a burst of solicitations; every peer answers once, a little later, for all that solicit. Then the
interval grows with the number of peers, as that of RTCP does (RFC 3550 §6.2), so that many peers cause little traffic.
"""

from typing import Final

from p2pgame.discovery.chance import RandomSource
from p2pgame.discovery.limits import TokenBucket

__all__ = ["ANSWER_SPREAD", "BURST", "Schedule", "interval", "ttl_ms"]

BURST: Final = (0.0, 0.1, 0.25, 0.5, 0.8, 2.0)
"""Seconds after the start at which a newcomer solicits. Five in the first second, since Wi-Fi loses a third of
broadcasts at times: with that much lost in each direction 97 in 100 are found within it."""
ANSWER_SPREAD: Final = 0.020
"""Seconds within which an answer follows ..."""
ANSWERS_PER_SECOND: Final = 500.0
"""... or longer, so that all peers together do not answer faster than this."""
INTERVAL_MIN: Final = 2.0
PEERS_PER_SECOND: Final = 20.0
"""Beacons a second that all peers together send in the long run, once there are enough of them."""
SPREAD: Final = (0.5, 1.5)
TTL_INTERVALS: Final = 3.5
RATE: Final = 4.0
"""Beacons a second of one peer, however often it is solicited."""
RATE_BURST: Final = 6.0


def interval(peers: int) -> float:
    """Mean seconds between two beacons of one peer among `peers`, itself counted."""
    return max(INTERVAL_MIN, peers / PEERS_PER_SECOND)


def ttl_ms(peers: int) -> int:
    """How long a beacon holds."""
    return min(600_000, round(TTL_INTERVALS * interval(peers) * 1000))


class Schedule:
    """Deadlines of our own beacons."""

    def __init__(self, random_source: RandomSource) -> None:
        self._random_source = random_source
        self._bucket = TokenBucket(RATE, RATE_BURST)
        self._burst: list[float] = []
        self._soon: float | None = None
        self._steady: float | None = None

    def start(self, now: float) -> None:
        """Begin, or begin again after sleep or a change of interfaces."""
        self._burst = [now + offset for offset in BURST]
        self._steady = now + BURST[-1]

    def stop(self) -> None:
        self._burst, self._soon, self._steady = [], None, None

    @property
    def running(self) -> bool:
        return self._steady is not None

    def solicited(self, now: float, peers: int) -> None:
        """A newcomer solicits. Several within the spread get one answer."""
        self._advance(now + self._random_source.random() * max(ANSWER_SPREAD, peers / ANSWERS_PER_SECOND))

    def changed(self, now: float) -> None:
        """Our profile changed: announce it at once."""
        self._advance(now)

    def within(self, at: float) -> None:
        """The next beacon goes out at `at`, if none is due before."""
        if self._steady is not None:
            self._steady = min(self._steady, at)

    def _advance(self, at: float) -> None:
        if self._steady is not None:
            self._soon = at if self._soon is None else min(self._soon, at)

    def next_deadline(self, now: float) -> float | None:
        due = [at for at in (self._soon, self._steady, *self._burst[:1]) if at is not None]
        return max(min(due), self._bucket.ready_at(now)) if due else None

    def take(self, now: float, peers: int) -> "tuple[bool, bool] | None":
        """If a beacon is due: (it solicits, it goes out by every method). `peers` counts ourselves too."""
        solicits = bool(self._burst) and self._burst[0] <= now
        soon = self._soon is not None and self._soon <= now
        steady = self._steady is not None and self._steady <= now
        if not (solicits or soon or steady) or not self._bucket.take(now):
            return None
        while self._burst and self._burst[0] <= now:
            self._burst.pop(0)
        if soon:
            self._soon = None
        low, high = SPREAD
        self._steady = now + interval(peers) * (low + (high - low) * self._random_source.random())
        return solicits, solicits or soon
