"""The bot: legal in every variant, right in small problems, and never in the way."""

import random
import time
from typing import get_args

import pytest

from p2pgame.core import Setup
from p2pgame.games.gomoku.bot import Bot, Options
from p2pgame.games.gomoku.engine import request
from p2pgame.games.gomoku.rules import (
    GAME,
    Config,
    Input,
    Move,
    Opening,
    Rule,
    State,
    forbidden_points,
    format_point,
    legal_inputs,
    parse_point,
    position,
)

RULES: tuple[Rule, ...] = ("freestyle", "standard")


def stones(black: str, white: str, rule: Rule = "freestyle") -> State:
    points = [[parse_point(word) for word in text.split()] for text in (black, white)]
    return position(Config(rule=rule), *points)


def played(level: int, state: State, seed: int = 1) -> str:
    bot = Bot(seed, Options(level))
    try:
        return GAME.describe(state, bot.choose(state, state.turn))
    finally:
        bot.close()


def after(state: State, move: Input) -> State:
    GAME.validate(state, state.turn, move)
    return GAME.advance(state, [move, move])


SIMPLE = [
    pytest.param("D8 E8 F8 G8", "C8 D9 E9 A1", {"H8"}, id="takes its five"),
    pytest.param("A1 B1 D1 E1", "A15 C15 E15 G15", {"C1"}, id="fills the gap, at the edge"),
    pytest.param("H4 H5 H6 H7", "G4 G5 G6 G7", {"H3", "H8"}, id="its own five before a block"),
    pytest.param("H4 H5 H6 H7 A1", "H3 E1 G1 C1", {"H8"}, id="white blocks a closed four"),
    pytest.param("H4 H5 H7 H8 A1", "E1 G1 C1 A15", {"H6"}, id="white blocks a split four"),
]
HARDER = [
    pytest.param("G7 H8 I9 A15", "A1 C1 E2 G1", {"F6", "J10"}, id="makes an open four"),
    pytest.param("A1 C3 E1", "G7 H8 I9", {"E5", "F6", "J10", "K11"}, id="blocks an open three"),
    pytest.param("A1 C3 E1", "G8 H8 J8", {"F8", "I8", "K8"}, id="blocks a split three"),
]


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("level", range(1, 4))
@pytest.mark.parametrize(("black", "white", "best"), SIMPLE)
def test_every_level_sees_fives(rule: Rule, level: int, black: str, white: str, best: set[str]) -> None:
    assert played(level, stones(black, white, rule)) in best


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize(("black", "white", "best"), HARDER)
def test_all_but_the_weakest_see_open_fours(rule: Rule, black: str, white: str, best: set[str]) -> None:
    assert played(2, stones(black, white, rule)) in best


def test_it_makes_two_fours_at_once() -> None:
    assert played(4, stones("E8 F8 G8 H5 H6 H7 A1 B3", "D8 H4 C2 C4 O1 O3 M1 M3")) == "H8"


def test_it_begins_in_the_centre() -> None:
    assert played(2, GAME.initial(Setup(2, 0, Config(size=19)))) == "J10"


@pytest.mark.parametrize(
    "config",
    [
        Config(rule="renju"),
        Config(rule="renju_fouls_refused", size=13),
        Config(rule="caro", size=20),
        Config(opening="pro"),
        Config(opening="long_pro", rule="standard", size=19),
    ],
)
def test_it_finishes_a_match_by_any_rule(config: Config) -> None:
    state = GAME.initial(Setup(2, 3, config))
    bots = [Bot(seed, Options(seed)) for seed in (1, 2)]
    while not state.over:
        state = after(state, bots[state.turn].choose(state, state.turn))
    assert state.foul is None or config.rule == "renju"
    for bot in bots:
        bot.close()


def test_it_moves_where_only_one_point_is_left() -> None:
    cells = [1 + (x + y // 2 * 2) // 2 % 2 for y in range(15) for x in range(15)]
    state = State(rule="freestyle", board=bytes([0, *cells[1:]]), stones=224, moves=(-1,) * 224)
    assert Bot(1, Options(1)).choose(state, 0) == Move(0)


@pytest.mark.parametrize("opening", get_args(Opening))
@pytest.mark.parametrize("rule", ["standard", "renju"])
def test_it_plays_every_opening(monkeypatch: pytest.MonkeyPatch, opening: Opening, rule: Rule) -> None:
    monkeypatch.setattr(request, "_CHOICE_SECONDS", 0.02)
    state = GAME.initial(Setup(2, 1, Config(rule, 15, opening)))
    while not state.over and state.stones < 10:
        asked = request.Request(1, state, 1, seed=state.stones)
        state = after(state, request.answer(asked, time.monotonic).move)
    assert state.foul is None


def test_black_knows_its_fouls() -> None:
    state = stones("E8 F8 G8 H9 H10 H11", "D8 I12 A1 C1 E1 G1", "renju")
    assert parse_point("H8") in forbidden_points(state.board, 15)
    assert all(played(level, state) != "H8" for level in (1, 2, 3))


def test_black_passes_where_every_point_left_is_a_foul() -> None:
    names = [format_point(point) for point in range(225)]
    black = ["E8", "F8", "G8", "I8", "J8", "K8"]
    white = [name for name in names if name not in black and name != "H8"]
    for rule in ("renju", "renju_fouls_refused"):
        state = position(Config(rule), map(parse_point, black), map(parse_point, white), colour=0)
        assert Bot(1, Options(2)).choose(state, state.turn) == "pass"


def test_it_follows_from_its_seed() -> None:
    state = stones("H8 G7", "H7 I8")
    assert {played(1, state, seed=5) for _ in range(3)} == {played(1, state, seed=5)}


def test_seeds_play_different_games() -> None:
    start = after(GAME.initial(Setup(2, 0, Config())), Move(112))
    assert len({played(2, start, seed) for seed in range(8)}) > 2


def test_who_must_not_wait_asks_until_it_has_thought() -> None:
    state = stones("H8 G7 C3", "H7 I8 C4")
    bot = Bot(1, Options(3))
    begin = time.monotonic()
    assert bot.thought(state, 0) is None
    assert time.monotonic() - begin < 1
    while (move := bot.thought(state, 0)) is None:
        assert time.monotonic() - begin < 60
    GAME.validate(state, 0, move)
    bot.close()


def test_it_forgets_a_position_that_is_not_played_any_more() -> None:
    first, second = stones("H8 G7 C3", "H7 I8 C4"), stones("D8 E8 F8 G8", "C8 D9 E9 A1")
    bot = Bot(1, Options(3))
    assert bot.thought(first, 0) is None
    assert bot.choose(second, 0) == Move(parse_point("H8"))
    bot.close()


def test_it_beats_chance() -> None:
    chance = random.Random(4)
    for me in (0, 1):
        state = GAME.initial(Setup(2, 0, Config()))
        bot = Bot(me, Options(1))
        while not state.over:
            state = after(
                state, bot.choose(state, me) if state.turn == me else chance.choice([*legal_inputs(state)])
            )
        assert state.winner == me, format_point(state.last or 0)
