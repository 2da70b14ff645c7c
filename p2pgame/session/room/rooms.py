"""The room of one peer: we lead it, or follow who leads it. A `LinkUser`.

    outside --open--> leading                      leading --hand over, or outranked--> seeking
    outside --join--> joining --let in--> following --its link is lost--> seeking --found--> following
                                                    seeking --nobody before us is reached--> leading

All that is shared of the room is one state (`wire.messages.RoomState`), which its leader sends at each change. Whoever
loses the leader looks for it, then for the other members in order of joining, and the first of them who reaches none
before it leads. A match that runs does not depend on any of this.
"""

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any

from msgspec.structs import replace

from p2pgame.core.errors import LocalProtocolError, Param
from p2pgame.core.ids import PeerId
from p2pgame.core.registry import Plugin, Registry
from p2pgame.core.setup_check import check_players
from p2pgame.core.snapshot import encode
from p2pgame.session import commands as c
from p2pgame.session import events as e
from p2pgame.session.chat_place import Place
from p2pgame.session.connections import Connections
from p2pgame.session.message_table import MessageTable, Rule, Scope
from p2pgame.session.opening import SessionOpener
from p2pgame.session.room.leader import Leader, new_room
from p2pgame.session.room.member import changes, check, check_round, member_name, outranks, successor
from p2pgame.session.room.membership import Membership
from p2pgame.session.room.mesh import Mesh
from p2pgame.session.room.offers import Offers
from p2pgame.session.room.rounds import Rounds
from p2pgame.session.room.show import line_of, view_of
from p2pgame.session.room_view import ListedRoom, RoomView
from p2pgame.wire import messages as m
from p2pgame.wire.bounds import (
    LOCAL_MAX,
    PLAYERS_MAX,
    PUBLISH_INTERVAL,
    ROOM_JOIN_TIMEOUT,
    ROOM_RETRY,
    SEEK_TIMEOUT,
    SERIES_MAX,
)
from p2pgame.wire.codes import CloseCode
from p2pgame.wire.rooms import AskKind

__all__ = ["Rooms"]

_VOTES: Mapping[str, AskKind] = {"game": "game", "kick": "kick", "restart": "restart", "pause": "pause"}
_TRY_AGAIN = ("already_there", "not_a_member", "moved")
"""Answers to a `RoomJoin` after which it is asked again, or another is asked."""
_LEFT_REASONS = ("kicked", "closed", "full", "locked", "no_such_room", "no_watchers")


class _Phase(Enum):
    """One phase: who may say what in a room depends on the room, not on the link."""

    OPEN = "open"


