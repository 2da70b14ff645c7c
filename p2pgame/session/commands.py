"""What a user may do: one frozen struct each. The window, the command line and bots send them to the node as data.

To add one: write its struct here, register its handler (`Lobby`, `Room` or `Node`), and send it from the window or
the command line.
"""

from typing import Any

import msgspec

__all__ = [
    "Abandon",
    "Accept",
    "AddSeed",
    "CancelInvite",
    "Claim",
    "Command",
    "ConfirmCode",
    "Decline",
    "Forget",
    "Invite",
    "Leave",
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
    """Base of all commands. What cannot be done is answered by an `ErrorEvent`, never raised."""


class SetName(Command, frozen=True):
    """Show ourselves under another name."""

    name: str


class AddSeed(Command, frozen=True):
    """Look for a peer at ``HOST[:PORT]``."""

    address: str


class Invite(Command, frozen=True, kw_only=True):
    """Invite a listed peer. `config` None: the game's defaults. `anyway`: even if it looks like an impostor."""

    peer: str
    game: str
    config: Any = None
    anyway: bool = False


class CancelInvite(Command, frozen=True):
    """Take our invitation back."""


class Accept(Command, frozen=True):
    """Accept an invitation that we received."""

    invite: str


class Decline(Command, frozen=True):
    """Decline it."""

    invite: str


class Rematch(Command, frozen=True):
    """Invite the opponent of the newest match again, with places swapped."""


class Leave(Command, frozen=True):
    """Go back to the lobby; resigns if the match is on."""


class Submit(Command, frozen=True):
    """Our input: of the current frame; in real time, from now on."""

    move: Any


class Resign(Command, frozen=True):
    """Give the match up."""


class OfferDraw(Command, frozen=True):
    """Offer a draw; where everybody did, the match ends as one."""


class Claim(Command, frozen=True):
    """Win the paused match because the other side did not come back."""


class SetInputDelay(Command, frozen=True):
    """Real time: ask for this input delay, in frames."""

    frames: int


class SetImpairment(Command, frozen=True):
    """Real time: hold back and lose our own datagrams. Times one way; `loss` is 0 to 1."""

    latency_ms: int
    jitter_ms: int
    loss: float


class Resume(Command, frozen=True):
    """Go on with an interrupted match (`MatchResumable`)."""

    match: str


class Abandon(Command, frozen=True):
    """Give such a match up."""

    match: str


class Verify(Command, frozen=True):
    """Ask to compare codes, or agree to it if they asked."""

    peer: str


class ConfirmCode(Command, frozen=True):
    """The codes are equal."""

    peer: str


class RejectCode(Command, frozen=True):
    """The codes differ, or we do not want to compare."""

    peer: str


class SetBlocked(Command, frozen=True):
    """Blocked: no link, and what is on with it ends."""

    peer: str
    blocked: bool


class SetMuted(Command, frozen=True):
    """Muted: its requests do not reach us."""

    peer: str
    muted: bool


class Rename(Command, frozen=True):
    """Call a known peer `name`; empty: as it calls itself."""

    peer: str
    name: str


class Forget(Command, frozen=True):
    """Remember a known peer no longer."""

    peer: str
