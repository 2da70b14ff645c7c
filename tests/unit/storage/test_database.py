"""A data file that cannot be used stops nobody: it is kept, what can be read in it stays, and its owner is told."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from p2pgame.replay.entry import HistoryEntry
from p2pgame.storage import database
from p2pgame.storage.history import History
from p2pgame.storage.known_peers import KnownPeers

ME = "m" * 26
Spoil = Callable[[Path], None]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data directory with one blocked peer."""
    with closing(KnownPeers(tmp_path)) as known:
        known.set_blocked("a" * 26, "Ann", True)
    return tmp_path


def execute(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as db, db:
        for statement in statements:
            db.execute(statement)


def newer(path: Path) -> None:
    execute(path, "ALTER TABLE known ADD COLUMN colour TEXT", "PRAGMA user_version = 99")


def other_columns(path: Path) -> None:
    execute(path, "ALTER TABLE known RENAME COLUMN own_name TO nick")


def foreign(path: Path) -> None:
    path.unlink()
    execute(path, "CREATE TABLE bookmarks (url TEXT)", "INSERT INTO bookmarks VALUES ('x')")


def no_database(path: Path) -> None:
    path.write_bytes(b"a text that somebody put here" * 100)


def directory(path: Path) -> None:
    path.unlink()
    path.mkdir()
    (path / "thing").write_bytes(b"")


@pytest.mark.parametrize(
    ("spoil", "cause", "kept_rows"),
    [
        (newer, "newer_program", True),
        (other_columns, "no such column: own_name", False),
        (foreign, "other_program", False),
        (no_database, "file is not a database", False),
        (directory, "unable to open database file", False),
    ],
)
def test_a_file_that_is_none_of_ours_is_kept_beside_a_new_one(
    data: Path, spoil: Spoil, cause: str, kept_rows: bool
) -> None:
    spoil(data / "known.db")
    before = (data / "known.db").read_bytes() if (data / "known.db").is_file() else None
    with closing(KnownPeers(data)) as known:
        assert known.problem is not None
        assert (known.problem.code, known.problem.params["cause"]) == ("database_replaced", cause)
        kept = data / str(known.problem.params["kept"])
        assert kept.exists()
        if spoil in (foreign, no_database):
            assert kept.read_bytes() == before, "no byte of it is changed"
        assert [peer.blocked for peer in known.all()] == ([True] if kept_rows else [])
        known.met("b" * 26, "Ben", 1.0)
    with closing(KnownPeers(data)) as again:
        assert again.problem is None
        assert again.get("b" * 26) is not None


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """As a backup or a tool of the user does it."""
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("PRAGMA locking_mode = EXCLUSIVE")
        db.execute("BEGIN EXCLUSIVE")
        yield


def test_a_locked_file_is_read_and_left_where_it_is(data: Path) -> None:
    with locked(data / "known.db"), closing(KnownPeers(data)) as known:
        assert known.problem is not None
        assert known.problem.code == "database_in_memory"
        assert known.problem.params["cause"] == "locked_by_other"
        assert [peer.blocked for peer in known.all()] == [True], "who is blocked stays blocked"
        known.met("b" * 26, "Ben", 1.0)
        assert len(known.all()) == 2
        assert not list(data.glob("*kept*"))
    with closing(KnownPeers(data)) as again:
        assert again.problem is None
        assert len(again.all()) == 1


def test_a_newer_file_in_use_is_left_where_it_is(data: Path) -> None:
    newer(data / "known.db")
    with closing(sqlite3.connect(data / "known.db")) as other:
        other.execute("SELECT * FROM known").fetchall()
        with closing(KnownPeers(data)) as known:
            assert known.problem is not None
            assert known.problem.code == "database_in_memory"
            assert [peer.blocked for peer in known.all()] == [True]
    assert not list(data.glob("*kept*"))


def test_a_full_disk_says_nothing_against_the_file(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    error = sqlite3.OperationalError("database or disk is full")
    error.sqlite_errorcode = sqlite3.SQLITE_FULL
    opened = database.SqlTable._open

    def full(self: object, where: str, *rest: object) -> object:
        if not where.startswith("file:"):
            raise error
        return opened(self, where, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(database.SqlTable, "_open", full)
    with closing(KnownPeers(data)) as known:
        assert known.problem is not None
        assert known.problem.code == "database_in_memory"
        assert len(known.all()) == 1
    assert sorted(path.name for path in data.iterdir()) == ["known.db"]


def test_a_directory_that_nothing_can_be_renamed_in(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    no_database(data / "known.db")

    def refuse(path: Path, to: Path) -> Path:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "replace", refuse)
    with closing(KnownPeers(data)) as known:
        assert known.problem is not None
        assert known.problem.code == "database_in_memory"
        known.met("b" * 26, "Ben", 1.0)
        assert len(known.all()) == 1


def test_copies_are_bounded_and_the_first_is_never_lost(data: Path) -> None:
    for number in range(12):
        (data / "known.db").write_bytes(b"spoiled %d" % number * 100)
        KnownPeers(data).close()
    assert len(list(data.glob("known.db.kept-*"))) == 9
    assert (data / "known.db.kept-1").read_bytes().startswith(b"spoiled 0")


def test_connections_in_memory_share_what_they_know(tmp_path: Path) -> None:
    """The window reads what the thread of the disk writes."""
    History(tmp_path, ME).close()
    entry = HistoryEntry(match="m1", game="nim", peer="p", name="Ben", me=0, started=1.0, file="m1.p2preplay")
    with locked(tmp_path / "history.db"):
        with closing(History(tmp_path, ME)) as writer, closing(History(tmp_path, ME)) as reader:
            writer.put(entry, ME)
            assert reader.all() == [entry]
            assert reader.files() == {"m1.p2preplay"}
        with closing(History(tmp_path, ME)) as later:
            assert later.all() == []
