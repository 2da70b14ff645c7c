"""A child process that is spoken to through two pipes, and ended together with all that it started."""

import contextlib
import os
import signal
import subprocess
from pathlib import Path
from typing import IO, Final

__all__ = ["Child"]

_END: Final = 1.0
"""Seconds for a process to end."""


class Child:
    """A running process."""

    def __init__(self, argv: list[str], folder: Path | None = None) -> None:
        """`folder`: its current directory. Raises `OSError` or `ValueError` if it cannot be started."""
        self._process = subprocess.Popen(  # noqa: S603  (our own package, or what the player chose)
            argv,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            cwd=folder,
            start_new_session=os.name == "posix",
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        self.pid = self._process.pid

    @property
    def output(self) -> IO[bytes]:
        """What it writes."""
        stream = self._process.stdout
        if stream is None:
            raise OSError
        return stream

    @property
    def running(self) -> bool:
        return self._process.poll() is None

    def write(self, data: bytes) -> None:
        """Raises `OSError` if it does not read any more."""
        stream = self._process.stdin
        left = memoryview(data)
        while stream is not None and left:
            left = left[stream.write(left) or 0 :]

    def end(self, patience: float = 0.0) -> None:
        """Close its input, give it `patience` seconds to end by itself, then kill it and what it started."""
        process = self._process
        with contextlib.suppress(OSError, subprocess.TimeoutExpired):
            if process.stdin is not None:
                process.stdin.close()
            if patience:
                process.wait(patience)
        if os.name == "posix":
            with contextlib.suppress(OSError):
                os.killpg(process.pid, signal.SIGKILL)
        with contextlib.suppress(OSError):
            process.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_END)
