"""Invitations given and received, with every way they can end."""

from typing import Any

import pygame
import pytest

from p2pgame.session import events as ev
from p2pgame.ui.scenes.dialogs import InviteDialog, InviteSentDialog
from p2pgame.ui.scenes.error import ErrorScene
from p2pgame.ui.scenes.room_dialogs import RoomOfferDialog
from p2pgame.ui.scenes.verify import VerifyRequestDialog
from tests.ui.desk import Desk
from tests.ui.fake_client import peer_id
from tests.ui.keys import key_event


@pytest.fixture
def inviting(desk: Desk) -> Desk:
    """We have invited Ben."""
    desk.client.add_peer(1, "Ben")
    desk.go()
    desk.press("Invite")
    desk.go(0.1)
    assert desk.top(InviteSentDialog).heading == "Waiting for Ben (BA7X-AAAA)…"
    return desk


@pytest.fixture
def invited(desk: Desk) -> Desk:
    """Ben has invited us, and we had time to see it."""
    desk.client.add_peer(1, "Ben")
    desk.client.peer_invites(peer_id(1))
    desk.go(0.7)
    dialog = desk.top(InviteDialog)
    assert (dialog.heading, dialog.lines) == ("Ben (BA7X-AAAA) invites you", ["Gomoku · standard"])
    return desk


@pytest.mark.parametrize("kind", ["invitations", "codes", "rooms"])
def test_strangers_who_ask_leave_room_for_somebody_we_know(desk: Desk, kind: str) -> None:
    ask, dialog, no = {
        "invitations": (desk.client.peer_invites, InviteDialog, "decline"),
        "codes": (desk.client.peer_wants_codes, VerifyRequestDialog, "reject_code"),
        "rooms": (lambda peer: offer_room(desk, peer), RoomOfferDialog, "decline_room"),
    }[kind]
    for number in range(1, 7):
        desk.client.add_peer(number, f"P{number}")
    desk.client.know(peer_id(6), verified=True)
    for number in range(1, 5):
        ask(peer_id(number))
    desk.go(0.2)
    ask(peer_id(6))
    desk.go(0.7)
    open_ = [scene.peer for scene in desk.app.router.stack if isinstance(scene, dialog)]
    assert open_ == [peer_id(2), peer_id(3), peer_id(6)]
    assert [call[0] for call in desk.client.calls].count(no) == 2, (
        "of the fourth stranger, then of the first one"
    )


def offer_room(desk: Desk, peer: str) -> None:
    desk.client.tell(ev.RoomOffered(room=peer[:16], peer=peer, name=peer[:2], game="tron"))


@pytest.mark.parametrize(
    ("reason", "code", "notice"),
    [
        ("declined", "declined", "Ben declined"),
        ("busy", "busy", "Ben is busy"),
        (
            "unreachable",
            "no_answer",
            "Ben cannot be reached",
        ),
        ("unreachable", "connection_lost", "The connection to Ben is lost"),
        ("incompatible", "incompatible", "Ben does not have the same rules or options of Gomoku"),
    ],
)
def test_a_refusal_is_a_notice(inviting: Desk, reason: str, code: str, notice: str) -> None:
    inviting.client.peer_declines(reason, code=code)
    inviting.go()
    assert (inviting.shows, inviting.toast) == ("LobbyScene", notice)


