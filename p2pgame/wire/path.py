"""What a sealed datagram carries in place of a packet, to find out whether the other side is at an address.

    u8  kind    0x40 challenge, 0x80 response
    8   token   of the challenge; the response repeats it

A packet begins with flags below 0x40. After RFC 9000, 8.2. Does not know who is asked, or when.
"""

import msgspec

__all__ = ["TOKEN_SIZE", "PathChallenge", "PathMessage", "PathResponse", "decode_path", "encode_path"]

TOKEN_SIZE = 8


class PathChallenge(msgspec.Struct, frozen=True):
    """Whoever reads this answers to where it came from."""

    token: bytes


class PathResponse(msgspec.Struct, frozen=True):
    """The answer, with the token of the challenge."""

    token: bytes


PathMessage = PathChallenge | PathResponse
_KINDS: dict[int, type[PathMessage]] = {0x40: PathChallenge, 0x80: PathResponse}


def encode_path(message: PathMessage) -> bytes:
    """The bytes of `message`."""
    return bytes(kind for kind, of in _KINDS.items() if isinstance(message, of)) + message.token


def decode_path(payload: bytes) -> PathMessage | None:
    """The message in the payload of a sealed datagram; None if it is none."""
    if len(payload) != 1 + TOKEN_SIZE:
        return None
    kind = _KINDS.get(payload[0])
    return kind(payload[1:]) if kind is not None else None
