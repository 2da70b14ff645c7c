"""The sequence of sessions (links) between us and one other member of a match.

    LINKED --silent or lost--> RECONNECTING --Resume both ways on a new link--> LINKED

Negotiates which link carries the match next, and bounds how often it changes. Does not know what the match does
meanwhile.
"""

from p2pgame.core.errors import RemoteProtocolError
from p2pgame.core.ids import PeerId
from p2pgame.session.connections import Connections
from p2pgame.session.match_session.reconnector import Reconnector
from p2pgame.session.status import StatusCode
from p2pgame.session.stopwatch import Stopwatch
from p2pgame.wire import messages as m
from p2pgame.wire.codes import CloseCode

__all__ = ["MemberSession"]

_SESSIONS_IN_A_ROW = 10
"""Session changes that may follow each other at once."""
_SESSIONS_RATE = 1.0
"""Session changes a second in the long run: each one sends everything that is missing again."""


class MemberSession:
    """The link to one member, or the search for another one."""

    def __init__(
        self, member: int, peer: PeerId, name: str, connections: Connections, link: int | None
    ) -> None:
        """`member`: its number in the match. `link`: None if there is none yet."""
        self.member = member
        self.peer = peer
        self.name = name
        self.link = link
        self.number = 1
        """Number of the current session, or of the last one."""
        self.reconnector: Reconnector | None = None
        self.reason = StatusCode.CONNECTION
        """Why the session was interrupted."""
        self.absent = False
        """For the host: the match goes on without it, and it may come back."""
        self.at_fault = False
        """For the host: it was dropped because it broke a rule, or has other states."""
        self.admitted_at = 0
        """For the host: the frame from which on it has all inputs, once it is back."""
        self.wants: tuple[int, ...] = ()
        """For the host: seats of bots that its people shall have."""
        self.returns_at = 0.0
        """For the host: not before this time."""
        self.silent_at: float | None = None
        """For the host: when it was last heard, while it is silent."""
        self.ours: m.Resume | None = None
        """The `Resume` that we sent on `reconnector.requested_link`."""
        self.silence = Stopwatch()
        """How long we could not hear it."""
        self._connections = connections
        self._requested_number = 1
        """The highest session number that we requested."""
        self._theirs: m.Resume | None = None
        """Its newest accepted `Resume`."""
        self._credit = float(_SESSIONS_IN_A_ROW)
        self._credit_at = 0.0

    @property
    def searched(self) -> bool:
        """True while another link is looked for."""
        return self.reconnector is not None

    @property
    def requested(self) -> int | None:
        """The link on which we asked to go on and wait for the answer."""
        return self.reconnector.requested_link if self.reconnector is not None else None

    def uses(self, link: int) -> bool:
        return link in (self.link, self.requested)

    def interrupt(self, reason: StatusCode, now: float, *, is_host: bool) -> bool:
        """Look for another link. False if we do already."""
        if self.reconnector is not None:
            return False
        self.reason = reason
        self.reconnector = Reconnector(self.peer, self._connections, now, is_host=is_host)
        return True

    def request(self, link: int, now: float) -> int | None:
        """The dial of the reconnector succeeded. Returns the number of the session to request on `link`, if any."""
        if self.reconnector is None:
            self._connections.close(link, CloseCode.SUPERSEDED.text)
        elif self.reconnector.opened(link, now):
            self._requested_number = max(self._requested_number, self.number) + 1
            return self._requested_number
        return None

    def answers(self, link: int) -> m.Resume | None:
        """Our `Resume`, if a `Resume` on `link` is the answer to it."""
        return self.ours if self.requested == link else None

    def check_request(self, message: m.Resume, now: float) -> None:
        """It asks to go on with another session. Raises `RemoteProtocolError`."""
        earned = (now - self._credit_at) * _SESSIONS_RATE
        self._credit = min(_SESSIONS_IN_A_ROW, self._credit + earned)
        self._credit_at = now
        if self._credit < 1:
            raise RemoteProtocolError("too_fast", reason="sessions")
        self._credit -= 1
        last = self._last_number(message)
        if message.session <= last:
            raise RemoteProtocolError("old_session", session=message.session, last=last)

    def bind(self, link: int, ours: m.Resume, theirs: m.Resume) -> None:
        """The match goes on on `link`."""
        self._theirs = theirs
        old, self.link, self.number = self.link, link, max(ours.session, theirs.session)
        if old is not None and old != link and old in self._connections.links:
            self._connections.close(old, CloseCode.SUPERSEDED.text)

    def reconnected(self) -> bool:
        """It is heard on the link. False if we did not look for another one."""
        if self.reconnector is None:
            return False
        self.reconnector.cancel_request(keep=self.link)
        self.reconnector = None
        return True

    def stop(self, keep: int | None = None) -> None:
        """Look for no other link any more, and close one that was asked for unless it is `keep`."""
        if self.reconnector is not None:
            self.reconnector.cancel_request(keep=keep)
            self.reconnector = None

    def _last_number(self, message: m.Resume) -> int:
        """The session number that `message` must exceed. A restarted program does not know ours."""
        if not message.fresh:
            return self.number
        theirs = self._theirs
        if theirs is None or message.salt is None or message.salt != theirs.salt:
            return 0
        return theirs.session  # the same program: an older request of it may arrive late
