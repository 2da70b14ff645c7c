"""Practice from the lobby to the result, turn by turn and in real time, and what may come between."""

import time

import pygame
import pytest

from p2pgame.games.gomoku.rules import Config
from p2pgame.games.tron.rules import RIDING
from p2pgame.session import events as ev
from p2pgame.ui.practice import LineUp
from p2pgame.ui.scenes.error import ErrorScene
from p2pgame.ui.scenes.lobby import LobbyScene
from p2pgame.ui.scenes.practice import PracticeScene
from p2pgame.ui.scenes.practice_dialog import PracticeDialog
from p2pgame.ui.scenes.result import Result
from tests.ui.desk import Desk


def choose(desk: Desk, game: str) -> None:
    """Pick `game` in the lobby, with keys."""
    lobby = desk.top(LobbyScene)
    desk.tab_to(lobby.picker.games)
    while lobby.picker.plugin.game.name != game:
        desk.key(pygame.K_RIGHT)


def practise(desk: Desk, game: str) -> PracticeScene:
    choose(desk, game)
    open_practice(desk)
    if desk.shows == "PracticeDialog":
        desk.key(pygame.K_RETURN)
    return desk.top(PracticeScene)


def open_practice(desk: Desk) -> None:
    desk.tab_to(desk.top(LobbyScene).invite_panel.practice_button)
    desk.key(pygame.K_RETURN)


def think(desk: Desk) -> None:
    """Let the bot finish its thought, which takes real time."""
    scene = desk.top(PracticeScene)
    desk.go(0.1)
    end = time.monotonic() + 20
    while (thought := scene.practice._thought) is not None and not thought.done:
        assert time.monotonic() < end
        time.sleep(0.005)
    desk.go(0.6)


def test_turn_by_turn_to_the_result_and_again(desk: Desk) -> None:
    scene = practise(desk, "gomoku")
    assert (scene.match.me, scene.match.names) == (0, ("Anna", "Bot"))
    assert isinstance(scene.match.config, Config)
    row = iter(range(15))
    for turn in range(1, 60):
        if desk.shows != "PracticeScene":
            break
        board, point = scene.match.state.board, next(row) if turn < 3 else None
        desk.click(desk.point(board.index(0) if point is None else point))
        if desk.shows == "PracticeScene":
            assert scene.match.frame == 2 * turn - 1
            think(desk)
    result = desk.top(Result)
    assert result.outcome.winners == (1,), "who puts stones in rows from a corner loses"
    assert result.heading == "Bot won"
    desk.press("Again")
    again = desk.top(PracticeScene)
    assert again.match.me == 1
    think(desk)
    assert again.match.frame == 1, "the bot has Black now"
    desk.press("Stop")
    desk.press("Stop")
    desk.press("Back to the lobby")
    assert desk.shows == "LobbyScene"
    assert desk.client.calls == [], "nobody on the network hears of it"


def test_an_illegal_move_is_explained(desk: Desk) -> None:
    practise(desk, "gomoku")
    desk.click(desk.point(5))
    think(desk)
    desk.click(desk.point(5))
    assert desk.toast == "F1 is taken"


def test_pong_to_the_result(desk: Desk) -> None:
    scene = practise(desk, "pong")
    desk.go(1)
    assert 55 <= scene.match.frame <= 66
    middle = scene.match.state.paddles[0].y
    desk.down(pygame.K_UP)
    desk.go(0.5)
    assert scene.match.state.paddles[0].y < middle
    top = scene.match.state.paddles[0].y
    desk.up(pygame.K_UP)
    desk.down(pygame.K_DOWN)
    desk.go(0.5)
    assert scene.match.state.paddles[0].y > top
    for _ in range(200):
        desk.go(1)
        if desk.shows != "PracticeScene":
            break
    assert desk.top(Result).outcome.reason == "target score reached"
    desk.press("Again")
    assert desk.top(PracticeScene).match.me == 1
    assert desk.client.calls == []


def test_tron_by_keys(desk: Desk) -> None:
    scene = practise(desk, "tron")
    for _ in range(300):
        if scene.match.state.phase == RIDING:
            break
        desk.go(0.05)
    rider = scene.match.state.riders[0]
    key = pygame.K_UP if rider.heading % 2 == 0 else pygame.K_LEFT
    desk.down(key)
    desk.go(0.3)
    assert scene.match.state.riders[0].heading != rider.heading


def test_seven_bots_of_a_chosen_level_by_keys(desk: Desk) -> None:
    choose(desk, "tron")
    open_practice(desk)
    dialog = desk.top(PracticeDialog)
    _, opponents, level = dialog._choices
    assert opponents.options[:7] == tuple(f"{n} players" for n in range(2, 9))
    assert opponents.options[7:] == ("2 against 2", "3 against 3", "4 against 4")
    desk.tab_to(opponents)
    desk.key(*[pygame.K_RIGHT] * 6)
    desk.tab_to(level)
    desk.key(pygame.K_RIGHT)
    desk.tab_to(dialog.buttons[0])
    desk.key(pygame.K_RETURN)
    scene = desk.top(PracticeScene)
    assert scene.match.names == ("Anna", *(f"Bot {n}" for n in range(1, 8)))
    assert scene.practice.line_up == LineUp(players=8, level=3)
    desk.go(2)
    assert len(scene.match.state.riders) == 8
    desk.press("Stop")
    desk.press("Stop")
    desk.press("Again")
    again = desk.top(PracticeScene)
    assert again.practice.line_up == scene.practice.line_up
    assert again.match.me == 1
    desk.press("Stop")
    desk.press("Stop")
    desk.press("Back to the lobby")
    open_practice(desk)
    assert desk.top(PracticeDialog).line_up == scene.practice.line_up, "as it was chosen last"
    desk.key(pygame.K_ESCAPE)
    assert desk.shows == "LobbyScene"


