"""A list of rows of one height, or a grid of cards: selection by key, arrows, clicks, wheel. A subclass draws them."""

from collections.abc import Callable, Sequence
from typing import ClassVar

import pygame

from p2pgame.ui.canvas import Canvas
from p2pgame.ui.inputs import Input, MenuAction, Pointer, PointerKind, Press, Wheel
from p2pgame.ui.widgets import Widget

__all__ = ["RowList"]

_DOUBLE_CLICK = 0.4
_REST = 3.0
"""Seconds for which a pointer that rests over the list keeps its rows in their places."""


class RowList(Widget):
    """Up, Down, Home, End or a click select; Enter or a double click calls `on_open`.

    `canvas` is set by the scene's layout.
    """

    row_height: int = 62
    """Height of a row, in units."""
    row_gap: ClassVar[int] = 6
    """Units between two rows, and between two columns."""
    columns: int = 1
    """Cards beside each other; with more than one, what is called a row here is a card."""

    def __init__(self, on_select: Callable[[], None], on_open: Callable[[], None]) -> None:
        super().__init__()
        self.selected: str | None = None
        """The key of a row; the row may be gone."""
        self.pointed: str | None = None
        """The key of the row that the pointer is on."""
        self.canvas: Canvas | None = None
        self._on_select = on_select
        self._on_open = on_open
        self._scroll = 0.0
        """Pixels of the rows that are above the list; a touchpad scrolls by parts of one."""
        self._clicked = (1e9, "")
        """Seconds since the last click, and on which row."""
        self._pressed: str | None = None
        self._rested = 1e9
        """Seconds since the pointer last did something over the list."""
        self._dragged: int | None = None
        """Where the bar is held, from its top; None: it is not."""

    def keys(self) -> Sequence[str]:
        """Of the rows, topmost first; each different."""
        raise NotImplementedError

    def draw_row(
        self, surface: pygame.Surface, canvas: Canvas, rect: pygame.Rect, i: int, *, focused: bool
    ) -> None:
        """Draw row `i`."""
        raise NotImplementedError

    @property
    def focusable(self) -> bool:
        return bool(self.keys())

    def update(self, dt: float) -> bool:
        """`dt` seconds passed; True if anything to be seen changed."""
        self._clicked = (self._clicked[0] + dt, self._clicked[1])
        self._rested += dt
        return False

    @property
    def aimed_at(self) -> bool:
        """The pointer moved over it a moment ago: no row may slide under it now."""
        return (self.hover or self.armed) and self._rested < _REST

    def clamp(self) -> None:
        """Scroll back over what is not there any more. After every change of its size or rows."""
        self._scroll_by(0)

    def handle(self, event: Input) -> bool:
        if isinstance(event, Press):
            return self._key(event.action)
        if isinstance(event, Wheel) and self.rect.collidepoint(event.at):
            self._scroll_by(-event.steps * self._pitch())
            return True
        if isinstance(event, Pointer):
            self._rested = 0.0
            if self._drag(event):
                return True
        if isinstance(event, Pointer) and event.kind is PointerKind.DOWN:
            self._pressed = self._key_at(event.at)
        before = self.pointed
        if isinstance(event, Pointer):
            self.pointed = self._key_at(event.at)
        return super().handle(event) or before != self.pointed

    def _drag(self, event: Pointer) -> bool:
        """Take hold of the scroll bar, move it or let go of it."""
        track, thumb = self._bar()
        if (
            event.kind is PointerKind.DOWN
            and thumb.width
            and track.inflate(track.width * 4, 0).collidepoint(event.at)
        ):
            self._dragged = (
                event.at[1] - thumb.top if thumb.collidepoint(thumb.x, event.at[1]) else thumb.height // 2
            )
        held = self._dragged is not None
        if self._dragged is not None and track.height > thumb.height:
            part = (event.at[1] - self._dragged - track.top) / (track.height - thumb.height)
            self._scroll = max(0.0, min(1.0, part)) * (self.total - self.rect.height)
        if event.kind is PointerKind.UP:
            self._dragged = None
        return held

    def _bar(self) -> tuple[pygame.Rect, pygame.Rect]:
        """The track of the scroll bar and the part of it that shows where we are; empty where all rows fit."""
        u = self.canvas.u if self.canvas else int
        total = self.total
        track = pygame.Rect(self.rect.right + u(7), self.rect.top, u(5), self.rect.height)
        if total <= self.rect.height:
            return track, pygame.Rect(0, 0, 0, 0)
        thumb = track.copy()
        thumb.height = max(u(24), track.height * track.height // total)
        thumb.top += round((track.height - thumb.height) * self._scroll / (total - self.rect.height))
        return track, thumb

    def clicked(self, at: tuple[int, int]) -> None:
        key = self._key_at(at)
        if key is None or key != self._pressed:
            return
        ago, who = self._clicked
        self._clicked = (0.0, key)
        self._select(key)
        if who == key and ago < _DOUBLE_CLICK:
            self._on_open()

    def _key(self, action: MenuAction) -> bool:
        keys = self.keys()
        if action is MenuAction.CONFIRM and keys:
            self._on_open()
            return True
        if action in (MenuAction.HOME, MenuAction.END) and keys:
            self._select(keys[0 if action is MenuAction.HOME else -1])
            return True
        steps = {MenuAction.UP: -self.columns, MenuAction.DOWN: self.columns}
        if self.columns > 1:
            steps |= {MenuAction.LEFT: -1, MenuAction.RIGHT: 1}
        step = steps.get(action)
        if step is None or not keys:
            return False
        at = keys.index(self.selected) if self.selected in keys else -step
        to = at + step
        beside = abs(step) == 1 < self.columns and at // self.columns != to // self.columns
        if beside or not 0 <= to < len(keys):
            return False
        self._select(keys[to])
        return True

    def _select(self, key: str) -> None:
        self.selected = key
        self.reveal()
        self._on_select()

    def reveal(self) -> None:
        """Scroll as little as shows the selected row. To be called when the list was given another height."""
        keys = self.keys()
        row = keys.index(self.selected) // self.columns if self.selected in keys else 0
        top = row * self._pitch() - self._scroll if self.selected in keys else 0
        below = top + self._pitch() - self._gap() - self.rect.height
        self._scroll_by(top if top < 0 else max(0, below))

    @property
    def total(self) -> int:
        """Height of all rows in pixels."""
        return max(0, -(-len(self.keys()) // self.columns) * self._pitch() - self._gap())

    def _gap(self) -> int:
        return self.canvas.u(self.row_gap) if self.canvas else self.row_gap

    def _pitch(self) -> int:
        return self._gap() + (self.canvas.u(self.row_height) if self.canvas else self.row_height)

    def _scroll_by(self, pixels: float) -> None:
        most = max(0, self.total - self.rect.height)
        self._scroll = max(0.0, min(float(most), self._scroll + pixels))

    def row_at(self, i: int) -> pygame.Rect:
        """Where row `i` is, on the screen or scrolled out of sight."""
        row, column = divmod(i, self.columns)
        top = self.rect.top + row * self._pitch() - round(self._scroll)
        width = (self.rect.width - (self.columns - 1) * self._gap()) // self.columns
        left = self.rect.left + column * (width + self._gap())
        return pygame.Rect(left, top, width, self._pitch() - self._gap())

    def _key_at(self, at: tuple[int, int]) -> str | None:
        if not self.rect.collidepoint(at):
            return None
        first, keys = (
            int(at[1] - self.rect.top + round(self._scroll)) // self._pitch() * self.columns,
            self.keys(),
        )
        near = range(max(0, first), min(len(keys), first + self.columns))
        return next((keys[i] for i in near if self.row_at(i).collidepoint(at)), None)

    def seen(self, margin: int = 0) -> tuple[int, int]:
        """The first row that is on the screen, or within `margin` pixels of it, and the one after the last."""
        pitch = self._pitch()
        first = max(0, (round(self._scroll) - margin) // pitch) * self.columns
        end = ((round(self._scroll) + self.rect.height + margin) // pitch + 1) * self.columns
        return first, max(first, min(len(self.keys()), end))

    def draw(self, surface: pygame.Surface, canvas: Canvas, *, focused: bool) -> None:
        clip = surface.get_clip()
        margin = canvas.u(5)
        surface.set_clip(self.rect.inflate(2 * margin, 2 * margin).clip(clip))
        for i in range(*self.seen(margin)):
            self.draw_row(surface, canvas, self.row_at(i), i, focused=focused)
            if self.keys()[i] == self.pointed != self.selected:
                canvas.frame(surface, self.row_at(i), canvas.theme.edge, 1)
        surface.set_clip(clip)
        _, thumb = self._bar()
        if thumb.width:
            canvas.shapes.box(surface, thumb, canvas.theme.edge, canvas.u(2.5))
