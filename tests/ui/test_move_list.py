"""The moves so far beside the board of a match and of its recording."""

from collections.abc import Sequence

import pygame
import pytest

from p2pgame.ui.canvas import Canvas
from p2pgame.ui.scenes import match, viewer
from p2pgame.ui.scenes.match import MatchScene
from p2pgame.ui.scenes.move_list import draw_moves, shown_from
from tests.ui.desk import Desk
from tests.ui.test_viewer import recorded, show

Drawn = list[tuple[pygame.Rect, tuple[str, ...]]]


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> Drawn:
    """Where which moves were drawn."""
    found: Drawn = []

    def draw(surface: pygame.Surface, canvas: Canvas, rect: pygame.Rect, moves: Sequence[str]) -> None:
        found.append((rect.copy(), tuple(moves)))
        draw_moves(surface, canvas, rect, moves)

    for module in (match, viewer):
        monkeypatch.setattr(module, "draw_moves", draw)
    return found


def test_the_newest_whole_rows_are_shown() -> None:
    assert shown_from(0, 4, 3) == 0
    assert shown_from(12, 4, 3) == 0
    assert shown_from(13, 4, 3) == 4
    assert shown_from(225, 4, 3) == 216


def test_in_a_match_from_the_third_move_on_when_the_hint_is_gone(desk: Desk, drawn: Drawn) -> None:
    desk.start_match()
    scene = desk.top(MatchScene)
    if scene.match.me not in scene.match.to_move:
        desk.client.peer_moves(112)
        desk.go()
    desk.click(desk.point(0))
    desk.client.peer_moves(113)
    desk.go()
    desk.click(desk.point(2))
    desk.go()
    rect, moves = drawn[-1]
    assert moves[-1] == "C1"
    assert {"A1", "I8"} <= set(moves)
    assert scene.match_board.panel.contains(rect)


def test_in_a_recording_up_to_the_move_that_is_shown(desk: Desk, drawn: Drawn) -> None:
    seen = show(desk, recorded(desk, "gomoku", 9))
    desk.key(pygame.K_SPACE, pygame.K_END)
    desk.go(0.1)
    rect, moves = drawn[-1]
    assert moves == ("A1", "D1", "G1", "J1", "M1", "A2", "D2", "G2", "J2")
    assert seen.match_board.panel.contains(rect)
    desk.key(pygame.K_LEFT)
    desk.go(0.1)
    assert drawn[-1][1] == moves[:-1]


def test_where_there_is_no_room_nothing_is_drawn(desk: Desk) -> None:
    canvas = desk.app.canvas
    surface = pygame.Surface((400, 200))
    empty = pygame.image.tobytes(surface, "RGB")
    for rect in ((0, 0, 40, 200), (0, 0, 400, 10), (0, 0, 400, -30)):
        draw_moves(surface, canvas, pygame.Rect(rect), ["H8"] * 9)
        assert pygame.image.tobytes(surface, "RGB") == empty
    draw_moves(surface, canvas, pygame.Rect(0, 0, 400, 200), ["H8"] * 9)
    assert pygame.image.tobytes(surface, "RGB") != empty


def test_a_game_that_lists_nothing_has_no_list(desk: Desk, drawn: Drawn) -> None:
    show(desk, recorded(desk, "pong", 60))
    desk.go(0.5)
    assert drawn == []
