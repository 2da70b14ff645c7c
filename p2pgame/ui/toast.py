"""Short notices at the bottom of the window, one at a time."""

from collections import deque

import pygame

from p2pgame.ui.canvas import Canvas

__all__ = ["Toasts"]

_SECONDS = 3.5
_SECONDS_IF_MORE = 1.2
_WAITING = 5


class Toasts:
    """Shows what `say` is given, oldest first; drops the oldest waiting ones when there are too many."""

    def __init__(self) -> None:
        self._waiting: deque[str] = deque(maxlen=_WAITING)
        self._age = 0.0
        self.text = ""
        """The text on screen; may be empty."""

    def say(self, text: str) -> None:
        """Show `text`; the text that is on screen already stays longer."""
        if text == self.text:
            self._age = 0.0
        elif text not in self._waiting:
            self._waiting.append(text)

    def clear(self) -> None:
        """Forget all notices."""
        self._waiting.clear()
        self._age = _SECONDS

    def update(self, dt: float) -> bool:
        """True if the shown text changed."""
        before = self.text
        self._age += dt
        over = self._age >= (_SECONDS_IF_MORE if self._waiting else _SECONDS)
        if not self.text or over:
            self.text = self._waiting.popleft() if self._waiting else ""
            self._age = 0.0
        return self.text != before

    def draw(self, surface: pygame.Surface, canvas: Canvas) -> None:
        if not self.text:
            return
        width = min(canvas.u(640), surface.get_width() - canvas.u(48))
        text = canvas.fonts.fit(self.text, canvas.px("body"), width - canvas.u(40))
        box = pygame.Rect(0, 0, canvas.fonts.width(text, canvas.px("body")) + canvas.u(40), canvas.u(42))
        box.midbottom = (surface.get_width() // 2, surface.get_height() - canvas.u(20))
        canvas.shapes.shadow(surface, box, canvas.u(10), 120)
        canvas.panel(surface, box, canvas.theme.hover)
        canvas.frame(surface, box, canvas.theme.line, 1)
        canvas.text(surface, text, box.center, "body", anchor="center")
