"""A line of text to edit, with a caret, a selection, the clipboard and input methods."""

import time
from collections.abc import Callable

import pygame

from p2pgame.ui.canvas import Canvas
from p2pgame.ui.clipboard import clipboard, copy
from p2pgame.ui.inputs import Composing, Input, MenuAction, Pointer, PointerKind, Press, Typed
from p2pgame.ui.widgets import Widget, focus_ring

__all__ = ["TextField"]

_DOUBLE_CLICK = 0.4


class TextField(Widget):
    """Edits `text`. Enter calls `on_submit`. Limits are characters and UTF-8 bytes."""

    typing = True

    def __init__(
        self,
        text: str = "",
        placeholder: str = "",
        *,
        on_submit: Callable[[], None],
        characters: int = 64,
        octets: int = 255,
    ) -> None:
        super().__init__()
        self.text = text
        self.placeholder = placeholder
        self.caret = len(text)
        self.anchor = self.caret
        """The other end of the selection; the caret's place if nothing is selected."""
        self.on_submit = on_submit
        self._characters = characters
        self._octets = octets
        self._canvas: Canvas | None = None
        """That it was drawn with; before, nobody can point at it."""
        self._left = 0
        """Where the text begins, in pixels."""
        self._clicks = 0
        self._clicked = -1.0
        self._clicked_at = 0

    @property
    def selected(self) -> str:
        """The text that is selected; empty if none is."""
        start, end = sorted((self.caret, self.anchor))
        return self.text[start:end]

    def set(self, text: str) -> None:
        """Another text, with the caret at its end."""
        self.text, self.composing = text, ""
        self.caret = self.anchor = len(text)

    def handle(self, event: Input) -> bool:
        match event:
            case Typed(text):
                self.composing = ""
                self._insert(text)
                return True
            case Composing(text):
                self.composing = text[: self._characters]
                return True
            case Press(action):
                return self._press(action)
            case Pointer(kind, at) if self.enabled and (self.armed or self.rect.collidepoint(at)):
                self._point(kind, at)
        return super().handle(event)

    def focus(self, *, has: bool) -> None:
        if has:
            self.caret = self.anchor = len(self.text)
        else:
            self.finish()
            self.anchor = self.caret

    def finish(self) -> None:
        text, self.composing = self.composing, ""
        if text:
            self._insert(text)

    def _point(self, kind: PointerKind, at: tuple[int, int]) -> None:
        """A press puts the caret where it is, a second one selects the word, a third one all; a drag selects."""
        place = self._place_at(at[0])
        if kind is PointerKind.DOWN:
            soon = time.monotonic() - self._clicked < _DOUBLE_CLICK and place == self._clicked_at
            self._clicks = self._clicks % 3 + 1 if soon else 1
            self._clicked, self._clicked_at = time.monotonic(), place
            self.anchor, self.caret = place, place
            if self._clicks == 2:
                self.anchor, self.caret = _word(self.text, place)
            elif self._clicks == 3:
                self.anchor, self.caret = 0, len(self.text)
        elif kind is PointerKind.MOVE and self.armed and self._clicks == 1:
            self.caret = place

    def _place_at(self, x: int) -> int:
        """The place between two characters that is nearest to pixel `x`."""
        if self._canvas is None:
            return len(self.text)
        fonts, px = self._canvas.fonts, self._canvas.px("body")
        left = self._left
        return min(
            range(len(self.text) + 1), key=lambda i: abs(left + fonts.width(self.text[:i], px) * (i > 0) - x)
        )

    def _press(self, action: MenuAction) -> bool:
        start, end = sorted((self.caret, self.anchor))
        match action:
            case MenuAction.CONFIRM:
                self.on_submit()
            case MenuAction.LEFT if start < end:
                self._move(start)
            case MenuAction.RIGHT if start < end:
                self._move(end)
            case MenuAction.LEFT if self.caret > 0:
                self._move(self.caret - 1)
            case MenuAction.RIGHT if self.caret < len(self.text):
                self._move(self.caret + 1)
            case MenuAction.EXTEND_LEFT:
                self.caret = max(0, self.caret - 1)
            case MenuAction.EXTEND_RIGHT:
                self.caret = min(len(self.text), self.caret + 1)
            case MenuAction.HOME:
                self._move(0)
            case MenuAction.END:
                self._move(len(self.text))
            case MenuAction.EXTEND_HOME:
                self.caret = 0
            case MenuAction.EXTEND_END:
                self.caret = len(self.text)
            case MenuAction.SELECT_ALL:
                self.anchor, self.caret = 0, len(self.text)
            case MenuAction.ERASE:
                self._delete(start if start < end else max(0, start - 1), end)
            case MenuAction.DELETE:
                self._delete(start, end if start < end else end + 1)
            case MenuAction.COPY:
                copy(self.selected)
            case MenuAction.CUT:
                copy(self.selected)
                self._delete(start, end)
            case MenuAction.PASTE:
                self._insert(clipboard())
            case _:
                return False
        return True

    def _move(self, place: int) -> None:
        self.caret = self.anchor = place

    def _delete(self, start: int, end: int) -> None:
        self.text = self.text[:start] + self.text[end:]
        self._move(start)

    def _insert(self, text: str) -> None:
        self._delete(*sorted((self.caret, self.anchor)))
        for character in text:
            longer = self.text[: self.caret] + character + self.text[self.caret :]
            fits = len(longer) <= self._characters and len(longer.encode(errors="replace")) <= self._octets
            if character.isprintable() and fits:
                self.text = longer
                self._move(self.caret + 1)

    def draw(self, surface: pygame.Surface, canvas: Canvas, *, focused: bool) -> None:
        theme = canvas.theme
        canvas.panel(surface, self.rect, theme.background)
        canvas.frame(surface, self.rect, theme.edge, 1)
        inside = self.rect.inflate(-canvas.u(24), -canvas.u(8))
        before = self.text[: self.caret] + self.composing
        px = canvas.px("body")
        caret_x = canvas.fonts.width(before, px)
        shift = max(0, caret_x - inside.width + canvas.u(4))
        clip = surface.get_clip()
        surface.set_clip(inside.clip(clip))
        y = inside.centery
        self._canvas, self._left = canvas, inside.left - shift
        if focused and self.selected:
            start, end = (
                canvas.fonts.width(self.text[:i], px) if i else 0 for i in sorted((self.caret, self.anchor))
            )
            marked = pygame.Rect(inside.left - shift + start, y - canvas.u(12), end - start, canvas.u(24))
            canvas.shapes.box(surface, marked, theme.hover, canvas.u(3))
            surface.fill(theme.accent, (marked.left, marked.bottom - canvas.u(2), marked.width, canvas.u(2)))
        if self.text or self.composing:
            shown = before + self.text[self.caret :]
            canvas.text(surface, shown, (inside.left - shift, y), "body", anchor="midleft")
        elif not focused or self.placeholder:
            canvas.text(surface, self.placeholder, (inside.left, y), "body", theme.faint, anchor="midleft")
        if self.composing:
            start = canvas.fonts.width(self.text[: self.caret], px)
            line = pygame.Rect(inside.left + start - shift, y + canvas.u(11), caret_x - start, canvas.u(2))
            surface.fill(theme.accent, line)
        if focused:
            surface.fill(
                theme.accent,
                (inside.left + caret_x - shift, y - canvas.u(11), max(2, canvas.u(1.5)), canvas.u(22)),
            )
        surface.set_clip(clip)
        if focused:
            focus_ring(surface, canvas, self.rect)


def _word(text: str, place: int) -> tuple[int, int]:
    """Where the word around `place` begins and ends."""
    start = end = place
    while start > 0 and text[start - 1].isalnum():
        start -= 1
    while end < len(text) and text[end].isalnum():
        end += 1
    return start, end
