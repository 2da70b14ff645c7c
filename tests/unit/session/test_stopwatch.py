"""How long something lasted, over all its interruptions."""

import pytest

from p2pgame.session.stopwatch import Stopwatch


def test_it_counts_only_while_it_lasts_and_adds_up() -> None:
    watch = Stopwatch()
    watch.update(10.0, None)
    assert (watch.seconds, watch.reaches(30.0)) == (0.0, None)
    watch.update(12.0, 11.0)
    assert watch.reaches(30.0) == 41.0
    watch.update(15.0, 11.0)
    watch.update(16.0, None)
    watch.update(90.0, None)
    assert watch.seconds == 5.0
    watch.update(100.0, 100.0)
    assert watch.reaches(30.0) == 125.0


@pytest.mark.parametrize(("longest", "counted"), [(1.0, 3.0), (60.0, 22.0)])
def test_what_is_longer_than_two_looks_may_be_apart_is_not_counted(longest: float, counted: float) -> None:
    watch = Stopwatch(longest=longest)
    for now in (0.0, 1.0, 21.0, 22.0):
        watch.update(now, 0.0)
    assert watch.seconds == counted
