"""A match that was interrupted with the program: asked at the start, gone on with, given up, or left for later."""

import time

import msgspec
import pygame
import pytest

from p2pgame.core import Outcome
from p2pgame.core.game import EndedBy
from p2pgame.session import events as ev
from p2pgame.session.room_view import ListedRoom
from p2pgame.session.status import Status, StatusCode
from p2pgame.session.view import MatchView
from p2pgame.ui.scenes.match import MatchScene
from p2pgame.ui.scenes.result import Result
from p2pgame.ui.scenes.resume import ResumeAskedDialog, ResumeDialog
from tests.ui.desk import Desk
from tests.ui.fake_client import FakeClient, peer_id


def saved(desk: Desk, name: str = "Ben", *, adjourned: bool = False) -> str:
    """The client finds a match on disk."""
    other = FakeClient()
    other.peer_invites(other.add_peer(1, name).peer)
    other.accept("0001")
    view: MatchView | None = other.match()
    assert view is not None
    status = Status(code=StatusCode.RESTARTED, since=desk.now, claim_at=desk.now + 30)
    if adjourned:
        status = Status(code=StatusCode.ADJOURNED, since=desk.now)
    desk.client.saved[view.match] = msgspec.structs.replace(view, status=status)
    desk.client.tell(
        ev.MatchResumable(
            match=view.match,
            game="gomoku",
            peer=peer_id(1),
            name=name,
            frames=24,
            started=time.time() - 200,
            adjourned=adjourned,
        )
    )
    desk.go(0.7)
    return view.match


def test_it_says_what_and_with_whom_and_when(desk: Desk) -> None:
    saved(desk)
    question = desk.top(ResumeDialog)
    assert question.heading == "Your match with Ben was interrupted"
    assert question.lines[0] == "Gomoku · 24 moves · begun 3 minutes ago"


def test_resuming_shows_the_board_under_the_wait_and_goes_on(desk: Desk) -> None:
    match = saved(desk)
    desk.key(pygame.K_RETURN)
    desk.go(1)
    assert desk.client.calls == [("resume", match)]
    scene = desk.top(MatchScene)
    assert scene.waiting.seconds is not None
    desk.client.go_on()
    desk.go(0.2)
    assert desk.toast == "The match goes on"
    assert scene.waiting.seconds is None
    desk.click(desk.point(3))
    assert desk.client.calls[-1][0] == "submit"


def test_a_match_resumed_without_asking_shows_too(desk: Desk) -> None:
    desk.client.resume(saved(desk))
    desk.go(0.2)
    assert desk.shows == "MatchScene"


@pytest.mark.parametrize("there", [True, False])
def test_a_round_of_a_room_is_gone_on_with_in_the_room(desk: Desk, there: bool) -> None:
    """Where the room is gone, the match is looked for without it."""
    me = desk.client.peer_id
    if there:
        desk.client.listed = [ListedRoom(room="aa", leader=peer_id(1), name="Ben", game="tron", seats=3)]
    desk.client.tell(
        ev.MatchResumable(
            match="m1",
            game="tron",
            peer=peer_id(1),
            name="Ben",
            frames=60,
            started=time.time(),
            room="aa",
            players=(me, peer_id(1), me),
            names=("Ann", "Ben", "Ann (2)"),
        )
    )
    desk.go(0.7)
    assert desk.top(ResumeDialog).heading == "Your round in a room was interrupted"
    desk.client.calls.clear()
    desk.press("Resume")
    assert desk.client.calls == [("join_room", "aa", 2) if there else ("resume", "m1")]


def test_later_asks_nothing_and_keeps_it(desk: Desk) -> None:
    match = saved(desk)
    desk.key(pygame.K_ESCAPE)
    assert desk.shows == "LobbyScene"
    assert desk.client.calls == []
    assert match in desk.app.context.resumable


def test_giving_up_asks_once(desk: Desk) -> None:
    match = saved(desk)
    desk.press("Give it up")
    assert desk.shows == "Confirm"
    desk.press("Keep it")
    assert desk.shows == "ResumeDialog"
    desk.press("Give it up")
    desk.press("Give it up")
    assert desk.client.calls == [("abandon", match)]
    assert desk.shows == "LobbyScene"


def test_keys_meant_for_the_lobby_answer_nothing(desk: Desk) -> None:
    saved_at = desk.now
    desk.client.tell(
        ev.MatchResumable(match="m1", game="gomoku", peer=peer_id(1), name="Ben", frames=1, started=0.0)
    )
    desk.go(0.1)
    desk.key(pygame.K_RETURN)
    assert desk.now - saved_at < 0.5
    assert desk.shows == "ResumeDialog"
    assert desk.client.calls == []


