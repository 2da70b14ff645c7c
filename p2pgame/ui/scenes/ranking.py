"""The inputs that come into question in a position, best first, with their chances. One is chosen to be looked at."""

from collections.abc import Callable, Sequence

import pygame

from p2pgame.core.analysis import Candidate
from p2pgame.i18n.catalogue import gettext
from p2pgame.ui.canvas import Canvas
from p2pgame.ui.rowlist import RowList
from p2pgame.ui.scenes.match_board import MatchBoard
from p2pgame.ui.widgets import focus_ring

__all__ = ["Ranking"]

_ROW = 25
_SEEN = 4
"""Rows that are in sight where there is room for all."""
_SEEN_FIRST = 2
"""Rows that come before anything else below."""


class Ranking(RowList):
    """A row for each; part of the analysis of a recorded match."""

    def __init__(self, board: MatchBoard, on_select: Callable[[], None]) -> None:
        super().__init__(on_select, on_select)
        self.row_height = _ROW
        self.canvas = board.canvas
        self._board = board
        self._frame = -1
        self._ranked: Sequence[Candidate] = ()

    def show(self, frame: int, ranked: Sequence[Candidate]) -> None:
        """These, of the position of that frame."""
        if frame != self._frame:
            self.selected, self.pointed = None, None
        self._frame, self._ranked = frame, ranked

    @property
    def looked_at(self) -> Candidate | None:
        """The one that the pointer is on, or that is chosen."""
        keys = self.keys()
        return next(
            (self._ranked[keys.index(key)] for key in (self.pointed, self.selected) if key in keys), None
        )

    def keys(self) -> Sequence[str]:
        return [str(number) for number in range(len(self._ranked))]

    def fit(self, room: int, spare: int) -> int:
        """The height of whole rows in so much room. `spare`: what else there is below them, if they can be few."""
        pitch, gap = self._pitch(), self._gap()
        rows = max((room - spare + gap) // pitch, min(_SEEN_FIRST, (room + gap) // pitch))
        return max(0, min(_SEEN, rows) * pitch - gap)

    def draw_row(
        self, surface: pygame.Surface, canvas: Canvas, rect: pygame.Rect, i: int, *, focused: bool
    ) -> None:
        theme, u, board = canvas.theme, canvas.u, self._board
        each, chosen = self._ranked[i], self.keys()[i] == self.selected
        canvas.panel(surface, rect, theme.hover if chosen else theme.raised)
        if chosen and focused:
            focus_ring(surface, canvas, rect)
        mover = board.match.to_move[0] if board.match.to_move else 0
        words = board.words(each.line[0])
        at = (rect.left + u(10), rect.centery)
        ink = theme.accent if i == 0 else theme.text
        canvas.text(surface, words, at, "small", ink, anchor="midleft", width=u(66), bold=True)
        at = (rect.left + u(126), rect.centery)
        shown = _worth(each.chances[mover])
        canvas.text(surface, shown, at, "small", theme.ink(mover), anchor="midright", width=u(50))
        rest = " ".join(board.words(move) for move in each.line[1:6])
        left = rect.left + u(140)
        width = rect.right - left - u(8)
        canvas.text(surface, rest, (left, rect.centery), "small", theme.muted, anchor="midleft", width=width)


def _worth(chance: int) -> str:
    """Of who is to move."""
    if chance in (0, 1000):
        return gettext("wins") if chance else gettext("loses")
    return gettext("{n} %", n=max(1, min(99, round(chance / 10))))
