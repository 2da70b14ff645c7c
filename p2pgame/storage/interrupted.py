"""Finds the match in whose middle this program was ended, and reads what is needed to go on with it.

Only one match can be gone on with: the newest. What nobody will go on with is open in the history no more. Does not
know the other side.
"""

import logging
from pathlib import Path

import msgspec

from p2pgame.core.errors import P2PGameError
from p2pgame.core.registry import Registry
from p2pgame.core.snapshot import state_hash
from p2pgame.replay.chain import first_link
from p2pgame.replay.entry import Entry
from p2pgame.replay.playback import Playback
from p2pgame.replay.reader import Replay
from p2pgame.session.saved import Saved
from p2pgame.storage.archive import REPLAYS, load
from p2pgame.storage.history import History, entry_of

__all__ = ["RESUMABLE_FOR", "Interrupted", "find_interrupted"]

RESUMABLE_FOR = 24 * 3600.0
"""Seconds since the last record."""
_log = logging.getLogger(__name__)


class Interrupted(msgspec.Struct, frozen=True, kw_only=True):
    """A match to go on with."""

    saved: Saved
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
            if (
                found is None
                and (found := _read(data_dir / REPLAYS, entry, history, registry, now)) is not None
            ):
                continue
            history.give_up(entry.match)
        return found
    finally:
        history.close()


def _read(
    directory: Path, entry: Entry, history: History, registry: Registry, now: float
) -> Interrupted | None:
    path = directory / Path(entry.file).name
    try:
        replay = load(path)
        if replay.end is not None:  # the program was ended between the file and the history
            history.put(entry_of(replay.header, path.name, replay.end), history.me)
            return None
        if now - path.stat().st_mtime > RESUMABLE_FOR:
            raise P2PGameError("it is too old")
        saved = _saved(replay, entry, history.me, registry)
    except (P2PGameError, OSError) as error:
        _log.info("the match with %s of %s cannot be gone on with: %s", entry.name, entry.game, error)
        return None
    return Interrupted(saved=saved, file=path.name, whole=replay.whole)


def _saved(replay: Replay, entry: Entry, me: str, registry: Registry) -> Saved:
    """Raises `P2PGameError`."""
    header = replay.header
    plugin = registry.get(header.game)
    if header.match != entry.match or header.players[header.me] != me:
        raise P2PGameError("its file is of another match")
    if plugin is None or plugin.digest != header.digest:
        raise P2PGameError("the rules of the game have changed since")
    playback = Playback(replay, plugin.game)
    state = playback.state(playback.frames)
    chain = replay.chain
    if chain is None and not playback.frames:
        chain = first_link(state_hash(state))
    if chain is None:
        raise P2PGameError("its file was cut where the match was about to go on from another state")
    return Saved(header=header, config=playback.config, log=playback.log(), state=state, chain=chain)
