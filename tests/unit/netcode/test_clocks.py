"""What players have left of their time, as the entries of the log say."""

from types import SimpleNamespace
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2pgame.core.game import EndedBy, Outcome
from p2pgame.core.terms import Clock, ClockTerms, clock_of
from p2pgame.netcode.clocks import Clocks, overdrawn, prudent_seconds
from p2pgame.netcode.decisions import justified
from p2pgame.wire.decisions import DecisionBody, Flagged, TimeAdded, Timed

FISCHER = ClockTerms(60_000, 2_000)
BYO_YOMI = ClockTerms(60_000, 0, 30_000, 3)
A_MOVE = ClockTerms(0, 0, 30_000, 1)


def after(terms: ClockTerms, *used: int) -> Clocks:
    clocks = Clocks(terms, 2)
    for milliseconds in used:
        clocks.apply(Timed(seat=0, milliseconds=milliseconds))
    return clocks


@pytest.mark.parametrize("chosen", get_args(Clock)[1:])
def test_who_is_prudent_never_loses_on_time(chosen: Clock) -> None:
    terms = clock_of(SimpleNamespace(clock=chosen))
    assert terms is not None
    clocks = Clocks(terms, 2)
    for _ in range(112):  # half of a full board
        used = round(1000 * prudent_seconds(clocks.face(0, 0, running=True, at=0.0), terms)) + 20
        assert 20 < used < clocks.left(0)
        clocks.apply(Timed(seat=0, milliseconds=used))


@pytest.mark.parametrize(
    ("terms", "used", "left"),
    [
        (FISCHER, (), 60_000),
        (FISCHER, (10_000,), 52_000),
        (FISCHER, (60_000,), 2_000),
        (FISCHER, (1_000, 1_000, 1_000), 63_000),
        (BYO_YOMI, (59_000,), 91_000),
        (BYO_YOMI, (89_999,), 90_000),  # within the first period
        (BYO_YOMI, (90_000,), 60_000),  # a whole period is gone
        (BYO_YOMI, (60_000, 29_999, 29_999), 90_000),
        (BYO_YOMI, (60_000, 65_000), 30_000),
        (A_MOVE, (29_999, 29_999), 30_000),
    ],
)
def test_what_is_left(terms: ClockTerms, used: tuple[int, ...], left: int) -> None:
    clocks = after(terms, *used)
    assert clocks.left(0) == left
    assert clocks.left(1) == terms.total


def test_time_that_is_given_counts_at_once() -> None:
    clocks = after(BYO_YOMI, 70_000)
    clocks.apply(TimeAdded(seat=0, milliseconds=15_000))
    assert clocks.left(0) == 105_000


def test_entries_of_nobody_change_nothing() -> None:
    clocks = after(FISCHER)
    clocks.apply(Timed(seat=5, milliseconds=1))
    clocks.apply(TimeAdded(seat=2, milliseconds=1))
    assert (clocks.left(0), clocks.left(1)) == (60_000, 60_000)


@pytest.mark.parametrize(
    ("terms", "used", "later", "shown"),
    [
        (FISCHER, 0, 0.0, (60_000, 0)),
        (FISCHER, 20_000, 5.0, (35_000, 0)),
        (FISCHER, 20_000, 100.0, (0, 0)),
        (BYO_YOMI, 59_000, 0.0, (1_000, 3)),
        (BYO_YOMI, 59_000, 2.0, (29_000, 3)),
        (BYO_YOMI, 60_000, 31.0, (29_000, 2)),
        (BYO_YOMI, 60_000, 90.0, (0, 0)),
        (A_MOVE, 0, 12.0, (18_000, 1)),
    ],
)
def test_the_face_runs_on_by_itself(
    terms: ClockTerms, used: int, later: float, shown: tuple[int, int]
) -> None:
    face = Clocks(terms, 2).face(0, used, running=True, at=100.0)
    assert face.shown(100.0 + later) == shown
    standing = Clocks(terms, 2).face(0, used, running=False, at=100.0)
    assert standing.shown(100.0 + later) == standing.shown(100.0)


@given(st.lists(st.integers(0, 200_000), max_size=20), st.integers(0, 400_000))
def test_the_face_shows_zero_exactly_when_nothing_is_left(used: list[int], now: int) -> None:
    for terms in (FISCHER, BYO_YOMI, A_MOVE):
        clocks = after(terms, *used)
        shown, _ = clocks.face(0, now, running=False, at=0.0).shown(0.0)
        assert (shown == 0) == (now >= clocks.left(0))


def ends(*bodies: DecisionBody, winners: tuple[int, ...] = (1,), terms: ClockTerms | None = FISCHER) -> bool:
    return justified(Outcome.by(EndedBy.TIME, winners), 2, bodies, terms)


def test_a_flag_is_justified_by_the_time_that_was_used() -> None:
    moves = [Timed(seat=0, milliseconds=50_000), Timed(seat=1, milliseconds=5)]
    assert ends(*moves, Flagged(seat=0, milliseconds=12_000))
    assert not ends(*moves, Flagged(seat=0, milliseconds=11_999))
    assert not ends(*moves, Flagged(seat=0, milliseconds=12_000), winners=(0,))
    assert not ends(*moves, Flagged(seat=0, milliseconds=12_000), winners=())
    assert not ends(*moves, Flagged(seat=0, milliseconds=12_000), terms=None)
    assert not ends(*moves)


def test_more_time_holds_the_flag() -> None:
    given_time = TimeAdded(seat=0, milliseconds=15_000)
    assert overdrawn(FISCHER, 2, [given_time, Flagged(seat=0, milliseconds=74_999)]) == set()
    assert overdrawn(FISCHER, 2, [given_time, Flagged(seat=0, milliseconds=75_000)]) == {0}
    assert overdrawn(FISCHER, 2, [Flagged(seat=7, milliseconds=10**9)]) == set()
