"""What is drawn when, what waits for what, and what a pointer or a press does in a game."""

import pygame
import pytest

from p2pgame.storage.settings import Settings
from p2pgame.ui.input_queue import InputQueue
from p2pgame.ui.inputs import Control
from p2pgame.ui.preferences import Preferences
from p2pgame.ui.scenes.how_to import HowToScene
from p2pgame.ui.scenes.lobby import LobbyScene
from p2pgame.ui.scenes.match import MatchScene
from p2pgame.ui.scenes.notices import NoticesScene
from p2pgame.ui.scenes.practice import PracticeScene
from p2pgame.ui.scenes.practice_dialog import PracticeDialog
from p2pgame.ui.scenes.result import Result
from p2pgame.ui.scenes.settings import SettingsScene
from tests.ui.desk import LEARNED, Desk


def submitted(desk: Desk) -> list[object]:
    return [call[1] for call in desk.client.calls if call[0] == "submit"]


def test_each_state_of_a_match_is_drawn_once_and_when_it_comes(desk: Desk) -> None:
    desk.start_match(game="pong")
    desk.go(0.5)
    scene = desk.top(MatchScene)
    drawn: list[tuple[int, float]] = []
    present = desk.app.window.present

    def noted(changed: object = None) -> None:
        present(changed)  # type: ignore[arg-type]
        drawn.append((scene.match.frame, desk.now - scene.match.at))

    desk.app.window.present = noted  # type: ignore[method-assign]
    desk.go(1)
    frames = [frame for frame, _ in drawn]
    assert frames == sorted(set(frames)), "no state is drawn twice"
    assert 55 <= len(frames) <= 62
    assert max(late for _, late in drawn) < 0.004, "none waits for another clock"
    assert scene.match.previous is None, "and none is shown as it was a frame ago"


def test_who_turns_round_waits_for_nothing() -> None:
    queue = InputQueue(0)
    queue.put(1)
    assert queue.take(0.0, 60) == 1
    queue.put(0)
    queue.put(-1)
    assert queue.take(0.5 / 60, 60) is None, "a press holds for a frame, so that no tap is lost"
    assert queue.take(1.3 / 60, 60) == -1
    queue.put(0)
    assert queue.take(2.6 / 60, 60) == 0
    queue.put(1)
    assert queue.take(2.7 / 60, 60) == 1, "what is no press holds for no time"


def test_a_hidden_lobby_does_nothing(desk: Desk) -> None:
    lobby = desk.top(LobbyScene)
    desk.start_match(game="pong")
    desk.go(0.2)
    polled = lobby._polled
    desk.client.add_peer(7, "Zoe")
    desk.go(1)
    assert lobby._polled > polled
    assert all(row.peer.name != "Zoe" for row in lobby.peers.rows)


def test_a_paddle_follows_the_pointer_until_a_key_is_pressed(desk: Desk) -> None:
    desk.start_match(game="pong")
    desk.go(0.2)
    board = desk.top(MatchScene).board.rect
    desk.hover((board.centerx, board.top + 30))
    desk.go(1.5)
    assert submitted(desk)[0] == -1
    assert submitted(desk)[-1] == 0, "it stands where it was told to"
    paddle = desk.top(MatchScene).match.state.paddles[desk.top(MatchScene).match.me]
    desk.down(pygame.K_DOWN)
    desk.go(0.3)
    desk.up(pygame.K_DOWN)
    desk.go(0.5)
    after = desk.top(MatchScene).match.state.paddles[desk.top(MatchScene).match.me]
    assert after.y > paddle.y, "the pointer does not pull it back"


def test_a_press_turns_a_cycle_and_never_back(desk: Desk) -> None:
    desk.start_match(game="tron")
    desk.go(2)
    scene = desk.top(MatchScene)
    board = scene.board.rect
    desk.click((board.centerx, board.bottom - 4))
    desk.go(0.4)
    assert submitted(desk), "a press is an input"
    view = scene.match_board.view
    rider = scene.match.state.riders[scene.match.me]
    behind = {1: (0, 900), 2: (-900, 0), 3: (0, -900), 4: (900, 0)}[rider.heading]
    turn = view._way_to((board.centerx + behind[0] * 9, board.centery + behind[1] * 9), scene.match, board)  # type: ignore[attr-defined]
    opposite = {1: 3, 2: 4, 3: 1, 4: 2}[rider.heading]
    assert turn != opposite


