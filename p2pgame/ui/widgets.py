"""Buttons, text fields and choices, and the form that moves the focus between them.

A widget has a rectangle given to it by the scene, handles inputs and draws itself. It does not know the scene.
"""

from collections.abc import Callable, Sequence
from typing import Literal

import pygame

from p2pgame.ui.canvas import Canvas
from p2pgame.ui.fade import eased
from p2pgame.ui.inputs import Input, MenuAction, Pointer, PointerKind, Press, Wheel
from p2pgame.ui.theme import Colour, Theme, mixed

__all__ = ["Button", "Choice", "Form", "Switch", "Widget", "focus_ring"]


_STEPS = 8
"""Colours from that of a button at rest to that under the pointer; each is a picture that is kept."""
_PRESSED = 0.15
"""Part of the background in the face of a button that is pressed."""
_INSET = 14
"""Units that an option of a choice is wider than its text."""


_FINGER = 44
"""Pixels across of what a finger hits."""
_SLIP = 14
"""Pixels up or down by which a finger that scrolls is told from one that presses."""


class Widget:
    """Base. `handle` returns True if the input was for it."""

    typing = False
    """True for a widget that takes text."""
    composing = ""
    """Text that an input method is still working on."""

    def __init__(self) -> None:
        self.rect = pygame.Rect(0, 0, 0, 0)
        self.enabled = True
        self.hover = False
        self.armed = False
        """The pointer went down on it and is not up yet."""
        self._down_at = (0, 0)
        self.lit = 0.0
        """How far it has come to look as under the pointer, 0 to 1."""

    def glow(self, by: float) -> bool:
        """Let `lit` follow the pointer by so much; True if it changed."""
        wanted = float(self.hover and self.enabled)
        before, self.lit = (
            self.lit,
            max(wanted, self.lit - by) if wanted < self.lit else min(wanted, self.lit + by),
        )
        return self.lit != before

    @property
    def focusable(self) -> bool:
        return self.enabled

    def handle(self, event: Input) -> bool:
        """Take an input; keys come only to the widget with the focus, the pointer to all."""
        if not isinstance(event, Pointer):
            return False
        inside = self.enabled and self.rect.collidepoint(event.at)
        self.hover = inside and not (event.touch and event.kind is PointerKind.UP)
        if event.kind is PointerKind.DOWN:
            self.armed, self._down_at = inside, event.at
        elif event.touch and abs(event.at[1] - self._down_at[1]) > _SLIP:
            self.armed = False  # the finger scrolls
        if event.kind is PointerKind.UP:
            was, self.armed = self.armed, False
            if was and inside:
                self.clicked(event.at)
                return True
        return inside and event.kind is PointerKind.DOWN

    def clicked(self, at: tuple[int, int]) -> None:
        """The pointer went down and up on it."""

    def focus(self, *, has: bool) -> None:
        """The focus came or went."""

    def finish(self) -> None:
        """The input method ends: what it was working on becomes text as it is."""

    def draw(self, surface: pygame.Surface, canvas: Canvas, *, focused: bool) -> None:
        raise NotImplementedError


class Button(Widget):
    """Does something when pressed."""

    def __init__(
        self, label: str, on_press: Callable[[], None], kind: Literal["primary", "plain", "danger"] = "plain"
    ) -> None:
        super().__init__()
        self.label = label
        self.on_press = on_press
        self.kind = kind

    def handle(self, event: Input) -> bool:
        if event == Press(MenuAction.CONFIRM) and self.enabled:
            self.on_press()
            return True
        return super().handle(event)

    def clicked(self, at: tuple[int, int]) -> None:
        del at
        self.on_press()

    def face(self, theme: Theme) -> Colour:
        """Its colour: on its way to that under the pointer, and darker, or lighter, while it is pressed."""
        rest, under = {
            "primary": (theme.accent, theme.accent_hover),
            "plain": (theme.raised, theme.hover),
            "danger": (theme.danger, theme.danger_hover),
        }[self.kind]
        face = mixed(rest, under, round(eased(self.lit) * _STEPS) / _STEPS)
        return mixed(face, theme.background, _PRESSED) if self.armed else face

    def draw(self, surface: pygame.Surface, canvas: Canvas, *, focused: bool) -> None:
        theme = canvas.theme
        face = self.face(theme)
        ink = (
            theme.on_accent if self.kind == "primary" else theme.warm if self.kind == "danger" else theme.text
        )
        if not self.enabled:
            face, ink = theme.raised, theme.faint
        canvas.panel(surface, self.rect, face)
        if self.kind != "primary" and self.enabled:
            canvas.frame(surface, self.rect, theme.warm if self.kind == "danger" else theme.edge, 1)
        at = (self.rect.centerx, self.rect.centery + (canvas.u(1) if self.armed else 0))
        room = self.rect.width - canvas.u(12)
        canvas.text(surface, self.label, at, "body", ink, anchor="center", width=room, bold=True)
        if focused:
            focus_ring(surface, canvas, self.rect)


