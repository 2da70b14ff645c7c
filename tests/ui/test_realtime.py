"""A real-time match: keys that are held, one frame at a time on screen, waiting, giving up, the end, autoplay."""

from collections import Counter

import pygame
import pytest

from p2pgame.core import Outcome
from p2pgame.core.game import EndedBy
from p2pgame.core.guard import GameError
from p2pgame.games.pong.rules import Config
from p2pgame.games.pong.view import View
from p2pgame.session.events import ErrorEvent
from p2pgame.session.view import MatchView
from p2pgame.ui.autoplay import Autoplay, Pace
from p2pgame.ui.inputs import Input, Pointer, forget_layout
from p2pgame.ui.scenes.error import ErrorScene
from p2pgame.ui.scenes.match import MatchScene
from p2pgame.ui.scenes.result import Result
from tests.ui.desk import Desk
from tests.ui.keys import key_event
from tests.ui.live_match import LiveMatch


@pytest.fixture
def pong(desk: Desk) -> Desk:
    """A match of Pong against Ben, just begun; we are on the left."""
    desk.start_match(game="pong")
    desk.client.calls.clear()
    return desk


def live(desk: Desk) -> LiveMatch:
    assert desk.client.live is not None
    return desk.client.live


def submitted(desk: Desk) -> list[object]:
    return [call[1] for call in desk.client.calls if call[0] == "submit"]


def test_an_input_is_sent_once_for_each_change(pong: Desk) -> None:
    pong.go(0.5)
    assert submitted(pong) == [], "nothing held is what the other side assumes"
    pong.down(pygame.K_UP)
    pong.go(1)
    assert submitted(pong) == [-1]
    pong.down(pygame.K_DOWN)
    pong.up(pygame.K_UP)
    pong.up(pygame.K_DOWN)
    pong.go(0.5)
    assert submitted(pong) == [-1, 0, 1, 0]


def test_letters_move_like_arrows(pong: Desk) -> None:
    pong.down(pygame.K_s)
    pong.up(pygame.K_s)
    assert submitted(pong) == [1, 0]


