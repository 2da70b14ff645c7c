"""Openings in which players choose colours: stones that leave both sides a fair game, and which side to take.

Everything is decided by what the search thinks of a position: of what we put ourselves we want the most even, of what
others put we take the better side.
"""

import random
from collections.abc import Callable, Sequence
from typing import Final

from p2pgame.games.gomoku.engine.player import Limits, Player
from p2pgame.games.gomoku.engine.position import Forbidden
from p2pgame.games.gomoku.engine.search import Sight
from p2pgame.games.gomoku.engine.variant import BLACK, WHITE, Variant

__all__ = ["Balance"]

_CLEAR: Final = 90
"""A score from which on a side is clearly better: it is taken at once."""
_SIGHT: Final = Sight(width=12, root_width=24, threats=4, threat_nodes=2_000)
_PAIRS: Final = 6
"""Pairs of stones that are compared before two of them are put."""


class Balance:
    """Judges openings of one variant."""

    def __init__(
        self,
        variant: Variant,
        clock: Callable[[], float],
        chance: random.Random,
        forbidden: Forbidden | None = None,
    ) -> None:
        self._variant = variant
        self._size = variant.size
        self._clock = clock
        self._chance = chance
        self._player = Player(variant, _SIGHT, clock, forbidden, chance)

    def score(self, cells: Sequence[int], colour: int, seconds: float) -> int:
        """What the position is worth for `colour`, who is to move."""
        return self._player.choose(cells, colour, Limits(seconds)).score

    def three(self) -> list[int]:
        """Three first stones, Black, White, Black, from which no side is much better."""
        patterns = _THREES
        shape = self._chance.choice(patterns)
        turn = self._chance.randrange(8)
        edge = self._size // 2 - 3
        reach = range(-edge, edge + 1) if edge > 0 else range(1)
        right, up = (self._chance.choice((reach[0], reach[-1])) for _ in range(2))
        return [self._at(_turned(x, y, turn), right, up) for x, y in shape]

    def _at(self, place: tuple[int, int], right: int, up: int) -> int:
        size = self._size
        x = min(size - 1, max(0, size // 2 + right + place[0]))
        y = min(size - 1, max(0, size // 2 + up + place[1]))
        return y * size + x

    def after_three(self, points: Sequence[int], seconds: float) -> list[int] | None:
        """The answer to three stones: None, to take Black; one point, to go on with White; two, to leave the choice."""
        cells = self._board(points)
        found = self._player.choose(cells, WHITE, Limits(seconds * 0.4))
        if found.score <= -_CLEAR:
            return None
        if found.score >= _CLEAR:
            return [found.point]
        return self.two_more(points, seconds * 0.6)

    def two_more(self, points: Sequence[int], seconds: float) -> list[int]:
        """A stone of White and one of Black after which White, to move, is neither better nor worse."""
        pairs = [self._chance.sample(self._around(points), 2) for _ in range(_PAIRS)]
        return min(
            pairs, key=lambda pair: abs(self.score(self._board([*points, *pair]), WHITE, seconds / _PAIRS))
        )

    def after_five(self, points: Sequence[int], seconds: float) -> int | None:
        """None, to take Black after five stones; else the move of White."""
        found = self._player.choose(self._board(points), WHITE, Limits(seconds))
        return None if found.score < 0 else found.point

    def takes(self, cells: Sequence[int], colour: int, seconds: float) -> int:
        """The colour to take in a position where `colour` is to move."""
        return colour if self.score(cells, colour, seconds) >= 0 else 1 - colour

    def even(self, cells: Sequence[int], colour: int, points: Sequence[int], seconds: float) -> int:
        """The stone of `colour`, of those `points`, after which neither side is better."""
        return min(self._judged(cells, colour, points, seconds), key=lambda found: abs(found[0]))[1]

    def ranked(self, cells: Sequence[int], colour: int, points: Sequence[int], seconds: float) -> list[int]:
        """Those points, best for `colour` first."""
        return [point for _, point in sorted(self._judged(cells, colour, points, seconds), reverse=True)]

    def _judged(
        self, cells: Sequence[int], colour: int, points: Sequence[int], seconds: float
    ) -> list[tuple[int, int]]:
        found = []
        for point in points:
            after = bytearray(cells)
            after[point] = colour + 1
            found.append((-self.score(after, 1 - colour, seconds / len(points)), point))
        return found

    def _board(self, points: Sequence[int]) -> bytes:
        cells = bytearray(self._variant.points)
        for number, point in enumerate(points):
            cells[point] = 1 + (WHITE if number % 2 else BLACK)
        return bytes(cells)

    def _around(self, points: Sequence[int]) -> list[int]:
        size = self._size
        near: set[int] = set()
        for point in points:
            x, y = point % size, point // size
            for ny in range(max(0, y - 3), min(size, y + 4)):
                near.update(ny * size + nx for nx in range(max(0, x - 3), min(size, x + 4)))
        return sorted(near - set(points))


_THREES: Final = (
    ((0, 0), (1, 2), (-2, 2)),
    ((0, 0), (2, 1), (-2, -2)),
    ((0, 0), (1, 3), (3, -1)),
    ((0, 0), (-1, 2), (2, 3)),
)
"""Shapes of three stones with little in common, near an edge."""


def _turned(x: int, y: int, turn: int) -> tuple[int, int]:
    """One of the eight turns and reflections."""
    if turn & 4:
        x = -x
    for _ in range(turn & 3):
        x, y = -y, x
    return x, y