def test_a_match_that_the_other_side_claimed_shows_its_result(desk: Desk) -> None:
    saved(desk)
    desk.press("Resume")
    desk.client.end(Outcome.by(EndedBy.CLAIMED, (1,)))
    desk.go(0.2)
    assert desk.top(Result).heading == "Ben won"


def test_a_match_that_is_over_before_it_is_seen_is_said(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    match = saved(desk)
    monkeypatch.setattr(desk.client, "resume", lambda match: None)
    desk.press("Resume")
    over = ev.MatchEnded(
        match=match, outcome=Outcome.by(EndedBy.CLAIMED, (1,)), frames=24, hash="", stats=ev.Stats()
    )
    desk.client.tell(over)
    desk.go(0.2)
    assert (desk.shows, desk.toast) == ("LobbyScene", "The match is over: claimed")


def test_a_game_that_is_not_installed_cannot_be_resumed(desk: Desk) -> None:
    desk.client.tell(
        ev.MatchResumable(match="m1", game="chess", peer=peer_id(1), name="Ben", frames=1, started=0.0)
    )
    desk.go(1)
    assert not desk.button("Resume").enabled
    assert "chess is not installed here any more." in desk.top(ResumeDialog).lines


# --- adjourned


def test_an_adjourned_match_asks_nothing_and_is_resumed_from_the_row_of_the_other_player(desk: Desk) -> None:
    desk.client.add_peer(1, "Ben")
    match = saved(desk, adjourned=True)
    assert desk.shows == "LobbyScene"
    desk.press("Resume adjourned match")
    desk.go(0.7)
    question = desk.top(ResumeDialog)
    assert question.heading == "Your adjourned match with Ben"
    desk.key(pygame.K_RETURN)
    desk.go(1)
    assert desk.client.calls == [("resume", match)]
    scene = desk.top(MatchScene)
    assert scene.waiting.seconds is not None
    assert scene.close()  # nothing is lost by it
    desk.client.go_on()
    desk.go(0.2)
    assert desk.toast == "The match goes on"


def test_without_one_there_is_no_button(desk: Desk) -> None:
    desk.client.add_peer(1, "Ben")
    desk.client.add_peer(2, "Cid")
    saved(desk, adjourned=True)
    lobby = desk.app.router.lobby
    assert lobby.peers.adjourned is not None
    lobby.peers.selected = peer_id(2)
    desk.go(0.2)
    assert lobby.peers.adjourned is None
    assert not any("adjourned" in getattr(widget, "label", "") for widget in lobby.form.widgets)


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("declined", "Ben does not go on now. The match stays adjourned."),
        ("busy", "Ben is busy. The match stays adjourned."),
        ("no_seat", "The match stays adjourned: "),
    ],
)
def test_who_waits_goes_back_or_is_sent_back(desk: Desk, reason: str, words: str) -> None:
    desk.client.add_peer(1, "Ben")
    match = saved(desk, adjourned=True)
    desk.press("Resume adjourned match")
    desk.go(0.7)
    desk.key(pygame.K_RETURN)
    desk.go(1)
    desk.press("Back to the lobby")
    assert desk.client.calls[-1] == ("not_now", match)
    desk.client.leave()
    desk.client.tell(ev.MatchAdjourned(match=match, reason=reason))
    desk.go(0.2)
    assert desk.shows == "LobbyScene"
    assert desk.toast.startswith(words)


def test_who_is_asked_goes_on_or_not(desk: Desk) -> None:
    match = saved(desk, adjourned=True)
    asked = ev.MatchResumeAsked(match=match, game="gomoku", peer=peer_id(1), name="Ben")
    desk.client.tell(asked)
    desk.go(0.7)
    assert desk.top(ResumeAskedDialog).lines == ["With your adjourned match of Gomoku."]
    desk.press("Not now")
    desk.go()
    assert (desk.client.calls, desk.shows) == ([("not_now", match)], "LobbyScene")
    desk.client.tell(asked)
    desk.go(31)
    assert (desk.client.calls, desk.shows) == ([("not_now", match)] * 2, "LobbyScene")
    desk.client.tell(asked)
    desk.client.tell(asked)  # again: one question
    desk.go(0.7)
    desk.key(pygame.K_RETURN)
    desk.go(0.5)
    assert desk.client.calls[-1] == ("resume", match)
    assert desk.shows == "MatchScene"


def test_who_is_busy_at_once_is_named_all_the_same(desk: Desk) -> None:
    match = saved(desk, adjourned=True)
    desk.client.saved.clear()
    desk.app.router._resume(match)
    desk.client.tell(ev.MatchAdjourned(match=match, reason="busy"))
    desk.go(0.2)
    assert desk.toast == "Ben is busy. The match stays adjourned."
