"""Goes anywhere."""

import random

from tests.steps.rules import Walk

__all__ = ["Bot"]


class Bot:
    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def choose(self, state: Walk, player: int) -> int:
        return self._random.randrange(5)
