"""Sent and received invitations, until one is accepted.

One sent and up to `INVITES_PENDING_MAX` received invitations are pending. If two cross on the wire, one survives and
is accepted at once if both are for the same match. Does not know what follows an acceptance.
"""

from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from typing import Any

import msgspec

from p2pgame.core.errors import LocalProtocolError, Param
from p2pgame.core.ids import PeerId
from p2pgame.core.registry import Plugin, Registry
from p2pgame.core.setup_check import check_players
from p2pgame.core.snapshot import encode
from p2pgame.session import events as e
from p2pgame.session.connections import Connections
from p2pgame.session.effects import KeepLots
from p2pgame.session.election import crossing_rank
from p2pgame.session.invite.invitation import Invitation, PlayedMatch, State, Step
from p2pgame.session.invite.lots import Lots
from p2pgame.session.invite.request_limiter import RequestLimiter
from p2pgame.session.invite.slots import Slots
from p2pgame.session.message_table import MessageTable, Rule, Scope
from p2pgame.wire import messages as m
from p2pgame.wire.bounds import DIAL_LIMIT, HELLO_TIMEOUT, INVITE_TIMEOUT, INVITES_PENDING_MAX

__all__ = ["Invitations", "event_fields"]

_PLAYERS = 2
"""Number of players of a match by invitation."""


class _Phase(Enum):
    """One phase: a link can have several invitations, and each has its own state (`TRANSITIONS`)."""

    OPEN = "open"


