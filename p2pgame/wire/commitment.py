"""Sealed inputs: where several players move at once by turns, each commits to its input before anybody opens one.

    commitment = H("seal", match id, frame, player, opening)
    opening    = the msgpack extension of type 0x73 with a salt of 16 bytes | msgpack of the input

An opening stands wherever the input of such a frame stands: it travels, is chained, recorded and signed as these bytes,
so the salt needs no place of its own. No input begins with an extension, so an opening is told apart by its first
bytes. A hash commitment: binding by SHA-256, hiding by the salt (docs/protocol.md, "Sealed inputs").
"""

import hmac
from typing import Final

from p2pgame.core.digest import digest

__all__ = ["SALT_SIZE", "commitment", "is_sealed", "opens", "seal", "unsealed"]

SALT_SIZE: Final = 16
"""Bytes of a salt."""
_PREFIX: Final = b"\xd8\x73"
"""fixext 16 of type 0x73."""
_HEAD: Final = len(_PREFIX) + SALT_SIZE


def seal(salt: bytes, data: bytes) -> bytes:
    """The opening of the input `data` (msgpack). `salt`: 16 random bytes of this input alone."""
    if len(salt) != SALT_SIZE:
        raise ValueError(f"a salt has {SALT_SIZE} bytes")
    return _PREFIX + salt + data


def is_sealed(data: bytes) -> bool:
    """Whether `data` is an opening and not a bare input."""
    return data.startswith(_PREFIX)


def unsealed(data: bytes) -> bytes:
    """The input in an opening; a bare input is returned as it is. What is cut short gives no msgpack."""
    return data[_HEAD:] if data.startswith(_PREFIX) else data


def commitment(match: str, frame: int, player: int, opening: bytes) -> bytes:
    """The commitment (32 bytes) of `player` to its `opening` after `frame` frames of `match`."""
    return digest("seal", match.encode(), frame.to_bytes(4, "big"), bytes([player]), opening)


def opens(committed: bytes, match: str, frame: int, player: int, opening: bytes) -> bool:
    """Whether `opening` is what was `committed` to."""
    return hmac.compare_digest(committed, commitment(match, frame, player, opening))
