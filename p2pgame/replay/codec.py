"""Encodes and decodes the records in the file of a match.

The file is `MAGIC`, then one chunk a record: u32 length, u32 CRC-32 of the payload (both big-endian), payload; the
payload is the msgpack of one record. The file is append-only, so a crash leaves complete chunks and at most one partial
chunk. Does not check the order of records (`replay.reader` does).
"""

from collections.abc import Iterator
from typing import Final, TypeVar, get_args
from zlib import crc32

import msgspec

from p2pgame.core.snapshot import encode
from p2pgame.replay.errors import ReplayError
from p2pgame.replay.records import FORMAT, Header, Record
from p2pgame.wire.bounds import STATE_MAX, TEXT_MAX
from p2pgame.wire.names import safe_text

__all__ = ["FILE_MAX", "MAGIC", "RECORD_MAX", "decode_header", "decode_records", "encode_record"]

MAGIC: Final = b"p2pgame replay\n"
RECORD_MAX: Final = 2 * STATE_MAX + 64 * 1024
"""Bytes of one record: a `Desync` holds two states."""
FILE_MAX: Final = 64 * 1024 * 1024
"""Bytes of a file that is read."""

_HEAD: Final = 8
"""Bytes before the payload of a chunk."""
_TAGS: Final = frozenset(str(kind.__struct_config__.tag) for kind in get_args(Record))


class _Kind(msgspec.Struct):
    """The common field of all records, including those of later versions."""

    type: str


class _Format(msgspec.Struct, tag_field="type", tag="header"):
    """The common fields of all headers, including those of other formats."""

    format: int


T = TypeVar("T")
_RECORD: Final[msgspec.msgpack.Decoder[Record]] = msgspec.msgpack.Decoder(Record)
_HEADER: Final = msgspec.msgpack.Decoder(Header)
_ANY_KIND: Final = msgspec.msgpack.Decoder(_Kind)
_ANY_FORMAT: Final = msgspec.msgpack.Decoder(_Format)


def encode_record(record: Record) -> bytes:
    """The chunk of `record`. Raises `ValueError` if it is larger than `RECORD_MAX`."""
    payload = encode(record)
    if len(payload) > RECORD_MAX:
        raise ValueError(f"a record of {len(payload)} bytes; at most {RECORD_MAX} are read again")
    return b"".join((len(payload).to_bytes(4, "big"), crc32(payload).to_bytes(4, "big"), payload))


def decode_header(data: bytes | memoryview) -> tuple[Header, int]:
    """The header of the file `data`, and where the chunk after it begins.

    Raises `ReplayError`: ``not_a_replay``, ``file_too_large``, ``other_format`` or ``no_header``.
    """
    if bytes(data[: len(MAGIC)]) != MAGIC:
        raise ReplayError("not_a_replay")
    if len(data) > FILE_MAX:
        raise ReplayError("file_too_large", size=len(data), limit=FILE_MAX)
    try:
        payload, end = _payload(data, len(MAGIC))
        found = _decoded(_ANY_FORMAT, payload).format
        header = _decoded(_HEADER, payload) if found == FORMAT else None
    except ReplayError as error:
        raise ReplayError("no_header", cause=error.code, **error.params) from None
    if header is None:
        cause = "newer_format" if found > FORMAT else "older_format"
        raise ReplayError("other_format", cause=cause, format=found, supported=FORMAT)
    return header, end


def decode_records(data: bytes | memoryview, at: int) -> Iterator[tuple[Record | None, int]]:
    """The records of the chunks from `at` on, each with the position after it; None for an unknown type.

    Raises `ReplayError` at the first incomplete chunk.
    """
    while at < len(data):
        payload, at = _payload(data, at)
        yield _record(payload), at


def _payload(data: bytes | memoryview, at: int) -> tuple[bytes, int]:
    """The payload of the chunk at `at`, and the position after it. Raises `ReplayError`."""
    begin = at + _HEAD
    if begin > len(data):
        raise ReplayError("record_cut")
    size = int.from_bytes(data[at : at + 4], "big")
    if size > RECORD_MAX:
        raise ReplayError("record_too_large", size=size)
    end = begin + size
    if end > len(data):
        raise ReplayError("record_cut")
    payload = bytes(data[begin:end])
    if crc32(payload).to_bytes(4, "big") != data[at + 4 : begin]:
        raise ReplayError("wrong_checksum")
    return payload, end


def _record(payload: bytes) -> Record | None:
    """Raises `ReplayError`."""
    try:
        return _decoded(_RECORD, payload)
    except ReplayError:
        if _decoded(_ANY_KIND, payload).type in _TAGS:
            raise
    return None


def _decoded(decoder: "msgspec.msgpack.Decoder[T]", payload: bytes) -> T:
    """Raises `ReplayError("malformed_record")`, nothing else."""
    try:
        return decoder.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ReplayError("malformed_record", reason=safe_text(str(error), TEXT_MAX)) from None
