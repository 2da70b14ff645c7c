"""Inputs as they travel, and what they mean to the game.

The timeline, its hash chain and its signature are over the bytes that travelled, so that any encoder is right; the
game sees decoded values, without the salt of a sealed one. There are few different inputs in most matches, so each is
decoded once.
"""

from typing import Any

import msgspec

from p2pgame.core.errors import IllegalMoveError
from p2pgame.core.game import AnyGame
from p2pgame.core.snapshot import encode
from p2pgame.wire.commitment import unsealed
from p2pgame.wire.runs import FrameInputs
from p2pgame.wire.takeback import decode_takeback

__all__ = ["InputCodec"]

_KEPT = 1024


class InputCodec:
    """Of one game."""

    def __init__(self, game: AnyGame) -> None:
        self._game = game
        self._values: dict[bytes, Any] = {}
        self._predicted: dict[bytes, bytes] = {}

    def encode(self, move: Any) -> bytes:
        """The bytes of an input of ours."""
        return encode(move)

    def decode(self, data: bytes) -> Any:
        """The input in `data`. Raises `IllegalMoveError("malformed_input")`."""
        try:
            return self._values[data]
        except KeyError:
            pass
        try:
            move = self._game.decode_input(data if self._game.tick_rate else unsealed(data))
        except msgspec.DecodeError as error:
            raise IllegalMoveError("malformed_input") from error
        if len(self._values) >= _KEPT:
            self._values.clear()
        self._values[data] = move
        return move

    def check_form(self, data: bytes) -> None:
        """Raise `IllegalMoveError` unless it is an input of the game, or by turns a takeback."""
        if self._game.tick_rate or decode_takeback(data) is None:
            self.decode(data)

    def values(self, inputs: FrameInputs) -> tuple[Any, ...]:
        """One frame's inputs, decoded; None for who was not asked."""
        known = self._values
        try:
            return tuple([None if data is None else known[data] for data in inputs])
        except KeyError:
            return tuple([None if data is None else self.decode(data) for data in inputs])

    def predict(self, last: bytes) -> bytes:
        """What a player whose newest input is `last` will probably do next (`Game.predict`)."""
        found = self._predicted.get(last)
        if found is None:
            value = self.decode(last)
            predicted = self._game.predict(value)
            found = last if predicted == value else encode(predicted)
            if len(self._predicted) >= _KEPT:
                self._predicted.clear()
            self._predicted[last] = found
        return found
