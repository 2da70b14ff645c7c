"""The one error of this floor."""

from p2pgame.core.errors import P2PGameError

__all__ = ["ReplayError"]


class ReplayError(P2PGameError):
    """A file, or a record in it, that cannot be used. Its text is one plain line."""
