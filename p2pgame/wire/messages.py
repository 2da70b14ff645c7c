"""The messages between peers inside TLS: one msgpack map a frame, with a ``type`` tag.

Decoding validates the form and bounds of every field, once; above this layer messages are well-formed. Unknown fields
are ignored, so a later minor version may add some. Does not know the order of messages (`session.message_table`).
"""

from enum import Enum
from typing import Annotated

import msgspec
from msgspec import Meta

from p2pgame.core.errors import RemoteProtocolError
from p2pgame.wire.beacon import ChatMark
from p2pgame.wire.bounds import (
    COUNTDOWN_MAX,
    DESYNC_HASHES,
    EPOCHS_MAX,
    INPUTS_AHEAD,
    LOCAL_MAX,
    MEMBERS_MAX,
    PLAYERS_MAX,
    SERIES_MAX,
    STATE_MAX,
    STATE_PART,
    Bytes16,
    Bytes32,
    Bytes64,
    Code,
    CodeOrNone,
    Count,
    Digest,
    Epoch,
    FrameNumber,
    GameName,
    Hex16,
    Hex16OrNone,
    Name,
    Params,
    Payload,
    PlayerId,
    Port,
    Text,
    Version,
)
from p2pgame.wire.chat import COUNTER_MAX, LINE_MAX, SYNC_MARKS_MAX
from p2pgame.wire.decisions import DECISION_MAX, HostVote, Seat
from p2pgame.wire.rooms import (
    AskKind,
    Commitment,
    Kicked,
    Member,
    Milliseconds,
    Peer,
    PeerOrNobody,
    Player,
    RoomPhase,
    RoundNews,
    SeatIndex,
    Vote,
)
from p2pgame.wire.rooms import Seat as RoomSeat
from p2pgame.wire.runs import Run

__all__ = [
    "Accept",
    "Cancel",
    "Candidate",
    "ChatLine",
    "ChatRefused",
    "ChatSay",
    "ChatSync",
    "Close",
    "Countdown",
    "Decided",
    "Decline",
    "DialMe",
    "Differ",
    "DisputeAnswer",
    "EndSignature",
    "Facts",
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
    "RoomAsk",
    "RoomCommit",
    "RoomJoin",
    "RoomLeave",
    "RoomOffer",
    "RoomRefused",
    "RoomReveal",
    "RoomRound",
    "RoomState",
    "Sealed",
    "Start",
    "State",
    "StateHash",
    "StreamPacket",
    "Tell",
    "VerifyCommit",
    "VerifyNonce",
    "VerifyReady",
    "VerifyResult",
    "VerifyReveal",
    "Watch",
    "decode_message",
    "encode_message",
]


class Message(msgspec.Struct, frozen=True, kw_only=True, tag_field="type"):
    """Base of all messages."""


class Hello(Message, frozen=True, tag="hello"):
    """The first message on every link, from both sides: version, name and games of the sender."""

    protocol: Count
    version: Version
    instance: Hex16
    name: Name
    tcp_port: Port
    games: Annotated[dict[GameName, Digest], Meta(max_length=64)]


class Heartbeat(Message, frozen=True, tag="heartbeat"):
    """Sent on an idle link; measures the round trip."""

    nonce: Count


class HeartbeatAck(Message, frozen=True, tag="heartbeat_ack"):
    """The immediate answer, with the same nonce."""

    nonce: Count


class Close(Message, frozen=True, tag="close"):
    """The last message on a link: the code of its end. Each side composes its own sentence."""

    code: Code
    params: Params = {}


class Candidate(msgspec.Struct, frozen=True, array_like=True):
    """What a member has measured of itself, for the election of the host."""

    reachable: bool = True
    """False if a connection to it failed before."""
    wired: bool = False


class Invite(Message, frozen=True, tag="invite"):
    """Invites the receiver to a match."""

    invite: Bytes16
    game: GameName
    digest: Digest
    config: Payload
    """msgpack of the game's configuration."""
    frames: Count
    """The match ends after so many frames; 0: no limit."""
    rematch_of: Hex16 | None
    """The previous match, if this is a rematch with swapped seats."""
    commitment: Bytes32
    candidate: Candidate


class Accept(Message, frozen=True, tag="accept"):
    """Accepts an invitation."""

    invite: Bytes16
    frames: Count
    commitment: Bytes32
    candidate: Candidate


