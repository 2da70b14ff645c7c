"""The error of this package, and the same facts as data: a code and parameters.

`p2pgame.i18n.replay_errors` has the sentence of every code.
"""

import msgspec

from p2pgame.core.errors import P2PGameError, Param

__all__ = ["Problem", "ReplayError"]


class ReplayError(P2PGameError):
    """A file, or a record in it, that cannot be used.

    The parameter ``cause`` is another code, explained by the same parameters; ``player`` is a player index.
    """

    @property
    def problem(self) -> "Problem":
        """The same facts as data."""
        return Problem(self.code, self.params)


class Problem(msgspec.Struct, frozen=True):
    """Something that is wrong with a file."""

    code: str
    params: dict[str, Param] = {}
