"""The command line: the composition root. Every command is a module with ``add_arguments`` and ``run``."""

import os

os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")  # also where a game loads pygame before `p2pgame.ui`
