"""The 64 pictures that two players compare: eight shapes in eight fills, drawn by code, each with words to say aloud.

No two differ by colour alone in a way that eyes without red or green could miss: four fills are plain and as far
apart in lightness as in hue, four are patterns. Picture ``n`` is shape ``n % 8`` in fill ``n // 8``; both screens
must agree on that, so the order here is part of the protocol. Does not know what is compared.
"""

import math
from collections.abc import Callable

import pygame

from p2pgame.i18n.catalogue import gettext
from p2pgame.ui.canvas import Canvas
from p2pgame.ui.theme import Colour

__all__ = ["COUNT", "draw", "words"]

COUNT = 64

_OVER = 4
"""Supersampling, as in `ui.shapes`."""
_EDGE = 0.17
"""Width of the outline of a hollow shape, as a part of the picture's radius."""
_LIGHT: Colour = (236, 240, 245)
_DARK: Colour = (84, 94, 112)

_Point = tuple[float, float]


def words(picture: int) -> str:
    """Such as ``blue star``."""
    shape, fill = _parts(picture)
    fills = (
        gettext("white"), gettext("yellow"), gettext("blue"), gettext("red"),
        gettext("striped"), gettext("dotted"), gettext("checked"), gettext("hollow"),
    )  # fmt: skip
    shapes = (
        gettext("ball"), gettext("square"), gettext("triangle"), gettext("star"),
        gettext("heart"), gettext("moon"), gettext("cross"), gettext("drop"),
    )  # fmt: skip
    return gettext("{fill} {shape}", fill=fills[fill], shape=shapes[shape])


def draw(surface: pygame.Surface, canvas: Canvas, picture: int, centre: tuple[int, int], size: int) -> None:
    """Draw it into a square of `size` pixels around `centre`."""
    tile = canvas.shapes.once(("picture", picture, size), lambda: _tile(picture, size))
    surface.blit(tile, tile.get_rect(center=centre))


def _parts(picture: int) -> tuple[int, int]:
    return picture % len(_SHAPES), picture // len(_SHAPES) % len(_FILLS)


def _tile(picture: int, size: int) -> pygame.Surface:
    shape, fill = _parts(picture)
    side = max(8, size) * _OVER
    radius = side * 0.48
    outline = [(side / 2 + x * radius, side / 2 + y * radius) for x, y in _SHAPES[shape]()]
    canvas = pygame.Surface((side, side), pygame.SRCALPHA)
    _paint(canvas, _FILLS[fill], outline, radius)
    mask = pygame.Surface((side, side), pygame.SRCALPHA)
    mask.fill((255, 255, 255, 0))
    pygame.draw.polygon(mask, (255, 255, 255, 255), outline)
    canvas.blit(mask, (0, 0), special_flags=pygame.BLEND_RGBA_MULT)
    return pygame.transform.smoothscale(canvas, (max(8, size), max(8, size)))


def _paint(canvas: pygame.Surface, fill: str, outline: list[_Point], radius: float) -> None:
    """Cover `canvas` with a fill; the shape is cut out of it afterwards."""
    side = canvas.get_width()
    if fill in _PLAIN:
        canvas.fill(_PLAIN[fill])
        return
    if fill == "hollow":
        canvas.fill((*_LIGHT, 0))
    else:
        canvas.fill(_DARK)
    step = side / 6
    if fill == "striped":
        for i in range(6):
            canvas.fill(_LIGHT, pygame.Rect(0, round(i * step), side, round(step / 2)))
    elif fill == "dotted":
        for row in range(8):
            for column in range(8):
                at = ((column + row % 2 / 2) * step * 0.8, row * step * 0.8)
                pygame.draw.circle(canvas, _LIGHT, at, step * 0.24)
    elif fill == "checked":
        for row in range(6):
            for column in range(row % 2, 6, 2):
                square = pygame.Rect(
                    round(column * step), round(row * step), math.ceil(step), math.ceil(step)
                )
                canvas.fill(_LIGHT, square)
    _edge(canvas, outline, radius * (_EDGE if fill == "hollow" else _EDGE / 2))


def _edge(canvas: pygame.Surface, outline: list[_Point], width: float) -> None:
    """A line along the inside of the outline, so that a pattern does not fray the shape."""
    for (x0, y0), (x1, y1) in zip(outline, [*outline[1:], outline[0]], strict=True):
        steps = max(1, round(math.hypot(x1 - x0, y1 - y0) / max(1.0, width / 3)))
        for i in range(steps):
            t = i / steps
            pygame.draw.circle(canvas, _LIGHT, (x0 + (x1 - x0) * t, y0 + (y1 - y0) * t), width)


# --- outlines, within the unit circle, y down


def _arc(x: float, y: float, radius: float, start: float, end: float, steps: int = 40) -> list[_Point]:
    """Points of an arc; angles in degrees, clockwise from the right as y points down."""
    angles = [math.radians(start + (end - start) * i / steps) for i in range(steps + 1)]
    return [(x + radius * math.cos(a), y + radius * math.sin(a)) for a in angles]


def _ball() -> list[_Point]:
    return _arc(0, 0, 0.92, 0, 360)


def _square() -> list[_Point]:
    return [(-0.8, -0.8), (0.8, -0.8), (0.8, 0.8), (-0.8, 0.8)]


def _triangle() -> list[_Point]:
    return [(0, -0.95), (0.98, 0.8), (-0.98, 0.8)]


def _star() -> list[_Point]:
    rays = [(math.radians(36 * i - 90), 1.0 if i % 2 == 0 else 0.44) for i in range(10)]
    return [(r * math.cos(a), 0.06 + r * math.sin(a)) for a, r in rays]


def _heart() -> list[_Point]:
    turns = [2 * math.pi * i / 80 for i in range(80)]
    return [
        (math.sin(t) ** 3, -0.08 - (13 * math.cos(t) - 5 * math.cos(2 * t) - 2 * math.cos(3 * t)) / 16.5)
        for t in turns
    ]


def _moon() -> list[_Point]:
    return _arc(0, 0, 0.95, 42, 318) + _arc(0.42, 0, 0.7, 294, 66)


def _cross() -> list[_Point]:
    a, b = 0.32, 0.92
    corner = [(-a, -b), (a, -b), (a, -a), (b, -a), (b, a), (a, a), (a, b), (-a, b), (-a, a), (-b, a)]
    return [*corner, (-b, -a), (-a, -a)]


def _drop() -> list[_Point]:
    return [*_arc(0, 0.32, 0.64, -32, 212), (0, -0.98)]


_SHAPES: tuple[Callable[[], list[_Point]], ...] = (
    _ball, _square, _triangle, _star, _heart, _moon, _cross, _drop,
)  # fmt: skip
_PLAIN: dict[str, Colour] = {
    "white": (246, 248, 250),
    "yellow": (250, 200, 60),
    "blue": (64, 140, 255),
    "red": (196, 52, 60),
}
_FILLS = (*_PLAIN, "striped", "dotted", "checked", "hollow")
