"""How often one peer may bother the player: pure bookkeeping by peer id, bounded in size.

Whatever our own player asks of a peer, or accepts from it, clears that peer's account, so counter-offers, crossed
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
    """One kind of request, of all peers."""

    def __init__(self) -> None:
        self._accounts: OrderedDict[PeerId, _Account] = OrderedDict()

    def __len__(self) -> int:
        return len(self._accounts)

    def objection(self, peer: PeerId, now: float) -> str:
        """Why a request of `peer` does not reach the player: ``declined``, ``too_soon``; empty if it does.

        A request that is refused does not put off the next.
        """
        account = self._account(peer)
        if now < account.quiet_until:
            return "declined"
        if now < account.asked_at + INVITE_GAP:
            return "too_soon"
        account.asked_at = now
        return ""

    def declined(self, peer: PeerId, now: float) -> None:
        """The player said no."""
        account = self._account(peer)
        account.declines += 1
        if account.declines >= DECLINES_PATIENCE:
            account.declines = 0
            account.quiet_until = now + QUIET_TIME

    def forgive(self, peer: PeerId) -> None:
        """The player wants something of `peer`."""
        self._accounts.pop(peer, None)

    def _account(self, peer: PeerId) -> _Account:
        account = self._accounts.setdefault(peer, _Account())
        self._accounts.move_to_end(peer)
        if len(self._accounts) > _ACCOUNTS_MAX:
            self._accounts.popitem(last=False)
        return account
