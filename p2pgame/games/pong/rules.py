"""The rules of Pong in fixed-point integers. Pure; knows no window, network or clock.

Lengths are in 1/256 of a field pixel (`UNIT`), speeds in those per frame; y grows downwards. Player 0 is on the
left. Where the ball meets the paddle and how the paddle moves decide the angle at which it leaves; every hit makes
it faster, up to a limit. Who first has the agreed points wins.
"""

from collections.abc import Sequence
from typing import Annotated, Final, Literal

import msgspec

from p2pgame.core import Game, IllegalMoveError, Outcome, Rng, Setup

__all__ = [
    "FACE",
    "GAME",
    "HALF_PADDLE",
    "HEIGHT",
    "MAX_SPEED",
    "PADDLE_SPEED",
    "PAUSE",
    "RADIUS",
    "UNIT",
    "WIDTH",
    "Ball",
    "Config",
    "Event",
    "Paddle",
    "Pong",
    "Push",
    "State",
]

UNIT: Final = 256
WIDTH: Final = 320 * UNIT
HEIGHT: Final = 180 * UNIT
RADIUS: Final = 3 * UNIT
FACE: Final = 16 * UNIT
"""From the edge of the field to the front of the paddle behind which it is lost."""
HALF_PADDLE: Final = 16 * UNIT
PADDLE_SPEED: Final = 3 * UNIT + UNIT // 4
PADDLE_GAIN: Final = UNIT
"""How much of its speed a paddle gains or loses in one frame."""
FIRST_SPEED: Final = 2 * UNIT + UNIT // 2
SPEED_GAIN: Final = UNIT * 3 // 16
MAX_SPEED: Final = 6 * UNIT
PAUSE: Final = 60
"""Frames before a serve."""
OPENING: Final = 90
"""Frames before the first serve."""
EVENTS: Final = 3
"""Newest events that a state remembers."""

_TOP: Final = RADIUS
_BOTTOM: Final = HEIGHT - RADIUS
_LEFT: Final = FACE + RADIUS
_RIGHT: Final = WIDTH - _LEFT
_REACH: Final = HALF_PADDLE + RADIUS
_BY_PLACE: Final = 10
"""Steps of the angle between a hit in the middle and one at the very end of the paddle."""
_BY_MOTION: Final = 3
"""Steps of the angle that a paddle at full speed adds."""
_COS: Final = (1024, 1022, 1014, 1002, 984, 962, 935, 904, 868, 828, 784, 737, 685, 630)
_SIN: Final = (0, 71, 143, 213, 282, 350, 416, 481, 543, 602, 658, 711, 761, 807)
"""Of 0, 4, 8 ... 52 degrees, in 1/1024."""
_SERVES: Final = (2, 3, 4, 5, 6)
"""Angles of a serve, in those steps: none meets a paddle that just stands in the middle."""

Push = Annotated[int, msgspec.Meta(ge=-1, le=1)]
"""What a player does in a frame: -1 up, 0 nothing, 1 down."""
Kind = Literal["wall", "paddle", "score"]


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the inviter chooses."""

    points: Literal[5, 7, 11] = 7


class Paddle(msgspec.Struct, frozen=True, array_like=True):
    """One player's bat; `y` is its middle."""

    y: int = HEIGHT // 2
    speed: int = 0


class Ball(msgspec.Struct, frozen=True, array_like=True):
    """The middle of the ball and what it travels in a frame. While it waits for the serve it stands still."""

    x: int
    y: int
    dx: int
    dy: int


class Event(msgspec.Struct, frozen=True, array_like=True):
    """Something to see and hear. `number` counts the events of the match: the same one after a rollback."""

    number: int
    kind: Kind
    frame: int
    x: int
    y: int


class State(msgspec.Struct, frozen=True):
    """The match at one frame."""

    points: int
    """Needed to win."""
    rng: Rng
    ball: Ball
    frame: int = 0
    pause: int = OPENING
    """Frames until the ball is served; 0: it flies."""
    speed: int = FIRST_SPEED
    """Of the ball along its path."""
    rally: int = 0
    """Paddle hits since the serve."""
    paddles: tuple[Paddle, Paddle] = (Paddle(), Paddle())
    score: tuple[int, int] = (0, 0)
    events: tuple[Event, ...] = ()
    """The newest `EVENTS` events, oldest first."""

    @property
    def over(self) -> bool:
        return max(self.score) >= self.points

    @property
    def serve(self) -> int:
        """The number of the serve, from 0. The ball is one and the same in two states of one serve."""
        return sum(self.score)


