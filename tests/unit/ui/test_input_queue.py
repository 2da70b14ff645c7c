"""Inputs of a real-time match: each press holds for more than a frame, none is sent twice, positions do not queue."""

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


def test_the_newest_position_wins_at_once() -> None:
    """A mouse that reports a thousand times a second, looked at every 4 ms: what is sent is never older than that."""
    queue, sent = InputQueue(0), []
    for ms in range(1, 500):
        queue.put(ms, position=True)
        if ms % 4 == 0:
            sent.append(queue.take(10.0 + ms / 1000, 60))
    assert sent == list(range(4, 500, 4))


def test_a_press_between_positions_is_not_lost() -> None:
    queue = InputQueue((0, "up"))
    queue.put((5, "up"), position=True)
    queue.put((5, "down"))
    queue.put((5, "up"))
    queue.put((6, "up"), position=True)
    queue.put((7, "up"), position=True)
    assert queue.take(10.0, 60) == (5, "down"), "a click takes the place of the position before it"
    assert queue.take(10.01, 60) is None
    assert queue.take(10.022, 60) == (5, "up")
    queue.put((8, "up"), position=True)
    assert queue.take(10.044, 60) == (8, "up")
    queue.put((9, "up"), position=True)
    assert queue.take(10.045, 60) == (9, "up")


def test_a_pointer_that_came_back_sends_nothing() -> None:
    queue = InputQueue(0)
    queue.put(3, position=True)
    queue.put(0, position=True)
    assert queue.take(10.0, 60) is None
