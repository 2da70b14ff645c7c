"""Gomoku as a view: the board, what an opening asks for, the choices as buttons, and a cursor for keys and gamepads.

Knows the rules and no network. Drawing changes nothing; the view remembers the cursor, what is switched on, and the age
of the newest stone, for its animation.

Keys go over the board; above its top row are the switches in the corners, below its bottom row the buttons, where there
are any.
"""

from collections.abc import Sequence
from typing import Literal

import pygame

from p2pgame.core.game import AnyGame
from p2pgame.games.gomoku.board import EMPTY, centre, format_point
from p2pgame.games.gomoku.drawing import (
    Geometry,
    draw_board,
    draw_cursor,
    draw_fouls,
    draw_ghost,
    draw_offered,
    draw_position,
    draw_region,
    draw_sketch,
    stone_colour,
)
from p2pgame.games.gomoku.openings import OPENINGS, Step
from p2pgame.games.gomoku.rules import BLACK, CENTRE, PASS, Choice, Foul, Move, State, forbidden_points
from p2pgame.games.gomoku.rules import Input as Given
from p2pgame.i18n.catalogue import texts_of
from p2pgame.session.view import MatchView
from p2pgame.ui import view
from p2pgame.ui.canvas import Canvas
from p2pgame.ui.inputs import Input, MenuAction, Pointer, PointerKind, Press

__all__ = ["View", "button_box", "geometry_of"]

_ = texts_of(__package__)

_SWEEP = 0.6
"""Seconds in which the winning line is drawn from one end to the other, once the last stone lies."""
_LANDING = 0.12
"""Seconds that a new stone takes to settle."""
_STEPS = {MenuAction.LEFT: (-1, 0), MenuAction.RIGHT: (1, 0), MenuAction.UP: (0, 1), MenuAction.DOWN: (0, -1)}

Switch = Literal["numbers", "fouls"]
Place = Literal["board", "buttons", "switches"]
"""What the keys move over."""


def geometry_of(rect: pygame.Rect, state: State) -> Geometry:
    """Where the board is in the rectangle of the view; with a strip below it where there may be choices."""
    return Geometry(rect, state.size, strip=bool(OPENINGS[state.opening]) or state.renju)


def _switches(state: State) -> tuple[Switch, ...]:
    return ("numbers", "fouls") if state.renju else ("numbers",)


