"""Exit codes of every command: a contract with scripts."""

from enum import IntEnum

from p2pgame.core.errors import P2PGameError

__all__ = ["Exit", "UsageError"]


class UsageError(P2PGameError):
    """The command line asks for something that does not exist. Ends with `Exit.USAGE`."""


class Exit(IntEnum):
    DONE = 0
    FAILED = 1
    USAGE = 2
    NO_SUCH_PEER = 3
    DESYNC = 4
    CONNECTION_LOST = 5
    REFUSED = 6
    BAD_FILE = 7
    INTERRUPTED = 130
