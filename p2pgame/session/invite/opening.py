"""From an agreement to an open session: reveal, elect the host, and connect to it.

    REVEALING --both nonces--> ELECTED --the guest dials, else the host does--> bound to a link

The guest dials the host; if that fails it says so on the link of the invitation (`DialMe`) and the host dials. Who
dialled says `Join` with the token that only the members can compute. Does not know the match.
"""

from p2pgame.core.errors import RemoteProtocolError
from p2pgame.core.ids import PeerId
from p2pgame.session import events as e
from p2pgame.session.connections import Connections
from p2pgame.session.invite.invitation import Invitation
from p2pgame.wire import messages as m
from p2pgame.wire.bounds import REVEAL_TIMEOUT, SESSION_TIMEOUT

__all__ = ["Opening"]

_EPOCH = 1


class Opening:
    """One accepted invitation on its way. `session` is the link of the session once there is one."""

    def __init__(self, me: PeerId, invitation: Invitation, board: Connections, now: float) -> None:
        self.me = me
        self.invitation = invitation
        self.session: int | None = None
        self.deadline = now + REVEAL_TIMEOUT
        self._connections = board
        self._early: tuple[int, m.Join] | None = None
        if invitation.link is not None:
            board.send(invitation.link, invitation.reveal())

    @property
    def bound(self) -> bool:
        return self.session is not None

    def uses(self, link: int) -> bool:
        """True if the link is still needed here."""
        return link in (self.session, self.invitation.link) or (
            self._early is not None and self._early[0] == link
        )

    def needs(self, link: int) -> bool:
        """True if there is no match without this link."""
        electing = self.invitation.election is None and link == self.invitation.link
        return electing or link == self.session

    def on_reveal(self, link: int, message: m.Reveal, now: float) -> None:
        """Their nonce. Raises `RemoteProtocolError` if it does not open their commitment."""
        invitation = self.invitation
        if (invitation.id, invitation.link) != (message.invite, link):
            return  # of an invitation that was taken back meanwhile
        election = invitation.revealed(message.nonce)
        self.deadline = now + SESSION_TIMEOUT
        self._connections.tell(
            e.HostElected(match=election.match, host=election.host, players=election.players, epoch=_EPOCH)
        )
        if self._early is not None:
            early, self._early = self._early, None
            if early[0] in self._connections.links:
                self.on_join(early[0], self._connections.links[early[0]].peer, early[1])
        elif election.host != self.me:
            self._connections.dial(invitation.peer, self)

    def link_opened(self, link: int) -> None:
        """Our dial for this session succeeded."""
        election = self.invitation.election
        if election is not None and not self.bound:
            self._connections.send(link, m.Join(match=election.match, epoch=_EPOCH, token=election.token))
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

    def on_dial_me(self, link: int, message: m.DialMe) -> None:
        election = self.invitation.election
        wanted = election is not None and (election.match, self.invitation.link) == (message.match, link)
        if wanted and not self.bound and not self._connections.dialling(self):
            self._connections.dial(self.invitation.peer, self)

    def on_join(self, link: int, peer: PeerId, message: m.Join) -> None:
        """They dialled. Raises `RemoteProtocolError("no_seat")` unless it is the other member with the token."""
        election = self.invitation.election
        if peer != self.invitation.peer:
            raise RemoteProtocolError("no_seat", "no seat is kept for you here")
        if election is None:
            self._early = (link, message)  # it overtook the reveal on the other connection
        elif (message.match, message.epoch, message.token) != (election.match, _EPOCH, election.token):
            raise RemoteProtocolError("no_seat", "no seat is kept for you here")
        elif self.bound:
            self._connections.hang(link, "superseded")
        else:
            self._bind(link)

    def _bind(self, link: int) -> None:
        self.session = link
        invitation = self.invitation
        if invitation.ours and invitation.link is not None and invitation.link != link:
            self._connections.hang(invitation.link, "moved")
