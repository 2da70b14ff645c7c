"""An interrupted match, loaded from its file: everything that is needed to resume it."""

from typing import Any

import msgspec

from p2pgame.core.game import AnyGame
from p2pgame.netcode.decisions import DecisionLog
from p2pgame.replay.errors import ReplayError
from p2pgame.replay.playback import Playback
from p2pgame.replay.reader import Replay
from p2pgame.replay.records import Header
from p2pgame.wire.messages import RequestKind
from p2pgame.wire.runs import FrameInputs

__all__ = ["SavedMatch", "saved_match_of"]


class SavedMatch(msgspec.Struct, frozen=True, kw_only=True):
    """Everything in it was confirmed and recorded by this peer."""

    header: Header
    config: Any
    """Decoded."""
    log: tuple[FrameInputs, ...]
    """Encoded inputs of each frame. All of them can be decoded."""
    state: Any
    """The state after them."""
    chain: bytes
    """The hash chain after them (`replay.chain`)."""
    decisions: DecisionLog
    """The decision log so far."""
    seals: dict[int, tuple[bytes, bytes]] = {}
    """Who committed to an input of the next frame: the commitment, and our own opening (else empty)."""
    resign_requested: bool = False
    """Our player resigned, but the other side may not know it."""
    draw_offered: int | None = None
    """The frame at which our player last offered a draw."""
    adjourned: bool = False
    """The players agreed to put it aside, and did not go on since."""
    adjourn_offered: int | None = None
    """The frame at which our player last asked for that; None if it is put aside, or was since."""
    takebacks_allowed: frozenset[int] = frozenset()
    """Frames in which our player asked for a takeback or allowed one."""


def saved_match_of(replay: Replay, game: AnyGame) -> SavedMatch:
    """The saved match in `replay`. Raises `ReplayError` if it has other rules or cannot be resumed."""
    if replay.chain is None and replay.frames:
        raise ReplayError("cut_before_repair")
    playback = Playback(replay, game)
    playback.check_inputs()
    return SavedMatch(
        header=replay.header,
        config=playback.config,
        log=tuple(replay.inputs),
        state=playback.state(playback.frames),
        chain=playback.chain(),
        decisions=replay.decisions,
        seals={
            player: (one.commitment, one.opening)
            for (frame, player), one in replay.sealed.items()
            if frame == replay.frames
        },
        resign_requested=any(note.what == RequestKind.RESIGN.value for note in replay.notes),
        draw_offered=max(
            (note.frame for note in replay.notes if note.what == RequestKind.DRAW.value), default=None
        ),
        adjourned=replay.adjourned,
        adjourn_offered=replay.adjourn_offered,
        takebacks_allowed=frozenset(
            note.frame for note in replay.notes if note.what == RequestKind.TAKEBACK.value
        ),
    )
