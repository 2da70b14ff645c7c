"""The lobby of one peer, without its sockets: from an invitation to the table at which the match is played.

Links are numbers here; the floor above opens and closes them as the `Effect`s say and reports what comes in. After
every call, take `effects()` and `events()`. One match at a time. Does not know how peers are found.
"""

from collections.abc import Callable
from typing import Any

from p2pgame.core.errors import LocalProtocolError, RemoteProtocolError
from p2pgame.core.ids import PeerId
from p2pgame.core.registry import Plugin, Registry
from p2pgame.session import events as e
from p2pgame.session.connections import Connection, Connections
from p2pgame.session.effects import Effect
from p2pgame.session.invite.invitation import Invitation, Played
from p2pgame.session.invite.invitations import Invitations
from p2pgame.session.invite.opening import Opening
from p2pgame.session.match import Match
from p2pgame.session.match.channel import Address
from p2pgame.session.matchmaker import Matchmaker, RecordingContext
from p2pgame.session.people.trust_store import TrustStore
from p2pgame.session.people.verification import Verification
from p2pgame.session.people.verifications import Verifications
from p2pgame.session.reconnector import Reconnector
from p2pgame.session.room import Room
from p2pgame.session.view import MatchView
from p2pgame.wire import messages as m
from p2pgame.wire.bounds import LINK_IDLE_TIMEOUT

__all__ = ["Lobby"]


