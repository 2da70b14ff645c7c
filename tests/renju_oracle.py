"""Fouls of renju once more, slowly, from the definitions alone: an oracle for `p2pgame.games.gomoku.fouls`.

Stones are sets of ``(x, y)``. A four is a set of four stones that one more makes a five, so an open row of four is one
four, and two fours on one line are two sets.
"""

from itertools import product

__all__ = ["WAYS", "At", "at_point", "foul"]

At = tuple[int, int]
WAYS = ((1, 0), (0, 1), (1, 1), (1, -1))


def at_point(size: int, point: int) -> At:
    return point % size, point // size


def foul(size: int, black: frozenset[At], white: frozenset[At], at: At) -> str | None:
    """What a stone of Black on the empty point `at` is: a foul, ``"five"`` or nothing."""
    after = black | {at}
    if any(_makes_five(size, after, at, way) for way in WAYS):
        return "five"
    if any(_row(after, at, way) > 5 for way in WAYS):
        return "overline"
    if sum(len(_fours(size, after, white, at, way)) for way in WAYS) > 1:
        return "double four"
    if sum(_is_three(size, after, white, at, way) for way in WAYS) > 1:
        return "double three"
    return None


def _row(black: frozenset[At], at: At, way: At) -> int:
    """Length of the unbroken row through `at`."""
    length = 1
    for sign in (1, -1):
        x, y = at
        while (x := x + sign * way[0], y := y + sign * way[1]) in black:
            length += 1
    return length


def _makes_five(size: int, black: frozenset[At], at: At, way: At) -> bool:
    return at in black and _row(black, at, way) == 5


def _fours(size: int, black: frozenset[At], white: frozenset[At], at: At, way: At) -> set[frozenset[At]]:
    found = set()
    for start in range(-4, 1):
        window = [(at[0] + i * way[0], at[1] + i * way[1]) for i in range(start, start + 5)]
        gaps = [cell for cell in window if cell not in black]
        if len(gaps) == 1 and _makes_five(size, black | {gaps[0]}, gaps[0], way):
            if not _free(size, black, white, gaps[0]):
                continue
            found.add(frozenset(window) - {gaps[0]})
    return found


def _free(size: int, black: frozenset[At], white: frozenset[At], cell: At) -> bool:
    inside = 0 <= cell[0] < size and 0 <= cell[1] < size
    return inside and cell not in black and cell not in white


def _is_three(size: int, black: frozenset[At], white: frozenset[At], at: At, way: At) -> bool:
    """Whether one more stone, which is allowed and no five, makes an unbroken four with `at` that is open twice."""
    for start, extra in product(range(-3, 1), range(4)):
        row = [(at[0] + i * way[0], at[1] + i * way[1]) for i in range(start, start + 4)]
        more = row[extra]
        if not _free(size, black, white, more) or any(cell not in black for cell in row if cell != more):
            continue
        four = black | {more}
        ends = (
            (row[0][0] - way[0], row[0][1] - way[1]),
            (row[3][0] + way[0], row[3][1] + way[1]),
        )
        straight = all(
            _free(size, four, white, end) and _makes_five(size, four | {end}, end, way) for end in ends
        )
        if straight and foul(size, black, white, more) is None:
            return True
    return False
