"""The card of a seat of a room: who has it, what it is waiting for, and the rounds won on it."""

from collections.abc import Callable

import pygame

from p2pgame.i18n.catalogue import gettext
from p2pgame.i18n.rooms import team_text
from p2pgame.session.room_view import RoomSeat, RoomView
from p2pgame.ui.canvas import Canvas
from p2pgame.ui.inputs import Input, MenuAction, Press
from p2pgame.ui.marks import mark
from p2pgame.ui.room_words import member_of, seat_note, seat_title, wins_of
from p2pgame.ui.sentences import listed
from p2pgame.ui.widgets import Widget, focus_ring

__all__ = ["SeatCard"]


class SeatCard(Widget):
    """A seat. Pressing it calls `on_press` with its number."""

    def __init__(self, index: int, on_press: Callable[[int], None]) -> None:
        super().__init__()
        self.index = index
        self.device = ""
        """What the person on it plays with, if that one is here and not alone."""
        self._on_press = on_press
        self._room: RoomView | None = None

    def show(self, room: RoomView, device: str, *, enabled: bool) -> None:
        """`enabled`: pressing it does something."""
        self._room, self.device, self.enabled = room, device, enabled

    def handle(self, event: Input) -> bool:
        if event == Press(MenuAction.CONFIRM) and self.enabled:
            self._on_press(self.index)
            return True
        return super().handle(event)

    def clicked(self, at: tuple[int, int]) -> None:
        del at
        self._on_press(self.index)

    def draw(self, surface: pygame.Surface, canvas: Canvas, *, focused: bool) -> None:
        room = self._room
        if room is None or self.index >= len(room.seats):
            return
        theme, u, rect = canvas.theme, canvas.u, self.rect
        seat = room.seats[self.index]
        taken = seat.kind in ("person", "bot", "kept")
        canvas.panel(
            surface, rect, theme.hover if self.hover else theme.raised if taken else theme.background
        )
        won = self.index in (room.champions or room.last) and room.phase == "table"
        mine = seat.kind == "person" and seat.peer == room.me
        if won or mine:
            canvas.frame(surface, rect, theme.gold if won else theme.accent, 2 if won else 1.5)
        elif not taken:
            canvas.frame(surface, rect, theme.line, 1)
        if focused:
            focus_ring(surface, canvas, rect)
        left, right = rect.left + u(12), rect.right - u(12)
        left = self._draw_mark(surface, canvas, room, seat, left)
        if room.round and taken:
            wins = canvas.text(
                surface, str(wins_of(room, self.index)), (right, rect.centery), "heading",
                theme.gold if won else theme.text, anchor="midright", bold=True,
            )  # fmt: skip
            right = wins.left - u(8)
        self._draw_words(surface, canvas, room, seat, pygame.Rect(left, rect.top, right - left, rect.height))

    def _draw_mark(
        self, surface: pygame.Surface, canvas: Canvas, room: RoomView, seat: RoomSeat, left: int
    ) -> int:
        """The shape of who sits there in a ring, or the number of the seat; a tick once its person is ready.

        Returns the x beside it.
        """
        theme, u = canvas.theme, canvas.u
        ink = theme.ink(seat.team) if _in_teams(room) else theme.ink(self.index)
        centre, radius = (left + u(13), self.rect.centery), u(13)
        member = member_of(room, seat.peer) if seat.kind == "person" else None
        ready = member is not None and member.ready and room.phase in ("open", "countdown")
        if ready or seat.kind == "bot":
            canvas.shapes.disc(surface, centre, radius, ink)
        else:
            canvas.shapes.ring(surface, centre, radius, ink if seat.kind != "closed" else theme.line, u(2))
        if ready:
            x, y = centre
            tick = ((x - u(6), y), (x - u(2), y + u(5)), (x + u(6), y - u(5)))
            for start, end in ((tick[0], tick[1]), (tick[1], tick[2])):
                canvas.shapes.line(surface, start, end, theme.on_accent, u(2.6))
        elif member is not None:
            mark(surface, canvas, centre, u(15), self.index, ink)
        else:
            inside = theme.on_accent if seat.kind == "bot" else theme.muted
            canvas.text(surface, str(self.index + 1), centre, "small", inside, anchor="center", bold=True)
        return left + u(26 + 10)

    def _draw_words(
        self, surface: pygame.Surface, canvas: Canvas, room: RoomView, seat: RoomSeat, area: pygame.Rect
    ) -> None:
        theme, u = canvas.theme, canvas.u
        team = team_text(seat.team) if _in_teams(room) and seat.kind != "closed" else ""
        notes = listed(team, seat_note(room, seat, self.device))
        ink = theme.text if seat.kind in ("person", "bot") else theme.faint
        member = member_of(room, seat.peer)
        if member is not None and member.impostor:
            ink = theme.alarm
        at = (area.left, area.top + u(9)) if notes else (area.left, area.centery)
        canvas.text(
            surface, seat_title(seat, self.index), at, "body", ink,
            anchor="topleft" if notes else "midleft", width=area.width, bold=seat.kind == "person",
        )  # fmt: skip
        if notes:
            width, y = area.width, area.bottom - u(18)
            rtt, px = self._rtt(room, seat), canvas.px("small")
            if rtt and canvas.fonts.width(notes, px) + u(8) + canvas.fonts.width(rtt, px) <= width:
                canvas.text(surface, rtt, (area.right, y), "small", theme.faint, anchor="midright")
            canvas.text(surface, notes, (area.left, y), "small", theme.muted, anchor="midleft", width=width)

    def _rtt(self, room: RoomView, seat: RoomSeat) -> str:
        """The round trip to who has the seat; empty for us and bots."""
        member = member_of(room, seat.peer) if seat.kind == "person" else None
        known = member is not None and member.rtt_ms is not None and member.peer != room.me
        return gettext("{n} ms", n=round(member.rtt_ms or 0)) if known and member is not None else ""


def _in_teams(room: RoomView) -> bool:
    return any(seat.team for seat in room.seats)
