"""The datagrams of discovery and what stands in an mDNS TXT record: bytes to structs and back, signatures.

Knows nothing of peers, time or sockets. Layout, limits and test vectors: docs/protocol.md, "Discovery".

    datagram = "p2pg" | format version (u8) | type (u8) | payload

A beacon and a dial request end in an Ed25519 signature (RFC 8032) over a domain prefix and all bytes before it, so one
cannot be taken for the other, nor for anything else that the identity signs.
"""

import re
from collections.abc import Callable, Mapping
from enum import IntFlag
from functools import partial
from typing import Annotated, Final, Protocol, TypeVar

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from msgspec import Meta

from p2pgame.core.errors import RemoteProtocolError
from p2pgame.core.ids import PeerId, peer_id_of
from p2pgame.wire.bounds import PLAYERS_MAX
from p2pgame.wire.bundle import (
    Bundle,
    BundleRequest,
    BundleToken,
    decode_bundle,
    decode_request,
    decode_token,
)
from p2pgame.wire.datagram import (
    DATAGRAM_MAX,
    FORMAT,
    HEADER,
    LENGTHS,
    MAGIC,
    SIGNATURE_SIZE,
    DatagramType,
    datagram_type,
    header,
)

__all__ = [
    "ANYONE",
    "AVATARS",
    "CHAT_MARKS_MAX",
    "DATAGRAM_MAX",
    "FORMAT",
    "GAMES_MAX",
    "HEADER",
    "KEY_SIZE",
    "LENGTHS",
    "MAGIC",
    "TXT_BEACON_MAX",
    "Beacon",
    "Challenge",
    "ChatMark",
    "ChatTag",
    "Datagram",
    "DatagramType",
    "DialRequest",
    "Flag",
    "Ping",
    "Pong",
    "Probe",
    "Proof",
    "RoomLine",
    "SignedBeacon",
    "Signer",
    "avatar_flags",
    "datagram_key",
    "datagram_of_txt",
    "datagram_type",
    "decode",
    "decode_challenge",
    "decode_ping",
    "decode_pong",
    "decode_probe",
    "decode_proof",
    "encode_beacon",
    "encode_challenge",
    "encode_dial_request",
    "encode_ping",
    "encode_pong",
    "encode_probe",
    "encode_proof",
    "header",
    "is_signed",
    "later_seq",
    "ping_instance",
    "probe_key",
    "signed_part",
    "txt_of_datagram",
]

TXT_BEACON_MAX: Final = 392
"""Bytes of a beacon in a TXT record: with lengths and keys at most 400."""
GAMES_MAX: Final = 32
CHAT_MARKS_MAX: Final = 8
KEY_SIZE: Final = 32
ANYONE: Final = bytes(8)
"""In `Ping.instance`: whoever listens on this port."""

_HEADER = len(HEADER) + 1
_DOMAIN = {1: b"p2pgame beacon 1\0", 4: b"p2pgame dial request 1\0"}
_SEQ_FOLLOWS = re.compile(
    header(DatagramType.BEACON) + rb"(?:[\x90-\x9f]|\xdc..)(?:\xc4\x20.{32}){2}\xc4\x08.{8}\xcf", re.DOTALL
)
"""The beginning of a beacon as we write it, up to the eight bytes of `Beacon.seq`."""
_TXT_CHUNK = 252
"""Bytes of one TXT string, which has at most 255, after a key of two characters and "="."""


class Flag(IntFlag):
    """Bits of `Beacon.flags`; unknown ones are ignored."""

    SOLICIT = 1
    """A newcomer asks everyone to send a beacon."""
    GOODBYE = 2
    BUSY = 4
    SEED = 8
    """Sent by unicast to or from a seed; with SOLICIT it asks for an answer by unicast."""
    PARTIAL = 16
    """More games than fitted in."""
    NEW = 32
    """Sent in the first seconds of a launch: a full list makes room for a newcomer at once."""
    AVATAR = 64
    """Bits 8 to 13 are the avatar that the player chose; else it follows from the key."""


_AVATAR_SHIFT: Final = 8
AVATARS: Final = 64
"""Avatars there are."""


def avatar_flags(avatar: int | None) -> Flag:
    """The bits of `Beacon.flags` that say so; `avatar`: 0 to 63, None: none was chosen."""
    return Flag(0) if avatar is None else Flag.AVATAR | Flag(avatar % AVATARS << _AVATAR_SHIFT)


