"""Keys on the screen, for who types into a text field with a gamepad alone."""

from functools import partial
from typing import Final

import pygame

from p2pgame.i18n.catalogue import gettext
from p2pgame.ui.inputs import Input, MenuAction, Press, Typed
from p2pgame.ui.scene import Context, Pop, Scene
from p2pgame.ui.textfield import TextField
from p2pgame.ui.widgets import Button, Form

__all__ = ["KeyboardScene"]

_ROWS: Final = ("1234567890", "qwertyuiop", "asdfghjkl-", "zxcvbnm.:_")
_SHIFTED: Final = ("!?'\"()/&+=", "QWERTYUIOP", "ASDFGHJKL@", "ZXCVBNM,;%")
_KEY = 44
_GAP = 6
_LINE = 46
"""Units of the line that shows the text."""
_MARGIN = 16
_WIDEST = 620


class KeyboardScene(Scene):
    """Types into `field`, which stays in the scene under this one."""

    overlay = True

    def __init__(self, context: Context, field: TextField) -> None:
        super().__init__(context)
        self._field = field
        self._shifted = False
        self._panel = pygame.Rect(0, 0, 0, 0)
        self.keys = [
            [Button("", partial(self._type, row, column)) for column in range(10)] for row in range(4)
        ]
        self.shift = Button(gettext("Shift"), self._shift)
        self.space = Button(gettext("Space"), partial(self._give, Typed(" ")))
        self.erase = Button(gettext("Erase"), partial(self._give, Press(MenuAction.ERASE)))
        self.close_button = Button(gettext("Close"), self._close)
        self.done = Button(gettext("Done"), self._done, "primary")
        self._last_row = [self.shift, self.space, self.erase, self.close_button, self.done]
        self._label()
        self.form = Form([*(key for row in self.keys for key in row), *self._last_row], self.keys[1][0])
        self.form.ring = True

    def layout(self, size: tuple[int, int]) -> None:
        u = self.canvas.u
        width = min(u(_WIDEST), size[0] - u(16))
        height = u(2 * _MARGIN + _LINE) + 5 * u(_KEY + _GAP)
        self._panel = pygame.Rect(0, 0, width, height)
        self._panel.midbottom = (size[0] // 2, size[1] - u(8))
        inner = self._panel.inflate(-u(2 * _MARGIN), -u(2 * _MARGIN))
        top = inner.top + u(_LINE)
        for row in self.keys:
            top = _in_a_row(row, [1] * 10, pygame.Rect(inner.left, top, inner.width, u(_KEY)), u(_GAP)) + u(
                _GAP
            )
        _in_a_row(
            self._last_row, [2, 3, 2, 2, 2], pygame.Rect(inner.left, top, inner.width, u(_KEY)), u(_GAP)
        )

    def handle(self, event: Input) -> None:
        """As well as the keys on the screen: the buttons of a gamepad that erase, move the caret and close."""
        if not isinstance(event, Press):
            super().handle(event)
            return
        match event.action:
            case MenuAction.BACK:
                self._close()
            case MenuAction.CHAT | MenuAction.ERASE:
                self._give(Press(MenuAction.ERASE))
            case MenuAction.PREVIOUS:
                self._give(Press(MenuAction.LEFT))
            case MenuAction.NEXT:
                self._give(Press(MenuAction.RIGHT))
            case _:
                super().handle(event)

    def draw(self, surface: pygame.Surface) -> None:
        canvas, u, theme = self.canvas, self.canvas.u, self.canvas.theme
        canvas.shapes.shadow(surface, self._panel, u(18))
        canvas.panel(surface, self._panel)
        line = self._panel.inflate(-u(2 * _MARGIN), 0)
        line.top, line.height = self._panel.top + u(10), u(_LINE - 6)
        canvas.panel(surface, line, theme.background)
        canvas.frame(surface, line, theme.edge, 1)
        field, px, left = self._field, canvas.px("body"), line.left + u(12)
        before, room = field.text[: field.caret], line.width - u(30)
        while before and canvas.fonts.width(before, px) > room:
            before = before[1:]  # the caret is in sight
        caret = left + (canvas.fonts.width(before, px) if before else 0)
        if before:
            canvas.text(surface, before, (left, line.centery), "body", anchor="midleft")
        surface.fill(theme.accent, (caret, line.centery - u(11), max(2, u(1.5)), u(22)))
        if after := field.text[field.caret :]:
            at = (caret + u(3), line.centery)
            canvas.text(surface, after, at, "body", anchor="midleft", width=max(1, line.right - u(8) - at[0]))
        self.form.draw(surface, canvas)

    def _label(self) -> None:
        for buttons, letters in zip(self.keys, _SHIFTED if self._shifted else _ROWS, strict=True):
            for button, letter in zip(buttons, letters, strict=True):
                button.label = letter

    def _type(self, row: int, column: int) -> None:
        self._give(Typed(self.keys[row][column].label))
        if self._shifted:
            self._shift()

    def _shift(self) -> None:
        self._shifted = not self._shifted
        self._label()

    def _give(self, event: Input) -> None:
        self._field.handle(event)
        self.dirty = True

    def _close(self) -> None:
        self.next = Pop()

    def _done(self) -> None:
        self.next = Pop()
        self._field.on_submit()


def _in_a_row(buttons: list[Button], shares: list[int], area: pygame.Rect, gap: int) -> int:
    """Place `buttons` beside each other, as wide as their shares of `area`. Returns the y below."""
    room, done = area.width - gap * (len(buttons) - 1), 0
    for number, (button, share) in enumerate(zip(buttons, shares, strict=True)):
        left, done_after = room * done // sum(shares), done + share
        width = room * done_after // sum(shares) - left
        button.rect = pygame.Rect(area.left + left + number * gap, area.top, width, area.height)
        done = done_after
    return area.bottom
