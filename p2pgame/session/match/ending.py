"""Settles the end of a match: all members agree on the last hash and sign the outcome.

Does not know why the match ended.
"""

from typing import TypeGuard

from p2pgame.core.game import Outcome
from p2pgame.replay.records import Signature
from p2pgame.session import events as e
from p2pgame.session.match.core import MatchCore, Phase
from p2pgame.session.match.remote import Remote
from p2pgame.wire import messages as m
from p2pgame.wire.bounds import MATCH_TIMEOUT

__all__ = ["Ending"]


class Ending:
    """The end of one match."""

    def __init__(self, core: MatchCore) -> None:
        self.deadline: float | None = None
        """When to stop waiting for the others."""
        self.settled = False
        """True if the match is over and all members agree on the outcome."""
        self._core = core
        self._signatures: dict[int, m.EndSignature] = {}
        """The newest of each seat that somebody else signs for."""
        self._signed_at = (-1, 0)
        """Frame of the end that we signed, and the number of decisions that the signature covers."""

    def wait(self, now: float) -> None:
        """Give the others MATCH_TIMEOUT seconds from now to agree."""
        self.deadline = now + MATCH_TIMEOUT

    def sign(self) -> None:
        """Sign the end once the outcome is known. Without a recorder nothing is signed."""
        core, timeline = self._core, self._core.timeline
        recorder, outcome = core.recorder, timeline.outcome
        covered, seat = (timeline.frame, len(core.log.entries)), core.seating.signers.get(core.peer)
        if recorder is None or outcome is None or seat is None:
            return
        if self._signed_at != covered:
            self._signed_at = covered
            core.broadcast(
                m.EndSignature(
                    match=core.match,
                    player=seat,
                    frame=covered[0],
                    decisions=covered[1],
                    public_key=recorder.public_key,
                    signature=recorder.sign(timeline.hash, outcome, core.log.chain),
                )
            )

    def sign_again(self, remote: Remote) -> None:
        """On another session of `remote`, or after its states were repaired: what was signed may not have arrived."""
        self._signed_at = (-1, 0)
        self.sign()
        for seat, signature in self._signatures.items():
            if seat not in remote.seats:
                remote.send(signature)

    def forget_signatures(self) -> None:
        """Drop all signatures after a repair: they are void."""
        self._signatures.clear()

    def receive(self, remote: Remote, message: m.EndSignature) -> None:
        """Keep a signature. The host forwards signatures of guests to the others."""
        core = self._core
        if message.player in remote.seats:
            self._signatures[message.player] = message
            if core.is_host:
                core.broadcast(message, but=remote)

    @property
    def agreed(self) -> bool:
        """True if all others have our last state and signed this end."""
        core, frame = self._core, self._core.timeline.frame
        return core.agreed >= frame and (core.recorder is None or self._signed)

    @property
    def _signed(self) -> bool:
        """Whether all signatures cover this end. A member signs again when another decision arrives."""
        core = self._core
        seats = (seat for peer, seat in core.seating.signers.items() if peer != core.peer)
        return all(self._covers(self._signatures.get(seat)) for seat in seats)

    def _covers(self, given: m.EndSignature | None) -> TypeGuard[m.EndSignature]:
        """Whether it is for this end."""
        covered = (self._core.timeline.frame, len(self._core.log.entries))
        return given is not None and (given.frame, given.decisions) == covered

    def finish(self, outcome: Outcome) -> None:
        """End the match: all agree on the outcome, but signatures may be missing or wrong."""
        self._end(outcome, agreed=self._core.recorder is None or self._signed)

    def abort(self, outcome: Outcome) -> None:
        """End the match now, without the others."""
        self._end(outcome, agreed=False)

    def _end(self, outcome: Outcome, *, agreed: bool) -> None:
        """Record the end, and the signatures of it that are genuine: the file proves what can be proven."""
        core, recorder = self._core, self._core.recorder
        core.phase = Phase.ENDED
        self.settled = agreed
        if recorder is not None:
            end = (core.timeline.hash, outcome, core.log.chain)
            given = [_record(one) for _, one in sorted(self._signatures.items()) if self._covers(one)]
            wrong = [
                signature
                for signature in given
                if not recorder.is_genuine(signature, core.seating.owners, *end)
            ]
            self.settled = agreed and not wrong
            seat = core.seating.signers.get(core.peer)
            recorder.ended(*end, agreed=self.settled, late_ms=core.late_ms(), seat=seat)
            for signature in given:
                if signature in wrong:
                    name = core.names[signature.player]
                    core.emit(e.ErrorEvent(code="wrong_signature", params={"name": name}))
                else:
                    recorder.add_signature(signature)
        self.emit_ended(outcome)

    def emit_ended(self, outcome: Outcome) -> None:
        core = self._core
        core.changed = True
        # Nobody waits for the last hash of who watches, so it may not have been compared.
        value = core.agreed_state[1] if core.seats else core.timeline.hash
        core.emit(
            e.MatchEnded(
                match=core.match,
                outcome=outcome,
                frames=core.timeline.frame,
                hash=value.hex(),
                stats=core.statistics.stats(core.linked, core.engine),
            )
        )


def _record(given: m.EndSignature) -> Signature:
    return Signature(player=given.player, public_key=given.public_key, signature=given.signature)
