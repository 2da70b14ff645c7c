"""Lines of chat: bytes to structs and back, signatures, and the datagrams that carry lines in the lobby.

Knows nothing of who is listed, of order or of time. Layout and test vectors: docs/protocol.md, "Chat".

    signed line = msgpack array of `Line` | Ed25519 signature (64 bytes)

The signature covers a domain prefix and the array, so a line is its author's wherever it is passed on, and belongs to
one place: the lobby, one room, or one match.
"""

from collections.abc import Container, Mapping, Sequence
from enum import IntEnum
from typing import Annotated, Final, NamedTuple, TypeVar

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from msgspec import Meta

from p2pgame.core.digest import digest
from p2pgame.core.errors import RemoteProtocolError
from p2pgame.core.ids import PeerId, peer_id_of
from p2pgame.wire.beacon import DATAGRAM_MAX, HEADER, Bytes8, ChatMark, ChatTag, Key, Signer

__all__ = [
    "ASK_MARKS_MAX",
    "CHAT_LENGTHS",
    "COUNTER_MAX",
    "LINES_MAX",
    "LINE_MAX",
    "LOBBY",
    "NO_TOKEN",
    "SYNC_MARKS_MAX",
    "TEXT_CHARACTERS",
    "Ask",
    "ChatDatagram",
    "Kind",
    "Line",
    "Lines",
    "PassedLine",
    "SignedLine",
    "author_tag",
    "decode_ask",
    "decode_line",
    "decode_lines",
    "decode_token",
    "encode_ask",
    "encode_lines",
    "encode_token",
    "sign_line",
]

LOBBY: Final = b""
"""`Line.where` of the lobby."""
TEXT_CHARACTERS: Final = 200
COUNTER_MAX: Final = (1 << 32) - 1
LINE_MAX: Final = 1100
"""Bytes of a signed line: 200 characters of four bytes each, a name, keys and signature fit."""
LINES_MAX: Final = 16
"""Lines in one datagram."""
ASK_MARKS_MAX: Final = 8
"""Authors that one datagram asks for."""
SYNC_MARKS_MAX: Final = 64
"""Authors of a room whose newest lines are named at once."""
TOKEN_SIZE: Final = 16
NO_TOKEN: Final = bytes(TOKEN_SIZE)
AGE_MAX: Final = 65535

_T = TypeVar("_T")
_SIGNATURE: Final = 64
_DOMAIN: Final = b"p2pgame chat line 1\0"
_START: Final = len(HEADER) + 1


class Kind(IntEnum):
    """What `Line.text` is."""

    TEXT = 0
    """What somebody wrote."""
    PHRASE = 1
    """The code of a quick phrase, which each reader sees in its own language."""
    EMOTE = 2
    """The code of an emote."""


class Line(msgspec.Struct, frozen=True, array_like=True):
    """One line of chat as its author signed it: a msgpack array; more elements at the end are allowed and ignored."""

    public_key: Key
    """The author's."""
    instance: Bytes8
    """The author's program, as in its beacons. Each program counts its lines anew."""
    where: Annotated[bytes, Meta(max_length=16)]
    """Empty: the lobby; else the id of a room, or of a match."""
    counter: Annotated[int, Meta(ge=1, le=COUNTER_MAX)]
    """1, 2, 3 ... for each program and place."""
    kind: Annotated[int, Meta(ge=0, le=255)]
    text: Annotated[str, Meta(min_length=1, max_length=TEXT_CHARACTERS)]
    """Not yet safe to draw."""
    time: Annotated[int, Meta(ge=0, le=(1 << 53) - 1)]
    """Unix milliseconds by the author's clock."""
    name: Annotated[str, Meta(max_length=64)]
    """The author's own, not yet safe to draw."""

    @property
    def peer(self) -> PeerId:
        return peer_id_of(self.public_key)


class SignedLine(NamedTuple):
    """A line, and the bytes in which it travels. `decode_line` does not check the signature."""

    line: Line
    data: bytes

    def verify(self) -> bool:
        """True if the key in the line made the signature. Costs about 100 µs."""
        try:
            key = Ed25519PublicKey.from_public_bytes(self.line.public_key)
            key.verify(self.data[-_SIGNATURE:], _DOMAIN + self.data[:-_SIGNATURE])
        except (InvalidSignature, ValueError):
            return False
        return True


class PassedLine(NamedTuple):
    """A signed line and the seconds since its author said it, as far as who passes it on knows."""

    data: bytes
    age: int