def test_moves_are_given_twice_where_they_are_to_be_confirmed() -> None:
    desk = Desk(preferences=Preferences(Settings(learned=LEARNED, confirm_moves=True)))
    desk.start_match()
    scene = desk.top(MatchScene)
    if scene.match.me not in scene.match.to_move:
        desk.client.peer_moves(0)
        desk.go()
    desk.click(desk.point(50))
    assert submitted(desk) == []
    desk.click(desk.point(51))
    assert submitted(desk) == [], "another move is not confirmed by it"
    desk.click(desk.point(51))
    assert len(submitted(desk)) == 1


def test_the_first_practice_begins_with_how_to_play_and_the_second_does_not() -> None:
    saved: list[Settings] = []
    desk = Desk(preferences=Preferences(Settings(), saved.append))
    desk.client.announce()
    desk.go()
    lobby = desk.top(LobbyScene)
    lobby.picker.show("pong", None)
    desk.press("Practice")
    desk.press("Start")
    page = desk.top(HowToScene)
    assert page.plugin is not None
    assert page.plugin.game.name == "pong"
    assert saved[-1].learned == ("pong",)
    playing = next(s for s in desk.app.router.stack if isinstance(s, PracticeScene))
    frame = playing.match.frame
    desk.go(2)
    assert playing.match.frame == frame, "it waits"
    desk.press("Play")
    desk.press("Stop")
    desk.press("Stop")
    desk.press("Again")
    assert desk.shows == "PracticeScene"


@pytest.mark.parametrize("game", ["gomoku", "pong", "tron"])
@pytest.mark.parametrize("size", [(640, 480), (1000, 700)])
def test_how_to_play_shows_pictures_of_the_game_and_all_keys(
    desk: Desk, game: str, size: tuple[int, int]
) -> None:
    desk.resize(size)
    desk.top(LobbyScene).picker.show(game, None)
    desk.key(pygame.K_F1)
    page = desk.top(HowToScene)
    assert len(page._lessons) == 3
    surface = pygame.display.get_surface()
    assert surface is not None
    for rect in page._pictures:
        assert surface.get_rect().contains(rect)
        inner = rect.inflate(-40, -40)
        spots = [
            (x, y) for x in range(inner.left, inner.right, 3) for y in range(inner.top, inner.centery, 3)
        ]
        inside = {tuple(surface.get_at(spot)) for spot in spots}
        assert len(inside) > 3, "a picture is there"
    assert page._keys_at.bottom <= size[1]
    assert {"F1", "F3", "F11"} <= {key for key, _ in page.keys}
    desk.key(pygame.K_F1)
    assert desk.shows == "LobbyScene"


def test_the_series_stands_between_rematches(desk: Desk) -> None:
    desk.start_match()
    desk.win()
    result = desk.top(Result)
    me = result.match.me
    assert result.match_board.wins[me] == 1
    desk.client.peer_invites(result.match.players[1 - me], rematch=True)
    desk.go(0.7)
    desk.press("Accept")
    desk.go()
    scene = desk.top(MatchScene)
    assert sorted(scene.match_board.wins) == [0, 1]
    assert scene.match_board.wins[scene.match.me] == 1


