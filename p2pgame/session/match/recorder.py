"""Makes the records of one match's file from what is confirmed, and vouches for its end.

Frames of a real-time match come in batches of half a second, moves of a turn-based one at once. Knows neither the
disk nor the wire.
"""

from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

from p2pgame.core.game import Outcome
from p2pgame.core.snapshot import encode
from p2pgame.replay.chain import first_link, link
from p2pgame.replay.records import (
    HASH_SHOWN,
    End,
    Header,
    Inputs,
    Mended,
    Note,
    Record,
    Signature,
    Snapshot,
)
from p2pgame.replay.signing import statement, vouches
from p2pgame.wire.bounds import DESYNC_HASHES, STATE_MAX
from p2pgame.wire.runs import FrameInputs, pack

__all__ = ["Recorder", "raw"]

_BATCHES_A_SECOND = 2
_SNAPSHOT_SECONDS = 5
_SNAPSHOT_MOVES = 25


class Recorder:
    """Of one match, as we see it. `chain` is the hash chain after the newest confirmed frame."""

    def __init__(self, header: Header, public_key: bytes, sign: Callable[[bytes], bytes]) -> None:
        """`public_key`: ours, raw; `sign`: makes an Ed25519 signature with it."""
        self.header = header
        self.chain = b""
        self.frame = 0
        self._public_key = public_key
        self._sign = sign
        self._batch = max(1, header.tick_rate // _BATCHES_A_SECOND)
        self._snapshot_every = header.tick_rate * _SNAPSHOT_SECONDS or _SNAPSHOT_MOVES
        self._snapshot_at = 0
        self._chains: deque[bytes] = deque(maxlen=DESYNC_HASHES + 1)
        self._pending: list[FrameInputs] = []
        self._links = bytearray()
        self._records: list[Record] = []

    def began(self, value: bytes) -> None:
        """The match starts; `value` is the hash of its first state."""
        self._records.append(self.header)
        self._go_on(0, first_link(value))

    def restored(self, frame: int, chains: Sequence[bytes]) -> None:
        """The file is there already, with so many frames; `chains` after the newest of them, as far as known."""
        self._go_on(frame, chains[-1])
        self._chains = deque(chains, maxlen=self._chains.maxlen)

    def confirmed(self, inputs: Sequence[Any], value: bytes) -> None:
        """One more frame; `value` is the hash of the state after it."""
        frame = raw(inputs)
        self.chain = link(self.chain, frame, value)
        self.frame += 1
        self._chains.append(self.chain)
        self._pending.append(frame)
        self._links += self.chain[:HASH_SHOWN]
        if len(self._pending) >= self._batch:
            self.flush()

    def look(self, frame: int, state: Any) -> None:
        """The newest state, `frame` frames old: taken down now and then."""
        if frame >= self._snapshot_at:
            self._snapshot_at = frame + self._snapshot_every
            data = encode(state)
            if len(data) <= STATE_MAX:
                self.flush()
                self._records.append(Snapshot(frame=frame, state=data))

    def skipped(self, frames: Sequence[Sequence[Any]], state: Any, chain: bytes) -> None:
        """So many frames were not simulated here; `state` and `chain` are what the other side has after them."""
        self.flush()
        if frames:
            first, runs = self.frame, pack(raw(inputs) for inputs in frames)
            self._records.append(Inputs(first=first, runs=runs, hashes=b"", chain=chain))
        self._mend(self.frame + len(frames), state, chain, "caught up")

    def mended(self, frame: int, inputs: Sequence[Any], value: bytes, state: Any) -> None:
        """The state after `frame` frames, the last of `inputs`, is another one, of hash `value`; later ones follow."""
        before = self.chain_at(frame - 1) if frame else None
        chain = first_link(value) if before is None else link(before, raw(inputs), value)
        self.flush()
        self._mend(frame, state, chain, "desync")

    def cut(self, frame: int, state: Any) -> None:
        """Frames after `frame` never were."""
        if frame < self.frame:
            self.flush()
            self._mend(frame, state, self.chain_at(frame) or self.chain, "cut")

    def note(self, what: str) -> None:
        self.flush()
        self._records.append(Note(frame=self.frame, what=what))

    def ended(self, value: bytes, outcome: Outcome, *, agreed: bool) -> None:
        """`value`: hash of the last state. We vouch for it, alone if the other side was not there to agree."""
        self.flush()
        self._records.append(self._end(value, outcome, agreed=agreed))
        self._records.append(
            Signature(player=self.header.me, public_key=self._public_key, signature=self.sign(value, outcome))
        )

    def sign(self, value: bytes, outcome: Outcome) -> bytes:
        """Our signature for this end."""
        return self._sign(statement(self.header, self._end(value, outcome)))

    @property
    def public_key(self) -> bytes:
        return self._public_key

    def countersigned(
        self, player: int, key: bytes, signature: bytes, value: bytes, outcome: Outcome
    ) -> None:
        """The other side's signature: kept if it is good."""
        record = Signature(player=player, public_key=key, signature=signature)
        if vouches(self.header, self._end(value, outcome), record):
            self._records.append(record)

    def chain_at(self, frame: int) -> bytes | None:
        """The hash chain after `frame` frames, as far back as it is kept."""
        back = self.frame - frame
        return self._chains[-1 - back] if 0 <= back < len(self._chains) else None

    def flush(self) -> None:
        """Frames that wait for their batch become a record."""
        if self._pending:
            self._records.append(
                Inputs(
                    first=self.frame - len(self._pending),
                    runs=pack(self._pending),
                    hashes=bytes(self._links),
                    chain=self.chain,
                )
            )
            self._pending = []
            self._links = bytearray()

    def records(self) -> tuple[Record, ...]:
        """What is to be written, in order."""
        if not self._records:
            return ()
        out, self._records = tuple(self._records), []
        return out

    # --- inside

    def _go_on(self, frame: int, chain: bytes) -> None:
        self.frame, self.chain = frame, chain
        self._chains.clear()
        self._chains.append(chain)
        self._snapshot_at = frame + self._snapshot_every

    def _mend(self, frame: int, state: Any, chain: bytes, reason: str) -> None:
        back = self.frame - frame
        while back > 0 and self._chains:
            self._chains.pop()
            back -= 1
        kept = self.frame >= frame and self._chains
        self.frame, self.chain = frame, chain
        if kept:
            self._chains[-1] = chain
        else:
            self._chains.clear()
            self._chains.append(chain)
        self._snapshot_at = frame + self._snapshot_every
        self._records.append(Mended(frame=frame, state=encode(state), chain=chain, reason=reason))

    def _end(self, value: bytes, outcome: Outcome, *, agreed: bool = True) -> End:
        return End(frame=self.frame, hash=value, chain=self.chain, outcome=outcome, agreed=agreed)


def raw(inputs: Sequence[Any]) -> FrameInputs:
    """One frame's inputs as bytes."""
    return tuple(None if move is None else encode(move) for move in inputs)
