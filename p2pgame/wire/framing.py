"""Frames on a byte stream: u32 big-endian length, then so many bytes. Knows nothing of what is in them."""

from collections.abc import Iterator

from p2pgame.core.errors import RemoteProtocolError
from p2pgame.wire.bounds import FRAME_MAX

__all__ = ["FrameBuffer", "frame"]

_HEADER = 4


def frame(payload: bytes) -> bytes:
    """`payload` with its length in front. Raises `ValueError` above `FRAME_MAX`."""
    if len(payload) > FRAME_MAX:
        raise ValueError(f"a frame of {len(payload)} bytes is over {FRAME_MAX}")
    return len(payload).to_bytes(_HEADER, "big") + payload


class FrameBuffer:
    """Cuts a stream into frames. Holds at most one unfinished frame and what came with it."""

    def __init__(self) -> None:
        self._data = bytearray()

    def feed(self, data: bytes) -> None:
        """Take the next bytes of the stream, cut anyhow."""
        self._data += data

    @property
    def ready(self) -> bool:
        """Whether `frames` gives one, or raises."""
        if len(self._data) < _HEADER:
            return False
        length = int.from_bytes(self._data[:_HEADER], "big")
        return length > FRAME_MAX or len(self._data) >= _HEADER + length

    def frames(self) -> Iterator[bytes]:
        """The complete frames, oldest first. Raises `RemoteProtocolError("frame_too_large")` after the good ones."""
        while len(self._data) >= _HEADER:
            length = int.from_bytes(self._data[:_HEADER], "big")
            if length > FRAME_MAX:
                raise RemoteProtocolError("frame_too_large", length=length)
            end = _HEADER + length
            if len(self._data) < end:
                return
            payload = bytes(self._data[_HEADER:end])
            del self._data[:end]  # from the front: a bytearray does it without moving the rest
            yield payload
