"""The history of matches: one SQLite file in the data directory, one row a match.

Several processes may share it; a match between two of our own windows has a row for each, and is listed once.
Holds at most `HISTORY_MAX` rows; the oldest are deleted first. Does not read match files (`storage.recordings`).
"""

from pathlib import Path
from typing import Any

import msgspec

from p2pgame.core.game import EndedBy
from p2pgame.core.ids import tag_of
from p2pgame.replay.entry import HistoryEntry, Score
from p2pgame.replay.records import End, Header
from p2pgame.storage.database import SqlTable
from p2pgame.wire.names import safe_name

__all__ = ["HISTORY_MAX", "History", "entry_of"]

HISTORY_MAX = 10_000
_FILE = "history.db"
_SCHEMA = 2
_TABLE = """
CREATE TABLE IF NOT EXISTS history (
    match TEXT NOT NULL,
    own TEXT NOT NULL,
    game TEXT NOT NULL,
    peer TEXT NOT NULL,
    name TEXT NOT NULL,
    me INTEGER NOT NULL,
    started REAL NOT NULL,
    duration REAL NOT NULL,
    frames INTEGER NOT NULL,
    result TEXT NOT NULL,
    ended_by TEXT NOT NULL,
    reason TEXT NOT NULL,
    file TEXT NOT NULL,
    PRIMARY KEY (match, own)
) WITHOUT ROWID
"""
_INDEXES = (
    "CREATE INDEX IF NOT EXISTS history_peer ON history (peer, result)",
    "CREATE INDEX IF NOT EXISTS history_newest ON history (started DESC, match)",
    "CREATE INDEX IF NOT EXISTS history_open ON history (started DESC, match) WHERE result = 'open'",
)
_ROW = """
INTO history (own, match, game, peer, name, me, started, duration, frames, result, ended_by, reason, file)
VALUES (:own, :match, :game, :peer, :name, :me, :started, :duration, :frames, :result, :ended_by, :reason, :file)
"""
_SHOWN = "(own = :me OR NOT EXISTS (SELECT 1 FROM history o WHERE o.match = history.match AND o.own = :me))"
_NEWEST = "ORDER BY started DESC, match"


