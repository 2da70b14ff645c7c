"""Transfers missing frames to one side of an interrupted match: the inputs, which it plays by its own rules.

Does not know when this happens (`session.match`).
"""

from collections.abc import Iterator, Sequence

from p2pgame.core.errors import IllegalMoveError, RemoteProtocolError
from p2pgame.core.game import AnyGame
from p2pgame.netcode.inputs import InputCodec
from p2pgame.netcode.timeline import Timeline
from p2pgame.wire import messages as m
from p2pgame.wire.bounds import FRAME_MAX, INPUTS_AHEAD, LOG_FRAMES, RESUME_TIMEOUT
from p2pgame.wire.names import safe_text
from p2pgame.wire.runs import FrameInputs, Run, pack, unpack

__all__ = ["CatchUp", "missing_frames"]

_LOG_BYTES = FRAME_MAX // 2
"""Bytes of the runs in one `Log`; the rest of the frame is for its other fields."""
_RUN_BYTES, _INPUT_BYTES = 8, 4
"""Maximum msgpack overhead of a run, and of an input in it."""


def missing_frames(match: str, timeline: Timeline, since: int) -> list[m.Message]:
    """The messages for a member that has `since` frames."""
    out: list[m.Message] = []
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

    def __init__(self, game: AnyGame, players: int, frame: int, target: int, now: float) -> None:
        """`frame`: number of our frames. `target`: that of the other side, which has more."""
        self.frames: list[FrameInputs] = []
        """Encoded inputs from `frame` on."""
        self.deadline = now + RESUME_TIMEOUT
        self._codec = InputCodec(game)
        self._players = players
        self._frame = frame
        self._target = target

    @property
    def complete(self) -> bool:
        """True if all missing frames have arrived."""
        return self._frame + len(self.frames) >= self._target

    def log(self, message: m.Log, now: float) -> None:
        first = self._frame + len(self.frames)
        try:
            known = first - message.first  # frames that passed after we said how many we have
            if known < 0 or (known and self.frames):
                raise ValueError("first")
            # Nor are frames wanted that passed there since it said how many it has.
            wanted = min(LOG_FRAMES, self._target - message.first)
            frames = unpack(message.runs, self._players, wanted + INPUTS_AHEAD)[:wanted]
            if not frames:
                raise ValueError("empty")
            for data in {data for inputs in frames for data in inputs if data is not None}:
                self._codec.check_form(data)
        except (ValueError, IllegalMoveError) as error:
            raise RemoteProtocolError("bad_log", reason=safe_text(str(error), 64)) from error
        self.frames += frames[known:]
        self.deadline = now + RESUME_TIMEOUT
