"""Who may become a link: real sockets on 127.0.0.1, honest peers, and everybody else."""

import asyncio
import contextlib
import datetime as dt
import random
import socket
import ssl
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from p2pgame.core.errors import Param, RemoteProtocolError
from p2pgame.core.ids import PeerId, peer_id_of
from p2pgame.discovery.failure import Failure, explain
from p2pgame.net.links import LinkHandler, Links
from p2pgame.net.tls import Credentials, TlsStream, _peer_of, _Source, accept_tls, connect_tls
from p2pgame.storage.identity import Identity, load_key, open_identity
from p2pgame.wire import messages as m
from p2pgame.wire.bounds import CONNECTIONS_MAX, CONNECTIONS_PER_ADDRESS
from p2pgame.wire.framing import FrameBuffer, frame
from p2pgame.wire.prologue import HEADER_SIZE, TEXT_ANSWER, certificate_length, prologue
from tests.unit.net.running import run
from tests.unit.wire.samples import HELLO

YEAR_2000 = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
YEAR_9999 = dt.datetime(9999, 12, 31, tzinfo=dt.UTC)


class Forged:
    """A key with a certificate made as a liar likes; has what `Credentials` need of an identity."""

    def __init__(
        self,
        key: Any = None,
        *,
        begins: dt.datetime = YEAR_2000,
        ends: dt.datetime = YEAR_9999,
        usage: x509.ObjectIdentifier | None = None,
        ca: bool = False,
        signed_by: Any = None,
        subject: str | None = None,
        issuer: str | None = None,
    ) -> None:
        """`subject` and `issuer` are the peer id of the key unless another is given."""
        key = key or Ed25519PrivateKey.generate()
        edwards = isinstance(key, Ed25519PrivateKey)
        own = peer_id_of(key.public_key().public_bytes_raw()) if edwards else "liar"
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject or own)])
        builder = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer or subject or own)]))
            .public_key(key.public_key())
            .serial_number(1)
            .not_valid_before(begins)
            .not_valid_after(ends)
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        )
        if usage is not None:
            builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
        signer = signed_by or key
        edwards = isinstance(signer, (Ed25519PrivateKey, ed448.Ed448PrivateKey))
        made = builder.sign(signer, None if edwards else hashes.SHA256())
        self.certificate = made.public_bytes(Encoding.DER)
        self.pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + made.public_bytes(
            Encoding.PEM
        )

    def load_into(self, context: ssl.SSLContext) -> None:
        load_key(context, self.pem, Path(tempfile.gettempdir()))


class Stolen(Forged):
    """Shows another's certificate, holds its own key."""

    def __init__(self, certificate: bytes) -> None:
        super().__init__()
        self.certificate = certificate


class RecordingHandler(LinkHandler):
    """Notes what the links report."""

    def __init__(self) -> None:
        self.opened_by: list[PeerId] = []
        self.codes: list[str] = []
        self.failures: list[str] = []
        self.news = asyncio.Event()

    def opened(self, link: int, peer: PeerId, hello: m.Hello, address: str, ticket: int | None) -> None:
        self.opened_by.append(peer)
        self.news.set()

    def measured(self, link: int, rtt: float) -> None:
        pass

    def message(self, link: int, message: m.Message, size: int) -> None:
        self.news.set()

    def closed(self, link: int, code: str, params: Mapping[str, Param], *, remote: bool) -> None:
        self.codes.append(code)
        self.news.set()

    def dial_failed(self, peer: PeerId, failures: Sequence[Failure], ticket: int | None) -> None:
        self.failures.append(explain(failures, answers=False).code)
        self.news.set()

    async def until(self, true: Callable[[], bool], seconds: float = 5.0) -> None:
        async with asyncio.timeout(seconds):
            while not true():
                self.news.clear()
                await self.news.wait()


# --- the handshake alone


