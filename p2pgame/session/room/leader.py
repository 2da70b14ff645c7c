"""The leader of a room: takes requests, and makes the next state of the room, or a refusal code. Knows no links.

    open --all ready--> countdown --3 s--> gathering --begun--> playing --ended--> table --8 s--> gathering

Whoever leads has all of this in the state that every member has, so that any member can go on with it (`take_over`).
What only the leader knows is lost with it without harm: who waits how long, who proposed a vote when.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from msgspec.structs import replace

from p2pgame.core.errors import RemoteProtocolError
from p2pgame.core.ids import PeerId
from p2pgame.core.registry import Plugin
from p2pgame.core.snapshot import encode
from p2pgame.session.room.gather import Collection, Plan
from p2pgame.session.room.seating import fit, in_teams, lineup_of, seated, settle, watchers
from p2pgame.wire import messages as m
from p2pgame.wire.bounds import (
    COUNTDOWN,
    KEPT_TIME,
    KICK_TIME,
    LOCAL_MAX,
    MEMBERS_MAX,
    PLAYERS_MAX,
    REVEAL_TIMEOUT,
    SERIES_MAX,
    SESSION_TIMEOUT,
    TABLE_TIME,
    VOTE_GAP,
    VOTE_TIME,
    WATCHERS_MAX,
)
from p2pgame.wire.rooms import Base, Kicked, Level, Member, Seat, Vote, VoteKind, parties_of

__all__ = ["Leader", "champions", "new_room"]

_REPORTS_WAIT = 3.0
"""Seconds until the end of a round counts once half of those who play it have said so, where not all have."""
_OPENING_SLACK = 1.5
_BETWEEN_ROUNDS = ("open", "countdown", "table")
_PLANS_KEPT = 4
_BASES: Mapping[str, Base] = {"open": "open", "closed": "closed", "bot": "bot"}
_LEVELS: Mapping[str, Level] = {"easy": "easy", "medium": "medium", "hard": "hard"}
_VOTES: Mapping[str, VoteKind] = {"game": "game", "kick": "kick", "restart": "restart", "pause": "pause"}


def new_room(
    room: str,
    me: PeerId,
    name: str,
    plugin: Plugin,
    config_bytes: bytes,
    *,
    seats: int,
    bots: int,
    local: int,
    frames: int,
    rounds: int,
    first_to: int = 0,
) -> m.RoomState:
    """A room of which we are the leader and the only member. `seats` 0: as many as the game allows."""
    game = plugin.game
    count = min(max(seats or game.max_players, game.min_players), game.max_players)
    empty = fit([Seat()] * count, game)
    bots = min(bots, len(empty)) if plugin.has_bot else 0
    chairs = (*empty[: len(empty) - bots], *(Seat(base="bot") for _ in range(bots)))
    members = (Member(peer=me, name=name, local=min(local, LOCAL_MAX)),)
    return m.RoomState(
        room=room,
        term=1,
        number=0,
        leader=me,
        game=game.name,
        digest=plugin.digest,
        config=config_bytes,
        frames=frames,
        members=members,
        seats=settle(members, chairs),
        rounds=rounds,
        first_to=first_to,
        wins=(0,) * len(chairs),
    )


class Leader:
    """The room as its leader has it. `changed`: the state is another since it was last `published`."""

    def __init__(
        self,
        state: m.RoomState,
        me: PeerId,
        plugin_of: Callable[[str], Plugin | None],
        now: float,
        *,
        admits_watcher: Callable[[PeerId], bool] = lambda _: True,
    ) -> None:
        """`state`: ours to lead. `plugin_of(game)`: None for a game that is not installed. `admits_watcher(peer)`: it
        may be here without a seat.
        """
        self.state = state
        self.collection: Collection | None = None
        """What is being gathered."""
        self.changed = True
        self._me = me
        self._plugin_of = plugin_of
        self._admits_watcher = admits_watcher
        self._until: float | None = None
        """When the phase ends by itself."""
        self._vote_until = 0.0
        self._gone: dict[str, float] = {}
        """Since when members are not reached."""
        self._kicked: dict[str, float] = {k.peer: now + k.left / 1000 for k in state.kicked}
        self._proposed: dict[str, float] = {}
        self._absent: set[str] = set()
        """Who did not take part in gathering: left out until they say that they are ready."""
        self._anyway = False
        self._said: dict[str, tuple[int, ...]] = {}
        """Winners of the round, by who has told."""
        self._said_by: float | None = None
        self._plans: dict[bytes, tuple[m.RoomState, Collection]] = {}
        """The newest that were gathered: one may have begun when we thought that it had not."""
        if state.phase == "gathering":  # what was gathered is lost
            self._set(phase="countdown")
        if self.state.phase == "countdown" or (state.phase == "table" and not state.held):
            self._until = now + (state.left / 1000 or COUNTDOWN)
        if state.vote is not None:
            self._set(vote=None)

    @classmethod
    def take_over(
        cls,
        state: m.RoomState,
        me: PeerId,
        plugin_of: Callable[[str], Plugin | None],
        now: float,
        *,
        admits_watcher: Callable[[PeerId], bool] = lambda _: True,
    ) -> "Leader":
        """The leader is gone: go on with the newest state. All others are not reached until they say that they are."""
        members = tuple(replace(one, connected=one.peer == me) for one in state.members)
        leader = cls(
            replace(state, leader=me, term=state.term + 1, number=state.number + 1, members=members),
            me,
            plugin_of,
            now,
            admits_watcher=admits_watcher,
        )
        if state.phase == "gathering":
            plan = Plan.of(state)
            leader._plans[plan.digest] = (state, Collection(plan))
        leader._gone = {one.peer: now for one in members if not one.connected}
        leader._settle(now)
        return leader

    @property
    def peers(self) -> tuple[str, ...]:
        """All members, in order of joining."""
        return tuple(member.peer for member in self.state.members)

    @property
    def parties(self) -> tuple[PeerId, ...]:
        """Who takes part in what is gathered."""
        return self.collection.plan.parties if self.collection is not None else ()

    # --- members

    def join(self, peer: PeerId, name: str, local: int, now: float) -> str:
        """Let `peer` in, or in again. Returns why not; empty if it is in."""
        self.handle_timeout(now)
        if self._member(peer) is not None:
            self._change_member(peer, connected=True, name=name)
            self._gone.pop(peer, None)
            self._settle(now)
            return ""
        if peer in self._kicked:
            return "kicked"
        if self.state.locked:
            return "locked"
        ready = self.state.phase in ("playing", "table")  # the next round begins by itself
        member = Member(peer=peer, name=name, local=local, ready=ready)
        members = (*self.state.members, member)
        watching = watchers(members, settle(members, self.state.seats))
        if peer in watching and not self._admits_watcher(peer):
            return "full" if local else "no_watchers"
        if len(members) > MEMBERS_MAX or (peer in watching and len(watching) > WATCHERS_MAX):
            return "full"
        self._set(members=members)
        self._settle(now)
        return ""

    @property
    def replaceable(self) -> tuple[PeerId, ...]:
        """Members whom no round needs: first those without a seat, the newest first."""
        playing = parties_of(self.state.lineup) if self.state.phase in ("gathering", "playing") else ()
        free = [PeerId(one) for one in reversed(self.peers) if one != self._me and one not in playing]
        watching = watchers(self.state.members, self.state.seats)
        return tuple(sorted(free, key=lambda peer: peer not in watching))

    def leave(self, peer: str, now: float) -> None:
        """A member left."""
        self._gone.pop(peer, None)
        self._absent.discard(peer)
        self._set(members=tuple(member for member in self.state.members if member.peer != peer))
        self._settle(now)
        self._regather(peer, now)
        self._look_for_end(now)

    def lost(self, peer: PeerId, now: float) -> None:
        """A member is not reached: its seat is kept for a while."""
        if self._member(peer) is not None and peer != self._me:
            self._change_member(peer, connected=False)
            self._gone.setdefault(peer, now)
            self._settle(now)
            self._regather(peer, now)
            self._look_for_end(now)

    def ask(self, peer: PeerId, ask: m.RoomAsk, now: float) -> str:
        """What a member asks for. Returns why not; empty if it is so now."""
        if self._member(peer) is None:
            return "no_member"
        refusal = self._ASKS[ask.what](self, peer, ask, now)
        self._settle(now)
        return refusal

    # --- what the leader alone may do

    def set_seat(self, number: int, base: str | None, level: str | None, team: int | None, now: float) -> str:
        """Change a seat. Fields that are None stay."""
        seats = list(self.state.seats)
        if not 0 <= number < len(seats):
            return "no_such_seat"
        plugin = self._plugin_of(self.state.game)
        if base == "bot" and (plugin is None or not plugin.has_bot):
            return "game_without_bot"
        if base is not None:
            if base not in _BASES:
                return "no_such_seat"
            if base != "open":
                seats = self._give_way(number)
            seats[number] = replace(seats[number], base=_BASES[base])
        if level is not None:
            if level not in _LEVELS:
                return "no_such_level"
            seats[number] = replace(seats[number], level=_LEVELS[level])
        if team is not None:
            if not 0 <= team <= PLAYERS_MAX:
                return "no_such_team"
            seats[number] = replace(seats[number], team=team)
        self._set(seats=tuple(seats))
        self._settle(now)
        return ""

    def set_game(self, plugin: Plugin, config_bytes: bytes, now: float) -> str:
        """Another game, or other rules, for the next round: nobody is ready any more."""
        if self.state.phase not in (*_BETWEEN_ROUNDS, "playing"):
            return "gathering"
        seats = fit(self.state.seats, plugin.game)
        self._set(
            game=plugin.game.name,
            digest=plugin.digest,
            config=config_bytes,
            seats=seats,
            wins=(0,) * len(seats),
            last=(),
            members=tuple(replace(member, ready=False) for member in self.state.members),
        )
        if self.state.phase == "table":  # it shows a round of another game, and nobody can be ready there
            self._set(held=False)
            self._reopen()
        self._settle(now)
        return ""

    def set_teams(self, count: int, now: float) -> str:
        """So many teams, people and bots in turn; 0: everybody plays alone."""
        plugin = self._plugin_of(self.state.game)
        if count and (plugin is None or not plugin.game.teams):
            return "game_without_teams"
        if count == 1 or not 0 <= count <= len(self.state.seats) // 2:
            return "no_such_team"
        used = [n for n, seat in enumerate(self.state.seats) if seat.peer or seat.base == "bot"]
        order = [*used, *(n for n in range(len(self.state.seats)) if n not in used)]
        teams = {number: place % count if count else 0 for place, number in enumerate(order)}
        self._set(seats=tuple(replace(seat, team=teams[n]) for n, seat in enumerate(self.state.seats)))
        self._settle(now)
        return ""

    def set_series(self, first_to: int) -> str:
        """Another kind of series, which begins now."""
        if not 0 <= first_to <= SERIES_MAX:
            return "no_such_series"
        self._set(first_to=first_to, wins=(0,) * len(self.state.seats))
        return ""

    def set_locked(self, locked: bool) -> str:
        self._set(locked=locked)
        return ""

    def kick(self, peer: str, now: float) -> str:
        """Remove a member for a while."""
        if self._member(peer) is None or peer == self._me:
            return "no_member"
        while len(self._kicked) >= MEMBERS_MAX:
            del self._kicked[min(self._kicked, key=lambda one: self._kicked[one])]
        self._kicked[peer] = now + KICK_TIME
        self.leave(peer, now)
        return ""

    def hand_over(self, peer: str) -> m.RoomState | str:
        """The state with which `peer` leads; after it is sent we are a member. Or why not."""
        member = self._member(peer)
        if member is None or not member.connected or peer == self._me:
            return "no_member"
        if self.state.phase == "gathering":
            return "gathering"
        return replace(self.state, leader=peer, term=self.state.term + 1, number=self.state.number + 1)

    def start(self, now: float) -> str:
        """Start the round, whoever is not ready."""
        if self.state.phase not in _BETWEEN_ROUNDS:
            return "round_on"
        if not self._startable:
            return "not_so_many"
        self._anyway = True
        self._set(phase="countdown", held=False)
        self._until = now + COUNTDOWN
        return ""

    # --- the round

    def commit(self, peer: PeerId, message: m.RoomCommit, now: float) -> m.RoomCommit | None:
        """A party's commitment. What it was gathering may be over. Raises `RemoteProtocolError`."""
        collection = self.collection
        if collection is None or message.plan != collection.plan.digest:
            return None
        every = collection.commit(peer, message)
        if every is not None:
            self._until = now + REVEAL_TIMEOUT
        return every

    def reveal(self, peer: PeerId, message: m.RoomReveal, now: float) -> m.RoomReveal | None:
        """A party's nonce. Raises `RemoteProtocolError`."""
        collection = self.collection
        if collection is None or message.plan != collection.plan.digest:
            return None
        every = collection.reveal(peer, message)
        if every is not None:
            self._until = now + SESSION_TIMEOUT + _OPENING_SLACK
        return every

    def news(self, peer: PeerId, message: m.RoomRound, now: float) -> None:
        """What a party tells of the round. Raises `RemoteProtocolError("not_your_seat")`."""
        known = self._plans.get(message.plan)
        if known is None and self.state.phase != "playing":
            return
        lineup = known[0].lineup if known is not None else self.state.lineup
        if peer not in parties_of(lineup):
            raise RemoteProtocolError("not_your_seat")
        if message.news == "begun" and known is not None:
            self._begun(peer, message, *known)
        elif message.news == "unreachable":
            self._unreachable(message, now)
        elif message.news == "ended":
            self._ended(peer, message, now)

    def host_changed(self, match: str, host: PeerId) -> None:
        """Another member carries the match."""
        if self.state.phase == "playing" and self.state.match == match:
            self._set(host=host)

    # --- time

    def next_deadline(self) -> float | None:
        deadlines = [self._until, self._said_by]
        deadlines += [since + KEPT_TIME for since in self._gone.values()]
        deadlines += self._kicked.values()
        if self.state.vote is not None:
            deadlines.append(self._vote_until)
        return min((at for at in deadlines if at is not None), default=None)

    def handle_timeout(self, now: float) -> None:
        """End what has waited long enough."""
        for peer, until in list(self._kicked.items()):
            if now >= until:
                del self._kicked[peer]
        for peer, since in list(self._gone.items()):
            if now >= since + KEPT_TIME:
                self.leave(peer, now)
        if self.state.vote is not None and now >= self._vote_until:
            self._end_vote(passed=False, now=now)
        if self._said_by is not None and now >= self._said_by:
            self._conclude(now)
        if self._until is not None and now >= self._until:
            self._until = None
            self._ENDS[self.state.phase](self, now)

    def published(self, now: float) -> m.RoomState:
        """The state to be sent, with what is left of its times."""
        self.changed = False
        vote = self.state.vote
        shown = ("countdown", "table")
        self.state = replace(
            self.state,
            number=self.state.number + 1,
            left=_left(self._until, now) if self.state.phase in shown else 0,
            vote=replace(vote, left=_left(self._vote_until, now)) if vote is not None else None,
            kicked=tuple(Kicked(peer=peer, left=_left(at, now)) for peer, at in self._kicked.items()),
        )
        return self.state

    # --- inside: members and seats

    def _member(self, peer: str) -> Member | None:
        return next((member for member in self.state.members if member.peer == peer), None)

    def _change_member(self, peer: str, **fields: Any) -> None:
        members = self.state.members
        self._set(members=tuple(replace(one, **fields) if one.peer == peer else one for one in members))

    def _set(self, **fields: Any) -> None:
        state = replace(self.state, **fields)
        if state != self.state:
            self.state = state
            self.changed = True

    def _give_way(self, number: int) -> list[Seat]:
        """The seats without a person on that one: it sits elsewhere, or watches if there is no other place."""
        seats, members = list(self.state.seats), self.state.members
        peer = seats[number].peer
        seats[number] = replace(seats[number], base="closed")
        seats = list(settle(members, seats))
        member = self._member(peer)
        if member is not None:
            self._change_member(peer, local=sum(seat.peer == peer for seat in seats))
            seats = list(settle(self.state.members, seats))
        return seats

    def _settle(self, now: float) -> None:
        """Seat everybody, and look whether the round may start."""
        before = self.state.seats
        seats = settle(self.state.members, before)
        wins = [*self.state.wins, *[0] * (len(seats) - len(self.state.wins))]
        for number, (old, new) in enumerate(zip(before, seats, strict=True)):
            if new.peer and (new.peer, new.index) != (old.peer, old.index):
                wins[number] = 0
        self._set(seats=seats, wins=tuple(wins))
        if self.state.phase in ("playing", "table"):  # the next round begins by itself
            for peer in set(seated(seats)).difference(seated(before)):
                self._change_member(peer, ready=True)
        if self.state.phase == "open" and self._all_ready and self._startable:
            self._set(phase="countdown")
            self._until = now + COUNTDOWN
        elif self.state.phase == "countdown" and not (self._startable and (self._all_ready or self._anyway)):
            self._reopen()

    @property
    def _all_ready(self) -> bool:
        playing = seated(self.state.seats)
        here = [one for one in self.state.members if one.connected and one.peer in playing]
        return bool(here) and all(one.ready for one in here)

    def _lineup(self) -> tuple[Any, ...]:
        plugin = self._plugin_of(self.state.game)
        bots = plugin is not None and plugin.has_bot
        lineup = lineup_of(self.state.members, self.state.seats, bots=bots, without=tuple(self._absent))
        if plugin is not None and not plugin.game.tick_rate and lineup:  # by turns it matters who begins
            first = self.state.round % len(lineup)
            lineup = lineup[first:] + lineup[:first]
        if plugin is None or not plugin.game.teams:
            return tuple(replace(player, team=0) for player in lineup)
        return in_teams(lineup)

    @property
    def _startable(self) -> bool:
        plugin, lineup = self._plugin_of(self.state.game), self._lineup()
        if plugin is None or not parties_of(lineup):
            return False
        return plugin.game.min_players <= len(lineup) <= plugin.game.max_players

    # --- inside: what members ask for

    def _ready(self, peer: PeerId, ask: m.RoomAsk, now: float) -> str:
        del now
        self._absent.discard(peer)
        self._change_member(peer, ready=bool(ask.value))
        return ""

    def _local(self, peer: PeerId, ask: m.RoomAsk, now: float) -> str:
        del now
        members = tuple(
            replace(one, local=ask.value) if one.peer == peer else one for one in self.state.members
        )
        watching = watchers(members, settle(members, self.state.seats))
        if peer in watching and not self._admits_watcher(peer):
            return "no_watchers"
        if peer in watching and len(watching) > WATCHERS_MAX:
            return "full"
        self._set(members=members)
        return ""

    def _hold(self, peer: PeerId, ask: m.RoomAsk, now: float) -> str:
        del peer
        return self._set_held(bool(ask.value), now)

    def _set_held(self, held: bool, now: float) -> str:
        if self.state.phase not in ("table", "playing"):
            return "no_table"
        self._set(held=held)
        if self.state.phase == "table":
            self._until = None if held else now + COUNTDOWN
            self.changed = True
        return ""

    def _ballot(self, peer: PeerId, ask: m.RoomAsk, now: float) -> str:
        vote = self.state.vote
        if vote is None:
            return "no_vote"
        if peer not in seated(self.state.seats):
            return "not_seated"
        yes = tuple(one for one in vote.yes if one != peer) + ((peer,) if ask.value else ())
        no = tuple(one for one in vote.no if one != peer) + (() if ask.value else (peer,))
        self._set(vote=replace(vote, yes=yes, no=no))
        self._count(now)
        return ""

    def _propose(self, peer: PeerId, ask: m.RoomAsk, now: float) -> str:
        kind, argument = _VOTES[ask.what], ask.argument
        if self.state.vote is not None:
            return "vote_on"
        voters = seated(self.state.seats)
        if peer not in voters:
            return "not_seated"
        if now < self._proposed.get(peer, float("-inf")) + VOTE_GAP:
            return "vote_too_soon"
        if kind == "game" and self._plugin_of(argument) is None:
            return "vote_game_missing"
        if kind == "kick" and (self._member(argument) is None or argument == peer):
            return "no_member"
        self._proposed = {one: at for one, at in self._proposed.items() if now < at + VOTE_GAP}
        self._proposed[peer] = now
        self._vote_until = now + VOTE_TIME
        needed = len(voters) // 2 + 1
        self._set(
            vote=Vote(peer=peer, kind=kind, argument=argument, left=0, needed=needed, yes=(peer,), no=())
        )
        self._count(now)
        return ""

    def _count(self, now: float) -> None:
        vote = self.state.vote
        if vote is None:
            return
        voters = seated(self.state.seats)
        yes = sum(one in voters for one in vote.yes)
        if yes >= vote.needed:
            self._end_vote(passed=True, now=now)
        elif len(voters) - sum(one in voters for one in vote.no) < vote.needed:
            self._end_vote(passed=False, now=now)

    def _end_vote(self, *, passed: bool, now: float) -> None:
        vote = self.state.vote
        self._set(vote=None, passed=passed)
        if passed and vote is not None:
            self._PASSED[vote.kind](self, vote.argument, now)

    def _vote_game(self, game: str, now: float) -> None:
        plugin = self._plugin_of(game)
        if plugin is not None:
            self.set_game(plugin, encode(plugin.game.config_type()), now)

    def _vote_kick(self, peer: str, now: float) -> None:
        if peer == self._me:
            self._change_member(
                peer, local=0, ready=False
            )  # who leads cannot be removed, but it can be benched
            self._settle(now)
        else:
            self.kick(peer, now)

    def _vote_restart(self, argument: str, now: float) -> None:
        del argument
        self._set(wins=(0,) * len(self.state.seats), last=())
        if self.state.phase in _BETWEEN_ROUNDS:
            self.start(now)

    def _vote_pause(self, argument: str, now: float) -> None:
        del argument
        self._set_held(True, now)

    # --- inside: the round

    def _reopen(self) -> None:
        self._anyway = False
        self._until = None
        self._set(phase="open", epoch=0)

    def _gather(self, now: float) -> None:
        """All commit to a new round, if it may start."""
        if not self._startable:
            self.collection = None
            self._reopen()
            return
        if champions(self.state):
            self._set(wins=(0,) * len(self.state.seats))  # another series
        self._set(phase="gathering", lineup=self._lineup(), epoch=1, match="", host="", held=False)
        plan = Plan.of(self.state)
        self.collection = Collection(plan)
        self._plans[plan.digest] = (self.state, self.collection)
        while len(self._plans) > _PLANS_KEPT:
            del self._plans[next(iter(self._plans))]
        self._until = now + REVEAL_TIMEOUT
        self.changed = True

    def _regather(self, peer: str, now: float) -> None:
        """Who is gone cannot play the round that is gathered."""
        if self.collection is not None and peer in self.collection.plan.parties:
            self._gather(now)

    @property
    def _playing(self) -> tuple[str, ...]:
        """Who plays the round, and is not gone for good."""
        parties = parties_of(self.state.lineup)
        return tuple(one.peer for one in self.state.members if one.peer in parties)

    def _gather_ended(self, now: float) -> None:
        """Somebody said nothing in time."""
        collection = self.collection
        if collection is None:
            self._reopen()
        elif collection.election is not None:
            self._pass_over(now)
        else:
            for peer in collection.missing:
                self._absent.add(peer)
                self._change_member(peer, ready=False)
            self._gather(now)

    def _pass_over(self, now: float) -> None:
        collection = self.collection
        if collection is not None and collection.pass_over():
            self._set(epoch=collection.epoch)
            self._until = now + SESSION_TIMEOUT + _OPENING_SLACK
        else:  # nobody can carry it: ask the people again
            self.collection = None
            self._set(members=tuple(replace(one, ready=False) for one in self.state.members))
            self._reopen()

    def _unreachable(self, message: m.RoomRound, now: float) -> None:
        collection = self.collection
        if (
            collection is not None
            and collection.election is not None
            and (message.plan, message.epoch) == (collection.plan.digest, collection.epoch)
        ):
            self._pass_over(now)

    def _begun(self, peer: PeerId, message: m.RoomRound, state: m.RoomState, collection: Collection) -> None:
        """The host says that the match runs."""
        if self.state.phase == "playing" or not 1 <= message.epoch <= len(collection.plan.parties):
            return
        if collection.election is not None:
            election = collection.elect(message.epoch)
            if (peer, message.match) != (election.host, election.match):
                return
        elif not message.match or peer != (self._me if self._me in collection.plan.parties else peer):
            return  # another leader gathered it: we know what we play, and if we watch, what we are told
        self.collection = None
        self._until = None
        self._anyway = False
        self._said.clear()
        self._said_by = None
        self._set(
            phase="playing",
            lineup=state.lineup,
            epoch=message.epoch,
            match=message.match,
            host=message.host or peer,
            round=self.state.round + 1,
        )

    def _ended(self, peer: PeerId, message: m.RoomRound, now: float) -> None:
        if self.state.phase != "playing" or message.match != self.state.match:
            return
        if any(winner >= len(self.state.lineup) for winner in message.winners):
            raise RemoteProtocolError("not_your_seat")
        self._said[peer] = tuple(sorted(set(message.winners)))
        self._look_for_end(now)

    def _look_for_end(self, now: float) -> None:
        """The round is over when all who play it say so, or a little later than half of them.

        For fewer it may be over by a fault that the others do not have: those play on, unless nothing is heard of them.
        """
        if self.state.phase != "playing":
            return
        playing = [peer for peer in self._playing if peer not in self._gone]
        said = sum(peer in self._said for peer in playing)
        if not self._playing or (self._said and said == len(playing)):
            self._conclude(now)
        elif self._said:
            due = now + (_REPORTS_WAIT if 2 * said >= len(playing) else KEPT_TIME)
            self._said_by = min(self._said_by or due, due)

    def _conclude(self, now: float) -> None:
        """The round is over: what most of those who played say counts, among equals the host."""
        if self.state.phase != "playing":
            return
        heard = Counter(self._said.values())
        best = self._said.get(self.state.host, ())
        if heard and heard[best] < max(heard.values()):
            best = heard.most_common(1)[0][0]
        lineup = self.state.lineup
        last = tuple(lineup[player].seat for player in best)
        wins = list(self.state.wins)
        for seat in last:
            if seat < len(wins):
                wins[seat] += 1
        self._said.clear()
        self._said_by = None
        over = bool(self.state.rounds) and self.state.round % self.state.rounds == 0
        self._set(phase="open" if over else "table", wins=tuple(wins), last=last, epoch=0)
        self._absent.clear()
        if over:
            self._set(members=tuple(replace(one, ready=False) for one in self.state.members))
            self._until = None
        else:
            self._until = None if self.state.held else now + TABLE_TIME
        self._settle(now)

    def _table_ended(self, now: float) -> None:
        if self._all_ready:
            self._gather(now)
        else:
            self._reopen()
            self._settle(now)

    def _nothing(self, now: float) -> None:
        del now

    _ASKS: Mapping[str, Callable[["Leader", PeerId, m.RoomAsk, float], str]] = {
        "ready": _ready,
        "local": _local,
        "hold": _hold,
        "ballot": _ballot,
        "game": _propose,
        "kick": _propose,
        "restart": _propose,
        "pause": _propose,
    }
    _PASSED: Mapping[str, Callable[["Leader", str, float], None]] = {
        "game": _vote_game,
        "kick": _vote_kick,
        "restart": _vote_restart,
        "pause": _vote_pause,
    }
    _ENDS: Mapping[str, Callable[["Leader", float], None]] = {
        "open": _nothing,
        "countdown": _gather,
        "gathering": _gather_ended,
        "playing": _nothing,
        "table": _table_ended,
    }


def champions(state: m.RoomState) -> tuple[int, ...]:
    """The seats that have won the series."""
    return tuple(n for n, won in enumerate(state.wins) if state.first_to and won >= state.first_to)


def _left(until: float | None, now: float) -> int:
    return max(1, round(1000 * (until - now))) if until is not None else 0
