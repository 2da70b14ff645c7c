"""A known peer: an immutable value, stored by `storage.known_peers`."""

from enum import StrEnum

import msgspec

__all__ = ["KnownPeer", "Trust"]


class Trust(StrEnum):
    """Trust in the identity of a peer. Shown beside every name."""

    NEW = "new"
    """Never met before: trust on first use."""
    MET = "met"
    """The same key as when we played before."""
    VERIFIED = "verified"
    """Both players compared codes and confirmed them."""
    IMPOSTOR = "impostor"
    """Another key under the name of a verified peer, or a name that looks like it. Shown as a blocking warning."""
    BLOCKED = "blocked"


class KnownPeer(msgspec.Struct, frozen=True, kw_only=True):
    """One known peer."""

    peer: str
    name: str
    """Local name: its own name at the last meeting, or the name that our player gave it."""
    own_name: str = ""
    """Its own name at the last meeting: the name that an impostor would copy."""
    verified: bool = False
    blocked: bool = False
    muted: bool = False
    """Its requests are declined without asking the player."""
    met_at: float = 0.0
    """Unix time of the newest meeting."""