class Decline(Message, frozen=True, tag="decline"):
    """No: ``declined``, ``busy``, ``too_soon``, ``incompatible``, ``wrong_number_of_players``, ``stale`` or
    ``changed``."""

    invite: Bytes16
    reason: Code


class Cancel(Message, frozen=True, tag="cancel"):
    """The inviter cancels the invitation (``cancelled``), or it expired (``expired``)."""

    invite: Bytes16
    reason: Code


class Reveal(Message, frozen=True, tag="reveal"):
    """Opens the commitment, once all commitments are known."""

    invite: Bytes16
    nonce: Bytes32


class DialMe(Message, frozen=True, tag="dial_me"):
    """From the guest, on the link of the invitation: its dial failed, so the host should dial."""

    match: Hex16


class Join(Message, frozen=True, tag="join"):
    """From the dialler, first after hello: this link is the session of that match."""

    match: Hex16
    session: Count
    """1 for the first session of the match."""
    token: Bytes16


class Start(Message, frozen=True, tag="start"):
    """The sender has the first state. The host sends it first."""

    match: Hex16
    hash: Bytes16
    salt: Bytes32 | None = None
    """Real-time: the sender's part of the key derivation for datagrams."""


class Countdown(Message, frozen=True, tag="countdown"):
    """Real-time, from a guest at the beginning of each session: its player wants to be counted down before frames go on
    after a halt.
    """

    match: Hex16
    milliseconds: Annotated[int, Meta(ge=1, le=COUNTDOWN_MAX)]


class StreamPacket(Message, frozen=True, tag="packet"):
    """Real-time: the payload of a datagram, while UDP does not get through."""

    match: Hex16
    data: Payload


class Input(Message, frozen=True, tag="input"):
    """Input of one player for one frame of a turn-based match, msgpack. The host forwards inputs of guests."""

    match: Hex16
    player: Seat
    frame: FrameNumber
    data: Payload
    """Of a frame in which several players move: the opening of a `Sealed` (`wire.commitment`)."""


class Sealed(Message, frozen=True, tag="sealed"):
    """Commits `player` to its input for a frame in which several players move. The host forwards those of guests."""

    match: Hex16
    player: Seat
    frame: FrameNumber
    commitment: Bytes32


class StateHash(Message, frozen=True, tag="state_hash"):
    """Hash of the sender's state after `frame` frames."""

    match: Hex16
    frame: FrameNumber
    hash: Bytes16


class RequestKind(Enum):
    """What a member requests from the host, or from the other players."""

    RESIGN = "resign"
    DRAW = "draw"
    """The match ends as a draw once all offer it."""
    LEAVE = "leave"
    """Leave the round."""
    TIME = "time"
    """The others get more time on their clocks."""
    TAKEBACK = "takeback"
    """The other players are asked whether the newest move of the player may be taken back."""
    ALLOW_TAKEBACK = "allow_takeback"
    REFUSE_TAKEBACK = "refuse_takeback"
    REFUSE_DRAW = "refuse_draw"
    ADJOURN = "adjourn"
    """The match is put aside once all ask for it."""
    REFUSE_ADJOURN = "refuse_adjourn"

    @property
    def forwarded(self) -> bool:
        """Whether it is for the other players, so that the host passes it on."""
        return self not in (RequestKind.RESIGN, RequestKind.LEAVE, RequestKind.TIME)

    @property
    def about_takebacks(self) -> bool:
        return self in (RequestKind.TAKEBACK, RequestKind.ALLOW_TAKEBACK, RequestKind.REFUSE_TAKEBACK)


class Request(Message, frozen=True, tag="request"):
    """A member requests something from the host, or through it from the other players."""

    match: Hex16
    player: Seat
    """The player who requests it."""
    what: RequestKind
    value: Count = 0
    """``draw``, ``adjourn``: the frame of the offer, from which its expiry counts. Of takebacks: the frame
    that it is about; it is void in any other."""


class Decided(Message, frozen=True, tag="decided"):
    """From the host: the next entry of the decision log (`wire.decisions`), encoded as it is chained and signed."""

    match: Hex16
    entry: Annotated[bytes, Meta(min_length=1, max_length=DECISION_MAX)]


