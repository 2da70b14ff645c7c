"""The board and the cards of the players, which the scenes of a match, its result and its recording share.

All calls of a game's view are here. A view may fail, and not always by its own fault: a hostile peer or file can send
any state that the type allows. Then the board says where, and a scene that is not of a running match goes on.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

import msgspec
import pygame

from p2pgame.core.guard import GameError, Guard
from p2pgame.core.ids import tag_of
from p2pgame.i18n.catalogue import gettext
from p2pgame.netcode.clocks import ClockFace
from p2pgame.session.view import MatchView
from p2pgame.ui.avatars import Avatar
from p2pgame.ui.canvas import Canvas, Size
from p2pgame.ui.inputs import Control, Input
from p2pgame.ui.marks import mark
from p2pgame.ui.room_words import own_seats, player_names
from p2pgame.ui.sentences import error_text, listed
from p2pgame.ui.view import View

__all__ = ["MatchBoard", "clock_text"]

T = TypeVar("T")
_log = logging.getLogger(__name__)

_SIDE = 300
_CARD = (74, 10)
"""Height of a player's card where there are two, and the gap below ..."""
_ROW = (32, 4)
"""... and where there are more, each in one line."""
_SHORT = 10
"""Seconds from which on a clock is shown as a warning."""
_TICKING = 10
"""Seconds that are heard, one by one."""
_BELOW = 300
"""Height of the panel under the board without the players' cards: room for the result and two buttons."""


