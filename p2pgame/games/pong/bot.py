"""A Pong player with human hands: sees late, aims a little off, and lets go of the key between corrections.

Its inputs follow from its seed and the states it was shown. Knows nothing of matches and peers.
"""

import random
from typing import Final

from p2pgame.games.pong.rules import FACE, HALF_PADDLE, HEIGHT, RADIUS, UNIT, WIDTH, State

__all__ = ["Bot"]

_GLANCE: Final = (5, 10)
"""Frames from one look at the field to the next, at least and at most."""
_AIM: Final = HALF_PADDLE * 2 // 3
"""How far from the middle of the paddle it likes to meet the ball, for the angle."""
_STEADY: Final = 2 * UNIT
"""Nearer than this to where it wants to be it stays."""
_SLIDE: Final = 6
"""Frames for which a moving paddle is thought to go on."""


class Bot:
    """Plays either side."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        self._next_look = -1
        self._plan: tuple[int, int] | None = None
        """The serve and rally for which the aim was chosen."""
        self._aim = 0
        self._push = 0

    def choose(self, state: State, player: int) -> int:
        """-1, 0 or 1; asked once a frame."""
        if self._next_look - state.frame > max(_GLANCE):  # another match, or a long way back
            self._next_look = -1
        if state.frame >= self._next_look:
            self._next_look = state.frame + self._chance.randint(*_GLANCE)
            self._push = self._look(state, player)
        return self._push

    def _look(self, state: State, player: int) -> int:
        comes = state.ball.dx > 0 if player else state.ball.dx < 0
        plan = (state.serve, state.rally)
        if plan != self._plan:
            self._plan = plan
            self._aim = self._chance.randint(-_AIM, _AIM)
        if comes and not state.pause:
            where, frames = _landing(state, player)
            doubt = min(frames, 60) * UNIT // 3 + (state.speed - 2 * UNIT) * 4
            goal = where + self._aim + self._chance.randint(-doubt, doubt)
        else:
            goal = HEIGHT // 2 + self._chance.randint(-HEIGHT // 7, HEIGHT // 7)
        paddle = state.paddles[player]
        away = goal - paddle.y - paddle.speed * _SLIDE // 2
        return 0 if abs(away) <= _STEADY else 1 if away > 0 else -1


def _landing(state: State, player: int) -> tuple[int, int]:
    """Where the ball will cross the player's line, walls included, and in how many frames."""
    ball = state.ball
    line = WIDTH - FACE - RADIUS if player else FACE + RADIUS
    frames = max(0, (line - ball.x) // ball.dx)
    span = HEIGHT - 2 * RADIUS
    y = (ball.y + ball.dy * frames - RADIUS) % (2 * span)
    return RADIUS + (y if y <= span else 2 * span - y), frames
