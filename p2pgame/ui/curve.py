"""The chances of each player over a match, as areas one above the other. Knows places and shares, no match."""

from collections.abc import Mapping, Sequence

import pygame

from p2pgame.ui.canvas import Canvas
from p2pgame.ui.theme import mixed

__all__ = ["draw_curve"]

_FAINT = 0.45
"""Part of the background in an area."""


def draw_curve(
    surface: pygame.Surface,
    canvas: Canvas,
    rect: pygame.Rect,
    most: int,
    shares: Mapping[int, Sequence[int]],
    order: Sequence[int],
) -> None:
    """`shares`: by place, ``0 .. most``, what each player has of 1000; `order`: the players, the lowest first.

    Between two places that are known it goes straight; before the first one and after the last one there is nothing.
    """
    theme = canvas.theme
    canvas.shapes.box(surface, rect, theme.raised, canvas.u(3))
    known = [(rect.left + rect.width * place // max(1, most), shares[place]) for place in sorted(shares)]
    floor = [(x, rect.bottom) for x, _ in known]
    for player in order if len(known) > 1 else ():
        roof = [
            (x, y - round(rect.height * each[player] / 1000))
            for (x, y), (_, each) in zip(floor, known, strict=True)
        ]
        ink = theme.ink(player)
        pygame.draw.polygon(surface, mixed(ink, theme.background, _FAINT), [*floor, *reversed(roof)])
        if player != order[-1]:
            pygame.draw.aalines(surface, theme.text, False, roof)
        floor = roof
    for part in (1, 2, 3):
        y = rect.top + rect.height * part // 4
        ink = theme.muted if part == 2 else theme.line
        for x in range(rect.left, rect.right, canvas.u(8)):
            surface.fill(ink, (x, y, canvas.u(3), 1))
