"""One of a few pictures: click one, or Left and Right. For what words would say worse, as a colour or a shape."""

from collections.abc import Callable

import pygame

from p2pgame.ui.canvas import Canvas
from p2pgame.ui.inputs import Input, MenuAction, Press
from p2pgame.ui.widgets import Widget, focus_ring

__all__ = ["Swatches"]

_SIZE = 22
"""Units of a picture, at most."""

Draw = Callable[[pygame.Surface, Canvas, tuple[int, int], int, int], None]
"""Draws the picture of an option: surface, canvas, middle, pixels across, number of the option."""


class Swatches(Widget):
    """A row of pictures, one of which is chosen."""

    def __init__(self, count: int, draw: Draw, on_change: Callable[[int], None], index: int) -> None:
        super().__init__()
        self.count = count
        self.index = index
        self._draw = draw
        self._on_change = on_change

    def handle(self, event: Input) -> bool:
        if isinstance(event, Press) and event.action in (MenuAction.LEFT, MenuAction.RIGHT):
            index = self.index + (1 if event.action is MenuAction.RIGHT else -1)
            if not 0 <= index < self.count:
                return False
            self._choose(index)
            return True
        if event == Press(MenuAction.CONFIRM):
            self._choose((self.index + 1) % self.count)
            return True
        return super().handle(event)

    def clicked(self, at: tuple[int, int]) -> None:
        self._choose(min(self.count - 1, (at[0] - self.rect.left) * self.count // max(1, self.rect.width)))

    def _choose(self, index: int) -> None:
        if index != self.index:
            self.index = index
            self._on_change(index)

    def draw(self, surface: pygame.Surface, canvas: Canvas, *, focused: bool) -> None:
        theme, u, rect = canvas.theme, canvas.u, self.rect
        canvas.panel(surface, rect, theme.raised)
        canvas.frame(surface, rect, theme.edge, 1)
        for i in range(self.count):
            left = rect.left + rect.width * i // self.count
            width = rect.left + rect.width * (i + 1) // self.count - left
            part = pygame.Rect(left, rect.top, width, rect.height)
            if i == self.index:
                inner = part.inflate(-u(6), -u(6))
                canvas.shapes.box(surface, inner, theme.hover, u(theme.radius - 3))
                canvas.shapes.box(surface, inner, theme.accent, u(theme.radius - 3), u(1.5))
            size = min(u(_SIZE), part.width - u(10), part.height - u(12))
            self._draw(surface, canvas, part.center, size, i)
        if focused:
            focus_ring(surface, canvas, rect)
