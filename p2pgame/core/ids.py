"""Names for things on the wire: peer ids and the short tags that stand beside a peer's name."""

import base64
import hashlib
import re
from typing import NewType

__all__ = ["PEER_ID_LENGTH", "PeerId", "is_peer_id", "peer_id_of", "tag_of"]

PeerId = NewType("PeerId", str)
"""26 lower-case base32 characters (RFC 4648): the first 130 bits of SHA-256 of the Ed25519 public key."""

PEER_ID_LENGTH = 26
_PEER_ID = re.compile(r"[a-z2-7]{26}")


def peer_id_of(public_key: bytes) -> PeerId:
    """The peer id of a raw Ed25519 public key (32 bytes)."""
    if len(public_key) != 32:
        raise ValueError("an Ed25519 public key has 32 bytes")
    digest = hashlib.sha256(public_key).digest()
    return PeerId(base64.b32encode(digest).decode("ascii").lower()[:PEER_ID_LENGTH])


def is_peer_id(text: str) -> bool:
    """True if `text` has the form of a peer id."""
    return _PEER_ID.fullmatch(text) is not None


def tag_of(peer: str) -> str:
    """The four upper-case characters that tell peers of one name apart on screen, e.g. ``7F3K``."""
    return peer[:4].upper()
