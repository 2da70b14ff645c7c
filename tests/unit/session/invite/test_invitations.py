"""Invitations between two sides by hand: what is said, what is shown, and what never reaches the player."""

from typing import Any, cast

import pytest

from p2pgame.core.errors import LocalProtocolError, RemoteProtocolError
from p2pgame.core.ids import PeerId
from p2pgame.core.registry import Plugin
from p2pgame.session import events as e
from p2pgame.session.effects import Dial, RequestDial
from p2pgame.session.invite.invitation import Invitation, PlayedMatch
from p2pgame.session.invite.invitations import Invitations
from p2pgame.wire import messages as m
from p2pgame.wire.bounds import DIAL_TIMEOUT, INVITE_GAP, INVITE_TIMEOUT
from tests.unit.session.sides import ANN, BEN, EVE, GOMOKU, NAMES, Games, Side, game_for, talk


class Inviter(Side):
    """A side with invitations and nothing else."""

    def __init__(self, me: PeerId, other: PeerId, plugin: Plugin = GOMOKU, *, linked: bool = True) -> None:
        super().__init__(me, other, linked=linked)
        self.plugin = plugin
        self.agreed: list[Invitation] = []
        self.withdrawn: list[tuple[int, bytes]] = []
        self.busy = False
        self.muted: set[PeerId] = set()
        self.last_match: PlayedMatch | None = None
        self.invitations = Invitations(
            me,
            NAMES[me],
            cast("Any", Games(plugin)),
            self.token,
            self.connections,
            self.table,
            agreed=lambda invitation, now: self.agreed.append(invitation),
            withdrawn=lambda link, invite: self.withdrawn.append((link, invite)),
            busy=lambda: self.busy,
            last_match=lambda: self.last_match,
            muted=lambda peer: peer in self.muted,
            knows=lambda _: False,
            candidate=m.Candidate(),
            frames=0,
        )

    def invite(self, plugin: Plugin | None = None) -> None:
        config = GOMOKU.game.config_type()
        self.invitations.invite(self.other, NAMES[self.other], plugin or self.plugin, config, self.now, None)


def pair(plugin: Plugin = GOMOKU) -> tuple[Inviter, Inviter]:
    return Inviter(ANN, BEN, plugin), Inviter(BEN, ANN, plugin)


def declined(ann: Inviter) -> e.InviteDeclined:
    event = ann.told()[-1]
    assert isinstance(event, e.InviteDeclined)
    assert ann.invitations.outgoing is None
    return event


def test_invited_and_accepted_both_sides_want_the_match() -> None:
    ann, ben = pair()
    ann.invite()
    talk(ann, ben)
    sent, received = ann.told()[0], ben.told()[0]
    assert isinstance(sent, e.InviteSent)
    assert isinstance(received, e.InviteReceived)
    assert ann.invitations.uses(1)
    assert ben.invitations.uses(1)
    ben.invitations.accept(received.invite, 1.0)
    talk(ann, ben)
    assert [side.agreed[0].hex for side in (ann, ben)] == [received.invite] * 2
    assert not ann.invitations.uses(1)
    assert ann.invitations.next_deadline() is None


@pytest.mark.parametrize(("least", "most"), [(3, 8), (1, 1), (4, 4)])
def test_a_game_for_another_number_of_players_is_not_even_asked_for(least: int, most: int) -> None:
    ann, _ = pair(game_for(least, most))
    with pytest.raises(LocalProtocolError) as error:
        ann.invite()
    assert error.value.code == "wrong_number_of_players"
    assert error.value.params == {"game": "gomoku", "players": 2, "least": least, "most": most}
    assert ann.effects() == []
    assert ann.told() == []


@pytest.mark.parametrize(("least", "most"), [(3, 8), (1, 1)])
def test_an_invitation_to_such_a_game_is_declined_without_asking_the_player(least: int, most: int) -> None:
    ann, ben = Inviter(ANN, BEN), Inviter(BEN, ANN, game_for(least, most))
    ann.invite()
    talk(ann, ben)
    assert declined(ann).reason == "wrong_number_of_players"
    assert ben.told() == []
    assert ben.invitations.next_deadline() is None


@pytest.mark.parametrize(("least", "most"), [(2, 2), (1, 8), (2, 4)])
def test_a_game_that_two_may_play_is_asked_for(least: int, most: int) -> None:
    ann, ben = pair(game_for(least, most))
    ann.invitations.invite(BEN, "Ben", ann.plugin, GOMOKU.game.config_type(), 0.0, None)
    talk(ann, ben)
    assert isinstance(ben.told()[0], e.InviteReceived)


