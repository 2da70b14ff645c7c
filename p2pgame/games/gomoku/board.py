"""The board of Gomoku: its sizes, points, coordinates and rows. Pure geometry; knows no rule.

A point is one integer, ``y * size + x``: A1, bottom left, is 0. On 15 x 15, O1 is 14, the centre H8 is 112 and O15 is
224. Letters run from A to T and leave none out. The centre of a board of even size is the point right above its middle.
"""

from collections.abc import Iterable, Sequence
from functools import cache
from itertools import takewhile
from typing import Annotated, Final, Literal

import msgspec

__all__ = [
    "CENTRE",
    "DIRECTIONS",
    "EMPTY",
    "LETTERS",
    "POINTS",
    "POINTS_MAX",
    "SIZE",
    "Point",
    "Size",
    "arms",
    "centre",
    "distance",
    "format_point",
    "long_rows",
    "parse_point",
    "run",
    "stars",
    "symmetric",
]

Size = Literal[15, 13, 19, 20]
"""Points on a side."""
SIZE: Final = 15
"""The usual one, with its number of points and its centre."""
POINTS: Final = SIZE * SIZE
CENTRE: Final = POINTS // 2
POINTS_MAX: Final = 400
"""Points of the largest board."""
Point = Annotated[int, msgspec.Meta(ge=0, lt=POINTS_MAX)]

EMPTY: Final = 0
"""On the board, which has one byte a point; a stone of a colour is ``colour + 1``."""
LETTERS: Final = "ABCDEFGHIJKLMNOPQRST"
DIRECTIONS: Final = ((1, 0), (0, 1), (1, 1), (1, -1))
"""Columns and rows from one point of a line to the next."""

_TURNS: Final = (
    (1, 0, 0, 1), (0, -1, 1, 0), (-1, 0, 0, -1), (0, 1, -1, 0),
    (-1, 0, 0, 1), (1, 0, 0, -1), (0, 1, 1, 0), (0, -1, -1, 0),
)  # fmt: skip
"""The eight turns and reflections, as matrices."""


def centre(size: int) -> int:
    return size // 2 * size + size // 2


def distance(size: int, point: int) -> int:
    """Steps of a king from the centre: 1 in the square of 3 x 3 around it, 2 in that of 5 x 5."""
    return max(abs(point % size - size // 2), abs(point // size - size // 2))


def stars(size: int) -> tuple[int, ...]:
    """The marked points: on the third or fourth lines from the edge, and the middle lines."""
    edge = 2 if size < 15 else 3
    lines = (edge, size // 2, size - 1 - edge) if size % 2 else (edge, size - 1 - edge)
    return tuple(y * size + x for y in lines for x in lines)


def format_point(point: int, size: int = SIZE) -> str:
    """``H8`` for 112. A point off the board is given as its number."""
    return f"{LETTERS[point % size]}{point // size + 1}" if 0 <= point < size * size else str(point)


def parse_point(text: str, size: int = SIZE) -> int:
    """112 for ``H8`` or ``h8``. Raises `ValueError` for anything that is not a point of the board."""
    letter, number = text.strip()[:1].upper(), text.strip()[1:]
    column = LETTERS.find(letter, 0, size) if letter else -1
    row = _NUMBERS.get(number, size)
    if column < 0 or row >= size:
        raise ValueError(f"{text[:12]!r} is not a point from A1 to {format_point(size * size - 1, size)}")
    return row * size + column


_NUMBERS: Final = {str(y + 1): y for y in range(len(LETTERS))}


@cache
def arms(size: int) -> tuple[tuple[tuple[tuple[int, ...], tuple[int, ...]], ...], ...]:
    """For each point its four lines in the order of `DIRECTIONS`, each as the two arms that leave the point."""
    return tuple(
        tuple((_arm(size, p, -dx, -dy), _arm(size, p, dx, dy)) for dx, dy in DIRECTIONS)
        for p in range(size * size)
    )


def _arm(size: int, point: int, dx: int, dy: int) -> tuple[int, ...]:
    """The points from `point`, itself not included, to the edge."""
    x, y = point % size + dx, point // size + dy
    arm = []
    while 0 <= x < size and 0 <= y < size:
        arm.append(y * size + x)
        x, y = x + dx, y + dy
    return tuple(arm)


def long_rows(board: bytes, size: int, point: int) -> list[int]:
    """The directions in which the row through `point` has five stones or more."""
    stone, found = board[point], []
    for direction, both in enumerate(arms(size)[point]):
        length = 1
        for arm in both:
            for p in arm:
                if board[p] != stone:
                    break
                length += 1
        if length > 4:
            found.append(direction)
    return found


def run(board: bytes, size: int, point: int, direction: int) -> tuple[tuple[int, ...], bool]:
    """The unbroken row of the colour of `point` through it, and whether stones of the other colour close both ends.

    `direction` is an index into `DIRECTIONS`. The edge of the board closes nothing.
    """
    stone = board[point]
    back, ahead = arms(size)[point][direction]
    before = tuple(takewhile(lambda p: board[p] == stone, back))
    after = tuple(takewhile(lambda p: board[p] == stone, ahead))
    closed = all(board[p] != EMPTY for p in (*back[len(before) :][:1], *ahead[len(after) :][:1]))
    ends = len(back) > len(before) and len(ahead) > len(after)
    return (*reversed(before), point, *after), closed and ends


def symmetric(size: int, colours: Sequence[Iterable[int]], one: int, other: int) -> bool:
    """Whether `one` becomes `other` when the stones are turned or reflected so that each colour covers itself.

    `colours` has the points of each colour, at least one in all. What counts is the shape of the stones, not where on
    the board they are.
    """
    shapes = [frozenset((p % size, p // size) for p in points) for points in colours]
    stones = frozenset[tuple[int, int]]().union(*shapes)
    low = min(stones)
    for a, b, c, d in _TURNS:
        turned = {(a * x + b * y, c * x + d * y) for x, y in stones}
        first = min(turned)
        right, up = low[0] - first[0], low[1] - first[1]

        def image(
            at: tuple[int, int],
            a: int = a,
            b: int = b,
            c: int = c,
            d: int = d,
            right: int = right,
            up: int = up,
        ) -> tuple[int, int]:
            return a * at[0] + b * at[1] + right, c * at[0] + d * at[1] + up

        if image((one % size, one // size)) == (other % size, other // size) and all(
            {image(at) for at in shape} == shape for shape in shapes
        ):
            return True
    return False
