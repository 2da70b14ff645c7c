"""Chunks: what goes in comes out, and what is no chunk is refused in one line."""

import pytest

from p2pgame.core.snapshot import encode
from p2pgame.replay.codec import FILE_MAX, MAGIC, RECORD_MAX, decode_header, decode_records, encode_record
from p2pgame.replay.errors import ReplayError
from p2pgame.replay.records import (
    FORMAT,
    Decided,
    Desync,
    End,
    Inputs,
    Note,
    Outcome,
    Record,
    Repaired,
    Signature,
    Snapshot,
    Undecided,
)
from p2pgame.wire.bounds import STATE_MAX
from p2pgame.wire.decisions import DECISION_MAX
from tests.unit.replay.made import chunk, file_of, header_of
from tests.unit.testing.games import Nim

HEADER = header_of(Nim(), seed=(1 << 64) - 1)
RECORDS: list[Record] = [
    HEADER,
    Inputs(
        first=0, runs=((2, (b"\x01", None)), (1, (None, b"\x02"))), hashes=b"abcdefghijkl", chain=bytes(16)
    ),
    Snapshot(frame=3, state=b"\x80"),
    Repaired(frame=3, state=b"\x80", chain=bytes(16), reason="desync"),
    Undecided(entries=2),
    Note(frame=3, at=1.5, what="connection"),
    Decided(entry=b"\x94\x01\x01\x03\x82"),
    Desync(
        frame=3,
        ours=b"\x80",
        theirs=b"\x90",
        versions=("1", "2"),
        platforms=("a", "b"),
        reproduced=(True, False),
    ),
    End(frame=3, hash=bytes(16), chain=bytes(16), decisions=bytes(16), outcome=Outcome((0,), "last stick")),
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
    "payload",
    [
        b"",
        b"\xc1",
        b"\x91" * 100_000,
        b"\xa2\xff\xff",
        encode(3),
        encode({"type": 3}),
        encode({"frame": 3}),
        encode({"type": "note", "frame": -1, "what": "x"}),
        encode({"type": "note", "frame": 1, "what": "x", "at": float("nan")}),
        encode({"type": "note", "frame": 1, "what": "x", "at": float("inf")}),
        encode({"type": "note", "frame": 1, "what": "x" * 201}),
        encode(RECORDS[2]) + b"\0",
        encode({"type": "note", "frame": 1, "what": "in words"}),
        encode({"type": "decided", "entry": b""}),
        encode({"type": "decided", "entry": bytes(DECISION_MAX + 1)}),
    ],
)
def test_a_malformed_record_is_refused(payload: bytes) -> None:
    with pytest.raises(ReplayError) as refused:
        all_of(file_of(RECORDS[:1]) + chunk(payload))
    assert refused.value.code == "malformed_record"
    assert str(refused.value.params["reason"]).isprintable()
    with pytest.raises(ReplayError) as refused:
        decode_header(MAGIC + chunk(payload))
    assert (refused.value.code, refused.value.params["cause"]) == ("no_header", "malformed_record")


@pytest.mark.parametrize("at", range(8 + 5))
def test_a_spoiled_chunk_is_refused(at: int) -> None:
    data = bytearray(file_of(RECORDS[:1]) + encode_record(RECORDS[4]))
    data[len(file_of(RECORDS[:1])) + at] ^= 0x40
    with pytest.raises(ReplayError, match=r"^(wrong_checksum|record_too_large|record_cut)"):
        all_of(bytes(data))


def test_a_length_without_end_costs_nothing() -> None:
    with pytest.raises(ReplayError, match="record_too_large: size=4294967295"):
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
    with pytest.raises(ReplayError, match="not_a_replay"):
        decode_header(data)


@pytest.mark.parametrize(("number", "cause"), [(FORMAT - 1, "older_format"), (FORMAT + 1, "newer_format")])
def test_another_format_is_refused_with_its_number(number: int, cause: str) -> None:
    other = encode({"type": "header", "format": number, "all": "else is different"})
    with pytest.raises(ReplayError) as refused:
        decode_header(MAGIC + chunk(other))
    assert refused.value.code == "other_format"
    assert refused.value.params == {"cause": cause, "format": number, "supported": 2}


def test_another_record_is_no_header() -> None:
    with pytest.raises(ReplayError, match="no_header"):
        decode_header(file_of(RECORDS[1:]))


def test_a_file_that_is_too_large_is_not_read() -> None:
    with pytest.raises(ReplayError, match="file_too_large"):
        decode_header(file_of(RECORDS) + bytes(FILE_MAX))
