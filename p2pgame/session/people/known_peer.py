"""What we know of a peer from earlier: an immutable value, by peer id. Kept by `storage.known_peers`."""

from enum import StrEnum

import msgspec

__all__ = ["KnownPeer", "Trust"]


class Trust(StrEnum):
    """How well we know who this is, best last. Shown beside every name."""

    NEW = "new"
    """Never met: trusted on first use, and shown as such."""
    MET = "met"
    """The same key as when we played before."""
    VERIFIED = "verified"
    """Both of us compared codes, on the screens, and confirmed."""
    IMPOSTOR = "impostor"
    """Another key under the name of somebody verified, or under one that looks like it: a blocking warning."""
    BLOCKED = "blocked"


class KnownPeer(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the known-peers screen."""

    peer: str
    name: str
    """As we call it: its own name when we met, or what we renamed it to."""
    own_name: str = ""
    """The name it showed itself by when we last met: what an impostor would copy."""
    verified: bool = False
    blocked: bool = False
    muted: bool = False
    """Its invitations are declined without a word to us."""
    met_at: float = 0.0
    """Unix time of the newest meeting."""
