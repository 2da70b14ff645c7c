"""Who asks whom to play: invitations out and in, until both sides want the same match.

At most one invitation of ours waits at a time; up to `INVITES_PENDING_MAX` of others may. Of two that cross on the
wire one survives, and is accepted at once if both meant the same match. Knows nothing of what follows an agreement.
"""

from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from p2pgame.core.errors import LocalProtocolError
from p2pgame.core.ids import PeerId
from p2pgame.core.registry import Plugin, Registry
from p2pgame.core.snapshot import encode
from p2pgame.session import events as e
from p2pgame.session.connections import Connection, Connections
from p2pgame.session.invite.election import crossing_rank
from p2pgame.session.invite.invitation import Invitation, Played, State, Step
from p2pgame.session.invite.request_limiter import RequestLimiter
from p2pgame.wire import messages as m
from p2pgame.wire.bounds import DIAL_TIMEOUT, INVITE_TIMEOUT, INVITES_PENDING_MAX

__all__ = ["Invitations", "about"]

_CALL_PATIENCE = DIAL_TIMEOUT + 1.0
"""Seconds for a called peer to dial us."""


class Invitations:
    """All invitations of one peer."""

    def __init__(
        self,
        me: PeerId,
        name: str,
        registry: Registry,
        token_bytes: Callable[[int], bytes],
        board: Connections,
        agreed: Callable[[Invitation, float], None],
        muted: Callable[[PeerId], bool],
        *,
        candidate: m.Candidate,
        frames: int,
    ) -> None:
        """`agreed(invitation, now)` is called once both sides want the match; the invitation is then out of here.

        `muted(peer)`: its invitations are declined without asking.
        """
        self.me = me
        self.name = name
        self.registry = registry
        self.candidate = candidate
        self.outgoing: Invitation | None = None
        self.incoming: dict[str, Invitation] = {}
        self._token_bytes = token_bytes
        self._connections = board
        self._agreed = agreed
        self._muted = muted
        self._patience = RequestLimiter()
        self._frames = frames

    def __iter__(self) -> Iterator[Invitation]:
        if self.outgoing is not None:
            yield self.outgoing
        yield from self.incoming.values()

    # --- ours

    def invite(
        self, peer: PeerId, name: str, plugin: Plugin, config: Any, now: float, last: Played | None
    ) -> None:
        """Invite `peer`; `last` is the match to be returned. If they asked first, this is the answer."""
        if self.outgoing is not None:
            raise LocalProtocolError("another invitation is still open")
        self._patience.forgive(peer)
        election = last.election if last is not None else None
        ours = Invitation(
            self._token_bytes(16),
            self.me,
            peer,
            name,
            plugin,
            config,
            ours=True,
            nonce=self._token_bytes(32),
            candidate=self.candidate,
            frames=self._frames,
            deadline=now + DIAL_TIMEOUT + _CALL_PATIENCE,
            previous=election.players if election else (),
            rematch_of=election.match if election else None,
        )
        waiting = next((theirs for theirs in self.incoming.values() if theirs.peer == peer), None)
        if waiting is not None and _same_match(waiting, ours):
            self.accept(waiting.hex, now)
            return
        link = self._connections.to(peer)
        if (
            waiting is not None
        ):  # another game is a counter-offer; on the same link, so that it comes after the no
            link = waiting.link
            self.decline(waiting.hex, None)
        self.outgoing = ours
        self._connections.tell(e.InviteSent(**about(ours), expires=INVITE_TIMEOUT))
        if link is None:
            self._connections.dial(peer, ours)
        else:
            self._send(ours, link, now)

    def cancel(self, reason: str = "cancelled") -> None:
        """Take ours back, if it still waits."""
        if self.outgoing is not None:
            event = e.InviteCancelled(**about(self.outgoing), reason=reason)
            self._end_ours(event, tell="cancelled")

    def on_accept(self, link: int, message: m.Accept, now: float) -> None:
        ours = self._ours(link, message.invite)
        if ours is None:  # it crossed our taking it back
            self._connections.send(link, m.Cancel(invite=message.invite, reason="cancelled"))
            return
        ours.step(Step.ACCEPT)
        ours.their_commitment(message.commitment, message.candidate, message.frames)
        self.outgoing = None
        self._conclude(ours, now)

    def on_decline(self, link: int, message: m.Decline) -> None:
        ours = self._ours(link, message.invite)
        if ours is not None:
            text = message.message or f"{ours.name} said no"
            self._end_ours(e.InviteDeclined(**about(ours), reason=message.reason, message=text))

    # --- theirs

    def on_invite(
        self, link: int, talk: Connection, message: m.Invite, now: float, *, busy: bool, last: Played | None
    ) -> None:
        """They ask. `last` is our newest match, the only one that can be returned."""
        plugin = self.registry.get(message.game)
        if plugin is None or plugin.digest != message.digest:
            self._refuse(link, message, "incompatible", f"{self.name} plays by other rules of {message.game}")
            return
        try:
            config = plugin.game.decode_config(message.config)
        except Exception:  # DecodeError, or whatever a stranger's rules raise on a stranger's bytes
            text = f"{self.name} does not know these options of {message.game}"
            self._refuse(link, message, "incompatible", text)
            return
        returned = last.election if last is not None and last.peer == talk.peer else None
        if message.rematch_of is not None and (returned is None or returned.match != message.rematch_of):
            self._refuse(link, message, "stale", "that match is over")
            return
        if busy or len(self.incoming) >= INVITES_PENDING_MAX:
            self._refuse(link, message, "busy", f"{self.name} is busy")
            return
        if any(theirs.peer == talk.peer for theirs in self.incoming.values()):
            self._refuse(link, message, "busy", "your first invitation is still open")
            return
        ours = self.outgoing if self.outgoing is not None and self.outgoing.peer == talk.peer else None
        if ours is None and self._refuse_quietly(link, talk.peer, message, now):
            return
        theirs = Invitation(
            message.invite,
            self.me,
            talk.peer,
            talk.name,
            plugin,
            config,
            ours=False,
            nonce=self._token_bytes(32),
            candidate=self.candidate,
            frames=self._frames,
            deadline=now + INVITE_TIMEOUT,
            previous=returned.players if returned and message.rematch_of is not None else (),
            rematch_of=message.rematch_of,
        )
        theirs.link = link
        theirs.their_commitment(message.commitment, message.candidate, message.frames)
        if ours is not None:
            if ours.state is State.SENT and self._survives(ours, theirs):
                return  # they come to the same conclusion: ours stands, theirs never was
            self._end_ours(e.InviteCancelled(**about(ours), reason="superseded"))
        self.incoming[theirs.hex] = theirs
        self._connections.tell(
            e.InviteReceived(
                **about(theirs),
                expires=INVITE_TIMEOUT,
                config=msgspec.to_builtins(config),
                rematch=message.rematch_of is not None,
            )
        )
        if ours is not None and _same_match(ours, theirs):
            self.accept(theirs.hex, now)

    def accept(self, invite: str, now: float) -> None:
        """Raises `LocalProtocolError` if that invitation is no longer there."""
        theirs = self.incoming.pop(invite, None)
        if theirs is None or theirs.link is None:
            raise LocalProtocolError("that invitation is no longer there")
        theirs.step(Step.ACCEPT)
        self._patience.forgive(theirs.peer)
        self._connections.send(
            theirs.link,
            m.Accept(
                invite=theirs.id,
                frames=theirs.frames,
                commitment=theirs.commitment,
                candidate=theirs.candidate,
            ),
        )
        self.cancel("superseded")
        self._conclude(theirs, now)

    def decline(self, invite: str, now: float | None, reason: str = "declined") -> None:
        """Nothing happens if it is no longer there. `now` None: it was not the player who said no."""
        theirs = self.incoming.pop(invite, None)
        if theirs is None or theirs.link is None:
            return
        theirs.step(Step.END)
        if now is not None:
            self._patience.declined(theirs.peer, now)
        text = f"{self.name} is busy" if reason == "busy" else f"{self.name} said no"
        self._connections.send(theirs.link, m.Decline(invite=theirs.id, reason=reason, message=text))
        self._connections.tell(e.InviteDeclined(**about(theirs), reason=reason, message=text))

    def on_cancel(self, link: int, message: m.Cancel) -> bool:
        """They take it back. False if no such invitation waits."""
        theirs = self.incoming.get(message.invite.hex())
        if theirs is None or theirs.link != link:
            return False
        expired = message.reason == "expired"
        event = (
            e.InviteExpired(**about(theirs))
            if expired
            else e.InviteCancelled(**about(theirs), reason="cancelled")
        )
        self._end_theirs(theirs, event)
        return True

    # --- links and time

    def link_opened(self, link: int, peer: PeerId, now: float) -> None:
        """A link to `peer`, whoever dialled: an invitation that waited for one goes out."""
        ours = self.outgoing
        if ours is not None and ours.peer == peer and ours.state is State.DIALLING:
            self._send(ours, link, now)

    def dial_failed(self, ours: Invitation, now: float) -> None:
        """We cannot reach them: ask them to reach us."""
        if ours is self.outgoing and ours.state is State.DIALLING:
            ours.deadline = now + _CALL_PATIENCE
            self._connections.call(ours.peer)

    def link_closed(self, link: int, message: str) -> None:
        for theirs in [i for i in self.incoming.values() if i.link == link]:
            self._end_theirs(theirs, e.InviteCancelled(**about(theirs), reason="vanished"))
        ours = self.outgoing
        if ours is not None and ours.link == link:
            text = message or f"{ours.name} is gone"
            self._end_ours(e.InviteDeclined(**about(ours), reason="unreachable", message=text))

    def handle_timeout(self, now: float) -> None:
        for theirs in list(self.incoming.values()):
            if theirs.lapsed(now):
                self._end_theirs(theirs, e.InviteExpired(**about(theirs)))
        ours = self.outgoing
        if ours is None or not ours.lapsed(now):
            return
        if ours.state is State.DIALLING:
            text = f"{ours.name} cannot be reached: a firewall may block TCP between the two machines"
            self._end_ours(e.InviteDeclined(**about(ours), reason="unreachable", message=text))
        else:
            self._end_ours(e.InviteExpired(**about(ours)), tell="expired")

    # --- small steps

    def _ours(self, link: int, invite: bytes) -> Invitation | None:
        """Our invitation, if this is the one: an answer may cross our cancellation on the wire."""
        ours = self.outgoing
        return ours if ours is not None and (ours.id, ours.link) == (invite, link) else None

    def _survives(self, ours: Invitation, theirs: Invitation) -> bool:
        return crossing_rank(self.me, ours.peer, ours.id) < crossing_rank(theirs.peer, self.me, theirs.id)

    def _conclude(self, invitation: Invitation, now: float) -> None:
        for other in list(self.incoming):
            self.decline(other, None, "busy")
        self._connections.tell(e.InviteAccepted(**about(invitation)))
        self._agreed(invitation, now)

    def _refuse(self, link: int, message: m.Invite, reason: str, text: str) -> None:
        self._connections.send(link, m.Decline(invite=message.invite, reason=reason, message=text))

    def _refuse_quietly(self, link: int, peer: PeerId, message: m.Invite, now: float) -> bool:
        """True if our player is not to be bothered: nothing is told but to the inviter."""
        reason = "declined" if self._muted(peer) else self._patience.objection(peer, now)
        if reason:
            soon = "wait a few seconds before you ask again"
            self._refuse(link, message, reason, soon if reason == "too_soon" else f"{self.name} said no")
        return bool(reason)

    def _send(self, ours: Invitation, link: int, now: float) -> None:
        ours.step(Step.LINKED)
        ours.link = link
        ours.deadline = now + INVITE_TIMEOUT
        self._connections.send(
            link,
            m.Invite(
                invite=ours.id,
                game=ours.plugin.game.name,
                digest=ours.plugin.digest,
                config=encode(ours.config),
                frames=ours.frames,
                rematch_of=ours.rematch_of,
                commitment=ours.commitment,
                candidate=ours.candidate,
            ),
        )

    def _end_ours(self, event: e.Event, tell: str | None = None) -> None:
        """End our invitation; `tell` is the reason to give the other side, None if it knows. The link idles out."""
        ours = self.outgoing
        if ours is not None:
            self.outgoing = None
            ours.step(Step.END)
            self._connections.tell(event)
            if tell is not None and ours.link is not None:
                self._connections.send(ours.link, m.Cancel(invite=ours.id, reason=tell))

    def _end_theirs(self, theirs: Invitation, event: e.Event) -> None:
        del self.incoming[theirs.hex]
        theirs.step(Step.END)
        self._connections.tell(event)


def about(invitation: Invitation) -> dict[str, Any]:
    """The fields that every event on an invitation has."""
    return {
        "invite": invitation.hex,
        "peer": invitation.peer,
        "name": invitation.name,
        "game": invitation.plugin.game.name,
    }


def _same_match(one: Invitation, other: Invitation) -> bool:
    def key(i: Invitation) -> tuple[Any, ...]:
        return (i.peer, i.plugin.game.name, i.config, i.rematch_of)

    return key(one) == key(other)
