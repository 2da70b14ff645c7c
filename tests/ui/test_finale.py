"""The end of a match: its last moment slowly, the sweep of a line, who won and how that is told, and less of it all."""

from typing import Any

import pygame
import pytest

from p2pgame.core.game import EndedBy, Outcome
from p2pgame.games.pong.rules import Config
from p2pgame.session.room_view import RoomSeat
from p2pgame.storage.settings import Settings
from p2pgame.ui.practice import LineUp
from p2pgame.ui.preferences import Preferences
from p2pgame.ui.scenes.match import MatchScene
from p2pgame.ui.scenes.result import Result
from p2pgame.ui.scenes.room_dialogs import InviteAfterDialog
from tests.ui.desk import LEARNED, Desk
from tests.ui.fake_client import member, peer_id, person, room_of
from tests.ui.recorded import record
from tests.ui.test_viewer import heard, plugin, show


def still() -> Desk:
    """Somebody who asked for less motion."""
    return Desk(preferences=Preferences(Settings(learned=LEARNED, still=True)))


def play_pong(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> tuple[Result, list[str]]:
    """Up to the moment at which the last ball is lost; we lose."""
    desk.start_match(game="pong")
    sounds = heard(desk, monkeypatch)
    for _ in range(1200):
        desk.go(0.1)
        if desk.shows == "Result":
            break
    return desk.top(Result), sounds


def over(result: Result) -> bool:
    state: Any = result.match.state
    return bool(state.over)


def test_the_last_point_is_shown_again_slowly_and_then_who_won(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    result, sounds = play_pong(desk, monkeypatch)
    assert result.finale.slow
    assert not over(result), "the ball is still on its way"
    assert result.match.outcome is None
    assert "lose" not in sounds
    assert list(result.match_board.wins) == [0, 0], "the tally does not tell it, either"
    frames = []
    while result.finale.slow:
        frames.append(result.match.frame)
        desk.go(1 / 60)
    assert frames == sorted(frames)
    assert len(frames) > 1.5 * (frames[-1] - frames[0]), "slower than it was"
    assert over(result)
    assert result.match.outcome == result.outcome
    desk.go(1)
    assert sounds.count("lose") == 1
    assert sorted(result.match_board.wins) == [0, 1]
    assert any(cue.startswith("score") for cue in sounds), "the last point is heard"
    desk.go(5)
    drawn = desk.app.frames
    desk.go(2)
    assert desk.app.frames == drawn, "the last picture stands"


def test_what_was_pressed_in_the_game_presses_no_button(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    result, sounds = play_pong(desk, monkeypatch)
    desk.client.calls.clear()
    desk.key(pygame.K_DOWN, pygame.K_RETURN)
    assert not result.finale.slow, "Enter shows the end at once ..."
    assert sounds.count("lose") == 1
    assert over(result)
    assert desk.client.calls == [], "... and asks for no rematch"
    desk.key(pygame.K_RETURN)
    assert ("rematch",) in desk.client.calls


def test_with_less_motion_the_end_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    result, sounds = play_pong(still(), monkeypatch)
    assert not result.finale.slow
    assert over(result)
    assert sounds.count("lose") == 1
    assert result.match_board.pop == 0


def test_who_resigns_is_not_shown_in_slow_motion(desk: Desk) -> None:
    desk.start_match(game="pong")
    desk.go(4)
    desk.client.end(Outcome.by(EndedBy.RESIGNED, (1,)))
    desk.go(0.05)
    assert not desk.top(Result).finale.slow


def test_the_winning_line_sweeps_before_the_banner_is_over_it(desk: Desk) -> None:
    desk.start_match()
    desk.win()
    result = desk.top(Result)
    desk.go(0.2)
    half = desk.picture()
    assert not result.finale.banner.shown
    desk.go(1)
    assert result.finale.banner.shown
    assert result.match_board.pop > 0 or result.match_board.wins[result.match.me] == 1
    desk.go(6)
    rest = desk.picture()
    assert half != rest
    assert not result.finale.banner.shown


def test_with_less_motion_the_line_is_there_at_once() -> None:
    desk = still()
    desk.start_match()
    desk.win()
    board = desk.top(Result).match_board
    surface = pygame.display.get_surface()
    assert surface is not None
    before = surface.subsurface(board.board).copy()
    assert desk.top(Result).finale.banner.shown
    desk.go(6)
    edge = board.board.height // 10  # the line is along the first row; the banner is elsewhere
    spots = [(x, board.board.height - edge - 5) for x in range(0, board.board.width, 7)]
    after = surface.subsurface(board.board)
    assert [before.get_at(spot) for spot in spots] == [after.get_at(spot) for spot in spots]


def test_losing_is_told_kindly_and_a_draw_as_one(desk: Desk) -> None:
    desk.start_match()
    desk.client.end(Outcome(winners=(1 - desk.top(MatchScene).match.me,), reason="five in a row"))
    desk.go(2)
    assert desk.top(Result)._lost
    desk.press("Back to the lobby")
    desk.start_match(2, "Cem")
    desk.client.end(Outcome.by(EndedBy.DRAW_AGREED))
    desk.go(2)
    assert desk.top(Result).heading == "Draw"
    assert not desk.top(Result)._lost


def test_a_round_of_a_room_ends_slowly_too_also_for_who_watches(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.client.add_peer(1, "Ben")
    desk.client.room_view = room_of([member("Anna"), member("Ben", 1)], [person("Ben", 1), person("Anna", 0)])
    desk.go(0.2)
    desk.client.start_round(-1, ())
    desk.go(0.5)
    sounds = heard(desk, monkeypatch)
    desk.client.end_round((0,))
    desk.go(0.1)
    scene = desk.top(MatchScene)
    assert scene.finale is not None
    assert scene.finale.slow
    assert scene.match.outcome is None
    desk.go(2)
    assert not scene.finale.slow
    assert scene.match.outcome is not None
    assert "win" in sounds
    assert scene.finale.banner.shown
    desk.go(2.5)
    assert desk.shows == "RoomScene"


def test_a_replay_ends_as_the_match_did(desk: Desk) -> None:
    viewer = show(
        desk, record(plugin(desk, "pong"), lambda state, player, frame: 0, 9000, config=Config(points=5))
    )
    player = viewer.player
    player.seek(player.frames - 60)
    desk.go(0.6)
    assert 0 < player.frames - player.frame < 32
    before = player.frame
    desk.go(0.25)
    assert 0 < player.frame - before < 12, "slower than at 60 frames a second"
    while not player.at_end:
        desk.go(0.1)
    desk.go(1.2)
    assert viewer.banner.shown
    viewer.player.seek(0)
    viewer._follow()
    assert not viewer.banner.shown


def test_the_views_of_practice_have_the_last_moment() -> None:
    desk = still()
    transition = desk.app.router._start_practice(plugin(desk, "pong"), Config(points=5), LineUp(players=2))
    desk.app.router.apply(desk.scene, transition)
    for _ in range(600):
        desk.go(0.2)
        if desk.shows == "Result":
            break
    match = desk.top(Result).match
    assert len(match.closing) == 32
    assert match.closing[-1] == match.state


def test_a_pair_goes_on_in_a_room_into_which_the_other_one_is_asked(desk: Desk) -> None:
    desk.start_match()
    rival = desk.client.peers()[0].peer
    desk.win()
    desk.go(3)
    desk.client.calls.clear()
    config = desk.top(Result).match.config
    desk.press("Go on in a room")
    assert [call[0] for call in desk.client.calls] == ["leave", "open_room", "invite_into_room"]
    assert desk.client.calls[1][1:3] == ("gomoku", config)
    assert desk.client.calls[2][1] == rival
    assert desk.shows == "LobbyScene"


@pytest.mark.parametrize("size", [(640, 480), (1280, 720)])
def test_a_third_one_is_invited_into_a_pair_that_plays(size: tuple[int, int]) -> None:
    desk = Desk()
    desk.client.add_peer(3, "Clara")
    desk.client.add_peer(4, "Dan", games={"pong": "of another version"})
    rival, clara = desk.start_match(), peer_id(3)
    desk.resize(size)
    desk.key(pygame.K_ESCAPE)
    desk.press("Invite others")
    assert [entry.words for entry in desk.top(InviteAfterDialog).list.entries] == ["Clara"]
    desk.press("Invite")
    assert desk.toast == "Clara is asked when this match is over"
    desk.key(pygame.K_ESCAPE)
    desk.press("Invite others")
    assert not desk.top(InviteAfterDialog).list.entries, "once will do"
    desk.press("Back")
    desk.win()
    desk.go(3)
    desk.client.calls.clear()
    assert desk.scene.form.focused is desk.button("Go on in a room"), "that is what comes next"
    desk.key(pygame.K_RETURN)
    assert [call[0] for call in desk.client.calls] == ["leave", "open_room", *["invite_into_room"] * 2]
    assert [call[1] for call in desk.client.calls[2:]] == [rival, clara]


def test_the_third_one_is_asked_although_the_second_has_left(desk: Desk) -> None:
    desk.client.add_peer(3, "Clara")
    rival = desk.start_match()
    desk.key(pygame.K_ESCAPE)
    desk.press("Invite others")
    desk.press("Invite")
    desk.client.calls.clear()
    desk.win()
    desk.go(3)
    desk.client.remove_peer(rival)
    desk.go(0.2)
    desk.press("Go on in a room")
    assert [call[1] for call in desk.client.calls if call[0] == "invite_into_room"] == [peer_id(3)]


def test_who_takes_the_offer_of_the_other_one_sees_the_room_and_no_result(desk: Desk) -> None:
    desk.start_match()
    desk.win()
    desk.go(3)
    desk.client.room_view = room_of([], [RoomSeat(kind="open")], joining=True, game="gomoku")
    desk.go(0.2)
    assert [type(scene).__name__ for scene in desk.app.router.stack] == ["LobbyScene", "RoomScene"]


@pytest.mark.parametrize("size", [(640, 480), (1280, 720), (960, 640)])
@pytest.mark.parametrize("game", ["gomoku", "pong"])
def test_the_buttons_of_a_result_lie_on_nothing(size: tuple[int, int], game: str) -> None:
    desk = Desk()
    desk.resize(size)
    desk.start_match(game=game)
    desk.go(1)
    desk.client.end(Outcome.by(EndedBy.RESIGNED, (1,)))
    desk.go(2)
    rects = [widget.rect for widget in desk.scene.form.widgets]
    desk.app.toasts.say("Something that is worth a line")
    desk.go(1)
    result = desk.top(Result)
    if not result.match_board.wide:
        words = pygame.Rect(result.match_board.captions.topleft, (100, desk.app.canvas.u(90)))
        assert desk.app.toasts.rect.collidelist([words, *rects]) == -1, "it hides nothing"
    assert not [one for i, one in enumerate(rects) if one.collidelist(rects[:i]) >= 0]
    assert all(desk.top(Result).match_board.panel.contains(rect) for rect in rects)
