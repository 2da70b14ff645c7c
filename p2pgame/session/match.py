"""One match on an open session, without the session's socket: our inputs and their messages in, messages out.

The life of a match, seen from one side:

    STARTING --start of both--> PLAYING --outcome--> ENDING --last hash agreed--> ENDED

The log decides what happened; the host decides only what the rules do not (who gave up first). A match outlives its
session: `rejoin` goes on with it on another one, from what each side says it has. While the states of both sides
differ it stands still and is mended (`session.mending`). Knows two players; does not know who dialled whom.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from enum import Enum
from typing import Any

import msgspec

from p2pgame.core.errors import DesyncError, IllegalMoveError, RemoteProtocolError
from p2pgame.core.game import AnyGame, Outcome, Setup
from p2pgame.core.snapshot import encode
from p2pgame.netcode.hashes import HashLedger
from p2pgame.netcode.timeline import Timeline
from p2pgame.replay.chain import first_link, link
from p2pgame.replay.reader import FRAMES_MAX
from p2pgame.replay.records import Record
from p2pgame.session import events as e
from p2pgame.session.catchup import CatchUp, tell
from p2pgame.session.election import Election
from p2pgame.session.mending import Finding, Mender, Mends
from p2pgame.session.recorder import Recorder, raw
from p2pgame.session.saved import GAVE_UP, Saved
from p2pgame.session.view import MatchView, Pause
from p2pgame.wire import messages as m
from p2pgame.wire.bounds import INPUTS_AHEAD, MATCH_TIMEOUT

__all__ = ["Match", "Phase"]


class Phase(Enum):
    STARTING = "starting"
    PLAYING = "playing"
    ENDING = "ending"
    ENDED = "ended"


_PLAY = frozenset({m.Input, m.StateHash, m.Resign, m.End, m.Log, m.State, m.Differ, m.Signed})
_SAID_AGAIN = frozenset({m.Input, m.StateHash, m.Resign, m.End, m.Signed})
"""What the other side says again once the states are mended; until then it counts for nothing."""
ALLOWED: dict[Phase, frozenset[type]] = {
    Phase.STARTING: frozenset({m.Start, m.Differ, m.State}),
    Phase.PLAYING: _PLAY,
    Phase.ENDING: _PLAY,
    Phase.ENDED: _PLAY,
}
"""Which messages may come in which phase; what crosses an ending on the wire is no fault of the sender."""


class Match:
    """A turn-based match of two peers. After every call, take `messages_to_send()` and `events()`."""

    def __init__(
        self,
        election: Election,
        game: AnyGame,
        config: Any,
        me: str,
        names: tuple[str, ...],
        *,
        frame_limit: int = 0,
        perf: Callable[[], float] = lambda: 0.0,
        recorder: Recorder | None = None,
        saved: Saved | None = None,
    ) -> None:
        """`me`: our peer id. `perf`: a clock in seconds, for statistics only.

        `recorder`: takes the match down and signs its end; None: neither. `saved`: go on with this match.
        """
        self.election = election
        self.game = game
        self.config = config
        self.names = names
        self.me = election.players.index(me)
        self.is_host = election.host == me
        self.phase = Phase.STARTING
        self.rtt: float | None = None
        self._perf = perf
        setup = Setup(players=len(election.players), seed=election.seed, config=config)
        self._timeline = Timeline(game, setup, frame_limit, perf)
        self._hashes = HashLedger()
        self._out: list[m.Message] = []
        self._events: list[e.Event] = []
        self._deadline: float | None = None
        self._gave_up = False
        self._decided = False
        self._counts = {"sent_packets": 0, "sent_bytes": 0, "received_packets": 0, "received_bytes": 0}
        self._view: MatchView | None = None
        self._recorder = recorder
        self._end_message: m.End | None = None
        self._signed: m.Signed | None = None
        """Theirs."""
        self._vouched_at = -1
        """The frame at which we signed the end."""
        self._settled = False
        self._pause: Pause | None = None
        self._in_doubt = False
        """True while the session may be gone."""
        self._catch_up: CatchUp | None = None
        self._difference: DesyncError | None = None
        """Found, and not yet acted upon."""
        self._suspicion: RemoteProtocolError | None = None
        """What they did is against the rules, unless it was done in a state that differs from ours."""
        self._mender: Mender | None = None
        self._standstill: Pause | None = None
        """While the states are being mended."""
        self._mends = Mends()
        self._wants_out = False
        """Our player gave up while the states were being mended."""
        self._reports: list[tuple[Record, ...]] = []
        self._stands: tuple[m.Resume, m.Resume] | None = None
        """What both sides said at the newest `rejoin`: ours, theirs."""
        self.fresh = saved is not None
        """True for a match that was read from its file, until both sides go on with it."""
        if saved is not None:
            self._restore(saved)

    def _restore(self, saved: Saved) -> None:
        timeline = self._timeline
        chains = [first_link(timeline.hash)]
        if (
            not self.game.tick_rate
        ):  # few enough to be played again, so that the last of them can be taken back
            with suppress(IllegalMoveError):
                for inputs in saved.log:
                    timeline.extend([inputs])
                    chains.append(link(chains[-1], raw(inputs), timeline.hash))
        if chains[-1] != saved.chain:
            timeline.restore(saved.log, saved.state)
            chains = [saved.chain]
        self._hashes.ours(timeline.frame, timeline.hash)
        self.phase = Phase.PLAYING
        self._gave_up = saved.gave_up
        if self._recorder is not None:
            self._recorder.restored(timeline.frame, chains)

    def records(self) -> tuple[Record, ...]:
        """What is to be written to the match's file."""
        return self._recorder.records() if self._recorder is not None else ()

    def reports(self) -> list[tuple[Record, ...]]:
        """Reports of differences, each to be written to a file of its own."""
        out, self._reports = self._reports, []
        return out

    def tamper(self, change: Callable[[int, Any], Any]) -> None:
        """For tests: `change` makes another state of the one that a frame leads to (`Timeline.tamper`)."""
        self._timeline.tamper = change

    @property
    def frame(self) -> int:
        """Frames confirmed."""
        return self._timeline.frame

    @property
    def outcome(self) -> Outcome | None:
        """How it ends, as far as that is known here."""
        return self._timeline.outcome

    @property
    def behind(self) -> bool:
        """True while what the other side has more is on its way."""
        return self._catch_up is not None

    @property
    def settled(self) -> bool:
        """True if it is over and both sides agree how."""
        return self._settled

    @property
    def gave_up(self) -> bool:
        """True if our player resigned, and the end that follows may not be known yet."""
        return self._gave_up

    def tellable(self, *, fresh: bool) -> bool:
        """False if it is over, and the other side would not believe us how. `fresh`: it may have forgotten."""
        theirs = self.outcome == Outcome(winners=(self.me,), reason="resigned")
        return not self.over or (self.settled and (self.is_host or not fresh or not theirs))

    @property
    def mending(self) -> bool:
        """True while the states differ."""
        return self._mender is not None

    @property
    def over(self) -> bool:
        return self.phase is Phase.ENDED

    @property
    def running(self) -> bool:
        return self.phase in (Phase.PLAYING, Phase.ENDING)

    def view(self) -> MatchView:
        """The match now; the same object until something changes."""
        if self._view is None:
            self._view = self._make_view()
        return self._view

    def _make_view(self) -> MatchView:
        timeline = self._timeline
        return MatchView(
            match=self.election.match,
            game=self.game.name,
            host=self.election.host,
            players=self.election.players,
            names=self.names,
            me=self.me,
            config=self.config,
            state=timeline.state,
            frame=timeline.frame,
            to_move=timeline.to_move,
            outcome=timeline.outcome if self.over else None,
            rtt_ms=None if self.rtt is None else self.rtt * 1000,
            hash=self._hashes.agreed_hash.hex(),
            pause=None if self.over else self._pause or self._standstill,
        )

    @property
    def pause(self) -> Pause | None:
        """Why the match stands still, if it does."""
        return self._pause

    def set_pause(self, pause: Pause | None) -> None:
        """The match stands still, or goes on: for the view and the file. While it stands, nobody moves."""
        if pause != self._pause:
            if self._recorder is not None and self.running:
                self._recorder.note(f"paused: {pause.reason}" if pause is not None else "resumed")
            self._pause = pause
            self._view = None

    def heard_lately(self, now: float) -> bool:
        """True if the match goes on even without its session."""
        del now
        return False

    def set_rtt(self, rtt: float | None) -> None:
        """Tell the match the round trip of its session, in seconds."""
        if rtt != self.rtt:
            self.rtt = rtt
            self._view = None

    def begin(self) -> None:
        """The session stands. The host says its first state; the guest answers."""
        if self.is_host:
            self._send(m.Start(match=self.election.match, hash=self._timeline.hash))

    def submit(self, move: Any) -> None:
        """Our input for the current frame. Raises `IllegalMoveError`; then nothing has changed or been sent."""
        if self.phase is not Phase.PLAYING:
            raise IllegalMoveError("the match is not running")
        if self.mending:
            raise IllegalMoveError("the two games differ, and are being mended")
        if self._pause is not None or self.behind:
            raise IllegalMoveError("the match is paused")
        frame = self._timeline.frame
        self._timeline.offer(self.me, move)
        self._send(m.Input(match=self.election.match, frame=frame, data=encode(move)))
        self._advance()

    def resign(self) -> None:
        """Give up. The host ends the match at once, the guest asks it to."""
        if self.mending:
            self._wants_out = True
        elif self.phase is Phase.PLAYING:
            if self.is_host:
                self._decide_resigned(self.me)
            elif not self._gave_up:
                self._gave_up = True
                self._send(m.Resign(match=self.election.match))
            if self._recorder is not None:
                self._recorder.note(GAVE_UP)

    def receive(self, message: m.Message, now: float) -> None:
        """A message of this match.

        Raises `RemoteProtocolError` if the other side broke the rules; ``desync`` if the states differ beyond mending.
        """
        if type(message) not in ALLOWED[self.phase]:
            raise RemoteProtocolError(
                "unexpected_message", f"{type(message).__name__} in a match that is {self.phase.value}"
            )
        self._counts["received_packets"] += 1
        self._counts["received_bytes"] += len(m.encode_message(message))
        match message:
            case m.Start():
                self._started(message, now)
            case m.Differ() if not self.over:
                self._receive_differ(message, now)
            case m.State() if self._mender is not None and not self.behind:
                self._mend(self._mender, message, now)
            case _ if self.mending and type(message) in _SAID_AGAIN:
                pass
            case m.Input() if self.phase is Phase.PLAYING:
                self._receive_input(message)
            case m.StateHash(frame=frame, hash=value) if not self.over:
                with self._noticing():
                    rolled = bool(self.game.tick_rate)
                    self._agree(self._hashes.theirs(frame, value, rolled=rolled, late=False))
            case m.Resign() if self.phase is Phase.PLAYING:
                if not self.is_host:
                    raise RemoteProtocolError(
                        "unexpected_message", "only a guest asks the host to end the match"
                    )
                self._decide_resigned(1 - self.me)
            case m.End() if not self.over:
                self._receive_end(message)
            case m.Log() | m.State() if not self.over:
                self._receive_missed(message, now)
            case m.Signed() if not self.over:
                self._signed = message
        self._note_rejoined()
        self._settle(now)

    def abort(self, outcome: Outcome) -> None:
        """End here and now without agreement: the other side did not come back, or broke the rules.

        An outcome that is known already stands.
        """
        if not self.over:
            started = self.phase is not Phase.STARTING
            outcome = self._timeline.outcome or outcome
            if self._mender is not None:
                self._events.append(self._mender.give_up().event(self.election.match))
                self._mender = self._standstill = None
            if started and self._recorder is not None:
                self._recorder.ended(self._timeline.hash, outcome, agreed=False)
            self._timeline.outcome = outcome
            self.phase = Phase.ENDED
            self._view = None
            if started:
                self._emit_ended(outcome)

    def settle(self, now: float) -> None:
        """Call after `submit` and `resign`: the match may have ended by them."""
        self._settle(now)

    def next_deadline(self) -> float | None:
        if self._catch_up is not None and self.running:
            return self._catch_up.deadline
        if self._mender is not None:
            return None if self._in_doubt else self._mender.deadline
        if not self.running:
            return None
        return None if self._in_doubt else self._deadline

    def handle_timeout(self, now: float) -> None:
        """Give up waiting for the other side's last hash, its answer to our resignation, or its part of a mending."""
        if self._mender is not None:
            if not self._in_doubt and not self.behind and now >= self._mender.deadline:
                self._mended(self._mender.give_up(), now)
        elif self.running and not self._in_doubt and self._deadline is not None and now >= self._deadline:
            outcome = self._timeline.outcome
            if outcome is not None and self._hashes.agreed >= self._timeline.frame:
                self._finish(outcome)  # they agree, and do not sign
            else:
                raise RemoteProtocolError("end_timeout", "the other side did not confirm how the match ended")
        if self._catch_up is not None and now >= self._catch_up.deadline:
            raise RemoteProtocolError("resume_timeout", "the other side did not send what it said it has")

    # --- another session

    def stand(self, epoch: int) -> m.Resume:
        """Where we stand: our first word on another session."""
        return m.Resume(
            match=self.election.match,
            epoch=epoch,
            frame=self._timeline.frame,
            hash=self._timeline.hash,
            fresh=self.fresh or self.phase is Phase.STARTING,
        )

    def interrupted(self) -> None:
        """The session is gone, and what was under way on it."""
        self._catch_up = None

    def set_doubt(self, in_doubt: bool, now: float) -> None:
        """Whether the session may be gone; then what the other side owes us has no deadline."""
        self._in_doubt = in_doubt
        if self._deadline is not None:
            self._deadline = now + MATCH_TIMEOUT
        if self._mender is not None:
            self._mender.extend(now)

    def rejoin(self, ours: m.Resume, theirs: m.Resume, now: float) -> None:
        """Both said where they stand, on another session: give what they lack, and wait for what we lack.

        Raises `RemoteProtocolError`.
        """
        if not self._may_stand_at(ours, theirs):
            raise RemoteProtocolError("bad_resume", f"frame {theirs.frame}, and we have {ours.frame}")
        self._stands = (ours, theirs)
        if self.phase is Phase.STARTING:
            value = ours.hash if theirs.frame else theirs.hash  # they are at play: their log will tell
            start = m.Start(match=ours.match, hash=value, salt=theirs.salt, input_delay=theirs.input_delay)
            self._started(start, now, answer=False)
        if self._difference is not None and self.phase is Phase.STARTING:
            self._settle(now)
            return
        if self._tells_log(ours, theirs):
            if ours.frame > theirs.frame:
                chain = self._recorder.chain if self._recorder is not None else bytes(16)
                for message in tell(ours.match, self._timeline, theirs.frame, chain):
                    self._send(message)
            elif ours.frame < theirs.frame and self._end_message is None:
                self._catch_up = CatchUp(self.game, len(self.election.players), ours.frame, theirs, now)
        if self._catch_up is None:
            self._go_on(now)
        self._settle(now)

    def outdated(self, ours: m.Resume, theirs: m.Resume) -> bool:
        """True if frames passed since we said `ours` (the old session still told them), and it matters."""
        return self._tells_log(ours, theirs) and self.frame != ours.frame

    def _may_stand_at(self, ours: m.Resume, theirs: m.Resume) -> bool:
        """Whether they can have so many frames: without us nobody gets far."""
        return theirs.frame <= (FRAMES_MAX if ours.fresh else ours.frame + INPUTS_AHEAD)

    def _note_rejoined(self) -> None:
        """The other side spoke: it knows by now, too, that we were started anew, and that need not be said again."""
        if self._stands is not None and not self.behind:
            self.fresh = False

    def _tells_log(self, ours: m.Resume, theirs: m.Resume) -> bool:
        """Whether frames that one side lacks have to be told as a log."""
        del ours, theirs
        return True

    def _receive_missed(self, message: m.Log | m.State, now: float) -> None:
        missed = self._catch_up
        if self._end_message is not None:
            return  # they moved on, and do not know yet that it ended before
        if missed is None:
            raise RemoteProtocolError("unexpected_message", "frames that were not asked for")
        if isinstance(message, m.Log):
            missed.log(message, now)
        else:
            missed.snapshot(message, now)
        if missed.complete:
            self._catch_up = self._view = None
            self._adopt(missed)
            self._go_on(now)

    def _adopt(self, missed: CatchUp) -> None:
        """Play what we missed, or take its end from the other side."""
        fresh = self._stands is not None and self._stands[0].fresh
        if missed.state is not None and fresh:
            self._timeline.skip_to(missed.frames, missed.state)
            if self._recorder is not None:
                self._recorder.skipped(missed.frames, missed.state, missed.chain)
            self._hashes.ours(self._timeline.frame, self._timeline.hash)
            return
        if not fresh and not self._is_ours(missed.frames):
            raise RemoteProtocolError("bad_log", "an input of ours that we did not make")
        try:
            for inputs in missed.frames:
                self._play_missed(inputs)
        except IllegalMoveError as error:
            self._suspicion = RemoteProtocolError("bad_log", f"an illegal input: {error}")
            if self.game.tick_rate:
                raise self._suspicion from error

    def _is_ours(self, frames: Sequence[tuple[Any, ...]]) -> bool:
        """Whether we made the inputs that the other side says are ours; only the first frame can have one."""
        waiting = self._timeline.pending(self.me)
        return all(
            inputs[self.me] in (None, waiting if number == 0 else None)
            for number, inputs in enumerate(frames)
        )

    def _play_missed(self, inputs: tuple[Any, ...]) -> None:
        """One frame that they confirmed and we did not. Raises `IllegalMoveError`."""
        before = self._timeline.state
        if not self._timeline.extend([inputs]):
            raise IllegalMoveError("the match is over")
        self._passed(before)

    def _go_on(self, now: float) -> None:
        """Both have the same frames, or soon will: say again what the other side may not have heard."""
        match, timeline = self.election.match, self._timeline
        self._tell_hash()
        move = timeline.pending(self.me)
        if move is not None:
            self._send(m.Input(match=match, frame=timeline.frame, data=encode(move)))
        self._say_again(now)
        if self._mender is not None:
            self._tell(self._mender.restart(now))

    def _tell_hash(self) -> None:
        """Of the newest confirmed frame. In real time not every frame's is told, and so it is rolled."""
        timeline, real_time = self._timeline, bool(self.game.tick_rate)
        value = self._hashes.rolled if real_time else timeline.hash
        self._send(m.StateHash(match=self.election.match, frame=timeline.frame, hash=value))

    def _say_again(self, now: float) -> None:
        """Decisions and signatures, which are said once per session."""
        if self._end_message is not None:
            self._send(self._end_message)
        elif self._gave_up and self.is_host:  # and then our program was killed
            self._decide_resigned(self.me)
        elif self._gave_up:  # even if the host said the end: its program may have forgotten since
            self._send(m.Resign(match=self.election.match))
            self._deadline = now + MATCH_TIMEOUT
        if self.phase is Phase.ENDING:
            self._deadline = now + MATCH_TIMEOUT
        self._vouched_at = -1
        if self._timeline.outcome is not None:
            self._vouch(self._timeline.outcome)

    # --- states that differ

    @contextmanager
    def _noticing(self) -> Iterator[None]:
        """Around whatever compares hashes: the first difference is acted upon when all else is done (`_settle`)."""
        try:
            yield
        except DesyncError as error:
            self._difference = self._difference or error

    def _begin_mending(self, found: tuple[int, bytes, bytes] | None, now: float) -> Mender:
        """Nothing passes until it is known whose state holds."""
        recorder, mendable = self._recorder, self.running and self._mends.may(now)
        mender = self._mender = Mender(
            self.election.match,
            self._timeline,
            found,
            is_host=self.is_host,
            header=recorder.header if recorder is not None else None,
            chain_at=recorder.chain_at if recorder is not None else lambda _: None,
            mendable=mendable,
        )
        if self.running:
            self._stand_still(Pause(since=now, reason="desync"))
            self._events.append(e.MatchPaused(match=self.election.match, reason="desync"))
        self._tell(mender.begin(now))
        return mender

    def _stand_still(self, pause: Pause | None) -> None:
        self._standstill = pause
        self._view = None
        if self._recorder is not None:
            self._recorder.note("paused: desync" if pause is not None else "resumed")

    def _receive_differ(self, message: m.Differ, now: float) -> None:
        if self.behind:
            raise RemoteProtocolError("unexpected_message", "hashes before the frames that were asked for")
        self._mend(self._mender or self._begin_mending(None, now), message, now)

    def _mend(self, mender: Mender, message: m.Differ | m.State, now: float) -> None:
        self._tell(mender.receive(message, now))
        if mender.finding is not None:
            self._mended(mender.finding, now)

    def _mended(self, finding: Finding, now: float) -> None:
        """Go on from what was found. Raises `RemoteProtocolError("desync")` if that cannot be."""
        timeline = self._timeline
        self._mender = self._difference = None
        if finding.differs:
            self._events.append(finding.event(self.election.match))
        if finding.records:
            self._reports.append(finding.records)
        suspicion, self._suspicion = self._suspicion, None
        if suspicion is not None and not finding.differs:
            raise suspicion
        if not finding.mends:
            raise RemoteProtocolError("desync", finding.text)
        if finding.taken == "theirs":
            self._take(finding)
        known = self._hashes.agreed
        self._hashes.reset(finding.frame, finding.hash, finding.told)
        if finding.frame > known:
            self._agree([(finding.frame, finding.hash)])
        for frame in range(finding.frame + 1, timeline.frame + 1):
            self._hashes.ours(frame, timeline.hash_at(frame) or b"")
        self._signed = None
        if self.phase is Phase.ENDING and timeline.outcome is None:
            self.phase = Phase.PLAYING
            self._deadline = None
        self._stand_still(None)
        self._events.append(e.MatchResumed(match=self.election.match, reason="desync"))
        self._play_on(finding.frame, now)
        if self._wants_out:
            self._wants_out = False
            self.resign()

    def _take(self, finding: Finding) -> None:
        """Their state holds: play again from there."""
        timeline, frame = self._timeline, finding.frame
        timeline.rebase(frame, finding.state)
        if self._recorder is not None:
            inputs = timeline.log[frame - 1] if frame else ()
            self._recorder.mended(frame, inputs, finding.hash, finding.state)
            for later in range(frame + 1, timeline.frame + 1):
                self._recorder.confirmed(timeline.log[later - 1], timeline.hash_at(later) or b"")

    def _play_on(self, since: int, now: float) -> None:
        """The states are equal again: say what we did from frame `since` on; who mended may have lost it."""
        match, timeline, end = self.election.match, self._timeline, self._end_message
        if end is not None and end.frame > timeline.frame:  # our last move was one in a state that never was
            self._end_message = m.End(match=match, frame=timeline.frame, outcome=end.outcome)
            self._end_at(timeline.frame, end.outcome)
        for frame in range(since, timeline.frame):
            move = timeline.log[frame][self.me]
            if move is not None:
                value = timeline.hash_at(frame) or b""
                self._send(m.StateHash(match=match, frame=frame, hash=value))
                self._send(m.Input(match=match, frame=frame, data=encode(move)))
        self._go_on(now)

    def messages_to_send(self) -> list[m.Message]:
        out, self._out = self._out, []
        return out

    def events(self) -> list[e.Event]:
        out, self._events = self._events, []
        return out

    # --- inside

    def _started(self, message: m.Start, now: float, *, answer: bool = True) -> None:
        """Both hold the first state. `answer`: the other side waits for our `Start`, if we are the guest."""
        if message.hash != self._timeline.hash:  # named, and not mended: what else is not the same?
            self._difference = DesyncError(0, self._timeline.hash.hex(), message.hash.hex())
            return
        self._accept_start(message, now, answer=answer)
        self.phase = Phase.PLAYING
        if self._recorder is not None:
            self._recorder.began(message.hash)
        self._view = None
        self._events.append(
            e.MatchStarted(
                match=self.election.match,
                game=self.game.name,
                host=self.election.host,
                players=self.election.players,
                names=self.names,
                me=self.me,
                tick_rate=self.game.tick_rate,
                input_delay=self._input_delay,
            )
        )
        self._hashes.ours(0, message.hash)
        self._agree(self._hashes.theirs(0, message.hash))

    def _accept_start(self, message: m.Start, now: float, *, answer: bool) -> None:
        """The guest answers the host's start."""
        del now
        if answer and not self.is_host:
            self._send(m.Start(match=self.election.match, hash=message.hash))

    @property
    def _input_delay(self) -> int:
        return 0

    def _receive_input(self, message: m.Input) -> None:
        if self._is_known(message):
            return
        if message.frame != self._timeline.frame:
            raise RemoteProtocolError(
                "wrong_frame", f"an input for frame {message.frame}, this is {self._timeline.frame}"
            )
        if self._hashes.agreed < message.frame:
            raise RemoteProtocolError(
                "missing_hash", f"an input for frame {message.frame} before its state hash"
            )
        try:
            move = self.game.decode_input(message.data)
            self._timeline.offer(1 - self.me, move)
        except (IllegalMoveError, msgspec.DecodeError) as error:
            raise RemoteProtocolError(
                "illegal_input", f"{self.names[1 - self.me]} sent an illegal move: {error}"
            ) from error
        self._advance()

    def _is_known(self, message: m.Input) -> bool:
        """True for what the other side says again."""
        timeline, them = self._timeline, 1 - self.me
        newer = message.frame - timeline.frame
        known = (
            timeline.log[message.frame][them] if newer < 0 else timeline.pending(them) if not newer else None
        )
        return known is not None and encode(known) == message.data

    def _advance(self) -> None:
        timeline = self._timeline
        before = timeline.state
        for _ in timeline.advance():
            self._passed(before)
            before = timeline.state

    def _passed(self, before: Any) -> None:
        """A frame passed; `before` is the state that it began with."""
        timeline = self._timeline
        self._view = None
        frame, inputs, value = timeline.frame, timeline.log[-1], timeline.hash
        for player, move in enumerate(inputs):
            if move is not None:
                notation = self.game.describe(before, move)
                self._events.append(
                    e.Move(match=self.election.match, frame=frame, player=player, move=notation)
                )
        if self._recorder is not None:
            self._recorder.confirmed(inputs, value)
            self._recorder.look(frame, timeline.state)
        self._send(m.StateHash(match=self.election.match, frame=frame, hash=value))
        with self._noticing():
            self._agree(self._hashes.ours(frame, value))

    def _decide_resigned(self, player: int) -> None:
        """Host only: `player` gave up. The first decision stands."""
        if self._decided:
            return
        self._decided = True
        frame, outcome = self._last_frame(), _resigned(player)
        self._end_at(frame, outcome)
        self._end_message = m.End(match=self.election.match, frame=frame, outcome=outcome)
        self._send(self._end_message)

    def _last_frame(self) -> int:
        """The first frame at which the host can end the match: the other side cannot have gone past it."""
        return self._timeline.frame

    def _end_at(self, frame: int, outcome: Outcome) -> None:
        timeline = self._timeline
        timeline.end_at(frame, outcome)
        self._hashes.forget_after(frame)
        if self._hashes.agreed < frame == timeline.frame:  # what was read from a file was not compared yet
            with self._noticing():
                self._agree(self._hashes.ours(frame, timeline.hash))
        if self._recorder is not None:
            self._recorder.cut(frame, timeline.state)
        self._view = None

    def _receive_end(self, message: m.End) -> None:
        if self.is_host:
            raise RemoteProtocolError("unexpected_message", "only the host ends a match")
        if not self._earliest_end() <= message.frame <= self._newest_frame():
            raise RemoteProtocolError(
                "wrong_frame",
                f"the end at frame {message.frame}, not from {self._earliest_end()} to {self._newest_frame()}",
            )
        losers = (self.me, 1 - self.me) if self._gave_up else (1 - self.me,)
        if message.outcome not in [_resigned(player) for player in losers]:
            raise RemoteProtocolError("bad_end", "the host decided what is not its to decide")
        self._end_at(message.frame, message.outcome)

    def _earliest_end(self) -> int:
        """The first frame at which the host may end the match."""
        return self._hashes.agreed

    def _newest_frame(self) -> int:
        """The last frame at which the host may end the match."""
        return self._timeline.frame

    def _settle(self, now: float) -> None:
        """Move on to ENDING and ENDED when it is time, or begin to mend."""
        timeline = self._timeline
        if not (self.over or self.behind or self.mending):
            found = self._difference
            if found is not None:
                hashes = bytes.fromhex(found.ours), bytes.fromhex(found.theirs)
                self._begin_mending((found.frame, *hashes), now)
            elif self._suspicion is not None:
                self._begin_mending(None, now)
        if self.mending:
            return
        if self.phase is Phase.PLAYING and timeline.outcome is not None:
            self.phase = Phase.ENDING
            self._deadline = now + MATCH_TIMEOUT
        elif self._gave_up and self._deadline is None:
            self._deadline = now + MATCH_TIMEOUT
        if self.phase is Phase.ENDING and timeline.outcome is not None:
            self._vouch(timeline.outcome)
            if self._hashes.agreed >= timeline.frame and self._is_vouched:
                self._finish(timeline.outcome)

    def _vouch(self, outcome: Outcome) -> None:
        """Sign how it ends, as soon as we know."""
        recorder, frame = self._recorder, self._timeline.frame
        if recorder is not None and self._vouched_at != frame:
            self._vouched_at = frame
            signature = recorder.sign(self._timeline.hash, outcome)
            self._send(
                m.Signed(
                    match=self.election.match,
                    frame=frame,
                    public_key=recorder.public_key,
                    signature=signature,
                )
            )

    @property
    def _is_vouched(self) -> bool:
        """True if the other side signed this end; where nothing is taken down, nobody has to."""
        if self._recorder is None:
            return True
        return self._signed is not None and self._signed.frame == self._timeline.frame

    def _finish(self, outcome: Outcome) -> None:
        """Both sides agree how it ended."""
        self.phase = Phase.ENDED
        self._settled = agreed = self._is_vouched
        self._view = None
        signed, value = self._signed, self._timeline.hash
        if self._recorder is not None:
            self._recorder.ended(value, outcome, agreed=agreed)
            if signed is not None and agreed:
                self._recorder.countersigned(1 - self.me, signed.public_key, signed.signature, value, outcome)
        self._emit_ended(outcome)

    def _agree(self, equal: list[tuple[int, bytes]]) -> None:
        for frame, value in equal:
            self._events.append(e.Hash(match=self.election.match, frame=frame, hash=value.hex()))
            self._view = None

    def _emit_ended(self, outcome: Outcome) -> None:
        self._events.append(
            e.MatchEnded(
                match=self.election.match,
                outcome=outcome,
                frames=self._timeline.frame,
                hash=self._hashes.agreed_hash.hex(),
                stats=self._stats(),
            )
        )

    def _stats(self) -> e.Stats:
        frames = max(1, self._timeline.frame)
        return e.Stats(
            rtt_ms=round((self.rtt or 0.0) * 1000, 3),
            advance_ms_per_frame=round(self._timeline.advance_time * 1000 / frames, 4),
            **self._counts,
        )

    def _tell(self, messages: Sequence[m.Message]) -> None:
        for message in messages:
            self._send(message)

    def _send(self, message: m.Message) -> None:
        self._counts["sent_packets"] += 1
        self._counts["sent_bytes"] += len(m.encode_message(message))
        self._out.append(message)


def _resigned(player: int) -> Outcome:
    return Outcome(winners=(1 - player,), reason="resigned")
