"""Frames in step, and their rate."""

from p2pgame.ui.frame_clock import FrameClock


def test_late_frames_do_not_shift_the_ones_after_them() -> None:
    clock = FrameClock(50, 0.0)
    clock.drawn(10.0)
    assert clock.due == 10.02
    clock.drawn(10.025)
    assert clock.due == 10.04, "not 20 ms after the late one"
    clock.drawn(11.0)
    assert clock.due == 11.02, "after a long wait there is nothing to catch up with"


def test_the_rate_is_that_of_the_last_second() -> None:
    clock = FrameClock(60, 5.0)
    for number in range(30):
        clock.drawn(5.0 + number / 30)
        clock.count(5.0 + number / 30)
    assert (clock.frames, clock.rate) == (30, 0.0)
    clock.count(6.0)
    assert clock.rate == 30.0
    clock.count(7.5)
    assert clock.rate == 0.0
