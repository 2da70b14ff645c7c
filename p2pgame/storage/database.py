"""One SQLite file with one table. A damaged file is moved aside; a file of a newer program is refused.

Several processes may share it. Does not know what the rows mean.
"""

import contextlib
import logging
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Generic, TypeVar

import msgspec

from p2pgame.core.errors import P2PGameError

__all__ = ["SqlTable"]

T = TypeVar("T", bound=msgspec.Struct)

_LOCK_TIMEOUT = 0.25
"""Seconds to wait for another process; its writes take milliseconds."""
_log = logging.getLogger(__name__)


class _NewerError(sqlite3.OperationalError):
    """A newer program wrote the file."""


class _OlderError(sqlite3.DatabaseError):
    """An older program wrote the file, with other columns: it is moved aside like a damaged one."""


class SqlTable(Generic[T]):
    """Rows of the struct `T`, used by one thread at a time. Every failure raises `P2PGameError`."""

    def __init__(self, path: Path, name: str, kind: type[T], schema: int, setup: Sequence[str]) -> None:
        """Opens the file, or makes it by `setup`: SQL statements that change nothing where all is there.

        `name`: of the table, which has the fields of `kind` for columns, and may have more. `schema`: its version.
        """
        self._path = path
        self._kind = kind
        self._select = f"SELECT {', '.join(kind.__struct_fields__)} FROM {name} "  # noqa: S608  (names of our own)
        with self._errors():
            path.parent.mkdir(parents=True, exist_ok=True)
            self.new = not path.exists()
            """True if there was no file, or none that could be used."""
            try:
                self._db = _open(path, schema, setup, self._select)
            except sqlite3.OperationalError:
                raise
            except sqlite3.DatabaseError as error:
                aside = path.with_name(f"{path.name}.damaged")
                _log.warning("%s is damaged (%s): moved to %s", path, error, aside.name)
                _move_aside(path, aside)
                self.new = True
                self._db = _open(path, schema, setup, self._select)
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
            yield
        except (sqlite3.Error, OSError) as error:
            raise P2PGameError(_code(error), path=str(self._path), detail=str(error)) from error

    def _read(self, row: dict[str, Any]) -> T | None:
        try:
            return msgspec.convert(row, self._kind, strict=False)
        except msgspec.ValidationError:
            _log.warning("%s: a line that cannot be read is left out", self._path)
            return None


def _code(error: Exception) -> str:
    return "file_of_newer_version" if isinstance(error, _NewerError) else "file_unusable"


def _open(path: Path, schema: int, setup: Sequence[str], select: str) -> sqlite3.Connection:
    db = sqlite3.connect(path, timeout=_LOCK_TIMEOUT, isolation_level=None, check_same_thread=False)
    try:
        with db:
            (version,) = db.execute("PRAGMA user_version").fetchone()
            if version > schema:
                raise _NewerError
            if 0 < version < schema:
                raise _OlderError(f"schema {version}, and this is {schema}")
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("PRAGMA synchronous = NORMAL")
            db.execute("BEGIN IMMEDIATE")
            for statement in setup:
                db.execute(statement)
            db.execute(f"PRAGMA user_version = {schema}")
        (result,) = db.execute("PRAGMA quick_check(1)").fetchone()
        db.execute(f"{select} LIMIT 1").fetchone()
        if result != "ok":
            raise sqlite3.DatabaseError(result)
    except BaseException:
        db.close()
        raise
    return db


def _move_aside(path: Path, aside: Path) -> None:
    path.replace(aside)
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
