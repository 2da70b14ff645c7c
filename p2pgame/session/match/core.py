"""What the parts of one match share: the players, the frames, the other members and the outbox.

The parts (`turns` or `ticks`, `decisions`, `ending`, `repair`, `recovery`) own everything else, one concern each.
Does not know how a match begins, ends, is repaired or resumed.
"""

from collections.abc import Callable, Collection, Sequence
from enum import Enum
from operator import attrgetter
from typing import Any

from p2pgame.core.errors import DesyncError
from p2pgame.core.game import AnyGame, Setup
from p2pgame.core.snapshot import state_hash
from p2pgame.netcode.decisions import DecisionLog
from p2pgame.netcode.engine import Engine
from p2pgame.netcode.seals import Seals
from p2pgame.netcode.seating import Seating
from p2pgame.netcode.timeline import Timeline
from p2pgame.replay.chain import first_link, link
from p2pgame.session import events as e
from p2pgame.session.election import Election
from p2pgame.session.match.bots import BotPlayers, MakeBot
from p2pgame.session.match.channel import Address
from p2pgame.session.match.network_statistics import NetworkStatistics
from p2pgame.session.match.recorder import Recorder
from p2pgame.session.match.remote import Remote
from p2pgame.wire import messages as m
from p2pgame.wire.decisions import HostIs, HostVote

__all__ = ["MatchCore", "Phase"]

_AGREED = attrgetter("agreed")


class Phase(Enum):
    """The life of a match; `REPAIRING`, `CATCHING_UP` and `ADJOURNED` interrupt `PLAYING` and `ENDING`."""

    STARTING = "starting"
    PLAYING = "playing"
    ENDING = "ending"
    ENDED = "ended"
    REPAIRING = "repairing"
    CATCHING_UP = "catching_up"
    ADJOURNED = "adjourned"