class Rooms:
    """Executes the player's commands in a room, and handles the messages of its members."""

    def __init__(
        self,
        me: PeerId,
        registry: Registry,
        token_bytes: Callable[[int], bytes],
        connections: Connections,
        table: MessageTable,
        opener: SessionOpener,
        *,
        name: Callable[[], str],
        candidate: Callable[[], m.Candidate],
        muted: Callable[[PeerId], bool],
        knows: Callable[[PeerId], bool],
        impostor: Callable[[PeerId, str], bool],
        admits_watcher: Callable[[PeerId], bool],
        check_free: Callable[[], None],
        prepare: Callable[[], bool],
        leave_match: Callable[[float], None],
        leave_round: Callable[[float], None],
        kick: Callable[[PeerId, float], None],
        has: Callable[[str], bool],
        watch: Callable[[str, PeerId, int, float, str], None],
        frames: int,
    ) -> None:
        """`name()`, `candidate()`: our own. `muted(peer)`: its offers are declined without asking the player.
        `knows(peer)`: we met or verified it. `impostor(peer, name)`: it is not who that name says.
        `admits_watcher(peer)`: it may watch a room that we lead.

        `check_free()` raises `LocalProtocolError` if a match or an invitation keeps us. `prepare()`: puts an ended
        match aside; False while one is on. `leave_match(now)`: leave the match that runs; `leave_round(now)`: only
        watch it. `kick(peer, now)`: it plays no longer. `has`, `watch`: see `Rounds`. `frames`: limit of our rounds.
        """
        self.find: Callable[[str], ListedRoom | None] = lambda _: None
        """The room of that id, as discovery lists it."""
        self._me = me
        self._registry = registry
        self._token_bytes = token_bytes
        self._connections = connections
        self._name = name
        self._check_free = check_free
        self._leave_match = leave_match
        self._leave_round_played = leave_round
        self._kick = kick
        self._knows = knows
        self._impostor = impostor
        self._admits_watcher = admits_watcher
        self._frames = frames
        self._mesh = Mesh(connections)
        self._offers = Offers(registry, connections, muted, knows)
        self._rounds = Rounds(
            me,
            registry,
            token_bytes,
            connections,
            opener,
            say=self._say,
            candidate=candidate,
            prepare=prepare,
            has=has,
            watch=watch,
        )
        self._here: Membership | None = None
        self._host: tuple[str, PeerId] = ("", me)
        """A match, and who carries it since another did; our leader may not know it."""
        self._seen: tuple[str, m.RoomState | None] | None = None
        always = (_Phase.OPEN,)
        table.register(
            Scope("room", lambda _: _Phase.OPEN),
            {
                m.RoomJoin: Rule(self._on_join, always),
                m.RoomState: Rule(self._on_state, always),
                m.RoomAsk: Rule(self._on_ask, always),
                m.RoomRefused: Rule(self._on_refused, always),
                m.RoomLeave: Rule(self._on_leave, always),
                m.RoomOffer: Rule(self._offers.received, always),
                m.RoomCommit: Rule(self._on_commit, always),
                m.RoomReveal: Rule(self._on_reveal, always),
                m.RoomRound: Rule(self._on_round, always),
            },
        )
        self.commands: Mapping[type[c.Command], Callable[[Any, float], None]] = {
            c.OpenRoom: self.open,
            c.JoinRoom: self.join,
            c.LeaveRoom: lambda _, now: self.leave(now),
            c.LeaveRound: self._leave_round,
            c.SetReady: lambda command, now: self._ask("ready", now, int(command.ready)),
            c.SetLocalPlayers: self._set_local,
            c.HoldRound: lambda command, now: self._ask("hold", now, int(command.hold)),
            c.CastVote: lambda command, now: self._ask("ballot", now, int(command.yes)),
            c.StartVote: self._start_vote,
            c.SetSeat: lambda command, now: self._lead(
                lambda leader: leader.set_seat(command.seat, command.kind, command.level, command.team, now),
                now,
            ),
            c.SetRoomGame: self._set_game,
            c.SetTeams: lambda command, now: self._lead(
                lambda leader: leader.set_teams(command.count, now), now
            ),
            c.SetSeries: lambda command, now: self._lead(
                lambda leader: leader.set_series(command.first_to), now
            ),
            c.SetLocked: lambda command, now: self._lead(
                lambda leader: leader.set_locked(command.locked), now
            ),
            c.Kick: lambda command, now: self._lead(lambda leader: leader.kick(command.peer, now), now),
            c.HandOver: self._hand_over,
            c.StartRound: lambda _, now: self._lead(lambda leader: leader.start(now), now),
            c.InviteIntoRoom: self._invite,
            c.DeclineRoom: lambda command, now: self._offers.decline(command.room, now),
        }

    # --- what the lobby asks

    @property
    def inside(self) -> bool:
        """True while we are in a room, or on the way into one."""
        return self._here is not None

    def is_member(self, peer: PeerId) -> bool:
        """Whether `peer` is in our room."""
        return self._here is not None and peer in self._here.peers

    def name_of(self, peer: str) -> str:
        """The name of a member of our room; empty if it is none."""
        state = self._here.state if self._here is not None else None
        members = state.members if state is not None else ()
        return next((member_name(peer, member.name) for member in members if member.peer == peer), "")

    def chat_place(self) -> Place | None:
        """Where the members talk."""
        here = self._here
        if here is None or here.state is None:
            return None
        links: Mapping[PeerId, int] = here.links
        if here.leader is None:
            connection = self._connections.links.get(here.link) if here.link is not None else None
            links = {connection.peer: here.link} if connection is not None and here.link is not None else {}
        leader = PeerId(here.state.leader) if here.leader is None else self._me
        return Place(bytes.fromhex(here.id), leader, here.peers, links, room=True)

    def may_watch(self, peer: PeerId, room: str) -> bool:
        """Whether `peer` may watch a match of that room."""
        return self._here is not None and self._here.id == room and peer in self._here.peers

    def view(self, now: float) -> RoomView | None:
        """The room to be drawn, if we are in one."""
        if self._here is None:
            return None
        return view_of(self._here, self._me, self._registry, self._connections, self._impostor)

    def changed(self) -> bool:
        """Whether there is something new to be drawn since the last call."""
        here = self._here
        newest = (here.id, here.state) if here is not None else None
        was, self._seen = self._seen, newest
        if was is None or newest is None:
            return was is not newest
        return was[0] != newest[0] or was[1] is not newest[1]

    def forget_shown(self) -> None:
        """Something beside the state changed."""
        if self._here is not None:
            self._seen = None

    @property
    def listed(self) -> ListedRoom | None:
        """The room as our beacons announce it; None if we lead none."""
        here = self._here
        return line_of(here.state) if here is not None and here.state is not None and here.leader else None

    def match_started(self, match: str, now: float) -> None:
        """A match runs here, of the room or not."""
        self._rounds.match_started(match, now)
        self._sync(now)

    def host_changed(self, match: str, host: PeerId, now: float) -> None:
        """Another member carries the match that we play or watch: who comes late asks it."""
        self._host = match, host
        here = self._here
        if here is not None and here.leader is not None:
            here.leader.host_changed(match, host)
            self._sync(now)

    def match_ended(self, match: str, winners: tuple[int, ...], now: float) -> None:
        """A match is over. `winners`: player indices."""
        self._rounds.match_ended(match, winners, now)
        self._sync(now)

    def block(self, peer: PeerId, now: float) -> None:
        """Nothing of `peer` any more."""
        here = self._here
        if here is None or here.state is None:
            return
        if here.leader is not None:
            here.leader.kick(peer, now)
            here.links.pop(peer, None)
            self._sync(now)
        elif here.state.leader == peer:
            self.leave(now)

    # --- our player

    def open(self, command: c.OpenRoom, now: float) -> None:
        """Open a room. Raises `LocalProtocolError`."""
        self._check_outside()
        plugin = self._plugin(command.game)
        config = plugin.game.config_type() if command.config is None else command.config
        if command.seats:
            check_players(plugin.game, command.seats)
        if command.bots and not plugin.has_bot:
            raise LocalProtocolError("no_bot", game=plugin.game.title)
        room = self._token_bytes(8).hex()
        state = new_room(
            room,
            self._me,
            self._name(),
            plugin,
            encode(config),
            seats=command.seats,
            bots=command.bots,
            local=min(max(command.local, 0), LOCAL_MAX),
            frames=self._frames,
            rounds=max(command.rounds, 0),
            first_to=min(max(command.first_to, 0), SERIES_MAX),
        )
        self._here = Membership(id=room, target=self._me, local=command.local, state=state)
        self._connections.emit(e.RoomJoined(room=room, leader=self._me, game=state.game))
        self._start_leading(
            Leader(state, self._me, self._registry.get, now, admits_watcher=self._admits_watcher), now
        )

    def join(self, command: c.JoinRoom, now: float) -> None:
        """Ask to be let into a room that is listed or was offered. Raises `LocalProtocolError`."""
        if self._here is not None and self._here.id == command.room:
            return
        self._check_outside()
        vouched = self._offers.vouched(command.room)
        listed = self.find(command.room)
        if listed is None or vouched:
            listed = self._offers.get(command.room) or listed
        if listed is None:
            raise LocalProtocolError("no_such_room")
        self._offers.take(command.room)
        here = Membership(
            id=command.room,
            target=PeerId(listed.leader),
            local=min(max(command.local, 0), LOCAL_MAX),
            listed=listed,
            vouched=vouched,
            seek_until=now + ROOM_JOIN_TIMEOUT,
            retry_at=now,
        )
        self._here = here
        self._sync(now)

    def leave(self, now: float) -> None:
        """Leave the room: whoever is next leads it, if we did."""
        self._leave_match(now)
        self.close(now)

    def close(self, now: float) -> None:
        """As `leave`, but a match that runs is not left: it may be gone on with."""
        here = self._here
        if here is None:
            return
        if here.leader is not None:
            heir = next((peer for peer in here.peers if peer in here.links and peer != self._me), None)
            here.leader.leave(self._me, now)
            state = here.leader.hand_over(heir) if heir is not None else ""
            if isinstance(state, m.RoomState):
                self._broadcast(here, state)
            for link in here.links.values():
                self._send(link, m.RoomLeave(room=here.id, reason="closed" if heir is None else "left"))
        elif here.link is not None:
            self._send(here.link, m.RoomLeave(room=here.id, reason="left"))
        self._out("left")

    def _leave_round(self, command: c.LeaveRound, now: float) -> None:
        """Stop playing, and watch."""
        del command
        self._leave_round_played(now)
        self._ask("local", now, 0)

    def _set_local(self, command: c.SetLocalPlayers, now: float) -> None:
        self._ask("local", now, min(max(command.count, 0), LOCAL_MAX))

    def _start_vote(self, command: c.StartVote, now: float) -> None:
        if command.kind not in _VOTES:
            raise LocalProtocolError("no_such_vote")
        self._ask(_VOTES[command.kind], now, argument=command.argument[:26])

    def _set_game(self, command: c.SetRoomGame, now: float) -> None:
        plugin = self._plugin(command.game)
        config = plugin.game.config_type() if command.config is None else command.config
        data = encode(config)
        self._lead(lambda leader: leader.set_game(plugin, data, now), now)

    def _hand_over(self, command: c.HandOver, now: float) -> None:
        here = self._inside()
        if here.leader is None:
            raise LocalProtocolError("not_leader")
        if command.peer not in here.links:
            raise LocalProtocolError("no_member")
        state = here.leader.hand_over(command.peer)
        if not isinstance(state, m.RoomState):
            raise LocalProtocolError(state)
        self._broadcast(here, state)
        self._follow_another(here, state, now)

    def _invite(self, command: c.InviteIntoRoom, now: float) -> None:
        here = self._inside()
        state = here.state
        if state is None:
            raise LocalProtocolError("no_room")
        peer = PeerId(command.peer)
        offer = m.RoomOffer(room=here.id, leader=state.leader, game=state.game, digest=state.digest)
        self._offers.send(peer, offer, now)

    def _ask(self, what: AskKind, now: float, value: int = 0, argument: str = "") -> None:
        """Ask the leader, who may be ourselves. Raises `LocalProtocolError`."""
        here = self._inside()
        if what == "local":
            here.local = value
        message = m.RoomAsk(room=here.id, what=what, value=value, argument=argument)
        if here.leader is not None:
            self._lead(lambda leader: leader.ask(self._me, message, now), now)
        elif here.link is not None:
            self._send(here.link, message)
        else:
            raise LocalProtocolError("no_leader")

    def _lead(self, what: Callable[[Leader], str], now: float) -> None:
        """Do what the leader alone may do. Raises `LocalProtocolError`."""
        here = self._inside()
        if here.leader is None:
            raise LocalProtocolError("not_leader")
        before = set(here.links)
        refusal = what(here.leader)
        for peer in before - set(here.leader.peers):  # it was removed
            self._send(here.links.pop(peer), m.RoomLeave(room=here.id, reason="kicked"))
        if refusal:
            raise LocalProtocolError(refusal)
        self._sync(now)

    # --- links and time (LinkUser)

    def uses(self, link: int) -> bool:
        if self._offers.uses(link):
            return True
        here, connection = self._here, self._connections.links.get(link)
        if here is None or connection is None:
            return False
        if link == here.link or link == here.links.get(connection.peer):
            return True
        member = connection.peer == here.target or connection.peer in here.peers
        return member and self._connections.link_to(connection.peer) == link

    def link_opened(self, link: int, peer: PeerId, purpose: object, now: float) -> None:
        self._mesh.opened(purpose, now)
        self._offers.link_opened(link, peer, now)
        here = self._here
        if here is None:
            return
        here.unreached.discard(peer)
        if here.leader is not None and peer in here.peers and peer not in here.links:
            self._show(here, link)  # it may have lost us
        elif here.seeking and peer == self._goal(here):
            here.retry_at = now
        self._sync(now)

    def link_closed(
        self, link: int, code: str, params: Mapping[str, Param], now: float, *, remote: bool
    ) -> None:
        del params
        self._offers.link_closed(link)
        here = self._here
        if here is None:
            return
        for peer, theirs in list(here.links.items()):
            if theirs == link:
                self._lost(here, peer, now)
        if link == here.link:
            self._seek(here, now)
            if remote and CloseCode.of(code).goodbye and here.state is not None:
                here.unreached.add(PeerId(here.state.leader))
        self._sync(now)

    def dial_failed(self, purpose: object, now: float) -> None:
        self._offers.dial_failed(purpose, now)
        peer, here = self._mesh.dial_failed(purpose, now), self._here
        if here is not None and peer is not None and here.seeking and here.state is not None:
            here.unreached.add(peer)
            here.retry_at = now
            self._sync(now)

    def next_deadline(self) -> float | None:
        here = self._here
        times = [self._offers.next_deadline(), self._mesh.next_deadline(), self._rounds.next_deadline()]
        if here is not None:
            if here.seeking:
                times += [here.retry_at, here.seek_until]
            if here.leader is not None:
                times.append(here.leader.next_deadline())
                if here.leader.changed:
                    times.append(here.published_at + PUBLISH_INTERVAL)
        return min((at for at in times if at is not None), default=None)

    def handle_timeout(self, now: float) -> None:
        self._offers.handle_timeout(now)
        here = self._here
        if here is not None:
            if here.leader is not None:
                here.leader.handle_timeout(now)
            if here.seeking and now >= here.seek_until:
                self._out("unreachable")
        self._sync(now)
        self._mesh.handle_timeout(now)
        self._rounds.handle_timeout(now)

    # --- messages: into the room, and out of it

    def _on_join(self, link: int, message: m.RoomJoin, now: float) -> None:
        connection, here = self._connections.links[link], self._here
        if here is None or here.id != message.room:
            self._send(link, m.RoomLeave(room=message.room, reason="no_such_room"))
            return
        if here.leader is None:
            if not here.seeking and here.state is not None:
                self._send(link, m.RoomLeave(room=here.id, reason="moved", leader=here.state.leader))
            return
        peer = connection.peer
        if here.links.get(peer, link) != link and here.links[peer] in self._connections.links:
            self._send(link, m.RoomLeave(room=here.id, reason="already_there"))
            return
        refusal = here.leader.join(peer, connection.name, message.local, now)
        if refusal == "full" and self._knows(peer) and self._displace(here, here.leader, now):
            refusal = here.leader.join(peer, connection.name, message.local, now)
        if refusal:
            self._send(link, m.RoomLeave(room=here.id, reason=refusal))
            return
        here.links[peer] = link
        if peer in here.leader.parties:
            self._publish(here, now)
            for told in here.leader.collection.told() if here.leader.collection is not None else ():
                self._send(link, told)
        elif here.leader.changed:
            self._sync(now)
        else:
            self._show(here, link)

    def _displace(self, here: Membership, leader: Leader, now: float) -> bool:
        """Keys cost nothing, so strangers could fill the room: one of them gives its place to somebody that we know."""
        strangers = [peer for peer in leader.replaceable if not self._knows(peer)]
        if not strangers:
            return False
        leader.leave(strangers[0], now)
        link = here.links.pop(strangers[0], None)
        if link is not None:
            self._send(link, m.RoomLeave(room=here.id, reason="full"))
        return True

    def _on_state(self, link: int, message: m.RoomState, now: float) -> None:
        """Raises `RemoteProtocolError("bad_room")`."""
        here, peer = self._here, self._connections.links[link].peer
        if here is None or here.id != message.room:
            return
        if here.leader is not None:
            if peer == message.leader and here.state is not None:
                check(message, self._me)
                self._meet_rival(here, link, message, now)
            return
        check(message, self._me)
        state = here.state
        if state is None:
            if peer == here.target and message.leader == peer:
                self._accept(here, link, message, now)
        elif peer == state.leader and not here.seeking:
            if (message.term, message.number) > (state.term, state.number):
                if message.leader == peer:
                    self._accept(here, link, message, now)
                elif self._playable(here, link, message):
                    self._follow_another(here, message, now)
        elif here.seeking and peer == message.leader and peer == self._goal(here):
            self._accept(here, link, message, now)
        self._sync(now)

    def _on_leave(self, link: int, message: m.RoomLeave, now: float) -> None:
        here, peer = self._here, self._connections.links[link].peer
        if self._offers.declined(link, message.room) or here is None or here.id != message.room:
            return
        if here.leader is not None:
            if message.reason == "moved" and message.leader == peer and not here.links:
                here.leader = None  # nobody follows us: ask to be let in again
                self._seek(here, now)
                here.target = peer
            elif here.links.get(peer, link) == link and peer in here.peers:
                here.links.pop(peer, None)
                (here.leader.leave if message.reason == "left" else here.leader.lost)(peer, now)
        elif peer == self._goal(here) or link == here.link:
            self._sent_away(here, peer, message, now)
        self._sync(now)

    def _sent_away(self, here: Membership, peer: PeerId, message: m.RoomLeave, now: float) -> None:
        """Whom we follow, or ask to be let in, says no."""
        if message.reason in _TRY_AGAIN:
            if not here.seeking:
                self._seek(here, now)
            here.retry_at = now + ROOM_RETRY
            if message.leader and message.leader not in (peer, self._me):
                here.target = PeerId(message.leader)
        elif message.reason == "left" or (message.reason == "no_such_room" and here.state is not None):
            here.unreached.add(peer)  # it leads us no more
            if not here.seeking:
                self._seek(here, now)
        else:
            self._out(message.reason if message.reason in _LEFT_REASONS else "refused")

    # --- messages: to the leader

    def _on_ask(self, link: int, message: m.RoomAsk, now: float) -> None:
        here, peer = self._from_member(link, message.room)
        if here is None or here.leader is None:
            return
        refusal = here.leader.ask(peer, message, now)
        if refusal:
            self._send(link, m.RoomRefused(room=here.id, reason=refusal))
        self._let_go(here)
        self._sync(now)

    def _on_commit(self, link: int, message: m.RoomCommit, now: float) -> None:
        if self._from_leader(link, message.room):
            self._rounds.committed(message, now)
            return
        here, peer = self._from_member(link, message.room)
        if here is not None:
            self._committed(here, peer, message, now)

    def _on_reveal(self, link: int, message: m.RoomReveal, now: float) -> None:
        if self._from_leader(link, message.room):
            self._rounds.revealed(message, now)
            return
        here, peer = self._from_member(link, message.room)
        if here is not None:
            self._revealed(here, peer, message, now)

    def _on_round(self, link: int, message: m.RoomRound, now: float) -> None:
        here, peer = self._from_member(link, message.room)
        if here is not None and here.leader is not None:
            here.leader.news(peer, message, now)
            self._sync(now)

    def _on_refused(self, link: int, message: m.RoomRefused, now: float) -> None:
        del now
        if self._from_leader(link, message.room):
            self._connections.emit(e.ErrorEvent(code="not_now", params={"reason": message.reason}))

    def _from_leader(self, link: int, room: str) -> bool:
        here = self._here
        return here is not None and here.id == room and link == here.link

    def _from_member(self, link: int, room: str) -> tuple[Membership | None, PeerId]:
        """The room that we lead, if the other side of `link` is a member of it; a stranger is told that it is not."""
        here, peer = self._here, self._connections.links[link].peer
        if here is None or here.id != room:
            self._send(link, m.RoomLeave(room=room, reason="no_such_room"))
        elif here.leader is not None and here.links.get(peer) == link:
            return here, peer
        elif here.leader is not None:
            self._send(link, m.RoomLeave(room=room, reason="not_a_member"))
        return None, peer

    def _committed(self, here: Membership, peer: PeerId, message: m.RoomCommit, now: float) -> None:
        if here.leader is None:
            return
        every = here.leader.commit(peer, message, now)
        if every is not None:
            self._tell_parties(here, every)
            if self._me in here.leader.parties:
                self._rounds.committed(every, now)

    def _revealed(self, here: Membership, peer: PeerId, message: m.RoomReveal, now: float) -> None:
        if here.leader is None:
            return
        every = here.leader.reveal(peer, message, now)
        if every is not None:
            self._tell_parties(here, every)
            if self._me in here.leader.parties:
                self._rounds.revealed(every, now)

    def _tell_parties(self, here: Membership, message: m.Message) -> None:
        for peer in here.leader.parties if here.leader is not None else ():
            if peer in here.links:
                self._send(here.links[peer], message)

    def _say(self, message: m.Message, now: float) -> None:
        """To whoever leads. What cannot be said now is said again when the leader is found."""
        here = self._here
        if here is None:
            return
        if here.leader is None:
            if here.link is not None:
                self._send(here.link, message)
            return
        match message:
            case m.RoomCommit():
                self._committed(here, self._me, message, now)
            case m.RoomReveal():
                self._revealed(here, self._me, message, now)
            case m.RoomRound():
                here.leader.news(self._me, message, now)
            case _:
                pass

    # --- following

    def _accept(self, here: Membership, link: int, state: m.RoomState, now: float) -> None:
        """The leader says how the room is. Raises `RemoteProtocolError("bad_room")`."""
        if not self._playable(here, link, state):
            return
        found = here.seeking
        ours = next(member for member in state.members if member.peer == self._me)
        if not ours.connected:  # it thinks that we are gone
            if not here.seeking:
                self._seek(here, now)
            here.target = PeerId(state.leader)
            here.retry_at = now
            return
        here.found(link)
        if here.state is None:
            self._connections.emit(e.RoomJoined(room=here.id, leader=state.leader, game=state.game))
            self._take(here, state, now, anew=True)
            return
        self._take(here, state, now, anew=found)

    def _playable(self, here: Membership, link: int, state: m.RoomState) -> bool:
        """Whether we have what the room plays, as whoever leads it says; else we leave. Raises as `_accept`."""
        plugin = self._registry.get(state.game)
        if plugin is None or plugin.digest != state.digest or not _readable(plugin, state.config):
            self._send(link, m.RoomLeave(room=here.id, reason="left"))
            self._out("incompatible")
            return False
        check_round(state, plugin.game)
        return True

    def _follow_another(self, here: Membership, state: m.RoomState, now: float) -> None:
        """Our leader, or we, made another member the leader."""
        here.leader = None
        here.links.clear()
        if state.leader == self._me:
            self._take(here, state, now, anew=True)
            self._start_leading(self._taken_over(state, now), now, since=now)
            return
        self._take(here, state, now, anew=False)
        here.unreached.clear()
        self._seek(here, now)
        self._sync(now)

    def _seek(self, here: Membership, now: float) -> None:
        """Look for who leads."""
        here.link = None
        here.seek_until = now + SEEK_TIMEOUT
        here.retry_at = now
        if here.state is not None:
            here.target = PeerId(here.state.leader)

    def _goal(self, here: Membership) -> PeerId:
        """Who should lead, for all that we know."""
        if here.state is None:
            return here.target
        return successor(here.peers, here.target, here.unreached, self._me)

    def _look_for_leader(self, here: Membership, now: float) -> None:
        listed = self.find(here.id) if here.state is None and not here.vouched else None
        if listed is not None and here.listed is not None and listed.leader != here.listed.leader:
            here.listed, here.target = listed, PeerId(listed.leader)  # it went to another before we were in
        goal = self._goal(here)
        if goal == self._me and here.state is not None:
            self._start_leading(self._taken_over(here.state, now), now)
            return
        here.retry_at = now + ROOM_RETRY
        link = self._connections.link_to(goal)
        if link is None:
            self._mesh.call(goal, now)
            return
        term, number = (here.state.term, here.state.number) if here.state is not None else (0, 0)
        self._send(link, m.RoomJoin(room=here.id, local=here.local, term=term, number=number))

    # --- leading

    def _taken_over(self, state: m.RoomState, now: float) -> Leader:
        return Leader.take_over(state, self._me, self._registry.get, now, admits_watcher=self._admits_watcher)

    def _start_leading(self, leader: Leader, now: float, since: float = float("-inf")) -> None:
        """`since`: when the room was last shown to its members, which know who leads it now."""
        here = self._inside()
        here.leader = leader
        leader.host_changed(*self._host)
        here.links.clear()
        here.found(None)
        here.published_at = since
        here.shown = leader.state
        self._sync(now)
        for peer in here.peers:
            link = self._connections.link_to(peer) if peer != self._me else None
            if link is not None:
                self._show(here, link)
        self._rounds.tell_again(now)
        self._sync(now)

    def _meet_rival(self, here: Membership, link: int, theirs: m.RoomState, now: float) -> None:
        """Another member leads our room, too: we could not hear each other."""
        leader = here.leader
        if leader is None:
            return
        if theirs.leader not in here.peers:  # it was removed while it did not hear us
            self._send(link, m.RoomLeave(room=here.id, reason="moved", leader=self._me))
        elif outranks(leader.state, len(here.links), theirs):
            state = replace(leader.state, leader=theirs.leader, number=leader.state.number + 1)
            self._broadcast(here, state)
            self._follow_another(here, state, now)
        elif here.answered != (theirs.term, theirs.number):
            here.answered = (theirs.term, theirs.number)
            self._show(here, link)

    def _lost(self, here: Membership, peer: PeerId, now: float) -> None:
        """The link of a member is gone."""
        here.links.pop(peer, None)
        if here.leader is not None:
            here.leader.lost(peer, now)

    def _let_go(self, here: Membership) -> None:
        """Tell those who were voted out."""
        if here.leader is not None:
            for peer in set(here.links) - set(here.leader.peers):
                self._send(here.links.pop(peer), m.RoomLeave(room=here.id, reason="kicked"))

    def _publish(self, here: Membership, now: float) -> None:
        """Send the state to all."""
        if here.leader is None:
            return
        here.published_at = now
        state = here.leader.published(now)
        self._broadcast(here, state)
        self._take(here, state, now, anew=False)

    def _broadcast(self, here: Membership, state: m.RoomState) -> None:
        here.shown = state
        for link in here.links.values():
            self._send(link, state)

    def _show(self, here: Membership, link: int) -> None:
        """Tell a member that we do not hear how the room is, and that we lead it."""
        if here.shown is not None:
            self._send(link, here.shown)

    # --- inside

    def _sync(self, now: float) -> None:
        """After everything that happened: what follows for links, the leader's state, and whom we look for."""
        here = self._here
        if here is None:
            return
        links = self._connections.links
        for peer, link in list(here.links.items()):
            if link not in links:  # closed by another user, without a word
                self._lost(here, peer, now)
        if here.link is not None and here.link not in links:
            self._seek(here, now)
        if here.leader is not None:
            self._let_go(here)
            while here.leader is not None and here.leader.changed and self._may_publish(here, now):
                self._publish(here, now)
        elif here.seeking and now >= here.retry_at:
            self._look_for_leader(here, now)

    def _may_publish(self, here: Membership, now: float) -> bool:
        return now >= here.published_at + PUBLISH_INTERVAL

    def _take(self, here: Membership, state: m.RoomState, now: float, *, anew: bool) -> None:
        """The room looks like this now."""
        old, here.state = here.state, state
        here.until = now + state.left / 1000 if state.left else None
        here.vote_until = now + state.vote.left / 1000 if state.vote is not None else 0.0
        if old is not None:
            self._connections.emit(*changes(old, state, self._me))
            kicked = {one.peer for one in state.kicked} & {member.peer for member in old.members}
            for peer in kicked - set(here.peers):
                self._kick(PeerId(peer), now)
        self._mesh.want(self._to_dial(here, state), now)
        begins = old is None or old.phase != "gathering" or old.leader != state.leader
        self._rounds.follow(state, now, anew=anew, begins=begins)

    def _to_dial(self, here: Membership, state: m.RoomState) -> list[PeerId]:
        """Members to whom we keep a link: of two that play, the later one dials; the leader also whom it lost."""
        peers = list(here.peers)
        place = peers.index(self._me)
        plays = {member.peer for member in state.members if member.local}
        lost = {member.peer for member in state.members if not member.connected}
        return [
            peer
            for number, peer in enumerate(peers)
            if peer != self._me
            and (
                (number < place and (peer == state.leader or {peer, self._me} <= plays))
                or (here.leader is not None and peer in lost)
            )
        ]

    def _out(self, reason: str) -> None:
        """We are no longer in the room."""
        here, self._here = self._here, None
        if here is None:
            return
        self._rounds.leave()
        self._mesh.want((), 0.0)
        members = {here.target, *here.peers}
        for link, connection in list(self._connections.links.items()):
            if connection.peer in members:
                self._connections.close(link, "done")
        self._connections.emit(e.RoomLeft(room=here.id, reason=reason))

    def _send(self, link: int, message: m.Message) -> None:
        if link in self._connections.links:
            self._connections.send(link, message)

    def _inside(self) -> Membership:
        if self._here is None:
            raise LocalProtocolError("no_room")
        return self._here

    def _check_outside(self) -> None:
        if self._here is not None:
            raise LocalProtocolError("in_room")
        self._check_free()

    def _plugin(self, game: str) -> Plugin:
        plugin = self._registry.get(game)
        if plugin is None:
            raise LocalProtocolError("no_such_game", game=game)
        if plugin.game.min_players > PLAYERS_MAX:
            raise LocalProtocolError("not_so_many")
        return plugin


def _readable(plugin: Plugin, config: bytes) -> bool:
    try:
        plugin.game.decode_config(config)
    except Exception:  # DecodeError, or any exception of third-party rules
        return False
    return True
