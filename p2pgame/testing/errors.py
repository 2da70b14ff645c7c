"""What a game's test can end with, besides success."""

from p2pgame.core.diff import Difference
from p2pgame.core.errors import P2PGameError, Param

__all__ = ["NoInputError", "NotDeterministicError"]


class NotDeterministicError(P2PGameError):
    """The same inputs gave two different states, or something else that differs between machines."""

    def __init__(
        self, code: str, frame: int, difference: Difference | None = None, /, **params: Param
    ) -> None:
        """`difference`: the first field that differs, when known."""
        super().__init__(code, frame=frame, **params)
        self.frame = frame
        self.difference = difference

    def __str__(self) -> str:
        return super().__str__() + ("" if self.difference is None else f": {self.difference}")


class NoInputError(P2PGameError):
    """A player is to move, and no input was found that the rules allow."""
