"""What strangers may cost: handshakes, links, and messages; and that it is not taken from whom we know."""

import asyncio
import contextlib
import ssl
from pathlib import Path

import pytest

from p2pgame.core.errors import RemoteProtocolError
from p2pgame.core.ids import PeerId
from p2pgame.net.admission import Handshakes, ReadBudgets
from p2pgame.net.tls import _TRUSTED_MAX, Credentials, TlsStream, connect_tls
from p2pgame.storage.identity import Identity, open_identity
from p2pgame.wire import messages as m
from p2pgame.wire.addresses import network_of
from p2pgame.wire.bounds import (
    BYTES_BURST,
    BYTES_RATE,
    CONNECTIONS_MAX,
    HANDSHAKE_BURST,
    LINK_BURST,
    LINK_RATE,
    STRANGER_BURST,
    STRANGER_RATE,
    STRANGERS_BYTES_BURST,
    STRANGERS_BYTES_RATE,
    STRANGERS_HANDSHAKE_BURST,
    STRANGERS_HANDSHAKE_RATE,
    STRANGERS_LINKS_MAX,
    STRANGERS_LINKS_PLAYING,
    STRANGERS_PLAYING_RATE,
)
from p2pgame.wire.framing import frame
from tests.unit.net.running import run
from tests.unit.net.test_tls import Forged, RecordingHandler, listening, open_from
from tests.unit.wire.samples import HELLO

FRIEND = PeerId("f" * 26)


# --- counts and rates alone


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("10.0.0.7", "10.0.0.7"),
        ("::ffff:10.0.0.7", "10.0.0.7"),
        ("2001:db8:1:2:a:b:c:d", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("fe80::1%eth0", "fe80::/64%eth0"),
        ("fe80::2%eth1", "fe80::/64%eth1"),
        ("?", "?"),
    ],
)
def test_what_counts_as_one_source(address: str, network: str) -> None:
    assert network_of(address) == network


def granted(handshakes: Handshakes, seconds: int, each_second: int) -> int:
    """Handshakes that strangers get who ask `each_second` times a second, each time from another network."""
    return sum(
        handshakes.admit_stranger(f"10.0.{second % 256}.{number % 256}", second + number / each_second)
        for second in range(seconds)
        for number in range(each_second)
    )


def test_all_strangers_together_get_so_many_handshakes() -> None:
    assert granted(Handshakes(), 10, 200) == pytest.approx(
        STRANGERS_HANDSHAKE_BURST + 10 * STRANGERS_HANDSHAKE_RATE, abs=1
    )


def test_and_fewer_while_a_match_runs() -> None:
    handshakes = Handshakes()
    handshakes.playing = True
    assert granted(handshakes, 10, 200) == pytest.approx(11 * STRANGERS_PLAYING_RATE, abs=1)
    assert (handshakes.strangers_links, Handshakes().strangers_links) == (
        STRANGERS_LINKS_PLAYING,
        STRANGERS_LINKS_MAX,
    )


def test_who_is_known_gets_its_handshake_in_the_middle_of_that() -> None:
    handshakes = Handshakes()
    handshakes.playing = True
    granted(handshakes, 10, 200)
    assert all(handshakes.admit_known(FRIEND, 10.0) for _ in range(int(HANDSHAKE_BURST)))
    assert not handshakes.admit_known(FRIEND, 10.0)


def test_one_ipv6_network_is_one_address() -> None:
    handshakes = Handshakes()
    assert sum(handshakes.admit_stranger(f"fe80::{n:x}%eth0", 0.0) for n in range(100)) == HANDSHAKE_BURST
    assert handshakes.admit_stranger("10.0.0.1", 0.0)


@pytest.mark.parametrize(
    ("known", "rate", "burst"), [(True, LINK_RATE, LINK_BURST), (False, STRANGER_RATE, STRANGER_BURST)]
)
def test_a_key_has_one_budget_however_many_links(known: bool, rate: float, burst: float) -> None:
    budgets = ReadBudgets()
    now, read = 0.0, 0
    while now <= 10.0:
        budget = budgets.own(FRIEND, known=known)
        now = budget.ready_at(now)
        budget.spend(0, now)
        read += 1
    assert read == pytest.approx(burst + 10 * rate, abs=2)