async def shake(
    server: Any,
    dial: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[Any]],
    prologue_timeout: float = 1.0,
) -> tuple[Any, Any]:
    """What each side of one connection comes to: the listener's end, the dialler's end; errors as values."""
    result: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            peer, stream = await accept_tls(
                reader, writer, Credentials(server), prologue_timeout=prologue_timeout
            )
            result.set_result(peer)
            stream.write(b"inside")
            stream.close()
        except RemoteProtocolError as error:
            result.set_result(error)
        finally:
            writer.close()

    listener = await asyncio.start_server(accept, "127.0.0.1", 0)
    reader, writer = await asyncio.open_connection(*listener.sockets[0].getsockname())
    try:
        try:
            ours: Any = await dial(reader, writer)
        except RemoteProtocolError as error:
            ours = error
        if ours is None or not isinstance(ours, Exception):
            with contextlib.suppress(OSError, ValueError):
                ours = await everything(ours) if isinstance(ours, TlsStream) else await reader.read()
        writer.close()
        return await result, ours
    finally:
        writer.transport.abort()
        listener.close()


def code(value: Any) -> str:
    assert isinstance(value, RemoteProtocolError), value
    assert str(value).isprintable()
    return value.code


def dialler(identity: Any, expected: str) -> Callable[..., Awaitable[Any]]:
    async def dial(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Any:
        return await connect_tls(reader, writer, Credentials(identity), PeerId(expected))

    return dial


async def everything(stream: TlsStream) -> bytes:
    """What is said until the other side hangs up."""
    said = b""
    with contextlib.suppress(OSError):
        while not stream.ended:
            await stream.receive()
            said += stream.decrypt()
    return said


def test_two_honest_peers_know_each_other(ids: list[Identity]) -> None:
    async def test() -> None:
        theirs, ours = await shake(ids[0], dialler(ids[1], ids[0].peer_id))
        assert theirs == ids[1].peer_id
        assert ours == b"inside"

    run(test())


def test_somebody_else_at_the_address_is_found_out_by_the_key(ids: list[Identity]) -> None:
    async def test() -> None:
        _, ours = await shake(ids[0], dialler(ids[1], ids[2].peer_id))
        assert code(ours) == "wrong_peer"

    run(test())


def test_a_server_with_a_stolen_certificate_is_refused(ids: list[Identity]) -> None:
    async def test() -> None:
        _, ours = await shake(Stolen(ids[0].certificate), dialler(ids[1], ids[0].peer_id))
        assert code(ours) == "handshake_failed"

    run(test())


@pytest.mark.parametrize(
    ("liar", "expected"),
    [
        (lambda honest: Stolen(honest.certificate), "handshake_failed"),
        (lambda _: Forged(ends=dt.datetime(2001, 1, 1, tzinfo=dt.UTC)), "handshake_failed"),
        (lambda _: Forged(begins=dt.datetime(9998, 1, 1, tzinfo=dt.UTC)), "handshake_failed"),
        (lambda _: Forged(usage=ExtendedKeyUsageOID.SERVER_AUTH), "handshake_failed"),
        (lambda _: Forged(ec.generate_private_key(ec.SECP256R1())), "bad_certificate"),
        (lambda _: Forged(rsa.generate_private_key(65537, 2048)), "bad_certificate"),
        (lambda _: Forged(ed448.Ed448PrivateKey.generate()), "bad_certificate"),
    ],
    ids=[
        "stolen",
        "expired",
        "not yet",
        "server only",
        "p256",
        "rsa",
        "ed448",
    ],
)
def test_a_dialler_that_lies_gets_nothing(
    ids: list[Identity], liar: Callable[[Identity], Forged], expected: str
) -> None:
    async def test() -> None:
        theirs, ours = await shake(ids[0], dialler(liar(ids[1]), ids[0].peer_id))
        assert code(theirs) == expected
        if not isinstance(ours, RemoteProtocolError):  # a TLS 1.3 client "connects" before it is refused
            assert ours == b""

    run(test())


@pytest.mark.parametrize(
    "mangle",
    [
        lambda der: der[:-1],
        lambda der: der + b"\0",
        lambda der: der + der,
        lambda der: b"\x30\x80" + der[2:],
        lambda der: der.replace(b"\x2b\x65\x70", b"\x2b\x65\x7f"),  # an algorithm that nobody knows
        lambda der: der.replace(b"\xa0\x03\x02\x01\x02", b"\xa0\x03\x02\x01\x05"),  # X.509 version 6
        lambda _: b"\0",
        lambda _: bytes(4096),
    ],
    ids=["short", "tail", "two", "indefinite", "algorithm", "version", "one byte", "zeros"],
)
def test_what_is_no_certificate_is_refused(ids: list[Identity], mangle: Callable[[bytes], bytes]) -> None:
    async def dial(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(prologue(mangle(ids[1].certificate)))

    async def test() -> None:
        theirs, _ = await shake(ids[0], dial)
        assert code(theirs) == "bad_certificate"

    run(test())


@pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning")
@pytest.mark.parametrize("server", [False, True])
def test_no_certificate_keeps_out_another_of_the_same_subject(ids: list[Identity], server: bool) -> None:
    """A context trusts many: those of a liar, in every form, and only then the one that is used."""
    honest, credentials, rng = ids[0], Credentials(ids[1]), random.Random(3)
    liar, trusted = Ed25519PrivateKey.generate(), 0
    named = [Forged(liar, subject=honest.peer_id, ca=ca).certificate for ca in (False, True)]
    for der in [*named, *(_damaged(honest.certificate, rng) for _ in range(200))]:
        with contextlib.suppress(RemoteProtocolError, ssl.SSLError):
            _peer_of(der)
            credentials.context(der, server=server)
            trusted += 1
    assert trusted > 20
    ours = credentials.context(honest.certificate, server=server)
    theirs = Credentials(honest).context(ids[1].certificate, server=not server)
    assert shown(ours, theirs, server=server) == honest.certificate


def shown(ours: ssl.SSLContext, theirs: ssl.SSLContext, *, server: bool) -> bytes | None:
    """The certificate that they show us in a handshake in memory. Raises `ssl.SSLError`."""
    out, back = ssl.MemoryBIO(), ssl.MemoryBIO()
    we = ours.wrap_bio(back, out, server_side=server)
    they = theirs.wrap_bio(out, back, server_side=not server)
    for _ in range(4):
        for side in (they, we):
            with contextlib.suppress(ssl.SSLWantReadError):
                side.do_handshake()
    return we.getpeercert(binary_form=True)


@pytest.mark.parametrize(
    "made",
    [
        lambda _: Forged(signed_by=Ed25519PrivateKey.generate()),
        lambda _: Forged(signed_by=ec.generate_private_key(ec.SECP256R1())),
        lambda _: Forged(issuer="another"),
        lambda another: Forged(subject=another.peer_id),
    ],
    ids=["not self", "mixed", "other issuer", "another's name"],
)
def test_nothing_of_a_certificate_counts_but_its_key(
    ids: list[Identity], made: Callable[[Identity], Forged]
) -> None:
    """TLS proves that it is held; who signed it, and which names it has, anybody can make up."""
    identity = made(ids[2])

    async def test() -> None:
        theirs, ours = await shake(ids[0], dialler(identity, ids[0].peer_id))
        assert theirs == _peer_of(identity.certificate) != ids[2].peer_id
        assert ours == b"inside"

    run(test())


def _damaged(good: bytes, rng: random.Random) -> bytes:
    der = bytearray(good)
    for _ in range(rng.randrange(1, 4)):
        der[rng.randrange(len(der))] = rng.randrange(256)
    return bytes(der)


async def start_tls(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, shown: bytes, context: ssl.SSLContext
) -> None:
    """A hand-made dialler: shows `shown`, then speaks TLS as `context` says."""
    writer.write(prologue(shown))
    header = await reader.readexactly(HEADER_SIZE)
    await reader.readexactly(certificate_length(header))
    with contextlib.suppress(OSError):
        await writer.start_tls(context)


def lax(identity: Any = None) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    if identity is not None:
        identity.load_into(context)
    return context


def test_no_certificate_in_tls_is_refused(ids: list[Identity]) -> None:
    async def test() -> None:
        theirs, ours = await shake(ids[0], partial(start_tls, shown=ids[1].certificate, context=lax()))
        assert code(theirs) == "handshake_failed"
        assert b"inside" not in (ours or b"")

    run(test())


def test_another_certificate_in_tls_than_in_the_prologue_is_refused(ids: list[Identity]) -> None:
    async def test() -> None:
        theirs, _ = await shake(ids[0], partial(start_tls, shown=ids[1].certificate, context=lax(ids[2])))
        assert code(theirs) == "handshake_failed"

    run(test())


def test_a_certificate_that_vouches_for_another_is_refused(ids: list[Identity]) -> None:
    """Shown: a certificate authority. In TLS: one that it signed."""
    root = Ed25519PrivateKey.generate()
    shown, used = Forged(root, ca=True), Forged(signed_by=root)

    async def test() -> None:
        theirs, _ = await shake(ids[0], partial(start_tls, shown=shown.certificate, context=lax(used)))
        assert code(theirs) in ("wrong_peer", "handshake_failed")

    run(test())


def test_tls_1_2_is_refused(ids: list[Identity]) -> None:
    old = lax(ids[1])
    old.maximum_version = ssl.TLSVersion.TLSv1_2

    async def test() -> None:
        theirs, _ = await shake(ids[0], partial(start_tls, shown=ids[1].certificate, context=old))
        assert code(theirs) == "handshake_failed"

    run(test())


def raw(data: bytes, *, end: bool = True) -> Callable[..., Awaitable[None]]:
    async def dial(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(data)
        if end:
            writer.write_eof()

    return dial


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "not_p2pgame"),
        (b"hello?\r\n", "not_p2pgame"),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", "not_p2pgame"),
        (bytes(3000), "not_p2pgame"),
        (b"p2pg\x02\x00\x10" + bytes(16), "wrong_version"),
        (b"p2pg\x01\xff\xff" + bytes(5000), "bad_prologue"),
        (b"p2pg\x01\x00\x00", "bad_prologue"),
        (b"\r\n", "handshake_failed"),
        (b"p2pg\x01\x10\x00abc", "handshake_failed"),
        (b"", "handshake_failed"),
    ],
    ids=lambda v: repr(v[:12]) if isinstance(v, bytes) else v,
)
def test_who_does_not_speak_the_prologue_is_told_in_one_line(
    ids: list[Identity], data: bytes, expected: str
) -> None:
    async def test() -> None:
        theirs, ours = await shake(ids[0], raw(data))
        assert code(theirs) == expected
        assert ours == TEXT_ANSWER

    run(test())


