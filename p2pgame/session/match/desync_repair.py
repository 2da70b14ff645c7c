"""States that differ: the match stands still until a `Diagnosis` says whose state holds.

Holds what is under way, how often it may happen, and the reports. What follows from a finding is done by the match.
"""

from collections import deque
from collections.abc import Sequence

from p2pgame.core.errors import RemoteProtocolError
from p2pgame.replay.records import Record
from p2pgame.session.match.core import MatchCore
from p2pgame.session.match.desync_diagnosis import DesyncFinding, Diagnosis
from p2pgame.session.match.remote import Remote
from p2pgame.wire import messages as m
from p2pgame.wire.bounds import REPAIRS_MAX, REPAIRS_SPAN

__all__ = ["DesyncRepair", "RepairLimiter"]


class RepairLimiter:
    """How often a match may be repaired: the REPAIRS_MAX-th time within REPAIRS_SPAN seconds is once too often."""

    def __init__(self) -> None:
        self._times: deque[float] = deque(maxlen=REPAIRS_MAX)

    def allow(self, now: float) -> bool:
        """Once more, now."""
        self._times.append(now)
        return len(self._times) < REPAIRS_MAX or now - self._times[0] > REPAIRS_SPAN


class DesyncRepair:
    """Of one match."""

    def __init__(self, core: MatchCore) -> None:
        self.remote: Remote | None = None
        """With whom the states are compared now."""
        self.suspected_fault: RemoteProtocolError | None = None
        """What a member did is against the rules, unless it was done in a state that differs from ours."""
        self.since = 0.0
        self.resign_after = False
        """Our player gave up meanwhile."""
        self._core = core
        self._diagnosis: Diagnosis | None = None
        self._limiters = {remote: RepairLimiter() for remote in core.linked}
        self._due: dict[Remote, m.Differ | None] = {}
        """Members to compare with afterwards, and what they said of their states already."""
        self._following = False
        """True while one of them is compared with."""
        self._reports: list[tuple[Record, ...]] = []

    @property
    def active(self) -> bool:
        return self._diagnosis is not None

    @property
    def deadline(self) -> float | None:
        return self._diagnosis.deadline if self._diagnosis is not None else None

    def begin(
        self, remote: Remote, found: tuple[int, bytes, bytes] | None, now: float, *, running: bool
    ) -> m.Differ | None:
        """Nothing passes until it is known whose state holds. `found`: frame, our hash, theirs; None: they found it.

        `running`: False if the match never began: then the difference is only named. Returns what `remote` said of
        its states already.
        """
        core, recorder = self._core, self._core.recorder
        self.remote, self.since = remote, now
        said = self._due.pop(remote, None)
        if not self._following:
            self._compare_after(remote)
        self._diagnosis = Diagnosis(
            core.match,
            core.timeline,
            found,
            is_host=core.is_host,
            header=recorder.header if recorder is not None else None,
            chain_at=recorder.chain_at if recorder is not None else lambda _: None,
            repairable=running and self._limiters[remote].allow(now),
        )
        self._send(self._diagnosis.begin(now))
        return said

    def receive(self, remote: Remote, message: m.Differ | m.State, now: float) -> DesyncFinding | None:
        """Their part; what was found, once it is. Raises `RemoteProtocolError`."""
        if self._diagnosis is None or (remote is not self.remote and not self._postpone(remote, message)):
            raise RemoteProtocolError("unexpected_message", message="differ", scope="repair", phase="busy")
        if remote is not self.remote:
            return None
        self._send(self._diagnosis.receive(message, now))
        return self._diagnosis.finding

    def next_remote(self) -> Remote | None:
        """With whom to compare next.

        What others said meanwhile was ignored, and our state may be another one now: so the host compares with each.
        """
        self._following = bool(self._due)
        return next(iter(self._due), None)

    def restart(self, remote: Remote, now: float) -> None:
        """All of it again, on another session of `remote`."""
        if remote in self._due:
            self._due[remote] = None
        if self._diagnosis is not None and remote is self.remote:
            self._send(self._diagnosis.restart(now))

    def extend(self, now: float) -> None:
        """The other member could not be heard: the time for its part begins now."""
        if self._diagnosis is not None:
            self._diagnosis.extend(now)

    def give_up(self) -> DesyncFinding | None:
        """The other member does not say its part: what is known without it."""
        return self._diagnosis.give_up() if self._diagnosis is not None else None

    def end(self, finding: DesyncFinding) -> RemoteProtocolError | None:
        """It is over; returns the suspected_fault, if it is one no longer but a fault."""
        core = self._core
        if finding.taken == "theirs" and self.remote is not None:
            self._compare_after(self.remote)
        self._diagnosis = self.remote = core.difference = None
        if finding.differs:
            core.emit(finding.event(core.match))
        if finding.records:
            self._reports.append(finding.records)
        suspected_fault, self.suspected_fault = self.suspected_fault, None
        return None if finding.differs else suspected_fault

    def reports(self) -> Sequence[tuple[Record, ...]]:
        """Reports of differences, each to be written to a file of its own."""
        out, self._reports = self._reports, []
        return out

    def _compare_after(self, remote: Remote) -> None:
        for other in self._core.linked:
            if other is not remote:
                self._due.setdefault(other, None)

    def _postpone(self, remote: Remote, message: m.Differ | m.State) -> bool:
        """True if `message` is the first word of a member whose turn comes."""
        if not isinstance(message, m.Differ) or self._due.get(remote) is not None:
            return False
        self._due[remote] = message
        return True

    def _send(self, messages: Sequence[m.Message]) -> None:
        if self.remote is not None:
            for message in messages:
                self.remote.send(message)
