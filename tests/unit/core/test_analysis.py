"""The analysis and the puzzles of a game are somebody else's code: what they give is checked before it is shown."""

import importlib
from pathlib import Path
from typing import Any

import pytest

from p2pgame.core import Setup
from p2pgame.core.analysis import Assessment, Candidate
from p2pgame.core.guard import GameError
from p2pgame.core.registry import Plugin
from tests.plugin import plugin

ANALYSIS = """from p2pgame.core.analysis import Assessment, Candidate

class Analysis:
    def assessment(self, state):
        return {found}

    def ranking(self, state):
        return {ranked}

    def close(self):
        pass
"""
PUZZLES = """from p2pgame.core.puzzle import Puzzle
from .rules import State

PUZZLES = [{}]
"""
ONE = "Puzzle('a', 'Add', 2, 1, State)"


def with_file(made: Plugin, folder: Path, name: str, text: str) -> None:
    (folder / name).write_text(text, "utf-8")
    importlib.invalidate_caches()


def assess(tmp_path: Path, found: str) -> Any:
    with plugin(tmp_path / "adds") as made:
        assert not made.has_analysis
        with_file(made, tmp_path / "adds", "analysis.py", ANALYSIS.format(found=found, ranked="()"))
        assert made.has_analysis
        state = made.game.initial(Setup(2, 1, made.game.config_type()))
        return made.analysis().assessment(state, 2)


def test_what_is_right_comes_through(tmp_path: Path) -> None:
    found = assess(tmp_path, "Assessment(chances=(700, 300), line=(1, 0, 1))")
    assert found == Assessment(chances=(700, 300), line=(1, 0, 1))


def test_it_may_think_on_or_know_nothing(tmp_path: Path) -> None:
    assert assess(tmp_path / "a", "None") is None
    assert assess(tmp_path / "b", "Assessment()") == Assessment()


@pytest.mark.parametrize(
    "found",
    [
        "1 / 0",
        "(700, 300)",
        "Assessment(chances=(700, 200))",
        "Assessment(chances=(1000,))",
        "Assessment(chances=(-1, 1001))",
        "Assessment(chances=('a', 'b'))",
        "Assessment(line=(2,))",
        "Assessment(line=('x',))",
        "Assessment(line=(1,) * 33)",
    ],
)
def test_whatever_is_wrong_is_one_error(tmp_path: Path, found: str) -> None:
    with pytest.raises(GameError):
        assess(tmp_path, found)


def rank(tmp_path: Path, ranked: str) -> Any:
    with plugin(tmp_path / "adds") as made:
        with_file(made, tmp_path / "adds", "analysis.py", ANALYSIS.format(found="None", ranked=ranked))
        state = made.game.initial(Setup(2, 1, made.game.config_type()))
        return made.analysis().ranking(state, 2)


def test_a_ranking_that_is_right_comes_through(tmp_path: Path) -> None:
    found = rank(
        tmp_path,
        "(Candidate(chances=(700, 300), line=(1, 0)), Candidate(chances=(0, 1000), line=(0,)))",
    )
    assert found == (
        Candidate(chances=(700, 300), line=(1, 0)),
        Candidate(chances=(0, 1000), line=(0,)),
    )


@pytest.mark.parametrize(
    "ranked",
    [
        "1 / 0",
        "3",
        "[]",
        "(Assessment(),)",
        "(Candidate(chances=(700, 300), line=()),)",
        "(Candidate(chances=(), line=(1,)),)",
        "(Candidate(chances=(700, 200), line=(1,)),)",
        "(Candidate(chances=(700, 300), line=(2,)),)",
        "(Candidate(chances=(700, 300), line=(1,)),) * 9",
    ],
)
def test_a_ranking_that_is_wrong_is_one_error(tmp_path: Path, ranked: str) -> None:
    with pytest.raises(GameError):
        rank(tmp_path, ranked)


def test_a_game_in_real_time_has_no_analysis(tmp_path: Path) -> None:
    with plugin(tmp_path / "adds", ("rules.py", "tick_rate = 0", "tick_rate = 60")) as made:
        with_file(made, tmp_path / "adds", "analysis.py", ANALYSIS.format(found="None", ranked="()"))
        assert not made.has_analysis


def puzzles(tmp_path: Path, text: str) -> Any:
    with plugin(tmp_path / "adds") as made:
        assert made.puzzles() == ()
        with_file(made, tmp_path / "adds", "puzzles.py", PUZZLES.format(text))
        return made.puzzles()


def test_puzzles_in_their_order(tmp_path: Path) -> None:
    found = puzzles(tmp_path, f"{ONE}, Puzzle('b', 'Add', 3, 5, State)")
    assert [(puzzle.name, puzzle.moves, puzzle.grade) for puzzle in found] == [("a", 2, 1), ("b", 3, 5)]


@pytest.mark.parametrize(
    "text",
    [
        "1",
        f"{ONE}, {ONE}",
        "Puzzle('', 'Add', 2, 1, State)",
        "Puzzle('a', 'Add', 0, 1, State)",
        "Puzzle('a', 'Add', 2, 6, State)",
        "Puzzle('a', 5, 2, 1, State)",
    ],
)
def test_puzzles_that_are_none(tmp_path: Path, text: str) -> None:
    with pytest.raises(GameError):
        puzzles(tmp_path, text)
