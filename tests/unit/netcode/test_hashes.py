"""State hashes of two sides meet in the ledger, each once, in order, within bounds."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2pgame.core.errors import DesyncError, RemoteProtocolError
from p2pgame.netcode.hashes import HashLedger
from p2pgame.wire.bounds import HASHES_AHEAD


def value(frame: int) -> bytes:
    return frame.to_bytes(16, "big")


@given(st.integers(1, 40), st.randoms(use_true_random=False))
def test_whatever_the_order_the_newest_frame_is_found_equal_and_none_twice(
    frames: int, rng: random.Random
) -> None:
    notes = [(side, frame) for side in ("ours", "theirs") for frame in range(frames)]
    rng.shuffle(notes)
    ledger = HashLedger()
    equal: list[tuple[int, bytes]] = []
    for side, frame in notes:
        equal += getattr(ledger, side)(frame, value(frame))
    found = [frame for frame, _ in equal]
    assert equal == [(frame, value(frame)) for frame in found]
    assert found == sorted(set(found)), "what is older than an agreed frame needs no word"
    assert found[-1] == frames - 1
    assert (ledger.agreed, ledger.agreed_hash) == (frames - 1, value(frames - 1))


def test_the_first_bytes_of_a_hash_are_enough() -> None:
    ledger = HashLedger()
    ledger.ours(7, b"abcdefgh")
    assert ledger.theirs(7, b"abcd") == [(7, b"abcdefgh")]
    ledger.ours(8, b"abcdefgh")
    for wrong in (b"abcx", b""):
        with pytest.raises(DesyncError):
            HashLedger.theirs(ledger, 8, wrong)


def test_hashes_that_nobody_answers_are_bounded() -> None:
    ledger = HashLedger()
    for frame in range(5000):
        ledger.ours(frame, value(frame))
    assert len(ledger._ours) < 2000
    assert ledger.theirs(4999, value(4999)) == [(4999, value(4999))]


@given(st.integers(1, 30), st.data())
def test_a_difference_is_found_at_its_first_frame(frames: int, data: st.DataObject) -> None:
    wrong = data.draw(st.integers(0, frames - 1))
    ledger = HashLedger()
    for frame in range(frames):
        ledger.ours(frame, value(frame))
    for frame in range(wrong):
        ledger.theirs(frame, value(frame))
    with pytest.raises(DesyncError) as error:
        ledger.theirs(wrong, value(wrong + 1000))
    assert error.value.frame == wrong
    assert error.value.ours == value(wrong).hex()
    assert error.value.theirs == value(wrong + 1000).hex()
    assert ledger.agreed == wrong - 1


def test_their_hashes_may_come_first_but_not_too_far_ahead() -> None:
    ledger = HashLedger()
    assert ledger.theirs(HASHES_AHEAD - 1, value(0)) == []
    for frame in (HASHES_AHEAD, 2**32 - 1):
        with pytest.raises(RemoteProtocolError) as error:
            ledger.theirs(frame, value(0))
        assert error.value.code == "too_far_ahead"


def test_a_second_word_on_a_frame_does_not_count() -> None:
    ledger = HashLedger()
    ledger.theirs(0, value(0))
    ledger.theirs(0, value(9))
    assert ledger.ours(0, value(0)) == [(0, value(0))]
    assert ledger.theirs(0, value(9)) == []


def test_frames_that_never_were_are_forgotten() -> None:
    ledger = HashLedger()
    ledger.ours(0, value(0))
    ledger.ours(1, value(1))
    ledger.theirs(2, value(2))
    ledger.forget_after(0)
    assert ledger.theirs(0, value(0)) == [(0, value(0))]
    assert ledger.theirs(1, value(77)) == []
    assert ledger.ours(1, value(77)) == [(1, value(77))]


def mended(agreed: int = 5, deaf_until: int = 9) -> HashLedger:
    ledger = HashLedger()
    for frame in range(9):
        ledger.ours(frame, value(frame))
    with pytest.raises(DesyncError):
        ledger.theirs(6, value(60))
    ledger.reset(agreed, value(agreed), deaf_until)
    return ledger


def test_what_was_said_before_the_mending_counts_no_more() -> None:
    ledger = mended()
    assert (ledger.agreed, ledger.agreed_hash) == (5, value(5))
    for frame in range(6, 13):
        ledger.ours(frame, value(frame))
    for frame in range(10):
        assert ledger.theirs(frame, value(frame + 100)) == []
    assert ledger.theirs(10, value(10)) == [(10, value(10))]
    with pytest.raises(DesyncError):
        ledger.theirs(11, value(12))


def test_what_cannot_be_late_is_heard_after_the_mending() -> None:
    ledger = mended()
    ledger.ours(6, value(6))
    assert ledger.theirs(6, value(6)) == []
    assert ledger.theirs(6, value(6), late=False) == [(6, value(6))]
    ledger.ours(7, value(7))
    with pytest.raises(DesyncError):
        ledger.theirs(7, value(8), late=False)


def test_their_hashes_wait_for_ours_again_after_the_mending() -> None:
    ledger = mended(deaf_until=5)
    assert ledger.theirs(7, value(7)) == []
    assert ledger.ours(7, value(7)) == [(7, value(7))]
    with pytest.raises(RemoteProtocolError):
        ledger.theirs(8 + HASHES_AHEAD, value(0))


# --- rolled


def rolled(*frames: int) -> bytes:
    ledger = HashLedger()
    for number, frame in enumerate(frames):
        ledger.ours(number, value(frame))
    return ledger.rolled


def test_a_rolled_hash_stands_for_all_frames_before_it() -> None:
    assert rolled(5) == value(5), "of the first frame it is the hash"
    everything = {
        rolled(0, 1, 2),
        rolled(9, 1, 2),
        rolled(0, 9, 2),
        rolled(0, 1, 9),
        rolled(0, 1),
        rolled(1, 2),
    }
    assert len(everything) == 6


def test_a_difference_of_one_frame_is_found_at_any_later_one() -> None:
    ledger = HashLedger()
    for frame in range(8):
        ledger.ours(frame, value(frame))
    with pytest.raises(DesyncError) as error:
        ledger.theirs(7, rolled(0, 1, 2, 99, 4, 5, 6, 7)[:6], rolled=True)
    assert error.value.frame == 7
    assert ledger.agreed == -1


def test_equal_rolled_hashes_agree_on_the_state() -> None:
    ledger = HashLedger()
    assert ledger.theirs(2, rolled(0, 1, 2)[:6], rolled=True) == []
    for frame in range(2):
        ledger.ours(frame, value(frame))
    assert ledger.ours(2, value(2)) == [(2, value(2))]
    assert ledger.agreed_hash == value(2)
    ledger.ours(3, value(3))
    assert ledger.theirs(3, value(3)) == [(3, value(3))], "one that is not rolled may come as well"


def test_a_frame_noted_twice_is_rolled_once() -> None:
    ledger = HashLedger()
    for frame in (0, 1, 1, 2, 2):
        ledger.ours(frame, value(frame))
    assert ledger.rolled == rolled(0, 1, 2)


def test_what_never_was_is_not_rolled() -> None:
    ledger = HashLedger()
    for frame in range(5):
        ledger.ours(frame, value(frame))
    ledger.forget_after(2)
    assert ledger.rolled == rolled(0, 1, 2)


def test_rolling_begins_anew_where_both_sides_do() -> None:
    one, other = mended(), HashLedger()
    other.restart(5, value(5))
    assert one.rolled == other.rolled == value(5)
    for ledger in (one, other):
        ledger.ours(6, value(6))
    assert one.rolled == other.rolled
    other.restart(6, value(6))
    assert other.rolled == value(6)
    assert other.theirs(6, value(6)[:6], rolled=True) == [(6, value(6))]
