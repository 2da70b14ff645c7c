"""How long a match has not run and why, and when the player may choose to claim it. Draws nothing.

Serves a stall of a real-time match, a lost connection, our own restart and a desync under repair. Times are those of
`Pause.since`.
"""

import math

from p2pgame.session.status import RUNNING
from p2pgame.session.view import MatchView

__all__ = ["ADJOURNED", "DISPUTED", "STALL", "WaitState"]

STALL = "stall"
"""The reason while frames of a real-time match do not pass and the match is not paused."""
ADJOURNED = "adjourned"
"""The reason while our player waits for the other one of an adjourned match."""
DISPUTED = "disputed"
"""The reason while the players are asked whether they play on."""
_QUIET = {STALL: 1.0, "connection": 0.5, "desync": 0.3}
"""Seconds before a wait shows: short waits are common, and a message for each would flicker."""
_AGAIN = 15.0
"""Seconds after "keep waiting" before the choice is offered again."""
_CLAIM_TIMEOUT = 3.0
"""Seconds for a claim to end the match; then the choice is offered again."""


class WaitState:
    """Follows one match."""

    def __init__(self) -> None:
        self.reason = ""
        """`STALL` or the reason of the pause; empty: the match runs."""
        self.claimed = False
        """The player claimed the match, and the claim is under way."""
        self.offers = False
        """The player may choose to claim the match now."""
        self._since = 0.0
        self._now = 0.0
        self._asks_at: float | None = None
        """When the choice is offered; None: not in this wait."""

    @property
    def shown(self) -> bool:
        """The wait is long enough to be shown."""
        return bool(self.reason) and self._now - self._since >= _QUIET.get(self.reason, 0.0)

    @property
    def seconds(self) -> int | None:
        """Whole seconds of waiting; None while it is not shown."""
        return int(self._now - self._since) if self.shown else None

    @property
    def claim_in(self) -> int | None:
        """Seconds until the choice is offered, rounded up; None: not in this wait."""
        return None if self._asks_at is None else math.ceil(self._asks_at - self._now)

    def update(self, now: float, match: MatchView) -> None:
        """Follow the match."""
        waits = match.outcome is None and (match.stalled or match.pause is not None)
        status = match.status if waits else RUNNING
        reason = "" if not waits else STALL if match.stalled else status.code.value
        if not reason:
            self.claimed, self._asks_at = False, None
        elif not self.reason:
            self._since = now
        if waits:
            self._since = min(self._since, status.since)
            if status.claim_at is None or match.me < 0:  # who watches has nothing to claim
                self._asks_at = None
            elif self._asks_at is None:
                self._asks_at = status.claim_at
        self.reason, self._now = reason, now
        self.offers = self.shown and self._asks_at is not None and now >= self._asks_at
        self.claimed = self.claimed and not self.offers

    def keep_waiting(self) -> None:
        """The player goes on waiting."""
        self._asks_at = self._now + _AGAIN

    def claim(self) -> None:
        """The player claims the match."""
        self.claimed, self._asks_at = True, self._now + _CLAIM_TIMEOUT
