"""Elects the host, seed and player order by a commit-reveal scheme, so that no member can influence them.

Each member commits to a 32-byte nonce before it sees any other nonce, and reveals it once it has all commitments. Then
all members compute the same values. What nobody may choose follows from the nonces alone: an invitation that is broken
off and sent anew changes nothing of it (`lots`). Hashes are over length-prefixed parts (docs/protocol.md, "Election").
"""

import hmac
from collections.abc import Mapping, Sequence

import msgspec

from p2pgame.core.digest import digest
from p2pgame.core.ids import PeerId
from p2pgame.wire.messages import Candidate

__all__ = ["Election", "commit", "crossing_rank", "elect", "verify_commitment"]


def commit(peer: PeerId, other: PeerId, nonce: bytes) -> bytes:
    """The commitment (32 bytes) of `peer` to `nonce`, for a match with `other`."""
    return digest("commit", peer.encode(), other.encode(), nonce)


def verify_commitment(commitment: bytes, peer: PeerId, other: PeerId, nonce: bytes) -> bool:
    """True if `commitment` is the one of `peer` to `nonce`, for a match with `other`."""
    return hmac.compare_digest(commitment, commit(peer, other, nonce))


def crossing_rank(inviter: PeerId, invitee: PeerId, invite: bytes) -> bytes:
    """Rank of an invitation. Of two crossing invitations, the lower rank survives."""
    return digest("cross", inviter.encode(), invitee.encode(), invite)


class Election(msgspec.Struct, frozen=True):
    """The result of an election, equal for all members."""

    match: str
    """16 hex digits."""
    host: PeerId
    succession: tuple[PeerId, ...]
    """The host first, then its successors."""
    players: tuple[PeerId, ...]
    """By player index."""
    seed: int
    """0 <= seed < 2**64."""
    token: bytes
    """16 bytes that only the members know; sent in `Join`."""


def elect(
    invite: bytes,
    candidates: Mapping[PeerId, Candidate],
    nonces: Mapping[PeerId, bytes],
    previous: Sequence[PeerId] = (),
) -> Election:
    """Compute the election of the members in `candidates`. `previous`: players of the match before a rematch.

    The host is the smallest of (cannot be reached, not wired, hash of nonces and peer id).
    """
    shared = sorted(nonces[peer] for peer in candidates)

    def tie_break(label: str, peer: PeerId) -> bytes:
        return digest(label, *shared, peer.encode())

    def key(peer: PeerId) -> tuple[bool, bool, bytes]:
        facts = candidates[peer]
        return (not facts.reachable, not facts.wired, tie_break("host", peer))

    succession = tuple(sorted(candidates, key=key))
    if previous:
        players = (*previous[1:], previous[0])
    else:
        players = tuple(sorted(candidates, key=lambda peer: tie_break("order", peer)))
    return Election(
        match=digest("match", invite, *shared)[:8].hex(),
        host=succession[0],
        succession=succession,
        players=players,
        seed=int.from_bytes(digest("seed", *shared)[:8], "big"),
        token=digest("join", invite, *shared)[:16],
    )
