"""The process in which the engine thinks: ``python -m p2pgame.games.gomoku.worker``. Started by `thinker`.

Frames come in on stdin and go out on stdout: the length in 4 bytes, big-endian, then a `Request` or an `Answer`.
The process ends when stdin does, so it never outlives the program that started it.
"""

import signal
import sys
import time
from typing import IO, Final

import msgspec

from p2pgame.games.gomoku.engine.request import Answer, Request, answer

__all__ = ["FRAME_MAX", "frame", "main", "read_frame"]

FRAME_MAX: Final = 1 << 16
"""Bytes of a frame; the longest state has 10 kB."""


def read_frame(stream: IO[bytes]) -> bytes | None:
    """The next frame; None at the end, or where it is too long or cut off."""
    head = _read(stream, 4)
    size = int.from_bytes(head, "big")
    if len(head) < 4 or size > FRAME_MAX:
        return None
    data = _read(stream, size)
    return data if len(data) == size else None


def _read(stream: IO[bytes], size: int) -> bytes:
    """So many bytes; fewer at the end. A pipe without a buffer gives what it has."""
    data = b""
    while len(data) < size and (more := stream.read(size - len(data))):
        data += more
    return data


def frame(value: Request | Answer) -> bytes:
    data = msgspec.msgpack.encode(value)
    return len(data).to_bytes(4, "big") + data


def main() -> None:
    """Answer until stdin ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the program that started this one
    requests, answers = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr
    while (data := read_frame(requests)) is not None:
        found = answer(msgspec.msgpack.decode(data, type=Request), time.monotonic)
        answers.write(frame(found))
        answers.flush()


if __name__ == "__main__":
    main()
