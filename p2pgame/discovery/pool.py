"""A set that gives any of its members at once, each as likely."""

from collections.abc import Hashable, Iterator
from typing import Generic, TypeVar

from p2pgame.discovery.chance import RandomSource, pick

__all__ = ["Pool"]

T = TypeVar("T", bound=Hashable)


class Pool(Generic[T]):
    """In any order."""

    def __init__(self) -> None:
        self._items: list[T] = []
        self._places: dict[T, int] = {}

    def __len__(self) -> int:
        return len(self._items)

    def __iter__(self) -> Iterator[T]:
        return iter(self._items)

    def __contains__(self, item: object) -> bool:
        return item in self._places

    def add(self, item: T) -> None:
        if item not in self._places:
            self._places[item] = len(self._items)
            self._items.append(item)

    def discard(self, item: T) -> None:
        place = self._places.pop(item, None)
        if place is None:
            return
        last = self._items.pop()
        if place < len(self._items):
            self._items[place] = last
            self._places[last] = place

    def pick(self, random_source: RandomSource) -> T:
        """One of them; there is one."""
        return pick(self._items, random_source)

    def some(self, count: int, random_source: RandomSource) -> list[T]:
        """`count` different ones at random, or all if there are no more."""
        if count >= len(self._items):
            return list(self._items)
        places = dict.fromkeys(int(random_source.random() * len(self._items)) for _ in range(count))
        return [self._items[place] for place in places]