Key = Annotated[bytes, Meta(min_length=32, max_length=32)]
Bytes8 = Annotated[bytes, Meta(min_length=8, max_length=8)]
Port = Annotated[int, Meta(ge=1, le=65535)]
Sequence = Annotated[int, Meta(ge=0, le=(1 << 63) - 1)]
GameName = Annotated[str, Meta(pattern=r"^[a-z0-9-]{1,24}\Z")]
Games = Annotated[dict[GameName, Bytes8], Meta(max_length=GAMES_MAX)]


ChatTag = Bytes8
"""One program of an author of chat (`wire.chat.author_tag`)."""
ChatMark = tuple[ChatTag, Annotated[int, Meta(ge=0, le=(1 << 32) - 1)]]
"""An author's program and the number of one of its lines."""


class RoomLine(msgspec.Struct, frozen=True, array_like=True):
    """The room that the sender leads. A promise: who asks to be let in learns whether it is so."""

    id: Bytes8
    game: GameName
    seats: Annotated[int, Meta(ge=1, le=PLAYERS_MAX)]
    taken: Annotated[int, Meta(ge=0, le=PLAYERS_MAX)]
    """Seats that people have."""
    running: bool
    locked: bool


class Beacon(msgspec.Struct, frozen=True, array_like=True):
    """What a peer says of itself: a msgpack array; more elements at the end are allowed and ignored."""

    public_key: Key
    exchange_key: Key
    """X25519 (RFC 7748), new at each launch: whoever holds its private half answers probes (`wire.probe`)."""
    instance: Bytes8
    """Random at each launch."""
    seq: Sequence
    """Grows with every beacon and dial request of an instance; begins at the Unix milliseconds of its launch."""
    protocol: Annotated[int, Meta(ge=0, le=65535)]
    version: Annotated[str, Meta(max_length=32)]
    name: Annotated[str, Meta(max_length=64)]
    """As sent: not yet safe to draw."""
    tcp_port: Port
    udp_port: Port
    flags: Annotated[int, Meta(ge=0, le=(1 << 32) - 1)]
    playing: Annotated[str, Meta(pattern=r"^[a-z0-9-]{0,24}\Z")]
    games: Games
    """Name to rules digest."""
    ttl_ms: Annotated[int, Meta(ge=1000, le=600_000)]
    """Without a newer sign of life the peer counts as gone after this."""
    token: Annotated[bytes, Meta(max_length=16)] = b""
    """The seed's challenge, given back."""
    room: RoomLine | None = None
    """Nil where there is none; left out where nothing follows."""
    chat: Annotated[tuple[ChatMark, ...], Meta(max_length=CHAT_MARKS_MAX)] = ()
    """Of some authors in the lobby's chat the newest line that the sender has; left out where there is none."""

    @property
    def peer(self) -> PeerId:
        return peer_id_of(self.public_key)

    @property
    def avatar(self) -> int | None:
        """The avatar that the player chose, 0 to 63, if it chose one."""
        return (self.flags >> _AVATAR_SHIFT) % AVATARS if self.has(Flag.AVATAR) else None

    def has(self, flag: Flag) -> bool:
        return bool(self.flags & flag.value)  # as a flag it would cost ten times as much


class DialRequest(msgspec.Struct, frozen=True, array_like=True):
    """Asks to be dialled, at the datagram's source, since the sender gets no answer to its own dial."""

    public_key: Key
    target: Annotated[str, Meta(pattern=r"^[a-z2-7]{26}\Z")]
    """Peer id of who shall dial."""
    nonce: Bytes8
    seq: Sequence
    tcp_port: Port
    """Where to dial."""
    punch: bool = False
    """The sender dials from there right now: dial it from the port that it dials, and let it lead the handshake."""

    @property
    def peer(self) -> PeerId:
        return peer_id_of(self.public_key)


class Probe(msgspec.Struct, frozen=True):
    """Asks one listed peer whether it is there; `tag` proves who asks. Made and checked by `wire.probe`."""

    exchange_key: bytes
    """Of who asks."""
    count: int
    """Grows with each probe under this key, so that a recorded one is not answered again."""
    nonce: bytes
    """Nobody can guess it, so the answer shows that the probe arrived where it was sent."""
    tag: bytes


