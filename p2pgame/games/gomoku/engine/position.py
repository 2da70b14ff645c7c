"""A position of Gomoku: stones can be added and taken back, and what either side threatens is always known.

Each of the four directions has one mask in which all classes of cells of both colours stand side by side
(`lines.Line.masks`). A stone changes four lines; their masks are exchanged with two exclusive ors a direction. What can
be made on one line, or on two at once, is then found for all points by a few operations on four integers.
"""

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

from p2pgame.games.gomoku.engine.lines import CLASSES, FOUL, FOUR, OPEN_FOUR, THREE, Line, board_of
from p2pgame.games.gomoku.engine.variant import BLACK, Variant

__all__ = ["Forbidden", "Position", "points_of"]

Forbidden = Callable[[bytes, int], bool]
"""``forbidden(cells, point)``: whether Black may not play there, in renju."""

_KEYS: Final = random.Random(0x60304B)
_HASHES: Final = tuple(tuple(_KEYS.getrandbits(60) for _ in range(22 * 22)) for _ in range(2))
"""Of a stone of each colour on each point (Zobrist, 1970)."""

_Memory = tuple[int, Line, Line, Line, Line, tuple[int, int, int, int], tuple[int, int], tuple[int, int], int]


def points_of(mask: int) -> Iterator[int]:
    """The points of a mask, lowest first."""
    while mask:
        bit = mask & -mask
        mask ^= bit
        yield bit.bit_length() - 1


