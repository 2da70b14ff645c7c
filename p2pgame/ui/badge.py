"""The badge beside a name that shows the trust in its owner: a shape, a colour and a word, never one alone."""

import itertools

import pygame

from p2pgame.i18n.catalogue import gettext
from p2pgame.session.people.known_peer import Trust
from p2pgame.ui.canvas import Canvas
from p2pgame.ui.theme import Colour, Theme

__all__ = ["badge", "badge_width", "trust_ink", "trust_meaning", "trust_word", "warning_sign"]

_SIGN = 16
"""Units across."""


def trust_word(trust: Trust) -> str:
    match trust:
        case Trust.NEW:
            return gettext("new")
        case Trust.MET:
            return gettext("met")
        case Trust.VERIFIED:
            return gettext("verified")
        case Trust.IMPOSTOR:
            return gettext("impostor")
        case Trust.BLOCKED:
            return gettext("blocked")


def trust_meaning(trust: Trust) -> str:
    """One sentence for each trust; of an impostor, `Client.warning` says more."""
    match trust:
        case Trust.NEW:
            return gettext("You have never met: anybody can use this name.")
        case Trust.MET:
            return gettext("The same player as when you last met.")
        case Trust.VERIFIED:
            return gettext("You compared codes: this is really them.")
        case Trust.IMPOSTOR:
            return gettext("This is not who the name says.")
        case Trust.BLOCKED:
            return gettext("You blocked this player: no word comes through.")


def trust_ink(theme: Theme, trust: Trust) -> Colour:
    return {
        Trust.NEW: theme.muted,
        Trust.MET: theme.text,
        Trust.VERIFIED: theme.accent,
        Trust.IMPOSTOR: theme.alarm,
        Trust.BLOCKED: theme.faint,
    }[trust]


def badge_width(canvas: Canvas, trust: Trust) -> int:
    """Pixels that `badge` takes."""
    return canvas.u(_SIGN + 5) + canvas.fonts.width(trust_word(trust), canvas.px("small"), bold=True)


def badge(surface: pygame.Surface, canvas: Canvas, trust: Trust, at: tuple[int, int]) -> pygame.Rect:
    """Draw it with its left middle at `at`; returns where it is."""
    ink = trust_ink(canvas.theme, trust)
    side = canvas.u(_SIGN)
    _sign(surface, canvas, trust, (at[0] + side // 2, at[1]), ink)
    x = at[0] + canvas.u(_SIGN + 5)
    word = canvas.text(surface, trust_word(trust), (x, at[1]), "small", ink, anchor="midleft", bold=True)
    return word.union(pygame.Rect(at[0], at[1] - side // 2, side, side))


def _sign(
    surface: pygame.Surface, canvas: Canvas, trust: Trust, centre: tuple[int, int], ink: Colour
) -> None:
    u = canvas.u
    radius = u(_SIGN / 2)
    x, y = centre
    match trust:
        case Trust.NEW:
            canvas.shapes.ring(surface, centre, radius - u(1), ink, u(2))
        case Trust.MET:
            canvas.shapes.ring(surface, centre, radius - u(1), ink, u(2))
            canvas.shapes.disc(surface, centre, u(3.5), ink)
        case Trust.VERIFIED:
            canvas.shapes.disc(surface, centre, radius, ink)
            tick = ((x - u(4), y), (x - u(1), y + u(3.4)), (x + u(4.4), y - u(3.4)))
            for start, end in itertools.pairwise(tick):
                canvas.shapes.line(surface, start, end, canvas.theme.on_accent, u(2.4))
        case Trust.IMPOSTOR:
            warning_sign(surface, canvas, centre, u(_SIGN + 2))
        case Trust.BLOCKED:
            canvas.shapes.ring(surface, centre, radius - u(1), ink, u(2))
            d = u(4.5)
            canvas.shapes.line(surface, (x - d, y + d), (x + d, y - d), ink, u(2))


def warning_sign(surface: pygame.Surface, canvas: Canvas, centre: tuple[int, int], size: int) -> None:
    """A red triangle with an exclamation mark, `size` pixels wide."""
    theme = canvas.theme
    tile = canvas.shapes.once(("warning", size, theme.alarm), lambda: _triangle(size, theme))
    surface.blit(tile, tile.get_rect(center=centre))


def _triangle(size: int, theme: Theme) -> pygame.Surface:
    side = 4 * max(8, size)
    canvas = pygame.Surface((side, side), pygame.SRCALPHA)
    canvas.fill((*theme.alarm, 0))
    middle, w = side / 2, side * 0.055
    corners = [(middle, side * 0.08), (side * 0.97, side * 0.9), (side * 0.03, side * 0.9)]
    pygame.draw.polygon(canvas, theme.alarm, corners)
    mark = [(middle - w * 1.2, side * 0.36), (middle + w * 1.2, side * 0.36), (middle + w * 0.7, side * 0.65)]
    pygame.draw.polygon(canvas, theme.alarm_panel, [*mark, (middle - w * 0.7, side * 0.65)])
    pygame.draw.circle(canvas, theme.alarm_panel, (middle, side * 0.77), w * 1.25)
    return pygame.transform.smoothscale(canvas, (max(8, size), max(8, size)))
