"""Repairs states that differ: the match is paused until a `Diagnosis` decides whose state to use.

Holds the running diagnosis, the rate limit and the reports. The match applies the findings.
"""

from collections import deque
from collections.abc import Sequence

import msgspec

from p2pgame.core.errors import RemoteProtocolError
from p2pgame.replay.records import Desync, Record
from p2pgame.session import events as e
from p2pgame.session.match.core import MatchCore, Phase
from p2pgame.session.match.desync_diagnosis import DesyncFinding, Diagnosis
from p2pgame.session.match.remote import Remote
from p2pgame.wire import messages as m
from p2pgame.wire.bounds import DISPUTE_TIMEOUT, REPAIRS_MAX, REPAIRS_SPAN

__all__ = ["DesyncRepair", "RepairLimiter"]


class RepairLimiter:
    """Limits repairs: the REPAIRS_MAX-th repair within REPAIRS_SPAN seconds is refused."""

    def __init__(self) -> None:
        self._times: deque[float] = deque(maxlen=REPAIRS_MAX)

    def allow(self, now: float) -> bool:
        """Count a repair; returns whether it is allowed."""
        self._times.append(now)
        return len(self._times) < REPAIRS_MAX or now - self._times[0] > REPAIRS_SPAN


class DesyncRepair:
    """The desync repair of one match."""

    def __init__(self, core: MatchCore) -> None:
        self.remote: Remote | None = None
        """The member whose state is being compared."""
        self.suspected_fault: RemoteProtocolError | None = None
        """An input that is illegal in our state: a violation unless the diagnosis finds a difference."""
        self.since = 0.0
        self.resign_after = False
        """True if our player resigned during the repair."""
        self._core = core
        self.diagnosis: Diagnosis | None = None
        self.dispute: DesyncFinding | None = None
        """While the players are asked whether they play on: what happens if they do."""
        self._agreeing: set[int] = set()
        """The members who do."""
        self._asked_until = 0.0
        self._limiters: dict[str, RepairLimiter] = {}
        self.due: dict[Remote, m.Differ | None] = {}
        """Members to compare with afterwards, and what they said of their states already."""
        self._following = False
        """True while one of them is compared with."""
        self.outbox: list[tuple[Record, ...]] = []

    @property
    def active(self) -> bool:
        return self.diagnosis is not None

    @property
    def deadline(self) -> float | None:
        if self.dispute is not None:
            return self._asked_until
        return self.diagnosis.deadline if self.diagnosis is not None else None

    def begin(
        self, remote: Remote, found: tuple[int, bytes, bytes] | None, now: float, *, running: bool
    ) -> m.Differ | None:
        """Start a diagnosis; no frame advances until its end. `found`: frame, our hash, theirs; None: they found it.

        `running`: False if the match has not started: then the difference is only reported. Returns the `Differ` that
        `remote` sent already.
        """
        core, recorder = self._core, self._core.recorder
        self.remote, self.since = remote, now
        said = self.due.pop(remote, None)
        if not self._following:
            self._compare_after(remote)
        self.diagnosis = Diagnosis(
            core.match,
            core.timeline,
            found,
            is_host=core.is_host,
            agreed=remote.hashes.agreed,
            header=recorder.header if recorder is not None else None,
            chain_at=recorder.chain_at if recorder is not None else lambda _: None,
            repairable=running and self._limiters.setdefault(remote.peer, RepairLimiter()).allow(now),
        )
        self._send(self.diagnosis.begin(now))
        return said

    def receive(self, remote: Remote, message: m.Differ | m.State, now: float) -> DesyncFinding | None:
        """Their part; what was found, once it is. Raises `RemoteProtocolError`."""
        if self.diagnosis is None or (remote is not self.remote and not self._postpone(remote, message)):
            raise RemoteProtocolError("unexpected_message", message="differ", scope="repair", phase="busy")
        if remote is not self.remote:
            return None
        self._send(self.diagnosis.receive(message, now))
        return self.diagnosis.finding

    def ask(self, finding: DesyncFinding, now: float) -> None:
        """Both sides are right by their own rules: only their players can agree to play on."""
        core = self._core
        self.dispute, self.since = finding, now
        self._asked_until = now + DISPUTE_TIMEOUT
        core.changed = True
        core.emit(e.MatchDisputed(match=core.match, frame=finding.frame, path=finding.path))

    def answer(self, member: int, *, go_on: bool) -> DesyncFinding | None:
        """What that member says to it. Returns how the repair ends, once that is known."""
        if self.dispute is None or self.remote is None:
            return None
        if not go_on:
            return self.give_up()
        self._agreeing.add(member)
        return self.dispute if self._agreeing >= {self._core.member, self.remote.member} else None

    def tell(self, *, go_on: bool) -> None:
        """Send what our player says."""
        if self.dispute is not None:
            match, frame = self._core.match, self.dispute.frame
            self._send([m.DisputeAnswer(match=match, frame=frame, go_on=go_on)])

    def next_remote(self) -> Remote | None:
        """The member to compare with next, if any.

        Messages of other members were ignored meanwhile and our state may have changed, so the host compares with each.
        """
        self._following = bool(self.due)
        return next(iter(self.due), None)

    def restart(self, remote: Remote, now: float) -> None:
        """All of it again, on another session of `remote`."""
        if remote in self.due:
            self.due[remote] = None
        if self.diagnosis is not None and remote is self.remote:
            self._end_dispute()
            self._send(self.diagnosis.restart(now))

    def forget(self, remote: Remote) -> None:
        """`remote` is gone: nothing is compared with it any more."""
        self.due.pop(remote, None)
        difference = self._core.difference
        if difference is not None and difference[0] is remote:
            self._core.difference = None
        if remote is self.remote:
            self._end_dispute()
            self.diagnosis = self.remote = self.suspected_fault = None
            self._core.repairing = False
            self._core.changed = True

    def extend(self, now: float) -> None:
        """The other member could not be heard: the time for its part begins now."""
        if self.diagnosis is not None:
            self.diagnosis.extend(now)
            self._asked_until = now + DISPUTE_TIMEOUT

    def give_up(self) -> DesyncFinding | None:
        """The other member does not say its part, or somebody does not want to play on: what is known without it."""
        if self.dispute is not None:
            return msgspec.structs.replace(self.dispute, taken="")
        return self.diagnosis.give_up() if self.diagnosis is not None else None

    def end(self, finding: DesyncFinding) -> RemoteProtocolError | None:
        """Finish the repair. Returns the suspected fault if nothing differs, so that it is a violation."""
        core = self._core
        if finding.taken == "theirs" and self.remote is not None:
            self._compare_after(self.remote)
        self._end_dispute()
        self.diagnosis = self.remote = core.difference = None
        if finding.differs:
            core.emit(finding.event(core.match))
        if finding.records:
            self.outbox.append(finding.records)
        if finding.desync is not None and not finding.repairs and core.phase is not Phase.STARTING:
            self._record(finding.desync)
        self._following = False
        suspected_fault, self.suspected_fault = self.suspected_fault, None
        return None if finding.differs else suspected_fault

    def reports(self) -> Sequence[tuple[Record, ...]]:
        """Reports of differences, each to be written to a file of its own."""
        out, self.outbox = self.outbox, []
        return out

    def _end_dispute(self) -> None:
        self.dispute = None
        self._agreeing.clear()

    def _record(self, desync: Desync) -> None:
        if self._core.recorder is not None:
            self._core.recorder.disputed(desync)

    def _compare_after(self, remote: Remote) -> None:
        for other in self._core.linked:
            if other is not remote:
                self.due.setdefault(other, None)

    def _postpone(self, remote: Remote, message: m.Differ | m.State) -> bool:
        """True if `message` is the first word of a member whose turn comes."""
        if not isinstance(message, m.Differ) or self.due.get(remote) is not None:
            return False
        self.due[remote] = message
        return True

    def _send(self, messages: Sequence[m.Message]) -> None:
        if self.remote is not None:
            for message in messages:
                self.remote.send(message)
