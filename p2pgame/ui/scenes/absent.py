"""Who keeps the others waiting in a round of a room: a line and a bar for each, until a bot plays on."""

from collections.abc import Callable, Sequence

import pygame

from p2pgame.i18n.catalogue import gettext
from p2pgame.session.view import MatchView
from p2pgame.ui.canvas import Canvas
from p2pgame.ui.widgets import Button, Form, Widget

__all__ = ["Absent"]

_QUIET = 2.0
"""Seconds before a wait shows: short waits are common, and a message for each would flicker."""
_BOT_AFTER = 10.0
"""Seconds after which a bot plays on: the length of the bar."""
_ROW = 40
_WIDTH = 360
_STEPS = 50
"""A bar is drawn in so many steps."""


class Absent:
    """Shows `MatchView.waiting_for`. The scene puts `widgets` into its form when `update` returns True."""

    def __init__(self, canvas: Canvas, drop: Callable[[], None]) -> None:
        """`drop`: lets bots play on now; for the host."""
        self.canvas = canvas
        self.rect = pygame.Rect(0, 0, 0, 0)
        """Where it is; empty while nobody is waited for."""
        self.rows: list[tuple[str, float]] = []
        """Names, and for how long in seconds, longest first."""
        self._drop = Button(gettext("Let a bot play on"), drop)
        self._hosting = False
        self._board = pygame.Rect(0, 0, 0, 0)

    @property
    def widgets(self) -> Sequence[Widget]:
        return (self._drop,) if self.rows and self._hosting else ()

    def lines(self) -> list[tuple[str, str]]:
        """What it says: a line for each, and how long."""
        return [
            (gettext("Waiting for {name}", name=name), gettext("{seconds} s", seconds=int(seconds)))
            for name, seconds in self.rows
        ]

    def update(self, now: float, match: MatchView, *, hosting: bool) -> bool:
        """Follow the match; True if other people are waited for. `now`: the clock of `MatchView.waiting_for`."""
        waits = sorted(((name, now - since) for name, since in match.waiting_for), key=lambda row: -row[1])
        before = ([name for name, _ in self.rows], self.widgets)
        self._hosting = hosting
        self.rows = [row for row in waits if row[1] >= _QUIET] if match.outcome is None else []
        if before == ([name for name, _ in self.rows], self.widgets):
            return False
        self._place()
        return True

    def layout(self, board: pygame.Rect) -> None:
        self._board = board
        self._place()

    def _place(self) -> None:
        u, board = self.canvas.u, self._board
        self.rect = pygame.Rect(0, 0, 0, 0)
        if self.rows and board.width:
            button = u(54) if self.widgets else 0
            height = min(board.height - u(16), len(self.rows) * u(_ROW) + u(16) + button)
            self.rect = pygame.Rect(0, 0, min(u(_WIDTH), board.width - u(16)), height)
            self.rect.center = board.center
            inner = self.rect.inflate(-u(28), -u(16))
            self._drop.rect = pygame.Rect(inner.left, inner.bottom - u(42), inner.width, u(40))

    def draw(self, surface: pygame.Surface, form: Form) -> None:
        """Draw it over the board; nothing while nobody is waited for."""
        if not self.rect.width:
            return
        canvas, u, theme = self.canvas, self.canvas.u, self.canvas.theme
        canvas.panel(surface, self.rect)
        canvas.frame(surface, self.rect, theme.line, 1)
        inner = self.rect.inflate(-u(28), -u(16))
        y = inner.top
        for (words, length), (_, seconds) in zip(self.lines(), self.rows, strict=True):
            shown = canvas.text(surface, length, (inner.right, y), "body", anchor="topright", bold=True)
            room = shown.left - u(8) - inner.left
            canvas.text(surface, words, (inner.left, y), "body", width=room, bold=True)
            bar = pygame.Rect(inner.left, y + u(28), inner.width, u(5))
            canvas.shapes.box(surface, bar, theme.raised, u(2))
            part = int(_STEPS * min(1.0, seconds / _BOT_AFTER)) / _STEPS
            if (width := round(bar.width * part)) > 0:
                canvas.shapes.box(surface, pygame.Rect(bar.topleft, (width, bar.height)), theme.warm, u(2))
            y += u(_ROW)
        form.draw(surface, canvas, self.widgets)
