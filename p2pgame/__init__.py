"""p2pgame: play together on a LAN, and the small platform to write such games on.

Game authors need `p2pgame.core` (rules) and `p2pgame.ui` (drawing); everything else works for them.
"""

from importlib.metadata import PackageNotFoundError, version

__all__ = ["__version__"]

try:
    __version__ = version("p2pgame")
except PackageNotFoundError:  # run from a source tree that is not installed
    __version__ = "0.0.0"
