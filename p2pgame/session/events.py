"""Events that a node reports to its user: the command line, the app and tests.

One frozen struct each, with codes and parameters; `cli` and `ui` compose the sentences. Names and fields are a stable
contract: add to them, never rename.
"""

from typing import Final

import msgspec

from p2pgame.core.errors import Param
from p2pgame.core.game import Outcome

__all__ = [
    "LOBBY",
    "AdjournAsked",
    "AdjournRefused",
    "Announcing",
    "Chat",
    "DrawOffered",
    "DrawRefused",
    "ErrorEvent",
    "Event",
    "Hash",
    "HostChanged",
    "HostElected",
    "IdentityCopied",
    "InviteAccepted",
    "InviteCancelled",
    "InviteDeclined",
    "InviteExpired",
    "InviteReceived",
    "InviteSent",
    "LeaderChanged",
    "MatchAdjourned",
    "MatchDesync",
    "MatchDisputed",
    "MatchEnded",
    "MatchPaused",
    "MatchResumable",
    "MatchResumeAsked",
    "MatchResumed",
    "MatchStarted",
    "MemberJoined",
    "MemberLeft",
    "Move",
    "PeerFound",
    "PeerLost",
    "PeerUpdated",
    "RoomFound",
    "RoomJoined",
    "RoomLeft",
    "RoomLost",
    "RoomOffered",
    "RoomUpdated",
    "RoundStarting",
    "SeatChanged",
    "Spectating",
    "TakebackAsked",
    "TakebackRefused",
    "TakenBack",
    "VerifyCode",
    "VerifyEnded",
    "VerifyRequested",
    "VoteEnded",
    "VoteStarted",
]


LOBBY: Final = "lobby"
"""`Chat.where` of the lobby."""


class Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="event"):
    """Base of all events."""


class Announcing(Event, frozen=True, tag="announcing"):
    """Discovery has started: the sockets are open and the first beacons are sent."""

    peer: str
    name: str
    instance: str
    tcp_port: int
    udp_port: int
    discovery_port: int
    interfaces: tuple[str, ...]


class _PeerEvent(Event, frozen=True):
    peer: str
    name: str
    tag: str
    instance: str
    address: str
    tcp_port: int
    udp_port: int
    via: tuple[str, ...]
    status: str
    games: tuple[str, ...]
    compatible: bool
    reason: str
    """Code of the incompatibility; empty if compatible."""
    reason_params: dict[str, Param] = {}
    """Parameters of `reason`."""
    unreachable: str = ""
    """Code of why it is heard and not reached; empty if it is, or nobody has tried."""
    unreachable_params: dict[str, Param] = {}
    """Parameters of `unreachable`."""


class PeerFound(_PeerEvent, frozen=True, tag="peer_found"):
    """A peer was heard for the first time."""


class PeerUpdated(_PeerEvent, frozen=True, tag="peer_updated"):
    """A listed peer changed its name, address, status, games, discovery method, or whether it is reached."""


class PeerLost(Event, frozen=True, tag="peer_lost"):
    """A peer said goodbye or fell silent."""

    peer: str
    name: str
    instance: str
    reason: str
    """``goodbye`` or ``expired``."""


class _InviteEvent(Event, frozen=True):
    invite: str
    """Id of the invitation, hex."""
    peer: str
    name: str
    game: str


class InviteSent(_InviteEvent, frozen=True, tag="invite_sent"):
    """We are sending an invitation."""

    expires: float
    """Seconds until it expires."""


class InviteReceived(_InviteEvent, frozen=True, tag="invite_received"):
    """A peer invites us."""

    expires: float
    config: dict[str, object]
    rematch: bool


class InviteAccepted(_InviteEvent, frozen=True, tag="invite_accepted"):
    """An invitation, ours or theirs, was accepted (crossed invitations accept each other)."""


