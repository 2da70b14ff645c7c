"""Whatever the code of a game raises or gives, the platform sees one error, with the place."""

import traceback
from pathlib import Path
from typing import Any

import msgspec
import pytest

from p2pgame.core import IllegalMoveError, Outcome, Setup
from p2pgame.core.errors import RemoteProtocolError
from p2pgame.core.guard import GameError, Guard, GuardedBot, GuardedGame
from tests.plugin import plugin
from tests.toy import ROBIN


class Strange(BaseException):
    """Neither an `Exception` nor an exit."""


def guarded(monkeypatch: pytest.MonkeyPatch, method: str, value: Any) -> GuardedGame:
    """`ROBIN`, whose `method` gives `value`, or raises it."""

    def give(*_: Any) -> Any:
        if isinstance(value, BaseException):
            raise value
        return value

    monkeypatch.setattr(ROBIN, method, give, raising=False)
    return GuardedGame(ROBIN, Guard("tests"))


CALLS = {
    "initial": (Setup(players=2, seed=1, config=None),),
    "validate": (None, 0, 1),
    "advance": (None, (1, None)),
    "outcome": (None,),
    "to_move": (None,),
    "predict": (1,),
    "describe": (None, 1),
    "render": (None,),
    "decode_input": (b"1",),
    "decode_config": (b"1",),
}


@pytest.mark.parametrize("method", CALLS)
@pytest.mark.parametrize(
    "error", [ValueError("x"), SystemExit(), RecursionError(), RemoteProtocolError("bad_log")]
)
def test_every_method_raises_one_error(
    method: str, error: BaseException, monkeypatch: pytest.MonkeyPatch
) -> None:
    game = guarded(monkeypatch, method, error)
    with pytest.raises(GameError, match=f"{type(error).__name__}.*tests/unit/core/test_guard.py:26"):
        getattr(game, method)(*CALLS[method])


@pytest.mark.parametrize("method", [name for name in CALLS if name != "validate"])
def test_an_illegal_move_is_none_where_no_move_is_judged(
    method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would be held against the other player."""
    game = guarded(monkeypatch, method, IllegalMoveError("not so"))
    with pytest.raises(GameError, match="IllegalMoveError: not so"):
        getattr(game, method)(*CALLS[method])


def test_the_players_interrupt_is_not_the_games(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(KeyboardInterrupt):
        guarded(monkeypatch, "render", KeyboardInterrupt()).render(None)
    with pytest.raises(Strange):
        guarded(monkeypatch, "render", Strange()).render(None)


@pytest.mark.parametrize(
    ("method", "value"),
    [
        ("initial", None),
        ("advance", 3),
        ("outcome", False),
        ("outcome", Outcome(winners=[0], reason=None)),  # type: ignore[arg-type]
        ("outcome", Outcome(winners=("0",), reason="x")),  # type: ignore[arg-type]
        ("to_move", 1),
        ("to_move", [0, 1]),
        ("to_move", (True,)),
        ("predict", "up"),
        ("predict", object()),
        ("describe", None),
        ("render", b""),
    ],
)
def test_a_wrong_type_is_a_fault_of_the_method(
    method: str, value: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    game = guarded(monkeypatch, method, value)
    with pytest.raises(GameError, match=r"tests/unit/core/test_guard.py:24"):
        getattr(game, method)(*CALLS[method])


def test_a_move_is_refused_in_words_that_can_be_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(IllegalMoveError, match="not so"):
        guarded(monkeypatch, "validate", IllegalMoveError("not so", at=3)).validate(None, 0, 1)
    for error in (IllegalMoveError(3), IllegalMoveError("no {x}", x=object())):  # type: ignore[arg-type]
        with pytest.raises(GameError):
            guarded(monkeypatch, "validate", error).validate(None, 0, 1)


def test_bytes_of_somebody_else_are_no_fault_of_the_game(monkeypatch: pytest.MonkeyPatch) -> None:
    game = guarded(monkeypatch, "decode_input", msgspec.DecodeError("no"))
    with pytest.raises(msgspec.DecodeError):
        game.decode_input(b"")


def test_the_place_is_the_innermost_line_of_the_games_own_files(tmp_path: Path) -> None:
    change = (
        "rules.py",
        "state.total + sum(",
        "state.total + sum(None for i in Guard('x').call(max, 1)) or sum(",
    )
    imports = ("rules.py", "import msgspec\n", "import msgspec\nfrom p2pgame.core.guard import Guard\n")
    with plugin(tmp_path / "deep_game", change, imports) as game, pytest.raises(GameError) as caught:
        game.game.advance(game.game.initial(None), (1, 1))  # type: ignore[arg-type]
    assert caught.value.params["game"] == "x", "the innermost guard has the word"
    with (
        plugin(tmp_path / "flat_game", ("rules.py", "i or 0", "max(i)")) as game,
        pytest.raises(GameError) as caught,
    ):
        game.game.advance(game.game.initial(None), (1, 1))  # type: ignore[arg-type]
    assert caught.value.params == {
        "game": "add", "error": "TypeError: 'int' object is not iterable", "place": "flat_game/rules.py:32",
    }  # fmt: skip
    assert "flat_game" in "".join(traceback.format_exception(caught.value)), (
        "its author finds the whole traceback"
    )


@pytest.mark.parametrize(
    ("move", "text"), [("x", "no input"), (10, "illegal: 1 to 9"), (object(), "no input")]
)
def test_a_bot_gives_inputs_that_are_legal(move: Any, text: str) -> None:
    class Bot:
        def choose(self, state: Any, player: int) -> Any:
            return move

    guard = Guard("tests")
    bot = GuardedBot(Bot(), GuardedGame(ROBIN, guard), guard)
    with pytest.raises(GameError, match=text):
        bot.choose(None, 0)


def test_a_signal_that_meets_the_games_code_ends_the_program_and_no_match() -> None:
    """The handler of a signal runs wherever the main thread is."""
    names = {"__name__": "p2pgame.cli.ending"}
    exec("def handler():\n    raise SystemExit(143)\n", names)

    def draw() -> None:
        names["handler"]()  # type: ignore[operator]

    with pytest.raises(SystemExit, match="143"):
        Guard("tests").call(draw)
    with pytest.raises(GameError):
        Guard("tests").call(exit, 143)
