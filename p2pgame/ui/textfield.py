"""A line of text to edit, with input methods, paste and a caret."""

from collections.abc import Callable

import pygame

from p2pgame.ui.canvas import Canvas
from p2pgame.ui.inputs import Composing, Input, MenuAction, Press, Typed
from p2pgame.ui.widgets import Widget, focus_ring

__all__ = ["TextField"]

_CLIPBOARD_TYPES = ("text/plain;charset=utf-8", "text/plain")
"""What pygame may call text, the better one first. `pygame.SCRAP_TEXT` is the second, which X11 does not offer."""
_PASTE_MAX = 4096
"""Characters that are looked at; a clipboard may hold megabytes."""


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
        self.on_submit = on_submit
        self._characters = characters
        self._octets = octets

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
        return super().handle(event)

    def focus(self, *, has: bool) -> None:
        if has:
            self.caret = len(self.text)
        else:
            self.finish()

    def finish(self) -> None:
        text, self.composing = self.composing, ""
        self._insert(text)

    def _press(self, action: MenuAction) -> bool:
        match action:
            case MenuAction.CONFIRM:
                self.on_submit()
            case MenuAction.LEFT if self.caret > 0:
                self.caret -= 1
            case MenuAction.RIGHT if self.caret < len(self.text):
                self.caret += 1
            case MenuAction.HOME:
                self.caret = 0
            case MenuAction.END:
                self.caret = len(self.text)
            case MenuAction.ERASE:
                self.text = self.text[: max(0, self.caret - 1)] + self.text[self.caret :]
                self.caret = max(0, self.caret - 1)
            case MenuAction.DELETE:
                self.text = self.text[: self.caret] + self.text[self.caret + 1 :]
            case MenuAction.PASTE:
                self._insert(_clipboard())
            case _:
                return False
        return True

    def _insert(self, text: str) -> None:
        for character in text:
            longer = self.text[: self.caret] + character + self.text[self.caret :]
            fits = len(longer) <= self._characters and len(longer.encode(errors="replace")) <= self._octets
            if character.isprintable() and fits:
                self.text = longer
                self.caret += 1

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


def _clipboard() -> str:
    """The first line of the clipboard's text, at most `_PASTE_MAX` characters; empty where there is none to be had."""
    try:
        text = _clipboard_bytes().decode("utf-8", "replace")
    except (pygame.error, NotImplementedError, AttributeError):
        return ""
    return text.replace("\0", "").strip()[:_PASTE_MAX].split("\n")[0]


def _clipboard_bytes() -> bytes:
    """The clipboard's text as its owner gives it, which may be in any encoding. Raises what pygame raises."""
    if hasattr(pygame.scrap, "get_text"):  # pygame-ce
        try:
            return str(pygame.scrap.get_text()).encode()
        except UnicodeDecodeError as error:
            return bytes(error.object)
    if not pygame.scrap.get_init():
        pygame.scrap.init()
    texts = (pygame.scrap.get(kind) for kind in _CLIPBOARD_TYPES)
    return next(filter(None, texts), b"")
