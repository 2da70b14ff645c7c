"""The matches played here: the history and the replay files. Reads and deletes, does not write.

Does not know the running match (`storage.recordings` writes it).
"""

from pathlib import Path

from p2pgame.core.errors import P2PGameError
from p2pgame.replay.codec import FILE_MAX
from p2pgame.replay.entry import HistoryEntry, Score
from p2pgame.replay.reader import Replay, read
from p2pgame.storage.files import system_reason
from p2pgame.storage.history import History

__all__ = ["REPLAYS", "Archive", "load"]

REPLAYS = "replays"
"""Directory of the replays, in the data directory."""


class Archive:
    """Used by one thread at a time. Every failure raises `P2PGameError`."""

    def __init__(self, data_dir: Path, me: str) -> None:
        """`me`: our peer id. Raises `P2PGameError` if there can be no history."""
        self.directory = data_dir / REPLAYS
        self.history = History(data_dir, me)

    def close(self) -> None:
        self.history.close()

    def all(self) -> list[HistoryEntry]:
        """Newest first."""
        return self.history.all()

    def page(self, limit: int, after: HistoryEntry | None = None) -> list[HistoryEntry]:
        """The next `limit` matches older than `after`, newest first; without `after` the newest. Quick."""
        return self.history.page(limit, after)

    def count(self) -> int:
        """How many matches `page` gives in all."""
        return self.history.count()

    def score(self, peer: str) -> Score:
        """Our score against `peer`."""
        return self.history.score(peer)

    def replay(self, match: str) -> Replay:
        """The recorded match."""
        return load(self._path(self._entry(match)))

    def delete(self, match: str) -> None:
        """Delete a match and its file. An open match is kept."""
        entry = self._entry(match)
        if entry.result == "open":
            raise P2PGameError("match_not_over")
        if entry.file:
            try:
                self._path(entry).unlink(missing_ok=True)
            except OSError as error:
                raise P2PGameError("replay_not_deleted", detail=system_reason(error)) from error
        self.history.delete(match)

    def _entry(self, match: str) -> HistoryEntry:
        entry = self.history.get(match)
        if entry is None:
            raise P2PGameError("unknown_match")
        return entry

    def _path(self, entry: HistoryEntry) -> Path:
        if not entry.file:
            raise P2PGameError("no_replay")
        return self.directory / Path(entry.file).name


def load(path: Path) -> Replay:
    """The match in a file. Raises `P2PGameError`."""
    try:
        with path.open("rb") as file:
            data = file.read(FILE_MAX + 1)
    except FileNotFoundError:
        raise P2PGameError("no_replay") from None
    except OSError as error:
        raise P2PGameError("replay_unreadable", detail=system_reason(error)) from error
    return read(data)
