"""One SQLite file with one table. A file that cannot be used as it is stops nobody.

A damaged file, or one of another program or version, is kept under another name, and a new one takes over the rows that
can be read. Where that is impossible, or another program has locked the file, this process works in memory and forgets.
Several processes may share the file. Does not know what the rows mean.
"""

import contextlib
import hashlib
import logging
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Generic, TypeVar

import msgspec

from p2pgame.core.errors import P2PGameError
from p2pgame.storage.files import mend, private_directory, system_reason

__all__ = ["SqlTable"]

T = TypeVar("T", bound=msgspec.Struct)

_LOCK_TIMEOUT = 0.25
"""Seconds to wait for another process; its writes take milliseconds."""
_COPIES_MAX = 9
"""Kept copies of a file; another one replaces the newest."""
_ROWS_MAX = 10_000
"""Rows taken over from a kept copy."""
_LOCKED = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_HEALTHY = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_NOMEM}) | _LOCKED
"""Results that say nothing against the file: it stays where it is."""
_MEMORY = threading.RLock()
"""Held while a table in memory is used: its connections share one cache, in which SQLite waits for no lock."""
_log = logging.getLogger(__name__)


class _VersionError(sqlite3.DatabaseError):
    """Another program wrote the file, or another version of this one with other columns."""

    def __init__(self, cause: str) -> None:
        super().__init__(cause)
        self.cause = cause


class SqlTable(Generic[T]):
    """Rows of the struct `T`, used by one thread at a time. Every failure raises `P2PGameError`."""

    def __init__(self, path: Path, name: str, kind: type[T], schema: int, setup: Sequence[str]) -> None:
        """Opens the file, or makes it by `setup`: SQL statements that change nothing where all is there.

        `name`: of the table, which has the fields of `kind` for columns, and may have more. `schema`: its version.
        """
        self.problem: P2PGameError | None = None
        """What was done about a file that could not be used as it was."""
        self._path = path
        self._name = name
        self._kind = kind
        self._select = f"SELECT {', '.join(kind.__struct_fields__)} FROM {name} "  # noqa: S608  (names of our own)
        self._guard: contextlib.AbstractContextManager[object] = contextlib.nullcontext()
        with self._errors():
            private_directory(path.parent)
            self.new = not path.exists()
            """True if there was no file, or none that could be used."""
            try:
                self._db = self._open(str(path), schema, setup)
            except sqlite3.Error as error:
                _log.warning("%s cannot be used: %s", path, error)
                self.new = True
                self._db = self._instead(error, schema, setup)
        self._version = 0
        self.changed()

    def close(self) -> None:
        self._db.close()

    def changed(self) -> bool:
        """True if another connection wrote since the last call. Costs microseconds."""
        with self._errors():
            (version,) = self._db.execute("PRAGMA data_version").fetchone()
        before, self._version = self._version, version
        return bool(before != version)

    def select(self, clause: str = "", **params: Any) -> list[T]:
        """The rows that `clause` (``WHERE ... ORDER BY ...``) names. An invalid row is skipped and logged."""
        with self._errors():
            rows = self._db.execute(self._select + clause, params).fetchall()
        fields = self._kind.__struct_fields__
        values = [dict(zip(fields, row, strict=True)) for row in rows]
        with contextlib.suppress(msgspec.ValidationError):
            return msgspec.convert(values, list[self._kind], strict=False)  # type: ignore[name-defined]
        return [value for row in values if (value := self._read(row)) is not None]

    def query(self, statement: str, **values: Any) -> list[tuple[Any, ...]]:
        """The bare rows of a ``SELECT`` that gives others than `T`."""
        with self._errors():
            return self._db.execute(statement, values).fetchall()

    def write(self, *statements: str, **values: Any) -> None:
        """Execute all statements in one transaction."""
        with self._errors(), self._db:
            self._db.execute("BEGIN IMMEDIATE")
            for statement in statements:
                self._db.execute(statement, values)

    @contextlib.contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            with self._guard:
                yield
        except (
            sqlite3.Error,
            OSError,
            UnicodeEncodeError,
        ) as error:  # the last one: a name that is no Unicode
            detail = system_reason(error) if isinstance(error, OSError) else str(error)
            raise P2PGameError("file_unusable", path=str(self._path), detail=detail) from error

    def _open(self, where: str, schema: int, setup: Sequence[str]) -> sqlite3.Connection:
        in_file = where == str(self._path)
        if in_file and not self._path.exists():
            self._path.touch(mode=0o600)  # SQLite would make it, and its -wal and -shm, as the umask says
        db = sqlite3.connect(
            where,
            timeout=_LOCK_TIMEOUT,
            isolation_level=None,
            check_same_thread=False,
            uri=where.startswith("file:"),
        )
        try:
            with db:
                (version,) = db.execute("PRAGMA user_version").fetchone()
                if version and version != schema:
                    raise _VersionError("newer_program" if version > schema else "older_program")
                if not version and db.execute("SELECT 1 FROM sqlite_master").fetchone():
                    raise _VersionError("other_program")
                db.execute("PRAGMA journal_mode = WAL")
                db.execute("PRAGMA synchronous = NORMAL")
                db.execute("BEGIN IMMEDIATE")
                for statement in setup:
                    db.execute(statement)
                db.execute(f"PRAGMA user_version = {schema}")
            (result,) = db.execute("PRAGMA quick_check(1)").fetchone()
            db.execute(f"{self._select} LIMIT 1").fetchone()
            if result != "ok":
                raise sqlite3.DatabaseError(result)
            if in_file:
                mend(self._path)
        except BaseException:
            db.close()
            raise
        return db

    def _instead(self, error: sqlite3.Error, schema: int, setup: Sequence[str]) -> sqlite3.Connection:
        """A new file beside a kept copy of the one that fails with `error`, or a table in memory."""
        path, facts = self._path, {"path": str(self._path), "cause": _cause(error)}
        if _result(error) not in _HEALTHY and not _in_use(path):
            with contextlib.suppress(OSError):
                kept = _keep(path)
                try:
                    db = self._open(str(path), schema, setup)
                except sqlite3.Error:
                    _move(kept, path)
                else:
                    self._take_over(kept, db)
                    self.problem = P2PGameError("database_replaced", **facts, kept=kept.name)
                    return db
        self.problem = P2PGameError("database_in_memory", **facts)
        self._guard = _MEMORY
        with self._guard:
            name = hashlib.sha256(str(path.absolute()).encode(errors="replace")).hexdigest()
            db = self._open(f"file:{name}?mode=memory&cache=shared", schema, setup)
            self._take_over(path, db)
        return db

    def _take_over(self, source: Path, db: sqlite3.Connection) -> None:
        """Copy the rows of another file that can be read and are valid. It is neither locked nor changed by that."""
        columns = [row[1] for row in db.execute(f"PRAGMA table_info({self._name})")]
        names, marks = ", ".join(columns), ", ".join("?" * len(columns))
        with db:
            db.execute("BEGIN IMMEDIATE")
            insert = f"INSERT OR IGNORE INTO {self._name} ({names}) VALUES ({marks})"  # noqa: S608
            db.executemany(insert, self._rows_of(source, columns))

    def _rows_of(self, source: Path, columns: Sequence[str]) -> Iterator[tuple[Any, ...]]:
        """The valid rows of another file, up to the first that cannot be read."""
        query = f"SELECT {', '.join(columns)} FROM {self._name} LIMIT {_ROWS_MAX}"  # noqa: S608
        with contextlib.suppress(sqlite3.Error), contextlib.closing(_read_only(source)) as old:
            for row in old.execute(query):
                if self._read(dict(zip(columns, row, strict=True))) is not None:
                    yield row

    def _read(self, row: dict[str, Any]) -> T | None:
        try:
            return msgspec.convert(row, self._kind, strict=False)
        except msgspec.ValidationError:
            _log.warning("%s: a line that cannot be read is left out", self._path)
            return None


