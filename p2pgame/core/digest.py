"""The one hash construction of p2pgame: SHA-256 over a label and parts, each with its length in front.

`H(label, part...)` = SHA-256 of u32 big-endian length and bytes of ``p2pgame.`` + label, then of each part. Every
common runtime has it; the lengths keep different lists of parts apart. Values that travel often are truncated.
"""

from functools import cache
from hashlib import sha256

__all__ = ["HASH_SIZE", "digest", "joined", "short_digest"]

HASH_SIZE = 16
"""Bytes of a truncated hash: state hashes and hash chains."""


def digest(label: str, *parts: bytes) -> bytes:
    """32 bytes."""
    return sha256(_prefix(label) + joined(*parts)).digest()


def joined(*parts: bytes) -> bytes:
    """`parts`, each with its length in front, as they are hashed. Some can be joined once for many hashes."""
    data = b""
    for part in parts:
        data += len(part).to_bytes(4, "big") + part
    return data


def short_digest(label: str, *parts: bytes, more: bytes = b"") -> bytes:
    """The first `HASH_SIZE` bytes of `digest`; `more`: parts that are `joined` already, after the others."""
    data = _prefix(label)
    for part in parts:
        data += len(part).to_bytes(4, "big") + part
    return sha256(data + more).digest()[:HASH_SIZE]


@cache
def _prefix(label: str) -> bytes:
    """There are few labels, each in the code."""
    name = b"p2pgame." + label.encode()
    return len(name).to_bytes(4, "big") + name
