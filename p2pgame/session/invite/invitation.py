"""The state machine of one invitation, from the request to the elected host.

    outgoing  DIALLING --link--> SENT --accept--> REVEALING --reveal--> ELECTED
    incoming              RECEIVED --we accept--> REVEALING --reveal--> ELECTED

and from every state to ENDED: declined, cancelled, expired, vanished. `TRANSITIONS` has all legal steps; any other step
is a violation by the side that takes it. Sends nothing.
"""

from collections.abc import Mapping
from enum import Enum
from typing import Any, NamedTuple

from p2pgame.core.errors import RemoteProtocolError
from p2pgame.core.ids import PeerId
from p2pgame.core.registry import Plugin
from p2pgame.session.agreement import Agreement
from p2pgame.session.election import Election, Standing, commit, elect, verify_commitment
from p2pgame.wire import messages as m

__all__ = ["TRANSITIONS", "Invitation", "PlayedMatch", "State", "Step"]


class State(Enum):
    DIALLING = "dialling"
    SENT = "sent"
    RECEIVED = "received"
    REVEALING = "revealing"
    ELECTED = "elected"
    ENDED = "ended"


class Step(Enum):
    LINKED = "linked"
    ACCEPT = "accept"
    REVEAL = "reveal"
    END = "end"


TRANSITIONS: Mapping[tuple[State, Step], State] = {
    (State.DIALLING, Step.LINKED): State.SENT,
    (State.SENT, Step.ACCEPT): State.REVEALING,
    (State.RECEIVED, Step.ACCEPT): State.REVEALING,
    (State.REVEALING, Step.REVEAL): State.ELECTED,
    (State.DIALLING, Step.END): State.ENDED,
    (State.SENT, Step.END): State.ENDED,
    (State.RECEIVED, Step.END): State.ENDED,
    (State.REVEALING, Step.END): State.ENDED,
    (State.ELECTED, Step.END): State.ENDED,
}


class PlayedMatch(NamedTuple):
    """The facts of a finished match that a rematch needs."""

    peer: PeerId
    name: str
    plugin: Plugin
    config: Any
    election: Election


class Invitation:
    """The state of one invitation at one side. `ours`: we are the inviter."""

    def __init__(
        self,
        invite: bytes,
        me: PeerId,
        peer: PeerId,
        name: str,
        plugin: Plugin,
        config: Any,
        config_bytes: bytes,
        *,
        ours: bool,
        nonce: bytes,
        candidate: m.Candidate,
        frames: int,
        deadline: float,
        previous: tuple[PeerId, ...] = (),
        rematch_of: str | None = None,
    ) -> None:
        """`config_bytes`: encoded. `nonce`: ours, 32 random bytes (`Lots.nonce`).

        `previous`: players of the match before a rematch.
        """
        self.id = invite
        self.me = me
        self.peer = peer
        self.name = name
        self.plugin = plugin
        self.config = config
        self.config_bytes = config_bytes
        self.ours = ours
        self.frames = frames
        self.deadline = deadline
        self.previous = previous
        self.rematch_of = rematch_of
        self.state = State.DIALLING if ours else State.RECEIVED
        self.link: int | None = None
        self.election: Election | None = None
        self.nonce = nonce
        """Ours, and secret until `reveal`."""
        self._candidate = candidate
        self._their_commitment = b""
        self._their_candidate = m.Candidate()

    @property
    def hex(self) -> str:
        return self.id.hex()

    def expired(self, now: float) -> bool:
        return now >= self.deadline

    def step(self, step: Step) -> None:
        """Change the state. Raises `RemoteProtocolError("unexpected_message")` for a step that is not in the table."""
        try:
            self.state = TRANSITIONS[self.state, step]
        except KeyError:
            raise RemoteProtocolError(
                "unexpected_message", message=step.value, scope="invitation", phase=self.state.value
            ) from None

    @property
    def theirs(self) -> bytes:
        """The commitment of the other side; empty until it is known."""
        return self._their_commitment

    @property
    def commitment(self) -> bytes:
        return commit(self.me, self.peer.encode(), self.nonce)

    @property
    def candidate(self) -> m.Candidate:
        return self._candidate

    def reveal(self) -> m.Reveal:
        """The message with our nonce. Call it only when their commitment is known."""
        if not self._their_commitment:
            raise RuntimeError("revealing before the other side committed")
        return m.Reveal(invite=self.id, nonce=self.nonce)

    def their_commitment(self, commitment: bytes, candidate: m.Candidate, frames: int) -> None:
        """Store the commitment of the other side. The smaller frame limit is used."""
        self._their_commitment = commitment
        self._their_candidate = candidate
        self.frames = min(filter(None, (self.frames, frames)), default=0)

    def agreement(self, name: str) -> Agreement:
        """What was agreed on, once the host is elected. `name`: our own."""
        if self.election is None:
            raise RuntimeError("no host is elected")
        return Agreement(
            election=self.election,
            plugin=self.plugin,
            config=self.config,
            config_bytes=self.config_bytes,
            names=tuple(self.name if peer == self.peer else name for peer in self.election.players),
            frames=self.frames,
        )

    def revealed(self, nonce: bytes) -> Election:
        """Verify their nonce and elect. Raises `RemoteProtocolError("bad_reveal")`."""
        self.step(Step.REVEAL)
        if not verify_commitment(self._their_commitment, self.peer, self.me.encode(), nonce):
            raise RemoteProtocolError("bad_reveal", name=self.name)
        self.election = elect(
            self.id,
            {self.me: Standing.of(self._candidate), self.peer: Standing.of(self._their_candidate)},
            {self.me: self.nonce, self.peer: nonce},
            seats=(*self.previous[1:], self.previous[0]) if self.previous else None,
        )
        return self.election
