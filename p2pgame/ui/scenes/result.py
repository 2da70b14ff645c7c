"""The result: who won and why, over the final board, and what next."""

from collections.abc import Callable

import pygame

from p2pgame.core.game import EndedBy, Outcome
from p2pgame.i18n.catalogue import gettext
from p2pgame.session import commands
from p2pgame.session.events import Event, PeerLost
from p2pgame.session.view import MatchView
from p2pgame.ui.inputs import Input, MenuAction, Press
from p2pgame.ui.marks import mark
from p2pgame.ui.scene import Context, Push, Scene, Transition
from p2pgame.ui.scenes.match_board import MatchBoard
from p2pgame.ui.scenes.viewer import ReplayLoader
from p2pgame.ui.sentences import length, reason_text, winners_text
from p2pgame.ui.theme import EDGE, Colour, contrast, legible
from p2pgame.ui.widgets import Button, Form

__all__ = ["Result"]

_BANNER = 3.0
"""Seconds for which the banner is over the board."""
_LIVELY = 3.0
"""Seconds for which the board may still move; a view that moves longer is not drawn any more."""


class Result(Scene):
    """Shown when a match is over; the board stays in sight."""

    def __init__(
        self,
        context: Context,
        match_board: MatchBoard,
        outcome: Outcome,
        to_lobby: Callable[[], Transition],
        again: Callable[[], Transition] | None = None,
        review: Callable[[], Scene] | None = None,
    ) -> None:
        """`again` starts another match at once; without it the button invites the other side to a rematch.

        `review` shows where a match turned that was not recorded.
        """
        super().__init__(context)
        self.match_board = match_board
        self.outcome = outcome
        self._to_lobby = to_lobby
        self._again = again
        self.rematch_button = Button(
            gettext("Again") if again else gettext("Rematch"), self._rematch, "primary"
        )
        self.watch_button = Button(gettext("Watch replay"), self._watch)
        self.lobby_button = Button(gettext("Back to the lobby"), self._leave)
        self.turn_button = Button(gettext("Where it turned"), self._look)
        self._review = review
        recorded = [] if again else [self.watch_button]
        plugin = self.client.registry.get(match_board.match.game)
        analysed = plugin is not None and plugin.has_analysis and match_board.match.frame > 0
        turning = [self.turn_button] if analysed and (review or not again) else []
        self._between = bool(turning)
        self.form = Form([self.rematch_button, *recorded, *turning, self.lobby_button])
        self._rival = next(
            (p for p in match_board.match.players if p != match_board.match.players[match_board.match.me]), ""
        )
        self._loader = ReplayLoader(context)
        self._left = False
        self._animating = True
        self._age = 0.0
        me = match_board.match.me
        context.canvas.sounds.play("win" if me in outcome.winners else "lose" if outcome.winners else "draw")

    @property
    def match(self) -> MatchView:
        return self.match_board.match

    @property
    def copied(self) -> str:
        return self.match_board.text

    def layout(self, size: tuple[int, int]) -> None:
        self.match_board.layout(size)
        u, area = self.canvas.u, self.match_board.controls
        self.lobby_button.rect = pygame.Rect(area.left, area.bottom - u(44), area.width, u(44))
        self.turn_button.rect = self.lobby_button.rect.move(0, -u(54))
        self.rematch_button.rect = self.lobby_button.rect.move(0, -u(108 if self._between else 54))
        if self._again is None:  # two beside each other
            left = self.rematch_button.rect
            left.width = (area.width - u(10)) * 43 // 100
            self.watch_button.rect = pygame.Rect(left.right + u(10), left.top, 0, left.height)
            self.watch_button.rect.width = area.right - self.watch_button.rect.left

    @property
    def chat_area(self) -> pygame.Rect | None:
        return self.match_board.panel

    def handle(self, event: Input) -> None:
        if event == Press(MenuAction.BACK):
            self._leave()
        else:
            super().handle(event)

    def notice(self, event: Event) -> None:
        if isinstance(event, PeerLost) and event.peer == self._rival:
            self._left, self.dirty = True, True
            self.rematch_button.enabled = False

    def update(self, dt: float) -> Transition | None:
        self._age += dt
        if not self.covered and (viewer := self._loader.poll()) is not None:
            self.next = Push(viewer)
        moving = self.match_board.update(dt) and self._age < _LIVELY
        moving = moving or self._age < self.canvas.theme.slow  # the banner comes
        self.dirty = self.dirty or self._age - dt < _BANNER <= self._age
        self.dirty = self.dirty or (self._animating and not moving)
        self._animating = moving
        return super().update(dt)

    @property
    def animating(self) -> bool:
        return self._animating

    def draw(self, surface: pygame.Surface) -> None:
        self.match_board.draw(surface)
        canvas, u, theme = self.canvas, self.canvas.u, self.canvas.theme
        area = self.match_board.controls
        room = pygame.Rect(area.left, area.top, area.width, 2 * canvas.line_height(28))
        below = canvas.paragraph(surface, self.heading, room, 28, self._ink(), bold=True) + u(4)
        rect = pygame.Rect(area.left, below, area.width, self.rematch_button.rect.top - below - u(8))
        package = self.match_board.view.package
        why = reason_text(self.outcome, self.match.me, self._name(self._rival), package)
        moves = length(self.match.frame, self.match.tick_rate)
        y = canvas.paragraph(surface, why, rect, "body", theme.text)
        canvas.paragraph(
            surface,
            gettext("{name} has left.", name=self._name(self._rival)) if self._left else moves,
            pygame.Rect(rect.left, y + u(2), rect.width, rect.bottom - y),
            "small",
            theme.warm if self._left else theme.muted,
        )
        self._draw_banner(surface)
        self.form.draw(surface, canvas)

    def _draw_banner(self, surface: pygame.Surface) -> None:
        """Who won, across the board in that one's colour, for a moment: then the last picture is to be seen."""
        if self._age >= _BANNER:
            return
        canvas, u, board = self.canvas, self.canvas.u, self.match_board.board
        theme, winners = canvas.theme, self.outcome.winners
        come = 1.0 if canvas.still else min(1.0, self._age / theme.slow)
        come = 1 - (1 - come) ** 3
        face = theme.tint(winners[0]) if winners else theme.edge
        band = pygame.Rect(board.left, 0, max(1, round(board.width * come)), u(58))
        band.centery = board.top + board.height * 2 // 5
        canvas.shapes.box(surface, band, face, u(theme.radius))
        if come < 1.0:
            return
        ink = legible(
            theme.on_accent, (face,), (0, 0, 0) if contrast((0, 0, 0), face) > EDGE else (255, 255, 255)
        )
        px = canvas.px("heading")
        words = canvas.fonts.fit(self.heading, px, band.width - u(80), bold=True)
        left = band.centerx - canvas.fonts.width(words, px, bold=True) // 2
        if winners:
            mark(surface, canvas, (left - u(20), band.centery), u(24), winners[0], ink)
        canvas.text(surface, words, (left, band.centery), "heading", ink, anchor="midleft", bold=True)

    @property
    def heading(self) -> str:
        """The result in two or three words."""
        winners, match = self.outcome.winners, self.match
        if match.me in winners:
            return gettext("You won")
        if names := [match.names[w] for w in winners if w < len(match.names)]:
            return winners_text(names)
        by_rules = self.match_board.attempt(lambda: self.match_board.view.game.outcome(match.state), None)
        is_draw = by_rules is not None or self.outcome.ended_by is EndedBy.DRAW_AGREED
        return gettext("Draw") if is_draw else gettext("No result")

    def _ink(self) -> Colour:
        winners, theme = self.outcome.winners, self.canvas.theme
        return theme.gold if self.match.me in winners else theme.text

    def _name(self, peer: str) -> str:
        return (
            self.match.names[self.match.players.index(peer)]
            if peer in self.match.players
            else gettext("The other side")
        )

    def _rematch(self) -> None:
        self.canvas.sounds.play("click")
        if self._again is not None:
            self.next = self._again()
        else:
            self.client.send(commands.Rematch())

    def _watch(self) -> None:
        self._loader.start(self.match.match)

    def _look(self) -> None:
        if self._review is not None:
            self.next = Push(self._review())
        else:
            self._loader.start(self.match.match, turned=True)

    def _leave(self) -> None:
        if self._again is None:
            self.client.send(commands.Leave())
        self.next = self._to_lobby()
