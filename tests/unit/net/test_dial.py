"""Dialling a peer at several addresses of loopback, of which some lead elsewhere; and what each failure is called."""

import asyncio
import errno
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from p2pgame.core.errors import RemoteProtocolError
from p2pgame.core.ids import PeerId
from p2pgame.discovery.failure import Failure, FailureCode, explain
from p2pgame.net import dial as module
from p2pgame.net.dial import DialError, Dialled, connect, dial
from p2pgame.net.punch import SourcePort
from p2pgame.net.tls import Credentials, accept_tls
from p2pgame.storage.identity import Identity
from tests.unit.net.running import run

DEAD = "127.0.0.9"
"""An address of loopback where nobody listens."""

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def peer(identity: Identity) -> Serve:
    """The real one."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await accept_tls(reader, writer, Credentials(identity))
        await reader.read()

    return serve


async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.close()


async def stall(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(60)


async def speak_http(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    await asyncio.sleep(60)


@asynccontextmanager
async def served(**at: Serve) -> AsyncIterator[int]:
    """Servers on one port of several addresses of loopback, ``b=`` at 127.0.0.11; yields the port."""
    servers: list[asyncio.Server] = []
    port = 0
    tasks: set[asyncio.Task[None]] = set()

    def guarded(serve: Serve) -> Serve:
        async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task is not None
            tasks.add(task)
            try:
                await serve(reader, writer)
            except (RemoteProtocolError, OSError, ValueError, asyncio.CancelledError):
                pass
            finally:
                writer.transport.abort()

        return one

    try:
        for name, serve in at.items():
            servers.append(await asyncio.start_server(guarded(serve), address(name), port))
            port = servers[0].sockets[0].getsockname()[1]
        yield port
    finally:
        for server in servers:
            server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def address(name: str) -> str:
    return f"127.0.0.{10 + ord(name) - ord('a')}"


@pytest.mark.parametrize("wrong", [hang_up, stall, speak_http], ids=["hangs up", "stalls", "speaks HTTP"])
def test_a_handshake_that_fails_goes_on_to_the_next_address(ids: list[Identity], wrong: Serve) -> None:
    async def test() -> None:
        async with served(a=wrong, b=peer(ids[0])) as port:
            dialled = await dial(Credentials(ids[1]), ids[0].peer_id, [address("a"), address("b")], port)
            assert isinstance(dialled, Dialled)
            assert dialled.address == address("b")
            dialled.writer.transport.abort()

    run(test())


def test_a_connection_that_is_not_answered_is_asked_for_anew_from_another_port(
    ids: list[Identity], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bool] = []
    single = module.connect

    async def losing_the_first(
        address: str, port: int, rtt: float = 0.0, source: SourcePort | None = None
    ) -> socket.socket:
        asked.append(source is not None)
        if len(asked) == 1:
            await asyncio.sleep(60)
        return await single(address, port, rtt, source)

    async def test() -> None:
        monkeypatch.setattr(module, "connect", losing_the_first)
        async with served(a=peer(ids[0])) as port:
            dialled = await dial(Credentials(ids[1]), ids[0].peer_id, [address("a")], port)
            assert isinstance(dialled, Dialled)
            dialled.writer.transport.abort()
        assert asked == [True, False]

    run(test())


def test_who_refuses_is_asked_once(ids: list[Identity], monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    single = module.connect

    async def counted(
        address: str, port: int, rtt: float = 0.0, source: SourcePort | None = None
    ) -> socket.socket:
        asked.append(address)
        return await single(address, port, rtt, source)

    async def test() -> None:
        monkeypatch.setattr(module, "connect", counted)
        async with served(a=hang_up) as port:
            pass
        failures = await dial(Credentials(ids[1]), ids[0].peer_id, [address("a"), address("b")], port)
        assert {failure.code for failure in failures if isinstance(failure, Failure)} == {FailureCode.REFUSED}
        assert asked == [address("a"), address("b")]

    run(test())


def test_another_peer_at_the_first_address_does_not_keep_us_from_the_second(ids: list[Identity]) -> None:
    async def test() -> None:
        async with served(a=peer(ids[2]), b=peer(ids[0])) as port:
            dialled = await dial(
                Credentials(ids[1]), ids[0].peer_id, [DEAD, address("a"), address("b")], port
            )
            assert isinstance(dialled, Dialled)
            assert dialled.address == address("b")
            dialled.writer.transport.abort()

    run(test())


def test_each_address_says_how_it_failed(ids: list[Identity]) -> None:
    async def test() -> None:
        async with served(a=peer(ids[2]), b=hang_up, c=speak_http) as port:
            addresses = [DEAD, *map(address, "abc"), "nonsense"]
            failures = await dial(Credentials(ids[1]), ids[0].peer_id, addresses, port)
            assert failures == tuple(
                Failure(code, where, port)
                for code, where in zip(
                    (
                        FailureCode.REFUSED,
                        FailureCode.ANOTHER_PROGRAM,
                        FailureCode.HUNG_UP,
                        FailureCode.ANOTHER_PROGRAM,
                        FailureCode.NO_ROUTE,
                    ),
                    addresses,
                    strict=True,
                )
            )

    run(test())


def test_who_has_no_address_fails_at_once(ids: list[Identity]) -> None:
    async def test() -> None:
        assert await dial(Credentials(ids[1]), ids[0].peer_id, [], 0) == ()

    run(test())


def test_a_dial_ends_whatever_the_addresses_do(ids: list[Identity], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "DIAL_LIMIT", 0.05)

    async def test() -> None:
        async with served(a=stall) as port:
            failures = await dial(Credentials(ids[1]), PeerId(ids[0].peer_id), [address("a"), DEAD], port)
            assert failures == tuple(Failure(FailureCode.NO_ANSWER, a, port) for a in (address("a"), DEAD))

    run(test())


@pytest.mark.parametrize("rtt", [0.0, 0.0005, 0.5, 1.0])
def test_timeouts_leave_room_for_the_round_trip(rtt: float) -> None:
    assert module._patience(rtt, round_trips=2) >= 1.5 + 2 * rtt
    assert module._patience(100.0, round_trips=4) <= module.DIAL_LIMIT, "a false figure holds nobody up"


@pytest.mark.parametrize(
    ("error", "refusal", "code"),
    [
        (ConnectionRefusedError(errno.ECONNREFUSED, ""), None, FailureCode.REFUSED),
        (TimeoutError(), None, FailureCode.NO_ANSWER),
        (TimeoutError(), OSError(errno.EPERM, "a firewall of ours"), FailureCode.FORBIDDEN),
        (OSError(errno.ENETUNREACH, ""), OSError(errno.ENETUNREACH, ""), FailureCode.NO_ROUTE),
        (OSError(errno.EHOSTUNREACH, "ICMP, or no ARP"), None, FailureCode.NOBODY),
        (OSError(errno.EACCES, "ICMPv6"), None, FailureCode.REJECTED),
        (OSError(errno.EADDRNOTAVAIL, ""), None, FailureCode.NO_ROUTE),
    ],
)
def test_what_the_system_says(
    error: OSError, refusal: OSError | None, code: FailureCode, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_refusal_of", lambda *_: refusal)
    assert module._code_of(error, "10.0.0.9", 41421) is code


def test_an_address_that_no_machine_on_the_link_claims(tmp_path: Path) -> None:
    table = tmp_path / "arp"
    header = "IP address       HW type     Flags       HW address            Mask     Device\n"
    row = "{}        0x1         {}         00:00:00:00:00:00     *        eth0\n"
    table.write_text(header + row.format("10.0.0.9", "0x0") + row.format("10.0.0.8", "0x2"))
    assert module._without_neighbour("10.0.0.9", table)
    assert not module._without_neighbour("10.0.0.8", table)
    assert not module._without_neighbour("10.0.0.7", table)
    assert not module._without_neighbour("10.0.0.9", tmp_path / "none")


def test_what_somebody_said_tells_more_than_silence() -> None:
    silent = Failure(FailureCode.NO_ANSWER, "10.0.0.9", 1)
    nobody = Failure(FailureCode.NOBODY, "10.0.0.8", 1)
    refused = Failure(FailureCode.REFUSED, "fe80::9%eth0", 1)
    assert explain([silent, nobody, refused], answers=False) == refused
    assert explain([silent, nobody], answers=False).code is FailureCode.NOTHING_ANSWERS
    assert explain([silent], answers=True) == Failure(FailureCode.TCP_DROPPED, "10.0.0.9", 1)
    assert explain([nobody], answers=True).code is FailureCode.REJECTED
    assert explain([nobody, silent], answers=False) == nobody
    assert explain([], answers=False).code is FailureCode.NOTHING_ANSWERS


def test_a_connection_that_does_not_open_leaves_no_socket_behind() -> None:
    async def test() -> None:
        with socket.socket() as probe:
            probe.bind((DEAD, 0))
            port = probe.getsockname()[1]
            with pytest.raises(DialError) as caught:
                await connect(DEAD, port)
        assert caught.value.failure == Failure(FailureCode.REFUSED, DEAD, port)

    run(test())