def test_bytes_are_paid_for_even_if_they_are_no_message() -> None:
    for budget, rate, burst in (
        (ReadBudgets().own(FRIEND, known=True), BYTES_RATE, BYTES_BURST),
        (ReadBudgets().strangers, STRANGERS_BYTES_RATE, STRANGERS_BYTES_BURST),
    ):
        now, read = 0.0, 0
        while now <= 10.0:
            now = budget.ready_at(now)
            budget.spend(16_384, now)
            read += 16_384
        assert read == pytest.approx(burst + 10 * rate, abs=2 * 16_384)


# --- credentials


class Counted(Forged):
    def __init__(self) -> None:
        super().__init__()
        self.loaded = 0

    def load_into(self, context: ssl.SSLContext) -> None:
        self.loaded += 1
        super().load_into(context)


def test_the_key_is_loaded_once_for_many_handshakes_and_trust_does_not_pile_up() -> None:
    identity = Counted()
    credentials = Credentials(identity)
    certificates = [Forged().certificate for _ in range(20)]
    for _ in range(50):
        for certificate in certificates:
            credentials.context(certificate, server=True)
    assert identity.loaded == 2
    most = 0
    for number in range(2 * _TRUSTED_MAX):
        known = credentials._trusted[True]
        known.add(number.to_bytes(4, "big"))  # stands for a stranger's certificate
        most = max(most, len(known))
        credentials.context(certificates[0], server=True)
    assert most <= _TRUSTED_MAX + 1
    assert identity.loaded <= 5


# --- sockets


class Lobby(RecordingHandler):
    """Knows `friends` at any address, and needs the links in `used`."""

    def __init__(self, *friends: PeerId) -> None:
        super().__init__()
        self.friends = friends
        self.used: set[int] = set()
        self.said: list[tuple[int, m.Message]] = []

    def knows(self, peer: PeerId, address: str | None = None) -> bool:
        return peer in self.friends

    def needs(self, link: int) -> bool:
        return link in self.used

    def message(self, link: int, message: m.Message, size: int) -> None:
        self.said.append((link, message))
        super().message(link, message, size)


async def greet(port: int, identity: Identity, server: Identity, source: str = "127.0.0.1") -> TlsStream:
    """A link of `identity`: hello is said."""
    reader, writer = await open_from(source, port)
    stream = await connect_tls(reader, writer, Credentials(identity), server.peer_id)
    stream.write(frame(m.encode_message(HELLO)))
    return stream


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="counts descriptors")
def test_there_are_never_more_sockets_than_places(ids: list[Identity]) -> None:
    async def test() -> None:
        async with listening(ids[0]) as (_, _, port):
            before = descriptors()
            idle = []
            most = 0
            for host in range(1, 131):
                with contextlib.suppress(OSError):
                    idle.append(await open_from(f"127.0.2.{host}", port))
                    idle.append(await open_from(f"127.0.2.{host}", port))
                most = max(most, descriptors() - before - len(idle))
            assert len(idle) > 2 * CONNECTIONS_MAX
            assert CONNECTIONS_MAX / 2 < most <= CONNECTIONS_MAX
            for _, writer in idle:
                writer.transport.abort()

    run(test())


def test_a_link_of_a_stranger_without_a_use_gives_way_and_one_with_a_use_does_not(
    ids: list[Identity], tmp_path: Path
) -> None:
    crowd = [open_identity(tmp_path / str(number)) for number in range(STRANGERS_LINKS_PLAYING + 2)]
    handler = Lobby(ids[2].peer_id)

    async def test() -> None:
        async with listening(ids[0], handler=handler) as (links, _, port):
            links.handshakes.playing = True
            links.handshakes._strangers_playing.burst = links.handshakes._strangers_playing._tokens = 1000
            friend = await greet(port, ids[2], ids[0])
            await handler.until(lambda: len(handler.opened_by) == 1)
            streams = []
            for number, stranger in enumerate(crowd[:-1]):
                streams.append(await greet(port, stranger, ids[0], f"127.0.0.{2 + number % 4}"))
                await handler.until(lambda number=number: len(handler.opened_by) == number + 2)
                handler.used = set(list(links._connections)[:4])  # the friend's and the first three
            assert handler.codes == ["idle"]
            assert len(links._connections) == STRANGERS_LINKS_PLAYING + 1
            handler.used = set(links._connections)
            with contextlib.suppress(RemoteProtocolError, OSError):
                streams.append(await greet(port, crowd[-1], ids[0], "127.0.0.9"))
                while not streams[-1].ended:
                    await streams[-1].receive()
            assert crowd[-1].peer_id not in handler.opened_by
            assert handler.codes == ["idle"], "nobody lost a link that is used"
            for stream in [friend, *streams]:
                stream.close()

    run(test())


