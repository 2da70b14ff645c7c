"""One nonce that is kept for the next match with a peer (`session.invite.lots`)."""

import msgspec

from p2pgame.core.ids import PeerId
from p2pgame.wire.bounds import Bytes32

__all__ = ["Lot"]


class Lot(msgspec.Struct, frozen=True, kw_only=True):
    """What we have committed to, for one peer. Secret until `theirs` is known."""

    peer: PeerId
    nonce: Bytes32
    """Ours."""
    theirs: Bytes32 | None
    """The commitment of the other side to which we revealed our nonce; None: it does not know it."""
    until: float
    """Time in seconds, of the clock that the lobby is given; in the file: Unix time."""
