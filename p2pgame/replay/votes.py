"""Votes for another host, with the Ed25519 key (RFC 8032) of each voter's peer id.

Who carries a match on after its host was gone shows the votes of more than half of those at whom people play, so that
neither it nor anybody else can make itself host. Does not know when somebody votes, nor for whom.
"""

from collections.abc import Callable

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from p2pgame.core.ids import PeerId, peer_id_of
from p2pgame.core.snapshot import encode
from p2pgame.netcode.seating import Seating
from p2pgame.wire.decisions import Decision, HostIs, HostVote

__all__ = ["ballot", "elected", "vote", "voter_of"]


def ballot(match: str, epoch: int, candidate: str) -> bytes:
    """The signed bytes: msgpack after a label for domain separation. `match`: its id."""
    return b"p2pgame vote 1\n" + encode((match, epoch, candidate))


def vote(
    public_key: bytes, sign: Callable[[bytes], bytes], match: str, epoch: int, candidate: str
) -> HostVote:
    """The vote of who has that key for `candidate` as the host from that epoch on."""
    return HostVote(public_key, sign(ballot(match, epoch, candidate)))


def voter_of(given: HostVote, match: str, epoch: int, candidate: str) -> PeerId | None:
    """Who gave this vote; None if it is not for that candidate in that epoch of that match."""
    try:
        key = Ed25519PublicKey.from_public_bytes(given.public_key)
        key.verify(given.signature, ballot(match, epoch, candidate))
    except (InvalidSignature, ValueError):
        return None
    return peer_id_of(given.public_key)


def elected(match: str, decision: Decision, seating: Seating) -> bool:
    """Whether an entry that names a host shows the votes of more than half of all. `seating`: before the entry."""
    what = decision.what
    if not isinstance(what, HostIs):
        return True
    electors = {*seating.people, seating.host}
    voters = {what.peer, *(voter_of(given, match, decision.epoch, what.peer) for given in what.votes)}
    return what.peer in electors and 2 * len(electors & voters) > len(electors)
