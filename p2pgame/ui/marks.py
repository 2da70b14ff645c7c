"""The shape of each player. With the colour of the theme it stands beside the name, on a paddle, before a trail.

Shapes look to the right: of a shape that moves, that is where it goes. Nobody is told apart by colour alone.
"""

from typing import Final

import pygame

from p2pgame.ui.canvas import Canvas
from p2pgame.ui.theme import Colour

__all__ = ["RING", "SHAPES", "mark", "shape"]

SHAPES: Final[tuple[tuple[tuple[float, float], ...], ...]] = (
    ((1.0, 0.0), (-0.8, -0.8), (-0.35, 0.0), (-0.8, 0.8)),
    (),
    ((0.8, -0.8), (0.8, 0.8), (-0.8, 0.8), (-0.8, -0.8)),
    ((1.05, 0.0), (0.0, 1.05), (-1.05, 0.0), (0.0, -1.05)),
    ((0.9, 0.0), (0.45, 0.8), (-0.45, 0.8), (-0.9, 0.0), (-0.45, -0.8), (0.45, -0.8)),
    ((1.0, 0.0), (-0.7, -0.9), (-0.7, 0.9)),
    (
        (0.95, -0.35), (0.95, 0.35), (0.35, 0.35), (0.35, 0.95), (-0.35, 0.95), (-0.35, 0.35),
        (-0.95, 0.35), (-0.95, -0.35), (-0.35, -0.35), (-0.35, -0.95), (0.35, -0.95), (0.35, -0.35),
    ),
    (),
)  # fmt: skip
"""Corners in halves of the size. Empty: round."""
RING: Final = 7
"""The round shape that has a hole."""
_OVER = 4


def mark(
    surface: pygame.Surface,
    canvas: Canvas,
    centre: tuple[int, int],
    size: int,
    player: int,
    colour: Colour | None = None,
) -> pygame.Rect:
    """Draw the shape of `player`, `size` pixels wide; default colour: the player's own. Returns where it is."""
    return shape(
        surface, canvas, centre, size, canvas.theme.shape(player), colour or canvas.theme.ink(player)
    )


def shape(
    surface: pygame.Surface, canvas: Canvas, centre: tuple[int, int], size: int, which: int, ink: Colour
) -> pygame.Rect:
    """Draw that one of `SHAPES`, `size` pixels wide. Returns where it is."""
    size = max(4, size)
    tile = canvas.shapes.once(("mark", size, which, ink), lambda: _picture(size, which, ink))
    rect = tile.get_rect(center=centre)
    surface.blit(tile, rect)
    return rect


def _picture(size: int, which: int, ink: Colour) -> pygame.Surface:
    big = pygame.Surface((size * _OVER, size * _OVER), pygame.SRCALPHA)
    big.fill((*ink, 0))
    half = size * _OVER / 2
    corners = SHAPES[which]
    if corners:
        pygame.draw.polygon(big, ink, [(half + x * half * 0.94, half + y * half * 0.94) for x, y in corners])
    else:
        middle = (round(half), round(half))
        pygame.draw.circle(big, ink, middle, round(half * 0.9))
        if which == RING:
            pygame.draw.circle(big, (*ink, 0), middle, round(half * 0.45))
    return pygame.transform.smoothscale(big, (size, size))
