"""How many peers there are, listed or not: an estimate of the distinct keys that were heard lately.

Linear counting (Whang, Vander-Zanden and Taylor 1990): a bit for each key, found by a hash of it under a secret, so
that nobody can choose which. Two spans of time, the older one forgotten when the newer is over: a peer that sends once
in each span is counted all the time, and one that left for two spans at most. 2 KiB, whatever the network sends.
"""

import math
from hashlib import blake2b
from typing import Final

__all__ = ["COUNT_MAX", "SPAN", "HallCount"]

_BITS: Final = 8192
COUNT_MAX: Final = 16_384
"""More is not told apart; the standard error is 2 % there and less below."""
SPAN: Final = 2.0
"""Mean intervals between two beacons of a peer, in each of two spans."""
_TOLD_MAX: Final = 31
"""Words of others on how many there are; the median counts, so that a few liars change nothing."""


class HallCount:
    """Counts verified beacons by key."""

    def __init__(self, secret: bytes) -> None:
        """`secret`: 16 to 64 random bytes."""
        self._secret = secret
        self._newer, self._older = bytearray(_BITS // 8), bytearray(_BITS // 8)
        self._set = 0
        """Bits that are set in either."""
        self._until: float | None = None
        """When the newer span is over."""
        self._spans = 0
        self._told: list[int] = []

    def hear(self, public_key: bytes, told: int) -> None:
        """A genuine beacon of a peer. `told`: how many peers it believes there are."""
        place = self._place(public_key)
        byte, bit = place >> 3, 1 << (place & 7)
        if not (self._newer[byte] | self._older[byte]) & bit:
            self._set += 1
        self._newer[byte] |= bit
        if self._spans < 1:
            self._told = [*self._told[-_TOLD_MAX + 1 :], told]

    def _place(self, public_key: bytes) -> int:
        return int.from_bytes(blake2b(public_key, digest_size=8, key=self._secret).digest(), "big") % _BITS

    def turn(self, now: float, interval: float) -> None:
        """Begin a new span if the one that runs is over. `interval`: mean seconds between two beacons of a peer."""
        if self._until is None:
            self._until = now + SPAN * interval
        elif now >= self._until:
            self._until = now + SPAN * interval
            self._older, self._newer = self._newer, bytearray(_BITS // 8)
            self._set = int.from_bytes(self._older, "big").bit_count()
            self._spans += 1
            self._told = []

    def count(self, listed: int) -> int:
        """How many there are, ourselves too; not less than are `listed` here besides ourselves.

        Who has not listened for a whole span yet believes others.
        """
        free = max(1, _BITS - self._set)
        heard = round(_BITS * math.log(_BITS / free))
        told = sorted(self._told)[len(self._told) // 2] if self._told else 0
        return min(COUNT_MAX, max(1 + listed, 1 + heard, told))
