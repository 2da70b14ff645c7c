"""Two services on real sockets, on loopback. Waits are for events, with an upper bound."""

import asyncio
import contextlib
import itertools
import socket
import sys
import threading
from collections.abc import AsyncIterator, Callable

import msgspec
import pytest

from p2pgame.core.errors import DiscoveryError
from p2pgame.core.ids import long_tag_of
from p2pgame.discovery.events import DialRequested, DiscoveryEvent, Found, Lost, Updated
from p2pgame.discovery.profile import Profile
from p2pgame.net import discovery as module
from p2pgame.net import interfaces
from p2pgame.net.discovery import DiscoveryConfig, DiscoveryService
from p2pgame.net.interfaces import Interface, IPv4
from p2pgame.net.udp import ANY_LENGTH
from p2pgame.net.unicast import UnicastPort
from p2pgame.wire.beacon import HEADER, Beacon, Flag, encode_beacon
from tests.signers import Signer

BOUND = 8.0
_ports = itertools.count(46420, 40)
_signers = itertools.count(1000)


class Heard:
    """A listener that can be waited on."""

    def __init__(self) -> None:
        self.events: list[DiscoveryEvent] = []
        self._news = asyncio.Event()

    def __call__(self, event: DiscoveryEvent) -> None:
        self.events.append(event)
        self._news.set()

    async def wait(self, test: Callable[[DiscoveryEvent], bool]) -> DiscoveryEvent:
        async with asyncio.timeout(BOUND):
            while True:
                for event in self.events:
                    if test(event):
                        return event
                self._news.clear()
                await self._news.wait()


@contextlib.asynccontextmanager
async def running(
    name: str, port: int, *, mdns: bool = False, broadcast: bool = True, seeds: tuple[str, ...] = ()
) -> AsyncIterator[tuple[DiscoveryService, Heard]]:
    heard, unicast = Heard(), UnicastPort()
    await unicast.open(port + 1, "127.0.0.1")
    service = DiscoveryService(
        DiscoveryConfig(
            interfaces=("127.0.0.1",), discovery_port=port, mdns=mdns, broadcast=broadcast, seeds=seeds
        ),
        unicast,
        Signer(next(_signers)),
        Profile(name=name, version="0", games={"gomoku": "00" * 8}),
        heard,
    )
    try:
        await service.start()
        yield service, heard
    finally:
        await service.stop()
        unicast.close()


def port_of(service: DiscoveryService) -> int:
    return service._unicast.number


def found(event: DiscoveryEvent) -> bool:
    return isinstance(event, Found)


def test_two_programs_on_one_machine_find_each_other_and_part() -> None:
    async def scenario() -> None:
        port = next(_ports)
        async with running("Ann", port) as (a, heard_a):
            async with running("Ben", port) as (b, heard_b):
                await asyncio.gather(heard_a.wait(found), heard_b.wait(found))
                assert port_of(a) != port_of(b)
                assert [p.name for p in a.peers] == ["Ben"]
                assert a.peers[0].tcp_port == port_of(b)
                assert (
                    a.find("ben")
                    == a.find(a.peers[0].peer)
                    == a.find(f"#{a.peers[0].peer[:4]}")
                    == a.find(long_tag_of(a.peers[0].peer))
                    == a.peers[0]
                )
                assert a.find("nobody") is None
                b.set_profile(msgspec.structs.replace(b.profile, busy=True, playing="gomoku"))
                await heard_a.wait(lambda e: isinstance(e, Updated) and e.peer.status == "busy")
            lost = await heard_a.wait(lambda e: isinstance(e, Lost))
            assert isinstance(lost, Lost)
            assert lost.reason == "goodbye"

    asyncio.run(scenario())


def test_where_broadcast_is_blocked_mdns_finds_alone() -> None:
    async def scenario() -> None:
        port = next(_ports)
        async with (
            running("Ann", port, mdns=True, broadcast=False) as (a, heard_a),
            running("Ben", port, mdns=True, broadcast=False) as (b, heard_b),
        ):
            await asyncio.gather(
                heard_a.wait(lambda e: isinstance(e, Found) and e.peer.tcp_port == port_of(b)),
                heard_b.wait(lambda e: isinstance(e, Found) and e.peer.tcp_port == port_of(a)),
            )
            assert {p.via for p in (*a.peers, *b.peers)} == {("mdns",)}
            assert a.mdns_error == ""

    asyncio.run(scenario())


@pytest.mark.parametrize("to", ["discovery port", "unicast port"])
def test_a_seed_alone_is_enough(to: str) -> None:
    async def scenario() -> None:
        port, other = next(_ports), next(_ports)
        async with running("Ann", port) as (a, heard_a):
            seed = f"127.0.0.1:{port if to == 'discovery port' else port_of(a)}"
            async with running("Ben", other, seeds=(seed,)) as (b, heard_b):
                await asyncio.gather(heard_a.wait(found), heard_b.wait(found))
                assert a.peers[0].via == b.peers[0].via == ("seed",)

    asyncio.run(scenario())


