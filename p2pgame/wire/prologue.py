"""The clear bytes before TLS: each side shows its certificate, so that the other can demand exactly that one.

    prologue = "p2pg" | u8 format (1) | u16 big-endian length | DER certificate (1..4096 bytes)

Self-signed certificates have no authority behind them; TLS then proves that the key is really held, and the
peer id, which is a hash of the key, says who it is. Does not parse certificates.
"""

from p2pgame.core.errors import RemoteProtocolError
from p2pgame.wire.bounds import PROLOGUE_CERTIFICATE_MAX

__all__ = ["HEADER_SIZE", "MAGIC", "TEXT_ANSWER", "certificate_length", "prologue"]

MAGIC = b"p2pg"
_FORMAT = 1
HEADER_SIZE = len(MAGIC) + 3

TEXT_ANSWER = (
    b"This is a p2pgame peer: a program to play games on a LAN. It speaks only to other p2pgame peers.\r\n"
)
"""Sent before the end to telnet, or any other program that does not send a prologue."""


def prologue(certificate: bytes) -> bytes:
    """The prologue for a DER certificate."""
    if not 0 < len(certificate) <= PROLOGUE_CERTIFICATE_MAX:
        raise ValueError("certificate too long for the prologue")
    return MAGIC + bytes([_FORMAT]) + len(certificate).to_bytes(2, "big") + certificate


def certificate_length(header: bytes) -> int:
    """How many bytes of certificate follow this header (`HEADER_SIZE` bytes).

    Raises `RemoteProtocolError`: ``not_p2pgame``, ``wrong_version`` or ``bad_prologue``.
    """
    if header[:4] != MAGIC:
        raise RemoteProtocolError("not_p2pgame")
    if header[4] != _FORMAT:
        raise RemoteProtocolError("wrong_version", format=header[4])
    length = int.from_bytes(header[5:7], "big")
    if not 0 < length <= PROLOGUE_CERTIFICATE_MAX:
        raise RemoteProtocolError("bad_prologue", length=length)
    return length
