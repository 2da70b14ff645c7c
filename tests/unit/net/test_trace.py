"""The trace file: whole lines, bounded, and never in the way."""

import errno
from pathlib import Path
from typing import Any

import msgspec
import pytest

from p2pgame.core.errors import P2PGameError
from p2pgame.net.trace import TraceFile
from p2pgame.session import events as e
from p2pgame.wire import messages as m
from tests.unit.session.sides import BEN
from tests.unit.wire.samples import MATCH, SAMPLES


def lines(path: Path) -> list[dict[str, Any]]:
    return [msgspec.json.decode(line) for line in path.read_bytes().splitlines()]


def test_each_line_is_on_the_disk_at_once(tmp_path: Path) -> None:
    path = tmp_path / "trace.jsonl"
    path.write_text("of a run before\n")
    trace = TraceFile(path)
    assert lines(path) == []
    trace.link(1, BEN, "open", {})
    trace.message(1, BEN, True, m.DialMe(match=MATCH))
    trace.event(e.ErrorEvent(code="silent", params={"seconds": 5}))
    assert [line["trace"] for line in lines(path)] == ["state", "message", "state"]
    assert all(line["t"] > 1.6e9 for line in lines(path))
    trace.close()
    trace.message(1, BEN, True, m.DialMe(match=MATCH))
    trace.close()
    assert len(lines(path)) == 3


def test_a_decision_has_a_line_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "trace.jsonl"
    trace = TraceFile(path)
    for sample in SAMPLES:
        trace.message(1, BEN, False, sample)
    found = [line for line in lines(path) if line["trace"] == "decision"]
    assert [line["what"]["kind"] for line in found] == ["ended"]
    assert len(lines(path)) == len(SAMPLES) + 1


def test_it_ends_within_its_bound_and_says_so(tmp_path: Path) -> None:
    path = tmp_path / "trace.jsonl"
    trace = TraceFile(path, limit=2000)
    for _ in range(100):
        trace.message(1, BEN, True, m.DialMe(match=MATCH))
    assert path.stat().st_size < 2000 + 100
    assert (lines(path)[-1]["trace"], lines(path)[-1]["reason"]) == ("end", "full")


def test_a_disk_that_fails_ends_the_trace_and_nothing_else(tmp_path: Path) -> None:
    class Full:
        closed = 0

        def write(self, data: bytes) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

        def close(self) -> None:
            self.closed += 1
            raise OSError(errno.EIO, "no more")

    trace = TraceFile(tmp_path / "trace.jsonl")
    full: Any = Full()
    trace._file = full
    trace.event(e.ErrorEvent(code="x"))
    trace.event(e.ErrorEvent(code="x"))
    trace.close()
    assert full.closed == 1


def test_a_file_that_cannot_be_opened_is_an_error_with_a_code(tmp_path: Path) -> None:
    with pytest.raises(P2PGameError) as error:
        TraceFile(tmp_path / "missing" / "trace.jsonl")
    assert error.value.code == "trace_not_opened"
    assert error.value.params["path"] == str(tmp_path / "missing" / "trace.jsonl")
