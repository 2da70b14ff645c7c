"""Dial requests: repeats our own, limits those of others."""

from collections.abc import Sequence
from typing import Final

from p2pgame.discovery.limits import TokenBucket
from p2pgame.discovery.schedule import RandomSource
from p2pgame.discovery.seeds import SocketAddress
from p2pgame.discovery.table import PeerEntry
from p2pgame.wire.beacon import DialRequest

__all__ = ["DIAL_REQUEST_BURST", "DIAL_REQUEST_REPEATS", "DIAL_REQUEST_SPACING", "DialRequests"]

DIAL_REQUEST_REPEATS: Final = (0.0, 0.150, 0.450)
"""Seconds at which a request goes out; the copies have one `seq`, so it is obeyed once."""
DIAL_REQUEST_SPACING: Final = 0.5
"""Seconds between two requests of one peer that are obeyed."""
DIAL_REQUEST_BURST: Final = 4
DIAL_REQUEST_RATE: Final = 2.0
"""Requests a second of all peers that are obeyed in the long run."""
_PENDING_MAX = 16


class DialRequests:
    """Requests under way, in both directions."""

    def __init__(self, random_source: RandomSource) -> None:
        self._random_source = random_source
        self._bucket = TokenBucket(DIAL_REQUEST_RATE, DIAL_REQUEST_BURST)
        self._pending: list[tuple[float, bytes, SocketAddress]] = []

    def nonce(self) -> bytes:
        return self._random_source.getrandbits(64).to_bytes(8, "big")

    def start(self, data: bytes, targets: Sequence[SocketAddress], now: float) -> None:
        """Send `data` to all `targets`, three times."""
        self._pending += [
            (now + offset, data, target) for offset in DIAL_REQUEST_REPEATS for target in targets
        ]
        self._pending = sorted(self._pending)[: _PENDING_MAX * len(DIAL_REQUEST_REPEATS)]

    def next_deadline(self) -> float | None:
        return self._pending[0][0] if self._pending else None

    def take(self, now: float) -> list[tuple[bytes, SocketAddress]]:
        """What to send now."""
        due = [(data, to) for at, data, to in self._pending if at <= now]
        del self._pending[: len(due)]
        return due

    def worth_checking(self, entry: PeerEntry, request: DialRequest, now: float) -> bool:
        """Whether a request of a listed peer is worth the check of its signature."""
        return (
            request.seq > entry.dial_request_seq
            and now - entry.dial_requested >= DIAL_REQUEST_SPACING
            and entry.budget.take(now)
        )

    def accept(self, entry: PeerEntry, request: DialRequest, now: float) -> bool:
        """Count a verified request; False if there are too many of all peers together."""
        if not self._bucket.take(now):
            return False
        entry.dial_request_seq, entry.dial_requested = request.seq, now
        return True