class Pong(Game[State, int, Config]):
    """Two paddles and a ball."""

    name = "pong"
    title = "Pong"
    tick_rate = 60
    neutral = 0
    state_type = State
    input_type = Push
    config_type = Config

    def initial(self, setup: Setup[Config]) -> State:
        ball, rng = _served(Rng(setup.seed))
        return State(points=setup.config.points, rng=rng, ball=ball)

    def validate(self, state: State, player: int, move: int) -> None:
        """Any input is legal in any state."""
        del state, player
        if type(move) is not int or not -1 <= move <= 1:
            raise IllegalMoveError("a paddle goes up, down or nowhere")

    def advance(self, state: State, inputs: Sequence[int | None]) -> State:
        """One frame. A finished match stays as it is."""
        if state.over:
            return state
        first, second = state.paddles
        paddles = (_pushed(first, inputs[0] or 0), _pushed(second, inputs[1] or 0))
        if state.pause:
            return State(
                state.points, state.rng, state.ball, state.frame + 1, state.pause - 1,
                state.speed, state.rally, paddles, state.score, state.events,
            )  # fmt: skip
        return _flown(state, paddles)

    def outcome(self, state: State) -> Outcome | None:
        if not state.over:
            return None
        winner = 0 if state.score[0] >= state.points else 1
        return Outcome(winners=(winner,), reason="target score reached")

    def describe(self, state: State, move: int) -> str:
        del state
        return ("0", "+1", "-1")[move]

    def render(self, state: State) -> str:
        """The score over a field of 40 x 10 characters."""
        rows = [[" "] * 40 for _ in range(10)]
        for column, paddle in zip((1, 38), state.paddles, strict=True):
            for y in range(paddle.y - HALF_PADDLE, paddle.y + HALF_PADDLE, HEIGHT // 20):
                rows[min(9, max(0, y * 10 // HEIGHT))][column] = "|"
        if not state.over:
            row, column = state.ball.y * 10 // HEIGHT, state.ball.x * 40 // WIDTH
            rows[min(9, max(0, row))][min(39, max(0, column))] = "o"
        edge = "+" + "-" * 40 + "+"
        title = f"{state.score[0]} : {state.score[1]}".center(42).rstrip()
        return "\n".join([title, edge, *("|" + "".join(row) + "|" for row in rows), edge])


def _served(rng: Rng) -> tuple[Ball, Rng]:
    """A ball in the middle of the field, and where it will go."""
    angle, rng = rng.choice(_SERVES)
    way, rng = rng.below(4)
    dx, dy = _velocity(FIRST_SPEED, angle if way & 1 else -angle)
    return Ball(WIDTH // 2, HEIGHT // 2, dx if way & 2 else -dx, dy), rng


def _velocity(speed: int, angle: int) -> tuple[int, int]:
    """What a ball of `speed` travels in a frame, to the right, at `angle` steps below the horizontal."""
    dx, dy = speed * _COS[abs(angle)] // 1024, speed * _SIN[abs(angle)] // 1024
    return dx, dy if angle > 0 else -dy


def _pushed(paddle: Paddle, push: int) -> Paddle:
    """The paddle a frame later: it takes a few frames to reach its speed and stops at the walls."""
    wanted = push * PADDLE_SPEED
    speed = paddle.speed
    if not speed and not wanted:
        return paddle
    speed = min(wanted, speed + PADDLE_GAIN) if wanted > speed else max(wanted, speed - PADDLE_GAIN)
    y = paddle.y + speed
    if y < HALF_PADDLE:
        return Paddle(HALF_PADDLE, 0)
    if y > HEIGHT - HALF_PADDLE:
        return Paddle(HEIGHT - HALF_PADDLE, 0)
    return Paddle(y, speed)


def _folded(y: int) -> int:
    """`y` reflected back between the walls."""
    return 2 * _TOP - y if y < _TOP else 2 * _BOTTOM - y if y > _BOTTOM else y


def _flown(state: State, paddles: tuple[Paddle, Paddle]) -> State:
    """The frame in which the ball flies: to a wall, off a paddle, out of the field, or just on."""
    ball, frame = state.ball, state.frame + 1
    events, speed, rally = state.events, state.speed, state.rally
    dx, dy = ball.dx, ball.dy
    x, y = ball.x + dx, ball.y + dy
    # The line on which the ball meets a paddle is crossed within this frame, not jumped over.
    side = 0 if dx < 0 else 1
    gap = _RIGHT - ball.x if side else ball.x - _LEFT
    travel = abs(dx)
    if 0 <= gap < travel:
        meets = _folded(ball.y + dy * gap // travel)
        away = meets - paddles[side].y
        if -_REACH <= away <= _REACH:
            angle = _angle(away, paddles[side].speed)
            speed, rally = min(MAX_SPEED, speed + SPEED_GAIN), rally + 1
            dx, dy = _velocity(speed, angle)
            dx = -dx if side else dx
            line = _RIGHT if side else _LEFT
            x, y = line + dx * (travel - gap) // travel, meets + dy * (travel - gap) // travel
            events = _noted(events, "paddle", frame, line, meets)
    if not _TOP <= y <= _BOTTOM:
        y, dy = _folded(y), -dy
        events = _noted(events, "wall", frame, x, _TOP if y < HEIGHT // 2 else _BOTTOM)
    if -RADIUS <= x <= WIDTH + RADIUS:
        moved = Ball(x, y, dx, dy)
        return State(state.points, state.rng, moved, frame, 0, speed, rally, paddles, state.score, events)
    mine, theirs = state.score
    score = (mine + side, theirs + 1 - side)
    events = _noted(events, "score", frame, WIDTH if side else 0, y)
    moved, rng = _served(state.rng)
    return State(state.points, rng, moved, frame, PAUSE, FIRST_SPEED, 0, paddles, score, events)


def _angle(away: int, speed: int) -> int:
    """Steps below the horizontal for a hit `away` from the middle of a paddle that moves with `speed`."""
    steps = _rounded(away * _BY_PLACE, _REACH) + _rounded(speed * _BY_MOTION, PADDLE_SPEED)
    return max(1 - len(_COS), min(len(_COS) - 1, steps))


def _rounded(value: int, by: int) -> int:
    """The integer nearest to ``value / by``; the same for both signs."""
    size = (2 * abs(value) + by) // (2 * by)
    return size if value > 0 else -size


def _noted(events: tuple[Event, ...], kind: Kind, frame: int, x: int, y: int) -> tuple[Event, ...]:
    number = events[-1].number + 1 if events else 1
    return (*events[1 - EVENTS :], Event(number, kind, frame, x, y))


GAME: Final = Pong()
