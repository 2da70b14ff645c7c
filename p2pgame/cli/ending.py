"""How a command ends that is not allowed to finish: by a signal, or by a fault of ours.

Neither ends a match: every ``finally`` runs to its end, so a node says goodbye, and what it played can be resumed.
"""

import contextlib
import os
import signal
import sys
import tempfile
import threading
import traceback
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from p2pgame.cli import streams
from p2pgame.cli.exits import Exit
from p2pgame.i18n.catalogue import gettext

__all__ = ["crashed", "end_on_signals", "ending_signals", "exit_code_of"]

_NAMES = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")
"""Ctrl-C; a shutdown or logout; a closed terminal; Windows: a closed console."""


def ending_signals() -> Sequence[signal.Signals]:
    """Those that this system has, without those that our parent wants ignored, as ``nohup`` does."""
    found = (getattr(signal, name) for name in _NAMES if hasattr(signal, name))
    return [signum for signum in found if signal.getsignal(signum) is not signal.SIG_IGN]


def exit_code_of(signum: int) -> int:
    """The exit code of a command that a signal ended."""
    return Exit.INTERRUPTED if signum == signal.SIGINT else 128 + signum


def end_on_signals() -> None:
    """From now on the first such signal is an exception in the main thread; later ones do not disturb the goodbye."""
    signals = ending_signals()

    def end(signum: int, frame: FrameType | None) -> None:
        del frame
        for each in signals:
            signal.signal(each, signal.SIG_IGN)
        if signum == signal.SIGINT:
            raise KeyboardInterrupt
        raise SystemExit(exit_code_of(signum))

    for signum in signals:
        signal.signal(signum, end)
    threading.excepthook = lambda args: _keep(args.exc_value)


def crashed(error: Exception) -> Exit:
    """Say in one line that there is a fault in this program, and where a developer finds more."""
    _keep(error)
    return Exit.FAILED


def _keep(error: BaseException | None) -> None:
    if error is None or isinstance(error, SystemExit):
        return
    report = "".join(traceback.format_exception(error))
    path: str | None = None
    with contextlib.suppress(OSError):
        descriptor, path = tempfile.mkstemp(prefix="p2pgame-fault-", suffix=".txt")
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(f"p2pgame on Python {sys.version}, {sys.platform}\n{report}")
    what = f"{type(error).__name__}: {error}"
    if path is None:
        streams.complain(gettext("a fault in p2pgame: {what}", what=what))
    else:
        streams.complain(
            gettext("a fault in p2pgame: {what} (details: {path})", what=what, path=str(Path(path)))
        )
