"""Mutual TLS 1.3 between two self-signed identities, after a prologue in which each shows its certificate.

TLS proves that the other side holds the key of the certificate that it showed; the caller then compares the peer id
that the key hashes to. Reads nothing of what travels inside.
"""

import asyncio
import contextlib
import ssl
from collections.abc import Callable
from typing import Protocol

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from p2pgame.core.errors import RemoteProtocolError
from p2pgame.core.ids import PeerId, peer_id_of
from p2pgame.wire.bounds import PROLOGUE_TIMEOUT, TLS_TIMEOUT
from p2pgame.wire.prologue import HEADER_SIZE, TEXT_ANSWER, certificate_length, prologue

__all__ = ["STREAM_LIMIT", "Credentials", "TlsStream", "accept_tls", "close_writer", "connect_tls"]

STREAM_LIMIT = 16 * 1024
"""Bytes that are read at once below TLS: one TLS record."""
_PROLOGUE_READS = 4
_HANDSHAKE_READS = 16
"""Of one connection: an honest one needs one, and three. Each costs as much as a small message, be it one byte."""
_TRUSTED_MAX = 256
_CLOSE_TIMEOUT = 1.0
_DROPPED_READS = 64
"""After our end of a connection: what an honest peer had sent before it read that fits into a few."""
_REFUSALS = (OSError, asyncio.IncompleteReadError)  # with `TimeoutError` and `ssl.SSLError`


class _Identity(Protocol):
    """What a handshake needs of an identity."""

    @property
    def certificate(self) -> bytes: ...
    def load_into(self, context: ssl.SSLContext) -> None: ...


class Credentials:
    """Our certificate and key, in contexts that serve many handshakes: a context costs as much as a handshake.

    A context trusts the certificates of up to `_TRUSTED_MAX` peers at once, and is then made anew. That gives no peer
    another's name: `_open_tls` compares the certificate of TLS with the one that was shown, and TLS proves its key. Nor
    can one keep another out that has the same subject: of all of them the very one that was shown is looked for
    (`VERIFY_X509_PARTIAL_CHAIN`). So nothing of a certificate counts but its key.
    """

    def __init__(self, identity: _Identity) -> None:
        self.certificate = identity.certificate
        """DER."""
        self._identity = identity
        self._contexts = {server: self._new(server=server) for server in (False, True)}
        self._trusted: dict[bool, set[bytes]] = {False: set(), True: set()}

    def context(self, peer_certificate: bytes, *, server: bool) -> ssl.SSLContext:
        """A context that trusts `peer_certificate` (DER), which must have been checked."""
        trusted = self._trusted[server]
        if len(trusted) >= _TRUSTED_MAX:
            trusted.clear()
            self._contexts[server] = self._new(server=server)
        context = self._contexts[server]
        if peer_certificate not in trusted:
            context.load_verify_locations(cadata=peer_certificate)
            trusted.add(peer_certificate)
        return context

    def _new(self, *, server: bool) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER if server else ssl.PROTOCOL_TLS_CLIENT)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        context.check_hostname = False
        context.verify_mode = ssl.CERT_REQUIRED
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        if server:
            context.num_tickets = 0
        self._identity.load_into(context)
        return context


class _Source:
    """Bytes of a connection, read when they are asked for and not before: until then they wait in the system.

    So a flood of small pieces costs what we read, not what was sent. Within a ``with`` block, in which nothing may be
    waited for but the next bytes, the loop looks at the socket all the while: to look away and back costs more than to
    read.
    """

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._transport: asyncio.ReadTransport = writer.transport  # type: ignore[assignment]
        self._stays = False

    def __enter__(self) -> "_Source":
        self._stays = True
        return self

    def __exit__(self, *_: object) -> None:
        self._stays = False
        self._transport.pause_reading()

    async def read(self) -> bytes:
        """What is there, at least a byte; nothing at the end of the connection. Raises `OSError`."""
        self._transport.resume_reading()
        try:
            return await self._reader.read(STREAM_LIMIT)
        finally:
            if not self._stays:
                self._transport.pause_reading()

    async def read_certificate(self) -> bytes:
        """The certificate in the other side's prologue. Raises `RemoteProtocolError`, `OSError`, `EOFError`."""
        data = b""
        for _ in range(_PROLOGUE_READS):
            piece = await self.read()
            data += piece
            if not piece:
                raise asyncio.IncompleteReadError(data, None)
            if len(data) < HEADER_SIZE:
                continue
            size = HEADER_SIZE + certificate_length(data[:HEADER_SIZE])
            if len(data) > size:  # nothing follows before our prologue
                raise RemoteProtocolError("bad_prologue", length=len(data))
            if len(data) == size:
                return data[HEADER_SIZE:]
        raise RemoteProtocolError("bad_prologue", reason="pieces")


