"""Comparisons of codes between two sides by hand: crossing, cheating, and what never reaches the player."""

import pytest

from p2pgame.core.errors import LocalProtocolError, RemoteProtocolError
from p2pgame.core.ids import PeerId
from p2pgame.session import events as e
from p2pgame.session.effects import Dial, RequestDial
from p2pgame.session.people.verifications import Verifications
from p2pgame.wire import messages as m
from p2pgame.wire.bounds import DIAL_TIMEOUT, VERIFY_TIMEOUT
from tests.unit.session.sides import ANN, BEN, NAMES, Side, talk


class Comparer(Side):
    def __init__(self, me: PeerId, other: PeerId, *, linked: bool = True) -> None:
        super().__init__(me, other, linked=linked)
        self.muted = False
        self.verifications = Verifications(
            me, self.token, self.connections, self.table, lambda _: self.muted, lambda _: False
        )

    def verify(self) -> None:
        self.verifications.verify(self.other, NAMES[self.other], self.now)

    def ended(self) -> str:
        event = self.told()[-1]
        assert isinstance(event, e.VerifyEnded)
        assert self.verifications.next_deadline() is None
        return event.reason


def pair() -> tuple[Comparer, Comparer]:
    return Comparer(ANN, BEN), Comparer(BEN, ANN)


def code_of(side: Comparer) -> str:
    event = side.told()[-1]
    assert isinstance(event, e.VerifyCode)
    return event.code


def test_both_see_one_code_and_both_say_yes() -> None:
    ann, ben = pair()
    ann.verify()
    talk(ann, ben)
    assert ben.told() == [e.VerifyRequested(peer=ANN, name="Ann")]
    ben.verify()
    talk(ann, ben)
    assert code_of(ann) == code_of(ben)
    ann.verifications.confirm(BEN)
    ben.verifications.confirm(ANN)
    talk(ann, ben)
    assert ann.ended() == ben.ended() == "confirmed"


def test_requests_that_cross_become_one_comparison() -> None:
    ann, ben = pair()
    ann.verify()
    ben.verify()
    talk(ann, ben)
    assert code_of(ann) == code_of(ben)


def test_a_message_in_the_wrong_state_of_its_comparison_ends_it_as_cheated() -> None:
    ann, _ = pair()
    ann.verify()
    (commit,) = ann.said()
    assert isinstance(commit, m.VerifyCommit)
    with pytest.raises(RemoteProtocolError) as error:
        ann.hear(m.VerifyReveal(commitment=commit.commitment, nonce=b"n" * 32))
    assert error.value.code == "unexpected_message"
    assert error.value.params == {"message": "reveal", "scope": "verification", "phase": "committed"}
    assert ann.ended() == "cheated"


@pytest.mark.parametrize(
    "message",
    [
        m.VerifyNonce(commitment=b"o" * 32, nonce=b"n" * 32),
        m.VerifyReveal(commitment=b"o" * 32, nonce=b"n" * 32),
        m.VerifyResult(commitment=b"o" * 32, ok=False),
    ],
)
def test_what_belongs_to_a_comparison_that_is_over_is_ignored(message: m.Message) -> None:
    ann, _ = pair()
    ann.hear(message)
    ann.verify()
    ann.hear(message)
    assert ann.told() == []
    assert ann.verifications.next_deadline() is not None


def test_a_muted_peer_is_refused_without_asking_the_player() -> None:
    ann, ben = pair()
    ben.muted = True
    ann.verify()
    talk(ann, ben)
    assert ann.ended() == "rejected"
    assert ben.told() == []


def test_what_the_player_cannot_do_has_a_code() -> None:
    ann, _ = pair()
    with pytest.raises(LocalProtocolError) as error:
        ann.verifications.confirm(BEN)
    assert error.value.code == "no_code_to_compare"
    ann.verify()
    with pytest.raises(LocalProtocolError) as error:
        ann.verify()
    assert (error.value.code, error.value.params) == ("already_comparing", {"name": "Ben"})


