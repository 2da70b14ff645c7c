"""Lengths, dates and the ends of matches in words."""

import pytest

from p2pgame.core import Outcome
from p2pgame.core.game import EndedBy
from p2pgame.ui.sentences import ago, clock_time, date, duration, length, reason_text


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (59.9, "59 s"), (60, "1 min 0 s"), (3725, "1 h 2 min"), (-5, "0 s"), (1e300, "99 h 59 min")],
)
def test_duration(seconds: float, words: str) -> None:
    assert duration(seconds) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(-3, "just now"), (59, "just now"), (60, "1 minute ago"), (200, "3 minutes ago"), (90_000, "1 day ago")],
)
def test_ago(seconds: float, words: str) -> None:
    assert ago(seconds) == words


@pytest.mark.parametrize(("seconds", "words"), [(0, "0:00"), (75.9, "1:15"), (3723, "1:02:03")])
def test_clock_time(seconds: float, words: str) -> None:
    assert clock_time(seconds) == words


def test_length_of_moves_and_of_time() -> None:
    assert [length(1, 0), length(24, 0), length(3660, 60)] == ["1 move", "24 moves", "1 min 1 s"]


@pytest.mark.parametrize("at", [0.0, -1.0, 1e300])
def test_a_date_that_cannot_be_said_is_not(at: float) -> None:
    assert date(at) == ""


@pytest.mark.parametrize(
    ("winners", "ended_by", "reason", "words"),
    [
        ((0,), "claimed", "claimed", "Ben did not come back."),
        ((1,), "claimed", "claimed", "Ben claimed it while you were away."),
        ((0,), "abandoned", "abandoned", "Ben gave the match up."),
        ((1,), "resigned", "resigned", "You resigned."),
        ((1,), "rules", "resigned", "Resigned"),
        ((1,), "rules", "five in a row", "Five in a row"),
        ((), "rules", "", ""),
    ],
)
def test_reason(winners: tuple[int, ...], ended_by: str, reason: str, words: str) -> None:
    """A game whose own word is one of the platform's steers nothing."""
    outcome = Outcome(winners=winners, reason=reason, ended_by=EndedBy(ended_by))
    assert reason_text(outcome, 0, "Ben") == words