class Lines(msgspec.Struct, frozen=True, array_like=True):
    """Lines, said just now or asked for; in the order of who sends them."""

    lines: Annotated[
        tuple[
            tuple[
                Annotated[bytes, Meta(min_length=_SIGNATURE + 1, max_length=LINE_MAX)],
                Annotated[int, Meta(ge=0, le=AGE_MAX)],
            ],
            ...,
        ],
        Meta(max_length=LINES_MAX),
    ]
    """Each with its age in seconds."""
    floors: Annotated[tuple[ChatMark, ...], Meta(max_length=ASK_MARKS_MAX)] = ()
    """In an answer: of each author asked for, the lowest counter that the sender still has."""


class Ask(NamedTuple):
    """Asks a peer for lines: of each author all after a counter."""

    token: bytes
    """What the peer gave us for our address; `NO_TOKEN`: nothing yet."""
    after: tuple[ChatMark, ...]


class ChatDatagram(IntEnum):
    """The sixth byte of a datagram of chat (`wire.beacon.DatagramType` has the others)."""

    LINES = 16
    ASK = 17
    TOKEN = 18


def _header(kind: ChatDatagram) -> bytes:
    return HEADER + bytes([kind])


CHAT_LENGTHS: Final[Mapping[bytes, Container[int]]] = {
    _header(ChatDatagram.LINES): range(_START + 3, DATAGRAM_MAX + 1),
    _header(ChatDatagram.ASK): range(_START + TOKEN_SIZE + 3, 256),
    _header(ChatDatagram.TOKEN): (_START + TOKEN_SIZE,),
}
"""Bytes that a datagram of each type may have, by its header."""

_encoder = msgspec.msgpack.Encoder(order="deterministic")
_line: msgspec.msgpack.Decoder[Line] = msgspec.msgpack.Decoder(Line)
_lines: msgspec.msgpack.Decoder[Lines] = msgspec.msgpack.Decoder(Lines)
_marks: msgspec.msgpack.Decoder[tuple[ChatMark, ...]] = msgspec.msgpack.Decoder(
    Annotated[tuple[ChatMark, ...], Meta(min_length=1, max_length=ASK_MARKS_MAX)]
)


def author_tag(public_key: bytes, instance: bytes) -> ChatTag:
    """The 8 bytes that stand for one program of an author where its key would be too long."""
    return digest("chat author", public_key, instance)[:8]


def sign_line(line: Line, signer: Signer) -> SignedLine:
    body = _encoder.encode(line)
    return SignedLine(line, body + signer.sign(_DOMAIN + body))


def decode_line(data: bytes) -> SignedLine:
    """A signed line, valid in form; the signature is not checked. Raises only `RemoteProtocolError`."""
    if not _SIGNATURE < len(data) <= LINE_MAX:
        raise RemoteProtocolError("bad_datagram", reason="length")
    return SignedLine(_decoded(_line, data[:-_SIGNATURE]), data)


def encode_lines(lines: Sequence[PassedLine], floors: Sequence[ChatMark] = ()) -> list[bytes]:
    """Datagrams that carry `lines`, as few as hold them; one without lines if there are none."""
    out: list[bytes] = []
    some: list[tuple[bytes, int]] = []
    base = _START + 8 + len(_encoder.encode(floors))
    room = DATAGRAM_MAX - base
    for line, age in lines:
        size = len(line) + 8
        if some and (size > room or len(some) == LINES_MAX):
            out.append(_lines_datagram(some, floors))
            some, room = [], DATAGRAM_MAX - base
        some.append((line, min(age, AGE_MAX)))
        room -= size
    return [*out, _lines_datagram(some, floors)]


def _lines_datagram(lines: Sequence[tuple[bytes, int]], floors: Sequence[ChatMark]) -> bytes:
    """Who says something new says nothing of floors, and leaves them out."""
    return _header(ChatDatagram.LINES) + _encoder.encode((lines, floors) if floors else (lines,))


def decode_lines(data: bytes) -> Lines:
    """Raises only `RemoteProtocolError`, as all that follow."""
    return _decoded(_lines, data[_START:])


def encode_ask(ask: Ask) -> bytes:
    return _header(ChatDatagram.ASK) + ask.token + _encoder.encode(ask.after)


def decode_ask(data: bytes) -> Ask:
    body = data[_START:]
    return Ask(body[:TOKEN_SIZE], _decoded(_marks, body[TOKEN_SIZE:]))


def encode_token(token: bytes) -> bytes:
    return _header(ChatDatagram.TOKEN) + token


def decode_token(data: bytes) -> bytes:
    return data[_START:]


def _decoded(decoder: "msgspec.msgpack.Decoder[_T]", data: bytes) -> _T:
    try:
        return decoder.decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise RemoteProtocolError("bad_datagram", reason="form") from error
