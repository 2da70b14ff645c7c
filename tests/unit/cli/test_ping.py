"""Which address `p2pgame ping` measures: one that answers, and it says what is wrong with the others."""

import asyncio
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from p2pgame.cli import ping
from p2pgame.cli.main import main
from p2pgame.net.unicast import UnicastPort


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


def test_an_address_that_answers_is_measured_and_the_dead_one_is_named(
    answering: int, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def resolve(_: object) -> tuple[list[str], int]:
        return ["127.0.0.2", "127.0.0.1"], answering  # nobody listens at the first

    monkeypatch.setattr(ping, "_resolve", resolve)
    where = ("--interface", "127.0.0.1", "--data-dir", str(tmp_path))
    assert main(["ping", "--json", "--count", "1", "Ann", *where]) == 0
    dead, *others = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert (dead["event"], dead["address"], dead["code"]) == ("address", "127.0.0.2", "tcp_refused")
    assert f"TCP port {answering} of 127.0.0.2 is closed" in dead["message"]
    stats = {event["transport"]: event["received"] for event in others if event["event"] == "ping_stats"}
    assert stats == {"udp": 1, "tcp": 1}
