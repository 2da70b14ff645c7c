"""Pictures of the eight emotes, drawn by shapes: no font has to have them."""

import math
from collections.abc import Callable
from typing import Final

import pygame

from p2pgame.ui.canvas import Canvas
from p2pgame.ui.inputs import Input
from p2pgame.ui.theme import Colour
from p2pgame.ui.widgets import Button, focus_ring

__all__ = ["EMOTES", "EmoteButton", "draw_emote"]

EMOTES: Final = ("smile", "laugh", "wow", "cry", "angry", "think", "clap", "heart")
"""Codes, in the order of their buttons."""
_SIDE = 24.0
"""The pictures are drawn in a square of so many units."""
_OVER = 4
_FACE: Colour = (255, 205, 92)
_INK: Colour = (58, 40, 20)
_TEAR: Colour = (92, 170, 255)
_HEART: Colour = (222, 60, 96)
_GLINT: Colour = (255, 214, 224)
_FACES: Final = {"smile": False, "laugh": False, "wow": False, "cry": False, "angry": True, "think": False}


def draw_emote(
    surface: pygame.Surface, canvas: Canvas, code: str, centre: tuple[int, int], side: int
) -> None:
    """The picture of `code` in a square of `side` pixels around `centre`; a question mark for an unknown one."""
    tile = canvas.shapes.once(("emote", code, side), lambda: _picture(code, max(8, side)))
    surface.blit(tile, tile.get_rect(center=centre))
    if code not in EMOTES:
        canvas.text(surface, "?", centre, "body", canvas.theme.muted, anchor="center")


class EmoteButton(Button):
    """Shows an emote; its label is its name."""

    def __init__(self, code: str, label: str, on_press: Callable[[], None]) -> None:
        super().__init__(label, on_press)
        self.code = code

    def handle(self, event: Input) -> bool:
        return super().handle(event)

    def draw(self, surface: pygame.Surface, canvas: Canvas, *, focused: bool) -> None:
        canvas.panel(surface, self.rect, canvas.theme.hover if self.hover else canvas.theme.raised)
        canvas.frame(surface, self.rect, canvas.theme.edge, 1)
        side = min(self.rect.width, self.rect.height) - canvas.u(8)
        draw_emote(surface, canvas, self.code, self.rect.center, side)
        if focused:
            focus_ring(surface, canvas, self.rect)


def _picture(code: str, side: int) -> pygame.Surface:
    big = pygame.Surface((side * _OVER, side * _OVER), pygame.SRCALPHA)
    pen = _Pen(big, side * _OVER / _SIDE)
    if code in _FACES:
        _face(pen, code)
    elif code == "clap":
        _clap(pen)
    elif code == "heart":
        _heart(pen)
    return pygame.transform.smoothscale(big, (side, side))


class _Pen:
    """Draws in units of the square."""

    def __init__(self, surface: pygame.Surface, scale: float) -> None:
        self.surface, self.k = surface, scale

    def disc(self, x: float, y: float, radius: float, colour: Colour) -> None:
        pygame.draw.circle(self.surface, colour, (x * self.k, y * self.k), radius * self.k)

    def line(self, points: list[tuple[float, float]], colour: Colour, width: float) -> None:
        scaled = [(x * self.k, y * self.k) for x, y in points]
        pygame.draw.lines(self.surface, colour, False, scaled, max(1, round(width * self.k)))
        for at in (scaled[0], scaled[-1]):
            pygame.draw.circle(self.surface, colour, at, width * self.k / 2)

    def shape(self, points: list[tuple[float, float]], colour: Colour) -> None:
        pygame.draw.polygon(self.surface, colour, [(x * self.k, y * self.k) for x, y in points])

    def curve(
        self,
        x: float,
        y: float,
        across: float,
        down: float,
        begin: float,
        end: float,
        colour: Colour,
        width: float,
    ) -> None:
        """Part of an ellipse, by angles in degrees: 0 is right, 90 is down."""
        steps = 24
        points = []
        for i in range(steps + 1):
            angle = math.radians(begin + (end - begin) * i / steps)
            points.append((x + across * math.cos(angle), y + down * math.sin(angle)))
        self.line(points, colour, width)


