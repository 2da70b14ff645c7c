"""What stones threaten: the patterns of Gomoku and a search over forced moves. Serves the bot; knows no turn.

A *four* needs one more stone for five, an *open four* has two ways to five, an *open three* needs one more
stone for an open four. Two fours on one line count as an open four: both can be completed, one can be blocked.

A position is `bytes`, the board with a border of `WALL`, so that every line of 11 points is one slice; its points
are *cells*. Positions are immutable, so the search has nothing to undo. A line is looked up by its 11 bytes.
"""

from collections.abc import Iterable
from typing import Final

from p2pgame.games.gomoku.rules import BLACK, EMPTY, WHITE, Rule, State

__all__ = [
    "FIVE",
    "FOUR",
    "NOTHING",
    "OPEN_FOUR",
    "OPEN_THREE",
    "OPEN_TWO",
    "THREE",
    "TWO",
    "Budget",
    "Threats",
    "cell_of",
    "nearby",
    "place",
    "point_of",
    "position_of",
]

NOTHING, SINGLE, TWO, OPEN_TWO, THREE, OPEN_THREE, FOUR, OPEN_FOUR, FIVE = range(9)
"""What one stone makes on one line, weakest first."""

WALL: Final = 3
_REACH: Final = 5
"""A five reaches 4 points to a side; whether it is an overline shows at the 5th."""
_STRIDE: Final = 20 + _REACH
"""From row to row, whatever the size of the board: the largest one fits."""
_LINES: Final = tuple((d * _REACH, d) for d in (1, _STRIDE - 1, _STRIDE, _STRIDE + 1))
_ON_LINES: Final = tuple(i * d for _, d in _LINES for i in range(-4, 5) if i)
_NEAR: Final = tuple(dy * _STRIDE + dx for dy in range(-2, 3) for dx in range(-2, 3) if dx or dy)
_DEPTH: Final = 8
"""Fours in a row that the search looks ahead."""


