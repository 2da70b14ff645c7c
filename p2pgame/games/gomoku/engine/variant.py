"""What the engine needs to know of a set of rules: the size of the board, what wins, and whether Black has fouls."""

from enum import Enum
from typing import NamedTuple

__all__ = ["BLACK", "WHITE", "Variant", "Wins"]

BLACK = 0
WHITE = 1


class Wins(Enum):
    """Which row of a colour wins."""

    FIVE_OR_MORE = "five or more"
    EXACTLY_FIVE = "exactly five"
    UNBLOCKED = "five or more, unless stones of the other side stand at both its ends"


class Variant(NamedTuple):
    """A set of rules."""

    size: int = 15
    """Points of a side, 5 to 22."""
    wins: tuple[Wins, Wins] = (Wins.FIVE_OR_MORE, Wins.FIVE_OR_MORE)
    """Of Black and of White."""
    fouls: bool = False
    """Renju: Black may make neither an overline nor two fours or two threes at once, unless it makes a five."""

    @property
    def points(self) -> int:
        return self.size * self.size
