"""The match: illegal moves, resigning, closing the window, and everything that can break it off."""

import pygame
import pytest

from p2pgame.core import Outcome
from p2pgame.core.errors import P2PGameError
from p2pgame.core.game import EndedBy
from p2pgame.games.gomoku.rules import Move
from p2pgame.session import events as ev
from p2pgame.ui.scenes.error import ErrorScene
from p2pgame.ui.scenes.match import MatchScene
from p2pgame.ui.scenes.result import Result
from p2pgame.ui.widgets import Button
from tests.ui.desk import Desk


@pytest.fixture
def match(desk: Desk) -> Desk:
    """A match against Ben; we are Black."""
    desk.start_match()
    desk.client.calls.clear()
    return desk


def test_an_illegal_move_is_explained_and_not_sent(match: Desk) -> None:
    match.click(match.point(5))
    match.client.peer_moves(6)
    match.go()
    match.click(match.point(6))
    assert match.toast == "G1 is taken"
    assert match.client.calls == [("submit", Move(5))]


def test_out_of_turn(match: Desk) -> None:
    match.click(match.point(5))
    match.click(match.point(7))
    assert match.toast == "It is not your turn"
    assert match.client.calls == [("submit", Move(5))]


def test_enter_that_comes_with_the_move_of_the_other_side_plays_and_opens_no_chat(match: Desk) -> None:
    match.key(pygame.K_RIGHT, pygame.K_RETURN)
    assert len(match.client.calls) == 1
    match.client.peer_moves(6)  # the window has not looked since
    match.key(pygame.K_RETURN)
    assert match.shows == "MatchScene"
    assert match.toast.endswith("is taken"), "the cursor is still where we played"


def test_a_click_beside_the_board_or_dragged_away_is_no_move(match: Desk) -> None:
    match.click((2, 2))
    for kind, point in ((pygame.MOUSEBUTTONDOWN, 5), (pygame.MOUSEBUTTONUP, 8)):
        pygame.event.post(pygame.event.Event(kind, pos=match.point(point), button=1))
    match.go()
    assert match.client.calls == []


def test_their_stone_is_drawn_in_the_next_turn_of_the_loop(match: Desk) -> None:
    match.click(match.point(5))
    match.go(1)
    before, frames = match.picture(), match.app.frames
    match.client.peer_moves(6)
    started = match.now
    match.app.step()
    assert match.app.frames == frames + 1
    assert match.picture() != before
    assert match.now - started <= 0.016


def test_resigning_asks_once(match: Desk) -> None:
    match.press("Resign")
    assert match.client.calls == []
    match.press("Play on")
    assert match.shows == "MatchScene"
    match.press("Resign")
    match.press("Resign")
    assert match.client.calls == [("resign",)]
    assert match.top(Result).outcome == Outcome.by(EndedBy.RESIGNED, (1,))


def test_closing_asks_once_and_a_second_time_leaves(match: Desk) -> None:
    match.close_window()
    assert match.app.exit_code is None
    match.key(pygame.K_ESCAPE)
    assert match.shows == "MatchScene"
    assert match.client.calls == []
    match.close_window()
    match.close_window()
    assert match.app.exit_code == 0
    assert match.client.calls == [], "the match can be resumed"


def test_closing_can_leave_the_match_to_be_resumed(match: Desk) -> None:
    match.close_window()
    match.press("Leave, and resume it later")
    assert match.app.exit_code == 0
    assert match.client.calls == []


@pytest.mark.parametrize(
    ("presses", "exit_code", "calls"), [(0, None, []), (1, 0, []), (2, 0, [("leave",)])], ids=str
)
def test_each_answer_by_keyboard_alone(
    match: Desk, presses: int, exit_code: int | None, calls: list[tuple[str]]
) -> None:
    match.close_window()
    match.key(*[pygame.K_TAB] * presses, pygame.K_RETURN)
    assert (match.app.exit_code, match.client.calls) == (exit_code, calls)
    assert match.shows == ("MatchScene" if exit_code is None else "LeaveMatchDialog")


