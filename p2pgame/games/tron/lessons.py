"""What the page "How to play" shows of Tron."""

from collections.abc import Sequence
from typing import Any

from p2pgame.core.game import Setup
from p2pgame.core.lesson import Lesson
from p2pgame.games.tron.rules import COUNTDOWN_FRAMES, DOWN, GAME, LEFT, NONE, RIGHT, STEP, UP, Config
from p2pgame.i18n.catalogue import gettext_noop

__all__ = ["LESSONS"]

Step = tuple[int, int, int]
"""Cells ridden, and what both riders turn to before."""


def _ridden(steps: Sequence[Step]) -> Any:
    state: Any = GAME.initial(Setup(2, 1, Config()))
    for _ in range(COUNTDOWN_FRAMES):
        state = GAME.advance(state, (NONE, NONE))
    for cells, first, second in steps:
        for _ in range(cells * STEP):
            state = GAME.advance(state, (first, second))
    return state


LESSONS = (
    Lesson(
        gettext_noop("Your cycle never stops. Turn it: it leaves a wall of light behind."),
        lambda: _ridden([(8, NONE, NONE), (7, DOWN, UP), (9, RIGHT, LEFT)]),
    ),
    Lesson(
        gettext_noop(
            "Who touches a wall of light, or the edge, is out. The last one who rides wins the round."
        ),
        lambda: _ridden([(12, NONE, NONE), (5, UP, NONE), (6, LEFT, NONE), (7, DOWN, NONE)]),
    ),
    Lesson(
        gettext_noop("Cut the others off: who has more room lives longer."),
        lambda: _ridden([(14, NONE, DOWN), (5, DOWN, NONE), (14, RIGHT, LEFT), (3, UP, DOWN)]),
    ),
)
