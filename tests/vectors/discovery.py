"""Vectors of docs/protocol.md, "Identity" and "Discovery"."""

import datetime as dt

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from p2pgame.core.ids import peer_id_of
from p2pgame.discovery.hall import HallCount
from p2pgame.discovery.schedule import count_of_ttl, ttl_ms
from p2pgame.discovery.seeds import AddressTokens
from p2pgame.wire.beacon import (
    Beacon,
    Challenge,
    DialRequest,
    Flag,
    Ping,
    Pong,
    RoomLine,
    encode_beacon,
    encode_challenge,
    encode_dial_request,
    encode_ping,
    encode_pong,
    encode_probe,
    encode_proof,
    txt_of_datagram,
)
from p2pgame.wire.bounds import PROTOCOL
from p2pgame.wire.bundle import (
    BundleRequest,
    BundleToken,
    KnownFilter,
    Told,
    encode_request,
    pack,
)
from p2pgame.wire.bundle import encode_token as encode_bundle_token
from p2pgame.wire.chat import (
    Ask,
    Kind,
    Line,
    PassedLine,
    author_tag,
    encode_ask,
    encode_lines,
    encode_token,
    sign_line,
)
from p2pgame.wire.probe import ExchangeKey, make_probe, make_proof
from tests.vectors.vector import Vector

__all__ = ["Signer", "certificate", "vectors"]

PRIVATE = bytes(range(32))
_EXCHANGE = bytes(range(32, 64))
_ASKER = bytes(range(64, 96))
_NONCE = bytes.fromhex("0102030405060708")


class Signer:
    """The key whose private bytes are 00 01 .. 1f."""

    def __init__(self) -> None:
        self.key = Ed25519PrivateKey.from_private_bytes(PRIVATE)
        self.public_key = self.key.public_key().public_bytes_raw()

    def sign(self, data: bytes, /) -> bytes:
        return self.key.sign(data)


_HALLS = [1, 32, 33, 100, 1000, 16_384]


def _hall_count(numbers: range) -> Vector:
    """Keys that are the numbers, as 32 bytes: the place of the first ones, how many bits all set, and N."""
    secret, hall = bytes(range(16)), HallCount(bytes(range(16)))
    keys = [number.to_bytes(32, "big") for number in numbers]
    for key in keys:
        hall.hear(key, 0)
    places = [hall._place(key) for key in keys]
    return Vector(
        {"secret": secret.hex(), "first": numbers[0], "last": numbers[-1]},
        [*(str(place) for place in places[:2]), str(len(set(places))), str(hall.count(0))],
    )


def certificate() -> bytes:
    """A certificate of that key, as p2pgame makes them, with serial number 1."""
    key = Signer().key
    common = x509.NameAttribute(NameOID.COMMON_NAME, peer_id_of(key.public_key().public_bytes_raw()))
    name = x509.Name([common])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(dt.datetime(2000, 1, 1, tzinfo=dt.UTC))
        .not_valid_after(dt.datetime(9999, 12, 31, 23, 59, 59, tzinfo=dt.UTC))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key, None)
    )
    return made.public_bytes(Encoding.DER)


