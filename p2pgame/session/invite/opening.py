"""Opens the session of an accepted invitation: reveals nonces, elects the host, connects to it.

    REVEALING --both nonces--> CONNECTING --the guest dials, else the host does--> BOUND to a link

The guest dials the host. If that fails, it sends `DialMe` on the link of the invitation and the host dials. The dialler
sends `Join` with the token that only the members can compute. Does not know the match.
"""

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Protocol

from p2pgame.core.errors import Param, RemoteProtocolError
from p2pgame.core.ids import PeerId
from p2pgame.session import events as e
from p2pgame.session.agreement import Agreement
from p2pgame.session.connections import Connections
from p2pgame.session.invite.invitation import Invitation
from p2pgame.session.message_table import MessageTable, Rule, Scope
from p2pgame.wire import messages as m
from p2pgame.wire.bounds import REVEAL_TIMEOUT, SESSION_TIMEOUT

__all__ = ["MatchStarter", "OpeningPhase", "SessionOpener", "SessionOpening"]

_FIRST_SESSION = 1


class OpeningPhase(Enum):
    """Phase of an opening; IDLE if there is none."""

    IDLE = "idle"
    REVEALING = "revealing"
    CONNECTING = "connecting"
    BOUND = "bound"


class SessionOpening:
    """Opens the session of one accepted invitation."""

    def __init__(self, me: PeerId, invitation: Invitation, connections: Connections, now: float) -> None:
        self.me = me
        self.invitation = invitation
        self.phase = OpeningPhase.REVEALING
        self.session: int | None = None
        """The link of the session, once it is open."""
        self.deadline = now + REVEAL_TIMEOUT
        self._connections = connections
        self._early: tuple[int, m.Join] | None = None
        if invitation.link is not None:
            connections.send(invitation.link, invitation.reveal())

    @property
    def bound(self) -> bool:
        return self.phase is OpeningPhase.BOUND

    def uses(self, link: int) -> bool:
        """True if the opening needs the link to stay open."""
        if self.bound:
            return link == self.session
        return link == self.invitation.link or (self._early is not None and self._early[0] == link)

    def needs(self, link: int) -> bool:
        """True if the opening fails without this link."""
        if self.phase is OpeningPhase.REVEALING:
            return link == self.invitation.link
        return link == self.session

    def on_reveal(self, link: int, message: m.Reveal, now: float) -> None:
        """Handle their nonce. Raises `RemoteProtocolError` if it does not match their commitment."""
        invitation = self.invitation
        if (invitation.id, invitation.link) != (message.invite, link):
            return  # of an invitation that was cancelled meanwhile
        election = invitation.revealed(message.nonce)
        self.phase = OpeningPhase.CONNECTING
        self.deadline = now + SESSION_TIMEOUT
        self._connections.emit(
            e.HostElected(
                match=election.match, host=election.host, players=election.players, epoch=_FIRST_SESSION
            )
        )
        early, self._early = self._early, None
        if early is not None:
            if early[0] in self._connections.links:
                self.on_join(early[0], early[1])
        elif election.host != self.me:
            self._connections.dial(invitation.peer, self)

    def link_opened(self, link: int) -> None:
        """Our dial for this session succeeded."""
        election = self.invitation.election
        if election is not None and not self.bound:
            self._connections.send(
                link, m.Join(match=election.match, session=_FIRST_SESSION, token=election.token)
            )
            self._bind(link)

    def dial_failed(self) -> None:
        """Our dial failed: if we are the guest, the host tries."""
        election, link = self.invitation.election, self.invitation.link
        if (
            election is not None
            and election.host != self.me
            and link is not None
            and link in self._connections.links
        ):
            self._connections.send(link, m.DialMe(match=election.match))

    def on_dial_me(self, message: m.DialMe) -> None:
        """Dial the guest, because it cannot reach us."""
        election = self.invitation.election
        if election is not None and election.match == message.match and not self._connections.dialling(self):
            self._connections.dial(self.invitation.peer, self)

    def on_join(self, link: int, message: m.Join) -> None:
        """Handle `Join` of the dialler. Raises `RemoteProtocolError("no_seat")` for another peer or a wrong token."""
        election = self.invitation.election
        if self._connections.links[link].peer != self.invitation.peer:
            raise RemoteProtocolError("no_seat")
        if election is None:
            self._early = (link, message)  # it overtook the reveal on the other connection
        elif (message.match, message.session, message.token) != (
            election.match,
            _FIRST_SESSION,
            election.token,
        ):
            raise RemoteProtocolError("no_seat")
        elif self.bound:
            self._connections.close(link, "superseded")
        else:
            self._bind(link)

    def _bind(self, link: int) -> None:
        self.session = link
        self.phase = OpeningPhase.BOUND
        invitation = self.invitation
        if invitation.ours and invitation.link is not None and invitation.link != link:
            self._connections.close(invitation.link, "moved")


