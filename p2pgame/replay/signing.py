"""Signatures of the end of a match, with the Ed25519 key (RFC 8032) of each player's peer id.

What is signed follows from the header and the end alone, so all players sign the same bytes. It contains the hash
chain and the decision chain, so a signature covers every input, every state and every decision.
"""

from collections.abc import Sequence

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from p2pgame.core.ids import peer_id_of
from p2pgame.core.snapshot import encode
from p2pgame.replay.records import End, Header, Signature

__all__ = ["statement", "verify_signature"]


def statement(header: Header, end: End) -> bytes:
    """The signed bytes: msgpack after a label for domain separation."""
    outcome = end.outcome
    return b"p2pgame match 2\n" + encode(
        (
            header.match,
            header.game,
            header.digest,
            header.seed,
            header.config,
            header.frame_limit,
            header.players,
            header.teams,
            header.bots,
            header.host,
            end.frame,
            end.hash,
            end.chain,
            end.decisions,
            (outcome.winners, outcome.reason, outcome.ended_by),
        )
    )


def verify_signature(header: Header, end: End, signature: Signature, owners: Sequence[str]) -> bool:
    """True if `signature` is a valid signature of its player for this end of this match.

    `owners`: who plays on each seat at the end (`netcode.seating`).
    """
    if signature.player >= len(owners) or peer_id_of(signature.public_key) != owners[signature.player]:
        return False
    try:
        key = Ed25519PublicKey.from_public_bytes(signature.public_key)
        key.verify(signature.signature, statement(header, end))
    except (InvalidSignature, ValueError):
        return False
    return True