class History:
    """To be used by one thread at a time. Whatever fails raises `P2PGameError`."""

    def __init__(self, data_dir: Path, me: str) -> None:
        """Opens the file, or makes it. `me`: our peer id. Raises `P2PGameError`."""
        self.me = me
        self._rows = SqlTable(data_dir / _FILE, "history", HistoryEntry, _SCHEMA, (_TABLE, *_INDEXES))
        self.new = self._rows.new
        """True if there was no usable file."""
        self.problem = self._rows.problem
        """What was done about a file that could not be used as it was."""

    def close(self) -> None:
        self._rows.close()

    def put(self, entry: HistoryEntry, own: str) -> None:
        """Add or replace a match. `own`: our peer id in it."""
        self._put("INSERT OR REPLACE", entry, own)

    def add(self, entry: HistoryEntry, own: str) -> None:
        """Add a match, unless it is there."""
        self._put("INSERT OR IGNORE", entry, own)

    def _put(self, insert: str, entry: HistoryEntry, own: str) -> None:
        self._rows.write(
            f"{insert} {_ROW}",
            "DELETE FROM history WHERE (match, own) IN (SELECT match, own FROM history WHERE match != :match "
            "ORDER BY result IN ('open', 'adjourned'), started LIMIT max(0, (SELECT count(*) FROM history) - :most))",
            **msgspec.structs.asdict(entry),
            own=own,
            most=HISTORY_MAX,
        )

    def all(self, limit: int = HISTORY_MAX) -> list[HistoryEntry]:
        """Newest first."""
        return self._select(f"WHERE {_SHOWN} {_NEWEST} LIMIT :limit", limit=limit)

    def page(self, limit: int, after: HistoryEntry | None = None) -> list[HistoryEntry]:
        """The next `limit` matches older than `after`, newest first; without `after` the newest."""
        if after is None:
            return self.all(limit)
        return self._select(
            "WHERE started <= :started AND (started < :started OR match > :match) "
            f"AND {_SHOWN} {_NEWEST} LIMIT :limit",
            started=after.started,
            match=after.match,
            limit=limit,
        )

    def count(self) -> int:
        """How many matches `page` gives in all."""
        [(count,)] = self._rows.query(f"SELECT count(*) FROM history WHERE {_SHOWN}", me=self.me)  # noqa: S608
        return int(count)

    def get(self, match: str) -> HistoryEntry | None:
        found = self._select(f"WHERE match = :match AND {_SHOWN}", match=match)
        return found[0] if found else None

    def score(self, peer: str) -> Score:
        """Ours against `peer`."""
        rows = self._rows.query(
            f"SELECT result, count(*) FROM history WHERE peer = :peer AND {_SHOWN} GROUP BY result",  # noqa: S608
            peer=peer,
            me=self.me,
        )
        counts = dict(rows)
        return Score(*(int(counts.get(result, 0)) for result in ("won", "lost", "draw")))

    def open_matches(self) -> list[HistoryEntry]:
        """Open matches of our identity, newest first."""
        return self._select(f"WHERE own = :me AND result = 'open' {_NEWEST}")

    def adjourned_matches(self, limit: int) -> list[HistoryEntry]:
        """Adjourned matches of our identity, newest first."""
        return self._select(f"WHERE own = :me AND result = 'adjourned' {_NEWEST} LIMIT :limit", limit=limit)

    def files(self) -> set[str]:
        """The files of all matches."""
        return {str(file) for (file,) in self._rows.query("SELECT file FROM history")}

    def open_files(self) -> set[str]:
        """Files of matches that may go on, which one of our processes may still write."""
        return {entry.file for entry in self._select("WHERE result IN ('open', 'adjourned')")}

    def close_foreign_matches(self, before: float) -> None:
        """Close open matches of other identities that began before that Unix time."""
        self._rows.write(
            "UPDATE history SET result = 'unfinished', ended_by = 'interrupted', reason = 'interrupted' "
            "WHERE own != :me AND result = 'open' AND started < :before",
            me=self.me,
            before=before,
        )

    def forget_file(self, file: str) -> None:
        """Note that a file was deleted; its row is kept."""
        self._rows.write("UPDATE history SET file = '' WHERE file = :file", file=file)

    def delete(self, match: str) -> None:
        """Delete a match, of any of our identities."""
        self._rows.write("DELETE FROM history WHERE match = :match", match=match)

    def _select(self, clause: str, **values: Any) -> list[HistoryEntry]:
        return self._rows.select(clause, me=self.me, **values)


def entry_of(
    header: Header, file: str, end: End | None = None, *, adjourned: int | None = None
) -> HistoryEntry:
    """What the history says of a match with this beginning and, if it is over, this end.

    `adjourned`: it waits after so many frames.
    """
    them = next((player for player in range(len(header.players)) if player != header.me), header.me)
    entry = HistoryEntry(
        match=header.match,
        game=header.game,
        peer=header.players[them],
        name=safe_name(header.names[them], f"Player-{tag_of(header.players[them])}"),
        me=header.me,
        started=header.started,
        file=file,
    )
    if end is None:
        waits = adjourned is not None
        return msgspec.structs.replace(entry, result="adjourned", frames=adjourned) if waits else entry
    return msgspec.structs.replace(
        entry,
        duration=max(0.0, end.ended - header.started),
        frames=end.frame,
        result=_result(header.me, end),
        ended_by=end.outcome.ended_by.value,
        reason=end.outcome.reason,
    )


def _result(me: int, end: End) -> str:
    if end.outcome.winners:
        return "won" if me in end.outcome.winners else "lost"
    limited = end.outcome.ended_by is EndedBy.FRAME_LIMIT
    return "draw" if end.agreed and not limited else "unfinished"
