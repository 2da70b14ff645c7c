"""`p2pgame check` passes sound games, and names line or field of the others."""

import itertools
import json
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from p2pgame.cli.main import main
from p2pgame.core.registry import installed
from tests.plugin import write

HEAD = '''"""A game for one test."""
from p2pgame.core import Game, NoConfig, Outcome, Rng, Setup
from typing import Annotated, Any, Final, Literal
import msgspec
{imports}

WORDS: Final = frozenset(("ann", "ben", "eve", "sam", "tom", "zoe"))


class State(msgspec.Struct, frozen=True):
    frame: int = 0
    value: {kind} = {start}


class Odd(Game[State, int, NoConfig]):
    name = "odd"
    title = "Odd"
    tick_rate = 60
    neutral = 0
    state_type = State
    input_type = Literal[0, 1]
    count = 0

    def initial(self, setup):
        return State()

    def validate(self, state, player, move):
        pass

    def advance(self, state, inputs):
        value = state.value
{advance}
        return State(state.frame + 1, value)

    def outcome(self, state):
        return None


GAME = Odd()
'''
NUMBERS = itertools.count()


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Writes the package of a game and returns its folder; it can be imported until the test ends."""
    before, path = set(sys.modules), list(sys.path)

    def write(advance: str = "pass", *, imports: str = "", kind: str = "int", start: str = "0") -> Path:
        folder = tmp_path / f"odd_game_{next(NUMBERS)}"
        folder.mkdir()
        text = HEAD.format(imports=imports, kind=kind, start=start, advance=textwrap.indent(advance, " " * 8))
        (folder / "rules.py").write_text(text, "utf-8")
        return folder

    yield write
    sys.path[:] = path
    for module in set(sys.modules) - before:
        del sys.modules[module]


def check(capsys: pytest.CaptureFixture[str], *argv: object) -> tuple[int, str]:
    code = main(["check", "--frames", "40", "--seeds", "1", *map(str, argv)])
    return code, capsys.readouterr().out


def line_of(folder: Path, text: str) -> int:
    lines = (folder / "rules.py").read_text("utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if text in line)


@pytest.mark.parametrize("name", [plugin.game.name for plugin in installed()])
def test_installed_games_pass(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, out = check(capsys, name)
    assert code == 0, out
    assert out.startswith(f"{name}: deterministic")


def test_a_sound_game_passes_by_folder_file_or_module(make, capsys, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = make("value = (value * 5 + sum(inputs)) % 1000")
    assert check(capsys, folder)[0] == 0
    assert check(capsys, folder / "rules.py")[0] == 0
    assert check(capsys, folder.name)[0] == 0
    monkeypatch.chdir(folder.parent)
    assert check(capsys, f"./{folder.name}")[0] == 0


@pytest.mark.parametrize(
    ("imports", "advance", "line", "finding", "field"),
    [
        (
            "import random",
            "value += random.randrange(1 << 30)",
            "import random",
            "import of random",
            "value: ",
        ),
        ("import time", "value = time.perf_counter_ns()", "import time", "import of time", "value: "),
        (
            "",
            "self.count += 1; value = self.count",
            "self.count += 1",
            "change of self.count",
            "value: ",
        ),
    ],
)
def test_chance_the_clock_and_a_memory_are_named_by_line_and_by_field(
    make, capsys, imports: str, advance: str, line: str, finding: str, field: str
) -> None:
    folder = make(advance, imports=imports)
    code, out = check(capsys, folder)
    assert code == 1
    assert f"rules.py:{line_of(folder, line)}: {finding}: " in out
    assert "sync test: seed 0, frame 1: another state when played again from frame 0: value: " in out
    assert field in out


def test_a_float_is_named_by_line_and_by_field(make, capsys) -> None:
    folder = make("value = state.frame / 3", kind="float", start="0")
    code, out = check(capsys, folder)
    assert code == 1
    assert f"rules.py:{line_of(folder, 'value: float')}: `float`: " in out
    assert f"rules.py:{line_of(folder, 'state.frame / 3')}: true division `/`: " in out
    assert "state_type" not in out, "the type is that of the line"
    assert "value: 0.0" not in out


def test_the_order_of_a_set_of_strings_is_named_by_line_and_found_between_processes(make, capsys) -> None:
    folder = make("for word in WORDS:\n    value = word", kind="str", start="''")
    code, out = check(capsys, folder)
    assert code == 1
    assert f"rules.py:{line_of(folder, 'in WORDS')}: the order of the set `WORDS`: " in out
    assert "sync test" not in out
    assert out.count("processes: frame 1 of seed 0 differs between PYTHONHASHSEED=0 ") == 1
    assert ": value: '" in out


def test_hash_is_found_between_processes_even_if_its_line_is_excused(make, capsys) -> None:
    folder = make("value = hash('ann') % 9973  # deterministic: or so I thought")
    code, out = check(capsys, folder)
    assert code == 1
    assert "rules.py" not in out
    assert "processes: frame 1 of seed 0" in out
    assert "value: " in out


def test_an_exception_is_named_by_its_line(make, capsys) -> None:
    folder = make("value = 1 // (5 - state.frame)")
    code, out = check(capsys, folder)
    assert code == 1
    assert f"rules.py:{line_of(folder, '1 // (5')}: ZeroDivisionError" in out


ONE_FAULT = {
    "exception": ("value = 1 // (5 - state.frame)", {}),
    "exit": ("exit() if state.frame > 3 else None", {}),
    "state": ("value = [1]", {"kind": "Any"}),
    "growth": ("value += '12345678'", {"kind": "str", "start": "''"}),
    "grows slowly": ("value += 'x' * (state.frame % 4 == 0)", {"kind": "str", "start": "''"}),
    "power": ("value = int(2 ** (5 - state.frame % 9))", {}),
}


@pytest.mark.parametrize("fault", ONE_FAULT)
def test_one_fault_is_one_finding(make, capsys, fault: str) -> None:
    advance, fields = ONE_FAULT[fault]
    code, out = check(capsys, "--json", make(advance, **fields))
    *findings, _ = map(json.loads, out.splitlines())
    assert code == 1
    if fault == "state":  # a type that takes anything is another
        findings = [found for found in findings if "Any takes" not in found["what"]]
    assert len(findings) == 1, findings


def test_a_player_who_is_stuck_is_told_once(make, capsys) -> None:
    folder = make()
    rules = folder / "rules.py"
    stuck = "        if state.frame == 9: raise IllegalMoveError('no')\n"
    text = rules.read_text("utf-8").replace("Game, NoConfig", "Game, IllegalMoveError, NoConfig")
    text = text.replace("tick_rate = 60", "tick_rate = 0")
    rules.write_text(
        text.replace(
            "    def validate(self, state, player, move):\n",
            "    def validate(self, state, player, move):\n" + stuck,
        ),
        "utf-8",
    )
    code, out = check(capsys, folder)
    assert (code, out.count("no input is legal")) == (1, 1)
    assert "1 problem" in out


def test_a_state_that_grows_is_found_and_one_that_begins_anew_is_not(make, capsys) -> None:
    assert (
        "a state grows with the match, from "
        in check(capsys, make("value += 'x'", kind="str", start="''"))[1]
    )
    assert check(capsys, make("value = (value + 'x')[-99:]", kind="str", start="''"))[0] == 0
    rounds = "value = '' if state.frame % 200 == 0 else value + 'x'"
    assert check(capsys, make(rounds, kind="str", start="''"))[0] == 0
    score = "value += 'x' * (state.frame % 300 == 0)"
    assert check(capsys, make(score, kind="str", start="''"))[0] == 0, "an hour of it has its room"


def test_what_rules_print_is_not_in_the_output(make, capsys) -> None:
    folder = make("print('advance'); value = 1")
    rules = folder / "rules.py"
    rules.write_text("print('import')\n" + rules.read_text("utf-8"), "utf-8")
    code, out = check(capsys, "--json", folder)
    assert [json.loads(line)["event"] for line in out.splitlines()] == ["checked"]
    assert code == 0


def test_every_choice_of_options_is_played_with_every_number_of_players(
    tmp_path: Path, capsys, monkeypatch
) -> None:
    monkeypatch.setattr("sys.path", sys.path.copy())
    folder = tmp_path / "choosy_game"
    write(
        folder,
        ("rules.py", "speed: Literal[1, 2] = 1", "speed: Literal[1, 2, 3, 4, 5] = 1\n    wrap: bool = False"),
        ("rules.py", "neutral = 0", "max_players = 5"),
        ("rules.py", "return State()", "return State(0, 7 * (setup.players * setup.config.speed == 20))"),
        ("rules.py", "return State(state.frame", "return State(1 // (state.total != 7) and state.frame"),
        ("rules.py", "if move == 2:", "if move == 2 or player != state.frame % 2:"),
    )
    code = main(["check", str(folder)])
    out = capsys.readouterr().out
    assert (code, out.count("ZeroDivisionError")) == (1, 1)
    assert "rules.py:33: ZeroDivisionError" in out


@pytest.mark.parametrize(("text", "finding"), [("def f(:\n", "syntax error"), ("x = nope\n", "NameError")])
def test_rules_that_cannot_be_loaded_are_named_by_line(make, capsys, text: str, finding: str) -> None:
    folder = make()
    (folder / "rules.py").write_text(f"\n{text}", "utf-8")
    code, out = check(capsys, folder)
    assert code == 1
    assert "rules.py:2: " in out
    assert finding in out


def test_json_is_one_object_a_line(make, capsys) -> None:
    folder = make("value = hash('ann')")
    code, out = check(capsys, "--json", folder)
    assert code == 1
    *findings, last = [json.loads(line) for line in out.splitlines()]
    assert last["event"] == "checked"
    assert (last["ok"], last["findings"]) == (False, len(findings))
    assert {f["event"] for f in findings} == {"finding"}
    lint = findings[0]
    assert (lint["check"], lint["file"]) == ("lint", "rules.py")
    assert lint["line"] == line_of(folder, "hash('ann')")
    code, out = check(capsys, "--json", make())
    assert (code, json.loads(out)["ok"]) == (0, True)


def test_another_python_is_compared(make, capsys) -> None:
    code, out = check(capsys, "--python", sys.executable, make())
    assert (code, "5 processes" in out) == (0, True)


@pytest.mark.parametrize(
    ("script", "words"),
    [
        (None, "cannot be started"),
        ("#!/bin/sh\necho ModuleNotFoundError: msgspec >&2; exit 1\n", "msgspec"),
        ("#!/bin/sh\n", "failed silently"),
    ],
)
@pytest.mark.skipif(sys.platform == "win32", reason="a shell script stands in for a Python")
def test_a_python_that_cannot_play_is_a_usage_error(
    script: str | None, words: str, capsys, tmp_path: Path
) -> None:
    python = tmp_path / "python9"
    if script is not None:
        python.write_text(script, "utf-8")
        python.chmod(0o755)
    assert main(["check", "--python", str(python), "gomoku"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "python9" in captured.err
    assert words in captured.err


@pytest.mark.parametrize("target", ["no-such-game", "no.such.module", ".", "json"])
def test_a_game_that_is_not_there_is_a_usage_error(target: str, capsys, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["check", target]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("p2pgame: ")


@pytest.mark.parametrize("option", ["--frames", "--seeds"])
def test_counts_are_at_least_one(option: str) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["check", option, "0", "gomoku"])
    assert ended.value.code == 2


def test_the_command_itself_ends_with_its_exit_code(make) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "p2pgame", "check", "--frames", "5", str(make("value = 0.5"))],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert "the float 0.5" in done.stdout
    assert done.stderr == ""


def test_rules_may_be_a_package_and_a_module_outside_is_named(tmp_path: Path, capsys, monkeypatch) -> None:
    monkeypatch.setattr("sys.path", sys.path.copy())
    folder = tmp_path / "parts_game"
    write(folder, ("rules.py", "from typing", "from .limits import LIMIT\nfrom typing"), ("rules.py", "500", "LIMIT"),
          ("rules.py", "if move == 2", "if move == 2 or player != state.frame % 2"))  # fmt: skip
    (folder / "rules").mkdir()
    (folder / "rules.py").rename(folder / "rules" / "__init__.py")
    (folder / "rules" / "limits.py").write_text("LIMIT = 30\n", "utf-8")
    code, out = check(capsys, folder)
    assert code == 0, out
    (tmp_path / "shared_limits.py").write_text("LIMIT = 30\n", "utf-8")
    (folder / "rules" / "limits.py").write_text("\nfrom shared_limits import LIMIT\n", "utf-8")
    for module in [name for name in sys.modules if name.startswith("parts_game")]:
        del sys.modules[module]
    code, out = check(capsys, "--json", folder)
    finding, _ = map(json.loads, out.splitlines())
    assert (finding["file"], finding["line"], finding["what"]) == (
        "rules/limits.py",
        2,
        "import of shared_limits",
    )
