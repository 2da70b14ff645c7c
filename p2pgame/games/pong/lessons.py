"""What the page "How to play" shows of Pong."""

from typing import Any

import msgspec

from p2pgame.core.game import Setup
from p2pgame.core.lesson import Lesson
from p2pgame.games.pong.rules import FACE, GAME, HEIGHT, RADIUS, WIDTH, Ball, Config
from p2pgame.i18n.catalogue import gettext_noop

__all__ = ["LESSONS"]

_SPEED = 600


def _court(x: int, y: int, dx: int, dy: int, left: int, right: int, score: tuple[int, int] = (0, 0)) -> Any:
    """A ball that flies, and the middles of the two paddles."""
    state: Any = GAME.initial(Setup(2, 1, Config()))
    paddles = tuple(
        msgspec.structs.replace(paddle, y=y) for paddle, y in zip(state.paddles, (left, right), strict=True)
    )
    ball = Ball(x, y, dx, dy)
    return msgspec.structs.replace(state, paddles=paddles, ball=ball, pause=0, rally=1, score=score)


LESSONS = (
    Lesson(
        gettext_noop("Move your paddle up and down, and let no ball pass it."),
        lambda: _court(WIDTH // 3, HEIGHT // 3, -_SPEED, _SPEED // 3, HEIGHT // 2, HEIGHT // 2),
    ),
    Lesson(
        gettext_noop(
            "Where the ball meets the paddle is where it goes: the ends and a paddle that moves bend it."
        ),
        lambda: _court(
            FACE + RADIUS + WIDTH // 6,
            HEIGHT // 2 - HEIGHT // 5,
            _SPEED,
            -_SPEED * 3 // 4,
            HEIGHT // 2,
            HEIGHT // 3,
        ),
    ),
    Lesson(
        gettext_noop(
            "Each ball that passes is a point for the other side. The ball gets faster in each rally."
        ),
        lambda: _court(
            WIDTH - FACE // 2, HEIGHT * 3 // 4, _SPEED, _SPEED // 4, HEIGHT // 2, HEIGHT // 3, (6, 5)
        ),
    ),
)
