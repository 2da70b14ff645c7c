"""A small LAN for targets: signed beacons and calls of numbered peers. The keys are in the open, to be reproducible."""

from functools import cache

from p2pgame.core.ids import peer_id_of
from p2pgame.wire.beacon import Beacon, DialRequest, encode_beacon, encode_dial_request
from tests.signers import Signer

__all__ = ["ME", "beacon_of", "call_of"]

ME = 1
"""Number of the peer under attack."""


@cache
def _key(number: int) -> Signer:
    return Signer(number)


def beacon_of(number: int, seq: int = 10, **changes: object) -> bytes:
    """A well signed beacon."""
    fields: dict[str, object] = {
        "public_key": _key(number).public_key,
        "exchange_key": _key(number).exchange.public_key,
        "instance": number.to_bytes(8, "big"),
        "seq": seq,
        "protocol": 1,
        "version": "0.1.0",
        "name": f"P{number}",
        "tcp_port": 41421,
        "udp_port": 41421,
        "flags": 0,
        "playing": "",
        "games": {"gomoku": bytes.fromhex("0011223344556677")},
        "ttl_ms": 7000,
    }
    return encode_beacon(Beacon(**{**fields, **changes}), _key(number))  # type: ignore[arg-type]


def call_of(number: int, seq: int = 20) -> bytes:
    """A well signed call to the peer under attack."""
    key = _key(number)
    return encode_dial_request(
        DialRequest(key.public_key, peer_id_of(_key(ME).public_key), b"n" * 8, seq, 41421), key
    )