class Proof(msgspec.Struct, frozen=True):
    """The answer to a probe, which only the holder of the listed keys can make."""

    nonce: bytes
    tag: bytes


class Ping(msgspec.Struct, frozen=True):
    """Answered by a pong of the same size, if `instance` is the receiver's own or `ANYONE`.

    Shows what passes the network. It proves nothing of anybody: for that there are probes.
    """

    nonce: bytes
    instance: bytes


class Pong(msgspec.Struct, frozen=True):
    """The ping's nonce and the answering program's instance."""

    nonce: bytes
    instance: bytes


class Challenge(msgspec.Struct, frozen=True):
    """A seed's answer to a stranger: show that you receive at your address, and repeat with this token."""

    token: bytes


class SignedBeacon(msgspec.Struct, frozen=True):
    """A beacon or dial request whose signature nobody has checked yet."""

    body: Beacon | DialRequest
    message: bytes
    signature: bytes

    def verify(self) -> bool:
        """True if the key in the body made the signature. Costs about 100 µs."""
        return is_signed(self.body.public_key, self.message, self.signature)


Datagram = SignedBeacon | Ping | Pong | Challenge | Probe | Proof | BundleRequest | BundleToken | Bundle


class Signer(Protocol):
    """The identity as far as discovery needs it."""

    @property
    def public_key(self) -> bytes:
        """32 raw bytes, Ed25519."""

    def sign(self, data: bytes, /) -> bytes:
        """64 bytes."""


_encoder = msgspec.msgpack.Encoder(order="deterministic")
_beacon: msgspec.msgpack.Decoder[Beacon] = msgspec.msgpack.Decoder(Beacon)
_dial_request: msgspec.msgpack.Decoder[DialRequest] = msgspec.msgpack.Decoder(DialRequest)
_B = TypeVar("_B", Beacon, DialRequest)


def _payload(body: Beacon | DialRequest) -> bytes:
    """The array; what is absent at the end of a beacon is left out."""
    fields = msgspec.structs.astuple(body)
    while fields[-1] in (None, ()):
        fields = fields[:-1]
    return _encoder.encode(fields)


def _sign(kind: DatagramType, body: Beacon | DialRequest, signer: Signer) -> bytes:
    data = header(kind) + _payload(body)
    return data + signer.sign(_DOMAIN[kind] + data)


def encode_beacon(beacon: Beacon, signer: Signer, limit: int = DATAGRAM_MAX) -> bytes:
    """The signed datagram. What does not fit into `limit` bytes is left out: the last marks of chat, then games (those
    first by name stay), then the room."""
    names = sorted(beacon.games, key=lambda name: (name != beacon.playing, name))[:GAMES_MAX]
    while True:
        games = {name: beacon.games[name] for name in names}
        partial = Flag.PARTIAL if len(games) < len(beacon.games) else 0
        body = msgspec.structs.replace(beacon, games=games, flags=beacon.flags | partial)
        fits = _HEADER + len(_payload(body)) + SIGNATURE_SIZE <= limit
        if fits or not (names or beacon.room or beacon.chat):
            return _sign(DatagramType.BEACON, body, signer)
        if beacon.chat:
            beacon = msgspec.structs.replace(beacon, chat=beacon.chat[:-1])
        elif names:
            names.pop()
        else:
            beacon = msgspec.structs.replace(beacon, room=None)


def encode_dial_request(request: DialRequest, signer: Signer) -> bytes:
    return _sign(DatagramType.DIAL_REQUEST, request, signer)


