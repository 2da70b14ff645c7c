"""A bar for a place in something long, with marks on it, and a curve above it. By mouse; keys go to a callback.

Does not know what the numbers mean.
"""

from collections.abc import Callable, Mapping, Sequence

import pygame

from p2pgame.ui.canvas import Canvas
from p2pgame.ui.curve import draw_curve
from p2pgame.ui.inputs import Input, MenuAction, Pointer, PointerKind, Press
from p2pgame.ui.widgets import Widget, focus_ring

__all__ = ["Mark", "Scrub", "draw_mark"]

Mark = tuple[int, str]
"""A place and what happened there: ``paused``, ``differed``, ``gave`` (much away) or ``turned`` (the match)."""
_MARKS_MAX = 200


class Scrub(Widget):
    """``0 .. most``."""

    def __init__(
        self,
        most: int,
        marks: Sequence[Mark],
        on_seek: Callable[[int], None],
        on_key: Callable[[MenuAction], bool],
    ) -> None:
        """`on_seek` is called for each place that is pointed at, `on_key` for keys; True: it was for us."""
        super().__init__()
        self.most = most
        self.marks = tuple(marks)[:_MARKS_MAX]
        self.value = 0
        self.curve = 0
        """Pixels at the top of the rectangle for the curve."""
        self.shares: Mapping[int, Sequence[int]] = {}
        self.order: Sequence[int] = ()
        """Of the curve: see `draw_curve`."""
        self._on_seek = on_seek
        self._on_key = on_key

    def handle(self, event: Input) -> bool:
        if isinstance(event, Press):
            return self._on_key(event.action)
        used = super().handle(event)
        if isinstance(event, Pointer) and self.armed and event.kind is not PointerKind.UP:
            part = (event.at[0] - self.rect.left) / max(1, self.rect.width)
            self._on_seek(round(max(0.0, min(1.0, part)) * self.most))
            return True
        return used

    def _x(self, place: int) -> int:
        return self.rect.left + self.rect.width * min(place, self.most) // max(1, self.most)

    def draw(self, surface: pygame.Surface, canvas: Canvas, *, focused: bool) -> None:
        theme, u, rect = canvas.theme, canvas.u, self.rect.copy()
        if self.curve:
            self._draw_curve(surface, canvas)
            rect.top, rect.height = rect.top + self.curve, rect.height - self.curve
        lit = self.hover or self.armed or focused
        track = pygame.Rect(rect.left, rect.centery - u(3), rect.width, u(6))
        canvas.shapes.box(surface, track, theme.line, u(3))
        x = self._x(self.value)
        if x > rect.left:
            done = pygame.Rect(track.left, track.top, x - track.left, track.height)
            canvas.shapes.box(surface, done, theme.accent, u(3))
        for place, kind in self.marks:
            draw_mark(surface, canvas, kind, (self._x(place), rect.top + u(5)))
        canvas.shapes.disc(surface, (x, rect.centery), u(9), theme.accent_hover if lit else theme.accent)
        canvas.shapes.disc(surface, (x, rect.centery), u(4), theme.on_accent)
        if focused:
            focus_ring(surface, canvas, rect.inflate(u(20), -u(6)))

    def _draw_curve(self, surface: pygame.Surface, canvas: Canvas) -> None:
        """Above the bar, with a line at the place."""
        u, theme = canvas.u, canvas.theme
        rect = pygame.Rect(self.rect.left, self.rect.top, self.rect.width, self.curve - u(4))
        draw_curve(surface, canvas, rect, self.most, self.shares, self.order)
        for place, kind in self.marks:
            if kind == "turned":
                surface.fill(theme.warm, (self._x(place) - u(1), rect.top, u(2), rect.height))
        surface.fill(theme.accent, (self._x(self.value) - u(1), rect.top, u(2), self.curve))


def draw_mark(surface: pygame.Surface, canvas: Canvas, kind: str, at: tuple[int, int]) -> None:
    """The sign of what happened, around `at`.

    Two bars for a pause, a triangle for a move that gave much away, a filled one for that which turned the match, a
    diamond for anything else.
    """
    u, (x, y) = canvas.u, at
    if kind == "paused":
        for dx in (-u(3), u(1)):
            surface.fill(canvas.theme.warm, (x + dx, y - u(4), u(2), u(8)))
    elif kind in ("gave", "turned"):
        corners = [(x - u(5), y - u(5)), (x + u(5), y - u(5)), (x, y + u(5))]
        if kind == "turned":
            pygame.draw.polygon(surface, canvas.theme.warm, corners)
        pygame.draw.aalines(surface, canvas.theme.warm, True, corners)
    else:
        corners = [(x, y - u(5)), (x + u(5), y), (x, y + u(5)), (x - u(5), y)]
        pygame.draw.polygon(surface, canvas.theme.text, corners)
        pygame.draw.aalines(surface, canvas.theme.text, True, corners)
