"""The unicast port on real sockets, on loopback: whom each datagram reaches, and pings."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator

import pytest

from p2pgame.discovery.seeds import SocketAddress
from p2pgame.net.udp import ANY_LENGTH
from p2pgame.net.unicast import UnicastPort
from p2pgame.wire.beacon import Ping, encode_ping

BOUND = 8.0
PING = encode_ping(Ping(b"n" * 8, b"i" * 8))


@contextlib.asynccontextmanager
async def opened(host: str = "127.0.0.1") -> AsyncIterator[UnicastPort]:
    port = UnicastPort()
    await port.open(0, host)
    try:
        yield port
    finally:
        port.close()


def at(port: UnicastPort) -> SocketAddress:
    return ("127.0.0.1", port.number)


def test_each_datagram_reaches_the_part_that_it_is_for() -> None:
    async def scenario() -> None:
        async with opened() as sender, opened() as receiver:
            got: dict[str, tuple[bytes, SocketAddress]] = {}
            last = asyncio.Event()

            def on_match(data: bytes, source: SocketAddress, now: float) -> None:
                del now
                got["match"] = data, source
                last.set()

            receiver.listen(
                PING[:6], ANY_LENGTH, lambda data, source, _: got.update(discovery=(data, source))
            )
            receiver.listen(b"\x80", ANY_LENGTH, on_match)
            for data in (b"junk", PING, b"\x80match"):
                sender.send(data, at(receiver))
            await asyncio.wait_for(last.wait(), BOUND)
            assert got == {"discovery": (PING, at(sender)), "match": (b"\x80match", at(sender))}

    asyncio.run(scenario())


def test_the_number_is_that_of_udp_and_tcp() -> None:
    async def scenario() -> None:
        async with opened() as port:
            assert port.listener is not None
            assert port.listener.getsockname()[1] == port.number
            assert port.listener.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)

    asyncio.run(scenario())


def test_a_ping_to_several_addresses_finds_the_one_that_answers() -> None:
    async def scenario() -> None:
        async with opened() as a, opened() as b, opened() as silent:
            silent.close()
            answer = await a.ping([at(silent), at(b)], BOUND)
            assert answer is not None
            source, ms = answer
            assert source == at(b)
            assert 0 < ms < BOUND * 1000
            assert await a.ping([at(silent)], 0.01) is None
            assert await a.ping([], 0.01) is None

    asyncio.run(scenario())


def test_only_the_expected_answer_counts() -> None:
    async def scenario() -> None:
        async with opened() as a, opened() as b:
            b.listen(b"\x80", ANY_LENGTH, lambda _, source, __: b.send(b"pong 000000000000", source))
            a.send(b"\x80", at(b))
            assert await a.ping([], 0.05) is None

    asyncio.run(scenario())


@pytest.mark.skipif(not socket.has_ipv6, reason="no IPv6 in this Python")
def test_the_port_listens_on_ipv6_too() -> None:
    async def scenario() -> None:
        async with opened() as a, opened("") as everywhere:
            answer = await everywhere.ping([("::1", everywhere.number)], BOUND)
            assert answer is not None
            assert answer[0] == ("::1", everywhere.number)
            answer = await a.ping([at(everywhere)], BOUND)
            assert answer is not None
            _, writer = await asyncio.open_connection("::1", everywhere.number)
            writer.close()

    asyncio.run(scenario())
