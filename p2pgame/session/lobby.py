"""The lobby of one peer, without its sockets: invitations, the election, and the way into a match.

Links are numbers here; the floor above opens and closes them as the `Action`s say and reports what comes in. After
every call, take `actions()` and `events()`. At most one invitation of ours and one match at a time; several
invitations of others may wait for an answer. Does not know how peers are found.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import msgspec

from p2pgame.core.errors import DesyncError, LocalProtocolError, RemoteProtocolError
from p2pgame.core.ids import PeerId
from p2pgame.core.registry import Plugin, Registry
from p2pgame.core.snapshot import encode
from p2pgame.session import events as e
from p2pgame.session.actions import Action, Call, Dial, Hang, Send
from p2pgame.session.election import crossing_rank
from p2pgame.session.invitation import Invitation, State, Step
from p2pgame.session.match import Match
from p2pgame.wire import messages as m
from p2pgame.wire.bounds import (
    DIAL_TIMEOUT,
    INVITE_TIMEOUT,
    INVITES_PENDING_MAX,
    LINK_IDLE_TIMEOUT,
    REVEAL_TIMEOUT,
    SESSION_TIMEOUT,
)

__all__ = ["Lobby"]


class _Conversation(msgspec.Struct):
    """A link as the lobby knows it."""

    peer: PeerId
    name: str
    idle_since: float


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
        perf: Callable[[], float] = lambda: 0.0,
    ) -> None:
        """`token_bytes`: a source of secret random bytes. `frames`: the frame limit we ask for; 0: none."""
        self.me = me
        self.name = name
        self.registry = registry
        self.candidate = candidate or m.Candidate()
        self.match: Match | None = None
        self.session: int | None = None
        """The link that carries the match."""
        self._token_bytes = token_bytes
        self._frames = frames
        self._perf = perf
        self._links: dict[int, _Conversation] = {}
        self._outgoing: Invitation | None = None
        self._incoming: dict[str, Invitation] = {}
        self._opening: Invitation | None = None
        """The accepted invitation on its way into a match."""
        self._early_join: tuple[int, m.Join] | None = None
        self._tickets: dict[int, Invitation] = {}
        self._next_ticket = 0
        self._played: Invitation | None = None
        """The invitation of the newest match, for a return match."""
        self._leaving = False
        self._actions: list[Action] = []
        self._events: list[e.Event] = []

    # --- what the user does

    @property
    def busy(self) -> bool:
        """True while a match is on, or about to be."""
        return self._opening is not None or (self.match is not None and not self.match.over)

    @property
    def playing(self) -> str:
        """Name of the game of the match that is on; empty if none."""
        return self.match.game.name if self.match is not None and self.match.running else ""

    def invite(
        self, peer: PeerId, name: str, plugin: Plugin, config: Any, now: float, rematch: bool = False
    ) -> None:
        """Invite `peer`, whose name on screen is `name`. Raises `LocalProtocolError` if we are not free to."""
        if self.busy:
            raise LocalProtocolError("a match is on")
        if self._outgoing is not None:
            raise LocalProtocolError("another invitation is still open")
        last = self._played if rematch else None
        invitation = Invitation(
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
            deadline=now + 2 * DIAL_TIMEOUT + 2.0,
            previous=last.election.players if last and last.election else (),
            rematch_of=last.election.match if last and last.election else None,
        )
        waiting = next((i for i in self._incoming.values() if self._same_match(i, invitation)), None)
        if waiting is not None:  # they asked first: our invitation is the answer
            self.accept(waiting.hex, now)
            return
        self._outgoing = invitation
        self._events.append(e.InviteSent(**self._about(invitation), expires=INVITE_TIMEOUT))
        link = next((number for number, talk in self._links.items() if talk.peer == peer), None)
        if link is None:
            self._dial(invitation)
        else:
            self._send_invite(invitation, link, now)

    def rematch(self, now: float) -> None:
        """Invite the opponent of the newest match again, with places swapped."""
        last = self._played
        if last is None:
            raise LocalProtocolError("no match was played")
        self.invite(last.peer, last.name, last.plugin, last.config, now, rematch=True)

    def cancel(self) -> None:
        """Take our invitation back, if it still waits."""
        if self._outgoing is not None:
            self._end_outgoing(
                "cancelled", e.InviteCancelled(**self._about(self._outgoing), reason="cancelled")
            )

    def accept(self, invite: str, now: float) -> None:
        """Accept an invitation that we received. Raises `LocalProtocolError` if it is no longer there."""
        invitation = self._incoming.pop(invite, None)
        if invitation is None or invitation.link is None:
            raise LocalProtocolError("that invitation is no longer there")
        self._opening = invitation
        if self._outgoing is not None:
            self._end_outgoing(
                "cancelled", e.InviteCancelled(**self._about(self._outgoing), reason="superseded")
            )
        for other in list(self._incoming.values()):
            self._decline(other, "busy")
        self._put_match_away(keep=invitation.link)
        invitation.step(Step.ACCEPT)
        invitation.deadline = now + REVEAL_TIMEOUT
        self._events.append(e.InviteAccepted(**self._about(invitation)))
        self._send(
            invitation.link,
            m.Accept(
                invite=invitation.id,
                frames=invitation.frames,
                commitment=invitation.commitment,
                candidate=invitation.candidate,
            ),
        )
        self._send(invitation.link, invitation.reveal())

    def decline(self, invite: str) -> None:
        """Decline an invitation that we received; nothing happens if it is no longer there."""
        invitation = self._incoming.get(invite)
        if invitation is not None:
            self._decline(invitation, "declined")

    def submit(self, move: Any, now: float) -> None:
        """Our input. Raises `IllegalMoveError`."""
        if self.match is None:
            raise LocalProtocolError("there is no match")
        with self._in_match(now):
            self.match.submit(move)

    def resign(self, now: float) -> None:
        """Give the match up, if one is on."""
        if self.match is not None:
            with self._in_match(now):
                self.match.resign()

    def leave(self, now: float) -> None:
        """Back to the lobby: resign if the match is on, then end the session."""
        self._leaving = True
        self.resign(now)
        if self.match is None or not self.match.running:
            self._put_match_away()

    # --- what the links bring

    def link_opened(self, link: int, peer: PeerId, name: str, ticket: int | None, now: float) -> None:
        """A link to `peer` is open; `ticket` if we dialled it."""
        self._links[link] = _Conversation(peer=peer, name=name, idle_since=now)
        invitation = self._tickets.pop(ticket, None) if ticket is not None else None
        if invitation is None:  # they dialled; perhaps because we asked them to
            waiting = self._outgoing
            if waiting is not None and waiting.peer == peer and waiting.state is State.DIALLING:
                self._send_invite(waiting, link, now)
        elif invitation is self._outgoing and invitation.state is State.DIALLING:
            self._send_invite(invitation, link, now)
        elif invitation is self._opening and invitation.election and self.session is None:
            election = invitation.election
            self._send(link, m.Join(match=election.match, epoch=1, token=election.token))
            self._bind(link, now)
        # Else it came too late to be needed here; but the other side may be writing on it already. It will idle out.

    def dial_failed(self, ticket: int, now: float) -> None:
        """A `Dial` came to nothing: try the other direction."""
        invitation = self._tickets.pop(ticket, None)
        if invitation is None:
            return
        if invitation is self._outgoing and invitation.state is State.DIALLING:
            invitation.deadline = now + DIAL_TIMEOUT + 1.0
            self._actions.append(Call(peer=invitation.peer))
        elif (
            invitation is self._opening
            and invitation.election is not None
            and invitation.election.host != self.me
            and invitation.link in self._links
        ):
            self._send(invitation.link, m.DialMe(match=invitation.election.match))

    def link_message(self, link: int, message: m.Message, now: float) -> None:
        """A message came in on an open link."""
        talk = self._links.get(link)
        if talk is None:
            return
        try:
            if link == self.session and type(message) in _MATCH_MESSAGES:
                self._match_message(message, now)
            else:
                self._receive(link, talk, message, now)
        except RemoteProtocolError as error:
            self._hang(link, error.code, str(error))
            self.link_closed(link, error.code, str(error), now)

    def link_closed(self, link: int, code: str, message: str, now: float) -> None:
        """A link is gone, whoever ended it."""
        del now
        talk = self._links.pop(link, None)
        if talk is None:
            return
        for invitation in [i for i in self._incoming.values() if i.link == link]:
            del self._incoming[invitation.hex]
            invitation.step(Step.END)
            self._events.append(e.InviteCancelled(**self._about(invitation), reason="vanished"))
        ours = self._outgoing
        if ours is not None and ours.link == link:
            self._outgoing = None
            ours.step(Step.END)
            text = message or f"{ours.name} is gone"
            self._events.append(e.InviteDeclined(**self._about(ours), reason="unreachable", message=text))
        opening = self._opening
        if opening is not None and (
            link == self.session or (opening.state is State.REVEALING and opening.link == link)
        ):
            self._fail_opening(code, message or f"{talk.name} is gone")
        elif link == self.session:
            self.session = None
            if self.match is not None and not self.match.over:
                self._events.append(
                    e.ErrorEvent(code=code, message=message or f"the link to {talk.name} is lost")
                )
                self.match.abort("connection lost" if code in _LOSSES else code.replace("_", " "))
                self._take_match_output()

    def set_rtt(self, link: int, rtt: float | None) -> None:
        """The link's smoothed round trip, in seconds."""
        if link == self.session and self.match is not None:
            self.match.set_rtt(rtt)

    # --- time

    def next_deadline(self) -> float | None:
        """When `handle_timeout` has something to do."""
        deadlines = [i.deadline for i in self._invitations() if i.deadline is not None]
        deadlines += [
            talk.idle_since + LINK_IDLE_TIMEOUT for link, talk in self._links.items() if self._idle(link)
        ]
        if self.match is not None and (ending := self.match.next_deadline()) is not None:
            deadlines.append(ending)
        return min(deadlines, default=None)

    def handle_timeout(self, now: float) -> None:
        """Let lapse what waited too long."""
        for invitation in list(self._invitations()):
            if invitation.deadline is not None and now >= invitation.deadline:
                self._expire(invitation)
        for link, talk in list(self._links.items()):
            if not self._idle(link):
                talk.idle_since = now
            elif now >= talk.idle_since + LINK_IDLE_TIMEOUT:
                self._hang(link, "idle")
        if self.match is not None and self.session is not None:
            try:
                self.match.handle_timeout(now)
            except RemoteProtocolError as error:
                link = self.session
                self._hang(link, error.code, str(error))
                self.link_closed(link, error.code, str(error), now)

    def actions(self) -> list[Action]:
        out, self._actions = self._actions, []
        return out

    def events(self) -> list[e.Event]:
        out, self._events = self._events, []
        return out

    # --- invitations: what comes in

    def _receive(self, link: int, talk: _Conversation, message: m.Message, now: float) -> None:
        match message:
            case m.Invite():
                self._on_invite(link, talk, message, now)
            case m.Accept():
                self._on_accept(link, message, now)
            case m.Reveal():
                self._on_reveal(link, message, now)
            case m.Decline():
                self._on_decline(link, message)
            case m.Cancel():
                self._on_cancel(link, talk, message)
            case m.DialMe():
                self._on_dial_me(link, message)
            case m.Join():
                self._on_join(link, talk, message, now)
            case _:
                raise RemoteProtocolError(
                    "unexpected_message", f"{type(message).__name__} outside of a match"
                )

    def _on_invite(self, link: int, talk: _Conversation, message: m.Invite, now: float) -> None:
        def refuse(reason: str, text: str) -> None:
            self._send(link, m.Decline(invite=message.invite, reason=reason, message=text))

        plugin = self.registry.get(message.game)
        if plugin is None or plugin.digest != message.digest:
            return refuse("incompatible", f"{self.name} plays by other rules of {message.game}")
        try:
            config = plugin.game.decode_config(message.config)
        except msgspec.DecodeError:
            return refuse("incompatible", f"{self.name} does not know these options of {message.game}")
        previous: tuple[PeerId, ...] = ()
        if message.rematch_of is not None:
            last = self._played
            if (
                last is None
                or last.peer != talk.peer
                or not last.election
                or last.election.match != message.rematch_of
            ):
                return refuse("stale", "that match is over")
            previous = last.election.players
        if self.busy or len(self._incoming) >= INVITES_PENDING_MAX:
            return refuse("busy", f"{self.name} is busy")
        if any(i.peer == talk.peer for i in self._incoming.values()):
            return refuse("busy", "your first invitation is still open")
        invitation = Invitation(
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
            previous=previous,
            rematch_of=message.rematch_of,
        )
        invitation.link = link
        invitation.their_commitment(message.commitment, message.candidate, message.frames)
        ours = self._outgoing
        crossed = ours is not None and self._same_match(ours, invitation)
        if crossed and ours is not None and ours.state is State.SENT:
            rank = crossing_rank(self.me, ours.peer, ours.id)
            if rank < crossing_rank(talk.peer, self.me, message.invite):
                return None  # ours survives; they come to the same conclusion and accept it
        self._incoming[invitation.hex] = invitation
        self._events.append(
            e.InviteReceived(
                **self._about(invitation),
                expires=INVITE_TIMEOUT,
                config=msgspec.to_builtins(config),
                rematch=message.rematch_of is not None,
            )
        )
        if crossed:
            self.accept(invitation.hex, now)
        return None

    def _on_accept(self, link: int, message: m.Accept, now: float) -> None:
        invitation = self._outgoing
        if invitation is None or invitation.id != message.invite or invitation.link != link:
            return  # it crossed our cancellation
        invitation.step(Step.ACCEPT)
        self._outgoing, self._opening = None, invitation
        for other in list(self._incoming.values()):
            self._decline(other, "busy")
        self._put_match_away(keep=link)
        invitation.deadline = now + REVEAL_TIMEOUT
        invitation.their_commitment(message.commitment, message.candidate, message.frames)
        self._events.append(e.InviteAccepted(**self._about(invitation)))
        self._send(link, invitation.reveal())

    def _on_reveal(self, link: int, message: m.Reveal, now: float) -> None:
        invitation = self._opening
        if invitation is None or invitation.id != message.invite or invitation.link != link:
            raise RemoteProtocolError("unexpected_message", "a reveal of no invitation")
        election = invitation.revealed(message.nonce)
        invitation.deadline = now + SESSION_TIMEOUT
        self._events.append(
            e.HostElected(match=election.match, host=election.host, players=election.players, epoch=1)
        )
        self.session = None
        if self._early_join is not None:
            early_link, join = self._early_join
            self._early_join = None
            if early_link in self._links:
                self._on_join(early_link, self._links[early_link], join, now)
        elif election.host != self.me:
            self._dial(invitation)

    def _on_decline(self, link: int, message: m.Decline) -> None:
        invitation = self._outgoing
        if invitation is None or invitation.id != message.invite or invitation.link != link:
            return
        text = message.message or f"{invitation.name} said no"
        self._end_outgoing(
            None, e.InviteDeclined(**self._about(invitation), reason=message.reason, message=text)
        )

    def _on_cancel(self, link: int, talk: _Conversation, message: m.Cancel) -> None:
        invitation = self._incoming.get(message.invite.hex())
        if invitation is not None and invitation.link == link:
            del self._incoming[invitation.hex]
            invitation.step(Step.END)
            about = self._about(invitation)
            expired = message.reason == "expired"
            self._events.append(
                e.InviteExpired(**about) if expired else e.InviteCancelled(**about, reason="cancelled")
            )
        elif self._opening is not None and self._opening.id == message.invite and self._opening.link == link:
            self._fail_opening("cancelled", f"{talk.name} took the invitation back")

    # --- the session

    def _on_dial_me(self, link: int, message: m.DialMe) -> None:
        invitation = self._opening
        if (
            invitation is not None
            and invitation.link == link
            and invitation.election is not None
            and invitation.election.match == message.match
            and self.session is None
            and invitation not in self._tickets.values()
        ):
            self._dial(invitation)

    def _on_join(self, link: int, talk: _Conversation, message: m.Join, now: float) -> None:
        invitation = self._opening
        if invitation is None or invitation.peer != talk.peer:
            raise RemoteProtocolError("no_seat", "no seat is kept for you here")
        if invitation.election is None:
            self._early_join = (link, message)  # it overtook the reveal on the other connection
            return
        if (message.match, message.token) != (invitation.election.match, invitation.election.token):
            raise RemoteProtocolError("no_seat", "no seat is kept for you here")
        if self.session is not None:
            self._hang(link, "superseded")
            return
        self._bind(link, now)

    def _bind(self, link: int, now: float) -> None:
        """The session stands on `link`: the match begins."""
        invitation = self._opening
        if invitation is None or invitation.election is None:
            raise LocalProtocolError("no session to bind")
        self.session = link
        names = {self.me: self.name, invitation.peer: invitation.name}
        election = invitation.election
        self.match = Match(
            election,
            invitation.plugin.game,
            invitation.config,
            self.me,
            tuple(names[player] for player in election.players),
            frame_limit=invitation.frames,
            perf=self._perf,
        )
        if invitation.ours and invitation.link is not None and invitation.link != link:
            self._hang(invitation.link, "moved")
        with self._in_match(now):
            self.match.begin()

    def _match_message(self, message: m.Message, now: float) -> None:
        match = self.match
        if match is None or getattr(message, "match", None) != match.election.match:
            raise RemoteProtocolError("wrong_match", "a message of another match")
        with self._in_match(now):
            match.receive(message, now)

    @contextmanager
    def _in_match(self, now: float) -> Iterator[None]:
        """Around every call that moves the match: pass on what it says, and end what cannot go on."""
        match = self.match
        if match is None:
            raise LocalProtocolError("there is no match")
        try:
            yield
            match.settle(now)
        except DesyncError as error:
            self._events += match.events()
            self._events.append(
                e.MatchDesync(
                    match=match.election.match,
                    frame=error.frame,
                    ours=error.ours,
                    theirs=error.theirs,
                    path=None,
                )
            )
            self._take_match_output()
            if self.session is not None:
                link = self.session
                self._hang(link, "desync", str(error))
                self.link_closed(link, "desync", str(error), now)
        finally:
            self._take_match_output()

    def _take_match_output(self) -> None:
        match = self.match
        if match is None:
            return
        messages = match.messages_to_send()
        if self.session is not None:
            for message in messages:
                self._send(self.session, message)
        self._events += match.events()
        if match.running and self._opening is not None:
            self._played, self._opening = self._opening, None
            self._leaving = False
        if match.over and self._leaving:
            self._put_match_away()

    # --- small steps

    def _invitations(self) -> Iterator[Invitation]:
        yield from (i for i in (self._outgoing, self._opening) if i is not None)
        yield from self._incoming.values()

    def _same_match(self, one: Invitation, other: Invitation) -> bool:
        return (one.peer, one.plugin.game.name, one.config, one.rematch_of) == (
            other.peer,
            other.plugin.game.name,
            other.config,
            other.rematch_of,
        )

    def _about(self, invitation: Invitation) -> dict[str, Any]:
        return {
            "invite": invitation.hex,
            "peer": invitation.peer,
            "name": invitation.name,
            "game": invitation.plugin.game.name,
        }

    def _idle(self, link: int) -> bool:
        used = link == self.session or any(i.link == link for i in self._invitations())
        return not used and (self._early_join is None or self._early_join[0] != link)

    def _dial(self, invitation: Invitation) -> None:
        self._next_ticket += 1
        self._tickets[self._next_ticket] = invitation
        self._actions.append(Dial(peer=invitation.peer, ticket=self._next_ticket))

    def _send(self, link: int, message: m.Message) -> None:
        self._actions.append(Send(link=link, message=message))

    def _hang(self, link: int, code: str, message: str = "") -> None:
        self._actions.append(Hang(link=link, code=code, message=message))
        if code in _QUIET:
            self._links.pop(link, None)

    def _send_invite(self, invitation: Invitation, link: int, now: float) -> None:
        invitation.step(Step.LINKED)
        invitation.link = link
        invitation.deadline = now + INVITE_TIMEOUT
        self._send(
            link,
            m.Invite(
                invite=invitation.id,
                game=invitation.plugin.game.name,
                digest=invitation.plugin.digest,
                config=encode(invitation.config),
                frames=invitation.frames,
                rematch_of=invitation.rematch_of,
                commitment=invitation.commitment,
                candidate=invitation.candidate,
            ),
        )

    def _end_outgoing(self, tell: str | None, event: e.Event) -> None:
        """End our invitation; `tell` is the reason to give the other side, None if it knows."""
        invitation = self._outgoing
        if invitation is None:
            return
        self._outgoing = None
        invitation.step(Step.END)
        self._events.append(event)
        if invitation.link is not None and invitation.link in self._links:
            if tell is not None:
                self._send(invitation.link, m.Cancel(invite=invitation.id, reason=tell))
            if self._idle(invitation.link):
                self._hang(invitation.link, "done")

    def _decline(self, invitation: Invitation, reason: str) -> None:
        self._incoming.pop(invitation.hex, None)
        invitation.step(Step.END)
        text = {"busy": f"{self.name} is busy", "declined": f"{self.name} said no"}[reason]
        if invitation.link is not None:
            self._send(invitation.link, m.Decline(invite=invitation.id, reason=reason, message=text))
        self._events.append(e.InviteDeclined(**self._about(invitation), reason=reason, message=text))

    def _expire(self, invitation: Invitation) -> None:
        if invitation is self._opening:
            self._fail_opening("connect_failed", f"no connection to {invitation.name}")
        elif invitation is not self._outgoing:
            self._incoming.pop(invitation.hex, None)
            invitation.step(Step.END)
            self._events.append(e.InviteExpired(**self._about(invitation)))
        elif invitation.state is State.DIALLING:
            text = f"{invitation.name} cannot be reached: a firewall may block TCP between the two machines"
            self._end_outgoing(
                None, e.InviteDeclined(**self._about(invitation), reason="unreachable", message=text)
            )
        else:
            self._end_outgoing("expired", e.InviteExpired(**self._about(invitation)))

    def _fail_opening(self, code: str, message: str) -> None:
        """The accepted invitation does not become a match."""
        invitation = self._opening
        if invitation is None:
            return
        self._opening = self._early_join = None
        invitation.step(Step.END)
        self._events.append(e.ErrorEvent(code=code, message=message))
        for link in {invitation.link, self.session}:
            if link is not None and link in self._links:
                self._hang(link, "done")
        self.session = None
        if self.match is not None and not self.match.over:
            self.match.abort(code.replace("_", " "))
            self._take_match_output()
        self.match = None

    def _put_match_away(self, keep: int | None = None) -> None:
        """Forget the finished match and, unless it is `keep`, close its session."""
        self._leaving = False
        if self.match is not None and not self.match.running:
            self.match = None
            if (
                self.session is not None
                and self.session != keep
                and not any(i.link == self.session for i in self._invitations())
            ):
                self._hang(self.session, "left")
            self.session = None


_LOSSES = frozenset({"connection_lost", "silent", "left", "bye"})
_QUIET = frozenset({"done", "idle", "moved", "left", "superseded"})
"""Ends that are no fault: the link is forgotten at once."""
_MATCH_MESSAGES = frozenset({m.Start, m.Input, m.StateHash, m.Resign, m.End})
