"""An outside engine, a program that speaks the protocol of Gomocup, as a player. It is somebody else's program.

One that is slow, silent, ends, says what is no legal move or says too much is named, its process ended, and its game
lost (`ForfeitError`). Nothing that it does takes more of this program than a bounded queue and one thread.
"""

import contextlib
import os
import queue
import shutil
import sys
import threading
import time
from pathlib import Path
from typing import IO, Final, NoReturn

from p2pgame.core import ForfeitError
from p2pgame.games.gomoku.child import Child
from p2pgame.games.gomoku.rules import PASS, Input, Move, State, illegal

__all__ = ["Outside", "is_program"]

_GRACE: Final = 2.0
"""Seconds beyond its time for a move, for pipes and the system."""
_START_SECONDS: Final = 15.0
"""To load itself and say OK."""
_LINE_MAX: Final = 4096
_LINES_MAX: Final = 2_000
"""Lines for one move, besides empty ones; an engine that tells how it thinks says some hundred."""
_MEMORY: Final = 512 << 20
_END: Final = 0.5
"""Seconds to end by itself after END."""
_NAP: Final = 0.1
"""Seconds between two looks at whether anybody still wants a line."""
_RULES: Final = {"freestyle": 0, "standard": 1, "renju": 4, "renju_fouls_refused": 4, "caro": 8}
_NOISE: Final = ("MESSAGE", "DEBUG", "INFO", "UNKNOWN", "SUGGEST")
"""What may be said at any time and means nothing to us."""


def is_program(path: str) -> bool:
    """Whether an engine can be started from there."""
    found = Path(shutil.which(path) or path)
    return found.is_file() and (found.suffix == ".py" or os.access(found, os.X_OK))


