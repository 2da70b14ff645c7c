"""Draws Gomoku: a wooden board with coordinates, stones, the last move, the winning lines and a cursor.

Knows the rules and no network. Drawing changes nothing; the view remembers only the cursor and the age of the newest
stone, for its animation.
"""

import math
from collections.abc import Sequence

import pygame

from p2pgame.core.game import AnyGame
from p2pgame.games.gomoku.rules import CENTRE, EMPTY, POINTS, SIZE, Move, State, format_point
from p2pgame.i18n.catalogue import texts_of
from p2pgame.session.view import MatchView
from p2pgame.ui import view
from p2pgame.ui.canvas import Canvas
from p2pgame.ui.inputs import Input, MenuAction, Pointer, PointerKind, Press

__all__ = ["View", "winning_lines"]

_ = texts_of(__package__)

_LETTERS = "ABCDEFGHIJKLMNO"
_STARS = tuple(y * SIZE + x for y in (3, 7, 11) for x in (3, 7, 11))
_MARGIN = 1.35
"""From the edge of the board to the first line, in cells: room for the coordinates."""
_LANDING = 0.12
"""Seconds that a new stone takes to settle."""
_STEPS = {MenuAction.LEFT: (-1, 0), MenuAction.RIGHT: (1, 0), MenuAction.UP: (0, 1), MenuAction.DOWN: (0, -1)}


def winning_lines(state: State) -> Sequence[Sequence[int]]:
    """The points of each line with which the last stone won, from one end to the other: one stone may complete two.

    `State.line` is one of them.
    """
    if not state.line or state.last is None:
        return ()
    runs = [_run(state, state.last, dx, dy) for dx, dy in ((1, 0), (0, 1), (1, 1), (1, -1))]
    won = [run for run in runs if len(run) == 5 or (len(run) > 5 and state.rule == "freestyle")]
    return won or [state.line]


def _run(state: State, point: int, dx: int, dy: int) -> Sequence[int]:
    """The stones of one colour on both sides of `point`, itself included."""
    run = [point]
    for sign in (1, -1):
        x, y = point % SIZE + sign * dx, point // SIZE + sign * dy
        while 0 <= x < SIZE and 0 <= y < SIZE and state.board[y * SIZE + x] == state.board[point]:
            run.insert(0 if sign < 0 else len(run), y * SIZE + x)
            x, y = x + sign * dx, y + sign * dy
    return run


class Geometry:
    """Where the points of the board are in a rectangle."""

    def __init__(self, rect: pygame.Rect) -> None:
        side = min(rect.width, rect.height)
        self.board = pygame.Rect(0, 0, side, side)
        self.board.center = rect.center
        self.cell = side / (SIZE - 1 + 2 * _MARGIN)

    def at(self, point: int) -> tuple[int, int]:
        """The centre of `point` in pixels; row 1 is at the bottom."""
        x, y = point % SIZE, point // SIZE
        left = self.board.left + (_MARGIN + x) * self.cell
        top = self.board.top + (_MARGIN + SIZE - 1 - y) * self.cell
        return round(left), round(top)

    def point(self, at: tuple[int, int]) -> int | None:
        """The point nearest to a pixel, or None off the lines."""
        x = round((at[0] - self.board.left) / self.cell - _MARGIN)
        y = SIZE - 1 - round((at[1] - self.board.top) / self.cell - _MARGIN)
        return y * SIZE + x if 0 <= x < SIZE and 0 <= y < SIZE else None


