"""The message over the board while the match does not run, and the choice to wait or to claim the match.

`WaitState` decides when it shows; the scene's client carries out the claim.
"""

from collections.abc import Callable, Sequence

import pygame

from p2pgame.i18n.catalogue import gettext
from p2pgame.session.view import MatchView
from p2pgame.ui.canvas import Canvas
from p2pgame.ui.inputs import Input, Pointer, PointerKind, Press
from p2pgame.ui.sentences import pause_text
from p2pgame.ui.wait_state import ADJOURNED, DISPUTED, STALL, WaitState
from p2pgame.ui.widgets import Button, Form, Widget

__all__ = ["Waiting"]

_GRACE = 0.5
"""Seconds in which a new choice ignores presses: they were meant for the game."""
_STALL_EXPLAINED = 5
"""Seconds of a stall until the message says more than the name."""
_WIDTH = 440


class Waiting:
    """The message of one match. The scene puts `widgets` into its form, again whenever `update` returns True."""

    def __init__(
        self,
        canvas: Canvas,
        rival: str,
        claim: Callable[[], None],
        answer: Callable[[bool], None],
        put_aside: Callable[[], None],
    ) -> None:
        """`rival`: the name of the other player. `answer(go_on)`: the player's word on two states that differ.
        `put_aside()`: an adjourned match is not waited for any longer."""
        self.canvas = canvas
        self.rival = rival
        self.card = pygame.Rect(0, 0, 0, 0)
        """Where the message is; empty while there is none."""
        self._state = WaitState()
        self.keep = Button(gettext("Keep waiting"), self._state.keep_waiting)
        self.claim = Button(gettext("Claim the match"), self._take, "primary")
        self.end = Button(gettext("End the match"), lambda: self._answer(False))
        self.go_on = Button(gettext("Play on"), lambda: self._answer(True), "primary")
        self.back = Button(gettext("Back to the lobby"), put_aside)
        self.widgets: Sequence[Widget] = ()
        self._on_answer = answer
        self._answered = False
        self._on_claim = claim
        self._choice_age = 0.0
        self._board = pygame.Rect(0, 0, 0, 0)
        self._lines: list[str] = []
        self._shown: list[str] = []
        """The lines that there is room for."""

    @property
    def seconds(self) -> int | None:
        """Whole seconds of waiting; None while no message shows."""
        return self._state.seconds

    def update(self, dt: float, now: float, match: MatchView) -> bool:
        """Follow the match; True if the message or the choice changed. `now`: the clock of `Pause.since`."""
        before = (self._heading(), *self._lines, len(self.widgets))
        self._state.update(now, match)
        choice = self._choice()
        self._choice_age = self._choice_age + dt if choice and self.widgets else 0.0
        self.widgets = choice
        self._lines = self._reasons()
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

    def _choice(self) -> Sequence[Widget]:
        """The buttons that are offered now."""
        state = self._state
        self._answered = self._answered and state.reason == DISPUTED
        if state.reason == DISPUTED:
            return () if self._answered else (self.end, self.go_on)
        if state.reason == ADJOURNED:
            return (self.back,)
        return (self.keep, self.claim) if state.offers else ()

    def _heading(self) -> str:
        if not self._state.shown:
            return ""
        if self._state.reason == "desync":
            return gettext("Comparing the two games…")
        if self._state.reason == DISPUTED:
            return gettext("The two games differ")
        if self.seconds:
            return gettext("Waiting for {name}… {seconds} s", name=self.rival, seconds=self.seconds)
        return gettext("Waiting for {name}…", name=self.rival)

    def _reasons(self) -> list[str]:
        """The lines under the heading."""
        state = self._state
        if not state.shown or (state.reason == STALL and not (state.offers or state.claimed or _soon(state))):
            return []
        lines = [pause_text(state.reason, self.rival)]
        if state.reason == DISPUTED:
            if self._answered:
                lines.append(gettext("Waiting for {name}…", name=self.rival))
        elif state.claimed:
            lines.append(gettext("Claiming the match…"))
        elif state.offers:
            lines.append(gettext("Nobody plays on. Keep waiting, or claim the match: then it is won."))
        elif (left := state.claim_in) is not None:
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
        if not self._state.shown or not board.width:
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
        self.back.rect = pygame.Rect(left, top, width - u(44), u(44))
        pair = (self.end, self.go_on) if self._state.reason == DISPUTED else (self.keep, self.claim)
        for i, button in enumerate(pair):
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

    def _answer(self, go_on: bool) -> None:
        self._answered = True
        self._on_answer(go_on)

    def _take(self) -> None:
        self._state.claim()
        self._on_claim()


def _soon(state: WaitState) -> bool:
    """True if a stall lasts so long that the player should know what follows."""
    return state.seconds is not None and state.seconds >= _STALL_EXPLAINED and state.claim_in is not None


def _shade(size: tuple[int, int], canvas: Canvas) -> pygame.Surface:
    shade = pygame.Surface(size)
    shade.fill(canvas.theme.background)
    shade.set_alpha(canvas.theme.dim)
    return shade
