"""Limits how often one peer's requests reach the player: pure bookkeeping by peer id, bounded in size.

Whatever our own player asks of a peer, or accepts from it, resets that peer's limit, so that counter-offers, crossed
invitations and return matches are never too soon.
"""

from collections import OrderedDict
from dataclasses import dataclass

from p2pgame.core.ids import PeerId
from p2pgame.wire.bounds import DECLINES_PATIENCE, INVITE_GAP, QUIET_TIME

__all__ = ["RequestLimiter"]

_LIMITS_MAX = 1024


@dataclass(slots=True)
class _PeerLimit:
    asked_at: float = float("-inf")
    quiet_until: float = float("-inf")
    declines: int = 0


class RequestLimiter:
    """Of one kind of request, for all peers."""

    def __init__(self) -> None:
        self._limits: OrderedDict[PeerId, _PeerLimit] = OrderedDict()

    def __len__(self) -> int:
        return len(self._limits)

    def refusal(self, peer: PeerId, now: float) -> str:
        """Why a request of `peer` must not reach the player: ``declined``, ``too_soon``; empty if it may.

        A refused request does not delay the next one.
        """
        limit = self._limit(peer)
        if now < limit.quiet_until:
            return "declined"
        if now < limit.asked_at + INVITE_GAP:
            return "too_soon"
        limit.asked_at = now
        return ""

    def note_decline(self, peer: PeerId, now: float) -> None:
        """The player declined a request of `peer`."""
        limit = self._limit(peer)
        limit.declines += 1
        if limit.declines >= DECLINES_PATIENCE:
            limit.declines = 0
            limit.quiet_until = now + QUIET_TIME

    def reset(self, peer: PeerId) -> None:
        """Forget what `peer` asked: our player wants something of it."""
        self._limits.pop(peer, None)

    def _limit(self, peer: PeerId) -> _PeerLimit:
        limit = self._limits.setdefault(peer, _PeerLimit())
        self._limits.move_to_end(peer)
        if len(self._limits) > _LIMITS_MAX:
            self._limits.popitem(last=False)
        return limit
