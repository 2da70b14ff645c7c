"""One invitation: the table of its steps, all of it, and that nobody reveals or changes anything too early."""

import itertools

import pytest

from p2pgame.core.errors import RemoteProtocolError
from p2pgame.core.ids import PeerId, peer_id_of
from p2pgame.session.invite.invitation import TRANSITIONS, Invitation, State, Step
from p2pgame.wire import messages as m
from tests.unit.session.sides import GOMOKU

ANN, BEN = (peer_id_of(bytes([n]) * 32) for n in (1, 2))
EXPECTED = {
    "dialling": {"linked": "sent", "end": "ended"},
    "sent": {"accept": "revealing", "end": "ended"},
    "received": {"accept": "revealing", "end": "ended"},
    "revealing": {"reveal": "elected", "end": "ended"},
    "elected": {"end": "ended"},
    "ended": {},
}


def make(
    *, ours: bool, frames: int = 0, previous: tuple[PeerId, ...] = (), candidate: m.Candidate | None = None
) -> Invitation:
    me, peer, name = (ANN, BEN, "Ben") if ours else (BEN, ANN, "Ann")
    return Invitation(
        b"i" * 16,
        me,
        peer,
        name,
        GOMOKU,
        GOMOKU.game.config_type(),
        b"\x80",
        ours=ours,
        nonce=(b"a" if ours else b"b") * 32,
        candidate=candidate or m.Candidate(),
        frames=frames,
        deadline=30.0,
        previous=previous,
    )


def agree(a: Invitation, b: Invitation) -> None:
    """Invite, accept: both hold the other's commitment."""
    a.step(Step.LINKED)
    b.their_commitment(a.commitment, a.candidate, a.frames)
    b.step(Step.ACCEPT)
    a.step(Step.ACCEPT)
    a.their_commitment(b.commitment, b.candidate, b.frames)


@pytest.mark.parametrize(("state", "step"), list(itertools.product(State, Step)))
def test_every_state_takes_the_steps_of_the_table_and_no_other(state: State, step: Step) -> None:
    invitation = make(ours=True)
    invitation.state = state
    after = EXPECTED[state.value].get(step.value)
    if after is None:
        with pytest.raises(RemoteProtocolError) as refused:
            invitation.step(step)
        assert refused.value.code == "unexpected_message"
        assert invitation.state is state
    else:
        invitation.step(step)
        assert invitation.state is State(after)


def test_the_table_has_nothing_else() -> None:
    table = {(State(s), Step(t)): State(u) for s, row in EXPECTED.items() for t, u in row.items()}
    assert dict(TRANSITIONS) == table


def test_where_it_begins() -> None:
    assert make(ours=True).state is State.DIALLING
    assert make(ours=False).state is State.RECEIVED


def test_both_sides_come_to_one_election() -> None:
    a, b = make(ours=True), make(ours=False)
    agree(a, b)
    elections = a.revealed(b.reveal().nonce), b.revealed(a.reveal().nonce)
    assert elections[0] == elections[1] == a.election == b.election
    assert a.state is b.state is State.ELECTED


def test_nothing_is_revealed_before_the_other_side_committed() -> None:
    with pytest.raises(RuntimeError, match="committed"):
        make(ours=True).reveal()


@pytest.mark.parametrize("nonce", [b"x" * 32, b"a" * 32, bytes(32)])
def test_another_nonce_than_the_committed_one_is_refused(nonce: bytes) -> None:
    a, b = make(ours=True), make(ours=False)
    agree(a, b)
    with pytest.raises(RemoteProtocolError) as refused:
        a.revealed(nonce)
    assert refused.value.code == "bad_reveal"
    assert a.election is None


def test_a_second_reveal_is_refused() -> None:
    a, b = make(ours=True), make(ours=False)
    agree(a, b)
    a.revealed(b.reveal().nonce)
    with pytest.raises(RemoteProtocolError) as refused:
        a.revealed(b.reveal().nonce)
    assert refused.value.code == "unexpected_message"


@pytest.mark.parametrize(("ours", "theirs", "both"), [(0, 0, 0), (5, 0, 5), (0, 7, 7), (5, 7, 5), (7, 5, 5)])
def test_the_smaller_frame_limit_holds(ours: int, theirs: int, both: int) -> None:
    a, b = make(ours=True, frames=ours), make(ours=False, frames=theirs)
    agree(a, b)
    assert b.frames == both
    assert a.frames == both


def test_a_return_match_swaps_places_on_both_sides() -> None:
    a, b = make(ours=True, previous=(ANN, BEN)), make(ours=False, previous=(ANN, BEN))
    agree(a, b)
    assert a.revealed(b.reveal().nonce).players == b.revealed(a.reveal().nonce).players == (BEN, ANN)
