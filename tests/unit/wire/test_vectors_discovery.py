"""The test vectors in docs/protocol.md are what this program sends."""

import re
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from p2pgame.core.ids import peer_id_of
from p2pgame.discovery.seeds import AddressTokens
from p2pgame.wire.beacon import (
    Beacon,
    Challenge,
    DialRequest,
    Flag,
    Ping,
    Pong,
    encode_beacon,
    encode_challenge,
    encode_dial_request,
    encode_ping,
    encode_pong,
    txt_of_datagram,
)

DOCS = Path(__file__).parents[3] / "docs"


class Signer:
    """The key whose private bytes are 00 01 .. 1f."""

    def __init__(self) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
        self.public_key = self._key.public_key().public_bytes_raw()

    def sign(self, data: bytes, /) -> bytes:
        return self._key.sign(data)


def vectors() -> dict[str, str]:
    """Every vector by its name in the page, hex or text."""
    signer = Signer()
    beacon = Beacon(
        public_key=signer.public_key,
        instance=bytes.fromhex("a0a1a2a3a4a5a6a7"),
        seq=1_800_000_000_001,
        protocol=1,
        version="0.1.0",
        name="Zoë 王",
        tcp_port=41421,
        udp_port=41421,
        flags=Flag.SOLICIT,
        playing="",
        games={"gomoku": bytes.fromhex("00112233aabbccdd")},
        ttl_ms=7000,
    )
    request = DialRequest(
        signer.public_key, "a" * 26, bytes.fromhex("0102030405060708"), 1_800_000_000_002, 41421
    )
    data = encode_beacon(beacon, signer)
    txt = b"".join(
        bytes([len(key) + 1 + len(value)]) + key + b"=" + value
        for key, value in txt_of_datagram(data).items()
    )
    nonce, instance = bytes.fromhex("0102030405060708"), beacon.instance
    return {
        "public-key": signer.public_key.hex(),
        "peer-id": peer_id_of(signer.public_key),
        "beacon": data.hex(),
        "txt": txt.hex(),
        "ping": encode_ping(Ping(nonce, instance)).hex(),
        "pong": encode_pong(Pong(nonce, instance)).hex(),
        "dial-request": encode_dial_request(request, signer).hex(),
        "challenge": encode_challenge(Challenge(bytes(range(16)))).hex(),
        "token": AddressTokens(bytes(32)).make(("10.0.0.7", 41421), 45.0).hex(),
    }


@pytest.mark.parametrize("name", vectors())
def test_the_page_shows_what_is_sent(name: str) -> None:
    pages = [path.read_text("utf-8") for path in sorted(DOCS.glob("protocol*.md"))]
    shown = [
        re.sub(r"\s", "", match[1])
        for page in pages
        for match in re.finditer(rf"```vector {name}\n(.*?)```", page, re.DOTALL)
    ]
    assert shown == [vectors()[name]]