def test_the_reasons_why_the_player_is_not_asked() -> None:
    ann, ben = pair()

    def answer() -> str:
        ann.invite()
        talk(ann, ben)
        return declined(ann).reason

    ben.busy = True
    assert answer() == "busy"
    ben.busy, ben.muted = False, {ANN}
    assert answer() == "declined"
    ben.muted = set()
    ben.invitations.registry = cast("Any", Games(cast("Any", game_for(2, 2))))
    ben.invitations.registry.get("gomoku").digest = "0" * 16
    assert answer() == "incompatible"
    assert ben.told() == []


def test_a_second_invitation_within_seconds_is_too_soon() -> None:
    ann, ben = pair()
    ann.invite()
    talk(ann, ben)
    ben.invitations.decline(
        ben.invitations.outgoing.hex if ben.invitations.outgoing else next(iter(ben.invitations.incoming)),
        0.0,
    )
    talk(ann, ben)
    assert declined(ann).reason == "declined"
    ann.invite()
    talk(ann, ben)
    assert declined(ann).reason == "too_soon"
    ben.now = INVITE_GAP
    ann.invite()
    talk(ann, ben)
    assert ann.invitations.outgoing is not None


def test_without_a_link_it_dials_then_asks_to_be_dialled_then_gives_up() -> None:
    ann = Inviter(ANN, BEN, linked=False)
    ann.invite()
    ours = ann.invitations.outgoing
    (dial,) = ann.effects()
    assert isinstance(dial, Dial)
    ann.invitations.dial_failed(object(), 1.0)
    assert ann.effects() == [], "somebody else's dial"
    ann.invitations.dial_failed(ours, DIAL_TIMEOUT)
    assert ann.effects() == [RequestDial(BEN)]
    deadline = ann.invitations.next_deadline()
    assert deadline == 2 * DIAL_TIMEOUT + 1.0
    ann.invitations.handle_timeout(deadline - 0.01)
    assert ann.invitations.outgoing is ours
    ann.invitations.handle_timeout(deadline)
    event = declined(ann)
    assert (event.reason, event.params) == ("unreachable", {"code": "no_answer"})


def test_a_link_of_whatever_purpose_carries_the_invitation_that_waits_for_one() -> None:
    ann = Inviter(ANN, BEN, linked=False)
    ann.invite()
    ann.link(7, BEN)
    ann.invitations.link_opened(7, BEN, None, 0.5)
    assert [type(message) for message in ann.said()] == [m.Invite]
    assert ann.invitations.uses(7)
    assert ann.invitations.next_deadline() == 0.5 + INVITE_TIMEOUT


def test_a_lost_link_ends_the_invitations_on_it_and_says_how_it_ended() -> None:
    ann, ben = pair()
    ann.invite()
    talk(ann, ben)
    for side in (ann, ben):
        side.told()
        side.invitations.link_closed(2, "silent", {}, 1.0, remote=True)
        assert side.told() == []
        side.invitations.link_closed(1, "silent", {"seconds": 5}, 1.0, remote=True)
    event = declined(ann)
    assert (event.reason, event.params) == ("unreachable", {"code": "silent"})
    (cancelled,) = ben.told()
    assert isinstance(cancelled, e.InviteCancelled)
    assert cancelled.reason == "vanished"


def test_what_is_taken_back_after_the_agreement_is_passed_on() -> None:
    ann, ben = pair()
    ann.invite()
    talk(ann, ben)
    ben.hear(m.Cancel(invite=b"?" * 16, reason="cancelled"))
    assert ben.withdrawn == [(1, b"?" * 16)]
    assert len(ben.invitations.incoming) == 1


def test_nobody_takes_back_the_invitation_of_another() -> None:
    ann, ben = pair()
    ann.invite()
    talk(ann, ben)
    ben.link(2, EVE)
    (invite,) = (theirs.id for theirs in ben.invitations.incoming.values())
    ben.hear(m.Cancel(invite=invite, reason="cancelled"), link=2)
    assert len(ben.invitations.incoming) == 1


def test_an_invitation_is_accepted_once() -> None:
    ann, ben = pair()
    ann.invite()
    talk(ann, ben)
    (invite,) = ben.invitations.incoming
    ben.invitations.accept(invite, 0.0)
    with pytest.raises(LocalProtocolError) as error:
        ben.invitations.accept(invite, 0.0)
    assert error.value.code == "no_such_invitation"


def test_an_answer_before_the_question_left_is_no_step_of_the_table() -> None:
    ann = Inviter(ANN, BEN, linked=False)
    ann.invite()
    ours = ann.invitations.outgoing
    assert ours is not None
    ann.link(1, BEN)
    ours.link = 1
    accept = m.Accept(invite=ours.id, frames=0, commitment=b"c" * 32, candidate=m.Candidate())
    with pytest.raises(RemoteProtocolError) as error:
        ann.hear(accept)
    assert error.value.params == {"message": "accept", "scope": "invitation", "phase": "dialling"}
