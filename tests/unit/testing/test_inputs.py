"""Random inputs fit their type, are legal, and play every game to where it goes."""

from collections.abc import Iterable
from enum import Enum, IntEnum
from itertools import pairwise
from typing import Annotated, Any, Literal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Meta

from p2pgame.core import IllegalMoveError, Setup, decode, encode
from p2pgame.core.registry import Plugin, installed
from p2pgame.core.setup_check import check_teams
from p2pgame.games.gomoku.rules import GAME as GOMOKU
from p2pgame.testing import NoInputError, random_inputs, setups
from p2pgame.testing.inputs import combinations, configurations, line_ups
from p2pgame.testing.values import Dice, all_values, random_value
from tests.unit.testing.games import Dots, Nim, Take


class Key(Enum):
    LEFT = "left"
    RIGHT = "right"


class Level(IntEnum):
    LOW = 1
    HIGH = 2


class Pad(msgspec.Struct, frozen=True):
    key: Key
    power: Annotated[int, Meta(ge=0, lt=3)]
    fire: bool = False


COUNTED: list[tuple[Any, int]] = [
    (bool, 2),
    (None, 1),
    (Literal["a", "b", 3], 3),
    (Key, 2),
    (Level, 2),
    (Annotated[int, Meta(ge=-2, le=2)], 5),
    (Annotated[int, Meta(gt=0, lt=10, multiple_of=3)], 3),
    (Annotated[int, Meta(ge=0, lt=3)] | None, 4),
    (tuple[bool, Level], 4),
    (Pad, 12),
]
OTHERS: list[Any] = [
    int,
    Annotated[int, Meta(ge=5)],
    Annotated[int, Meta(le=-5)],
    Annotated[int, Meta(ge=-(1 << 62), le=1 << 62)],
    str,
    Annotated[str, Meta(min_length=10, max_length=12)],
    Annotated[bytes, Meta(max_length=3)],
    tuple[int, ...],
    Annotated[tuple[Pad, ...], Meta(min_length=2, max_length=3)],
    tuple[int, str] | None,
]


@pytest.mark.parametrize(("kind", "count"), COUNTED)
def test_few_values_are_all_made_once_and_fit_their_type(kind: Any, count: int) -> None:
    values = all_values(kind)
    assert values is not None
    assert len(values) == count == len({encode(v) for v in values})
    assert [decode(encode(v), kind) for v in values] == values


@pytest.mark.parametrize("kind", OTHERS)
def test_many_values_are_not_counted(kind: Any) -> None:
    assert all_values(kind) is None


@pytest.mark.parametrize("kind", [kind for kind, _ in COUNTED] + OTHERS)
def test_random_values_fit_their_type_and_vary(kind: Any) -> None:
    dice = Dice(1)
    made = [random_value(kind, dice) for _ in range(300)]
    assert [decode(encode(v), kind) for v in made] == made
    wanted = len(all_values(kind) or range(4))
    assert len({encode(v) for v in made}) >= wanted


def test_the_ends_of_a_range_come_up() -> None:
    dice, kind = Dice(0), Annotated[int, Meta(ge=-(1 << 40), le=1 << 40)]
    made = {random_value(kind, dice) for _ in range(100)}
    assert made >= {-(1 << 40), 1 << 40, 0}


@pytest.mark.parametrize("kind", [float, Any, set[int], list[int]])
def test_types_that_no_input_should_have_are_refused(kind: Any) -> None:
    with pytest.raises(TypeError, match="no random value"):
        random_value(kind, Dice(0))


@given(st.integers(), st.lists(st.integers(), max_size=20))
def test_dice_shuffle_without_loss_and_repeat_from_their_seed(seed: int, items: list[int]) -> None:
    mixed = Dice(seed).shuffled(items)
    assert sorted(mixed) == sorted(items)
    assert Dice(seed).shuffled(items) == mixed


@pytest.mark.parametrize("plugin", list(installed()), ids=lambda plugin: plugin.game.name)
def test_inputs_of_installed_games_are_legal_and_repeat_from_their_seed(plugin: Plugin) -> None:
    game = plugin.game
    setup = setups(game, 1)
    first, second = random_inputs(game, 9), random_inputs(game, 9)
    state = game.initial(setup)
    for _ in range(120):
        if game.outcome(state) is not None:
            break
        inputs = first(state, setup.players)
        assert inputs == second(state, setup.players)
        for player, move in enumerate(inputs):
            if move is not None:
                game.validate(state, player, move)
        state = game.advance(state, inputs)


