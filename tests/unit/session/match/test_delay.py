"""Which input delay is chosen for whom."""

import pytest

from p2pgame.session.match.delay import InputDelay


def delay(configured: int | None = None) -> InputDelay:
    return InputDelay(configured=configured, tick_rate=60, window=8)


@pytest.mark.parametrize(
    ("rtt", "guest"),
    [
        (None, 0),
        (0.0, 0),
        (0.06, 0),
        (0.1, 0),
        (0.15, 1),
        (0.2, 2),
        (0.25, 4),
        (0.266, 5),
        (0.3, 7),
        (0.34, 10),
        (2.0, 10),
    ],
)
def test_prediction_hides_the_way_and_a_guest_bridges_what_prediction_does_not(
    rtt: float | None, guest: int
) -> None:
    """At 300 ms 18 frames pass until an answer is there. Both sides predict 8, and 5 are kept for what is lost."""
    assert delay().suited(rtt, 0.0) == guest
    assert delay().suited(rtt, 0.0, is_host=True) == min(2, guest)


@pytest.mark.parametrize(("jitter", "frames"), [(0.0, 0), (0.01, 0), (0.03, 2), (0.2, 2)])
def test_a_bad_line_gets_a_delay_of_two_frames_at_most(jitter: float, frames: int) -> None:
    assert delay().suited(0.06, jitter, is_host=True) == frames


def test_lockstep_has_a_frame_at_least() -> None:
    assert InputDelay(configured=None, tick_rate=60, window=0).suited(0.0, 0.0, is_host=True) == 1


def test_what_the_player_chose_stands() -> None:
    assert delay(0).suited(0.3, 0.0) == 0
    assert delay(4).suited(0.3, 0.1, is_host=True) == 4


@pytest.mark.parametrize(("rtt", "frames"), [(None, 1), (0.0, 1), (0.05, 2), (0.2, 2)])
def test_among_more_than_two_the_way_that_is_seen_is_hidden(rtt: float | None, frames: int) -> None:
    assert delay().suited(rtt, 0.0, is_host=True, in_pair=False) == frames


def measured(delay: InputDelay, rtt: float, *, is_host: bool = False) -> int:
    return delay.measured(rtt, 0.0, is_host=is_host, in_pair=False)


def test_a_line_that_becomes_long_lengthens_the_delay_of_a_guest_for_a_while() -> None:
    guest, host = delay(), delay()
    assert measured(guest, 0.02) == measured(host, 0.02, is_host=True) == 1
    assert measured(guest, 0.1) == 1, "what was chosen once stands, where prediction bridges the rest"
    assert measured(guest, 0.3) == 7
    assert measured(host, 0.3, is_host=True) == 1
    assert measured(guest, 0.26) == 7, "a line that wavers does not make it waver"
    assert [measured(guest, 0.02) for _ in range(10)][-1] == 1
    assert measured(delay(3), 0.3) == 3, "the player chose"
