"""Inputs of a real-time match: each holds for more than a frame, none is sent twice."""

from p2pgame.ui.input_queue import InputQueue


def test_a_tap_shorter_than_a_frame_is_sent_and_taken_back() -> None:
    queue = InputQueue(0)
    for move in (1, 0):
        queue.put(move)
    assert queue.take(10.0, 60) == 1
    assert queue.take(10.016, 60) is None, "it has not held for a frame yet"
    assert queue.take(10.022, 60) == 0
    assert queue.take(20.0, 60) is None


def test_what_holds_already_is_not_sent_again() -> None:
    queue = InputQueue(0)
    queue.put(0)
    assert queue.take(10.0, 60) is None
    assert not queue.used
    queue.put(1)
    queue.put(1)
    assert queue.take(10.0, 60) == 1
    assert queue.used
    assert queue.take(11.0, 60) is None


def test_the_newest_of_too_many_are_kept() -> None:
    queue = InputQueue(0)
    for move in range(1, 10):
        queue.put(move)
    assert [queue.take(10.0 + i, 60) for i in range(5)] == [6, 7, 8, 9, None]
