"""A game that fails ends its match or practice with a screen that says where. The app lives, and so do other games."""

import itertools
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pygame
import pytest

from p2pgame.core.registry import Plugin, Registry
from p2pgame.ui.scenes.error import ErrorScene
from p2pgame.ui.scenes.lobby import LobbyScene
from p2pgame.ui.scenes.result import Result
from tests.plugin import plugin
from tests.ui.desk import Desk
from tests.ui.test_practice import choose, think

NUMBERS = itertools.count()
HANDLE = "return 1 if event == Press(MenuAction.CONFIRM) else None"

OF_THE_VIEW = {
    "syntax error": (("view.py", "class View(Base):", "class View(Base:"), "view.py:4: SyntaxError"),
    "import": (("view.py", "import MenuAction", "import NoSuchThing"), "view.py:1: ImportError"),
    "exit": (("view.py", "class View(Base):", "exit(3)\nclass View(Base):"), "view.py:4: SystemExit: 3"),
    "no View": (("view.py", "class View(Base)", "class Picture(Base)"), "AttributeError"),
    "not a View": (("view.py", "class View(Base)", "Base = object\nclass View(Base)"), "TypeError"),
    "__init__": (("view.py", "super().__init__(game, me, names)", "1 / 0"), "view.py:8: ZeroDivisionError"),
    "no super": (("view.py", "super().__init__(game, me, names)", "pass"), "AttributeError"),
    "aspect": (("view.py", 'hint = "Press a key"', 'aspect = "wide"'), "view.py:7: __init__: Expected `float`"),
    "flat": (("view.py", 'hint = "Press a key"', "aspect = 0"), "view.py:7: __init__: Expected `float` >= 0.1"),
    "hint": (("view.py", '"Press a key"', "7"), "view.py:7: __init__: Expected `str`"),
    "update": (("view.py", "return False", "return match.nothing"), "view.py:17: AttributeError"),
    "cues": (("view.py", "return ()", "return None"), "view.py:19: cues: Expected `array`"),
    "cue": (("view.py", "return ()", "return [[]]"), "view.py:19: cues: Expected `str`"),
    "draw": (("view.py", "str(match.state.total)", "str(match.state.points)"), "view.py:23: AttributeError"),
    "canvas": (("view.py", "str(match.state.total)", "None"), "view.py:23: "),
    "side": (("view.py", 'return "Left" if player == 0 else "Right"', "return player"), "view.py:25: side: Expected"),
    "draw_side": (("view.py", "theme.accent", "theme.nothing"), "view.py:29: AttributeError"),
    "status type": (("view.py", 'f"Total {match.state.total}"', "match"), "view.py:31: status: Expected `str`"),
}  # fmt: skip
OF_THE_HAND = {
    "handle": (("view.py", HANDLE, "return self.nothing"), "view.py:11: AttributeError"),
    "handle type": (("view.py", HANDLE, "return 9"), "view.py:10: handle: 9 is no input"),
    "handle object": (("view.py", HANDLE, "return self"), "view.py:10: handle: <"),
    "validate": (("rules.py", "if move == 2:", "if move.count == 2:"), "rules.py:28: AttributeError"),
    "reason": (("rules.py", 'if move == 2:\n            raise IllegalMoveError("two is too much")',
                "raise IllegalMoveError(move)"), "rules.py:28: IllegalMoveError"),
}  # fmt: skip
OF_THE_RULES = {
    "advance": (("rules.py", "state.frame + 1", "state.frame + 1 // 0"), "rules.py:32: ZeroDivisionError"),
    "advance type": (("rules.py", "return State(state", "return (state"), "advance: (1, 1) is no State"),
    "outcome": (("rules.py", 'Outcome((0,), "enough") if', "Outcome() if not"), "rules.py:35: TypeError"),
    "outcome type": (("rules.py", 'Outcome((0,), "enough") if', "True if not"), "outcome: True is no Outcome"),
    "winners": (("rules.py", 'Outcome((0,), "enough") if', "Outcome(None, 3) if not"), "rules.py:34: outcome: "),
    "to_move": (("rules.py", "(state.frame % 2,)", "state.frame % 2"), "rules.py:24: to_move: 0 is not a tuple"),
}  # fmt: skip
OF_THE_BOT = {
    "syntax error": (("bot.py", "return 1", "return ("), "bot.py:6: SyntaxError"),
    "no Bot": (("bot.py", "class Bot", "class Robot"), "AttributeError"),
    "__init__": (("bot.py", "self.seed = seed", "self.seed = nothing"), "bot.py:3: NameError"),
    "choose": (("bot.py", "return 1", "raise KeyError(player)"), "bot.py:6: KeyError"),
    "exit": (("bot.py", "return 1", "exit()"), "bot.py:6: SystemExit"),
    "choose type": (("bot.py", "return 1", "return None"), "bot.py:5: choose: None is no input"),
}
OF_THE_CONFIG = {
    "config": (("rules.py", "    speed: Literal[1, 2] = 1\n",
                "    speed: Literal[1, 2] = 1\n    def __post_init__(self):\n        assert self.speed == 1\n"),
               "rules.py:8: AssertionError"),
}  # fmt: skip


@pytest.fixture
def seat(tmp_path: Path) -> Iterator["Seat"]:
    made = Seat(tmp_path)
    yield made
    made.close()


