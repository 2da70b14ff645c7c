"""The nonces of a pair: kept over everything that comes to nothing, and never known to who may still choose."""

import itertools

import pytest

from p2pgame.core.ids import peer_id_of
from p2pgame.session.invite.lots import Lots
from p2pgame.session.lot import Lot
from p2pgame.wire.bounds import LOTS_TIME
from tests.unit.session.sides import ANN, BEN

THEIRS, OTHER = b"t" * 32, b"o" * 32


@pytest.fixture
def lots() -> Lots:
    numbers = itertools.count(1)
    return Lots(lambda size: bytes([next(numbers)]) * size)


def test_what_was_committed_to_is_said_again(lots: Lots) -> None:
    nonce = lots.nonce(ANN, 0.0)
    lots.committed(ANN, nonce, 0.0)
    assert lots.nonce(ANN, LOTS_TIME - 1) == nonce
    assert lots.nonce(BEN, 1.0) != nonce, "each pair has its own"


def test_what_nobody_heard_of_is_not_kept(lots: Lots) -> None:
    lots.nonce(ANN, 0.0)
    assert len(lots) == 0, "whoever only asks fills nothing"


def test_who_knows_our_nonce_may_not_commit_to_another_one(lots: Lots) -> None:
    nonce = lots.nonce(ANN, 0.0)
    lots.committed(ANN, nonce, 0.0)
    assert lots.admits(ANN, OTHER, 1.0), "it knows nothing yet"
    lots.revealed(ANN, nonce, THEIRS, 2.0)
    assert lots.admits(ANN, THEIRS, 3.0)
    assert not lots.admits(ANN, OTHER, 3.0)
    assert lots.admits(BEN, OTHER, 3.0)


def test_a_nonce_is_never_used_longer_than_the_commitment_to_it_holds(lots: Lots) -> None:
    """Else who waited long enough could choose, knowing ours."""
    nonce = lots.nonce(ANN, 0.0)
    lots.revealed(ANN, nonce, THEIRS, 0.0)
    for now in (1.0, LOTS_TIME - 0.01, LOTS_TIME, LOTS_TIME + 1):
        again = lots.nonce(ANN, now) == nonce
        assert again == (not lots.admits(ANN, OTHER, now)) == (now < LOTS_TIME)


def test_inviting_again_keeps_their_commitment(lots: Lots) -> None:
    nonce = lots.nonce(ANN, 0.0)
    lots.revealed(ANN, nonce, THEIRS, 0.0)
    lots.committed(ANN, nonce, LOTS_TIME - 1)
    assert not lots.admits(ANN, OTHER, LOTS_TIME + 1)
    assert lots.nonce(ANN, LOTS_TIME + 1) == nonce


def test_a_match_that_began_uses_them_up(lots: Lots) -> None:
    nonce = lots.nonce(ANN, 0.0)
    lots.revealed(ANN, nonce, THEIRS, 0.0)
    lots.spend(ANN)
    assert lots.nonce(ANN, 1.0) != nonce
    assert lots.admits(ANN, OTHER, 1.0)


def test_they_are_bounded(lots: Lots) -> None:
    for number in range(300):
        lots.revealed(peer_id_of(number.to_bytes(32, "big")), b"n" * 32, THEIRS, 0.0)
    assert len(lots) == 256


def test_every_change_is_kept_for_the_next_program() -> None:
    kept: list[tuple[Lot, ...]] = []
    lots = Lots(lambda size: b"n" * size, kept.append)
    lots.committed(ANN, b"a" * 32, 0.0)
    lots.revealed(BEN, b"b" * 32, THEIRS, 1.0)
    again = Lots(lambda size: b"x" * size)
    again.restore(kept[-1])
    assert (again.nonce(ANN, 2.0), again.nonce(BEN, 2.0)) == (b"a" * 32, b"b" * 32)
    assert not again.admits(BEN, OTHER, 2.0)
    lots.spend(BEN)
    lots.spend(BEN)
    assert [len(one) for one in kept] == [1, 2, 1]


def test_what_lapsed_is_forgotten(lots: Lots) -> None:
    lots.committed(ANN, b"a" * 32, 0.0)
    lots.committed(BEN, b"b" * 32, LOTS_TIME)
    assert len(lots) == 1
