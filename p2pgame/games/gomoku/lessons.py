"""What the page "How to play" shows of Gomoku."""

from collections.abc import Sequence
from typing import Any

from p2pgame.core.game import Setup
from p2pgame.core.lesson import Lesson
from p2pgame.games.gomoku.rules import CENTRE, GAME, SIZE, Config, Move
from p2pgame.i18n.catalogue import gettext_noop

__all__ = ["LESSONS", "SHOW"]


def _after(steps: Sequence[tuple[int, int]]) -> Any:
    """The position after stones at these places, columns and rows from the centre, Black first."""
    state: Any = GAME.initial(Setup(2, 0, Config()))
    for x, y in steps:
        state = GAME.advance(state, [Move(CENTRE + y * SIZE + x)] * 2)
    return state


_SHOWN = (
    (0, 0), (-1, -1), (-2, 0), (-2, -1), (0, -1), (0, 1), (-1, 0), (-3, 0), (1, 0), (2, 0), (-1, -2), (2, 1), (1, -2),
    (-2, 1), (2, -2), (-2, -2), (0, -2), (3, -2), (0, -3), (0, -4), (2, -3), (3, -4), (-2, -3), (-3, -4), (1, -3),
    (-1, -3), (1, -1), (1, 1), (1, -4),
)  # fmt: skip
"""A game of two of our bots: stones from the centre, Black first."""


def _show() -> list[Any]:
    """The positions of a short game, for the card."""
    return [_after(_SHOWN[:count]) for count in range(1, len(_SHOWN) + 1)]


SHOW = _show


LESSONS = (
    Lesson(
        gettext_noop("Black and White put one stone each, in turn, on any free crossing. Black begins."),
        lambda: _after([(0, 0), (1, 1), (-1, 1)]),
    ),
    Lesson(
        gettext_noop("Five of yours in a row win: across, down or at a slant."),
        lambda: _after(
            [(-2, -2), (-2, 0), (-1, -1), (-1, 1), (0, 0), (2, -1), (1, 1), (3, 0), (2, 2)],
        ),
    ),
    Lesson(
        gettext_noop(
            "Three with both ends open threaten four, and four open ones cannot be stopped: block in time."
        ),
        lambda: _after([(-1, 0), (-1, 2), (0, 0), (2, 2), (1, 0), (2, 0)]),
    ),
)
