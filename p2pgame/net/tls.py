"""Mutual TLS 1.3 between two self-signed identities, after a prologue in which each shows its certificate.

The peer's certificate is the only one a connection trusts, so TLS proves that the other side holds its key; the
caller then compares the peer id that the key hashes to. Reads nothing of what travels inside.
"""

import asyncio
import contextlib
import ssl
from collections.abc import Callable

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from p2pgame.core.errors import RemoteProtocolError
from p2pgame.core.ids import PeerId, peer_id_of
from p2pgame.storage.identity import Identity
from p2pgame.wire.bounds import PROLOGUE_TIMEOUT, TLS_TIMEOUT
from p2pgame.wire.prologue import HEADER_SIZE, TEXT_ANSWER, certificate_length, prologue

__all__ = ["accept_tls", "connect_tls", "open_tls"]

_REFUSALS = (TimeoutError, ssl.SSLError, OSError, asyncio.IncompleteReadError)


async def connect_tls(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    identity: Identity,
    expected: PeerId,
    prologue_timeout: float = PROLOGUE_TIMEOUT,
) -> PeerId:
    """Prologue and TLS as the dialler, on a fresh connection. Returns the proven peer id.

    Raises `RemoteProtocolError`: ``wrong_peer`` if another peer than `expected` is there, ``handshake_failed``, or
    a code of the prologue.
    """
    writer.write(prologue(identity.certificate))
    try:
        async with asyncio.timeout(prologue_timeout):
            certificate = await _read_certificate(reader)
        if _peer_of(certificate) != expected:
            raise RemoteProtocolError("wrong_peer")
        await open_tls(writer, identity, certificate, server=False)
    except _REFUSALS as error:
        raise _failed(error) from error
    return expected


async def accept_tls(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    identity: Identity,
    *,
    admit: Callable[[], bool] = lambda: True,
    prologue_timeout: float = PROLOGUE_TIMEOUT,
) -> PeerId:
    """Prologue and TLS as the listener. Returns the proven peer id of the dialler; raises like `connect_tls`.

    `admit` is asked once the prologue is here, before anything that costs time; if it says no: ``too_many``.

    A program that does not send a prologue (telnet, a web browser) gets one line of English.
    """
    try:
        try:
            async with asyncio.timeout(prologue_timeout):
                certificate = await _read_certificate(reader)
        except (RemoteProtocolError, TimeoutError, asyncio.IncompleteReadError):
            writer.write(TEXT_ANSWER)
            raise
        if not admit():
            raise RemoteProtocolError("too_many")
        peer = _peer_of(certificate)
        # Last word in the clear, then TLS at once: an await between would leave the ClientHello in `reader`.
        writer.write(prologue(identity.certificate))
        await open_tls(writer, identity, certificate, server=True)
    except _REFUSALS as error:
        raise _failed(error) from error
    return peer


async def open_tls(
    writer: asyncio.StreamWriter, identity: Identity, peer_certificate: bytes, *, server: bool
) -> None:
    """Upgrade the connection; afterwards the other side is known to hold the key of `peer_certificate` (DER)."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER if server else ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.check_hostname = False
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(cadata=peer_certificate)
    if server:
        context.num_tickets = 0
    identity.load_into(context)
    await writer.start_tls(context, ssl_handshake_timeout=TLS_TIMEOUT)
    if writer.get_extra_info("ssl_object").getpeercert(binary_form=True) != peer_certificate:
        raise RemoteProtocolError("wrong_peer", reason="certificate_changed")


async def _read_certificate(reader: asyncio.StreamReader) -> bytes:
    header = await reader.readexactly(HEADER_SIZE)
    return await reader.readexactly(certificate_length(header))


def _peer_of(certificate: bytes) -> PeerId:
    """The peer id of a self-signed Ed25519 certificate. Raises `RemoteProtocolError("bad_certificate")`."""
    with contextlib.suppress(
        ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm, x509.InvalidVersion
    ):
        parsed = x509.load_der_x509_certificate(certificate)
        key = parsed.public_key()
        if isinstance(key, Ed25519PublicKey) and parsed.subject == parsed.issuer:
            key.verify(parsed.signature, parsed.tbs_certificate_bytes)
            return peer_id_of(key.public_bytes_raw())
    raise RemoteProtocolError("bad_certificate")


def _failed(error: BaseException) -> RemoteProtocolError:
    if isinstance(error, RemoteProtocolError):
        return error
    reason = "timeout" if isinstance(error, TimeoutError) else (str(error) or type(error).__name__)
    return RemoteProtocolError("handshake_failed", reason=reason)
