"""A match that was interrupted with our program, read again from its file: what is needed to go on with it."""

from typing import Any

import msgspec

from p2pgame.core.game import AnyGame
from p2pgame.replay.errors import ReplayError
from p2pgame.replay.playback import Playback
from p2pgame.replay.reader import Replay
from p2pgame.replay.records import Header

__all__ = ["GAVE_UP", "SavedMatch", "saved_match_of"]

GAVE_UP = "resigned"
"""The note that our player gave up, in the file of a match that goes on."""


class SavedMatch(msgspec.Struct, frozen=True, kw_only=True):
    """All of it was confirmed, and written by ourselves."""

    header: Header
    config: Any
    """Decoded."""
    log: tuple[tuple[Any, ...], ...]
    """Decoded inputs of each frame."""
    state: Any
    """After them."""
    chain: bytes
    """The hash chain after them (`replay.chain`)."""
    gave_up: bool = False
    """Our player resigned, and the other side may not have heard it."""


def saved_match_of(replay: Replay, game: AnyGame) -> SavedMatch:
    """What `replay` leaves to go on with. Raises `ReplayError` if it is not of these rules, or leaves too little."""
    if replay.chain is None and replay.frames:
        raise ReplayError("its file was cut where the match was about to go on from another state")
    playback = Playback(replay, game)
    return SavedMatch(
        header=replay.header,
        config=playback.config,
        log=playback.log(),
        state=playback.state(playback.frames),
        chain=playback.chain(),
        gave_up=any(note.what == GAVE_UP for note in replay.notes),
    )
