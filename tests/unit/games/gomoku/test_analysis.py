"""What the engine thinks of positions, as the platform shows it. The engine thinks here, without a process."""

import msgspec
import pytest

from p2pgame.core import Setup
from p2pgame.core.analysis import Assessment, Candidate
from p2pgame.games.gomoku.analysis import Analysis
from p2pgame.games.gomoku.engine.request import Answer, Ranked, Request, answer
from p2pgame.games.gomoku.rules import (
    GAME,
    Config,
    Move,
    Rule,
    State,
    format_point,
    parse_point,
    position,
)


class Here:
    """A `Thinker` that has its answer at once, of a level that is quick."""

    def __init__(self) -> None:
        self.asked: Request | None = None
        self.requests = 0
        self.closed = False

    def ask(self, request: Request) -> None:
        self.asked, self.requests = msgspec.structs.replace(request, level=3), self.requests + 1

    def answer(self, wait: bool) -> Answer | None:
        asked, self.asked = self.asked, None
        return None if asked is None else answer(asked, lambda: 0.0)

    def close(self) -> None:
        self.closed = True


def assess(state: State, thinker: Here | None = None) -> Assessment:
    analysis = Analysis(thinker or Here())  # type: ignore[arg-type]
    for _ in range(40):
        if (found := analysis.assessment(state)) is not None:
            return found
    raise AssertionError("no answer")


def points(*names: str) -> list[int]:
    return [parse_point(name) for name in names]


def test_a_five_wins() -> None:
    state = position(Config(), points("E5", "F5", "G5", "H5"), points("A1", "C3", "E9", "I5"))
    assert assess(state) == Assessment(chances=(1000, 0), line=(Move(parse_point("D5")),))


def test_chances_are_those_of_the_players_not_of_the_colours() -> None:
    state = position(Config(), points("E5", "F5", "G5", "H5"), points("A1", "C3", "E9", "I5"))
    swapped = State(**{name: getattr(state, name) for name in state.__struct_fields__} | {"black": 1})
    assert assess(swapped).chances == (0, 1000)


def test_where_a_four_has_to_be_stopped_the_position_after_that_is_judged() -> None:
    """White stops a four, and with that makes an open one, of which Black can stop one end."""
    state = position(
        Config(),
        points("A5", "B5", "C5", "D5", "A15", "O15"),
        points("E6", "E7", "E8", "A9", "O1"),
    )
    thinker = Here()
    found = assess(state, thinker)
    assert thinker.requests == 3
    assert found.line[0] == Move(parse_point("E5"))
    assert found.chances == (0, 1000)


def test_two_fours_at_once_are_lost() -> None:
    state = position(Config(), points("G8", "H8", "I8", "J8", "A1"), points("A9", "O1", "A15", "O15"))
    assert assess(state).chances == (1000, 0)


def test_nothing_is_certain_in_the_beginning() -> None:
    found = assess(position(Config(), points("H8"), points("I9")))
    assert min(found.chances) >= 1
    assert sum(found.chances) == 1000
    assert isinstance(found.line[0], Move)


def test_of_an_opening_that_asks_for_something_only_what_to_do_is_said() -> None:
    state = GAME.initial(Setup(2, 0, Config(opening="pro")))
    assert assess(state) == Assessment(line=(Move(112),))


def test_it_is_closed_with_its_process() -> None:
    thinker = Here()
    Analysis(thinker).close()  # type: ignore[arg-type]
    assert thinker.closed


def rank(state: State) -> tuple[Candidate, ...]:
    analysis = Analysis(Here())  # type: ignore[arg-type]
    assert analysis.ranking(GAME.initial(Setup(2, 0, Config(opening="pro")))) == ()
    for _ in range(3):
        if (found := analysis.ranking(state)) is not None:
            return found
    raise AssertionError("no answer")


def test_several_moves_are_compared_and_the_first_is_the_best() -> None:
    state = position(Config(), points("H8", "H9"), points("I9", "G7"))
    found = rank(state)
    assert len({each.line[0] for each in found}) == len(found) == 4
    assert found[0].line[0] == assess(state).line[0]
    shares = [each.chances[0] for each in found]
    assert shares == sorted(shares, reverse=True)
    assert all(sum(each.chances) == 1000 for each in found)


def test_next_to_a_win_by_force_what_does_not_win_is_compared_too() -> None:
    """F8 and J8 make an open four of Black; whatever else it does, White stops the three."""
    state = position(Config(), points("G8", "H8", "I8"), points("A1", "C3", "E9"))
    found = rank(state)
    assert found[0].chances == (1000, 0)
    assert {"F8", "J8"} & {format_point(each.line[0].point) for each in found}
    assert found[-1].chances != (0, 1000)


def test_where_a_move_is_forced_nothing_is_compared() -> None:
    assert rank(position(Config(), points("A5", "B5", "C5", "D5"), points("E6", "E7", "E8"))) == ()
    won = position(Config(), points("E5", "F5", "G5", "H5"), points("A1", "C3", "E9", "I5"))
    assert rank(won) == ()


@pytest.mark.parametrize("rule", ["renju", "renju_fouls_refused"])
def test_no_foul_is_compared(rule: Rule) -> None:
    """F8 G8 and H9 H10: H8 would make two threes, and would be the best point of Black if it were allowed."""
    state = position(Config(rule), points("F8", "G8", "H9", "H10"), points("A1", "A3", "O1", "O3"))
    found = rank(state)
    assert len(found) == 4
    assert Move(parse_point("H8")) not in [each.line[0] for each in found]


def test_who_can_only_pass_has_nothing_to_compare() -> None:
    answers = Answer(1, "pass", line=(112,), others=(Ranked(0, (113,)),))
    thinker = Here()
    thinker.answer = lambda wait: answers  # type: ignore[method-assign]
    state = position(Config("renju"), points("F8", "G8", "H9", "H10"), points("A1", "A3", "O1", "O3"))
    assert Analysis(thinker).ranking(state) == ()  # type: ignore[arg-type]