class Lobby:
    """Everything between finding a peer and playing with it."""

    def __init__(
        self,
        me: PeerId,
        name: str,
        registry: Registry,
        token_bytes: Callable[[int], bytes],
        *,
        candidate: m.Candidate | None = None,
        frames: int = 0,
        input_delay: int | None = None,
        perf: Callable[[], float] = lambda: 0.0,
        recording: RecordingContext | None = None,
        tamper: Callable[[int, Any], Any] | None = None,
    ) -> None:
        """`token_bytes`: a source of secret random bytes. `frames`: the frame limit we ask for; 0: none.

        `input_delay`: of real-time matches that we host, in frames; None: as measured. `recording`: for matches to be
        taken down, and so to be resumed and watched. `tamper`: for tests, spoils our own states (`Timeline.tamper`).
        """
        self.me = me
        self.registry = registry
        self.trust_store = TrustStore()
        """Whom we know, to be replaced when that changes. Blocked peers have no links (`blocked`)."""
        self._connections = Connections()
        self._invitations = Invitations(
            me,
            name,
            registry,
            token_bytes,
            self._connections,
            self._agreed,
            self._muted,
            candidate=candidate or m.Candidate(),
            frames=frames,
        )
        self._verifications = Verifications(me, token_bytes, self._connections, self._muted)
        self._connections.kept = self._verifications.uses
        self._opening: Opening | None = None
        self.room = Room(
            registry,
            self._connections,
            Matchmaker(
                me, token_bytes, recording=recording, input_delay=input_delay, perf=perf, tamper=tamper
            ),
            broken=self._break,
            wanted=self._used,
            begun=self._begun,
        )
        """Where the match is played that follows."""

    # --- what the user does

    @property
    def match(self) -> Match | None:
        """The match that is on, or the newest one until it is left."""
        return self.room.match

    @property
    def session(self) -> int | None:
        """The link that carries the match."""
        return self.room.session

    @property
    def name(self) -> str:
        """Ours, as others see it."""
        return self._invitations.name

    @name.setter
    def name(self, name: str) -> None:
        self._invitations.name = name

    @property
    def candidate(self) -> m.Candidate:
        """What we say of ourselves in elections to come."""
        return self._invitations.candidate

    @candidate.setter
    def candidate(self, candidate: m.Candidate) -> None:
        self._invitations.candidate = candidate

    @property
    def busy(self) -> bool:
        """True while a match is on, or about to be."""
        return self._opening is not None or self.room.taken

    @property
    def playing(self) -> str:
        """Name of the game of the match that is on; empty if none."""
        return self.match.game.name if self.match is not None and self.match.running else ""

    @property
    def waiting(self) -> tuple[str, ...]:
        """Invitations that wait for our answer, oldest first."""
        return tuple(self._invitations.incoming)

    def invite(self, peer: PeerId, name: str, plugin: Plugin, config: Any, now: float) -> None:
        """Invite `peer`, whose name on screen is `name`. Raises `LocalProtocolError` if we are not free to."""
        self._ask(peer, name, plugin, config, now, None)

    def rematch(self, now: float) -> None:
        """Invite the opponent of the newest match again, with places swapped."""
        last = self.room.played
        if last is None:
            raise LocalProtocolError("no match was played")
        self._ask(last.peer, last.name, last.plugin, last.config, now, last)

    def _ask(
        self, peer: PeerId, name: str, plugin: Plugin, config: Any, now: float, last: Played | None
    ) -> None:
        if self.busy:
            raise LocalProtocolError("a match is on")
        if self.trust_store.blocked(peer):
            raise LocalProtocolError(f"you blocked {name}")
        self._invitations.invite(peer, name, plugin, config, now, last)

    def cancel(self) -> None:
        """Take our invitation back, if it still waits."""
        self._invitations.cancel()

    def accept(self, invite: str, now: float) -> None:
        """Accept an invitation that we received. Raises `LocalProtocolError` if it is no longer there."""
        self._invitations.accept(invite, now)

    def decline(self, invite: str, now: float) -> None:
        """Decline an invitation that we received; nothing happens if it is no longer there."""
        self._invitations.decline(invite, now)

    def verify(self, peer: PeerId, name: str, now: float) -> None:
        """Compare codes with `peer`: ask it, or answer. Raises `LocalProtocolError` if that is going on already."""
        if self.trust_store.blocked(peer):
            raise LocalProtocolError(f"you blocked {name}")
        self._verifications.verify(peer, name, now)

    def confirm_code(self, peer: PeerId) -> None:
        """Our player sees the same code there. Raises `LocalProtocolError` if none is shown."""
        self._verifications.confirm(peer)

    def reject_code(self, peer: PeerId, now: float) -> None:
        """The codes differ, or our player does not want to compare; nothing happens if no comparison is on."""
        self._verifications.reject(peer, now)

    def block(self, peer: PeerId, now: float) -> None:
        """End everything with `peer`, the match included. Keeping it out is the business of the floor above."""
        ours = self._invitations.outgoing
        if ours is not None and ours.peer == peer:
            self.cancel()
        for link, talk in list(self._connections.links.items()):
            if talk.peer == peer:
                self._break(link, "blocked", "you blocked this player", now)
        self.room.shun(peer)

    def leave(self, now: float) -> None:
        """Back to the lobby: resign if the match is on, then end the session."""
        if self._opening is not None:
            self._fail_opening("cancelled", "you left before the match began")
            return
        self.room.leave(now)

    def resume(self, match: str, now: float) -> None:
        """Go on with a match that was interrupted with our program. Raises `LocalProtocolError`."""
        if self.busy:
            raise LocalProtocolError("a match is on")
        self.room.resume(match, now)

    def abandon(self, match: str, now: float) -> None:
        """Give such a match up. Raises `LocalProtocolError`."""
        if self.busy:
            raise LocalProtocolError("a match is on")
        self.room.abandon(match, now)

    # --- what the links bring

    def link_opened(
        self,
        link: int,
        peer: PeerId,
        name: str,
        ticket: int | None,
        now: float,
        address: Address | None = None,
    ) -> None:
        """A link to `peer` is open; `ticket` if we dialled it; `address` of its unicast UDP port."""
        self._connections.links[link] = Connection(peer=peer, name=name, idle_since=now, address=address)
        purpose = self._connections.purpose(ticket)
        if isinstance(purpose, Opening):
            if purpose is self._opening:
                purpose.link_opened(link)
                self._begin_if_bound(now)
        elif isinstance(purpose, Reconnector):
            self.room.opened(link, purpose, now)
        else:
            self._invitations.link_opened(link, peer, now)
        self._verifications.link_opened(link, peer, now)

    def dial_failed(self, ticket: int, now: float) -> None:
        """A `Dial` came to nothing: try the other direction."""
        purpose = self._connections.purpose(ticket)
        if isinstance(purpose, Invitation):
            self._invitations.dial_failed(purpose, now)
        elif isinstance(purpose, Verification):
            self._verifications.dial_failed(purpose, now)
        elif isinstance(purpose, Opening) and purpose is self._opening:
            purpose.dial_failed()

    def link_message(self, link: int, message: m.Message, now: float) -> None:
        """A message came in on an open link."""
        talk = self._connections.links.get(link)
        if talk is None:
            return
        try:
            if not self.room.receive(link, message, now):
                self._receive(link, talk, message, now)
        except RemoteProtocolError as error:
            self._break(link, error.code, str(error), now)

    def link_closed(self, link: int, code: str, message: str, now: float) -> None:
        """A link is gone, whoever ended it."""
        talk = self._connections.links.pop(link, None)
        if talk is None:
            return
        text = message or f"the link to {talk.name} is lost"
        self._invitations.link_closed(link, text)
        self._verifications.link_closed(link)
        if self.room.uses(link):
            self.room.lost(link, code, text, now)
        elif self._opening is not None and self._opening.needs(link):
            self._fail_opening(code, text)

    def view(self, now: float) -> MatchView | None:
        """The match to be drawn, if there is one."""
        return self.room.view(now)

    # --- time

    def next_deadline(self) -> float | None:
        """When `handle_timeout` has something to do."""
        deadlines = [invitation.deadline for invitation in self._invitations]
        deadlines += [verification.deadline for verification in self._verifications]
        if self._opening is not None:
            deadlines.append(self._opening.deadline)
        for link, talk in self._connections.links.items():
            if not self._used(link):
                deadlines.append(talk.idle_since + LINK_IDLE_TIMEOUT)
        if (moving := self.room.next_deadline()) is not None:
            deadlines.append(moving)
        return min(deadlines, default=None)

    def handle_timeout(self, now: float) -> None:
        """Let lapse what waited too long."""
        self._invitations.handle_timeout(now)
        self._verifications.handle_timeout(now)
        if self._opening is not None and now >= self._opening.deadline:
            self._fail_opening("connect_failed", f"no connection to {self._opening.invitation.name}")
        for link, talk in list(self._connections.links.items()):
            if self._used(link):
                talk.idle_since = now
            elif now >= talk.idle_since + LINK_IDLE_TIMEOUT:
                self._connections.hang(link, "idle")
        self.room.handle_timeout(now)

    def effects(self) -> list[Effect]:
        return self._connections.effects()

    def events(self) -> list[e.Event]:
        return self._connections.events()

    # --- inside

    def _receive(self, link: int, talk: Connection, message: m.Message, now: float) -> None:
        opening = self._opening
        match message:
            case m.Invite():
                self._invitations.on_invite(link, talk, message, now, busy=self.busy, last=self.room.played)
            case m.Accept():
                self._invitations.on_accept(link, message, now)
            case m.Decline():
                self._invitations.on_decline(link, message)
            case m.Cancel():
                known = self._invitations.on_cancel(link, message)
                if not known and opening is not None and opening.invitation.id == message.invite:
                    self._fail_opening("cancelled", f"{talk.name} took the invitation back")
            case m.Reveal():
                if opening is not None:
                    opening.on_reveal(link, message, now)
                    self._begin_if_bound(now)
            case m.DialMe():
                if opening is not None:
                    opening.on_dial_me(link, message)
            case m.Join():
                if opening is None:
                    raise RemoteProtocolError("no_seat", "no seat is kept for you here")
                opening.on_join(link, talk.peer, message)
                self._begin_if_bound(now)
            case m.Resume():
                self.room.on_resume(link, talk.peer, message, now)
            case m.VerifyCommit() | m.VerifyNonce() | m.VerifyReveal() | m.VerifyResult():
                self._verifications.receive(link, talk, message, now)
            case _:
                raise RemoteProtocolError(
                    "unexpected_message", f"{type(message).__name__} does not belong here"
                )

    def _agreed(self, invitation: Invitation, now: float) -> None:
        """Both sides want the match."""
        self.room.clear(keep=invitation.link)
        self._opening = Opening(self.me, invitation, self._connections, now)

    def _begin_if_bound(self, now: float) -> None:
        """The session stands: the match begins."""
        opening = self._opening
        if opening is not None and opening.session is not None:
            self.room.begin(opening.invitation, opening.session, self.name, now)

    def _begun(self) -> None:
        """The match runs: the opening has done its work."""
        self._opening = None

    def _used(self, link: int) -> bool:
        return (
            self.room.uses(link)
            or any(invitation.link == link for invitation in self._invitations)
            or self._verifications.uses(link)
            or (self._opening is not None and self._opening.uses(link))
        )

    def _muted(self, peer: PeerId) -> bool:
        return self.trust_store.muted(peer)

    def _break(self, link: int, code: str, message: str, now: float) -> None:
        """End a link on which a rule was broken, as if it had ended by itself."""
        self._connections.hang(link, code, message)
        self.link_closed(link, code, message, now)

    def _fail_opening(self, code: str, message: str) -> None:
        """The agreement does not become a match."""
        opening = self._opening
        if opening is None:
            return
        self._opening = None
        session = self.room.cancel()
        self._connections.tell(e.ErrorEvent(code=code, message=message))
        for link in {opening.invitation.link, opening.session, session}:
            if link is not None and link in self._connections.links:
                self._connections.hang(link, "done")
