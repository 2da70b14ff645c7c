"""The confirmed truth of one match: the log of inputs and the state that follows from it.

A frame passes when the input of every player that the game asks for (`Game.to_move`) is known. Prediction builds
on top of it (`netcode.rollback`) and never changes it; a turn-based match is this alone, a prediction window of 0.
Does not know where inputs come from, nor when.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from p2pgame.core.errors import IllegalMoveError
from p2pgame.core.game import AnyGame, Outcome, Setup
from p2pgame.core.snapshot import state_hash

__all__ = ["Timeline"]


class Timeline:
    """States of confirmed frames. `frame` counts the frames passed; `state` is the state after them."""

    def __init__(
        self,
        game: AnyGame,
        setup: Setup[Any],
        frame_limit: int = 0,
        perf: Callable[[], float] = lambda: 0.0,
    ) -> None:
        """`frame_limit`: the match ends after so many frames; 0: no limit. `perf`: seconds, for statistics."""
        self.game = game
        self.setup = setup
        self.state: Any = game.initial(setup)
        self.outcome: Outcome | None = game.outcome(self.state)
        """How the match ended: by the rules, by the frame limit, or by decision (`end_at`)."""
        self.log: list[tuple[Any, ...]] = []
        self.advance_time = 0.0
        """Seconds spent in the game's `advance`."""
        self._limit = frame_limit
        self._decided: tuple[int, Outcome] | None = None
        self._pending: dict[int, Any] = {}
        self._perf = perf

    @property
    def frame(self) -> int:
        return len(self.log)

    @property
    def hash(self) -> bytes:
        """Of the newest state."""
        return state_hash(self.state)

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
            self.adopt(inputs, self.simulate(self.state, inputs))
            yield self.frame

    def simulate(self, state: Any, inputs: Sequence[Any]) -> Any:
        """The state after `state`; changes nothing here but the statistics."""
        began = self._perf()
        after = self.game.advance(state, inputs)
        self.advance_time += self._perf() - began
        return after

    def adopt(self, inputs: tuple[Any, ...], state: Any) -> None:
        """One more frame passed with `inputs`, all confirmed; `state` is what `simulate` made of them."""
        self.state = state
        self.log.append(inputs)
        self._conclude()

    def end_at(self, frame: int, outcome: Outcome) -> None:
        """End the match at `frame` by decision; later frames never were, and none beyond it will be."""
        self._decided = (frame, outcome)
        if frame < self.frame:
            self.state = self.game.initial(self.setup)
            for inputs in self.log[:frame]:
                self.state = self.game.advance(self.state, inputs)
            del self.log[frame:]
        self._pending.clear()
        self._conclude()

    def _conclude(self) -> None:
        # The decision comes last: who did not hear of it yet may already know how else the frame ended the match.
        self.outcome = self.game.outcome(self.state)
        if self.outcome is None and 0 < self._limit <= self.frame:
            self.outcome = Outcome(winners=(), reason="frame limit")
        if self.outcome is None and self._decided is not None and self.frame >= self._decided[0]:
            self.outcome = self._decided[1]
