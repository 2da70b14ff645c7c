"""A match whose states differ: it stands still until `mending` knows whose state holds, and goes on."""

from functools import cached_property

from p2pgame.core.errors import RemoteProtocolError
from p2pgame.core.game import Outcome
from p2pgame.core.snapshot import encode
from p2pgame.replay.records import Record
from p2pgame.session import events as e
from p2pgame.session.match.base import Phase
from p2pgame.session.match.desync_repair import DesyncFinding, DesyncRepair, RepairLimiter
from p2pgame.session.match.ending import Ending
from p2pgame.session.saved_match import GAVE_UP
from p2pgame.session.view import Pause
from p2pgame.wire import messages as m

__all__ = ["Mendable"]


class Mendable(Ending):
    """What a difference does to a match."""

    _suspicion: RemoteProtocolError | None = None
    """What they did is against the rules, unless it was done in a state that differs from ours."""
    _mender: DesyncRepair | None = None
    _wants_out = False
    """Our player gave up while the states were being mended."""
    _reports: tuple[tuple[Record, ...], ...] = ()

    @cached_property
    def _mends(self) -> RepairLimiter:
        """When it was mended."""
        return RepairLimiter()

    def reports(self) -> list[tuple[Record, ...]]:
        """Reports of differences, each to be written to a file of its own."""
        out, self._reports = self._reports, ()
        return list(out)

    @property
    def mending(self) -> bool:
        """True while the states differ."""
        return self._mender is not None

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

    def _begin_mending(self, found: tuple[int, bytes, bytes] | None, now: float) -> DesyncRepair:
        """Nothing passes until it is known whose state holds."""
        recorder, mendable = self._recorder, self.running and self._mends.may(now)
        mender = self._mender = DesyncRepair(
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

    def _mend(self, mender: DesyncRepair, message: m.Differ | m.State, now: float) -> None:
        self._tell(mender.receive(message, now))
        if mender.finding is not None:
            self._mended(mender.finding, now)

    def _mended(self, finding: DesyncFinding, now: float) -> None:
        """Go on from what was found. Raises `RemoteProtocolError("desync")` if that cannot be."""
        timeline = self._timeline
        self._mender = self._difference = None
        if finding.differs:
            self._events.append(finding.event(self.election.match))
        if finding.records:
            self._reports = (*self._reports, finding.records)
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

    def _take(self, finding: DesyncFinding) -> None:
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
