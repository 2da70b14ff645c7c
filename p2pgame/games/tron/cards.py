"""Draws the strip over the arena of Tron: for each rider its cycle, its name, whether it is out, and the rounds won.

Up to four riders stand in one row, more in two, so that names can be read in the smallest window. Riders of a team
stand together: of two large teams each has a row, of more teams each has a column.
"""

from collections.abc import Sequence

import pygame

from p2pgame.games.tron.art import FLOOR, Look, head_picture
from p2pgame.games.tron.rules import RIGHT, State
from p2pgame.ui.canvas import Canvas
from p2pgame.ui.theme import THEME, mixed

__all__ = ["cells_high", "draw_cards", "head"]

_ONE_ROW = 4
_ROW = 3
"""Height of a row, in cells of the arena."""
_PIPS = 5
"""Rounds shown as dots; more are a number."""
_LEGIBLE = 11
"""Pixels of text below which nobody reads it."""


def cells_high(players: int) -> int:
    """Height of the strip in cells of the arena."""
    return _ROW * _rows(players)


def head(look: Look, heading: int, size: int, out: bool, canvas: Canvas) -> pygame.Surface:
    """The cycle, kept by the canvas."""
    key = ("tron head", look, heading, size, out)
    return canvas.shapes.once(key, lambda: head_picture(look, heading, size, out=out))


def draw_cards(
    surface: pygame.Surface,
    rect: pygame.Rect,
    state: State,
    out: Sequence[bool],
    looks: Sequence[Look],
    names: Sequence[str],
    ours: Sequence[int],
    canvas: Canvas,
) -> None:
    """Draw the card of every rider into `rect`; `out`: who is certainly out; `ours`: who plays here."""
    order = _order(state)
    rows = _rows(len(order))
    columns = -(-len(order) // rows)
    for place, player in enumerate(order):
        row, column = divmod(place, columns)
        left, right = (rect.left + rect.width * (column + i) // columns for i in (0, 1))
        top, bottom = (rect.top + rect.height * (row + i) // rows for i in (0, 1))
        gap = (bottom - top) // 12
        card = pygame.Rect(left + gap, top + gap, right - left - 2 * gap, bottom - top - 2 * gap)
        _draw_card(
            surface, card, state, player, out[player], looks[player], names[player], player in ours, canvas
        )


def _rows(players: int) -> int:
    return 1 if players <= _ONE_ROW else 2


def _order(state: State) -> list[int]:
    """The riders from left to right, row by row."""
    sides = state.sides
    players = range(len(sides))
    if not state.teams or max(sides) == 1:
        return sorted(players, key=sides.__getitem__)
    return sorted(players, key=lambda player: (sides[:player].count(sides[player]), sides[player]))


def _draw_card(
    surface: pygame.Surface,
    card: pygame.Rect,
    state: State,
    player: int,
    out: bool,
    look: Look,
    name: str,
    ours: bool,
    canvas: Canvas,
) -> None:
    theme, points = THEME, state.riders[player].points
    gap = max(2, card.height // 8)
    if ours:
        canvas.shapes.box(surface, card, theme.raised, gap)
    if state.teams:
        surface.fill(look.ink, (card.left, card.top + gap, max(2, gap // 2), card.height - 2 * gap))
    size = max(8, card.height * 13 // 20)
    tile = head(look, RIGHT, size, out, canvas)
    at = tile.get_rect(midleft=(card.left + 2 * gap, card.centery))
    surface.blit(tile, at)
    if out:
        width = max(2, size // 8)
        canvas.shapes.line(surface, at.bottomleft, at.topright, theme.background, width * 2)
        canvas.shapes.line(surface, at.bottomleft, at.topright, theme.muted, width)
    right = _draw_points(surface, card, points, state.needed, look, canvas)
    px = max(1.0, card.height * 0.5, min(card.height * 0.85, _LEGIBLE))
    ink = theme.faint if out else theme.text if ours else theme.muted
    room = right - at.right - 2 * gap
    if room > px:
        at_name = (at.right + gap, card.centery)
        canvas.text(surface, name, at_name, px / canvas.scale, ink, anchor="midleft", width=room, bold=ours)


def _draw_points(
    surface: pygame.Surface, card: pygame.Rect, points: int, needed: int, look: Look, canvas: Canvas
) -> int:
    """The rounds won, at the right end: dots where there is room, else a number. Returns where they begin."""
    gap = max(2, card.height // 8)
    ink, radius = look.ink, max(2, card.height // 8)
    step = radius * 3
    if needed <= _PIPS and needed * step < card.width * 0.18 and points <= needed:
        left = card.right - gap - needed * step
        for i in range(needed):
            at = (left + i * step + radius, card.centery)
            if i < points:
                canvas.shapes.disc(surface, at, radius, ink)
            else:
                canvas.shapes.ring(surface, at, radius, THEME.faint, max(1, radius // 3))
        return left
    px = max(1.0, card.height * 0.6, min(card.height, _LEGIBLE)) / canvas.scale
    ink = ink if points else mixed(FLOOR, ink, 0.6)
    at = (card.right - gap, card.centery)
    return canvas.text(surface, str(points), at, px, ink, anchor="midright", bold=True).left