class Outside:
    """One engine, for one player. The process is started when it is first needed, and again after it was closed."""

    def __init__(self, path: str, seconds: float) -> None:
        """`seconds`: for each move."""
        self._path = path
        self._seconds = seconds
        self._allowed = seconds
        self._told = 0
        """Milliseconds for a move that the process knows of."""
        self._child: Child | None = None
        self._lines: queue.Queue[str | None] = queue.Queue(_LINES_MAX)
        self._closed = threading.Event()
        """Nobody listens to the process any more."""
        self._size = 0
        self._moves: tuple[int, ...] | None = None
        """What the engine has been told; None: nothing of this match."""
        self._asked: State | None = None
        self._deadline = 0.0
        self._heard = 0

    @property
    def name(self) -> str:
        """The file of the engine."""
        return Path(self._path).name

    def move(self, state: State, wait: bool) -> Input | None:
        """Its move in `state`, in free play and not over; None: it thinks. Raises `ForfeitError`."""
        if self._asked != state:
            self._ask(state)
        answer = self._hear(wait)
        if answer is None:
            return None
        self._asked = None
        move = self._read(answer, state)
        self._moves = (*state.moves, move.point) if isinstance(move, Move) else None
        return move

    def allow(self, seconds: float) -> None:
        """The next move has no more time than that."""
        self._allowed = min(self._seconds, seconds)

    def close(self) -> None:
        """End the process, and all that it started."""
        child, self._child = self._child, None
        self._moves = self._asked = None
        self._closed.set()
        with contextlib.suppress(queue.Full):
            self._lines.put_nowait(None)  # another thread may wait for a move
        if child is not None:
            with contextlib.suppress(OSError):
                child.write(b"END\r\n")
            child.end(_END)

    def __del__(self) -> None:
        self.close()

    # --- what it is told

    def _ask(self, state: State) -> None:
        if self._child is None or self._size != state.size:
            self._start(state)
        self._asked, self._heard = state, 0
        self._deadline = time.monotonic() + self._allowed + _GRACE
        moves = state.moves
        self._tell_time()
        self._say(f"INFO time_left {_NO_LIMIT}")
        if not state.stones:
            if self._moves is not None:
                self._restart()
            self._say("BEGIN")
        elif self._moves is not None and moves[:-1] == self._moves and moves[-1] != PASS:
            self._say(f"TURN {_text(moves[-1], state.size)}")
        else:
            if self._moves is not None:
                self._restart()
            self._say("BOARD")
            me = state.colour
            for number, point in enumerate(moves):
                if point != PASS:
                    self._say(f"{_text(point, state.size)},{1 if number % 2 == me else 2}")
            self._say("DONE")

    def _tell_time(self) -> None:
        milliseconds = round(self._allowed * 1000)
        if self._told != milliseconds:
            self._told = milliseconds
            self._say(f"INFO timeout_turn {milliseconds}")

    def _restart(self) -> None:
        self._say("RESTART")
        self._expect_ok()

    def _start(self, state: State) -> None:
        self.close()
        self._size = state.size
        self._lines = queue.Queue(_LINES_MAX)
        self._closed = threading.Event()
        self._child = self._launched()
        threading.Thread(
            target=_listen,
            args=(self._child.output, self._lines, self._closed),
            name="p2pgame-outside",
            daemon=True,
        ).start()
        self._told = 0
        self._deadline, self._heard = time.monotonic() + _START_SECONDS, 0
        self._say(f"START {state.size}")
        self._expect_ok()
        for key, value in (
            ("timeout_match", 0),
            ("max_memory", _MEMORY),
            ("game_type", 0),
            ("rule", _RULES[state.rule]),
        ):
            self._say(f"INFO {key} {value}")

    def _launched(self) -> Child:
        path = shutil.which(self._path) or self._path
        argv = [sys.executable, path] if path.endswith(".py") else [str(Path(path).absolute())]
        try:
            return Child(argv, Path(path).absolute().parent)
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            raise ForfeitError(
                "the engine {engine} cannot be started: {reason}", engine=self.name, reason=reason
            ) from error

    def _say(self, line: str) -> None:
        try:
            if self._child is not None:
                self._child.write(f"{line}\r\n".encode())
        except OSError:
            self._fail(ForfeitError("the engine {engine} ended", engine=self.name))

    # --- what it says

    def _expect_ok(self) -> None:
        answer = self._hear(wait=True)
        if answer is None or not answer.upper().startswith("OK"):
            self._fail(
                ForfeitError(
                    "the engine {engine} said {said} instead of OK",
                    engine=self.name,
                    said=_shown(answer or ""),
                )
            )

    def _hear(self, wait: bool) -> str | None:
        """Its next line that means something; None if there is none yet."""
        while True:
            left = self._deadline - time.monotonic()
            try:
                line = self._lines.get(block=wait and left > 0, timeout=max(0.0, left))
            except queue.Empty:
                if not wait and left > 0:
                    return None
                self._fail(ForfeitError("the engine {engine} did not answer in time", engine=self.name))
            if line is None:
                self._fail(ForfeitError("the engine {engine} ended", engine=self.name))
            self._heard += 1
            if self._heard > _LINES_MAX:
                self._fail(ForfeitError("the engine {engine} says too much", engine=self.name))
            word = line.split(None, 1)[0].upper()
            if word == "ERROR":
                self._fail(
                    ForfeitError("the engine {engine} said {said}", engine=self.name, said=_shown(line))
                )
            if word not in _NOISE:
                return line

    def _read(self, answer: str, state: State) -> Input:
        x, _, y = answer.partition(",")
        try:
            column, row = int(x), int(y)
        except ValueError:
            self._fail(
                ForfeitError(
                    "the engine {engine} said {said}, which is no move", engine=self.name, said=_shown(answer)
                )
            )
        move = Move(row * state.size + column)
        inside = 0 <= column < state.size and 0 <= row < state.size
        if not inside or illegal(state, move) is not None:
            self._fail(
                ForfeitError(
                    "the engine {engine} said {said}, which is illegal", engine=self.name, said=_shown(answer)
                )
            )
        return move

    def _fail(self, error: ForfeitError) -> NoReturn:
        """End the process and give up."""
        self.close()
        raise error


_NO_LIMIT: Final = (1 << 31) - 1


def _shown(line: str) -> str:
    """What an engine said, as it may be shown."""
    return "".join(c if c.isprintable() else "?" for c in line[:60])


def _text(point: int, size: int) -> str:
    return f"{point % size},{point // size}"


def _listen(stream: IO[bytes], lines: "queue.Queue[str | None]", closed: threading.Event) -> None:
    """Pass lines on until the stream ends. Waits where nobody takes them, so a flood fills a pipe and no memory."""

    def put(line: str | None) -> None:
        while not closed.is_set():
            with contextlib.suppress(queue.Full):
                lines.put(line, timeout=_NAP)
                return

    rest = b""
    with stream, contextlib.suppress(OSError, ValueError):
        while not closed.is_set() and (data := stream.read(_LINE_MAX)):
            *whole, rest = (rest + data).replace(b"\r", b"\n").split(b"\n")
            for line in whole:
                if text := line.decode("utf-8", "replace").strip():
                    put(text)
            rest = rest[:_LINE_MAX]
    put(None)
