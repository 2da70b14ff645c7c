"""Limits how often one peer's requests reach the player: pure bookkeeping by peer id, bounded in size.

Whatever our own player asks of a peer, or accepts from it, resets that peer's limit, so that counter-offers, crossed
invitations and return matches are never too soon.
"""

from collections import OrderedDict
from dataclasses import dataclass

from p2pgame.core.ids import PeerId
from p2pgame.wire.bounds import DECLINES_PATIENCE, INVITE_GAP, QUIET_TIME

__all__ = ["RequestLimiter"]

_ACCOUNTS_MAX = 1024


@dataclass(slots=True)
class _Account:
    asked_at: float = float("-inf")
    quiet_until: float = float("-inf")
    declines: int = 0


class RequestLimiter:
    """Of one kind of request, for all peers."""

    def __init__(self) -> None:
        self._accounts: OrderedDict[PeerId, _Account] = OrderedDict()

    def __len__(self) -> int:
        return len(self._accounts)

    def refusal(self, peer: PeerId, now: float) -> str:
        """Why a request of `peer` must not reach the player: ``declined``, ``too_soon``; empty if it may.

        A refused request does not delay the next one.
        """
        account = self._account(peer)
        if now < account.quiet_until:
            return "declined"
        if now < account.asked_at + INVITE_GAP:
            return "too_soon"
        account.asked_at = now
        return ""

    def note_decline(self, peer: PeerId, now: float) -> None:
        """The player declined a request of `peer`."""
        account = self._account(peer)
        account.declines += 1
        if account.declines >= DECLINES_PATIENCE:
            account.declines = 0
            account.quiet_until = now + QUIET_TIME

    def reset(self, peer: PeerId) -> None:
        """Forget what `peer` asked: our player wants something of it."""
        self._accounts.pop(peer, None)

    def _account(self, peer: PeerId) -> _Account:
        account = self._accounts.setdefault(peer, _Account())
        self._accounts.move_to_end(peer)
        if len(self._accounts) > _ACCOUNTS_MAX:
            self._accounts.popitem(last=False)
        return account
