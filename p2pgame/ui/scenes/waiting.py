"""The message over the board while the match does not run, and the choice to wait or to claim the match.

Serves a stall of a real-time match, a lost connection, our own restart and a desync under repair. Knows the `MatchView`
and its `Pause`; the scene's client carries out the claim.
"""

import math
from collections.abc import Callable, Sequence

import pygame

from p2pgame.i18n.catalogue import gettext
from p2pgame.session.view import MatchView
from p2pgame.ui.canvas import Canvas
from p2pgame.ui.inputs import Input, Pointer, PointerKind, Press
from p2pgame.ui.messages import pause_text
from p2pgame.ui.widgets import Button, Form, Widget

__all__ = ["Waiting"]

_QUIET = {"stall": 1.0, "connection": 0.5, "desync": 0.3}
"""Seconds before the message shows: short waits are common, and a message for each would flicker."""
_AGAIN = 15.0
"""Seconds after "keep waiting" before the choice is offered again."""
_CLAIM_TIMEOUT = 3.0
"""Seconds for a claim to end the match; then the choice is offered again."""
_GRACE = 0.5
"""Seconds in which a new choice ignores presses: they were meant for the game."""
_WIDTH = 440


class Waiting:
    """The message of one match. The scene puts `widgets` into its form, again whenever `update` returns True."""

    def __init__(self, canvas: Canvas, rival: str, claim: Callable[[], None]) -> None:
        """`rival`: the name of the other player."""
        self.canvas = canvas
        self.rival = rival
        self.card = pygame.Rect(0, 0, 0, 0)
        """Where the message is; empty while there is none."""
        self.keep = Button(gettext("Keep waiting"), self._put_off)
        self.claim = Button(gettext("Claim the match"), self._take, "primary")
        self.widgets: Sequence[Widget] = ()
        self._claim = claim
        self._claimed = False
        self._reason = ""
        """``stall`` or the reason of the pause; empty: the match goes on."""
        self._since = 0.0
        """When the wait began, on the clock of `update`."""
        self._now = 0.0
        self._asks_at: float | None = None
        """When the choice is offered, by the same clock; None: not in this wait."""
        self._choice_age = 0.0
        self._board = pygame.Rect(0, 0, 0, 0)
        self._lines: list[str] = []
        self._shown: list[str] = []
        """The lines that there is room for."""

    @property
    def seconds(self) -> int | None:
        """Whole seconds of waiting; None while no message shows."""
        return int(self._now - self._since) if self._said else None

    @property
    def _said(self) -> bool:
        return bool(self._reason) and self._now - self._since >= _QUIET.get(self._reason, 0.0)

    def update(self, dt: float, now: float, match: MatchView) -> bool:
        """Follow the match; True if the message or the choice changed. `now`: the clock of `Pause.since`."""
        before = (self._heading(), *self._lines, len(self.widgets))
        pause = match.pause if match.outcome is None else None
        reason = pause.reason if pause else "stall" if match.waiting and match.outcome is None else ""
        if not reason:
            self._claimed, self._asks_at = False, None
        elif not self._reason:
            self._since = now
        if pause is not None:
            self._since = min(self._since, pause.since)
            if pause.claim_at is None:
                self._asks_at = None
            elif self._asks_at is None:
                self._asks_at = pause.claim_at
        self._reason, self._now = reason, now
        offers = self._said and self._asks_at is not None and now >= self._asks_at
        self._claimed = self._claimed and not offers
        self._choice_age = self._choice_age + dt if offers and self.widgets else 0.0
        self.widgets = (self.keep, self.claim) if offers else ()
        self._lines = self._words()
        changed = before != (self._heading(), *self._lines, len(self.widgets))
        if changed:
            self._place()
        return changed

    def early(self, event: Input) -> bool:
        """True for a press within `_GRACE` after the choice appeared."""
        pressed = isinstance(event, Press) or (
            isinstance(event, Pointer) and event.kind is not PointerKind.MOVE
        )
        return pressed and bool(self.widgets) and self._choice_age < _GRACE

    def _heading(self) -> str:
        if self._reason == "desync":
            return gettext("Comparing the two games…")
        if not self._said:
            return ""
        if self.seconds:
            return gettext("Waiting for {name}… {seconds} s", name=self.rival, seconds=self.seconds)
        return gettext("Waiting for {name}…", name=self.rival)

    def _words(self) -> list[str]:
        """The lines under the heading."""
        if not self._said or self._reason == "stall":
            return []
        lines = [pause_text(self._reason, self.rival)]
        if self._claimed:
            lines.append(gettext("Claiming the match…"))
        elif self.widgets:
            lines.append(
                gettext(
                    "{name} is not back. Keep waiting, or claim the match: then it is won.", name=self.rival
                )
            )
        elif self._asks_at is not None:
            left = math.ceil(self._asks_at - self._now)
            lines.append(gettext("You can claim the match in {seconds} s.", seconds=left))
        return lines

    def layout(self, board: pygame.Rect) -> None:
        """Place the message over `board`."""
        self._board = board
        self._place()

    def _place(self) -> None:
        """Size the card; the reason is left out where the board is too small."""
        canvas, u, board = self.canvas, self.canvas.u, self._board
        self._shown = self._lines
        if not self._said or not board.width:
            self.card = pygame.Rect(0, 0, 0, 0)
            return
        if not self._lines:  # a pill round its one line
            px, most = canvas.px("heading"), board.width - u(80)
            lines = canvas.fonts.wrap(self._heading(), px, most, bold=True)
            width = max(canvas.fonts.width(line, px, bold=True) for line in lines) + u(44)
            height = len(lines) * canvas.fonts.height(px) + u(16)
        else:
            width = min(u(_WIDTH), board.width - u(24))
            height = self._height(width)
            while height > board.height and self._shown:
                self._shown = self._shown[1:]
                height = self._height(width)
        self.card = pygame.Rect(0, 0, width, height)
        self.card.center = board.center
        each = (width - u(44) - u(12)) // 2
        left, top = self.card.left + u(22), self.card.bottom - u(18) - u(44)
        for i, button in enumerate((self.keep, self.claim)):
            button.rect = pygame.Rect(left + i * (each + u(12)), top, each, u(44))

    def _height(self, width: int) -> int:
        """Of a card of `width` with what is shown of the lines."""
        canvas, u, inner = self.canvas, self.canvas.u, width - self.canvas.u(44)
        height = u(36) + canvas.paragraph_height(self._heading(), inner, "heading", bold=True)
        height += sum(canvas.paragraph_height(line, inner) + u(6) for line in self._shown)
        return height + (u(14 + 44) if self.widgets else 0)

    def draw(self, surface: pygame.Surface, form: Form) -> None:
        """Dim the board and draw the message; nothing while there is none."""
        if not self.card.width:
            return
        canvas, u, theme, board = self.canvas, self.canvas.u, self.canvas.theme, self._board
        surface.blit(canvas.shapes.once(("waiting", board.size), lambda: _shade(board.size, canvas)), board)
        round_ends = u(theme.radius + 4 if self._lines else 20)
        canvas.shapes.box(surface, self.card, theme.panel, round_ends)
        rect = self.card.inflate(-u(44), -u(36) if self._lines else -u(16))
        y = canvas.paragraph(surface, self._heading(), rect, "heading", centred=True, bold=True)
        for line in self._shown:
            y += u(6)
            place = pygame.Rect(rect.left, y, rect.width, self.card.bottom - y)
            y = canvas.paragraph(surface, line, place, "body", theme.muted, centred=True)
        form.draw(surface, canvas, self.widgets)

    def _put_off(self) -> None:
        self._asks_at = self._now + _AGAIN

    def _take(self) -> None:
        self._claimed, self._asks_at = True, self._now + _CLAIM_TIMEOUT
        self._claim()


def _shade(size: tuple[int, int], canvas: Canvas) -> pygame.Surface:
    shade = pygame.Surface(size)
    shade.fill(canvas.theme.background)
    shade.set_alpha(canvas.theme.dim)
    return shade
