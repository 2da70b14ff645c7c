"""What a game's test can end with, besides success."""

from p2pgame.core.diff import Difference
from p2pgame.core.errors import P2PGameError

__all__ = ["NoInputError", "NotDeterministicError"]


class NotDeterministicError(P2PGameError):
    """The same inputs gave two different states. `difference` is the first field that differs, when known."""

    def __init__(self, frame: int, what: str, difference: Difference | None = None) -> None:
        detail = "" if difference is None else f": {difference}"
        super().__init__(f"frame {frame}: {what}{detail}")
        self.frame = frame
        self.what = what
        self.difference = difference


class NoInputError(P2PGameError):
    """A player is to move, and no input was found that the rules allow."""
