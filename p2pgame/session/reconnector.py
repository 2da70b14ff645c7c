"""Finding the other side of an interrupted match again: whom to dial when, and which connection to take.

Both sides dial, every `RESUME_INTERVAL`. Who dialled says `Resume` on the new link, the other answers, and the match
goes on there. Where both did so at once, the guest's word holds. Does not know what a `Resume` says.
"""

from p2pgame.core.ids import PeerId
from p2pgame.session.connections import Connections
from p2pgame.wire.bounds import RESUME_INTERVAL
from p2pgame.wire.codes import CloseCode

__all__ = ["Reconnector"]

_ANSWER_TIMEOUT = 1.0
"""Seconds for the answer to our `Resume`; until then, a guest sticks to the link that it asked on, should the host
ask on another."""


class Reconnector:
    """One interruption, from its beginning until the match goes on."""

    def __init__(self, peer: PeerId, connections: Connections, now: float, *, is_host: bool) -> None:
        self.peer = peer
        self.since = now
        self.requested_link: int | None = None
        """The link on which our `Resume` waits for its answer."""
        self._requested_at = now
        self._connections = connections
        self._is_host = is_host
        self._dial_at = now + (RESUME_INTERVAL / 2 if is_host else 0.0)

    def dial(self, now: float) -> None:
        """Try now: something says that the other side is there."""
        if self.requested_link is None:
            self._dial_at = now + RESUME_INTERVAL
            self._connections.dial(self.peer, self)

    def opened(self, link: int, now: float) -> bool:
        """Our dial succeeded. True if this is the link to ask on."""
        if self.requested_link is not None:
            self._connections.close(link, CloseCode.SUPERSEDED.text)
            return False
        self.requested_link, self._requested_at = link, now
        return True

    def accepts(self, link: int, now: float) -> bool:
        """They ask on `link`: whether we answer, and forget what we asked ourselves."""
        waits = (
            not self._is_host
            and self.requested_link is not None
            and now < self._requested_at + _ANSWER_TIMEOUT
        )
        if waits:
            return False
        self.cancel_request(keep=link)
        return True

    def cancel_request(self, keep: int | None = None) -> None:
        """Our question is void."""
        requested, self.requested_link = self.requested_link, None
        if requested is not None and requested != keep and requested in self._connections.links:
            self._connections.close(requested, CloseCode.SUPERSEDED.text)

    def next_deadline(self) -> float:
        return self._dial_at if self.requested_link is None else self._requested_at + _ANSWER_TIMEOUT

    def handle_timeout(self, now: float) -> None:
        if self.requested_link is not None and now >= self._requested_at + _ANSWER_TIMEOUT:
            self.cancel_request()
        if now >= self._dial_at:
            self.dial(now)
