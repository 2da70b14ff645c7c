"""Scenes, widgets and the views of games draw with a `Canvas`: theme, text, shapes and sounds at the window's scale.

Does not know what is drawn. All lengths that callers pass as `units` are multiplied by `scale`.
"""

from typing import Literal

import pygame

from p2pgame.i18n.catalogue import gettext
from p2pgame.ui.shapes import Shapes
from p2pgame.ui.sound import Sounds
from p2pgame.ui.text import Fonts
from p2pgame.ui.theme import THEME, Colour, Theme

__all__ = ["MIN_SIZE", "Anchor", "Canvas", "Size"]

MIN_SIZE = (640, 480)
"""The smallest canvas that scenes lay themselves out for, in pixels."""
_REFERENCE = (1060, 680)
_SCALES = (0.8, 4.0)
_TIGHTEST = (800, 600)
"""Units that scenes lay themselves out in at least: nothing is scaled beyond what leaves them that much ..."""
_FINGERS = 44 / 38
"""The scale from which on the lowest button has the 44 pixels that a finger hits."""
_CALM = 2.0
"""... and from this scale on, half of what a window grows by is more to see, and half is larger things."""

Anchor = Literal[
    "topleft", "midtop", "topright", "midleft", "center", "midright", "bottomleft", "midbottom", "bottomright"
]
Size = Literal["title", "heading", "body", "small"]


class Canvas:
    """One per window. `scale` follows the window's size."""

    def __init__(self, theme: Theme = THEME, sounds: Sounds | None = None) -> None:
        self.theme = theme
        self.shapes = Shapes()
        self.fonts = Fonts()
        self.sounds = sounds or Sounds()
        self.scale = 1.0
        self.zoom = 1.0
        """What the player multiplies all sizes by."""
        self.fingers = False
        """What is to be hit is large enough for a finger, as far as there is room."""
        self.shakes = True
        """A board may shake when something crashes."""
        self.still = False
        """"Reduce motion": what moves for its looks alone stands still."""

    def rescale(self, size: tuple[int, int]) -> None:
        """Take the scale for a window of `size` pixels."""
        fit = min(size[0] / _REFERENCE[0], size[1] / _REFERENCE[1])
        least, most = _SCALES
        base = max(least, min(most, fit if fit < _CALM else _CALM + (fit - _CALM) / 2))
        roomy = max(least, min(size[0] / _TIGHTEST[0], size[1] / _TIGHTEST[1]))
        self.scale = min(max(base * self.zoom, _FINGERS if self.fingers else 0.0), roomy)

    def wear(self, theme: Theme) -> None:
        """Take another look."""
        if theme != self.theme:
            self.theme = theme
            self.shapes.clear()

    def u(self, units: float) -> int:
        """`units` in pixels, at least 1 for anything positive."""
        return max(1, round(units * self.scale)) if units > 0 else 0

    def px(self, size: Size | float) -> int:
        """The pixel size of a named or numbered text size."""
        return self.u(getattr(self.theme, size) if isinstance(size, str) else size)

    def line_height(self, size: Size | float) -> int:
        return self.fonts.height(self.px(size))

    def text(
        self,
        surface: pygame.Surface,
        text: str,
        at: tuple[int, int],
        size: Size | float = "body",
        colour: Colour | None = None,
        *,
        anchor: Anchor = "topleft",
        width: int | None = None,
        bold: bool = False,
    ) -> pygame.Rect:
        """Draw one line so that its `anchor` is `at`, cut to `width` pixels; returns where it is."""
        px = self.px(size)
        if width is not None:
            text = self.fonts.fit(text, px, width, bold=bold)
        line = self.fonts.render(text, px, colour or self.theme.text, bold=bold)
        rect = line.get_rect(**{anchor: at})
        surface.blit(line, rect)
        return rect

    def paragraph(
        self,
        surface: pygame.Surface,
        text: str,
        rect: pygame.Rect,
        size: Size | float = "body",
        colour: Colour | None = None,
        *,
        centred: bool = False,
        bold: bool = False,
    ) -> int:
        """Draw `text` wrapped into `rect`; "…" stands for lines that do not fit. Returns the y below it."""
        y, px = rect.top, self.px(size)
        height = self.line_height(size)
        lines = self.fonts.wrap(text, px, rect.width, bold=bold)
        shown = lines[: max(0, (rect.bottom + 1 - y) // height)]
        if shown and len(shown) < len(lines):
            shown[-1] = self.fonts.fit(f"{shown[-1]}…", px, rect.width, bold=bold)
        for line in shown:
            at = (rect.centerx, y) if centred else (rect.left, y)
            self.text(surface, line, at, size, colour, anchor="midtop" if centred else "topleft", bold=bold)
            y += height
        return y

    def paragraph_height(
        self, text: str, width: int, size: Size | float = "body", *, bold: bool = False
    ) -> int:
        """Height of `text` wrapped to `width` pixels."""
        return len(self.fonts.wrap(text, self.px(size), width, bold=bold)) * self.line_height(size)

    def panel(self, surface: pygame.Surface, rect: pygame.Rect, colour: Colour | None = None) -> None:
        """A quiet background for a group of things."""
        self.shapes.box(surface, rect, colour or self.theme.panel, self.u(self.theme.radius))

    def frame(self, surface: pygame.Surface, rect: pygame.Rect, colour: Colour, units: float = 2) -> None:
        """An outline inside `rect` that follows the corners of `panel`."""
        self.shapes.box(surface, rect, colour, self.u(self.theme.radius), self.u(units))

    def ping(
        self, surface: pygame.Surface, right: tuple[int, int], rtt_ms: float | None, *, faint: bool = False
    ) -> None:
        """Four bars and a number, ending at `right` (midright)."""
        theme = self.theme
        bars = 0 if rtt_ms is None else sum(rtt_ms < limit for limit in (400, 150, 60, 25))
        colour = theme.faint if faint or not bars else theme.accent if bars >= 3 else theme.warm
        step, width = self.u(5), self.u(3.5)
        x, bottom = right[0] - 4 * step, right[1] + self.u(8)
        for i in range(4):
            height = self.u(4 + 4 * i)
            bar = pygame.Rect(x + i * step, bottom - height, width, height)
            surface.fill(colour if i < bars else theme.line, bar)
        label = "–"
        if rtt_ms is not None:
            label = gettext("{n} ms", n=round(rtt_ms)) if rtt_ms >= 1 else gettext("<1 ms")
        tint = theme.faint if faint or rtt_ms is None else theme.muted
        self.text(surface, label, (x - self.u(8), right[1]), "small", tint, anchor="midright")
