"""Finds the first frame and field in which the states of two members differ, and decides whose state to use.

    both: Differ (hashes of the newest frames) --> first differing frame --> both: State of that frame, in parts

A side is right if replaying the frame, from a state that both agreed on, gives its state. Who is right never takes the
other's state, and nobody takes a state that its own rules do not give. If both or neither are right, it is a dispute:
only the players can agree to play on from the host's state. Changes nothing: the match applies the finding.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import msgspec

from p2pgame.core.diff import differences
from p2pgame.core.errors import RemoteProtocolError
from p2pgame.core.snapshot import HASH_SIZE, decode, encode, state_hash
from p2pgame.netcode.timeline import Timeline
from p2pgame.replay.records import Desync, Header, Inputs, Record, Snapshot
from p2pgame.session import events as e
from p2pgame.session.match.snapshot_chunks import SnapshotAssembler, split
from p2pgame.wire import messages as m
from p2pgame.wire.bounds import REPAIR_TIMEOUT, STATE_MAX, TEXT_MAX
from p2pgame.wire.names import safe_text
from p2pgame.wire.runs import FrameInputs, pack

__all__ = ["DIFFERENCES_SHOWN", "DesyncFinding", "Diagnosis"]

DIFFERENCES_SHOWN = 8
_RUNS = 1024
"""Runs in one record of the report."""
_REPLAYED_MAX = 36_000
"""Frames that are played again, from the first one on, to know whose state is right: ten minutes at 60 Hz."""
_UNKNOWN = bytes(HASH_SIZE)
"""Replaces a hash chain link that is no longer kept."""


class DesyncFinding(msgspec.Struct, frozen=True, kw_only=True):
    """The result of a diagnosis."""

    frame: int
    """The first differing frame; without a difference, the newest common frame."""
    ours: bytes
    """Hash of our state after this frame."""
    theirs: bytes
    """Hash of their state; empty if unknown."""
    differences: tuple[str, ...] = ()
    """The first few differing fields, as ``path: ours ≠ theirs``."""
    path: str | None = None
    """Path of the first difference."""
    taken: str = ""
    """Whose state is used: ``ours``, ``theirs``. Empty: no repair is possible, or nothing differs."""
    disputed: bool = False
    """True if it is used only if all players agree."""
    state: Any = None
    """The state to use."""
    stale_until: int = -1
    """Their hashes of frames up to this one may predate the repair."""
    records: tuple[Record, ...] = ()
    """Records of the desync report."""

    @property
    def differs(self) -> bool:
        return self.ours != self.theirs

    @property
    def repairs(self) -> bool:
        """True if the match can continue."""
        return self.taken != "" or not self.differs

    @property
    def hash(self) -> bytes:
        """Hash of the state to use."""
        return self.theirs if self.taken == "theirs" else self.ours

    @property
    def desync(self) -> Desync | None:
        """Both states, for the file of the match."""
        return next((record for record in self.records if isinstance(record, Desync)), None)

    @property
    def shown(self) -> str:
        """The first difference, shortened for a parameter of an error; may be empty."""
        return safe_text(self.differences[0], 64) if self.differences else ""

    def event(self, match: str) -> e.MatchDesync:
        """The event for the user."""
        return e.MatchDesync(
            match=match,
            frame=self.frame,
            ours=self.ours.hex(),
            theirs=self.theirs.hex(),
            path=self.path,
            differences=self.differences,
            mended=self.repairs,
            taken=self.taken,
        )


class Diagnosis:
    """One diagnosis of a paused match. `finding` is None until it is finished.

    Send the messages that `begin`, `restart` and `receive` return. Every violation by the other side is a
    `RemoteProtocolError`. Its input is bounded: one `Differ`, one snapshot.
    """

    def __init__(
        self,
        match: str,
        timeline: Timeline,
        found: tuple[int, bytes, bytes] | None,
        *,
        is_host: bool,
        agreed: int = -1,
        header: Header | None = None,
        chain_at: Callable[[int], bytes | None] = lambda _: None,
        repairable: bool = True,
    ) -> None:
        """`found`: frame, our hash and theirs, if we detected the difference; None if they did.

        `agreed`: the newest frame whose hash both sides found equal before; -1: none.
        `header`: of our recording; None: no report. `chain_at`: our hash chain after a frame, if it is known.
        `repairable`: False to report the difference without repairing it.
        """
        self.finding: DesyncFinding | None = None
        self.deadline = 0.0
        """When to call `give_up`."""
        self._timeline = timeline
        self._match = match
        self._header = header
        self._chain_at = chain_at
        self._found = found
        self._is_host = is_host
        self._agreed = agreed
        self._repairable = repairable
        self._differ: m.Differ | None = None
        """The `Differ` of the other side."""
        self._frame = -1
        self._reproduced = False
        self._follows: bytes | None = None
        """Hash of the state that the rules give us for the frame."""
        self._assembly = SnapshotAssembler()

    def begin(self, now: float) -> list[m.Message]:
        """Start: send the hashes of our newest frames."""
        self.extend(now)
        timeline = self._timeline
        hashes = [timeline.hash_at(frame) or b"" for frame in range(timeline.oldest, timeline.frame + 1)]
        return [
            m.Differ(
                match=self._match,
                first=timeline.oldest,
                hashes=b"".join(hashes),
                version=self._header.version if self._header is not None else "",
                platform=self._header.platform if self._header is not None else "",
            )
        ]

    def extend(self, now: float) -> None:
        """Restart the deadline, because the other side was unreachable."""
        self.deadline = now + REPAIR_TIMEOUT

    def restart(self, now: float) -> list[m.Message]:
        """Start again on a new session, because messages on the old one may be lost."""
        self._differ = None
        self._frame = -1
        self._assembly = SnapshotAssembler()
        return self.begin(now)

    def receive(self, message: m.Differ | m.State, now: float) -> list[m.Message]:
        """Handle a message of the other side. Raises `RemoteProtocolError`."""
        del now
        if self.finding is not None:
            raise RemoteProtocolError("unexpected_message", message="state", scope="repair", phase="over")
        if isinstance(message, m.Differ):
            return self._receive_differ(message)
        self._receive_state(message)
        return []

    def give_up(self) -> DesyncFinding:
        """Finish without the answer of the other side, with what is known."""
        frame, ours, theirs = self._found or (self._timeline.frame, self._timeline.hash, b"")
        self.finding = DesyncFinding(frame=frame, ours=ours, theirs=theirs)
        return self.finding

    # --- inside

    def _receive_differ(self, message: m.Differ) -> list[m.Message]:
        if self._differ is not None:
            raise RemoteProtocolError(
                "unexpected_message", message="differ", scope="repair", phase="answered"
            )
        if len(message.hashes) % HASH_SIZE:
            raise RemoteProtocolError("bad_differ", reason="size")
        self._differ = message
        timeline = self._timeline
        first, last = max(timeline.oldest, message.first), min(timeline.frame, self._newest_received)
        if first > last:
            self.give_up()  # nothing to compare
            return []
        wrong = (
            frame for frame in range(first, last + 1) if timeline.hash_at(frame) != self._their_hash(frame)
        )
        frame = next(wrong, None)
        if frame is None and not self._repairable:
            self.give_up()  # nothing differs, but the other side keeps reporting differences
            return []
        if frame is None:
            value = self._their_hash(last)
            self.finding = DesyncFinding(
                frame=last, ours=value, theirs=value, stale_until=self._newest_received
            )
            return []
        self._frame = frame
        self._follows = self._by_rules(frame, first)
        self._reproduced = self._follows == timeline.hash_at(frame)
        state = encode(timeline.state_at(frame))
        if len(state) > STATE_MAX:
            self.finding = self._basic_finding()
            return []
        chain = self._chain_at(frame) or _UNKNOWN
        return list(split(self._match, frame, state, chain, reproduced=self._reproduced))

    def _receive_state(self, message: m.State) -> None:
        if message.frame != self._frame:
            raise RemoteProtocolError("bad_state", reason="frame", frame=message.frame, expected=self._frame)
        data = self._assembly.add(message)
        if data is None:
            return
        if state_hash(msgspec.Raw(data)) != self._their_hash(self._frame):
            raise RemoteProtocolError("bad_state", reason="hash")
        self.finding = self._conclude(data, message.reproduced)

    @property
    def _newest_received(self) -> int:
        """The newest frame whose hash they sent."""
        return (
            self._differ.first + len(self._differ.hashes) // HASH_SIZE - 1 if self._differ is not None else -1
        )

    def _their_hash(self, frame: int) -> bytes:
        if self._differ is None:
            return b""
        at = (frame - self._differ.first) * HASH_SIZE
        return self._differ.hashes[at : at + HASH_SIZE]

    def _by_rules(self, frame: int, first: int) -> bytes | None:
        """Hash of the state after `frame` by our rules, from a state that both sides had; None if it takes too long.

        `first`: the first frame whose hash both told. What the other side leaves out of its list was agreed before, or
        is played again from the first frame of the match: it cannot choose where we begin.
        """
        timeline = self._timeline
        before = timeline.state_at(frame - 1) if frame > first or self._agreed >= frame - 1 else None
        if before is not None:
            return state_hash(timeline.reproduce(before, timeline.log[frame - 1]))
        return state_hash(timeline.replayed(frame)) if frame <= _REPLAYED_MAX else None

    def _basic_finding(self) -> DesyncFinding:
        ours = self._timeline.hash_at(self._frame) or b""
        return DesyncFinding(
            frame=self._frame,
            ours=ours,
            theirs=self._their_hash(self._frame),
            stale_until=self._newest_received,
        )

    def _conclude(self, data: bytes, reproduced: bool) -> DesyncFinding:
        """Compare both states of the first differing frame. `data`: their encoded state."""
        ours, theirs = self._timeline.state_at(self._frame), self._decode(data)
        found = differences(ours, theirs, DIFFERENCES_SHOWN) if theirs is not None else []
        disputed = self._reproduced == reproduced
        if self._is_host if disputed else self._reproduced:
            taken, state = "ours", ours
        else:  # the other side is right only if our own rules say so, too
            good = theirs is not None and (disputed or self._follows == self._their_hash(self._frame))
            taken, state = "theirs" if good else "", theirs
        return msgspec.structs.replace(
            self._basic_finding(),
            differences=tuple(safe_text(str(difference), TEXT_MAX) for difference in found),
            path=safe_text(found[0].path, TEXT_MAX) if found else None,
            taken=taken if self._repairable else "",
            disputed=disputed,
            state=state,
            records=tuple(self._report(encode(ours), data, reproduced)),
        )

    def _decode(self, data: bytes) -> Any | None:
        """Their decoded state; None if it is not valid for these rules, as a corrupted state may be."""
        try:
            state = decode(data, self._timeline.game.state_type)
        except msgspec.DecodeError:
            return None
        return state if encode(state) == data else None

    def _report(self, ours: bytes, theirs: bytes, reproduced: bool) -> Iterator[Record]:
        header, differ, timeline = self._header, self._differ, self._timeline
        if header is None or differ is None:
            return
        yield header
        yield from _inputs(timeline.log[: self._frame])
        before = timeline.state_at(self._frame - 1)
        if before is not None:
            yield Snapshot(frame=self._frame - 1, state=encode(before))
        yield Desync(
            frame=self._frame,
            ours=ours,
            theirs=theirs,
            versions=(header.version, safe_text(differ.version, 32)),
            platforms=(header.platform, safe_text(differ.platform, TEXT_MAX)),
            reproduced=(self._reproduced, reproduced),
        )


def _inputs(log: Sequence[FrameInputs]) -> Iterator[Inputs]:
    runs = pack(log)
    first = 0
    for at in range(0, len(runs), _RUNS):
        batch = runs[at : at + _RUNS]
        yield Inputs(first=first, runs=batch, hashes=b"", chain=_UNKNOWN)
        first += sum(count for count, _ in batch)
