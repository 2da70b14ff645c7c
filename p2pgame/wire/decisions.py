"""Decisions of the host beyond the inputs: one numbered log, sent, recorded and signed.

An entry is the msgpack array ``[epoch, index, frame, what]``; `what` is a map with a ``kind`` tag. An entry is stored,
chained and signed as the encoded bytes. New kinds are added here and need no other mechanism (docs/protocol.md,
"Decisions"). Does not know who may decide what (`session.match.decisions`).
"""

from typing import Annotated, Final, TypeAlias

import msgspec
from msgspec import Meta

from p2pgame.core.errors import RemoteProtocolError
from p2pgame.core.game import Outcome
from p2pgame.wire.bounds import PLAYERS_MAX, Bytes32, Bytes64, Code, Count, Epoch, FrameNumber, PlayerId

__all__ = [
    "DECISION_MAX",
    "Adjourned",
    "Claimed",
    "Decision",
    "DecisionBody",
    "DrawAgreed",
    "Dropped",
    "Ended",
    "Flagged",
    "HostIs",
    "HostVote",
    "Paused",
    "Resigned",
    "Seated",
    "TimeAdded",
    "Timed",
    "decode_decision",
    "encode_decision",
]

DECISION_MAX: Final = 1024
"""Bytes of one entry."""
Seat = Annotated[int, Meta(ge=0, lt=PLAYERS_MAX)]
"""A player index."""


class _Body(msgspec.Struct, frozen=True, tag_field="kind"):
    """Base of all kinds."""


class Resigned(_Body, frozen=True, tag="resigned"):
    """The player of `seat` resigned."""

    seat: Seat


class DrawAgreed(_Body, frozen=True, tag="draw_agreed"):
    """Everybody offered a draw."""


class Claimed(_Body, frozen=True, tag="claimed"):
    """The player of `seat` claimed the win after the others were unreachable for too long."""

    seat: Seat


class Ended(_Body, frozen=True, tag="ended"):
    """The match ends at the entry's frame, as earlier entries justify. Later frames are taken back."""

    outcome: Outcome


class Paused(_Body, frozen=True, tag="paused"):
    """The match was paused at the entry's frame and continues with this entry."""

    reason: Code
    """``connection``, ``restarted``."""
    milliseconds: Count


class Dropped(_Body, frozen=True, tag="dropped"):
    """The owner of `seat` is gone, or left the round: from the entry's frame on a bot of the host plays there."""

    seat: Seat
    reason: Code
    """``left``, ``lost``, ``slow``, ``kicked``, ``fault``."""


class Seated(_Body, frozen=True, tag="seated"):
    """From the entry's frame on a person at `peer` plays on `seat`: it came back, or took the seat of a bot."""

    seat: Seat
    peer: PlayerId


class HostVote(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Somebody chose a host in one epoch of one match (`replay.votes`)."""

    public_key: Bytes32
    """Ed25519: its peer id names the voter."""
    signature: Bytes64


class HostIs(_Body, frozen=True, tag="host"):
    """The first entry of an epoch that began because the host was gone: `peer` is the host from now on."""

    peer: PlayerId
    votes: Annotated[tuple[HostVote, ...], Meta(max_length=PLAYERS_MAX)]
    """Of the others; its own is the entry."""


class Timed(_Body, frozen=True, tag="timed"):
    """The move of `seat` that led to the entry's frame took so long, as the host counts it."""

    seat: Seat
    milliseconds: Count


class TimeAdded(_Body, frozen=True, tag="time_added"):
    """Another player gave `seat` more time."""

    seat: Seat
    milliseconds: Count


class Flagged(_Body, frozen=True, tag="flagged"):
    """The time of `seat` is used up: it has thought for so long about the move that was to follow the entry's frame."""

    seat: Seat
    milliseconds: Count


class Adjourned(_Body, frozen=True, tag="adjourned"):
    """Everybody agreed to put the match aside, and to go on another day."""

    thought: Annotated[tuple[Count, ...], Meta(max_length=PLAYERS_MAX)]
    """In a match with a clock, for how many milliseconds each player has thought about the move that is to follow; else
    empty."""


DecisionBody: TypeAlias = (
    Resigned
    | DrawAgreed
    | Claimed
    | Ended
    | Paused
    | Dropped
    | Seated
    | HostIs
    | Timed
    | TimeAdded
    | Flagged
    | Adjourned
)


class Decision(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """One entry of the log."""

    epoch: Epoch
    """Epoch of the deciding host: 1 for the elected one. A member that continues alone begins the next epoch."""
    index: Annotated[int, Meta(ge=1, le=(1 << 32) - 1)]
    """1, 2, 3 ... within the epoch."""
    frame: FrameNumber
    """The frame at which it takes effect."""
    what: DecisionBody


_ENCODER = msgspec.msgpack.Encoder(order="deterministic")
_DECODER: msgspec.msgpack.Decoder[Decision] = msgspec.msgpack.Decoder(Decision)


def encode_decision(decision: Decision) -> bytes:
    """The bytes that are sent, recorded and signed."""
    return _ENCODER.encode(decision)


def decode_decision(data: bytes) -> Decision:
    """Raises `RemoteProtocolError("bad_decision")`."""
    if len(data) > DECISION_MAX:
        raise RemoteProtocolError("bad_decision", reason="too_long")
    try:
        return _DECODER.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise RemoteProtocolError("bad_decision", reason="malformed") from error
