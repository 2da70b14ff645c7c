"""What players of a match by turns choose besides the rules: a clock, and whether moves may be taken back.

A game offers them with a field of its configuration each, and has nothing else to do for it:

    class Config(msgspec.Struct, frozen=True):
        clock: Clock = "no clock"
        takebacks: Takebacks = "takebacks"

Being part of the configuration they are agreed on, recorded and signed as the rules are.
"""

import re
from typing import Any, Final, Literal, get_args

import msgspec

__all__ = ["Clock", "ClockTerms", "Takebacks", "clock_named", "clock_of", "takebacks_of"]

Clock = Literal[
    "no clock",
    "10 min of patience",
    "30 min of patience",
    "60 min of patience",
    "1 min + 1 s",
    "3 min + 2 s",
    "5 min",
    "5 min + 3 s",
    "10 min",
    "10 min + 5 s",
    "15 min + 10 s",
    "10 min + 3 x 30 s",
    "20 min + 5 x 60 s",
    "15 s a move",
    "30 s a move",
    "60 s a move",
    "10 min a move",
]
"""Time of each player: at the beginning, and added after each move (Fischer) or periods that begin anew with each move
made within them (byo-yomi); or so much for each move. With patience nobody sees a clock, and who is connected and does
not move for so long loses all the same; without a clock never."""
Takebacks = Literal["takebacks", "3 takebacks", "1 takeback", "no takebacks"]
"""How often each player may take moves back, if the others agree."""

_TOTAL: Final = re.compile(r"(\d+) min(?: \+ (?:(\d+) x )?(\d+) s)?")
_PATIENCE: Final = re.compile(r"(\d+) min of patience")
_MOVE: Final = re.compile(r"(\d+) (s|min) a move")
_UNLIMITED: Final = 1_000_000


class ClockTerms(msgspec.Struct, frozen=True):
    """Times of each player in milliseconds."""

    main: int
    """At the beginning."""
    increment: int = 0
    """Added after each move."""
    period: int = 0
    """Length of a period, which begin when `main` is used up ..."""
    periods: int = 0
    """... and how many there are: a move within one uses none up."""
    patience: bool = False
    """It is no clock that anybody sees, nor is each move timed: who does not move within the period loses."""

    @property
    def total(self) -> int:
        """What a player has for its first move."""
        return self.main + self.periods * self.period


def _terms(text: str) -> ClockTerms | None:
    if found := _TOTAL.fullmatch(text):
        minutes, periods, seconds = (int(number or 0) for number in found.groups())
        if periods:
            return ClockTerms(60_000 * minutes, 0, 1000 * seconds, periods)
        return ClockTerms(60_000 * minutes, 1000 * seconds)
    if found := _PATIENCE.fullmatch(text):
        return ClockTerms(0, 0, int(found[1]) * 60_000, 1, patience=True)
    if found := _MOVE.fullmatch(text):
        return ClockTerms(0, 0, int(found[1]) * (1000 if found[2] == "s" else 60_000), 1)
    return None


_CLOCKS: Final = {text: _terms(text) for text in get_args(Clock)}


def clock_of(config: Any) -> ClockTerms | None:
    """The clock, or the patience, that a configuration chooses; None without either."""
    return _CLOCKS.get(getattr(config, "clock", None))


def clock_named(terms: ClockTerms) -> str | None:
    """The word for these times; None if there is none."""
    return next((text for text, known in _CLOCKS.items() if known == terms), None)


def takebacks_of(config: Any) -> int:
    """How many takebacks a configuration gives each player; 0 without that choice."""
    chosen = getattr(config, "takebacks", "no takebacks")
    if chosen == "takebacks":
        return _UNLIMITED
    number, _, _ = chosen.partition(" ")
    return int(number) if number.isdecimal() else 0