def test_the_winner_has_a_banner_for_a_moment_and_then_the_board_is_free(desk: Desk) -> None:
    desk.start_match()
    desk.win()
    result = desk.top(Result)
    desk.go(1)
    surface = pygame.display.get_surface()
    assert surface is not None
    board = result.match_board.board
    spot = (board.left + 30, board.top + board.height * 2 // 5)
    winner = result.outcome.winners[0]
    assert tuple(surface.get_at(spot))[:3] == desk.app.canvas.theme.tint(winner)
    desk.go(4)
    assert tuple(surface.get_at(spot))[:3] != desk.app.canvas.theme.tint(winner)


def test_what_was_said_and_the_settings_are_a_key_away(desk: Desk) -> None:
    desk.app.toasts.say("Ben is here")
    desk.key(pygame.K_F7)
    assert desk.top(NoticesScene).log == ("Ben is here",)
    desk.key(pygame.K_ESCAPE, pygame.K_F10)
    assert desk.shows == "SettingsScene"
    desk.key(pygame.K_ESCAPE)
    desk.start_match()
    desk.key(pygame.K_F10)
    assert desk.top(SettingsScene)


def test_the_game_and_its_options_are_remembered() -> None:
    preferences = Preferences(Settings(learned=LEARNED))
    desk = Desk(preferences=preferences)
    lobby = desk.top(LobbyScene)
    lobby.picker.games._select("tron")
    desk.tab_to(lobby.picker.options[0])
    desk.key(pygame.K_RIGHT)
    chosen = lobby.picker.config
    again = Desk(preferences=preferences).top(LobbyScene)
    assert again.picker.plugin is not None
    assert again.picker.plugin.game.name == "tron"
    assert again.picker.config == chosen


def test_a_gamepad_joins_the_practice_of_two_by_a_press(desk: Desk) -> None:
    desk.top(LobbyScene).picker.show("pong", None)
    desk.press("Practice")
    desk.tab_to(desk.top(PracticeDialog)._choices[0])
    desk.key(pygame.K_RIGHT)
    desk.press("Start")
    pygame.event.post(pygame.event.Event(pygame.JOYBUTTONDOWN, button=0, instance_id=5))
    desk.go(0.1)
    assert desk.app.context.players.others == [5]
    pygame.event.post(pygame.event.Event(pygame.JOYHATMOTION, hat=0, value=(0, 1), instance_id=5))
    desk.go(0.1)
    assert desk.app._devices.holds[1] == {Control.UP}


def test_every_scene_tells_its_keys(desk: Desk) -> None:
    for key, scene in (
        (pygame.K_F5, "HistoryScene"),
        (pygame.K_F4, "KnownPeersScene"),
        (pygame.K_F10, "SettingsScene"),
    ):
        desk.key(key)
        assert desk.shows == scene
        desk.key(pygame.K_F1)
        page = desk.top(HowToScene)
        assert ("F1", "this page") in page.keys
        desk.key(pygame.K_ESCAPE, pygame.K_ESCAPE)
    assert desk.shows == "LobbyScene"


def test_pong_counts_three_two_one_before_the_first_serve_only(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[str] = []
    monkeypatch.setattr(desk.app.canvas.sounds, "play", lambda name, pan=0.0: heard.append(name))
    desk.start_match(game="pong")
    desk.go(4)
    assert [name for name in heard if name in ("beat", "go")] == ["beat", "beat", "beat", "go"]


def test_with_less_motion_nothing_flies(desk: Desk) -> None:
    desk.start_match(game="pong")
    desk.go(2.2)
    scene = desk.top(MatchScene)
    scene.match_board.view.effects.start("x", "score", (40000, 30000), life=5, sparks=26)  # type: ignore[attr-defined]
    desk.go(0.1)
    lively = desk.picture()
    desk.app.context.change(still=True)
    desk.go(0.05)
    assert desk.picture() != lively


@pytest.mark.parametrize("game", ["gomoku", "pong"])
def test_the_first_match_with_somebody_says_where_it_is_told_how_to_play(game: str) -> None:
    desk = Desk(preferences=Preferences(Settings()))
    peer = desk.client.add_peer(1, "Ben").peer
    desk.client.peer_invites(peer, game=game)
    desk.go(0.7)
    desk.press("Accept")
    desk.go()
    assert desk.shows == "MatchScene", "the other one is not kept waiting"
    assert "F1 shows how to play" in desk.app.toasts.log


@pytest.mark.parametrize(
    ("game", "words"),
    [
        ("gomoku", "Choose with the stick or the cross of your gamepad, and press the lower button."),
        ("pong", "Steer with the stick or the cross of your gamepad: ↑ ↓"),
        ("tron", "Steer with the stick or the cross of your gamepad: ↑ ↓ ← →"),
    ],
)
def test_the_hint_is_for_the_device_that_was_used_last(desk: Desk, game: str, words: str) -> None:
    desk.start_match(game=game)
    desk.go(0.3)
    scene = desk.top(MatchScene)
    usual = scene._hint
    assert "gamepad" not in usual
    drawn: list[bool] = []
    inner = scene.draw
    scene.draw = lambda surface: drawn.append(True) or inner(surface)  # type: ignore[method-assign,func-returns-value]
    pygame.event.post(pygame.event.Event(pygame.JOYHATMOTION, hat=0, value=(0, 1), instance_id=3))
    desk.go(0.1)
    assert scene._hint == words
    assert drawn, "and it is shown"
    desk.click(scene.board.rect.center)
    assert scene._hint == usual
