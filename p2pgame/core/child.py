"""The command line of a child process that runs this very package."""

import sys
from collections.abc import Sequence
from pathlib import Path

__all__ = ["child_argv"]

_ROOT = str(Path(__file__).resolve().parents[2])
_BOOT = (
    "import sys; sys.path += {paths!r}; import runpy; runpy.run_module({module!r}, None, '__main__', True)"
)


def child_argv(
    module: str, *arguments: str, python: str = sys.executable, paths: Sequence[str] = ()
) -> list[str]:
    """``python -m module arguments``, whatever lies in the current directory (``-P``).

    What is installed in that `python` is found first, then this package and `paths`.
    """
    boot = _BOOT.format(paths=[_ROOT, *paths], module=module)
    return [python, "-P", "-c", boot, *arguments]