class MatchBoard:
    """Lays out and draws a match. Knows no buttons; the scene puts its own widgets into `controls`."""

    def __init__(self, canvas: Canvas, view: View, match: MatchView, wins: Sequence[int] = ()) -> None:
        """`wins`: matches won by each player in this series; empty: it just begins."""
        self.wins = wins
        self.looks: tuple[Avatar, ...] = ()
        """Of the players, by seat; empty: not looked up."""
        self.pop = 0.0
        """By how much the tally of the winner is larger than usual, 0 to 1."""
        self.canvas = canvas
        self.view = view
        self.match = match
        self.board = pygame.Rect(0, 0, 0, 0)
        self.panel = pygame.Rect(0, 0, 0, 0)
        self.controls = pygame.Rect(0, 0, 0, 0)
        self.cards: list[pygame.Rect] = []
        self.failed: GameError | None = None
        """Set once the view failed: where."""
        self._guard = Guard(view.package)
        self._guard.game = match.game
        self._now = 0.0
        self._clocks: tuple[str, ...] = ()
        """What the clocks showed last."""
        self._second = _TICKING
        """Of our clock that runs."""

    @property
    def match(self) -> MatchView:
        """With a name for everybody, for bots as well: that is what the view reads."""
        return self._match

    @match.setter
    def match(self, match: MatchView) -> None:
        names = player_names(match)
        self._match = match if names == match.names else msgspec.structs.replace(match, names=names)

    def attempt(self, act: Callable[[], T], default: T) -> T:
        """The result of `act`, which calls code of the game; `default` if that fails."""
        try:
            return self._guard.call(act)
        except GameError as error:
            if self.failed is None:
                _log.info("%s fails at frame %d", self.match.game, self.match.frame, exc_info=error)
                self.failed = error
            return default

    def renew(self) -> None:
        """Take another view of the same match, in which nothing moves yet."""
        old = self.view
        self.view = self.attempt(lambda: type(old)(old.game, old.me, old.names), old)

    def _asked(self, method: Callable[..., Any], kind: Any, default: Any, *args: Any) -> Any:
        """What a method of the view gives, which is to be a `kind`."""
        return self.attempt(lambda: self._guard.checked(method(*args), kind, method), default)

    @property
    def status(self) -> str:
        """One line about the position."""
        text: str = self._asked(self.view.status, str, "", self.match)
        return text

    @property
    def text(self) -> str:
        """The position as text."""
        return self.attempt(lambda: self.view.game.render(self.match.state), "")

    def words(self, move: Any) -> str:
        """How a move in this position is called."""
        text: str = self._asked(self.view.words, str, "", self.match, move)
        return text

    def sketch(self, surface: pygame.Surface, moves: Sequence[Any], seat: int) -> None:
        """Draw moves that were not made over the board, the first one of `seat`."""
        match = self._for(seat)
        if match is not None and moves:
            self.attempt(
                lambda: self.view.sketch(surface, self.board.copy(), match, self.canvas, moves), None
            )

    def handle(self, event: Input, seat: int | None = None) -> Any | None:
        """The move of `seat`, a player here, if `event` of its devices makes one. None: our first player."""
        match = self._for(seat)
        return None if match is None else self._input(self.view.handle, event, match, self.board.copy())

    def hold(self, held: frozenset[Control], seat: int | None = None) -> Any | None:
        """Real-time: the input of `seat` while its devices hold these controls down, if it is another one."""
        match = self._for(seat)
        return None if match is None else self._input(self.view.hold, held, match)

    def _for(self, seat: int | None) -> MatchView | None:
        """The match as it is given to the view to ask for an input of `seat`; None if nobody plays here."""
        match = self.match
        if seat is not None and seat != match.me:
            match = msgspec.structs.replace(match, me=seat)
        return None if match.me < 0 else match

    def _input(self, method: Callable[..., Any], *args: Any) -> Any | None:
        def act() -> Any | None:
            move = method(*args)
            return None if move is None else self._guard.input(self.view.game, move, method)

        return self.attempt(act, None)

    def layout(self, size: tuple[int, int]) -> None:
        """The panel to the right of the board or below it, whichever leaves the larger board."""
        u = self.canvas.u
        pad, gap = u(20), u(18)
        area = pygame.Rect(pad, pad, size[0] - 2 * pad, size[1] - 2 * pad)
        spare = area.width - gap - u(_SIDE) - round(area.height * self.view.aspect)
        side = min(u(_SIDE) + max(0, spare) // 3, u(420))
        count = len(self.match.players)
        columns = 1 if count <= 2 else 2
        below = self._cards_height(count, columns) + u(_BELOW)
        left = _largest(
            pygame.Rect(area.left, area.top, area.width - side - gap, area.height), self.view.aspect
        )
        above = _largest(
            pygame.Rect(area.left, area.top, area.width, area.height - below - gap), self.view.aspect
        )
        if left.width >= above.width:
            self.board, columns = left, 1
            self.panel = pygame.Rect(area.right - side, area.top, side, area.height)
        else:
            self.board = above
            self.panel = pygame.Rect(area.left, area.bottom - below, area.width, below)
        inner = self.panel.inflate(-u(32), -u(32))
        height, gap = map(u, _CARD if count <= 2 else _ROW)
        width = (inner.width - (columns - 1) * gap) // columns
        places = [divmod(i, columns) for i in range(count)]
        self.cards = [
            pygame.Rect(inner.left + column * (width + gap), inner.top + row * (height + gap), width, height)
            for row, column in places
        ]
        top = inner.top + self._cards_height(count, columns) + u(14)
        self.controls = pygame.Rect(inner.left, top, inner.width, inner.bottom - top)

    def _cards_height(self, count: int, columns: int) -> int:
        height, gap = map(self.canvas.u, _CARD if count <= 2 else _ROW)
        return -(-count // columns) * (height + gap) - gap

    def update(self, dt: float, *, quiet: bool = False) -> bool:
        """`dt` seconds passed. True while something on the board moves."""
        moving = self.attempt(lambda: bool(self.view.update(dt, self.match)), False)
        cues: Sequence[str] = ()
        for name in self._asked(self.view.cues, tuple[str, ...], cues):
            if not quiet:
                self.canvas.sounds.play(*_placed(name))
        return moving

    def clocks_moved(self, now: float) -> bool:
        """Whether a clock shows something else than when it was asked last. `now`: `time.monotonic()`."""
        self._now = now
        shown = tuple(clock_text(face, now) for face in self.match.clocks)
        moved, self._clocks = shown != self._clocks, shown
        seconds = min(self._own_seconds(now), default=_TICKING)
        if seconds < self._second and seconds < _TICKING:
            self.canvas.sounds.play("tick")
        self._second = seconds
        return moved

    def _own_seconds(self, now: float) -> Iterator[int]:
        """Whole seconds that are left to our players whose clock runs, before the flag falls."""
        for player in own_seats(self.match):
            if player < len(self.match.clocks) and self.match.clocks[player].running:
                face = self.match.clocks[player]
                left, periods = face.shown(now)
                if periods <= 1:
                    yield left // 1000

    def _draw_clock(self, surface: pygame.Surface, right: int, middle: int, player: int, size: Size) -> int:
        """The clock of `player`, if the match has clocks. Returns its left edge, or `right`."""
        if player >= len(self.match.clocks):
            return right
        canvas, theme, face = self.canvas, self.canvas.theme, self.match.clocks[player]
        left, _ = face.shown(self._now)
        ink = theme.warm if left < _SHORT * 1000 else theme.text if face.running else theme.muted
        text = clock_text(face, self._now)
        return canvas.text(surface, text, (right, middle), size, ink, anchor="midright", bold=True).left

    @property
    def seats(self) -> dict[int, pygame.Rect]:
        """The card of each player: opponent above, we below."""
        players = range(len(self.match.players))
        if len(players) > 2:
            return dict(zip(players, self.cards, strict=True))
        me = self.match.me
        order = [p for p in players if p != me] + [p for p in players if p == me]
        return dict(zip(order, self.cards, strict=True))

    def draw(self, surface: pygame.Surface) -> None:
        """The board and the players."""
        canvas, match = self.canvas, self.match
        surface.fill(canvas.theme.background)
        self._draw_view(surface)
        canvas.panel(surface, self.panel)
        draw = self._draw_row if len(match.players) > 2 else self._draw_player
        for player, rect in self.seats.items():
            draw(surface, rect, player)

    def draw_board(self, surface: pygame.Surface) -> None:
        """The board alone, over the last picture."""
        if not self.view.covers:
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
            self._draw_notice(surface)

    def _draw_notice(self, surface: pygame.Surface) -> None:
        canvas, board, width = self.canvas, self.board, self.board.width - self.canvas.u(40)
        canvas.panel(surface, board)
        at, text = board.center, gettext("This position cannot be shown")
        shown = canvas.text(surface, text, at, "body", canvas.theme.warm, anchor="midbottom", width=width)
        if self.failed is not None:
            rect = pygame.Rect(
                0, shown.bottom + canvas.u(8), width, board.bottom - shown.bottom - canvas.u(8)
            )
            rect.centerx = board.centerx
            why = error_text(self.failed)
            canvas.paragraph(surface, why, rect, "small", canvas.theme.muted, centred=True)

    def _drawn(self, surface: pygame.Surface) -> bool:
        self.view.draw(
            surface, self.board.copy(), self.match, self.canvas
        )  # a `Rect` can be changed in place
        return True

    def _draw_player(self, surface: pygame.Surface, rect: pygame.Rect, player: int) -> None:
        canvas, match, theme, u = self.canvas, self.match, self.canvas.theme, self.canvas.u
        turn = match.outcome is None and not match.tick_rate and player in match.to_move
        won = match.outcome is not None and player in match.outcome.winners
        canvas.panel(surface, rect, theme.raised)
        if turn or won:
            canvas.frame(surface, rect, theme.gold if won else theme.accent, 2)
        icon = pygame.Rect(rect.left + u(12), 0, u(44), u(44))
        icon.centery = rect.centery
        self.attempt(lambda: self.view.draw_side(surface, icon, player, canvas), None)
        left = icon.right + u(12)
        middle = rect.top + u(13) + canvas.line_height("body") // 2
        room = self._draw_clock(surface, rect.right - u(14), middle, player, "heading") - u(8) - left
        tag = tag_of(match.players[player])  # empty for a bot on this machine
        width = room - canvas.fonts.width(tag, canvas.px("small")) - u(8)
        if self.wins:
            width -= u(34)
        spot = mark(surface, canvas, (left + u(7), rect.top + u(24)), u(14), player)
        at_name = (spot.right + u(8), rect.top + u(13))
        ink = theme.ink(player)
        name = canvas.text(
            surface, player_names(match)[player], at_name, "body", ink, width=width - u(22), bold=True
        )
        canvas.text(surface, tag, (name.right + u(8), name.centery), "small", theme.faint, anchor="midleft")
        if self.wins:
            canvas.text(
                surface, str(self.wins[player]), (left + room, name.centery),
                theme.heading * (1 + 0.7 * self.pop * won),
                theme.gold if won else theme.text, anchor="midright", bold=True,
            )  # fmt: skip
        words = listed(
            self._asked(self.view.side, str, "", player),
            *self._marks(player),
        )
        at = (left, rect.bottom - u(22))
        room = rect.right - left - u(14)
        line = canvas.text(surface, words, at, "small", theme.muted, anchor="midleft", width=room)
        note = gettext("winner") if won else gettext("to move") if turn else ""
        if note and line.right + u(70) < rect.right:
            ink = theme.gold if won else theme.accent
            canvas.text(
                surface, note, (rect.right - u(14), at[1]), "small", ink, anchor="midright", bold=True
            )

    def _marks(self, player: int) -> tuple[str, ...]:
        """What is to be said of a player beside the name."""
        match = self.match
        is_bot = player in match.bots
        return (
            gettext("you") if player in own_seats(match) else "",
            gettext("bot") if is_bot and match.names[player] else "",
            gettext("host") if match.players[player] == match.host and not is_bot else "",
        )

    def _draw_row(self, surface: pygame.Surface, rect: pygame.Rect, player: int) -> None:
        """A player in one line: of three or more."""
        canvas, match, theme, u = self.canvas, self.match, self.canvas.theme, self.canvas.u
        won = match.outcome is not None and player in match.outcome.winners
        turn = match.outcome is None and not match.tick_rate and player in match.to_move
        names = player_names(match)
        waits = any(name == names[player] for name, _ in match.waiting_for)
        canvas.panel(surface, rect, theme.raised)
        if won or turn or player in own_seats(match):
            canvas.frame(surface, rect, theme.gold if won else theme.accent, 2 if won or turn else 1)
        icon = pygame.Rect(rect.left + u(8), 0, u(24), u(24))
        icon.centery = rect.centery
        self.attempt(lambda: self.view.draw_side(surface, icon, player, canvas), None)
        left = icon.right + u(8)
        right = self._draw_clock(surface, rect.right - u(10), rect.centery, player, "body") - u(4)
        note = listed(
            gettext("winner") if won else gettext("to move") if turn else "",
            gettext("waiting…") if waits else "",
            *self._marks(player),
        )
        ink = theme.gold if won else theme.warm if waits else theme.accent if turn else theme.muted
        if note:
            at = (right, rect.centery)
            right = canvas.text(surface, note, at, "small", ink, anchor="midright").left - u(8)
        spot = mark(surface, canvas, (left + u(6), rect.centery), u(12), player)
        left = spot.right + u(7)
        name_ink = theme.ink(player)
        canvas.text(
            surface, names[player], (left, rect.centery), "body", name_ink,
            anchor="midleft", width=max(1, right - left), bold=True,
        )  # fmt: skip


def _placed(cue: str) -> tuple[str, float]:
    """The name of a sound and where it comes from, of ``wall@-0.5``."""
    name, _, place = cue.partition("@")
    try:
        return name, float(place or 0)
    except ValueError:
        return name, 0.0


def clock_text(face: ClockFace, now: float) -> str:
    """What a clock shows: minutes and seconds, under ten seconds tenths, and the periods that are left."""
    left, periods = face.shown(now)
    if left < _SHORT * 1000:
        text = f"{left // 1000}.{left % 1000 // 100}"
    else:
        seconds = -(-left // 1000)
        text = f"{seconds // 60}:{seconds % 60:02}"
    return f"{text} ×{periods}" if periods > 1 or (periods and not face.main) else text


def _largest(space: pygame.Rect, aspect: float) -> pygame.Rect:
    """The largest rectangle of `aspect` centred in `space`."""
    width = min(space.width, round(space.height * aspect))
    rect = pygame.Rect(0, 0, max(1, width), max(1, round(width / aspect)))
    rect.center = space.center
    return rect
