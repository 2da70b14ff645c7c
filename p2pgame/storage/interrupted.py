"""Finds the match in whose middle this program was ended, and reads what is needed to go on with it.

Only one match can be gone on with: the newest. What nobody will go on with is open in the history no more. Does not
know the other side.
"""

import logging
from pathlib import Path

import msgspec

from p2pgame.core.errors import P2PGameError
from p2pgame.core.registry import Registry
from p2pgame.replay.entry import HistoryEntry
from p2pgame.replay.reader import Replay
from p2pgame.session.saved_match import SavedMatch, saved_match_of
from p2pgame.storage.archive import REPLAYS, load
from p2pgame.storage.history import History, entry_of

__all__ = ["RESUMABLE_FOR", "Interrupted", "find_interrupted", "newest_ends"]

RESUMABLE_FOR = 24 * 3600.0
"""Seconds since the last record."""
_log = logging.getLogger(__name__)


class Interrupted(msgspec.Struct, frozen=True, kw_only=True):
    """A match to go on with."""

    saved: SavedMatch
    file: str
    """Name of its file, in the directory of replays ..."""
    whole: int
    """... and how many bytes of it are good."""


def find_interrupted(data_dir: Path, me: str, registry: Registry, now: float) -> Interrupted | None:
    """The newest match of the identity `me` that did not end; None if there is none to go on with.

    Takes as long as the rules need to play the frames since the last snapshot. `now`: Unix time. Raises
    `P2PGameError` if the history cannot be read.
    """
    history = History(data_dir, me)
    try:
        history.give_up_strangers(now - RESUMABLE_FOR)
        found = None
        for entry in history.open_matches():
            left = _Left(data_dir / REPLAYS, entry)
            if found is None:
                found = left.to_go_on_with(me, registry, now)
                if found is not None:
                    continue
            history.put(left.entry(), me)
        return found
    finally:
        history.close()


def newest_ends(data_dir: Path, me: str, limit: int = 16) -> list[HistoryEntry]:
    """How the newest matches of the identity `me` ended, oldest first. Raises `P2PGameError`."""
    history = History(data_dir, me)
    try:
        return [entry for entry in reversed(history.all(limit)) if entry.result != "open"]
    finally:
        history.close()


class _Left:
    """What an open match left on the disk."""

    def __init__(self, directory: Path, entry: HistoryEntry) -> None:
        self._entry = entry
        self._path = directory / Path(entry.file).name
        self._written = entry.started
        self._replay: Replay | None = None
        try:
            self._replay = load(self._path)
            self._written = self._path.stat().st_mtime
        except (P2PGameError, OSError) as error:
            self._say(error)

    def to_go_on_with(self, me: str, registry: Registry, now: float) -> Interrupted | None:
        replay = self._replay
        if replay is None or replay.end is not None:
            return None
        try:
            if now - self._written > RESUMABLE_FOR:
                raise P2PGameError("it is too old")
            saved = _saved(replay, self._entry.match, me, registry)
        except P2PGameError as error:
            self._say(error)
            return None
        return Interrupted(saved=saved, file=self._path.name, whole=replay.whole)

    def entry(self) -> HistoryEntry:
        """For the history, once nobody goes on with it."""
        replay = self._replay
        if replay is not None and replay.end is not None:
            # The program ended between the file and the history.
            return entry_of(replay.header, self._path.name, replay.end)
        return msgspec.structs.replace(
            self._entry,
            result="unfinished",
            reason="interrupted",
            frames=replay.frames if replay is not None else 0,
            duration=max(0.0, self._written - self._entry.started),
        )

    def _say(self, error: Exception) -> None:
        entry = self._entry
        _log.info("the match of %s with %s cannot be gone on with: %s", entry.game, entry.name, error)


def _saved(replay: Replay, match: str, me: str, registry: Registry) -> SavedMatch:
    """Raises `P2PGameError`."""
    header = replay.header
    plugin = registry.get(header.game)
    if header.match != match or header.players[header.me] != me:
        raise P2PGameError("its file is of another match")
    if plugin is None or plugin.digest != header.digest:
        raise P2PGameError("the rules of the game have changed since")
    return saved_match_of(replay, plugin.game)
