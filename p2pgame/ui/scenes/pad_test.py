"""Shows what of each gamepad is down, so that its player finds the numbers of its buttons."""

import pygame

from p2pgame.i18n.catalogue import gettext
from p2pgame.ui.gamepads import Gamepad
from p2pgame.ui.inputs import Input, MenuAction, Press
from p2pgame.ui.scene import Context, Pop, Scene, Transition
from p2pgame.ui.widgets import Button, Form

__all__ = ["PadTestScene"]

_BUTTONS = 12
"""Shown at least."""
_CAP = 44
_STICK = 72


class PadTestScene(Scene):
    """One line for each gamepad."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.back = Button(gettext("Back"), self._back)
        self.form = Form([self.back])
        self._seen = -1

    def layout(self, size: tuple[int, int]) -> None:
        u = self.canvas.u
        self.back.rect = pygame.Rect(size[0] - u(20) - u(110), u(18), u(110), u(44))

    def handle(self, event: Input) -> None:
        if event == Press(MenuAction.BACK):
            self._back()
        else:
            super().handle(event)

    def update(self, dt: float) -> Transition | None:
        if self.context.gamepads.version != self._seen:
            self._seen, self.dirty = self.context.gamepads.version, True
        return super().update(dt)

    def draw(self, surface: pygame.Surface) -> None:
        canvas, u, theme = self.canvas, self.canvas.u, self.canvas.theme
        surface.fill(theme.background)
        at = (u(20), self.back.rect.centery)
        canvas.text(surface, gettext("Press all your buttons"), at, "heading", anchor="midleft", bold=True)
        pads = list(self.context.gamepads.connected.values())
        area = pygame.Rect(u(20), u(80), surface.get_width() - u(40), surface.get_height() - u(100))
        if not pads:
            canvas.paragraph(surface, gettext("No gamepad is connected"), area, "body", theme.muted)
        for pad in pads:
            area.top = self._draw_pad(surface, area, pad) + u(16)
        self.form.draw(surface, canvas)

    def _draw_pad(self, surface: pygame.Surface, area: pygame.Rect, pad: Gamepad) -> int:
        """Draw it at the top of `area`; returns the y below."""
        canvas, u, theme = self.canvas, self.canvas.u, self.canvas.theme
        number = self.context.players.number_of(pad.number)
        words = gettext("{pad}: player {number}", pad=pad.name, number=number)
        y = canvas.text(surface, words, area.topleft, "body", width=area.width, bold=True).bottom + u(8)
        stick = pygame.Rect(area.left, y, u(_STICK), u(_STICK))
        canvas.panel(surface, stick, theme.panel)
        canvas.frame(surface, stick, theme.edge, 1)
        x, down = (pad.axes.get(axis, 0.0) for axis in (0, 1))
        x, down = (x, down) if (x, down) != (0, 0) else (pad.hat[0], -pad.hat[1])
        reach = stick.width * 2 // 5
        spot = (stick.centerx + round(x * reach), stick.centery + round(down * reach))
        canvas.shapes.disc(surface, spot, u(8), theme.accent)
        left, top = stick.right + u(16), y
        for button in range(max(_BUTTONS, *(each + 1 for each in pad.down or {0}))):
            cap = pygame.Rect(left, top, u(_CAP), u(_CAP))
            if cap.right > area.right:
                left, top = stick.right + u(16), top + u(_CAP + 8)
                cap.topleft = (left, top)
            lit = button in pad.down
            canvas.panel(surface, cap, theme.accent if lit else theme.raised)
            ink = theme.on_accent if lit else theme.text
            canvas.text(surface, str(button + 1), cap.center, "body", ink, anchor="center", bold=True)
            left = cap.right + u(8)
        return max(stick.bottom, top + u(_CAP))

    def _back(self) -> None:
        self.next = Pop()
