"""Hashes that travel: truncated SHA-256 over labelled, length-prefixed parts.

The label separates the domains: two uses of one value have two hashes. The length in front of every part makes the
sequence of parts unambiguous. Any language with SHA-256 can compute it (docs/protocol.md).
"""

import hashlib

__all__ = ["labelled_hash"]


def labelled_hash(label: bytes, *parts: bytes, size: int) -> bytes:
    """The first `size` bytes of SHA-256 over `label` and `parts`, each after its length as u32 big-endian."""
    data = b"".join([len(part).to_bytes(4, "big") + part for part in (label, *parts)])
    return hashlib.sha256(data).digest()[:size]
