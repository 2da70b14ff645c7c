"""Matches on the disk: whole, cut, continued, too many, and on disks that fail or are slow. Real files."""

import errno
import json
import os
import shutil
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from p2pgame.core.errors import P2PGameError
from p2pgame.core.game import EndedBy
from p2pgame.i18n.errors import sentence
from p2pgame.replay.codec import MAGIC
from p2pgame.replay.reader import Replay, read
from p2pgame.replay.records import Decided, Desync, Header, Inputs, Note, Signature
from p2pgame.storage import recording as recording_module
from p2pgame.storage import recordings as module
from p2pgame.storage.archive import Archive
from p2pgame.storage.history import History, entry_of
from p2pgame.storage.recordfile import RecordFile
from p2pgame.storage.recordings import Recordings
from p2pgame.wire.decisions import Adjourned, Decision, encode_decision
from tests.unit.storage.matches import ME, THEM, end, frames, header, match_id, play

ROOT = Path(__file__).parents[3]


class Desk:
    """Recordings of one data directory, with what they complained of."""

    def __init__(self, data_dir: Path, kind: type[RecordFile] = RecordFile, me: str = ME) -> None:
        self.data_dir = data_dir
        self.errors: list[str] = []
        self.recordings = Recordings(data_dir, me, lambda error: self.errors.append(sentence(error)), kind)
        self.recordings.start()

    def settle(self) -> None:
        """Return when what was handed over so far is done."""
        done = threading.Event()
        self.recordings._enqueue(0, lambda: self.recordings._idle_jobs.append(done.set))
        assert done.wait(10)

    def files(self, directory: str = "replays") -> list[str]:
        return sorted(path.name for path in (self.data_dir / directory).glob("*"))

    def replay(self, directory: str = "replays") -> Replay:
        (name,) = self.files(directory)
        return read((self.data_dir / directory / name).read_bytes())


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path)
    yield desk
    desk.recordings.close()


@pytest.fixture
def open_desk(tmp_path: Path) -> Iterator[Callable[..., Desk]]:
    desks: list[Desk] = []

    def make(**how: Any) -> Desk:
        desks.append(Desk(tmp_path, **how))
        return desks[-1]

    yield make
    for desk in desks:
        desk.recordings.close()


def write_gomoku(desk: Desk, moves: int, match: int = 1) -> list[Any]:
    """Returns the records, one batch a move."""
    batches = [records for _, _, _, records in play(header(match=match), moves)]
    for batch in batches:
        desk.recordings.write(match_id(match), batch)
    return [record for batch in batches for record in batch]


def test_what_was_written_is_read_again_with_the_time_it_happened(desk: Desk) -> None:
    before = time.time()
    records = write_gomoku(desk, 5)
    desk.recordings.write(match_id(1), (Note(frame=5, what="connection"),))
    signature = Signature(player=0, public_key=b"k" * 32, signature=b"s" * 64)
    desk.recordings.write(match_id(1), (end(frame=5), signature))
    desk.recordings.write(match_id(1), (Signature(player=1, public_key=b"k" * 32, signature=b"s" * 64),))
    desk.settle()
    replay = desk.replay()
    assert replay.links == [record.chain[:4] for record in records if isinstance(record, Inputs)]
    assert (replay.damage, replay.frames, len(replay.signatures)) == (None, 5, 2)
    assert replay.end is not None
    for stamp in (replay.header.started, replay.notes[0].at, replay.end.ended):
        assert before <= stamp <= time.time()
    (name,) = desk.files()
    date = time.strftime("%Y%m%d", time.gmtime(before))
    assert name.startswith(date)
    assert name.endswith(f"-gomoku-{match_id(1)}.p2preplay")
    assert desk.errors == []


def test_what_is_about_to_be_sent_is_in_the_file_first(desk: Desk) -> None:
    for _, _, _, records in play(header(), 3):
        desk.recordings.write(match_id(1), records, wait=True)
        assert (
            desk.replay().inputs[-1:] == [i for r in records if isinstance(r, Inputs) for _, i in r.runs][-1:]
        )


def test_nobody_waits_long_for_a_disk_that_hangs(open_desk: Callable[..., Desk]) -> None:
    hangs = threading.Event()

    class Hanging(RecordFile):
        def append(self, data: bytes) -> None:
            hangs.wait(5.0)
            super().append(data)

    desk = open_desk(kind=Hanging)
    began = time.monotonic()
    desk.recordings.write(match_id(1), (header(),), wait=True)
    assert time.monotonic() - began < 2.0
    hangs.set()


