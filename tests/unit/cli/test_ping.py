"""Which address `p2pgame ping` measures: one that answers, not the one that was heard first."""

import asyncio
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from p2pgame.cli.main import main
from p2pgame.cli.ping import _choose
from p2pgame.discovery.seeds import SocketAddress
from p2pgame.net.unicast import UnicastPort


def test_an_address_that_answers_is_chosen_though_it_came_to_be_known_later() -> None:
    async def scenario() -> None:
        ours, theirs, silent = UnicastPort(), UnicastPort(), UnicastPort()
        for port in (ours, theirs, silent):
            await port.open(0, "127.0.0.1")
        silent.close()
        first: list[SocketAddress] = [("127.0.0.1", silent.number)]
        known = [first, [*first, ("127.0.0.1", theirs.number)]]
        try:
            chosen = await _choose(ours, lambda: known.pop(0) if len(known) > 1 else known[0])
            assert chosen == ("127.0.0.1", theirs.number)
        finally:
            ours.close()
            theirs.close()

    asyncio.run(scenario())


def test_nothing_known_is_nothing_chosen() -> None:
    assert asyncio.run(_choose(UnicastPort(), list)) is None


@pytest.fixture
def answering() -> Iterator[int]:
    """The number of a unicast port that another thread serves."""
    port, loop, ended = UnicastPort(), asyncio.new_event_loop(), asyncio.Event()
    ready = threading.Event()

    async def serve() -> None:
        await port.open(0, "127.0.0.1")
        ready.set()
        await ended.wait()
        port.close()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    assert ready.wait(8)
    yield port.number
    loop.call_soon_threadsafe(ended.set)
    thread.join()
    loop.close()


def test_an_address_is_pinged_by_udp_and_tcp(
    answering: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    where = ("--interface", "127.0.0.1", "--data-dir", str(tmp_path))
    assert main(["ping", "--json", "--count", "1", f"127.0.0.1:{answering}", *where]) == 0
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    stats = {event["transport"]: event["received"] for event in events if event["event"] == "ping_stats"}
    assert stats == {"udp": 1, "tcp": 1}
