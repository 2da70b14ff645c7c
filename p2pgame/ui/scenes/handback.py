"""Who gets a seat from a bot in the middle of a match is counted in: 3, 2, 1, and only then do the keys steer.

The match does not wait for that. Until then a bot of this machine gives the inputs of the seat, so that nothing is
lost while a person looks for its player and its keys. Does not know who steered before.
"""

from collections.abc import Callable, Collection
from typing import Any

from p2pgame.core.guard import GameError, GuardedBot
from p2pgame.core.registry import Plugin
from p2pgame.session.view import COUNT_IN, MatchView

__all__ = ["Handback"]


class Handback:
    """Of one match on this machine, in real time."""

    def __init__(self, plugin: Plugin | None, clock: Callable[[], float]) -> None:
        self._plugin = plugin
        self._clock = clock
        self._until = 0.0
        self._bots: dict[int, GuardedBot] = {}
        """By seat of ours that is counted in."""

    @property
    def left(self) -> float:
        """Seconds until the keys steer; 0: they do."""
        return max(0.0, self._until - self._clock()) if self._bots else 0.0

    def begin(self, seats: Collection[int]) -> None:
        """These seats are ours from now on. Where the game has no bot, the keys steer at once."""
        if self._plugin is None or not self._plugin.has_bot:
            return
        for seat in seats:
            try:
                self._bots[seat] = self._plugin.bot(seat)
            except GameError:  # the bot fails, and the match does without
                return
        self._until = self._clock() + COUNT_IN / 1000

    def steers(self, seat: int) -> bool:
        """Whether the player of that seat is counted in."""
        return seat in self._bots and self.left > 0

    def move(self, match: MatchView, seat: int) -> Any | None:
        """The input of the bot in that seat, and when its time is over once that of who does nothing; else None."""
        bot = self._bots.get(seat)
        if bot is None:
            return None
        if self.left > 0:
            try:
                return bot.choose(match.state, seat)
            except GameError:
                pass
        self.forget(seat)
        return None if self._plugin is None else self._plugin.game.neutral

    def forget(self, seat: int) -> None:
        """That seat is not counted in any more."""
        bot = self._bots.pop(seat, None)
        if bot is not None:
            try:
                bot.close()
            except GameError:
                return
