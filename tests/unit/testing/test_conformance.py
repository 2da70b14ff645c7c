"""Every installed game does what the platform expects; games that do not are told what."""

from collections.abc import Sequence
from typing import Any, Literal

import msgspec
import pytest

from p2pgame.core import Game, IllegalMoveError, NoConfig, Outcome, Setup
from p2pgame.core.registry import installed
from p2pgame.i18n.conformance import problem_sentence
from p2pgame.testing import CHECKS, conformance
from p2pgame.testing.chain import sync_test
from p2pgame.testing.inputs import line_ups
from tests.unit.testing.games import Dot, Dots, Heap, Nim, Take

GAMES = [plugin.game for plugin in installed()] + [Nim(), Dots()]


def test_the_package_has_games_to_test() -> None:
    assert "gomoku" in [game.name for game in GAMES]


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("game", GAMES, ids=lambda game: game.name)
def test_every_game_conforms(game: Game[Any, Any, Any], check: str) -> None:
    assert list(CHECKS[check](game)) == []


@pytest.mark.parametrize("game", GAMES, ids=lambda game: game.name)
def test_every_game_survives_rollback(game: Game[Any, Any, Any]) -> None:
    for seed in range(max(2, len(line_ups(game)))):
        sync_test(game, seed).run(frames=200)


class Loose(msgspec.Struct):
    x: int = 0


class Floating(msgspec.Struct, frozen=True):
    x: Any = 0.5


class Needy(msgspec.Struct, frozen=True):
    size: int


def dots(**attributes: Any) -> Game[Any, Any, Any]:
    made: Game[Any, Any, Any] = type("Odd", (Dots,), attributes)()
    return made


def nim(**attributes: Any) -> Game[Any, Any, Any]:
    made: Game[Any, Any, Any] = type("Odd", (Nim,), attributes)()
    return made


def refuse(self: Any, state: Any, player: int, move: Any) -> None:
    raise IllegalMoveError("no")


def restless(self: Any, state: Any, player: int, move: Any) -> None:
    if move == 0:
        raise IllegalMoveError("move!")


def by_state(self: Any, state: Dot, player: int, move: Any) -> None:
    if move == 1 and state.at[player] > 2:
        raise IllegalMoveError("not now")


def allow(self: Any, state: Any, player: int, move: Any) -> None:
    return None


def crash(self: Any, state: Any, player: int, move: Any) -> None:
    raise KeyError("oops")


def turns(answer: Any) -> Any:
    return lambda self, state: answer


def ends(at: int, outcome: Any) -> Any:
    return lambda self, state: outcome if state.frame >= at else None


def flickers(self: Any, state: Dot) -> Outcome | None:
    return Outcome((0,), "now") if state.frame == 3 else None


def ends_for_the_first(self: Any, state: Dot) -> Outcome | None:
    return Outcome((0,), "now") if state.frame >= 3 else None


def only_for_two(self: Any, setup: Setup[NoConfig]) -> Any:
    if setup.players > 3:
        raise ValueError("only three chairs")
    return Dots().initial(setup)


def lists(self: Any, setup: Setup[NoConfig]) -> Any:
    return Loose()


def huge(self: Any, state: Heap, inputs: Sequence[Take | None]) -> Any:
    return Heap(10**9, 0)


@pytest.mark.parametrize(
    ("game", "check", "text"),
    [
        (dots(name="No!"), "attributes", "name 'No!'"),
        (dots(title=" "), "attributes", "title"),
        (dots(min_players=3, max_players=2), "attributes", "min_players 3"),
        (dots(max_players=9), "attributes", "max_players 9"),
        (dots(tick_rate=0.5), "attributes", "tick_rate 0.5"),
        (dots(teams=1), "attributes", "teams is 1, not a bool"),
        (dots(absence="bot"), "attributes", "absence is 'bot', not a Absence"),
        (dots(teams=True), "attributes", "at least 4 players, and max_players is 3"),
        (dots(max_players=5, initial=only_for_two), "begin", "only three chairs"),
        (
            dots(max_players=4, teams=True, outcome=ends_for_the_first),
            "ends",
            "winners (0,) are a part of a team",
        ),
        (dots(state_type=Loose), "types", "state_type: Loose: Loose is not frozen"),
        (dots(state_type=Floating), "types", "Floating.x: Any"),
        (dots(input_type=list[int]), "types", "input_type: list: can be changed"),
        (dots(input_type=float), "types", "floats round"),
        (dots(state_type=tuple[frozenset[int], ...]), "types", "order of a set"),
        (dots(config_type=Needy), "config", "field size has no default"),
        (dots(outcome=ends(0, Outcome((), "x"))), "begin", "over before it begins"),
        (dots(initial=lists), "begin", "gives a Loose"),
        (dots(state_type=Floating, initial=lambda self, setup: Floating()), "states", "x: 0.5: floats"),
        (dots(render=lambda self, state: 5), "states", "render"),
        (dots(to_move=turns((0,))), "turns", "in real time every player moves"),
        (nim(to_move=turns([0])), "turns", "not a tuple"),
        (nim(to_move=turns((1, 0)), validate=allow), "turns", "not a tuple of players in order"),
        (nim(to_move=turns((0, 5)), validate=allow), "turns", "there are 2 players"),
        (nim(to_move=turns(())), "turns", "nobody is to move"),
        (dots(describe=lambda self, state, move: None), "inputs", "describe"),
        (dots(neutral=7), "neutral", "neutral 7 is not a typing.Literal"),
        (dots(validate=refuse), "neutral", "no input is legal"),
        (dots(validate=restless), "neutral", "0, which a silent player is taken to give, is refused: move!"),
        (
            dots(validate=by_state),
            "neutral",
            "validate refuses 1 (not now): in real time an input meets a state",
        ),
        (dots(predict=lambda self, last: 7), "neutral", "7"),
        (nim(input_type=int, validate=crash, moves=lambda s, a, b: (1,)), "states", "KeyError: 'oops'"),
        (nim(validate=allow), "refusals", "lets player 1 move when (0,)"),
        (dots(outcome=ends(3, Outcome((5,), "x"))), "ends", "winners (5,)"),
        (dots(outcome=ends(3, Outcome((0, 0), "x"))), "ends", "each once"),
        (dots(outcome=ends(3, Outcome((0,), ""))), "ends", "reason ''"),
        (dots(outcome=ends(3, "over")), "ends", "not an Outcome"),
        (dots(outcome=flickers), "ends", "a frame after the end changes the outcome"),
    ],
)
def test_what_does_not_conform_is_told(game: Game[Any, Any, Any], check: str, text: str) -> None:
    told = [problem_sentence(problem) for problem in conformance(game) if problem.check == check]
    assert any(text in what for what in told), told


class BadChoice(msgspec.Struct, frozen=True):
    size: Literal[1, 2] = 3  # type: ignore[assignment]


def test_a_default_that_is_no_choice_is_told_and_nothing_is_told_twice() -> None:
    problems = conformance(dots(config_type=BadChoice))
    assert "config" in [problem.check for problem in problems]
    problems = conformance(dots(render=lambda self, state: 5))
    assert [(problem.code, problem.params) for problem in problems] == [("no_text", {"method": "render"})]
