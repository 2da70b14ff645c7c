"""docs/writing-a-game.md tells the truth: its game is a sound one, and its examples print what they say."""

import doctest
import importlib
import re
import sys
from pathlib import Path

import pytest

from p2pgame.cli.main import main
from p2pgame.core.registry import Plugin
from p2pgame.testing import lint_source
from tests.plugin import plugin

PAGE = Path(__file__).parents[3] / "docs" / "writing-a-game.md"


@pytest.fixture(scope="module")
def text() -> str:
    return PAGE.read_text("utf-8")


@pytest.fixture(scope="module")
def rules(text: str) -> str:
    code, *_ = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    return str(code)


def test_the_examples_print_what_they_say(text: str, rules: str) -> None:
    names = {"__name__": "rules"}
    exec(compile(rules, "rules.py", "exec"), names)
    examples = "\n".join(re.findall(r"```pycon\n(.*?)```", text, re.DOTALL))
    test = doctest.DocTestParser().get_doctest(examples, names, PAGE.name, str(PAGE), 0)
    result = doctest.DocTestRunner().run(test)
    assert result.attempted > 8
    assert result.failed == 0


def test_the_game_on_the_page_passes_the_check(
    text: str, rules: str, tmp_path: Path, capsys, monkeypatch
) -> None:
    assert lint_source(rules) == []
    folder = tmp_path / "page_nim_game"
    folder.mkdir()
    (folder / "rules.py").write_text(rules, "utf-8")
    for name, holds in (("view", "class View(Base):"), ("lessons", "LESSONS =")):
        (block,) = (block for block in re.findall(r"```python\n(.*?)```", text, re.DOTALL) if holds in block)
        needs = (
            "from p2pgame.core import Setup\nfrom .rules import GAME, Config\n" if name == "lessons" else ""
        )
        (folder / f"{name}.py").write_text(needs + block, "utf-8")
    monkeypatch.setattr("sys.path", sys.path.copy())
    assert main(["check", "--frames", "50", "--seeds", "3", str(folder)]) == 0, capsys.readouterr().out


def test_the_analysis_and_the_puzzles_on_the_page_are_right(text: str, rules: str, tmp_path: Path) -> None:
    blocks = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    with plugin(tmp_path / "page_nim") as made:
        for name, holds in (("analysis", "class Analysis:"), ("puzzles", "PUZZLES =")):
            (block,) = (block for block in blocks if holds in block)
            (tmp_path / "page_nim" / f"{name}.py").write_text(
                f"from .rules import State, Take\n{block}", "utf-8"
            )
        (tmp_path / "page_nim" / "rules.py").write_text(rules, "utf-8")
        importlib.invalidate_caches()
        sys.modules.pop("page_nim.rules")
        nim = Plugin("page_nim")
        (puzzle,) = nim.puzzles()
        analysis, state = nim.analysis(), puzzle.state()
        sides = []
        while nim.game.outcome(state) is None:
            found = analysis.assessment(state, 2)
            assert found is not None
            sides.append(found.chances)
            (player,) = nim.game.to_move(state) or ()
            state = nim.game.advance(state, [found.line[0] if p == player else None for p in (0, 1)])
        assert nim.game.outcome(state).winners == (0,)
        assert set(sides) == {(1000, 0)}, "who can win by force does"
    assert made.game.name == "add"
