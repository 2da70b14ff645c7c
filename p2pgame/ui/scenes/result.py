"""The result: the last moment again, then who won and why, over the final board, and what next."""

from collections.abc import Callable, Sequence

import pygame

from p2pgame.core.game import EndedBy, Outcome
from p2pgame.i18n.catalogue import gettext
from p2pgame.session import commands
from p2pgame.session.events import Event, PeerLost
from p2pgame.session.view import MatchView
from p2pgame.ui.avatars import Avatar
from p2pgame.ui.inputs import Input, MenuAction, Press
from p2pgame.ui.scene import Context, Push, Scene, Transition
from p2pgame.ui.scenes.finale import Finale
from p2pgame.ui.scenes.match_board import MatchBoard
from p2pgame.ui.scenes.viewer import ReplayLoader
from p2pgame.ui.sentences import length, reason_text, winners_text
from p2pgame.ui.theme import Colour
from p2pgame.ui.widgets import Button, Form

__all__ = ["Result"]

_ROOMY = 380
"""Units of height from which on each button has a line of its own."""
_LINE = 54
"""Units of such a line."""


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
        invitations: Sequence[commands.Command] = (),
    ) -> None:
        """`again` starts another match at once; without it the button invites the other side to a rematch.

        `review` shows where a match turned that was not recorded. `invitations` go out once the pair has a room:
        to go on there comes first then, in place of a rematch.
        """
        super().__init__(context)
        self.match_board = match_board
        match_board.keep_corner = 0
        self.outcome = outcome
        self._to_lobby = to_lobby
        self._again = again
        self.rematch_button = Button(
            gettext("Again") if again else gettext("Rematch"), self._rematch, "primary"
        )
        self.watch_button = Button(gettext("Watch replay"), self._watch)
        self.lobby_button = Button(gettext("Back to the lobby"), self._leave)
        self.turn_button = Button(gettext("Where it turned"), self._look)
        self._invitations = invitations
        self.room_button = Button(
            gettext("Go on in a room"), self._open_room, "primary" if invitations else "plain"
        )
        """For more players, or to be watched; where there is place for it."""
        self._review = review
        recorded = [] if again else [self.watch_button]
        plugin = self.client.registry.get(match_board.match.game)
        analysed = plugin is not None and plugin.has_analysis and match_board.match.frame > 0
        turning = [self.turn_button] if analysed and (review or not again) else []
        self._between = bool(turning)
        self._first = self.room_button if invitations else self.rematch_button
        self._buttons = [self._first, *recorded, *turning, self.lobby_button]
        self.form = Form(self._buttons)
        self._rival = next(
            (p for p in match_board.match.players if p != match_board.match.players[match_board.match.me]), ""
        )
        self._loader = ReplayLoader(context)
        self._seats = match_board.match.seats or (match_board.match.me,)
        self._left = False
        self._animating = True
        self.finale = Finale(
            match_board, outcome, self.heading, context.clock, ours=bool({*self._seats} & {*outcome.winners})
        )

    @property
    def match(self) -> MatchView:
        return self.match_board.match

    @property
    def looks(self) -> tuple[Avatar, ...]:
        return self.match_board.looks

    @property
    def copied(self) -> str:
        return self.match_board.text

    def layout(self, size: tuple[int, int]) -> None:
        self.match_board.layout(size)
        u, area = self.canvas.u, self.match_board.controls
        place = not self.match_board.wide and area.height >= u(_ROOMY + _LINE)
        extra = place and self._again is None and self.room_button not in self._buttons
        room = [self.room_button] if extra else []
        buttons = [*self._buttons[:-1], *room, self._buttons[-1]]
        if buttons != self.form.widgets:
            self.form.replace(buttons)
        if self.match_board.wide:
            self._place_in_row(area)
            return
        if area.height >= u(_ROOMY):  # one below the other
            for number, button in enumerate(reversed(buttons)):
                top = area.bottom - u(44) - number * u(_LINE)
                button.rect = pygame.Rect(area.left, top, area.width, u(44))
            return
        self.lobby_button.rect = pygame.Rect(area.left, area.bottom - u(44), area.width, u(44))
        self.turn_button.rect = self.lobby_button.rect.move(0, -u(54))
        self._first.rect = self.lobby_button.rect.move(0, -u(108 if self._between else 54))
        if self._again is None:  # two beside each other
            left = self._first.rect
            left.width = (area.width - u(10)) * 43 // 100
            self.watch_button.rect = pygame.Rect(left.right + u(10), left.top, 0, left.height)
            self.watch_button.rect.width = area.right - self.watch_button.rect.left

    def _place_in_row(self, area: pygame.Rect) -> None:
        """All buttons in two lines, beside the words."""
        gap, buttons = self.canvas.u(8), [w for w in self.form.widgets if isinstance(w, Button)]
        lines = [buttons[i : i + 2] for i in range(0, len(buttons), 2)]
        height = min(self.canvas.u(44), (area.height - (len(lines) - 1) * gap) // len(lines))
        for number, line in enumerate(lines):
            each = (area.width - (len(line) - 1) * gap) // len(line)
            for i, button in enumerate(line):
                button.rect = pygame.Rect(
                    area.left + i * (each + gap), area.top + number * (height + gap), each, height
                )

    def notice_corner(self) -> tuple[int, int]:
        return self.match_board.notice_corner(self.form.widgets) or super().notice_corner()

    @property
    def chat_area(self) -> pygame.Rect | None:
        return self.match_board.panel

    def handle(self, event: Input) -> None:
        if event == Press(MenuAction.BACK):
            self._leave()
        elif self.finale.slow and isinstance(event, Press):
            if event.action is MenuAction.CONFIRM:  # what was pressed in the game presses no button
                self.finale.skip()
                self.dirty = True
        else:
            super().handle(event)

    def notice(self, event: Event) -> None:
        if isinstance(event, PeerLost) and event.peer == self._rival:
            self._left, self.dirty = True, True
            self.rematch_button.enabled = False
            self.room_button.enabled = bool(self._invitations)

    def update(self, dt: float) -> Transition | None:
        slow = self.finale.slow
        if not self.covered and (viewer := self._loader.poll()) is not None:
            self.next = Push(viewer)
        moving = self.finale.update(dt)
        self.dirty = self.dirty or slow != self.finale.slow or (self._animating and not moving)
        self._animating = moving
        return super().update(dt)

    @property
    def animating(self) -> bool:
        return self._animating

    def draw(self, surface: pygame.Surface) -> None:
        self.match_board.draw(surface)
        if not self.finale.slow:
            self._draw_words(surface)
        self.finale.draw(surface)
        self.form.draw(surface, self.canvas)

    def draw_live(self, surface: pygame.Surface) -> Sequence[pygame.Rect] | None:
        if not self.finale.slow or not self.match.tick_rate:
            return None
        self.match_board.draw_board(surface)
        return [self.match_board.board]

    def _draw_words(self, surface: pygame.Surface) -> None:
        """Beside the board: who won, why, and how long it took."""
        canvas, u, theme = self.canvas, self.canvas.u, self.canvas.theme
        area, wide = self.match_board.captions, self.match_board.wide
        size = theme.heading if wide else 28
        lines = 1 if wide else 3
        room = pygame.Rect(area.left, area.top, area.width, lines * canvas.line_height(size))
        below = canvas.paragraph(surface, self.heading, room, size, self._ink(), bold=True) + u(4)
        floor = area.bottom if wide else self._first.rect.top - u(8)
        rect = pygame.Rect(area.left, below, area.width, floor - below)
        package = self.match_board.view.package
        why = reason_text(self.outcome, self.match.me, self._name(self._rival), package)
        moves = length(self.match_board.played, self.match.tick_rate)
        y = canvas.paragraph(surface, why, rect, "body", theme.text)
        if self._lost:
            place = pygame.Rect(rect.left, y + u(2), rect.width, max(0, rect.bottom - y))
            y = canvas.paragraph(
                surface, gettext("Well played. The next one is open."), place, "body", theme.muted
            )
        canvas.paragraph(
            surface,
            gettext("{name} has left.", name=self._name(self._rival)) if self._left else moves,
            pygame.Rect(rect.left, y + u(2), rect.width, rect.bottom - y),
            "small",
            theme.warm if self._left else theme.muted,
        )

    @property
    def _lost(self) -> bool:
        """Somebody else won by the rules."""
        outcome = self.outcome
        return (
            outcome.ended_by is EndedBy.RULES
            and bool(outcome.winners)
            and not {*self._seats} & {*outcome.winners}
        )

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

    def _open_room(self) -> None:
        """A room for the same game, into which the other one is asked, and whoever else comes."""
        self.canvas.sounds.play("click")
        self.client.send(commands.Leave())
        self.client.send(commands.OpenRoom(game=self.match.game, config=self.match.config))
        asked = [] if self._left else [commands.InviteIntoRoom(self._rival)]
        for invitation in [*asked, *self._invitations]:
            self.client.send(invitation)
        self.next = self._to_lobby()

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
