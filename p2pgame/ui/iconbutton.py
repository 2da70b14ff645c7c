"""Buttons that show an icon: the controls of a media player and the sound switch. Their label is the hint text."""

import math
from collections.abc import Callable
from typing import Literal

import pygame

from p2pgame.ui.canvas import Canvas
from p2pgame.ui.theme import Colour
from p2pgame.ui.widgets import Button, focus_ring

__all__ = ["Icon", "IconButton"]

Icon = Literal[
    "play",
    "pause",
    "forward",
    "back",
    "jump forward",
    "jump back",
    "sound on",
    "sound off",
    "settings",
    "help",
    "menu",
]


class IconButton(Button):
    """A button that shows `icon` instead of its label."""

    def __init__(
        self,
        icon: Icon,
        label: str,
        on_press: Callable[[], None],
        kind: Literal["primary", "plain"] = "plain",
    ) -> None:
        super().__init__(label, on_press, kind)
        self.icon: Icon = icon

    def draw(self, surface: pygame.Surface, canvas: Canvas, *, focused: bool) -> None:
        theme = canvas.theme
        ink = theme.on_accent if self.kind == "primary" else theme.text
        canvas.panel(surface, self.rect, self.face(theme))
        if self.kind != "primary":
            canvas.frame(surface, self.rect, theme.edge, 1)
        at = (self.rect.centerx, self.rect.centery + (canvas.u(1) if self.armed else 0))
        tile = canvas.shapes.once(
            ("icon", self.icon, canvas.scale, ink), lambda: _picture(self.icon, canvas, ink)
        )
        surface.blit(tile, tile.get_rect(center=at))
        if focused:
            focus_ring(surface, canvas, self.rect)


def _picture(icon: Icon, canvas: Canvas, ink: Colour) -> pygame.Surface:
    """Drawn large and scaled down. Units of a square of 24."""
    side, over = canvas.u(24), 4
    big = pygame.Surface((side * over, side * over), pygame.SRCALPHA)
    big.fill((*ink, 0))
    k = side * over / 24

    def triangle(left: float, right: float) -> None:
        pygame.draw.polygon(big, ink, [(left * k, 5 * k), (right * k, 12 * k), (left * k, 19 * k)])

    def bar(left: float, width: float) -> None:
        pygame.draw.rect(big, ink, (left * k, 5 * k, width * k, 14 * k))

    match icon:
        case "play":
            triangle(7, 20)
        case "pause":
            bar(6.5, 4)
            bar(13.5, 4)
        case "forward" | "back":
            bar(5.5, 3)
            triangle(10.5, 19.5)
        case "jump forward" | "jump back":
            triangle(3.5, 12)
            triangle(12, 20.5)
        case "settings":
            _gear(big, ink, k)
        case "menu":
            for y in (5, 11, 17):
                pygame.draw.rect(big, ink, (3 * k, y * k, 18 * k, 2.4 * k))
        case "help":
            box = pygame.Rect(0, 0, round(10 * k), round(10 * k))
            box.center = (round(12 * k), round(8.6 * k))
            pygame.draw.arc(big, ink, box, -math.pi / 3, math.pi, round(2.6 * k))
            pygame.draw.rect(big, ink, (10.7 * k, 11.6 * k, 2.6 * k, 4.2 * k))
            pygame.draw.circle(big, ink, (12 * k, 19.4 * k), 1.7 * k)
        case "sound on" | "sound off":
            speaker = [(2, 9), (6, 9), (12, 4), (12, 20), (6, 15), (2, 15)]
            pygame.draw.polygon(big, ink, [(x * k, y * k) for x, y in speaker])
    if icon == "sound on":
        for radius in (4.5, 9):
            box = pygame.Rect(0, 0, round(2 * radius * k), round(2 * radius * k))
            box.center = (round(12.5 * k), round(12 * k))
            pygame.draw.arc(big, ink, box, -math.pi / 4, math.pi / 4, round(1.8 * k))
    elif icon == "sound off":
        for rise in (-1, 1):
            start, end = (15 * k, (12 - 3.2 * rise) * k), (21.4 * k, (12 + 3.2 * rise) * k)
            pygame.draw.line(big, ink, start, end, round(1.8 * k))
    if icon.endswith("back"):
        big = pygame.transform.flip(big, True, False)
    return pygame.transform.smoothscale(big, (side, side))


def _gear(surface: pygame.Surface, ink: Colour, k: float) -> None:
    middle = pygame.Vector2(12, 12)
    for turn in range(8):
        arm = pygame.Vector2(9.6, 0).rotate(45 * turn)
        wide = arm.rotate(90).normalize() * 2.1
        tip, foot = middle + arm, middle + arm * 0.5
        pygame.draw.polygon(surface, ink, [p * k for p in (tip + wide, tip - wide, foot - wide, foot + wide)])
    pygame.draw.circle(surface, ink, middle * k, 7.2 * k)
    pygame.draw.circle(surface, (*ink, 0), middle * k, 3.4 * k)
