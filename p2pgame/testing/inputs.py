"""Random but legal inputs for any game, from the type of its inputs and its `validate`.

A turn-based game whose legal inputs are a needle in a haystack can have a method ``moves(state, player)`` that
returns an iterable of inputs to choose from; it is used wherever it exists. A real-time player keeps an input for
some frames, as people do, and asks for the input again that stood before where the rules refuse a new one.
"""

from collections.abc import Callable
from math import lcm
from typing import Any, Final

import msgspec

from p2pgame.core.errors import IllegalMoveError
from p2pgame.core.game import AnyGame, Setup
from p2pgame.testing.errors import NoInputError
from p2pgame.testing.values import Dice, all_values, random_value

__all__ = [
    "PLAYERS_MAX",
    "InputSource",
    "LineUp",
    "RandomInputs",
    "combinations",
    "configurations",
    "line_ups",
    "random_inputs",
    "setups",
]

InputSource = Callable[[Any, int], tuple[Any, ...]]
"""From a state and the number of players to one input a player, None for who is not to move."""

LineUp = tuple[int, tuple[int, ...]]
"""The number of players, and their teams as in `Setup.teams`."""

PLAYERS_MAX: Final = 8
"""Players of a match at most."""
_TRIES: Final = 512
"""Random inputs tried before a player counts as stuck, where they cannot all be tried."""
_FEW: Final = 16
"""Random inputs tried before all are."""
_CONFIGS: Final = 256
"""Configurations that are played, at most."""
_HOLD: Final = 8
"""Frames for which a real-time player keeps an input, on average."""


class RandomInputs:
    """An `InputSource`; the same seed and the same states give the same inputs, on every Python."""

    def __init__(self, game: AnyGame, seed: int) -> None:
        self._game = game
        self._dice = Dice(seed)
        self._values = all_values(game.input_type)
        self._held: dict[int, Any] = {}

    def __call__(self, state: Any, players: int) -> tuple[Any, ...]:
        """Raises `NoInputError` if somebody who is to move cannot."""
        asked = self._game.to_move(state)
        movers = range(players) if asked is None else asked
        return tuple(self._choose(state, player) if player in movers else None for player in range(players))

    def _choose(self, state: Any, player: int) -> Any:
        if self._game.tick_rate == 0:
            return self._legal(state, player)
        held = self._held.get(player, self._game.neutral)
        if self._dice.below(_HOLD) == 0 or not self._allowed(state, player, held):
            held = self._held[player] = self._legal(state, player)
        return held

    def _legal(self, state: Any, player: int) -> Any:
        moves = getattr(self._game, "moves", None)
        if moves is not None:
            candidates = self._dice.shuffled(tuple(moves(state, player)))
        else:
            for _ in range(_TRIES if self._values is None else _FEW):
                move = self._any()
                if self._allowed(state, player, move):
                    return move
            candidates = self._dice.shuffled(self._values or ())
        for move in candidates:
            if self._allowed(state, player, move):
                return move
        if moves is not None or self._values is not None:
            raise NoInputError("no_legal_input", game=self._game.name, player=player)
        raise NoInputError("no_legal_input_found", game=self._game.name, player=player)

    def _any(self) -> Any:
        if self._values is not None:
            return self._dice.choice(self._values)
        return random_value(self._game.input_type, self._dice)

    def _allowed(self, state: Any, player: int, move: Any) -> bool:
        try:
            self._game.validate(state, player, move)
        except IllegalMoveError:
            return False
        return True


def random_inputs(game: AnyGame, seed: int) -> RandomInputs:
    """Random legal inputs for `game`, to be given to `SyncTest.run` or called as ``source(state, players)``."""
    return RandomInputs(game, seed)


def setups(game: AnyGame, seed: int) -> Setup[Any]:
    """The beginning of test match number `seed`: line-ups and configurations take their turns.

    The numbers below `combinations` have each pair of both once.
    """
    found, configs = line_ups(game), configurations(game)
    players, teams = found[seed % len(found)]
    turn = seed + seed // lcm(
        len(found), len(configs)
    )  # else both would come round together, some pairs never
    return Setup(players, seed, configs[turn % len(configs)], teams)


def combinations(game: AnyGame) -> int:
    """How many different beginnings `setups` knows: configurations by line-ups."""
    return len(line_ups(game)) * len(configurations(game))


def line_ups(game: AnyGame) -> list[LineUp]:
    """Every number of players, each for itself; and for a game that knows teams, every number of teams of one size."""
    numbers = range(game.min_players, min(game.max_players, PLAYERS_MAX) + 1) or (game.min_players,)
    found: list[LineUp] = [(players, ()) for players in numbers]
    if game.teams:
        found += [
            (players, tuple(player % teams for player in range(players)))
            for players in numbers
            for teams in range(2, players // 2 + 1)
            if players % teams == 0
        ]
    return found


def configurations(game: AnyGame) -> list[Any]:
    """The default first, then all others; where they are too many, those with one field other than in the default."""
    default = game.config_type()
    found = all_values(game.config_type, _CONFIGS)
    if found is None:
        found = [
            msgspec.structs.replace(default, **{field.name: value})
            for field in msgspec.structs.fields(game.config_type)
            for value in (all_values(field.type, _CONFIGS) or ())
        ]
    return [default, *(config for config in found if config != default)][:_CONFIGS]
