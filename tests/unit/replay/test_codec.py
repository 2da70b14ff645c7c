"""Chunks: what goes in comes out, and what is no chunk is refused in one line."""

import pytest

from p2pgame.core.snapshot import encode
from p2pgame.replay.codec import FILE_MAX, MAGIC, RECORD_MAX, decode_header, decode_records, encode_record
from p2pgame.replay.errors import ReplayError
from p2pgame.replay.records import (
    FORMAT,
    Desync,
    End,
    Inputs,
    Mended,
    Note,
    Outcome,
    Record,
    Signature,
    Snapshot,
)
from p2pgame.wire.bounds import STATE_MAX
from tests.unit.replay.made import chunk, file_of, header_of
from tests.unit.testing.games import Nim

HEADER = header_of(Nim(), seed=(1 << 64) - 1)
RECORDS: list[Record] = [
    HEADER,
    Inputs(
        first=0, runs=((2, (b"\x01", None)), (1, (None, b"\x02"))), hashes=b"abcdefghijkl", chain=bytes(16)
    ),
    Snapshot(frame=3, state=b"\x80"),
    Mended(frame=3, state=b"\x80", chain=bytes(16), reason="desync"),
    Note(frame=3, at=1.5, what="paused"),
    Desync(
        frame=3,
        ours=b"\x80",
        theirs=b"\x90",
        versions=("1", "2"),
        platforms=("a", "b"),
        reproduced=(True, False),
    ),
    End(frame=3, hash=bytes(16), chain=bytes(16), outcome=Outcome((0,), "last stick")),
    Signature(player=0, public_key=bytes(32), signature=bytes(64)),
]


def all_of(data: bytes | memoryview) -> list[Record | None]:
    header, at = decode_header(data)
    return [header, *(record for record, _ in decode_records(data, at))]


def test_every_record_comes_out_as_it_went_in() -> None:
    assert all_of(file_of(RECORDS)) == RECORDS
    assert all_of(memoryview(file_of(RECORDS))) == RECORDS


def test_the_positions_are_those_of_the_chunks() -> None:
    data = file_of(RECORDS)
    header, at = decode_header(data)
    ends = [at, *(end for _, end in decode_records(data, at))]
    sizes = [len(encode_record(record)) for record in RECORDS]
    assert ends == [len(MAGIC) + sum(sizes[: count + 1]) for count in range(len(RECORDS))]
    assert header == HEADER


def test_the_bytes_of_a_chunk() -> None:
    payload = encode(Note(frame=1, what="x"))
    assert encode_record(Note(frame=1, what="x")) == chunk(payload)
    assert encode_record(Note(frame=1, what="x"))[8:9] == b"\x84", "a map of four fields"


def test_a_type_from_the_future_is_passed_over() -> None:
    data = (
        file_of(RECORDS[:1]) + chunk(encode({"type": "applause", "loud": [1, 2]})) + encode_record(RECORDS[4])
    )
    assert all_of(data) == [HEADER, None, RECORDS[4]]


def test_a_field_from_the_future_is_passed_over() -> None:
    data = file_of(RECORDS[:1]) + chunk(encode({"type": "note", "frame": 1, "what": "x", "why": {}}))
    assert all_of(data) == [HEADER, Note(frame=1, what="x")]


@pytest.mark.parametrize(
    ("payload", "words"),
    [
        (b"", "malformed"),
        (b"\xc1", "malformed"),
        (b"\x91" * 100_000, "malformed"),
        (b"\xa2\xff\xff", "malformed"),
        (encode(3), "malformed"),
        (encode({"type": 3}), "malformed"),
        (encode({"frame": 3}), "malformed"),
        (encode({"type": "note", "frame": -1, "what": "x"}), "malformed"),
        (encode({"type": "note", "frame": 1, "what": "x", "at": float("nan")}), "malformed"),
        (encode({"type": "note", "frame": 1, "what": "x", "at": float("inf")}), "malformed"),
        (encode({"type": "note", "frame": 1, "what": "x" * 201}), "malformed"),
        (encode(RECORDS[2]) + b"\0", "malformed"),
    ],
)
def test_a_malformed_record_is_refused(payload: bytes, words: str) -> None:
    with pytest.raises(ReplayError, match=words) as refused:
        all_of(file_of(RECORDS[:1]) + chunk(payload))
    assert "\n" not in str(refused.value)
    with pytest.raises(ReplayError, match="no readable header"):
        decode_header(MAGIC + chunk(payload))


@pytest.mark.parametrize("at", range(8 + 5))
def test_a_spoiled_chunk_is_refused(at: int) -> None:
    data = bytearray(file_of(RECORDS[:1]) + encode_record(RECORDS[4]))
    data[len(file_of(RECORDS[:1])) + at] ^= 0x40
    with pytest.raises(ReplayError, match=r"checksum|claims|cut"):
        all_of(bytes(data))


def test_a_length_without_end_costs_nothing() -> None:
    with pytest.raises(ReplayError, match="claims to have 4294967295 bytes"):
        all_of(file_of(RECORDS[:1]) + b"\xff" * 8)


def test_the_largest_record_passes_and_one_byte_more_does_not() -> None:
    two = Desync(
        frame=0,
        ours=bytes(STATE_MAX),
        theirs=bytes(STATE_MAX),
        versions=("1" * 32, "2" * 32),
        platforms=("\u4e2d" * 200, "\u4e2d" * 200),
        reproduced=(True, True),
    )
    assert all_of(file_of([HEADER, two])) == [HEADER, two]
    with pytest.raises(ValueError, match="at most"):
        encode_record(Inputs(first=0, runs=(), hashes=bytes(RECORD_MAX), chain=bytes(16)))


@pytest.mark.parametrize("data", [b"", b"p2pgame", b"P" + MAGIC, b"\0" * 100, MAGIC[:-1]])
def test_what_is_no_replay_is_called_so(data: bytes) -> None:
    with pytest.raises(ReplayError, match="not a replay of p2pgame"):
        decode_header(data)


def test_a_newer_format_asks_for_an_update() -> None:
    newer = encode({"type": "header", "format": FORMAT + 1, "all": "else is different"})
    with pytest.raises(ReplayError, match="a newer p2pgame wrote this file: update"):
        decode_header(MAGIC + chunk(newer))


def test_another_record_is_no_header() -> None:
    with pytest.raises(ReplayError, match="no readable header"):
        decode_header(file_of(RECORDS[1:]))


def test_a_file_that_is_too_large_is_not_read() -> None:
    with pytest.raises(ReplayError, match="too large"):
        decode_header(file_of(RECORDS) + bytes(FILE_MAX))