def _face(pen: _Pen, code: str) -> None:
    pen.disc(12, 12, 11.4, _INK)
    pen.disc(12, 12, 10.8, (236, 122, 80) if _FACES[code] else _FACE)
    eyes = ((8.2, 9.6), (15.8, 9.6))
    match code:
        case "laugh":
            for x, y in eyes:
                pen.curve(x, y + 1, 2, 2, 190, 350, _INK, 1.3)
            pen.shape(
                [(6, 13), (18, 13), *[(12 + 6 * math.cos(a), 13 + 6.4 * math.sin(a)) for a in _half()]], _INK
            )
            pen.shape([(8.4, 17), (15.6, 17), (13.6, 19), (10.4, 19)], _HEART)
        case "wow":
            for x, y in eyes:
                pen.disc(x, y, 1.9, _INK)
            pen.disc(12, 16.4, 3, _INK)
        case "cry":
            for x, y in eyes:
                pen.disc(x, y, 1.6, _INK)
            pen.curve(12, 19, 4.2, 3.4, 200, 340, _INK, 1.5)
            pen.disc(16.6, 14.6, 1.9, _TEAR)
            pen.shape([(14.9, 14), (18.3, 14), (16.6, 10.8)], _TEAR)
        case "angry":
            for (x, y), slope in zip(eyes, (1, -1), strict=True):
                pen.disc(x, y + 0.6, 1.6, _INK)
                pen.line([(x - 2.4, y - 2.4 - slope), (x + 2.4, y - 2.4 + slope)], _INK, 1.5)
            pen.curve(12, 19, 4.2, 3, 200, 340, _INK, 1.6)
        case "think":
            for x, y in eyes:
                pen.disc(x, y - 0.6, 1.6, _INK)
            pen.line([(6, 6), (10, 5.2)], _INK, 1.3)
            pen.line([(9, 16.6), (14.6, 15.6)], _INK, 1.6)
            pen.disc(17.2, 20, 3.2, (255, 178, 66))
            pen.line([(16.4, 18.4), (16.4, 14.6)], (255, 178, 66), 2.4)
        case _:
            for x, y in eyes:
                pen.disc(x, y, 1.7, _INK)
            pen.curve(12, 12.4, 5.4, 5, 25, 155, _INK, 1.6)


def _half() -> list[float]:
    """Angles of the lower half of a circle."""
    return [math.pi * i / 16 for i in range(17)]


def _clap(pen: _Pen) -> None:
    """Two hands that lean against each other, with a dark rim that is seen on any ground."""
    for lean, colour in ((1, (236, 168, 60)), (-1, _FACE)):
        for ink, rim in ((_INK, 0.6), (colour, 0.0)):
            _hand(pen, lean, ink, rim)
    for x, y, dx, dy in ((3.4, 5.4, -1.6, -1.8), (12, 3, 0, -1.8), (20.6, 5.4, 1.6, -1.8)):
        pen.line([(x, y), (x + dx, y + dy)], _TEAR, 1.5)


def _hand(pen: _Pen, lean: int, colour: Colour, rim: float) -> None:
    """`rim`: units by which it is larger."""
    up = (0.42 * lean, -0.91)
    across = (0.91, 0.42 * lean)
    palm = (12 - 2.6 * lean, 16.4)
    for finger in range(4):
        off = (finger - 1.5) * 2.3
        start = (palm[0] + across[0] * off, palm[1] + across[1] * off)
        reach = (8.4, 9.8, 9.4, 7.6)[finger if lean > 0 else 3 - finger]
        pen.line([start, (start[0] + up[0] * reach, start[1] + up[1] * reach)], colour, 2.1 + 2 * rim)
    pen.disc(*palm, 4.7 + rim, colour)
    thumb = (palm[0] - across[0] * 4 * lean, palm[1] - across[1] * 4 * lean)
    pen.line([thumb, (thumb[0] + up[0] * 3 - lean * 1.4, thumb[1] + up[1] * 3)], colour, 2.4 + 2 * rim)


def _heart(pen: _Pen) -> None:
    for ink, rim in ((_INK, 0.6), (_HEART, 0.0)):
        pen.disc(7.6, 8.8, 5.4 + rim, ink)
        pen.disc(16.4, 8.8, 5.4 + rim, ink)
        pen.shape([(2.9 - rim, 11.4 + rim), (21.1 + rim, 11.4 + rim), (12, 21.6 + 1.4 * rim)], ink)
    pen.shape([(7, 8), (17, 8), (12, 14)], _HEART)
    pen.disc(7, 7.6, 1.5, _GLINT)
