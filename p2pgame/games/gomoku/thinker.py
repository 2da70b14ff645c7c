"""The engine in a process of its own, so that neither window nor network waits while it thinks.

A process that crashes or hangs is started anew once; where none can be started, as in a program without a Python beside
it, the engine thinks here, on a thread.
"""

import contextlib
import queue
import sys
import threading
import time
from typing import IO, Final

import msgspec

from p2pgame.core.child import child_argv
from p2pgame.games.gomoku.child import Child
from p2pgame.games.gomoku.engine.request import Answer, Request, answer
from p2pgame.games.gomoku.worker import frame, read_frame

__all__ = ["Thinker"]

_PATIENCE: Final = 60.0
"""Seconds for an answer of the process. The longest thought takes a tenth of it on a slow machine."""
_STARTS_MAX: Final = 2
_LOCK: Final = threading.Lock()
"""The engine of this process serves one thread at a time."""


class Thinker:
    """Answers one request at a time. Any thread may ask."""

    def __init__(self, argv: list[str] | None = None, patience: float = _PATIENCE) -> None:
        """`argv`: the command of the process, which is started when it is first needed; default: this package's."""
        self._argv = argv or child_argv("p2pgame.games.gomoku.worker")
        self._patience = patience
        self._starts = 0
        self._child: Child | None = None
        self._answers: queue.SimpleQueue[Answer | None] = queue.SimpleQueue()
        self._asked: Request | None = None
        self._asked_at = 0.0

    def ask(self, request: Request) -> None:
        """Begin to think; a request that has no answer yet is forgotten."""
        self._asked, self._asked_at = request, time.monotonic()
        self._answers = queue.SimpleQueue()
        if not self._send(request, self._answers):
            threading.Thread(
                target=_think_here, args=(request, self._answers), name="p2pgame-engine", daemon=True
            ).start()

    def answer(self, wait: bool) -> Answer | None:
        """The answer to the newest request. None: there is none yet. `wait`: until there is one.

        Raises `RuntimeError` if it was closed meanwhile.
        """
        request = self._asked
        while request is not None:
            left = max(0.0, self._asked_at + self._patience - time.monotonic())
            try:
                found = self._answers.get(block=wait, timeout=left if wait else None)
            except queue.Empty:
                if not wait and left:
                    return None
                found = None  # it hangs
            if found is not None:
                if found.number == request.number:
                    self._asked = None
                    return found
                continue
            if self._asked is not request:
                break
            self._stop()
            self.ask(request)
        if wait:
            raise RuntimeError("closed")
        return None

    def close(self) -> None:
        """End the process."""
        self._asked = None
        self._stop()

    def __del__(self) -> None:
        self._stop()

    def _send(self, request: Request, answers: "queue.SimpleQueue[Answer | None]") -> bool:
        """Pass the request on to the process, which is started if there is none; False if it cannot be."""
        while (child := self._running()) is not None:
            try:
                child.write(frame(request))
            except OSError:
                self._stop()
                continue
            threading.Thread(
                target=_listen, args=(child.output, answers), name="p2pgame-engine-pipe", daemon=True
            ).start()
            return True
        return False

    def _running(self) -> Child | None:
        if self._child is None or not self._child.running:
            self._stop()
            if self._starts < _STARTS_MAX and not getattr(
                sys, "frozen", False
            ):  # else `executable` is no Python
                self._starts += 1
                with contextlib.suppress(OSError):
                    self._child = Child(self._argv)
        return self._child

    def _stop(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.end()


def _listen(stream: IO[bytes], answers: "queue.SimpleQueue[Answer | None]") -> None:
    """Pass one answer on; None if the process is gone, or says what is none."""
    try:
        data = read_frame(stream)
        answers.put(None if data is None else msgspec.msgpack.decode(data, type=Answer))
    except (OSError, ValueError):  # also what msgspec raises, and for a pipe that was closed meanwhile
        answers.put(None)


def _think_here(request: Request, answers: "queue.SimpleQueue[Answer | None]") -> None:
    with _LOCK:
        found = None
        try:
            found = answer(request, time.monotonic)
        finally:
            answers.put(found)
