"""`p2pgame check` uses view, bot and lessons of a game as the app does, and names the line that fails."""

import importlib
import itertools
import logging
import sys
from pathlib import Path
from typing import Literal

import msgspec
import pytest

from p2pgame.cli.check_parts import faults
from p2pgame.core.errors import P2PGameError
from p2pgame.core.registry import Plugin
from p2pgame.i18n.conformance import problem_sentence
from p2pgame.testing import conformance
from p2pgame.ui.still import lessons_of
from p2pgame.ui.view import load_view
from tests.plugin import plugin
from tests.toy import Toy

NUMBERS = itertools.count()
LESSONS = """from p2pgame.core.lesson import Lesson
from .rules import State
LESSONS = (Lesson("One", State), Lesson("Two", lambda: State(9, "a lot")))
def SHOW():
    return [State(), State(1, 1)]
"""
REAL_TIME = ("rules.py", "tick_rate = 0", "tick_rate = 60")
SLOW = (
    "import time; end = time.process_time() + 0.05\n        while time.process_time() < end: pass\n        "
)
FAULTS = {
    "draw": ((("view.py", "str(match.state.total)", "match.state.points"),), "view.py:23: AttributeError"),
    "a watcher": (
        (("view.py", "str(match.state.total)", "str(match.names[match.seats[0]])"),), "view.py:23: IndexError"
    ),
    "handle": ((("view.py", "return 1 if event", "return 9 if event"),), "view.py:10: handle: 9 is no input"),
    "hold": ((REAL_TIME, ("view.py", "return 1 if held", "return 9 if held")), "view.py:13: hold: 9 is no input"),
    "status": ((("view.py", 'f"Total {match.state.total}"', "match"),), "view.py:31: status: Expected `str`"),
    "no hand": ((("view.py", "def handle", "def handles"),), "view.py:22: draw: View has no handle, "),
    "no hands": (
        (REAL_TIME, ("view.py", "def handle", "def handles"), ("view.py", "def hold", "def holds")),
        "view.py:22: draw: View has no hold or handle, ",
    ),
    "slow": ((("view.py", "canvas.text(surface, str", f"{SLOW}canvas.text(surface, str"),), "a picture takes"),
    "bot": ((("bot.py", "return 1", "return state.nothing"),), "bot.py:6: AttributeError"),
    "no bot": ((("bot.py", "def choose", "def chose"),), "'Bot' object has no attribute 'choose'"),
    "slow bot": ((REAL_TIME, ("bot.py", "return 1", f"{SLOW}return 1")), "bot.py:5: choose: 2 bots take"),
}  # fmt: skip


def found(made: Plugin) -> list[str]:
    return [
        f"{error.params['place']}: {error.params['error']} {where}" for where, error in faults(made.package)
    ]


def folder(tmp_path: Path) -> Path:
    return tmp_path / f"parts_{next(NUMBERS)}"


@pytest.mark.parametrize("real_time", [False, True])
def test_a_sound_game_has_no_fault(tmp_path: Path, real_time: bool) -> None:
    with plugin(folder(tmp_path), *[REAL_TIME] * real_time) as made:
        assert found(made) == []


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_beside_the_rules_is_named_by_file_and_line(tmp_path: Path, fault: str) -> None:
    changes, where = FAULTS[fault]
    if "slow" in fault:  # each frame takes its time
        changes = (*changes, ("rules.py", "state.total > 500", "state.total > 3"))
    with plugin(folder(tmp_path), *changes) as made:
        (said,) = set(found(made))
    assert where in said


def test_a_lesson_is_drawn_and_one_that_fails_is_told_by_its_number_and_in_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = folder(tmp_path)
    with plugin(path) as made:
        (path / "lessons.py").write_text(LESSONS, "utf-8")
        (said,) = found(made)
        assert said.startswith(f"{path.name}/rules.py:35: TypeError")
        assert said.endswith("LESSONS[1], 2 players")
    with plugin(folder(tmp_path)) as made:
        (tmp_path / made.package / "lessons.py").write_text("LESSONS = nothing", "utf-8")
        assert {text.rpartition(" ")[2] for text in found(made)} == {"LESSONS", "SHOW"}
        with caplog.at_level(logging.WARNING):
            assert lessons_of(made) == ()
        assert "lessons.py:1" in caplog.text


def test_a_view_without_hands_is_refused_when_a_match_begins(tmp_path: Path) -> None:
    handless = plugin(folder(tmp_path), ("view.py", "def handle", "def handles"))
    with handless as made, pytest.raises(P2PGameError, match="View has no handle"):
        load_view(made, 0, ("Ann", "Ben"))


def test_a_default_that_is_no_choice_is_named_with_the_choices() -> None:
    fields = [("speed", Literal["slow", "fast"], "quick")]
    timed = msgspec.defstruct("Timed", fields, frozen=True)
    odd = type("Odd", (Toy,), {"config_type": timed})()
    (problem,) = [each for each in conformance(odd) if each.check == "config"]
    said = problem_sentence(problem)
    assert said == "Timed.speed is 'quick' by default, but may be one of: 'slow', 'fast'"


def test_the_types_in_brackets_are_those_of_the_game_unless_it_sets_them(tmp_path: Path) -> None:
    short = (
        "rules.py",
        "    state_type = State\n    input_type = Literal[0, 1, 2]\n    config_type = Config\n",
        "",
    )
    with plugin(
        folder(tmp_path), short, ("rules.py", "[State, int, Config]", "[State, Literal[0, 1, 2], Config]")
    ) as made:
        rules = made.guard.load("rules", "State")
        assert made.game.state_type is rules
        assert made.game.config_type is made.guard.load("rules", "Config")
        assert found(made) == []
    with plugin(folder(tmp_path)) as made:
        assert made.game.input_type is not int, "what the class says counts"


def test_a_package_needs_no_init_file(tmp_path: Path) -> None:
    path = folder(tmp_path)
    with plugin(path):
        (path / "__init__.py").unlink()
        (path / "more.py").write_text("", "utf-8")
        rules = (path / "rules.py").read_text("utf-8")
        (path / "rules.py").write_text(f"from . import more\n{rules}", "utf-8")
        importlib.invalidate_caches()
        for module in [name for name in sys.modules if name.partition(".")[0] == path.name]:
            del sys.modules[module]
        assert found(Plugin(path.name)) == []
