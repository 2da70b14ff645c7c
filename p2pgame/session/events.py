"""What a node tells its user: the stable events of the command line, the app and tests.

A frozen struct each; `msgspec.json` of one is the JSON event (the clock that stamps ``t`` is upstairs).
Names and fields are a contract: add to them, never rename.
"""

import msgspec

from p2pgame.core.errors import Param
from p2pgame.core.game import Outcome

__all__ = [
    "Announcing",
    "ErrorEvent",
    "Event",
    "Hash",
    "HostElected",
    "InviteAccepted",
    "InviteCancelled",
    "InviteDeclined",
    "InviteExpired",
    "InviteReceived",
    "InviteSent",
    "MatchDesync",
    "MatchEnded",
    "MatchPaused",
    "MatchResumable",
    "MatchResumed",
    "MatchStarted",
    "Move",
    "PeerFound",
    "PeerLost",
    "PeerUpdated",
    "Stats",
    "VerifyCode",
    "VerifyEnded",
    "VerifyRequested",
]


class Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="event"):
    """Base of all events."""


class Announcing(Event, frozen=True, tag="announcing"):
    """Discovery has begun: the sockets are open and the first beacons are out."""

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
    """Why not compatible, in plain words; empty if compatible."""


class PeerFound(_PeerEvent, frozen=True, tag="peer_found"):
    """A peer heard for the first time."""


class PeerUpdated(_PeerEvent, frozen=True, tag="peer_updated"):
    """A known peer changed its name, address, status, games, or was heard in another way."""


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
    """Our invitation is on its way."""

    expires: float
    """Seconds until it lapses."""


class InviteReceived(_InviteEvent, frozen=True, tag="invite_received"):
    """Somebody invites us."""

    expires: float
    config: dict[str, object]
    rematch: bool


class InviteAccepted(_InviteEvent, frozen=True, tag="invite_accepted"):
    """An invitation, ours or theirs, was accepted (crossed invitations accept each other)."""


class InviteDeclined(_InviteEvent, frozen=True, tag="invite_declined"):
    """An invitation, ours or theirs, was declined."""

    reason: str
    """``declined``, ``busy``, ``incompatible``, ``unreachable``."""
    message: str


class InviteExpired(_InviteEvent, frozen=True, tag="invite_expired"):
    """Nobody answered in time."""


class InviteCancelled(_InviteEvent, frozen=True, tag="invite_cancelled"):
    """The inviter took it back, or vanished."""

    reason: str
    """``cancelled``, ``vanished``, ``superseded``."""


class HostElected(Event, frozen=True, tag="host_elected"):
    """All members agree who opens the session."""

    match: str
    host: str
    players: tuple[str, ...]
    """Peer ids by player index."""
    epoch: int


class MatchStarted(Event, frozen=True, tag="match_started"):
    """The session stands and both sides hold the same first state."""

    match: str
    game: str
    host: str
    players: tuple[str, ...]
    names: tuple[str, ...]
    me: int
    tick_rate: int
    input_delay: int


class Hash(Event, frozen=True, tag="hash"):
    """A confirmed state hash that was compared with the other side's and is equal."""

    match: str
    frame: int
    hash: str


class Move(Event, frozen=True, tag="move"):
    """A frame of a turn-based match passed by this input; the new state is there to be drawn."""

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
    """The first differing field, ``balls[0].vx``; None if it could not be found out."""
    differences: tuple[str, ...] = ()
    """The first few, with both values: ``balls[0].vx: 512 ≠ 513``, ours first."""
    mended: bool = False
    """True if the match goes on; `taken` says how. False: this ends it."""
    taken: str = ""
    """Whose state holds: ``ours``, ``theirs``."""


class MatchPaused(Event, frozen=True, tag="match_paused"):
    """The match cannot go on for now. `reason`: ``connection`` (the other side is not heard), ``restarted`` (our own
    program was; the other side is not here yet), ``desync`` (the states differ and are being mended).
    """

    match: str
    reason: str


class MatchResumed(Event, frozen=True, tag="match_resumed"):
    """It goes on. `reason`: as it was paused."""

    match: str
    reason: str


class MatchResumable(Event, frozen=True, tag="match_resumable"):
    """A match that was interrupted with our program is on disk: `resume` it or `abandon` it."""

    match: str
    game: str
    peer: str
    name: str
    frames: int
    started: float
    """Unix time."""


class Stats(msgspec.Struct, frozen=True, kw_only=True):
    """Figures of one match, of this peer. Times in milliseconds; bytes are payload of the match's traffic."""

    rtt_ms: float = 0.0
    rollbacks: int = 0
    max_rollback: int = 0
    p99_rollback: int = 0
    stalls: int = 0
    sent_packets: int = 0
    sent_bytes: int = 0
    received_packets: int = 0
    received_bytes: int = 0
    cpu_ms_per_frame: float = 0.0
    advance_ms_per_frame: float = 0.0
    p99_late_ms: float = 0.0
    """How long after its time a frame of a real-time match was simulated, for 99 of 100 of them ..."""
    max_late_ms: float = 0.0
    """... and for all."""


class MatchEnded(Event, frozen=True, tag="match_ended"):
    """The match is over, for whatever reason."""

    match: str
    outcome: Outcome
    frames: int
    hash: str
    """Of the last confirmed state."""
    stats: Stats


class VerifyRequested(Event, frozen=True, tag="verify_requested"):
    """Somebody wants to compare codes with us; answered by `verify` or left to lapse."""

    peer: str
    name: str


class VerifyCode(Event, frozen=True, tag="verify_code"):
    """The code to compare, the same on both screens unless somebody stands between."""

    peer: str
    name: str
    code: str
    """Six decimal digits."""
    pictures: tuple[int, ...]
    """Four numbers from 0 to 63: pictures that say the same as the digits, and more."""


class VerifyEnded(Event, frozen=True, tag="verify_ended"):
    """The comparison is over. `verified`: both sides confirmed, and the peer is pinned."""

    peer: str
    name: str
    verified: bool
    reason: str
    """``confirmed``, ``rejected``, ``expired``, ``vanished``, ``cheated``."""


class ErrorEvent(Event, frozen=True, tag="error"):
    """Something went wrong that the user should know; `code` is stable, `message` is for people."""

    code: str
    params: dict[str, Param] = {}
    message: str = ""
