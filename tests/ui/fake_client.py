"""A client without a network: tests say what the other side does, the rules are the real ones."""

import re
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import msgspec

from p2pgame.core.errors import P2PGameError, Param
from p2pgame.core.game import EndedBy, Outcome, Setup
from p2pgame.core.ids import PeerId
from p2pgame.core.registry import Plugin, Registry
from p2pgame.core.snapshot import state_hash
from p2pgame.discovery.peer import Peer
from p2pgame.replay.entry import HistoryEntry, Score
from p2pgame.replay.reader import Replay
from p2pgame.session import events as ev
from p2pgame.session.commands import Command
from p2pgame.session.people.known_peer import KnownPeer, Trust
from p2pgame.session.people.trust_store import NO_WARNING, TrustWarning
from p2pgame.session.room_view import ListedRoom, RoomMember, RoomSeat, RoomView
from p2pgame.session.status import RUNNING, Status, StatusCode
from p2pgame.session.view import MatchView
from tests.ui.live_match import LiveMatch

ME = "q7f3k2aaaaaaaaaaaaaaaaaaaa"


def peer_id(number: int) -> PeerId:
    """A well-formed id, different for each number below 17,576."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    last = letters[number // 676]
    return PeerId(f"{letters[number % 26]}{letters[number // 26 % 26]}7x" + "a" * 21 + last)


_NOTED = frozenset(
    {
        "open_room", "join_room", "leave_room", "leave_round", "set_ready", "set_local_players", "set_seat",
        "set_room_game", "set_series", "set_teams", "set_locked", "kick", "hand_over", "start_round", "hold_round",
        "invite_into_room", "decline_room", "start_vote", "cast_vote", "drop_absent", "ask_takeback", "answer_takeback",
        "offer_draw", "refuse_draw", "give_time",
    }
)  # fmt: skip


def member(name: str, number: int = 0, **fields: Any) -> RoomMember:
    """A member of a room; number 0: we."""
    return RoomMember(peer=peer_id(number) if number else ME, name=name, **fields)


def person(name: str, number: int = 0, **fields: Any) -> RoomSeat:
    """A seat with a person; number 0: one of ours."""
    return RoomSeat(kind="person", peer=peer_id(number) if number else ME, name=name, **fields)


def room_of(members: Sequence[RoomMember], seats: Sequence[RoomSeat], **fields: Any) -> RoomView:
    """A room for Tron that we lead, unless `fields` say otherwise."""
    values: dict[str, Any] = {
        "room": "00112233aabbccdd", "leader": ME, "me": ME, "game": "tron", "config": None,
        "members": tuple(members), "seats": tuple(seats),
    }  # fmt: skip
    return RoomView(**(values | fields))


@cache
def _games() -> list[Plugin]:
    """To load one reads its rules."""
    return [Plugin(f"p2pgame.games.{name}") for name in ("gomoku", "pong", "tron")]


class FakeClient:
    """Implements `p2pgame.ui.client.Client`; `calls` has what the app asked for, newest last."""

    def __init__(self, name: str = "Anna", clock: Callable[[], float] = lambda: 0.0) -> None:
        """`clock` is what real-time matches run by."""
        self.registry = Registry(_games())
        self.clock = clock
        self.live: LiveMatch | None = None
        """The real-time match that is on."""
        self.peer_id: str = ME
        self.name = name
        self.addresses: Sequence[str] = ("192.168.1.23:41421",)
        self.calls: list[tuple[Any, ...]] = []
        self.round_trips: tuple[str, ...] = ()
        """Whose round trips the app wants to be measured."""
        self.hall = 0
        self.checked: list[str] = []
        """The peers that the app wanted to know of whether they can be reached."""
        self.closed = False
        self.resumes = True
        self._events: list[ev.Event] = []
        self._peers: dict[str, Peer] = {}
        self._match: MatchView | None = None
        self._invites = 0
        self._open: tuple[str, str, str, Any, bool] | None = None
        """Invite id, peer, game, config, ours."""
        self._matches = 0
        self._known: dict[str, KnownPeer] = {}
        self.entries: list[HistoryEntry] = []
        """The history, newest first."""
        self.scores: dict[str, Score] = {}
        self.replays: dict[str, Replay] = {}
        self.saved: dict[str, MatchView] = {}
        """Interrupted matches: what there is to see once one is resumed."""
        self.room_view: RoomView | None = None
        self.listed: list[ListedRoom] = []
        """The rooms of others."""
        self.impostors: dict[str, str] = {}
        """Warnings by peer id."""

    # what the app calls

    def drain(self) -> Sequence[ev.Event]:
        events, self._events = self._events, []
        return events

    def peers(self) -> Sequence[Peer]:
        return tuple(self._peers.values())

    def match(self) -> MatchView | None:
        if self.live is not None and self._match is not None and self._match.outcome is None:
            self._match = self.live.advance()
            if (outcome := self.live.game.outcome(self._match.state)) is not None:
                self.end(outcome)
        return self._match

    def set_name(self, name: str) -> None:
        self.calls.append(("set_name", name))
        self.name = name

    def add_seed(self, address: str) -> None:
        self.calls.append(("add_seed", address))

    def invite(self, peer: str, game: str, config: Any, *, anyway: bool = False) -> None:
        self.calls.append(
            ("invite", peer, game, config, "anyway") if anyway else ("invite", peer, game, config)
        )
        self._invites += 1
        invite = f"{self._invites:04x}"
        self._open = (invite, peer, game, config, True)
        self.tell(ev.InviteSent(invite=invite, peer=peer, name=self.name_of(peer), game=game, expires=30.0))

    def cancel_invite(self) -> None:
        self.calls.append(("cancel_invite",))
        if self._open:
            invite, peer, game, _, _ = self._open
            self._open = None
            name = self.name_of(peer)
            self.tell(ev.InviteCancelled(invite=invite, peer=peer, name=name, game=game, reason="cancelled"))

    def send(self, command: Command) -> None:
        """Carry `command` out by the method below that is called like it; others are only noted."""
        name = re.sub(r"(?<!^)(?=[A-Z])", "_", type(command).__name__).lower()
        fields = msgspec.structs.asdict(command)
        if name in _NOTED:
            self.calls.append((name, *fields.values()))
        else:
            getattr(self, name)(**fields)

    def set_avatar(self, avatar: int | None) -> None:
        self.calls.append(("set_avatar", avatar))

    def show_round_trips(self, peers: tuple[str, ...]) -> None:
        self.round_trips = peers

    @property
    def hall_count(self) -> int:
        return max(self.hall, len(self._peers) + 1)

    def check_reach(self, peer: str) -> None:
        self.checked.append(peer)

    def accept(self, invite: str) -> None:
        self.calls.append(("accept", invite))
        self._begin()

    def decline(self, invite: str) -> None:
        self.calls.append(("decline", invite))
        if self._open:
            _, peer, game, _, _ = self._open
            self._open = None
            fields = {"invite": invite, "peer": peer, "name": self.name_of(peer), "game": game}
            self.tell(ev.InviteDeclined(**fields, reason="declined"))

    def submit(self, move: Any, seat: int | None = None) -> None:
        self.calls.append(("submit", move) if seat is None else ("submit", move, seat))
        assert self._match is not None
        player = self._match.me if seat is None else seat
        if self.live is not None:
            self.live.inputs[player] = move
        else:
            self._play(player, move)

    def set_impairment(self, latency_ms: int, jitter_ms: int, loss: float) -> None:
        self.calls.append(("set_impairment", latency_ms, jitter_ms, loss))

    def set_input_delay(self, frames: int) -> None:
        self.calls.append(("set_input_delay", frames))

    def set_privacy(self, invite: str, watch: str, chat: str) -> None:
        self.calls.append(("set_privacy", invite, watch, chat))

    def wait(self, seconds: float) -> None:
        del seconds

    def new_identity(self) -> None:
        self.calls.append(("new_identity",))

    def resign(self) -> None:
        self.calls.append(("resign",))
        if self._match is not None:
            self.end(Outcome.by(EndedBy.RESIGNED, (1 - self._match.me,)))

    def break_off(self, game: str, error: str, place: str) -> None:
        self.calls.append(("break_off", game, error, place))
        if self._match is not None and self._match.outcome is None and self._match.game == game:
            self.end(Outcome.by(EndedBy.FAULT))

    def rematch(self) -> None:
        self.calls.append(("rematch",))
        assert self._match is not None
        self.invite(self._match.players[1 - self._match.me], self._match.game, self._match.config)

    def leave(self) -> None:
        self.calls.append(("leave",))
        self._match = None

    def claim(self) -> None:
        self.calls.append(("claim",))
        if self._match is not None:
            self.end(Outcome.by(EndedBy.CLAIMED, (self._match.me,)))

    def answer_dispute(self, go_on: bool) -> None:
        self.calls.append(("answer_dispute", go_on))

    def resume(self, match: str) -> None:
        self.calls.append(("resume", match))
        if match in self.saved:
            self._match = self.saved.pop(match)
            adjourned = self._match.status.code is StatusCode.ADJOURNED
            self.tell(ev.MatchPaused(match=match, reason="adjourned" if adjourned else "restarted"))

    def not_now(self, match: str) -> None:
        self.calls.append(("not_now", match))

    def adjourn(self) -> None:
        self.calls.append(("adjourn",))

    def refuse_adjourn(self) -> None:
        self.calls.append(("refuse_adjourn",))

    def abandon(self, match: str) -> None:
        self.calls.append(("abandon", match))

    def room(self) -> RoomView | None:
        return self.room_view

    def rooms(self) -> Sequence[ListedRoom]:
        return tuple(self.listed)

    def history(self) -> Sequence[HistoryEntry]:
        return tuple(self.entries)

    def score(self, peer: str) -> Score:
        return self.scores.get(peer, Score())

    def replay(self, match: str) -> Replay:
        if match not in self.replays:
            raise P2PGameError("no_replay")
        return self.replays[match]

    def delete_replay(self, match: str) -> None:
        self.calls.append(("delete_replay", match))
        self.entries = [entry for entry in self.entries if entry.match != match]

    def trust(self, peer: str) -> Trust:
        known = self._known.get(peer)
        if known is not None and known.blocked:
            return Trust.BLOCKED
        if known is not None and known.verified:
            return Trust.VERIFIED
        if peer in self.impostors:
            return Trust.IMPOSTOR
        return Trust.MET if known is not None and known.met_at else Trust.NEW

    def warning(self, peer: str) -> TrustWarning:
        if self.trust(peer) is not Trust.IMPOSTOR:
            return NO_WARNING
        return TrustWarning("impostor", {"name": self.impostors[peer]})

    def known(self) -> Sequence[KnownPeer]:
        return tuple(sorted(self._known.values(), key=lambda known: -known.met_at))

    def verify(self, peer: str) -> None:
        self.calls.append(("verify", peer))

    def confirm_code(self, peer: str) -> None:
        self.calls.append(("confirm_code", peer))

    def reject_code(self, peer: str) -> None:
        self.calls.append(("reject_code", peer))

    def set_blocked(self, peer: str, blocked: bool) -> None:
        self.calls.append(("set_blocked", peer, blocked))
        self.know(peer, blocked=blocked)

    def say(self, text: str, kind: str, where: str) -> None:
        self.calls.append(("say", where, kind, text))

    def silence(self, peer: str, silenced: bool) -> None:
        self.calls.append(("silence", peer, silenced))

    def hear(self, number: int, text: str, kind: str = "text", where: str = ev.LOBBY) -> None:
        """Peer `number` says something; 0: what we said is in the common order now."""
        peer = peer_id(number) if number else self.peer_id
        self.tell(
            ev.Chat(
                peer=peer, name=self.name_of(peer) if number else self.name, text=text, where=where, kind=kind
            )
        )

    def set_muted(self, peer: str, muted: bool) -> None:
        self.calls.append(("set_muted", peer, muted))
        self.know(peer, muted=muted)

    def rename(self, peer: str, name: str) -> None:
        self.calls.append(("rename", peer, name))
        self.know(peer, name=name or self._known[peer].own_name)

    def forget(self, peer: str) -> None:
        self.calls.append(("forget", peer))
        self._known.pop(peer, None)

    def close(self) -> None:
        self.closed = True

    # what tests let happen

    def tell(self, event: ev.Event) -> None:
        self._events.append(event)

    def announce(self) -> None:
        self.tell(
            ev.Announcing(
                peer=self.peer_id,
                name=self.name,
                instance="01",
                tcp_port=41421,
                udp_port=41422,
                discovery_port=41420,
                interfaces=("192.168.1.23",),
            )
        )

    def name_of(self, peer: str) -> str:
        known = self._peers.get(peer)
        return known.name if known else "?"

    def add_peer(self, number: int, name: str, **fields: Any) -> Peer:
        known = {p.game.name: p.digest for p in self.registry}
        values: dict[str, Any] = {
            "peer": peer_id(number),
            "instance": f"{number:04x}",
            "name": name,
            "addresses": (f"192.168.1.{10 + number % 200}",),
            "tcp_port": 41421,
            "udp_port": 41422,
            "via": ("broadcast", "mdns"),
            "status": "idle",
            "playing": "",
            "games": known,
            "version": "0.1.0",
            "compatible": True,
            "reason": "",
            "rtt_ms": 1.4,
        }
        peer = Peer(**(values | fields))
        self._peers[peer.peer] = peer
        shown = {
            k: getattr(peer, k) for k in ("peer", "name", "instance", "tcp_port", "udp_port", "via", "status")
        }
        self.tell(
            ev.PeerFound(
                **shown,
                tag=peer.peer[:4].upper(),
                address=peer.address,
                games=tuple(peer.games),
                compatible=peer.compatible,
                reason=peer.reason,
            )
        )
        return peer

    def know(self, peer: str, **fields: Any) -> None:
        """Remember `peer`, or something more about it."""
        name = self.name_of(peer)
        known = self._known.get(peer) or KnownPeer(peer=peer, name=name, own_name=name)
        self._known[peer] = msgspec.structs.replace(known, **fields)

    def peer_wants_codes(self, peer: str) -> None:
        self.tell(ev.VerifyRequested(peer=peer, name=self.name_of(peer)))

    def code_is_there(
        self, peer: str, code: str = "042137", pictures: Sequence[int] = (3, 20, 34, 61)
    ) -> None:
        self.tell(ev.VerifyCode(peer=peer, name=self.name_of(peer), code=code, pictures=tuple(pictures)))

    def codes_over(self, peer: str, reason: str) -> None:
        if reason == "confirmed":
            self.know(peer, verified=True)
        name = self.name_of(peer)
        self.tell(ev.VerifyEnded(peer=peer, name=name, verified=reason == "confirmed", reason=reason))

    def change_peer(self, peer: str, **fields: Any) -> None:
        self._peers[peer] = msgspec.structs.replace(self._peers[peer], **fields)

    def remove_peer(self, peer: str) -> None:
        gone = self._peers.pop(peer)
        self.tell(ev.PeerLost(peer=peer, name=gone.name, instance=gone.instance, reason="goodbye"))

    def peer_invites(
        self,
        peer: str,
        *,
        rematch: bool = False,
        expires: float = 30.0,
        game: str = "gomoku",
        config: dict[str, object] | None = None,
    ) -> str:
        self._invites += 1
        invite = f"{self._invites:04x}"
        if config is None:
            config = {"rule": "standard"} if game == "gomoku" else {}
        self._open = (invite, peer, game, self._plugin(game).game.config_type(**config), False)
        name = self.name_of(peer)
        self.tell(
            ev.InviteReceived(
                invite=invite,
                peer=peer,
                name=name,
                game=game,
                expires=expires,
                config=config,
                rematch=rematch,
            )
        )
        return invite

    def peer_cancels(self, reason: str = "cancelled") -> None:
        assert self._open is not None
        invite, peer, game, _, _ = self._open
        self._open = None
        self.tell(
            ev.InviteCancelled(invite=invite, peer=peer, name=self.name_of(peer), game=game, reason=reason)
        )

    def peer_declines(self, reason: str = "declined", **params: Param) -> None:
        assert self._open is not None
        invite, peer, game, _, _ = self._open
        self._open = None
        fields = {"invite": invite, "peer": peer, "name": self.name_of(peer), "game": game}
        self.tell(ev.InviteDeclined(**fields, reason=reason, params=params))

    def invite_expires(self) -> None:
        assert self._open is not None
        invite, peer, game, _, _ = self._open
        self._open = None
        self.tell(ev.InviteExpired(invite=invite, peer=peer, name=self.name_of(peer), game=game))

    def peer_accepts(self) -> None:
        self._begin()

    def pause(self, reason: str = "connection", claim_in: float | None = 30.0) -> None:
        """The match stands still from now on."""
        now = self.clock()
        assert self._match is not None
        claim_at = now + claim_in if claim_in else None
        self._change(status=Status(code=StatusCode(reason), since=now, claim_at=claim_at))
        if self.live is not None:
            self.live.silent = True
        self.tell(ev.MatchPaused(match=self._match.match, reason=reason))

    def go_on(self) -> None:
        """The pause is over."""
        assert self._match is not None
        assert self._match.pause is not None
        reason = self._match.pause.code.value
        self._change(status=RUNNING)
        if self.live is not None:
            self.live.silent = False
        self.tell(ev.MatchResumed(match=self._match.match, reason=reason))

    def _change(self, **fields: Any) -> None:
        assert self._match is not None
        self._match = msgspec.structs.replace(self._match, **fields)
        if self.live is not None:
            self.live.view = msgspec.structs.replace(self.live.view, **fields)

    def peer_moves(self, point: int) -> None:
        assert self._match is not None
        move = msgspec.convert({"point": point}, self._plugin(self._match.game).game.input_type)
        self._play(1 - self._match.me, move)

    def end(self, outcome: Outcome) -> None:
        match = self._match
        assert match is not None
        closing = tuple(self.live.states) if self.live is not None else ()
        self._match = msgspec.structs.replace(match, outcome=outcome, to_move=(), closing=closing)
        ended = ev.MatchEnded(
            match=match.match,
            outcome=outcome,
            frames=match.frame,
            hash=match.hash,
            stats=ev.Stats(rtt_ms=1.2),
        )
        self.tell(ended)

    # a room, and its rounds

    def change_room(self, **fields: Any) -> None:
        """The room looks different."""
        assert self.room_view is not None
        self.room_view = msgspec.structs.replace(self.room_view, **fields)

    def start_round(
        self, me: int = 0, seats: Sequence[int] = (0,), host: str = "", teams: Sequence[int] = ()
    ) -> MatchView:
        """A round of the room begins. `seats`: ours, `me` first; none: we watch, and `me` is -1."""
        room = self.room_view
        assert room is not None
        self._matches += 1
        rules = self._plugin(room.game).game
        count = len(room.seats)
        state = rules.initial(Setup(players=count, seed=7, config=rules.config_type(), teams=tuple(teams)))
        host = host or room.leader
        match = MatchView(
            match=f"m{self._matches}",
            game=room.game,
            host=host,
            players=tuple(seat.peer or host for seat in room.seats),
            names=tuple(seat.name for seat in room.seats),
            me=me,
            config=rules.config_type(),
            state=state,
            frame=0,
            to_move=rules.to_move(state) or (),
            outcome=None,
            rtt_ms=1.3,
            hash=state_hash(state).hex(),
            seats=tuple(seats),
            bots=tuple(i for i, seat in enumerate(room.seats) if seat.kind == "bot"),
            room=room.room,
        )
        self._match = match
        self.live = LiveMatch(rules, match, self.clock) if rules.tick_rate else None
        if self.live is not None:
            self._match = self.live.view
        self.change_room(phase="playing", starts_at=None, round=room.round + 1, match=match.match, host=host)
        self.tell(
            ev.MatchStarted(
                match=match.match, game=room.game, host=host, players=match.players, names=match.names,
                me=me, tick_rate=rules.tick_rate, input_delay=0, seats=match.seats, room=room.room,
            )
        )  # fmt: skip
        return match

    def change_match(self, **fields: Any) -> None:
        """The round looks different, as after a decision."""
        self._change(**fields)

    def end_round(self, winners: Sequence[int], reason: str = "last one riding") -> None:
        """The round is over, and the table shows."""
        room = self.room_view
        assert room is not None
        self.end(Outcome(winners=tuple(winners), reason=reason))
        before = room.wins or (0,) * len(room.seats)
        self.change_room(
            phase="table",
            starts_at=self.clock() + 8,
            last=tuple(winners),
            wins=tuple(n + (i in winners) for i, n in enumerate(before)),
        )

    def _plugin(self, name: str) -> Plugin:
        plugin = self.registry.get(name)
        assert plugin is not None
        return plugin

    def _begin(self) -> None:
        assert self._open is not None
        invite, peer, game, config, _ = self._open
        self._open = None
        fields = {"invite": invite, "peer": peer, "name": self.name_of(peer), "game": game}
        self.tell(ev.InviteAccepted(**fields))
        self._matches += 1
        rules = self._plugin(game).game
        me = (self._matches - 1) % 2
        order = (0, 1) if me == 0 else (1, 0)
        players = tuple((self.peer_id, peer)[i] for i in order)
        names = tuple((self.name, self.name_of(peer))[i] for i in order)
        state = rules.initial(Setup(players=2, seed=7, config=config))
        self._match = MatchView(
            match=f"m{self._matches}",
            game=game,
            host=peer,
            players=players,
            names=names,
            me=me,
            seats=(me,),
            config=config,
            state=state,
            frame=0,
            to_move=rules.to_move(state) or (),
            outcome=None,
            rtt_ms=1.3,
            hash=state_hash(state).hex(),
        )
        self.live = LiveMatch(rules, self._match, self.clock) if rules.tick_rate else None
        if self.live is not None:
            self._match = self.live.view
        self.tell(ev.HostElected(match=self._match.match, host=peer, players=players, epoch=0))
        self.tell(
            ev.MatchStarted(
                match=self._match.match,
                game=game,
                host=peer,
                players=players,
                names=names,
                me=me,
                tick_rate=rules.tick_rate,
                input_delay=0,
            )
        )

    def _play(self, player: int, move: Any) -> None:
        match = self._match
        assert match is not None
        rules = self._plugin(match.game).game
        rules.validate(match.state, player, move)
        inputs = [move if p == player else None for p in range(2)]
        state = rules.advance(match.state, inputs)
        self._match = msgspec.structs.replace(
            match,
            state=state,
            frame=match.frame + 1,
            to_move=rules.to_move(state) or (),
            hash=state_hash(state).hex(),
        )
        if (outcome := rules.outcome(state)) is not None:
            self.end(outcome)
