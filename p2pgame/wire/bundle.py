"""Bundles: signed beacons of others that a peer tells by unicast to who asks. Bytes to structs and back.

Layout and test vectors: docs/protocol.md, "Bundles". Knows no peers, and checks no signature: a told beacon is bytes.

    request = header | nonce (8) | token (16, zeros: none yet) | filter (0 to 1,024)
    token   = header | nonce (8) | token (16)
    bundle  = header | nonce (8) | number (u8) | count (u8) | remaining (u16) | told ...
    told    = age (u16, s) | addresses (u8) | each: size (u8: 4, 16), bytes | length (u16) | the beacon's datagram

The filter is a Bloom filter (Bloom 1970) of the public keys that who asks knows already: of 8 bits for each, 4 are set.
"""

from collections.abc import Iterable, Iterator, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final

import msgspec

from p2pgame.core.digest import digest
from p2pgame.core.errors import RemoteProtocolError
from p2pgame.wire.datagram import DATAGRAM_MAX, FILTER_MAX, FILTER_MIN, DatagramType, datagram_type, header

__all__ = [
    "NO_TOKEN",
    "TOLD_ADDRESSES_MAX",
    "Bundle",
    "BundleRequest",
    "BundleToken",
    "KnownFilter",
    "Told",
    "decode_bundle",
    "decode_request",
    "decode_token",
    "encode_request",
    "encode_token",
    "pack",
]

NO_TOKEN: Final = bytes(16)
TOLD_ADDRESSES_MAX: Final = 2
"""Addresses of one told peer."""
AGE_MAX: Final = 65_535
_HEADER = len(header(DatagramType.BUNDLE))
_HEAD = _HEADER + 12
_HASHES = 4
_SIZES = (4, 16)


class BundleRequest(msgspec.Struct, frozen=True):
    """Asks for the beacons of whom the filter does not name; without a token for a token."""

    nonce: bytes
    """Random; new with each request. A bundle repeats it."""
    token: bytes
    known: bytes
    """The filter."""


class BundleToken(msgspec.Struct, frozen=True):
    """Ask again with this: it shows that you receive at your address. As long as the request without a token."""

    nonce: bytes
    token: bytes


class Told(msgspec.Struct, frozen=True):
    """What one peer says of another: only the beacon is signed."""

    beacon: bytes
    """A datagram, 1 to 65,535 bytes."""
    age: int
    """Whole seconds since who tells it had a sign of life of that peer."""
    addresses: tuple[str, ...]
    """Where who tells it reaches that peer; at most `TOLD_ADDRESSES_MAX`, without scope."""


class Bundle(msgspec.Struct, frozen=True):
    """One datagram of an answer."""

    nonce: bytes
    number: int
    """Of this datagram, from 0 ..."""
    count: int
    """... of so many of this answer, 1 to 255."""
    remaining: int
    """Peers that are asked for and that this answer has no room for: ask again, with a newer filter."""
    told: tuple[Told, ...]


class KnownFilter:
    """Which public keys who asks knows: may name some too many, of many keys one in fifty, and never one too few."""

    def __init__(self, nonce: bytes, bits: bytes) -> None:
        self._nonce = nonce
        self._bits = bits

    @classmethod
    def of(cls, nonce: bytes, public_keys: Sequence[bytes]) -> "KnownFilter":
        """One with two bytes for each key, at least `FILTER_MIN` and at most `FILTER_MAX`."""
        bits = bytearray(min(FILTER_MAX, max(FILTER_MIN, 2 * len(public_keys))))
        for key in public_keys:
            for place in _places(nonce, key, len(bits)):
                bits[place >> 3] |= 1 << (place & 7)
        return cls(nonce, bytes(bits))

    @property
    def data(self) -> bytes:
        return self._bits

    def __contains__(self, public_key: bytes) -> bool:
        bits = self._bits
        if not bits:
            return False
        return all(bits[p >> 3] & 1 << (p & 7) for p in _places(self._nonce, public_key, len(bits)))


