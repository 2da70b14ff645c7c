"""Lines that somebody types, or another program writes, on stdin: read on a thread, given to an event loop."""

import asyncio
import contextlib
import os
import sys
import threading
from codecs import getincrementaldecoder
from collections.abc import Callable
from functools import partial
from typing import Final

__all__ = ["TypedLines"]

_LINE_MAX: Final = 4096
"""Characters: of a longer line the rest is left out."""
_WAITING_MAX: Final = 256


class TypedLines:
    """While 256 lines wait for their reader, no more are read."""

    def __init__(self, read: Callable[[int], bytes | None] | None = None) -> None:
        """`read(size)`: gives b"" at the end. Default: standard input, below what Python buffers of it, since a thread
        that waits there would hold the buffer when the program ends.
        """
        self._loop = asyncio.get_running_loop()
        self._read_some = read or _stdin()
        self._queue: asyncio.Queue[str | None] = asyncio.Queue()
        self._room = threading.Semaphore(_WAITING_MAX)
        threading.Thread(target=self._read, name="stdin", daemon=True).start()

    async def get(self) -> str | None:
        """The next line without its end; None where the input ends, and then no more."""
        line = await self._queue.get()
        self._room.release()
        return line

    def _read(self) -> None:
        decoder = getincrementaldecoder("utf-8")("replace")
        text, data = "", b"\n"
        while data:
            try:
                data = self._read_some(65536) or b""
            except (OSError, ValueError):  # closed
                data = b""
            text += decoder.decode(data, final=not data)
            *whole, text = text.split("\n")
            text = text[:_LINE_MAX]
            for line in whole if data else [*whole, *([text] if text else [])]:
                self._room.acquire()
                self._give(line[:_LINE_MAX].rstrip("\r"))
        self._give(None)

    def _give(self, line: str | None) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: the program ends
            self._loop.call_soon_threadsafe(self._queue.put_nowait, line)


def _stdin() -> Callable[[int], bytes | None]:
    """Of a console of Windows the raw stream gives UTF-8, which the descriptor does not."""
    raw = getattr(getattr(sys.stdin, "buffer", None), "raw", None)
    return partial(os.read, 0) if raw is None else raw.read