class Choice(Widget):
    """One of a few options: click one, or Left and Right. All are in sight, or if folded the chosen one alone."""

    def __init__(
        self, label: str, options: Sequence[str], on_change: Callable[[int], None], index: int = 0
    ) -> None:
        super().__init__()
        self.label = label
        self.options = tuple(options)
        self.on_change = on_change
        self.index = index
        self.folded = False
        self._pointed = -1
        """The option that the pointer is on; -1: none."""

    def fit(self, canvas: Canvas) -> None:
        """Fold if an option would be cut in its place beside the others. To be called when `rect` was set."""
        px, room = canvas.px("body"), self._segment(0).width - canvas.u(_INSET)
        self.folded = any(canvas.fonts.width(text, px, bold=True) > room for text in self.options)

    def handle(self, event: Input) -> bool:
        if isinstance(event, Press) and event.action in (MenuAction.LEFT, MenuAction.RIGHT):
            step = 1 if event.action is MenuAction.RIGHT else -1
            index = self.index + step
            if not 0 <= index < len(self.options):
                return False
            self._choose(index)
            return True
        if event == Press(MenuAction.CONFIRM):
            self._choose((self.index + 1) % len(self.options))
            return True
        before = self._pointed
        if isinstance(event, Pointer):
            parts = [] if self.folded else range(len(self.options))
            self._pointed = next((i for i in parts if self._segment(i).collidepoint(event.at)), -1)
        return super().handle(event) or before != self._pointed

    def clicked(self, at: tuple[int, int]) -> None:
        if self.folded:
            self._choose((self.index + (1 if at[0] >= self.rect.centerx else -1)) % len(self.options))
            return
        for i in range(len(self.options)):
            if self._segment(i).collidepoint(at):
                self._choose(i)

    def _choose(self, index: int) -> None:
        if index != self.index:
            self.index = index
            self.on_change(index)

    def _segment(self, i: int) -> pygame.Rect:
        n = len(self.options)
        left = self.rect.left + self.rect.width * i // n
        return pygame.Rect(
            left, self.rect.top, self.rect.left + self.rect.width * (i + 1) // n - left, self.rect.height
        )

    def draw(self, surface: pygame.Surface, canvas: Canvas, *, focused: bool) -> None:
        theme = canvas.theme
        canvas.panel(surface, self.rect, theme.raised)
        canvas.frame(surface, self.rect, theme.edge, 1)
        if self.folded:
            self._draw_folded(surface, canvas)
        else:
            self._draw_all(surface, canvas)
        if focused:
            focus_ring(surface, canvas, self.rect)

    def _draw_folded(self, surface: pygame.Surface, canvas: Canvas) -> None:
        theme, rect, edge = canvas.theme, self.rect, canvas.u(16)
        for sign, x in (("‹", rect.left + edge), ("›", rect.right - edge)):
            canvas.text(surface, sign, (x, rect.centery), "heading", theme.accent, anchor="center", bold=True)
        text, room = self.options[self.index], rect.width - 4 * edge
        if canvas.fonts.width(text, canvas.px("body"), bold=True) <= room:
            canvas.text(surface, text, rect.center, "body", anchor="center", width=room, bold=True)
            return
        room, width = rect.width - 3 * edge, canvas.fonts.width(text, canvas.px("small"))
        half = min(room, width * 5 // 8)  # two lines about as long as each other
        lines = pygame.Rect(0, 0, half, canvas.paragraph_height(text, half, "small"))
        lines.center = rect.center
        if width > room and lines.height <= rect.height:
            canvas.paragraph(surface, text, lines, "small", centred=True)
        else:
            canvas.text(surface, text, rect.center, "small", anchor="center", width=room)

    def _draw_all(self, surface: pygame.Surface, canvas: Canvas) -> None:
        theme = canvas.theme
        for i, option in enumerate(self.options):
            segment = self._segment(i)
            chosen = i == self.index
            if chosen:
                inner = segment.inflate(-canvas.u(6), -canvas.u(6))
                canvas.shapes.box(surface, inner, theme.hover, canvas.u(theme.radius - 3))
                canvas.shapes.box(surface, inner, theme.accent, canvas.u(theme.radius - 3), canvas.u(1.5))
            elif i == self._pointed:
                inner = segment.inflate(-canvas.u(6), -canvas.u(6))
                canvas.shapes.box(surface, inner, theme.hover, canvas.u(theme.radius - 3))
            colour = theme.text if chosen or i == self._pointed else theme.muted
            room = segment.width - canvas.u(_INSET)
            canvas.text(
                surface, option, segment.center, "body", colour, anchor="center", width=room, bold=chosen
            )


class Switch(Widget):
    """On or off. Says so by the place and the colour of its knob."""

    def __init__(self, label: str, on_change: Callable[[bool], None], *, on: bool) -> None:
        super().__init__()
        self.label = label
        self.on = on
        self.on_change = on_change

    def handle(self, event: Input) -> bool:
        if isinstance(event, Press):
            to = {MenuAction.LEFT: False, MenuAction.RIGHT: True, MenuAction.CONFIRM: not self.on}.get(
                event.action
            )
            if to is None or (to == self.on and event.action is not MenuAction.CONFIRM):
                return False
            self._set(to)
            return True
        return super().handle(event)

    def clicked(self, at: tuple[int, int]) -> None:
        del at
        self._set(not self.on)

    def _set(self, on: bool) -> None:
        self.on = on
        self.on_change(on)

    def draw(self, surface: pygame.Surface, canvas: Canvas, *, focused: bool) -> None:
        theme, u = canvas.theme, canvas.u
        track = pygame.Rect(0, 0, u(52), u(28))
        track.midright = self.rect.midright
        canvas.shapes.box(surface, track, theme.accent if self.on else theme.raised, u(14))
        canvas.shapes.box(surface, track, theme.accent if self.on else theme.edge, u(14), u(1.5))
        x = track.right - u(14) if self.on else track.left + u(14)
        canvas.shapes.disc(surface, (x, track.centery), u(9), theme.on_accent if self.on else theme.edge)
        if focused:
            focus_ring(surface, canvas, track)


class Form:
    """Widgets in reading order, one of which has the focus. The ring shows once keys are used."""

    def __init__(self, widgets: Sequence[Widget], focus: Widget | None = None) -> None:
        self.widgets = list(widgets)
        self.focused: Widget | None = focus or next((w for w in self.widgets if w.focusable), None)
        self.ring = False
        if self.focused is not None:
            self.focused.focus(has=True)

    @property
    def field(self) -> Widget | None:
        """The focused widget, if it takes text."""
        return self.focused if self.focused is not None and self.focused.typing else None

    def replace(self, widgets: Sequence[Widget]) -> None:
        """Take other widgets, keeping the focus where the focused one stays."""
        self.widgets = list(widgets)
        if self.focused not in self.widgets:
            self.give(next((w for w in self.widgets if w.focusable), None))

    def give(self, widget: Widget | None) -> None:
        """Move the focus."""
        if widget is self.focused:
            return
        if self.focused is not None:
            self.focused.focus(has=False)
        self.focused = widget
        if widget is not None:
            widget.focus(has=True)

    def handle(self, event: Input) -> bool:
        """Pass an input on; False if nobody wanted it."""
        if isinstance(event, Pointer):
            return self._point(event)
        if isinstance(event, Wheel):
            return any(w.handle(event) for w in self.widgets if w.rect.collidepoint(event.at))
        if self.focused is not None and not self.focused.focusable:
            self.give(next((w for w in self.widgets if w.focusable), None))
        if isinstance(event, Press):
            self.ring = True
        if self.focused is not None and self.focused.handle(event):
            return True
        return isinstance(event, Press) and self._move(event.action)

    def glow(self, by: float) -> bool:
        """Let all widgets follow the pointer by so much (`Widget.glow`); True if one changed."""
        return sum(widget.glow(by) for widget in self.widgets) > 0

    def draw(self, surface: pygame.Surface, canvas: Canvas, only: Sequence[Widget] | None = None) -> None:
        """Draw all widgets, or `only` these of them."""
        for widget in self.widgets if only is None else only:
            focused = widget is self.focused and (self.ring or widget.typing)
            widget.draw(surface, canvas, focused=focused)

    def _point(self, event: Pointer) -> bool:
        event = self._aimed(event) if event.touch else event
        before = [(w.hover, w.armed) for w in self.widgets]
        used = False
        for widget in list(self.widgets):
            if event.kind is PointerKind.DOWN and widget.focusable and widget.rect.collidepoint(event.at):
                self.give(widget)
                self.ring = False
            used = widget.handle(event) or used
        return used or before != [(w.hover, w.armed) for w in self.widgets]

    def _aimed(self, event: Pointer) -> Pointer:
        """A finger that is beside everything means the nearest widget that would be under a larger one."""
        able = [w.rect for w in self.widgets if w.focusable and w.rect.width]
        if any(rect.collidepoint(event.at) for rect in able):
            return event
        near = [rect for rect in able if _grown(rect).collidepoint(event.at)]
        if not near:
            return event
        x, y = event.at

        def inside(rect: pygame.Rect) -> tuple[int, int]:
            return min(max(x, rect.left), rect.right - 1), min(max(y, rect.top), rect.bottom - 1)

        at = min(map(inside, near), key=lambda spot: (spot[0] - x) ** 2 + (spot[1] - y) ** 2)
        return Pointer(event.kind, at, touch=True)

    def _move(self, action: MenuAction) -> bool:
        able = [w for w in self.widgets if w.focusable]
        if not able:
            return False
        if action in (MenuAction.NEXT, MenuAction.PREVIOUS):
            step = 1 if action is MenuAction.NEXT else -1
            at = able.index(self.focused) if self.focused in able else -step
            self.give(able[(at + step) % len(able)])
            return True
        target = _nearest(self.focused, able, action)
        if target is not None:
            self.give(target)
        return target is not None


def _grown(rect: pygame.Rect) -> pygame.Rect:
    """What a finger may hit for it."""
    return rect.inflate(max(0, _FINGER - rect.width), max(0, _FINGER - rect.height))


def _nearest(start: Widget | None, able: list[Widget], action: MenuAction) -> Widget | None:
    """The widget an arrow leads to from `start`: near along the arrow, and not far off its line."""
    direction = {
        MenuAction.UP: (0, -1),
        MenuAction.DOWN: (0, 1),
        MenuAction.LEFT: (-1, 0),
        MenuAction.RIGHT: (1, 0),
    }.get(action)
    if direction is None or start is None:
        return None
    best: tuple[float, Widget] | None = None
    for widget in able:
        if widget is start:
            continue
        dx = _gap(start.rect.left, start.rect.right, widget.rect.left, widget.rect.right)
        dy = _gap(start.rect.top, start.rect.bottom, widget.rect.top, widget.rect.bottom)
        along = dx * direction[0] + dy * direction[1]
        across = abs(dx * direction[1]) + abs(dy * direction[0])
        if along <= 0:
            continue
        score = along + 3 * across
        if best is None or score < best[0]:
            best = (score, widget)
    return best[1] if best else None


def _gap(a0: int, a1: int, b0: int, b1: int) -> int:
    """Signed distance from interval a to interval b; 0 where they overlap."""
    return b0 - a1 + 1 if b0 >= a1 else b1 - a0 - 1 if b1 <= a0 else 0


def focus_ring(surface: pygame.Surface, canvas: Canvas, rect: pygame.Rect) -> None:
    """The focus ring, just outside `rect`: a bright and a dark line, so that one of them is seen on every colour."""
    theme = canvas.theme
    grown = rect.inflate(canvas.u(4), canvas.u(4))
    canvas.shapes.box(surface, grown, theme.focus_gap, canvas.u(theme.radius + 2), max(1, canvas.u(1)))
    grown = rect.inflate(canvas.u(8), canvas.u(8))
    canvas.shapes.box(surface, grown, theme.focus, canvas.u(theme.radius + 4), canvas.u(2))
