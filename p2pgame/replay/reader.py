"""Reads the file of one match: all records before the first damage, and the damage.

Checks only the form and the order of the records; `replay.playback` and `replay.verify`
apply the rules of the game.
"""

from typing import Final

import msgspec

from p2pgame.core.errors import RemoteProtocolError
from p2pgame.core.game import Outcome
from p2pgame.netcode.decisions import DecisionLog
from p2pgame.replay.codec import decode_header, decode_records
from p2pgame.replay.errors import Problem, ReplayError
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
from p2pgame.wire.bounds import TEXT_MAX
from p2pgame.wire.decisions import (
    Adjourned,
    Claimed,
    Decision,
    Dropped,
    Ended,
    Resigned,
    Seated,
    decode_decision,
)
from p2pgame.wire.messages import RequestKind
from p2pgame.wire.runs import FrameInputs, unpack

__all__ = ["FRAMES_MAX", "RUNS_MAX", "SEALS_MAX", "WENT_ON", "WORK_MAX", "WORK_STATE", "Replay", "read"]

FRAMES_MAX: Final = 2_000_000
"""Maximum number of frames, including replayed ones: nine hours at 60 a second."""
RUNS_MAX: Final = 500_000
"""Maximum number of runs of equal inputs."""
WORK_MAX: Final = 4_000_000
"""Maximum of frames times players, as long as playing them again takes: a small file may ask for many frames ..."""
WORK_STATE: Final = 16 * 1024
"""... of a large state, of which so many bytes count as one player more."""
SEALS_MAX: Final = 100_000
"""Maximum number of commitments."""
WENT_ON: Final = "running"
"""`Note.what` of a match that goes on after a pause, or after it was put aside."""


class Replay(msgspec.Struct, kw_only=True):
    """The content of a match file. Not checked by the rules."""

    header: Header
    inputs: list[FrameInputs]
    """Confirmed inputs as encoded bytes, one entry a frame."""
    links: list[bytes]
    """For each frame, the prefix of the hash chain after it; empty if the file has none."""
    chain: bytes | None
    """The hash chain after the last frame; None if the file has none."""
    snapshots: dict[int, bytes]
    """Frame to state (msgpack), frames ascending."""
    repaired: dict[int, Repaired]
    """Repaired states by frame, ascending: the match continued from them."""
    sealed: dict[tuple[int, int], Sealed]
    """The newest commitment by frame and player. Not checked."""
    decisions: DecisionLog
    """The decision log. Who may decide what is not checked here."""
    notes: list[Note]
    adjourned: bool = False
    """The players agreed to put the match aside, and did not go on since."""
    adjourn_offered: int | None = None
    """The frame at which who recorded this last asked for that; None if it was put aside since, or never."""
    told: int
    """Frames in which the other side told who recorded this what its own player did."""
    desyncs: list[Desync]
    end: End | None
    """None if the match is not over or the file was truncated."""
    signatures: list[Signature]
    """At most one a player, not checked."""
    whole: int
    """Number of bytes of complete records."""
    damage: Problem | None
    """The damage after them; None if there is none."""

    @property
    def frames(self) -> int:
        """Frames played."""
        return len(self.inputs)


def read(data: bytes | memoryview) -> Replay:
    """The match in the file `data`, as far as it can be read.

    Raises `ReplayError` if there is no readable header: see `codec.decode_header`. Whatever is wrong after it is in
    `Replay.damage`.
    """
    header, whole = decode_header(data)
    _check_header(header)
    builder = _Builder(header)
    damage = None
    try:
        for record, end in decode_records(data, whole):
            if record is not None:
                builder.add(record)
            whole = end
    except ReplayError as error:
        damage = error.problem
    replay = builder.replay
    replay.whole, replay.damage = whole, damage
    return replay


def _check_header(header: Header) -> None:
    """Raises `ReplayError`."""
    if len(header.names) != len(header.players):
        raise ReplayError("header_names")
    if header.me >= len(header.players) or header.host not in header.players:
        raise ReplayError("header_players")


