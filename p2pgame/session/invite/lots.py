"""The lots of two players: the nonces that decide colours, host and seed of their next match.

Who learns an election first could break it off and ask again until it likes the result. So what both committed in the
first exchange stands: until their match begins, or nothing was agreed for `LOTS_TIME` seconds, both open the same
nonces again, whoever breaks off and whoever invites. Does not know messages.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from p2pgame.core.ids import PeerId
from p2pgame.wire.bounds import LOTS_TIME

__all__ = ["Lots"]

_LOTS_MAX = 256


@dataclass(slots=True)
class _Lot:
    nonce: bytes
    """Ours."""
    theirs: bytes | None
    """The commitment of the other side to which we revealed our nonce; None: it does not know it."""
    until: float


class Lots:
    """By peer. Only what our own player sends or accepts is kept, so strangers fill nothing."""

    def __init__(self, token_bytes: Callable[[int], bytes]) -> None:
        self._token_bytes = token_bytes
        self._lots: OrderedDict[PeerId, _Lot] = OrderedDict()

    def __len__(self) -> int:
        return len(self._lots)

    def nonce(self, peer: PeerId, now: float) -> bytes:
        """Our 32 bytes for the next match with `peer`: those of before, or new ones."""
        lot = self._lot(peer, now)
        return lot.nonce if lot is not None else self._token_bytes(32)

    def committed(self, peer: PeerId, nonce: bytes, now: float) -> None:
        """We are about to send `peer` the commitment to `nonce`."""
        lot = self._lot(peer, now)
        self._keep(peer, _Lot(nonce, lot.theirs if lot is not None else None, now + LOTS_TIME))

    def revealed(self, peer: PeerId, nonce: bytes, theirs: bytes, now: float) -> None:
        """We reveal `nonce` to `peer`, which has committed to its own by `theirs`."""
        self._keep(peer, _Lot(nonce, theirs, now + LOTS_TIME))

    def admits(self, peer: PeerId, theirs: bytes, now: float) -> bool:
        """False if `theirs` is another commitment than that to which we revealed our nonce."""
        lot = self._lot(peer, now)
        return lot is None or lot.theirs in (None, theirs)

    def spend(self, peer: PeerId) -> None:
        """The match has begun."""
        self._lots.pop(peer, None)

    def _lot(self, peer: PeerId, now: float) -> _Lot | None:
        lot = self._lots.get(peer)
        return lot if lot is not None and now < lot.until else None

    def _keep(self, peer: PeerId, lot: _Lot) -> None:
        self._lots[peer] = lot
        self._lots.move_to_end(peer)
        if len(self._lots) > _LOTS_MAX:
            self._lots.popitem(last=False)
