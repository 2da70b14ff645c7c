"""Comparisons of codes: at most one with each peer, over any open link to it.

If two requests cross, the one of the lower peer id survives and the other counts as its answer. Independent of
invitations and matches.
"""

from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from typing import Any, TypeAlias

from p2pgame.core.errors import LocalProtocolError, Param, RemoteProtocolError
from p2pgame.core.ids import PeerId
from p2pgame.session import events as e
from p2pgame.session.connections import Connections
from p2pgame.session.invite.request_limiter import RequestLimiter
from p2pgame.session.invite.slots import Slots
from p2pgame.session.message_table import MessageTable, Rule, Scope
from p2pgame.session.people.verification import State, Step, Verification
from p2pgame.wire import messages as m
from p2pgame.wire.bounds import DIAL_LIMIT, HELLO_TIMEOUT, VERIFY_PENDING_MAX, VERIFY_TIMEOUT

__all__ = ["Verifications"]

_Answer: TypeAlias = m.VerifyNonce | m.VerifyReveal | m.VerifyReady | m.VerifyResult


class _Phase(Enum):
    """One phase: a message may arrive after the end of its comparison, when the link has no comparison or the next one.
    The commitment in it identifies the comparison, whose `TRANSITIONS` say whether the message is legal.
    """

    OPEN = "open"


