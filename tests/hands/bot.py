"""Shows any hand."""

import random

from tests.hands.rules import BEATS, Hand, Score

__all__ = ["Bot"]


class Bot:
    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def choose(self, state: Score, player: int) -> Hand:
        return Hand(self._random.choice(sorted(BEATS)))  # type: ignore[arg-type]