def is_signed(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """True if the key made the signature of the message."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def signed_part(beacon: bytes) -> bytes:
    """What the signature at the end of a beacon's datagram is made over."""
    return _DOMAIN[DatagramType.BEACON] + beacon[:-SIGNATURE_SIZE]


def later_seq(old: bytes, new: bytes) -> int | None:
    """`Beacon.seq` of `new` if it says what the valid beacon `old` says, and another number; else None.

    Compares bytes and parses neither: most beacons say only that their peer is still there.
    """
    found = _SEQ_FOLLOWS.match(new)
    if found is None or len(new) != len(old):
        return None
    at = found.end()
    if new[:at] != old[:at] or new[at + 8 : -SIGNATURE_SIZE] != old[at + 8 : -SIGNATURE_SIZE]:
        return None
    seq = int.from_bytes(new[at : at + 8], "big")
    return seq if seq >> 63 == 0 else None


def encode_ping(ping: Ping) -> bytes:
    return header(DatagramType.PING) + ping.nonce + ping.instance


def encode_pong(pong: Pong) -> bytes:
    return header(DatagramType.PONG) + pong.nonce + pong.instance


def encode_challenge(challenge: Challenge) -> bytes:
    return header(DatagramType.CHALLENGE) + challenge.token


def encode_probe(probe: Probe) -> bytes:
    count = probe.count.to_bytes(8, "big")
    return header(DatagramType.PROBE) + probe.exchange_key + count + probe.nonce + probe.tag


def encode_proof(proof: Proof) -> bytes:
    return header(DatagramType.PROOF) + proof.nonce + proof.tag


def datagram_key(data: bytes) -> bytes:
    """The public key in a beacon or dial request, read without parsing it. Of other bytes it means nothing."""
    at = data.find(b"\xc4\x20", _HEADER + 1, _HEADER + 5) + 2  # bin 8 of 32 bytes, the first in the array
    return data[at : at + KEY_SIZE]


def ping_instance(data: bytes) -> bytes:
    """Whom a ping is for."""
    return data[_HEADER + 8 :]


def probe_key(data: bytes) -> bytes:
    """The exchange key in a probe."""
    return data[_HEADER : _HEADER + KEY_SIZE]


def decode(data: bytes) -> Datagram:
    """A datagram, valid in form; signatures are not checked. Raises only `RemoteProtocolError`."""
    kind = datagram_type(data)
    if kind is None:
        raise RemoteProtocolError("bad_datagram", reason="header")
    return _DECODERS[kind](data)


def decode_ping(data: bytes) -> Ping:
    """Of a datagram with this header and a length that it may have, as all that follow."""
    return Ping(data[6:14], data[14:])


def decode_pong(data: bytes) -> Pong:
    return Pong(data[6:14], data[14:])


def decode_challenge(data: bytes) -> Challenge:
    return Challenge(data[6:])


def decode_probe(data: bytes) -> Probe:
    return Probe(data[6:38], int.from_bytes(data[38:46], "big"), data[46:54], data[54:])


def decode_proof(data: bytes) -> Proof:
    return Proof(data[6:14], data[14:])


def _signed(decoder: "msgspec.msgpack.Decoder[_B]", data: bytes) -> SignedBeacon:
    kind = data[_HEADER - 1]
    try:
        body = decoder.decode(data[_HEADER:-SIGNATURE_SIZE])
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise RemoteProtocolError("bad_datagram", type=kind) from error
    if datagram_key(data) != body.public_key:  # an array whose head is longer than it has to be
        raise RemoteProtocolError("bad_datagram", type=kind)
    return SignedBeacon(body, _DOMAIN[kind] + data[:-SIGNATURE_SIZE], data[-SIGNATURE_SIZE:])


_DECODERS: Mapping[int, Callable[[bytes], Datagram]] = {
    DatagramType.BEACON: partial(_signed, _beacon),
    DatagramType.DIAL_REQUEST: partial(_signed, _dial_request),
    DatagramType.PING: decode_ping,
    DatagramType.PONG: decode_pong,
    DatagramType.CHALLENGE: decode_challenge,
    DatagramType.PROBE: decode_probe,
    DatagramType.PROOF: decode_proof,
    DatagramType.BUNDLE_REQUEST: decode_request,
    DatagramType.BUNDLE_TOKEN: decode_token,
    DatagramType.BUNDLE: decode_bundle,
}


def txt_of_datagram(data: bytes) -> dict[bytes, bytes]:
    """A beacon as the key/value strings of a TXT record (RFC 6763 §6): ``b0``, ``b1``. At most 400 bytes."""
    if len(data) > TXT_BEACON_MAX:
        raise ValueError("too long for a TXT record")
    return {
        b"b%d" % index: data[start : start + _TXT_CHUNK]
        for index, start in enumerate(range(0, len(data), _TXT_CHUNK))
    }


def datagram_of_txt(properties: Mapping[bytes, bytes | None]) -> bytes:
    """The beacon in a TXT record; b"" if there is none."""
    return b"".join(properties.get(key) or b"" for key in (b"b0", b"b1"))
