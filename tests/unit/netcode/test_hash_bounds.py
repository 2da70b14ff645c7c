"""What the hash ledger keeps, and from where it counts, after an end, a restart and beside a peer that lies."""

import pytest

from p2pgame.core.errors import DesyncError, RemoteProtocolError
from p2pgame.netcode.hashes import HashLedger
from p2pgame.wire.bounds import HASHES_AHEAD


def value(frame: int) -> bytes:
    return frame.to_bytes(16, "big")


def confirmed(frames: int) -> HashLedger:
    ledger = HashLedger()
    for frame in range(1, frames + 1):
        ledger.ours(frame, value(frame))
    return ledger


def check_bound(ledger: HashLedger, newest: int) -> None:
    """Their hashes are taken up to `HASHES_AHEAD` frames after `newest`, our newest confirmed frame."""
    with pytest.raises(RemoteProtocolError) as caught:
        ledger.theirs(newest + HASHES_AHEAD + 1, b"x" * 16)
    assert caught.value.code == "too_far_ahead"
    assert ledger.theirs(newest + HASHES_AHEAD, b"x" * 16) == []


def test_an_empty_hash_is_no_agreement() -> None:
    ledger = confirmed(6)
    with pytest.raises(DesyncError):
        ledger.theirs(6, b"")


def test_hashes_of_frames_too_old_to_be_compared_fill_no_memory() -> None:
    ledger = confirmed(5000)
    for frame in range(1, 5000 - 1024):
        assert ledger.theirs(frame, b"x" * 16) == []
    assert len(ledger._theirs) == 0


def test_after_frames_that_never_were_the_bound_counts_from_the_end() -> None:
    ledger = confirmed(300)
    ledger.forget_after(10)
    check_bound(ledger, 10)


@pytest.mark.parametrize("frame", [6, 300, 700])
def test_after_a_restart_the_bound_counts_from_its_frame(frame: int) -> None:
    ledger = confirmed(300)
    ledger.restart(frame, value(frame))
    check_bound(ledger, frame)


def test_what_was_told_before_a_restart_counts_no_more() -> None:
    ledger = confirmed(6)
    ledger.theirs(8, b"x" * 16)
    ledger.restart(6, value(6))
    ledger.ours(7, value(7))
    assert ledger.ours(8, value(8)) == []
    assert ledger.theirs(8, value(8)) == [(8, value(8))]
