"""What the `p2pgame` command calls first. Imports nothing that its answer does not need."""

import gc
import sys
from typing import NoReturn

from p2pgame import __version__

__all__ = ["entry"]

_YOUNG = 10_000
"""New objects before Python looks for cycles among them. At its own 700 that is a twentieth of a start, which makes few
that go again, and no time that a frame has."""


def entry() -> NoReturn:
    """Run the command line; for `--version` alone, only say it."""
    if sys.argv[1:] == ["--version"] and sys.stdout is not None:
        try:
            sys.stdout.write(f"p2pgame {__version__}\n")
            sys.stdout.flush()
        except OSError:  # said in the way of all commands
            pass
        else:
            raise SystemExit(0)
    gc.set_threshold(_YOUNG)
    from p2pgame.cli.main import entry as run

    run()
