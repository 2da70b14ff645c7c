"""The records of a match's file, in the order in which they happened. docs/replays.md describes the file.

A match in progress and a finished one have the same file; it is only ever appended to. Knows neither files nor rules.
"""

from typing import Annotated

import msgspec
from msgspec import Meta

from p2pgame.core.game import Outcome
from p2pgame.wire.bounds import (
    PLAYERS_MAX,
    STATE_MAX,
    Bytes16,
    Bytes32,
    Bytes64,
    Code,
    Count,
    Digest,
    FrameNumber,
    GameName,
    Hex16,
    Name,
    Payload,
    PlayerId,
    Text,
    Version,
)
from p2pgame.wire.decisions import DECISION_MAX, Seat
from p2pgame.wire.runs import Run

__all__ = [
    "FORMAT",
    "HASH_SHOWN",
    "Decided",
    "Desync",
    "End",
    "Header",
    "Inputs",
    "Note",
    "Record",
    "Repaired",
    "Sealed",
    "Signature",
    "Snapshot",
    "Undecided",
]

FORMAT = 2
"""Version of the file; a program refuses files of any other."""
HASH_SHOWN = 4
"""Bytes of each frame's link of the hash chain in `Inputs`."""

StateBytes = Annotated[bytes, Meta(min_length=1, max_length=STATE_MAX)]
Seconds = Annotated[float, Meta(ge=0, le=250_000_000_000)]
"""Unix time; a date before the year 9900, so that it can be shown."""


class _Record(msgspec.Struct, frozen=True, kw_only=True, tag_field="type"):
    """Base of all records."""


class Header(_Record, frozen=True, kw_only=True, tag="header"):
    """The first record: everything that determines the first state, and the players."""

    format: Count = FORMAT
    version: Version
    """Of p2pgame."""
    platform: Text = ""
    game: GameName
    digest: Digest
    """Of the rules."""
    match: Hex16
    seed: Annotated[int, Meta(ge=0)]
    """Below 2**64: msgpack has no larger integers."""
    config: Payload
    """msgpack, the bytes that travelled."""
    frame_limit: Count = 0
    tick_rate: Annotated[int, Meta(ge=0, le=1000)] = 0
    players: Annotated[tuple[PlayerId, ...], Meta(min_length=1, max_length=PLAYERS_MAX)]
    """Peer ids by player index."""
    names: Annotated[tuple[Name, ...], Meta(min_length=1, max_length=PLAYERS_MAX)]
    teams: Annotated[tuple[int, ...], Meta(max_length=PLAYERS_MAX)] = ()
    """The team of each player; empty: everybody plays for itself."""
    bots: Annotated[tuple[Seat, ...], Meta(max_length=PLAYERS_MAX)] = ()
    """The players that are bots of the host at the beginning."""
    room: Annotated[str, Meta(pattern=r"^([0-9a-f]{16})?\Z")] = ""
    """Id of the room; empty for a match by invitation."""
    succession: Annotated[tuple[PlayerId, ...], Meta(max_length=PLAYERS_MAX)] = ()
    """In which order the members follow a host that is gone; empty: the host, then in order of their seats."""
    host: PlayerId
    me: Annotated[int, Meta(ge=0, lt=PLAYERS_MAX)]
    """First player index of who recorded this."""
    started: Seconds = 0.0


class Inputs(_Record, frozen=True, kw_only=True, tag="inputs"):
    """Confirmed frames. They replace earlier ones from `first` on (after `Repaired`)."""

    first: FrameNumber
    runs: Annotated[tuple[Run, ...], Meta(max_length=16_384)]
    hashes: bytes
    """`HASH_SHOWN` bytes for each frame: the beginning of the chain after it. Empty if they were not simulated here."""
    chain: Bytes16
    """The hash chain after the last of them (`replay.chain`). Unused without hashes: `Repaired` follows."""
    told: bool = False
    """The program was started anew, and the other side told it what its own player did here."""


class Sealed(_Record, frozen=True, kw_only=True, tag="sealed"):
    """A player committed to its input for `frame`, in which several players move. Its opening is in `Inputs`."""

    frame: FrameNumber
    player: Annotated[int, Meta(ge=0, lt=PLAYERS_MAX)]
    commitment: Bytes32
    opening: Payload = b""
    """Of who recorded this: its input, from before it committed on. Of another player: one that does not fit, with
    which the match ended. Else empty."""


class Snapshot(_Record, frozen=True, kw_only=True, tag="snapshot"):
    """The state after `frame` frames, so that a viewer can seek quickly."""

    frame: FrameNumber
    state: StateBytes


class Repaired(_Record, frozen=True, kw_only=True, tag="repaired"):
    """The match continues from this state at this frame; earlier records of later frames are void."""

    frame: FrameNumber
    state: StateBytes
    chain: Bytes16
    """After that frame."""
    reason: Code
    """``desync``: the other side's state was taken; ``cut``: a decision ended the match at this frame, and later
    frames were taken back."""


class Decided(_Record, frozen=True, kw_only=True, tag="decided"):
    """The next entry of the decision log (`wire.decisions`), when it became known."""

    entry: Annotated[bytes, Meta(min_length=1, max_length=DECISION_MAX)]
    """As it travelled."""


class Undecided(_Record, frozen=True, kw_only=True, tag="undecided"):
    """Later entries of the decision log never were: the next host did not have them."""

    entries: Annotated[int, Meta(ge=0)]
    """Those that stand."""


class Note(_Record, frozen=True, kw_only=True, tag="note"):
    """A status change of the match, for information; ``running`` also says that an adjourned match went on."""

    frame: FrameNumber
    at: Seconds = 0.0
    what: Code
    """``connection``, ``restarted``, ``desync``, ``adjourned``: why it paused; ``running``: it went on; ``resign``,
    ``draw``, ``adjourn``: the player who recorded this gave up, offered a draw, or asked to adjourn."""


class Desync(_Record, frozen=True, kw_only=True, tag="desync"):
    """Two different states of one frame."""

    frame: FrameNumber
    ours: StateBytes
    theirs: StateBytes
    versions: tuple[Version, Version]
    """Of p2pgame: ours, theirs."""
    platforms: tuple[Text, Text]
    reproduced: tuple[bool, bool]
    """Whether playing the frame again gave the same state: ours, theirs."""


class End(_Record, frozen=True, kw_only=True, tag="end"):
    """How the match ended."""

    frame: FrameNumber
    hash: Bytes16
    """Of the last state."""
    chain: Bytes16
    decisions: Bytes16
    """The decision chain after the last entry (`netcode.decisions`)."""
    outcome: Outcome
    agreed: bool = True
    """False: one side ended it alone, because the other did not come back or broke the rules."""
    ended: Seconds = 0.0
    late_ms: Annotated[tuple[Annotated[float, Meta(ge=0)], ...], Meta(max_length=PLAYERS_MAX)] = ()
    """Real time: by how much the inputs of each player came too late, on average, as who recorded this saw it; its own
    as the others told. Not signed."""


class Signature(_Record, frozen=True, kw_only=True, tag="signature"):
    """A player's signature of the header's facts and the end (`replay.signing`)."""

    player: Annotated[int, Meta(ge=0, lt=PLAYERS_MAX)]
    public_key: Bytes32
    signature: Bytes64


Record = (
    Header | Inputs | Sealed | Snapshot | Repaired | Decided | Undecided | Note | Desync | End | Signature
)
