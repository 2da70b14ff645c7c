"""The lots of two players: the nonces that decide colours, host and seed of their next match.

Who learned an election first could break it off and ask again until it liked the result. So what both committed in the
first exchange stands: until their match begins, or nothing was agreed for `LOTS_TIME` seconds, both open the same
nonces again, whoever breaks off and whoever invites. Does not know messages, nor the disk that keeps them.
"""

from collections.abc import Callable, Iterable

from p2pgame.core.ids import PeerId
from p2pgame.session.lot import Lot
from p2pgame.wire.bounds import LOTS_TIME

__all__ = ["Lots"]

_LOTS_MAX = 256


class Lots:
    """By peer. Only what our own player sends or accepts is kept, so strangers fill nothing."""

    def __init__(
        self,
        token_bytes: Callable[[int], bytes],
        keep: Callable[[tuple[Lot, ...]], None] = lambda _: None,
    ) -> None:
        """`keep(lots)` keeps all of them for the next program, before anything is said of them."""
        self._token_bytes = token_bytes
        self._keep = keep
        self._lots: dict[PeerId, Lot] = {}
        """The newest last."""

    def __len__(self) -> int:
        return len(self._lots)

    def restore(self, lots: Iterable[Lot]) -> None:
        """Those that an earlier program kept."""
        self._lots = {lot.peer: lot for lot in lots}

    def nonce(self, peer: PeerId, now: float) -> bytes:
        """Our 32 bytes for the next match with `peer`: those of before, or new ones."""
        lot = self._lot(peer, now)
        return lot.nonce if lot is not None else self._token_bytes(32)

    def committed(self, peer: PeerId, nonce: bytes, now: float) -> None:
        """We are about to send `peer` the commitment to `nonce`."""
        lot = self._lot(peer, now)
        self._set(peer, nonce, lot.theirs if lot is not None else None, now)

    def revealed(self, peer: PeerId, nonce: bytes, theirs: bytes, now: float) -> None:
        """We are about to reveal `nonce` to `peer`, which has committed to its own by `theirs`."""
        self._set(peer, nonce, theirs, now)

    def admits(self, peer: PeerId, theirs: bytes, now: float) -> bool:
        """False if `theirs` is another commitment than that to which we revealed our nonce."""
        lot = self._lot(peer, now)
        return lot is None or lot.theirs in (None, theirs)

    def spend(self, peer: PeerId) -> None:
        """The match has begun."""
        if self._lots.pop(peer, None) is not None:
            self._keep(tuple(self._lots.values()))

    def _lot(self, peer: PeerId, now: float) -> Lot | None:
        lot = self._lots.get(peer)
        return lot if lot is not None and now < lot.until else None

    def _set(self, peer: PeerId, nonce: bytes, theirs: bytes | None, now: float) -> None:
        self._lots.pop(peer, None)
        self._lots = {p: lot for p, lot in self._lots.items() if now < lot.until}
        self._lots[peer] = Lot(peer=peer, nonce=nonce, theirs=theirs, until=now + LOTS_TIME)
        if len(self._lots) > _LOTS_MAX:
            del self._lots[next(iter(self._lots))]
        self._keep(tuple(self._lots.values()))
