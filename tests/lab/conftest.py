"""Fixtures of the laboratory."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from itertools import count
from pathlib import Path

import pytest

from tests.lab.display import open_display, require_display
from tests.lab.lan import Lan, require_lab
from tests.lab.peer import Peer
from tests.lab.people import OUTPUT, Person, knows

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
def hall() -> Iterator[Lan]:
    """Eight hosts on a clean wire."""
    require_lab()
    with Lan(8) as made:
        yield made


@pytest.fixture
def start(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Start]:
    """Start programs in the lab of this test; each has a data directory of its own, unless it is given one."""
    larger = [name for name in ("campus", "crowd", "hall", "lan3") if name in request.fixturenames]
    lan: Lan = request.getfixturevalue(*larger or ["lan"])
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


@pytest.fixture
def people(lan: Lan, start: Start, request: pytest.FixtureRequest) -> Iterator[tuple[Person, Person]]:
    """Alice at host 0 and Bob at host 1, both past the question for their name."""
    require_display()
    pictures, number = OUTPUT / request.node.name, count(1)
    with ExitStack() as stack:
        found = []
        for host, name in enumerate(("Alice", "Bob")):
            display = stack.enter_context(open_display("1280x720"))
            peer = start(host, name, "play", "--name", "", **display.env)  # no name yet: a first run
            display.wait_window()
            peer.wait_for("announcing")
            found.append(Person(peer, display, pictures, number))
        alice, bob = found
        for person in found:
            time.sleep(0.5)  # until the first picture is drawn
            person.picture("name")
            person.display.press(*["BackSpace"] * 24)
            person.display.type(person.name)
            person.display.press("Return")
        knows(alice, bob)
        knows(bob, alice)
        yield alice, bob
        for person in found:
            assert "Traceback" not in person.peer.log, person.peer.story()
