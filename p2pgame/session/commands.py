"""User commands: one frozen struct each. The window, the command line and bots send them to the node.

To add one: write its struct here, register its handler (`Lobby`, `Matches` or `Node`), and send it from the window or
the command line.
"""

from typing import Any, Literal, TypeAlias

import msgspec

__all__ = [
    "Abandon",
    "Accept",
    "AddSeed",
    "Adjourn",
    "AnswerDispute",
    "AnswerTakeback",
    "AskTakeback",
    "Audience",
    "BreakOff",
    "CancelInvite",
    "CastVote",
    "CheckReach",
    "Claim",
    "Command",
    "ConfirmCode",
    "Decline",
    "DeclineRoom",
    "DropAbsent",
    "Forget",
    "GiveTime",
    "HandOver",
    "HoldRound",
    "Invite",
    "InviteIntoRoom",
    "JoinRoom",
    "Kick",
    "Leave",
    "LeaveRoom",
    "LeaveRound",
    "NewIdentity",
    "NotNow",
    "OfferDraw",
    "OpenRoom",
    "RefuseAdjourn",
    "RefuseDraw",
    "RejectCode",
    "Rematch",
    "Rename",
    "Resign",
    "Resume",
    "Say",
    "SetAvatar",
    "SetBlocked",
    "SetImpairment",
    "SetInputDelay",
    "SetLocalPlayers",
    "SetLocked",
    "SetMuted",
    "SetName",
    "SetPrivacy",
    "SetReady",
    "SetRoomGame",
    "SetSeat",
    "SetSeries",
    "SetTeams",
    "ShowRoundTrips",
    "Silence",
    "StartRound",
    "StartVote",
    "Submit",
    "Verify",
]


Audience: TypeAlias = Literal["everyone", "known", "verified", "nobody"]
"""Some of the peers; known are those that we met or verified, and never one that we blocked."""


class Command(msgspec.Struct, frozen=True):
    """Base of all commands. A command that fails is answered by an `ErrorEvent`; it never raises."""


class SetName(Command, frozen=True):
    """Change our own name."""

    name: str


class SetAvatar(Command, frozen=True):
    """Change our own avatar."""

    avatar: int | None = None
    """0 to 63; None: it follows from the key."""


class NewIdentity(Command, frozen=True):
    """Put our identity aside and start again under a new one. Not in a match."""


class SetPrivacy(Command, frozen=True, kw_only=True):
    """Who may invite us, who may watch the rooms that we lead, and whose chat we see."""

    invite: Audience = "everyone"
    watch: Audience = "everyone"
    chat: Audience = "everyone"


class AddSeed(Command, frozen=True):
    """Look for a peer at ``HOST[:PORT]``."""

    address: str


class CheckReach(Command, frozen=True):
    """Find out whether a listed peer can be reached, before anybody invites it."""

    peer: str


class ShowRoundTrips(Command, frozen=True):
    """Keep the round trips to these listed peers fresh, and to no others: their rows are on the screen."""

    peers: tuple[str, ...]


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
    seat: int | None = None
    """Player index, where several play on this machine; None: our first."""


class Resign(Command, frozen=True):
    """Resign the match."""


class OfferDraw(Command, frozen=True):
    """Offer a draw. The match ends as a draw when all players have offered one."""


class RefuseDraw(Command, frozen=True):
    """Refuse the draw that the others offer."""


class Adjourn(Command, frozen=True):
    """By turns: ask to put the match aside, or agree to it. It is adjourned when all players have."""


class RefuseAdjourn(Command, frozen=True):
    """Refuse to put the match aside."""


class AskTakeback(Command, frozen=True):
    """By turns: ask the others whether our newest move may be taken back."""


class AnswerTakeback(Command, frozen=True):
    """Answer another player's request for a takeback."""

    allow: bool


class GiveTime(Command, frozen=True):
    """Give the others 15 seconds more on their clocks."""


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
    """Resume an interrupted match (`MatchResumable`), or go on with an adjourned one if the other side does."""

    match: str


