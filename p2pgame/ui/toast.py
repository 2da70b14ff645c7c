"""Short notices at the bottom of the window, one at a time."""

from collections import deque

import pygame

from p2pgame.ui.kit import Kit

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
        """What is on screen now; may be empty."""

    def say(self, text: str) -> None:
        """Show `text`; saying again what is on screen keeps it there longer."""
        if text == self.text:
            self._age = 0.0
        elif text not in self._waiting:
            self._waiting.append(text)

    def clear(self) -> None:
        """Forget all notices."""
        self._waiting.clear()
        self._age = _SECONDS

    def update(self, dt: float) -> bool:
        """True if what is to be seen changed."""
        before = self.text
        self._age += dt
        over = self._age >= (_SECONDS_IF_MORE if self._waiting else _SECONDS)
        if not self.text or over:
            self.text = self._waiting.popleft() if self._waiting else ""
            self._age = 0.0
        return self.text != before

    def draw(self, surface: pygame.Surface, kit: Kit) -> None:
        if not self.text:
            return
        width = min(kit.u(640), surface.get_width() - kit.u(48))
        text = kit.fonts.fit(self.text, kit.px("body"), width - kit.u(40))
        box = pygame.Rect(0, 0, kit.fonts.width(text, kit.px("body")) + kit.u(40), kit.u(42))
        box.midbottom = (surface.get_width() // 2, surface.get_height() - kit.u(20))
        kit.shapes.shadow(surface, box, kit.u(10), 120)
        kit.panel(surface, box, kit.theme.hover)
        kit.frame(surface, box, kit.theme.line, 1)
        kit.text(surface, text, box.center, "body", anchor="center")
