"""Who may join the session that an accepted invitation opens."""

import pytest
from p2pgame.session.invite.opening import OpeningPhase, SessionOpener, SessionOpening

from p2pgame.core.errors import RemoteProtocolError
from p2pgame.core.ids import PeerId, peer_id_of
from p2pgame.session import events as e
from p2pgame.session.connections import Connection, Connections
from p2pgame.session.effects import CloseLink, Dial, Send
from p2pgame.wire import messages as m
from p2pgame.wire.bounds import REVEAL_TIMEOUT
from tests.unit.session.invite.test_invitation import agree, make
from tests.unit.session.sides import ANN, BEN, EVE, NAMES, FakeMatches, Side

STRANGER = peer_id_of(b"s" * 32)
SESSION, STRANGERS = 9, 10


def elected() -> tuple[SessionOpening, m.Join]:
    """Our side once the nonces are revealed, and the join that is right."""
    ours, theirs = make(ours=True), make(ours=False)
    agree(ours, theirs)
    ours.link = theirs.link = 1
    connections = Connections()
    opening = SessionOpening(theirs.peer, ours, connections, 0.0)
    opening.on_reveal(1, theirs.reveal(), 0.0)
    election = ours.election
    assert election is not None
    for link, peer in ((1, ours.peer), (SESSION, ours.peer), (STRANGERS, STRANGER)):
        connections.links[link] = Connection(peer, "Ben", 0.0)
    return opening, m.Join(match=election.match, session=1, token=election.token)


def test_only_the_other_member_with_the_token_of_this_match_is_seated() -> None:
    opening, join = elected()
    wrong = [
        (STRANGERS, join),
        (SESSION, m.Join(match="0" * 16, session=join.session, token=join.token)),
        (SESSION, m.Join(match=join.match, session=2, token=join.token)),
        (SESSION, m.Join(match=join.match, session=join.session, token=b"x" * 16)),
    ]
    for link, message in wrong:
        with pytest.raises(RemoteProtocolError) as error:
            opening.on_join(link, message)
        assert error.value.code == "no_seat"
        assert not opening.bound
    opening.on_join(SESSION, join)
    assert opening.session == SESSION


class Guest(Side):
    """A side with an opener and a matches; of two equals, whoever the election makes host."""

    def __init__(self, me: PeerId, other: PeerId) -> None:
        super().__init__(me, other)
        self.matches = FakeMatches()
        self.opener = SessionOpener(me, self.connections, self.table, self.matches, lambda: NAMES[me])
        self.connections.used = self.opener.uses

    @property
    def phase(self) -> OpeningPhase:
        assert self.opener.opening is not None
        return self.opener.opening.phase


def agreed() -> tuple[Guest, Guest]:
    """Both sides have accepted; each one's reveal is on its way."""
    ours, theirs = make(ours=True), make(ours=False)
    agree(ours, theirs)
    ours.link = theirs.link = 1
    sides = Guest(theirs.peer, ours.peer), Guest(ours.peer, theirs.peer)
    for side, invitation in zip(sides, (ours, theirs), strict=True):
        side.opener.start(invitation, 0.0)
    return sides


def connecting() -> tuple[Guest, Guest]:
    """The host is elected: the guest, who dials, comes first."""
    ann, ben = agreed()
    (to_ben,), (to_ann,) = ann.said(), ben.said()
    ann.hear(to_ann)
    ben.hear(to_ben)
    assert ann.phase is ben.phase is OpeningPhase.CONNECTING
    assert ann.opener.opening is not None
    election = ann.opener.opening.invitation.election
    assert election is not None
    return (ben, ann) if election.host == ann.me else (ann, ben)


def bound() -> tuple[Guest, Guest]:
    """The guest reached the host, on a link that is number 5 to both."""
    guest, host = connecting()
    for side in (guest, host):
        side.link(5, side.other)
    (dial,) = guest.effects()
    assert isinstance(dial, Dial)
    guest.opener.link_opened(5, host.me, guest.connections.take_purpose(dial.ticket), 1.0)
    sent = [x for x in guest.effects() if isinstance(x, Send)]
    assert [(x.link, type(x.message)) for x in sent] == [(5, m.Join)]
    host.hear(sent[0].message, link=5)
    return guest, host


def refused(side: Side, message: m.Message, link: int = 1) -> RemoteProtocolError:
    with pytest.raises(RemoteProtocolError) as error:
        side.hear(message, link=link)
    return error.value


def test_the_guest_dials_and_the_match_begins_on_both_sides() -> None:
    guest, host = bound()
    for side in (guest, host):
        assert side.phase is OpeningPhase.BOUND
        ((what, agreement, links, _),) = side.matches.calls
        assert (what, links) == ("begin", {side.other: 5})
        assert agreement.names == tuple(NAMES[peer] for peer in agreement.election.players)
        assert side.opener.uses(5)
        assert not side.opener.uses(1)