class Position:
    """A board with stones. Masks have one bit a point."""

    __slots__ = (
        "_board", "_follow", "_forbidden", "_lines", "_places", "_stack", "all", "cells", "directions", "key", "order",
        "points", "shifts", "size", "stones", "variant", "worth",
    )  # fmt: skip

    def __init__(
        self, variant: Variant, stones: Sequence[int] = (), forbidden: Forbidden | None = None
    ) -> None:
        """`stones`: for each point 0, or its colour + 1; default: none. `forbidden`: needed where there are fouls."""
        self.variant = variant
        self.size = variant.size
        self.points = variant.points
        self.shifts = (0, CLASSES * variant.points)
        """Where the masks of each colour begin in `directions`."""
        board = self._board = board_of(variant)
        self.all = board.all
        self._forbidden = forbidden if variant.fouls else None
        self._places = board.places
        self._follow = board.follow
        self._lines: list[Line] = board.empty()
        self.directions = (0, 0, 0, 0)
        """`Line.masks` of all lines of each direction."""
        self.order = (0, 0)
        """`Line.order`, summed up."""
        self._stack: list[_Memory] = []
        self.cells = bytearray(self.points)
        """For each point 0, or the colour of its stone + 1."""
        self.key = 0
        """Equal for equal stones; 60 bits."""
        self.stones = 0
        self.worth = (0, 0)
        """How well Black stands if Black is to move, and White if White is."""
        for point, stone in enumerate(stones):
            if stone:
                self.play(point, stone - 1)

    def play(self, point: int, colour: int) -> None:
        """A stone on an empty point."""
        black, white = self.order
        black_worth, white_worth = self.worth
        self.put(point, colour)
        lines = self._lines
        _, o0, o1, o2, o3, _, _, _, _ = self._stack[-1]
        (n0, _), (n1, _), (n2, _), (n3, _) = self._places[point]
        a0, a1, a2, a3 = lines[n0], lines[n1], lines[n2], lines[n3]
        self.order = (
            black + a0.black - o0.black + a1.black - o1.black + a2.black - o2.black + a3.black - o3.black,
            white + a0.white - o0.white + a1.white - o1.white + a2.white - o2.white + a3.white - o3.white,
        )
        self.worth = (
            black_worth
            + (a0.black_worth + a1.black_worth + a2.black_worth + a3.black_worth)
            - (o0.black_worth + o1.black_worth + o2.black_worth + o3.black_worth),
            white_worth
            + (a0.white_worth + a1.white_worth + a2.white_worth + a3.white_worth)
            - (o0.white_worth + o1.white_worth + o2.white_worth + o3.white_worth),
        )

    def put(self, point: int, colour: int) -> None:
        """A stone on an empty point, without `order` and `worth`: they stay those of the last `play`."""
        lines = self._lines
        (n0, p0), (n1, p1), (n2, p2), (n3, p3) = self._places[point]
        o0, o1, o2, o3 = lines[n0], lines[n1], lines[n2], lines[n3]
        d0, d1, d2, d3 = directions = self.directions
        self._stack.append((point, o0, o1, o2, o3, directions, self.order, self.worth, self.key))
        lines[n0] = a0 = o0.next[p0 + colour] or self._follow(n0, o0, p0 + colour)
        lines[n1] = a1 = o1.next[p1 + colour] or self._follow(n1, o1, p1 + colour)
        lines[n2] = a2 = o2.next[p2 + colour] or self._follow(n2, o2, p2 + colour)
        lines[n3] = a3 = o3.next[p3 + colour] or self._follow(n3, o3, p3 + colour)
        self.directions = (
            d0 ^ o0.masks ^ a0.masks,
            d1 ^ o1.masks ^ a1.masks,
            d2 ^ o2.masks ^ a2.masks,
            d3 ^ o3.masks ^ a3.masks,
        )
        self.key ^= _HASHES[colour][point]
        self.cells[point] = colour + 1
        self.stones += 1

    def undo(self) -> None:
        """Take the newest stone back."""
        lines = self._lines
        point, o0, o1, o2, o3, self.directions, self.order, self.worth, self.key = self._stack.pop()
        (n0, _), (n1, _), (n2, _), (n3, _) = self._places[point]
        lines[n0], lines[n1], lines[n2], lines[n3] = o0, o1, o2, o3
        self.cells[point] = 0
        self.stones -= 1

    def best_looking(self, colour: int, points: Iterable[int]) -> list[int]:
        """Points, best looking for `colour` first, right after `put`, too."""
        lines, places = self._lines, self._places

        def look(point: int) -> int:
            (n0, _), (n1, _), (n2, _), (n3, _) = places[point]
            l0, l1, l2, l3 = lines[n0], lines[n1], lines[n2], lines[n3]
            if colour == BLACK:
                looks = l0.black + l1.black + l2.black + l3.black
            else:
                looks = l0.white + l1.white + l2.white + l3.white
            return looks >> 8 * point & 255

        return sorted(points, key=look, reverse=True)

    def gaining(self, colour: int, mask: int, bits: int) -> int:
        """The points of `mask` where a line has one of the `bits` of `Line.gains`."""
        lines, places = self._lines, self._places
        for point in points_of(mask):
            (n0, p0), (n1, p1), (n2, p2), (n3, p3) = places[point]
            gains = (
                lines[n0].gains[colour] >> p0
                | lines[n1].gains[colour] >> p1
                | lines[n2].gains[colour] >> p2
                | lines[n3].gains[colour] >> p3
            )
            if not gains & bits:
                mask ^= 1 << point
        return mask

    def mask(self, colour: int, kind: int) -> int:
        """Where a stone of `colour` makes `kind` (`lines.FIVE` ...) on a line."""
        d0, d1, d2, d3 = self.directions
        return (d0 | d1 | d2 | d3) >> self.shifts[colour] + kind * self.points & self.all

    def twice(self, colour: int, kind: int) -> int:
        """Where a stone of `colour` makes `kind` on two lines at least."""
        d0, d1, d2, d3 = self.directions
        two = d0 & d1 | d2 & d3 | (d0 | d1) & (d2 | d3)
        return two >> self.shifts[colour] + kind * self.points & self.all

    def wins_by_four(self, colour: int) -> int:
        """Where a stone of `colour` leaves it two ways to five; all points of it may be played."""
        return self.may_play(colour, self.mask(colour, OPEN_FOUR) | self.twice(colour, FOUR))

    def may_play(self, colour: int, mask: int) -> int:
        """The points of `mask` where `colour` may play by the rules of fouls. A five is no foul."""
        if self._forbidden is None or colour != BLACK or not mask:
            return mask
        doubtful = (
            mask
            & (self.mask(BLACK, FOUL) | self.twice(BLACK, FOUR) | self.twice(BLACK, THREE))
            & ~self.mask(BLACK, 0)
        )
        for point in points_of(doubtful):
            if self._forbidden(bytes(self.cells), point):
                mask ^= 1 << point
        return mask

    def guards(self, colour: int) -> int:
        """Where a stone of the other side leaves `colour` no way to two ways to five at once."""
        guards = self.all
        points = self.points
        shift = self.shifts[colour] + OPEN_FOUR * points
        for direction, masks in enumerate(self.directions):
            rest = masks >> shift & self.all
            while rest:
                point = (rest & -rest).bit_length() - 1
                number, _ = self._places[point][direction]
                guards &= self._board.guard(number, self._lines[number], colour)
                rest &= ~self._board.reach[number]
        for point in points_of(self.twice(colour, FOUR)):
            guards &= self._against_two_fours(colour, point)
        return guards

    def _against_two_fours(self, colour: int, point: int) -> int:
        """Where a stone of the other side leaves `colour` one four at most on `point`."""
        shift = self.shifts[colour] + FOUR * self.points + point
        lines = [
            self._places[point][direction][0]
            for direction, masks in enumerate(self.directions)
            if masks >> shift & 1
        ]
        if len(lines) > 2:
            return 1 << point
        found = 1 << point
        for number in lines:
            found |= self._board.spoil(number, self._lines[number], colour, shift)
        return found
