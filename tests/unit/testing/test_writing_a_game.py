"""docs/writing-a-game.md tells the truth: its game is a sound one, and its examples print what they say."""

import doctest
import re
import sys
from pathlib import Path

import pytest

from p2pgame.cli.main import main
from p2pgame.testing import lint_source

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


def test_the_rules_on_the_page_pass_the_check(rules: str, tmp_path: Path, capsys, monkeypatch) -> None:
    assert lint_source(rules) == []
    folder = tmp_path / "page_nim_game"
    folder.mkdir()
    (folder / "rules.py").write_text(rules, "utf-8")
    monkeypatch.setattr("sys.path", sys.path.copy())
    assert main(["check", "--frames", "50", "--seeds", "3", str(folder)]) == 0, capsys.readouterr().out
