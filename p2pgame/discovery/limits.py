"""Token buckets: how often something may happen. Time comes in as an argument."""

from collections import OrderedDict
from collections.abc import Hashable
from math import inf
from typing import Generic, Protocol, TypeVar

__all__ = ["BucketMap", "Budget", "FirstOf", "Pace", "RateMap", "TokenBucket"]

K = TypeVar("K", bound=Hashable)


class TokenBucket:
    """At most `burst` at once and `rate` a second in the long run."""

    __slots__ = ("_at", "_tokens", "burst", "empty_until", "rate")

    def __init__(self, rate: float, burst: float) -> None:
        self.rate = rate
        self.burst = burst
        self._tokens = burst
        self._at: float | None = None
        self.empty_until = -inf
        """There is no token before that time, so a flood need not compute anything."""

    def take(self, now: float, amount: float = 1.0) -> bool:
        """Take `amount` tokens if there is one: what costs more than there is delays the next."""
        if now < self.empty_until:
            return False
        self._fill(now)
        if self._tokens < 1.0:
            self.empty_until = now + (1.0 - self._tokens) / self.rate
            return False
        self._tokens -= amount
        return True

    def ready_at(self, now: float) -> float:
        """The earliest time at which `take` will succeed."""
        self._fill(now)
        return now if self._tokens >= 1.0 else now + (1.0 - self._tokens) / self.rate + 1e-6

    def _fill(self, now: float) -> None:
        if self._at is not None:
            self._tokens = min(self.burst, self._tokens + max(0.0, now - self._at) * self.rate)
        self._at = now


class Budget(Protocol):
    """What gives tokens."""

    def take(self, now: float) -> bool: ...


class FirstOf:
    """The first of some budgets that has a token."""

    def __init__(self, *budgets: Budget) -> None:
        self._budgets = budgets

    def take(self, now: float) -> bool:
        return any(budget.take(now) for budget in self._budgets)


class BucketMap(Generic[K]):
    """A bucket for each key, for the `size` keys that took, or tried to take, last."""

    def __init__(self, rate: float, burst: float, size: int) -> None:
        self._rate, self._burst, self._size = rate, burst, size
        self._buckets: OrderedDict[K, TokenBucket] = OrderedDict()

    def __len__(self) -> int:
        return len(self._buckets)

    def take(self, key: K, now: float) -> bool:
        """Take one of `key`'s tokens if there is one."""
        bucket = self._buckets.get(key)
        if bucket is not None and now < bucket.empty_until:
            return False
        return self.bucket(key).take(now)

    def bucket(self, key: K) -> TokenBucket:
        """The bucket of `key`."""
        bucket = self._buckets.get(key)
        if bucket is None:
            bucket = self._buckets[key] = TokenBucket(self._rate, self._burst)
            if len(self._buckets) > self._size:
                self._buckets.popitem(last=False)
        else:
            self._buckets.move_to_end(key)
        return bucket


class Pace:
    """The same limits for who keeps one number: until when it has paid (generic cell rate algorithm, ITU-T I.371).

    `burst` is at least 1.
    """

    __slots__ = ("_gap", "_slack")

    def __init__(self, rate: float, burst: float) -> None:
        self._gap, self._slack = 1 / rate, (burst - 1) / rate + 1e-9

    def pay(self, paid: float, now: float) -> float | None:
        """The new number if one more is allowed, else None."""
        return None if paid - now > self._slack else max(paid, now) + self._gap


class RateMap(Generic[K]):
    """The same limits in one number a key, for keys by the thousand."""

    def __init__(self, rate: float, burst: float, size: int) -> None:
        self._pace, self._size = Pace(rate, burst), size
        self._paid: dict[K, float] = {}
        """Until when each is paid for; the last that took at the end: who is refused costs no more than a look."""

    def __len__(self) -> int:
        return len(self._paid)

    def take(self, key: K, now: float) -> bool:
        """Take one of `key`'s tokens if there is one."""
        paid = self._pace.pay(self._paid.get(key, now), now)
        if paid is None:
            return False
        self._paid.pop(key, None)
        self._paid[key] = paid
        oldest = next(iter(self._paid))
        while len(self._paid) > self._size or self._paid[oldest] < now:  # it need not be remembered any more
            del self._paid[oldest]
            oldest = next(iter(self._paid))
        return True
