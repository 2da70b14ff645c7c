"""The lines of a board, and what stands on them: each state of a line is analysed once, then shared by all positions.

A `Line` state knows for every empty cell what a stone of either colour would make there, as masks over the whole
board: sums and exclusive ors of them over all lines are the threats of a position (`position`). The states of a line
are the nodes of a graph: a stone leads from one to another.
"""

from functools import lru_cache
from typing import Final

from p2pgame.games.gomoku.engine.patterns import REACH, WINDOW, Patterns, Shape
from p2pgame.games.gomoku.engine.variant import Variant, Wins

__all__ = ["CLASSES", "FIVE", "FOUL", "FOUR", "OPEN_FOUR", "THREE", "Board", "Line", "board_of"]

FIVE, OPEN_FOUR, FOUR, THREE, FOUL = range(5)
"""The classes of cells, as masks of points: what a stone there makes on one line, at least. `THREE`: an open three, no
more. `FOUL`: an overline or two fours on one line."""
CLASSES: Final = 5

_ATTACK: Final = (0, 1, 2, 5, 6, 12, 14, 28, 31)
_DEFENCE: Final = (0, 0, 1, 4, 4, 9, 10, 24, 30)
"""Of each shape: how soon a move that makes it, or takes it from the other side, is tried. At most 61 a line together,
so that the sum of four fits one byte."""
_WORTH_TO_MOVE: Final = (0, 9, 2, 5, 6, 40, 65, 120, 150)
_WORTH_TO_WAIT: Final = (0, 9, 2, 3, 8, 24, 51, 110, 140)
"""Of each shape that a side could make on a line: what that is worth to it, if it is to move or not. A unit is a 200th
of a logit of winning; fitted to the outcomes of 680 games of the engine with itself."""
_STATES_MAX: Final = 60_000
"""States of lines that are kept, 2 kB each."""


class Line:
    """A state of one line of the board."""

    __slots__ = ("black", "black_worth", "cells", "gains", "guards", "masks", "next", "white", "white_worth")

    def __init__(
        self,
        cells: bytes,
        masks: int,
        gains: tuple[int, int],
        black: int,
        white: int,
        black_worth: int,
        white_worth: int,
    ) -> None:
        self.cells = cells
        """From its first point to its last: 0, or colour + 1."""
        self.masks = masks
        """Of Black `FIVE`, `OPEN_FOUR` ... `FOUL`, then of White: each a mask of all points of the board."""
        self.gains = gains
        """Of each colour: bit ``2 * i`` if a stone on cell ``i`` leaves it something to make another four of, after the
        answer to a four on this line; the bit above it if that needs two stones more."""
        self.black = black
        """For Black to move: one byte a point, how good a move there looks."""
        self.white = white
        self.black_worth = black_worth
        """What the line is worth for Black if Black is to move."""
        self.white_worth = white_worth
        """What it is worth for White if White is to move."""
        self.next: list[Line | None] = [None] * (2 * len(cells))
        """After a stone of ``colour`` on its cell ``i``: at ``2 * i + colour``."""
        self.guards: list[int | None] = [None, None]
        """`Board.guard` of each colour, once it was asked."""


