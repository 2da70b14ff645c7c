"""Asking to be dialled: repeating our own calls, limiting those of others."""

from collections.abc import Sequence
from typing import Final

from p2pgame.discovery.limits import TokenBucket
from p2pgame.discovery.schedule import Chance
from p2pgame.discovery.seeds import Source
from p2pgame.discovery.table import PeerEntry
from p2pgame.wire.beacon import Call

__all__ = ["CALLS_AT_ONCE", "CALL_REPEATS", "CALL_SPACING", "Calls"]

CALL_REPEATS: Final = (0.0, 0.150, 0.450)
"""Seconds at which a call goes out; the copies have one `seq`, so it is heeded once."""
CALL_SPACING: Final = 0.5
"""Seconds between two calls of one peer that are heeded."""
CALLS_AT_ONCE: Final = 4
CALL_RATE: Final = 2.0
"""Calls a second of all peers that are heeded in the long run."""
_PENDING_MAX = 16


class Calls:
    """Calls under way, in both directions."""

    def __init__(self, chance: Chance) -> None:
        self._chance = chance
        self._heeded = TokenBucket(CALL_RATE, CALLS_AT_ONCE)
        self._pending: list[tuple[float, bytes, Source]] = []

    def nonce(self) -> bytes:
        return self._chance.getrandbits(64).to_bytes(8, "big")

    def start(self, data: bytes, targets: Sequence[Source], now: float) -> None:
        """Send `data` to all `targets`, three times."""
        self._pending += [(now + offset, data, target) for offset in CALL_REPEATS for target in targets]
        self._pending = sorted(self._pending)[: _PENDING_MAX * len(CALL_REPEATS)]

    def next_deadline(self) -> float | None:
        return self._pending[0][0] if self._pending else None

    def take(self, now: float) -> list[tuple[bytes, Source]]:
        """What to send now."""
        due = [(data, to) for at, data, to in self._pending if at <= now]
        del self._pending[: len(due)]
        return due

    def may_heed(self, entry: PeerEntry, call: Call, now: float) -> bool:
        """Whether a call of a listed peer is worth the check of its signature."""
        return call.seq > entry.call_seq and now - entry.called >= CALL_SPACING and entry.budget.take(now)

    def heed(self, entry: PeerEntry, call: Call, now: float) -> bool:
        """Count a verified call; False if there are too many of all peers together."""
        if not self._heeded.take(now):
            return False
        entry.call_seq, entry.called = call.seq, now
        return True
