"""How many there are, told from what is heard."""

import pytest

from p2pgame.discovery.hall import COUNT_MAX, SPAN, HallCount


def heard(peers: int, secret: bytes = b"s" * 16, told: int = 0) -> HallCount:
    hall = HallCount(secret)
    hall.turn(0.0, 2.0)
    for number in range(peers):
        hall.hear(number.to_bytes(32, "big"), told)
    return hall


@pytest.mark.parametrize("peers", [1, 10, 100, 1000, 3000, 10_000])
def test_the_count_is_right_within_a_tenth_whatever_the_secret(peers: int) -> None:
    for secret in (b"a" * 16, b"b" * 16, b"c" * 16):
        assert heard(peers, secret).count(0) - 1 == pytest.approx(peers, rel=0.1, abs=1)


def test_who_is_heard_again_counts_once_and_who_is_listed_counts_anyway() -> None:
    hall = heard(50)
    for _ in range(100):
        hall.hear(bytes(32), 0)
    assert hall.count(0) == pytest.approx(51, abs=2)
    assert hall.count(400) == 401


def test_who_left_is_forgotten_after_two_spans() -> None:
    hall = heard(500)
    now = 0.0
    for _ in range(2):
        assert hall.count(0) > 400
        now += SPAN * 2.0
        hall.turn(now, 2.0)
    assert hall.count(0) == 1


def test_a_newcomer_believes_the_median_of_others_until_it_has_listened_for_a_span() -> None:
    hall = heard(9, told=1000)
    for number in range(4):  # liars
        hall.hear(bytes([number]) * 32, 1 << 40)
    assert hall.count(9) == 1000
    hall.turn(SPAN * 2.0, 2.0)
    assert hall.count(9) < 20
    hall.hear(b"x" * 32, 5000)
    assert hall.count(9) < 20, "later it counts for itself"


def test_a_flood_of_keys_takes_no_memory_and_counts_to_a_bound() -> None:
    hall = heard(60_000)
    assert hall.count(0) == COUNT_MAX
    assert len(hall._newer) + len(hall._older) == 2048
    assert len(hall._told) <= 31
