"""Reconnects to the other side of an interrupted match: decides when to dial and which link to use.

Both sides dial every `RESUME_INTERVAL`. The dialler sends `Resume` on the new link, the other side answers, and the
match continues there. If both request at once, the guest's request wins. Does not know the content of a `Resume`.
"""

from p2pgame.core.ids import PeerId
from p2pgame.session.connections import Connections
from p2pgame.wire.bounds import RESUME_INTERVAL
from p2pgame.wire.codes import CloseCode

__all__ = ["Reconnector"]

_ANSWER_TIMEOUT = 1.0
"""Seconds to wait for the answer to our `Resume`. Twice as long each time none came, or a host whose machine is slow
would always answer on a link that we have closed ..."""
_ANSWER_TIMEOUT_MAX = 4.0
"""... up to this."""
_CROSSING = (1.0, 0.5)
"""Seconds after our `Resume` in which a guest rejects the host's own on other links: after the first one, and later. A
host that did not answer may have waited for its player, and asks half a `RESUME_INTERVAL` after that one came."""
_GATHERING = 5.0
"""Seconds to wait for the answer of a host that first waits for all others, since we asked it last."""


class Reconnector:
    """Handles one interruption, from its beginning until the match continues."""

    def __init__(self, peer: PeerId, connections: Connections, now: float, *, is_host: bool) -> None:
        self.peer = peer
        self.turn = 0
        """Of those who are dialled one after the other."""
        self.since = now
        self.requested_link: int | None = None
        """The link on which we sent `Resume` and wait for the answer."""
        self._alone_until = self._answer_by = now
        """While we wait for an answer: until when the host's own requests are rejected, and when ours is given up."""
        self._patience = _ANSWER_TIMEOUT
        self._connections = connections
        self._is_host = is_host
        self._dial_at = now + (RESUME_INTERVAL / 2 if is_host else 0.0)

    def dial(self, now: float) -> None:
        """Dial now, because the other side seems to be reachable."""
        if self.requested_link is None:
            self._dial_at = now + RESUME_INTERVAL
            self._connections.dial(self.peer, self)

    def opened(self, link: int, now: float) -> bool:
        """Our dial succeeded. Returns True if we should send `Resume` on this link."""
        if self.requested_link is not None:
            self._connections.close(link, CloseCode.SUPERSEDED.text)
            return False
        self.requested_link = link
        crossing = _CROSSING[self._patience > _ANSWER_TIMEOUT]
        self._alone_until, self._answer_by = now + crossing, now + self._patience
        return True

    def hold(self, link: int, now: float) -> None:
        """The answer on `link` takes until others are there."""
        if link != self.requested_link:
            self.cancel_request()
            self.requested_link = link
        self._alone_until = self._answer_by = now + _GATHERING

    def accepts(self, link: int, now: float) -> bool:
        """The other side requests to resume on `link`. Returns whether we accept; then our own request is cancelled."""
        if not self._is_host and self.requested_link is not None and now < self._alone_until:
            return False
        self.cancel_request(keep=link)
        return True

    def cancel_request(self, keep: int | None = None) -> None:
        """Cancel our request and close its link, unless it is `keep`."""
        requested, self.requested_link = self.requested_link, None
        if requested is not None and requested != keep and requested in self._connections.links:
            self._connections.close(requested, CloseCode.SUPERSEDED.text)

    def next_deadline(self) -> float:
        return self._dial_at if self.requested_link is None else self._answer_by

    def handle_timeout(self, now: float) -> None:
        if self.requested_link is not None and now >= self._answer_by:
            self._patience = min(2 * self._patience, _ANSWER_TIMEOUT_MAX)
            self.cancel_request()
        if now >= self._dial_at:
            self.dial(now)
