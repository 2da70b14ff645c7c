"""Adds any amount."""

import random

from tests.tally.rules import State

__all__ = ["Bot"]


class Bot:
    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def choose(self, state: State, player: int) -> int:
        return self._random.randint(1, 9)
