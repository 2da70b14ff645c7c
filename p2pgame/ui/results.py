"""The result of a match in the history, as a shape, a colour and a word; and the score against one player."""

import itertools

import pygame

from p2pgame.i18n.catalogue import enumerated, gettext, ngettext
from p2pgame.replay.entry import Score
from p2pgame.ui.canvas import Canvas
from p2pgame.ui.theme import Colour, Theme

__all__ = ["result_sign", "score_words"]

_SIGN = 18
"""Units across."""


def result_word(result: str) -> str:
    """A result of `HistoryEntry` in one word."""
    match result:
        case "won":
            return gettext("won")
        case "lost":
            return gettext("lost")
        case "draw":
            return gettext("draw")
        case "open":
            return gettext("interrupted")
        case "adjourned":
            return gettext("adjourned")
    return gettext("unfinished")


def _ink(theme: Theme, result: str) -> Colour:
    return {"won": theme.gold, "lost": theme.muted, "draw": theme.text}.get(result, theme.muted)


def result_sign(surface: pygame.Surface, canvas: Canvas, result: str, at: tuple[int, int]) -> pygame.Rect:
    """Draw it with its right middle at `at`; returns where it is."""
    ink = _ink(canvas.theme, result)
    word = canvas.text(surface, result_word(result), at, "small", ink, anchor="midright", bold=True)
    centre = (word.left - canvas.u(6 + _SIGN / 2), at[1])
    _sign(surface, canvas, result, centre, ink)
    side = canvas.u(_SIGN)
    return word.union(pygame.Rect(centre[0] - side // 2, at[1] - side // 2, side, side))


def _sign(surface: pygame.Surface, canvas: Canvas, result: str, centre: tuple[int, int], ink: Colour) -> None:
    """A disc with a tick, a ring with a cross, two bars, a ring with a stroke, a ring with a pause."""
    u, (x, y) = canvas.u, centre
    radius, paper = u(_SIGN / 2), canvas.theme.raised
    if result == "won":
        canvas.shapes.disc(surface, centre, radius, ink)
        tick = ((x - u(4.4), y), (x - u(1.2), y + u(3.6)), (x + u(4.6), y - u(3.6)))
        for start, end in itertools.pairwise(tick):
            canvas.shapes.line(surface, start, end, paper, u(2))
        return
    canvas.shapes.ring(surface, centre, radius, ink, u(2))
    if result == "lost":
        for dy in (-1, 1):
            canvas.shapes.line(
                surface, (x - u(3.4), y - dy * u(3.4)), (x + u(3.4), y + dy * u(3.4)), ink, u(2)
            )
    elif result == "draw":
        for dy in (-u(3), u(1)):
            surface.fill(ink, (x - u(4), y + dy, 2 * u(4), u(2)))
    elif result in ("open", "adjourned"):
        for dx in (-u(3), u(1)):
            surface.fill(ink, (x + dx, y - u(4), u(2), 2 * u(4)))
    else:
        surface.fill(ink, (x - u(4), y - u(1), 2 * u(4), u(2)))


def score_words(score: Score) -> str:
    """``3 won, 1 lost, 2 drawn``; empty if there is none yet."""
    if not (score.won or score.lost or score.drawn):
        return ""
    won = ngettext("{n} won", "{n} won", score.won)
    lost = ngettext("{n} lost", "{n} lost", score.lost)
    drawn = [ngettext("{n} drawn", "{n} drawn", score.drawn)] if score.drawn else []
    return enumerated([won, lost, *drawn])