def test_why_an_invitation_did_not_arrive_is_said_once_and_whole(
    inviting: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    inviting.client.change_peer(peer_id(1), name="W" * 24)
    cause = {"cause": "nothing_answers", "address": "fe80::aaaa:bbbb:cccc:dddd%enp0s31f6", "port": 41421}
    inviting.client.peer_declines("unreachable", code="no_answer", **cause)
    inviting.go()
    toasts, canvas = inviting.app.toasts, inviting.app.canvas
    assert toasts.text.count("reached") == 1
    drawn: list[str] = []
    draw = canvas.text

    def text(surface: pygame.Surface, text: str, *args: Any, **options: Any) -> pygame.Rect:
        drawn.append(text)
        return draw(surface, text, *args, **options)

    with monkeypatch.context() as patch:
        patch.setattr(canvas, "text", text)
        toasts.draw(pygame.Surface((640, 480)), canvas, (620, 60))
    assert " ".join(drawn) == toasts.text
    inviting.go(len(toasts.text) / 16 - 0.5)
    assert toasts.text, "a long text stays as long as reading it takes"


def test_no_answer(inviting: Desk) -> None:
    inviting.client.invite_expires()
    inviting.go()
    assert (inviting.shows, inviting.toast) == ("LobbyScene", "Ben did not answer in time")


@pytest.mark.parametrize("how", ["key", "button"])
def test_taking_it_back(inviting: Desk, how: str) -> None:
    if how == "key":
        inviting.key(pygame.K_ESCAPE)
    else:
        inviting.press("Cancel")
    inviting.go()
    assert inviting.client.calls[-1] == ("cancel_invite",)
    assert (inviting.shows, inviting.toast) == ("LobbyScene", "")


def test_the_countdown_runs(inviting: Desk) -> None:
    before = inviting.picture()
    inviting.go(5)
    assert inviting.top(InviteSentDialog).left == pytest.approx(25, abs=0.5)
    assert inviting.picture() != before


def test_a_start_that_fails_is_a_screen_with_a_retry(inviting: Desk) -> None:
    inviting.client.tell(
        ev.InviteAccepted(
            invite=inviting.top(InviteSentDialog).invite, peer=peer_id(1), name="Ben", game="gomoku"
        )
    )
    inviting.go()
    inviting.client.tell(ev.ErrorEvent(code="connect_failed", params={"name": "Ben"}))
    inviting.go()
    error = inviting.top(ErrorScene)
    assert (error.heading, error.reason) == ("Cannot connect", "No connection to Ben")
    before = len(inviting.client.calls)
    inviting.press("Try again")
    assert [c[0] for c in inviting.client.calls[before:]] == ["invite"]
    assert inviting.shows == "InviteSentDialog"


def test_no_retry_once_the_peer_is_gone(inviting: Desk) -> None:
    invite = inviting.top(InviteSentDialog).invite
    inviting.client.tell(ev.InviteAccepted(invite=invite, peer=peer_id(1), name="Ben", game="gomoku"))
    inviting.client.remove_peer(peer_id(1))
    inviting.client.tell(ev.ErrorEvent(code="silent", params={"name": "Ben"}))
    inviting.go()
    assert [b.label for b in inviting.top(ErrorScene).form.widgets] == ["Back to the lobby"]
    inviting.key(pygame.K_ESCAPE)
    assert inviting.shows == "LobbyScene"


def test_accepting(invited: Desk) -> None:
    invited.key(pygame.K_RETURN)
    assert invited.client.calls == [("accept", "0001")]
    assert invited.shows == "MatchScene"


def test_declining(invited: Desk) -> None:
    invited.key(pygame.K_ESCAPE)
    assert invited.client.calls == [("decline", "0001")]
    assert (invited.shows, invited.toast) == ("LobbyScene", "")


def test_they_take_it_back(invited: Desk) -> None:
    invited.client.peer_cancels()
    invited.go()
    assert (invited.shows, invited.toast) == ("LobbyScene", "Ben took the invitation back")


def test_they_vanish(invited: Desk) -> None:
    invited.client.peer_cancels("vanished")
    invited.go()
    assert (invited.shows, invited.toast) == ("LobbyScene", "Ben is gone")


def test_it_expires(invited: Desk) -> None:
    invited.client.invite_expires()
    invited.go()
    assert (invited.shows, invited.toast) == ("LobbyScene", "The invitation from Ben has expired")


def test_what_was_meant_for_the_screen_below_does_not_answer(desk: Desk) -> None:
    desk.client.add_peer(1, "Ben")
    desk.go()
    desk.client.peer_invites(peer_id(1))
    desk.go(0.1)
    desk.key(pygame.K_RETURN)
    desk.click(desk.button("Accept").rect.center)
    assert desk.client.calls == []
    desk.go(0.6)
    desk.key(pygame.K_RETURN)
    assert desk.client.calls == [("accept", "0001")]


def test_a_held_key_answers_nothing(desk: Desk) -> None:
    down = key_event(pygame.KEYDOWN, pygame.K_RETURN)
    pygame.event.post(down)
    desk.go(0.05)
    desk.client.add_peer(1, "Ben")
    desk.client.peer_invites(peer_id(1))
    desk.go(1)
    pygame.event.post(down)
    desk.go(0.1)
    assert desk.client.calls == []


def test_a_flood_of_invitations_is_declined(desk: Desk) -> None:
    for i in range(10):
        desk.client.add_peer(i, f"Player {i}")
        desk.client.peer_invites(peer_id(i))
    desk.go(0.2)
    assert sum(isinstance(s, InviteDialog) for s in desk.app.router.stack) == 3
    assert [c[0] for c in desk.client.calls] == ["decline"] * 7


def test_crossed_invitations_leave_no_dialog_behind(inviting: Desk) -> None:
    theirs = inviting.client.peer_invites(peer_id(1))
    inviting.client.peer_accepts()
    inviting.client.tell(
        ev.InviteCancelled(invite=theirs, peer=peer_id(1), name="Ben", game="gomoku", reason="superseded")
    )
    inviting.go()
    assert (inviting.shows, inviting.toast) == ("MatchScene", "")