class NotNow(Command, frozen=True):
    """Do not go on with an adjourned match now: the answer to `MatchResumeAsked`, or the end of our own wait."""

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


class OpenRoom(Command, frozen=True, kw_only=True):
    """Open a room of which we are the leader. `config` None: the game's defaults."""

    game: str
    config: Any = None
    seats: int = 0
    """Number of seats; 0: as many as the game allows."""
    bots: int = 0
    """So many seats have a bot until a person takes them."""
    local: int = 1
    """Players on this machine; 0: we watch."""
    rounds: int = 0
    """After so many everybody is asked again; 0: no limit."""
    first_to: int = 0
    """Who has won so many rounds wins the series; 0: it has no end."""


class JoinRoom(Command, frozen=True, kw_only=True):
    """Join the room of that id, which discovery has found, or that we were invited into."""

    room: str
    local: int = 1
    """Players on this machine; 0: watch."""


class LeaveRoom(Command, frozen=True):
    """Leave the room; a bot plays on for us."""


class LeaveRound(Command, frozen=True):
    """Leave the round that is played: a bot plays on, and we watch. We stay in the room."""


class SetReady(Command, frozen=True):
    """Whether the players on this machine are ready for the next round."""

    ready: bool


class SetLocalPlayers(Command, frozen=True):
    """So many people play on this machine from the next round on; 0: we watch."""

    count: int


class SetSeat(Command, frozen=True, kw_only=True):
    """For the leader: change a seat. Only given fields change."""

    seat: int
    kind: str | None = None
    """``open``, ``closed`` or ``bot``; a person gives way."""
    level: str | None = None
    """Of a bot: ``easy``, ``medium``, ``hard``."""
    team: int | None = None


class SetRoomGame(Command, frozen=True, kw_only=True):
    """For the leader: another game or other rules for the next round. `config` None: the game's defaults."""

    game: str
    config: Any = None


class SetTeams(Command, frozen=True):
    """For the leader: so many teams, people and bots in turn; 0: everybody plays alone."""

    count: int


class SetSeries(Command, frozen=True):
    """For the leader: who has won so many rounds wins the series, which begins now; 0: it has no end."""

    first_to: int


class SetLocked(Command, frozen=True):
    """For the leader: whether nobody else may join."""

    locked: bool


class Kick(Command, frozen=True):
    """For the leader: remove a member, which cannot come back for a minute."""

    peer: str


class HandOver(Command, frozen=True):
    """For the leader: make another member the leader."""

    peer: str


class StartRound(Command, frozen=True):
    """For the leader: start the round without waiting for those who are not ready."""


class HoldRound(Command, frozen=True):
    """At the table between rounds: whether the next round waits."""

    hold: bool


class InviteIntoRoom(Command, frozen=True):
    """Offer our room to a listed peer."""

    peer: str


class DeclineRoom(Command, frozen=True):
    """Decline the offer of a room."""

    room: str


class StartVote(Command, frozen=True, kw_only=True):
    """Propose something to the seated people of the room. One vote at a time."""

    kind: str
    """``game``, ``kick``, ``restart``, ``pause``."""
    argument: str = ""
    """Name of a game, or a peer id."""


class CastVote(Command, frozen=True):
    """Our answer to the vote that runs."""

    yes: bool


class DropAbsent(Command, frozen=True):
    """For the host: a bot plays for who is silent, without waiting any longer."""


class Say(Command, frozen=True, kw_only=True):
    """Say a line of chat. Bounded; whoever says too much gets an `ErrorEvent` with the reason."""

    text: str
    """Or the code of a phrase or an emote."""
    kind: str = "text"
    """``text``, ``phrase``, ``emote``."""
    where: str = "lobby"
    """``lobby``; or the id of our room or match."""


class Silence(Command, frozen=True):
    """For the leader of a room: pass on nothing that a member says, or again."""

    peer: str
    silenced: bool = True
