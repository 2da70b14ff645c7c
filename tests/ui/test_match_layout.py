"""Where things are in a match: players in a slim line, the board as large as it can be, the rest beside or below it."""

import pygame
import pytest

from p2pgame.ui.emotes import EmoteButton
from p2pgame.ui.scenes.chat import ChatScene
from p2pgame.ui.scenes.match import MatchScene
from tests.ui.desk import Desk
from tests.ui.fake_client import peer_id


@pytest.mark.parametrize("game", ["gomoku", "pong", "tron"])
@pytest.mark.parametrize("size", [(640, 480), (1280, 720), (1920, 1080)])
def test_the_board_is_the_largest_thing(desk: Desk, game: str, size: tuple[int, int]) -> None:
    desk.start_match(game=game)
    desk.resize(size)
    board = desk.top(MatchScene).match_board
    rect = board.board
    fits = min(size[0], size[1] * board.view.aspect) / board.view.aspect
    assert rect.height >= 0.75 * fits, (
        "no more than a quarter of what a bare board would have goes to all else"
    )
    assert all(card.bottom <= rect.top and card.height < size[1] // 10 for card in board.cards)
    assert not rect.colliderect(board.panel)
    assert pygame.Rect((0, 0), size).contains(board.panel)


def test_in_a_small_window_the_panel_is_below_a_wide_board_and_makes_way_for_the_chat(desk: Desk) -> None:
    desk.start_match(game="pong")
    desk.resize((640, 480))
    scene = desk.top(MatchScene)
    board = scene.match_board
    assert board.panel.top >= board.board.bottom
    assert board.board.width > 600
    desk.key(pygame.K_t)
    desk.go(0.2)
    chat = desk.top(ChatScene)
    assert not board.board.colliderect(chat._box), "the field stays in sight"
    desk.key(pygame.K_ESCAPE)
    desk.go(0.2)
    assert board.panel.top >= board.board.bottom


def test_an_emote_is_one_click_away(desk: Desk) -> None:
    desk.start_match()
    emotes = [w for w in desk.scene.form.widgets if isinstance(w, EmoteButton)]
    assert len(emotes) == 8
    desk.click(emotes[1].rect.center)
    where = desk.app.context.chat.here.where
    assert desk.client.calls[-1] == ("say", where, "emote", "laugh")


def test_what_was_said_stands_beside_the_board(desk: Desk) -> None:
    desk.start_match()
    desk.go(0.3)
    before = desk.picture()
    where = desk.app.context.chat.here.where
    for text in ("Hello", "Good luck"):
        desk.client.hear(1, text, where=where)
        desk.go(0.2)
    assert desk.app.context.chat.here.lines[0].peer == peer_id(1)
    assert desk.picture() != before


def test_rounds_won_and_who_is_out_stand_on_the_cards(desk: Desk) -> None:
    desk.start_match(game="tron")
    board = desk.top(MatchScene).match_board
    assert [standing and standing.points for standing in board.standings] == [0, 0]
    desk.go(12)  # both run into a wall
    assert any(standing is not None and standing.out for standing in board.standings) or any(
        standing is not None and standing.points for standing in board.standings
    )