class Verifications:
    """All comparisons of one peer."""

    def __init__(
        self,
        me: PeerId,
        token_bytes: Callable[[int], bytes],
        connections: Connections,
        table: MessageTable,
        muted: Callable[[PeerId], bool],
        knows: Callable[[PeerId], bool],
    ) -> None:
        """`muted(peer)`: refuse its requests without asking the player. `knows(peer)`: they displace a stranger's."""
        self.me = me
        self._token_bytes = token_bytes
        self._connections = connections
        self._muted = muted
        self._limiter = RequestLimiter()
        self._slots = Slots(VERIFY_PENDING_MAX, connections, knows)
        self._all: dict[PeerId, Verification] = {}
        always = (_Phase.OPEN,)
        table.register(
            Scope("verification", lambda _: _Phase.OPEN),
            {
                m.VerifyCommit: Rule(self._on_commit, always),
                m.VerifyNonce: Rule(self._on_answer, always),
                m.VerifyReveal: Rule(self._on_answer, always),
                m.VerifyReady: Rule(self._on_answer, always),
                m.VerifyResult: Rule(self._on_answer, always),
            },
        )

    def __iter__(self) -> Iterator[Verification]:
        return iter(self._all.values())

    # --- commands

    def verify(self, peer: PeerId, name: str, now: float) -> None:
        """Request a comparison, or accept the request of `peer`. Raises `LocalProtocolError` if one is running."""
        known = self._all.get(peer)
        if known is not None and known.state is not State.REQUESTED:
            raise LocalProtocolError("already_comparing", name=known.name)
        self._limiter.reset(peer)
        if known is not None:
            self._answer(known)
            return
        ours = Verification(
            self.me, peer, name, self._token_bytes(32), deadline=now + DIAL_LIMIT + HELLO_TIMEOUT
        )
        self._all[peer] = ours
        link = self._connections.link_to(peer)
        if link is None:
            self._connections.dial(peer, ours)
        else:
            self._ask(ours, link, now)

    def confirm(self, peer: PeerId) -> None:
        """Our player confirms equal codes. Raises `LocalProtocolError` if there is no code to compare."""
        known = self._all.get(peer)
        if known is None or known.state not in (State.COMPARING, State.ASKED):
            raise LocalProtocolError("no_code_to_compare")
        known.step(Step.WE_CONFIRM)
        self._say(known, ok=True)
        self._end_if_agreed(known)

    def reject(self, peer: PeerId, now: float) -> None:
        """End a comparison in any state. Does nothing if there is none."""
        known = self._all.get(peer)
        if known is not None:
            if known.state is State.REQUESTED:
                self._limiter.note_decline(peer, now)
            self._say(known, ok=False)
            self._conclude(known, "rejected")

    # --- links and time (LinkUser)

    def uses(self, link: int) -> bool:
        return any(known.link == link for known in self)

    def link_opened(self, link: int, peer: PeerId, purpose: object, now: float) -> None:
        """A link to `peer` opened, for any purpose: send a pending request on it."""
        del purpose
        known = self._all.get(peer)
        if known is not None and known.state is State.DIALLING:
            self._ask(known, link, now)

    def dial_failed(self, purpose: object, now: float) -> None:
        """Our dial failed: ask the peer to dial us."""
        for ours in self:
            if purpose is ours and ours.state is State.DIALLING:
                ours.deadline = now + self._connections.request_dial(ours.peer)

    def link_closed(
        self, link: int, code: str, params: Mapping[str, Param], now: float, *, remote: bool
    ) -> None:
        del code, params, now, remote
        for known in [known for known in self if known.link == link]:
            self._ended_by_them(known, "vanished")

    def next_deadline(self) -> float | None:
        return min((known.deadline for known in self), default=None)

    def handle_timeout(self, now: float) -> None:
        for known in [known for known in self if now >= known.deadline]:
            if known.code is None or known.state is State.REVEALED:
                self._ended_by_them(known, "vanished" if known.state is State.DIALLING else "expired")
            else:
                self._conclude(known, "expired")

    # --- messages

    def _on_answer(self, link: int, message: _Answer, now: float) -> None:
        """Handle an answer. A violation ends the comparison and raises `RemoteProtocolError`."""
        known = self._all.get(self._connections.links[link].peer)
        if known is None or (known.link, known.commitment) != (link, message.commitment):
            return  # its comparison has ended
        try:
            match message:
                case m.VerifyNonce(nonce=nonce):
                    known.answered(nonce)
                    self._connections.send(
                        link, m.VerifyReveal(commitment=known.commitment, nonce=known.nonce)
                    )
                case m.VerifyReveal(nonce=nonce):
                    known.revealed(nonce)
                    self._connections.send(link, m.VerifyReady(commitment=known.commitment))
                    self._show(known, now)
                case m.VerifyReady():
                    known.step(Step.READY)
                    self._show(known, now)
                case m.VerifyResult(ok=True):
                    known.step(Step.THEY_CONFIRM)
                    self._end_if_agreed(known)
                case m.VerifyResult():
                    if known.state in (State.ANSWERED, State.REVEALED):  # before both can see the code
                        self._ended_by_them(known, "rejected")
                    else:
                        self._conclude(known, "rejected")
        except RemoteProtocolError:
            self._conclude(known, "cheated")
            raise

    def _on_commit(self, link: int, message: m.VerifyCommit, now: float) -> None:
        connection = self._connections.links[link]
        known = self._all.get(connection.peer)
        waits = known is not None and known.state in (State.DIALLING, State.COMMITTED)
        if known is not None and known.state is State.COMMITTED and self.me < connection.peer:
            return  # our request survives; the peer decides the same
        pending = [other for other in self if other.state is State.REQUESTED]
        if not waits and (
            known is not None
            or self._muted(connection.peer)
            or not self._slots.has_room(link, pending)
            or self._limiter.refusal(connection.peer, now)
        ):
            self._connections.send(link, m.VerifyResult(commitment=message.commitment, ok=False))
            return
        if not waits and (displaced := self._slots.displaced(pending)) is not None:
            self._say(displaced, ok=False)
            self._conclude(displaced, "expired")
        theirs = Verification(
            self.me,
            connection.peer,
            connection.name,
            self._token_bytes(32),
            deadline=now + VERIFY_TIMEOUT,
            theirs=message.commitment,
        )
        theirs.link = link
        self._all[connection.peer] = theirs
        if waits:
            self._answer(theirs)
        else:
            self._connections.emit(e.VerifyRequested(peer=connection.peer, name=connection.name))

    # --- inside

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

    def _show(self, known: Verification, now: float) -> None:
        code = known.code
        if code is None:
            return
        known.deadline = now + VERIFY_TIMEOUT
        self._connections.emit(
            e.VerifyCode(peer=known.peer, name=known.name, code=code.digits, pictures=code.pictures)
        )

    def _say(self, known: Verification, *, ok: bool) -> None:
        if known.link is not None:
            self._connections.send(known.link, m.VerifyResult(commitment=known.commitment, ok=ok))

    def _end_if_agreed(self, known: Verification) -> None:
        if known.state is State.VERIFIED:
            self._conclude(known, "confirmed")

    def _ended_by_them(self, known: Verification, reason: str) -> None:
        """The other side went away: once it may know the code, that is no accident to be passed over in silence."""
        self._conclude(known, "broken_off" if known.told else reason)

    def _conclude(self, known: Verification, reason: str) -> None:
        verified = known.state is State.VERIFIED
        del self._all[known.peer]
        known.step(Step.END)
        about: dict[str, Any] = {"peer": known.peer, "name": known.name}
        self._connections.emit(e.VerifyEnded(**about, verified=verified, reason=reason))