def vectors() -> dict[str, Vector]:
    signer, exchange, asker = Signer(), ExchangeKey(_EXCHANGE), ExchangeKey(_ASKER)
    beacon = Beacon(
        public_key=signer.public_key,
        exchange_key=exchange.public_key,
        instance=bytes.fromhex("a0a1a2a3a4a5a6a7"),
        seq=1_800_000_000_001,
        protocol=PROTOCOL,
        version="0.1.0",
        name="Zoë 王",
        tcp_port=41421,
        udp_port=41421,
        flags=Flag.SOLICIT,
        playing="",
        games={"gomoku": bytes.fromhex("00112233aabbccdd")},
        ttl_ms=7000,
    )
    request = DialRequest(signer.public_key, "a" * 26, _NONCE, 1_800_000_000_002, 41999, punch=True)
    data = encode_beacon(beacon, signer)
    line = RoomLine(bytes.fromhex("ffeeddccbbaa9988"), "tron", 8, 3, running=False, locked=True)
    leading = encode_beacon(msgspec.structs.replace(beacon, room=line), signer)
    room = {"id": line.id.hex(), "game": "tron", "seats": 8, "taken": 3, "running": False, "locked": True}
    marks = ((bytes.fromhex("0011223344556677"), 3), (bytes.fromhex("8899aabbccddeeff"), 200))
    chatting = encode_beacon(msgspec.structs.replace(beacon, chat=marks), signer)
    txt = b"".join(
        bytes([len(key) + 1 + len(value)]) + key + b"=" + value
        for key, value in txt_of_datagram(data).items()
    )
    instance = beacon.instance
    key = asker.key_to_probe(exchange.public_key, signer.public_key)
    probe = make_probe(key, asker.public_key, 1, _NONCE)
    asked = {
        "probe_key": key.hex(),
        "exchange_key": asker.public_key.hex(),
        "count": 1,
        "nonce": _NONCE.hex(),
    }
    fields = {
        "exchange_key": exchange.public_key.hex(),
        "instance": instance.hex(),
        "seq": beacon.seq,
        "protocol": PROTOCOL,
        "version": beacon.version,
        "name": beacon.name,
        "tcp_port": beacon.tcp_port,
        "udp_port": beacon.udp_port,
        "flags": int(beacon.flags),
        "playing": "",
        "games": {"gomoku": "00112233aabbccdd"},
        "ttl": beacon.ttl_ms,
    }
    echo = {"nonce": _NONCE.hex(), "instance": instance.hex()}
    known = KnownFilter.of(_NONCE, [bytes(32), b"\1" * 32])
    told = Told(data, 7, ("10.0.0.7", "2001:db8::7"))
    (bundle,) = pack(_NONCE, [told], 1)
    token = bytes(range(16))
    private = {"private_key": PRIVATE.hex()}
    return {
        "id-a": Vector({"public_key": bytes(32).hex()}, peer_id_of(bytes(32))),
        "id-b": Vector({"public_key": (b"\1" * 32).hex()}, peer_id_of(b"\1" * 32)),
        "public-key": Vector(private, signer.public_key.hex()),
        "peer-id": Vector({"public_key": signer.public_key.hex()}, peer_id_of(signer.public_key)),
        "certificate": Vector({**private, "serial": 1}, certificate().hex()),
        "beacon": Vector({**private, **fields}, data.hex()),
        "beacon-room": Vector({**private, **fields, "room": room}, leading.hex()),
        "beacon-chat": Vector(
            {**private, **fields, "chat": [[tag.hex(), counter] for tag, counter in marks]}, chatting.hex()
        ),
        **_chat(signer),
        "txt": Vector({"beacon": data.hex()}, txt.hex()),
        "exchange-key": Vector({"private_key": _ASKER.hex()}, asker.public_key.hex()),
        "probe-key": Vector(
            {
                "private_key": _ASKER.hex(),
                "exchange_key": exchange.public_key.hex(),
                "public_key": signer.public_key.hex(),
            },
            key.hex(),
        ),
        "probe": Vector(asked, encode_probe(probe).hex()),
        "proof": Vector(asked, encode_proof(make_proof(probe, key)).hex()),
        "ping": Vector(echo, encode_ping(Ping(_NONCE, instance)).hex()),
        "pong": Vector(echo, encode_pong(Pong(_NONCE, instance)).hex()),
        "dial-request": Vector(
            {
                **private,
                "target": "a" * 26,
                "nonce": _NONCE.hex(),
                "seq": request.seq,
                "tcp_port": 41999,
                "punch": True,
            },
            encode_dial_request(request, signer).hex(),
        ),
        "challenge": Vector(
            {"token": bytes(range(16)).hex()}, encode_challenge(Challenge(bytes(range(16)))).hex()
        ),
        "hall-count": _hall_count(range(1, 1001)),
        "hall-ttl": Vector(
            {"peers": _HALLS},
            [f"{peers} {ttl_ms(peers)} {count_of_ttl(ttl_ms(peers))}" for peers in _HALLS],
        ),
        "bundle-filter": Vector(
            {"nonce": _NONCE.hex(), "public_keys": [bytes(32).hex(), (b"\1" * 32).hex()]}, known.data.hex()
        ),
        "bundle-request": Vector(
            {"nonce": _NONCE.hex(), "token": token.hex(), "filter": known.data.hex()},
            encode_request(BundleRequest(_NONCE, token, known.data)).hex(),
        ),
        "bundle-token": Vector(
            {"nonce": _NONCE.hex(), "token": token.hex()},
            encode_bundle_token(BundleToken(_NONCE, token)).hex(),
        ),
        "bundle": Vector(
            {
                "nonce": _NONCE.hex(),
                "number": 0,
                "count": 1,
                "remaining": 0,
                "told": [{"age": 7, "addresses": list(told.addresses), "beacon": data.hex()}],
            },
            bundle.hex(),
        ),
        "token": Vector(
            {"key": bytes(32).hex(), "address": "10.0.0.7", "port": 41421, "seconds": 45},
            AddressTokens(bytes(32)).make(("10.0.0.7", 41421), 45.0).hex(),
        ),
    }


def _chat(signer: Signer) -> dict[str, Vector]:
    """Vectors of "Chat"."""
    instance = bytes.fromhex("a0a1a2a3a4a5a6a7")
    line = Line(
        public_key=signer.public_key,
        instance=instance,
        where=b"",
        counter=7,
        kind=Kind.TEXT,
        text="你好，下棋吗？",
        time=1_800_000_000_000,
        name="Zoë 王",
    )
    signed = sign_line(line, signer)
    tag = author_tag(signer.public_key, instance)
    said = {
        "private_key": PRIVATE.hex(),
        "instance": instance.hex(),
        "where": "",
        "counter": 7,
        "kind": 0,
        "text": line.text,
        "time": line.time,
        "name": line.name,
    }
    return {
        "chat-author": Vector({"public_key": signer.public_key.hex(), "instance": instance.hex()}, tag.hex()),
        "chat-line": Vector(said, signed.data.hex()),
        "chat-lines": Vector(
            {"lines": [[signed.data.hex(), 12]], "floors": [[tag.hex(), 3]]},
            encode_lines([PassedLine(signed.data, 12)], [(tag, 3)])[0].hex(),
        ),
        "chat-ask": Vector(
            {"token": bytes(range(16)).hex(), "after": [[tag.hex(), 6]]},
            encode_ask(Ask(bytes(range(16)), ((tag, 6),))).hex(),
        ),
        "chat-token": Vector({"token": bytes(range(16)).hex()}, encode_token(bytes(range(16))).hex()),
    }