def test_the_inviter_closes_the_link_of_the_invitation_once_the_session_stands() -> None:
    guest, host = bound()
    for side in (guest, host):
        assert side.opener.opening is not None
        moved = side.opener.opening.invitation.ours
        assert (1 in side.connections.links) == (not moved)


def test_who_cannot_be_dialled_dials() -> None:
    guest, host = connecting()
    assert guest.opener.opening is not None
    guest.effects()
    guest.opener.dial_failed(object(), 1.0)
    assert guest.effects() == []
    guest.opener.dial_failed(guest.opener.opening, 1.0)
    (word,) = guest.said()
    assert isinstance(word, m.DialMe)
    host.hear(word)
    host.hear(word)
    assert [type(effect) for effect in host.effects()] == [Dial], "one dial at a time"


def test_a_message_out_of_its_phase_is_refused_from_the_table() -> None:
    ann, ben = agreed()
    (reveal,) = ben.said()
    dial_me = m.DialMe(match="0" * 16)
    assert refused(ann, dial_me).params == {"message": "dial_me", "scope": "opening", "phase": "revealing"}
    ann.hear(reveal)
    assert refused(ann, reveal).params == {"message": "reveal", "scope": "opening", "phase": "connecting"}


def test_what_crossed_the_end_of_an_opening_is_ignored() -> None:
    ann, ben = agreed()
    (reveal,) = ben.said()
    ann.opener.fail("cancelled")
    ann.told()
    ann.link(1, BEN)
    ann.hear(reveal, m.DialMe(match="0" * 16))
    assert ann.told() == []


def test_a_stranger_says_nothing_of_an_opening() -> None:
    ann, _ = agreed()
    ann.link(2, EVE)
    ann.hear(m.Reveal(invite=b"i" * 16, nonce=b"n" * 32), link=2)
    assert ann.phase is OpeningPhase.REVEALING
    ann.opener.withdrawn(2, b"i" * 16)
    assert ann.opener.opening is not None


def test_where_nothing_is_opened_no_seat_is_kept() -> None:
    ann = Guest(ANN, BEN)
    assert refused(ann, m.Join(match="0" * 16, session=1, token=b"t" * 16)).code == "no_seat"


def test_a_join_that_overtakes_the_reveal_waits_for_it() -> None:
    ann, ben = agreed()
    (to_ben,), (to_ann,) = ann.said(), ben.said()
    ben.hear(to_ben)
    assert ben.opener.opening is not None
    election = ben.opener.opening.invitation.election
    assert election is not None
    ann.link(5, BEN)
    ann.hear(m.Join(match=election.match, session=1, token=election.token), link=5)
    assert ann.phase is OpeningPhase.REVEALING
    assert ann.opener.uses(5)
    ann.hear(to_ann)
    assert ann.phase is OpeningPhase.BOUND
    assert ann.matches.calls[0][0] == "begin"


def test_taken_back_it_ends_with_a_code_and_its_links_are_done() -> None:
    ann, _ = agreed()
    ann.effects()
    ann.opener.withdrawn(1, b"i" * 16)
    assert ann.told() == [e.ErrorEvent(code="cancelled", params={"name": "Ben"})]
    assert ann.effects() == [CloseLink(1, "done", {})]
    assert ann.opener.opening is None
    assert ann.matches.calls == [("cancel",)]


def test_without_a_session_in_time_it_fails() -> None:
    ann, _ = agreed()
    assert ann.opener.next_deadline() == REVEAL_TIMEOUT
    ann.opener.handle_timeout(REVEAL_TIMEOUT - 0.01)
    assert ann.opener.opening is not None
    ann.opener.handle_timeout(REVEAL_TIMEOUT)
    assert ann.told() == [e.ErrorEvent(code="connect_failed", params={"name": "Ben"})]


def test_a_link_that_it_needs_takes_it_along_and_no_other_does() -> None:
    ann, _ = agreed()
    ann.opener.link_closed(2, "silent", {}, 1.0, remote=True)
    assert ann.opener.opening is not None
    ann.opener.link_closed(1, "silent", {"name": "Ben", "seconds": 5}, 1.0, remote=True)
    assert ann.told() == [e.ErrorEvent(code="silent", params={"name": "Ben", "seconds": 5})]


def test_once_the_room_has_the_session_its_end_is_the_rooms_business() -> None:
    guest, _ = bound()
    guest.told()
    guest.opener.link_closed(5, "silent", {}, 2.0, remote=True)
    assert guest.opener.opening is not None
    guest.matches.link = None  # the rules failed to begin
    guest.opener.link_closed(5, "rules_failed", {}, 2.0, remote=True)
    assert guest.told() == [e.ErrorEvent(code="rules_failed", params={})]
