"""The files under docs/ that have vectors, as they have to be."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from p2pgame.replay.records import FORMAT
from p2pgame.wire.bounds import PROTOCOL
from tests.unit.replay import documented
from tests.vectors import discovery, games, match, session, trace
from tests.vectors.vector import Output, Vector, filled

__all__ = ["DOCS", "all_vectors", "expected", "outputs"]

DOCS = Path(__file__).parents[2] / "docs"


@cache
def all_vectors() -> dict[str, Vector]:
    """Of docs/protocol.md, in its order."""
    parts = [module.vectors() for module in (discovery, session, match, games)]
    found = {name: vector for part in parts for name, vector in part.items()}
    if len(found) != sum(map(len, parts)):
        raise ValueError("two vectors have the same name")
    return found


def outputs() -> dict[str, Output]:
    """What the blocks of docs/protocol.md show."""
    return {
        **{name: vector.output for name, vector in all_vectors().items()},
        "trace": trace.shown(trace.recorded()),
    }


def expected() -> dict[str, str]:
    """File name to content."""
    page = (DOCS / "protocol.md").read_text("utf-8")
    return {
        "protocol.md": filled(page, outputs()),
        "trace.jsonl": "".join(_line(entry) + "\n" for entry in trace.recorded()),
        "vectors.json": _vectors_json(),
    }


def _vectors_json() -> str:
    """One vector a line, so that a change of one changes one line."""
    protocol = [
        f"    {json.dumps(name)}: {_line({'in': vector.inputs, 'out': vector.output})}"
        for name, vector in all_vectors().items()
    ]
    replays = [f"    {json.dumps(name)}: {_line({'out': out})}" for name, out in documented.vectors().items()]
    return (
        f'{{\n  "protocol": {PROTOCOL},\n  "format": {FORMAT},\n'
        '  "vectors": {\n' + ",\n".join(protocol) + "\n  },\n"
        '  "replays": {\n' + ",\n".join(replays) + "\n  }\n}\n"
    )


def _line(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(", ", ": "))
