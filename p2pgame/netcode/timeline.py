"""The confirmed truth of one match: the log of inputs and the state that follows from it.

A frame passes when the input of every player that the game asks for (`Game.to_move`) is known. Prediction builds
on top of it and never changes it. Does not know where inputs come from, nor when.
"""

from collections.abc import Iterator
from typing import Any

from p2pgame.core.errors import IllegalMoveError
from p2pgame.core.game import AnyGame, Outcome, Setup
from p2pgame.core.snapshot import state_hash

__all__ = ["Timeline"]


class Timeline:
    """States of confirmed frames. `frame` counts the frames passed; `state` is the state after them."""

    def __init__(self, game: AnyGame, setup: Setup[Any], frame_limit: int = 0) -> None:
        """`frame_limit`: the match ends after so many frames; 0: no limit."""
        self.game = game
        self.setup = setup
        self.state: Any = game.initial(setup)
        self.log: list[tuple[Any, ...]] = []
        self.ended: Outcome | None = None
        """Set when the match was ended by more than the rules (`cut`)."""
        self._limit = frame_limit
        self._pending: dict[int, Any] = {}

    @property
    def frame(self) -> int:
        return len(self.log)

    @property
    def hash(self) -> bytes:
        """Of the newest state."""
        return state_hash(self.state)

    @property
    def outcome(self) -> Outcome | None:
        """How the match ended: by decision, by the rules, or by the frame limit."""
        if self.ended is None and 0 < self._limit <= self.frame:
            return self.game.outcome(self.state) or Outcome(winners=(), reason="frame limit")
        return self.ended or self.game.outcome(self.state)

    @property
    def to_move(self) -> tuple[int, ...]:
        """Players whose input the next frame still needs; empty when the match is over."""
        if self.outcome is not None:
            return ()
        asked = self.game.to_move(self.state)
        return tuple(
            p for p in (range(self.setup.players) if asked is None else asked) if p not in self._pending
        )

    def offer(self, player: int, move: Any) -> None:
        """Take the input of `player` for the next frame. Raises `IllegalMoveError`; then nothing has changed."""
        if self.outcome is not None:
            raise IllegalMoveError("the match is over")
        if player not in self.to_move:
            raise IllegalMoveError("it is not your turn")
        self.game.validate(self.state, player, move)
        self._pending[player] = move

    def advance(self) -> Iterator[int]:
        """Let every frame pass that can; yields the number of frames passed after each."""
        while self._pending and not self.to_move:
            inputs = tuple(self._pending.get(player) for player in range(self.setup.players))
            self._pending.clear()
            self.state = self.game.advance(self.state, inputs)
            self.log.append(inputs)
            yield self.frame

    def cut(self, frame: int, outcome: Outcome) -> None:
        """End the match at `frame` with `outcome`; later frames never were. Raises `ValueError` if not there yet."""
        if frame > self.frame:
            raise ValueError(f"cannot end at frame {frame}: only {self.frame} passed")
        if frame < self.frame:
            self.state = self.game.initial(self.setup)
            for inputs in self.log[:frame]:
                self.state = self.game.advance(self.state, inputs)
            del self.log[frame:]
        self._pending.clear()
        self.ended = outcome
