"""How often one peer may bother the player."""

from p2pgame.core.ids import PeerId, peer_id_of
from p2pgame.session.invite.request_limiter import RequestLimiter
from p2pgame.wire.bounds import DECLINES_PATIENCE, INVITE_GAP, QUIET_TIME

ANN, BEN = (peer_id_of(bytes([n]) * 32) for n in range(2))


def test_one_request_in_five_seconds_and_peer() -> None:
    patience = RequestLimiter()
    assert not patience.objection(ANN, 0.0)
    assert patience.objection(ANN, INVITE_GAP - 0.1) == "too_soon"
    assert not patience.objection(BEN, 1.0)
    assert not patience.objection(ANN, INVITE_GAP), "a refused one does not put off the next"


def test_three_declines_in_a_row_buy_a_quiet_minute() -> None:
    patience, now = RequestLimiter(), 0.0
    for _ in range(DECLINES_PATIENCE):
        assert not patience.objection(ANN, now)
        patience.declined(ANN, now + 1)
        now += INVITE_GAP
    quiet_until = now - INVITE_GAP + 1 + QUIET_TIME
    assert patience.objection(ANN, quiet_until - 0.1) == "declined"
    assert not patience.objection(BEN, now)
    assert not patience.objection(ANN, quiet_until)
    patience.declined(ANN, quiet_until)
    assert not patience.objection(ANN, quiet_until + INVITE_GAP), "and it takes three again"


def test_our_own_wish_clears_the_account() -> None:
    patience = RequestLimiter()
    for _ in range(DECLINES_PATIENCE):
        patience.declined(ANN, 0.0)
    assert patience.objection(ANN, 1.0)
    patience.forgive(ANN)
    assert not patience.objection(ANN, 1.0)


def test_a_thousand_strangers_take_bounded_room() -> None:
    patience = RequestLimiter()
    for number in range(5000):
        patience.objection(PeerId(str(number)), 0.0)
    assert len(patience) <= 1024
    assert patience.objection(PeerId("4999"), 1.0) == "too_soon"
