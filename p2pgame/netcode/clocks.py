"""The time that each player of a match by turns has left, as the decisions of the host say.

A player has its main time; what a move takes is subtracted, and the increment is added after it. When the main time is
used up, periods follow: a move within one leaves their number as it is, and each that passes is gone. Times are whole
milliseconds, so all members and `verify` compute the same. Does not know a clock.
"""

from collections.abc import Iterable
from typing import Final

import msgspec

from p2pgame.core.terms import ClockTerms
from p2pgame.wire.decisions import DecisionBody, Flagged, TimeAdded, Timed

__all__ = ["ClockFace", "Clocks", "overdrawn", "prudent_seconds"]

_MOVES: Final = 20
_OF_ALL: Final = 0.8
_OF_NEW: Final = 0.7
"""Shares of what is left, and of what each move brings anew, that a prudent player uses at most."""


class ClockFace(msgspec.Struct, frozen=True, kw_only=True):
    """The clock of one player, for drawing. Times in milliseconds, `at` in seconds."""

    main: int
    """Left of the main time before this move."""
    period: int
    periods: int
    """Periods left before this move."""
    used: int
    """For this move, until `at`."""
    running: bool
    at: float
    """`time.monotonic()`."""

    def shown(self, now: float) -> tuple[int, int]:
        """What is left of the main time, or of the period that runs; and the periods, that one included."""
        used = self.used + (max(0, round((now - self.at) * 1000)) if self.running else 0)
        if used < self.main or not self.periods:
            return max(0, self.main - used), self.periods
        gone, within = divmod(used - self.main, self.period)
        return (self.period - within, self.periods - gone) if gone < self.periods else (0, 0)


def prudent_seconds(face: ClockFace, terms: ClockTerms) -> float:
    """How long a player may think about a move who wants time for twenty more like it, and for the network."""
    period = face.period if face.periods else 0
    most = (face.main + period) * _OF_ALL
    return min(most, face.main / _MOVES + (terms.increment + period) * _OF_NEW) / 1000


class Clocks:
    """Of all players."""

    def __init__(self, terms: ClockTerms, players: int) -> None:
        self.terms = terms
        self._main = [terms.main] * players
        self._periods = [terms.periods] * players

    def left(self, player: int) -> int:
        """Milliseconds until the flag of `player` falls, if it is to move from now on."""
        return self._main[player] + self._periods[player] * self.terms.period

    def face(self, player: int, used: int, *, running: bool, at: float) -> ClockFace:
        """The clock of `player`, who has thought for `used` milliseconds."""
        return ClockFace(
            main=self._main[player],
            period=self.terms.period,
            periods=self._periods[player],
            used=used,
            running=running,
            at=at,
        )

    def apply(self, what: DecisionBody) -> None:
        """An entry of the log. Other kinds than those of clocks change nothing."""
        match what:
            case Timed(seat=seat, milliseconds=used) if seat < len(self._main):
                self._move(seat, used)
            case TimeAdded(seat=seat, milliseconds=more) if seat < len(self._main):
                self._main[seat] += more

    def _move(self, player: int, used: int) -> None:
        over = used - self._main[player]
        if over <= 0:
            self._main[player] = -over
        elif self.terms.period:
            self._main[player] = 0
            self._periods[player] = max(0, self._periods[player] - over // self.terms.period)
        else:
            self._main[player] = 0
        self._main[player] += self.terms.increment


def overdrawn(terms: ClockTerms | None, players: int, bodies: Iterable[DecisionBody]) -> set[int]:
    """The players whose flag fell, and whose time was used up indeed, after these entries."""
    fallen: set[int] = set()
    if terms is None:
        return fallen
    clocks = Clocks(terms, players)
    for what in bodies:
        if isinstance(what, Flagged) and what.seat < players and what.milliseconds >= clocks.left(what.seat):
            fallen.add(what.seat)
        clocks.apply(what)
    return fallen
