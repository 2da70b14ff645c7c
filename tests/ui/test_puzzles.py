"""Puzzles from the lobby: solved, failed, tried again, and remembered; by keys and by mouse."""

import time

import pygame
import pytest

from p2pgame.core.puzzle import Puzzle
from p2pgame.core.registry import Plugin
from p2pgame.games.gomoku.rules import Config, State, position
from p2pgame.ui.scenes.lobby import LobbyScene
from p2pgame.ui.scenes.puzzle import PuzzleScene
from p2pgame.ui.scenes.puzzles import PuzzlesScene
from tests.ui.desk import Desk
from tests.ui.test_practice import choose, open_practice


def four() -> State:
    """Black makes five at E1; White's stones are far away."""
    return position(Config(), [0, 1, 2, 3], [210, 212, 214, 218])


def open_four() -> State:
    """Black makes four, and five with the next stone. White stops one end only."""
    return position(Config(), [106, 107, 108, 0], [210, 212, 214, 218])


PUZZLES = (
    Puzzle("a", "Win by fours and open threes.", 1, 1, four),
    Puzzle("b", "Win by fours and open threes.", 2, 2, open_four),
)


@pytest.fixture
def puzzles(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """The list of two puzzles."""
    monkeypatch.setattr(Plugin, "puzzles", lambda self: PUZZLES)
    choose(desk, "gomoku")
    open_practice(desk)
    desk.press("Puzzles")
    assert desk.shows == "PuzzlesScene"
    return desk


def answered(desk: Desk) -> None:
    """Let the bot move."""
    scene = desk.top(PuzzleScene)
    frame, end = scene.match.frame, time.monotonic() + 20
    while scene.match.frame == frame:
        assert time.monotonic() < end
        time.sleep(0.005)
        desk.go(0.1)


def test_the_first_unsolved_one_is_solved_by_keys_and_the_next_follows(puzzles: Desk) -> None:
    assert puzzles.top(PuzzlesScene).number == 0
    puzzles.key(pygame.K_RETURN)
    scene = puzzles.top(PuzzleScene)
    assert (scene.heading, scene._progress()) == ("Black to move and win", "1 move left")
    puzzles.key(pygame.K_DOWN, *[pygame.K_DOWN] * 7, *[pygame.K_LEFT] * 3, pygame.K_RETURN)
    assert (scene.result, scene.heading, scene._progress()) == ("solved", "Solved", "Won in 1 move.")
    assert puzzles.app.preferences.now.solved == {"gomoku": ("a",)}
    puzzles.key(pygame.K_RETURN)
    assert puzzles.top(PuzzleScene).number == 1


def test_a_gamepad_does_all_of_it(puzzles: Desk) -> None:
    def pad(**fields: object) -> None:
        kind = pygame.JOYHATMOTION if "value" in fields else pygame.JOYBUTTONDOWN
        pygame.event.post(pygame.event.Event(kind, instance_id=3, joy=3, hat=0, **fields))
        puzzles.go(0.05)

    pad(value=(0, -1))
    assert puzzles.top(PuzzlesScene).number == 1
    pad(value=(0, 1))
    pad(button=0)
    scene = puzzles.top(PuzzleScene)
    for direction in [(0, -1)] * 8 + [(-1, 0)] * 3:
        pad(value=direction)
    pad(button=0)
    assert scene.result == "solved"
    pad(button=0)
    assert puzzles.top(PuzzleScene).number == 1
    pad(button=1)
    puzzles.top(PuzzlesScene)


def test_a_puzzle_of_two_moves_against_the_bot_by_mouse(puzzles: Desk) -> None:
    puzzles.key(pygame.K_DOWN, pygame.K_RETURN)
    scene = puzzles.top(PuzzleScene)
    puzzles.click(puzzles.point(109))
    assert scene.left == 1
    answered(puzzles)
    puzzles.click(puzzles.point(110 if not scene.match.state.board[110] else 105))
    assert scene.result == "solved"
    puzzles.press("All puzzles")
    listed = puzzles.top(PuzzlesScene)
    assert listed.book.count == 1
    assert listed.number == 0, "the next one to solve"
    puzzles.press("Play")
    assert puzzles.top(PuzzleScene).number == 0


def test_who_has_no_move_left_has_failed_and_tries_again(puzzles: Desk) -> None:
    puzzles.press("Play")
    puzzles.click(puzzles.point(100))
    scene = puzzles.top(PuzzleScene)
    assert (scene.result, scene.heading) == ("failed", "Not solved")
    assert scene._progress() == "It can be won in 1 move."
    frame = scene.match.frame
    puzzles.go(1)
    puzzles.click(puzzles.point(101))
    assert scene.match.frame == frame, "it is over"
    assert puzzles.app.preferences.now.solved == {}
    puzzles.press("Try again")
    again = puzzles.top(PuzzleScene)
    assert (again.number, again.result, again.match.frame) == (0, "", 0)
    puzzles.press("Next puzzle")
    assert puzzles.top(PuzzleScene).number == 1


def test_escape_leads_back_without_a_question(puzzles: Desk) -> None:
    puzzles.key(pygame.K_RETURN, pygame.K_ESCAPE)
    puzzles.top(PuzzlesScene)
    puzzles.key(pygame.K_ESCAPE)
    puzzles.top(LobbyScene)
    assert puzzles.client.calls == [], "nobody on the network hears of it"


def test_progress_is_shown_and_puzzles_that_are_gone_take_no_place(puzzles: Desk) -> None:
    puzzles.app.context.change(solved={"gomoku": ("gone", "a", "b"), "other": ("x",)})
    listed = puzzles.top(PuzzlesScene)
    assert listed.book.count == 2
    assert listed.book.next(1) == 0, "all are solved: from the beginning"
    puzzles.app.context.change(solved={"gomoku": ("gone", "b"), "other": ("x",)})
    listed.book.mark(0)
    assert puzzles.app.preferences.now.solved == {"gomoku": ("b", "a"), "other": ("x",)}


def test_a_game_without_puzzles_offers_none(desk: Desk) -> None:
    choose(desk, "tron")
    open_practice(desk)
    assert "Puzzles" not in [button.label for button in desk.scene.buttons]  # type: ignore[attr-defined]


def test_a_puzzle_that_is_none_ends_in_an_error_screen(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Plugin, "puzzles", lambda self: (Puzzle("a", "", 1, 1, lambda: 5),))
    choose(desk, "gomoku")
    open_practice(desk)
    desk.press("Puzzles")
    desk.key(pygame.K_RETURN)
    assert desk.shows == "ErrorScene"


@pytest.mark.parametrize("size", [(640, 480), (1280, 720), (640, 1000)])
def test_all_has_its_place(puzzles: Desk, size: tuple[int, int]) -> None:
    puzzles.resize(size)
    listed = puzzles.top(PuzzlesScene)
    window = pygame.Rect(0, 0, *size)
    assert all(window.contains(widget.rect) for widget in listed.form.widgets)
    puzzles.key(pygame.K_RETURN)
    scene = puzzles.top(PuzzleScene)
    feet = [widget.rect for widget in scene._feet()]
    assert all(scene.match_board.panel.contains(rect) for rect in feet)
    assert scene.match_board.controls.top + 60 < min(rect.top for rect in feet)
