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

_Heard = Answer | Exception | None


class Thinker:
    """Answers one request at a time. Any thread may ask."""

    def __init__(self, argv: list[str] | None = None, patience: float = _PATIENCE) -> None:
        """`argv`: the command of the process, which is started when it is first needed; default: this package's."""
        self._argv = argv or child_argv("p2pgame.games.gomoku.worker")
        self._patience = patience
        self._starts = 0
        self._child: Child | None = None
        self._answers: queue.SimpleQueue[_Heard] = queue.SimpleQueue()
        """Of the process that runs, or of the thread that thinks in its place."""
        self._asked: Request | None = None
        self._asked_at = 0.0

    def ask(self, request: Request) -> None:
        """Begin to think; a request that has no answer yet is forgotten."""
        self._asked, self._asked_at = request, time.monotonic()
        while (child := self._running()) is not None:
            try:
                child.write(frame(request))
            except OSError:
                self._stop()
            else:
                return
        self._answers = queue.SimpleQueue()
        threading.Thread(
            target=_think_here, args=(request, self._answers), name="p2pgame-engine", daemon=True
        ).start()

    def answer(self, wait: bool) -> Answer | None:
        """The answer to the newest request. None: there is none yet. `wait`: until there is one.

        Raises what the engine raised, if it failed here, too, and `RuntimeError` if it was closed meanwhile.
        """
        request = self._asked
        while request is not None:
            left = max(0.0, self._asked_at + self._patience - time.monotonic())
            found: _Heard = None
            try:
                found = self._answers.get(block=wait, timeout=left if wait else None)
            except queue.Empty:
                if not wait and left:
                    return None
            if isinstance(found, Exception):
                self._asked = None
                raise found
            if self._asked is not request:
                break
            if found is None:  # the process is gone, or hangs
                self._stop()
                self.ask(request)
            elif found.number == request.number:
                self._asked = None
                return found
        if wait:
            raise RuntimeError("closed")
        return None

    def close(self) -> None:
        """End the process."""
        self._asked = None
        self._stop()

    def __del__(self) -> None:
        self._stop()

    def _running(self) -> Child | None:
        """The process, started if there is none; None if it cannot be."""
        if self._child is None or not self._child.running:
            self._stop()
            if self._starts < _STARTS_MAX and not getattr(
                sys, "frozen", False
            ):  # else `executable` is no Python
                self._starts += 1
                with contextlib.suppress(OSError):
                    self._child = Child(self._argv)
                    self._answers = queue.SimpleQueue()
                    threading.Thread(
                        target=_listen,
                        args=(self._child.output, self._answers),
                        name="p2pgame-engine-pipe",
                        daemon=True,
                    ).start()
        return self._child

    def _stop(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.end()


def _listen(stream: IO[bytes], answers: "queue.SimpleQueue[_Heard]") -> None:
    """Pass answers on; at last None, when the process is gone, or says what is no answer."""
    with stream, contextlib.suppress(OSError, ValueError):  # also what msgspec raises
        while (data := read_frame(stream)) is not None:
            answers.put(msgspec.msgpack.decode(data, type=Answer))
    answers.put(None)


def _think_here(request: Request, answers: "queue.SimpleQueue[_Heard]") -> None:
    with _LOCK:
        try:
            answers.put(answer(request, time.monotonic))
        except Exception as error:  # a fault of ours, told to who asked
            answers.put(error)