class MatchStarter(Protocol):
    """Starts the match: implemented by `Matches`."""

    def uses(self, link: int) -> bool: ...
    def begin(self, agreement: Agreement, links: Mapping[PeerId, int], now: float) -> None: ...
    def cancel(self) -> tuple[int, ...]: ...


class SessionOpener:
    """Opens at most one session at a time. A `LinkUser`."""

    def __init__(
        self,
        me: PeerId,
        connections: Connections,
        table: MessageTable,
        matches: MatchStarter,
        name: Callable[[], str],
    ) -> None:
        """`name()`: our own name."""
        self.opening: SessionOpening | None = None
        self._me = me
        self._connections = connections
        self._matches = matches
        self._name = name
        phase = OpeningPhase
        table.register(
            Scope("opening", self._phase_on),
            {
                m.Reveal: Rule(self._on_reveal, (phase.REVEALING,), ignored=(phase.IDLE,)),
                m.DialMe: Rule(self._on_dial_me, (phase.CONNECTING,), ignored=(phase.IDLE, phase.BOUND)),
            },
        )
        table.register(Scope("join", self._phase), {m.Join: Rule(self._on_join, tuple(phase))})

    def start(self, invitation: Invitation, now: float) -> None:
        """Open the session of the accepted `invitation`."""
        self.opening = SessionOpening(self._me, invitation, self._connections, now)

    def finish(self) -> None:
        """Finish: the match has started or was cancelled."""
        self.opening = None

    def fail(self, code: str, params: Mapping[str, Param] | None = None) -> None:
        """Cancel the opening and report the error."""
        opening = self.opening
        if opening is None:
            return
        self.opening = None
        links = self._matches.cancel()
        self._connections.emit(e.ErrorEvent(code=code, params=dict(params or {})))
        for link in {opening.invitation.link, opening.session, *links}:
            if link is not None and link in self._connections.links:
                self._connections.close(link, "done")

    def withdrawn(self, link: int, invite: bytes) -> None:
        """The other side cancelled an invitation: cancel the opening if it is the one being opened."""
        opening = self.opening
        if opening is not None and (opening.invitation.id, opening.invitation.link) == (invite, link):
            self.fail("cancelled", {"name": opening.invitation.name})

    # --- links and time (LinkUser)

    def uses(self, link: int) -> bool:
        return self.opening is not None and self.opening.uses(link)

    def link_opened(self, link: int, peer: PeerId, purpose: object, now: float) -> None:
        del peer
        if self.opening is not None and purpose is self.opening:
            self.opening.link_opened(link)
            self._begin_if_bound(now)

    def link_closed(
        self, link: int, code: str, params: Mapping[str, Param], now: float, *, remote: bool
    ) -> None:
        del now, remote
        opening = self.opening
        if opening is not None and opening.needs(link) and not self._matches.uses(link):
            self.fail(code, params)

    def dial_failed(self, purpose: object, now: float) -> None:
        """Try the other direction."""
        del now
        if self.opening is not None and purpose is self.opening:
            self.opening.dial_failed()

    def next_deadline(self) -> float | None:
        return self.opening.deadline if self.opening is not None else None

    def handle_timeout(self, now: float) -> None:
        opening = self.opening
        if opening is not None and now >= opening.deadline:
            self.fail("connect_failed", {"name": opening.invitation.name})

    # --- messages

    def _phase(self, link: int) -> OpeningPhase:
        del link  # the same on all links: the session uses a new one
        return self.opening.phase if self.opening is not None else OpeningPhase.IDLE

    def _phase_on(self, link: int) -> OpeningPhase:
        """The phase on the link of the invitation; IDLE on any other link."""
        opening = self.opening
        return opening.phase if opening is not None and link == opening.invitation.link else OpeningPhase.IDLE

    def _on_reveal(self, link: int, message: m.Reveal, now: float) -> None:
        if self.opening is not None:
            self.opening.on_reveal(link, message, now)
            self._begin_if_bound(now)

    def _on_dial_me(self, link: int, message: m.DialMe, now: float) -> None:
        del link, now
        if self.opening is not None:
            self.opening.on_dial_me(message)

    def _on_join(self, link: int, message: m.Join, now: float) -> None:
        if self.opening is None:
            raise RemoteProtocolError("no_seat")
        self.opening.on_join(link, message)
        self._begin_if_bound(now)

    def _begin_if_bound(self, now: float) -> None:
        """Start the match if the session is open."""
        opening = self.opening
        if opening is not None and opening.session is not None:
            invitation = opening.invitation
            agreement = invitation.agreement(self._name())
            self._matches.begin(agreement, {invitation.peer: opening.session}, now)
