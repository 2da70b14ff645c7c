"""The Gomoku players without a person: our engine at one of its levels, or an outside engine.

The weak levels decide within milliseconds and think here; the others in a process of their own (`thinker`). An outside
engine that cannot play on loses its game (`outside`).
"""

import itertools
import threading
import time
from typing import Annotated, ClassVar, Final

import msgspec

from p2pgame.games.gomoku.engine.levels import LEVEL_MAX
from p2pgame.games.gomoku.engine.request import Answer, Request, answer
from p2pgame.games.gomoku.outside import Outside, is_program
from p2pgame.games.gomoku.rules import Input, State
from p2pgame.games.gomoku.thinker import Thinker

__all__ = ["Bot", "Options"]

_QUICK: Final = 2
"""Up to this level a move takes a few milliseconds."""


class Options(msgspec.Struct, frozen=True):
    """What can be chosen of the bot."""

    level: Annotated[int, msgspec.Meta(ge=1, le=LEVEL_MAX)] = 4
    """How strong our engine plays."""
    engine: str = ""
    """Path of an engine that speaks the protocol of Gomocup, to play instead of ours."""
    seconds: Annotated[float, msgspec.Meta(gt=0, le=600)] = 2.0
    """For each move of that engine."""

    def __post_init__(self) -> None:
        if self.engine and not is_program(self.engine):
            raise ValueError(f"there is no program {self.engine!r}")


_USUAL: Final = Options()


class Bot:
    """Plays either colour under any rule, and makes the choices of openings. A `core.SlowBot`."""

    options: ClassVar = Options

    def __init__(self, seed: int, options: Options = _USUAL) -> None:
        self._seed = seed
        self._seconds: float | None = None
        self._level = options.level
        self._numbers = itertools.count(1)
        self._thinker: Thinker | None = None
        self._outside = Outside(options.engine, options.seconds) if options.engine else None
        self._thinking_about: State | None = None
        self._lock = threading.Lock()

    def choose(self, state: State, player: int) -> Input:
        """What `player` does, who is to move in `state`, which is not over. Raises `ForfeitError`."""
        while (move := self._think(state, wait=True)) is None:
            pass  # it waited in vain for another state, see `_lock`
        return move

    def thought(self, state: State, player: int) -> Input | None:
        """The same, without waiting: None as long as it thinks."""
        return self._think(state, wait=False)

    def allow(self, seconds: float) -> None:
        """What is decided next takes no longer."""
        self._seconds = seconds
        if self._outside is not None:
            self._outside.allow(seconds)

    def close(self) -> None:
        """End all processes."""
        if self._thinker is not None:
            self._thinker.close()
        if self._outside is not None:
            self._outside.close()

    def _think(self, state: State, wait: bool) -> Input | None:
        with self._lock:  # somebody may still wait for a state that is no longer played
            if self._outside is not None and state.asked is None:
                return self._outside.move(state, wait)
            found = self._answer(state, wait)
        return None if found is None else found.move

    def _answer(self, state: State, wait: bool) -> Answer | None:
        if self._level <= _QUICK and state.asked is None:
            return answer(self._request(state), time.monotonic)
        if self._thinker is None:
            self._thinker = Thinker()
        if self._thinking_about != state:
            self._thinking_about = state
            self._thinker.ask(self._request(state))
        found = self._thinker.answer(wait)
        if found is not None:
            self._thinking_about = None
        return found

    def _request(self, state: State) -> Request:
        return Request(next(self._numbers), state, self._level, self._seed, self._seconds)
