"""Datagrams of a match, sealed: AES-128-CCM with 8-byte tags (RFC 3610, RFC 6655), and a replay window (RFC 4303).

    datagram = u8 0x80 | u16 big-endian low bits of the sequence number | ciphertext | 8-byte tag

Each direction has its own key, agreed inside the TLS session, and counts its datagrams from 1; the full number is the
nonce. The short tag is a choice: 24 bytes of payload sixty times a second would pay a third more for a long one, and
a forger has 2^-64 a try, against a receiver that ends nothing on a failed one. Knows nothing of the payload.
"""

from struct import Struct

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESCCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

__all__ = [
    "AHEAD_MAX",
    "MATCH_DATAGRAM",
    "OVERHEAD",
    "SEALED_LENGTHS",
    "SEALED_MAX",
    "Opener",
    "Sealer",
    "derive_keys",
]

MATCH_DATAGRAM = 0x80
"""First byte; discovery's datagrams and plain text begin below 0x80."""
_TAG = 8
_HEADER = 3
OVERHEAD = _HEADER + _TAG
SEALED_MAX = 1200
SEALED_LENGTHS = range(OVERHEAD, SEALED_MAX + 1)
"""Bytes of a sealed datagram."""
AHEAD_MAX = 0x8000
"""Sequence numbers ahead of the newest that can be told from those behind it."""
_WINDOW = 128
"""Sequence numbers behind the newest that are still taken, each once."""


def derive_keys(
    match: str, session: int, guest: str, host_salt: bytes, guest_salt: bytes
) -> tuple[bytes, bytes]:
    """The keys (16 bytes each) for host to guest and guest to host, from what each said inside TLS (RFC 5869).

    `session`: number of the session; `guest`: peer id of the guest. No two sessions have the same keys.
    """
    salts = host_salt + guest_salt
    info = f"p2pgame.match.{match}.{session}.{guest}".encode()
    material = HKDF(algorithm=SHA256(), length=32, salt=salts, info=info).derive(salts)
    return material[:16], material[16:]


_HEAD = Struct(">BH")
"""First byte, low bits of the sequence number."""
_NONCE = Struct(">5xQ")
"""The full one in 13 bytes."""


class Sealer:
    """The sending side of one direction."""

    def __init__(self, key: bytes) -> None:
        self._aead = AESCCM(key, tag_length=_TAG)
        self.sequence = 0
        """Of the newest datagram."""

    def seal(self, payload: bytes) -> bytes:
        self.sequence = sequence = self.sequence + 1
        header = _HEAD.pack(MATCH_DATAGRAM, sequence & 0xFFFF)
        return header + self._aead.encrypt(_NONCE.pack(sequence), payload, header)


class Opener:
    """The receiving side of one direction."""

    def __init__(self, key: bytes) -> None:
        self._aead = AESCCM(key, tag_length=_TAG)
        self.newest = 0
        """The largest sequence number opened so far."""
        self.opened = 0
        self.refused = 0
        """Datagrams that were forged, replayed or too old."""
        self._seen = 0

    def open(self, datagram: bytes, ahead: int = AHEAD_MAX) -> tuple[int, bytes] | None:
        """Sequence number and payload; None, and nothing has changed but a counter, if it is not genuine and new.

        `ahead`: the sender cannot have sent more datagrams since the newest, so a number beyond is not even tried.
        """
        if len(datagram) not in SEALED_LENGTHS or datagram[0] != MATCH_DATAGRAM:
            self.refused += 1
            return None
        sequence = expand(_HEAD.unpack_from(datagram)[1], self.newest)
        age = self.newest - sequence
        if sequence < 1 or not -ahead <= age < _WINDOW or (age >= 0 and self._seen >> age & 1):
            self.refused += 1
            return None
        try:
            payload = self._aead.decrypt(_NONCE.pack(sequence), datagram[_HEADER:], datagram[:_HEADER])
        except InvalidTag:
            self.refused += 1
            return None
        if age < 0:
            self._seen = (self._seen << -age | 1) & ((1 << _WINDOW) - 1)
            self.newest = sequence
        else:
            self._seen |= 1 << age
        self.opened += 1
        return sequence, payload


def expand(low: int, near: int) -> int:
    """The number nearest to `near` whose low 16 bits are `low`."""
    return near + ((low - near + 0x8000) & 0xFFFF) - 0x8000