def _places(nonce: bytes, public_key: bytes, size: int) -> Iterator[int]:
    """Four bits of `size` bytes: each is four bytes of H("bundle filter", nonce, public key), as u32, modulo all."""
    hashed = digest("bundle filter", nonce, public_key)
    for start in range(0, 4 * _HASHES, 4):
        yield int.from_bytes(hashed[start : start + 4], "big") % (8 * size)


def encode_request(request: BundleRequest) -> bytes:
    return header(DatagramType.BUNDLE_REQUEST) + request.nonce + request.token + request.known


def encode_token(token: BundleToken) -> bytes:
    return header(DatagramType.BUNDLE_TOKEN) + token.nonce + token.token


def pack(nonce: bytes, told: Iterable[Told], most: int) -> list[bytes]:
    """The datagrams of an answer: at most `most`, 1 to 255, at least one.

    Each is as full as possible. A beacon that fits into none is left out; those for which there is no datagram left are
    counted as remaining.
    """
    bodies, remaining = [b""], 0
    for each in told:
        line = _line(each)
        if _HEAD + len(line) > DATAGRAM_MAX:
            continue
        if _HEAD + len(bodies[-1]) + len(line) <= DATAGRAM_MAX:
            bodies[-1] += line
        elif len(bodies) < most:
            bodies.append(line)
        else:
            remaining += 1
    end = bytes([len(bodies)]) + min(remaining, 65_535).to_bytes(2, "big")
    start = header(DatagramType.BUNDLE) + nonce
    return [start + bytes([number]) + end + body for number, body in enumerate(bodies)]


def _line(told: Told) -> bytes:
    places = b""
    for address in told.addresses[:TOLD_ADDRESSES_MAX]:
        packed = ip_address(address).packed
        places += bytes([len(packed)]) + packed
    return (
        max(0, min(told.age, AGE_MAX)).to_bytes(2, "big")
        + bytes([min(len(told.addresses), TOLD_ADDRESSES_MAX)])
        + places
        + len(told.beacon).to_bytes(2, "big")
        + told.beacon
    )


def decode_request(data: bytes) -> BundleRequest:
    """Of a datagram with this header and a length that it may have, as the others."""
    return BundleRequest(data[6:14], data[14:30], data[30:])


def decode_token(data: bytes) -> BundleToken:
    return BundleToken(data[6:14], data[14:])


def decode_bundle(data: bytes) -> Bundle:
    """Valid in form: each told beacon has the header and a length of one. Raises only `RemoteProtocolError`."""
    number, count = data[14], data[15]
    if number >= count:
        raise RemoteProtocolError("bad_datagram", type=int(DatagramType.BUNDLE))
    told = []
    at = _HEAD
    while at < len(data):
        age, places = int.from_bytes(data[at : at + 2], "big"), data[at + 2 : at + 3]
        at += 3
        if not places or places[0] > TOLD_ADDRESSES_MAX:
            raise RemoteProtocolError("bad_datagram", type=int(DatagramType.BUNDLE))
        addresses = []
        for _ in range(places[0]):
            size = data[at : at + 1]
            if not size or size[0] not in _SIZES:
                raise RemoteProtocolError("bad_datagram", type=int(DatagramType.BUNDLE))
            packed = data[at + 1 : at + 1 + size[0]]
            at += 1 + size[0]
            if len(packed) != size[0]:
                raise RemoteProtocolError("bad_datagram", type=int(DatagramType.BUNDLE))
            addresses.append(str(IPv4Address(packed) if size[0] == 4 else IPv6Address(packed)))
        length = int.from_bytes(data[at : at + 2], "big")
        beacon = data[at + 2 : at + 2 + length]
        at += 2 + length
        if len(beacon) != length or datagram_type(beacon) != DatagramType.BEACON:
            raise RemoteProtocolError("bad_datagram", type=int(DatagramType.BUNDLE))
        told.append(Told(beacon, age, tuple(addresses)))
    return Bundle(data[6:14], number, count, int.from_bytes(data[16:18], "big"), tuple(told))