class Resume(Message, frozen=True, kw_only=True, tag="resume"):
    """This link is the new session of that match. First from the dialler, then from the other side."""

    match: Hex16
    session: Epoch
    """Greater than that of any session before; in the answer: the same."""
    frame: FrameNumber
    """Frames confirmed on the sender's side."""
    hash: Bytes16
    """Of the state after them."""
    fresh: bool
    """The sender's program was restarted: it has only confirmed frames and decisions."""
    salt: Bytes32 | None = None
    """Real-time: the sender's part of new datagram keys, which are derived if either side is fresh."""
    epochs: Annotated[tuple[tuple[Epoch, Count], ...], Meta(max_length=EPOCHS_MAX)] = ()
    """The epochs of the sender's decision log, and how many of their entries it has."""
    inputs: Annotated[tuple[Payload, ...], Meta(max_length=INPUTS_AHEAD)] = ()
    """Real-time: inputs of the receiver for the frames from `frame` on, which the sender has already."""
    cut: FrameNumber | None = None
    """From the host to a member that it went on without: the frames of the receiver's that hold."""
    epoch: Epoch | None = None
    """The host is gone. To a candidate: the vote for it in that epoch. From it: it carries the match on in it."""
    vote: HostVote | None = None
    """To a candidate, and to a host that was started anew: our vote, which it shows to the others."""

    @property
    def decisions(self) -> int:
        """Number of decision log entries that the sender has."""
        return sum(entries for _, entries in self.epochs)

    @property
    def newest_epoch(self) -> int:
        """Of the sender's decision log; 1 before its first entry."""
        return self.epochs[-1][0] if self.epochs else 1


class Tell(Message, frozen=True, tag="tell"):
    """From an elected candidate to a member that has more of the match: send me what I lack."""

    match: Hex16
    frame: FrameNumber
    decisions: Count


class Watch(Message, frozen=True, tag="watch"):
    """Asks the host to let the sender watch the match, and to play from now on if a bot gives way."""

    match: Hex16
    seats: Annotated[int, Meta(ge=0, le=PLAYERS_MAX)] = 0
    """So many people want to play at the sender."""


class Facts(Message, frozen=True, kw_only=True, tag="facts"):
    """Answers `Watch`: what the players agreed on. The sender of `Watch` then sends `Resume`."""

    match: Hex16
    game: GameName
    digest: Digest
    config: Payload
    seed: Annotated[int, Meta(ge=0)]
    players: Annotated[tuple[PlayerId, ...], Meta(min_length=1, max_length=PLAYERS_MAX)]
    names: Annotated[tuple[Name, ...], Meta(min_length=1, max_length=PLAYERS_MAX)]
    bots: Annotated[tuple[CodeOrNone, ...], Meta(max_length=PLAYERS_MAX)] = ()
    teams: Annotated[tuple[Seat, ...], Meta(max_length=PLAYERS_MAX)] = ()
    frames: Count = 0
    host: PlayerId
    """The first one."""
    room: Hex16OrNone = ""
    succession: Annotated[tuple[PlayerId, ...], Meta(max_length=PLAYERS_MAX)] = ()
    """In which order the members follow a host that is gone, as they elected; empty: in that of their seats."""


class Log(Message, frozen=True, tag="log"):
    """Confirmed inputs of all players that the other side is missing."""

    match: Hex16
    first: FrameNumber
    runs: Annotated[tuple[Run, ...], Meta(max_length=16_384)]


class State(Message, frozen=True, kw_only=True, tag="state"):
    """A part of a snapshot of the sender's state after `frame` frames. Parts are sent in order, from offset 0."""

    match: Hex16
    frame: FrameNumber
    size: Annotated[int, Meta(ge=1, le=STATE_MAX)]
    """Bytes of the whole."""
    offset: Count
    data: Annotated[bytes, Meta(min_length=1, max_length=STATE_PART)]
    chain: Bytes16
    """The sender's hash chain at that frame."""
    reproduced: bool
    """After a `Differ`: this is the state that the rules give the sender for this frame."""


class Differ(Message, frozen=True, kw_only=True, tag="differ"):
    """States differ. From both sides: hashes of the newest confirmed frames, to find the first differing one."""

    match: Hex16
    first: FrameNumber
    hashes: Annotated[bytes, Meta(max_length=16 * DESYNC_HASHES)]
    """16 bytes for each frame from `first` on."""
    version: Version
    platform: Text
    """Platform of the sender, for the report."""


