"""The moves so far, numbered, in columns: in a match by turns and its recording, where there is room for them."""

from collections.abc import Sequence

import pygame

from p2pgame.ui.canvas import Canvas

__all__ = ["draw_moves", "shown_from"]

_CELL = 66
"""Units of a number and its move."""
_NUMBER = 24
_ROWS_MIN = 2
"""Fewer rows are not worth the space."""


def shown_from(count: int, columns: int, rows: int) -> int:
    """The first of `count` moves in so many whole rows that end with the last one."""
    return max(0, -(-count // columns) - rows) * columns


def draw_moves(surface: pygame.Surface, canvas: Canvas, rect: pygame.Rect, moves: Sequence[str]) -> None:
    """The newest of `moves` that `rect` has room for, the last one in colour; nothing where it is too small.

    The number of columns is even, so that of two players by turns each has its own.
    """
    theme, u = canvas.theme, canvas.u
    columns = rect.width // u(_CELL) // 2 * 2
    pitch = canvas.line_height("small") + u(3)
    rows = (rect.height + u(3)) // pitch
    if not moves or columns < 2 or rows < _ROWS_MIN:
        return
    first, width = shown_from(len(moves), columns, rows), rect.width // columns
    for place, move in enumerate(moves[first:]):
        row, column = divmod(place, columns)
        left, top = rect.left + column * width, rect.top + row * pitch
        number = str(first + place + 1)
        at = (left + u(_NUMBER), top)
        canvas.text(surface, number, at, "small", theme.faint, anchor="topright", width=u(_NUMBER))
        newest = first + place + 1 == len(moves)
        ink = theme.accent if newest else theme.text
        room = width - u(_NUMBER + 8)
        canvas.text(surface, move, (at[0] + u(5), top), "small", ink, width=room, bold=newest)
