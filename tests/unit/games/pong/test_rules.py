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


def alone(side: int, y: int = MIDDLE, speed: int = 0) -> Paddle:
    """The paddle of who has a side for itself."""
    return Paddle(side, 0, HEIGHT, y, speed)


SINGLES = (alone(0), alone(1))


def flying(ball: Ball, paddles: tuple[Paddle, ...] = SINGLES, speed: int = 2 * UNIT) -> State:
    return State(points=5, rng=Rng(1), ball=ball, pause=0, speed=speed, paddles=paddles)


def doubles(players: int = 4, teams: tuple[int, ...] = (), seed: int = 1) -> State:
    return GAME.initial(Setup(players, seed, Config(points=5), teams))


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
    assert state.paddles[1] == alone(1)


@pytest.mark.parametrize(("push", "stop"), [(-1, HALF_PADDLE), (1, HEIGHT - HALF_PADDLE)])
def test_a_paddle_stops_at_the_wall(push: int, stop: int) -> None:
    state = GAME.initial(Setup(players=2, seed=1, config=Config()))
    for _ in range(80):
        state = GAME.advance(state, (push, push))
    assert state.paddles == (alone(0, stop), alone(1, stop))


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
        moving = alone(player, MIDDLE - push * PADDLE_SPEED, push * PADDLE_SPEED)
        paddles = (moving, alone(1)) if player == 0 else (alone(0), moving)
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


@pytest.mark.parametrize(
    ("teams", "sides"),
    [((), (0, 1, 0, 1)), ((0, 0, 1, 1), (0, 0, 1, 1)), ((1, 0, 0, 1), (1, 0, 0, 1))],
)
def test_two_on_a_side_have_a_half_each(teams: tuple[int, ...], sides: tuple[int, ...]) -> None:
    paddles = doubles(4, teams).paddles
    assert tuple(paddle.side for paddle in paddles) == sides
    for side in (0, 1):
        upper, lower = (paddle for paddle in paddles if paddle.side == side)
        assert (upper.top, upper.bottom, lower.top, lower.bottom) == (0, MIDDLE, MIDDLE, HEIGHT)
        assert (upper.y, lower.y) == (HEIGHT // 4, HEIGHT * 3 // 4)


def test_two_play_against_one_who_has_the_whole_side() -> None:
    paddles = doubles(3).paddles
    assert [(paddle.side, paddle.bottom - paddle.top) for paddle in paddles] == [
        (0, MIDDLE),
        (1, HEIGHT),
        (0, MIDDLE),
    ]


@pytest.mark.parametrize(
    ("players", "teams"), [(1, ()), (5, ()), (4, (0, 0, 0, 1)), (2, (1, 1)), (4, (0, 1, 2, 3))]
)
def test_there_are_one_or_two_on_each_side(players: int, teams: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="one or two"):
        doubles(players, teams)


@pytest.mark.parametrize("push", [-1, 1])
def test_a_paddle_stops_at_the_border_of_its_half(push: int) -> None:
    state = doubles()
    for _ in range(80):
        state = GAME.advance(state, (push,) * 4)
    for paddle in state.paddles:
        edge = paddle.top + HALF_PADDLE if push < 0 else paddle.bottom - HALF_PADDLE
        assert (paddle.y, paddle.speed) == (edge, 0)


@pytest.mark.parametrize("side", [0, 1])
@pytest.mark.parametrize("y", [HEIGHT // 4, HEIGHT * 3 // 4])
def test_either_partner_returns_what_comes_its_way(side: int, y: int) -> None:
    after = GAME.advance(flying(towards(side, 2 * UNIT, y), doubles().paddles), (0,) * 4)
    assert after.rally == 1
    assert (after.ball.dx > 0) == (side == 0)


def test_a_ball_between_two_partners_is_met_by_one_of_them() -> None:
    state = doubles()
    for _ in range(80):
        state = GAME.advance(state, (1, 1, -1, -1))
    after = GAME.advance(flying(towards(0, 2 * UNIT, MIDDLE), state.paddles), (0,) * 4)
    assert (after.rally, after.speed) == (1, 2 * UNIT + UNIT * 3 // 16)


@pytest.mark.parametrize("players", [2, 3, 4])
def test_no_serve_meets_who_just_stands_there(players: int) -> None:
    for seed in range(60):
        state = doubles(players, seed=seed)
        while not state.serve:
            state = GAME.advance(state, (0,) * players)
        assert state.events[-1].kind == "score"
        assert all(event.kind != "paddle" for event in state.events)


def test_both_of_a_side_win() -> None:
    ball = Ball(UNIT - RADIUS, MIDDLE, -4 * UNIT, 0)
    state = msgspec.structs.replace(flying(ball, doubles(4, (0, 1, 1, 0)).paddles), score=(2, 4))
    over = GAME.advance(state, (0,) * 4)
    assert GAME.outcome(over) == Outcome(winners=(1, 2), reason="target score reached")


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
    assert GAME.render(doubles()).count("|") > text.count("|")


def test_a_state_is_small() -> None:
    for players, size in ((2, 200), (4, 230)):
        state = doubles(players, seed=2**64 - 1)
        assert decode(encode(state), State) == state
        assert len(encode(state)) < size
