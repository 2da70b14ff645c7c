"""The standard streams as every command writes them: UTF-8 bytes in any locale, and never a wait on an event loop.

A reader that stops must not stop a peer: what is written on an event loop, and every line for stderr, is written by a
thread, and left out where it does not fit. Off the loop a command waits for the reader of its output, as others do.
"""

import asyncio
import contextlib
import os
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, TextIO, cast

from p2pgame.cli.exits import OutputError
from p2pgame.i18n.catalogue import gettext
from p2pgame.i18n.errors import sentence

__all__ = ["Stream", "complain", "finish", "speak_utf8", "stderr", "stdout"]

_WAITING_MAX = 4 << 20
"""Bytes that wait for a reader."""
_NAP = 0.01
_PATIENCE = 1.0
"""Seconds for the reader to take what is left at the end."""


class Stream:
    """Writes to one standard stream. Any thread may write; the order of the lines is kept."""

    def __init__(self, text: TextIO | None, may_wait: Callable[[], bool]) -> None:
        """`text`: ``sys.stdout`` or ``sys.stderr``; None, as where it is closed: nothing is written.

        `may_wait()`: whether the caller of `write` may wait for the reader.
        """
        self.text = text
        self.may_wait = may_wait
        self.failure: OSError | None = None
        """Why nothing can be written any more."""
        self.on_failure: Callable[[], None] = lambda: None
        """Called once, on any thread, when nothing can be written any more."""
        self._waiting: deque[bytes] = deque()
        self._size = 0
        self._dropping = False
        self._change = threading.Condition()
        self._writer: threading.Thread | None = None

    def write(self, text: str) -> None:
        """Write `text`; what UTF-8 does not have is escaped. Raises `OutputError` if the caller may wait."""
        self.write_bytes(text.encode("utf-8", "backslashreplace"))

    def write_bytes(self, data: bytes) -> None:
        """Raises `OutputError` if the caller may wait."""
        if not self.may_wait():
            self._enqueue(data)
            return
        self._drain(None)
        if self.failure is None:
            self._write(data)
        if self.failure is not None:
            raise OutputError(self.failure)

    def flush(self) -> None:
        """Nothing to do: nothing is buffered. For `logging`."""

    def finish(self) -> None:
        """Give the reader a moment for what still waits, and end the thread."""
        self._drain(_PATIENCE)
        with self._change:
            writer, self._writer = self._writer, None
            self._change.notify_all()
        if writer is not None:
            writer.join(0 if self._size else _PATIENCE)

    def _enqueue(self, data: bytes) -> None:
        with self._change:
            full = self._size + len(data) > _WAITING_MAX
            begins, self._dropping = full and not self._dropping, full
            if not full and self.failure is None:
                self._waiting.append(data)
                self._size += len(data)
                self._change.notify_all()
                if self._writer is None:
                    self._writer = threading.Thread(target=self._run, name="p2pgame-output", daemon=True)
                    try:
                        self._writer.start()
                    except RuntimeError:  # there is no memory for it
                        self._writer = None
                        self._write(self._waiting.pop())
                        self._size -= len(data)
        if begins and self is not stderr():
            complain(gettext("nobody reads the output: some of it is left out"))

    def _drain(self, timeout: float | None) -> None:
        with self._change:
            self._change.wait_for(lambda: not self._size or self.failure is not None, timeout)

    def _run(self) -> None:
        me = threading.current_thread()
        while self.failure is None:
            with self._change:
                self._change.wait_for(lambda: self._waiting or self._writer is not me)
                if not self._waiting:
                    return
                data = self._waiting.popleft()
            self._write(data)
            with self._change:
                self._size -= len(data)
                self._change.notify_all()

    def _write(self, data: bytes) -> None:
        """Past the buffer of `text`: its lock would be held for as long as the reader stops, at the exit too."""
        stream = _raw(self.text)
        if stream is None:
            return
        left = memoryview(data)
        try:
            while left:
                written = stream.write(left)
                left = left[written or 0 :]
                if not written:  # a pipe that another program made non-blocking, and that is full
                    time.sleep(_NAP)
            stream.flush()
        except (OSError, ValueError) as error:  # ValueError: it was closed
            self._fail(error if isinstance(error, OSError) else BrokenPipeError())

    def _fail(self, error: OSError) -> None:
        with self._change:
            self.failure = error
            self._change.notify_all()
        if self is not stderr() and not isinstance(error, BrokenPipeError):  # as `head` ends what it reads
            complain(sentence(OutputError(error)))
        self.on_failure()


_streams: dict[str, Stream] = {}
_owned: list[TextIO] = []


@contextlib.contextmanager
def own_stdout() -> Iterator[None]:
    """Inside, stdout is ours alone: what a game prints goes to stderr, and not between two objects of JSON."""
    _owned.append(sys.stdout)
    sys.stdout = cast("TextIO", stderr())  # all that `print` calls is `write` and `flush`
    try:
        yield
    finally:
        sys.stdout = _owned.pop()


def stdout() -> Stream:
    """Of this process."""
    return _stream("stdout", _off_event_loop)


def stderr() -> Stream:
    """Of this process. What cannot be written to it is lost: there is nobody to tell."""
    return _stream("stderr", lambda: False)


def speak_utf8() -> None:
    """What others write to the standard streams, `argparse` above all, is UTF-8 as well."""
    for text in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError, OSError, ValueError):  # closed, or not a file
            text.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]


def finish() -> bool:
    """At the end: what waits is written, and nothing is left that the interpreter could fail to write.

    Returns False if what others wrote, as `argparse` its help, could not be written.
    """
    written = True
    for text in (sys.stdout, sys.stderr):
        try:
            if text is not None:
                text.flush()
        except (OSError, ValueError) as error:
            with contextlib.suppress(OSError, ValueError), Path(os.devnull).open("wb") as silence:
                os.dup2(silence.fileno(), text.fileno())
            if isinstance(error, OSError) and not isinstance(error, BrokenPipeError) and text is sys.stdout:
                complain(sentence(OutputError(error)))
                written = False
    for stream in list(_streams.values()):
        stream.finish()
    return written


def _stream(name: str, may_wait: Callable[[], bool]) -> Stream:
    text = _owned[-1] if name == "stdout" and _owned else getattr(sys, name)
    stream = _streams.get(name)
    if stream is None or stream.text is not text:
        stream = _streams[name] = Stream(text, may_wait)
    return stream


def _raw(text: TextIO | None) -> IO[bytes] | None:
    """The unbuffered file under `text`; the bytes of one in memory, as tests have."""
    buffer = getattr(text, "buffer", None)
    return getattr(buffer, "raw", buffer)


def complain(text: str) -> None:
    """One line on stderr."""
    stderr().write(f"p2pgame: {text}\n")


def _off_event_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return True
    return False
