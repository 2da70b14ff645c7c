"""Sleep of the machine, told apart from time that passes."""

import pytest

from p2pgame.net import sleep


def test_only_what_the_loop_does_not_count_is_sleep(monkeypatch: pytest.MonkeyPatch) -> None:
    gaps = iter([100.0, 100.01, 100.5, 160.5, 160.5, 163.0])
    monkeypatch.setattr(sleep, "_gap", lambda: next(gaps))
    clock = sleep.SleepClock()
    assert [clock.slept() for _ in range(5)] == [0.0, 0.0, 60.5, 0.0, 2.5]


def test_a_machine_that_is_awake_has_not_slept() -> None:
    clock = sleep.SleepClock()
    assert clock.slept() == 0.0
