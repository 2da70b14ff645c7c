"""Creates the records of one match from its confirmed frames and decisions, and signs its end.

Frames of a real-time match are batched by half a second; moves of a turn-based match are recorded at once. Does no I/O.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import msgspec

from p2pgame.core.game import Outcome
from p2pgame.core.snapshot import encode
from p2pgame.replay.chain import first_link, link
from p2pgame.replay.records import (
    HASH_SHOWN,
    Decided,
    Desync,
    End,
    Header,
    Inputs,
    Note,
    Record,
    Repaired,
    Sealed,
    Signature,
    Snapshot,
    Undecided,
)
from p2pgame.replay.signing import statement, verify_signature
from p2pgame.wire.bounds import DESYNC_HASHES, STATE_MAX
from p2pgame.wire.runs import FrameInputs, pack

__all__ = ["Recorder"]

_BATCHES_A_SECOND = 2
_SNAPSHOT_SECONDS = 5
_SNAPSHOT_MOVES = 25


class Recorder:
    """Of one match, as we see it."""

    def __init__(self, header: Header, public_key: bytes, sign: Callable[[bytes], bytes]) -> None:
        """`public_key`: our raw Ed25519 key. `sign`: signs with it."""
        self.header = header
        self.public_key = public_key
        self.frame = 0
        self._sign = sign
        self._batch = max(1, header.tick_rate // _BATCHES_A_SECOND)
        self._snapshot_every = header.tick_rate * _SNAPSHOT_SECONDS or _SNAPSHOT_MOVES
        self.snapshot_at = 0
        """From this frame on a snapshot is due."""
        self._chains: deque[bytes] = deque(maxlen=DESYNC_HASHES + 1)
        """After the newest frames."""
        self._pending: list[FrameInputs] = []
        self._unlinked: list[tuple[FrameInputs, bytes]] = []
        """Frames that are not in `_chains` yet: many at once cost less."""
        self._links = bytearray()
        self._told = False
        self.outbox: list[Record] = []

    # --- beginning

    def began(self, state_hash: bytes) -> None:
        """The match starts with a state of this hash."""
        self.outbox.append(self.header)
        self._start_at(0, [first_link(state_hash)])

    def restored(self, frame: int, chains: Sequence[bytes]) -> None:
        """Continue a file with `frame` frames. `chains`: hash chain after the newest of them, as far as known."""
        self._start_at(frame, chains)

    # --- what is played

    def confirmed(self, raw_inputs: FrameInputs, state_hash: bytes) -> None:
        """One more frame, with the inputs as they travelled and the hash of the state after it."""
        self.frame += 1
        self._pending.append(raw_inputs)
        self._unlinked.append((raw_inputs, state_hash))
        if len(self._pending) >= self._batch:
            self.flush()

    @contextmanager
    def told(self) -> Iterator[None]:
        """What is confirmed meanwhile has inputs of ours that only the other side remembers."""
        self.flush()
        self._told = True
        try:
            yield
        finally:
            self.flush()
            self._told = False

    def take_snapshot(self, frame: int, state: Any) -> None:
        """Record the newest state, the one after `frame` frames, if a snapshot is due."""
        if frame >= self.snapshot_at:
            self.snapshot_at = frame + self._snapshot_every
            data = encode(state)
            if len(data) <= STATE_MAX:
                self._append(Snapshot(frame=frame, state=data))

    def decided(self, entry: bytes) -> None:
        """Record the next entry of the decision log."""
        self._append(Decided(entry=entry))

    def undecided(self, entries: int) -> None:
        """Record that the log has only so many entries."""
        self._append(Undecided(entries=entries))

    def sealed(self, frame: int, player: int, commitment: bytes, opening: bytes = b"") -> None:
        """Record that `player` committed to its input. `opening`: our own input, or one that does not fit."""
        self._append(Sealed(frame=frame, player=player, commitment=commitment, opening=opening))

    def note(self, code: str) -> None:
        """Record that the match paused (``connection``, ``restarted``, ``desync``) or continued (``running``), or that
        our player resigned or offered a draw (``resign``, ``draw``)."""
        self._append(Note(frame=self.frame, what=code))

    # --- what changes the past

    def repaired(self, frame: int, raw_inputs: FrameInputs, state_hash: bytes, state: Any) -> None:
        """Record that the state after `frame` frames was replaced. `raw_inputs`: of the last of these frames.

        Later frames follow from the new state.
        """
        before = self.chain_at(frame - 1) if frame else None
        chain = first_link(state_hash) if before is None else link(before, raw_inputs, state_hash)
        self._repair(frame, state, chain, "desync")

    def cut(self, frame: int, state: Any, chain: Callable[[], bytes]) -> None:
        """Record that the match ends, or goes on otherwise, at `frame`; later frames are taken back.

        `chain()`: the hash chain after `frame` frames, where it is not kept any more.
        """
        if frame < self.frame:
            self._repair(frame, state, self.chain_at(frame) or chain(), "cut")

    def disputed(self, desync: Desync) -> None:
        """Record two states of which neither is taken."""
        self._append(desync)

    # --- end

    def ended(
        self,
        state_hash: bytes,
        outcome: Outcome,
        decisions_chain: bytes,
        agreed: bool,
        late_ms: tuple[float, ...] = (),
        seat: int | None = None,
    ) -> None:
        """Record the end and our signature. `state_hash`: of the last state; `agreed`: all members know this end.

        `late_ms`: real time; by how much each player's inputs came too late, on average. `seat`: the player that we
        sign for; None: we play no longer.
        """
        end = self._end(state_hash, outcome, decisions_chain, agreed)
        self._append(msgspec.structs.replace(end, late_ms=late_ms))
        if seat is not None:
            signature = self._sign(statement(self.header, end))
            self.outbox.append(Signature(player=seat, public_key=self.public_key, signature=signature))

    def sign(self, state_hash: bytes, outcome: Outcome, decisions_chain: bytes) -> bytes:
        """Our signature of this end."""
        return self._sign(statement(self.header, self._end(state_hash, outcome, decisions_chain)))

    def is_genuine(
        self,
        signature: Signature,
        owners: Sequence[str],
        state_hash: bytes,
        outcome: Outcome,
        decisions_chain: bytes,
    ) -> bool:
        """Whether this is the signature of that player for this end. `owners`: who plays on each seat."""
        end = self._end(state_hash, outcome, decisions_chain)
        return verify_signature(self.header, end, signature, owners)

    def add_signature(self, signature: Signature) -> None:
        """Record the genuine signature of another player, after `ended`."""
        self.outbox.append(signature)

    # --- output

    @property
    def chain(self) -> bytes:
        """The hash chain after the newest confirmed frame."""
        self._link()
        return self._chains[-1] if self._chains else b""

    def chain_at(self, frame: int) -> bytes | None:
        """The hash chain after `frame` frames, as far back as it is kept."""
        self._link()
        back = self.frame - frame
        return self._chains[-1 - back] if 0 <= back < len(self._chains) else None

    def flush(self) -> None:
        """Record the pending frames."""
        if self._pending:
            chain = self.chain
            self.outbox.append(
                Inputs(
                    first=self.frame - len(self._pending),
                    runs=pack(self._pending),
                    hashes=bytes(self._links),
                    chain=chain,
                    told=self._told,
                )
            )
            self._pending = []
            self._links = bytearray()

    def records(self) -> tuple[Record, ...]:
        """What is to be written, in order."""
        if not self.outbox:
            return ()
        out, self.outbox = tuple(self.outbox), []
        return out

    # --- inside

    def _link(self) -> None:
        """Work the chain out up to the newest frame."""
        for raw_inputs, state_hash in self._unlinked:
            chain = link(self._chains[-1], raw_inputs, state_hash)
            self._chains.append(chain)
            self._links += chain[:HASH_SHOWN]
        self._unlinked.clear()

    def _append(self, record: Record) -> None:
        self.flush()
        self.outbox.append(record)

    def _start_at(self, frame: int, chains: Sequence[bytes]) -> None:
        """`chains`: after the newest frames, that after `frame` frames last."""
        self.frame = frame
        self._chains = deque(chains, maxlen=self._chains.maxlen)
        self.snapshot_at = frame + self._snapshot_every

    def _repair(self, frame: int, state: Any, chain: bytes, reason: str) -> None:
        self._append(Repaired(frame=frame, state=encode(state), chain=chain, reason=reason))
        earlier = list(self._chains)[: frame - self.frame - 1] if frame <= self.frame else []
        self._start_at(frame, [*earlier, chain])

    def _end(self, state_hash: bytes, outcome: Outcome, decisions_chain: bytes, agreed: bool = True) -> End:
        return End(
            frame=self.frame,
            hash=state_hash,
            chain=self.chain,
            decisions=decisions_chain,
            outcome=outcome,
            agreed=agreed,
        )
