"""The rules of Pong in fixed-point integers. Pure; knows no window, network or clock.

Lengths are in 1/256 of a field pixel (`UNIT`), speeds in those per frame; y grows downwards. The even players are on
the left, the odd ones on the right; in teams, team 0 is on the left. Of two on a side the first has its upper half, the
second the lower one. Where the ball meets the paddle and how the paddle moves decide the angle at which it leaves;
every hit makes it faster, up to a limit. The side that first has the agreed points wins.
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
    "CourtEvent",
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
_SERVES: Final = {1: (2, 3, 4, 5, 6), 2: (1, 2, 7, 2, 7)}
"""Angles of a serve, in those steps, by the number of paddles that it goes to: none meets a paddle that just stands in
the middle of where it may go, so that a match in which nobody moves ends."""

Push = Annotated[int, msgspec.Meta(ge=-1, le=1)]
"""What a player does in a frame: -1 up, 0 nothing, 1 down."""
Kind = Literal["wall", "paddle", "score"]


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the inviter chooses."""

    points: Literal[5, 7, 11] = 7


class Paddle(msgspec.Struct, frozen=True, array_like=True):
    """One player's bat; `y` is its middle. Only `y` and `speed` change."""

    side: int
    """0: left, 1: right."""
    top: int
    """It moves between `top` and `bottom` and does not leave them."""
    bottom: int
    y: int
    speed: int = 0


class Ball(msgspec.Struct, frozen=True, array_like=True):
    """The middle of the ball and what it travels in a frame. While it waits for the serve it stands still."""

    x: int
    y: int
    dx: int
    dy: int


class CourtEvent(msgspec.Struct, frozen=True, array_like=True):
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
    paddles: tuple[Paddle, ...]
    """Of each player."""
    ball: Ball
    frame: int = 0
    pause: int = OPENING
    """Frames until the ball is served; 0: it flies."""
    speed: int = FIRST_SPEED
    """Of the ball along its path."""
    rally: int = 0
    """Paddle hits since the serve."""
    score: tuple[int, int] = (0, 0)
    """Of the left and of the right side."""
    events: tuple[CourtEvent, ...] = ()
    """The newest `EVENTS` events, oldest first."""

    @property
    def over(self) -> bool:
        return max(self.score) >= self.points

    @property
    def serve(self) -> int:
        """The number of the serve, from 0. The ball is one and the same in two states of one serve."""
        return sum(self.score)