def test_gomoku_is_played_to_the_end_and_a_board_can_be_filled() -> None:
    reasons = set()
    for seed in range(300):
        state, source = GOMOKU.initial(setups(GOMOKU, seed)), random_inputs(GOMOKU, seed)
        while GOMOKU.outcome(state) is None:
            state = GOMOKU.advance(state, source(state, 2))
        reasons.add(GOMOKU.outcome(state).reason)
    assert "five in a row" in reasons
    # the last free point of a board is found too, where nearly all random points are taken
    point = 77
    board = bytearray(b"\1\1\2\2" * 57)[:225]
    board[point] = 0
    full = msgspec.structs.replace(GOMOKU.initial(setups(GOMOKU, 0)), board=bytes(board), stones=224)
    assert all(random_inputs(GOMOKU, seed)(full, 2)[0].point == point for seed in range(20))


def test_real_time_players_hold_an_input_for_some_frames() -> None:
    game = Dots()
    source, state = random_inputs(game, 3), game.initial(Setup(2, 0, None))
    taken = [source(state, 2)[0] for _ in range(400)]
    changes = sum(a != b for a, b in pairwise(taken))
    assert 10 < changes < 100
    assert set(taken) == {-1, 0, 1}


class Hard(Nim):
    """One input in 2**64 is legal."""

    input_type: Any = int

    def validate(self, state: Any, player: int, move: Any) -> None:
        if move != 987_654_321_987_654_321:
            raise IllegalMoveError("no")


class Helpful(Hard):
    def moves(self, state: Any, player: int) -> Iterable[int]:
        return (5, 987_654_321_987_654_321)


class Stuck(Nim):
    def validate(self, state: Any, player: int, move: Take) -> None:
        raise IllegalMoveError("never")


def test_moves_of_a_game_are_used_and_a_player_without_any_is_named() -> None:
    state = Nim().initial(setups(Nim(), 0))
    assert random_inputs(Helpful(), 0)(state, 2) == (987_654_321_987_654_321, None)
    with pytest.raises(NoInputError, match=r"no_legal_input_found: game=.*, player=0"):
        random_inputs(Hard(), 0)(state, 2)
    with pytest.raises(NoInputError, match=r"no_legal_input: game=.*, player=0"):
        random_inputs(Stuck(), 0)(state, 2)


def test_setups_take_turns_through_players_and_configurations() -> None:
    assert {setups(Dots(), seed).players for seed in range(2)} == {2, 3}
    assert {setups(Nim(), seed).config.sticks for seed in range(2)} == {7, 21}
    assert setups(Nim(), 0).config == Nim.config_type()


class Both(msgspec.Struct, frozen=True):
    edge: Literal["walls", "wrap"] = "wrap"
    size: Literal[1, 2, 3] = 2


class Many(msgspec.Struct, frozen=True):
    points: Annotated[int, msgspec.Meta(ge=1, le=10**9)] = 7
    edge: Literal["walls", "wrap"] = "wrap"


@pytest.mark.parametrize("players", [1, 2, 3, 4, 6])
def test_every_configuration_meets_every_number_of_players_once(players: int) -> None:
    game = type("Odd", (Dots,), {"config_type": Both, "min_players": 2, "max_players": 1 + players})()
    assert combinations(game) == 6 * players
    pairs = [(setup.players, setup.config) for setup in (setups(game, n) for n in range(6 * players))]
    assert len(set(pairs)) == 6 * players
    assert pairs[0] == (2, Both())
    assert len({config for _, config in pairs[:6]}) > 3, "the first few differ in both"


def test_every_number_of_players_and_every_split_into_teams_of_one_size_is_played() -> None:
    game = type("Odd", (Dots,), {"max_players": 8, "teams": True})()
    found = [(setup.players, setup.teams) for setup in (setups(game, n) for n in range(combinations(game)))]
    assert found == line_ups(game)
    assert [players for players, teams in found if not teams] == [2, 3, 4, 5, 6, 7, 8]
    assert [teams for _, teams in found if teams] == [
        (0, 1, 0, 1),
        (0, 1, 0, 1, 0, 1),
        (0, 1, 2, 0, 1, 2),
        (0, 1, 0, 1, 0, 1, 0, 1),
        (0, 1, 2, 3, 0, 1, 2, 3),
    ]
    for players, teams in found:
        check_teams(game, players, teams)


def test_a_game_with_bounds_that_make_no_sense_is_played_somehow() -> None:
    assert line_ups(type("Odd", (Dots,), {"min_players": 3, "max_players": 2})()) == [(3, ())]
    assert len(line_ups(type("Odd", (Dots,), {"max_players": 10**9})())) == 7


def test_of_too_many_configurations_each_choice_is_made_once() -> None:
    game = type("Odd", (Dots,), {"config_type": Many})()
    assert configurations(game) == [Many(), Many(edge="walls")]
