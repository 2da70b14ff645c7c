"""The engine talks with a manager of Gomoku engines over two streams (`engine.gomocup` has the protocol).

Lines are read on a thread of their own, so that END and the end of the input stop a search.
"""

import queue
import threading
import time
from collections.abc import Callable
from typing import Final

from p2pgame.games.gomoku.engine.gomocup import Brain

__all__ = ["converse"]

_LINE_MAX: Final = 4096
_WAITING_MAX: Final = 1000
"""Lines that wait while the engine thinks; whoever sends more waits for it."""


def converse(read: Callable[[int], bytes], write: Callable[[str], None], version: str) -> None:
    """Answer a manager until it says END or closes its end.

    `read(limit)`: the next line, or as much of it; empty at the end. `write`: one line with its end, passed on at once.
    """
    lines: queue.Queue[str | None] = queue.Queue(_WAITING_MAX)
    ended = threading.Event()

    def listen() -> None:
        cut = False
        while data := read(_LINE_MAX):
            begins, cut = not cut, not data.endswith((b"\n", b"\r"))
            if not begins:  # the rest of a line that is too long
                continue
            line = data.decode("ascii", "replace").strip()
            if line.upper() == "END":
                break
            lines.put(line)
        ended.set()
        lines.put(None)

    def clock() -> float:
        return float("inf") if ended.is_set() else time.monotonic()

    brain = Brain(clock, version)
    threading.Thread(target=listen, name="p2pgame-gomocup", daemon=True).start()
    while (line := lines.get()) is not None:
        for answer in brain.receive(line):
            write(f"{answer}\n")