def test_leaving_by_gamepad(match: Desk) -> None:
    match.close_window()
    for kind, fields in (
        (pygame.JOYHATMOTION, {"hat": 0, "value": (0, -1)}),
        (pygame.JOYHATMOTION, {"hat": 0, "value": (0, 0)}),
        (pygame.JOYBUTTONDOWN, {"button": 0}),
    ):
        pygame.event.post(pygame.event.Event(kind, instance_id=0, **fields))
        match.go(0.1)
    assert (match.app.exit_code, match.client.calls) == (0, [])


def test_what_a_passing_identity_leaves_cannot_be_resumed(match: Desk) -> None:
    match.client.resumes = False
    match.close_window()
    assert [w.label for w in match.scene.form.widgets if isinstance(w, Button)] == [
        "Play on",
        "Resign and leave",
    ]


def test_closing_and_resigning_leaves(match: Desk) -> None:
    match.close_window()
    match.press("Resign and leave")
    assert match.app.exit_code == 0
    assert match.client.calls == [("leave",)]


def test_closing_over_the_resign_question_still_asks(match: Desk) -> None:
    match.press("Resign")
    match.close_window()
    assert match.app.exit_code is None
    match.close_window()
    assert match.app.exit_code == 0


def test_a_compositor_that_goes_away_presses_no_button(match: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """SDL tells it as an end of the program that no window was asked for."""
    monkeypatch.setattr(pygame.display, "get_driver", lambda: "wayland")
    pygame.event.post(pygame.event.Event(pygame.WINDOWCLOSE))
    match.close_window()
    assert match.shows == "LeaveMatchDialog"
    with pytest.raises(P2PGameError) as error:
        match.close_window()
    assert error.value.code == "display_lost"
    assert match.client.calls == []


def test_closing_elsewhere_does_not_ask(desk: Desk) -> None:
    desk.close_window()
    assert desk.app.exit_code == 0


def test_the_match_ends_under_a_question(match: Desk) -> None:
    match.press("Resign")
    match.client.end(Outcome.by(EndedBy.RESIGNED, (0,)))
    match.go()
    assert match.shows == "Result"


def test_a_desync_names_frame_and_both_hashes(match: Desk) -> None:
    running = match.top(MatchScene).match.match
    ours, theirs = "ab" * 16, "cd" * 16
    match.client.tell(ev.MatchDesync(match=running, frame=7, ours=ours, theirs=theirs, path="board[112]"))
    match.client.tell(ev.ErrorEvent(code="desync", params={"name": "Ben"}))
    match.client.end(Outcome(winners=(), reason="desync"))
    match.go()
    error = match.top(ErrorScene)
    assert error.heading == "The two games differ"
    for part in ("7", ours, theirs, "board[112]"):
        assert part in error.details
    assert match.toast == ""


def test_a_full_disk_is_a_notice_and_the_match_goes_on(match: Desk) -> None:
    match.client.tell(
        ev.ErrorEvent(code="not_recorded", params={"reason": "match_not_recorded", "cause": "disk_full"})
    )
    match.go()
    assert (match.shows, match.toast) == ("MatchScene", "This match is not recorded: the disk is full")


def test_a_lost_connection_offers_a_rematch_with_the_same_peer(match: Desk) -> None:
    match.client.tell(ev.ErrorEvent(code="connection_lost", params={"name": "Ben"}))
    match.client.end(Outcome(winners=(), reason="connection lost"))
    match.go()
    assert match.top(ErrorScene).reason == "The connection to Ben is lost"
    match.client.leave()
    match.press("Try again")
    assert match.client.calls[-1][0] == "invite"
    assert match.client.calls[-1][3].rule == "standard"


def test_an_error_that_changes_nothing_is_a_notice(match: Desk) -> None:
    match.client.tell(
        ev.ErrorEvent(code="illegal_move", params={"reason": "{point} is taken", "point": "H8"})
    )
    match.go()
    assert (match.shows, match.toast) == ("MatchScene", "H8 is taken")


def test_a_match_that_was_broken_off_has_no_winner(match: Desk) -> None:
    match.client.end(Outcome(winners=(), reason="connection lost"))
    match.go()
    assert match.top(Result).heading == "No result"
