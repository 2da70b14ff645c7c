"""The corpus: for each target a text file of inputs in hex, one a line. ``python -m tests.fuzz.corpus`` writes them.

What the targets' own samples give comes first; lines that were added by hand, such as inputs that once found a fault,
stay. Knows no engine.
"""

import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType

__all__ = ["TARGETS", "load", "target"]

_DIRECTORY = Path(__file__).with_name("corpus")
TARGETS = {
    "beacon": 20_000,
    "bundle": 10_000,
    "chat": 2_000,
    "datagram": 8_000,
    "decision": 20_000,
    "discovery": 2_000,
    "frames": 20_000,
    "link": 6_000,
    "message": 20_000,
    "names": 10_000,
    "packet": 20_000,
    "prologue": 20_000,
    "records": 1_500,
    "replay": 3_000,
    "settings": 1_000,
    "txt": 20_000,
}
"""Name to how many inputs the test gives it: dear ones get fewer."""


def target(name: str) -> ModuleType:
    """The module of a target: `fuzz_one(data)`, `samples()`, `mutate(data, chance)`."""
    return import_module(f"tests.fuzz.targets.{name}")


def load(name: str) -> list[bytes]:
    """The corpus of a target, with what its samples are today."""
    path = _path(name)
    kept = [bytes.fromhex(line) for line in path.read_text().splitlines()] if path.exists() else []
    return list(dict.fromkeys([*target(name).samples(), *kept]))


def _path(name: str) -> Path:
    return _DIRECTORY / f"{name}.hex"


def main() -> int:
    for name in TARGETS:
        samples = load(name)
        _path(name).write_text("".join(f"{sample.hex()}\n" for sample in samples))
        print(f"{name}: {len(samples)} inputs, {sum(map(len, samples))} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
