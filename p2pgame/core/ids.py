"""Names for things on the wire: peer ids and the short tags that stand beside a peer's name."""

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache
from typing import NewType

__all__ = ["PEER_ID_LENGTH", "PeerId", "is_peer_id", "long_tag_of", "peer_id_of", "tag_of", "tags_of"]

PeerId = NewType("PeerId", str)
"""26 lower-case base32 characters (RFC 4648): the first 130 bits of SHA-256 of the Ed25519 public key."""

PEER_ID_LENGTH = 26
_GROUP = 4
_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
_PAIRS = tuple(a + b for a in _ALPHABET for b in _ALPHABET)
"""Base32 of ten bits: `base64.b32encode` takes ten times as long, and every beacon asks for an id."""
_PEER_ID = re.compile(r"[a-z2-7]{26}")


@lru_cache(16)  # several ask for that of one beacon
def peer_id_of(public_key: bytes) -> PeerId:
    """The peer id of a raw Ed25519 public key (32 bytes)."""
    if len(public_key) != 32:
        raise ValueError("an Ed25519 public key has 32 bytes")
    digest = hashlib.sha256(public_key).digest()
    number = int.from_bytes(digest[:17], "big") >> 6  # 130 bits
    return PeerId("".join([_PAIRS[number >> shift & 1023] for shift in range(120, -1, -10)]))


def is_peer_id(text: str) -> bool:
    """True if `text` has the form of a peer id."""
    return _PEER_ID.fullmatch(text) is not None


def tag_of(peer: str) -> str:
    """The four upper-case characters that tell peers of one name apart on screen, e.g. ``7F3K``.

    An equal one is found in a minute, so whoever decides something about a peer sees `long_tag_of`.
    """
    return _grouped(peer[:_GROUP])


def long_tag_of(peer: str) -> str:
    """Eight of them (40 bits), e.g. ``7F3K-QX2A``."""
    return _grouped(peer[: 2 * _GROUP])


def tags_of(peers: Iterable[str]) -> dict[str, str]:
    """Different tags for all of `peers`: those whose tags would be equal get longer ones."""
    tags: dict[str, str] = {}
    left, size = set(peers), _GROUP
    while left:
        alike = defaultdict(list)
        for peer in left:
            alike[peer[:size]].append(peer)
        tags |= {peers[0]: _grouped(start) for start, peers in alike.items() if len(peers) == 1}
        left -= tags.keys()
        size += _GROUP
    return tags


def _grouped(start: str) -> str:
    return "-".join(start[at : at + _GROUP] for at in range(0, len(start), _GROUP)).upper()