class Pong(Game[State, int, Config]):
    """A ball, and one or two paddles on each side."""

    name = "pong"
    title = "Pong"
    max_players = 4
    tick_rate = 60
    teams = True
    neutral = 0
    state_type = State
    input_type = Push
    config_type = Config

    def initial(self, setup: Setup[Config]) -> State:
        sides = setup.teams or tuple(player % 2 for player in range(setup.players))
        paddles = tuple(_placed(sides, player) for player in range(setup.players))
        ball, rng = _served(Rng(setup.seed), paddles)
        return State(points=setup.config.points, rng=rng, paddles=paddles, ball=ball)

    def validate(self, state: State, player: int, move: int) -> None:
        """Any input is legal in any state."""
        del state, player
        if type(move) is not int or not -1 <= move <= 1:
            raise IllegalMoveError("a paddle goes up, down or nowhere")

    def advance(self, state: State, inputs: Sequence[int | None]) -> State:
        """One frame. A finished match stays as it is."""
        if state.over:
            return state
        paddles = tuple(map(_pushed, state.paddles, inputs))
        if state.pause:
            return State(
                state.points, state.rng, paddles, state.ball, state.frame + 1, state.pause - 1,
                state.speed, state.rally, state.score, state.events,
            )  # fmt: skip
        return _flown(state, paddles)

    def outcome(self, state: State) -> Outcome | None:
        if not state.over:
            return None
        won = 0 if state.score[0] >= state.points else 1
        winners = tuple(player for player, paddle in enumerate(state.paddles) if paddle.side == won)
        return Outcome(winners=winners, reason="target score reached")

    def describe(self, state: State, move: int) -> str:
        del state
        return ("0", "+1", "-1")[move]

    def render(self, state: State) -> str:
        """The score over a field of 40 x 10 characters."""
        rows = [[" "] * 40 for _ in range(10)]
        for paddle in state.paddles:
            for y in range(paddle.y - HALF_PADDLE, paddle.y + HALF_PADDLE, HEIGHT // 20):
                rows[min(9, max(0, y * 10 // HEIGHT))][38 if paddle.side else 1] = "|"
        if not state.over:
            row, column = state.ball.y * 10 // HEIGHT, state.ball.x * 40 // WIDTH
            rows[min(9, max(0, row))][min(39, max(0, column))] = "o"
        edge = "+" + "-" * 40 + "+"
        title = f"{state.score[0]} : {state.score[1]}".center(42).rstrip()
        return "\n".join([title, edge, *("|" + "".join(row) + "|" for row in rows), edge])


def _placed(sides: tuple[int, ...], player: int) -> Paddle:
    """The paddle of `player` at the start. Raises `ValueError` unless there are one or two on each side."""
    side = sides[player]
    mates = [mate for mate, other in enumerate(sides) if other == side]
    if set(sides) != {0, 1} or len(mates) > 2:
        raise ValueError("Pong is for one or two players on each of two sides")
    size = HEIGHT // len(mates)
    top = mates.index(player) * size
    return Paddle(side, top, top + size, top + size // 2)


def _served(rng: Rng, paddles: tuple[Paddle, ...]) -> tuple[Ball, Rng]:
    """A ball in the middle of the field, and where it will go."""
    lot, rng = rng.below(5)
    way, rng = rng.below(4)
    side = way // 2
    angle = _SERVES[sum(paddle.side == side for paddle in paddles)][lot]
    dx, dy = _velocity(FIRST_SPEED, angle if way & 1 else -angle)
    return Ball(WIDTH // 2, HEIGHT // 2, dx if side else -dx, dy), rng


def _velocity(speed: int, angle: int) -> tuple[int, int]:
    """What a ball of `speed` travels in a frame, to the right, at `angle` steps below the horizontal."""
    dx, dy = speed * _COS[abs(angle)] // 1024, speed * _SIN[abs(angle)] // 1024
    return dx, dy if angle > 0 else -dy


def _pushed(paddle: Paddle, push: int | None) -> Paddle:
    """The paddle a frame later: it takes a few frames to reach its speed, and stops where it may not go."""
    wanted = (push or 0) * PADDLE_SPEED
    speed = paddle.speed
    if not speed and not wanted:
        return paddle
    speed = min(wanted, speed + PADDLE_GAIN) if wanted > speed else max(wanted, speed - PADDLE_GAIN)
    y = paddle.y + speed
    if y < paddle.top + HALF_PADDLE:
        y, speed = paddle.top + HALF_PADDLE, 0
    elif y > paddle.bottom - HALF_PADDLE:
        y, speed = paddle.bottom - HALF_PADDLE, 0
    return Paddle(paddle.side, paddle.top, paddle.bottom, y, speed)


def _folded(y: int) -> int:
    """`y` reflected back between the walls."""
    return 2 * _TOP - y if y < _TOP else 2 * _BOTTOM - y if y > _BOTTOM else y


def _flown(state: State, paddles: tuple[Paddle, ...]) -> State:
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
        hit = [p for p in paddles if p.side == side and -_REACH <= meets - p.y <= _REACH]
        if hit:
            angle = _angle(meets - hit[0].y, hit[0].speed)
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
        return State(state.points, state.rng, paddles, moved, frame, 0, speed, rally, state.score, events)
    mine, theirs = state.score
    score = (mine + side, theirs + 1 - side)
    events = _noted(events, "score", frame, WIDTH if side else 0, y)
    moved, rng = _served(state.rng, paddles)
    return State(state.points, rng, paddles, moved, frame, PAUSE, FIRST_SPEED, 0, score, events)


def _angle(away: int, speed: int) -> int:
    """Steps below the horizontal for a hit `away` from the middle of a paddle that moves with `speed`."""
    steps = _rounded(away * _BY_PLACE, _REACH) + _rounded(speed * _BY_MOTION, PADDLE_SPEED)
    return max(1 - len(_COS), min(len(_COS) - 1, steps))


def _rounded(value: int, by: int) -> int:
    """The integer nearest to ``value / by``; the same for both signs."""
    size = (2 * abs(value) + by) // (2 * by)
    return size if value > 0 else -size


def _noted(events: tuple[CourtEvent, ...], kind: Kind, frame: int, x: int, y: int) -> tuple[CourtEvent, ...]:
    number = events[-1].number + 1 if events else 1
    return (*events[1 - EVENTS :], CourtEvent(number, kind, frame, x, y))


GAME: Final = Pong()
