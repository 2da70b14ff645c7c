"""The records of a match as its file, and what a program that is started again makes of it, without a disk."""

from collections.abc import Sequence

from p2pgame.core.registry import Plugin
from p2pgame.core.snapshot import state_hash
from p2pgame.replay.chain import first_link
from p2pgame.replay.codec import MAGIC, encode_record
from p2pgame.replay.playback import Playback
from p2pgame.replay.reader import Replay, read
from p2pgame.replay.records import Record
from p2pgame.session.saved import GAVE_UP, Saved

__all__ = ["replay_of", "saved_from"]


def replay_of(records: Sequence[Record]) -> Replay:
    """The file of these records, read again."""
    return read(b"".join((MAGIC, *(encode_record(record) for record in records))))


def saved_from(records: Sequence[Record], plugin: Plugin) -> Saved | None:
    """The match of a file that goes on; None if it is over."""
    replay = replay_of(records)
    playback = Playback(replay, plugin.game)
    state, chain = playback.state(playback.frames), replay.chain
    if replay.end is not None:
        return None
    if not playback.frames:
        chain = first_link(state_hash(state))
    if chain is None:
        return None
    return Saved(
        header=replay.header,
        config=playback.config,
        log=playback.log(),
        state=state,
        chain=chain,
        gave_up=any(note.what == GAVE_UP for note in replay.notes),
    )
