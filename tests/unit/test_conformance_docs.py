"""docs/conformance.md: every row has an id of its own and something that decides it, and every vector is in a row."""

import json
import re
from collections import Counter
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in (DOCS / "conformance.md").read_text("utf-8").splitlines()
    if re.match(r"\| [A-Z]", line)
]
VECTORS = json.loads((DOCS / "vectors.json").read_text("utf-8"))["vectors"]


def test_every_id_is_there_once() -> None:
    assert len(ROWS) > 50
    assert {id_: n for id_, n in Counter(cells[0] for cells in ROWS).items() if n > 1} == {}
    assert [cells[0] for cells in ROWS if not re.fullmatch(r"[A-Z]+-\d+", cells[0])] == []


@pytest.mark.parametrize("cells", ROWS, ids=lambda cells: cells[0])
def test_a_row_is_decided_by_a_vector_or_a_section(cells: list[str]) -> None:
    named = re.findall(r"`([a-z0-9-]+)`", cells[2])
    sections = re.findall(r"\]\(protocol\.md#[\w-]+\)", cells[2])
    assert named or sections
    assert [name for name in named if name not in VECTORS and name != "trace"] == []


def test_every_vector_is_in_a_row() -> None:
    named = {name for cells in ROWS for name in re.findall(r"`([a-z0-9-]+)`", cells[2])}
    assert set(VECTORS) - named == set()