class MatchCore:
    """Facts, frames, members and outbox of one match, as one member sees it."""

    def __init__(
        self,
        election: Election,
        game: AnyGame,
        config: Any,
        me: str,
        names: tuple[str, ...],
        *,
        teams: tuple[int, ...] = (),
        bots: Collection[int] = (),
        make_bot: MakeBot = lambda _: None,
        room: str = "",
        goes_on: bool = False,
        window: int,
        frame_limit: int,
        perf: Callable[[], float],
        recorder: Recorder | None,
        vote: Callable[[int, str], HostVote] | None = None,
        member_name: Callable[[str], str] = lambda _: "",
    ) -> None:
        """`me`: our peer id. `names`: of each seat. `bots`: seats that the host plays. `room`: its id, if there is one.
        `goes_on`: whether the match goes on without a member that is gone.

        `window`: frames that may be predicted. `perf`: a clock in seconds, for statistics. `vote(epoch, candidate)`:
        our signed vote for another host; None: we have none. `member_name(peer)`: of a member of the room.
        """
        self.election = election
        self.match = election.match
        """The match id."""
        self.game = game
        self.config = config
        self.names = names
        self.peer = me
        self.room = room
        """Id of the room; empty for a match by invitation."""
        self.adjourned = False
        """All players agreed to put the match aside, and did not go on since."""
        self.deposed = False
        """We were the host, and others went on without us: their decisions say with whom."""
        self.goes_on = goes_on
        """Whether the match goes on without a member that is gone."""
        self.changed = True
        """True if the view is to be made anew."""
        self.first_bots = bots
        """The seats of bots at the beginning."""
        self.first_players = tuple("" if s in bots else peer for s, peer in enumerate(election.players))
        """Who played on each seat then; empty for bots."""
        self.seating = Seating(election.players, election.host, bots)
        """Who plays on each seat now."""
        self.is_host = me == election.host
        self.seats: tuple[int, ...] = ()
        """Those on which people play here ..."""
        self.me = -1
        """... and the first of them; -1: we watch."""
        setup = Setup(players=len(election.players), seed=election.seed, config=config, teams=teams)
        self.timeline = Timeline(game, setup, frame_limit, perf)
        self.engine = Engine(self.timeline, self.seating.seats_of(me), window=window)
        self.engine.stop_at = frame_limit or None
        self.members = list(dict.fromkeys((*election.players, me)))
        """Peer ids: those who had a seat at the beginning, then who came later. A member's number is its place here."""
        self.remotes: dict[int, Remote] = {}
        """The members that we have a link to, by number. A guest has one, to the host; the host one to each guest."""
        self.linked: tuple[Remote, ...] = ()
        """The same."""
        self.handovers: dict[int, int] = {}
        """Seats that people take over from bots, and the frames from which on they give the inputs."""
        self.link_star()
        self.reseat()
        self.bots = BotPlayers(self.timeline.codec, game.neutral if game.tick_rate else None, make_bot)
        self.recorder = recorder
        self.vote = vote
        self._member_name = member_name
        self.log = DecisionLog(election.match)
        self.takebacks_allowed: set[int] = set()
        """Frames in which our people asked for a takeback or allowed one."""
        self.seals = Seals(election.match)
        """By turns: the sealed inputs of the next frame."""
        self.statistics = NetworkStatistics(perf)
        self.phase = Phase.STARTING
        self.difference: tuple[Remote, DesyncError] | None = None
        """Found, and not acted upon yet."""
        self.repairing = False
        """True while it is found out whose state holds: no hash is compared."""
        self._told_agreed = -1, b""
        """The newest frame that all had in common, and its hash."""
        self.outbox: list[e.Event] = []
        """Events."""
        self.datagrams: list[tuple[bytes, Address]] = []
        """To be sent."""

    @property
    def member(self) -> int:
        """Our number among the members."""
        return self.members.index(self.peer)

    @property
    def hosted_by(self) -> int:
        """Entries of the log up to the one that says who the host is; 0: it is the first one."""
        return max((n for n, what in enumerate(self.log.bodies, 1) if isinstance(what, HostIs)), default=0)

    @property
    def others(self) -> tuple[int, ...]:
        """All players but ours."""
        return tuple(player for player in range(len(self.names)) if player not in self.seats)

    @property
    def agreed(self) -> int:
        """The newest frame that we and everybody we have a link to are known to have in common."""
        return self.agreed_state[0]

    @property
    def agreed_state(self) -> tuple[int, bytes]:
        """`agreed`, and the hash of that frame."""
        counting = [remote.hashes for remote in self.linked if remote.counts]
        if not counting:
            return self.timeline.frame, self.timeline.hash
        slowest = min(counting, key=_AGREED)
        return slowest.agreed, slowest.agreed_hash

    # --- members

    def record_cut(self, frame: int) -> None:
        """Record that the frames after `frame`, the newest of the timeline, never were."""
        if self.recorder is not None:
            self.recorder.cut(frame, self.timeline.state, self._chain)

    def _chain(self) -> bytes:
        """The hash chain after the newest frame, worked out from the first one on."""
        timeline = self.timeline
        first, *states = timeline.replay(timeline.frame)
        chain = first_link(state_hash(first))
        for inputs, state in zip(timeline.log, states, strict=True):
            chain = link(chain, inputs, state_hash(state))
        return chain

    def take_back(self, frame: int) -> None:
        """Our frames after `frame` never were: the host went on without our inputs in them."""
        if frame < self.timeline.frame:
            self.timeline.cut(frame)
            self.record_cut(frame)
        self.begin_anew()
        for remote in self.linked:
            remote.hashes.restart(self.timeline.frame, self.timeline.hash)

    def seat_anew(self) -> None:
        """Who plays where is what the log says, and nothing else."""
        self.seating = Seating(self.election.players, self.election.host, self.first_bots)
        for decision in self.log.decisions:
            self.seating.apply(decision)
        self.reseat()

    def begin_anew(self) -> None:
        """Go on from the newest confirmed frame, as if nothing beyond it was known."""
        self.handovers.clear()
        self.engine.restart()
        self.seals.begin(self.timeline.frame, self.timeline.sealed)
        self.reseat()

    def link_star(self) -> None:
        """The host has links to all, those who came later too, a guest one to the host."""
        host, others = self.seating.host, dict.fromkeys((*self.members, *self.seating.people))
        self.link_only([peer for peer in others if peer != self.peer] if host == self.peer else [host])

    def link_only(self, peers: Sequence[str]) -> None:
        """The star has another middle: these are the members that we have links to."""
        self.remotes.clear()
        self.linked = ()
        for peer in peers:
            self.add_member(peer)

    def name_of(self, peer: str) -> str:
        """The name on the first seat that a member had at the beginning; of who came later, that in the room."""
        seats = zip(self.names, self.election.players, strict=True)
        return next((name for name, owner in seats if owner == peer and name), "") or self._member_name(peer)

    @property
    def seat_names(self) -> tuple[str, ...]:
        """Of who plays on each seat now; of a bot that of the person before it, or none."""
        first, seating = self.election.players, self.seating
        return tuple(
            [
                name if seat in seating.bots or owner == first[seat] else self.name_of(owner)
                for seat, (name, owner) in enumerate(zip(self.names, seating.owners, strict=True))
            ]
        )

    def remote_of(self, peer: str) -> Remote | None:
        """The member of that peer id, if we have a link to it."""
        return next((remote for remote in self.linked if remote.peer == peer), None)

    def forgot(self, peer: str) -> bool:
        """Whether we go on with `peer`, and know nothing any more of the hashes that it told and was told."""
        remote = self.remote_of(peer)
        return self.phase is not Phase.STARTING and remote is not None and remote.hashes.blank

    def number_of(self, peer: str) -> int:
        """Of a member, which may be a new one."""
        if peer not in self.members:
            self.members.append(peer)
        return self.members.index(peer)

    def add_member(self, peer: str, name: str = "") -> Remote:
        """We have a link to `peer`. `name`: of one without a seat."""
        member = self.number_of(peer)
        remote = Remote(member, peer, name or self.name_of(peer))
        self.remotes[member] = remote
        self.linked = tuple(self.remotes.values())
        self.reseat()
        return remote

    def remove_member(self, remote: Remote) -> None:
        """It is gone: nothing is expected of it, and nothing is sent to it."""
        self.remotes.pop(remote.member, None)
        self.linked = tuple(self.remotes.values())

    def reseat(self) -> None:
        """Seats changed hands: work out anew whose inputs come from where."""
        engine, seating, handovers = self.engine, self.seating, self.handovers
        self.is_host = self.peer == seating.host and not self.deposed
        self.seats = seating.people_of(self.peer)
        self.me = next(iter(self.seats), -1)
        ours, everybody = seating.seats_of(self.peer), range(len(self.names))
        engine.play(ours)
        for remote in self.linked:
            if self.is_host:
                remote.seats = remote.paced = seating.seats_of(remote.peer)
                remote.counts = bool(remote.seats)
                remote.told = tuple(
                    [s for s in everybody if s not in remote.seats or remote.acked < handovers.get(s, 0)]
                )
                remote.acked_of = tuple([s for s in everybody if s not in remote.seats])
            else:  # truth is a star: all inputs come through the host
                remote.seats = tuple(
                    [s for s in everybody if s not in ours or engine.known(s) < handovers.get(s, 0)]
                )
                remote.paced = seating.seats_of(remote.peer)
                remote.counts = True
                remote.told = remote.acked_of = ours
        self.changed = True

    @property
    def handed_until(self) -> int:
        """The frame up to which bots give inputs of seats that people take over; 0: no seat changes hands."""
        return max(self.handovers.values()) if self.handovers else 0

    def settle_handovers(self) -> None:
        """Forget the handovers that have happened, which changes whose inputs come from where."""
        for seat, frame in list(self.handovers.items()):
            taker = self.remote_of(self.seating.owners[seat])
            known = taker.acked if taker is not None and self.is_host else self.engine.known(seat)
            # Our own inputs for what is simulated already may be others than those that were predicted.
            until = max(frame, self.engine.frame) if seat in self.seats else frame
            if known >= until and self.engine.known(seat) >= until:
                del self.handovers[seat]
                self.engine.settle(seat)
                self.reseat()

    def late_ms(self) -> tuple[float, ...]:
        """By how much each player's inputs came too late on average; empty by turns. Ours as the others tell."""
        rate, statistics = self.game.tick_rate, self.statistics
        if not rate:
            return ()
        late = [0.0] * len(self.names)
        for remote in self.linked:
            for player in self.seats:
                late[player] = max(late[player], statistics.late_ms(remote.late_there, rate))
            for player in remote.paced:
                late[player] = statistics.late_ms(remote.late, rate)
        return tuple(late)

    # --- the outbox

    def broadcast(self, message: m.Message, *, but: Remote | None = None) -> None:
        """To every member that we have a link to, except `but`."""
        for remote in self.linked:
            if remote is not but:
                remote.send(message)

    def emit(self, event: e.Event) -> None:
        self.outbox.append(event)

    def take_events(self) -> list[e.Event]:
        out, self.outbox = self.outbox, []
        return out

    # --- confirmed frames

    def confirm(self, frame: int, value: bytes) -> None:
        """Record a frame that `Engine.take_confirmed` gave, and compare its hash with what others told."""
        recorder, timeline = self.recorder, self.timeline
        if recorder is not None:
            recorder.confirmed(timeline.log[frame - 1], value)
            if recorder.snapshot_at <= frame == timeline.frame:
                recorder.take_snapshot(frame, timeline.state)
        self.compare_ours(frame, value)

    def compare_ours(self, frame: int, value: bytes) -> None:
        """`value` is our hash of a confirmed frame."""
        for remote in self.linked:
            try:
                equal = remote.hashes.ours(frame, value)
            except DesyncError as error:
                self._differ(remote, error)
            else:
                if equal:
                    self.agree()

    def tell_hash(self, remote: Remote, *, rolled: bool) -> None:
        """Tell `remote` the hash of our newest confirmed frame."""
        value = remote.hashes.rolled if rolled else self.timeline.hash
        remote.send(m.StateHash(match=self.match, frame=self.timeline.frame, hash=value))

    def compare_theirs(
        self, remote: Remote, frame: int, value: bytes, *, rolled: bool, late: bool = True
    ) -> None:
        """`value` is what `remote` told of a frame. Raises `RemoteProtocolError("too_far_ahead")`."""
        try:
            equal = remote.hashes.theirs(frame, value, rolled=rolled, late=late)
        except DesyncError as error:
            self._differ(remote, error)
        else:
            if equal:
                self.agree()

    def _differ(self, remote: Remote, error: DesyncError) -> None:
        """The states differ. Who only watches is not worth a pause of all: it goes."""
        if remote.counts:
            self.difference = self.difference or (remote, error)
        else:
            remote.differs = True

    def agree(self) -> None:
        """A frame was found equal with one member. What all have in common is told, whichever frames each names."""
        newest = self.agreed_state
        if newest != self._told_agreed and newest[0] >= 0:
            self._told_agreed = newest
            self.emit(e.Hash(match=self.match, frame=newest[0], hash=newest[1].hex()))
            self.changed = True
