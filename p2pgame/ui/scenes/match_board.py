"""The board and the cards of the players, which the scenes of a match, its result and its recording share.

Calls the view of the game, which may fail: a hostile peer or file can send any state that the type allows. Then the
board shows a notice, and the scene goes on.
"""

import logging
from collections.abc import Callable, Sequence
from typing import TypeVar

import pygame

from p2pgame.core.ids import tag_of
from p2pgame.i18n.catalogue import gettext
from p2pgame.session.view import MatchView
from p2pgame.ui.canvas import Canvas
from p2pgame.ui.sentences import listed
from p2pgame.ui.view import View

__all__ = ["MatchBoard"]

T = TypeVar("T")
_log = logging.getLogger(__name__)

_SIDE = 300
_CARD = 74
_BELOW = 256
"""Height of the panel under the board without the players' cards: room for the result and two buttons."""


class MatchBoard:
    """Lays out and draws a match. Knows no buttons; the scene puts its own widgets into `controls`."""

    def __init__(self, canvas: Canvas, view: View, match: MatchView) -> None:
        self.canvas = canvas
        self.view = view
        self.match = match
        self.board = pygame.Rect(0, 0, 0, 0)
        self.panel = pygame.Rect(0, 0, 0, 0)
        self.controls = pygame.Rect(0, 0, 0, 0)
        self.cards: list[pygame.Rect] = []
        self.broken = False
        """True once the view failed."""

    def attempt(self, act: Callable[[], T], default: T) -> T:
        """The result of `act`, which calls the view; `default` if the view fails."""
        try:
            return act()
        except Exception:  # the rules never lead to such a state, so a view may raise anything
            if not self.broken:
                _log.exception("the view cannot show frame %d of %s", self.match.frame, self.match.game)
            self.broken = True
            return default

    @property
    def status(self) -> str:
        """One line about the position."""
        return self.attempt(lambda: self.view.status(self.match), "")

    def layout(self, size: tuple[int, int]) -> None:
        """The panel to the right of the board or below it, whichever leaves the larger board."""
        u = self.canvas.u
        pad, gap = u(20), u(18)
        area = pygame.Rect(pad, pad, size[0] - 2 * pad, size[1] - 2 * pad)
        spare = area.width - gap - u(_SIDE) - round(area.height * self.view.aspect)
        side = min(u(_SIDE) + max(0, spare) // 3, u(420))
        below = u(_CARD) * 2 + u(_BELOW)
        left = _largest(
            pygame.Rect(area.left, area.top, area.width - side - gap, area.height), self.view.aspect
        )
        above = _largest(
            pygame.Rect(area.left, area.top, area.width, area.height - below - gap), self.view.aspect
        )
        if left.width >= above.width:
            self.board = left
            self.panel = pygame.Rect(area.right - side, area.top, side, area.height)
        else:
            self.board = above
            self.panel = pygame.Rect(area.left, area.bottom - below, area.width, below)
        inner = self.panel.inflate(-u(32), -u(32))
        first = pygame.Rect(inner.left, inner.top, inner.width, u(_CARD))
        self.cards = [first, first.move(0, u(_CARD) + u(10))]
        top = self.cards[-1].bottom + u(14)
        self.controls = pygame.Rect(inner.left, top, inner.width, inner.bottom - top)

    def update(self, dt: float, *, quiet: bool = False) -> bool:
        """`dt` seconds passed. True while something on the board moves."""
        moving = self.attempt(lambda: self.view.update(dt, self.match), False)
        cues: Sequence[str] = ()
        for name in self.attempt(self.view.cues, cues):
            if not quiet:
                self.canvas.sounds.play(name)
        return moving

    def draw(self, surface: pygame.Surface) -> None:
        """The board and the players; opponent above, we below."""
        canvas, match = self.canvas, self.match
        surface.fill(canvas.theme.background)
        self._draw_view(surface)
        canvas.panel(surface, self.panel)
        order = [p for p in range(len(match.players)) if p != match.me] + [match.me]
        for rect, player in zip(self.cards, order, strict=False):
            self._draw_player(surface, rect, player)

    def draw_board(self, surface: pygame.Surface) -> None:
        """The board alone, over the last picture."""
        surface.fill(self.canvas.theme.background, self.board)
        self._draw_view(surface)

    def _draw_view(self, surface: pygame.Surface) -> None:
        """Let the view draw. In real time it is clipped to its rectangle, the only part that `draw_board` clears."""
        clip = surface.get_clip()
        if self.match.tick_rate:
            surface.set_clip(self.board.clip(clip))
        drawn = self.attempt(lambda: self._drawn(surface), False)
        surface.set_clip(clip)
        if not drawn:
            canvas, text = self.canvas, gettext("This position cannot be shown")
            canvas.panel(surface, self.board)
            canvas.text(
                surface,
                text,
                self.board.center,
                "body",
                canvas.theme.warm,
                anchor="center",
                width=self.board.width,
            )

    def _drawn(self, surface: pygame.Surface) -> bool:
        self.view.draw(surface, self.board, self.match, self.canvas)
        return True

    def _draw_player(self, surface: pygame.Surface, rect: pygame.Rect, player: int) -> None:
        canvas, match, theme, u = self.canvas, self.match, self.canvas.theme, self.canvas.u
        turn = match.outcome is None and not match.tick_rate and player in match.to_move
        won = match.outcome is not None and player in match.outcome.winners
        canvas.panel(surface, rect, theme.raised)
        if turn or won:
            canvas.frame(surface, rect, theme.warm if won else theme.accent, 2)
        icon = pygame.Rect(rect.left + u(12), 0, u(44), u(44))
        icon.centery = rect.centery
        self.view.draw_side(surface, icon, player, canvas)
        left = icon.right + u(12)
        room = rect.right - left - u(14)
        tag = tag_of(match.players[player])  # empty for a bot on this machine
        width = room - canvas.fonts.width(tag, canvas.px("small")) - u(8)
        name = canvas.text(
            surface, match.names[player], (left, rect.top + u(13)), "body", width=width, bold=True
        )
        canvas.text(surface, tag, (name.right + u(8), name.centery), "small", theme.faint, anchor="midleft")
        words = listed(
            self.view.side(player),
            gettext("you") if player == match.me else "",
            gettext("host") if match.players[player] == match.host else "",
        )
        at = (left, rect.bottom - u(22))
        line = canvas.text(surface, words, at, "small", theme.muted, anchor="midleft", width=room)
        note = gettext("winner") if won else gettext("to move") if turn else ""
        if note and line.right + u(70) < rect.right:
            ink = theme.warm if won else theme.accent
            canvas.text(
                surface, note, (rect.right - u(14), at[1]), "small", ink, anchor="midright", bold=True
            )


def _largest(space: pygame.Rect, aspect: float) -> pygame.Rect:
    """The largest rectangle of `aspect` centred in `space`."""
    width = min(space.width, round(space.height * aspect))
    rect = pygame.Rect(0, 0, max(1, width), max(1, round(width / aspect)))
    rect.center = space.center
    return rect
