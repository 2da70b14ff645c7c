"""The error of this package, and the same code and parameters as a value.

`p2pgame.i18n.replay_errors` has the sentence of every code.
"""

import msgspec

from p2pgame.core.errors import P2PGameError, Param

__all__ = ["Problem", "ReplayError"]


class ReplayError(P2PGameError):
    """A file or a record is invalid.

    The parameter ``cause`` is another code, explained by the same parameters; ``player`` is a player index.
    """

    @property
    def problem(self) -> "Problem":
        """Code and parameters as a value."""
        return Problem(self.code, self.params)


class Problem(msgspec.Struct, frozen=True):
    """A problem of a file."""

    code: str
    params: dict[str, Param] = {}
