"""What a position is worth, as a bar beside the board and in words, and what is best in it.

Used by practice and by the viewer of recorded matches; knows no game.
"""

import pygame

from p2pgame.core.analysis import Assessment
from p2pgame.i18n.catalogue import gettext
from p2pgame.session.view import MatchView
from p2pgame.ui.canvas import Canvas
from p2pgame.ui.room_words import player_names
from p2pgame.ui.scenes.match_board import MatchBoard

__all__ = ["HEIGHT", "best_words", "draw_evaluation", "worth_words"]

HEIGHT = 64
"""Units."""
_BAR = 12


def worth_words(match: MatchView, found: Assessment | None) -> str:
    """``Anna wins by force``, ``Thinking…``; empty where the bar says all."""
    if found is None:
        return gettext("Thinking…")
    if not found.chances:
        return gettext("This position is not judged")
    if max(found.chances) < 1000 or not match.to_move:
        return ""
    return gettext("{name} wins by force", name=player_names(match)[found.chances.index(1000)])


def best_words(board: MatchBoard, found: Assessment | None) -> str:
    """``Best: H8``; empty where it is not known."""
    if found is None or not found.line:
        return ""
    return gettext("Best: {move}", move=board.words(found.line[0]))


def draw_evaluation(
    surface: pygame.Surface,
    canvas: Canvas,
    rect: pygame.Rect,
    board: MatchBoard,
    found: Assessment | None,
    best: str = "",
) -> None:
    """Names with their chances, the bar, and a line of words, `best` among them. `rect` has `HEIGHT`."""
    theme, u, match = canvas.theme, canvas.u, board.match
    chances = found.chances if found is not None else ()
    names = player_names(match)
    order = [*range(len(chances))]
    if len(chances) == 2:
        if match.me == 1:
            order.reverse()
        half, percent = rect.width // 2 - u(4), round(chances[order[0]] / 10)
        text = gettext("{name} {n} %", name=names[order[0]], n=percent)
        ink = theme.ink(order[0])
        canvas.text(surface, text, rect.topleft, "small", ink, width=half, bold=True)
        text = gettext("{name} {n} %", name=names[order[1]], n=100 - percent)
        ink = theme.ink(order[1])
        canvas.text(surface, text, rect.topright, "small", ink, anchor="topright", width=half, bold=True)
    bar = pygame.Rect(rect.left, rect.top + canvas.line_height("small") + u(3), rect.width, u(_BAR))
    canvas.shapes.box(surface, bar, theme.raised, u(4))
    _draw_shares(surface, canvas, bar, [(player, chances[player]) for player in order])
    canvas.shapes.box(surface, bar, theme.edge, u(4), 1)
    at, room = (rect.left, bar.bottom + u(4)), rect.width
    if best:
        shown = canvas.text(
            surface, best, (rect.right, at[1]), "small", theme.accent, anchor="topright", bold=True
        )
        room = shown.left - rect.left - u(8)
    canvas.text(surface, worth_words(match, found), at, "small", theme.muted, width=room)


def _draw_shares(
    surface: pygame.Surface, canvas: Canvas, bar: pygame.Rect, shares: list[tuple[int, int]]
) -> None:
    """The part of each player in its colour, with a gap between two."""
    before, gap = 0, max(2, canvas.u(2))
    for player, share in shares:
        left = bar.left + bar.width * before // 1000
        before += share
        part = pygame.Rect(left, bar.top, bar.left + bar.width * before // 1000 - left, bar.height)
        if part.width > gap:
            last = before >= 1000
            part.width -= 0 if last else gap
            canvas.shapes.box(surface, part, canvas.theme.ink(player), canvas.u(4))
