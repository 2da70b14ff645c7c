"""How the riders of Tron look: a colour, a shape and a pattern of the trail each, never told apart by colour alone.

A team has one colour, and each rider of it another shape and pattern. Knows sizes in pixels, the numbers of players and
teams; no state and no rules but the four headings.
"""

from typing import Final, NamedTuple

import pygame

from p2pgame.games.tron.rules import DOWN, LEFT, RIGHT, UP
from p2pgame.i18n.catalogue import gettext_noop
from p2pgame.ui.canvas import Canvas
from p2pgame.ui.marks import RING, SHAPES
from p2pgame.ui.theme import THEME, Colour, Theme, mixed

__all__ = ["DELTAS", "FLOOR", "NAMES", "Look", "head", "head_picture", "link_picture", "looks_of"]

FLOOR: Final[Colour] = THEME.board
NAMES: Final = (
    gettext_noop("Arrow"),
    gettext_noop("Disc"),
    gettext_noop("Square"),
    gettext_noop("Diamond"),
    gettext_noop("Hexagon"),
    gettext_noop("Triangle"),
    gettext_noop("Cross"),
    gettext_noop("Ring"),
)
"""Of the shapes. Colours are chosen by each player, so they are no names."""
DELTAS: Final = {UP: (0, -1), RIGHT: (1, 0), DOWN: (0, 1), LEFT: (-1, 0)}

_OVER: Final = 4
_PATTERNS: Final = 4
_BLACK: Final[Colour] = (0, 0, 0)


class Look(NamedTuple):
    """What tells a rider from the others."""

    colour: int
    """Whose colour of `Theme.players`: the player, or the team."""
    shape: int
    """Of the cycle, 0 to 7."""
    pattern: int
    """Of the trail, 0 to 3."""
    ink: Colour
    """The colour itself, on the floor."""


def looks_of(players: int, teams: tuple[int, ...], theme: Theme = THEME) -> tuple[Look, ...]:
    """The look of each rider; `teams` is empty where each rides for itself."""
    if not teams:
        return tuple(
            Look(player, theme.shape(player), player % _PATTERNS, theme.tint(player))
            for player in range(players)
        )
    return tuple(
        Look(team, theme.shape(player), teams[:player].count(team) % _PATTERNS, theme.tint(team))
        for player, team in enumerate(teams)
    )


def head(look: Look, heading: int, size: int, out: bool, canvas: Canvas) -> pygame.Surface:
    """The cycle, kept by the canvas."""
    key = ("tron head", look, heading, size, out)
    return canvas.shapes.once(key, lambda: head_picture(look, heading, size, out=out))


def head_picture(look: Look, heading: int, size: int, *, out: bool = False) -> pygame.Surface:
    """The cycle of a rider, `size` pixels wide; with a grey centre once it is `out`."""
    big = size * _OVER
    middle = big / 2
    canvas = pygame.Surface((big, big), pygame.SRCALPHA)
    colour = mixed(look.ink, FLOOR, 0.55) if out else look.ink
    light = mixed(colour, (255, 255, 255), 0.0 if out else 0.55)
    corners = SHAPES[look.shape]
    for part, ink in ((0.92, colour), (0.55, light)):
        if corners:
            turned = [_turned(x * part, y * part, heading) for x, y in corners]
            pygame.draw.polygon(
                canvas, ink, [(middle + x * middle * 0.92, middle + y * middle * 0.92) for x, y in turned]
            )
        else:
            pygame.draw.circle(canvas, ink, (round(middle), round(middle)), round(middle * part * 0.95))
    if look.shape == RING:
        pygame.draw.circle(canvas, (*FLOOR, 255), (round(middle), round(middle)), round(middle * 0.34))
    return pygame.transform.smoothscale(canvas, (size, size))


def _turned(x: float, y: float, heading: int) -> tuple[float, float]:
    dx, dy = DELTAS[heading]
    return x * dx - y * dy, x * dy + y * dx


def link_picture(look: Look, size: tuple[int, int], cell: int, *, out: bool) -> pygame.Surface:
    """A piece of trail between the middles of two cells, on black, with its light around it.

    `size` is that of the trail itself; the picture is `cell` pixels larger on each side. To be blended by the
    maximum of both, so the order of drawing does not matter.
    """
    glow = cell
    width, height = size
    picture = pygame.Surface((width + 2 * glow, height + 2 * glow))
    picture.fill(_BLACK)
    colour = mixed(look.ink, FLOOR, 0.62) if out else look.ink
    for step in range(glow, 0, -1):
        power = 0.34 * (1 - step / (glow + 1)) ** 2
        halo = pygame.Rect(glow - step, glow - step, width + 2 * step, height + 2 * step)
        pygame.draw.rect(picture, mixed(_BLACK, colour, power), halo, border_radius=step + min(size) // 2)
    body = pygame.Rect(glow, glow, width, height)
    thick = min(size)
    pattern = look.pattern
    faint = mixed(_BLACK, colour, 0.42)
    pygame.draw.rect(picture, faint if pattern == 2 else colour, body, border_radius=thick // 2)
    if pattern == 0:
        slim = body.inflate(-(thick * 2 // 3), -(thick * 2 // 3))
        pygame.draw.rect(picture, mixed(colour, (255, 255, 255), 0.0 if out else 0.5), slim)
    elif pattern == 1:
        slim = body.inflate(-(thick * 3 // 5), -(thick * 3 // 5))
        pygame.draw.rect(picture, mixed(_BLACK, colour, 0.25), slim)
    elif pattern == 2:
        for end in _ends(body, thick):
            pygame.draw.circle(picture, colour, end, thick // 2)
    else:
        gap = pygame.Rect(0, 0, *(max(2, side // 3) if side > thick else thick for side in size))
        gap.center = body.center
        pygame.draw.rect(picture, faint, gap)
    return picture


def _ends(body: pygame.Rect, thick: int) -> tuple[tuple[int, int], tuple[int, int]]:
    """The middles of the two cells that a piece of trail joins."""
    half = thick // 2
    return (body.left + half, body.top + half), (body.right - 1 - half, body.bottom - 1 - half)
