"""Who compares codes with whom: at most one comparison with each peer, over any open link to it.

Of two requests that cross, that of the lower peer id stands and the other counts as its answer. Knows nothing of
invitations and matches; a comparison may go on beside them.
"""

from collections.abc import Callable, Iterator
from typing import Any

from p2pgame.core.errors import LocalProtocolError, RemoteProtocolError
from p2pgame.core.ids import PeerId
from p2pgame.session import events as e
from p2pgame.session.connections import Connection, Connections
from p2pgame.session.invite.request_limiter import RequestLimiter
from p2pgame.session.people.verification import ShortCode, State, Step, Verification
from p2pgame.wire import messages as m
from p2pgame.wire.bounds import DIAL_TIMEOUT, VERIFY_PENDING_MAX, VERIFY_TIMEOUT

__all__ = ["Verifications", "VerifyMessage"]

_CALL_PATIENCE = DIAL_TIMEOUT + 1.0
"""Seconds for a called peer to dial us."""

VerifyMessage = m.VerifyCommit | m.VerifyNonce | m.VerifyReveal | m.VerifyResult


class Verifications:
    """All comparisons of one peer."""

    def __init__(
        self,
        me: PeerId,
        token_bytes: Callable[[int], bytes],
        board: Connections,
        muted: Callable[[PeerId], bool],
    ) -> None:
        self.me = me
        self._token_bytes = token_bytes
        self._connections = board
        self._muted = muted
        self._patience = RequestLimiter()
        self._all: dict[PeerId, Verification] = {}

    def __iter__(self) -> Iterator[Verification]:
        return iter(self._all.values())

    def uses(self, link: int) -> bool:
        return any(known.link == link for known in self)

    # --- what the user does

    def verify(self, peer: PeerId, name: str, now: float) -> None:
        """Ask `peer`, or answer it. Raises `LocalProtocolError` if a comparison is on already."""
        known = self._all.get(peer)
        if known is not None and known.state is not State.REQUESTED:
            raise LocalProtocolError(f"codes are being compared with {known.name} already")
        self._patience.forgive(peer)
        if known is not None:
            self._answer(known)
            return
        ours = Verification(
            self.me, peer, name, self._token_bytes(32), deadline=now + DIAL_TIMEOUT + _CALL_PATIENCE
        )
        self._all[peer] = ours
        link = self._connections.to(peer)
        if link is None:
            self._connections.dial(peer, ours)
        else:
            self._ask(ours, link, now)

    def confirm(self, peer: PeerId) -> None:
        """The codes are equal, says our player. Raises `LocalProtocolError` if there is none to compare."""
        known = self._all.get(peer)
        if known is None or known.state not in (State.COMPARING, State.ASKED):
            raise LocalProtocolError("there is no code to compare")
        known.step(Step.WE_CONFIRM)
        self._say(known, ok=True)
        self._end_if_agreed(known)

    def reject(self, peer: PeerId, now: float) -> None:
        """End a comparison in any state; nothing happens if there is none."""
        known = self._all.get(peer)
        if known is not None:
            if known.state is State.REQUESTED:
                self._patience.declined(peer, now)
            self._say(known, ok=False)
            self._conclude(known, "rejected")

    # --- what the links bring

    def receive(self, link: int, talk: Connection, message: VerifyMessage, now: float) -> None:
        """Raises `RemoteProtocolError` if the other side cheats; the comparison is then over."""
        if isinstance(message, m.VerifyCommit):
            self._on_commit(link, talk, message, now)
            return
        known = self._all.get(talk.peer)
        if known is None or (known.link, known.commitment) != (link, message.commitment):
            return  # it crossed the end of its comparison
        try:
            match message:
                case m.VerifyNonce(nonce=nonce):
                    code = known.answered(nonce)
                    self._connections.send(
                        link, m.VerifyReveal(commitment=known.commitment, nonce=known.nonce)
                    )
                    self._show(known, code, now)
                case m.VerifyReveal(nonce=nonce):
                    self._show(known, known.revealed(nonce), now)
                case m.VerifyResult(ok=True):
                    known.step(Step.THEY_CONFIRM)
                    self._end_if_agreed(known)
                case m.VerifyResult():
                    self._conclude(known, "rejected")
        except RemoteProtocolError:
            self._conclude(known, "cheated")
            raise

    def link_opened(self, link: int, peer: PeerId, now: float) -> None:
        """A link to `peer`, whoever dialled."""
        known = self._all.get(peer)
        if known is not None and known.state is State.DIALLING:
            self._ask(known, link, now)

    def dial_failed(self, ours: Verification, now: float) -> None:
        """We cannot reach them: ask them to reach us."""
        if self._all.get(ours.peer) is ours and ours.state is State.DIALLING:
            ours.deadline = now + _CALL_PATIENCE
            self._connections.call(ours.peer)

    def link_closed(self, link: int) -> None:
        for known in [known for known in self if known.link == link]:
            self._conclude(known, "vanished")

    def handle_timeout(self, now: float) -> None:
        for known in [known for known in self if now >= known.deadline]:
            self._conclude(known, "vanished" if known.state is State.DIALLING else "expired")

    # --- small steps

    def _on_commit(self, link: int, talk: Connection, message: m.VerifyCommit, now: float) -> None:
        known = self._all.get(talk.peer)
        waits = known is not None and known.state in (State.DIALLING, State.COMMITTED)
        if known is not None and known.state is State.COMMITTED and self.me < talk.peer:
            return  # ours stands, and they come to the same conclusion
        pending = sum(not other.ours for other in self)
        if not waits and (
            known is not None
            or self._muted(talk.peer)
            or pending >= VERIFY_PENDING_MAX
            or self._patience.objection(talk.peer, now)
        ):
            self._connections.send(link, m.VerifyResult(commitment=message.commitment, ok=False))
            return
        theirs = Verification(
            self.me,
            talk.peer,
            talk.name,
            self._token_bytes(32),
            deadline=now + VERIFY_TIMEOUT,
            theirs=message.commitment,
        )
        theirs.link = link
        self._all[talk.peer] = theirs
        if waits:
            self._answer(theirs)
        else:
            self._connections.tell(e.VerifyRequested(peer=talk.peer, name=talk.name))

    def _ask(self, ours: Verification, link: int, now: float) -> None:
        ours.step(Step.LINKED)
        ours.link = link
        ours.deadline = now + VERIFY_TIMEOUT
        self._connections.send(link, m.VerifyCommit(commitment=ours.commitment))

    def _answer(self, theirs: Verification) -> None:
        theirs.step(Step.ANSWER)
        if theirs.link is not None:
            self._connections.send(
                theirs.link, m.VerifyNonce(commitment=theirs.commitment, nonce=theirs.nonce)
            )

    def _show(self, known: Verification, code: ShortCode, now: float) -> None:
        known.deadline = now + VERIFY_TIMEOUT
        self._connections.tell(
            e.VerifyCode(peer=known.peer, name=known.name, code=code.digits, pictures=code.pictures)
        )

    def _say(self, known: Verification, *, ok: bool) -> None:
        if known.link is not None:
            self._connections.send(known.link, m.VerifyResult(commitment=known.commitment, ok=ok))

    def _end_if_agreed(self, known: Verification) -> None:
        if known.state is State.VERIFIED:
            self._conclude(known, "confirmed")

    def _conclude(self, known: Verification, reason: str) -> None:
        verified = known.state is State.VERIFIED
        del self._all[known.peer]
        known.step(Step.END)
        about: dict[str, Any] = {"peer": known.peer, "name": known.name}
        self._connections.tell(e.VerifyEnded(**about, verified=verified, reason=reason))