class Board:
    """The lines of a board of one variant, and all that was found out about them."""

    def __init__(self, variant: Variant) -> None:
        self.variant = variant
        self.size = variant.size
        self.points = variant.points
        self.all = (1 << self.points) - 1
        self.lines: list[tuple[int, ...]] = []
        """The points of each line."""
        self.places: list[tuple[tuple[int, int], ...]] = []
        """Of each point: for its four lines their number and twice the place of the point on them."""
        self.reach: list[int] = []
        """The points of each line, as a mask."""
        self._states = 0
        self._caches: list[dict[bytes, Line]] = []
        self._patterns = (
            Patterns(variant.wins[0], variant.fouls),
            Patterns(variant.wins[1], False),
        )
        self._walls_differ = Wins.UNBLOCKED in variant.wins
        self._found: dict[bytes, tuple[tuple[tuple[int, Shape, bool], ...], ...]] = {}
        self._lay_lines()

    def _lay_lines(self) -> None:
        size = self.size
        places: list[list[tuple[int, int]]] = [[] for _ in range(self.points)]
        for dx, dy in ((1, 0), (0, 1), (1, 1), (1, -1)):
            for start in range(self.points):
                x, y = start % size, start // size
                if 0 <= x - dx < size and 0 <= y - dy < size:
                    continue
                line: list[int] = []
                while 0 <= x < size and 0 <= y < size:
                    places[y * size + x].append((len(self.lines), 2 * len(line)))
                    line.append(y * size + x)
                    x, y = x + dx, y + dy
                self.lines.append(tuple(line))
        self.places = [tuple(of) for of in places]
        self._caches = [{} for _ in self.lines]
        self.reach = [sum(1 << point for point in line) for line in self.lines]

    def guard(self, number: int, line: Line, colour: int) -> int:
        """The points of a line where a stone of the other side leaves `colour` no open four on it."""
        found = line.guards[colour]
        if found is None:
            shift = colour * CLASSES * self.points + OPEN_FOUR * self.points
            found = line.guards[colour] = self._without(number, line, colour, self.all << shift)
        return found

    def spoil(self, number: int, line: Line, colour: int, bit: int) -> int:
        """The points of a line where a stone of the other side clears the bit of that number in its masks."""
        return self._without(number, line, colour, 1 << bit)

    def _without(self, number: int, line: Line, colour: int, masks: int) -> int:
        found = 0
        for at, point in enumerate(self.lines[number]):
            if not line.cells[at]:
                place = 2 * at + 1 - colour
                after = line.next[place] or self.follow(number, line, place)
                if not after.masks & masks:
                    found |= 1 << point
        return found

    def empty(self) -> list[Line]:
        """The lines of an empty board."""
        if self._states > _STATES_MAX:
            self._forget()
        return [self._state(number, bytes(len(line))) for number, line in enumerate(self.lines)]

    def _forget(self) -> None:
        self._states = 0
        self._found.clear()
        self._caches = [{} for _ in self.lines]

    def follow(self, number: int, line: Line, place: int) -> Line:
        """The state of the line of that number after a stone; `place` as in `Line.next`."""
        at, colour = divmod(place, 2)
        cells = line.cells[:at] + (b"\x01", b"\x02")[colour] + line.cells[at + 1 :]
        found = self._state(number, cells)
        if self._states <= _STATES_MAX:
            line.next[place] = found
        return found

    def _state(self, number: int, cells: bytes) -> Line:
        cache = self._caches[number]
        found = cache.get(cells)
        if found is None:
            found = self._analysed(number, cells)
            if self._states <= _STATES_MAX:
                cache[cells] = found
                self._states += 1
        return found

    def _analysed(self, number: int, cells: bytes) -> Line:
        """The state of a line, with what is found on it put where the line lies on the board."""
        points, size = self.lines[number], self.points
        masks = 0
        worth, gains = [0, 0], [0, 0]
        order = (bytearray(size), bytearray(size))
        for colour, found in enumerate(self._shapes(cells)):
            shift = colour * CLASSES * size
            for at, shape, foul in found:
                point = points[at]
                if shape >= Shape.OPEN_THREE:
                    bit = 1 << point + shift
                    if shape == Shape.FIVE:
                        masks |= bit | bit << FOUR * size
                    elif shape == Shape.OPEN_THREE:
                        masks |= bit << THREE * size
                    elif shape == Shape.OPEN_FOUR:
                        masks |= bit << OPEN_FOUR * size | bit << FOUR * size
                    else:
                        masks |= bit << FOUR * size
                if foul:
                    masks |= 1 << point + shift + FOUL * size
                if shape == Shape.FOUR:
                    gains[colour] |= _leaves_more(cells, at, colour + 1) << 2 * at
                elif shape >= Shape.TWO:
                    gains[colour] |= (2 if shape < Shape.THREE else 1) << 2 * at
                order[colour][point] += _ATTACK[shape]
                order[1 - colour][point] += _DEFENCE[shape]
                worth[colour] += _WORTH_TO_MOVE[shape]
                worth[1 - colour] -= _WORTH_TO_WAIT[shape]
        black, white = (int.from_bytes(looks, "little") for looks in order)
        return Line(cells, masks, (gains[0], gains[1]), black, white, *worth)

    def _shapes(self, cells: bytes) -> tuple[tuple[tuple[int, Shape, bool], ...], ...]:
        """Of Black and White: the empty cells where a stone makes something, what, and whether it is a foul."""
        known = self._found.get(cells)
        if known is not None:
            return known
        length = len(cells)
        stones = [
            sum(1 << at for at in range(length) if cells[at] == colour + 1) << REACH for colour in (0, 1)
        ]
        edge = (1 << REACH) - 1
        walls = edge | edge << length + REACH
        found: list[tuple[tuple[int, Shape, bool], ...]] = []
        for colour in (0, 1):
            own, other, patterns = stones[colour], stones[1 - colour], self._patterns[colour]
            if not own or length < 5:
                found.append(())
                continue
            made = []
            for at in range(length):
                if cells[at] or not own >> at & WINDOW:
                    continue
                if self._walls_differ:
                    key = (own >> at & WINDOW) << 22 | (other >> at & WINDOW) << 11 | walls >> at & WINDOW
                else:
                    key = (own >> at & WINDOW) << 22 | (other | walls) >> at & WINDOW
                pattern = patterns[key]
                if pattern.shape or pattern.foul:
                    made.append((at, pattern.shape, pattern.foul))
            found.append(tuple(made))
        if len(self._found) > _STATES_MAX:
            self._found.clear()
        both = self._found[cells] = tuple(found)
        return both


def _leaves_more(cells: bytes, at: int, stone: int) -> bool:
    """Whether a four of `stone` on that cell can be part of another one, once its answer stands on the line."""
    after = bytearray(cells)
    after[at] = stone
    windows = [range(first, first + 5) for first in range(max(0, at - 4), min(at, len(cells) - 5) + 1)]
    for window in windows:
        held = after[window.start : window.stop]
        if held.count(stone) == 4 and 0 in held:
            after[window.start + held.index(0)] = 3 - stone
            break
    for window in windows:
        held = after[window.start : window.stop]
        if held.count(stone) >= 3 and 3 - stone not in held:
            return True
    return False


@lru_cache(maxsize=4)
def board_of(variant: Variant) -> Board:
    """The board of a variant, shared by all that play on it in this process. Not for several threads at once."""
    return Board(variant)
