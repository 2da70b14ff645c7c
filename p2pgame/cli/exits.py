"""Exit codes of every command: a contract with scripts."""

from enum import IntEnum

from p2pgame.core.errors import P2PGameError
from p2pgame.storage.files import system_reason

__all__ = ["Exit", "OutputError", "UsageError"]


class UsageError(P2PGameError):
    """The command line asks for something that does not exist. Ends with `Exit.USAGE`."""


class OutputError(P2PGameError):
    """Nothing more can be written to stdout, and stderr was told why."""

    def __init__(self, failure: OSError) -> None:
        super().__init__("output_failed", reason=system_reason(failure))
        self.exit = Exit.DONE if isinstance(failure, BrokenPipeError) else Exit.FAILED
        """A reader that closes the pipe, as `head` does, has all it wants."""


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