def test_without_a_link_it_dials_and_else_asks_to_be_dialled() -> None:
    ann = Comparer(ANN, BEN, linked=False)
    ann.verify()
    (dial,) = ann.effects()
    assert isinstance(dial, Dial)
    ann.verifications.dial_failed(object(), 1.0)
    assert ann.effects() == []
    ann.verifications.dial_failed(ann.connections.take_purpose(dial.ticket), DIAL_TIMEOUT)
    assert ann.effects() == [RequestDial(BEN)]
    ann.link(4, BEN)
    ann.verifications.link_opened(4, BEN, None, 2.0)
    assert [type(message) for message in ann.said()] == [m.VerifyCommit]
    assert ann.verifications.uses(4)
    assert ann.verifications.next_deadline() == 2.0 + VERIFY_TIMEOUT


def test_it_ends_with_its_link_and_with_its_time() -> None:
    ann, ben = pair()
    ann.verify()
    talk(ann, ben)
    ann.verifications.link_closed(2, "silent", {}, 1.0, remote=True)
    ann.verifications.link_closed(1, "silent", {}, 1.0, remote=True)
    assert ann.ended() == "vanished"
    ben.verifications.handle_timeout(VERIFY_TIMEOUT - 0.01)
    ben.told()
    ben.verifications.handle_timeout(VERIFY_TIMEOUT)
    assert ben.ended() == "expired"


# --- who sees the code, and when


def ask(ann: Comparer, ben: Comparer) -> None:
    """Ann asks, and Ben's player agrees; nothing of what follows is carried yet."""
    ann.verify()
    ben.hear(*ann.said())
    ben.told()
    ben.verify()


def codes(side: Comparer) -> list[str]:
    return [event.code for event in side.told() if isinstance(event, e.VerifyCode)]


def test_who_asks_shows_the_code_only_when_the_other_side_has_it() -> None:
    ann, ben = pair()
    ask(ann, ben)
    ann.hear(*ben.said())
    (reveal,) = ann.said()
    assert isinstance(reveal, m.VerifyReveal)
    assert codes(ann) == []
    with pytest.raises(LocalProtocolError):
        ann.verifications.confirm(BEN)
    ben.hear(reveal)
    (shown,) = codes(ben)
    (ready,) = ben.said()
    assert isinstance(ready, m.VerifyReady)
    ann.hear(ready)
    assert codes(ann) == [shown]


@pytest.mark.parametrize("how", ["closes the link", "says no", "is silent"])
def test_who_breaks_off_before_it_reveals_is_named(how: str) -> None:
    """Ann, modified, has Ben's nonce, does not like the code, and goes."""
    ann, ben = pair()
    ask(ann, ben)
    commitment = next(message.commitment for message in ben.said() if isinstance(message, m.VerifyNonce))
    leave(ben, how, commitment)
    assert ben.ended() == "broken_off"


@pytest.mark.parametrize("how", ["closes the link", "says no", "is silent"])
def test_who_is_asked_cannot_look_and_go_either(how: str) -> None:
    ann, ben = pair()
    ask(ann, ben)
    ann.hear(*ben.said())
    (reveal,) = ann.said()
    assert isinstance(reveal, m.VerifyReveal)
    leave(ann, how, reveal.commitment)
    assert ann.ended() == "broken_off"


def test_going_away_while_both_compare_is_named_and_saying_no_is_a_no() -> None:
    for how, reason in (("closes the link", "broken_off"), ("says no", "rejected"), ("is silent", "expired")):
        ann, ben = pair()
        ask(ann, ben)
        talk(ann, ben)
        known = next(iter(ben.verifications))
        leave(ben, how, known.commitment)
        assert ben.ended() == reason


def test_our_own_no_is_no_warning_about_the_other() -> None:
    ann, ben = pair()
    ask(ann, ben)
    ben.verifications.reject(ANN, 1.0)
    assert ben.ended() == "rejected"


def test_before_anybody_knew_anything_going_away_is_no_more_than_that() -> None:
    ann, _ = pair()
    ann.verify()
    ann.verifications.link_closed(1, "silent", {}, 1.0, remote=True)
    assert ann.ended() == "vanished"


def leave(side: Comparer, how: str, commitment: bytes) -> None:
    """The other side of `side` goes away."""
    match how:
        case "closes the link":
            side.verifications.link_closed(1, "bye", {}, side.now, remote=True)
        case "says no":
            side.hear(m.VerifyResult(commitment=commitment, ok=False))
        case "is silent":
            side.now += VERIFY_TIMEOUT
            side.verifications.handle_timeout(side.now)
