"""docs/replays.md is right: its bounds, vectors, records and words.

The vectors are computed twice: by the program, and here by the text of the page with nothing but `hashlib` and msgpack.
"""

import hashlib
import re
from pathlib import Path
from typing import get_args
from zlib import crc32

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from p2pgame.core.game import EndedBy
from p2pgame.netcode.decisions import DECISIONS_MAX
from p2pgame.replay.codec import FILE_MAX, RECORD_MAX
from p2pgame.replay.reader import FRAMES_MAX, RUNS_MAX, SEALS_MAX, WORK_MAX, WORK_STATE, read
from p2pgame.replay.records import FORMAT, Record
from p2pgame.replay.signing import verify_signature
from p2pgame.wire.bounds import STATE_MAX
from p2pgame.wire.decisions import DECISION_MAX
from tests.unit.replay.documented import vectors

PAGE = (Path(__file__).parents[3] / "docs" / "replays.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    return PAGE.split(f"\n## {title}\n")[1].split("\n## ")[0]


def vector(name: str) -> list[bytes]:
    return [
        bytes.fromhex(line) for line in PAGE.split(f"```vector {name}\n")[1].split("\n```")[0].splitlines()
    ]


def hashed(label: str, *parts: bytes) -> bytes:
    sized = [len(part).to_bytes(4, "big") + part for part in (b"p2pgame." + label.encode(), *parts)]
    return hashlib.sha256(b"".join(sized)).digest()[:16]


def test_the_bounds() -> None:
    told = re.findall(r"\| ([\d,]+) \|", section("Bounds"))
    assert [int(number.replace(",", "")) for number in told] == [
        FILE_MAX,
        RECORD_MAX,
        STATE_MAX,
        DECISION_MAX,
        DECISIONS_MAX,
        SEALS_MAX,
        FRAMES_MAX,
        RUNS_MAX,
        WORK_MAX,
        WORK_STATE,
    ]


@pytest.mark.parametrize("name", vectors())
def test_the_program_gives_the_vectors(name: str) -> None:
    assert [line.hex() for line in vector(name)] == vectors()[name]


def test_the_text_gives_the_chains() -> None:
    first, second = vector("chain")
    assert first == hashed("chain", bytes(16))
    assert second == hashed("link", first, b"\x01" * 16, b"\x01" + bytes.fromhex("81a5706f696e7470"), b"\x00")
    none, both = vector("decisions")
    chain = none
    assert none == hashed("decisions", b"00112233445566aa")
    for entry in vector("entries"):
        chain = hashed("decision", chain, entry)
    assert chain == both


def documents() -> list[dict[str, object]]:
    """The records of the example, by the text of the page."""
    magic, *chunks = vector("file")
    assert magic == b"p2pgame replay\n"
    for chunk in chunks:
        assert int.from_bytes(chunk[:4], "big") == len(chunk) - 8
        assert int.from_bytes(chunk[4:8], "big") == crc32(chunk[8:])
    return [msgspec.msgpack.decode(chunk[8:]) for chunk in chunks]


def test_the_text_gives_the_signed_bytes() -> None:
    header, *_, end, _, _ = documents()
    elements = re.findall(r"^\| `(\w+)` \|", section("Signatures"), re.MULTILINE)
    values = {**header, **end}
    outcome = end["outcome"]
    assert isinstance(outcome, dict)
    values["outcome"] = [outcome["winners"], outcome["reason"], outcome["ended_by"]]
    (signed,) = vector("statement")
    assert signed == b"p2pgame match 2\n" + msgspec.msgpack.encode([values[name] for name in elements])


def test_the_keys_of_the_example_signed_it() -> None:
    *_, first, second = documents()
    (signed,) = vector("statement")
    keys = vector("keys")
    for secret, public, record in zip(keys[::2], keys[1::2], (first, second), strict=True):
        key = Ed25519PrivateKey.from_private_bytes(secret)
        assert key.public_key().public_bytes_raw() == public == record["public_key"]
        assert key.sign(signed) == record["signature"]
        Ed25519PublicKey.from_public_bytes(public).verify(key.sign(signed), signed)


def test_the_file_of_the_example_is_whole() -> None:
    replay = read(b"".join(vector("file")))
    assert replay.damage is None
    assert replay.end is not None
    header, end = replay.header, replay.end
    assert [verify_signature(header, end, found, header.players) for found in replay.signatures] == [True] * 2
    assert replay.decisions.entries == vector("entries")
    assert replay.decisions.chain == replay.end.decisions


def test_every_record_and_field_is_described() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (`.+?) \| ", section("Records"), re.MULTILINE)
    described = {name: re.findall(r"`(\w+)`", fields) for name, fields in rows}
    kinds = {str(kind.__struct_config__.tag): list(kind.__struct_fields__) for kind in get_args(Record)}
    assert described == kinds
    table = section("Records").split("| field | type | |")[1]
    named = {
        name
        for row in re.findall(r"^\| (`.+?) \|", table, re.MULTILINE)
        for name in re.findall(r"`(\w+)`", row)
    }
    assert named == {field for fields in kinds.values() for field in fields}


def test_every_way_to_end_is_described() -> None:
    words = re.findall(r"^\| `(\w+)` \|", section("How a match ends"), re.MULTILINE)
    assert words == ["ended_by", *(ended_by.value for ended_by in EndedBy)]


def test_the_format() -> None:
    assert f"`format` is {FORMAT}." in PAGE
