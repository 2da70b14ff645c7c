"""User commands: one frozen struct each. The window, the command line and bots send them to the node.

To add one: write its struct here, register its handler (`Lobby`, `Matches` or `Node`), and send it from the window or
the command line.
"""

from typing import Any

import msgspec

__all__ = [
    "Abandon",
    "Accept",
    "AddSeed",
    "AnswerDispute",
    "BreakOff",
    "CancelInvite",
    "CheckReach",
    "Claim",
    "Command",
    "ConfirmCode",
    "Decline",
    "Forget",
    "Invite",
    "Leave",
    "NewIdentity",
    "OfferDraw",
    "RejectCode",
    "Rematch",
    "Rename",
    "Resign",
    "Resume",
    "SetBlocked",
    "SetImpairment",
    "SetInputDelay",
    "SetMuted",
    "SetName",
    "Submit",
    "Verify",
]


class Command(msgspec.Struct, frozen=True):
    """Base of all commands. A command that fails is answered by an `ErrorEvent`; it never raises."""


class SetName(Command, frozen=True):
    """Change our own name."""

    name: str


class NewIdentity(Command, frozen=True):
    """Put our identity aside and start again under a new one. Not in a match."""


class AddSeed(Command, frozen=True):
    """Look for a peer at ``HOST[:PORT]``."""

    address: str


class CheckReach(Command, frozen=True):
    """Find out whether a listed peer can be reached, before anybody invites it."""

    peer: str


class Invite(Command, frozen=True, kw_only=True):
    """Invite a listed peer. `config` None: the game's defaults. `anyway`: even a suspected impostor."""

    peer: str
    game: str
    config: Any = None
    anyway: bool = False


class CancelInvite(Command, frozen=True):
    """Cancel our invitation."""


class Accept(Command, frozen=True):
    """Accept a received invitation."""

    invite: str


class Decline(Command, frozen=True):
    """Decline a received invitation."""

    invite: str


class Rematch(Command, frozen=True):
    """Invite the opponent of the newest match again, with seats swapped."""


class Leave(Command, frozen=True):
    """Return to the lobby; resigns a running match."""


class Submit(Command, frozen=True):
    """Give our input: for the current frame; in real time, from now on."""

    move: Any


class Resign(Command, frozen=True):
    """Resign the match."""


class OfferDraw(Command, frozen=True):
    """Offer a draw. The match ends as a draw when all players have offered one."""


class Claim(Command, frozen=True):
    """Claim the win of a paused match because the other side did not return."""


class AnswerDispute(Command, frozen=True):
    """Both sides computed their own state (`MatchDisputed`). `go_on`: play on from that of the host, if all agree."""

    go_on: bool


class BreakOff(Command, frozen=True):
    """End the match of `game`, because its view or bot failed here. The facts are those of a `GameError`."""

    game: str
    error: str
    place: str


class SetInputDelay(Command, frozen=True):
    """Real time: play our inputs so many frames after they are given."""

    frames: int


class SetImpairment(Command, frozen=True):
    """Real time: delay and drop our outgoing datagrams. One-way times; `loss` is 0 to 1."""

    latency_ms: int
    jitter_ms: int
    loss: float


class Resume(Command, frozen=True):
    """Resume an interrupted match (`MatchResumable`)."""

    match: str


class Abandon(Command, frozen=True):
    """Abandon an interrupted match."""

    match: str


class Verify(Command, frozen=True):
    """Request a comparison of codes, or accept the request of the peer."""

    peer: str


class ConfirmCode(Command, frozen=True):
    """Confirm that the codes are equal."""

    peer: str


class RejectCode(Command, frozen=True):
    """Reject the code, or the request to compare codes."""

    peer: str


class SetBlocked(Command, frozen=True):
    """Block or unblock a peer. A blocked peer gets no link; everything with it ends."""

    peer: str
    blocked: bool


class SetMuted(Command, frozen=True):
    """Mute or unmute a peer. The player does not see requests of a muted peer."""

    peer: str
    muted: bool


class Rename(Command, frozen=True):
    """Give a known peer a local name; empty: its own name."""

    peer: str
    name: str


class Forget(Command, frozen=True):
    """Delete a known peer."""

    peer: str
