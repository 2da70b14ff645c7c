"""A position of a game as a picture, drawn by the game's own view: for its card and for "How to play"."""

import logging
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import pygame

from p2pgame.core.guard import GameError
from p2pgame.core.lesson import Lesson
from p2pgame.core.registry import Plugin
from p2pgame.i18n.catalogue import gettext
from p2pgame.session.view import MatchView
from p2pgame.ui.canvas import Canvas
from p2pgame.ui.view import View, load_view

__all__ = ["Still", "lessons_of", "picture"]

_log = logging.getLogger(__name__)


@lru_cache(maxsize=64)
def lessons_of(plugin: Plugin) -> Sequence[Lesson]:
    """The lessons of that game; none if it has none or they cannot be read."""
    try:
        found = plugin.lessons()
    except GameError as error:
        _log.warning("no lessons: %s", error)
        return ()
    return found


def picture(
    plugin: Plugin, lesson: Lesson, size: tuple[int, int], canvas: Canvas, *, named: bool = True
) -> pygame.Surface | None:
    """The lesson, drawn as large as it fits into `size`; None if the game fails. Kept by the canvas.

    `named`: it says who is who, which on a small one nobody could read.
    """
    still = Still(plugin, lesson.players, named=named)
    key = ("still", plugin.package, lesson.text, size, canvas.scale, still.names)
    try:
        return canvas.shapes.once(key, lambda: still.draw(lesson.state(), size, canvas))
    except GameError as error:
        _say_once(str(error))
        return None


@lru_cache(maxsize=64)
def _say_once(problem: str) -> None:
    """To the author of the game, who sees a card without a picture. It is tried again for every picture."""
    _log.warning("no picture: %s", problem)


class Still:
    """Draws states of a game by its view, one after the other. Raises `GameError` if the game fails."""

    def __init__(self, plugin: Plugin, players: int, *, named: bool = True) -> None:
        self._plugin = plugin
        self._seats = (0,) if named else ()
        self.names = tuple(
            [gettext("Player {number}", number=number + 1) if named else "" for number in range(players)]
        )
        self._view: View | None = None

    def draw(self, state: Any, size: tuple[int, int], canvas: Canvas) -> pygame.Surface:
        """`state`, as large as it fits into `size`."""
        return self._plugin.guard.call(self._draw, state, size, canvas)

    def _draw(self, state: Any, size: tuple[int, int], canvas: Canvas) -> pygame.Surface:
        if self._view is None:
            self._view = load_view(self._plugin, 0, self.names)
        view, match = self._view, self._match(state)
        width = min(size[0], round(size[1] * view.aspect))
        rect = pygame.Rect(0, 0, max(1, width), max(1, round(width / view.aspect)))
        surface = pygame.Surface(rect.size, pygame.SRCALPHA)
        view.update(0.0, match)
        view.draw(surface, rect, match, canvas)
        return surface

    def _match(self, state: Any) -> MatchView:
        game, names = self._plugin.game, self.names
        return MatchView(
            match="", game=game.name, host="", players=("",) * len(names), names=names, me=0,
            config=None, state=state, frame=0, to_move=(), outcome=game.outcome(state), rtt_ms=None, hash="",
            tick_rate=game.tick_rate, previous=state, seats=self._seats,
        )  # fmt: skip
