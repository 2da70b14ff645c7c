"""A stream cut into frames: the same however it is cut, and never more kept than one frame."""

from p2pgame.core.errors import RemoteProtocolError
from p2pgame.wire.bounds import FRAME_MAX
from p2pgame.wire.framing import FrameBuffer, frame
from tests.fuzz.mutate import bent

mutate = bent


def samples() -> list[bytes]:
    return [
        b"\7" + frame(b"one") + frame(b"") + frame(b"three" * 20),
        b"\1\0\1\0\1",
        b"\xff" + frame(bytes(2000)),
    ]


def read(data: bytes, size: int) -> tuple[list[bytes], str]:
    buffer, found = FrameBuffer(), list[bytes]()
    try:
        for at in range(0, len(data), size):
            buffer.feed(data[at : at + size])
            for payload in buffer.frames():
                assert len(payload) <= FRAME_MAX
                found.append(payload)
            assert len(buffer._data) < FRAME_MAX + 4 + size
    except RemoteProtocolError as error:
        assert error.code == "frame_too_large"  # noqa: PT017
        return found, error.code
    return found, ""


def fuzz_one(data: bytes) -> None:
    if data:
        stream = data[1:4096]
        assert read(stream, data[0] + 1) == read(stream, len(stream) or 1)
