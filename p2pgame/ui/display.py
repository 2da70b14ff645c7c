"""Checks whether a window can be opened. Imports pygame only when called, and leaves nothing open."""

import os
import sys
from importlib.metadata import PackageNotFoundError, version

from p2pgame.i18n.catalogue import gettext

__all__ = ["available", "conflict", "desktop_size"]


def no_display() -> str:
    return gettext(
        "no display: a window cannot be opened here; try `p2pgame bot`, `p2pgame demo` or `p2pgame peers`"
    )


def conflict() -> str | None:
    """One line with the fix if pygame and pygame-ce are both installed (they break each other), else None."""
    if _installed("pygame") and _installed("pygame-ce"):
        keep = "pygame" if sys.version_info < (3, 14) else "pygame-ce"
        return gettext(
            "pygame and pygame-ce are both installed and break each other; fix: {command}",
            command=f"python -m pip uninstall -y pygame pygame-ce && python -m pip install {keep}",
        )
    return None


def available() -> str | None:
    """None if a window can be opened, else one line that says why not and what works instead."""
    if (problem := conflict()) is not None:
        return problem
    if sys.platform.startswith(("linux", "freebsd", "openbsd")) and "SDL_VIDEODRIVER" not in os.environ:
        if not os.environ.get("DISPLAY") and not os.environ.get("WAYLAND_DISPLAY"):
            return no_display()
        if not os.environ.get("WAYLAND_DISPLAY"):
            os.environ["SDL_VIDEODRIVER"] = "x11"  # trying the others writes warnings to the terminal
    try:
        import pygame
    except ImportError as error:
        return gettext(
            "pygame cannot be loaded ({error}); try `{command}`",
            error=str(error),
            command="python -m pip install --force-reinstall pygame",
        )
    try:
        pygame.display.init()
    except pygame.error:
        return no_display()
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
