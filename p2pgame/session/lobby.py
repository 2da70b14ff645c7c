"""The lobby of one peer, without its sockets: from an invitation to the room in which the match is played.

Links are numbers here; the floor above opens and closes them as the `Effect`s say and reports what comes in. After
every call, take `effects()` and `events()`. One match at a time. Does not know how peers are found.
"""

from collections.abc import Callable, Mapping
from typing import Any

from p2pgame.core.errors import LocalProtocolError, Param, RemoteProtocolError
from p2pgame.core.ids import PeerId
from p2pgame.core.registry import Plugin, Registry
from p2pgame.session import commands as c
from p2pgame.session import events as e
from p2pgame.session.connections import Connection, Connections
from p2pgame.session.effects import Effect
from p2pgame.session.invite.invitation import Invitation, PlayedMatch
from p2pgame.session.invite.invitations import Invitations
from p2pgame.session.invite.opening import SessionOpener
from p2pgame.session.link_user import LinkUser
from p2pgame.session.match import Match
from p2pgame.session.match.channel import Address
from p2pgame.session.match_factory import MatchFactory, RecordingContext
from p2pgame.session.message_table import MessageTable
from p2pgame.session.people.trust_store import TrustStore
from p2pgame.session.people.verifications import Verifications
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

        `input_delay`: of real-time matches that we host, in frames; None: as measured. `recording`: for matches that
        are recorded, and so can be resumed and watched. `tamper`: for tests, spoils our own states
        (`Timeline.tamper`).
        """
        self.me = me
        self.registry = registry
        self.trust_store = TrustStore()
        """All known peers; replaced when one changes. Blocked peers have no links (`block`)."""
        self._connections = Connections()
        self._connections.used = self._used
        self._table = table = MessageTable()
        self.room = Room(
            registry,
            self._connections,
            MatchFactory(
                me, token_bytes, recording=recording, input_delay=input_delay, perf=perf, tamper=tamper
            ),
            table,
            end_link=self._break,
            is_used=self._used,
            on_opening_finished=self._on_opening_finished,
        )
        """Where the match is played."""
        self._opener = SessionOpener(me, self._connections, table, self.room, lambda: self.name)
        self._invitations = Invitations(
            me,
            name,
            registry,
            token_bytes,
            self._connections,
            table,
            agreed=self._agreed,
            withdrawn=self._opener.withdrawn,
            busy=lambda: self.busy,
            last_match=lambda: self.room.last_match,
            muted=self._muted,
            candidate=candidate or m.Candidate(),
            frames=frames,
        )
        self._verifications = Verifications(me, token_bytes, self._connections, table, self._muted)
        self._waiting_users: tuple[LinkUser, ...] = (self._invitations, self._verifications, self._opener)
        """Those that wait for seconds ..."""
        self._users: tuple[LinkUser, ...] = (*self._waiting_users, self.room)
        """... and all: who uses links. The room is last, so that the others still see what it uses."""
        self._wake_at: float | None = None
        """When `_waiting_users` or an idle link have something to do; worked out again if `_changed`."""
        self._changed = True
        self._now = 0.0
        self._session_seen: int | None = None
        self._commands: dict[type[c.Command], Callable[[Any, float], None]] = {
            **self.room.commands,
            c.CancelInvite: lambda _, __: self.cancel(),
            c.Accept: lambda command, now: self.accept(command.invite, now),
            c.Decline: lambda command, now: self.decline(command.invite, now),
            c.Rematch: lambda _, now: self.rematch(now),
            c.Leave: lambda _, now: self.leave(now),
            c.Resume: lambda command, now: self.resume(command.match, now),
            c.Abandon: lambda command, now: self.abandon(command.match, now),
            c.ConfirmCode: lambda command, _: self.confirm_code(PeerId(command.peer)),
            c.RejectCode: lambda command, now: self.reject_code(PeerId(command.peer), now),
        }

    # --- what the user does

    def execute(self, command: c.Command, now: float) -> None:
        """Do what the user asks. Raises `LocalProtocolError`, and `IllegalMoveError` for an input."""
        handler = self._commands.get(type(command))
        if handler is None:
            raise LocalProtocolError("unknown_command", command=type(command).__name__)
        self._touch(now)
        handler(command, now)

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
        return self._opener.opening is not None or self.room.busy

    @property
    def playing(self) -> str:
        """Name of the game of the match that is on; empty if none."""
        return self.match.core.game.name if self.match is not None and self.match.running else ""

    @property
    def waiting(self) -> tuple[str, ...]:
        """Invitations that wait for our answer, oldest first."""
        return tuple(self._invitations.incoming)

    def invite(self, peer: PeerId, name: str, plugin: Plugin, config: Any, now: float) -> None:
        """Invite `peer`, whose name on screen is `name`. Raises `LocalProtocolError` if we are not free to."""
        self._invite(peer, name, plugin, config, now, None)

    def rematch(self, now: float) -> None:
        """Invite the opponent of the newest match again, with places swapped. Raises `LocalProtocolError`."""
        last = self.room.last_match
        if last is None:
            raise LocalProtocolError("no_match_played")
        self._invite(last.peer, last.name, last.plugin, last.config, now, last)

    def cancel(self) -> None:
        """Take our invitation back, if it still waits."""
        self._invitations.cancel()

    def accept(self, invite: str, now: float) -> None:
        """Accept an invitation that we received. Raises `LocalProtocolError` if it is no longer there."""
        self._touch(now)
        self._invitations.accept(invite, now)

    def decline(self, invite: str, now: float) -> None:
        """Decline an invitation that we received; nothing happens if it is no longer there."""
        self._touch(now)
        self._invitations.decline(invite, now)

    def verify(self, peer: PeerId, name: str, now: float) -> None:
        """Compare codes with `peer`: ask it, or answer. Raises `LocalProtocolError` if that is going on already."""
        if self.trust_store.blocked(peer):
            raise LocalProtocolError("blocked", name=name)
        self._touch(now)
        self._verifications.verify(peer, name, now)

    def confirm_code(self, peer: PeerId) -> None:
        """Our player sees the same code there. Raises `LocalProtocolError` if none is shown."""
        self._verifications.confirm(peer)

    def reject_code(self, peer: PeerId, now: float) -> None:
        """The codes differ, or our player does not want to compare; nothing happens if no comparison is on."""
        self._touch(now)
        self._verifications.reject(peer, now)

    def block(self, peer: PeerId, now: float) -> None:
        """End everything with `peer`, the match included. The floor above refuses its links from now on."""
        self._touch(now)
        ours = self._invitations.outgoing
        if ours is not None and ours.peer == peer:
            self.cancel()
        for link, connection in list(self._connections.links.items()):
            if connection.peer == peer:
                self._break(link, "blocked", {}, now)
        self.room.block(peer)

    def leave(self, now: float) -> None:
        """Back to the lobby: resign if the match is on, then end the session."""
        self._touch(now)
        if self._opener.opening is not None:
            self._opener.fail("cancelled", {"name": self.name})
        else:
            self.room.leave(now)

    def resume(self, match: str, now: float) -> None:
        """Go on with a match that was interrupted with our program. Raises `LocalProtocolError`."""
        self._touch(now)
        self._check_free()
        self.room.resume(match, now)

    def abandon(self, match: str, now: float) -> None:
        """Give such a match up. Raises `LocalProtocolError`."""
        self._touch(now)
        self._check_free()
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
        self._touch(now)
        self._connections.links[link] = Connection(peer=peer, name=name, idle_since=now, address=address)
        purpose = self._connections.take_purpose(ticket)
        for user in self._users:
            user.link_opened(link, peer, purpose, now)

    def dial_failed(self, ticket: int, now: float) -> None:
        """A `Dial` came to nothing."""
        self._touch(now)
        purpose = self._connections.take_purpose(ticket)
        for user in self._users:
            user.dial_failed(purpose, now)

    def link_message(self, link: int, message: m.Message, now: float, size: int = 0) -> None:
        """A message of `size` bytes came in on an open link."""
        connections = self._connections
        if link not in connections.links:
            return
        self._touch(now)
        connections.message_size = size
        try:
            self._table.dispatch(link, message, now)
        except RemoteProtocolError as error:
            self._break(link, error.code, error.params, now)

    def link_closed(self, link: int, code: str, params: Mapping[str, Param], now: float) -> None:
        """A link is gone, whoever ended it."""
        self._touch(now)
        connection = self._connections.links.pop(link, None)
        if connection is None:
            return
        facts = {**params, "name": connection.name}
        for user in self._users:
            user.link_closed(link, code, facts, now)

    def link_rtt(self, link: int, rtt: float) -> None:
        """The smoothed round trip of a link was measured, in seconds."""
        connection = self._connections.links.get(link)
        if connection is not None:
            connection.rtt = rtt
            self.room.set_rtt(link, rtt)

    def view(self, now: float) -> MatchView | None:
        """The match to be drawn, if there is one."""
        return self.room.view(now)

    # --- time

    def next_deadline(self) -> float | None:
        """When `handle_timeout` has something to do."""
        if self._changed:
            self._changed = False
            self._wake_at = self._next_wake()
        at, wake_at = self.room.next_deadline(), self._wake_at
        if at is None or wake_at is None:
            return wake_at if at is None else at
        return min(at, wake_at)

    def handle_timeout(self, now: float) -> None:
        """End what waited too long, and let the match move."""
        self._now = now
        if self._changed or (self._wake_at is not None and now >= self._wake_at):
            self._changed = True
            for user in self._waiting_users:
                user.handle_timeout(now)
            self._close_idle_links(now)
        self.room.handle_timeout(now)

    def effects(self) -> list[Effect]:
        return self._connections.effects()

    def events(self) -> list[e.Event]:
        events = self._connections.events()
        if events and self.room.session != self._session_seen:
            self._session_seen = self.room.session
            self._changed = True  # a tick of the match, too, may end the use of a link
        return events

    # --- inside

    def _touch(self, now: float) -> None:
        """Something other than a tick of the match happens: deadlines may change."""
        self._now = now
        self._changed = True

    def _next_wake(self) -> float | None:
        """The earliest deadline but the match's."""
        deadlines = [user.next_deadline() for user in self._waiting_users]
        for link, connection in self._connections.links.items():
            if self._used(link):
                connection.idle_since = None
            else:
                if connection.idle_since is None:
                    connection.idle_since = self._now
                deadlines.append(connection.idle_since + LINK_IDLE_TIMEOUT)
        return min((at for at in deadlines if at is not None), default=None)

    def _close_idle_links(self, now: float) -> None:
        for link, connection in list(self._connections.links.items()):
            since = connection.idle_since
            if since is not None and now >= since + LINK_IDLE_TIMEOUT and not self._used(link):
                self._connections.close(link, "idle")

    def _used(self, link: int) -> bool:
        return any(user.uses(link) for user in self._users)

    def _invite(
        self, peer: PeerId, name: str, plugin: Plugin, config: Any, now: float, last: PlayedMatch | None
    ) -> None:
        self._touch(now)
        self._check_free()
        if self.trust_store.blocked(peer):
            raise LocalProtocolError("blocked", name=name)
        self._invitations.invite(peer, name, plugin, config, now, last)

    def _check_free(self) -> None:
        if self.busy:
            raise LocalProtocolError("match_on")

    def _agreed(self, invitation: Invitation, now: float) -> None:
        """Both sides want the match."""
        self.room.clear(keep=invitation.link)
        self._opener.start(invitation, now)

    def _on_opening_finished(self) -> None:
        """The match runs, or never will."""
        self._changed = True
        self._opener.finish()

    def _muted(self, peer: PeerId) -> bool:
        return self.trust_store.muted(peer)

    def _break(self, link: int, code: str, params: Mapping[str, Param], now: float) -> None:
        """End a link on which a rule was broken, as if it had ended by itself."""
        self._connections.close(link, code, params)
        self.link_closed(link, code, params, now)
