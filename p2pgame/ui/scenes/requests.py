"""What the players of a match by turns ask each other for: buttons to ask, and a question at the edge of the board.

A question has twenty seconds; then it is refused, so that nobody waits for who does not look.
"""

from collections.abc import Callable, Sequence

import pygame

from p2pgame.core.terms import clock_of
from p2pgame.i18n.catalogue import gettext
from p2pgame.session import commands
from p2pgame.session.commands import Command
from p2pgame.session.status import StatusCode
from p2pgame.session.view import MatchView, Requests
from p2pgame.ui.canvas import Canvas
from p2pgame.ui.room_words import own_seats, player_names
from p2pgame.ui.widgets import Button, Form, Widget

__all__ = ["RequestPanel"]

_ANSWER_S = 20.0
"""Seconds to answer a question."""
_HEIGHT = 52
_BUTTON = 116


class RequestPanel:
    """Shows `MatchView.requests`. The scene puts `widgets` into its form when `update` returns True."""

    def __init__(
        self, canvas: Canvas, send: Callable[[Command], None], rival: Callable[[], str], *, kept: bool,
        alone: bool = False,
    ) -> None:  # fmt: skip
        """`send` executes a command. `rival()`: the name of the other side. `kept`: a later program can resume what is
        adjourned. `alone`: there are bots alone, who answer no question, but let moves be taken back."""
        self.canvas = canvas
        self.rect = pygame.Rect(0, 0, 0, 0)
        """Where the question or the wait for an answer is; empty without one."""
        self._send = send
        self._rival = rival
        self._back = Button(gettext("Take back"), lambda: send(commands.AskTakeback()))
        self._draw = Button(gettext("Offer draw"), lambda: send(commands.OfferDraw()))
        self._adjourn = Button(gettext("Adjourn"), lambda: send(commands.Adjourn()))
        self._kept = kept
        self._alone = alone
        self._time = Button(gettext("Give 15 s"), lambda: send(commands.GiveTime()))
        self._yes = Button(gettext("Allow"), lambda: self._answer(yes=True), "primary")
        self._no = Button(gettext("Refuse"), lambda: self._answer(yes=False))
        self._requests = Requests()
        self._match: MatchView | None = None
        self._asked_at: float | None = None
        self._now = 0.0
        self._board = pygame.Rect(0, 0, 0, 0)

    @property
    def asking(self) -> bool:
        """Whether our player is asked something."""
        requests = self._requests
        return requests.answers_takeback or requests.draw_offered or requests.adjourn_asked

    @property
    def seconds(self) -> int:
        """Whole seconds until the question is refused."""
        return max(0, round(_ANSWER_S - (self._now - (self._asked_at or self._now))))

    @property
    def buttons(self) -> Sequence[Button]:
        """Those to ask for something, for the row above the way out."""
        match = self._match
        if match is None or match.tick_rate or match.outcome is not None or not own_seats(match):
            return ()
        if self._alone:
            return (self._back,)
        aside = (self._adjourn,) if self._kept and not match.room else ()
        clock = clock_of(match.config)
        timed = (self._time,) if match.clocks and not (clock is not None and clock.patience) else ()
        return (self._back, self._draw, *aside, *timed)

    @property
    def widgets(self) -> Sequence[Widget]:
        """Those on the board: to answer."""
        return (self._yes, self._no) if self.asking else ()

    @property
    def words(self) -> str:
        """The question, or what we wait for; empty without either."""
        requests, match = self._requests, self._match
        if match is None:
            return ""
        if requests.answers_takeback and requests.takeback_by is not None:
            name = player_names(match)[requests.takeback_by]
            return gettext("{name} wants to take a move back", name=name)
        if requests.draw_offered:
            return gettext("{name} offers a draw", name=self._rival())
        if requests.adjourn_asked:
            return gettext("{name} wants to adjourn", name=self._rival())
        if requests.takeback_by in own_seats(match):
            return gettext("You asked to take a move back")
        if requests.asking_adjourn:
            return gettext("You asked to adjourn")
        return gettext("You offered a draw") if requests.offering_draw else ""

    def update(self, now: float, match: MatchView) -> bool:
        """Follow the match; True if something is drawn otherwise, or there are other widgets. `now`: seconds."""
        before = self.words, self.seconds, tuple(self.buttons), tuple(b.enabled for b in self.buttons)
        was_asking = self.asking
        self._now, self._match, self._requests = now, match, match.requests
        self._back.enabled = match.requests.may_take_back and match.status.code is StatusCode.RUNNING
        self._draw.enabled = not match.requests.offering_draw and not match.requests.draw_offered
        asks = match.requests.asking_adjourn or match.requests.adjourn_asked
        self._adjourn.enabled = (
            match.requests.may_adjourn and not asks and match.status.code is StatusCode.RUNNING
        )
        if self.asking and not was_asking:
            self._asked_at = now
            self._yes.label = gettext("Allow") if match.requests.answers_takeback else gettext("Accept")
            self.canvas.sounds.play("invite")
        elif not self.asking:
            self._asked_at = None
        elif self._asked_at is not None and now - self._asked_at >= _ANSWER_S:
            self._asked_at = None
            self._answer(yes=False)
        after = self.words, self.seconds, tuple(self.buttons), tuple(b.enabled for b in self.buttons)
        if before[0] != after[0]:
            self._place()
        return before != after

    def layout(self, board: pygame.Rect, row: pygame.Rect, *, columns: int) -> None:
        """`row`: where the buttons to ask go, the last ones of them if there are more than `columns`."""
        self._board = board
        buttons, gap, bottom = list(self.buttons), self.canvas.u(8), row.top
        while buttons:  # from the last line up
            line, buttons = buttons[-columns:], buttons[:-columns]
            each = (row.width - (len(line) - 1) * gap) // len(line)
            for i, button in enumerate(line):
                button.rect = pygame.Rect(row.left + i * (each + gap), bottom, each, row.height)
            bottom -= row.height + gap
        self._place()

    def draw(self, surface: pygame.Surface, form: Form) -> None:
        """Draw the question at the lower edge of the board; nothing without one."""
        if not self.rect.width:
            return
        canvas, u, theme = self.canvas, self.canvas.u, self.canvas.theme
        canvas.panel(surface, self.rect, theme.panel)
        canvas.frame(surface, self.rect, theme.accent if self.asking else theme.line, 2)
        at = (self.rect.left + u(16), self.rect.centery)
        right = self._yes.rect.left if self.asking else self.rect.right
        if self.asking:
            seconds = gettext("{seconds} s", seconds=self.seconds)
            shown = (right - u(12), at[1])
            right = canvas.text(surface, seconds, shown, "small", theme.muted, anchor="midright").left
        room = max(1, right - u(12) - at[0])
        if canvas.fonts.width(self.words, canvas.px("body"), bold=True) <= room:
            canvas.text(surface, self.words, at, "body", anchor="midleft", bold=True)
        else:
            height = canvas.paragraph_height(self.words, room, "small", bold=True)
            place = pygame.Rect(at[0], 0, room, min(height, self.rect.height))
            place.centery = self.rect.centery
            canvas.paragraph(surface, self.words, place, "small", bold=True)
        form.draw(surface, canvas, self.widgets)

    # --- inside

    def _answer(self, *, yes: bool) -> None:
        if self._requests.answers_takeback:
            self._send(commands.AnswerTakeback(yes))
        elif self._requests.draw_offered:
            self._send(commands.OfferDraw() if yes else commands.RefuseDraw())
        elif self._requests.adjourn_asked:
            self._send(commands.Adjourn() if yes else commands.RefuseAdjourn())

    def _place(self) -> None:
        u, board = self.canvas.u, self._board
        self.rect = pygame.Rect(0, 0, 0, 0)
        if not self.words or not board.width:
            return
        height = u(_HEIGHT)
        self.rect = pygame.Rect(0, 0, min(board.width - u(12), u(620)), height)
        self.rect.midbottom = (board.centerx, board.bottom - u(6))
        width = min(u(_BUTTON), self.rect.width // 4)
        self._no.rect = pygame.Rect(
            self.rect.right - u(8) - width, self.rect.top + u(8), width, height - u(16)
        )
        self._yes.rect = self._no.rect.move(-width - u(8), 0)
