"""Short notices at the upper right, one at a time, and the log of the newest of them."""

from collections import deque
from math import inf

import pygame

from p2pgame.ui.canvas import Canvas
from p2pgame.ui.fade import eased
from p2pgame.ui.theme import THEME

__all__ = ["Toasts"]

_SECONDS = 3.5
_SECONDS_IF_MORE = 1.2
_WAITING = 5
_READING = 16
"""Characters that people read in a second; a long text stays longer."""
_WIDTH = 480
_SLIDE = 16
"""Units by which a notice comes from the side."""
_LOGGED = 100


class Toasts:
    """Shows what `say` is given, oldest first; drops the oldest waiting ones when there are too many."""

    def __init__(self) -> None:
        self._waiting: deque[str] = deque(maxlen=_WAITING)
        self.log: deque[str] = deque(maxlen=_LOGGED)
        """What was said, newest first."""
        self._age = 0.0
        self.text = ""
        """The text on screen; may be empty."""
        self.rect = pygame.Rect(0, 0, 0, 0)
        """Where it was drawn last; empty while there is none."""

    def say(self, text: str) -> None:
        """Show `text`; the text that is on screen already stays longer."""
        if text and (not self.log or self.log[0] != text):
            self.log.appendleft(text)
        if text == self.text:
            self._age = 0.0
        elif text not in self._waiting:
            self._waiting.append(text)

    def clear(self) -> None:
        """Forget all notices."""
        self._waiting.clear()
        self._age = inf

    def update(self, dt: float) -> bool:
        """True if the shown text changed, or is on its way in."""
        before = self.text
        self._age += dt
        long_enough = max(_SECONDS_IF_MORE if self._waiting else _SECONDS, len(self.text) / _READING)
        over = self._age >= long_enough
        if not self.text or over:
            self.text = self._waiting.popleft() if self._waiting else ""
            self._age = 0.0
        return self.text != before or (bool(self.text) and self._age < THEME.slow + dt)

    def draw(self, surface: pygame.Surface, canvas: Canvas, corner: tuple[int, int]) -> None:
        """`corner`: the upper right one."""
        self.rect = pygame.Rect(0, 0, 0, 0)
        if not self.text:
            return
        px, u = canvas.px("body"), canvas.u
        width = min(u(_WIDTH), corner[0] - u(12)) - u(32)
        lines = canvas.fonts.wrap(self.text, px, width)
        wide, high = (
            max(canvas.fonts.width(line, px) for line in lines),
            len(lines) * canvas.line_height("body"),
        )
        box = pygame.Rect(0, 0, wide + u(32), high + u(16))
        come = 1.0 if canvas.still else eased(self._age / THEME.slow)
        box.topright = corner[0] + round(u(_SLIDE) * (1 - come)), corner[1]
        self.rect = box
        canvas.shapes.shadow(surface, box, u(10), 120)
        canvas.panel(surface, box, canvas.theme.hover)
        canvas.frame(surface, box, canvas.theme.edge, 1)
        inside = pygame.Rect(0, 0, wide, high)
        inside.center = box.center
        canvas.paragraph(surface, self.text, inside.inflate(2, 0), "body")