class View(view.View):
    """Mouse: click a point. Keys: arrows move the cursor, Enter places the stone."""

    hint = "Click a point, or use the arrow keys and Enter"

    def __init__(self, game: AnyGame, me: int, names: Sequence[str]) -> None:
        super().__init__(game, me, names)
        self.cursor = CENTRE
        self._keys = False
        """True while keys move the cursor: it shows even if the pointer is elsewhere."""
        self._hover: int | None = None
        self._pressed: int | None = None
        self._frame = -1
        self._age = _LANDING

    def handle(self, event: Input, match: MatchView, rect: pygame.Rect) -> Move | None:
        del match
        match event:
            case Press(MenuAction.CONFIRM) if self._keys:
                return Move(self.cursor)
            case Press(MenuAction.CONFIRM):
                self._keys = True
            case Press(action) if action in _STEPS:
                self._step(*_STEPS[action])
            case Pointer(kind, at):
                return self._point(kind, Geometry(rect).point(at))
        return None

    def _step(self, dx: int, dy: int) -> None:
        if not self._keys:
            self._keys = True
            return
        x, y = self.cursor % SIZE + dx, self.cursor // SIZE + dy
        if 0 <= x < SIZE and 0 <= y < SIZE:
            self.cursor = y * SIZE + x

    def _point(self, kind: PointerKind, point: int | None) -> Move | None:
        self._hover = point
        if point is not None and (kind is not PointerKind.MOVE):
            self.cursor, self._keys = point, False
        if kind is PointerKind.DOWN:
            self._pressed = point
        elif kind is PointerKind.UP and point is not None and point == self._pressed:
            self._pressed = None
            return Move(point)
        return None

    def update(self, dt: float, match: MatchView) -> bool:
        if match.frame != self._frame:
            self._age = 0.0 if match.frame > self._frame >= 0 else _LANDING
            self._frame = match.frame
        elif self._age < _LANDING:
            self._age += dt
        return self._age < _LANDING

    def draw(self, surface: pygame.Surface, rect: pygame.Rect, match: MatchView, canvas: Canvas) -> None:
        state: State = match.state
        geometry = Geometry(rect)
        _draw_board(surface, geometry, canvas)
        diameter = round(geometry.cell * 0.92)
        for point in range(POINTS):
            if state.board[point] == EMPTY:
                continue
            grow = 1.0
            if point == state.last and self._age < _LANDING:
                grow = 1.22 - 0.22 * self._age / _LANDING
            canvas.shapes.stone(
                surface, geometry.at(point), round(diameter * grow), _colour(state.board[point] - 1, canvas)
            )
        if state.line:
            _draw_lines(surface, geometry, winning_lines(state), canvas)
        elif state.last is not None:
            _draw_last(surface, geometry, state.last, canvas)
        if match.outcome is None and state.turn in match.seats and state.turn in match.to_move:
            self._draw_cursor(surface, geometry, state, canvas)

    def side(self, player: int) -> str:
        return (_("Black"), _("White"))[player]

    def draw_side(self, surface: pygame.Surface, rect: pygame.Rect, player: int, canvas: Canvas) -> None:
        canvas.shapes.disc(surface, rect.center, rect.width // 2, canvas.theme.wood)
        canvas.shapes.stone(surface, rect.center, round(rect.width * 0.68), _colour(player, canvas))

    def status(self, match: MatchView) -> str:
        state: State = match.state
        return "" if state.last is None else _("Last move {point}", point=format_point(state.last))

    def _draw_cursor(self, surface: pygame.Surface, geometry: Geometry, state: State, canvas: Canvas) -> None:
        """Draw where our stone would go: a see-through stone under the pointer, brackets around the key cursor."""
        point = self.cursor if self._keys else self._hover
        if point is None:
            return
        x, y = geometry.at(point)
        half = round(geometry.cell * 0.46)
        if state.board[point] == EMPTY:
            ghost = pygame.Surface((2 * half + 2, 2 * half + 2), pygame.SRCALPHA)
            canvas.shapes.disc(ghost, (half + 1, half + 1), round(half * 0.92), _colour(state.turn, canvas))
            ghost.set_alpha(120)
            surface.blit(ghost, (x - half - 1, y - half - 1))
        if self._keys:
            arm, width = max(3, half // 2), max(2, round(geometry.cell * 0.07))
            reach = half + width
            for sx in (-1, 1):
                for sy in (-1, 1):
                    corner = (x + sx * reach, y + sy * reach)
                    for end in ((corner[0] - sx * arm, corner[1]), (corner[0], corner[1] - sy * arm)):
                        canvas.shapes.line(surface, corner, end, (24, 84, 170), width)


def _colour(player: int, canvas: Canvas) -> tuple[int, int, int]:
    return canvas.theme.stone_light if player else canvas.theme.stone_dark


def _draw_board(surface: pygame.Surface, geometry: Geometry, canvas: Canvas) -> None:
    """The empty board; a picture that is made once for each size."""
    canvas.shapes.shadow(surface, geometry.board, canvas.u(10))
    side = geometry.board.width

    def make() -> pygame.Surface:
        picture = pygame.Surface((side, side), pygame.SRCALPHA)
        _paint_board(picture, Geometry(picture.get_rect()), canvas)
        return picture

    surface.blit(canvas.shapes.once(("gomoku board", side, canvas.scale), make), geometry.board)


def _paint_board(surface: pygame.Surface, geometry: Geometry, canvas: Canvas) -> None:
    theme, board, cell = canvas.theme, geometry.board, geometry.cell
    radius = max(4, round(cell * 0.3))
    canvas.shapes.box(surface, board, theme.wood, radius)
    for i in range(3 * SIZE):  # the grain of the wood
        phase = i * 37 % 23
        y = board.height * (i + phase / 23) / (3 * SIZE)
        reach = range(0, board.width + 1, max(1, board.width // 24))
        sway = [(x, y + cell * 0.16 * math.sin(phase + 5 * x / board.width)) for x in reach]
        depth = 3 + i * 29 % 7
        ink = tuple(max(0, c - depth) for c in theme.wood)
        if radius < sway[0][1] < board.height - radius:
            pygame.draw.aalines(surface, ink, False, sway)
    canvas.shapes.box(surface, board, theme.wood_dark, radius, max(2, round(cell * 0.1)))
    for i in range(SIZE):
        edge = max(2, round(cell * 0.06)) if i in (0, SIZE - 1) else max(1, round(cell * 0.03))
        row, end_row = geometry.at(i * SIZE), geometry.at(i * SIZE + SIZE - 1)
        column, end_column = geometry.at(i), geometry.at((SIZE - 1) * SIZE + i)
        canvas.shapes.line(surface, row, end_row, theme.wood_line, edge)
        canvas.shapes.line(surface, column, end_column, theme.wood_line, edge)
    for star in _STARS:
        canvas.shapes.disc(surface, geometry.at(star), max(2, round(cell * 0.1)), theme.wood_line)
    size = cell * 0.36 / canvas.scale
    away = round(cell * 0.88)
    for i in range(SIZE):
        x, bottom = geometry.at(i)
        left, y = geometry.at(i * SIZE)
        top, right = geometry.at(POINTS - 1)[1], geometry.at(POINTS - 1)[0]
        for at in ((x, bottom + away), (x, top - away)):
            canvas.text(surface, _LETTERS[i], at, size, theme.wood_line, anchor="center", bold=True)
        for at in ((left - away, y), (right + away, y)):
            canvas.text(surface, str(i + 1), at, size, theme.wood_line, anchor="center", bold=True)


def _draw_last(surface: pygame.Surface, geometry: Geometry, point: int, canvas: Canvas) -> None:
    radius = max(3, round(geometry.cell * 0.2))
    canvas.shapes.ring(
        surface, geometry.at(point), radius, (236, 120, 30), max(2, round(geometry.cell * 0.075))
    )


def _draw_lines(
    surface: pygame.Surface, geometry: Geometry, lines: Sequence[Sequence[int]], canvas: Canvas
) -> None:
    """The winning stones: a stroke through each line and a ring around each stone."""
    ink = (236, 120, 30)
    for line in lines:
        start, end = geometry.at(line[0]), geometry.at(line[-1])
        canvas.shapes.line(surface, start, end, ink, max(3, round(geometry.cell * 0.11)))
    for point in {point for line in lines for point in line}:
        radius = round(geometry.cell * 0.5)
        canvas.shapes.ring(surface, geometry.at(point), radius, ink, max(2, round(geometry.cell * 0.09)))
