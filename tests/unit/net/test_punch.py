"""Hole punching on loopback, where a port that rejects stands for a firewall that does; firewalls are in the lab."""

import asyncio
import socket
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

from p2pgame.net import dial as module
from p2pgame.net.dial import Dialled, Failure, FailureCode, connect, dial
from p2pgame.net.punch import SourcePort, share_port
from p2pgame.net.tls import Credentials, accept_tls
from p2pgame.storage.identity import Identity

HERE = "127.0.0.1"


@pytest.fixture
def rejecting() -> Iterator[int]:
    """A port at which nobody listens, and which nobody else gets."""
    with socket.socket() as sock:
        sock.bind((HERE, 0))
        share_port(sock)
        yield sock.getsockname()[1]


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ASK_AFTER", 0.02)
    monkeypatch.setattr(module, "ASKED_WAIT", 0.1)


def dial_back(identity: Identity, port: int) -> Callable[[int], bool]:
    """Do what the other side does when it is asked: dial from `port`, and serve."""
    tasks: list[asyncio.Future[None]] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(Exception):
            await accept_tls(reader, writer, Credentials(identity))
            await reader.read()

    async def punch(theirs: int) -> None:
        sock = await connect(HERE, theirs, source=SourcePort(port) if port else None)
        await asyncio.get_running_loop().connect_accepted_socket(
            lambda: asyncio.StreamReaderProtocol(asyncio.StreamReader(), serve), sock
        )

    def ask(theirs: int) -> bool:
        tasks.append(asyncio.ensure_future(punch(theirs)))
        return True

    return ask


def test_a_rejected_dial_takes_the_connection_that_the_peer_opens_to_its_port(
    ids: list[Identity], rejecting: int
) -> None:
    async def test() -> None:
        found = await dial(
            Credentials(ids[0]), ids[1].peer_id, [HERE], rejecting, ask=dial_back(ids[1], rejecting)
        )
        assert isinstance(found, Dialled)
        assert found.address == HERE
        assert found.stream._tls.server_side is False, "who asked leads the handshake"
        found.writer.transport.abort()

    asyncio.run(test())


@pytest.mark.parametrize("who", ["elsewhere", "another peer", "nobody"])
def test_only_who_is_dialled_is_taken(ids: list[Identity], rejecting: int, who: str) -> None:
    asks = {
        "elsewhere": dial_back(ids[1], 0),
        "another peer": dial_back(ids[0], rejecting),
        "nobody": lambda _: False,
    }

    async def test() -> None:
        failed = await dial(Credentials(ids[0]), ids[1].peer_id, [HERE], rejecting, ask=asks[who])
        assert failed == (Failure(FailureCode.REFUSED, HERE, rejecting),)

    asyncio.run(test())


def test_nobody_is_asked_where_the_dial_is_answered(
    ids: list[Identity], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "ASK_AFTER", 5.0)

    async def test() -> None:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await accept_tls(reader, writer, Credentials(ids[1]))

        asked: list[int] = []
        server = await asyncio.start_server(serve, HERE, 0)
        port = server.sockets[0].getsockname()[1]
        found = await dial(
            Credentials(ids[0]),
            ids[1].peer_id,
            ["127.0.0.9", HERE],
            port,
            ask=lambda port: not asked.append(port),
        )
        assert isinstance(found, Dialled)
        found.writer.transport.abort()
        server.close()
        await asyncio.sleep(0.05)
        assert not asked

    asyncio.run(test())


def test_another_program_does_not_get_the_port_that_ours_share() -> None:
    with socket.create_server((HERE, 0)) as listener, socket.socket() as another:
        share_port(listener)
        port = listener.getsockname()[1]
        SourcePort(port).open(socket.AF_INET).close()
        another.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with pytest.raises(OSError, match="in use"):
            another.bind((HERE, port))


def test_one_dial_has_one_port_in_both_families() -> None:
    source = SourcePort()
    with source.open(socket.AF_INET) as one, source.open(socket.AF_INET6) as other:
        assert one.getsockname()[1] == other.getsockname()[1] == source.number