class TlsStream:
    """TLS over asyncio streams.

    `asyncio.start_tls` does the same with 256 KiB of buffers a connection, which a stranger could have us hold; and
    here received bytes are decrypted when the caller wants to pay for that.
    """

    def __init__(
        self,
        source: _Source,
        writer: asyncio.StreamWriter,
        context: ssl.SSLContext,
        *,
        server: bool,
    ) -> None:
        self.ended = False
        """Nothing follows what `decrypt` gave."""
        self._early = 0
        """Bytes that came together with the end of the handshake."""
        self._abort: asyncio.TimerHandle | None = None
        """Set once we said our last."""
        self._source = source
        self._writer = writer
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_side=server)

    async def handshake(self) -> bytes | None:
        """Shake hands; returns the certificate of the other side (DER). Raises `OSError`."""
        waits = self._tls.server_side
        for _ in range(_HANDSHAKE_READS):
            if waits and not await self.receive():
                raise ConnectionResetError("the connection ended in the handshake")
            waits = True
            try:
                self._tls.do_handshake()
            except ssl.SSLWantReadError:
                self._flush()
            except ssl.SSLError:
                self._flush()  # the other side is told why
                raise
            else:
                self._early = self._incoming.pending
                self._flush()
                return self._tls.getpeercert(binary_form=True)
        raise ConnectionResetError("the handshake comes in too small pieces")

    async def receive(self) -> int:
        """Wait for bytes; returns how many came, 0 at the end of the connection. Raises `OSError`."""
        early, self._early = self._early, 0
        if early:
            return early
        data = await self._source.read()
        if data:
            self._incoming.write(data)
        else:
            self.ended = True
        return len(data)

    def decrypt(self) -> bytes:
        """What was said in the received bytes; may be nothing. Raises `OSError`."""
        parts = []
        try:
            while part := self._tls.read(STREAM_LIMIT):
                parts.append(part)
            self.ended = True
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLZeroReturnError:
            self.ended = True
        self._flush()  # TLS itself may have something to answer
        return b"".join(parts)

    def write(self, data: bytes) -> None:
        """Send `data`; nothing happens if the connection is being closed or TLS came to a fault."""
        if self._abort is None:
            with contextlib.suppress(ssl.SSLError):
                self._tls.write(data)
            self._flush()

    @property
    def unsent(self) -> int:
        """Bytes that the system did not take yet."""
        return self._writer.transport.get_write_buffer_size()

    def close(self, data: bytes = b"") -> None:
        """Send `data` and what was written, then our end. The other side has `_CLOSE_TIMEOUT` seconds for its own."""
        if self._abort is None:
            with contextlib.suppress(ssl.SSLError):  # it wants an answer, which nobody needs
                if data:
                    self._tls.write(data)
                self._tls.unwrap()
            self._flush()
            loop = asyncio.get_running_loop()
            self._abort = loop.call_later(_CLOSE_TIMEOUT, self._writer.transport.abort)
            with contextlib.suppress(OSError):
                self._writer.write_eof()

    async def drop(self) -> None:
        """After `close`: read to the other side's end, and drop it.

        A socket that is closed earlier resets the connection when more arrives (RFC 1122, 4.2.2.13), and then nobody
        sends again what was lost of our last words.
        """
        with contextlib.suppress(OSError):
            for _ in range(_DROPPED_READS):
                if not await self._source.read():
                    break
        if self._abort is not None:
            self._abort.cancel()

    def _flush(self) -> None:
        data = self._outgoing.read()
        if data and self._abort is None and not self._writer.is_closing():
            self._writer.write(data)


