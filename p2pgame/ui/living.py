"""The living pictures on the cards of the lobby: a short game, drawn by the game's own view and kept as small pictures.

A game in real time is played by its bots, one by turns shows what its `lessons.py` has as ``SHOW``. It is played once,
on the worker; each picture is drawn once, when its turn comes, and then only copied. So the lobby stays at rest.
"""

import logging
from collections.abc import Sequence
from concurrent.futures import Executor
from functools import lru_cache
from typing import Any

import pygame

from p2pgame.core.errors import P2PGameError
from p2pgame.core.game import Level, Setup, next_state
from p2pgame.core.guard import GameError
from p2pgame.core.registry import Plugin
from p2pgame.ui.background import Future
from p2pgame.ui.canvas import Canvas
from p2pgame.ui.still import Still

__all__ = ["Living", "states_of"]

_log = logging.getLogger(__name__)

_REST = 2.0
"""Seconds that the lobby is in sight before anything moves: starting is not delayed by it."""
_STEP = 0.125
"""Seconds of each picture in real time ..."""
_TURN = 6
"""... and by turns so many of these."""
_SKIPPED, _PLAYED = 100, 360
"""Frames of a match of bots that are not shown, since games count down first, and those that are."""
_SEED = 5


@lru_cache(maxsize=32)
def states_of(plugin: Plugin) -> tuple[Any, ...]:
    """What the card of this game shows, one after the other; none if it has nothing. Raises `P2PGameError`."""
    game = plugin.game
    if not game.tick_rate:
        return plugin.show()
    if not plugin.has_bot:
        return ()
    players = max(2, game.min_players)
    state = game.initial(Setup(players, _SEED, game.config_type()))
    bots = [plugin.bot(_SEED + player, Level.MEDIUM) for player in range(players)]
    each = max(1, round(game.tick_rate * _STEP))
    shown = []
    for frame in range(_SKIPPED + _PLAYED):
        if game.outcome(state) is not None:
            break
        state = next_state(game, state, [bot.choose(state, player) for player, bot in enumerate(bots)])
        if frame >= _SKIPPED and not frame % each:
            shown.append(state)
    for bot in bots:
        bot.close()
    return tuple(shown)


class Living:
    """The pictures of some games. What a game fails in is left out: then its card stands still."""

    def __init__(self, plugins: Sequence[Plugin], background: Executor) -> None:
        self._waiting = list(plugins)
        self._background = background
        self._asked: tuple[Plugin, Future[tuple[Any, ...]]] | None = None
        self._shows: dict[str, _Show] = {}
        self._age = 0.0
        self._steps = 0

    def update(self, dt: float) -> bool:
        """`dt` seconds passed while the cards are in sight. True if another picture is due."""
        self._age += dt
        steps = int(self._age / _STEP)
        if self._age < _REST or steps == self._steps:
            return False
        self._steps = steps
        self._play()
        return sum(show.step() for show in self._shows.values()) > 0  # all at once

    def picture(self, plugin: Plugin, space: tuple[int, int], canvas: Canvas) -> pygame.Surface | None:
        """What the card of that game shows now, as large as fits into `space`; None: it stands still."""
        show = self._shows.get(plugin.package)
        return None if show is None or canvas.still else show.picture(space, canvas)

    def _play(self) -> None:
        """Have one game after the other played."""
        if self._asked is None and self._waiting:
            plugin = self._waiting.pop(0)
            self._asked = plugin, self._background.submit(states_of, plugin)
        if self._asked is None or not self._asked[1].done():
            return
        (plugin, future), self._asked = self._asked, None
        try:
            states = future.result()
            if len(states) > 1:
                self._shows[plugin.package] = _Show(plugin, states)
        except P2PGameError as error:  # the game is at fault, which who plays it is told
            _log.warning("no moving picture: %s", error)


class _Show:
    """The pictures of one game."""

    def __init__(self, plugin: Plugin, states: Sequence[Any]) -> None:
        self._plugin = plugin
        self._states = states
        self._each = 1 if plugin.game.tick_rate else _TURN
        self._at, self._stood = 0, 0
        self._still: Still | None = Still(plugin, max(2, plugin.game.min_players), named=False)
        self._look: object = None
        self._pictures: dict[int, pygame.Surface] = {}

    def step(self) -> bool:
        """True if another picture is due."""
        self._stood += 1
        last = self._at == len(self._states) - 1
        if self._still is None or self._stood < self._each * (3 if last else 1):
            return False
        self._stood = 0
        self._at = (self._at + 1) % len(self._states)
        return True

    def picture(self, space: tuple[int, int], canvas: Canvas) -> pygame.Surface | None:
        if self._still is None:
            return None
        look = space, canvas.scale, canvas.theme
        if look != self._look:
            self._look = look
            self._pictures.clear()
        if self._at not in self._pictures:
            try:
                self._pictures[self._at] = self._still.draw(self._states[self._at], space, canvas)
            except GameError as error:
                _log.warning("no moving picture: %s", error)
                self._still = None
                return None
        return self._pictures[self._at]