class InviteDeclined(_InviteEvent, frozen=True, tag="invite_declined"):
    """An invitation, ours or theirs, was declined."""

    reason: str
    """``declined``, ``busy``, ``too_soon``, ``stale``, ``incompatible``, ``wrong_number_of_players``,
    ``changed``, ``unreachable``.
    """
    params: dict[str, Param] = {}
    """Parameters of the reason. ``unreachable`` has ``code``: ``no_answer``, or how the link ended. With ``no_answer``
    comes the ``cause``, as far as it was seen: a code as `PeerUpdated.unreachable`, and its parameters."""


class InviteExpired(_InviteEvent, frozen=True, tag="invite_expired"):
    """The invitation was not answered in time."""


class InviteCancelled(_InviteEvent, frozen=True, tag="invite_cancelled"):
    """The inviter cancelled the invitation, or its link closed."""

    reason: str
    """``cancelled``, ``vanished``, ``superseded``."""


class IdentityCopied(Event, frozen=True, tag="identity_copied"):
    """Another computer has proven that it has our identity, as after copying a disk. Once for each of its programs."""

    peer: str
    """Our peer id."""
    address: str


class HostElected(Event, frozen=True, tag="host_elected"):
    """The members have elected the host."""

    match: str
    host: str
    players: tuple[str, ...]
    """Peer ids by player index."""
    epoch: int


class MatchStarted(Event, frozen=True, tag="match_started"):
    """The session is open and all members have the same first state."""

    match: str
    game: str
    host: str
    players: tuple[str, ...]
    names: tuple[str, ...]
    me: int
    """Our first player index; -1: we watch."""
    tick_rate: int
    input_delay: int
    seats: tuple[int, ...] = ()
    """All our player indices."""
    room: str = ""
    """Id of the room; empty for a match by invitation."""


class Hash(Event, frozen=True, tag="hash"):
    """A confirmed state hash that is equal on all sides."""

    match: str
    frame: int
    hash: str


class DrawOffered(Event, frozen=True, tag="draw_offered"):
    """A player offered a draw. The match ends as a draw when all players have offered one (`OfferDraw`)."""

    match: str
    player: int


class DrawRefused(Event, frozen=True, tag="draw_refused"):
    """A player refused the draw that ours offered."""

    match: str
    player: int


class AdjournAsked(Event, frozen=True, tag="adjourn_asked"):
    """A player wants to put the match aside. It is adjourned when all players do (`Adjourn`)."""

    match: str
    player: int


class AdjournRefused(Event, frozen=True, tag="adjourn_refused"):
    """A player refused to put the match aside, as ours had asked."""

    match: str
    player: int


class TakebackAsked(Event, frozen=True, tag="takeback_asked"):
    """A player wants to take its newest move back, and asks all others (`AnswerTakeback`)."""

    match: str
    player: int


class TakebackRefused(Event, frozen=True, tag="takeback_refused"):
    """Another player refused the takeback that `player`, ours, asked for."""

    match: str
    player: int


class TakenBack(Event, frozen=True, tag="taken_back"):
    """Moves were taken back, as `player` asked. The takeback is a frame of its own."""

    match: str
    frame: int
    """Frames passed with this one."""
    player: int
    to: int
    """The match goes on from the state after so many frames."""


class Move(Event, frozen=True, tag="move"):
    """This input advanced a turn-based match by one frame."""

    match: str
    frame: int
    """Frames passed with this one."""
    player: int
    move: str
    """In the game's notation."""


class MatchDesync(Event, frozen=True, tag="desync"):
    """The states of one confirmed frame differ: the first such frame."""

    match: str
    frame: int
    ours: str
    theirs: str
    path: str | None
    """The first differing field, e.g. ``balls[0].vx``; None if unknown."""
    differences: tuple[str, ...] = ()
    """The first few, with both values: ``balls[0].vx: 512 ≠ 513``, ours first."""
    mended: bool = False
    """True if the match continues with the state in `taken`. False: the match ends."""
    taken: str = ""
    """Whose state is used from now on: ``ours``, ``theirs``."""