def test_the_hint_names_the_letters_of_the_players_own_keyboard(
    pong: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = pong.top(MatchScene)
    assert scene._hint.startswith("Hold Up or Down (or W, S)")
    places = {
        ord("z"): pygame.KSCAN_W,
        ord("q"): pygame.KSCAN_A,
        ord("d"): pygame.KSCAN_D,
        0x3C2: pygame.KSCAN_S,
    }
    monkeypatch.setattr(pygame.key, "ScancodeWrapper", lambda _: Counter(places))
    assert scene._hint.startswith("Hold Up or Down (or W, S)"), "it is not asked for in every frame"
    pygame.event.post(pygame.event.Event(pygame.KEYMAPCHANGED))
    pong.go(0.1)
    assert scene._hint.startswith("Hold Up or Down (or Z, ς)")
    forget_layout()


def test_a_tap_shorter_than_a_frame_holds_for_one(pong: Desk) -> None:
    pong.go(0.5)
    for kind in (pygame.KEYDOWN, pygame.KEYUP):
        pygame.event.post(key_event(kind, pygame.K_UP))
    pong.app.step()
    assert submitted(pong) == [-1]
    frame = live(pong).view.frame
    pong.go(0.1)
    assert submitted(pong) == [-1, 0]
    assert live(pong).view.frame > frame
    assert live(pong).view.state.paddles[0].y != live(pong).view.state.paddles[1].y


def test_a_pointer_is_followed_without_a_queue(pong: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A game whose paddle goes where the pointer is."""

    def handle(_: View, event: Input, match: MatchView, rect: pygame.Rect) -> int | None:
        return event.at[1] % 3 - 1 if isinstance(event, Pointer) else None

    monkeypatch.setattr(View, "handle", handle)
    monkeypatch.setattr(View, "hold", lambda *_: None)
    x, y = pong.top(MatchScene).match_board.board.center
    for turn in range(30):
        for step in range(4):
            at = (x, y + 4 * turn + step)
            pygame.event.post(pygame.event.Event(pygame.MOUSEMOTION, pos=at, rel=(0, 1), buttons=(0, 0, 0)))
        pong.app.step()
        assert live(pong).inputs[0] == at[1] % 3 - 1
        pong.now += 0.004


def test_losing_the_focus_lets_go(pong: Desk) -> None:
    pong.down(pygame.K_UP)
    pygame.event.post(pygame.event.Event(pygame.WINDOWFOCUSLOST))
    pong.go(0.1)
    assert submitted(pong) == [-1, 0]


def test_every_display_frame_is_drawn_once_whatever_the_network_does(pong: Desk) -> None:
    pong.go(1)
    frames, passed = pong.app.frames, live(pong).view.frame
    pong.go(2)
    assert 118 <= pong.app.frames - frames <= 122
    assert 118 <= live(pong).view.frame - passed <= 122


def test_the_panel_is_left_alone_while_the_board_moves(pong: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    pong.go(1)
    drawn = []
    monkeypatch.setattr(pong.top(MatchScene).match_board, "draw", drawn.append)
    before = pong.picture()
    pong.go(0.4)
    assert drawn == []
    assert pong.picture() != before


def test_drawing_the_board_alone_gives_the_picture_of_drawing_all(pong: Desk) -> None:
    pong.go(2)
    live(pong).silent = True
    pong.go(0.2)
    scene = pong.top(MatchScene)
    canvas = pygame.display.get_surface()
    assert canvas is not None
    assert scene.draw_live(canvas) == [scene.match_board.board]
    part = pong.picture()
    scene.draw(canvas)
    assert pong.picture() == part


def test_the_hint_goes_with_the_first_key_or_after_a_while(pong: Desk) -> None:
    scene = pong.top(MatchScene)
    assert scene._hinting
    pong.key(pygame.K_UP)
    assert not scene._hinting
    pong.press("Resign")
    pong.press("Resign")
    pong.press("Back to the lobby")
    pong.start_match(game="pong")
    pong.go(6)
    assert not pong.top(MatchScene)._hinting


def test_it_says_for_whom_it_waits_and_how_long(pong: Desk) -> None:
    pong.go(6)
    scene = pong.top(MatchScene)
    assert scene.waiting.seconds is None
    live(pong).silent = True
    pong.go(0.8)
    assert scene.waiting.seconds is None, "a hiccup is not worth a word"
    pong.go(0.4)
    assert scene.waiting.seconds == 1
    before = pong.picture()
    pong.go(2)
    assert (scene.rival, scene.waiting.seconds) == ("Ben", 3)
    assert pong.picture() != before
    live(pong).silent = False
    pong.go(0.1)
    assert scene.waiting.seconds is None


def test_the_game_goes_on_behind_the_question(pong: Desk) -> None:
    pong.down(pygame.K_UP)
    frame, frames = live(pong).view.frame, pong.app.frames
    pong.key(pygame.K_ESCAPE)
    assert pong.shows == "MatchMenu"
    assert submitted(pong) == [-1, 0], "keys are the question's now"
    pong.key(pygame.K_DOWN)
    pong.go(1)
    assert live(pong).view.frame > frame + 55
    assert pong.app.frames > frames + 55
    assert submitted(pong) == [-1, 0]
    pong.press("Play on")
    assert submitted(pong) == [-1, 0, -1], "the key is still down"
    pong.key(pygame.K_ESCAPE)
    pong.press("Resign")
    pong.press("Resign")
    assert pong.client.calls[-1] == ("resign",)
    assert pong.top(Result).outcome == Outcome.by(EndedBy.RESIGNED, (1,))


def test_the_end_of_the_match_is_the_result(pong: Desk) -> None:
    """Nobody moves: every serve is a point."""
    for _ in range(120):
        pong.go(1)
        if pong.shows != "MatchScene":
            break
    result = pong.top(Result)
    assert result.outcome.reason == "target score reached"
    pong.go(5)
    frames = pong.app.frames
    pong.go(2)
    assert pong.app.frames == frames, "it comes to rest"


@pytest.mark.parametrize("game", ["pong", "tron"])
@pytest.mark.parametrize("size", [(1280, 720), (640, 480), (480, 900)])
def test_a_real_time_match_fits_every_size(game: str, size: tuple[int, int]) -> None:
    desk = Desk()
    desk.start_match(game=game)
    desk.resize(size)
    scene = desk.top(MatchScene)
    desk.go(0.5)
    canvas = pygame.Rect((0, 0), desk.app.window.size)
    assert all(canvas.contains(w.rect) for w in scene.form.widgets)
    desk.key(pygame.K_F3)
    assert scene.network is not None
    assert canvas.contains(scene.network.rect)
    shown = [w.rect for w in scene.network.widgets]
    assert shown
    assert all(scene.network.rect.contains(rect) for rect in shown)


def test_autoplay_ends_where_its_bot_fails() -> None:
    def fail(state: object, player: int) -> int:
        raise GameError("pong", "KeyError: 1", "pong/bot.py:3")

    autoplay = Autoplay("accepter", fail, "pong", Config(), Pace(accept=0.1, linger=1.0))
    desk = Desk(autoplay=autoplay)
    try:
        desk.client.peer_invites(desk.client.add_peer(1, "Ben").peer, game="pong")
        desk.go(0.5)
        assert desk.client.calls[-1] == ("break_off", "pong", "KeyError: 1", "pong/bot.py:3")
        assert "pong/bot.py:3" in desk.top(ErrorScene).reason
        desk.client.tell(ErrorEvent(code="game_failed", params={}))
        desk.go(2.0)
        assert desk.app.exit_code == 5
    finally:
        autoplay.close()


def test_autoplay_holds_what_its_bot_chooses() -> None:
    autoplay = Autoplay(
        "accepter",
        lambda state, player: state.frame // 30 % 3 - 1,
        "pong",
        Config(),
        Pace(accept=0.1, linger=1.0),
    )
    desk = Desk(autoplay=autoplay)
    try:
        desk.client.peer_invites(desk.client.add_peer(1, "Ben").peer, game="pong")
        desk.go(0.2)
        start = live(desk).view.frame
        desk.go(2.0)
        seen = (live(desk).view.frame - start) // 30
        moves = submitted(desk)
        assert moves[:4] == [-1, 0, 1, -1]
        assert seen <= len(moves) <= seen + 2, "one for each change of mind"
        desk.client.end(Outcome(winners=(0,), reason="target score reached"))
        desk.go(2.0)
        assert desk.app.exit_code == 0
    finally:
        autoplay.close()
