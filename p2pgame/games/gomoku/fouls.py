"""What Black may not do in renju, by the rules of the Renju International Federation (RIF). Pure; knows no turn.

*Five*: exactly five in a row. *Overline*: more than five. *Four*: four stones to which one more makes a five, counted
once if they are an unbroken row that is open at both ends (a *straight four*), though two stones complete it. *Three*:
one more stone, which is itself allowed and makes no five, makes a straight four of it.

A stone is a foul if it makes an overline, two fours, or two threes, unless it makes a five as well. Whether a three is
one depends on whether another stone is a foul, and so on: each step adds a stone to a line, so it ends.
"""

from functools import cache
from operator import itemgetter
from typing import Final, Literal, NamedTuple

from .board import DIRECTIONS, EMPTY

__all__ = ["Foul", "forbidden", "forbidden_points"]

Foul = Literal["overline", "double four", "double three"]

_BLACK: Final = 1
_CLOSED: Final = 3
"""A stone of White or the edge: Black cannot go on there."""
_AS_BLACK_SEES: Final = bytes((EMPTY, _BLACK, _CLOSED, _CLOSED)) + bytes(252)
_REACH: Final = 5
"""Cells to each side of a stone that matter: a five reaches four, and the fifth tells whether it is longer."""


class _Shape(NamedTuple):
    """What a stone of Black makes on one line."""

    row: int
    """Length of its unbroken row, 11 at most."""
    fours: int
    straight: tuple[int, ...]
    """Indices into the line where another stone makes a straight four."""


def forbidden(board: bytes, size: int, point: int) -> Foul | None:
    """The foul that a stone of Black on the empty `point` is in renju, or None. `board` has one byte a point.

    Takes a few microseconds where no lines meet, and rarely more than a tenth of a millisecond.
    """
    verdict = _judge(board.translate(_AS_BLACK_SEES) + bytes((_CLOSED,)), _lines(size), point)
    return None if verdict == "five" else verdict


def forbidden_points(board: bytes, size: int) -> dict[int, Foul]:
    """Every empty point where a stone of Black is a foul, and which."""
    cells, lines = board.translate(_AS_BLACK_SEES) + bytes((_CLOSED,)), _lines(size)
    found: dict[int, Foul] = {}
    for point in range(size * size):
        if cells[point] == EMPTY:
            verdict = _judge(cells, lines, point)
            if verdict is not None and verdict != "five":
                found[point] = verdict
    return found


class _Line(NamedTuple):
    """The 11 points around one, in one direction. Off the board is the cell behind the last point."""

    points: tuple[int, ...]
    cells: "itemgetter[tuple[int, ...]]"


def _judge(cells: bytes, lines: tuple[tuple[_Line, ...], ...], point: int) -> Foul | Literal["five"] | None:
    here = lines[point]
    shapes = [_shape(line.cells(cells)) for line in here]
    rows = [shape.row for shape in shapes]
    if 5 in rows:
        return "five"
    if max(rows) > 5:
        return "overline"
    if sum(shape.fours for shape in shapes) > 1:
        return "double four"
    threes = [(line, shape.straight) for line, shape in zip(here, shapes, strict=True) if shape.straight]
    if len(threes) > 1:
        after = cells[:point] + b"\x01" + cells[point + 1 :]
        real = 0
        for line, steps in threes:
            real += any(_judge(after, lines, line.points[step]) is None for step in steps)
            if real > 1:
                return "double three"
    return None


@cache
def _shape(line: tuple[int, ...]) -> _Shape:
    """What a stone in the middle of 11 cells makes. There are 3 ** 10 lines at most, so what is kept is bounded."""
    cells = [*line]
    cells[_REACH] = _BLACK
    first, last = _row(cells)
    if last - first > 3:
        return _Shape(last - first + 1, 0, ())
    fives = [end for end in (first - 1, last + 1) if cells[end] == EMPTY and _length(cells, end) == 5]
    if fives:
        straight = last - first == 3
        return _Shape(last - first + 1, 1 if straight else len(fives), ())
    makes = [i for i in (first - 1, last + 1) if cells[i] == EMPTY and _straight_four(cells, i)]
    return _Shape(last - first + 1, 0, tuple(makes))


def _row(cells: list[int]) -> tuple[int, int]:
    """First and last index of the row of Black through the middle."""
    first = last = _REACH
    while first > 0 and cells[first - 1] == _BLACK:
        first -= 1
    while last < 2 * _REACH and cells[last + 1] == _BLACK:
        last += 1
    return first, last


def _length(cells: list[int], added: int) -> int:
    """Length of the row through the middle with one stone more."""
    first, last = _row([*cells[:added], _BLACK, *cells[added + 1 :]])
    return last - first + 1


def _straight_four(cells: list[int], added: int) -> bool:
    """Whether one stone more makes an unbroken four through the middle that can become a five at both ends."""
    with_it = [*cells[:added], _BLACK, *cells[added + 1 :]]
    first, last = _row(with_it)
    if last - first != 3:
        return False
    return all(with_it[end] == EMPTY and _length(with_it, end) == 5 for end in (first - 1, last + 1))


@cache
def _lines(size: int) -> tuple[tuple[_Line, ...], ...]:
    """Of each point its four lines."""
    return tuple(
        tuple(_line(size, point % size, point // size, dx, dy) for dx, dy in DIRECTIONS)
        for point in range(size * size)
    )


def _line(size: int, x: int, y: int, dx: int, dy: int) -> _Line:
    ways = [(x + i * dx, y + i * dy) for i in range(-_REACH, _REACH + 1)]
    points = tuple(b * size + a if 0 <= a < size and 0 <= b < size else size * size for a, b in ways)
    return _Line(points, itemgetter(*points))
