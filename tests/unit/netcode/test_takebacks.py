"""Which moves stand, and what a player may take back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2pgame.core.errors import IllegalMoveError
from p2pgame.core.game import Setup
from p2pgame.netcode.takebacks import TAKEBACK_REACH, TAKEBACKS_MAX, StandingMoves
from p2pgame.netcode.timeline import Timeline
from p2pgame.wire.runs import FrameInputs
from p2pgame.wire.takeback import Takeback, decode_takeback, encode_takeback, is_takeback, takeback_in
from tests.toy import CLOCKED, Terms, raw


def moved(player: int) -> FrameInputs:
    return tuple(b"\x01" if seat == player else None for seat in range(2))


def taken(frame: int, player: int, by: int = 0) -> FrameInputs:
    data = encode_takeback(Takeback(frame, player))
    return tuple(data if seat == by else None for seat in range(2))


@given(st.integers(0, 2**24 - 1), st.integers(0, 255))
def test_bytes(frame: int, player: int) -> None:
    takeback = Takeback(frame, player)
    data = encode_takeback(takeback)
    assert is_takeback(data)
    assert decode_takeback(data) == takeback
    assert takeback_in((None, data)) == takeback


@pytest.mark.parametrize(
    "data", [b"", b"\xd6", b"\xd6\x74", b"\xd6\x74\0\0\0", b"\xd6\x74" + bytes(5), b"\xd6\x73\0\0\0\0"]
)
def test_what_is_no_takeback(data: bytes) -> None:
    assert decode_takeback(data) is None


def test_the_newest_standing_move_is_taken_back() -> None:
    moves = StandingMoves([moved(0), moved(1), moved(0)])
    assert (moves.last_of(0), moves.last_of(1)) == (2, 1)
    moves.passed(taken(1, 1))
    assert (moves.frame, moves.last_of(0), moves.last_of(1)) == (4, 0, None)
    assert moves.used == {1: 1}
    moves.passed(moved(1))
    assert moves.last_of(1) == 4


def test_what_is_far_back_stays() -> None:
    moves = StandingMoves([moved(1)] + [moved(0)] * TAKEBACK_REACH)
    assert moves.last_of(1) is None
    assert moves.last_of(0) == TAKEBACK_REACH


@pytest.mark.parametrize(
    ("takeback", "asked", "limit", "code"),
    [
        (Takeback(0, 0), (1,), 3, None),
        (Takeback(0, 0), (0,), 3, None),
        (None, (1,), 3, "malformed_input"),
        (Takeback(0, 0), (0, 1), 3, "malformed_input"),
        (Takeback(0, 0), (), 3, "malformed_input"),
        (Takeback(0, 0), (1,), 0, "no_takebacks_left"),
        (Takeback(0, 1), (1,), 3, "nothing_to_take_back"),
        (Takeback(1, 0), (1,), 3, "nothing_to_take_back"),
        (Takeback(0, 9), (1,), 3, "nothing_to_take_back"),
    ],
)
def test_checks(takeback: Takeback | None, asked: tuple[int, ...], limit: int, code: str | None) -> None:
    moves = StandingMoves([moved(0)])
    if code is None:
        assert moves.check(takeback, asked, limit) == takeback
    else:
        with pytest.raises(IllegalMoveError) as caught:
            moves.check(takeback, asked, limit)
        assert caught.value.code == code


def test_nobody_takes_back_for_ever() -> None:
    moves = StandingMoves()
    for _ in range(TAKEBACKS_MAX):
        moves.passed(moved(0))
        moves.passed(taken(moves.frame - 1, 0))
    moves.passed(moved(0))
    with pytest.raises(IllegalMoveError):
        moves.check(Takeback(moves.frame - 1, 0), (1,), 10**6)


@given(st.lists(st.one_of(st.integers(1, 3), st.tuples(st.integers(0, 1))), max_size=30))
def test_a_timeline_goes_back_to_what_it_was(plan: list[int | tuple[int]]) -> None:
    """Whatever was played and taken back, the state is that of the moves that stand; playing anew gives the same."""
    timeline = Timeline(CLOCKED, Setup(players=2, seed=1, config=Terms(takebacks="takebacks")))
    standing: list[tuple[int, int]] = []
    for step in plan:
        (turn,) = timeline.asked() or (None,)
        if turn is None:
            break
        if isinstance(step, int):
            data = raw([step])[0]
            standing.append((turn, step))
        else:
            frame = StandingMoves(timeline.log).last_of(step[0])
            if frame is None:
                continue
            data = encode_takeback(Takeback(frame, step[0]))
            while standing.pop()[0] != step[0]:
                pass
        inputs = tuple(data if seat == turn else None for seat in range(2))
        assert timeline.extend([inputs]) == 1
        totals = tuple(sum(move for who, move in standing if who == seat) for seat in range(2))
        assert timeline.state.totals == totals
    assert timeline.replayed(timeline.frame) == timeline.state
