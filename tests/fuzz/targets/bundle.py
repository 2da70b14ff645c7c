"""Requests for bundles, their tokens and bundles: read as they are, or refused; a filter answers for any key."""

from p2pgame.core.errors import RemoteProtocolError
from p2pgame.wire.beacon import decode
from p2pgame.wire.bundle import (
    Bundle,
    BundleRequest,
    BundleToken,
    KnownFilter,
    Told,
    encode_request,
    encode_token,
    pack,
)
from p2pgame.wire.datagram import DATAGRAM_MAX, DatagramType, datagram_type
from tests.fuzz.mutate import bent
from tests.fuzz.targets.lan import beacon_of

mutate = bent

_NONCE = b"12345678"


def samples() -> list[bytes]:
    told = [Told(beacon_of(number), number, ("10.0.0.7", "2001:db8::7")) for number in range(2, 12)]
    known = KnownFilter.of(_NONCE, [bytes([number]) * 32 for number in range(40)])
    return [
        *pack(_NONCE, told, 4),
        encode_request(BundleRequest(_NONCE, bytes(16), b"")),
        encode_request(BundleRequest(_NONCE, b"t" * 16, known.data)),
        encode_token(BundleToken(_NONCE, b"t" * 16)),
    ]


def fuzz_one(data: bytes) -> None:
    try:
        message = decode(data)
    except RemoteProtocolError:
        return
    match message:
        case Bundle():
            assert message.number < message.count
            assert sum(len(told.beacon) for told in message.told) <= len(data) <= DATAGRAM_MAX
            assert all(datagram_type(told.beacon) == DatagramType.BEACON for told in message.told)
            if message.told:
                (again,) = pack(message.nonce, message.told, 1)
                assert again[18:] == data[18:]
        case BundleRequest():
            known = KnownFilter(message.nonce, message.known)
            assert (bytes(32) in known) in (True, False)
            assert encode_request(message) == data
        case BundleToken():
            assert encode_token(message) == data
