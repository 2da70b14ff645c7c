"""How often one peer's requests reach the player."""

from p2pgame.core.ids import PeerId, peer_id_of
from p2pgame.session.invite.request_limiter import RequestLimiter
from p2pgame.wire.bounds import DECLINES_PATIENCE, INVITE_GAP, QUIET_TIME

ANN, BEN = (peer_id_of(bytes([n]) * 32) for n in range(2))


def test_one_request_in_five_seconds_and_peer() -> None:
    limiter = RequestLimiter()
    assert not limiter.refusal(ANN, 0.0)
    assert limiter.refusal(ANN, INVITE_GAP - 0.1) == "too_soon"
    assert not limiter.refusal(BEN, 1.0)
    assert not limiter.refusal(ANN, INVITE_GAP), "a refused one does not put off the next"


def test_three_declines_in_a_row_buy_a_quiet_minute() -> None:
    limiter, now = RequestLimiter(), 0.0
    for _ in range(DECLINES_PATIENCE):
        assert not limiter.refusal(ANN, now)
        limiter.note_decline(ANN, now + 1)
        now += INVITE_GAP
    quiet_until = now - INVITE_GAP + 1 + QUIET_TIME
    assert limiter.refusal(ANN, quiet_until - 0.1) == "declined"
    assert not limiter.refusal(BEN, now)
    assert not limiter.refusal(ANN, quiet_until)
    limiter.note_decline(ANN, quiet_until)
    assert not limiter.refusal(ANN, quiet_until + INVITE_GAP), "and it takes three again"


def test_our_own_request_resets_the_limit() -> None:
    limiter = RequestLimiter()
    for _ in range(DECLINES_PATIENCE):
        limiter.note_decline(ANN, 0.0)
    assert limiter.refusal(ANN, 1.0)
    limiter.reset(ANN)
    assert not limiter.refusal(ANN, 1.0)


def test_a_thousand_strangers_take_bounded_room() -> None:
    limiter = RequestLimiter()
    for number in range(5000):
        limiter.refusal(PeerId(str(number)), 0.0)
    assert len(limiter) <= 1024
    assert limiter.refusal(PeerId("4999"), 1.0) == "too_soon"
