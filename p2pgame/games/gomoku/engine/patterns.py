"""What a stone makes on one line: classes of patterns, found once for each surrounding and then looked up.

A surrounding is the 5 cells to each side of the stone: what a five, an overline and an open four depend on ends there.
It is given as masks of 11 bits, bit 5 the stone itself. Windows of five cells are judged one by one.
"""

from enum import IntEnum
from typing import Final, NamedTuple

from p2pgame.games.gomoku.engine.variant import Wins

__all__ = ["CENTRE_BIT", "REACH", "WINDOW", "Pattern", "Patterns", "Shape"]

REACH: Final = 5
WINDOW: Final = (1 << 2 * REACH + 1) - 1
CENTRE_BIT: Final = 1 << REACH


class Shape(IntEnum):
    """What a stone makes on a line, weakest first."""

    NOTHING = 0
    ONE = 1
    TWO = 2
    OPEN_TWO = 3
    THREE = 4
    """One more stone makes a four."""
    OPEN_THREE = 5
    """One more stone makes an open four."""
    FOUR = 6
    """One more stone wins."""
    OPEN_FOUR = 7
    """One more stone wins, whatever single stone the other side adds."""
    FIVE = 8


class Pattern(NamedTuple):
    """What a stone makes on a line."""

    shape: Shape
    foul: bool
    """On this line alone: an overline, or two fours that are no open four. Only of a colour that has fouls."""


_NOTHING: Final = Pattern(Shape.NOTHING, False)
_FIVES: Final = tuple(0b11111 << start for start in range(1, REACH + 1))
"""The windows that hold the centre."""
_ENDS: Final = tuple(1 << start - 1 | 1 << start + 5 for start in range(1, REACH + 1))


class Patterns(dict[int, Pattern]):
    """By ``own << 22 | other << 11 | wall``. The bit of the centre is clear in all three masks."""

    def __init__(self, wins: Wins, fouls: bool) -> None:
        super().__init__()
        self._fouls = fouls
        self._exact = wins is Wins.EXACTLY_FIVE
        self._unblocked = wins is Wins.UNBLOCKED

    def __missing__(self, key: int) -> Pattern:
        own, other, wall = key >> 22, key >> 11 & WINDOW, key & WINDOW
        found = self[key] = self._judge(own | CENTRE_BIT, other, wall)
        return found

    def _judge(self, own: int, other: int, wall: int) -> Pattern:
        windows = self._windows(own, other, wall)
        most = max((count for _, count in windows), default=0)
        if most == 5:
            return Pattern(Shape.FIVE, False)
        overline = self._fouls and _run(own) > 5
        if most == 0:
            return Pattern(Shape.NOTHING, True) if overline else _NOTHING
        if most == 4:
            fives = _gaps(own, windows, 4)
            is_open = self._is_open_four(own, other, wall, fives)
            two_fours = self._fouls and fives.bit_count() > 1 and not _straight(own, fives)
            return Pattern(Shape.OPEN_FOUR if is_open else Shape.FOUR, overline or two_fours)
        return Pattern(self._lesser(own, other, wall, windows, most), overline)

    def _lesser(self, own: int, other: int, wall: int, windows: list[tuple[int, int]], most: int) -> Shape:
        if most == 3:
            gaps = _gaps(own, windows, 3)
            while gaps:
                gap = gaps & -gaps
                gaps ^= gap
                after = own | gap
                fives = _gaps(after, self._windows(after, other, wall), 4)
                if self._is_open_four(after, other, wall, fives):
                    return Shape.OPEN_THREE
            return Shape.THREE
        room = sum(count == most for _, count in windows)
        if most == 2:
            return Shape.OPEN_TWO if room > 2 else Shape.TWO
        return Shape.ONE if room > 2 else Shape.NOTHING

    def _windows(self, own: int, other: int, wall: int) -> list[tuple[int, int]]:
        """The fives through the centre that can still be made: their cells, and how many are taken."""
        found = []
        blocked = other | wall
        for five, ends in zip(_FIVES, _ENDS, strict=True):
            if blocked & five or (self._exact and own & ends) or (self._unblocked and other & ends == ends):
                continue
            found.append((five, (own & five).bit_count()))
        return found

    def _is_open_four(self, own: int, other: int, wall: int, fives: int) -> bool:
        if fives.bit_count() < 2 or (self._fouls and not _straight(own, fives)):
            return False
        if not self._unblocked:  # a stone on one of them leaves the others
            return True
        rest = fives
        while rest:
            block = rest & -rest
            rest ^= block
            if not _gaps(own, self._windows(own, other | block, wall), 4):
                return False
        return True


def _gaps(own: int, windows: list[tuple[int, int]], count: int) -> int:
    """The empty cells of the windows with so many stones."""
    found = 0
    for five, stones in windows:
        if stones == count:
            found |= five & ~own
    return found


def _straight(own: int, fives: int) -> bool:
    """Whether the two cells that complete a five lie at the ends of one row of four."""
    low = fives & -fives
    row = 0b1111 * low << 1
    return fives == low | low << 5 and own & row == row


def _run(own: int) -> int:
    """How many stones stand in a row with the centre."""
    length = 1
    for step in (1, -1):
        at = REACH + step
        while 0 <= at <= 2 * REACH and own >> at & 1:
            length += 1
            at += step
    return length
