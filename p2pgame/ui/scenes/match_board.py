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
from p2pgame.i18n.rooms import bot_name
from p2pgame.netcode.clocks import ClockFace
from p2pgame.session.view import MatchView
from p2pgame.ui.avatars import Avatar
from p2pgame.ui.canvas import Anchor, Canvas, Size
from p2pgame.ui.inputs import Control, Input
from p2pgame.ui.marks import mark
from p2pgame.ui.room_words import own_seats, player_names
from p2pgame.ui.sentences import error_text, listed
from p2pgame.ui.theme import Colour
from p2pgame.ui.view import Standing, View
from p2pgame.ui.widgets import Widget

__all__ = ["MatchBoard", "clock_text"]

T = TypeVar("T")
_log = logging.getLogger(__name__)

_MARGIN = 8
_SIDE = (256, 420)
"""Least and largest width of the panel beside the board."""
_CARD = 50
"""Height of a player's card in the header where there are two ..."""
_ROW = (32, 190)
"""... and where there are more, each in one line; and its least width."""
_PIPS = 5
"""Points shown as dots; more are a number."""
_PIPS_ROOM = 190
"""Width of a card from which on there are dots."""
_WIDE = 200
"""Height of a panel below which words and buttons are side by side."""
_SHORT = 10
"""Seconds from which on a clock is shown as a warning."""
_TICKING = 10
"""Seconds that are heard, one by one."""
_BELOW = (260, 92)
"""Least height of a panel under the board: by turns, with all that can be asked for; and in real time."""


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
        self.corner = pygame.Rect(0, 0, 0, 0)
        """The right end of the line of the players ..."""
        self.keep_corner = 0
        """... of which so many units are kept free."""
        self.panel = pygame.Rect(0, 0, 0, 0)
        self.side = pygame.Rect(0, 0, 0, 0)
        """Where the panel is, or would be, beside the board."""
        self.beside = False
        """The panel has to be beside the board in a window that is wider than high: something large is in it."""
        self.captions = pygame.Rect(0, 0, 0, 0)
        """Where words go; the same rectangle as `controls` unless the panel is `wide`."""
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

    def wears(self, player: int) -> int:
        """Whose colour `player` has, its own or that of its team; an index of `Theme.players`."""
        worn: int = self._asked(self.view.wears, int, player, player)
        return worn

    @property
    def status(self) -> str:
        """One line about the position."""
        text: str = self._asked(self.view.status, str, "", self.match)
        return text

    @property
    def standings(self) -> tuple[Standing | None, ...]:
        """How each player stands, if the game says so."""
        return tuple(
            self._asked(self.view.standing, Standing | None, None, self.match, player)
            for player in range(len(self.match.players))
        )

    @property
    def text(self) -> str:
        """The position as text."""
        return self.attempt(lambda: self.view.game.render(self.match.state), "")

    @property
    def moves(self) -> tuple[str, ...]:
        """What was played so far, where the game lists it."""
        return self._listed or ()

    @property
    def played(self) -> int:
        """How many moves or frames were played. Where moves are listed, those: without what was taken back."""
        listed = self._listed
        return self.match.frame if listed is None else len(listed)

    @property
    def _listed(self) -> tuple[str, ...] | None:
        moves: tuple[str, ...] | None = self._asked(self.view.moves, tuple[str, ...] | None, None, self.match)
        return moves

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
        """The players in a line above, the panel to the right of the board or below it, whichever leaves the larger
        board."""
        u, gap = self.canvas.u, self.canvas.u(_MARGIN)
        area = pygame.Rect(gap, gap, size[0] - 2 * gap, size[1] - 2 * gap)
        header = self._place_cards(area)
        area.top, area.height = area.top + header + gap, area.height - header - gap
        aspect, (least, most) = self.view.aspect, _SIDE
        side = max(u(least), min(u(most), area.width - gap - round(area.height * aspect)))
        below = u(_BELOW[bool(self.match.tick_rate)])
        left = _largest(pygame.Rect(area.left, area.top, area.width - side - gap, area.height), aspect)
        above = _largest(pygame.Rect(area.left, area.top, area.width, area.height - below - gap), aspect)
        self.side = pygame.Rect(area.right - side, area.top, side, area.height)
        if left.width >= above.width or (self.beside and area.width > area.height):
            self.board, self.panel = left, self.side
        else:
            above.top = area.top
            self.board = above
            top = above.bottom + gap
            self.panel = pygame.Rect(area.left, top, area.width, area.bottom - top)
        self.controls = self.captions = self.panel.inflate(-u(24), -u(12 if self.wide else 20))
        if self.wide:
            part = (self.controls.width - u(20)) // 2
            self.captions = pygame.Rect(self.controls.left, self.controls.top, part, self.controls.height)
            self.controls = self.captions.move(self.controls.width - part, 0)

    def notice_corner(self, widgets: Sequence[Widget]) -> tuple[int, int] | None:
        """Of short notices: above the buttons beside the board, below the words. None: there is no such place."""
        tops = [widget.rect.top for widget in widgets if self.panel.contains(widget.rect)]
        if self.wide or not tops:
            return None
        u = self.canvas.u
        return self.panel.right - u(12), max(self.captions.top + u(110), min(tops) - u(56))

    @property
    def wide(self) -> bool:
        """The panel is so low that the words stand beside the buttons, not above them."""
        return self.panel.height < self.canvas.u(_WIDE)

    def _place_cards(self, area: pygame.Rect) -> int:
        """Give the players their cards along the top of `area`; returns the height."""
        u, gap, count = self.canvas.u, self.canvas.u(4), len(self.match.players)
        kept = u(self.keep_corner)
        area = pygame.Rect(area.left, area.top, area.width - (kept + gap if kept else 0), area.height)
        least, height = (u(_ROW[1]), u(_ROW[0])) if count > 2 else (1, u(_CARD))
        rows = -(-count // max(1, (area.width + gap) // (least + gap)))
        columns = -(-count // rows)
        width = (area.width - (columns - 1) * gap) // columns
        self.cards = [
            pygame.Rect(area.left + column * (width + gap), area.top + row * (height + gap), width, height)
            for row, column in (divmod(i, columns) for i in range(count))
        ]
        total = rows * (height + gap) - gap
        self.corner = pygame.Rect(area.right + gap, area.top, kept, min(total, u(_CARD)))
        return total

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

    def _draw_clock(self, surface: pygame.Surface, row: "_Row", player: int, size: Size) -> None:
        """The clock of `player` at the far end of `row`, if the match has clocks."""
        if player >= len(self.match.clocks):
            return
        canvas, theme, face = self.canvas, self.canvas.theme, self.match.clocks[player]
        left, _ = face.shown(self._now)
        ink = theme.warm if left < _SHORT * 1000 else theme.text if face.running else theme.muted
        text = clock_text(face, self._now)
        width = canvas.fonts.width(text, canvas.px(size), bold=True)
        spot = row.take_far(width, canvas.line_height(size))
        canvas.text(surface, text, spot.center, size, ink, anchor="center", bold=True)
        row.take_far(canvas.u(8), 1)

    @property
    def seats(self) -> dict[int, pygame.Rect]:
        """The card of each player."""
        return dict(zip(range(len(self.match.players)), self.cards, strict=True))

    @property
    def emote_spots(self) -> dict[int, pygame.Rect]:
        """Where the emote of each player is shown: at the end of its card where no name is."""
        spots = self.seats
        if len(spots) == 2:
            inner = spots[1]
            spots[1] = pygame.Rect(inner.left, inner.top, inner.height + self.canvas.u(8), inner.height)
        return spots

    def draw(self, surface: pygame.Surface) -> None:
        """The board and the players."""
        canvas, match = self.canvas, self.match
        surface.fill(canvas.theme.background)
        self._draw_view(surface)
        canvas.panel(surface, self.panel)
        draw = self._draw_row if len(match.players) > 2 else self._draw_player
        for (player, rect), standing in zip(self.seats.items(), self.standings, strict=True):
            draw(surface, rect, player, standing)

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

    def _draw_player(
        self, surface: pygame.Surface, rect: pygame.Rect, player: int, standing: Standing | None
    ) -> None:
        """One of two: the picture at the outer edge, tally and clock towards the other one."""
        canvas, match, theme, u = self.canvas, self.match, self.canvas.theme, self.canvas.u
        turn = match.outcome is None and not match.tick_rate and player in match.to_move
        won = match.outcome is not None and player in match.outcome.winners
        canvas.panel(surface, rect, theme.raised)
        if turn or won:
            canvas.frame(surface, rect, theme.gold if won else theme.accent, 2)
        row = _Row(rect.inflate(-u(20), 0), mirrored=player == 1)
        self._draw_icon(surface, row.take(u(36), u(36)), player, standing)
        row.skip(u(10))
        if self.wins:
            px = theme.heading * (1 + 0.7 * self.pop * won)
            ink = theme.gold if won else theme.text
            spot = row.take_far(u(34), rect.height)
            canvas.text(surface, str(self.wins[player]), spot.center, px, ink, anchor="center", bold=True)
        self._draw_standing(surface, row, player, standing)
        self._draw_clock(surface, row, player, "heading")
        upper, lower = row.split(rect.top + u(16), rect.bottom - u(14))
        tag = tag_of(match.players[player])  # empty for a bot on this machine
        ink = theme.ink(self.wears(player))
        mark(surface, canvas, upper.take(u(14), u(14)).center, u(14), player, ink)
        upper.skip(u(8))
        width = upper.room - canvas.fonts.width(tag, canvas.px("small")) - u(8)
        upper.text(surface, canvas, player_names(match)[player], "body", ink, width=width, bold=True)
        upper.skip(u(8))
        upper.text(surface, canvas, tag, "small", theme.faint)
        if note := gettext("winner") if won else gettext("to move") if turn else "":
            lower.text(surface, canvas, note, "small", theme.gold if won else theme.accent, bold=True)
            lower.skip(u(10))
        words = listed(self._asked(self.view.side, str, "", player), *self._marks(player))
        lower.text(surface, canvas, words, "small", theme.muted)

    def _draw_icon(
        self, surface: pygame.Surface, rect: pygame.Rect, player: int, standing: Standing | None
    ) -> None:
        """What the player plays, struck out while it is out."""
        canvas = self.canvas
        self.attempt(lambda: self.view.draw_side(surface, rect, player, canvas), None)
        if standing is not None and standing.out:
            canvas.shapes.line(surface, rect.bottomleft, rect.topright, canvas.theme.raised, canvas.u(5))
            canvas.shapes.line(surface, rect.bottomleft, rect.topright, canvas.theme.muted, canvas.u(2.5))

    def _draw_standing(
        self, surface: pygame.Surface, row: "_Row", player: int, standing: Standing | None
    ) -> None:
        """The points at the far end of `row`: dots where they are few, else a number."""
        if standing is None:
            return
        canvas, theme, u = self.canvas, self.canvas.theme, self.canvas.u
        ink, (points, needed, _) = theme.ink(self.wears(player)), standing
        if not points <= needed <= _PIPS or row.room < u(_PIPS_ROOM):
            spot = row.take_far(canvas.fonts.width(str(points), canvas.px("body"), bold=True), u(20))
            canvas.text(surface, str(points), spot.center, "body", ink, anchor="center", bold=True)
        else:
            spots = [row.take_far(u(14), u(10)) for _ in range(needed)]
            for number, spot in enumerate(reversed(spots), start=1):
                if number <= points:
                    canvas.shapes.disc(surface, spot.center, u(5), ink)
                else:
                    canvas.shapes.ring(surface, spot.center, u(5), theme.edge, u(1.5))
        row.take_far(u(8), 1)

    def _marks(self, player: int) -> tuple[str, ...]:
        """What is to be said of a player beside the name."""
        match = self.match
        is_bot = player in match.bots
        return (
            gettext("you") if player in own_seats(match) else "",
            gettext("bot") if is_bot and match.names[player] != bot_name(player) else "",
        )

    def _draw_row(
        self, surface: pygame.Surface, rect: pygame.Rect, player: int, standing: Standing | None
    ) -> None:
        """A player in one line: of three or more."""
        canvas, match, theme, u = self.canvas, self.match, self.canvas.theme, self.canvas.u
        won = match.outcome is not None and player in match.outcome.winners
        turn = match.outcome is None and not match.tick_rate and player in match.to_move
        names = player_names(match)
        waits = any(name == names[player] for name, _ in match.waiting_for)
        canvas.panel(surface, rect, theme.raised)
        if won or turn or player in own_seats(match):
            canvas.frame(surface, rect, theme.gold if won else theme.accent, 2 if won or turn else 1)
        row = _Row(rect.inflate(-u(16), 0))
        self._draw_icon(surface, row.take(u(24), u(24)), player, standing)
        row.skip(u(8))
        self._draw_standing(surface, row, player, standing)
        self._draw_clock(surface, row, player, "body")
        note = listed(
            gettext("winner") if won else gettext("to move") if turn else "",
            gettext("waiting…") if waits else "",
            *self._marks(player),
        )
        ink = theme.gold if won else theme.warm if waits else theme.accent if turn else theme.muted
        if note:
            spot = row.take_far(canvas.fonts.width(note, canvas.px("small")), u(20))
            canvas.text(surface, note, spot.midright, "small", ink, anchor="midright")
            row.take_far(u(8), 1)
        worn = theme.ink(self.wears(player))
        mark(surface, canvas, row.take(u(12), u(12)).center, u(12), player, worn)
        row.skip(u(7))
        row.text(surface, canvas, names[player], "body", worn, bold=True)


class _Row:
    """What is left of a line that is filled from its near end, the left one unless `mirrored`, and from its far end."""

    def __init__(self, rect: pygame.Rect, *, mirrored: bool = False, middle: int | None = None) -> None:
        """`middle`: the y of the line; default: the middle of `rect`."""
        self._left = rect.copy()
        self._mirrored = mirrored
        self._middle = rect.centery if middle is None else middle

    @property
    def room(self) -> int:
        return max(1, self._left.width)

    def take(self, width: int, height: int) -> pygame.Rect:
        return self._cut(width, height, right=self._mirrored)

    def take_far(self, width: int, height: int) -> pygame.Rect:
        return self._cut(width, height, right=not self._mirrored)

    def skip(self, width: int) -> None:
        self.take(width, 1)

    def split(self, *middles: int) -> "tuple[_Row, ...]":
        """Lines of the same ends at other heights."""
        return tuple(_Row(self._left, mirrored=self._mirrored, middle=middle) for middle in middles)

    def text(
        self,
        surface: pygame.Surface,
        canvas: Canvas,
        text: str,
        size: Size,
        ink: Colour,
        *,
        width: int | None = None,
        bold: bool = False,
    ) -> None:
        """Write `text`, cut to `width` pixels or to the room that is left."""
        at = (self._left.right if self._mirrored else self._left.left, self._middle)
        anchor: Anchor = "midright" if self._mirrored else "midleft"
        room = max(1, self.room if width is None else width)
        self.skip(canvas.text(surface, text, at, size, ink, anchor=anchor, width=room, bold=bold).width)

    def _cut(self, width: int, height: int, *, right: bool) -> pygame.Rect:
        rect = pygame.Rect(self._left.left, 0, width, height)
        if right:
            rect.right = self._left.right
        else:
            self._left.left += width
        self._left.width -= width
        rect.centery = self._middle
        return rect


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
