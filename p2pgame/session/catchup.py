"""What one side of an interrupted match lacks, told by the other: inputs, and a snapshot where they are many.

The log always comes whole, so the file of the match stays whole; the snapshot only saves playing it all again. Does
not know when this happens (`session.match`).
"""

from collections.abc import Sequence
from typing import Any

import msgspec

from p2pgame.core.errors import RemoteProtocolError
from p2pgame.core.game import AnyGame
from p2pgame.core.snapshot import decode, encode
from p2pgame.netcode.timeline import Timeline
from p2pgame.session.parts import Assembly, split
from p2pgame.session.recorder import raw
from p2pgame.wire import messages as m
from p2pgame.wire.bounds import LOG_FRAMES, RESUME_TIMEOUT, STATE_MAX, TAIL_FRAMES
from p2pgame.wire.runs import pack, unpack

__all__ = ["CatchUp", "tell"]


def tell(match: str, timeline: Timeline, since: int, chain: bytes | None) -> list[m.Message]:
    """The messages for who has `since` frames; `chain`: the hash chain after ours, if there is one."""
    until = timeline.frame
    out: list[m.Message] = []
    for first in range(since, until, LOG_FRAMES):
        part = timeline.log[first : min(first + LOG_FRAMES, until)]
        out.append(m.Log(match=match, first=first, runs=pack(raw(inputs) for inputs in part)))
    if until - since > TAIL_FRAMES and chain is not None:
        state = encode(timeline.state)
        if len(state) <= STATE_MAX:
            out += split(match, until, state, chain)
    return out


class CatchUp:
    """Takes what comes, until `complete`. Every fault of the other side is a `RemoteProtocolError`."""

    def __init__(self, game: AnyGame, players: int, frame: int, target: int, now: float) -> None:
        """We have `frame` frames, the other side has `target`."""
        self.frames: list[tuple[Any, ...]] = []
        """Decoded inputs from `frame` on."""
        self.state: Any = None
        """After all of them, if it came."""
        self.chain = b""
        self.deadline = now + RESUME_TIMEOUT
        self._game = game
        self._players = players
        self._frame = frame
        self._target = target
        self._assembly = Assembly()

    @property
    def complete(self) -> bool:
        """True if there is all that is needed to go on."""
        if self._frame + len(self.frames) < self._target:
            return False
        return self.state is not None or len(self.frames) <= TAIL_FRAMES

    def log(self, message: m.Log, now: float) -> None:
        first = self._frame + len(self.frames)
        try:
            if message.first != first:
                raise ValueError(f"a log from frame {message.first}, {first} is next")
            frames = unpack(message.runs, self._players, self._target - first)
            known = self._decode(frames)
        except (ValueError, msgspec.DecodeError) as error:
            raise RemoteProtocolError("bad_log", str(error)) from error
        self.frames += [tuple(None if data is None else known[data] for data in inputs) for inputs in frames]
        self.deadline = now + RESUME_TIMEOUT

    def snapshot(self, message: m.State, now: float) -> None:
        if message.frame != self._target or self._frame + len(self.frames) != self._target:
            raise RemoteProtocolError("bad_state", "a snapshot without the inputs that lead to it")
        data = self._assembly.add(message)
        self.deadline = now + RESUME_TIMEOUT
        if data is not None:
            try:
                self.state = decode(data, self._game.state_type)
            except msgspec.DecodeError as error:
                raise RemoteProtocolError("bad_state", f"a snapshot that is no state: {error}") from error
            self.chain = message.chain

    def _decode(self, frames: Sequence[tuple[bytes | None, ...]]) -> dict[bytes, Any]:
        """There are few different inputs: each is decoded once."""
        different = {data for inputs in frames for data in inputs if data is not None}
        return {data: self._game.decode_input(data) for data in different}
