"""Help in practice: a hint when it is asked for, and if the player wants it what the position is worth.

Part of `PracticeScene`, for games that have an analysis.
"""

from collections.abc import Callable

import pygame

from p2pgame.core.analysis import Assessment
from p2pgame.i18n.catalogue import gettext
from p2pgame.session.view import MatchView
from p2pgame.ui.analyst import Analyst
from p2pgame.ui.scene import Context
from p2pgame.ui.scenes.evaluation import HEIGHT, best_words, draw_evaluation
from p2pgame.ui.scenes.match_board import MatchBoard
from p2pgame.ui.sentences import error_text
from p2pgame.ui.widgets import Button, Switch, Widget

__all__ = ["PracticeHelp"]


class PracticeHelp:
    """A button and a switch above the other ones, the bar, and the hint on the board."""

    def __init__(
        self, context: Context, analyst: Analyst, board: MatchBoard, place: Callable[[], None]
    ) -> None:
        """`place`: lay the scene out again: the bar came or went."""
        self.hint = Button(gettext("Hint"), self.ask)
        self.switch = Switch(
            gettext("Evaluation"), self._show, on=context.preferences.now.practice_evaluation
        )
        self.widgets: tuple[Widget, ...] = (self.hint, self.switch)
        self._context = context
        self._analyst = analyst
        self._board = board
        self._place = place
        self._asked: int | None = None
        """The frame of which a hint was asked for."""
        self._told = False
        self._found: Assessment | None = None
        """Of the newest position that was ours to move in and is assessed."""
        self._rect = pygame.Rect(0, 0, 0, 0)
        self._shown: tuple[object, ...] = ()

    @property
    def match(self) -> MatchView:
        return self._board.match

    def ask(self) -> None:
        """Show the best move, as soon as it is known."""
        self._asked, self._told = self.match.frame, False

    def _show(self, on: bool) -> None:
        self._context.change(practice_evaluation=on)
        self._place()

    def layout(self, row: pygame.Rect) -> None:
        """`row`: where the widgets go. Takes the top of the board's controls for the bar."""
        u, area = self._board.canvas.u, self._board.controls
        half = (row.width - u(8)) // 2
        self.hint.rect = pygame.Rect(row.left, row.top, half, row.height)
        self.switch.rect = pygame.Rect(row.right - half, row.top, half, row.height)
        self._rect = pygame.Rect(area.left, area.top, area.width, u(HEIGHT) if self.switch.on else 0)
        area.top, area.height = area.top + self._rect.height, area.height - self._rect.height

    def update(self) -> bool:
        """Think on; True if something is drawn otherwise."""
        match = self.match
        if self._asked not in (None, match.frame):
            self._asked = None
        mine = bool(set(match.seats) & set(match.to_move)) and match.outcome is None
        wanted = mine and (self._asked is not None or self.switch.on)
        found = self._analyst.assess(match.state, len(match.players)) if wanted else None
        self._found = found or self._found
        self.hint.enabled = mine and self._asked is None
        self.hint.label = gettext("Hint") if self._asked is None or found else gettext("Thinking…")
        if found is not None and self._asked is not None and not self._told:
            self._told = True
            self._context.toast(best_words(self._board, found) or gettext("This position is not judged"))
        if self._analyst.failed is not None and wanted:
            self._asked, self.switch.on = None, False
            self._context.toast(error_text(self._analyst.failed))
            self.widgets = ()
            self._place()
        shown = (self._found, self._asked, mine, self.switch.on)
        changed, self._shown = shown != self._shown, shown
        return changed

    def close(self) -> None:
        """The match is over."""
        self._analyst.close()

    def draw(self, surface: pygame.Surface) -> None:
        """The bar, and the name of the switch."""
        if not self.widgets:
            return
        canvas = self._board.canvas
        if self._rect.height:
            draw_evaluation(surface, canvas, self._rect, self._board, self._found)
        rect = self.switch.rect
        at, room = (rect.left + canvas.u(4), rect.centery), rect.width - canvas.u(60)
        canvas.text(surface, self.switch.label, at, "small", canvas.theme.muted, anchor="midleft", width=room)

    def draw_hint(self, surface: pygame.Surface) -> None:
        """The best move, over the board."""
        match = self.match
        if self._told and self._asked == match.frame and self._found is not None:
            self._board.sketch(surface, self._found.line[:1], match.to_move[0])
