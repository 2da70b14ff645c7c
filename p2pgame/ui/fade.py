"""One picture becomes the next: the last one of what was shown lies over the new one and fades, easing out."""

import pygame

__all__ = ["Fade", "eased"]

_FIRST = 1 / 60
"""Seconds that have passed already when the first picture is drawn: what was pressed shows at once."""


def eased(part: float) -> float:
    """How far a motion is that is `part` of its time old: fast at first, then slower."""
    return 1 - (1 - max(0.0, min(1.0, part))) ** 3


class Fade:
    """At most one transition."""

    def __init__(self) -> None:
        self._last: pygame.Surface | None = None
        self._age = 0.0
        self._seconds = 1.0

    @property
    def running(self) -> bool:
        return self._last is not None

    def begin(self, last: pygame.Surface, seconds: float) -> None:
        """From the picture `last`, of which a copy is kept, within `seconds`."""
        self._last, self._age, self._seconds = last.copy(), _FIRST, seconds

    def stop(self) -> None:
        self._last = None

    def update(self, dt: float) -> bool:
        """`dt` seconds passed; True if there is something to draw for it."""
        if self._last is None:
            return False
        self._age += dt
        if self._age >= self._seconds:
            self._last = None
        return True

    def draw(self, surface: pygame.Surface) -> None:
        """What is left of the last picture, over the new one."""
        if self._last is None:
            return
        if self._last.get_size() != surface.get_size():  # the window got another size meanwhile
            self._last = None
            return
        self._last.set_alpha(round(255 * (1 - eased(self._age / self._seconds))))
        surface.blit(self._last, (0, 0))
