from collections.abc import Iterator
from pathlib import Path

import pytest

from p2pgame.cli import streams
from tests.unit.cli.shell import Shell


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


@pytest.fixture(autouse=True)
def written() -> Iterator[None]:
    """What a test wrote on an event loop is written, and no thread waits for more."""
    yield
    streams.finish()
