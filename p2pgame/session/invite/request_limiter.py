"""Limits how often requests of one peer reach the player. Keeps a bounded number of peers.

A request of our own player to a peer, or an acceptance, resets the limit of that peer, so that counter-offers, crossed
invitations and rematches are never limited.
"""

from collections import OrderedDict

import msgspec

from p2pgame.core.ids import PeerId
from p2pgame.wire.bounds import DECLINES_PATIENCE, INVITE_GAP, QUIET_TIME

__all__ = ["RequestLimiter"]

_LIMITS_MAX = 1024


class _PeerLimit(msgspec.Struct):
    asked_at: float = float("-inf")
    quiet_until: float = float("-inf")
    declines: int = 0


class RequestLimiter:
    """The limiter for one kind of request."""

    def __init__(self) -> None:
        self._limits: OrderedDict[PeerId, _PeerLimit] = OrderedDict()

    def __len__(self) -> int:
        return len(self._limits)

    def refusal(self, peer: PeerId, now: float) -> str:
        """The reason to refuse a request of `peer`: ``declined``, ``too_soon``; empty if it is allowed.

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
        """Count a request of `peer` that the player declined."""
        limit = self._limit(peer)
        limit.declines += 1
        if limit.declines >= DECLINES_PATIENCE:
            limit.declines = 0
            limit.quiet_until = now + QUIET_TIME

    def reset(self, peer: PeerId) -> None:
        """Reset the limit of `peer`, because our player sent it a request or accepted one."""
        self._limits.pop(peer, None)

    def _limit(self, peer: PeerId) -> _PeerLimit:
        limit = self._limits.setdefault(peer, _PeerLimit())
        self._limits.move_to_end(peer)
        if len(self._limits) > _LIMITS_MAX:
            self._limits.popitem(last=False)
        return limit
