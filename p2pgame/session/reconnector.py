"""Finding the other side of an interrupted match again: whom to dial when, and which connection to take.

Both sides dial, every `RESUME_INTERVAL`. Who dialled says `Resume` on the new link, the other answers, and the match
goes on there. Where both did so at once, the guest's word holds. Does not know what a `Resume` says.
"""

from p2pgame.core.ids import PeerId
from p2pgame.session.connections import Connections
from p2pgame.wire.bounds import RESUME_INTERVAL
from p2pgame.wire.codes import CloseCode

__all__ = ["Reconnector"]

_ANSWER = 1.0
"""Seconds for the answer to our `Resume`; until then, a guest sticks to the link that it asked on, should the host
ask on another."""


class Reconnector:
    """One interruption, from its beginning until the match goes on."""

    def __init__(self, peer: PeerId, board: Connections, now: float, *, is_host: bool) -> None:
        self.peer = peer
        self.since = now
        self.asked: int | None = None
        """The link on which our `Resume` waits for its answer."""
        self._asked_at = now
        self._connections = board
        self._is_host = is_host
        self._dial_at = now + (RESUME_INTERVAL / 2 if is_host else 0.0)

    def dial(self, now: float) -> None:
        """Try now: something says that the other side is there."""
        if self.asked is None:
            self._dial_at = now + RESUME_INTERVAL
            self._connections.dial(self.peer, self)

    def opened(self, link: int, now: float) -> bool:
        """Our dial succeeded. True if this is the link to ask on."""
        if self.asked is not None:
            self._connections.close(link, CloseCode.SUPERSEDED.text)
            return False
        self.asked, self._asked_at = link, now
        return True

    def yields(self, link: int, now: float) -> bool:
        """They ask on `link`: whether we answer, and forget what we asked ourselves."""
        firm = not self._is_host and self.asked is not None and now < self._asked_at + _ANSWER
        if firm:
            return False
        self.forget(keep=link)
        return True

    def forget(self, keep: int | None = None) -> None:
        """Our question is void."""
        asked, self.asked = self.asked, None
        if asked is not None and asked != keep and asked in self._connections.links:
            self._connections.close(asked, CloseCode.SUPERSEDED.text)

    def next_deadline(self) -> float:
        return self._dial_at if self.asked is None else self._asked_at + _ANSWER

    def handle_timeout(self, now: float) -> None:
        if self.asked is not None and now >= self._asked_at + _ANSWER:
            self.forget()
        if now >= self._dial_at:
            self.dial(now)