class _Builder:
    """Adds records to a `Replay`. All methods raise `ReplayError` for an invalid record."""

    def __init__(self, header: Header) -> None:
        self.replay = Replay(
            header=header, inputs=[], links=[], chain=None, snapshots={}, repaired={},
            sealed={}, decisions=DecisionLog(header.match), notes=[], told=0, desyncs=[], end=None, signatures=[],
            whole=0, damage=None,
        )  # fmt: skip
        self._frames_left = FRAMES_MAX
        self._runs_left = RUNS_MAX
        self._work_left = WORK_MAX
        self._frame_work = len(header.players)

    def add(self, record: Record) -> None:
        replay = self.replay
        if replay.end is not None and isinstance(
            record, Inputs | Sealed | Snapshot | Repaired | Decided | Undecided | End
        ):
            raise ReplayError("record_after_end")
        match record:
            case Inputs():
                self._inputs(record)
            case Sealed():
                self._sealed(record)
            case Snapshot():
                self._snapshot(record)
            case Repaired():
                self._repaired(record)
            case Decided():
                self._decided(record)
            case Undecided():
                if record.entries > len(replay.decisions.entries):
                    raise ReplayError("bad_decision", cause="decision_out_of_order")
                replay.decisions.take_back(record.entries)
            case Note():
                self._note(record)
            case Desync():
                self._check_frame(record.frame)
                replay.desyncs.append(record)
            case End():
                self._end(record)
            case Signature():
                self._signature(record)
            case Header():
                raise ReplayError("second_header")

    def _check_frame(self, frame: int) -> None:
        if frame > self.replay.frames:
            raise ReplayError("frame_not_played", frame=frame, frames=self.replay.frames)

    def _check_outcome(self, outcome: Outcome) -> None:
        players, winners = len(self.replay.header.players), outcome.winners
        if len(winners) > players or any(not 0 <= winner < players for winner in winners):
            raise ReplayError("wrong_winners")
        if len(outcome.reason) > TEXT_MAX:
            raise ReplayError("long_reason")

    def _inputs(self, record: Inputs) -> None:
        replay = self.replay
        if record.first != replay.frames:
            raise ReplayError("wrong_first_frame", frame=record.first, frames=replay.frames)
        self._runs_left -= len(record.runs)
        self._frames_left -= sum(count for count, _ in record.runs)
        if self._runs_left < 0 or self._frames_left < 0:
            raise ReplayError("too_many_frames", frames=FRAMES_MAX, runs=RUNS_MAX)
        self._work(sum(count for count, _ in record.runs))
        players = len(replay.header.players)
        if any(len(inputs) != players for _, inputs in record.runs):
            raise ReplayError("bad_inputs", players=players)
        frames = unpack(record.runs, players, FRAMES_MAX)
        if record.hashes and len(record.hashes) != HASH_SHOWN * len(frames):
            raise ReplayError("wrong_hashes", frames=len(frames))
        if not frames:
            return
        replay.inputs += frames
        replay.told += len(frames) if record.told else 0
        if record.hashes:
            links = range(0, len(record.hashes), HASH_SHOWN)
            replay.links += [record.hashes[at : at + HASH_SHOWN] for at in links]
            replay.chain = record.chain
        else:
            replay.links += [b""] * len(frames)
            replay.chain = None

    def _sealed(self, record: Sealed) -> None:
        replay = self.replay
        if record.frame != replay.frames or record.player >= len(replay.header.players):
            raise ReplayError("wrong_seal", frame=record.frame)
        if len(replay.sealed) >= SEALS_MAX:
            raise ReplayError("too_many_seals", limit=SEALS_MAX)
        replay.sealed[record.frame, record.player] = record

    def _snapshot(self, record: Snapshot) -> None:
        self._check_frame(record.frame)
        snapshots = self.replay.snapshots
        if record.frame < next(reversed(snapshots), 0):
            raise ReplayError("snapshot_order", frame=record.frame)
        self._play_from(record)
        snapshots[record.frame] = record.state

    def _repaired(self, record: Repaired) -> None:
        """Drops later frames until they are recorded again."""
        self._check_frame(record.frame)
        self._forget_after(record.frame)
        self._play_from(record)
        replay = self.replay
        replay.snapshots.pop(record.frame, None)
        replay.repaired[record.frame] = record
        replay.chain = record.chain
        if record.frame:
            replay.links[-1] = record.chain[:HASH_SHOWN]

    def _play_from(self, record: Snapshot | Repaired) -> None:
        """Frames after this state, those that stand already included, may be played from it."""
        self._frame_work = len(self.replay.header.players) + len(record.state) // WORK_STATE
        self._work(self.replay.frames - record.frame)

    def _work(self, frames: int) -> None:
        self._work_left -= frames * self._frame_work
        if self._work_left < 0:
            raise ReplayError("too_much_work", limit=WORK_MAX, players=len(self.replay.header.players))

    def _decided(self, record: Decided) -> None:
        try:
            decision = decode_decision(record.entry)
            self._check_decision(decision)
            self.replay.decisions.append(record.entry)
        except RemoteProtocolError as error:
            raise ReplayError("bad_decision", cause=f"decision_{error.params['reason']}") from None
        if isinstance(decision.what, Adjourned):
            self.replay.adjourned, self.replay.adjourn_offered = True, None

    def _note(self, record: Note) -> None:
        self.replay.notes.append(record)
        if record.what == WENT_ON:
            self.replay.adjourned = False
        elif record.what == RequestKind.ADJOURN.value:
            self.replay.adjourn_offered = record.frame

    def _check_decision(self, decision: Decision) -> None:
        match decision.what:
            case Resigned(seat=seat) | Claimed(seat=seat) | Dropped(seat=seat) | Seated(seat=seat) if (
                seat >= len(self.replay.header.players)
            ):
                raise ReplayError("bad_decision", cause="decision_of_nobody")
            case Adjourned(thought=thought) if len(thought) > len(self.replay.header.players):
                raise ReplayError("bad_decision", cause="decision_of_nobody")
            case Ended(outcome=outcome):
                self._check_outcome(outcome)

    def _forget_after(self, frame: int) -> None:
        replay = self.replay
        del replay.inputs[frame:]
        del replay.links[frame:]
        for by_frame in (replay.snapshots, replay.repaired):
            while (
                by_frame and next(reversed(by_frame)) > frame
            ):  # ascending, so that this costs what it drops
                by_frame.popitem()

    def _end(self, record: End) -> None:
        """A match may end by decision at a frame before the last one that was played."""
        self._check_frame(record.frame)
        self._check_outcome(record.outcome)
        self._forget_after(record.frame)
        self.replay.chain = record.chain
        self.replay.end = record

    def _signature(self, record: Signature) -> None:
        replay = self.replay
        if replay.end is None:
            raise ReplayError("early_signature")
        signed = [signature.player for signature in replay.signatures]
        if record.player >= len(replay.header.players) or record.player in signed:
            raise ReplayError("unexpected_signature")
        replay.signatures.append(record)
