"""What every datagram of discovery begins with, and how long each may be. Bytes only.

datagram = "p2pg" | format version (u8) | type (u8) | payload
"""

from collections.abc import Container, Mapping
from enum import IntEnum
from typing import Final

__all__ = [
    "DATAGRAM_MAX",
    "FILTER_MAX",
    "FILTER_MIN",
    "FORMAT",
    "HEADER",
    "LENGTHS",
    "MAGIC",
    "SIGNATURE_SIZE",
    "DatagramType",
    "datagram_type",
    "header",
]

MAGIC: Final = b"p2pg"
FORMAT: Final = 1
"""Layout of header and discovery payloads. Another number is dropped; `Beacon.protocol` is what peers compare."""
HEADER: Final = MAGIC + bytes([FORMAT])
"""Each datagram begins with it; the type follows."""
DATAGRAM_MAX: Final = 1200
"""Bytes; fits every link without fragments."""
FILTER_MIN: Final = 16
"""Bytes of the filter that we send in a request for a bundle: who knows hardly anybody yet misses nobody by it ..."""
FILTER_MAX: Final = 1024
"""... and of any."""
SIGNATURE_SIZE: Final = 64
"""Bytes at the end of a signed datagram."""


class DatagramType(IntEnum):
    """The sixth byte of a datagram."""

    BEACON = 1
    PING = 2
    PONG = 3
    DIAL_REQUEST = 4
    CHALLENGE = 5
    PROBE = 6
    PROOF = 7
    BUNDLE_REQUEST = 8
    BUNDLE_TOKEN = 9
    BUNDLE = 10
    """These three: `wire.bundle`."""


def header(kind: DatagramType) -> bytes:
    """The first bytes of each datagram of this type."""
    return HEADER + bytes([kind])


_HEADER = len(HEADER) + 1
_SIGNED = range(_HEADER + SIGNATURE_SIZE + 1, DATAGRAM_MAX + 1)
LENGTHS: Final[Mapping[bytes, Container[int]]] = {
    header(DatagramType.BEACON): _SIGNED,
    header(DatagramType.DIAL_REQUEST): _SIGNED,
    header(DatagramType.PING): (_HEADER + 16,),
    header(DatagramType.PONG): (_HEADER + 16,),
    header(DatagramType.CHALLENGE): (_HEADER + 16,),
    header(DatagramType.PROBE): (_HEADER + 64,),
    header(DatagramType.PROOF): (_HEADER + 24,),
    header(DatagramType.BUNDLE_REQUEST): range(_HEADER + 24, _HEADER + 24 + FILTER_MAX + 1),
    header(DatagramType.BUNDLE_TOKEN): (_HEADER + 24,),
    header(DatagramType.BUNDLE): range(_HEADER + 12, DATAGRAM_MAX + 1),
}
"""Bytes that a datagram of each type may have, by its header."""


def datagram_type(data: bytes) -> int | None:
    """The first look: the type of `data`, or None if its header or its length is none of ours."""
    return data[_HEADER - 1] if len(data) in LENGTHS.get(data[:_HEADER], ()) else None