def test_a_move_is_on_the_disk_at_once_and_frames_within_two_seconds(
    open_desk: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    syncs: list[str] = []

    class Watched(RecordFile):
        def sync(self) -> None:
            syncs.append(self.path.name)
            super().sync()

    now = [100.0]
    monkeypatch.setattr(recording_module.time, "monotonic", lambda: now[0])
    desk = open_desk(kind=Watched)
    for number, (_, _, _, records) in enumerate(play(header(), 3), start=1):
        desk.recordings.write(match_id(1), records)
        desk.settle()
        assert len(syncs) == number
    desk.recordings.write(match_id(2), (header("pong", 2),))
    desk.settle()
    syncs.clear()
    for batch in range(9):  # half a second each
        desk.recordings.write(match_id(2), frames(30 * batch))
        desk.settle()
        now[0] += 0.5
    assert 1 <= len(syncs) <= 3
    syncs.clear()
    desk.recordings.write(match_id(2), (end(ended_by=EndedBy.FRAME_LIMIT, winners=(), frame=270),))
    desk.settle()
    assert len(syncs) == 1


def test_frames_are_made_sure_of_even_if_no_more_come(
    open_desk: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording_module, "SYNC_INTERVAL", 0.01)
    synced = threading.Event()

    class Watched(RecordFile):
        def sync(self) -> None:
            super().sync()
            synced.set()

    desk = open_desk(kind=Watched)
    desk.recordings.write(match_id(1), (header("pong"), *frames(0)))
    assert synced.wait(5)


def test_closing_waits_for_what_was_handed_over(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    for batch in range(200):
        desk.recordings.write(match_id(1), ((header("pong"),) if not batch else ()) + frames(30 * batch))
    desk.recordings.close()
    assert desk.replay().frames == 6000
    desk.recordings.close()
    Recordings(tmp_path, ME, lambda error: desk.errors.append(sentence(error))).close()
    assert desk.errors == []


@pytest.mark.timing
def test_a_disk_that_hangs_holds_nobody_up_at_the_end(tmp_path: Path) -> None:
    release = threading.Event()

    class Stuck(RecordFile):
        def append(self, chunks: bytes) -> None:
            release.wait(20)

    desk = Desk(tmp_path, Stuck)
    write_gomoku(desk, 1)
    began = time.monotonic()
    desk.recordings.close()
    assert 0.9 < time.monotonic() - began < 1.5
    release.set()


# --- the history


def entries(desk: Desk) -> list[tuple[str, str, int]]:
    history = History(desk.data_dir, ME)
    try:
        return [(entry.match[-1], entry.result, entry.frames) for entry in history.all()]
    finally:
        history.close()


def test_the_history_says_what_is_open_and_how_it_ended(desk: Desk) -> None:
    write_gomoku(desk, 2)
    desk.settle()
    assert entries(desk) == [("1", "open", 0)]
    desk.recordings.write(match_id(1), (end(winners=(1,), frame=2),))
    desk.settle()
    assert entries(desk) == [("1", "lost", 2)]
    archive = Archive(desk.data_dir, ME)
    entry = archive.all()[0]
    assert (entry.peer, entry.name, entry.game, entry.me, entry.reason) == (
        THEM,
        "Ben",
        "gomoku",
        0,
        "five in a row",
    )
    assert entry.file == desk.files()[0]
    assert 0 <= entry.duration < 10
    assert archive.replay(match_id(1)).frames == 2
    archive.delete(match_id(1))
    assert desk.files() == archive.all() == []
    with pytest.raises(P2PGameError, match="unknown_match"):
        archive.replay(match_id(1))
    archive.close()


def test_a_match_that_is_on_cannot_be_deleted(desk: Desk) -> None:
    write_gomoku(desk, 2)
    desk.settle()
    archive = Archive(desk.data_dir, ME)
    with pytest.raises(P2PGameError, match="match_not_over"):
        archive.delete(match_id(1))
    assert archive.replay(match_id(1)).frames == 2
    (desk.data_dir / "replays" / desk.files()[0]).unlink()
    with pytest.raises(P2PGameError, match="no_replay"):
        archive.replay(match_id(1))
    archive.close()


def test_two_windows_of_ours_that_play_each_other_have_a_file_each(tmp_path: Path) -> None:
    desks = [Desk(tmp_path), Desk(tmp_path, me=THEM)]
    for me, desk in enumerate(desks):
        about = header(started=1e9, me=me)
        desk.recordings.write(match_id(1), (about,))
        desk.recordings.write(match_id(1), (end(frame=0),))
        desk.settle()
    assert desks[0].files() == [
        f"20010909-014640-gomoku-{match_id(1)}{tail}.p2preplay" for tail in ("-2", "")
    ]
    for me, result in ((ME, "won"), (THEM, "lost")):
        archive = Archive(tmp_path, me)
        assert [entry.result for entry in archive.all()] == [result]
        assert archive.replay(match_id(1)).header.players[archive.replay(match_id(1)).header.me] == me
        archive.close()
    for desk in desks:
        desk.recordings.close()
        assert desk.errors == []


def test_a_lost_history_is_made_again_from_the_files(open_desk: Callable[..., Desk], tmp_path: Path) -> None:
    desk = open_desk()
    for match in range(3):
        desk.recordings.write(match_id(match), (header(match=match, started=1e9 + match), end(frame=0)))
    desk.recordings.write(match_id(3), (header(match=3, started=1e9 + 3),))
    desk.recordings.close()
    before = entries(desk)
    (tmp_path / "replays" / "20200101-000000-gomoku-x.p2preplay").write_bytes(b"garbage")
    for path in tmp_path.glob("history.db*"):
        path.unlink()
    desk = open_desk()
    for _ in range(6):  # each file hands over the next
        desk.settle()
    assert entries(desk) == before == [("3", "open", 0), ("2", "won", 0), ("1", "won", 0), ("0", "won", 0)]


# --- going on


@pytest.mark.skipif(sys.platform != "linux", reason="names of files are Unicode there")
def test_a_file_whose_name_is_no_unicode_stops_nobody(
    open_desk: Callable[..., Desk], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    desk = open_desk()
    desk.recordings.write(match_id(1), (header(match=1, started=1e9), end(frame=0)))
    desk.recordings.close()
    (file,) = (tmp_path / "replays").iterdir()
    for path in tmp_path.glob("history.db*"):
        path.unlink()
    for name in (b"0-\xff.p2preplay", b"z-\xff.p2preplay"):  # read later, and at once
        (file.parent / os.fsdecode(name)).write_bytes(file.read_bytes())
    desk = open_desk()
    for _ in range(4):
        desk.settle()
    assert entries(desk) == [("1", "won", 0)]
    desk.recordings.write(match_id(2), (header(match=2, started=1e9 + 1), end(frame=0)))
    desk.settle()
    assert entries(desk) == [("2", "won", 0), ("1", "won", 0)]
    assert "is left out of the history" in caplog.text
    caplog.text.encode()  # as whoever reads the log does


def test_a_match_goes_on_in_its_file_which_was_cut_anywhere(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    records = write_gomoku(desk, 6)
    desk.recordings.close()
    (name,) = desk.files()
    path = tmp_path / "replays" / name
    data = path.read_bytes()
    chunks = [read(data[:cut]).whole for cut in range(len(MAGIC) + 500, len(data) + 1, 7)]
    for whole, cut in zip(chunks, range(len(MAGIC) + 500, len(data) + 1, 7), strict=True):
        path.write_bytes(data[:cut])
        saved = read(data[:cut])
        assert saved.whole == whole <= cut
        desk = Desk(tmp_path)
        desk.recordings.reopen(saved.header, name, saved.whole)
        left = [r for r in records if isinstance(r, Inputs) and r.first >= saved.frames]
        desk.recordings.write(match_id(1), left)
        desk.recordings.close()
        assert path.read_bytes() == data
        assert desk.errors == []


def test_a_match_that_goes_on_has_one_header_and_its_end_in_the_history(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    write_gomoku(desk, 2)
    desk.recordings.close()
    saved = desk.replay()
    desk = Desk(tmp_path)
    desk.recordings.reopen(saved.header, desk.files()[0], saved.whole)
    desk.recordings.write(match_id(1), (header(),))
    desk.recordings.write(match_id(1), (Note(frame=2, what="running"),))
    desk.recordings.write(match_id(1), (end(frame=2),))
    desk.recordings.close()
    replay = desk.replay()
    assert (replay.damage, len(replay.notes), replay.header.started) == (None, 1, saved.header.started)
    assert entries(desk) == [("1", "won", 2)]


def test_a_round_that_was_left_and_comes_again_has_another_file(desk: Desk) -> None:
    write_gomoku(desk, 2)
    desk.recordings.write(match_id(1), (end(winners=(1,), ended_by=EndedBy.ABANDONED, frame=2),))
    write_gomoku(desk, 4)
    desk.recordings.write(match_id(1), (end(frame=4),))
    desk.settle()
    replays = [read((desk.data_dir / "replays" / name).read_bytes()) for name in desk.files()]
    assert sorted(replay.frames for replay in replays) == [2, 4]
    assert {replay.damage for replay in replays} == {None}
    assert entries(desk) == [("1", "won", 4)]
    assert desk.errors == []


def test_records_of_a_match_whose_beginning_is_not_known_are_left_out(desk: Desk) -> None:
    desk.recordings.write(match_id(9), frames(0))
    desk.settle()
    assert desk.files() == []
    assert desk.errors == []


# --- disks that fail


def failing(error: int, after: int = 0) -> type[RecordFile]:
    class Failing(RecordFile):
        appended = 0

        def append(self, chunks: bytes) -> None:
            if Failing.appended >= after:
                raise OSError(error, os.strerror(error))
            Failing.appended += 1
            super().append(chunks)

    return Failing


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (errno.ENOSPC, "the disk is full"),
        (errno.EDQUOT, "your share of the disk is used up"),
        (errno.EROFS, "the disk can only be read"),
        (errno.EIO, "Input/output error"),
    ],
)
def test_a_disk_that_fails_is_told_once_and_the_history_is_kept(
    open_desk: Callable[..., Desk], error: int, words: str
) -> None:
    desk = open_desk(kind=failing(error))
    write_gomoku(desk, 5)
    desk.recordings.write(match_id(1), (end(frame=5),))
    desk.settle()
    assert desk.errors == [f"this match is not recorded: {words}"]
    assert desk.files() == []
    assert entries(desk) == [("1", "won", 5)]


def test_a_disk_that_is_full_in_the_middle_leaves_what_was_whole(open_desk: Callable[..., Desk]) -> None:
    desk = open_desk(kind=failing(errno.ENOSPC, after=4))
    write_gomoku(desk, 10)
    desk.settle()
    assert desk.errors == ["this match is not recorded any further: the disk is full"]
    assert (desk.replay().frames, desk.replay().damage) == (3, None)
    archive = Archive(desk.data_dir, ME)
    assert archive.replay(match_id(1)).frames == 3
    archive.close()


def test_the_next_match_is_tried_again(open_desk: Callable[..., Desk]) -> None:
    kind = failing(errno.ENOSPC)
    desk = open_desk(kind=kind)
    write_gomoku(desk, 2)
    desk.settle()
    kind.append = RecordFile.append  # type: ignore[method-assign]
    write_gomoku(desk, 2, match=2)
    desk.settle()
    assert desk.replay().header.match == match_id(2)
    assert len(desk.errors) == 1


def test_a_directory_that_cannot_be_made_is_told_once(desk: Desk) -> None:
    (desk.data_dir / "replays").write_bytes(b"")
    write_gomoku(desk, 3)
    desk.settle()
    assert len(desk.errors) == 1
    assert desk.errors[0].startswith("this match is not recorded: ")
    assert "\n" not in desk.errors[0]


def test_a_directory_that_vanishes_in_the_match_is_told_at_most_once(desk: Desk) -> None:
    write_gomoku(desk, 3)
    desk.settle()
    shutil.rmtree(desk.data_dir / "replays")
    for frame in range(3, 6):
        desk.recordings.write(match_id(1), (Note(frame=frame, what="connection"),))
    desk.recordings.write(match_id(1), (end(frame=3),))
    desk.recordings.write(match_id(1), (Signature(player=0, public_key=b"k" * 32, signature=b"s" * 64),))
    desk.settle()
    assert len(desk.errors) <= 1
    assert entries(desk) == [("1", "won", 3)]


FULL = """
    import json, resource, signal, sys
    from pathlib import Path
    from p2pgame.i18n.errors import sentence
    from p2pgame.storage.recordings import Recordings
    from tests.unit.storage.matches import ME, frames, header, match_id

    limit = int(sys.argv[2])
    if limit:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    errors = []
    recordings = Recordings(Path(sys.argv[1]), ME, lambda error: errors.append(sentence(error)))
    recordings.start()
    recordings.write(match_id(1), (header("pong"),))
    for batch in range(60):
        recordings.write(match_id(1), frames(30 * batch, snapshot=3000))
    recordings.close()
    print(json.dumps(errors))
"""


def in_a_process(*command: str) -> list[str]:
    ran = subprocess.run(
        [*command],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ran.returncode == 0, ran.stderr
    errors: list[str] = json.loads(ran.stdout)
    return errors


@pytest.mark.skipif(sys.platform == "win32", reason="no limits there")
@pytest.mark.parametrize("limit", range(150_000, 153_000, 611))
def test_a_write_that_the_system_cuts_short_leaves_whole_records(tmp_path: Path, limit: int) -> None:
    """A real limit of the kernel on the size of files, in the middle of a record."""
    errors = in_a_process(sys.executable, "-c", textwrap.dedent(FULL), str(tmp_path), str(limit))
    assert errors[0] == "this match is not recorded any further: its file is too large"
    (path,) = (tmp_path / "replays").iterdir()
    replay = read(path.read_bytes())
    assert replay.damage is None
    assert limit - 3500 < path.stat().st_size == replay.whole <= limit
    assert replay.frames > 1000


def may_mount() -> bool:
    tool = shutil.which("unshare")
    return (
        tool is not None and not subprocess.run([tool, "-rm", "mount", "-t", "tmpfs", "x", "/mnt"]).returncode
    )


@pytest.mark.skipif(not may_mount(), reason="needs a mount namespace of its own")
def test_a_disk_that_is_really_full(tmp_path: Path) -> None:
    inside = 'mount -t tmpfs -o size=128k x "$0" && mkdir "$0/data" && "$1" -c "$2" "$0/data" 0 && cp -r "$0/data" "$3"'
    disk, kept = tmp_path / "disk", tmp_path / "kept"
    disk.mkdir()
    errors = in_a_process(
        *("unshare", "-rm", "sh", "-c", inside),
        *(str(disk), sys.executable, textwrap.dedent(FULL), str(kept)),
    )
    assert "this match is not recorded any further: the disk is full" in errors
    (path,) = (kept / "replays").iterdir()
    replay = read(path.read_bytes())
    assert (replay.damage, replay.whole) == (None, path.stat().st_size)
    assert replay.frames > 100


# --- disks that are slow


def test_a_disk_slower_than_the_match_costs_the_recording_and_nothing_else(
    open_desk: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_WAITING_MAX", 20)
    release = threading.Event()

    class Slow(RecordFile):
        def append(self, chunks: bytes) -> None:
            release.wait(20)
            super().append(chunks)

    desk = open_desk(kind=Slow)
    desk.recordings.write(match_id(1), (header("pong"),))
    for batch in range(1000):
        desk.recordings.write(match_id(1), frames(30 * batch))
    assert desk.errors == ["this match is not recorded any further: the disk is too slow"]
    assert desk.recordings._queue.qsize() <= 22
    desk.recordings.write(match_id(1), (end(winners=(1,), frame=30_000),))
    release.set()
    desk.settle()
    assert entries(desk) == [("1", "lost", 30_000)]
    replay = desk.replay()
    assert 0 < replay.frames <= 600
    assert (replay.damage, replay.end) == (None, None)
    write_gomoku(desk, 2, match=2)
    desk.settle()
    assert len(desk.files()) == 2
    assert len(desk.errors) == 1


def test_few_large_records_are_bounded_too(open_desk: Callable[..., Desk]) -> None:
    release = threading.Event()

    class Slow(RecordFile):
        def append(self, chunks: bytes) -> None:
            release.wait(20)

    desk = open_desk(kind=Slow)
    desk.recordings.write(match_id(1), (header("pong"),))
    for batch in range(40):
        desk.recordings.write(match_id(1), frames(30 * batch, snapshot=1_000_000))
    assert len(desk.errors) == 1
    assert desk.recordings._put - desk.recordings._taken <= 16 << 20
    differing = Desync(
        frame=0,
        ours=b"o" * 900_000,
        theirs=b"t" * 900_000,
        versions=("", ""),
        platforms=("", ""),
        reproduced=(True, True),
    )
    desk.recordings.report(match_id(1), (header("pong"), differing))
    assert desk.recordings._put - desk.recordings._taken <= 16 << 20
    release.set()


# --- reports, and what is too much


def test_a_report_is_a_file_of_its_own(desk: Desk) -> None:
    desk.recordings.write(match_id(1), (header(started=1e9),))
    differing = Desync(
        frame=2,
        ours=b"o",
        theirs=b"t",
        versions=("0.1", "0.2"),
        platforms=("x", "y"),
        reproduced=(True, False),
    )
    batches = [records for _, _, _, records in play(header(), 2)]
    report = [record for batch in batches for record in batch]
    for _ in range(2):
        desk.recordings.report(match_id(1), (*report, differing))
    desk.settle()
    assert len(desk.files("reports")) == 2
    for name in desk.files("reports"):
        assert f"-gomoku-{match_id(1)}-desync" in name
        replay = read((desk.data_dir / "reports" / name).read_bytes())
        assert replay.desyncs == [differing]
        assert replay.header.started == 1e9
    assert len(desk.files()) == 1
    assert desk.errors == []


def test_the_oldest_go_when_there_are_too_many_but_no_open_one(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_REPLAYS_MAX", 4)
    monkeypatch.setattr(module, "_REPORTS_MAX", 2)
    desk.recordings.write(match_id(0), (header(match=0, started=1e9),))  # stays open: another window of ours
    for match in range(1, 9):
        about = header(match=match, started=1e9 + match)
        desk.recordings.write(match_id(match), (about, end(frame=0)))
        desk.recordings.report(match_id(match), (about,))
        desk.settle()
    assert [name[-11] for name in desk.files()] == ["0", "5", "6", "7", "8"]
    assert [name[38] for name in desk.files("reports")] == ["7", "8"]
    history = History(desk.data_dir, ME)
    assert [bool(entry.file) for entry in history.all()] == [True] * 4 + [False] * 4 + [True]
    history.close()


def test_bytes_are_bounded_too(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_REPLAYS_BYTES", 50_000)
    for match in range(8):
        about = header("pong", match, started=1e9 + match)
        desk.recordings.write(match_id(match), (about, *frames(0, snapshot=14_000), end(frame=0)))
        desk.settle()
    assert [name[-11] for name in desk.files()] == ["5", "6", "7"]


def test_a_file_that_would_not_be_read_again_is_not_written(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording_module, "FILE_MAX", 5000)
    desk.recordings.write(match_id(1), (header("pong"),))
    for batch in range(9):
        desk.recordings.write(match_id(1), frames(30 * batch, snapshot=1000))
    desk.settle()
    assert desk.errors == ["this match is not recorded any further: its file is too large"]
    assert desk.replay().damage is None
    assert isinstance(desk.replay().header, Header)


def test_an_end_without_winners_is_a_draw_if_both_say_so() -> None:
    cases = [
        (end(winners=(0,)), "won"),
        (end(winners=(1,)), "lost"),
        (end(winners=(0,), ended_by=EndedBy.CLAIMED, agreed=False), "won"),
        (end(winners=(), reason="board full"), "draw"),
        (end(winners=(), ended_by=EndedBy.FRAME_LIMIT), "unfinished"),
        (end(winners=(), ended_by=EndedBy.CONNECTION_LOST, agreed=False), "unfinished"),
    ]
    for how, result in cases:
        assert entry_of(header(), "x", how).result == result
    assert entry_of(header(), "x").result == "open"


def test_the_history_says_that_a_match_is_adjourned_and_went_on(desk: Desk) -> None:
    def told() -> list[tuple[str, int]]:
        desk.settle()
        history = History(desk.data_dir, ME)
        try:
            return [(entry.result, entry.frames) for entry in history.all()][-1:]
        finally:
            history.close()

    write_gomoku(desk, 5)
    aside = Decision(epoch=1, index=1, frame=5, what=Adjourned(thought=()))
    desk.recordings.write(match_id(1), (Decided(entry=encode_decision(aside)),))
    assert told() == [("adjourned", 5)]
    for match in range(2, 9):
        write_gomoku(desk, 1, match)  # others, of which only some are kept open
    desk.recordings.write(match_id(1), (Note(frame=5, what="adjourned"),))
    assert told() == [("adjourned", 5)]
    desk.recordings.write(match_id(1), (Note(frame=5, what="running"),))
    assert told() == [("open", 0)]
    desk.recordings.write(match_id(1), (end(frame=5),))
    assert told() == [("won", 5)]
    assert desk.errors == []
