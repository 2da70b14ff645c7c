"""Bytes from strangers: whatever they are and however they are cut, only documented errors, and one end."""

import contextlib
import itertools

from hypothesis import given
from hypothesis import strategies as st

from p2pgame.core.errors import RemoteProtocolError
from p2pgame.session.link import Link, LinkClosed, LinkEvent, LinkOpened
from p2pgame.wire.framing import FrameBuffer, frame
from p2pgame.wire.messages import decode_message, encode_message
from p2pgame.wire.prologue import HEADER_SIZE, certificate_length
from tests.unit.wire.samples import HELLO, SAMPLES

PAYLOADS = [encode_message(sample) for sample in SAMPLES]


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A real message with a few bytes turned, cut out or put in."""
    data = bytearray(draw(st.sampled_from(PAYLOADS)))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(data)))
        match draw(st.integers(0, 2)):
            case 0 if at < len(data):
                data[at] = draw(st.integers(0, 255))
            case 1:
                del data[at : at + draw(st.integers(1, 8))]
            case _:
                data[at:at] = draw(st.binary(max_size=8))
    return bytes(data)


payloads = st.one_of(st.sampled_from(PAYLOADS), mutated(), st.binary(max_size=80))
streams = st.lists(st.one_of(payloads.map(frame), st.binary(max_size=40)), max_size=8).map(b"".join)
cuts = st.lists(st.integers(0, 400), max_size=8)


def pieces(data: bytes, cuts: list[int]) -> list[bytes]:
    marks = sorted({min(cut, len(data)) for cut in cuts} | {0, len(data)})
    return [data[a:b] for a, b in itertools.pairwise(marks)]


@given(payloads)
def test_a_payload_is_a_message_or_a_bad_one(payload: bytes) -> None:
    with contextlib.suppress(RemoteProtocolError):
        message = decode_message(payload)
        assert decode_message(encode_message(message)) == message


@given(st.binary(min_size=HEADER_SIZE, max_size=HEADER_SIZE))
def test_a_prologue_header_is_a_length_or_an_error(header: bytes) -> None:
    with contextlib.suppress(RemoteProtocolError):
        assert 1 <= certificate_length(header) <= 4096


@given(streams, cuts)
def test_how_a_stream_is_cut_does_not_matter_to_its_frames(stream: bytes, cuts: list[int]) -> None:
    def read(chunks: list[bytes]) -> tuple[list[bytes], str]:
        buffer, found = FrameBuffer(), list[bytes]()
        try:
            for chunk in chunks:
                buffer.feed(chunk)
                frames = buffer.frames()
                while (payload := next(frames, None)) is not None:
                    found.append(payload)  # what came before an error counts
        except RemoteProtocolError as error:
            return found, error.code
        return found, ""

    assert read(pieces(stream, cuts)) == read([stream])


def listen(chunks: list[bytes]) -> tuple[list[LinkEvent], bytes]:
    link = Link(HELLO, 0.0)
    events: list[LinkEvent] = []
    for chunk in [*chunks, b""]:
        events += link.receive_data(chunk, 1.0)
    assert link.closed
    assert link.next_deadline() is None
    assert link.handle_timeout(99.0) == []
    assert link.receive_data(b"more", 99.0) == []
    return events, link.data_to_send()


@given(streams, cuts, st.booleans())
def test_a_link_ends_once_and_says_the_same_however_its_bytes_are_cut(
    stream: bytes, cuts: list[int], greeted: bool
) -> None:
    if greeted:
        stream = frame(encode_message(HELLO)) + stream
    events, said = listen([piece for piece in pieces(stream, cuts) if piece])
    assert [type(event) for event in events].count(LinkClosed) == 1
    assert isinstance(events[-1], LinkClosed)
    assert all(not isinstance(event, LinkOpened) for event in events[1:])
    assert (events, said) == listen([stream] if stream else [])
