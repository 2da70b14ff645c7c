"""The one hash construction of p2pgame: SHA-256 over a label and parts, each with its length in front.

`H(label, part...)` = SHA-256 of u32 big-endian length and bytes of ``p2pgame.`` + label, then of each part. Every
common runtime has it; the lengths keep different lists of parts apart. Values that travel often are truncated.
"""

import hashlib
from functools import cache

__all__ = ["HASH_SIZE", "digest", "short_digest"]

HASH_SIZE = 16
"""Bytes of a truncated hash: state hashes and hash chains."""


def digest(label: str, *parts: bytes) -> bytes:
    """32 bytes."""
    hasher = _begun(label).copy()
    for part in parts:
        hasher.update(len(part).to_bytes(4, "big") + part)
    return hasher.digest()


def short_digest(label: str, *parts: bytes) -> bytes:
    """The first `HASH_SIZE` bytes of `digest`."""
    return digest(label, *parts)[:HASH_SIZE]


@cache
def _begun(label: str) -> "hashlib._Hash":
    """There are few labels, each in the code. To copy is faster than to begin."""
    name = b"p2pgame." + label.encode()
    return hashlib.sha256(len(name).to_bytes(4, "big") + name)
