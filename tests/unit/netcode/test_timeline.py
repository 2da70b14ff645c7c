"""The log of confirmed inputs and the state that follows from it, for games by turns and all at once."""

from collections.abc import Sequence

import msgspec
import pytest

from p2pgame.core.errors import IllegalMoveError
from p2pgame.core.game import Game, NoConfig, Outcome, Setup
from p2pgame.core.snapshot import state_hash
from p2pgame.games.gomoku.rules import GAME as GOMOKU
from p2pgame.games.gomoku.rules import Config, Move
from p2pgame.netcode.timeline import Timeline


class Sum(msgspec.Struct, frozen=True):
    total: int = 0


class Together(Game[Sum, int, NoConfig]):
    """Everybody gives a number each frame; over at 100."""

    name = "together"
    title = "Together"
    state_type = Sum
    input_type = int

    def initial(self, setup: Setup[NoConfig]) -> Sum:
        return Sum()

    def validate(self, state: Sum, player: int, move: int) -> None:
        if move < 0:
            raise IllegalMoveError("not below 0")

    def advance(self, state: Sum, inputs: Sequence[int | None]) -> Sum:
        return Sum(state.total * 3 + sum(n * (i + 1) for i, n in enumerate(inputs) if n is not None))

    def outcome(self, state: Sum) -> Outcome | None:
        return Outcome(winners=(0,), reason="enough") if state.total >= 100 else None


def together(players: int = 2, limit: int = 0) -> Timeline:
    return Timeline(Together(), Setup(players=players, seed=1, config=NoConfig()), limit)


def gomoku(*points: int) -> Timeline:
    timeline = Timeline(GOMOKU, Setup(players=2, seed=1, config=Config()))
    for frame, point in enumerate(points):
        timeline.offer(frame % 2, Move(point))
        assert list(timeline.advance()) == [frame + 1]
    return timeline


def test_it_begins_at_frame_0() -> None:
    timeline = together()
    assert (timeline.frame, timeline.state, timeline.log) == (0, Sum(), [])
    assert timeline.to_move == (0, 1)
    assert timeline.hash == state_hash(Sum())
    assert list(timeline.advance()) == []


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_a_frame_passes_when_all_have_moved_in_whatever_order(order: tuple[int, ...]) -> None:
    timeline = together(players=3)
    for player in order:
        assert list(timeline.advance()) == []
        timeline.offer(player, player + 5)
    assert list(timeline.advance()) == [1]
    assert timeline.log == [(5, 6, 7)]
    assert timeline.state == Sum(5 + 12 + 21)


def test_who_has_moved_waits_for_the_others() -> None:
    timeline = together()
    timeline.offer(1, 1)
    assert timeline.to_move == (0,)
    with pytest.raises(IllegalMoveError, match="turn"):
        timeline.offer(1, 2)
    with pytest.raises(IllegalMoveError, match="turn"):
        timeline.offer(7, 2)


def test_an_illegal_input_changes_nothing() -> None:
    timeline = together()
    with pytest.raises(IllegalMoveError, match="below"):
        timeline.offer(0, -1)
    assert timeline.to_move == (0, 1)


def test_by_turns_only_the_player_to_move_is_asked() -> None:
    timeline = gomoku(112)
    assert timeline.to_move == (1,)
    with pytest.raises(IllegalMoveError, match="turn"):
        timeline.offer(0, Move(3))
    assert timeline.log == [(Move(112), None)]


def test_the_end_by_the_rules() -> None:
    timeline = gomoku(112, 0, 113, 1, 114, 2, 115, 3, 116)
    assert timeline.outcome == Outcome(winners=(0,), reason="five in a row")
    assert timeline.to_move == ()
    with pytest.raises(IllegalMoveError, match="over"):
        timeline.offer(1, Move(9))


def test_the_end_by_the_limit_unless_the_rules_ended_it_there() -> None:
    for last, reason in ((1, "frame limit"), (100, "enough")):
        timeline = together(limit=2)
        for move in (1, last):
            timeline.offer(0, move)
            timeline.offer(1, move)
            list(timeline.advance())
        assert timeline.outcome is not None
        assert timeline.outcome.reason == reason


@pytest.mark.parametrize("frame", range(6))
def test_ending_earlier_leaves_exactly_the_frames_before(frame: int) -> None:
    points = [112, 0, 113, 1, 114]
    timeline = gomoku(*points)
    resigned = Outcome(winners=(1,), reason="resigned")
    timeline.end_at(frame, resigned)
    assert timeline.outcome == resigned
    assert timeline.frame == frame
    assert timeline.state == gomoku(*points[:frame]).state
    assert timeline.to_move == ()


def test_ending_forgets_an_input_that_waits() -> None:
    timeline = together()
    timeline.offer(0, 1)
    timeline.end_at(0, Outcome(winners=(), reason="resigned"))
    assert list(timeline.advance()) == []
    assert timeline.frame == 0


def test_an_end_to_come_waits_for_its_frame_unless_the_rules_are_faster() -> None:
    resigned = Outcome(winners=(), reason="resigned")
    for last, reason in ((1, "resigned"), (100, "enough")):
        timeline = together()
        timeline.end_at(2, resigned)
        assert timeline.outcome is None
        for move in (last, 1):
            if timeline.outcome is None:
                timeline.offer(0, move)
                timeline.offer(1, move)
                list(timeline.advance())
        assert timeline.outcome is not None
        assert timeline.outcome.reason == reason
