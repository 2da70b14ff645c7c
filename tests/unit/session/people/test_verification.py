"""The comparison of codes as a table, and what somebody in the middle gets out of it."""

import random

import pytest

from p2pgame.core.errors import RemoteProtocolError
from p2pgame.core.ids import PeerId, peer_id_of
from p2pgame.session.people.verification import (
    PICTURES,
    TRANSITIONS,
    ShortCode,
    State,
    Step,
    Verification,
    commitment,
    short_code,
)

ANN, BEN, EVE, EVA = (peer_id_of(bytes([n]) * 32) for n in range(4))


def compare(
    rng: random.Random, asker: PeerId, as_seen: PeerId, asked: PeerId, seen: PeerId
) -> tuple[ShortCode, ...]:
    """`asker` sees `seen` in TLS, and `asked` sees `as_seen`. Bytes pass unchanged, as between honest peers."""
    ours = Verification(asker, seen, "x", rng.randbytes(32), deadline=60)
    ours.step(Step.LINKED)
    theirs = Verification(asked, as_seen, "y", rng.randbytes(32), deadline=60, theirs=ours.commitment)
    theirs.step(Step.ANSWER)
    return ours.answered(theirs.nonce), theirs.revealed(ours.nonce)


@pytest.mark.parametrize("seed", range(50))
def test_both_see_one_code(seed: int) -> None:
    one, other = compare(random.Random(seed), ANN, ANN, BEN, BEN)
    assert one == other
    assert len(one.digits) == 6
    assert one.digits.isdecimal()
    assert len(one.pictures) == 4
    assert all(0 <= picture < PICTURES for picture in one.pictures)


def test_codes_are_spread_over_everything() -> None:
    rng = random.Random(1)
    codes = [compare(rng, ANN, ANN, BEN, BEN)[0] for _ in range(500)]
    assert len({code.digits for code in codes}) > 490
    assert {digit for code in codes for digit in code.digits} == set("0123456789")
    assert {code.digits[0] for code in codes} == set("0123456789")
    assert len({picture for code in codes for picture in code.pictures}) == PICTURES


def test_with_somebody_in_the_middle_the_codes_differ() -> None:
    """Eve holds a TLS session with each, under keys of her own, and an honest comparison on each."""
    equal = 0
    for seed in range(3000):
        rng = random.Random(seed)
        ann, _ = compare(rng, ANN, ANN, EVE, EVE)
        _, ben = compare(rng, EVA, EVA, BEN, BEN)
        equal += ann.digits == ben.digits or ann.pictures == ben.pictures
    assert equal <= 3


def test_passing_all_messages_on_does_not_help_the_middle() -> None:
    """Eve forwards every byte: the reveal does not open what Ben thinks Eve committed to."""
    rng = random.Random(3)
    with pytest.raises(RemoteProtocolError) as error:
        compare(rng, ANN, EVA, BEN, EVE)
    assert error.value.code == "bad_reveal"


def test_whoever_asks_cannot_choose_its_nonce_after_it_saw_the_other() -> None:
    rng = random.Random(4)
    ours = Verification(ANN, BEN, "Ben", rng.randbytes(32), deadline=60)
    theirs = Verification(BEN, ANN, "Ann", rng.randbytes(32), deadline=60, theirs=ours.commitment)
    theirs.step(Step.ANSWER)
    with pytest.raises(RemoteProtocolError) as error:
        theirs.revealed(rng.randbytes(32))
    assert error.value.code == "bad_reveal"
    assert theirs.code is None


def test_a_commitment_and_its_reveal_are_of_no_use_to_another_key_or_to_its_own_author() -> None:
    nonce = b"n" * 32
    for me, peer in ((BEN, EVE), (EVE, ANN), (ANN, BEN)):  # replayed by Eve, to Eve, reflected to Ann
        theirs = Verification(me, peer, "x", b"o" * 32, deadline=60, theirs=commitment(ANN, BEN, nonce))
        theirs.step(Step.ANSWER)
        with pytest.raises(RemoteProtocolError):
            theirs.revealed(nonce)


def test_a_replayed_half_makes_a_new_code() -> None:
    """Both halves count, so an old nonce of one side says nothing about the next code."""
    for nonces in ((b"a" * 32, b"c" * 32), (b"c" * 32, b"b" * 32)):
        assert short_code(ANN, BEN, *nonces) != short_code(ANN, BEN, b"a" * 32, b"b" * 32)
    assert short_code(ANN, BEN, b"a" * 32, b"b" * 32) != short_code(BEN, ANN, b"a" * 32, b"b" * 32)


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("step", Step)
def test_what_is_not_in_the_table_is_refused_and_changes_nothing(state: State, step: Step) -> None:
    known = Verification(ANN, BEN, "Ben", bytes(32), deadline=60)
    known.state = state
    if (state, step) in TRANSITIONS:
        known.step(step)
        assert known.state is TRANSITIONS[state, step]
        return
    with pytest.raises(RemoteProtocolError) as error:
        known.step(step)
    assert error.value.code == "unexpected_message"
    assert known.state is state


def test_every_state_ends_and_verified_takes_both_words() -> None:
    assert {state for (state, step) in TRANSITIONS if step is Step.END} == set(State) - {State.ENDED}
    assert {
        source for source, target in ((s, t) for (s, _), t in TRANSITIONS.items()) if target is State.VERIFIED
    } == {
        State.WAITING,
        State.ASKED,
    }
    words = {Step.WE_CONFIRM, Step.THEY_CONFIRM}
    for first in words:
        state = TRANSITIONS[State.COMPARING, first]
        assert (state, first) not in TRANSITIONS, "one side's word twice is not two words"
        assert TRANSITIONS[state, (words - {first}).pop()] is State.VERIFIED