@pytest.mark.parametrize("data", [b"", b"p2p", b"p2pg\x01\x01\x00" + bytes(255)])
@pytest.mark.timing
def test_who_is_slow_is_cut(ids: list[Identity], data: bytes) -> None:
    async def test() -> None:
        began = time.monotonic()
        theirs, ours = await shake(ids[0], raw(data, end=False), prologue_timeout=0.1)
        assert code(theirs) == "handshake_failed"
        assert ours == TEXT_ANSWER
        assert time.monotonic() - began < 0.6

    run(test())


class Pieces:
    """The writer and the transport of a connection on which one piece comes whenever it is read, then the end."""

    def __init__(self, pieces: list[bytes]) -> None:
        self.reader = asyncio.StreamReader()
        self.transport = self
        self.left = list(pieces)
        self.reading = True

    def pause_reading(self) -> None:
        self.reading = False

    def resume_reading(self) -> None:
        self.reading = True
        if self.left:
            self.reader.feed_data(self.left.pop(0))
        else:
            self.reader.feed_eof()


@pytest.mark.parametrize(("pieces", "read"), [(1, 1), (4, 4), (5, None), (300, None)])
def test_a_prologue_in_many_pieces_is_not_waited_for(
    ids: list[Identity], pieces: int, read: int | None
) -> None:
    """Each piece costs as much as a small message, be it one byte; nothing is read before it is asked for."""
    whole = prologue(ids[1].certificate)
    size = -(-len(whole) // pieces)

    async def test() -> None:
        connection = Pieces([whole[at : at + size] for at in range(0, len(whole), size)])
        before = len(connection.left)
        with _Source(connection.reader, connection) as source:  # type: ignore[arg-type]
            if read is None:
                with pytest.raises(RemoteProtocolError, match="bad_prologue"):
                    await source.read_certificate()
                assert before - len(connection.left) <= 4
            else:
                assert await source.read_certificate() == ids[1].certificate
                assert not connection.left
        assert not connection.reading

    run(test())


def test_a_handshake_in_many_pieces_is_not_waited_for(ids: list[Identity]) -> None:
    """A ClientHello of a byte at a time."""
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname, client.verify_mode = False, ssl.CERT_NONE
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    with contextlib.suppress(ssl.SSLWantReadError):
        client.wrap_bio(incoming, outgoing).do_handshake()
    hello = outgoing.read()

    async def test() -> None:
        connection = Pieces([hello[at : at + 1] for at in range(len(hello))])
        source = _Source(connection.reader, connection)  # type: ignore[arg-type]
        context = Credentials(ids[0]).context(ids[1].certificate, server=True)
        with pytest.raises(ConnectionResetError, match="small"):
            await TlsStream(source, connection, context, server=True).handshake()  # type: ignore[arg-type]
        assert len(hello) - len(connection.left) <= 16

    run(test())


# --- listening and dialling


@contextlib.asynccontextmanager
async def listening(
    identity: Identity, *, hello: m.Hello = HELLO, handler: RecordingHandler | None = None
) -> AsyncIterator[tuple[Links, RecordingHandler, int]]:
    handler = handler or RecordingHandler()
    links = Links(identity, lambda: hello, handler)
    sock = socket.create_server(("127.0.0.1", 0))
    sock.setblocking(False)
    port = sock.getsockname()[1]
    await links.listen([sock])
    try:
        yield links, handler, port
    finally:
        await links.close()


async def open_from(source: str, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_connection("127.0.0.1", port, local_addr=(source, 0))


def test_a_link_opens_and_a_goodbye_arrives(ids: list[Identity]) -> None:
    async def test() -> None:
        async with listening(ids[0]) as (_, server, port), listening(ids[1]) as (links, client, _):
            links.dial(ids[0].peer_id, ["127.0.0.1"], port, 7)
            await client.until(lambda: bool(client.opened_by))
            await server.until(lambda: bool(server.opened_by))
            assert (client.opened_by, server.opened_by) == ([ids[0].peer_id], [ids[1].peer_id])
            await links.close()
            await server.until(lambda: server.codes == ["bye"])
            assert client.codes == []

    run(test())


def test_a_link_that_we_close_is_not_reset_by_what_still_comes(ids: list[Identity]) -> None:
    """A reset would end the resending of our last words."""

    async def test() -> None:
        async with listening(ids[0]) as (links, server, port):
            reader, writer = await open_from("127.0.0.1", port)
            stream = await connect_tls(reader, writer, Credentials(ids[1]), ids[0].peer_id)
            stream.write(frame(m.encode_message(HELLO)))
            await server.until(lambda: bool(server.opened_by))
            for number in list(links._connections):
                stream.write(frame(b"late"))
                links.close_link(number, "bye")
            buffer = FrameBuffer()
            while not stream.ended:
                stream.write(frame(b"late"))
                await stream.receive()
                buffer.feed(stream.decrypt())
            last = [m.decode_message(payload) for payload in buffer.frames()][-1]
            assert isinstance(last, m.Close)
            for _ in range(3):  # on its way before we read the end
                stream.write(frame(b"late"))
                await asyncio.sleep(0)
            assert await stream.receive() == 0
            writer.close()
            await asyncio.gather(*links._tasks)

    run(test())


def test_who_never_ends_its_side_of_a_closed_link_is_cut(
    ids: list[Identity], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("p2pgame.net.tls._CLOSE_TIMEOUT", 0.05)

    async def test() -> None:
        async with listening(ids[0]) as (links, server, port):
            reader, writer = await open_from("127.0.0.1", port)
            stream = await connect_tls(reader, writer, Credentials(ids[1]), ids[0].peer_id)
            stream.write(frame(m.encode_message(HELLO)))
            await server.until(lambda: bool(server.opened_by))
            for number in list(links._connections):
                links.close_link(number, "bye")
            await asyncio.gather(*links._tasks)
            assert not links._guests
            writer.close()

    run(test())


def test_small_messages_do_not_wait_for_each_other(ids: list[Identity]) -> None:
    async def test() -> None:
        async with listening(ids[0]) as (theirs, server, port), listening(ids[1]) as (links, client, _):
            links.dial(ids[0].peer_id, ["127.0.0.1"], port, 7)
            await client.until(lambda: bool(client.opened_by))
            await server.until(lambda: bool(server.opened_by))
            for side in (theirs, links):
                for connection in side._connections.values():
                    sock = connection.stream._writer.get_extra_info("socket")
                    assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)

    run(test())


@pytest.mark.parametrize(
    ("case", "code"),
    [("nobody", "tcp_refused"), ("somebody else", "another_program"), ("no address", "nothing_answers")],
)
def test_a_dial_that_comes_to_nothing_is_reported_once(ids: list[Identity], case: str, code: str) -> None:
    async def test() -> None:
        async with listening(ids[0]) as (_, _, port), listening(ids[1]) as (links, client, _):
            expected = ids[2] if case == "somebody else" else ids[0]
            free = socket.create_server(("127.0.0.1", 0))
            closed = free.getsockname()[1]
            free.close()
            addresses = [] if case == "no address" else ["127.0.0.1"]
            links.dial(expected.peer_id, addresses, closed if case == "nobody" else port, 7)
            await client.until(lambda: bool(client.failures))
            assert client.failures == [code]
            assert client.opened_by == []

    run(test())


@pytest.mark.parametrize("here", [True, False], ids=["ours", "theirs"])
def test_a_clock_that_is_off_by_years_is_told_at_once(ids: list[Identity], here: bool) -> None:
    """To a machine whose clock is before 2000, every certificate is one that is not valid yet."""
    young = Forged(begins=dt.datetime(9998, 1, 1, tzinfo=dt.UTC))
    server, client = (young, ids[1]) if here else (ids[0], young)

    async def test() -> None:
        async with listening(server) as (_, _, port), listening(client) as (links, handler, _):
            links.dial(_peer_of(server.certificate), ["127.0.0.1"], port, 7)
            await handler.until(lambda: bool(handler.failures))
            assert handler.failures == ["clock_off" if here else "hung_up"]

    run(test())


def test_another_protocol_version_is_told_by_a_code(ids: list[Identity]) -> None:
    other = m.Hello(protocol=99, version="9", instance="0" * 16, name="x", tcp_port=1, games={})

    async def test() -> None:
        async with listening(ids[0], hello=other) as (_, _, port), listening(ids[1]) as (links, client, _):
            links.dial(ids[0].peer_id, ["127.0.0.1"], port, 7)
            await client.until(lambda: bool(client.failures))
            assert client.opened_by == []

    run(test())


@pytest.mark.parametrize("seed", range(6))
def test_random_bytes_inside_tls_are_answered_with_a_code_and_the_end(ids: list[Identity], seed: int) -> None:
    rng = random.Random(seed)

    async def test() -> None:
        async with listening(ids[0]) as (links, _, port):
            reader, writer = await open_from("127.0.0.1", port)
            stream = await connect_tls(reader, writer, Credentials(ids[1]), ids[0].peer_id)
            if seed % 2:
                stream.write(frame(m.encode_message(HELLO)))
            junk = rng.randbytes(rng.choice((40, 3000)))
            stream.write(junk if seed < 3 else frame(junk))
            buffer = FrameBuffer()
            buffer.feed(await everything(stream))
            said = [m.decode_message(payload) for payload in buffer.frames()]
            assert said[0] == HELLO
            assert isinstance(said[-1], m.Close)
            assert said[-1].code in ("frame_too_large", "bad_message", "hello_timeout", "silent")
            assert not links._connections
            writer.close()

    run(test())


@pytest.mark.timing
def test_a_hundred_idle_connections_keep_nobody_out_and_are_cut(ids: list[Identity]) -> None:
    async def test() -> None:
        async with listening(ids[0]) as (_, _, port), listening(ids[1]) as (links, client, _):
            began = time.monotonic()
            idle = [await open_from("127.0.0.1", port) for _ in range(100)]
            links.dial(ids[0].peer_id, ["127.0.0.1"], port, 7)
            await client.until(lambda: bool(client.opened_by or client.failures), 1.0)
            assert client.failures == []
            assert time.monotonic() - began < 1.0
            async with asyncio.timeout(5):
                said = await asyncio.gather(*(ended(reader) for reader, _ in idle))
            assert set(said) <= {b"", TEXT_ANSWER}
            assert said.count(TEXT_ANSWER) <= CONNECTIONS_PER_ADDRESS
            for _, writer in idle:
                writer.close()

    run(test())


async def ended(reader: asyncio.StreamReader) -> bytes:
    """What came until the end, or until a reset."""
    with contextlib.suppress(ConnectionError):
        return await reader.read()
    return b""


def test_one_address_cannot_use_up_the_places_of_others(ids: list[Identity]) -> None:
    """More connections than there are places, all at once, none of them honest; then one from elsewhere."""

    async def test() -> None:
        async with listening(ids[0]) as (_, _, port):
            count = CONNECTIONS_MAX + 20
            idle = await asyncio.gather(*(open_from("127.0.0.1", port) for _ in range(count)))
            reader, writer = await open_from("127.0.0.2", port)
            await connect_tls(reader, writer, Credentials(ids[1]), ids[0].peer_id)
            for _, other in [*idle, (reader, writer)]:
                other.transport.abort()

    run(test())


def test_many_addresses_cannot_keep_an_honest_one_out(ids: list[Identity]) -> None:
    async def test() -> None:
        async with listening(ids[0]) as (_, _, port):
            idle = [
                await open_from(f"127.0.1.{host}", port)
                for host in range(1, 11)
                for _ in range(CONNECTIONS_PER_ADDRESS)
            ]
            assert len(idle) > CONNECTIONS_MAX
            reader, writer = await open_from("127.0.0.2", port)
            await connect_tls(reader, writer, Credentials(ids[1]), ids[0].peer_id)
            for _, other in [*idle, (reader, writer)]:
                other.transport.abort()

    run(test())


def test_those_who_proved_themselves_are_not_pushed_out(ids: list[Identity]) -> None:
    async def test() -> None:
        async with listening(ids[0]) as (links, server, port), listening(ids[1]) as (ours, client, _):
            ours.dial(ids[0].peer_id, ["127.0.0.1"], port, 7)
            await server.until(lambda: bool(server.opened_by))
            idle = [await open_from("127.0.0.1", port) for _ in range(60)]
            await asyncio.sleep(0.1)
            assert len(links._connections) == 1
            assert (server.codes, client.codes) == ([], [])
            for _, other in idle:
                other.transport.abort()

    run(test())


def test_twenty_peers_on_one_machine_reach_each_other(tmp_path: Path) -> None:
    async def test() -> None:
        everybody = [open_identity(tmp_path / str(n)) for n in range(20)]
        async with contextlib.AsyncExitStack() as stack:
            homes = [await stack.enter_async_context(listening(identity)) for identity in everybody]
            for number, (links, _, _) in enumerate(homes):
                other = (number + 1) % len(homes)
                links.dial(everybody[other].peer_id, ["127.0.0.1"], homes[other][2], 1)
            for _, handler, _ in homes:
                await handler.until(lambda handler=handler: len(handler.opened_by) == 2)
                assert handler.failures == []

    run(test())
