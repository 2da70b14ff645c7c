"""The lobby of one peer, sans-IO: from an invitation to the match.

Links are numbers here; the layer above executes the `Effect`s and reports what arrives. After every call, take
`effects()` and `events()`. Holds one match at a time. Does not know discovery.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from p2pgame.chat.author import Author
from p2pgame.core.errors import LocalProtocolError, Param, RemoteProtocolError
from p2pgame.core.guard import GameError
from p2pgame.core.ids import PeerId
from p2pgame.core.registry import Plugin, Registry
from p2pgame.session import commands as c
from p2pgame.session import events as e
from p2pgame.session.connections import Connection, Connections
from p2pgame.session.effects import Effect
from p2pgame.session.invite.invitation import Invitation, PlayedMatch
from p2pgame.session.invite.invitations import Invitations
from p2pgame.session.invite.reveals import Reveals
from p2pgame.session.link_user import LinkUser
from p2pgame.session.lot import Lot
from p2pgame.session.match import Match
from p2pgame.session.match.channel import Address
from p2pgame.session.match_factory import MatchFactory, RecordingContext
from p2pgame.session.matches import Matches
from p2pgame.session.message_table import MessageTable
from p2pgame.session.opening import Opening, SessionOpener
from p2pgame.session.party_chat import PartyChat
from p2pgame.session.people.known_peer import Trust
from p2pgame.session.people.trust_store import TrustStore
from p2pgame.session.people.verifications import Verifications
from p2pgame.session.room.rooms import Rooms
from p2pgame.session.room_view import ListedRoom, RoomView
from p2pgame.session.view import MatchView
from p2pgame.wire import messages as m
from p2pgame.wire.bounds import LINK_IDLE_TIMEOUT, REVEAL_TIMEOUT
from p2pgame.wire.codes import CloseCode

__all__ = ["Lobby"]


class Lobby:
    """Owns the message table and all users of links: invitations, verification, session opening, matches."""

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
        countdown: int = 0,
        perf: Callable[[], float] = lambda: 0.0,
        recording: RecordingContext | None = None,
        tamper: Callable[[int, Any], Any] | None = None,
        author: Author | None = None,
        unix: Callable[[], float] = lambda: 0.0,
    ) -> None:
        """`token_bytes`: a source of secret random bytes. `frames`: the frame limit that we propose; 0: none.

        `input_delay`: of real-time matches, in frames; None: measured. `countdown`: milliseconds that our player
        wants to be counted down before a real-time match goes on that stood still; 0: nobody looks. `recording`: None
        disables recording, and with it resuming after a restart. `tamper`: for tests, corrupts our own states
        (`Timeline.tamper`). `author`: signs what we say; None: we say nothing. `unix()`: Unix time in seconds.
        """
        self.me = me
        self.registry = registry
        self.trust_store = TrustStore()
        """All known peers; replaced when one changes. Blocked peers have no links (`block`)."""
        self._connections = Connections()
        self._connections.used = self.uses
        self._table = table = MessageTable()
        self.matches = Matches(
            registry,
            self._connections,
            MatchFactory(
                me,
                token_bytes,
                recording=recording,
                input_delay=input_delay,
                countdown=countdown,
                perf=perf,
                tamper=tamper,
                member_name=self._member_name,
            ),
            table,
            end_link=self._break,
            is_used=self.uses,
            on_opening_finished=self._on_opening_finished,
            may_watch=self._may_watch,
            may_ask=self._may_invite,
            is_free=lambda: self._opener.opening is None and not self._rooms.inside,
        )
        """Holds the match."""
        self._opener = SessionOpener(me, self._connections, table, self.matches)
        self._reveals = Reveals(self._connections, table, self._elected)
        self._invitations = Invitations(
            me,
            name,
            registry,
            token_bytes,
            self._connections,
            table,
            agreed=self._agreed,
            withdrawn=self._withdrawn,
            busy=lambda: self.busy,
            last_match=lambda: self.matches.last_match,
            muted=lambda peer: not self._may_invite(peer),
            knows=self._knows,
            candidate=candidate or m.Candidate(),
            frames=frames,
        )
        self._rooms = Rooms(
            me,
            registry,
            token_bytes,
            self._connections,
            table,
            self._opener,
            name=lambda: self.name,
            candidate=lambda: self.candidate,
            muted=lambda peer: not self._may_invite(peer),
            knows=self._knows,
            impostor=lambda peer, name: self.trust_store.assess(peer, name).trust is Trust.IMPOSTOR,
            admits_watcher=lambda peer: self.trust_store.in_audience(peer, self.privacy.watch),
            check_free=self._check_no_match,
            prepare=self._put_match_aside,
            leave_match=self._leave_match,
            leave_round=self._leave_round,
            has=lambda match: self.match is not None and self.match.id == match,
            kick=self.matches.kick,
            watch=self.matches.watch,
            frames=frames,
        )
        self._verifications = Verifications(
            me, token_bytes, self._connections, table, self._muted, self._knows
        )
        self._chat = PartyChat(
            me,
            self._connections,
            table,
            author=author,
            unix=unix,
            name=lambda: self.name,
            place=lambda: self._rooms.chat_place() or self.matches.chat_place(),
            muted=lambda peer: not self.reads(peer),
        )
        self._waiting_users: tuple[LinkUser, ...] = (
            self._invitations,
            self._verifications,
            self._opener,
            self._rooms,
            self._chat,
        )
        """Users with deadlines of seconds."""
        self._users: tuple[LinkUser, ...] = (*self._waiting_users, self.matches)
        """All users of links. `matches` is last, so that the others still see which links it uses."""
        self._wake_at: float | None = None
        """The next deadline of `_waiting_users` and idle links; computed again if `_changed`."""
        self._changed = True
        self._now = 0.0
        self._left_behind = ""
        """A match of a room that we left, and carry to its end."""
        self.privacy = c.SetPrivacy()
        self._links_seen: tuple[int, ...] = ()
        self._commands: dict[type[c.Command], Callable[[Any, float], None]] = {
            **self.matches.commands,
            **self._rooms.commands,
            c.SetPrivacy: self._set_privacy,
            **self._chat.commands,
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

    def restore_lots(self, lots: Iterable[Lot]) -> None:
        """What an earlier program was asked to keep (`effects.KeepLots`)."""
        self._invitations.lots.restore(lots)

    # --- commands

    def execute(self, command: c.Command, now: float) -> None:
        """Execute a command. Raises `LocalProtocolError`, and `IllegalMoveError` for an input."""
        handler = self._commands.get(type(command))
        if handler is None:
            raise LocalProtocolError("unknown_command", command=type(command).__name__)
        self._touch(now)
        handler(command, now)

    @property
    def match(self) -> Match | None:
        """The current match, or the newest one until the player leaves it."""
        return self.matches.match

    @property
    def session(self) -> int | None:
        """The link that carries the match; of several the first."""
        return next(iter(self.matches.links), None)

    def set_round_trip(self, round_trip: Callable[[PeerId], float]) -> None:
        """`round_trip(peer)`: seconds to a peer and back, as far as known before there is a link."""
        self._connections.round_trip = round_trip

    @property
    def name(self) -> str:
        """Our name, as others see it."""
        return self._invitations.name

    @name.setter
    def name(self, name: str) -> None:
        self._invitations.name = name

    @property
    def candidate(self) -> m.Candidate:
        """Our claims in the next election."""
        return self._invitations.candidate

    @candidate.setter
    def candidate(self, candidate: m.Candidate) -> None:
        self._invitations.candidate = candidate

    @property
    def busy(self) -> bool:
        """True while a match is running or being opened, and in a room."""
        return self._opener.opening is not None or self.matches.busy or self._rooms.inside

    @property
    def playing(self) -> str:
        """Name of the game of the running match; empty if there is none."""
        return self.match.core.game.name if self.match is not None and self.match.running else ""

    @property
    def waiting(self) -> tuple[str, ...]:
        """Ids of the invitations that wait for our answer, oldest first."""
        return tuple(self._invitations.incoming)

    def invite(self, peer: PeerId, name: str, plugin: Plugin, config: Any, now: float) -> None:
        """Invite `peer`, shown as `name`. Raises `LocalProtocolError` if we are busy."""
        self._invite(peer, name, plugin, config, now, None)

    def rematch(self, now: float) -> None:
        """Invite the opponent of the newest match again, with places swapped. Raises `LocalProtocolError`."""
        last = self.matches.last_match
        if last is None:
            raise LocalProtocolError("no_match_played")
        self._invite(last.peer, last.name, last.plugin, last.config, now, last)

    def cancel(self) -> None:
        """Cancel our invitation, if it is still pending."""
        self._invitations.cancel()

    def accept(self, invite: str, now: float) -> None:
        """Accept a received invitation. Raises `LocalProtocolError` if it is no longer pending."""
        self._touch(now)
        self._invitations.accept(invite, now)

    def decline(self, invite: str, now: float) -> None:
        """Decline a received invitation. Does nothing if it is no longer pending."""
        self._touch(now)
        self._invitations.decline(invite, now)

    def verify(self, peer: PeerId, name: str, now: float) -> None:
        """Request to compare codes with `peer`, or accept its request. Raises `LocalProtocolError` if one runs."""
        if self.trust_store.blocked(peer):
            raise LocalProtocolError("blocked", name=name)
        self._touch(now)
        self._verifications.verify(peer, name, now)

    def confirm_code(self, peer: PeerId) -> None:
        """Our player confirms equal codes. Raises `LocalProtocolError` if no code is shown."""
        self._verifications.confirm(peer)

    def reject_code(self, peer: PeerId, now: float) -> None:
        """Reject the code or the request. Does nothing if no comparison is running."""
        self._touch(now)
        self._verifications.reject(peer, now)

    def block(self, peer: PeerId, now: float) -> None:
        """End everything with `peer`, including the match. The layer above refuses its links from now on."""
        self._touch(now)
        ours = self._invitations.outgoing
        if ours is not None and ours.peer == peer:
            self.cancel()
        for link, connection in list(self._connections.links.items()):
            if connection.peer == peer:
                self._break(link, "blocked", {}, now)
        self.matches.block(peer)
        self._rooms.block(peer, now)

    def leave(self, now: float) -> None:
        """Return to the lobby: resign a running match, then close the session."""
        self._touch(now)
        if self._opener.opening is not None:
            self._opener.fail("cancelled", {"name": self.name}, now)
        else:
            self.matches.leave(now)

    def close(self, now: float) -> None:
        """Our program ends: take back what has not begun. A running match stays open, and can be resumed."""
        self._touch(now)
        self.cancel()
        self._rooms.close(now)
        if self._opener.opening is not None:
            self._opener.fail("cancelled", {"name": self.name}, now)

    def resume(self, match: str, now: float) -> None:
        """Resume a match that our program was interrupted in. Raises `LocalProtocolError`."""
        self._touch(now)
        self._check_free()
        self.matches.resume(match, now)

    def abandon(self, match: str, now: float) -> None:
        """Abandon such a match. Raises `LocalProtocolError`."""
        self._touch(now)
        self._check_free()
        self.matches.abandon(match, now)

    # --- links

    def link_opened(
        self,
        link: int,
        peer: PeerId,
        name: str,
        ticket: int | None,
        now: float,
        address: Address | None = None,
    ) -> None:
        """A link to `peer` opened. `ticket`: of our dial, if we dialled. `address`: of its unicast UDP port."""
        self._touch(now)
        self._connections.links[link] = Connection(peer=peer, name=name, idle_since=now, address=address)
        purpose = self._connections.take_purpose(ticket)
        for user in self._users:
            user.link_opened(link, peer, purpose, now)

    def dial_failed(self, ticket: int, now: float) -> None:
        """A `Dial` failed."""
        self._touch(now)
        purpose = self._connections.take_purpose(ticket)
        for user in self._users:
            user.dial_failed(purpose, now)

    def link_message(self, link: int, message: m.Message, now: float, size: int = 0) -> None:
        """Handle a message of `size` bytes on an open link."""
        connections = self._connections
        if link not in connections.links:
            return
        self._touch(now)
        connections.message_size = size
        try:
            self._table.dispatch(link, message, now)
        except RemoteProtocolError as error:
            self._break(link, error.code, error.params, now)

    def link_closed(
        self, link: int, code: str, params: Mapping[str, Param], now: float, *, remote: bool
    ) -> None:
        """A link closed. `remote`: the other side closed it."""
        self._touch(now)
        connection = self._connections.links.pop(link, None)
        if connection is None:
            return
        if remote and code == GameError.CODE:  # that is said of our own game, and never travels
            code = CloseCode.UNKNOWN.text
        facts = {**params, "name": connection.name}
        for user in self._users:
            user.link_closed(link, code, facts, now, remote=remote)

    def uses(self, link: int) -> bool:
        """Whether anything needs the link."""
        return any(user.uses(link) for user in self._users)

    def link_rtt(self, link: int, rtt: float) -> None:
        """The smoothed round trip of a link was measured, in seconds."""
        connection = self._connections.links.get(link)
        if connection is not None:
            connection.rtt = rtt
            self._rooms.forget_shown()
            self.matches.set_rtt(link, rtt)

    def set_rooms(self, find: Callable[[str], ListedRoom | None]) -> None:
        """`find(room)`: the room of that id, as discovery lists it."""
        self._rooms.find = find

    def room_view(self, now: float) -> RoomView | None:
        """The view of our room, if we are in one."""
        return self._rooms.view(now)

    def room_changed(self) -> bool:
        """Whether our room is another, or in another state, since the last call."""
        return self._rooms.changed()

    @property
    def listed_room(self) -> ListedRoom | None:
        """What our beacons say of the room that we lead; None if we lead none."""
        return self._rooms.listed

    def plays_with(self, peer: PeerId) -> bool:
        """True while `peer` is in our match or room."""
        return self.matches.plays_with(peer) or self._rooms.is_member(peer)

    def view(self, now: float) -> MatchView | None:
        """The view of the match, if there is one."""
        return self.matches.view(now)

    # --- time

    def next_deadline(self) -> float | None:
        """When `handle_timeout` has something to do."""
        if self._changed:
            self._changed = False
            self._wake_at = self._next_wake()
        at, wake_at = self.matches.next_deadline(), self._wake_at
        if at is None or wake_at is None:
            return wake_at if at is None else at
        return min(at, wake_at)

    def handle_timeout(self, now: float, datagrams: Sequence[tuple[bytes, Address, float]] = ()) -> None:
        """End what waited too long, and let the match move.

        `datagrams`: came since the last time and may belong to the match, with sources and times of arrival; any
        other is dropped.
        """
        self._now = now
        if self._changed or (self._wake_at is not None and now >= self._wake_at):
            self._changed = True
            for user in self._waiting_users:
                user.handle_timeout(now)
            self._close_idle_links(now)
        self.matches.handle_timeout(now, datagrams)

    def effects(self) -> list[Effect]:
        """What is to be done, since the last call."""
        if self._changed:
            self._chat.update(self._now)
        return self._connections.effects() if self._connections.pending_effects else []

    def events(self) -> list[e.Event]:
        """What happened since the last call."""
        if not self._connections.pending_events:  # asked in every frame
            return []
        events = self._connections.events()
        for event in events:
            tell = self._TOLD.get(type(event))
            if tell is not None:
                tell(self, event)
                self._changed = True
        if self.matches.links != self._links_seen:
            self._links_seen = self.matches.links
            self._changed = True  # a tick of the match may also end the use of a link
        return events

    # --- inside

    def _tell_started(self, event: e.MatchStarted) -> None:
        self._rooms.match_started(event.match, self._now)

    def _tell_ended(self, event: e.MatchEnded) -> None:
        self._rooms.match_ended(event.match, event.outcome.winners, self._now)
        if event.match == self._left_behind:
            self.matches.clear()

    def _tell_host(self, event: e.HostChanged) -> None:
        self._rooms.host_changed(event.match, PeerId(event.host), self._now)

    _TOLD: Mapping[type[e.Event], Callable[["Lobby", Any], None]] = {
        e.HostChanged: _tell_host,
        e.MatchStarted: _tell_started,
        e.MatchEnded: _tell_ended,
    }
    """What the room wants to know of the matches."""

    def _touch(self, now: float) -> None:
        """Note that deadlines may have changed. Not called for ticks of the match, which are frequent."""
        self._now = now
        self._changed = True

    def _next_wake(self) -> float | None:
        """The earliest deadline except that of the match."""
        deadlines = [user.next_deadline() for user in self._waiting_users]
        for link, connection in self._connections.links.items():
            if self.uses(link):
                connection.idle_since = None
            else:
                if connection.idle_since is None:
                    connection.idle_since = self._now
                deadlines.append(connection.idle_since + LINK_IDLE_TIMEOUT)
        return min((at for at in deadlines if at is not None), default=None)

    def _close_idle_links(self, now: float) -> None:
        for link, connection in list(self._connections.links.items()):
            since = connection.idle_since
            if since is not None and now >= since + LINK_IDLE_TIMEOUT and not self.uses(link):
                self._connections.close(link, "idle")

    def _invite(
        self, peer: PeerId, name: str, plugin: Plugin, config: Any, now: float, last: PlayedMatch | None
    ) -> None:
        self._touch(now)
        self._check_free()
        if self.trust_store.blocked(peer):
            raise LocalProtocolError("blocked", name=name)
        self._invitations.invite(peer, name, plugin, config, now, last)

    def _check_free(self) -> None:
        if self._rooms.inside:
            raise LocalProtocolError("in_room")
        self._check_no_match()

    def _check_no_match(self) -> None:
        if self._opener.opening is not None or self.matches.busy:
            raise LocalProtocolError("match_on")

    def _put_match_aside(self) -> bool:
        """Before a round is gathered. False while a match is on."""
        self.matches.clear()
        return not self.matches.busy

    def _agreed(self, invitation: Invitation, now: float) -> None:
        """An invitation was accepted: open its session."""
        self.matches.clear(keep=invitation.link)
        self._opener.expect(
            Opening(
                others={invitation.peer: invitation.name},
                failed=self._opening_failed,
                asks=lambda _: invitation.link,
                moved=invitation.link if invitation.ours else None,
                deadline=now + REVEAL_TIMEOUT,
            )
        )
        self._reveals.start(invitation)

    def _elected(self, invitation: Invitation, now: float) -> None:
        """The host of the match by invitation is known."""
        self._opener.connect(invitation.agreement(self.name), now)

    def _withdrawn(self, link: int, invite: bytes) -> None:
        """The other side cancelled an invitation: cancel the opening if it is the one being opened."""
        accepted = self._reveals.invitation
        if accepted is not None and self._reveals.is_of(link, invite):
            self._opener.fail("cancelled", {"name": accepted.name}, self._now)

    def _opening_failed(self, code: str, params: Mapping[str, Param], now: float) -> None:
        del now
        self._reveals.finish()
        self._connections.emit(e.ErrorEvent(code=code, params=dict(params)))

    def _on_opening_finished(self) -> None:
        """The agreed match has started or was cancelled."""
        self._changed = True
        accepted, match = self._reveals.invitation, self.matches.match
        if accepted is not None and match is not None and match.running:
            self._invitations.lots.spend(accepted.peer)
        self._reveals.finish()
        self._opener.finish()

    def _leave_round(self, now: float) -> None:
        self.matches.commands[c.LeaveRound](c.LeaveRound(), now)

    def _leave_match(self, now: float) -> None:
        """Leave a match of the room: bots play on for us. If we carry it for others, we do so until it is over."""
        match = self.match
        if match is None or not match.core.room:
            return
        self._leave_round(now)
        if match.over:
            self.matches.clear()
        elif match.is_host and self.matches.links:
            self._left_behind = match.id
        else:
            links = self.matches.links
            self.matches.give_up()
            for link in links:
                self._break(link, CloseCode.LEFT.text, {}, now)

    def _member_name(self, peer: str) -> str:
        return self._rooms.name_of(peer)

    def _may_watch(self, peer: PeerId, room: str) -> bool:
        return self._rooms.may_watch(peer, room)

    def _set_privacy(self, command: c.SetPrivacy, now: float) -> None:
        del now
        self.privacy = command

    def reads(self, peer: PeerId) -> bool:
        """Whether our player sees what `peer` says."""
        return peer == self.me or (
            not self._muted(peer) and self.trust_store.in_audience(peer, self.privacy.chat)
        )

    def _may_invite(self, peer: PeerId) -> bool:
        return not self._muted(peer) and self.trust_store.in_audience(peer, self.privacy.invite)

    def _muted(self, peer: PeerId) -> bool:
        return self.trust_store.muted(peer)

    def _knows(self, peer: PeerId) -> bool:
        return self.trust_store.knows(peer)

    def _break(self, link: int, code: str, params: Mapping[str, Param], now: float) -> None:
        """Close a link because of a protocol violation, and report it like any closed link.

        A fault of our own copy of a game has a code of its own on the wire: the other side broke no rule, and files
        and lines of this computer are not its business.
        """
        if code == GameError.CODE:
            self._connections.close(link, CloseCode.RULES_FAILED.text)
        else:
            self._connections.close(link, code, params)
        self.link_closed(link, code, params, now, remote=False)
