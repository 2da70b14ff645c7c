"""A screen without a monitor (Xvfb), with keys to press and pictures to take. Reachable from every namespace.

One display for each window: without a window manager there is nobody else to say which of two has the focus.
Knows nothing of the program in it.
"""

import ctypes
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

__all__ = ["Display", "open_display", "require_display"]

TOOLS = ("Xvfb", "xdotool", "import")


def require_display(*tools: str) -> None:
    """Skip the running test where a window cannot be opened or one of `tools` is missing; on a CI machine, fail it."""
    missing = [tool for tool in (*TOOLS, *tools) if shutil.which(tool) is None]
    if missing and os.environ.get("CI"):
        pytest.fail(f"window tests need {', '.join(missing)}, and on CI they must run")
    if missing:
        pytest.skip(f"window tests need {', '.join(missing)}")


class Display:
    """A running X server with at most one window."""

    def __init__(self, number: str) -> None:
        self.name = f":{number}"
        self.env = {"DISPLAY": self.name, "SDL_VIDEODRIVER": "x11", "SDL_AUDIODRIVER": "dummy"}

    def _call(self, *command: str) -> str:
        done = subprocess.run(
            command, env=os.environ | self.env, capture_output=True, text=True, timeout=20, check=False
        )
        if done.returncode:
            raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip()}")
        return done.stdout

    def wait_window(self, timeout: float = 10.0) -> str:
        """The id of the window, once it shows, with the focus on it."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            done = subprocess.run(
                ["xdotool", "search", "--onlyvisible", "--class", "."],
                env=os.environ | self.env, capture_output=True, text=True, check=False,
            )  # fmt: skip
            if windows := done.stdout.split():
                self._call("xdotool", "windowfocus", "--sync", windows[-1])
                return windows[-1]
            time.sleep(0.05)
        raise AssertionError(f"no window on {self.name} within {timeout} s")

    def press(self, *keys: str) -> None:
        """Press keys one after the other, by their X names: ``Tab``, ``Return``, ``a``."""
        self._call("xdotool", "key", "--delay", "25", *keys)

    def type(self, text: str) -> None:
        self._call("xdotool", "type", "--delay", "25", text)

    def click(self, x: int, y: int) -> None:
        self._call("xdotool", "mousemove", str(x), str(y), "click", "1")

    def close_window(self) -> None:
        """Press the close button, which a window manager would draw: tell the window WM_DELETE_WINDOW."""
        window = int(self.wait_window())
        xlib = ctypes.CDLL("libX11.so.6")
        xlib.XOpenDisplay.restype = ctypes.c_void_p
        xlib.XInternAtom.restype = ctypes.c_ulong
        server = ctypes.c_void_p(xlib.XOpenDisplay(self.name.encode()))
        protocols, delete = (
            xlib.XInternAtom(server, name, 0) for name in (b"WM_PROTOCOLS", b"WM_DELETE_WINDOW")
        )
        # type ClientMessage, serial, send_event, display, window, message_type, format, data
        event = (ctypes.c_long * 24)(33, 0, 1, 0, window, protocols, 32, delete, 0)
        xlib.XSendEvent(server, ctypes.c_ulong(window), 0, ctypes.c_long(0), event)
        xlib.XCloseDisplay(server)

    def screenshot(self, path: Path) -> Path:
        """The whole screen as a PNG file."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._call("import", "-window", "root", str(path))
        return path


@contextmanager
def open_display(size: str = "1280x800") -> Iterator[Display]:
    """An X server of its own for the time of the block."""
    read_end, write_end = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write_end), "-screen", "0", f"{size}x24", "-nolisten", "tcp", "-noreset"],
        pass_fds=(write_end,),
        stderr=subprocess.DEVNULL,
    )
    os.close(write_end)
    try:
        with os.fdopen(read_end) as numbers:
            number = numbers.readline().strip()
        if not number:
            raise RuntimeError("Xvfb did not start")
        yield Display(number)
    finally:
        server.terminate()
        server.wait()
