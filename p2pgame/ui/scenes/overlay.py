"""The F3 overlay of a match: figures of the netcode, and for real-time matches a network simulator.

Shows the `MatchView` and calls the `Seat`; knows nothing of sockets and rollback.
"""

import math
from collections.abc import Callable, Sequence

import pygame

from p2pgame.i18n.catalogue import gettext
from p2pgame.session import commands
from p2pgame.session.view import Figures, MatchView
from p2pgame.ui.client import Seat
from p2pgame.ui.scene import Context
from p2pgame.ui.slider import Slider
from p2pgame.ui.widgets import Button, Form, Widget
from p2pgame.wire.bounds import DELAY_MAX

__all__ = ["Overlay"]

_PAD = 10
_LINE = 19
_BAR = 16
_ROW = 28
_HEAD = 27
"""Units above the sliders for their title."""
_WINDOW = 8
"""Cells of the bar of predicted frames, at least."""
_READ = 0.2
"""Seconds between two updates of the numbers: a person has to read them."""
_REQUEST_SHOWN = 3.0
"""Seconds for which a requested input delay is shown before the match has it."""


class Overlay:
    """A panel with figures and sliders. The scene puts `widgets` into its form while it is open."""

    def __init__(self, context: Context, seat: Seat, match: MatchView, host: Callable[[], str] = str) -> None:
        """`host`: the name of who carries the match; empty: nobody knows."""
        self._host = host
        self.context = context
        self.canvas = context.canvas
        self.seat = seat
        self.rect = pygame.Rect(0, 0, 0, 0)
        self._match = match
        self._simulates = match.tick_rate > 0 and seat is context.client
        """True for a match on a network, which the sliders can make worse."""
        self._rows: list[tuple[str, str]] = []
        self._read = math.inf
        self._wanted: int | None = None
        """The input delay that was requested and does not show yet."""
        self._asked = 0.0
        latency, jitter, loss = context.impairment
        self.latency = Slider(gettext("Latency"), _milliseconds, 300, 10, latency, self._impair)
        self.jitter = Slider(gettext("Jitter"), _milliseconds, 100, 5, jitter, self._impair)
        self.loss = Slider(gettext("Loss"), _percent, 30, 1, loss, self._impair)
        self._sliders = (self.latency, self.jitter, self.loss)
        self.less = Button("−", lambda: self._shift_delay(-1))
        self.more = Button("+", lambda: self._shift_delay(1))
        self.widgets: Sequence[Widget] = ()
        self.update(0.0, match)
        if self._simulates:
            self.widgets = (self.less, self.more, *self._sliders)

    @property
    def height(self) -> int:
        """Pixels needed."""
        units = 2 * _PAD + _LINE * len(self._rows) + (_BAR if self._match.tick_rate else 0)
        if self._simulates:
            units += _ROW + _HEAD + _ROW * len(self._sliders)
        return self.canvas.u(units)

    def layout(self, rooms: Sequence[pygame.Rect]) -> None:
        """Take the first of `rooms` that is high enough, else the upper left corner of the last one.

        Without sliders it takes the bottom of the room, so that the text at the top stays visible.
        """
        u = self.canvas.u
        room = next((r for r in rooms if r.height >= self.height), None)
        if room is not None:
            self.rect = pygame.Rect(room.left, room.top, room.width, self.height)
            if not self._simulates:
                self.rect.bottom = room.bottom
        else:
            self.rect = pygame.Rect(rooms[-1].left, rooms[-1].top, u(300), self.height)
        left, width = self.rect.left + u(_PAD), self.rect.width - 2 * u(_PAD)
        y = self.rect.bottom - u(_PAD) - len(self._sliders) * u(_ROW)
        for slider in self._sliders:
            slider.place(pygame.Rect(left, y, width, u(_ROW)), self.canvas)
            y += u(_ROW)
        button = u(36)
        y = self._sliders[0].rect.top - u(_HEAD) - u(_ROW)
        self.more.rect = pygame.Rect(left + width - button, y + u(1), button, u(26))
        self.less.rect = self.more.rect.move(-button - u(56), 0)

    def update(self, dt: float, match: MatchView) -> bool:
        """Follow the match. True if the numbers changed."""
        self._match = match
        self._read += dt
        self._asked += dt
        delay = match.figures.input_delay if match.figures else None
        if self._wanted == delay or self._asked > _REQUEST_SHOWN:
            self._wanted = None
        if self._read < _READ:
            return False
        self._read = 0.0
        figures = (match.figures or Figures()) if self._simulates else None
        before, self._rows = self._rows, _rows(match, figures, self.context.fps, self._host())
        return self._rows != before

    def draw(self, surface: pygame.Surface, form: Form) -> None:
        """Draw the panel; `form` draws its widgets."""
        canvas, u, theme, match = self.canvas, self.canvas.u, self.canvas.theme, self._match
        canvas.panel(surface, self.rect, theme.background)
        canvas.frame(surface, self.rect, theme.line, 1)
        left, right = self.rect.left + u(_PAD + 4), self.rect.right - u(_PAD + 4)
        y = self.rect.top + u(_PAD)
        for label, value in self._rows:
            name = canvas.text(surface, label, (left, y), "small", theme.muted)
            room = right - name.right - u(8)
            canvas.text(surface, value, (right, y), "small", theme.text, anchor="topright", width=room)
            y += u(_LINE)
        if match.tick_rate:
            self._draw_bar(surface, pygame.Rect(left, y + u(3), right - left, u(8)))
        if self._simulates:
            self._draw_delay(surface, left)
            at = (left, self.latency.rect.top - u(3))
            title = gettext("Make the network worse")
            canvas.text(surface, title, at, "small", theme.muted, anchor="bottomleft", bold=True)
        form.draw(surface, canvas, self.widgets)

    def _draw_bar(self, surface: pygame.Surface, bar: pygame.Rect) -> None:
        """Confirmed frames, then one cell for each predicted one."""
        canvas, theme = self.canvas, self.canvas.theme
        ahead = max(0, self._match.frame - self._match.confirmed)
        cells = max(_WINDOW, ahead)
        gap = canvas.u(2)
        solid = bar.copy()
        solid.width = bar.width // 4
        surface.fill(theme.accent, solid)
        start, room = solid.right + gap, bar.right - solid.right - gap
        for i in range(cells):
            x = start + room * i // cells
            cell = pygame.Rect(x, bar.top, start + room * (i + 1) // cells - x - gap, bar.height)
            surface.fill(theme.warm if i < ahead else theme.line, cell)

    def _draw_delay(self, surface: pygame.Surface, left: int) -> None:
        canvas, theme, figures = self.canvas, self.canvas.theme, self._match.figures
        y = self.less.rect.centery
        canvas.text(surface, gettext("Input delay"), (left, y), "small", theme.muted, anchor="midleft")
        now = figures.input_delay if figures else 0
        words = f"{now}" if self._wanted is None else f"{now} → {self._wanted}"
        at = ((self.less.rect.right + self.more.rect.left) // 2, y)
        canvas.text(surface, words, at, "small", theme.text, anchor="center", bold=True)

    def _impair(self, _: int) -> None:
        self.context.impairment = (self.latency.value, self.jitter.value, self.loss.value)
        self.seat.send(commands.SetImpairment(self.latency.value, self.jitter.value, self.loss.value / 100))

    def _shift_delay(self, by: int) -> None:
        figures = self._match.figures
        if figures is None:  # the match is being set up
            return
        now = figures.input_delay if self._wanted is None else self._wanted
        to = max(0, min(DELAY_MAX, now + by))
        if to != now:
            self._wanted, self._asked = to, 0.0
            self.seat.send(commands.SetInputDelay(to))


def _rows(match: MatchView, figures: Figures | None, fps: float, host: str) -> list[tuple[str, str]]:
    """Labels and values of the figures of `match`."""
    rows = _netcode(figures) if figures is not None else []
    if not rows and match.rtt_ms is not None:
        rows.append((gettext("Ping"), gettext("{n} ms", n=f"{match.rtt_ms:.1f}")))
    if host:
        rows.append((gettext("Host"), host))
    rows.append((gettext("State hash"), match.hash[:12]))
    rows.append((gettext("Drawn"), gettext("{n} fps", n=round(fps))))
    passed = str(match.frame)
    if match.tick_rate:
        passed = gettext("{frame}, confirmed {confirmed}", frame=match.frame, confirmed=match.confirmed)
    rows.append((gettext("Frame"), passed))  # the last one, over its bar
    return rows


def _netcode(figures: Figures) -> list[tuple[str, str]]:
    ping = "–" if figures.rtt_ms is None else _milliseconds(round(figures.rtt_ms))
    percent = f"{100 * figures.loss:.1f}"
    if figures.transport:
        loss = gettext("{n} % over {transport}", n=percent, transport=figures.transport.upper())
    else:
        loss = gettext("{n} %", n=percent)
    depth = gettext("{n} now, {most} at most", n=figures.rollback_depth, most=figures.max_rollback)
    late = f"{_milliseconds(round(figures.late_ms))}, {_milliseconds(round(figures.late_there_ms))}"
    return [
        (gettext("Ping, jitter"), f"{ping}, {_milliseconds(round(figures.jitter_ms))}"),
        (gettext("Loss"), loss),
        (gettext("Rollback depth"), depth),
        (gettext("Rollbacks, stalls"), f"{figures.rollbacks}, {figures.stalls}"),
        (gettext("Inputs late: theirs, yours"), late),
        (gettext("Frame advantage"), f"{figures.frame_advantage:+.1f}"),
    ]


def _milliseconds(n: int) -> str:
    return gettext("{n} ms", n=n)


def _percent(n: int) -> str:
    return gettext("{n} %", n=n)
