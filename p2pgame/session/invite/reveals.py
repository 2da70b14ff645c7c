"""From the acceptance of an invitation to the election of the host: both sides open what they committed to."""

from collections.abc import Callable
from enum import Enum

from p2pgame.session.connections import Connections
from p2pgame.session.invite.invitation import Invitation
from p2pgame.session.message_table import MessageTable, Rule, Scope
from p2pgame.wire import messages as m

__all__ = ["RevealPhase", "Reveals"]


class RevealPhase(Enum):
    IDLE = "idle"
    REVEALING = "revealing"
    ELECTED = "elected"


class Reveals:
    """The accepted invitation, until its match has begun."""

    def __init__(
        self, connections: Connections, table: MessageTable, elected: Callable[[Invitation, float], None]
    ) -> None:
        """`elected(invitation, now)`: both nonces are known."""
        self.invitation: Invitation | None = None
        self._connections = connections
        self._elected = elected
        phase = RevealPhase
        rule = Rule(self._on_reveal, (phase.REVEALING,), ignored=(phase.IDLE,))
        table.register(Scope("reveal", self._phase_on), {m.Reveal: rule})

    def start(self, invitation: Invitation) -> None:
        """Open our commitment: theirs is known."""
        self.invitation = invitation
        if invitation.link is not None:
            self._connections.send(invitation.link, invitation.reveal())

    def finish(self) -> None:
        """The match has begun, or it came to nothing."""
        self.invitation = None

    def is_of(self, link: int, invite: bytes) -> bool:
        """Whether that invitation is the accepted one."""
        accepted = self.invitation
        return accepted is not None and (accepted.id, accepted.link) == (invite, link)

    def _phase_on(self, link: int) -> RevealPhase:
        """The phase on the link of the invitation; IDLE on any other link."""
        accepted = self.invitation
        if accepted is None or accepted.link != link:
            return RevealPhase.IDLE
        return RevealPhase.REVEALING if accepted.election is None else RevealPhase.ELECTED

    def _on_reveal(self, link: int, message: m.Reveal, now: float) -> None:
        """Handle their nonce. Raises `RemoteProtocolError` if it does not match their commitment."""
        accepted = self.invitation
        if accepted is None or not self.is_of(link, message.invite):
            return  # of an invitation that was cancelled meanwhile
        accepted.revealed(message.nonce)
        self._elected(accepted, now)
