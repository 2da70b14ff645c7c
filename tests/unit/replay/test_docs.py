"""docs/replays.md tells the truth: its bounds, its vectors, its records."""

import re
from pathlib import Path
from typing import get_args

from p2pgame.core.snapshot import encode
from p2pgame.replay.chain import first_link, link
from p2pgame.replay.codec import FILE_MAX, RECORD_MAX, encode_record
from p2pgame.replay.reader import FRAMES_MAX, RUNS_MAX
from p2pgame.replay.records import FORMAT, Note, Record
from p2pgame.wire.bounds import STATE_MAX

PAGE = (Path(__file__).parents[3] / "docs" / "replays.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    return PAGE.split(f"\n## {title}\n")[1].split("\n## ")[0]


def vector(name: str) -> list[str]:
    return PAGE.split(f"```vector {name}\n")[1].split("\n```")[0].splitlines()


def test_the_bounds() -> None:
    told = re.findall(r"\| ([\d,]+) \|", section("Bounds"))
    assert [int(number.replace(",", "")) for number in told] == [
        FILE_MAX,
        RECORD_MAX,
        STATE_MAX,
        FRAMES_MAX,
        RUNS_MAX,
    ]


def test_the_vectors() -> None:
    assert vector("note") == [encode_record(Note(frame=3, what="paused")).hex()]
    first = first_link(bytes(16))
    assert vector("chain") == [first.hex(), link(first, (encode(1), None), b"\x01" * 16).hex()]


def test_every_record_and_field_is_described() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (.+?) \| ", section("Records"), re.MULTILINE)
    described = {name: re.findall(r"`(\w+)`", re.sub(r"\(.*?\)", "", fields)) for name, fields in rows}
    kinds = {str(kind.__struct_config__.tag): kind.__struct_fields__ for kind in get_args(Record)}
    assert described == {name: list(fields) for name, fields in kinds.items()}


def test_the_format() -> None:
    assert f"`format` is {FORMAT}." in PAGE
