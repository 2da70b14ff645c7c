"""A datagram of discovery: decoding."""

from contextlib import suppress

from p2pgame.core.errors import RemoteProtocolError
from p2pgame.wire.beacon import (
    DATAGRAM_MAX,
    Challenge,
    Flag,
    Ping,
    Pong,
    Probe,
    Proof,
    SignedBeacon,
    decode,
    encode_challenge,
    encode_ping,
    encode_pong,
    encode_probe,
    encode_proof,
)
from tests.fuzz.mutate import in_msgpack
from tests.fuzz.targets.lan import beacon_of, call_of

mutate = in_msgpack(head=6, tail=64)


def samples() -> list[bytes]:
    return [
        beacon_of(2),
        beacon_of(3, flags=Flag.SOLICIT | Flag.SEED, token=b"t" * 16),
        beacon_of(4, flags=Flag.GOODBYE, games={f"game-{i}": b"digest-1" for i in range(32)}),
        call_of(2),
        encode_ping(Ping(b"n" * 8, b"i" * 8)),
        encode_pong(Pong(b"n" * 8, b"i" * 8)),
        encode_challenge(Challenge(b"t" * 16)),
        encode_probe(Probe(b"k" * 32, 1, b"n" * 8, b"t" * 16)),
        encode_proof(Proof(b"n" * 8, b"t" * 16)),
        b"ping\n",
    ]


def fuzz_one(data: bytes) -> None:
    with suppress(RemoteProtocolError):
        message = decode(data)
        assert len(data) <= DATAGRAM_MAX
        if isinstance(message, SignedBeacon):
            assert len(message.body.peer) == 26
            assert len(message.signature) == 64