def test_every_level_of_a_bot_can_be_chosen(desk: Desk) -> None:
    choose(desk, "gomoku")
    open_practice(desk)
    dialog = desk.top(PracticeDialog)
    level = dialog._choices[-1]
    assert level.options == ("1", "2", "3", "4", "5", "6")
    assert dialog.line_up.level == 4, "as bots usually play"
    desk.tab_to(level)
    desk.key(*[pygame.K_LEFT] * 3)
    desk.tab_to(dialog.buttons[0])
    desk.key(pygame.K_RETURN)
    assert desk.top(PracticeScene).practice.line_up.level == 1


def test_a_team_of_two_by_mouse(desk: Desk) -> None:
    choose(desk, "pong")
    desk.press("Practice")
    dialog = desk.top(PracticeDialog)
    _, opponents, _ = dialog._choices
    assert opponents.folded
    desk.click((opponents.rect.left + 10, opponents.rect.centery))
    desk.press("Start")
    scene = desk.top(PracticeScene)
    assert scene.practice.line_up.teams == (0, 1, 0, 1)
    assert [paddle.side for paddle in scene.match.state.paddles] == [0, 1, 0, 1]


def test_two_at_one_keyboard_play_each_other(desk: Desk) -> None:
    choose(desk, "pong")
    open_practice(desk)
    here = desk.top(PracticeDialog)._choices[0]
    desk.tab_to(here)
    desk.key(pygame.K_RIGHT)
    desk.press("Start")
    scene = desk.top(PracticeScene)
    assert scene.match.seats == (0, 1)
    assert scene.match.bots == ()
    before = [paddle.y for paddle in scene.match.state.paddles]
    desk.down(pygame.K_UP, pygame.K_s)
    desk.go(0.4)
    after = [paddle.y for paddle in scene.match.state.paddles]
    assert after[0] < before[0]
    assert after[1] > before[1]


def test_two_at_one_board_move_in_turn(desk: Desk) -> None:
    choose(desk, "gomoku")
    open_practice(desk)
    desk.tab_to(desk.top(PracticeDialog)._choices[0])
    desk.key(pygame.K_RIGHT)
    desk.press("Start")
    scene = desk.top(PracticeScene)
    desk.click(desk.point(5))
    desk.click(desk.point(6))
    assert scene.match.frame == 2


def test_it_stands_still_while_something_is_on_top(desk: Desk) -> None:
    scene = practise(desk, "pong")
    desk.go(1)
    desk.key(pygame.K_ESCAPE)
    assert desk.shows == "MatchMenu"
    frame = scene.match.frame
    desk.go(3)
    assert scene.match.frame == frame
    desk.press("Play on")
    assert scene.count_in.number == 3
    desk.go(1)
    assert scene.match.frame == frame, "it counts 3, 2, 1 first"
    assert scene.count_in.number == 2
    desk.go(1)
    assert scene.count_in.number == 0
    desk.go(0.5)
    assert frame + 25 <= scene.match.frame <= frame + 60


def test_an_invitation_is_taken_from_practice(desk: Desk) -> None:
    practise(desk, "pong")
    desk.go(1)
    desk.start_match()
    assert desk.shows == "MatchScene"


def test_trouble_on_the_network_is_a_notice_only(desk: Desk) -> None:
    practise(desk, "pong")
    desk.client.tell(ev.ErrorEvent(code="connect_failed", params={"name": "Ben"}))
    desk.go()
    assert (desk.shows, desk.toast) == ("PracticeScene", "No connection to Ben")


def test_closing_the_window_does_not_ask(desk: Desk) -> None:
    practise(desk, "pong")
    desk.close_window()
    assert desk.app.exit_code == 0


def test_a_game_without_a_bot_cannot_be_practised(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    plugin = desk.client.registry.get("pong")
    monkeypatch.setattr(type(plugin), "has_bot", property(lambda self: self.game.name != "pong"))
    choose(desk, "pong")
    assert not desk.top(LobbyScene).invite_panel.practice_button.enabled
    choose(desk, "tron")
    assert desk.top(LobbyScene).invite_panel.practice_button.enabled


def test_a_bot_that_fails_ends_the_match_and_not_the_app(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    scene = practise(desk, "pong")

    def fail(state: object, player: int) -> int:
        raise ZeroDivisionError

    monkeypatch.setattr(scene.practice._bots[1], "_choose", fail)
    desk.go(0.2)
    screen = desk.top(ErrorScene)
    assert screen.heading == "The game has an error"
    assert screen.reason.endswith("ZeroDivisionError")
