"""Transfers missing frames to one side of an interrupted match: inputs, and a snapshot if there are many.

The snapshot comes first, if there is one, then the complete log, so that the recording stays complete. The snapshot
only avoids replaying the log. Does not know when this happens (`session.match`).
"""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from p2pgame.core.errors import IllegalMoveError, RemoteProtocolError
from p2pgame.core.game import AnyGame
from p2pgame.core.snapshot import decode, encode, state_hash
from p2pgame.netcode.inputs import InputCodec
from p2pgame.netcode.timeline import Timeline
from p2pgame.session.match.snapshot_chunks import SnapshotAssembler, split
from p2pgame.wire import messages as m
from p2pgame.wire.bounds import FRAME_MAX, LOG_FRAMES, RESUME_TIMEOUT, STATE_MAX, TAIL_FRAMES
from p2pgame.wire.names import safe_text
from p2pgame.wire.runs import FrameInputs, Run, pack, unpack

__all__ = ["CatchUp", "missing_frames"]

_LOG_BYTES = FRAME_MAX // 2
"""Bytes of the runs in one `Log`; the rest of the frame is for its other fields."""
_RUN_BYTES, _INPUT_BYTES = 8, 4
"""Maximum msgpack overhead of a run, and of an input in it."""


def missing_frames(match: str, timeline: Timeline, since: int, chain: bytes) -> list[m.Message]:
    """The messages for a member that has `since` frames. `chain`: our hash chain after the last frame.

    A state of more than STATE_MAX bytes cannot be sent; a receiver that misses more than TAIL_FRAMES rejects the log.
    """
    until = timeline.frame
    out: list[m.Message] = []
    if until - since > TAIL_FRAMES:
        state = encode(timeline.state)
        if len(state) <= STATE_MAX:
            out += split(match, until, state, chain)
    first = since
    for runs in _batches(pack(timeline.log[since:])):
        out.append(m.Log(match=match, first=first, runs=runs))
        first += sum(count for count, _ in runs)
    return out


def _batches(runs: Sequence[Run]) -> Iterator[tuple[Run, ...]]:
    """Split `runs` into runs of one `Log` each, limited in frames and bytes."""
    batch: list[Run] = []
    frames = size = 0
    for run in runs:
        for count in _split(run[0]):
            bytes_ = _RUN_BYTES + sum(_INPUT_BYTES + len(move) for move in run[1] if move is not None)
            if batch and (frames + count > LOG_FRAMES or size + bytes_ > _LOG_BYTES):
                yield tuple(batch)
                batch, frames, size = [], 0, 0
            batch.append((count, run[1]))
            frames += count
            size += bytes_
    if batch:
        yield tuple(batch)


def _split(count: int) -> Iterator[int]:
    """`count` in parts of at most LOG_FRAMES."""
    while count > 0:
        yield min(count, LOG_FRAMES)
        count -= LOG_FRAMES


class CatchUp:
    """Receives the missing frames until `complete`. Every violation of the other side is a `RemoteProtocolError`."""

    def __init__(self, game: AnyGame, players: int, frame: int, theirs: m.Resume, now: float) -> None:
        """`frame`: number of our frames. `theirs`: the `Resume` of the other side, which has more."""
        self.frames: list[FrameInputs] = []
        """Encoded inputs from `frame` on."""
        self.state: Any = None
        """The state after all of them, if a snapshot came."""
        self.chain = b""
        self.deadline = now + RESUME_TIMEOUT
        self._game = game
        self._codec = InputCodec(game)
        self._players = players
        self._frame = frame
        self._target = theirs.frame
        self._hash = theirs.hash
        self._assembly = SnapshotAssembler()

    @property
    def complete(self) -> bool:
        """True if all missing frames have arrived."""
        return self._frame + len(self.frames) >= self._target

    def log(self, message: m.Log, now: float) -> None:
        first = self._frame + len(self.frames)
        try:
            if message.first != first:
                raise ValueError("first")
            frames = unpack(message.runs, self._players, min(LOG_FRAMES, self._target - first))
            if not frames:
                raise ValueError("empty")
            if self.state is None and self._target - self._frame > TAIL_FRAMES:
                raise ValueError("no_snapshot")
            for data in {data for inputs in frames for data in inputs if data is not None}:
                self._codec.decode(data)
        except (ValueError, IllegalMoveError) as error:
            raise RemoteProtocolError("bad_log", reason=safe_text(str(error), 64)) from error
        self.frames += frames
        self.deadline = now + RESUME_TIMEOUT

    def snapshot(self, message: m.State, now: float) -> None:
        if message.frame != self._target or self.frames or self.state is not None:
            raise RemoteProtocolError("bad_state", reason="frame")
        data = self._assembly.add(message)
        self.deadline = now + RESUME_TIMEOUT
        if data is not None:
            try:
                self.state = decode(data, self._game.state_type)
            except msgspec.DecodeError as error:
                raise RemoteProtocolError("bad_state", reason="malformed") from error
            if state_hash(self.state) != self._hash:
                raise RemoteProtocolError("bad_state", reason="hash")
            self.chain = message.chain
