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


WINDOWS = [
    frozenset((x + i * dx, y + i * dy) for i in range(5))
    for dx, dy in ((1, 0), (0, 1), (1, 1), (1, -1))
    for x in range(15)
    for y in range(15)
    if x + 4 * dx < 15 and 0 <= y + 4 * dy < 15
]
"""All rows of five cells."""
At = tuple[int, int]


def open_to(mine: frozenset[At], theirs: frozenset[At], gaps: int) -> set[At]:
    """The empty cells of the windows in which `theirs` has none and so many are empty."""
    found: set[At] = set()
    for window in WINDOWS:
        if len(window & mine) == 5 - gaps and not window & theirs:
            found |= window - mine
    return found


def wins_by_fours(mine: frozenset[At], theirs: frozenset[At], moves: int) -> bool:
    """Whether so many moves are enough for who is to move, if each but the last is a four."""
    if open_to(mine, theirs, 1):
        return True
    threats = open_to(theirs, mine, 1)
    if moves <= 1 or len(threats) > 1:
        return False
    for at in open_to(mine, theirs, 2):
        answers = open_to(mine | {at}, theirs, 1)
        if threats <= {at} and (len(answers) > 1 or wins_by_fours(mine | {at}, theirs | answers, moves - 1)):
            return True
    return False


@pytest.mark.parametrize(
    "puzzle", [p for p in PUZZLES if p.task.startswith("Win by fours:")], ids=lambda puzzle: puzzle.name
)
def test_wins_by_fours_are_proven_without_the_engine(puzzle: Puzzle) -> None:
    state = puzzle.state()
    stones = [
        frozenset((p % 15, p // 15) for p, stone in enumerate(state.board) if stone == colour + 1)
        for colour in (state.colour, 1 - state.colour)
    ]
    assert wins_by_fours(stones[0], stones[1], puzzle.moves)
    assert not wins_by_fours(stones[0], stones[1], puzzle.moves - 1)