class MatchDisputed(Event, frozen=True, tag="match_disputed"):
    """Both sides computed their own state of `frame` anew: the game is not deterministic, or somebody's program is
    modified. The match goes on from the host's state if all players agree (`AnswerDispute`), else it ends.
    """

    match: str
    frame: int
    path: str | None


class MatchPaused(Event, frozen=True, tag="match_paused"):
    """The match is paused. `reason`: ``connection`` (the other side is unreachable), ``closed`` (it closed its program,
    and may come back), ``restarted`` (our program was restarted and the other side has not returned yet), ``desync``
    (the states differ and are being repaired), ``adjourned`` (our player goes on with an adjourned match; the other
    one was asked).
    """

    match: str
    reason: str


class MatchResumed(Event, frozen=True, tag="match_resumed"):
    """The match continues. `reason`: the reason of the pause."""

    match: str
    reason: str


class MatchAdjourned(Event, frozen=True, tag="match_adjourned"):
    """The match is put aside, and waits until both go on with it (`MatchResumable`, `Resume`).

    `reason`: ``agreed``; or why it does not go on: ``declined``, ``busy``, ``not_now`` (our player), or
    the code of an error.
    """

    match: str
    reason: str


class MatchResumeAsked(Event, frozen=True, tag="match_resume_asked"):
    """The other side of an adjourned match wants to go on with it. Answer with `Resume` or `NotNow`."""

    match: str
    game: str
    peer: str
    name: str


class MatchResumable(Event, frozen=True, tag="match_resumable"):
    """An interrupted match was found on disk, or one was adjourned: send `Resume` or `Abandon`."""

    match: str
    game: str
    peer: str
    name: str
    frames: int
    started: float
    """Unix time."""
    room: str = ""
    """Empty for a match by invitation."""
    players: tuple[str, ...] = ()
    """Owners of the seats at the beginning ..."""
    names: tuple[str, ...] = ()
    """... and what they called themselves; of a bot empty."""
    adjourned: bool = False
    """The players agreed to put it aside: nobody can claim it, and it goes on when both say so."""


class Stats(msgspec.Struct, frozen=True, kw_only=True):
    """Statistics of one match at this peer. Times in milliseconds; bytes count the payload of match traffic."""

    rtt_ms: float = 0.0
    rollbacks: int = 0
    max_rollback: int = 0
    p99_rollback: int = 0
    stalls: int = 0
    late_ms: float = 0.0
    """Real time: by how much the inputs of the others came too late to be played at once, on average ..."""
    late_there_ms: float = 0.0
    """... and ours at the others."""
    sent_packets: int = 0
    sent_bytes: int = 0
    received_packets: int = 0
    received_bytes: int = 0
    cpu_ms_per_frame: float = 0.0
    advance_ms_per_frame: float = 0.0
    p99_late_ms: float = 0.0
    """Real time: delay of frames behind their schedule, 99th percentile."""
    max_late_ms: float = 0.0
    """Maximum of the same delay."""


class MatchEnded(Event, frozen=True, tag="match_ended"):
    """The match is over."""

    match: str
    outcome: Outcome
    frames: int
    hash: str
    """Of the last confirmed state."""
    stats: Stats


class _RoomEvent(Event, frozen=True):
    room: str
    """Id of the room, 16 hex digits."""


class RoomFound(_RoomEvent, frozen=True, tag="room_found"):
    """A room was heard of for the first time."""

    name: str
    """Of its leader."""
    game: str
    leader: str
    """Peer id."""
    seats: int
    taken: int
    """Seats that people have."""
    running: bool
    locked: bool


class RoomUpdated(RoomFound, frozen=True, tag="room_updated"):
    """A listed room looks different."""


class RoomLost(_RoomEvent, frozen=True, tag="room_lost"):
    """A listed room is gone."""

    name: str


class RoomOffered(_RoomEvent, frozen=True, tag="room_offered"):
    """A member of a room invites us into it. Answer with `JoinRoom` or `DeclineRoom`."""

    peer: str
    name: str
    game: str


