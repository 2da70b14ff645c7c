"""The records of one match as a whole. Whatever the bytes are, what is whole before the first flaw is told.

Checks that the records fit each other, and nothing else: the rules of the game are the business of `replay.playback`
and `replay.verify`.
"""

from typing import Final

import msgspec

from p2pgame.replay.codec import decode_header, decode_records
from p2pgame.replay.errors import ReplayError
from p2pgame.replay.records import (
    HASH_SHOWN,
    Desync,
    End,
    Header,
    Inputs,
    Mended,
    Note,
    Record,
    Signature,
    Snapshot,
)
from p2pgame.wire.bounds import TEXT_MAX
from p2pgame.wire.runs import FrameInputs, unpack

__all__ = ["FRAMES_MAX", "RUNS_MAX", "Replay", "read"]

FRAMES_MAX: Final = 2_000_000
"""Frames that are read, those that were played again included: nine hours at 60 a second."""
RUNS_MAX: Final = 500_000
"""Runs of equal inputs that are read."""


class Replay(msgspec.Struct, kw_only=True):
    """A match as its file tells it. Nothing in here has been checked by the rules."""

    header: Header
    inputs: list[FrameInputs]
    """Confirmed inputs, one entry a frame."""
    links: list[bytes]
    """For each of them, the beginning of the hash chain after it; empty bytes where the file has none."""
    chain: bytes | None
    """After the last of them; None where the file does not say, or has no frame."""
    snapshots: dict[int, bytes]
    """Frame to state (msgpack), frames ascending."""
    mended: dict[int, Mended]
    """By frame, ascending: the match went on from these states."""
    notes: list[Note]
    desyncs: list[Desync]
    end: End | None
    """None: the match is not over, or the file was cut."""
    signatures: list[Signature]
    """At most one a player, not checked."""
    whole: int
    """Bytes of the file that are whole records."""
    damage: str
    """What is wrong after them, in plain words; empty if nothing is."""

    @property
    def frames(self) -> int:
        """Frames played."""
        return len(self.inputs)


def read(data: bytes | memoryview) -> Replay:
    """The match in the file `data`, as far as it can be read.

    Raises `ReplayError` if there is no readable header: see `codec.decode_header`. Whatever is wrong after it ends in
    `Replay.damage`.
    """
    header, whole = decode_header(data)
    _check_header(header)
    reading = _Reading(header)
    damage = ""
    try:
        for record, end in decode_records(data, whole):
            if record is not None:
                reading.take(record)
            whole = end
    except ReplayError as error:
        damage = str(error)
    replay = reading.replay
    replay.whole, replay.damage = whole, damage
    return replay


def _check_header(header: Header) -> None:
    """Raises `ReplayError`."""
    if len(header.names) != len(header.players):
        raise ReplayError("the header has not one name for each player")
    if header.me >= len(header.players) or header.host not in header.players:
        raise ReplayError("the header names somebody who does not play")


class _Reading:
    """Adds one record after the other to a `Replay`. All methods raise `ReplayError` for one that does not fit."""

    def __init__(self, header: Header) -> None:
        self.replay = Replay(
            header=header, inputs=[], links=[], chain=None, snapshots={}, mended={}, notes=[], desyncs=[],
            end=None, signatures=[], whole=0, damage="",
        )  # fmt: skip
        self._frames_left = FRAMES_MAX
        self._runs_left = RUNS_MAX

    def take(self, record: Record) -> None:
        replay = self.replay
        if replay.end is not None and isinstance(record, Inputs | Snapshot | Mended | End):
            raise ReplayError("a record of play after the end")
        match record:
            case Inputs():
                self._inputs(record)
            case Snapshot():
                self._snapshot(record)
            case Mended():
                self._mended(record)
            case Note():
                replay.notes.append(record)
            case Desync():
                self._check_frame(record.frame)
                replay.desyncs.append(record)
            case End():
                self._end(record)
            case Signature():
                self._signature(record)
            case Header():
                raise ReplayError("a second header")

    def _check_frame(self, frame: int) -> None:
        if frame > self.replay.frames:
            raise ReplayError(f"a record of frame {frame}, and only {self.replay.frames} were played")

    def _inputs(self, record: Inputs) -> None:
        replay = self.replay
        if record.first != replay.frames:
            raise ReplayError(f"inputs from frame {record.first} on, and {replay.frames} is next")
        self._runs_left -= len(record.runs)
        self._frames_left -= sum(count for count, _ in record.runs)
        if self._runs_left < 0 or self._frames_left < 0:
            raise ReplayError(f"more than {FRAMES_MAX} frames, or {RUNS_MAX} runs of equal ones")
        try:
            frames = unpack(record.runs, len(replay.header.players), FRAMES_MAX)
        except ValueError as error:
            raise ReplayError(str(error)) from None
        if record.hashes and len(record.hashes) != HASH_SHOWN * len(frames):
            raise ReplayError(f"hashes that are not of {len(frames)} frames")
        if not frames:
            return
        replay.inputs += frames
        if record.hashes:
            links = range(0, len(record.hashes), HASH_SHOWN)
            replay.links += [record.hashes[at : at + HASH_SHOWN] for at in links]
            replay.chain = record.chain
        else:
            replay.links += [b""] * len(frames)
            replay.chain = None

    def _snapshot(self, record: Snapshot) -> None:
        self._check_frame(record.frame)
        snapshots = self.replay.snapshots
        if record.frame < next(reversed(snapshots), 0):
            raise ReplayError(f"a snapshot of frame {record.frame} after one of a later frame")
        snapshots[record.frame] = record.state

    def _mended(self, record: Mended) -> None:
        """What stood here of later frames is void until it comes again."""
        self._check_frame(record.frame)
        self._forget_after(record.frame)
        replay = self.replay
        replay.snapshots.pop(record.frame, None)
        replay.mended[record.frame] = record
        replay.chain = record.chain
        if record.frame:
            replay.links[-1] = record.chain[:HASH_SHOWN]

    def _forget_after(self, frame: int) -> None:
        replay = self.replay
        del replay.inputs[frame:]
        del replay.links[frame:]
        for by_frame in (replay.snapshots, replay.mended):
            while (
                by_frame and next(reversed(by_frame)) > frame
            ):  # ascending, so that this costs what it drops
                by_frame.popitem()

    def _end(self, record: End) -> None:
        """A match may end by decision at a frame before the last one that was played."""
        self._check_frame(record.frame)
        players, winners = len(self.replay.header.players), record.outcome.winners
        if len(winners) > players or any(not 0 <= winner < players for winner in winners):
            raise ReplayError("an end that is won by somebody who does not play")
        if len(record.outcome.reason) > TEXT_MAX:
            raise ReplayError("an end with a reason that is too long")
        self._forget_after(record.frame)
        self.replay.chain = record.chain
        self.replay.end = record

    def _signature(self, record: Signature) -> None:
        replay = self.replay
        if replay.end is None:
            raise ReplayError("a signature before the end")
        signed = [signature.player for signature in replay.signatures]
        if record.player >= len(replay.header.players) or record.player in signed:
            raise ReplayError("a signature of nobody who plays, or a second one")
        replay.signatures.append(record)
