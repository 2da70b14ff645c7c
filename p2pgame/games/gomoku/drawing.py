"""The picture of a board of Gomoku: wood, lines, coordinates, stones and what is marked on them.

Knows positions and how to draw; no match, player or input. `picture` makes an image of a position without a window.
"""

import io
import math
from collections.abc import Iterable, Sequence
from functools import partial

import pygame
import pygame.freetype

from p2pgame.games.gomoku.board import EMPTY, LETTERS, SIZE, centre, stars
from p2pgame.games.gomoku.rules import BLACK, PASS, State, winning_lines
from p2pgame.ui.canvas import Canvas
from p2pgame.ui.theme import Colour

__all__ = [
    "Geometry",
    "draw_board",
    "draw_cursor",
    "draw_fouls",
    "draw_ghost",
    "draw_offered",
    "draw_position",
    "draw_region",
    "draw_sketch",
    "picture",
    "stone_colour",
]

_MARGIN = 1.35
"""From the edge of the board to the first line, in cells: room for the coordinates."""
_INK = (236, 120, 30)
_NEWEST = (214, 96, 10)
_CURSOR = (24, 84, 170)
_FOUL = (138, 52, 8)


class Geometry:
    """Where the points of a board are in a rectangle, and the strip for words below it."""

    def __init__(self, rect: pygame.Rect, size: int = SIZE, *, strip: bool = False) -> None:
        height = rect.height // 11 if strip else 0
        side = min(rect.width, rect.height - height)
        self.size = size
        self.board = pygame.Rect(0, 0, side, side)
        self.board.midtop = (rect.centerx, rect.top + (rect.height - height - side) // 2)
        self.strip = pygame.Rect(self.board.left, self.board.bottom, side, height)
        self.cell = side / (size - 1 + 2 * _MARGIN)

    def at(self, point: int) -> tuple[int, int]:
        """The centre of `point` in pixels; row 1 is at the bottom."""
        x, y = point % self.size, point // self.size
        left = self.board.left + (_MARGIN + x) * self.cell
        top = self.board.top + (_MARGIN + self.size - 1 - y) * self.cell
        return round(left), round(top)

    def point(self, at: tuple[int, int]) -> int | None:
        """The point nearest to a pixel, or None off the lines."""
        size = self.size
        x = round((at[0] - self.board.left) / self.cell - _MARGIN)
        y = size - 1 - round((at[1] - self.board.top) / self.cell - _MARGIN)
        return y * size + x if 0 <= x < size and 0 <= y < size else None

    def corner(self, right: bool, top: bool) -> pygame.Rect:
        """A corner of the margin, where there are no coordinates."""
        side = round(0.95 * self.cell)
        rect, gap = pygame.Rect(0, 0, side, side), round(0.12 * self.cell)
        rect.left = self.board.right - side - gap if right else self.board.left + gap
        rect.top = self.board.top + gap if top else self.board.bottom - side - gap
        return rect


def stone_colour(colour: int, canvas: Canvas) -> Colour:
    return canvas.theme.stone_dark if colour == BLACK else canvas.theme.stone_light


def picture(state: State, side: int, canvas: Canvas, *, numbers: bool = False) -> pygame.Surface:
    """The position as an image of `side` x `side` pixels."""
    surface = pygame.Surface((side, side))
    geometry = Geometry(surface.get_rect(), state.size)
    surface.fill(canvas.theme.wood)
    draw_board(surface, geometry, canvas)
    draw_position(surface, geometry, state, canvas, numbers=numbers)
    return surface


def draw_position(
    surface: pygame.Surface,
    geometry: Geometry,
    state: State,
    canvas: Canvas,
    *,
    numbers: bool = False,
    grow: float = 1.0,
    swept: float = 1.0,
) -> None:
    """The stones with their numbers, and the last one or all winning lines; the last is `grow` times as large.

    `swept`: the part of the winning lines that is drawn already, 0 to 1.
    """
    diameter, last = round(geometry.cell * 0.92), state.last
    for point, stone in enumerate(state.board):
        if stone != EMPTY:
            size = round(diameter * grow) if point == last else diameter
            canvas.shapes.stone(surface, geometry.at(point), size, stone_colour(stone - 1, canvas))
    lines = winning_lines(state)
    if lines:
        _draw_lines(surface, geometry, lines, canvas, swept)
    elif last is not None and not numbers:
        _draw_last(surface, geometry, last, canvas)
    if numbers:
        for number, point in enumerate(state.moves, 1):
            if point == PASS:
                continue
            newest = point == last and not lines
            ink = _NEWEST if newest else stone_colour(2 - state.board[point], canvas)
            height = geometry.cell * (0.4 if number < 100 else 0.32) / canvas.scale
            canvas.text(surface, str(number), geometry.at(point), height, ink, anchor="center", bold=True)
    if state.foul is not None and last is not None:
        _cross(surface, geometry, last, canvas, 0.3)


def draw_fouls(surface: pygame.Surface, geometry: Geometry, points: Iterable[int], canvas: Canvas) -> None:
    """A cross on each point where Black may not play."""
    for point in points:
        _cross(surface, geometry, point, canvas, 0.17)


def _cross(surface: pygame.Surface, geometry: Geometry, point: int, canvas: Canvas, arm: float) -> None:
    x, y = geometry.at(point)
    reach, width = max(3, round(geometry.cell * arm)), max(2, round(geometry.cell * 0.1))
    for side in (1, -1):
        canvas.shapes.line(
            surface, (x - reach, y - side * reach), (x + reach, y + side * reach), _FOUL, width
        )


def draw_offered(surface: pygame.Surface, geometry: Geometry, state: State, canvas: Canvas) -> None:
    """The offered points: see-through stones of the next colour, numbered in their order."""
    for number, point in enumerate(state.offered, 1):
        draw_ghost(surface, geometry, point, BLACK, canvas, 150)
        size = geometry.cell * 0.42 / canvas.scale
        ink = canvas.theme.stone_light
        canvas.text(surface, str(number), geometry.at(point), size, ink, anchor="center", bold=True)


def draw_region(surface: pygame.Surface, geometry: Geometry, least: int, most: int, canvas: Canvas) -> None:
    """Where the opening wants the stone: a frame around the middle, or around what is closed."""
    size = geometry.size
    reach = most if most < size // 2 else least - 1
    if reach < 0:
        return
    x, y = geometry.at(centre(size))
    half = round((reach + 0.5) * geometry.cell)
    rect = pygame.Rect(x - half, y - half, 2 * half, 2 * half)
    shade = pygame.Surface(rect.size, pygame.SRCALPHA)
    shade.fill((*(_CURSOR if most < size // 2 else _FOUL), 40))
    surface.blit(shade, rect)
    ink = _CURSOR if most < size // 2 else _FOUL
    canvas.shapes.box(
        surface, rect, ink, max(2, round(geometry.cell * 0.15)), max(2, round(geometry.cell * 0.06))
    )


def draw_ghost(
    surface: pygame.Surface, geometry: Geometry, point: int, colour: int, canvas: Canvas, alpha: int = 120
) -> None:
    """A see-through stone."""
    x, y = geometry.at(point)
    half = round(geometry.cell * 0.46)
    ghost = pygame.Surface((2 * half + 2, 2 * half + 2), pygame.SRCALPHA)
    canvas.shapes.disc(ghost, (half + 1, half + 1), round(half * 0.92), stone_colour(colour, canvas))
    ghost.set_alpha(alpha)
    surface.blit(ghost, (x - half - 1, y - half - 1))


def draw_sketch(
    surface: pygame.Surface, geometry: Geometry, points: Sequence[int], colour: int, canvas: Canvas
) -> None:
    """See-through stones of both colours by turns, the first of `colour` and with a ring; several are numbered."""
    for number, point in enumerate(points, 1):
        draw_ghost(surface, geometry, point, colour, canvas, 150)
        at = geometry.at(point)
        if number == 1:
            radius = round(geometry.cell * 0.5)
            canvas.shapes.ring(surface, at, radius, _CURSOR, max(2, round(geometry.cell * 0.1)))
        if len(points) > 1:
            ink, size = stone_colour(1 - colour, canvas), geometry.cell * 0.42 / canvas.scale
            canvas.text(surface, str(number), at, size, ink, anchor="center", bold=True)
        colour = 1 - colour


def draw_cursor(surface: pygame.Surface, geometry: Geometry, point: int, canvas: Canvas) -> None:
    """Brackets around the point that the keys would choose."""
    x, y = geometry.at(point)
    half = round(geometry.cell * 0.46)
    arm, width = max(3, half // 2), max(2, round(geometry.cell * 0.07))
    reach = half + width
    for sx in (-1, 1):
        for sy in (-1, 1):
            corner = (x + sx * reach, y + sy * reach)
            for end in ((corner[0] - sx * arm, corner[1]), (corner[0], corner[1] - sy * arm)):
                canvas.shapes.line(surface, corner, end, _CURSOR, width)


def draw_board(
    surface: pygame.Surface, geometry: Geometry, canvas: Canvas, marked: int | None = None
) -> None:
    """The empty board; a picture that is made once for each size. The coordinates of `marked` stand out."""
    canvas.shapes.shadow(surface, geometry.board, canvas.u(10))
    side, size = geometry.board.width, geometry.size

    made: list[pygame.Surface] = []
    corner = min((side - 1) // 2, _corner(geometry))

    def part(top: int, height: int, *, opaque: bool) -> pygame.Surface:
        """Some rows of it."""
        if not made:
            made.append(pygame.Surface((side, side), pygame.SRCALPHA))
            _paint_board(made[0], Geometry(made[0].get_rect(), size), canvas)
        rows = made[0].subsurface(0, top, side, height)
        if not opaque:
            return rows.copy()
        solid = pygame.Surface(rows.get_size(), 0, 32)
        solid.blit(rows, (0, 0))
        return solid

    # Only the round corners let something through; the rest, copied as it is, costs a fifth of blending it.
    for top, height in ((0, corner), (corner, side - 2 * corner), (side - corner, corner)):
        opaque = top == corner
        key = ("gomoku board", side, size, canvas.scale, top)
        tile = canvas.shapes.once(key, partial(part, top, height, opaque=opaque))
        surface.blit(tile, (geometry.board.left, geometry.board.top + top))
    if marked is not None:
        for at, text in _labels(geometry):
            if text in (LETTERS[marked % size], str(marked // size + 1)):
                canvas.shapes.disc(surface, at, round(geometry.cell * 0.36), _CURSOR)
                _label(surface, geometry, at, text, canvas, (255, 255, 255))


def _corner(geometry: Geometry) -> int:
    """The radius of the board's corners."""
    return max(4, round(geometry.cell * 0.3))


def _paint_board(surface: pygame.Surface, geometry: Geometry, canvas: Canvas) -> None:
    theme, board, cell, size = canvas.theme, geometry.board, geometry.cell, geometry.size
    radius = _corner(geometry)
    canvas.shapes.box(surface, board, theme.wood, radius)
    grain = 45
    for i in range(grain):  # the grain of the wood
        phase = i * 37 % 23
        y = board.height * (i + phase / 23) / grain
        reach = range(0, board.width + 1, max(1, board.width // 24))
        sway = [(x, y + cell * 0.16 * math.sin(phase + 5 * x / board.width)) for x in reach]
        depth = 3 + i * 29 % 7
        ink = tuple(max(0, c - depth) for c in theme.wood)
        if radius < sway[0][1] < board.height - radius:
            pygame.draw.aalines(surface, ink, False, sway)
    canvas.shapes.box(surface, board, theme.wood_dark, radius, max(2, round(cell * 0.1)))
    for i in range(size):
        edge = max(2, round(cell * 0.06)) if i in (0, size - 1) else max(1, round(cell * 0.03))
        row, end_row = geometry.at(i * size), geometry.at(i * size + size - 1)
        column, end_column = geometry.at(i), geometry.at((size - 1) * size + i)
        canvas.shapes.line(surface, row, end_row, theme.wood_line, edge)
        canvas.shapes.line(surface, column, end_column, theme.wood_line, edge)
    for star in stars(size):
        canvas.shapes.disc(surface, geometry.at(star), max(2, round(cell * 0.1)), theme.wood_line)
    for at, text in _labels(geometry):
        _label(surface, geometry, at, text, canvas, theme.wood_line)


def _labels(geometry: Geometry) -> list[tuple[tuple[int, int], str]]:
    """The coordinates on all four sides."""
    found, size, away = [], geometry.size, round(geometry.cell * 0.88)
    top, right = geometry.at(size * size - 1)[1], geometry.at(size * size - 1)[0]
    for i in range(size):
        x, bottom = geometry.at(i)
        left, y = geometry.at(i * size)
        found += [((x, bottom + away), LETTERS[i]), ((x, top - away), LETTERS[i])]
        found += [((left - away, y), str(i + 1)), ((right + away, y), str(i + 1))]
    return found


def _label(
    surface: pygame.Surface, geometry: Geometry, at: tuple[int, int], text: str, canvas: Canvas, ink: Colour
) -> None:
    size = max(8, geometry.cell * 0.36) / canvas.scale
    canvas.text(surface, text, at, size, ink, anchor="center", bold=True)


def _draw_last(surface: pygame.Surface, geometry: Geometry, point: int, canvas: Canvas) -> None:
    radius = max(3, round(geometry.cell * 0.2))
    canvas.shapes.ring(surface, geometry.at(point), radius, _INK, max(2, round(geometry.cell * 0.075)))


def _draw_lines(
    surface: pygame.Surface,
    geometry: Geometry,
    lines: Sequence[Sequence[int]],
    canvas: Canvas,
    swept: float,
) -> None:
    """The winning stones: a stroke through each line and a ring around each stone, from the first one on."""
    if swept <= 0:
        return
    for line in lines:
        start, last = geometry.at(line[0]), geometry.at(line[-1])
        end = round(start[0] + (last[0] - start[0]) * swept), round(start[1] + (last[1] - start[1]) * swept)
        if end != start:
            canvas.shapes.line(surface, start, end, _INK, max(3, round(geometry.cell * 0.11)))
    for point in {p for line in lines for i, p in enumerate(line) if i <= swept * (len(line) - 1)}:
        radius = round(geometry.cell * 0.5)
        canvas.shapes.ring(surface, geometry.at(point), radius, _INK, max(2, round(geometry.cell * 0.09)))


def png(state: State, side: int = 900) -> bytes:
    """The position with move numbers, as the bytes of a PNG file. Needs no display."""
    pygame.freetype.init()
    data = io.BytesIO()
    pygame.image.save(picture(state, side, Canvas(), numbers=True), data, "board.png")
    return data.getvalue()
