"""What players choose besides the rules."""

from typing import get_args

import msgspec
import pytest

from p2pgame.core.game import NoConfig
from p2pgame.core.terms import Clock, ClockTerms, Takebacks, clock_of, takebacks_of


class Config(msgspec.Struct, frozen=True):
    clock: Clock = "no clock"
    takebacks: Takebacks = "no takebacks"


@pytest.mark.parametrize(
    ("clock", "terms", "total"),
    [
        ("no clock", None, 0),
        ("5 min", ClockTerms(300_000), 300_000),
        ("3 min + 2 s", ClockTerms(180_000, 2_000), 180_000),
        ("10 min + 3 x 30 s", ClockTerms(600_000, 0, 30_000, 3), 690_000),
        ("30 s a move", ClockTerms(0, 0, 30_000, 1), 30_000),
        ("10 min a move", ClockTerms(0, 0, 600_000, 1), 600_000),
        ("30 min of patience", ClockTerms(0, 0, 1_800_000, 1, patience=True), 1_800_000),
    ],
)
def test_clocks(clock: Clock, terms: ClockTerms | None, total: int) -> None:
    found = clock_of(Config(clock=clock))
    assert found == terms
    assert (found.total if found is not None else 0) == total


def test_every_clock_but_one_has_terms() -> None:
    without = [clock for clock in get_args(Clock) if clock_of(Config(clock=clock)) is None]
    assert without == ["no clock"]


def test_takebacks() -> None:
    found = {chosen: takebacks_of(Config(takebacks=chosen)) for chosen in get_args(Takebacks)}
    assert found == {"takebacks": 1_000_000, "3 takebacks": 3, "1 takeback": 1, "no takebacks": 0}


def test_a_game_that_offers_neither_has_neither() -> None:
    assert (clock_of(NoConfig()), takebacks_of(NoConfig())) == (None, 0)