class Seat:
    """A desk at which the broken game is installed beside the others."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._contexts: list[AbstractContextManager[Plugin]] = []
        self.desk = Desk()

    def install(self, *changes: tuple[str, str, str]) -> str:
        """The name of the package."""
        name = f"add_game_{next(NUMBERS)}"
        context = plugin(self._folder / name, *changes)
        self._contexts.append(context)
        made = context.__enter__()
        self.desk.client.registry = Registry([*self.desk.client.registry, made])
        self.desk = Desk(client=self.desk.client)
        self.desk.client.announce()
        self.desk.go()
        return name

    def close(self) -> None:
        for context in self._contexts:
            context.__exit__(None, None, None)

    def assert_error(self, package: str, text: str) -> None:
        """The screen names file and line, and another game can be played after it."""
        screen = self.desk.top(ErrorScene)
        assert screen.heading == "The game has an error"
        assert text in screen.reason
        assert package in screen.reason
        self.desk.press("Back to the lobby")
        self.desk.top(LobbyScene)
        self.desk.start_match(game="gomoku")
        assert self.desk.shows == "MatchScene"


def ids(cases: dict[str, object]) -> list[object]:
    return [pytest.param(*case, id=name) for name, case in cases.items()]  # type: ignore[misc]


def start(desk: Desk) -> None:
    """Ben's invitation to the game is accepted, and the player makes a move if it gets that far."""
    desk.client.peer_invites(desk.client.add_peer(1, "Ben").peer, game="add")
    desk.go(0.7)
    desk.press("Accept")
    desk.go(0.3)
    if desk.shows == "MatchScene":
        desk.key(pygame.K_SPACE)
        desk.go(0.3)


def realtime(rate: int) -> tuple[str, str, str]:
    return "rules.py", "tick_rate = 0", f"tick_rate = {rate}"


@pytest.mark.parametrize("rate", [0, 60])
@pytest.mark.parametrize(("change", "text"), ids(OF_THE_VIEW | OF_THE_HAND))
def test_a_view_that_fails_ends_the_match(seat: Seat, rate: int, change, text: str) -> None:
    if rate and (change in [OF_THE_HAND[name][0] for name in ("validate", "reason")]):
        pytest.skip("in real time only the form of an input is looked at")
    package = seat.install(change, realtime(rate))
    start(seat.desk)
    told = [call for call in seat.desk.client.calls if call[0] == "break_off"]
    assert [call[1] for call in told] == ["add"], "the other side hears of it, once"
    assert ("resign",) not in seat.desk.client.calls
    seat.assert_error(package, text)


def test_a_view_that_changes_its_rectangle_moves_nothing(seat: Seat) -> None:
    seat.install(("view.py", "canvas.text(", "rect.inflate_ip(-99, -99)\n        canvas.text("))
    start(seat.desk)
    before = seat.desk.scene.match_board.board.copy()  # type: ignore[attr-defined]
    seat.desk.go(1)
    assert seat.desk.scene.match_board.board == before  # type: ignore[attr-defined]


def test_hold_is_asked_for_an_input(seat: Seat) -> None:
    package = seat.install(("view.py", "return 1 if held else 0", 'return "up"'), realtime(60))
    start(seat.desk)
    seat.assert_error(package, "view.py:13: hold: 'up' is no input")


@pytest.mark.parametrize("rate", [0, 60])
@pytest.mark.parametrize(("change", "text"), ids(OF_THE_VIEW | OF_THE_RULES | OF_THE_BOT))
def test_a_game_that_fails_stops_the_practice(seat: Seat, rate: int, change, text: str) -> None:
    if rate and change == OF_THE_RULES["to_move"][0]:
        pytest.skip("nobody is asked in real time")
    package = seat.install(change, realtime(rate))
    desk = seat.desk
    choose(desk, "add")
    desk.tab_to(desk.top(LobbyScene).invite_panel.practice_button)
    desk.key(pygame.K_RETURN)
    desk.go(0.3)
    if desk.shows == "PracticeDialog":
        desk.press("Start")
        desk.go(0.3)
    if desk.shows == "PracticeScene":
        desk.key(pygame.K_RETURN)
        desk.go(0.3)
    if desk.shows == "PracticeScene":
        think(desk)
    seat.assert_error(package, text)


@pytest.mark.parametrize(("change", "text"), ids(OF_THE_CONFIG))
@pytest.mark.parametrize("button", ["Practice", "Invite"])
def test_options_that_do_not_go_together_are_a_fault_of_the_game(
    seat: Seat, button: str, change, text: str
) -> None:
    package = seat.install(change)
    desk = seat.desk
    desk.client.add_peer(1, "Ben", games={p.game.name: p.digest for p in desk.client.registry})
    desk.go()
    choose(desk, "add")
    desk.tab_to(desk.top(LobbyScene).picker.options[0])
    desk.key(pygame.K_RIGHT)
    desk.press(button)
    seat.assert_error(package, text)


def test_the_game_without_faults_is_played_to_the_end(seat: Seat) -> None:
    seat.install(("rules.py", "> 500", "> 0"))
    start(seat.desk)
    assert seat.desk.top(Result).heading == "You won"


def test_a_view_that_fails_after_the_end_leaves_the_result(seat: Seat) -> None:
    seat.install(
        ("rules.py", "> 500", "> 0"),
        ("view.py", "return False", "return bool(match.outcome and 1 // 0)"),
    )
    start(seat.desk)
    result = seat.desk.top(Result)
    assert result.heading == "You won"
    assert result.match_board.failed is not None
    assert "view.py:17" in str(result.match_board.failed)
