"""The puzzles of Gomoku: the engine proves each of them within its moves, and nothing but thought gives them away."""

import pytest

from p2pgame.core.puzzle import Puzzle
from p2pgame.core.registry import Plugin
from p2pgame.games.gomoku.engine.lines import FIVE
from p2pgame.games.gomoku.engine.position import Position
from p2pgame.games.gomoku.engine.stop import Stop
from p2pgame.games.gomoku.engine.threats import Forcing
from p2pgame.games.gomoku.engine.variant import Variant
from p2pgame.games.gomoku.puzzles import PUZZLES


def test_there_are_more_than_twenty_from_easy_to_hard() -> None:
    assert Plugin("p2pgame.games.gomoku").puzzles() == PUZZLES
    assert len(PUZZLES) == 30
    grades = [puzzle.grade for puzzle in PUZZLES]
    assert grades == sorted(grades)
    assert set(grades) == {1, 2, 3, 4, 5}
    assert len({puzzle.state().board for puzzle in PUZZLES}) == 30


@pytest.mark.parametrize("puzzle", PUZZLES, ids=lambda puzzle: puzzle.name)
def test_who_is_to_move_wins_by_force(puzzle: Puzzle) -> None:
    state = puzzle.state()
    assert not state.over
    here = Position(Variant(), state.board)
    assert not here.mask(0, FIVE) | here.mask(1, FIVE), "no five is there to be made or stopped"
    forcing = Forcing(here, Stop(lambda: 0.0))
    search = forcing.by_fours if puzzle.task.startswith("Win by fours:") else forcing.by_threats
    before = puzzle.moves - 2
    """Moves of the winner before the one that makes two ways to five."""
    assert search(state.colour, before, 200_000) is not None
    assert search(state.colour, before - 1, 200_000) is None, "it takes as many moves as it says"
