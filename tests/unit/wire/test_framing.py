"""Frames come out of a byte stream whole, however it was cut."""

import pytest

from p2pgame.core.errors import RemoteProtocolError
from p2pgame.wire.bounds import FRAME_MAX
from p2pgame.wire.framing import FrameBuffer, frame

PAYLOADS = [b"one", b"", b"three" * 70, b"\0\0\0\1"]
STREAM = b"".join(map(frame, PAYLOADS))


def cut(buffer: FrameBuffer, *pieces: bytes) -> list[bytes]:
    found: list[bytes] = []
    for piece in pieces:
        buffer.feed(piece)
        found += buffer.frames()
    return found


@pytest.mark.parametrize("at", range(len(STREAM) + 1))
def test_a_stream_may_be_split_anywhere(at: int) -> None:
    assert cut(FrameBuffer(), STREAM[:at], STREAM[at:]) == PAYLOADS


def test_a_stream_may_come_byte_by_byte() -> None:
    assert cut(FrameBuffer(), *(STREAM[i : i + 1] for i in range(len(STREAM)))) == PAYLOADS


def test_the_length_is_four_bytes_big_endian() -> None:
    assert frame(b"ab" * 200) == b"\x00\x00\x01\x90" + b"ab" * 200


def test_the_largest_frame_passes_and_one_byte_more_does_not() -> None:
    largest = bytes(FRAME_MAX)
    assert cut(FrameBuffer(), frame(largest)) == [largest]
    with pytest.raises(ValueError, match="over"):
        frame(largest + b"x")
    with pytest.raises(RemoteProtocolError) as refused:
        cut(FrameBuffer(), (FRAME_MAX + 1).to_bytes(4, "big"))
    assert refused.value.code == "frame_too_large"


def test_good_frames_before_an_oversized_one_are_not_lost() -> None:
    buffer = FrameBuffer()
    buffer.feed(frame(b"good") + b"\xff\xff\xff\xff")
    frames = buffer.frames()
    assert next(frames) == b"good"
    with pytest.raises(RemoteProtocolError, match="frame_too_large"):
        next(frames)


def test_an_unfinished_frame_gives_nothing() -> None:
    assert cut(FrameBuffer(), frame(b"abc")[:-1]) == []
