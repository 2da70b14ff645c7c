"""The first bytes of a connection, and the certificate that follows them."""

from contextlib import suppress

from p2pgame.core.errors import RemoteProtocolError
from p2pgame.core.ids import is_peer_id
from p2pgame.net.tls import _peer_of
from p2pgame.wire.prologue import HEADER_SIZE, certificate_length, prologue
from tests.fuzz.mutate import bent

mutate = bent

CERTIFICATE = bytes.fromhex(
    "3082011d3081d0a0030201020214171fb10bd33ee6b5b69401a15367ef789da5a004300506032b657030253123302106"
    "035504030c1a7835727368376f72347a6337716a327a7437756b646e3271716f3020170d303030313031303030303030"
    "5a180f39393939313233313233353935395a30253123302106035504030c1a7835727368376f72347a6337716a327a74"
    "37756b646e3271716f302a300506032b65700321000edaf56093fdbdb65761cfcf3beaf86421f902727ca358decdfa66"
    "6ffbce4a99a310300e300c0603551d130101ff04023000300506032b65700341001afc6b5baee72ac75fb4e4f4ec8cc5"
    "a3c5760f2dcde86f2b45a09cce2e02a4864bc522642547a36a53c672987e4856af3d9bc44ef23095b37b80eec85d442b"
    "04"
)
"""Self-signed, of a key that was thrown away."""
_KEY = slice(-124, -92)
"""The raw public key in it."""


def samples() -> list[bytes]:
    return [
        prologue(CERTIFICATE),
        prologue(b"\x30\x82"),
        b"GET / HTTP/1.1\r\n\r\n",
        b"\x16\x03\x01\x02\0\1\0\1\xfc\3\3",
    ]


def fuzz_one(data: bytes) -> None:
    if len(data) < HEADER_SIZE:
        return
    with suppress(RemoteProtocolError):
        length = certificate_length(data[:HEADER_SIZE])
        assert 1 <= length <= 4096
        certificate = data[HEADER_SIZE : HEADER_SIZE + length]
        peer = _peer_of(certificate)
        assert is_peer_id(peer)
        assert peer != _peer_of(CERTIFICATE) or CERTIFICATE[_KEY] in certificate, "the key says who it is"
