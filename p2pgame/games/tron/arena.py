"""Draws the arena of Tron and its trails as one picture, to which new pieces of trail are added.

A piece of trail is drawn once, when the rider has left its cell. After a rollback that took pieces back, at a new
round and at a new size all of it is drawn again. Knows the grid of the rules, no match and no effects.
"""

import pygame

from p2pgame.games.tron.art import DELTAS, FLOOR, Look, link_picture, looks_of
from p2pgame.games.tron.rules import CELLS, EMPTY, HEIGHT, WIDTH, State, owner
from p2pgame.ui.canvas import Canvas
from p2pgame.ui.theme import Colour

__all__ = ["Arena", "Floor"]

_GRID: Colour = (19, 24, 33)
_EDGE: Colour = (88, 104, 130)
_LINK = 33
"""Marks of the grid from here on are places where riders started: no trail leads there."""


class Floor:
    """Where cells are in a rectangle."""

    def __init__(self, rect: pygame.Rect) -> None:
        self.rect = rect
        self.cell = rect.width / WIDTH

    def at(self, x: float, y: float) -> tuple[int, int]:
        """The middle of column `x`, row `y` in pixels; fractions lie between cells."""
        return round(self.rect.left + (x + 0.5) * self.cell), round(self.rect.top + (y + 0.5) * self.cell)

    def px(self, cells: float) -> int:
        """A length in pixels, at least 1."""
        return max(1, round(cells * self.cell))

    @property
    def thick(self) -> int:
        """Width of a trail in pixels; odd, so that it has a middle."""
        return max(3, round(self.cell * 0.42) | 1)


class Arena:
    """The picture. `paint` brings it up to date."""

    def __init__(self) -> None:
        self._picture: pygame.Surface | None = None
        self._shows = bytes(CELLS)
        self._out: tuple[bool, ...] = ()
        self._looks: tuple[Look, ...] = ()

    def paint(
        self, size: tuple[int, int], state: State, out: tuple[bool, ...], canvas: Canvas
    ) -> pygame.Surface:
        """The floor and all trails but the newest piece of each that still rides; `out`: whose trails are dim."""
        settled = bytearray(state.grid)
        for player, rider in enumerate(state.riders):
            if not out[player]:
                settled[rider.cell] = EMPTY
        grid = bytes(settled)
        picture = self._picture
        looks = looks_of(len(out), state.teams, canvas.theme)
        if picture is None or picture.get_size() != size or looks != self._looks:
            picture = self._picture = pygame.Surface(size)
            self._out = ()
        if out == self._out and grid == self._shows:
            return picture
        fresh = [cell for cell, mark in enumerate(grid) if mark != self._shows[cell]]
        if out != self._out or any(self._shows[cell] for cell in fresh):
            picture.blit(_floor(size, state.edge == "wrap", canvas), (0, 0))
            fresh = [cell for cell, mark in enumerate(grid) if mark]
        floor = Floor(picture.get_rect())
        for cell in fresh:
            player = owner(grid[cell])
            _paint_link(picture, floor, cell, grid[cell], looks[player], out[player], canvas)
        self._shows, self._out, self._looks = grid, out, looks
        return picture


def _paint_link(
    picture: pygame.Surface, floor: Floor, cell: int, mark: int, look: Look, out: bool, canvas: Canvas
) -> None:
    """The piece of trail that leads into `cell`; over the edge of the arena it is drawn at both ends."""
    x, y = cell % WIDTH, cell // WIDTH
    if mark >= _LINK:
        _paint_piece(picture, floor, (x, y), (x, y), look, out, canvas)
        return
    dx, dy = DELTAS[(mark - 1) % 4 + 1]
    _paint_piece(picture, floor, (x - dx, y - dy), (x, y), look, out, canvas)
    before = ((x - dx) % WIDTH, (y - dy) % HEIGHT)
    if before != (x - dx, y - dy):
        _paint_piece(picture, floor, before, (before[0] + dx, before[1] + dy), look, out, canvas)


def _paint_piece(
    picture: pygame.Surface,
    floor: Floor,
    start: tuple[int, int],
    end: tuple[int, int],
    look: Look,
    out: bool,
    canvas: Canvas,
) -> None:
    (x0, y0), (x1, y1) = floor.at(*start), floor.at(*end)
    thick = floor.thick
    size = (abs(x1 - x0) + thick, abs(y1 - y0) + thick)
    glow = floor.px(1)
    tile = canvas.shapes.once(
        ("tron link", look, size, glow, out), lambda: link_picture(look, size, glow, out=out)
    )
    corner = (min(x0, x1) - thick // 2 - glow, min(y0, y1) - thick // 2 - glow)
    picture.blit(tile, corner, special_flags=pygame.BLEND_RGB_MAX)


def _floor(size: tuple[int, int], wraps: bool, canvas: Canvas) -> pygame.Surface:
    """The empty arena; a picture that is made once for each size."""

    def make() -> pygame.Surface:
        picture = pygame.Surface(size)
        picture.fill(FLOOR)
        width, height = size
        for i in range(4, WIDTH, 4):
            picture.fill(_GRID, (round(i * width / WIDTH), 0, 1, height))
        for i in range(4, HEIGHT, 4):
            picture.fill(_GRID, (0, round(i * height / HEIGHT), width, 1))
        line = max(2, round(width / WIDTH * 0.16))
        if not wraps:
            pygame.draw.rect(picture, _EDGE, picture.get_rect(), line)
            return picture
        for i in range(0, WIDTH, 2):  # an edge with gaps: cycles can pass
            left, dash = round(i * width / WIDTH), round(width / WIDTH)
            for top in (0, height - line):
                picture.fill(_EDGE, (left, top, dash, line))
        for i in range(0, HEIGHT, 2):
            top, dash = round(i * height / HEIGHT), round(height / HEIGHT)
            for left in (0, width - line):
                picture.fill(_EDGE, (left, top, line, dash))
        return picture

    return canvas.shapes.once(("tron floor", size, wraps), make)
