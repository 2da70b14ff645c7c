"""The rules of Pong, one situation at a time."""

import msgspec
import pytest

from p2pgame.core import IllegalMoveError, Outcome, Rng, Setup, decode, encode
from p2pgame.games.pong.rules import (
    FACE,
    GAME,
    HALF_PADDLE,
    HEIGHT,
    MAX_SPEED,
    OPENING,
    PADDLE_SPEED,
    PAUSE,
    RADIUS,
    UNIT,
    WIDTH,
    Ball,
    Config,
    Paddle,
    State,
)

MIDDLE = HEIGHT // 2
LINES = (FACE + RADIUS, WIDTH - FACE - RADIUS)


def flying(ball: Ball, paddles: tuple[Paddle, Paddle] = (Paddle(), Paddle()), speed: int = 2 * UNIT) -> State:
    return State(points=5, rng=Rng(1), ball=ball, pause=0, speed=speed, paddles=paddles)


def towards(player: int, dx: int, y: int = MIDDLE, dy: int = 0, gap: int = UNIT) -> Ball:
    """A ball `gap` before the line of `player`."""
    way = 1 if player else -1
    return Ball(LINES[player] - way * gap, y, way * dx, dy)


def test_it_opens_with_the_ball_waiting_in_the_middle() -> None:
    state = GAME.initial(Setup(players=2, seed=1, config=Config()))
    assert (state.ball.x, state.ball.y, state.pause) == (WIDTH // 2, MIDDLE, OPENING)
    for _ in range(OPENING):
        assert state.ball.x == WIDTH // 2
        state = GAME.advance(state, (0, 0))
    assert state.pause == 0
    assert GAME.advance(state, (0, 0)).ball.x == WIDTH // 2 + state.ball.dx


def test_serves_go_all_ways_and_never_flat() -> None:
    balls = [GAME.initial(Setup(players=2, seed=seed, config=Config())).ball for seed in range(60)]
    assert {(ball.dx > 0, ball.dy > 0) for ball in balls} == {
        (a, b) for a in (True, False) for b in (True, False)
    }
    assert len({ball.dy for ball in balls}) > 4
    assert all(ball.dy for ball in balls)


def test_a_paddle_gains_speed_keeps_it_and_stops() -> None:
    state = GAME.initial(Setup(players=2, seed=1, config=Config()))
    speeds = []
    for push in (1, 1, 1, 1, 1, 0, 0, 0, 0, -1, -1, -1, -1):
        state = GAME.advance(state, (push, 0))
        speeds.append(state.paddles[0].speed)
    assert speeds[4] == PADDLE_SPEED
    assert speeds[0] < PADDLE_SPEED
    assert speeds[8] == 0
    assert speeds[-1] == -PADDLE_SPEED
    assert state.paddles[1] == Paddle()


@pytest.mark.parametrize(("push", "stop"), [(-1, HALF_PADDLE), (1, HEIGHT - HALF_PADDLE)])
def test_a_paddle_stops_at_the_wall(push: int, stop: int) -> None:
    state = GAME.initial(Setup(players=2, seed=1, config=Config()))
    for _ in range(80):
        state = GAME.advance(state, (push, push))
    assert state.paddles == (Paddle(stop, 0), Paddle(stop, 0))


def test_the_ball_comes_back_from_a_wall() -> None:
    after = GAME.advance(flying(Ball(WIDTH // 2, RADIUS + UNIT, UNIT, -3 * UNIT)), (0, 0))
    assert after.ball == Ball(WIDTH // 2 + UNIT, RADIUS + 2 * UNIT, UNIT, 3 * UNIT)
    assert [(event.kind, event.number) for event in after.events] == [("wall", 1)]


@pytest.mark.parametrize("player", [0, 1])
def test_the_middle_of_a_still_paddle_returns_the_ball_flat_and_faster(player: int) -> None:
    after = GAME.advance(flying(towards(player, 3 * UNIT)), (0, 0))
    assert (after.ball.dx > 0) == (player == 0)
    assert after.ball.dy == 0
    assert abs(after.ball.dx) == after.speed > 2 * UNIT
    assert after.rally == 1
    assert after.events[-1].kind == "paddle"


@pytest.mark.parametrize("player", [0, 1])
def test_the_further_from_the_middle_the_steeper(player: int) -> None:
    places = (-HALF_PADDLE, -HALF_PADDLE // 2, 0, HALF_PADDLE // 2, HALF_PADDLE)
    slopes = [
        GAME.advance(flying(towards(player, 2 * UNIT, MIDDLE + away)), (0, 0)).ball.dy for away in places
    ]
    assert slopes == sorted(slopes)
    assert len(set(slopes)) == len(places)
    assert slopes[0] == -slopes[-1]


@pytest.mark.parametrize("player", [0, 1])
def test_a_moving_paddle_gives_spin(player: int) -> None:
    def slope(push: int) -> int:
        moving = Paddle(MIDDLE - push * PADDLE_SPEED, push * PADDLE_SPEED)
        paddles = (moving, Paddle()) if player == 0 else (Paddle(), moving)
        return GAME.advance(flying(towards(player, 2 * UNIT), paddles), (push, push)).ball.dy

    assert slope(-1) < slope(0) == 0 < slope(1)


@pytest.mark.parametrize("player", [0, 1])
@pytest.mark.parametrize("gap", range(0, MAX_SPEED, 97))
def test_the_fastest_ball_does_not_pass_through_a_paddle(player: int, gap: int) -> None:
    after = GAME.advance(flying(towards(player, MAX_SPEED, gap=gap), speed=MAX_SPEED), (0, 0))
    assert after.rally == 1
    assert after.speed == MAX_SPEED
    assert LINES[0] <= after.ball.x <= LINES[1]


@pytest.mark.parametrize("player", [0, 1])
@pytest.mark.parametrize("side", [-1, 1])
def test_the_edge_of_the_ball_still_meets_the_edge_of_the_paddle(player: int, side: int) -> None:
    reach = HALF_PADDLE + RADIUS
    assert GAME.advance(flying(towards(player, 2 * UNIT, MIDDLE + side * reach)), (0, 0)).rally == 1
    assert GAME.advance(flying(towards(player, 2 * UNIT, MIDDLE + side * (reach + 1))), (0, 0)).rally == 0


@pytest.mark.parametrize("player", [0, 1])
def test_a_lost_ball_is_a_point_and_a_new_serve(player: int) -> None:
    state = flying(towards(player, 4 * UNIT, HEIGHT - 4 * RADIUS), speed=4 * UNIT)
    for _ in range(12):
        state = GAME.advance(state, (0, 0))
        if state.serve:
            break
    assert state.score == ((0, 1) if player == 0 else (1, 0))
    assert (state.ball.x, state.ball.y, state.pause, state.rally) == (WIDTH // 2, MIDDLE, PAUSE, 0)
    assert state.rng != Rng(1)
    assert state.events[-1].kind == "score"


def test_who_has_the_points_wins_and_nothing_happens_after() -> None:
    state = msgspec.structs.replace(flying(Ball(UNIT - RADIUS, MIDDLE, -4 * UNIT, 0)), score=(2, 4), points=5)
    assert GAME.outcome(state) is None
    over = GAME.advance(state, (0, 0))
    assert over.score == (2, 5)
    assert GAME.outcome(over) == Outcome(winners=(1,), reason="target score reached")
    assert GAME.advance(over, (1, -1)) is over


def test_only_the_newest_events_are_kept_and_their_numbers_go_on() -> None:
    state = flying(Ball(WIDTH // 2, RADIUS, 0, -3 * UNIT))
    numbers = []
    for _ in range(600):
        state = GAME.advance(state, (0, 0))
        numbers += [event.number for event in state.events[-1:]]
        assert len(state.events) <= 3
    assert numbers == sorted(numbers)
    assert numbers[-1] > 5


@pytest.mark.parametrize("data", [b"\x02", b"\xfe", b"\xc3", b"\xcb" + bytes(8), b"\xa1u", b"\x90", b""])
def test_what_is_no_input_does_not_decode(data: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        GAME.decode_input(data)


@pytest.mark.parametrize("move", [2, -2, True, None, "up", 0.5])
def test_what_is_no_input_is_refused(move: int) -> None:
    with pytest.raises(IllegalMoveError):
        GAME.validate(flying(Ball(0, 0, 0, 0)), 0, move)


@pytest.mark.parametrize("move", [-1, 0, 1])
def test_an_input_is_one_byte(move: int) -> None:
    assert len(encode(move)) == 1
    assert GAME.decode_input(encode(move)) == move


def test_a_configuration_from_the_wire_offers_three_lengths() -> None:
    assert GAME.decode_config(encode({"points": 11})) == Config(points=11)
    assert GAME.decode_config(encode({})) == Config(points=7)
    with pytest.raises(msgspec.DecodeError):
        GAME.decode_config(encode({"points": 1000}))


def test_words_and_picture() -> None:
    state = GAME.initial(Setup(players=2, seed=1, config=Config()))
    assert [GAME.describe(state, move) for move in (-1, 0, 1)] == ["-1", "0", "+1"]
    text = GAME.render(state)
    assert text.splitlines()[0].strip() == "0 : 0"
    assert text.count("o") == 1
    assert {len(line) for line in text.splitlines()[1:]} == {42}


def test_a_state_is_small() -> None:
    state = GAME.initial(Setup(players=2, seed=2**64 - 1, config=Config()))
    assert decode(encode(state), State) == state
    assert len(encode(state)) < 200
