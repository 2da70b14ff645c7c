"""Finds the move that turned a match, from what the game says of each position."""

from collections.abc import Callable
from typing import Any

import pytest

from p2pgame.core.analysis import Assessment, Candidate
from p2pgame.core.game import AnyGame
from p2pgame.core.guard import GuardedAnalysis
from p2pgame.core.records import Node, Record
from p2pgame.core.registry import Plugin
from p2pgame.games.gomoku.rules import Config, Move, State
from p2pgame.replay.foreign import main_line, replay_of
from p2pgame.replay.playback import Playback
from p2pgame.ui.analyst import Analyst, Scan
from p2pgame.wire.takeback import Takeback, encode_takeback

GOMOKU = Plugin("p2pgame.games.gomoku")
BEST = Move(100)


class Oracle:
    """Chances of Black by the number of moves; the first `late` questions about a position find it thinking."""

    def __init__(self, chances: dict[int, int], late: int = 0) -> None:
        self.chances = chances
        self.late = late
        self.asked: list[int] = []
        self.closed = False

    def assessment(self, state: State) -> Assessment | None:
        self.asked.append(len(state.moves))
        if self.asked.count(len(state.moves)) <= self.late:
            return None
        black = self.chances.get(len(state.moves), 500)
        return Assessment(
            chances=(black, 1000 - black), line=(Move(101) if state.board[BEST.point] else BEST,)
        )

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def analyst(monkeypatch: pytest.MonkeyPatch) -> Callable[[Oracle], Analyst]:
    def make(oracle: Oracle) -> Analyst:
        monkeypatch.setattr(
            Plugin, "analysis", lambda self: GuardedAnalysis(oracle, self.game, self.guard), raising=True
        )
        return Analyst(GOMOKU)

    return make


def playback(*points: int) -> Playback:
    game: AnyGame = GOMOKU.game
    root = node = Node()
    for point in points:
        node = node.add(Move(point))
    record = Record(config=Config(), root=root)
    return Playback(replay_of(record, main_line(root), game, GOMOKU.digest), game)


def scanned(analyst: Analyst, match: Playback) -> Scan:
    scan = Scan(analyst, match)
    for _ in range(1000):
        scan.step()
    assert scan.done == scan.total
    return scan


def test_the_last_great_loss_of_who_did_not_win_turned_it(analyst: Any) -> None:
    """Black gives much away with its second and its third move, White a little, and White wins in the end."""
    match = playback(0, 30, 2, 32, 4, 34, 6, 36, 8, 38)  # five of White would be 30 to 38; nobody has won
    oracle = Oracle({0: 500, 1: 500, 2: 900, 3: 500, 4: 800, 5: 100, 6: 100, 7: 100, 8: 50})
    scan = scanned(analyst(oracle), match)
    found = [(turn.frame, turn.player, turn.played, turn.better, turn.lost) for turn in scan.turns]
    assert found[0] == (1, 1, Move(30), BEST, 400), "White's first stone"
    assert (2, 0, Move(2), BEST, 400) in found
    assert (4, 0, Move(4), BEST, 700) in found
    assert scan.turned is not None
    assert scan.turned.frame == max(turn.frame for turn in scan.turns)


def test_who_won_did_not_turn_it(analyst: Any) -> None:
    match = playback(0, 30, 1, 31, 2, 32, 3, 33, 4)
    oracle = Oracle({1: 500, 2: 500, 3: 100, 4: 500, 5: 500, 6: 500, 7: 500, 8: 500})
    scan = scanned(analyst(oracle), match)
    assert match.outcome(9) is not None
    assert scan.turns[0][:2] == (2, 0), "Black gave much away, and White gave it back"
    assert scan.turned is not None
    assert scan.turned[:2] == (3, 1)


def test_the_best_move_turns_nothing(analyst: Any) -> None:
    scan = scanned(analyst(Oracle({0: 900, 1: 100, 2: 100})), playback(BEST.point, 0))
    assert scan.turns == []
    assert scan.turned is None


def test_what_was_taken_back_is_not_judged(analyst: Any) -> None:
    match = playback(0, 30, 1)
    match.replay.inputs.append((None, encode_takeback(Takeback(frame=2, player=0))))
    again = Playback(match.replay, GOMOKU.game)
    oracle = Oracle({2: 500, 3: 0})
    scan = scanned(analyst(oracle), again)
    assert scan.total == 3, "two stones stand"
    assert 3 not in oracle.asked
    assert scan.turned is None


def test_it_begins_at_the_end_and_asks_until_there_is_an_answer(analyst: Any) -> None:
    oracle = Oracle({}, late=2)
    scan = Scan(analyst(oracle), playback(0, 30))
    assert [scan.step() for _ in range(6)] == [False, False, True, False, False, True]
    assert oracle.asked == [2, 2, 2, 1, 1, 1]


def test_another_question_waits_for_the_first(analyst: Any) -> None:
    oracle = Oracle({}, late=2)
    made, match = analyst(oracle), playback(0, 30)
    first, second = match.state(1), match.state(2)
    assert made.assess(first, 2) is None
    assert made.assess(second, 2) is None
    assert oracle.asked == [1, 1], "nothing that is thought about is thrown away"
    assert made.assess(second, 2) is None
    assert oracle.asked == [1, 1, 1, 2], "the second one follows at once"
    assert made.assess(first, 2) is not None
    made.close()
    assert oracle.closed


def test_a_match_that_is_over_needs_no_thought(analyst: Any) -> None:
    oracle = Oracle({})
    won = playback(0, 30, 1, 31, 2, 32, 3, 33, 4)
    assert analyst(oracle).assess(won.state(9), 2) == Assessment(chances=(1000, 0))
    assert oracle.asked == []


def test_an_analysis_that_fails_is_asked_no_more(analyst: Any) -> None:
    class Broken(Oracle):
        def assessment(self, state: State) -> Assessment | None:
            raise KeyError("x")

    oracle = Broken({})
    made = analyst(oracle)
    assert made.assess(playback(0).state(1), 2) is None
    assert made.failed is not None
    assert oracle.closed
    assert made.assess(playback(0).state(0), 2) is None


def test_what_comes_into_question_is_asked_for_apart_and_one_after_the_other(analyst: Any) -> None:
    class Ranks(Oracle):
        def ranking(self, state: State) -> tuple[Candidate, ...] | None:
            self.asked.append(100 + len(state.moves))
            if self.asked.count(self.asked[-1]) <= self.late:
                return None
            moves = [Move(point) for point in range(200, 203)]
            return tuple(Candidate(chances=(500, 500), line=(move,)) for move in moves)

    oracle = Ranks({}, late=1)
    made, state = analyst(oracle), playback(0).state(1)
    assert made.rank(state, 2) is None
    assert made.assess(state, 2) is None, "the ranking is thought about"
    assert oracle.asked == [101, 101, 1]
    assert [each.line for each in made.rank(state, 2) or ()] == [(Move(200),), (Move(201),), (Move(202),)]
    assert made.assess(state, 2) is not None


def test_a_game_may_rank_nothing(analyst: Any) -> None:
    assert analyst(Oracle({})).rank(playback(0).state(1), 2) == ()
    won = playback(0, 30, 1, 31, 2, 32, 3, 33, 4)
    assert analyst(Oracle({})).rank(won.state(9), 2) == ()


def test_the_chances_of_all_positions_are_known_after_the_scan(analyst: Any) -> None:
    scan = scanned(analyst(Oracle({0: 500, 1: 700, 2: 300})), playback(0, 30))
    assert scan.chances == {0: (500, 500), 1: (700, 300), 2: (300, 700)}
