"""Which moves of a match by turns still stand, and which of them a player may take back.

A takeback ends before the newest standing move of the player who asked for it: that move and all after it are undone.
Does not know whether the others agreed (`session.match.takebacks`).
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from p2pgame.core.errors import IllegalMoveError
from p2pgame.wire.runs import FrameInputs
from p2pgame.wire.takeback import Takeback, takeback_in

__all__ = ["TAKEBACKS_MAX", "TAKEBACK_REACH", "StandingMoves"]

TAKEBACKS_MAX: Final = 100
"""Of one player in one match, where the choice of the players sets no lower limit."""
TAKEBACK_REACH: Final = 64
"""A takeback goes back at most so many frames, of which the states are kept."""


class StandingMoves:
    """What stands after a number of frames. Give it each frame that passes, in order."""

    def __init__(self, log: Iterable[FrameInputs] = ()) -> None:
        self.frame = 0
        """Frames passed."""
        self.used: Counter[int] = Counter()
        """Takebacks by player."""
        self._moves: list[tuple[int, tuple[int, ...]]] = []
        """Frame and movers of each move that stands."""
        for inputs in log:
            self.passed(inputs)

    def passed(self, inputs: FrameInputs) -> None:
        """One more frame passed."""
        takeback = takeback_in(inputs)
        if takeback is None:
            movers = tuple([player for player, data in enumerate(inputs) if data is not None])
            self._moves.append((self.frame, movers))
        else:
            self.used[takeback.player] += 1
            while self._moves and self._moves[-1][0] >= takeback.frame:
                self._moves.pop()
        self.frame += 1

    def last_of(self, player: int) -> int | None:
        """The frame of the newest standing move of `player`, if it is near enough to be taken back."""
        for frame, movers in reversed(self._moves):
            if self.frame - frame > TAKEBACK_REACH:
                return None
            if player in movers:
                return frame
        return None

    def check(self, takeback: Takeback | None, asked: Sequence[int], limit: int) -> Takeback:
        """Raise `IllegalMoveError` unless one of `asked`, who move in the next frame, may give it as its input.

        `limit`: takebacks of each player, at most. None stands for one that could not be decoded.
        """
        if takeback is None or len(asked) != 1:
            raise IllegalMoveError("malformed_input")
        if self.used[takeback.player] >= min(limit, TAKEBACKS_MAX):
            raise IllegalMoveError("no_takebacks_left")
        if self.last_of(takeback.player) != takeback.frame:
            raise IllegalMoveError("nothing_to_take_back")
        return takeback
