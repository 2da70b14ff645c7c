"""A slider: a number in a range, by mouse or by Left, Right, Home and End. Does not know the meaning of the number."""

from collections.abc import Callable

import pygame

from p2pgame.ui.canvas import Canvas
from p2pgame.ui.inputs import Input, MenuAction, Pointer, PointerKind, Press
from p2pgame.ui.widgets import Widget, focus_ring

__all__ = ["Slider"]

_LABEL = 66
_VALUE = 58
"""Units left for the label and right for the value; the track is between."""


class Slider(Widget):
    """``least .. most`` in steps of `step`; `on_change` is called with each new value."""

    def __init__(
        self,
        label: str,
        shown: Callable[[int], str],
        most: int,
        step: int,
        value: int,
        on_change: Callable[[int], None],
        least: int = 0,
    ) -> None:
        """`shown` gives the text for a value. Without a `label` the track begins at the left."""
        super().__init__()
        self.label = label
        self.shown = shown
        self.most = most
        self.step = step
        self.least = least
        self.value = max(least, min(most, value))
        self.on_change = on_change
        self.track = pygame.Rect(0, 0, 0, 0)

    def place(self, rect: pygame.Rect, canvas: Canvas) -> None:
        """Take `rect` for the whole of it."""
        u = canvas.u
        self.rect = rect
        left = rect.left + u(_LABEL if self.label else 10)
        self.track = pygame.Rect(left, rect.centery - u(2), rect.right - u(_VALUE) - left, u(4))

    def handle(self, event: Input) -> bool:
        if isinstance(event, Press):
            to = {
                MenuAction.LEFT: self.value - self.step,
                MenuAction.RIGHT: self.value + self.step,
                MenuAction.HOME: self.least,
                MenuAction.END: self.most,
            }.get(event.action)
            if to is None:
                return False
            self._set(to)
            return True
        used = super().handle(event)
        if isinstance(event, Pointer) and self.armed and event.kind is not PointerKind.UP:
            part = (event.at[0] - self.track.left) / max(1, self.track.width)
            self._set(self.least + round(part * (self.most - self.least) / self.step) * self.step)
            return True
        return used

    def _set(self, value: int) -> None:
        value = max(self.least, min(self.most, value))
        if value != self.value:
            self.value = value
            self.on_change(value)

    def draw(self, surface: pygame.Surface, canvas: Canvas, *, focused: bool) -> None:
        theme, u, rect = canvas.theme, canvas.u, self.rect
        lit = self.hover or self.armed or focused
        at = (rect.left + u(4), rect.centery)
        canvas.text(surface, self.label, at, "small", theme.text if lit else theme.muted, anchor="midleft")
        canvas.shapes.box(surface, self.track, theme.edge, u(2))
        x = self.track.left + self.track.width * (self.value - self.least) // max(1, self.most - self.least)
        done = pygame.Rect(self.track.left, self.track.top, x - self.track.left, self.track.height)
        if done.width > 0:
            surface.fill(theme.accent, done)
        canvas.shapes.disc(surface, (x, rect.centery), u(7), theme.accent_hover if lit else theme.accent)
        at = (rect.right - u(4), rect.centery)
        canvas.text(surface, self.shown(self.value), at, "small", theme.text, anchor="midright")
        if focused:
            focus_ring(surface, canvas, rect.inflate(-u(4), -u(4)))