class DisputeAnswer(Message, frozen=True, kw_only=True, tag="dispute_answer"):
    """Both sides computed their own state of `frame`. Whether the sender's player plays on from that of the host."""

    match: Hex16
    frame: FrameNumber
    go_on: bool


class EndSignature(Message, frozen=True, kw_only=True, tag="end_signature"):
    """Signature of `player` for the end of the match (docs/protocol.md, "Signatures")."""

    match: Hex16
    player: Seat
    frame: FrameNumber
    decisions: Count
    """Number of decision log entries that the signature covers."""
    public_key: Bytes32
    signature: Bytes64


class VerifyCommit(Message, frozen=True, tag="verify_commit"):
    """Requests a comparison of codes. The commitment also identifies the comparison in later messages."""

    commitment: Bytes32


class VerifyNonce(Message, frozen=True, tag="verify_nonce"):
    """Accepts the comparison, with the nonce of the asked side."""

    commitment: Bytes32
    nonce: Bytes32


class VerifyReveal(Message, frozen=True, tag="verify_reveal"):
    """Reveals the committed nonce; now both sides can compute the code."""

    commitment: Bytes32
    nonce: Bytes32


class VerifyReady(Message, frozen=True, tag="verify_ready"):
    """The asked side has the code, too: now both show it."""

    commitment: Bytes32


class VerifyResult(Message, frozen=True, tag="verify_result"):
    """The codes are equal for the sender's player, or the comparison was rejected."""

    commitment: Bytes32
    ok: bool


class RoomJoin(Message, frozen=True, kw_only=True, tag="room_join"):
    """To the leader of a room: let the sender in, or in again."""

    room: Hex16
    local: Annotated[int, Meta(ge=0, le=LOCAL_MAX)]
    """People who play on the sender's machine; 0: it watches."""
    term: Count = 0
    """Of the newest state that the sender has; 0: none."""
    number: Count = 0


class RoomState(Message, frozen=True, kw_only=True, tag="room_state"):
    """From the leader to every member, at each change: the whole room. A member keeps the greatest (term, number)."""

    room: Hex16
    term: Epoch
    """Grows by one with each change of the leader."""
    number: Count
    """Grows with each state."""
    leader: Peer
    """Another than the sender: it hands the room over."""
    game: GameName
    digest: Digest
    config: Payload
    frames: Count
    """Limit of each round; 0: none."""
    members: Annotated[tuple[Member, ...], Meta(min_length=1, max_length=MEMBERS_MAX)]
    seats: Annotated[tuple[RoomSeat, ...], Meta(min_length=1, max_length=PLAYERS_MAX)]
    locked: bool = False
    phase: RoomPhase = "open"
    left: Milliseconds = 0
    """Until the countdown, or the table, ends; 0: no such time."""
    held: bool = False
    round: Count = 0
    """Rounds begun."""
    rounds: Count = 0
    """After so many the room is open again, and everybody is asked; 0: no limit."""
    first_to: Annotated[int, Meta(ge=0, le=SERIES_MAX)] = 0
    """Who has won so many rounds wins the series, and the next round begins another one; 0: there is no end."""
    wins: Annotated[tuple[Count, ...], Meta(max_length=PLAYERS_MAX)] = ()
    """By seat, in this series."""
    last: Annotated[tuple[SeatIndex, ...], Meta(max_length=PLAYERS_MAX)] = ()
    """Seats that won the newest round."""
    lineup: Annotated[tuple[Player, ...], Meta(max_length=PLAYERS_MAX)] = ()
    """Who plays the round that is gathered or played, by player index."""
    epoch: Count = 0
    """Of its host: the first in the succession, the second ...; 0: nothing is gathered."""
    match: Hex16OrNone = ""
    host: PeerOrNobody = ""
    vote: Vote | None = None
    passed: bool = False
    """Whether the newest vote passed."""
    kicked: Annotated[tuple[Kicked, ...], Meta(max_length=MEMBERS_MAX)] = ()