class RoomJoined(_RoomEvent, frozen=True, tag="room_joined"):
    """We are in a room, our own or another's."""

    leader: str
    game: str


class RoomLeft(_RoomEvent, frozen=True, tag="room_left"):
    """We are no longer in the room."""

    reason: str
    """``left``, ``kicked``, ``closed``, ``full``, ``locked``, ``incompatible``, ``unreachable``, ``no_such_room``,
    ``no_watchers``, ``refused``."""


class MemberJoined(_RoomEvent, frozen=True, tag="member_joined"):
    """Another member came into our room."""

    peer: str
    name: str


class MemberLeft(_RoomEvent, frozen=True, tag="member_left"):
    """Another member left our room."""

    peer: str
    name: str
    reason: str
    """``left``, ``kicked``, ``lost``."""


class SeatChanged(_RoomEvent, frozen=True, tag="seat_changed"):
    """Who plays on a seat changed, in the room or, by a decision, in the round that is played."""

    seat: int
    kind: str
    """``person``, ``bot``, ``open``, ``closed``, ``kept``."""
    peer: str
    """Who plays there, or whose program runs the bot; empty if nobody."""
    name: str = ""
    team: int = 0


class LeaderChanged(_RoomEvent, frozen=True, tag="leader_changed"):
    """Our room has another leader."""

    peer: str
    name: str


class RoundStarting(_RoomEvent, frozen=True, tag="round_starting"):
    """A round starts soon; `seconds` 0: it does not, somebody is not ready any more."""

    seconds: float


class VoteStarted(_RoomEvent, frozen=True, tag="vote_started"):
    """A vote runs: answer with `CastVote`."""

    peer: str
    name: str
    kind: str
    argument: str
    seconds: float


class VoteEnded(_RoomEvent, frozen=True, tag="vote_ended"):
    """The vote is over."""

    kind: str
    argument: str
    passed: bool


class HostChanged(Event, frozen=True, tag="host_changed"):
    """Another member carries the match now."""

    match: str
    host: str
    name: str
    epoch: int


class Spectating(Event, frozen=True, tag="spectating"):
    """We watch a match, from this frame on."""

    match: str
    frame: int


class VerifyRequested(Event, frozen=True, tag="verify_requested"):
    """A peer requests a comparison of codes. Answer with `Verify`, or let it expire."""

    peer: str
    name: str


class VerifyCode(Event, frozen=True, tag="verify_code"):
    """The code to compare. It is equal on both screens unless there is a man in the middle."""

    peer: str
    name: str
    code: str
    """Six decimal digits."""
    pictures: tuple[int, ...]
    """Four numbers from 0 to 63: pictures derived from the same hash as the digits."""


class VerifyEnded(Event, frozen=True, tag="verify_ended"):
    """The comparison is over. `verified`: both sides confirmed, and the peer is pinned."""

    peer: str
    name: str
    verified: bool
    reason: str
    """``confirmed``, ``rejected``, ``expired``, ``vanished``, ``cheated``, ``broken_off`` (the other side went
    away when it could know the code)."""


class Chat(Event, frozen=True, tag="chat"):
    """Somebody said something, or we did. Not of whom we muted."""

    peer: str
    """The author."""
    name: str
    text: str
    """Safe to draw; of a phrase or an emote its code, which `i18n.chat` turns into words."""
    where: str
    """``lobby``, or the id of a room or of a match."""
    kind: str = "text"
    """``text``, ``phrase``, ``emote``."""


class ErrorEvent(Event, frozen=True, tag="error"):
    """An error that the user should know.

    A failed command has the code ``not_now`` or ``illegal_move``; ``params["reason"]`` is the code of the error, or the
    game's own sentence. The same holds for ``not_saved``, ``not_recorded``, ``not_deleted`` and ``data_file``: one of
    our files could not be used, and what was done about it.
    """

    code: str
    params: dict[str, Param] = {}