class View(view.View):
    """Mouse: click a point or a button. Keys: arrows move the cursor, Enter places the stone."""

    hint = "Click a point, or use the arrow keys and Enter. Home: move numbers"

    def __init__(self, game: AnyGame, me: int, names: Sequence[str]) -> None:
        super().__init__(game, me, names)
        self.cursor = CENTRE
        """The point that the keys are at; on another board than 15 x 15, the centre until it is moved."""
        self.on: dict[Switch, bool] = {"numbers": False, "fouls": True}
        self._place: Place = "board"
        self._index = 0
        """Of the button or switch that the keys are at."""
        self._keys = False
        """True while keys move the cursor: it shows even if the pointer is elsewhere."""
        self._hover: tuple[int, int] | None = None
        self._pressed: object = None
        self._frame = -1
        self._age = _LANDING
        self._size = 15
        self._black = 0
        """The player who has Black."""
        self._fouls: tuple[bytes, dict[int, Foul]] = (b"", {})
        """A board and the fouls on it, the last that were found."""

    def handle(self, event: Input, match: MatchView, rect: pygame.Rect) -> Given | None:
        state: State = match.state
        self._follow(state)
        match event:
            case Press(MenuAction.HOME):
                self.on["numbers"] = not self.on["numbers"]
            case Press(MenuAction.END):
                self.on["fouls"] = not self.on["fouls"]
            case Press(MenuAction.CONFIRM) if self._keys:
                return self._confirm(state)
            case Press(MenuAction.CONFIRM):
                self._keys = True
            case Press(action) if action in _STEPS:
                if self._keys:
                    self._step(state, *_STEPS[action])
                self._keys = True
            case Pointer(kind, at):
                return self._point(kind, at, state, geometry_of(rect, state))
        return None

    def _follow(self, state: State) -> None:
        """The board of another match may have another size, and a choice to be made has the keys."""
        self._black = state.black
        if state.size != self._size:
            self._size, self.cursor = state.size, centre(state.size)
        choosing = state.asked is not None and state.asked.act == "choose"
        if choosing and self._place == "board":
            self._place, self._index = "buttons", 0
        elif self._place == "buttons" and not state.choices:
            self._place = "board"
        self._index = min(self._index, max(0, len(self._row(state)) - 1))

    def _row(self, state: State) -> Sequence[object]:
        return _switches(state) if self._place == "switches" else state.choices

    def _confirm(self, state: State) -> Given | None:
        match self._place:
            case "board":
                return Move(self.cursor)
            case "buttons":
                return state.choices[self._index]
            case _:
                switch = _switches(state)[self._index]
                self.on[switch] = not self.on[switch]
                return None

    def _step(self, state: State, dx: int, dy: int) -> None:
        choosing = state.asked is not None and state.asked.act == "choose"
        if self._place != "board":
            if dy == 0:
                self._index = max(0, min(len(self._row(state)) - 1, self._index + dx))
            elif (dy > 0) == (self._place == "buttons"):
                self._place = "switches" if choosing else "board"
            elif choosing:
                self._place = "buttons"
            elif self._place == "switches":
                self._place = "board"
            return
        size = state.size
        x, y = self.cursor % size + dx, self.cursor // size + dy
        if 0 <= x < size and 0 <= y < size:
            self.cursor = y * size + x
        elif y == size:
            self._place, self._index = "switches", 0 if x < size // 2 else len(_switches(state)) - 1
        elif y < 0 and state.choices:
            self._place, self._index = "buttons", 0

    def _point(
        self, kind: PointerKind, at: tuple[int, int], state: State, geometry: Geometry
    ) -> Given | None:
        self._hover = at
        target = _target(at, state, geometry)
        if target is not None and kind is not PointerKind.MOVE:
            self._keys = False
            if isinstance(target, int):
                self._place, self.cursor = "board", target
        if kind is PointerKind.DOWN:
            self._pressed = target
        elif kind is PointerKind.UP and target is not None and target == self._pressed:
            self._pressed = None
            if isinstance(target, int):
                return Move(target)
            if target == "numbers" or target == "fouls":
                self.on[target] = not self.on[target]
            else:
                return target
        return None

    def update(self, dt: float, match: MatchView) -> bool:
        self._follow(match.state)
        until = _LANDING + (_SWEEP if match.state.line else 0.0)
        if match.frame != self._frame:
            self._age = 0.0 if match.frame > self._frame >= 0 else until
            self._frame = match.frame
        elif self._age < until:
            self._age += dt
        return self._age < until

    def draw(self, surface: pygame.Surface, rect: pygame.Rect, match: MatchView, canvas: Canvas) -> None:
        state: State = match.state
        geometry = geometry_of(rect, state)
        ours = match.outcome is None and state.turn in match.seats and state.turn in match.to_move
        point = self._at(state, geometry)
        draw_board(surface, geometry, canvas, point)
        asked = None if state.over else state.asked
        if asked is not None and asked.act in ("put", "offer"):
            draw_region(surface, geometry, asked.least, asked.most, canvas)
        grow = 1.22 - 0.22 * self._age / _LANDING if self._age < _LANDING else 1.0
        swept = 1.0 if canvas.still else max(0.0, min(1.0, (self._age - _LANDING) / _SWEEP))
        draw_position(
            surface, geometry, state, canvas,
            numbers=self.on["numbers"], grow=grow, swept=1 - (1 - swept) ** 2,
        )  # fmt: skip
        draw_offered(surface, geometry, state, canvas)
        fouls = self._forbidden(state) if self.on["fouls"] else {}
        draw_fouls(surface, geometry, fouls, canvas)
        if point is not None and match.seats and not state.over and (asked is None or asked.act != "choose"):
            if ours and state.board[point] == EMPTY and point not in fouls and point not in state.offered:
                draw_ghost(
                    surface,
                    geometry,
                    point,
                    BLACK if asked is not None and asked.act in ("offer", "pick") else state.colour,
                    canvas,
                )
            if self._keys and self._place == "board":
                draw_cursor(surface, geometry, point, canvas)
        for number, switch in enumerate(_switches(state)):
            box = _switch_box(number, geometry)
            focused = self._keys and self._place == "switches" and self._index == number
            _draw_switch(surface, box, switch, canvas, on=self.on[switch], focused=focused)
        if point is not None:
            box = geometry.corner(right=False, top=False)
            name, size = format_point(point, state.size), max(8, geometry.cell * 0.36) / canvas.scale
            canvas.text(surface, name, box.center, size, canvas.theme.wood_line, anchor="center", bold=True)
        if geometry.strip.height:
            self._draw_strip(
                surface,
                geometry,
                match,
                canvas,
                ours=ours,
                foul=None if point is None else fouls.get(point),
                asked=asked,
            )

    def sketch(
        self,
        surface: pygame.Surface,
        rect: pygame.Rect,
        match: MatchView,
        canvas: Canvas,
        moves: Sequence[Given],
    ) -> None:
        state: State = match.state
        draw_sketch(
            surface,
            geometry_of(rect, state),
            [move.point for move in moves if isinstance(move, Move)],
            state.colour_of(match.me) if state.asked is None else state.colour,
            canvas,
        )

    def words(self, match: MatchView, move: Given) -> str:
        return format_point(move.point, match.state.size) if isinstance(move, Move) else _choice_words(move)

    def moves(self, match: MatchView) -> Sequence[str]:
        state: State = match.state
        return [_choice_words("pass") if p == PASS else format_point(p, state.size) for p in state.moves]

    def side(self, player: int) -> str:
        return _("Black") if player == self._black else _("White")

    def draw_side(self, surface: pygame.Surface, rect: pygame.Rect, player: int, canvas: Canvas) -> None:
        canvas.shapes.disc(surface, rect.center, rect.width // 2, canvas.theme.wood)
        colour = stone_colour(BLACK if player == self._black else 1 - BLACK, canvas)
        canvas.shapes.stone(surface, rect.center, round(rect.width * 0.68), colour)

    def status(self, match: MatchView) -> str:
        state: State = match.state
        if state.asked is not None and not state.over:
            return _asked_words(state, state.asked)
        if state.moves and state.moves[-1] == PASS:
            return _("{side} passed", side=_("White") if state.colour == BLACK else _("Black"))
        last = state.last
        return "" if last is None else _("Last move {point}", point=format_point(last, state.size))

    def _at(self, state: State, geometry: Geometry) -> int | None:
        """The point under the pointer, or that the keys are at."""
        if self._keys:
            return self.cursor if self._place == "board" else None
        return None if self._hover is None else geometry.point(self._hover)

    def _forbidden(self, state: State) -> dict[int, Foul]:
        """Where Black may not play."""
        if not state.renju or state.over or state.asked is not None:
            return {}
        if self._fouls[0] != state.board:
            self._fouls = (state.board, forbidden_points(state.board, state.size))
        return self._fouls[1]

    def _draw_strip(
        self,
        surface: pygame.Surface,
        geometry: Geometry,
        match: MatchView,
        canvas: Canvas,
        *,
        ours: bool,
        foul: Foul | None,
        asked: Step | None,
    ) -> None:
        """Buttons for the choices of who is to move here; else what is asked, or why a point is forbidden."""
        state: State = match.state
        choices = state.choices if ours else ()
        for number, choice in enumerate(choices):
            box = button_box(number, choices, geometry)
            focused = self._keys and self._place == "buttons" and self._index == number
            hovered = self._hover is not None and not self._keys and box.collidepoint(self._hover)
            fill = canvas.theme.hover if hovered or focused else canvas.theme.raised
            canvas.shapes.box(surface, box, fill, max(3, box.height // 4))
            if focused:
                canvas.shapes.box(surface, box, canvas.theme.accent, max(3, box.height // 4), 2)
            size = box.height * 0.46 / canvas.scale
            width = box.width - box.height // 2
            canvas.text(
                surface, _choice_words(choice), box.center, size, anchor="center", width=width, bold=True
            )
        words = _foul_words(foul) if foul is not None else "" if asked is None else _asked_words(state, asked)
        if words and (not choices or choices == ("pass",)):
            room = geometry.strip.copy()
            if choices:
                room.width = button_box(0, choices, geometry).left - room.left
            at = (room.left + room.height // 4, room.centery)
            size = geometry.strip.height * 0.4 / canvas.scale
            canvas.text(
                surface,
                words,
                at,
                size,
                canvas.theme.muted,
                anchor="midleft",
                width=room.width - room.height // 2,
            )


def _target(at: tuple[int, int], state: State, geometry: Geometry) -> int | Switch | Choice | None:
    """What is at a pixel: a point, a switch or a button."""
    for number, switch in enumerate(_switches(state)):
        if _switch_box(number, geometry).collidepoint(at):
            return switch
    for number, choice in enumerate(state.choices):
        if geometry.strip.height and button_box(number, state.choices, geometry).collidepoint(at):
            return choice
    return geometry.point(at)


def _switch_box(number: int, geometry: Geometry) -> pygame.Rect:
    return geometry.corner(right=number > 0, top=True)


def button_box(number: int, choices: Sequence[Choice], geometry: Geometry) -> pygame.Rect:
    """Equal parts of the strip; a lone pass is small, so that nobody meets it by chance."""
    strip, gap = geometry.strip, max(2, geometry.strip.height // 8)
    if len(choices) == 1:
        return pygame.Rect(
            strip.right - strip.width // 4, strip.top + gap, strip.width // 4, strip.height - gap
        )
    width = (strip.width - (len(choices) - 1) * gap) // len(choices)
    return pygame.Rect(strip.left + number * (width + gap), strip.top + gap, width, strip.height - gap)


def _draw_switch(
    surface: pygame.Surface, box: pygame.Rect, switch: Switch, canvas: Canvas, *, on: bool, focused: bool
) -> None:
    """A small plate with "1" for numbers or a cross for fouls; dark while it is on."""
    theme, radius = canvas.theme, max(3, box.width // 4)
    canvas.shapes.box(surface, box, theme.wood_line if on else theme.wood_dark, radius)
    ink = theme.wood if on else theme.wood_line
    if switch == "numbers":
        canvas.text(
            surface, "1", box.center, box.height * 0.6 / canvas.scale, ink, anchor="center", bold=True
        )
    else:
        inner = box.inflate(-box.width * 6 // 10, -box.height * 6 // 10)
        width = max(2, box.width // 9)
        canvas.shapes.line(surface, inner.topleft, inner.bottomright, ink, width)
        canvas.shapes.line(surface, inner.bottomleft, inner.topright, ink, width)
    if focused:
        canvas.shapes.box(surface, box.inflate(4, 4), theme.accent, radius, 2)


def _choice_words(choice: Choice) -> str:
    match choice:
        case "black":
            return _("Play Black")
        case "white":
            return _("Play White")
        case "more":
            return _("Put two more")
        case "offer":
            return _("Offer ten")
        case _:
            return _("Pass")


def _foul_words(foul: Foul) -> str:
    match foul:
        case "overline":
            return _("Forbidden for Black: more than five")
        case "double four":
            return _("Forbidden for Black: two fours")
        case _:
            return _("Forbidden for Black: two threes")


def _asked_words(state: State, asked: Step) -> str:
    """What the opening asks for."""
    number = len(state.moves) + 1
    match asked.act:
        case "choose" if "more" in asked.choices:
            return _("Opening: choose a colour, or two stones more")
        case "choose" if "offer" in asked.choices:
            return _("Opening: choose a colour, or offer ten fifth stones")
        case "choose":
            return _("Opening: choose a colour")
        case "offer":
            return _(
                "Opening: offer fifth stones, {n} of {total}", n=len(state.offered) + 1, total=asked.points
            )
        case "pick":
            return _("Opening: pick one of the offered stones")
    if asked.most == 0:
        return _("Opening: stone {n}, in the centre", n=number)
    if asked.most < state.size // 2:
        return _("Opening: stone {n}, in the middle {k} x {k}", n=number, k=2 * asked.most + 1)
    if asked.least:
        return _("Opening: stone {n}, outside of the middle {k} x {k}", n=number, k=2 * asked.least - 1)
    return _("Opening: stone {n}, anywhere", n=number)