class AtHome(Lobby):
    """Knows its friends at 127.0.0.5 only."""

    def knows(self, peer: PeerId, address: str | None = None) -> bool:
        return super().knows(peer) and address in (None, "127.0.0.5")

    def expects(self, address: str) -> bool:
        return address == "127.0.0.5"


def test_when_strangers_get_no_more_a_friend_at_home_does(ids: list[Identity]) -> None:
    """Anybody can show a friend's certificate; nobody else can do so from the friend's address."""
    handler = AtHome(ids[1].peer_id)

    async def test() -> None:
        async with listening(ids[0], handler=handler) as (links, _, port):
            while links.handshakes.strangers_ready(asyncio.get_running_loop().time()):
                links.handshakes._strangers.take(asyncio.get_running_loop().time())
            links.handshakes._strangers.rate = 1e-9
            for identity, source in ((ids[2], "127.0.0.4"), (ids[1], "127.0.0.4"), (ids[2], "127.0.0.5")):
                with pytest.raises(RemoteProtocolError, match=r"handshake_failed|not_p2pgame"):
                    await greet(port, identity, ids[0], source)
            stream = await greet(port, ids[1], ids[0], "127.0.0.5")
            await handler.until(lambda: handler.opened_by == [ids[1].peer_id])
            stream.close()

    run(test())


def test_who_shows_a_friends_certificate_elsewhere_costs_what_strangers_have(ids: list[Identity]) -> None:
    handler = AtHome(ids[1].peer_id)

    async def test() -> None:
        async with listening(ids[0], handler=handler) as (links, _, port):
            links.handshakes._strangers._tokens, links.handshakes._strangers.rate = 1.0, 1e-9
            streams = [await greet(port, ids[1], ids[0], "127.0.0.4")]
            with pytest.raises(RemoteProtocolError, match=r"handshake_failed|not_p2pgame"):
                await greet(port, ids[1], ids[0], "127.0.0.4")
            streams.append(await greet(port, ids[1], ids[0], "127.0.0.5"))
            for stream in streams:
                stream.close()

    run(test())


@pytest.mark.timing
def test_a_flood_is_read_at_its_rate_and_no_faster(ids: list[Identity]) -> None:
    """A stranger and a friend flood; the links stay, and TCP has the senders wait."""
    handler = Lobby(ids[1].peer_id)
    words = frame(m.encode_message(m.DialMe(match="0" * 16))) * 200_000

    async def test() -> None:
        async with listening(ids[0], handler=handler) as (links, _, port):
            loop = asyncio.get_running_loop()
            stranger = await greet(port, ids[2], ids[0])
            friend = await greet(port, ids[1], ids[0])
            await handler.until(lambda: len(handler.opened_by) == 2)
            began = loop.time()
            stranger.write(words)
            friend.write(words)
            await asyncio.sleep(1.0)
            read = {
                peer: sum(link == number for number, _ in handler.said)
                for link, peer in ((c.number, c.peer) for c in links._connections.values())
            }
            seconds = loop.time() - began
            assert STRANGER_BURST / 2 < read[ids[2].peer_id] <= STRANGER_BURST + seconds * STRANGER_RATE + 1
            assert LINK_BURST / 2 < read[ids[1].peer_id] <= LINK_BURST + seconds * LINK_RATE + 1
            assert stranger.unsent > len(words) / 3, "TCP pushes back"
            assert handler.codes == []

    run(test())
