"""Makes a replay or a saved match from the records of a match, without a disk."""

from collections.abc import Sequence

from p2pgame.core.registry import Plugin
from p2pgame.replay.codec import MAGIC, encode_record
from p2pgame.replay.errors import ReplayError
from p2pgame.replay.reader import Replay, read
from p2pgame.replay.records import Record
from p2pgame.session.saved_match import SavedMatch, saved_match_of

__all__ = ["replay_of", "saved_from"]


def replay_of(records: Sequence[Record]) -> Replay:
    """The file of these records, read again."""
    return read(b"".join((MAGIC, *(encode_record(record) for record in records))))


def saved_from(records: Sequence[Record], plugin: Plugin) -> SavedMatch | None:
    """The match to resume from these records; None if it is over, or the records are not enough."""
    replay = replay_of(records)
    if replay.end is not None:
        return None
    try:
        return saved_match_of(replay, plugin.game)
    except ReplayError:
        return None
