"""Our part in the rounds of a room: gather, open the session, tell the leader what came of it. Knows no seats."""

from collections.abc import Callable, Mapping

from msgspec import Struct

from p2pgame.core.errors import Param, RemoteProtocolError
from p2pgame.core.ids import PeerId
from p2pgame.core.registry import Registry
from p2pgame.session import events as e
from p2pgame.session.agreement import Agreement
from p2pgame.session.connections import Connections
from p2pgame.session.opening import Opening, SessionOpener
from p2pgame.session.room.gather import Party, Plan, Stage
from p2pgame.session.room.member import member_name
from p2pgame.wire import messages as m
from p2pgame.wire.bounds import WATCH_RETRY
from p2pgame.wire.rooms import NO_LINK, Commitment, RoundNews, parties_of

__all__ = ["Rounds"]


class _Round(Struct):
    """A round of which we are a party."""

    party: Party
    state: m.RoomState
    """The room when it was gathered."""
    epoch: int = 1
    connecting: int = 0
    """The epoch for which the session is being opened; 0: none."""
    match: str = ""
    begun: bool = False
    winners: tuple[int, ...] | None = None
    """Once it has ended."""

    @property
    def plan(self) -> Plan:
        return self.party.plan


class Rounds:
    """What a member does beside sitting in the room."""

    def __init__(
        self,
        me: PeerId,
        registry: Registry,
        token_bytes: Callable[[int], bytes],
        connections: Connections,
        opener: SessionOpener,
        *,
        say: Callable[[m.Message, float], None],
        candidate: Callable[[], m.Candidate],
        prepare: Callable[[], bool],
        has: Callable[[str], bool],
        watch: Callable[[str, PeerId, int, float, str], None],
    ) -> None:
        """`say(message, now)`: to the leader. `prepare()`: puts an ended match aside; False while one is on.

        `has(match)`: it is on here. `watch(match, host, seats, now, name)`: watch a match that runs, or come back into
        it; `name`: of the host.
        """
        self._me = me
        self._registry = registry
        self._token_bytes = token_bytes
        self._connections = connections
        self._opener = opener
        self._say = say
        self._candidate = candidate
        self._prepare = prepare
        self._has = has
        self._watch = watch
        self._late: m.RoomState | None = None
        """The others play, and we came late ..."""
        self._ask_at = 0.0
        """... and ask to watch then, if we do not yet."""
        self._ended_late: m.RoomRound | None = None
        """What we say of the end of a round that we came back into."""
        self._round: _Round | None = None
        self._opening: Opening | None = None

    def follow(self, state: m.RoomState, now: float, *, anew: bool, begins: bool) -> None:
        """The room looks like this now. `anew`: its leader may not know what we said. `begins`: it gathers anew."""
        if state.phase == "gathering":
            self._gather(state, now, anew=anew, begins=begins)
        elif state.phase == "playing":
            self._come_late(state, now)
        else:
            self._withdraw()
        if state.phase != "playing":
            self._late = self._ended_late = None
        if anew:
            self.tell_again(now)

    def leave(self) -> None:
        """We are no longer in the room."""
        self._withdraw()
        self._round = self._late = self._ended_late = None

    def committed(self, message: m.RoomCommit, now: float) -> None:
        """From the leader: all have committed. Raises `RemoteProtocolError`."""
        known = self._of(message.plan)
        if known is not None and known.party.stage is Stage.COMMITTED:
            self._say(known.party.committed(message.commitments), now)

    def revealed(self, message: m.RoomReveal, now: float) -> None:
        """From the leader: all have revealed. Raises `RemoteProtocolError`."""
        known = self._of(message.plan)
        if known is not None and known.party.stage is not Stage.ELECTED:
            known.party.revealed(message.nonces)
            self._connect(known, now)

    def match_started(self, match: str, now: float) -> None:
        """A match runs here."""
        known = self._round
        if known is not None and known.match == match:
            known.begun = True
            self._opening = None
            self.tell_again(now)

    def match_ended(self, match: str, winners: tuple[int, ...], now: float) -> None:
        """It is over."""
        known, late = self._round, self._late
        if known is not None and known.match == match and known.begun:
            known.winners = winners
            self.tell_again(now)
        elif late is not None and late.match == match and self._me in parties_of(late.lineup):
            self._ended_late = m.RoomRound(
                room=late.room,
                plan=Plan.of(late).digest,
                news="ended",
                epoch=late.epoch,
                match=match,
                host=late.host,
                winners=winners,
            )
            self.tell_again(now)

    # --- time

    def next_deadline(self) -> float | None:
        return self._ask_at if self._late is not None and not self._has(self._late.match) else None

    def handle_timeout(self, now: float) -> None:
        """Ask to watch; again, if the host did not know yet that we are in the room."""
        state = self._late
        if state is None or now < self._ask_at or self._has(state.match):
            return
        self._ask_at = now + WATCH_RETRY
        if not self._prepare():
            return  # we play another one: its end comes first, whatever the leader says
        names = {member.peer: member.name for member in state.members}
        seats = next(member.local for member in state.members if member.peer == self._me)
        host = PeerId(state.host)
        self._watch(state.match, host, seats, now, member_name(host, names.get(host, "")))

    # --- inside

    def _come_late(self, state: m.RoomState, now: float) -> None:
        """The others play. We watch, unless we play with them or are about to."""
        known = self._round
        if known is not None and known.match == state.match and (known.begun or self._opening is not None):
            return
        if self._late is None or self._late.match != state.match:
            self._ask_at = now
        self._late = state
        self.handle_timeout(now)

    def _of(self, plan: bytes) -> _Round | None:
        known = self._round
        return known if known is not None and known.plan.digest == plan and not known.begun else None

    def _gather(self, state: m.RoomState, now: float, *, anew: bool, begins: bool) -> None:
        plan, known = Plan.of(state), self._round
        if known is not None and known.begun and known.winners is None:
            return  # we play already: `tell_again` says so
        if self._me not in plan.parties:
            self._withdraw()
            return
        same = known is not None and known.plan.digest == plan.digest and not known.begun
        if known is None or not same:
            known = self._round = _Round(Party(self._me, plan, self._token_bytes(32)), state)
            begins = True
        known.epoch = state.epoch
        if begins or (anew and known.party.stage is not Stage.ELECTED):
            self._withdraw()
            if self._prepare():
                self._expect(known)
                self._say(known.party.commit(self._measured), now)
        elif known.party.stage is Stage.ELECTED and known.connecting != state.epoch:
            self._connect(known, now)

    def _expect(self, known: _Round) -> None:
        names = {PeerId(one.peer): member_name(one.peer, one.name) for one in known.state.members}
        self._opening = Opening(
            others={peer: names.get(peer, "") for peer in known.plan.parties if peer != self._me},
            failed=self._failed,
            asks=self._connections.link_to,
            renewed=True,
        )
        self._opener.expect(self._opening)

    def _connect(self, known: _Round, now: float) -> None:
        """The host is elected, or it is the turn of the next one."""
        agreement = self._agreement(known)
        if self._opener.opening is None or self._opener.opening is not self._opening:
            self._expect(known)
        known.connecting = known.epoch
        known.match = agreement.election.match
        self._opener.connect(agreement, now)

    def _agreement(self, known: _Round) -> Agreement:
        state, lineup = known.state, known.plan.lineup
        plugin = self._registry.get(state.game)
        if plugin is None or plugin.digest != state.digest:
            raise RemoteProtocolError("bad_room")
        try:
            config = plugin.game.decode_config(state.config)
        except Exception as error:  # DecodeError, or any exception of third-party rules
            raise RemoteProtocolError("bad_room") from error
        teams = tuple(player.team for player in lineup)
        return Agreement(
            election=known.party.elect(known.epoch),
            plugin=plugin,
            config=config,
            config_bytes=state.config,
            names=tuple(member_name(p.peer, p.name) if p.peer else "" for p in lineup),
            bots=tuple(player.level for player in lineup),
            teams=teams if any(teams) else (),
            frames=state.frames,
            room=state.room,
        )

    def _measured(self, commitment: bytes, parties: tuple[PeerId, ...]) -> Commitment:
        candidate = self._candidate()
        return Commitment(
            commitment=commitment,
            reachable=candidate.reachable,
            wired=candidate.wired,
            round_trips=tuple(0 if peer == self._me else self._round_trip(peer) for peer in parties),
        )

    def _round_trip(self, peer: PeerId) -> int:
        link = self._connections.link_to(peer)
        if link is None:
            return NO_LINK
        return min(round(1000 * (self._connections.links[link].rtt or 0.0)), NO_LINK - 1)

    def _failed(self, code: str, params: Mapping[str, Param], now: float) -> None:
        """The host of this epoch and we do not come together."""
        known = self._round
        self._opening = None
        if known is not None and known.connecting and not known.begun:
            self._connections.emit(e.ErrorEvent(code=code, params=dict(params)))
            self._expect(known)
            self._say_news(known, "unreachable", now)

    def tell_again(self, now: float) -> None:
        """Another leads, who may not know what came of our round."""
        if self._ended_late is not None:
            self._say(self._ended_late, now)
        known = self._round
        if known is None or not known.begun:
            return
        self._say_news(known, "begun", now)
        if known.winners is not None:
            self._say_news(known, "ended", now)

    def _say_news(self, known: _Round, news: RoundNews, now: float) -> None:
        election = known.party.elect(known.connecting or 1)
        self._say(
            m.RoomRound(
                room=known.plan.room,
                plan=known.plan.digest,
                news=news,
                epoch=election.epoch,
                match=known.match,
                host=election.host,
                winners=known.winners or () if news == "ended" else (),
            ),
            now,
        )

    def _withdraw(self) -> None:
        """What is being opened is not wanted any more."""
        opening, self._opening = self._opening, None
        if opening is not None and self._opener.opening is opening:
            self._opener.withdraw()
