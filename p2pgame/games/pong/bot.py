"""A Pong player with human hands: sees late, aims a little off, and lets go of the key between corrections.

How late and how far off depends on its level. Of two on a side it leaves to its partner what lands in the other half.
Its inputs follow from its seed and the states it was shown. Knows nothing of matches and peers.
"""

import random
from typing import Annotated, ClassVar, Final, NamedTuple

import msgspec

from p2pgame.games.pong.rules import FACE, HALF_PADDLE, HEIGHT, RADIUS, UNIT, WIDTH, Paddle, State

__all__ = ["Bot", "Options"]


class _Skill(NamedTuple):
    glance: tuple[int, int]
    """Frames from one look at the field to the next, at least and at most."""
    doubt: int
    """How far off it expects the ball at most, in 1/256 of a field pixel for each frame of its flight."""


_SKILLS: Final = (
    _Skill((9, 18), UNIT * 2 // 3),
    _Skill((5, 10), UNIT // 3),
    _Skill((2, 5), UNIT // 8),
)
"""By level."""
_AIM: Final = HALF_PADDLE * 2 // 3
"""How far from the middle of the paddle it likes to meet the ball, for the angle."""
_STEADY: Final = 2 * UNIT
"""Nearer than this to where it wants to be it stays."""
_SLIDE: Final = 6
"""Frames for which a moving paddle is thought to go on."""


class Options(msgspec.Struct, frozen=True):
    """What can be chosen of the bot."""

    level: Annotated[int, msgspec.Meta(ge=1, le=3)] = 2
    """How strong it plays."""


_USUAL: Final = Options()


class Bot:
    """Plays either side, alone or with a partner."""

    options: ClassVar = Options

    def __init__(self, seed: int, options: Options = _USUAL) -> None:
        self._chance = random.Random(seed)
        self._skill = _SKILLS[options.level - 1]
        self._next_look = -1
        self._plan: tuple[int, int] | None = None
        """The serve and rally for which the aim was chosen."""
        self._aim = 0
        self._push = 0

    def choose(self, state: State, player: int) -> int:
        """-1, 0 or 1; asked once a frame."""
        if self._next_look - state.frame > max(self._skill.glance):  # another match, or a long way back
            self._next_look = -1
        if state.frame >= self._next_look:
            self._next_look = state.frame + self._chance.randint(*self._skill.glance)
            self._push = self._look(state, player)
        return self._push

    def _look(self, state: State, player: int) -> int:
        paddle = state.paddles[player]
        comes = state.ball.dx > 0 if paddle.side else state.ball.dx < 0
        plan = (state.serve, state.rally)
        if plan != self._plan:
            self._plan = plan
            self._aim = self._chance.randint(-_AIM, _AIM)
        goal = None
        if comes and not state.pause:
            where, frames = _landing(state, paddle)
            if paddle.top - HALF_PADDLE <= where <= paddle.bottom + HALF_PADDLE:
                doubt = min(frames, 60) * self._skill.doubt + (state.speed - 2 * UNIT) * 4
                goal = where + self._aim + self._chance.randint(-doubt, doubt)
        if goal is None:
            size = paddle.bottom - paddle.top
            goal = paddle.top + size // 2 + self._chance.randint(-size // 7, size // 7)
        away = goal - paddle.y - paddle.speed * _SLIDE // 2
        return 0 if abs(away) <= _STEADY else 1 if away > 0 else -1


def _landing(state: State, paddle: Paddle) -> tuple[int, int]:
    """Where the ball will cross the line of the paddle, walls included, and in how many frames."""
    ball = state.ball
    line = WIDTH - FACE - RADIUS if paddle.side else FACE + RADIUS
    frames = max(0, (line - ball.x) // ball.dx)
    span = HEIGHT - 2 * RADIUS
    y = (ball.y + ball.dy * frames - RADIUS) % (2 * span)
    return RADIUS + (y if y <= span else 2 * span - y), frames
