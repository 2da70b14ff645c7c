"""The peers that we met, verified, blocked or muted: one SQLite file in the data directory.

Several processes may share it; each sees the changes of the others. Holds at most `KNOWN_MAX` peers: those without a
decision of the player are deleted first, oldest first. `session.people.trust_store` assesses the trust in them.
"""

from pathlib import Path
from typing import Any

from p2pgame.session.people.known_peer import KnownPeer
from p2pgame.storage.database import SqlTable
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


class KnownPeers:
    """To be used by one thread at a time. What cannot be written raises `P2PGameError`."""

    def __init__(self, data_dir: Path) -> None:
        """Opens the file, or makes it. Raises `P2PGameError`."""
        self._db = SqlTable(data_dir / _FILE, "known", KnownPeer, _SCHEMA, (_TABLE,))
        self.problem = self._db.problem
        """What was done about a file that could not be used as it was."""

    def close(self) -> None:
        self._db.close()

    def changed(self) -> bool:
        """True if another process wrote since the last call. Costs microseconds."""
        return self._db.changed()

    def all(self) -> list[KnownPeer]:
        """Newest meeting first."""
        return self._db.select("ORDER BY met_at DESC, peer")

    def get(self, peer: str) -> KnownPeer | None:
        found = self._db.select("WHERE peer = :peer", peer=peer)
        return found[0] if found else None

    def met(self, peer: str, name: str, now: float) -> None:
        """Note a match with `peer`, whose own name is `name`. `now`: Unix time. A local name is kept."""
        self._write(
            "INSERT INTO known (peer, name, own_name, met_at) VALUES (:peer, :name, :name, :now) "
            "ON CONFLICT (peer) DO UPDATE SET met_at = :now, own_name = :name, "
            "name = CASE WHEN name = own_name THEN :name ELSE name END",
            peer=peer,
            name=name,
            now=now,
        )

    def set_verified(self, peer: str, name: str, verified: bool = True) -> None:
        """`name`: its current own name, to detect look-alikes."""
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
        self._db.write(
            statement,
            "DELETE FROM known WHERE peer IN (SELECT peer FROM known WHERE peer != :peer "
            "ORDER BY verified + blocked + muted > 0, met_at, peer "
            "LIMIT max(0, (SELECT count(*) FROM known) - :most))",
            **values,
            most=KNOWN_MAX,
        )
