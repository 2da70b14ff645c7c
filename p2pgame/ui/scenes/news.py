"""What happens among the players of a round, for some seconds: who dropped out, hosts, came back.

It stands beside the board, where it covers nothing; over the board only where there is no place beside it.
"""

from collections import deque

import pygame

from p2pgame.i18n.catalogue import gettext
from p2pgame.session.view import MatchView
from p2pgame.ui.canvas import Canvas
from p2pgame.ui.room_words import own_seats, player_names

__all__ = ["News"]

_SHOWN = 5.0
"""Seconds for which a line stays."""
_LINES = 3


class News:
    """The newest lines. `compare` finds what changed from one view of the match to the next."""

    def __init__(self, canvas: Canvas) -> None:
        self.canvas = canvas
        self._lines: deque[tuple[str, float]] = deque(maxlen=_LINES)
        """Each with its age in seconds."""

    @property
    def lines(self) -> list[str]:
        return [line for line, _ in self._lines]

    def say(self, line: str) -> None:
        if line not in self.lines:
            self._lines.append((line, 0.0))

    def clear(self) -> None:
        self._lines.clear()

    def compare(self, before: MatchView, now: MatchView) -> None:
        """Say who dropped out or came back between two views of one match."""
        names, ours = player_names(now), own_seats(now)
        for seat in sorted(set(now.bots) - set(before.bots)):
            name = before.names[seat] if seat < len(before.names) else names[seat]
            if seat in ours or seat in own_seats(before):
                self.say(gettext("A bot plays on for you"))
            else:
                self.say(gettext("{name} dropped out, a bot plays on", name=name or names[seat]))
        for seat in sorted(set(before.bots) - set(now.bots)):
            if seat in ours:
                self.say(gettext("You play on"))
            elif before.names[seat : seat + 1] == now.names[seat : seat + 1]:
                self.say(gettext("{name} is back", name=names[seat]))
            else:
                self.say(gettext("{name} takes over from a bot", name=names[seat]))

    def update(self, dt: float) -> bool:
        """`dt` seconds passed; True if a line went."""
        count = len(self._lines)
        self._lines = deque(
            ((line, age + dt) for line, age in self._lines if age + dt < _SHOWN), maxlen=_LINES
        )
        return len(self._lines) != count

    def fits(self, area: pygame.Rect) -> bool:
        """Whether there is place for the newest line at least."""
        return area.height >= self.canvas.line_height("body")

    def draw_beside(self, surface: pygame.Surface, area: pygame.Rect) -> None:
        """Draw the lines that there is place for from the top of `area` down, the newest first."""
        canvas, space = self.canvas, area.copy()
        for line in reversed(self.lines):
            height = canvas.paragraph_height(line, space.width, "body", bold=True)
            if height > space.height and space.top > area.top:
                return
            canvas.paragraph(surface, line, space, "body", canvas.theme.warm, bold=True)
            space.height -= min(height, space.height)
            space.top += height

    def draw_over(self, surface: pygame.Surface, board: pygame.Rect) -> None:
        """Draw the lines from the top of the board down."""
        canvas, u = self.canvas, self.canvas.u
        y = board.top + u(44)
        for line in self.lines:
            px = canvas.px("body")
            width = min(board.width - u(24), canvas.fonts.width(line, px, bold=True) + u(36))
            box = pygame.Rect(0, 0, width, canvas.line_height("body") + u(12))
            box.midtop = (board.centerx, y)
            canvas.shapes.box(surface, box, canvas.theme.panel, u(18))
            canvas.text(
                surface, line, box.center, "body", canvas.theme.warm, anchor="center",
                width=width - u(24), bold=True,
            )  # fmt: skip
            y = box.bottom + u(6)
