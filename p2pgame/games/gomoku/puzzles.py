"""Puzzles of Gomoku: wins by force, proven against every answer (``tests/bench/gomoku_puzzles.py`` chose them)."""

from functools import partial
from importlib import resources
from typing import Final

from p2pgame.core.digest import short_digest
from p2pgame.core.puzzle import Puzzle
from p2pgame.games.gomoku.rules import Config, State, parse_point, position
from p2pgame.i18n.catalogue import gettext_noop

__all__ = ["PUZZLES"]

_TASK_SENTENCES: Final = {
    "fours": gettext_noop("Win by fours: each of your moves but the last is a four."),
    "threes": gettext_noop("Win by fours and open threes."),
}
_HARDER: Final = {"fours": 2, "threes": 0}
"""What the grade is less than the number of moves."""


def _puzzle(line: str) -> Puzzle:
    """One line of the file: the kind, the moves that it takes, and the stones by turns."""
    kind, moves, *names = line.split()
    points = tuple(map(parse_point, names))
    return Puzzle(
        name=short_digest("gomoku puzzle", line.encode()).hex()[:8],
        task=_TASK_SENTENCES[kind],
        moves=int(moves),
        grade=min(5, int(moves) - _HARDER[kind]),
        state=partial(_state, points),
    )


def _state(points: tuple[int, ...]) -> State:
    return position(Config(), points[::2], points[1::2])


def _read() -> tuple[Puzzle, ...]:
    text = resources.files(__package__).joinpath("puzzles.txt").read_text("utf-8")
    return tuple(sorted(map(_puzzle, text.splitlines()), key=lambda puzzle: (puzzle.grade, puzzle.moves)))


PUZZLES = _read()
