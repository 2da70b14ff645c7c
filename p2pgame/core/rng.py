"""SplitMix64: the random numbers of the rules. The generator is a value inside the state, never a global.

Source: Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014 (the finaliser is
Stafford's Mix13). Published vector: seed 1234567 gives 6457827717110365317, 3203168211198807973, ...
"""

from collections.abc import Sequence
from typing import TypeVar

import msgspec

__all__ = ["Rng"]

T = TypeVar("T")

_MASK = (1 << 64) - 1
_GAMMA = 0x9E3779B97F4A7C15


class Rng(msgspec.Struct, frozen=True, array_like=True):
    """An immutable SplitMix64 generator. Every draw returns the value and the next generator."""

    state: int = 0

    def next(self) -> tuple[int, "Rng"]:
        """A uniform integer in ``[0, 2**64)``."""
        state = (self.state + _GAMMA) & _MASK
        z = state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
        return z ^ (z >> 31), Rng(state)

    def below(self, bound: int) -> tuple[int, "Rng"]:
        """A uniform integer in ``[0, bound)``, without bias (rejection). ``1 <= bound <= 2**64``."""
        if not 1 <= bound <= 1 << 64:
            raise ValueError("bound must be in 1..2**64")
        limit = (1 << 64) - ((1 << 64) % bound)
        value, rng = self.next()
        while value >= limit:
            value, rng = rng.next()
        return value % bound, rng

    def choice(self, items: Sequence[T]) -> tuple[T, "Rng"]:
        """One of `items`, each equally likely."""
        index, rng = self.below(len(items))
        return items[index], rng