def _result(error: sqlite3.Error) -> int:
    """The primary result code of SQLite; 0 for an error of ours."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def _cause(error: sqlite3.Error) -> str:
    """A code, or the words of SQLite."""
    if isinstance(error, _VersionError):
        return error.cause
    return "locked_by_other" if _result(error) in _LOCKED else str(error)


def _in_use(path: Path) -> bool:
    """True if another connection has the file open. Otherwise its write-ahead log is now in the file itself."""
    with (
        contextlib.suppress(sqlite3.Error),
        contextlib.closing(sqlite3.connect(path, timeout=_LOCK_TIMEOUT)) as db,
    ):
        try:
            db.execute("PRAGMA journal_mode = DELETE")
        except sqlite3.Error as error:
            return _result(error) in _LOCKED
    return False


def _keep(path: Path) -> Path:
    """Give the file another name, which is returned. Raises `OSError`."""
    copies = [path.with_name(f"{path.name}.kept-{number}") for number in range(1, _COPIES_MAX + 1)]
    kept = next((copy for copy in copies if not copy.exists()), copies[-1])
    _move(path, kept)
    return kept


def _move(path: Path, to: Path) -> None:
    path.replace(to)
    for suffix in ("-wal", "-shm"):
        beside = path.with_name(path.name + suffix)
        if beside.exists():
            beside.replace(to.with_name(to.name + suffix))


def _read_only(path: Path) -> sqlite3.Connection:
    """Whatever locks there are: nothing is written, and a row that is read in the middle of a change is checked."""
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
