"""Elects the host, seed and player order by a commit-reveal scheme, so that no member can influence them.

Each member commits to a 32-byte nonce before it sees any other nonce, and reveals it once it has all commitments. Then
all members compute the same values. What nobody may choose follows from the nonces alone: an invitation that is broken
off and sent anew changes nothing of it (`lots`). Hashes are over length-prefixed parts (docs/protocol.md, "Election").
"""

import hmac
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec

from p2pgame.core.digest import digest
from p2pgame.core.ids import PeerId
from p2pgame.wire.messages import Candidate

__all__ = ["Election", "Standing", "commit", "crossing_rank", "elect", "verify_commitment"]


def commit(peer: PeerId, about: bytes, nonce: bytes) -> bytes:
    """The commitment (32 bytes) of `peer` to `nonce`.

    `about`: what it is for: the peer id of the other player (an invitation), or a plan (a round of a room).
    """
    return digest("commit", peer.encode(), about, nonce)


def verify_commitment(commitment: bytes, peer: PeerId, about: bytes, nonce: bytes) -> bool:
    """True if `commitment` is the one of `peer` to `nonce`, for `about`."""
    return hmac.compare_digest(commitment, commit(peer, about, nonce))


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
    """By player index: who owns the seat. A peer may own several; that of a bot is the host's at the start."""
    seed: int
    """0 <= seed < 2**64."""
    token: bytes
    """16 bytes that only the members know; sent in `Join`."""
    epoch: int = 1
    """1 for the first host of the succession, 2 for the second ..."""


class Standing(NamedTuple):
    """What decides who is host, the smallest first; between equals chance decides."""

    unlinked: int = 0
    """Other members with which it has no connection."""
    unreachable: bool = False
    not_wired: bool = False
    lag: int = 0
    """Step of its worst round trip."""

    @classmethod
    def of(cls, candidate: Candidate) -> "Standing":
        """Of a player who was invited: the connection stands."""
        return cls(unreachable=not candidate.reachable, not_wired=not candidate.wired)


def elect(
    about: bytes,
    standings: Mapping[PeerId, Standing],
    nonces: Mapping[PeerId, bytes],
    *,
    seats: Sequence[PeerId | None] | None = None,
    epoch: int = 1,
) -> Election:
    """Compute the election of the members in `standings`.

    `about`: id of the invitation, or a plan. `seats`: the owners by player index, None for a bot; without them, chance
    decides the order. `epoch`: the hosts before it in the succession could not be reached.
    """
    shared = sorted(nonces[peer] for peer in standings)

    def tie_break(label: str, peer: PeerId) -> bytes:
        return digest(label, *shared, peer.encode())

    succession = sorted(standings, key=lambda peer: (standings[peer], tie_break("host", peer)))
    succession = succession[epoch - 1 :] + succession[: epoch - 1]
    by_chance = sorted(standings, key=lambda peer: tie_break("order", peer))
    return Election(
        match=digest("match", about, *shared)[:8].hex(),
        host=succession[0],
        succession=tuple(succession),
        players=tuple(succession[0] if owner is None else owner for owner in seats or by_chance),
        seed=int.from_bytes(digest("seed", *shared)[:8], "big"),
        token=digest("join", about, *shared)[:16],
        epoch=epoch,
    )
