"""Chance comes in as an argument, so that every run repeats from its seed."""

from collections.abc import Sequence
from typing import Protocol, TypeVar

__all__ = ["RandomSource", "pick", "random_bytes"]

T = TypeVar("T")


class RandomSource(Protocol):
    """The part of `random.Random` that discovery needs."""

    def random(self) -> float: ...
    def getrandbits(self, k: int, /) -> int: ...


def pick(items: Sequence[T], random_source: RandomSource) -> T:
    """One of `items`, which is not empty, each as likely."""
    return items[int(random_source.random() * len(items))]


def random_bytes(count: int, random_source: RandomSource) -> bytes:
    return random_source.getrandbits(8 * count).to_bytes(count, "big")
