"""Fixtures of the laboratory."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.lab.lan import Lan, require_lab
from tests.lab.peer import Peer

Start = Callable[..., Peer]
"""start(host, name, command, *options, data_dir=None, under=(), **environment) -> Peer"""


@pytest.fixture
def lan() -> Iterator[Lan]:
    """Two hosts on a clean wire."""
    require_lab()
    with Lan(2) as made:
        yield made


@pytest.fixture
def lan3() -> Iterator[Lan]:
    """Three hosts on a clean wire."""
    require_lab()
    with Lan(3) as made:
        yield made


@pytest.fixture
def start(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Start]:
    """Start programs in the lab of this test; each has a data directory of its own, unless it is given one."""
    lan: Lan = request.getfixturevalue("lan3" if "lan3" in request.fixturenames else "lan")
    with ExitStack() as stack:

        def start_one(
            host: int,
            name: str,
            command: str,
            *options: str,
            data_dir: Path | None = None,
            under: Sequence[str] = (),
            **env: str,
        ) -> Peer:
            data_dir = data_dir or tmp_path / f"data{len(list(tmp_path.iterdir()))}"
            peer = Peer(lan, host, name, data_dir, command, *options, under=under, **env)
            stack.callback(peer.close)
            return peer

        yield start_one
