"""The vote that runs in a room, with the buttons to answer. Part of the room, and of a match that is played in it."""

from collections.abc import Callable, Sequence

import pygame

from p2pgame.i18n.catalogue import gettext
from p2pgame.session import commands
from p2pgame.session.commands import Command
from p2pgame.session.room_view import RoomView, RoomVote
from p2pgame.ui.canvas import Canvas
from p2pgame.ui.room_words import seats_of, vote_line
from p2pgame.ui.widgets import Button, Widget

__all__ = ["VotePanel"]

_HEIGHT = 152


class VotePanel:
    """Takes no room while there is no vote. The scene puts `widgets` into its form when `show` returns True."""

    def __init__(self, canvas: Canvas, send: Callable[[Command], None], clock: Callable[[], float]) -> None:
        self.canvas = canvas
        self.rect = pygame.Rect(0, 0, 0, 0)
        self._words = pygame.Rect(0, 0, 0, 0)
        self._clock = clock
        self._room: RoomView | None = None
        self._yes = Button(gettext("Yes"), lambda: send(commands.CastVote(True)), "primary")
        self._no = Button(gettext("No"), lambda: send(commands.CastVote(False)))

    @property
    def vote(self) -> RoomVote | None:
        return self._room.vote if self._room is not None else None

    @property
    def seconds(self) -> int | None:
        """Whole seconds until it is over; None: there is no vote."""
        return None if self.vote is None else max(0, round(self.vote.until - self._clock()))

    @property
    def widgets(self) -> Sequence[Widget]:
        room, asked = self._room, self.vote is not None and self.vote.ours is None
        return (self._yes, self._no) if asked and room is not None and seats_of(room, room.me) else ()

    @property
    def height(self) -> int:
        """Pixels that it takes."""
        return self.canvas.u(_HEIGHT) if self.vote is not None else 0

    def show(self, room: RoomView | None) -> bool:
        """Follow the room; True if there is another vote, or another answer of ours."""
        before = self.vote
        self._room = room
        now = self.vote
        return (before and (before.kind, before.argument, before.ours)) != (
            now and (now.kind, now.argument, now.ours)
        )

    def layout(self, area: pygame.Rect) -> None:
        """Take the top of `area`; where that is low, all of it, with the buttons beside the words."""
        u = self.canvas.u
        self.rect = pygame.Rect(area.left, area.top, area.width, min(area.height, self.height))
        each = (area.width - u(20 + 10)) // 2
        top = self.rect.bottom - u(44)
        self._words = self.rect.inflate(-u(24), -u(16))
        if self.rect.height < self.height:
            each, top = u(72), self.rect.centery - u(18)
            self._words = self.rect.inflate(-u(20), -u(6))
            self._words.width -= 2 * (each + u(10))
        self._no.rect = pygame.Rect(self.rect.right - u(10) - each, top, each, u(36))
        self._yes.rect = self._no.rect.move(-each - u(10), 0)

    def draw(self, surface: pygame.Surface) -> None:
        """Draw all but the buttons."""
        vote, room = self.vote, self._room
        if vote is None or room is None:
            return
        canvas, u, theme = self.canvas, self.canvas.u, self.canvas.theme
        canvas.panel(surface, self.rect, theme.background)
        canvas.frame(surface, self.rect, theme.warm, 1.5)
        inner = self._words.copy()
        low = self.rect.height < self.height
        lines = 3 if low else 4
        inner.height = min(inner.height, lines * canvas.line_height("small") + 1)
        y = canvas.paragraph(surface, vote_line(room, vote), inner, "small", bold=not low)
        counts = gettext(
            "{yes} yes, {no} no, {needed} needed · {seconds} s",
            yes=vote.yes, no=vote.no, needed=vote.needed, seconds=self.seconds or 0,
        )  # fmt: skip
        canvas.text(surface, counts, (inner.left, y), "small", theme.muted, width=inner.width)
        if vote.ours is not None:
            words = gettext("You said yes") if vote.ours else gettext("You said no")
            at = (inner.left, self._yes.rect.centery)
            at = (self._yes.rect.left, at[1]) if low else at
            width = self.rect.right - u(10) - at[0]
            canvas.text(surface, words, at, "small", theme.accent, anchor="midleft", width=width)
