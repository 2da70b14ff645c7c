"""Writes running matches to their files and their results to the history, on a separate thread.

`write` enqueues and returns; only a caller that is about to send what it writes waits for the file, and not for long.
If the disk is too slow or fails, the recording of that match stops, one error is reported, and the match continues.
Does not know the content of records.
"""

import contextlib
import errno
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from queue import Empty, SimpleQueue

from p2pgame.core.errors import P2PGameError
from p2pgame.replay.reader import WENT_ON
from p2pgame.replay.records import Decided, Desync, End, Header, Inputs, Note, Record, Repaired, Snapshot
from p2pgame.storage.archive import REPLAYS, load
from p2pgame.storage.files import mend, system_reason
from p2pgame.storage.history import History, entry_of
from p2pgame.storage.prune import prune
from p2pgame.storage.recordfile import RecordFile
from p2pgame.storage.recording import SUFFIX, FileType, Recording, with_time
from p2pgame.wire.decisions import Adjourned, decode_decision
from p2pgame.wire.names import safe_text

__all__ = ["Recordings"]

_REPORTS = "reports"
_REPLAYS_MAX = 1000
_REPLAYS_BYTES = 1 << 30
_REPORTS_MAX = 100
_REPORTS_BYTES = 128 << 20
_WAITING_MAX = 2000
"""Maximum number of queued batches."""
_WAITING_BYTES = 16 << 20
"""Maximum size of the queued batches, roughly."""
_MATCHES_KEPT = 4
"""Maximum number of recordings kept open, those of adjourned matches not counted."""
_PATIENCE = 1.0
_WRITTEN_WITHIN = 0.25
"""Seconds to wait for the file; the other side thinks a session broken after ten times as long."""
_LOGGED = 300
"""Characters of a name or a reason."""
_SMALL_JOB = 128
"""Rough size of a small record."""
_CAUSES = {
    errno.ENOSPC: "disk_full",
    errno.EDQUOT: "disk_quota_used",
    errno.EROFS: "disk_read_only",
    errno.EACCES: "directory_read_only",
    errno.EFBIG: "recording_too_large",
}
_log = logging.getLogger(__name__)

_Job = tuple[int, Callable[[], None]]
"""Size in bytes, and the action."""


