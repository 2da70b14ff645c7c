"""Ready? 3, 2, 1: over the board before a real-time match goes on that stood still. The match does not run yet."""

from math import ceil
from typing import Final

import pygame

from p2pgame.i18n.catalogue import gettext
from p2pgame.session.view import COUNT_IN
from p2pgame.ui.canvas import Canvas
from p2pgame.ui.theme import THEME

__all__ = ["BEAT", "CountIn"]

BEAT: Final = COUNT_IN / 3000
"""Seconds of each number."""


class CountIn:
    """The countdown of one board."""

    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas
        self.number = 0
        """3, 2, 1; 0: nothing is counted."""

    def update(self, left: float) -> bool:
        """The match goes on in `left` seconds. True if another number shows now; it is heard, too."""
        number = max(0, ceil(left / BEAT))
        changed = number != self.number
        self.number = number
        if changed:
            self._canvas.sounds.play("beat" if number else "go")
        return changed

    def draw(self, surface: pygame.Surface, board: pygame.Rect, *, dark: bool) -> None:
        """`dark`: the board is dark in every theme."""
        if not self.number:
            return
        canvas = self._canvas
        ink, ground = (THEME.text, THEME.board) if dark else (canvas.theme.text, canvas.theme.background)
        large = board.height / 5 / canvas.scale
        at = (board.centerx, board.centery)
        # the game may count there itself: two numbers on one another are none
        canvas.shapes.disc(surface, at, board.height // 7, ground)
        shown = canvas.text(surface, str(self.number), at, large, ink, anchor="center", bold=True)
        width = board.width - canvas.u(20)
        canvas.text(
            surface,
            gettext("Ready?"),
            shown.midbottom,
            large / 3,
            ink,
            anchor="midtop",
            width=width,
            bold=True,
        )
