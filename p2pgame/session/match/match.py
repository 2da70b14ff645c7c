"""One match, sans-IO: takes our inputs and the other members' messages, gives messages and events.

    STARTING --first state of all--> PLAYING --outcome--> ENDING --last hash agreed, all signed--> ENDED

Inputs determine the states; the host decides only what the rules leave open. A match outlives its sessions: `rejoin`
continues it on another session from the frames that each side has. While states differ, it is paused and repaired.

The parts: `core` (what all share), an `exchange` (`turns` or `ticks`: how inputs travel), `decisions`, `ending`,
`desync_repair`, `recovery`. Does not know links.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, ClassVar, NamedTuple

import msgspec

from p2pgame.core.errors import DesyncError, IllegalMoveError, RemoteProtocolError
from p2pgame.core.game import EndedBy, Outcome
from p2pgame.netcode.decisions import DECISIONS_MAX
from p2pgame.netcode.seating import Seating
from p2pgame.replay.records import Record
from p2pgame.session import events as e
from p2pgame.session.match.catchup import missing_frames
from p2pgame.session.match.channel import Address
from p2pgame.session.match.clock import MatchClock
from p2pgame.session.match.core import MatchCore, Phase
from p2pgame.session.match.decisions import Decisions
from p2pgame.session.match.desync_diagnosis import DesyncFinding
from p2pgame.session.match.desync_repair import DesyncRepair
from p2pgame.session.match.ending import Ending
from p2pgame.session.match.exchange import Exchange, Pace
from p2pgame.session.match.recovery import Recovery
from p2pgame.session.match.remote import Remote
from p2pgame.session.match.takebacks import Takebacks
from p2pgame.session.match.told_frames import ToldFrames
from p2pgame.session.saved_match import SavedMatch
from p2pgame.session.status import RUNNING, Status, StatusCode
from p2pgame.session.stopwatch import Stopwatch
from p2pgame.session.view import CLOSING, MatchView, Requests
from p2pgame.wire import messages as m
from p2pgame.wire.bounds import DELAY_MAX, OPENING_TIMEOUT
from p2pgame.wire.decisions import Claimed, HostIs, HostVote, Resigned

__all__ = ["Match", "MessageRule"]

_WAITING_DECISIONS_MAX = 64
"""Entries of the host that wait during a repair; who catches up may lack all."""
_EARLY_REQUESTS_MAX = 16
_CLAIM_MOVES = 0.1
"""Seconds by which the time of a claim moves before it is shown anew."""
_OPENING_STEP = 1.0
"""Seconds from one look at who owes an opening to the next: if it takes longer, our own program was stopped, and the
opening may wait in a buffer of ours."""
_STARTING, _PLAYING, _ENDING, _ENDED = Phase.STARTING, Phase.PLAYING, Phase.ENDING, Phase.ENDED
_REPAIRING, _CATCHING_UP, _ADJOURNED = Phase.REPAIRING, Phase.CATCHING_UP, Phase.ADJOURNED


class MessageRule(NamedTuple):
    """Handler and phases of one type of match message."""

    handle: Callable[["Match", Remote, Any, float], None]
    phases: frozenset[Phase]
    """Phases in which the message is handled."""
    ignored: frozenset[Phase] = frozenset()
    """Phases in which the message is legal but ignored: it crossed a phase change on the wire, or was sent again."""


_RUNNING = (_PLAYING, _ENDING)
_OPEN = frozenset({_PLAYING, _ENDING, _REPAIRING, _CATCHING_UP})
_MOVING = frozenset({_PLAYING, _ENDING, _CATCHING_UP})
_AFTER = frozenset({_ENDED})
_ASIDE = frozenset({_ENDED, _ADJOURNED})
_CROSSED = frozenset({_ENDING, _REPAIRING, *_ASIDE})
_NOT_REPAIRING = frozenset({*_RUNNING, *_ASIDE})


class Match:
    """A match as one member sees it. After every call, take `messages_to_send`, `events`, `records`, `reports`."""

    def __init__(
        self,
        core: MatchCore,
        exchange: Exchange,
        saved: SavedMatch | None = None,
    ) -> None:
        """`exchange`: of `core`. `saved`: the match to resume."""
        self.core = core
        self.exchange = exchange
        self.clock = MatchClock(core)
        end_at = partial(_end_at, core, exchange)
        self.decisions = Decisions(core, exchange, end_at, self.clock)
        self.takebacks = Takebacks(core, exchange.give)
        self.ending = Ending(core)
        self.repair = DesyncRepair(core)
        self.recovery = Recovery(core, self.exchange)
        self._pause: Status | None = None
        """Set while a session is missing."""
        self._claim_at: float | None = None
        self._unopened = -1, Stopwatch()
        """A frame, and how long others have owed us their openings of it ..."""
        self._open_at: float | None = None
        """When those who owe us an opening forfeit; None while nobody does, or the session may be broken."""
        self._timed_at = 0.0
        """... at this time."""
        self._told = ToldFrames(core)
        """A host that went on without us has to show by its decisions which inputs of ours are not ours."""
        self._link_suspect = False
        """True while the session may be lost: the deadlines of the other side are suspended."""
        self._early_requests: list[tuple[Remote, m.Request]] = []
        """Of guests that play already, while the host waits for others."""
        self._waiting_decisions: list[tuple[Remote, m.Decided]] = []
        """Decisions received in a phase that cannot apply them yet."""
        self._view: MatchView | None = None
        self._now = 0.0
        if saved is not None:
            self._restore(saved)

    # --- state

    @property
    def id(self) -> str:
        return self.core.match

    @property
    def me(self) -> int:
        """Our first player index; -1: we watch."""
        return self.core.me

    @property
    def watching(self) -> bool:
        """True if nobody plays here."""
        return not self.core.seats and not self.core.is_host

    @property
    def is_host(self) -> bool:
        return self.core.is_host

    @property
    def frame(self) -> int:
        """Frames confirmed."""
        return self.core.timeline.frame

    @property
    def outcome(self) -> Outcome | None:
        """The outcome, as soon as it is known here; it may not be agreed yet."""
        return self.core.timeline.outcome

    @property
    def over(self) -> bool:
        return self.core.phase is _ENDED

    @property
    def running(self) -> bool:
        return self.core.phase in _RUNNING

    @property
    def settled(self) -> bool:
        """True if the match is over and all members agree on the outcome."""
        return self.ending.settled

    @property
    def adjourned(self) -> bool:
        """True if all players agreed to put the match aside, and did not go on since."""
        return self.core.adjourned and self.running

    @property
    def phase(self) -> Phase:
        """The phase, with repair and catch-up, and whether it is put aside."""
        if self.adjourned:
            return _ADJOURNED
        if self.running and self.repair.active:
            return _REPAIRING
        if self.running and self.recovery.catching_up:
            return _CATCHING_UP
        return self.core.phase

    @property
    def status(self) -> Status:
        """Whether the match runs, or why not."""
        core = self.core
        if core.phase is _ENDED:
            return Status(code=StatusCode.ENDED)
        claim_at = self._claim_at
        if self.adjourned:
            return Status(code=StatusCode.ADJOURNED, since=self._pause.since if self._pause else self._now)
        if self._pause is not None:
            return msgspec.structs.replace(self._pause, claim_at=claim_at)
        if self.repair.active and self.running:
            code = StatusCode.DESYNC if self.repair.dispute is None else StatusCode.DISPUTED
            return Status(code=code, since=self.repair.since, claim_at=claim_at)
        if self.recovery.catching_up:
            return Status(code=StatusCode.CATCHING_UP)
        if core.phase is not _PLAYING:
            return Status(code=StatusCode.STARTING if core.phase is _STARTING else StatusCode.ENDING)
        if self.exchange.stalled(self._now):
            return Status(code=StatusCode.STALLED, since=self.exchange.moved_at, claim_at=claim_at)
        return RUNNING

    @property
    def pause(self) -> Status | None:
        """Why the match waits for a session; None: it does not, or is over."""
        return None if self.over else self._pause

    @property
    def claim_at(self) -> float | None:
        """Earliest time to claim the match, if it goes on to make no progress; None: it makes some."""
        return self._claim_at

    @claim_at.setter
    def claim_at(self, at: float | None) -> None:
        old, self._claim_at = self._claim_at, at
        if (old is None) != (at is None) or (
            old is not None and at is not None and abs(at - old) > _CLAIM_MOVES
        ):
            self.core.changed = True

    def standing_since(self, now: float) -> float | None:
        """Since when the match makes no progress; None: it makes some, or waits for nobody but a player's move."""
        if self.core.phase not in _RUNNING:  # asked in every frame: attributes, not properties
            return None
        if self._pause is not None:
            return self._pause.since
        if self.repair.diagnosis is not None:
            return self.repair.since
        return now if self.recovery.catch_up is not None else self.exchange.standing_since(now)

    def view(self) -> MatchView:
        """The current view; the same object until something changes."""
        if self._view is None or self.core.changed:
            self.core.changed = False
            self._view = self._make_view()
        return self._view

    # --- our player

    def begin(self, now: float) -> None:
        """All sessions are open. The host sends the hash of its first state; the guests answer."""
        if self.is_host:
            self.core.broadcast(self.exchange.start(self.core.timeline.hash))
            self.start_if_all_are_here(now)

    def submit(self, move: Any, seat: int | None = None) -> None:
        """Give an input of ours: for the current frame or, in real time, from now on. `seat` None: our first.

        Raises `IllegalMoveError` and then changes and sends nothing.
        """
        seats = self.core.seats
        chosen = self.core.me if seat is None else seat
        if self.core.seating.kept.get(chosen) == self.core.peer or (seat is None and not seats):
            return  # a bot has it, which our player may not know yet
        if chosen not in seats:
            raise IllegalMoveError("not_your_seat")
        self.exchange.submit(chosen, move, self.status.code)

    def resign(self) -> None:
        """Resign; during a repair, after it."""
        if self.repair.dispute is not None:
            self.answer_dispute(go_on=False)
        elif self.repair.active:
            self.repair.resign_after = True
        elif self.core.phase is _PLAYING:
            self.decisions.resign()

    def leave(self) -> None:
        """Leave the round: bots play on for our people, and we watch."""
        if self.core.phase is _PLAYING:
            self.decisions.leave()

    def answer_dispute(self, *, go_on: bool) -> None:
        """Both sides computed their own state: whether our player plays on from that of the host."""
        repair, remote = self.repair, self.repair.remote
        if remote is not None and repair.dispute is not None:
            repair.tell(go_on=go_on)
            finding = repair.answer(self.core.member, go_on=go_on)
            if finding is not None:
                self._repaired(remote, finding, self._now)

    def offer_draw(self) -> None:
        """Offer a draw. The match ends as a draw when all players have offered one."""
        if self.phase is _PLAYING:
            self.decisions.offer_draw()

    def refuse_draw(self) -> None:
        """Refuse the draw that the others offer."""
        if self._asks:
            self.decisions.draw.refuse()

    def ask_to_adjourn(self, now: float) -> None:
        """Ask to put the match aside. It is adjourned when all players have asked for it."""
        if self._asks:
            self.clock.now = now
            self.decisions.ask_to_adjourn()

    def refuse_to_adjourn(self) -> None:
        """Refuse to put the match aside, as the others ask."""
        if self._asks:
            self.decisions.adjournment.refuse()

    def ask_takeback(self) -> None:
        """Ask the others whether our player's newest move may be taken back. Raises `IllegalMoveError`."""
        if self._asks:
            self.takebacks.ask()

    def answer_takeback(self, *, allow: bool) -> None:
        """Answer another player's request for a takeback."""
        if self._asks:
            self.takebacks.answer(allow=allow)

    def give_time(self) -> None:
        """Give the others more time."""
        if self._asks:
            self.decisions.give_time()

    @property
    def _asks(self) -> bool:
        """Whether players may ask each other for something: not while somebody is away, or lost what was decided."""
        return self.phase is _PLAYING and self.status.code.accepts_moves

    def set_delay(self, frames: int) -> None:
        """Real time: change our own input delay, in frames."""
        self.exchange.set_delay(max(0, min(DELAY_MAX, frames)))

    def end_alone(self, outcome: Outcome, *why: Resigned | Claimed) -> None:
        """End the match without agreement: the other side did not return, or broke the protocol.

        An outcome that is already known stands. `why`: the decisions that end it, if there are any.
        """
        core = self.core
        if self.over:
            return
        finding = self.repair.give_up()
        if finding is not None:
            self.repair.end(finding)
            core.repairing = False
        started, known = core.phase is not _STARTING, core.timeline.outcome
        core.phase = _ENDED
        core.changed = True
        if started and why and known is None:
            self.decisions.end_alone(why, outcome)
        core.timeline.outcome = known or outcome
        if started:
            self.ending.abort(known or outcome)

    # --- the other members

    def receive(self, member: int, message: m.Message, now: float) -> None:
        """Handle a message of the member of that number.

        Raises `RemoteProtocolError` for a protocol violation, and with ``desync`` if the states cannot be repaired.
        """
        rule = self.RULES.get(type(message))
        phase = self.phase
        if rule is None or phase not in (*rule.phases, *rule.ignored):
            kind = str(message.__struct_config__.tag)
            raise RemoteProtocolError("unexpected_message", message=kind, scope="match", phase=phase.value)
        self._now = self.clock.now = now
        if phase in rule.phases:
            rule.handle(self, self.core.remotes[member], message, now)
        self.recovery.note_heard()
        self.settle(now)

    def receive_datagrams(self, batch: Sequence[tuple[bytes, Address, float]], now: float) -> None:
        """Datagrams that may be of this match, with their sources and times of arrival. Raises as `receive` does.

        They take effect with the next `handle_timeout`, or `settle`.
        """
        if self.core.phase in _RUNNING:
            self._now = now
            if self.exchange.receive_datagrams(batch) and self.recovery.fresh:
                self.recovery.note_heard()

    # --- sessions

    def saved(self) -> SavedMatch | None:
        """The match as its file has it; None if it is in none."""
        core = self.core
        recorder, seals = core.recorder, core.seals
        if recorder is None:
            return None
        return SavedMatch(
            header=recorder.header,
            config=core.config,
            log=tuple(core.timeline.log),
            state=core.timeline.state,
            chain=recorder.chain,
            decisions=core.log,
            seals={seat: (made, seals.openings.get(seat, b"")) for seat, made in seals.commitments.items()},
            adjourned=core.adjourned,
            takebacks_allowed=frozenset(core.takebacks_allowed),
        )

    def set_rtt(self, member: int, rtt: float | None) -> None:
        """The round trip of the session with `member`, in seconds."""
        remote = self.core.remotes[member]
        if rtt is not None and rtt != remote.rtt:
            remote.rtt = rtt
            self.exchange.set_rtt(remote, rtt)

    def moved(self, member: int, address: Address | None) -> None:
        """The session with `member` has a new address; send its datagrams there."""
        self.exchange.moved(self.core.remotes[member], address)

    def set_pause(self, pause: Status | None, now: float) -> None:
        """Pause the match because a session is missing, or resume it (None)."""
        core, before = self.core, self._pause
        if pause == before:
            return
        self._pause = pause
        core.changed = True
        if self.running:
            self._note(pause.code if pause is not None else StatusCode.RUNNING)
            if pause is None and before is not None:
                seconds = max(0.0, now - before.since)
                self.decisions.paused(before.code.value, round(seconds * 1000))

    def set_link_suspect(self, suspect: bool, now: float) -> None:
        """Whether a session may be gone; then what the other side owes us has no deadline."""
        self._link_suspect = suspect
        if self.ending.deadline is not None:
            self.ending.wait(now)
        self.repair.extend(now)
        self._time_openings(now)

    def heard_lately(self, now: float) -> bool:
        """True if datagrams of all members arrived recently, so that the match runs without its sessions."""
        return self.exchange.heard_lately(now)

    def can_resume(self, *, fresh: bool) -> bool:
        """Whether to answer a `Resume`. False if the match is over and the other side cannot verify our outcome.

        `fresh`: the other side's program was restarted and may have lost its own resignation."""
        outcome = self.outcome
        they_resigned = (
            outcome is not None
            and outcome.ended_by is EndedBy.RESIGNED
            and outcome.winners == self.core.seats
        )
        return not self.over or (self.settled and (self.is_host or not fresh or not they_resigned))

    def resume_message(
        self, member: int, session: int, cut: int | None = None, epoch: int | None = None
    ) -> m.Resume:
        """Our `Resume` for the session of number `session` with `member`. `cut`, `epoch`: see there."""
        return self.recovery.resume_message(self.core.remotes[member], session, cut, epoch)

    def cut_for(self, peer: str, theirs: m.Resume) -> int:
        """For the host: how many frames of `peer` hold, a member that we went on without or that is new.

        Who has the entry of its drop has played on from there since. Frames after the beginning of an epoch that it
        does not know never were.
        """
        decisions = self.core.log.common(theirs.epochs)
        core, told = self.core, Seating(self.core.election.players, self.core.election.host)
        for decision in core.log.decisions[:decisions]:
            told.apply(decision)
        unknown = [d.frame for d in core.log.decisions[decisions:] if isinstance(d.what, HostIs)]
        dropped = core.seating.cuts.get(peer)
        if dropped is not None and told.cuts.get(peer) != dropped:
            unknown.append(dropped)
        return min([self.frame, *unknown])

    def unknown_host(self, theirs: m.Resume) -> bool:
        """For the host: whether a member that said so does not know yet who carries the match."""
        core = self.core
        return core.log.common(theirs.epochs) < core.hosted_by

    def readmit(self, member: int, ours: m.Resume, theirs: m.Resume, now: float) -> None:
        """For the host: a member is back, or a new one is here: send what it lacks. It watches until it has it."""
        core, remote = self.core, self.core.remotes[member]
        self._now = now
        remote.started = True
        remote.resume = (ours, theirs)
        self.exchange.admit(remote, ours, theirs, now)
        remote.hashes.restart(core.timeline.frame, core.timeline.hash)
        self.decisions.resend(remote, core.log.common(theirs.epochs))
        for message in missing_frames(core.match, core.timeline, min(theirs.frame, ours.cut or 0)):
            remote.send(message)
        core.tell_hash(remote, rolled=self.exchange.rolled)
        self.ending.sign_again(remote)

    def take_over_from(self, remote: Remote, ours: m.Resume, theirs: m.Resume, now: float) -> None:
        """We are to be the host, and `remote` has more of the match than we do: it was asked for it."""
        remote.resume = (ours, theirs)
        self.recovery.expect(theirs, now)

    def carry_on(self, epoch: int, votes: tuple[HostVote, ...], now: float) -> None:
        """The host is gone and we were elected: carry the match on from our newest frame."""
        core = self.core
        core.link_only(())
        core.begin_anew()
        self.decisions.replace_host(epoch, votes)
        self.exchange.carry_on(now)

    def tell(self, message: m.Tell) -> list[m.Message]:
        """What the next host lacks."""
        core = self.core
        entries: list[m.Message] = [
            m.Decided(match=core.match, entry=entry) for entry in core.log.entries[message.decisions :]
        ]
        return entries + missing_frames(core.match, core.timeline, message.frame)

    def rejoin(self, member: int, ours: m.Resume, theirs: m.Resume, now: float) -> None:
        """Continue on another session after both sent `Resume`: send the missing frames, or wait for ours.

        Raises `RemoteProtocolError`.
        """
        core, remote = self.core, self.core.remotes[member]
        self._now = now
        self.recovery.check(ours, theirs)
        remote.resume = (ours, theirs)
        if theirs.cut is not None:
            self._rejoin_after_cut(remote, ours, theirs, now)
            return
        if core.phase is _STARTING and not core.seats:
            raise RemoteProtocolError(
                "bad_resume", reason="cut"
            )  # who comes to watch was there at no beginning
        self.decisions.rejoined(ours, theirs)
        if self.adjourned and theirs.decisions < len(core.log.entries):
            self._tell_adjourned(remote, ours, theirs)
            return
        core.adjourned = False
        if core.phase is _STARTING:
            # Where they started already, their log will confirm it.
            value = ours.hash if theirs.frame else theirs.hash
            start = m.Start(match=self.id, hash=value, salt=theirs.salt)
            self._started(remote, start, now)
        if core.difference is not None and core.phase is _STARTING:
            self.settle(now)
            return
        if not (self._decided_by_us and ours.frame < theirs.frame):
            self.recovery.exchange_frames(remote, ours, theirs, now)
        if not self.recovery.catching_up:
            self._reconnected(remote, core.log.common(theirs.epochs), now)
        self.settle(now)

    def _tell_adjourned(self, remote: Remote, ours: m.Resume, theirs: m.Resume) -> None:
        """The match is put aside, and the other side does not know it yet."""
        core = self.core
        for message in missing_frames(core.match, core.timeline, min(ours.frame, theirs.frame)):
            remote.send(message)
        self.decisions.resend(remote, core.log.common(theirs.epochs))

    def _rejoin_after_cut(self, remote: Remote, ours: m.Resume, theirs: m.Resume, now: float) -> None:
        """The host went on without us, or we came to watch."""
        core = self.core
        remote.started = True
        self._told.begin(ours, theirs)
        if core.phase is _STARTING:
            core.phase = _PLAYING
            if core.recorder is not None:  # we have a seat, and lost our file
                core.recorder.began(core.timeline.hash)
            core.emit(e.Spectating(match=core.match, frame=theirs.frame))
        self.recovery.take_back(theirs, now)
        self.recovery.owe(theirs.decisions, now)
        self.exchange.admit(remote, ours, theirs, now)
        if not self.recovery.catching_up:
            self._reconnected(remote, core.log.common(theirs.epochs), now)
        self.settle(now)

    # --- time

    def next_deadline(self) -> float | None:
        repair, recovery = self.repair, self.recovery
        if self.core.phase not in _RUNNING:
            return repair.deadline if not self._link_suspect else None
        owed: float | None
        if recovery.catch_up is not None:
            owed = recovery.deadline
        elif recovery.entries_owed:
            owed = recovery.entries_by
        elif self._link_suspect:
            owed = None
        elif repair.diagnosis is None:
            owed = self.ending.deadline
            if owed is None and (open_at := self._open_at) is not None:
                owed = min(open_at, self._timed_at + _OPENING_STEP)
        else:
            owed = repair.deadline
        tick = self.exchange.next_deadline()
        if self.clock.exists and not self._link_suspect:
            flag = self.clock.next_deadline()
            owed = flag if owed is None or (flag is not None and flag < owed) else owed
        return tick if owed is None or (tick is not None and tick < owed) else owed

    def handle_timeout(self, now: float) -> None:
        """Advance frames and check the deadlines of the other side. Raises `RemoteProtocolError`."""
        self._now = now
        if self.core.difference is not None and self.running and not self.repair.active:
            self.settle(now)  # before another frame passes
        if self._open_at is not None:
            self._time_openings(now)
        undisturbed = (
            self.repair.diagnosis is None
            and self.recovery.catch_up is None
            and self.ending.deadline is None
            and self._open_at is None
            and self._pause is None
            and not self.recovery.entries_owed
        )
        if not undisturbed:
            self._check_deadlines(now)
        if self.core.phase in _RUNNING:
            self.exchange.handle_timeout(now, Pace.RUN if undisturbed else self._pace())
            self._follow(now)

    def settle(self, now: float) -> None:
        """What follows from what is known: frames pass, differences are repaired, the match ends."""
        self.exchange.settle()
        self._follow(now)

    def _follow(self, now: float) -> None:
        """What follows from the frames that passed."""
        core, ending, repair = self.core, self.ending, self.repair
        if core.phase is _ENDED:
            return
        if core.seals.asked or self._open_at is not None:
            self._time_openings(now)
        if self.clock.exists:
            self._time_moves(now)
        if core.difference is not None or repair.suspected_fault is not None or repair.due:
            self._begin_repair_if_due(now)
        if repair.diagnosis is not None:
            return
        if core.seating.bots and core.phase is _PLAYING:
            self.exchange.play_bots(self.status.code)
        outcome = core.timeline.outcome
        if outcome is None:
            if self.decisions.resigning and ending.deadline is None:
                ending.wait(now)
            return
        if core.phase is _PLAYING:
            core.phase = _ENDING
            core.changed = True
            ending.wait(now)
        if core.phase is _ENDING:
            if self._told.invented:
                raise RemoteProtocolError("disputed", reason="not_dropped")
            ending.sign()
            if ending.agreed:
                for remote in core.linked:
                    if not remote.counts:  # nobody waits for those who watch
                        self.exchange.tell_rest(remote)
                ending.finish(outcome)

    def _time_moves(self, now: float) -> None:
        """Time of the players runs while the match does, and nobody may be unreachable."""
        clock = self.clock
        runs = self.core.phase is _PLAYING and self._pace() is Pace.RUN and not self._link_suspect
        clock.update(now, runs=runs)
        stamps, clock.stamps = clock.stamps, []
        for seat, frame, milliseconds in stamps:
            self.decisions.time(seat, frame, milliseconds)
        flag, clock.flag = clock.flag, None
        if flag is not None:
            self.decisions.flag(*flag)

    def _time_openings(self, now: float) -> None:
        """Let the time of who owes us an opening run, or stand. The host sees to those of other guests."""
        core, seals = self.core, self.core.seals
        frame, stopwatch = self._unopened
        if frame != seals.frame:
            self._unopened = seals.frame, (stopwatch := Stopwatch(longest=2 * _OPENING_STEP))
            self._open_at = None
        if not seals.asked:
            return
        owed = any(p in seals.owing for remote in core.linked for p in remote.paced)
        owed = owed and core.timeline.outcome is None
        runs = owed and core.phase is _PLAYING and self._pace() is Pace.RUN and not self._link_suspect
        stopwatch.update(now, now if runs else None)
        self._open_at = stopwatch.reaches(OPENING_TIMEOUT)
        self._timed_at = now

    # --- output

    @property
    def has_output(self) -> bool:
        """True if there are messages, events, records or reports to take."""
        core = self.core
        for remote in core.linked:  # asked in every frame
            if remote.outbox:
                return True
        recorder = core.recorder
        return bool(core.outbox or self.repair.outbox or (recorder is not None and recorder.outbox))

    def messages_to_send(self, member: int) -> list[m.Message]:
        """Messages for the member of that number."""
        return self.core.remotes[member].take_messages()

    def datagrams_to_send(self) -> list[tuple[bytes, Address]]:
        core = self.core
        out, core.datagrams = core.datagrams, []
        return out

    def events(self) -> list[e.Event]:
        return self.core.take_events()

    def records(self) -> Sequence[Record]:
        """New records for the file of the match."""
        return self.core.recorder.records() if self.core.recorder is not None else ()

    def reports(self) -> Sequence[tuple[Record, ...]]:
        """Desync reports; each is written to a file of its own."""
        return self.repair.reports()

    # --- handlers of `RULES`

    def _on_start(self, remote: Remote, message: m.Start, now: float) -> None:
        if self._started(remote, message, now) and not self.is_host:
            remote.send(self.exchange.start(message.hash))

    def _on_input(self, remote: Remote, message: m.Input, now: float) -> None:
        self.exchange.receive_input(remote, message, now)

    def _on_sealed(self, remote: Remote, message: m.Sealed, now: float) -> None:
        self.exchange.receive_sealed(remote, message, now)

    def _on_packet(self, remote: Remote, message: m.StreamPacket, now: float) -> None:
        self.exchange.receive_packet(remote, message.data, now)

    def _on_hash(self, remote: Remote, message: m.StateHash, now: float) -> None:
        rolled = self.exchange.rolled
        self.core.compare_theirs(remote, message.frame, message.hash, rolled=rolled, late=False)

    def _on_request(self, remote: Remote, message: m.Request, now: float) -> None:
        if self.core.phase is not _STARTING:
            self._take_request(remote, message)
        elif len(self._early_requests) < _EARLY_REQUESTS_MAX:  # of a guest that began before another did
            self._early_requests.append((remote, message))

    def _take_request(self, remote: Remote, message: m.Request) -> None:
        what = message.what
        if message.player not in remote.seats or not (self.is_host or what.forwarded):
            raise RemoteProtocolError("not_your_request", request=what.value, player=message.player)
        part = self.takebacks.receive if what.about_takebacks else self.decisions.receive_request
        part(remote, message)

    def _on_decided(self, remote: Remote, message: m.Decided, now: float) -> None:
        if self.phase in (_PLAYING, _ENDING):
            self.decisions.receive(remote, message)
            self._count_entries()
        elif len(self._waiting_decisions) < (
            DECISIONS_MAX if self.recovery.catching_up else _WAITING_DECISIONS_MAX
        ):
            self._waiting_decisions.append((remote, message))

    def _on_signature(self, remote: Remote, message: m.EndSignature, now: float) -> None:
        self.ending.receive(remote, message)

    def _on_countdown(self, remote: Remote, message: m.Countdown, now: float) -> None:
        self.exchange.receive_countdown(remote, message, now)

    def _on_differ(self, remote: Remote, message: m.Differ, now: float) -> None:
        if self.recovery.catching_up:  # the frames that were asked for come first
            raise RemoteProtocolError(
                "unexpected_message", message="differ", scope="match", phase="catching_up"
            )
        if not remote.counts:
            raise RemoteProtocolError("desync", frame=message.first)
        if not self.repair.active:
            self._begin_repair(remote, None, now)
        self._on_repair(remote, message, now)

    def _on_repair(self, remote: Remote, message: m.Differ | m.State, now: float) -> None:
        finding = self.repair.receive(remote, message, now)
        if finding is not None and finding.disputed and finding.taken:
            self.repair.ask(finding, now)
        elif finding is not None:
            self._repaired(remote, finding, now)

    def _on_dispute_answer(self, remote: Remote, message: m.DisputeAnswer, now: float) -> None:
        repair = self.repair
        if remote is not repair.remote or repair.dispute is None or repair.dispute.frame != message.frame:
            return
        finding = repair.answer(remote.member, go_on=message.go_on)
        if finding is not None:
            self._repaired(remote, finding, now)

    def _on_catch_up(self, remote: Remote, message: m.Log, now: float) -> None:
        if self._decided_by_us:
            return  # they played past our decided end, which they have not received yet
        missed = self.recovery.receive(message, now)
        if missed is not None:
            self.core.changed = True
            self.repair.suspected_fault = self.recovery.adopt(remote, missed)
            known = self.core.log.common(remote.resume[1].epochs) if remote.resume is not None else 0
            self._reconnected(remote, known, now)

    # --- inside

    def _restore(self, saved: SavedMatch) -> None:
        core = self.core
        self.recovery.restore(saved)
        core.phase = _PLAYING
        self.decisions.restore(saved)
        core.adjourned = saved.adjourned
        core.takebacks_allowed |= saved.takebacks_allowed

    @property
    def _decided_by_us(self) -> bool:
        """True if we are the host and have reached the end that we decided."""
        return self.is_host and self.decisions.ended is not None and self.outcome is not None

    def _started(self, remote: Remote, message: m.Start, now: float) -> bool:
        """Handle the first state of `remote`. Returns False if it differs from ours."""
        core, value = self.core, self.core.timeline.hash
        if message.hash != value:  # reported, not repaired: the builds of the game probably differ
            core.difference = (remote, DesyncError(0, value.hex(), message.hash.hex()))
            return False
        self.exchange.accept_start(remote, message, now)
        remote.started = True
        self.start_if_all_are_here(now)
        return True

    def start_if_all_are_here(self, now: float) -> None:
        """Begin, unless the first state of somebody is still to come."""
        core, value = self.core, self.core.timeline.hash
        if not all(other.started for other in core.linked):
            return
        core.phase = _PLAYING
        core.changed = True
        self.exchange.play(now)
        if core.recorder is not None:
            core.recorder.began(value)
        core.emit(
            e.MatchStarted(
                match=core.match,
                game=core.game.name,
                host=core.election.host,
                players=core.election.players,
                names=core.names,
                me=core.me,
                tick_rate=core.game.tick_rate,
                input_delay=core.engine.delay,
                seats=core.seats,
                room=core.room,
            )
        )
        core.compare_ours(0, value)
        for other in core.linked:
            core.compare_theirs(other, 0, value, rolled=False)
        early, self._early_requests = self._early_requests, []
        for remote, message in early:
            self._take_request(remote, message)

    def _pace(self) -> Pace:
        if self.recovery.catching_up or self.recovery.entries_owed:
            return Pace.SILENT
        if self._pause is not None:
            return Pace.IDLE
        return Pace.HOLD if self.repair.active else Pace.RUN

    def _check_deadlines(self, now: float) -> None:
        if self.repair.active:
            overdue = self.repair.deadline is not None and now >= self.repair.deadline
            remote = self.repair.remote
            if overdue and remote is not None and not self._link_suspect and not self.recovery.catching_up:
                finding = self.repair.give_up()
                if finding is not None:
                    self._repaired(remote, finding, now)
        elif self.running and not self._link_suspect:
            deadline = self.ending.deadline
            if deadline is not None and now >= deadline:
                outcome = self.outcome
                if outcome is None or self.core.agreed < self.frame:
                    late = min(self.core.linked, key=lambda remote: remote.hashes.agreed)
                    raise RemoteProtocolError("end_timeout").by(late.member)
                self.ending.finish(outcome)  # the states agree, but a signature is missing
            opened_by = self._open_at
            if opened_by is not None and now >= opened_by:
                raise self._not_opened()
        for missed_by in (self.recovery.deadline, self.recovery.entries_by):
            if missed_by is not None and now >= missed_by:
                raise RemoteProtocolError("resume_timeout")

    def _not_opened(self) -> RemoteProtocolError:
        """Of the first who owes us an opening."""
        core, owing = self.core, self.core.seals.owing
        remote = next(remote for remote in core.linked if any(seat in owing for seat in remote.paced))
        seat = next(seat for seat in owing if seat in remote.paced)
        return RemoteProtocolError("not_opened", name=core.names[seat]).by(remote.member)

    def _begin_repair_if_due(self, now: float) -> None:
        core = self.core
        if self.repair.active or self.recovery.catching_up:
            return
        if core.difference is not None:
            remote, found = core.difference
            hashes = bytes.fromhex(found.ours), bytes.fromhex(found.theirs)
            self._begin_repair(remote, (found.frame, *hashes), now)
        elif self.repair.suspected_fault is not None:
            self._begin_repair(core.linked[0], None, now)
        elif (following := self.repair.next_remote()) is not None:
            self._begin_repair(following, None, now)

    def _begin_repair(self, remote: Remote, found: tuple[int, bytes, bytes] | None, now: float) -> None:
        core = self.core
        core.repairing = core.changed = True
        said = self.repair.begin(remote, found, now, running=self.running)
        if self.running:
            self._note(StatusCode.DESYNC)
            core.emit(e.MatchPaused(match=self.id, reason=StatusCode.DESYNC.value))
        if said is not None:
            self._on_repair(remote, said, now)

    def _repaired(self, remote: Remote, finding: DesyncFinding, now: float) -> None:
        """Apply the finding and continue. Raises `RemoteProtocolError("desync")` if that is impossible."""
        core, timeline = self.core, self.core.timeline
        core.repairing = False
        core.changed = True
        fault = self.repair.end(finding)
        if fault is not None:
            raise fault.by(remote.member)
        if not finding.repairs:
            error = RemoteProtocolError("desync", frame=finding.frame, difference=finding.shown)
            raise error.by(remote.member)
        if finding.taken == "theirs":
            self._adopt_state(finding)
        known = remote.hashes.agreed
        remote.hashes.reset(finding.frame, finding.hash, finding.stale_until)
        if finding.frame > known:
            core.agree()
        for frame in range(finding.frame + 1, timeline.frame + 1):
            remote.hashes.ours(frame, timeline.hash_at(frame) or b"")
        self.ending.forget_signatures()
        if core.phase is _ENDING and timeline.outcome is None:
            core.phase = _PLAYING
            self.ending.deadline = None
        self._note(StatusCode.RUNNING)
        core.emit(e.MatchResumed(match=self.id, reason=StatusCode.DESYNC.value))
        self.decisions.repaired()
        self.exchange.say_since(remote, finding.frame)
        self._reconnected(remote, len(core.log.entries), now, same_session=True)
        if self.repair.resign_after:
            self.repair.resign_after = False
            self.resign()

    def _adopt_state(self, finding: DesyncFinding) -> None:
        """Adopt the other side's state and replay the frames after it."""
        core, timeline, frame = self.core, self.core.timeline, finding.frame
        core.engine.rebase(frame, finding.state)
        self.exchange.rebased()
        if core.recorder is not None:
            inputs = timeline.log[frame - 1] if frame else ()
            core.recorder.repaired(frame, inputs, finding.hash, finding.state)
            for later in range(frame + 1, timeline.frame + 1):
                core.recorder.confirmed(timeline.log[later - 1], timeline.hash_at(later) or b"")

    def _reconnected(self, remote: Remote, decisions: int, now: float, *, same_session: bool = False) -> None:
        """Both have the same frames, or soon will: resend what `remote` may have missed.

        `decisions`: number of log entries that it has.
        """
        if same_session:
            remote.resume = None
        self.exchange.reconnected(remote, now)
        self.decisions.resend(remote, decisions)
        self.takebacks.resend(remote)
        if self.core.phase is _ENDING or (self.decisions.resigning and self.decisions.ended is None):
            self.ending.wait(now)
        self.ending.sign_again(remote)
        self.repair.restart(remote, now)
        waiting, self._waiting_decisions = self._waiting_decisions, []
        for sender, message in waiting:
            self.decisions.receive(sender, message)
        self._count_entries()

    def _count_entries(self) -> None:
        if len(self.core.log.entries) >= self.recovery.entries_owed:
            self.recovery.owe(0, 0.0)
            if not self.recovery.catching_up:
                self._told.judge()

    def _note(self, code: StatusCode) -> None:
        if self.core.recorder is not None:
            self.core.recorder.note(code.value)

    def _make_view(self) -> MatchView:
        core, engine = self.core, self.core.engine
        rtt = max((remote.rtt for remote in core.linked if remote.rtt is not None), default=None)
        status = self.status
        return MatchView(
            match=core.match,
            game=core.game.name,
            host=core.seating.host,
            players=tuple(core.seating.owners),
            names=core.seat_names,
            me=core.me,
            seats=core.seats,
            config=core.config,
            state=engine.state,
            frame=engine.frame,
            to_move=tuple(player for player in engine.to_move if player not in core.seals.commitments),
            outcome=core.timeline.outcome if self.over else None,
            rtt_ms=None if rtt is None else rtt * 1000,
            hash=core.agreed_state[1].hex(),
            tick_rate=core.game.tick_rate,
            previous=engine.previous,
            at=self.exchange.moved_at,
            confirmed=core.timeline.frame,
            goes_on_at=self.exchange.goes_on_at,
            closing=core.timeline.newest(CLOSING) if self.over and core.game.tick_rate else (),
            figures=core.statistics.figures(core.linked, engine, self._now),
            status=status,
            waiting_for=self._missing(status.since) if status.code is StatusCode.STALLED else (),
            bots=tuple(sorted(core.seating.bots)),
            first_players=core.first_players,
            room=core.room,
            clocks=self.clock.faces(),
            requests=self._requests(),
        )

    def _missing(self, since: float) -> tuple[tuple[str, float], ...]:
        """Whose inputs are missing. Where those of the host are, a guest knows nothing of the others."""
        core, seating, frame = self.core, self.core.seating, self.core.timeline.frame
        late = [
            seat
            for seat, owner in enumerate(seating.owners)
            if owner != core.peer and core.engine.known(seat) <= frame
        ]
        of_host = [seat for seat in late if seating.owners[seat] == seating.host]
        if of_host:
            people = [seat for seat in of_host if seat not in seating.bots]
            names = [core.seat_names[seat] for seat in people] or [core.name_of(seating.host)]
        else:
            names = [core.seat_names[seat] for seat in late]
        return tuple((name, since) for name in names)

    def _requests(self) -> Requests:
        core, takebacks, decisions = self.core, self.takebacks, self.decisions
        if core.phase is not _PLAYING or not core.seats or core.game.tick_rate:
            return Requests()
        return Requests(
            takeback_by=takebacks.standing,
            answers_takeback=takebacks.waits_for_us,
            may_take_back=takebacks.possible(core.me),
            draw_offered=decisions.draw.offered,
            offering_draw=decisions.draw.offering,
            may_adjourn=decisions.may_adjourn and decisions.adjournment.possible(core.me),
            adjourn_asked=decisions.adjournment.offered,
            asking_adjourn=decisions.adjournment.offering,
        )

    RULES: ClassVar[Mapping[type[m.Message], MessageRule]] = {
        m.Start: MessageRule(_on_start, frozenset({_STARTING})),
        m.Input: MessageRule(_on_input, frozenset({_PLAYING, _CATCHING_UP}), _CROSSED),
        m.Sealed: MessageRule(_on_sealed, frozenset({_PLAYING, _CATCHING_UP}), _CROSSED),
        m.StreamPacket: MessageRule(_on_packet, _OPEN, _AFTER | {_STARTING}),
        m.Countdown: MessageRule(
            _on_countdown, frozenset({_STARTING, _PLAYING, _REPAIRING, _CATCHING_UP}), _ASIDE | {_ENDING}
        ),
        m.StateHash: MessageRule(_on_hash, _MOVING, _ASIDE | {_REPAIRING}),
        m.Request: MessageRule(_on_request, frozenset({_STARTING, _PLAYING, _CATCHING_UP}), _CROSSED),
        m.Decided: MessageRule(_on_decided, _OPEN, _ASIDE),
        m.EndSignature: MessageRule(_on_signature, _MOVING, _ASIDE | {_REPAIRING}),
        m.Differ: MessageRule(_on_differ, frozenset({_STARTING, _PLAYING, _ENDING, _REPAIRING}), _ASIDE),
        m.DisputeAnswer: MessageRule(_on_dispute_answer, frozenset({_REPAIRING}), _NOT_REPAIRING),
        m.State: MessageRule(_on_repair, _OPEN | {_STARTING}, _ASIDE),
        m.Log: MessageRule(_on_catch_up, _OPEN, _ASIDE),
    }
    """Handler and phases of every match message. A message that crosses a phase change on the wire is no violation."""


def _end_at(core: MatchCore, exchange: Exchange, frame: int, outcome: Outcome) -> None:
    """The match ends at `frame` by decision."""
    core.engine.end_at(frame, outcome)
    for remote in core.linked:
        remote.hashes.forget_after(frame)
    if core.agreed < frame == core.timeline.frame:  # frames loaded from a file are not compared yet
        core.compare_ours(frame, core.timeline.hash)
    core.record_cut(frame)
    core.changed = True
    exchange.settle()  # this may end the match, and no tick follows then
    if not core.is_host and core.timeline.frame == frame:
        for remote in core.linked:  # we may have played past it, and they dropped our hash of it
            core.tell_hash(remote, rolled=exchange.rolled)