def cell_of(point: int, size: int) -> int:
    return (point // size + _REACH) * _STRIDE + point % size + _REACH


def point_of(cell: int, size: int) -> int:
    return (cell // _STRIDE - _REACH) * size + cell % _STRIDE - _REACH


def position_of(state: State) -> bytes:
    """The position of a state."""
    size = state.size
    cells = bytearray((WALL,)) * ((size + 2 * _REACH) * _STRIDE + _REACH)
    for y in range(size):
        start = cell_of(y * size, size)
        cells[start : start + size] = state.board[y * size : (y + 1) * size]
    return bytes(cells)


def place(position: bytes, colour: int, cell: int) -> bytes:
    """`position` with a stone of `colour` on `cell`."""
    return position[:cell] + (b"\x01", b"\x02")[colour] + position[cell + 1 :]


def nearby(position: bytes) -> list[int]:
    """The empty cells within two steps of a stone, in order: no other cell makes or stops a four."""
    stones = [cell for cell, value in enumerate(position) if value in (1, 2)]
    return sorted({cell + d for cell in stones for d in _NEAR if position[cell + d] == EMPTY})


class Budget:
    """How many positions may be searched: bounds the time of a move without a clock, so a move can be repeated."""

    def __init__(self, nodes: int) -> None:
        self.left = nodes

    def spend(self) -> bool:
        """Take one; False if none is left."""
        self.left -= 1
        return self.left >= 0


class Threats:
    """The patterns under one rule, and what can be forced with them. Sees no fouls, and no fives that Caro forbids."""

    def __init__(self, rule: Rule) -> None:
        exact = rule == "standard"
        black = exact or rule in ("renju", "renju_fouls_refused")
        self._patterns = (_Patterns(BLACK + 1, black), _Patterns(WHITE + 1, exact))

    def shapes(self, position: bytes, colour: int, cell: int) -> list[int]:
        """What a stone of `colour` on `cell` makes on each of its four lines."""
        patterns = self._patterns[colour]
        return [patterns[position[cell - r : cell + r + 1 : d]][0] for r, d in _LINES]

    def fives(self, position: bytes, colour: int, cell: int) -> set[int]:
        """The cells that complete a five of `colour` once it has a stone on `cell`."""
        patterns = self._patterns[colour]
        return {cell + i * d for r, d in _LINES for i in patterns[position[cell - r : cell + r + 1 : d]][1]}

    def forced_win(
        self, position: bytes, colour: int, cells: Iterable[int], budget: Budget, *, forced: int | None = None
    ) -> list[int] | None:
        """A win of `colour`, to move, by fours alone; None if there is none or the budget ends.

        `cells` are the empty cells to begin with, `forced` the only one that stops the other side's four; the
        other side must not have two. The answer holds every cell where the other side could have interfered.
        """
        return self._fours(position, colour, cells, budget, forced, _DEPTH)

    def _fours(
        self,
        position: bytes,
        colour: int,
        cells: Iterable[int],
        budget: Budget,
        forced: int | None,
        depth: int,
    ) -> list[int] | None:
        if not budget.spend():
            return None
        patterns = self._patterns[colour]
        fours: dict[int, set[int]] = {}
        for cell in cells if forced is None else (forced,):
            if position[cell] != EMPTY:
                continue
            fives: set[int] = set()
            for r, d in _LINES:
                shape, steps = patterns[position[cell - r : cell + r + 1 : d]]
                if shape == FIVE:
                    return [cell]
                if steps:
                    fives.update(cell + i * d for i in steps)
            if fives:
                fours[cell] = fives
        for cell, fives in fours.items():
            if len(fives) > 1:
                return [cell, *sorted(fives)]
        if depth == 0:
            return None
        for cell, (reply,) in fours.items():
            after = place(place(position, colour, cell), 1 - colour, reply)
            answers = self.fives(after, 1 - colour, reply)
            if len(answers) > 1 or FIVE in self.shapes(after, 1 - colour, reply):
                continue
            further = dict.fromkeys((*fours, *(cell + d for d in _ON_LINES)))
            rest = self._fours(after, colour, further, budget, next(iter(answers), None), depth - 1)
            if rest is not None:
                return [cell, reply, *rest]
        return None


class _Patterns(dict[bytes, tuple[int, tuple[int, ...]]]):
    """For a line of 11 cells: what a stone in its middle makes, and the steps from there to the fives then open.

    Each line is measured when first met, then remembered.
    """

    def __init__(self, stone: int, exact: bool) -> None:
        super().__init__()
        self._stone = stone
        self._exact = exact

    def __missing__(self, line: bytes) -> tuple[int, tuple[int, ...]]:
        cells = [1 if c == self._stone else 0 if c == EMPTY else -1 for c in line]
        cells[_REACH] = 1
        found = self[line] = self._measure(cells)
        return found

    def _measure(self, cells: list[int]) -> tuple[int, tuple[int, ...]]:
        counts = [stones for stones, _ in self._windows(cells)]
        most = max(counts, default=0)
        if most == 5:
            return FIVE, ()
        if most == 4:
            fives = self._fives(cells)
            return (OPEN_FOUR if len(fives) > 1 else FOUR), fives
        if most == 3:
            ways = max(len(self._fives([*cells[:i], 1, *cells[i + 1 :]])) for i in range(11) if cells[i] == 0)
            return (OPEN_THREE if ways > 1 else THREE), ()
        if most == 2:
            return (OPEN_TWO if counts.count(2) > 2 else TWO), ()
        return (SINGLE if len(counts) > 2 else NOTHING), ()

    def _windows(self, cells: list[int]) -> list[tuple[int, int]]:
        """The fives through the middle that can still be made: stones in each, and where it starts."""
        found = []
        for start in range(1, _REACH + 1):
            window = cells[start : start + 5]
            overline = self._exact and 1 in (cells[start - 1], cells[start + 5])
            if -1 not in window and not overline:
                found.append((sum(window), start))
        return found

    def _fives(self, cells: list[int]) -> tuple[int, ...]:
        """Steps from the middle to each empty cell that completes a five."""
        starts = [start for stones, start in self._windows(cells) if stones == 4]
        return tuple(sorted({cells.index(0, start) - _REACH for start in starts}))