class Recordings:
    """All files of one data directory. `write`, `report` and `reopen` may be called by one thread."""

    def __init__(
        self,
        data_dir: Path,
        me: str,
        on_error: Callable[[P2PGameError], None],
        file_type: FileType = RecordFile,
    ) -> None:
        """`me`: our peer id. `on_error(error)` is called on any thread."""
        self._data_dir = data_dir
        self._directory = data_dir / REPLAYS
        self._me = me
        self._on_error = on_error
        self._kind = file_type
        self._queue: SimpleQueue[_Job | None] = SimpleQueue()
        self._put = 0
        self._taken = 0
        """Bytes enqueued and bytes written; each is changed by one thread only."""
        self._dropped = ""
        """The match whose recording stopped because the disk was too slow."""
        self._open: dict[str, Recording] = {}
        self._idle_jobs: deque[Callable[[], None]] = deque()
        """Jobs for an idle queue: recording has priority."""
        self._thread: threading.Thread | None = None

    def start(self) -> P2PGameError | None:
        """Returns what was done about a history that could not be used as it was; None: it is fine.

        Matches that are missing in it come back from their files: the newest at once, so that it can be resumed,
        the others when there is nothing else to do. Raises `P2PGameError` if there can be no history.
        """
        history = self._history = History(self._data_dir, self._me)
        mend(self._directory)
        with contextlib.suppress(P2PGameError):
            known = history.files()
            self._rebuild_history(
                [f for f in sorted(self._directory.glob(f"*{SUFFIX}")) if f.name not in known]
            )
        self._thread = threading.Thread(target=self._run, name="p2pgame-disk", daemon=True)
        self._thread.start()
        return history.problem

    def close(self) -> None:
        """Wait until everything is on the disk, at most one second."""
        if self._thread is not None:
            self._queue.put(None)
            self._thread.join(_PATIENCE)

    def write(self, match: str, records: Sequence[Record], *, wait: bool = False) -> None:
        """Append to the file of `match`; a first batch begins with its `Header`. Times that are 0 become now.

        `wait`: until they are in the file, so that they survive this program; at most a quarter of a second.
        """
        at = time.time()
        size = sum(map(_size, records))
        if match != self._dropped and self._queue_full(size):
            self._dropped = match
            self._enqueue(0, lambda: self._stop_recording(match))
            self._on_error(P2PGameError("match_recorded_in_part", cause="disk_too_slow"))
        if match == self._dropped:  # the history wants to know how it ended
            records = [record for record in records if isinstance(record, End)]
        if records:
            self._enqueue(size, lambda: self._write(match, [with_time(record, at) for record in records]))
        if wait and records and match != self._dropped:
            written = threading.Event()
            self._enqueue(0, written.set)
            written.wait(_WRITTEN_WITHIN)

    def report(self, match: str, records: Sequence[Record]) -> None:
        """Write a file of these records, which begin with a `Header`, beside those of matches."""
        at = time.time()
        size = sum(map(_size, records))
        if self._queue_full(size):
            _log.warning("no report of match %s: the disk is too slow", match)
        else:
            self._enqueue(
                size, lambda: self._report(match, [with_time(record, at) for record in records], at)
            )

    def reopen(self, header: Header, file: str, whole: int, *, adjourned: int | None = None) -> None:
        """Continue the file of a match, which has `whole` valid bytes. `adjourned`: it waits after so many frames."""
        recording = Recording(header, self._directory / Path(file).name, whole, self._kind)
        recording.adjourned = adjourned
        self._enqueue(0, lambda: self._remember(recording))

    def _queue_full(self, size: int) -> bool:
        return self._queue.qsize() >= _WAITING_MAX or self._put - self._taken + size > _WAITING_BYTES

    def _enqueue(self, size: int, job: Callable[[], None]) -> None:
        self._put += size
        self._queue.put((size, job))

    # --- on the disk's thread

    def _run(self) -> None:
        while True:
            try:
                job = self._queue.get(timeout=0 if self._idle_jobs else self._until_sync())
            except Empty:
                self._sync_due()
                if self._idle_jobs:
                    self._idle_jobs.popleft()()
                continue
            if job is None:
                break
            size, work = job
            work()
            self._taken += size
        for recording in self._open.values():
            self._sync(recording)
            recording.close()
        for work in self._idle_jobs:
            work()
        self._history.close()

    def _until_sync(self) -> float | None:
        due = [recording.sync_at for recording in self._open.values() if recording.sync_at is not None]
        return max(0.0, min(due) - time.monotonic()) if due else None

    def _sync_due(self) -> None:
        for recording in self._open.values():
            if recording.sync_at is not None and recording.sync_at <= time.monotonic():
                self._sync(recording)

    def _sync(self, recording: Recording) -> None:
        try:
            recording.sync()
        except OSError as error:
            self._fail(recording, error)

    def _write(self, match: str, records: Sequence[Record]) -> None:
        first, recording = records[0], self._open.get(match)
        begins = isinstance(first, Header) and (recording is None or recording.over)
        if isinstance(first, Header) and begins:  # also of a round that we left, and came back to
            self._begin(first)
            recording = self._open.get(match)
        if recording is None:
            _log.warning("what happened in match %s is not recorded: its beginning is not known", match)
            return
        if not begins:  # one that goes on has its header already
            records = [record for record in records if not isinstance(record, Header)]
        try:
            recording.append(records)
        except (OSError, ValueError) as error:
            self._fail(recording, error)
        end = next((record for record in records if isinstance(record, End)), None)
        adjourned = recording.adjourned
        for record in records:
            adjourned = _adjourned_after(record, adjourned)
        changed, recording.adjourned = adjourned != recording.adjourned, adjourned
        if begins or changed or end is not None:
            self._idle_jobs.append(partial(self._note, recording.header, recording.name, end, adjourned))
        if begins:
            self._idle_jobs.append(partial(self._prune, recording.name))

    def _begin(self, header: Header) -> None:
        for before in self._open.values():
            self._sync(before)
            before.close()
        recording = Recording(header, None, kind=self._kind)
        self._remember(recording)
        try:
            recording.create(self._directory, header.started)
        except OSError as error:
            self._fail(recording, error)

    def _prune(self, newest: str) -> None:
        try:
            spared = {newest, *self._history.open_files()}
            for file in prune(self._directory, SUFFIX, _REPLAYS_MAX, _REPLAYS_BYTES, spared):
                self._history.forget_file(file)
        except (OSError, P2PGameError) as error:
            _log.warning("old replays could not be deleted: %s", error)

    def _remember(self, recording: Recording) -> None:
        self._open[recording.header.match] = recording
        running = [match for match, one in self._open.items() if one.adjourned is None]
        for match in running[:-_MATCHES_KEPT]:
            self._open.pop(match).close()

    def _stop_recording(self, match: str) -> None:
        if (recording := self._open.get(match)) is not None:
            recording.give_up()

    def _fail(self, recording: Recording, error: OSError | ValueError) -> None:
        recording.give_up()
        code = "match_recorded_in_part" if recording.name else "match_not_recorded"
        self._on_error(P2PGameError(code, cause=_cause(error)))

    def _note(self, header: Header, file: str, end: End | None, adjourned: int | None) -> None:
        try:
            self._history.put(entry_of(header, file, end, adjourned=adjourned), header.players[header.me])
        except P2PGameError as error:
            self._on_error(P2PGameError("history_not_kept", **{**error.params, "cause": error.code}))

    def _report(self, match: str, records: Sequence[Record], at: float) -> None:
        known = self._open.get(match)
        if known is not None:  # with the time at which the match began
            records = [known.header if isinstance(record, Header) else record for record in records]
        header = next(record for record in records if isinstance(record, Header))
        report = Recording(header, None, kind=self._kind)
        directory = self._data_dir / _REPORTS
        try:
            report.create(directory, at, "-desync")
            report.append(records)
            report.sync()
            report.close()
            prune(directory, SUFFIX, _REPORTS_MAX, _REPORTS_BYTES, {report.name})
        except (OSError, ValueError) as error:
            report.give_up()
            self._on_error(P2PGameError("report_not_written", cause=_cause(error)))

    def _rebuild_history(self, paths: list[Path]) -> None:
        """Add the newest of these files to the history, and the others later."""
        if paths:
            path = paths.pop()
            try:
                replay = load(path)
                header = replay.header
                own = header.players[header.me]
                if self._history.new or own == self._me:  # else a match of others that was put here
                    entry = entry_of(
                        header, path.name, replay.end, adjourned=replay.frames if replay.adjourned else None
                    )
                    self._history.add(entry, own)
            except P2PGameError as error:
                name, why = (safe_text(str(text), _LOGGED) for text in (path.name, error))
                _log.warning("%s is left out of the history: %s", name, why)
            self._queue.put((0, lambda: self._rebuild_history(paths)))


def _size(record: Record) -> int:
    """Rough size in bytes."""
    match record:
        case Inputs(runs=runs, hashes=hashes):
            return _SMALL_JOB + len(hashes) + _SMALL_JOB * len(runs)
        case Snapshot(state=state) | Repaired(state=state):
            return _SMALL_JOB + len(state)
        case Decided(entry=entry):
            return _SMALL_JOB + len(entry)
        case Desync(ours=ours, theirs=theirs):
            return _SMALL_JOB + len(ours) + len(theirs)
    return _SMALL_JOB


def _adjourned_after(record: Record, before: int | None) -> int | None:
    """The frame at which a match is put aside after this record; None: it is not. `before`: the same before it."""
    match record:
        case Decided(entry=entry) if isinstance((decision := decode_decision(entry)).what, Adjourned):
            return decision.frame
        case Note(what=what) if what == WENT_ON:
            return None
    return before


def _cause(error: OSError | ValueError) -> str:
    """A code, or the message of the system."""
    if isinstance(error, OSError):
        return _CAUSES.get(error.errno or 0) or system_reason(error)
    return str(error)
