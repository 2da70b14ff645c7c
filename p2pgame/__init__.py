"""p2pgame: play together on a LAN, and the small platform to write such games on.

Game authors need `p2pgame.core` (rules) and `p2pgame.ui` (drawing); everything else works for them.
"""

__all__ = ["__version__"]

__version__ = "0.1.0"
"""As in ``pyproject.toml``; written out here, since to read what is installed takes longer than all else at a start."""
