"""Checks whether a window can be opened. Imports pygame only when called."""

import ctypes
import os
import shlex
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from p2pgame.i18n.catalogue import gettext

__all__ = ["available", "conflict", "desktop_size", "when_lost"]

_FORKS = ("pygame", "pygame-ce")
_SCREENLESS = ("offscreen", "dummy", "evdev")
"""Drivers of SDL that open windows nobody sees. SDL takes one by itself where it finds no screen."""


def no_display() -> str:
    return gettext(
        "no display: a window cannot be opened here; try `p2pgame bot`, `p2pgame demo` or `p2pgame peers`"
    )


def conflict() -> str | None:
    """One line with the fix if pygame and pygame-ce are both installed (they break each other), else None."""
    if all(map(_installed, _FORKS)):
        return gettext(
            "pygame and pygame-ce are both installed and break each other; fix: {command}",
            command=f"{_pip('uninstall', '-y', *_FORKS)} && {_pip('install', _fork())}",
        )
    return None


@contextmanager
def _without(module: str) -> Iterator[None]:
    """Importing `module` fails meanwhile, unless it is loaded already."""
    if module in sys.modules:
        yield
        return
    sys.modules[module] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        del sys.modules[module]


def available(*, stay: bool = False) -> str | None:
    """None if a window can be opened, else one line that says why not and what works instead.

    `stay`: leave the display open for the window that follows, as opening it twice takes twice as long.
    """
    if (problem := conflict()) is not None:
        return problem
    asked = os.environ.get("SDL_VIDEODRIVER")
    if not asked:
        os.environ.pop("SDL_VIDEODRIVER", None)  # SDL takes an empty one for the name of a driver
        if sys.platform.startswith(("linux", "freebsd", "openbsd")) and not _wayland():
            if not os.environ.get("DISPLAY"):
                return no_display()
            os.environ["SDL_VIDEODRIVER"] = "x11"  # trying the others writes warnings to the terminal
    try:
        with _without(
            "pkg_resources"
        ):  # pygame would load it for its own data, which takes as long as all the rest
            import pygame.display
            import pygame.freetype
    except (ImportError, AttributeError, OSError) as error:
        # Taking one of two forks away takes files of the other with it: what is left can be imported, and is empty.
        return gettext(
            "pygame cannot be loaded ({error}); try `{command}`",
            error=str(error),
            command=_pip("install", "--force-reinstall", _fork()),
        )
    try:
        pygame.display.init()
    except pygame.error:
        return no_display()
    seen = bool(asked) or pygame.display.get_driver() not in _SCREENLESS
    if not (seen and stay):
        pygame.display.quit()
    return None if seen else no_display()


def when_lost(goodbye: Callable[[], None]) -> None:
    """Call `goodbye` when the X server goes away, as at a logout; then the process ends with exit code 1.

    Xlib ends the process there and then, inside SDL and past every ``finally``. Does nothing without X11.
    """
    if not sys.platform.startswith(("linux", "freebsd", "openbsd")):
        return

    def handle(_: object) -> int:
        try:
            goodbye()
        finally:
            os._exit(1)

    try:
        xlib = ctypes.CDLL("libX11.so.6")  # the one that SDL loads
    except OSError:
        return
    handler = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p)(handle)
    xlib.XSetIOErrorHandler.restype = ctypes.c_void_p
    xlib.XSetIOErrorHandler(handler)
    _handlers.append(handler)


_handlers: list[object] = []
"""What C code may call must not be collected."""


def desktop_size() -> tuple[int, int]:
    """Width and height of the first display in pixels. Call `available` first."""
    import pygame

    pygame.display.init()
    size = pygame.display.get_desktop_sizes()[0]
    pygame.display.quit()
    return size


def _wayland() -> bool:
    """There is a socket where ``WAYLAND_DISPLAY`` says; the variable may be left over from another session."""
    name = os.environ.get("WAYLAND_DISPLAY")
    directory = os.environ.get("XDG_RUNTIME_DIR")
    if not name or not (directory or name.startswith("/")):
        return False
    try:
        return stat.S_ISSOCK(Path(directory or "/", name).stat().st_mode)
    except OSError:
        return False


def _fork() -> str:
    """The fork of pygame to have: the only one that is installed, or the one that this Python has wheels of."""
    there = [name for name in _FORKS if _installed(name)]
    return there[0] if len(there) == 1 else _FORKS[sys.version_info >= (3, 14)]


def _pip(*arguments: str) -> str:
    """A line for the terminal that runs pip in this interpreter: another one has other packages."""
    argv = [sys.executable or "python", "-m", "pip", *arguments]
    return subprocess.list2cmdline(argv) if sys.platform == "win32" else shlex.join(argv)


def _installed(name: str) -> bool:
    try:
        version(name)
    except PackageNotFoundError:
        return False
    return True