class RoomAsk(Message, frozen=True, tag="room_ask"):
    """A member asks the leader for a change that is its to ask."""

    room: Hex16
    what: AskKind
    value: Annotated[int, Meta(ge=0, le=LOCAL_MAX)] = 0
    """Of ``local``: people; of ``ready``, ``hold`` and ``ballot``: 0 or 1."""
    argument: Annotated[str, Meta(max_length=26)] = ""
    """Of a vote: the name of a game, or a peer id."""


class RoomRefused(Message, frozen=True, tag="room_refused"):
    """The leader does not do what the receiver asked for."""

    room: Hex16
    reason: Code


class RoomLeave(Message, frozen=True, tag="room_leave"):
    """The sender leaves the room, or does not let the receiver in: ``left``, ``closed``, ``kicked``, ``full``,
    ``locked``, ``no_watchers``, ``no_such_room``, ``not_a_member``, ``already_there``, ``declined``, ``moved``."""

    room: Hex16
    reason: Code
    leader: PeerOrNobody = ""
    """``moved``: who leads it, for all the sender knows."""


class RoomOffer(Message, frozen=True, tag="room_offer"):
    """A member invites the receiver into its room."""

    room: Hex16
    leader: Peer
    game: GameName
    digest: Digest


class RoomCommit(Message, frozen=True, tag="room_commit"):
    """Gathering: from a party to the leader, its commitment; from the leader, those of all parties."""

    room: Hex16
    plan: Bytes32
    """Digest of what is to be played (`wire.rooms.plan_digest`)."""
    commitments: Annotated[tuple[Commitment, ...], Meta(min_length=1, max_length=PLAYERS_MAX)]


class RoomReveal(Message, frozen=True, tag="room_reveal"):
    """Gathering: from a party that has all commitments, its nonce; from the leader, the nonces of all parties."""

    room: Hex16
    plan: Bytes32
    nonces: Annotated[tuple[Bytes32, ...], Meta(min_length=1, max_length=PLAYERS_MAX)]


class RoomRound(Message, frozen=True, kw_only=True, tag="room_round"):
    """A party tells the leader of the round: it began, it cannot reach the host of that epoch, it ended."""

    room: Hex16
    plan: Bytes32
    news: RoundNews
    epoch: Count = 0
    match: Hex16OrNone = ""
    host: PeerOrNobody = ""
    """``begun``: who carries it."""
    winners: Annotated[tuple[SeatIndex, ...], Meta(max_length=PLAYERS_MAX)] = ()
    """``ended``: player indices."""


SignedLine = Annotated[bytes, Meta(max_length=LINE_MAX)]
LineCounter = Annotated[int, Meta(ge=1, le=COUNTER_MAX)]


class ChatSay(Message, frozen=True, tag="chat_say"):
    """A member says a line in a room or match, or passes on one that the leader lacks: to the leader."""

    where: Hex16
    """Id of the room; of a match by invitation, its own."""
    line: SignedLine
    """`wire.chat.Line` and signature."""


class ChatLine(Message, frozen=True, tag="chat_line"):
    """The leader passes on a line."""

    where: Hex16
    number: LineCounter
    """In the leader's order: 1, 2, 3 ..."""
    line: SignedLine


class ChatSync(Message, frozen=True, tag="chat_sync"):
    """What the sender has: of each author and program the newest line. The leader answers with its own."""

    where: Hex16
    marks: Annotated[tuple[ChatMark, ...], Meta(max_length=SYNC_MARKS_MAX)]
    answer: bool = False


class ChatRefused(Message, frozen=True, tag="chat_refused"):
    """The leader does not pass on a line of the receiver: ``chat_silenced``."""

    where: Hex16
    counter: LineCounter
    reason: Code


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
    | Countdown
    | StreamPacket
    | Input
    | Sealed
    | StateHash
    | Request
    | Decided
    | Resume
    | Tell
    | Watch
    | Facts
    | Log
    | State
    | Differ
    | DisputeAnswer
    | EndSignature
    | VerifyCommit
    | VerifyNonce
    | VerifyReveal
    | VerifyReady
    | VerifyResult
    | RoomJoin
    | RoomState
    | RoomAsk
    | RoomRefused
    | RoomLeave
    | RoomOffer
    | RoomCommit
    | RoomReveal
    | RoomRound
    | ChatSay
    | ChatLine
    | ChatSync
    | ChatRefused
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
