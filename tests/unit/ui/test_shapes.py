"""What is left out of large pictures for speed is never seen."""

import pygame
import pytest

from p2pgame.games.gomoku.drawing import Geometry, draw_board
from p2pgame.ui.canvas import Canvas
from p2pgame.ui.shapes import Shapes


@pytest.mark.parametrize("size", [(380, 500), (460, 900), (1000, 700)])
def test_a_shadow_without_its_middle_looks_the_same_around_what_casts_it(
    size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    shots = []
    for least in (400, 10_000):
        monkeypatch.setattr("p2pgame.ui.shapes._LARGE", least)
        surface, shapes = pygame.Surface((1100, 1000), 0, 32), Shapes()
        surface.fill((230, 230, 230))
        card = pygame.Rect((40, 40), size)
        shapes.shadow(surface, card, 22)
        shapes.box(surface, card, (20, 30, 40), 40)
        shots.append(pygame.image.tobytes(surface, "RGB"))
    assert shots[0] == shots[1]


@pytest.mark.parametrize("side", [9, 40, 333, 601])
def test_a_board_is_opaque_but_for_its_corners_on_any_ground(side: int) -> None:
    shots = []
    for ground in ((230, 230, 230), (10, 20, 30)):
        surface, canvas = pygame.Surface((side + 60, side + 60), 0, 32), Canvas()
        surface.fill(ground)
        board = pygame.Rect(30, 30, side, side)
        draw_board(surface, Geometry(board, 15), canvas)
        again = surface.copy()
        draw_board(again, Geometry(board, 15), canvas)
        radius = max(4, side // 40)
        inner = board.inflate(0, -2 * radius)
        if inner.height > 0:
            shots.append(pygame.image.tobytes(surface.subsurface(inner), "RGB"))
            assert shots[-1] == pygame.image.tobytes(again.subsurface(inner), "RGB")
    assert len(set(shots)) <= 1
