"""One comparison of codes between two players: its state machine, and the code.

    asking       DIALLING --link--> COMMITTED --nonce--> REVEALED --ready--> COMPARING
    asked        REQUESTED --we answer--> ANSWERED --reveal--> COMPARING
    both         COMPARING --one says yes--> WAITING or ASKED --the other says yes--> VERIFIED

and from every state to ENDED. The asking side commits to its nonce before it knows the other nonce, so a man in the
middle cannot search for a nonce that gives two pairs of keys the same code (docs/protocol.md, "Comparing codes"). It
knows the code first, but shows it only when the asked side has it, too; who breaks off from ANSWERED or REVEALED on is
named. Sends nothing.
"""

import hmac
from collections.abc import Mapping
from enum import Enum

import msgspec

from p2pgame.core.digest import digest
from p2pgame.core.errors import RemoteProtocolError
from p2pgame.core.ids import PeerId

__all__ = [
    "PICTURES",
    "TRANSITIONS",
    "ShortCode",
    "State",
    "Step",
    "Verification",
    "commitment",
    "short_code",
]

PICTURES = 64
"""Number of different pictures."""


class ShortCode(msgspec.Struct, frozen=True):
    """The code that both players compare."""

    digits: str
    """Six, decimal."""
    pictures: tuple[int, ...]
    """Four, each 0 <= picture < PICTURES."""


class State(Enum):
    DIALLING = "dialling"
    COMMITTED = "committed"
    REVEALED = "revealed"
    REQUESTED = "requested"
    ANSWERED = "answered"
    COMPARING = "comparing"
    WAITING = "waiting"
    ASKED = "asked"
    VERIFIED = "verified"
    ENDED = "ended"


class Step(Enum):
    LINKED = "linked"
    NONCE = "nonce"
    READY = "ready"
    ANSWER = "answer"
    REVEAL = "reveal"
    WE_CONFIRM = "we_confirm"
    THEY_CONFIRM = "they_confirm"
    END = "end"


TRANSITIONS: Mapping[tuple[State, Step], State] = {
    (State.DIALLING, Step.LINKED): State.COMMITTED,
    (State.COMMITTED, Step.NONCE): State.REVEALED,
    (State.REVEALED, Step.READY): State.COMPARING,
    (State.REQUESTED, Step.ANSWER): State.ANSWERED,
    (State.ANSWERED, Step.REVEAL): State.COMPARING,
    (State.COMPARING, Step.WE_CONFIRM): State.WAITING,
    (State.COMPARING, Step.THEY_CONFIRM): State.ASKED,
    (State.WAITING, Step.THEY_CONFIRM): State.VERIFIED,
    (State.ASKED, Step.WE_CONFIRM): State.VERIFIED,
    **{(state, Step.END): State.ENDED for state in State if state is not State.ENDED},
}

_TOLD = frozenset({State.ANSWERED, State.REVEALED, State.COMPARING, State.WAITING, State.ASKED})


def commitment(asker: PeerId, asked: PeerId, nonce: bytes) -> bytes:
    """The commitment of the asking side (32 bytes)."""
    return digest("verify.commit", nonce, asker.encode(), asked.encode())


def short_code(asker: PeerId, asked: PeerId, asker_nonce: bytes, asked_nonce: bytes) -> ShortCode:
    """The code of two keys and two nonces. The peer ids must be our own and the one that TLS authenticated."""
    value = digest("verify.code", asker.encode(), asked.encode(), asker_nonce, asked_nonce)
    number = int.from_bytes(value[:8], "big") % 10**6
    return ShortCode(f"{number:06}", tuple(byte % PICTURES for byte in value[8:12]))


class Verification:
    """The state of one comparison at one side. `ours`: we asked."""

    def __init__(
        self,
        me: PeerId,
        peer: PeerId,
        name: str,
        nonce: bytes,
        *,
        deadline: float,
        theirs: bytes | None = None,
    ) -> None:
        """`nonce`: ours, 32 random bytes, never used before. `theirs`: the commitment, if the other side asked."""
        self.me = me
        self.peer = peer
        self.name = name
        self.nonce = nonce
        self.deadline = deadline
        self.ours = theirs is None
        self.commitment = commitment(me, peer, nonce) if theirs is None else theirs
        """Identifies this comparison on the wire."""
        self.state = State.DIALLING if self.ours else State.REQUESTED
        self.link: int | None = None
        self.code: ShortCode | None = None

    def step(self, step: Step) -> None:
        """Change the state. Raises `RemoteProtocolError("unexpected_message")` for a step that is not in the table."""
        try:
            self.state = TRANSITIONS[self.state, step]
        except KeyError:
            raise RemoteProtocolError(
                "unexpected_message", message=step.value, scope="verification", phase=self.state.value
            ) from None

    @property
    def told(self) -> bool:
        """True once the other side has our nonce, and may know the code."""
        return self.state in _TOLD

    def answered(self, nonce: bytes) -> ShortCode:
        """We asked, and received their nonce. Only now reveal ours; show the code when they are ready."""
        self.step(Step.NONCE)
        self.code = short_code(self.me, self.peer, self.nonce, nonce)
        return self.code

    def revealed(self, nonce: bytes) -> ShortCode:
        """They asked, and revealed their nonce. Raises `RemoteProtocolError("bad_reveal")` if it does not match."""
        self.step(Step.REVEAL)
        if not hmac.compare_digest(self.commitment, commitment(self.peer, self.me, nonce)):
            raise RemoteProtocolError("bad_reveal", name=self.name)
        self.code = short_code(self.peer, self.me, nonce, self.nonce)
        return self.code
