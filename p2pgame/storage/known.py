"""The peers we met, verified, blocked or muted: one SQLite file in the data directory.

Several processes may share it; each sees what the others wrote. Holds at most `KNOWN_MAX`: whom nothing is decided
about is forgotten first, oldest first. Does not judge anybody (`session.trust`).
"""

import contextlib
import logging
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from p2pgame.core.errors import P2PGameError
from p2pgame.session.acquaintance import Acquaintance
from p2pgame.wire.bounds import KNOWN_MAX

__all__ = ["KnownPeers"]

_FILE = "known.db"
_SCHEMA = 1
_TABLE = """
CREATE TABLE IF NOT EXISTS known (
    peer TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    own_name TEXT NOT NULL,
    verified INTEGER NOT NULL DEFAULT 0,
    blocked INTEGER NOT NULL DEFAULT 0,
    muted INTEGER NOT NULL DEFAULT 0,
    met_at REAL NOT NULL DEFAULT 0
) WITHOUT ROWID
"""
_COLUMNS = ", ".join(Acquaintance.__struct_fields__)
_PATIENCE = 0.25
"""Seconds to wait for another process; its writes take milliseconds."""
_log = logging.getLogger(__name__)


class KnownPeers:
    """To be used by one thread at a time. What cannot be written raises `P2PGameError` in one line."""

    def __init__(self, data_dir: Path) -> None:
        """Opens the file, or makes it. A damaged one is moved aside. Raises `P2PGameError`."""
        self._path = data_dir / _FILE
        with self._errors():
            data_dir.mkdir(parents=True, exist_ok=True)
            try:
                self._db = _open(self._path)
            except sqlite3.OperationalError:
                raise
            except sqlite3.DatabaseError as error:
                aside = self._path.with_name(f"{_FILE}.damaged")
                _log.warning("%s is damaged (%s): moved to %s", self._path, error, aside.name)
                _move_aside(self._path, aside)
                self._db = _open(self._path)
        self._version = 0
        self.changed()

    def close(self) -> None:
        self._db.close()

    def changed(self) -> bool:
        """True if another process wrote since the last call. Costs microseconds."""
        with self._errors():
            (version,) = self._db.execute("PRAGMA data_version").fetchone()
        before, self._version = self._version, version
        return bool(before != version)

    def all(self) -> list[Acquaintance]:
        """Newest meeting first."""
        with self._errors():
            rows = self._db.execute(f"SELECT {_COLUMNS} FROM known ORDER BY met_at DESC, peer")  # noqa: S608
            return [known for row in rows if (known := _read(row)) is not None]

    def get(self, peer: str) -> Acquaintance | None:
        with self._errors():
            row = self._db.execute(f"SELECT {_COLUMNS} FROM known WHERE peer = ?", (peer,)).fetchone()  # noqa: S608
        return _read(row) if row is not None else None

    def met(self, peer: str, name: str, now: float) -> None:
        """We play with `peer`, which shows itself by `name`. `now`: Unix time. A name given by us stays."""
        self._write(
            "INSERT INTO known (peer, name, own_name, met_at) VALUES (:peer, :name, :name, :now) "
            "ON CONFLICT (peer) DO UPDATE SET met_at = :now, own_name = :name, "
            "name = CASE WHEN name = own_name THEN :name ELSE name END",
            peer=peer,
            name=name,
            now=now,
        )

    def set_verified(self, peer: str, name: str, verified: bool = True) -> None:
        """`name`: shown now; what look-alikes are measured against."""
        self._set("verified", peer, name, verified)

    def set_blocked(self, peer: str, name: str, blocked: bool = True) -> None:
        self._set("blocked", peer, name, blocked)

    def set_muted(self, peer: str, name: str, muted: bool = True) -> None:
        self._set("muted", peer, name, muted)

    def rename(self, peer: str, name: str) -> None:
        """Call a known peer `name` from now on."""
        self._write("UPDATE known SET name = :name WHERE peer = :peer", peer=peer, name=name)

    def forget(self, peer: str) -> None:
        self._write("DELETE FROM known WHERE peer = :peer", peer=peer)

    # --- inside

    def _set(self, column: str, peer: str, name: str, value: bool) -> None:
        self._write(
            f"INSERT INTO known (peer, name, own_name, {column}) VALUES (:peer, :name, :name, :value) "  # noqa: S608
            f"ON CONFLICT (peer) DO UPDATE SET {column} = :value",
            peer=peer,
            name=name,
            value=value,
        )

    def _write(self, statement: str, **values: Any) -> None:
        with self._errors(), self._db:
            self._db.execute("BEGIN IMMEDIATE")
            self._db.execute(statement, values)
            self._db.execute(
                "DELETE FROM known WHERE peer IN (SELECT peer FROM known WHERE peer != :peer "
                "ORDER BY verified + blocked + muted > 0, met_at, peer "
                "LIMIT max(0, (SELECT count(*) FROM known) - :most))",
                {"peer": values["peer"], "most": KNOWN_MAX},
            )

    @contextlib.contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise P2PGameError(f"{self._path} cannot be used: {error}") from error


def _open(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None, check_same_thread=False)
    try:
        with db:
            (version,) = db.execute("PRAGMA user_version").fetchone()
            if version > _SCHEMA:
                raise sqlite3.OperationalError("a newer p2pgame wrote it: update this one")
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("PRAGMA synchronous = NORMAL")
            db.execute("BEGIN IMMEDIATE")
            db.execute(_TABLE)
            db.execute(f"PRAGMA user_version = {_SCHEMA}")
        (verdict,) = db.execute("PRAGMA quick_check(1)").fetchone()
        db.execute(f"SELECT {_COLUMNS} FROM known LIMIT 1").fetchone()  # noqa: S608
        if verdict != "ok":
            raise sqlite3.DatabaseError(verdict)
    except BaseException:
        db.close()
        raise
    return db


def _move_aside(path: Path, aside: Path) -> None:
    path.replace(aside)
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def _read(row: tuple[Any, ...]) -> Acquaintance | None:
    """A row as a value; None if somebody wrote nonsense into the file."""
    fields = dict(zip(Acquaintance.__struct_fields__, row, strict=True))
    try:
        return msgspec.convert(fields, Acquaintance, strict=False)
    except msgspec.ValidationError:
        _log.warning("a line of the known peers is not readable and left out")
        return None