class Invitations:
    """All invitations of one peer."""

    def __init__(
        self,
        me: PeerId,
        name: str,
        registry: Registry,
        token_bytes: Callable[[int], bytes],
        connections: Connections,
        table: MessageTable,
        *,
        agreed: Callable[[Invitation, float], None],
        withdrawn: Callable[[int, bytes], None],
        busy: Callable[[], bool],
        last_match: Callable[[], PlayedMatch | None],
        muted: Callable[[PeerId], bool],
        knows: Callable[[PeerId], bool],
        candidate: m.Candidate,
        frames: int,
    ) -> None:
        """`agreed(invitation, now)`: an invitation was accepted; it is removed from here.

        `withdrawn(link, invite)`: the peer cancelled an invitation that is not pending here. `busy()`: decline new
        invitations. `last_match()`: our newest match, the only one that allows a rematch. `muted(peer)`: decline its
        invitations without asking the player. `knows(peer)`: its invitation displaces that of a stranger.
        """
        self.me = me
        self.name = name
        self.registry = registry
        self.candidate = candidate
        self.outgoing: Invitation | None = None
        self.incoming: dict[str, Invitation] = {}
        self._token_bytes = token_bytes
        self._connections = connections
        self._agreed = agreed
        self._withdrawn = withdrawn
        self._busy = busy
        self._last_match = last_match
        self._muted = muted
        self.lots = Lots(token_bytes, lambda lots: connections.add_effect(KeepLots(lots=lots)))
        self._limiter = RequestLimiter()
        self._slots = Slots(INVITES_PENDING_MAX, connections, knows)
        self._frames = frames
        always = (_Phase.OPEN,)
        table.register(
            Scope("invitation", lambda _: _Phase.OPEN),
            {
                m.Invite: Rule(self.on_invite, always),
                m.Accept: Rule(self.on_accept, always),
                m.Decline: Rule(self.on_decline, always),
                m.Cancel: Rule(self.on_cancel, always),
            },
        )

    def __iter__(self) -> Iterator[Invitation]:
        if self.outgoing is not None:
            yield self.outgoing
        yield from self.incoming.values()

    # --- ours

    def invite(
        self, peer: PeerId, name: str, plugin: Plugin, config: Any, now: float, last: PlayedMatch | None
    ) -> None:
        """Invite `peer`, or accept its pending equal invitation. `last`: the match before a rematch.

        Raises `LocalProtocolError`.
        """
        if self.outgoing is not None:
            raise LocalProtocolError("invitation_open", name=self.outgoing.name)
        check_players(plugin.game, _PLAYERS)
        self._limiter.reset(peer)
        election = last.election if last is not None else None
        ours = Invitation(
            self._token_bytes(16),
            self.me,
            peer,
            name,
            plugin,
            config,
            encode(config),
            ours=True,
            nonce=self.lots.nonce(peer, now),
            candidate=self.candidate,
            frames=self._frames,
            deadline=now + DIAL_LIMIT + HELLO_TIMEOUT,
            previous=election.players if election else (),
            rematch_of=election.match if election else None,
        )
        waiting = next((theirs for theirs in self.incoming.values() if theirs.peer == peer), None)
        if waiting is not None and _same_match(waiting, ours):
            self.accept(waiting.hex, now)
            return
        link = self._connections.link_to(peer)
        if waiting is not None:  # a counter-offer, on the same link so that it arrives after our decline
            link = waiting.link
            self.decline(waiting.hex, None)
        self.outgoing = ours
        self.lots.committed(peer, ours.nonce, now)
        self._connections.emit(e.InviteSent(**event_fields(ours), expires=INVITE_TIMEOUT))
        if link is None:
            self._connections.dial(peer, ours)
        else:
            self._send(ours, link, now)

    def cancel(self, reason: str = "cancelled") -> None:
        """Cancel our invitation, if it is pending."""
        if self.outgoing is not None:
            event = e.InviteCancelled(**event_fields(self.outgoing), reason=reason)
            self._end_ours(event, say="cancelled")

    def on_accept(self, link: int, message: m.Accept, now: float) -> None:
        ours = self._ours(link, message.invite)
        if ours is None:  # it crossed our cancellation on the wire
            self._connections.send(link, m.Cancel(invite=message.invite, reason="cancelled"))
            return
        if not self.lots.admits(ours.peer, message.commitment, now):
            self._end_ours(e.InviteDeclined(**event_fields(ours), reason="changed"), say="cancelled")
            return
        ours.step(Step.ACCEPT)
        ours.their_commitment(message.commitment, message.candidate, message.frames)
        self.outgoing = None
        self.lots.revealed(ours.peer, ours.nonce, ours.theirs, now)
        self._conclude(ours, now)

    def on_decline(self, link: int, message: m.Decline, now: float) -> None:
        del now
        ours = self._ours(link, message.invite)
        if ours is not None:
            self._end_ours(e.InviteDeclined(**event_fields(ours), reason=message.reason))

    # --- theirs

    def on_invite(self, link: int, message: m.Invite, now: float) -> None:
        """Handle an invitation of the peer."""
        connection = self._connections.links[link]
        plugin = self.registry.get(message.game)
        if plugin is None or plugin.digest != message.digest:
            self._refuse(link, message, "incompatible")
            return
        try:
            check_players(plugin.game, _PLAYERS)
        except LocalProtocolError as error:
            self._refuse(link, message, error.code)
            return
        try:
            config = plugin.game.decode_config(message.config)
        except Exception:  # DecodeError, or any exception of third-party rules
            self._refuse(link, message, "incompatible")
            return
        last = self._last_match()
        returned = last.election if last is not None and last.peer == connection.peer else None
        if message.rematch_of is not None and (returned is None or returned.match != message.rematch_of):
            self._refuse(link, message, "stale")
            return
        waits = any(theirs.peer == connection.peer for theirs in self.incoming.values())
        if self._busy() or waits or not self._slots.has_room(link, self.incoming.values()):
            self._refuse(link, message, "busy")
            return
        if not self.lots.admits(connection.peer, message.commitment, now):
            self._refuse(link, message, "changed")
            return
        ours = self.outgoing
        if ours is not None and ours.peer != connection.peer:
            ours = None
        if ours is None and (reason := self._limit(connection.peer, now)):
            self._refuse(link, message, reason)
            return
        theirs = Invitation(
            message.invite,
            self.me,
            connection.peer,
            connection.name,
            plugin,
            config,
            message.config,
            ours=False,
            nonce=self.lots.nonce(connection.peer, now),
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
                return  # the peer decides the same: our invitation survives, theirs is dropped
            self._end_ours(e.InviteCancelled(**event_fields(ours), reason="superseded"))
        if (displaced := self._slots.displaced(self.incoming.values())) is not None:
            self.decline(displaced.hex, None, "busy")
        self.incoming[theirs.hex] = theirs
        self._connections.emit(
            e.InviteReceived(
                **event_fields(theirs),
                expires=INVITE_TIMEOUT,
                config=msgspec.to_builtins(config),
                rematch=message.rematch_of is not None,
            )
        )
        if ours is not None and _same_match(ours, theirs):
            self.accept(theirs.hex, now)

    def accept(self, invite: str, now: float) -> None:
        """Accept a received invitation. Raises `LocalProtocolError` if it is no longer pending."""
        theirs = self.incoming.pop(invite, None)
        if theirs is None or theirs.link is None:
            raise LocalProtocolError("no_such_invitation")
        theirs.step(Step.ACCEPT)
        self._limiter.reset(theirs.peer)
        self.lots.revealed(theirs.peer, theirs.nonce, theirs.theirs, now)
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
        """Decline a received invitation, if it is pending. `now` None: the player did not decide it."""
        theirs = self.incoming.pop(invite, None)
        if theirs is None or theirs.link is None:
            return
        theirs.step(Step.END)
        if now is not None:
            self._limiter.note_decline(theirs.peer, now)
        self._connections.send(theirs.link, m.Decline(invite=theirs.id, reason=reason))
        self._connections.emit(e.InviteDeclined(**event_fields(theirs), reason=reason))

    def on_cancel(self, link: int, message: m.Cancel, now: float) -> None:
        """Handle the cancellation of a received invitation."""
        del now
        theirs = self.incoming.get(message.invite.hex())
        if theirs is None or theirs.link != link:
            self._withdrawn(link, message.invite)
            return
        expired = message.reason == "expired"
        event = (
            e.InviteExpired(**event_fields(theirs))
            if expired
            else e.InviteCancelled(**event_fields(theirs), reason="cancelled")
        )
        self._end_theirs(theirs, event)

    # --- links and time (LinkUser)

    def uses(self, link: int) -> bool:
        return any(invitation.link == link for invitation in self)

    def link_opened(self, link: int, peer: PeerId, purpose: object, now: float) -> None:
        """A link to `peer` opened, for any purpose: send a pending invitation on it."""
        del purpose
        ours = self.outgoing
        if ours is not None and ours.peer == peer and ours.state is State.DIALLING:
            self._send(ours, link, now)

    def dial_failed(self, purpose: object, now: float) -> None:
        """Our dial failed: ask the peer to dial us."""
        ours = self.outgoing
        if ours is not None and purpose is ours and ours.state is State.DIALLING:
            ours.deadline = now + self._connections.request_dial(ours.peer)

    def link_closed(
        self, link: int, code: str, params: Mapping[str, Param], now: float, *, remote: bool
    ) -> None:
        del params, now, remote
        for theirs in [i for i in self.incoming.values() if i.link == link]:
            self._end_theirs(theirs, e.InviteCancelled(**event_fields(theirs), reason="vanished"))
        ours = self.outgoing
        if ours is not None and ours.link == link:
            self._end_ours(
                e.InviteDeclined(**event_fields(ours), reason="unreachable", params={"code": code})
            )

    def next_deadline(self) -> float | None:
        return min((invitation.deadline for invitation in self), default=None)

    def handle_timeout(self, now: float) -> None:
        for theirs in list(self.incoming.values()):
            if theirs.expired(now):
                self._end_theirs(theirs, e.InviteExpired(**event_fields(theirs)))
        ours = self.outgoing
        if ours is None or not ours.expired(now):
            return
        if ours.state is State.DIALLING:
            self._end_ours(
                e.InviteDeclined(**event_fields(ours), reason="unreachable", params={"code": "no_answer"})
            )
        else:
            self._end_ours(e.InviteExpired(**event_fields(ours)), say="expired")

    # --- small steps

    def _ours(self, link: int, invite: bytes) -> Invitation | None:
        """Our invitation, if `invite` is its id. An answer may cross our cancellation on the wire."""
        ours = self.outgoing
        return ours if ours is not None and (ours.id, ours.link) == (invite, link) else None

    def _survives(self, ours: Invitation, theirs: Invitation) -> bool:
        return crossing_rank(self.me, ours.peer, ours.id) < crossing_rank(theirs.peer, self.me, theirs.id)

    def _conclude(self, invitation: Invitation, now: float) -> None:
        for other in list(self.incoming):
            self.decline(other, None, "busy")
        self._connections.emit(e.InviteAccepted(**event_fields(invitation)))
        self._agreed(invitation, now)

    def _refuse(self, link: int, message: m.Invite, reason: str) -> None:
        """Decline without asking the player."""
        self._connections.send(link, m.Decline(invite=message.invite, reason=reason))

    def _limit(self, peer: PeerId, now: float) -> str:
        """The reason to decline without asking the player; empty if there is none."""
        return "declined" if self._muted(peer) else self._limiter.refusal(peer, now)

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
                config=ours.config_bytes,
                frames=ours.frames,
                rematch_of=ours.rematch_of,
                commitment=ours.commitment,
                candidate=ours.candidate,
            ),
        )

    def _end_ours(self, event: e.Event, say: str | None = None) -> None:
        """End our invitation. `say`: the reason to send; None if the peer knows. The link closes when idle."""
        ours = self.outgoing
        if ours is not None:
            self.outgoing = None
            ours.step(Step.END)
            self._connections.emit(event)
            if say is not None and ours.link is not None:
                self._connections.send(ours.link, m.Cancel(invite=ours.id, reason=say))

    def _end_theirs(self, theirs: Invitation, event: e.Event) -> None:
        del self.incoming[theirs.hex]
        theirs.step(Step.END)
        self._connections.emit(event)


def event_fields(invitation: Invitation) -> dict[str, Any]:
    """The common fields of invitation events."""
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
