"""The bot on small problems, against chance and against itself."""

import random
from typing import get_args

import pytest

from p2pgame.core import Setup
from p2pgame.games.gomoku import rules
from p2pgame.games.gomoku.bot import Bot
from p2pgame.games.gomoku.rules import (
    EMPTY,
    GAME,
    POINTS,
    Config,
    Input,
    Move,
    Opening,
    Rule,
    State,
    forbidden_points,
    format_point,
    parse_point,
)

RULES: tuple[Rule, ...] = ("freestyle", "standard")
SEEDS = range(5)


def position(black: str, white: str, rule: Rule = "freestyle") -> State:
    sides = [[parse_point(word) for word in text.split()] for text in (black, white)]
    turn = (len(sides[0]) + len(sides[1])) % 2
    return rules.position(Config(rule=rule), sides[0], sides[1], colour=turn)


def answers(state: State) -> set[str]:
    """What bots of several seeds play in `state`."""
    return {GAME.describe(state, Bot(seed).choose(state, state.turn)) for seed in SEEDS}


def with_move(state: State, move: Input) -> State:
    GAME.validate(state, state.turn, move)
    return GAME.advance(state, (move, None) if state.turn == 0 else (None, move))


class Chance:
    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def choose(self, state: State, player: int) -> Input:
        return Move(self._random.choice([p for p in range(POINTS) if state.board[p] == EMPTY]))


def finish(black: Bot | Chance, white: Bot | Chance, rule: Rule) -> State:
    state = GAME.initial(Setup(players=2, seed=0, config=Config(rule=rule)))
    while not state.over:
        state = with_move(state, (black, white)[state.turn].choose(state, state.turn))
    return state


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize(
    ("black", "white", "best"),
    [
        pytest.param("D8 E8 F8 G8", "C8 D9 E9 A1", {"H8"}, id="takes its five"),
        pytest.param("A1 B1 D1 E1", "A15 C15 E15 G15", {"C1"}, id="fills the gap, at the edge"),
        pytest.param("H4 H5 H6 H7", "G4 G5 G6 G7", {"H3", "H8"}, id="its own five before a block"),
        pytest.param("A1 C1 E1 G1", "H4 H5 H6 H7", {"H3", "H8"}, id="delays an open four"),
        pytest.param("A1 C1 E1 H3 G1", "H4 H5 H6 H7", {"H8"}, id="white wins with a closed four"),
        pytest.param("H4 H5 H6 H7 A1", "H3 E1 G1 C1", {"H8"}, id="white blocks a closed four"),
        pytest.param("H4 H5 H7 H8 A1", "E1 G1 C1 A15", {"H6"}, id="white blocks a split four"),
        pytest.param("G7 H8 I9 A15", "A1 C1 E2 G1", {"F6", "J10"}, id="makes an open four"),
        pytest.param("A1 C1 E1", "G7 H8 I9", {"E5", "F6", "J10", "K11"}, id="blocks an open three"),
        pytest.param("A1 C1 E1", "G8 H8 J8", {"F8", "I8", "K8"}, id="blocks a split three"),
        pytest.param(
            "A1 C1 O1 E1", "H4 H5 H6 C8 D8", {"H2", "H3", "H7", "H8"}, id="the three before the two"
        ),
        pytest.param("E8 F8 G8 H5 H6 H7 A1 B3", "D8 H4 C2 C4 O1 O3 M1 M3", {"H8"}, id="two fours at once"),
    ],
)
def test_puzzles(rule: Rule, black: str, white: str, best: set[str]) -> None:
    assert answers(position(black, white, rule)) <= best


def test_an_overline_is_a_five_in_freestyle_only() -> None:
    black, white = "C8 D8 E8 G8 H8 B10", "C10 D10 E10 F10 A1 O1"
    assert answers(position(black, white, "freestyle")) == {"F8"}  # six in a row
    assert answers(position(black, white, "standard")) == {"G10"}  # six would be nothing: stop the four


def test_four_and_three_at_once() -> None:
    """E8-G8 closed by D8 and H6-H7 below: H8 makes a four and, upwards, a three that then becomes an open four."""
    state = position("E8 F8 G8 H6 H7 O15", "D8 A1 A3 C1 O1 M1")
    state = with_move(state, Bot(1).choose(state, 0))
    while not state.over:
        mover = Bot(2) if state.turn else Bot(1)
        state = with_move(state, mover.choose(state, state.turn))
    assert state.winner == 0
    assert state.stones <= 12 + 7


@pytest.mark.parametrize("rule", RULES)
def test_wins_against_chance(rule: Rule) -> None:
    wins = 0
    for seed in range(20):
        bot, chance = Bot(seed), Chance(seed)
        winner = finish(bot, chance, rule).winner if seed % 2 else finish(chance, bot, rule).winner
        wins += winner == (0 if seed % 2 else 1)
    assert wins >= 19


def test_bots_of_different_seeds_play_different_games_that_end() -> None:
    games = [finish(Bot(seed), Bot(seed + 100), "freestyle") for seed in range(6)]
    assert len({game.board for game in games}) >= 5
    assert sum(game.winner is not None for game in games) >= 2


@pytest.mark.parametrize("rule", RULES)
def test_the_same_seed_plays_the_same_game(rule: Rule) -> None:
    assert finish(Bot(3), Bot(4), rule) == finish(Bot(3), Bot(4), rule)


def test_begins_in_the_centre_and_fills_the_last_point() -> None:
    assert answers(position("", "")) == {"H8"}
    colours = bytes(1 if (x + 2 * y) % 4 < 2 else 2 for y in range(15) for x in range(15))
    last = parse_point("A1")
    assert colours[last] == 1
    full = State(rule="freestyle", board=b"\0" + colours[1:], stones=POINTS - 1)
    assert answers(full) == {"A1"}


@pytest.mark.parametrize("opening", get_args(Opening))
def test_plays_every_opening_and_rule(opening: Opening) -> None:
    for number, rule in enumerate(get_args(Rule)):
        size = (15, 13, 19, 20)[(number + get_args(Opening).index(opening)) % 4]
        bots, state = (Bot(number), Bot(number + 1)), GAME.initial(Setup(2, 1, Config(rule, size, opening)))
        while not state.over and state.stones < 14:
            state = with_move(state, bots[state.turn].choose(state, state.turn))
        assert state.foul is None


def test_black_knows_its_fouls() -> None:
    black, white = "F8 G8 H9 H10 E5 E6", "D3 E3 F3 G3 A1 O1"
    names = {"freestyle": {"C3", "H3"}, "renju": {"C3", "H3"}}
    for rule, expected in names.items():
        assert answers(position(black, white, rule)) <= expected  # stops the four, whatever the rule
    four_by_a_foul = position("E8 F8 G8 H9 H10 H11", "D8 I12 A1 C1 E1 G1", "renju")
    assert parse_point("H8") in forbidden_points(four_by_a_foul.board, 15)
    assert "H8" not in answers(four_by_a_foul)


def test_black_passes_where_every_point_left_is_a_foul() -> None:
    names = [format_point(point) for point in range(POINTS)]
    black = ["E8", "F8", "G8", "I8", "J8", "K8"]
    white = [name for name in names if name not in black and name != "H8"]
    for rule in ("renju", "renju_fouls_refused"):
        state = rules.position(Config(rule), map(parse_point, black), map(parse_point, white), colour=0)
        assert [*forbidden_points(state.board, 15)] == [parse_point("H8")]
        assert Bot(1).choose(state, state.turn) == "pass"
