"""What peers say to each other inside TLS: one msgpack map a frame, told apart by its ``type``.

Decoding checks every field's form and bound, once, here; above this floor a message is well-formed. Fields that
are not known are ignored, so a later minor version may add some. Does not know in which order messages may come.
"""

from enum import Enum
from typing import Annotated

import msgspec
from msgspec import Meta

from p2pgame.core.errors import RemoteProtocolError
from p2pgame.wire.bounds import (
    DESYNC_HASHES,
    STATE_MAX,
    STATE_PART,
    Bytes16,
    Bytes32,
    Bytes64,
    Code,
    Count,
    Delay,
    Digest,
    Epoch,
    FrameNumber,
    GameName,
    Hex16,
    Name,
    Params,
    Payload,
    Port,
    Text,
    Version,
)
from p2pgame.wire.decisions import DECISION_MAX, Seat
from p2pgame.wire.runs import Run

__all__ = [
    "Accept",
    "Cancel",
    "Candidate",
    "Close",
    "Decided",
    "Decline",
    "DialMe",
    "Differ",
    "EndSignature",
    "Heartbeat",
    "HeartbeatAck",
    "Hello",
    "Input",
    "Invite",
    "Join",
    "Log",
    "Message",
    "Request",
    "RequestKind",
    "Resume",
    "Reveal",
    "Start",
    "State",
    "StateHash",
    "StreamPacket",
    "VerifyCommit",
    "VerifyNonce",
    "VerifyResult",
    "VerifyReveal",
    "decode_message",
    "encode_message",
]


class Message(msgspec.Struct, frozen=True, kw_only=True, tag_field="type"):
    """Base of all messages."""


class Hello(Message, frozen=True, tag="hello"):
    """First on every link, from both sides: who speaks, and by which rules."""

    protocol: Count
    version: Version
    instance: Hex16
    name: Name
    tcp_port: Port
    games: Annotated[dict[GameName, Digest], Meta(max_length=64)]


class Heartbeat(Message, frozen=True, tag="heartbeat"):
    """Sent when nothing else was; measures the round trip."""

    nonce: Count


class HeartbeatAck(Message, frozen=True, tag="heartbeat_ack"):
    """The answer, at once, with the same nonce."""

    nonce: Count


class Close(Message, frozen=True, tag="close"):
    """Last on a link: why. Each side turns code and parameters into its own words."""

    code: Code
    params: Params = {}


class Candidate(msgspec.Struct, frozen=True, array_like=True):
    """What a member says of itself for the election of the host, frozen before any nonce is known."""

    reachable: bool = True
    """False if somebody already failed to open a connection to it."""
    wired: bool = False
    priority: Annotated[int, Meta(ge=-100, le=100)] = 0


class Invite(Message, frozen=True, tag="invite"):
    """Will you play this with me?"""

    invite: Bytes16
    game: GameName
    digest: Digest
    config: Payload
    """msgpack of the game's configuration."""
    frames: Count
    """The match ends after so many frames; 0: no limit."""
    rematch_of: Hex16 | None
    """The match of which this is the return match, with places swapped."""
    commitment: Bytes32
    candidate: Candidate


class Accept(Message, frozen=True, tag="accept"):
    """Yes."""

    invite: Bytes16
    frames: Count
    commitment: Bytes32
    candidate: Candidate


class Decline(Message, frozen=True, tag="decline"):
    """No: ``declined``, ``busy``, ``too_soon``, ``incompatible``, ``wrong_number_of_players`` or ``stale``."""

    invite: Bytes16
    reason: Code


class Cancel(Message, frozen=True, tag="cancel"):
    """The inviter takes the invitation back (``cancelled``), or it lapsed (``expired``)."""

    invite: Bytes16
    reason: Code


class Reveal(Message, frozen=True, tag="reveal"):
    """Opens the commitment, once all commitments are known."""

    invite: Bytes16
    nonce: Bytes32


class DialMe(Message, frozen=True, tag="dial_me"):
    """From the guest, on the link of the invitation: I cannot reach you, open the session from your side."""

    match: Hex16


class Join(Message, frozen=True, tag="join"):
    """First after hello on the session, from who dialled: this connection carries that match."""

    match: Hex16
    session: Count
    """1 for the first session of the match."""
    token: Bytes16


class Start(Message, frozen=True, tag="start"):
    """I hold the first state; the host says it first."""

    match: Hex16
    hash: Bytes16
    salt: Bytes32 | None = None
    """Real-time: our half of what the datagrams' keys are made of."""
    input_delay: Delay = 0
    """Real-time, from the host: frames from an input to the frame it plays in."""


class StreamPacket(Message, frozen=True, tag="packet"):
    """Real-time: what a datagram would carry, while datagrams do not pass."""

    match: Hex16
    data: Payload


class Input(Message, frozen=True, tag="input"):
    """A player's input of one frame of a turn-based match, msgpack. The host passes those of others on."""

    match: Hex16
    player: Seat
    frame: FrameNumber
    data: Payload


