"""Finds the match that was running when this program ended, and those that were adjourned, and loads them for resuming.

Of those that were running only the newest can be resumed; the others are closed in the history. Adjourned ones wait for
any time. Does not know the other side.
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

__all__ = [
    "ADJOURNED_MAX",
    "RESUMABLE_FOR",
    "Interrupted",
    "find_adjourned",
    "find_interrupted",
    "newest_ends",
]

RESUMABLE_FOR = 24 * 3600.0
"""Seconds since the last record."""
ADJOURNED_MAX = 32
"""Adjourned matches that can be resumed, the newest. Older ones wait until there are fewer."""
_log = logging.getLogger(__name__)


class Interrupted(msgspec.Struct, frozen=True, kw_only=True):
    """A match to resume."""

    saved: SavedMatch
    file: str
    """Name of its file, in the directory of replays ..."""
    whole: int
    """... and its number of valid bytes."""
    away: float
    """Seconds since its last record."""


def find_interrupted(data_dir: Path, me: str, registry: Registry, now: float) -> Interrupted | None:
    """The newest match of the identity `me` that did not end; None if there is none to resume.

    Takes as long as the rules need to play the frames since the last snapshot. `now`: Unix time. Raises
    `P2PGameError` if the history cannot be read.
    """
    history = History(data_dir, me)
    try:
        history.close_foreign_matches(now - RESUMABLE_FOR)
        found = None
        for entry in history.open_matches():
            open_match = _OpenMatch(data_dir / REPLAYS, entry)
            if found is None and not open_match.adjourned:
                found = open_match.resumable(me, registry, now)
                if found is not None:
                    continue
            history.put(open_match.entry(), me)
        return found
    finally:
        history.close()


def find_adjourned(data_dir: Path, me: str, registry: Registry, now: float) -> list[Interrupted]:
    """The adjourned matches of the identity `me`, oldest first. To be called after `find_interrupted`.

    The parameters, the time that it takes and what it raises are those of `find_interrupted`.
    """
    history = History(data_dir, me)
    try:
        found = []
        for entry in reversed(history.adjourned_matches(ADJOURNED_MAX)):
            open_match = _OpenMatch(data_dir / REPLAYS, entry)
            if (one := open_match.resumable(me, registry, now)) is not None:
                found.append(one)
            elif not open_match.adjourned:  # the program ended before the history heard that it had gone on
                history.put(open_match.entry(), me)
        return found
    finally:
        history.close()


def newest_ends(data_dir: Path, me: str, limit: int = 16) -> list[HistoryEntry]:
    """How the newest matches of the identity `me` ended, oldest first. Raises `P2PGameError`.

    Not of one that can be resumed, nor of one that could not be and was closed: nobody has ended those.
    """
    history = History(data_dir, me)
    try:
        newest = reversed(history.all(limit))
        return [entry for entry in newest if entry.ended_by not in ("", "interrupted")]
    finally:
        history.close()


class _OpenMatch:
    """A match without an end in the history, and its file."""

    def __init__(self, directory: Path, entry: HistoryEntry) -> None:
        self._entry = entry
        self._path = directory / Path(entry.file).name
        self._written = entry.started
        self._replay: Replay | None = None
        try:
            self._replay = load(self._path)
            self._written = self._path.stat().st_mtime
        except (P2PGameError, OSError) as error:
            self._log_reason(error)

    @property
    def adjourned(self) -> bool:
        """Whether the players agreed to put it aside, and did not go on since."""
        return self._replay is not None and self._replay.end is None and self._replay.adjourned

    def resumable(self, me: str, registry: Registry, now: float) -> Interrupted | None:
        replay = self._replay
        if replay is None or replay.end is not None:
            return None
        try:
            if not replay.adjourned and now - self._written > RESUMABLE_FOR:
                raise P2PGameError("match_too_old")
            saved = _saved(replay, self._entry.match, me, registry)
        except P2PGameError as error:
            self._log_reason(error)
            return None
        away = max(0.0, now - self._written)
        return Interrupted(saved=saved, file=self._path.name, whole=replay.whole, away=away)

    def entry(self) -> HistoryEntry:
        """For the history, if it is not resumed."""
        replay = self._replay
        if replay is not None and replay.end is not None:
            # The program ended between the file and the history.
            return entry_of(replay.header, self._path.name, replay.end)
        if replay is not None and replay.adjourned:
            return entry_of(replay.header, self._path.name, adjourned=replay.frames)
        return msgspec.structs.replace(
            self._entry,
            result="unfinished",
            ended_by="interrupted",
            reason="interrupted",
            frames=replay.frames if replay is not None else 0,
            duration=max(0.0, self._written - self._entry.started),
        )

    def _log_reason(self, error: Exception) -> None:
        entry = self._entry
        _log.info("the match of %s with %s cannot be resumed: %s", entry.game, entry.name, error)


def _saved(replay: Replay, match: str, me: str, registry: Registry) -> SavedMatch:
    """Raises `P2PGameError`."""
    header = replay.header
    plugin = registry.get(header.game)
    if header.match != match or header.players[header.me] != me:
        raise P2PGameError("file_of_other_match")
    if plugin is None or plugin.digest != header.digest:
        raise P2PGameError("rules_changed")
    return saved_match_of(replay, plugin.game)