def test_a_call_and_a_datagram_of_a_match_arrive() -> None:
    async def scenario() -> None:
        port = next(_ports)
        async with running("Ann", port) as (a, heard_a), running("Ben", port) as (b, heard_b):
            await asyncio.gather(heard_a.wait(found), heard_b.wait(found))
            assert a.request_dial(a.peers[0].peer)
            called = await heard_b.wait(lambda e: isinstance(e, DialRequested))
            assert called == DialRequested(b.peers[0].peer, "127.0.0.1", port_of(a))
            got: asyncio.Future[tuple[bytes, tuple[str, int]]] = asyncio.get_running_loop().create_future()
            b._unicast.listen(b"\x80", ANY_LENGTH, lambda data, source, _: got.set_result((data, source)))
            a._unicast.send(b"\x80match", ("127.0.0.1", port_of(b)))
            assert await asyncio.wait_for(got, BOUND) == (b"\x80match", ("127.0.0.1", port_of(a)))

    asyncio.run(scenario())


def test_a_typed_ping_at_the_unicast_port_is_answered() -> None:
    async def scenario() -> None:
        async with running("Ann", next(_ports)) as (a, _):
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
                probe.setblocking(False)
                loop = asyncio.get_running_loop()
                await loop.sock_sendto(probe, b"ping hello\n", ("127.0.0.1", port_of(a)))
                assert await asyncio.wait_for(loop.sock_recv(probe, 100), BOUND) == b"pong hello\n"

    asyncio.run(scenario())


def test_a_taken_discovery_port_is_one_clear_line() -> None:
    async def scenario() -> None:
        port = next(_ports)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
            other.bind(("", port))
            with pytest.raises(DiscoveryError, match="discovery_port_taken") as caught:
                async with running("Ann", port):
                    pass
            assert caught.value.params["port"] == port

    asyncio.run(scenario())


def test_another_thread_may_read_the_peers_while_they_come_and_go(monkeypatch: pytest.MonkeyPatch) -> None:
    """As the window does, at each of its frames."""
    for name in ("rates.QUIET_BURST", "rates.VERIFY_BURST", "rates.KNOWN_VERIFY_RATE", "table.KNOWN_BURST"):
        monkeypatch.setattr(f"p2pgame.discovery.{name}", 1e9)
    signers = [Signer(5000 + number) for number in range(40)]

    def said(number: int, seq: int, flags: int = 0) -> bytes:
        beacon = Beacon(
            public_key=signers[number].public_key, exchange_key=bytes(32), instance=bytes(8), seq=seq, protocol=1,
            version="1", name=f"P{number}", tcp_port=1, udp_port=1, flags=flags, playing="", games={}, ttl_ms=7000,
        )  # fmt: skip
        return encode_beacon(beacon, signers[number])

    rounds = range(0, 60, 2)
    churn = [
        [said(number, seq + offset, flags) for number in range(40)]
        for seq in rounds
        for offset, flags in ((0, 0), (1, Flag.GOODBYE))
    ]

    async def scenario() -> None:
        async with running("Ann", next(_ports), broadcast=False) as (service, _):
            ended, read, troubles = threading.Event(), 0, []

            def watch() -> None:
                nonlocal read
                while not ended.is_set():
                    try:
                        read += sum(len(peer.name) for peer in service.peers)
                    except RuntimeError as error:
                        troubles.append(error)
                        return

            protocol = service._protocol
            assert protocol is not None
            receive = service._receiver(protocol.receivers[HEADER + b"\1"], shared=True)
            thread = threading.Thread(target=watch)
            thread.start()
            interval = sys.getswitchinterval()
            sys.setswitchinterval(1e-6)
            try:
                for number, batch in enumerate(churn):
                    for data in batch:
                        receive(data, (f"10.0.0.{number}", 1), service._now())
                        service._pump_received()
            finally:
                sys.setswitchinterval(interval)
                ended.set()
                thread.join()
            assert not troubles
            assert read

    asyncio.run(scenario())


def test_a_chosen_interface_that_comes_later_is_used_then(monkeypatch: pytest.MonkeyPatch) -> None:
    gone7 = Interface("gone7", 1, (IPv4("127.0.0.1", 8),), ())
    port = next(_ports)

    async def main() -> None:
        there: list[Interface] = []
        looked = asyncio.Event()

        def system() -> list[Interface]:
            found = list(there)
            if service._protocol is not None:  # it runs
                if there:  # what was found before is in use
                    looked.set()
                there[:] = [gone7]
            return found

        monkeypatch.setattr(interfaces, "_system_interfaces", system)
        for name in ("POLL_INTERVAL", "TOLD_INTERVAL"):
            monkeypatch.setattr(module, name, 0.01)
        unicast, profile = UnicastPort(), Profile(name="Ann", version="0", games={})
        await unicast.open(port + 1, "127.0.0.1")
        chosen = DiscoveryConfig(interfaces=("gone7",), may_be_gone=True, discovery_port=port, mdns=False)
        service = DiscoveryService(chosen, unicast, Signer(next(_signers)), profile, Heard())
        await service.start()
        assert service.interfaces == ()
        async with asyncio.timeout(BOUND):
            await looked.wait()
        assert service.interfaces == (gone7,)
        await service.stop()
        unicast.close()

    asyncio.run(main())


def test_a_timer_whose_reason_was_put_off_does_nothing_but_set_the_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def main() -> None:
        async with running("Ann", next(_ports)) as (service, _):
            assert service._protocol is not None
            later = asyncio.get_running_loop().time() + 100.0
            monkeypatch.setattr(service._protocol, "next_deadline", lambda _: later)
            monkeypatch.setattr(service, "_pump", lambda: pytest.fail("nothing is due"))
            service._timeout()
            assert service._timer is not None
            assert service._timer.when() == later
            monkeypatch.undo()

    asyncio.run(main())