class StateHash(Message, frozen=True, tag="state_hash"):
    """Hash of the sender's state after so many frames."""

    match: Hex16
    frame: FrameNumber
    hash: Bytes16


class RequestKind(Enum):
    """What a member may ask the host to decide."""

    RESIGN = "resign"
    DRAW = "draw"
    DELAY = "delay"


class Request(Message, frozen=True, tag="request"):
    """A member asks the host for a decision. The host passes on to the others what they have to answer."""

    match: Hex16
    player: Seat
    """Who asks."""
    what: RequestKind
    value: Count = 0
    """``delay``: frames. ``draw``: the frame at which it was offered, from which on it lapses."""


class Decided(Message, frozen=True, tag="decided"):
    """From the host: the next entry of the log of decisions (`wire.decisions`), as it is chained and signed."""

    match: Hex16
    entry: Annotated[bytes, Meta(min_length=1, max_length=DECISION_MAX)]


class Resume(Message, frozen=True, kw_only=True, tag="resume"):
    """This connection carries that match from now on. First from who dialled, then from the other side."""

    match: Hex16
    session: Epoch
    """Greater than that of any session before; in the answer: the same."""
    frame: FrameNumber
    """Frames confirmed on the sender's side."""
    hash: Bytes16
    """Of the state after them."""
    fresh: bool
    """The sender's program was started anew: it knows what is confirmed, and nothing else."""
    salt: Bytes32 | None = None
    """Real-time: our half of new keys for the datagrams, which are made if either side is fresh."""
    input_delay: Delay = 0
    """Real-time, in frames: who is fresh takes the other's, a fresh guest the host's."""
    decisions: Count = 0
    """Entries of the log of decisions that the sender has."""


class Log(Message, frozen=True, tag="log"):
    """Confirmed inputs of both players that the other side does not have."""

    match: Hex16
    first: FrameNumber
    runs: Annotated[tuple[Run, ...], Meta(max_length=16_384)]


class State(Message, frozen=True, kw_only=True, tag="state"):
    """A part of a snapshot: of the sender's state after so many frames. The parts come in order, from offset 0."""

    match: Hex16
    frame: FrameNumber
    size: Annotated[int, Meta(ge=1, le=STATE_MAX)]
    """Bytes of the whole."""
    offset: Count
    data: Annotated[bytes, Meta(min_length=1, max_length=STATE_PART)]
    chain: Bytes16
    """The sender's hash chain at that frame."""
    reproduced: bool
    """After a `Differ`: playing this frame again from the one before gave the same state."""


class Differ(Message, frozen=True, kw_only=True, tag="differ"):
    """Our states differ. From both sides: hashes of the newest confirmed frames, so that the first bad one is found."""

    match: Hex16
    first: FrameNumber
    hashes: Annotated[bytes, Meta(max_length=16 * DESYNC_HASHES)]
    """16 bytes for each frame from `first` on."""
    version: Version
    platform: Text
    """For the report: what the sender runs on."""


class EndSignature(Message, frozen=True, kw_only=True, tag="end_signature"):
    """The key of `player` vouches for the end of the match (docs/protocol.md, "Signatures")."""

    match: Hex16
    player: Seat
    frame: FrameNumber
    decisions: Count
    """Entries of the log of decisions that the signature covers."""
    public_key: Bytes32
    signature: Bytes64


class VerifyCommit(Message, frozen=True, tag="verify_commit"):
    """Shall we compare codes? The commitment also names this comparison in what follows."""

    commitment: Bytes32


class VerifyNonce(Message, frozen=True, tag="verify_nonce"):
    """Yes; the answerer's half of the code."""

    commitment: Bytes32
    nonce: Bytes32


class VerifyReveal(Message, frozen=True, tag="verify_reveal"):
    """Opens the commitment; now both know the code."""

    commitment: Bytes32
    nonce: Bytes32


class VerifyResult(Message, frozen=True, tag="verify_result"):
    """What the sender's player says: the codes are equal, or the comparison is over."""

    commitment: Bytes32
    ok: bool


_AnyMessage = (
    Hello
    | Heartbeat
    | HeartbeatAck
    | Close
    | Invite
    | Accept
    | Decline
    | Cancel
    | Reveal
    | DialMe
    | Join
    | Start
    | StreamPacket
    | Input
    | StateHash
    | Request
    | Decided
    | Resume
    | Log
    | State
    | Differ
    | EndSignature
    | VerifyCommit
    | VerifyNonce
    | VerifyReveal
    | VerifyResult
)

_ENCODER = msgspec.msgpack.Encoder()
_DECODER: msgspec.msgpack.Decoder[Message] = msgspec.msgpack.Decoder(_AnyMessage)


def encode_message(message: Message) -> bytes:
    """The payload of a frame."""
    return _ENCODER.encode(message)


def decode_message(payload: bytes) -> Message:
    """The message in a frame's payload. Raises `RemoteProtocolError("bad_message")`."""
    try:
        return _DECODER.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise RemoteProtocolError("bad_message") from error