async def connect_tls(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    credentials: Credentials,
    expected: PeerId,
    prologue_timeout: float = PROLOGUE_TIMEOUT,
) -> TlsStream:
    """Prologue and TLS as the dialler, on a fresh connection; afterwards `expected` is known to be there.

    Raises `RemoteProtocolError`: ``wrong_peer`` if another peer than `expected` is there, ``handshake_failed``, or
    a code of the prologue.
    """
    writer.write(prologue(credentials.certificate))
    try:
        with _Source(reader, writer) as source:
            async with asyncio.timeout(prologue_timeout):
                certificate = await source.read_certificate()
            if _peer_of(certificate) != expected:
                raise RemoteProtocolError("wrong_peer")
            return await _open_tls(source, writer, credentials, certificate, server=False)
    except _REFUSALS as error:
        raise _failed(error) from error


async def accept_tls(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    credentials: Credentials,
    *,
    admit: Callable[[PeerId], bool] = lambda _: True,
    prologue_timeout: float = PROLOGUE_TIMEOUT,
) -> tuple[PeerId, TlsStream]:
    """Prologue and TLS as the listener. Returns the proven peer id of the dialler; raises like `connect_tls`.

    `admit` is asked once the prologue is here, before anything that costs time, with the peer id that the dialler
    claims; if it says no: ``too_many``.

    A program that does not send a prologue (telnet, a web browser) gets one line of English.
    """
    try:
        with _Source(reader, writer) as source:
            try:
                async with asyncio.timeout(prologue_timeout):
                    certificate = await source.read_certificate()
            except (RemoteProtocolError, *_REFUSALS):
                writer.write(TEXT_ANSWER)
                raise
            claimed = _peer_of(certificate)
            if not admit(claimed):
                raise RemoteProtocolError("too_many")
            writer.write(prologue(credentials.certificate))
            return claimed, await _open_tls(source, writer, credentials, certificate, server=True)
    except _REFUSALS as error:
        raise _failed(error) from error


async def _open_tls(
    source: _Source,
    writer: asyncio.StreamWriter,
    credentials: Credentials,
    peer_certificate: bytes,
    *,
    server: bool,
) -> TlsStream:
    """Shake hands; afterwards the other side is known to hold the key of `peer_certificate` (DER)."""
    stream = TlsStream(source, writer, credentials.context(peer_certificate, server=server), server=server)
    async with asyncio.timeout(TLS_TIMEOUT):
        proven = await stream.handshake()
    if proven != peer_certificate:
        raise RemoteProtocolError("wrong_peer", reason="certificate_changed")
    return stream


async def close_writer(writer: asyncio.StreamWriter) -> None:
    """Close once all is sent, or after `_CLOSE_TIMEOUT` seconds, or when cancelled."""
    writer.close()
    try:
        if writer.transport.get_write_buffer_size():
            async with asyncio.timeout(_CLOSE_TIMEOUT):
                await writer.wait_closed()
    except (OSError, TimeoutError):
        pass
    finally:
        writer.transport.abort()


def _peer_of(certificate: bytes) -> PeerId:
    """Whoever holds the key of a certificate (DER). Raises `RemoteProtocolError("bad_certificate")`."""
    from cryptography import x509  # loaded for the first handshake, not at the start

    with contextlib.suppress(ValueError, TypeError, UnsupportedAlgorithm, x509.InvalidVersion):
        key = x509.load_der_x509_certificate(certificate).public_key()
        if isinstance(key, Ed25519PublicKey):
            return peer_id_of(key.public_bytes_raw())
    raise RemoteProtocolError("bad_certificate")


def _failed(error: BaseException) -> RemoteProtocolError:
    if isinstance(error, RemoteProtocolError):
        return error
    reason = "timeout" if isinstance(error, TimeoutError) else (str(error) or type(error).__name__)
    return RemoteProtocolError("handshake_failed", reason=reason)
