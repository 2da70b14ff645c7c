"""A UDP socket in the loop, on loopback: what is looked at, and how often."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Container

import pytest

from p2pgame.discovery.seeds import SocketAddress
from p2pgame.net.udp import ANY_LENGTH, FirstLook, UdpEndpoint

BOUND = 8.0


class Got:
    """A receiver that can be waited on."""

    def __init__(self) -> None:
        self.data: list[bytes] = []
        self._news = asyncio.Event()

    def __call__(self, data: bytes, source: SocketAddress, now: float) -> None:
        self.data.append(data)
        self._news.set()

    async def wait(self, count: int) -> None:
        async with asyncio.timeout(BOUND):
            while len(self.data) < count:
                self._news.clear()
                await self._news.wait()


@contextlib.asynccontextmanager
async def opened(
    got: Got, *beginnings: bytes, lengths: Container[int] = ANY_LENGTH
) -> AsyncIterator[tuple[UdpEndpoint, socket.socket]]:
    """An endpoint, and a socket that sends to it."""
    receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    receiver.setblocking(False)
    receiver.bind(("127.0.0.1", 0))
    first = FirstLook()
    for beginning in beginnings:
        first.listen(beginning, lengths, got)
    endpoint = UdpEndpoint(receiver, first)
    await endpoint.open()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.connect(receiver.getsockname())
        try:
            yield endpoint, sender
        finally:
            endpoint.close()


def test_junk_is_dropped_at_the_first_look() -> None:
    async def scenario() -> None:
        got = Got()
        async with opened(got, b"abc", b"\x80", lengths=range(1, 11)) as (_, sender):
            for data in (b"", b"ab", b"xabc", b"abc-too-long", b"\x81", b"abc1", b"\x80", b"abc4567890"):
                sender.send(data)
            await got.wait(3)
        assert got.data == [b"abc1", b"\x80", b"abc4567890"]

    asyncio.run(scenario())


def test_a_flood_is_read_in_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario() -> None:
        loop, got = asyncio.get_running_loop(), Got()
        looks: list[int] = []
        async with opened(got, b"") as (endpoint, sender):
            drain = endpoint._drain
            monkeypatch.setattr(endpoint, "_drain", lambda *most: looks.append(drain(*most)) or looks[-1])
            began, sent = loop.time(), 200
            for _ in range(sent):
                sender.send(b"x")
                await asyncio.sleep(0.0003)
            await got.wait(sent)
            seconds = loop.time() - began
        assert len(looks) <= seconds / 0.002 + 7
        assert sum(looks) == sent

    asyncio.run(scenario())


def test_what_comes_after_a_flood_is_read_too() -> None:
    async def scenario() -> None:
        got = Got()
        async with opened(got, b"") as (_, sender):
            for number in range(3):
                for _ in range(50):
                    sender.send(b"x")
                await got.wait(50 * (number + 1))
                await asyncio.sleep(0.01)  # the loop looks away, and back once nothing waits
            sender.send(b"last")
            await got.wait(151)
            assert got.data[-1] == b"last"

    asyncio.run(scenario())


def test_it_may_be_closed_by_what_came_in() -> None:
    async def scenario() -> None:
        got = Got()
        async with opened(got, b"") as (endpoint, sender):
            endpoint._look = lambda data, address, now: (got(data, address, now), endpoint.close())[0]
            sender.send(b"1")
            sender.send(b"2")
            await got.wait(1)
            await asyncio.sleep(0.01)
            endpoint.send(b"x", ("127.0.0.1", 9))
            endpoint.close()
        assert got.data == [b"1"]

    asyncio.run(scenario())


def test_where_the_loop_reads_by_itself_the_rest_of_a_batch_is_read_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As on Windows, whose loop knows no readers of ours."""

    async def scenario() -> None:
        loop, got = asyncio.get_running_loop(), Got()

        def unknown(*_: object) -> None:
            raise NotImplementedError

        monkeypatch.setattr(loop, "add_reader", unknown)
        async with opened(got, b"abc") as (endpoint, sender):
            for number in range(20):
                sender.send(b"abc%d" % number)
                sender.send(b"junk")
            await got.wait(20)
            endpoint.send(b"answer", sender.getsockname())
            sender.settimeout(BOUND)
            assert sender.recv(100) == b"answer"
        assert got.data == [b"abc%d" % number for number in range(20)]

    asyncio.run(scenario())
