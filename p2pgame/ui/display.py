"""Whether a window can be had here. Imports pygame only when asked, and opens nothing that stays open."""

import os
import sys
from importlib.metadata import PackageNotFoundError, version

__all__ = ["available", "conflict", "desktop_size"]

NO_DISPLAY = (
    "no display: a window cannot be opened here; try `p2pgame bot`, `p2pgame demo` or `p2pgame peers`"
)


def conflict() -> str | None:
    """One line with the fix if pygame and pygame-ce are both installed (they break each other), else None."""
    if _installed("pygame") and _installed("pygame-ce"):
        keep = "pygame" if sys.version_info < (3, 14) else "pygame-ce"
        return (
            "pygame and pygame-ce are both installed and break each other; fix: "
            f"python -m pip uninstall -y pygame pygame-ce && python -m pip install {keep}"
        )
    return None


def available() -> str | None:
    """None if a window can be opened, else one line that says why not and what works instead."""
    if (problem := conflict()) is not None:
        return problem
    if sys.platform.startswith(("linux", "freebsd", "openbsd")) and "SDL_VIDEODRIVER" not in os.environ:
        if not os.environ.get("DISPLAY") and not os.environ.get("WAYLAND_DISPLAY"):
            return NO_DISPLAY
        if not os.environ.get("WAYLAND_DISPLAY"):
            os.environ["SDL_VIDEODRIVER"] = "x11"  # trying the others writes warnings to the terminal
    try:
        import pygame
    except ImportError as error:
        return f"pygame cannot be loaded ({error}); try `python -m pip install --force-reinstall pygame`"
    try:
        pygame.display.init()
    except pygame.error:
        return NO_DISPLAY
    pygame.display.quit()
    return None


def desktop_size() -> tuple[int, int]:
    """Width and height of the first display in pixels. Call `available` first."""
    import pygame

    pygame.display.init()
    size = pygame.display.get_desktop_sizes()[0]
    pygame.display.quit()
    return size


def _installed(name: str) -> bool:
    try:
        version(name)
    except PackageNotFoundError:
        return False
    return True
