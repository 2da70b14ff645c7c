"""Dial requests: repeats our own, limits those of others."""

from collections.abc import Sequence
from typing import Final

from p2pgame.discovery.chance import RandomSource, random_bytes
from p2pgame.discovery.limits import BucketMap, TokenBucket
from p2pgame.discovery.table import Dial, PeerEntry
from p2pgame.discovery.transmit import Contact
from p2pgame.wire.beacon import DialRequest

__all__ = ["DIAL_BURST_ALL", "DIAL_REQUEST_REPEATS", "DIAL_REQUEST_SPACING", "DialRequests"]

DIAL_REQUEST_REPEATS: Final = (0.0, 0.150, 0.450)
"""Seconds at which a request goes out; the copies have one `seq`, so it is obeyed once."""
DIAL_REQUEST_SPACING: Final = 0.5
"""Seconds between two requests of one peer that are obeyed."""
DIAL_RATE: Final = 2.0
"""Dials a second to one address that are asked for by such requests ..."""
DIAL_BURST: Final = 4.0
DIAL_RATE_ALL: Final = 4.0
"""... and by strangers to all addresses."""
DIAL_BURST_ALL: Final = 8.0
_ADDRESSES_KEPT = 256
_PENDING_MAX = 16


class DialRequests:
    """Requests under way, in both directions."""

    def __init__(self, random_source: RandomSource) -> None:
        self._random_source = random_source
        self._each: BucketMap[str] = BucketMap(DIAL_RATE, DIAL_BURST, _ADDRESSES_KEPT)
        self._all = TokenBucket(DIAL_RATE_ALL, DIAL_BURST_ALL)
        self._pending: list[tuple[float, bytes, Contact]] = []

    def nonce(self) -> bytes:
        return random_bytes(8, self._random_source)

    def start(self, data: bytes, targets: Sequence[Contact], now: float) -> None:
        """Send `data` to all `targets`, three times."""
        self._pending += [
            (now + offset, data, target) for offset in DIAL_REQUEST_REPEATS for target in targets
        ]
        self._pending = sorted(self._pending)[: _PENDING_MAX * len(DIAL_REQUEST_REPEATS)]

    def next_deadline(self) -> float | None:
        return self._pending[0][0] if self._pending else None

    def take(self, now: float) -> list[tuple[bytes, Contact]]:
        """What to send now."""
        due = [(data, to) for at, data, to in self._pending if at <= now]
        del self._pending[: len(due)]
        return due

    def is_new(self, entry: PeerEntry, request: DialRequest, now: float) -> bool:
        """Whether a request of a listed peer is worth the check of its signature."""
        last = entry.dial
        return last is None or (request.seq > last.seq and now - last.at >= DIAL_REQUEST_SPACING)

    def accept(self, entry: PeerEntry, request: DialRequest, data: bytes, now: float) -> None:
        """Note a genuine request. It is obeyed once its sender has shown that it receives where it came from."""
        entry.dial = Dial(data, request.seq, now, request.tcp_port, request.punch)

    def obey(self, entry: PeerEntry, address: str, port: int, now: float, *, kept: bool) -> bool:
        """Whether to dial `address` now: once for a request, and not too often."""
        if entry.dial is None or entry.dial.port != port:
            return False
        entry.dial.port = 0
        return self._each.take(address, now) and (kept or self._all.take(now))
