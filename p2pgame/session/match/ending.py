"""How a match ends by more than the rules, and who vouches for it.

The host decides only what the rules do not: who gave up first. Both sign the end as soon as they know it.
"""

from p2pgame.core.errors import RemoteProtocolError
from p2pgame.core.game import Outcome
from p2pgame.session.match.base import Base, Phase
from p2pgame.wire import messages as m
from p2pgame.wire.bounds import MATCH_TIMEOUT

__all__ = ["Ending"]


class Ending(Base):
    """The end of a match."""

    _deadline: float | None = None
    _gave_up = False
    _decided = False
    _end_message: m.End | None = None
    _signed: m.EndSignature | None = None
    """Theirs."""
    _vouched_at = -1
    """The frame at which we signed the end."""
    _settled = False

    @property
    def settled(self) -> bool:
        """True if it is over and both sides agree how."""
        return self._settled

    @property
    def gave_up(self) -> bool:
        """True if our player resigned, and the end that follows may not be known yet."""
        return self._gave_up

    def tellable(self, *, fresh: bool) -> bool:
        """False if it is over, and the other side would not believe us how. `fresh`: it may have forgotten."""
        theirs = self.outcome == Outcome(winners=(self.me,), reason="resigned")
        return not self.over or (self.settled and (self.is_host or not fresh or not theirs))

    def _decide_resigned(self, player: int) -> None:
        """Host only: `player` gave up. The first decision stands."""
        if self._decided:
            return
        self._decided = True
        frame, outcome = self._last_frame(), _resigned(player)
        self._end_at(frame, outcome)
        self._end_message = m.End(match=self.election.match, frame=frame, outcome=outcome)
        self._send(self._end_message)

    def _last_frame(self) -> int:
        """The first frame at which the host can end the match: the other side cannot have gone past it."""
        return self._timeline.frame

    def _end_at(self, frame: int, outcome: Outcome) -> None:
        timeline = self._timeline
        timeline.end_at(frame, outcome)
        self._hashes.forget_after(frame)
        if self._hashes.agreed < frame == timeline.frame:  # what was read from a file was not compared yet
            with self._noticing():
                self._agree(self._hashes.ours(frame, timeline.hash))
        if self._recorder is not None:
            self._recorder.cut(frame, timeline.state)
        self._view = None

    def _receive_end(self, message: m.End) -> None:
        if self.is_host:
            raise RemoteProtocolError("unexpected_message", "only the host ends a match")
        if not self._earliest_end() <= message.frame <= self._newest_frame():
            raise RemoteProtocolError(
                "wrong_frame",
                f"the end at frame {message.frame}, not from {self._earliest_end()} to {self._newest_frame()}",
            )
        losers = (self.me, 1 - self.me) if self._gave_up else (1 - self.me,)
        if message.outcome not in [_resigned(player) for player in losers]:
            raise RemoteProtocolError("bad_end", "the host decided what is not its to decide")
        self._end_at(message.frame, message.outcome)
        timeline = self._timeline
        if timeline.frame == message.frame:  # we may have gone past it, and they lost what we said of it
            self._send(m.StateHash(match=self.election.match, frame=timeline.frame, hash=timeline.hash))

    def _earliest_end(self) -> int:
        """The first frame at which the host may end the match."""
        return self._hashes.agreed

    def _newest_frame(self) -> int:
        """The last frame at which the host may end the match."""
        return self._timeline.frame

    def _say_again(self, now: float) -> None:
        """Decisions and signatures, which are said once per session."""
        if self._end_message is not None:
            self._send(self._end_message)
        elif self._gave_up and self.is_host:  # and then our program was killed
            self._decide_resigned(self.me)
        elif self._gave_up:  # even if the host said the end: its program may have forgotten since
            self._send(m.Resign(match=self.election.match))
            self._deadline = now + MATCH_TIMEOUT
        if self.phase is Phase.ENDING:
            self._deadline = now + MATCH_TIMEOUT
        self._vouched_at = -1
        if self._timeline.outcome is not None:
            self._vouch(self._timeline.outcome)

    def _vouch(self, outcome: Outcome) -> None:
        """Sign how it ends, as soon as we know."""
        recorder, frame = self._recorder, self._timeline.frame
        if recorder is not None and self._vouched_at != frame:
            self._vouched_at = frame
            signature = recorder.sign(self._timeline.hash, outcome)
            self._send(
                m.EndSignature(
                    match=self.election.match,
                    frame=frame,
                    public_key=recorder.public_key,
                    signature=signature,
                )
            )

    @property
    def _is_vouched(self) -> bool:
        """True if the other side signed this end; where nothing is taken down, nobody has to."""
        if self._recorder is None:
            return True
        return self._signed is not None and self._signed.frame == self._timeline.frame

    def _finish(self, outcome: Outcome) -> None:
        """Both sides agree how it ended."""
        self.phase = Phase.ENDED
        self._settled = agreed = self._is_vouched
        self._view = None
        signed, value = self._signed, self._timeline.hash
        if self._recorder is not None:
            self._recorder.ended(value, outcome, agreed=agreed)
            if signed is not None and agreed:
                self._recorder.countersigned(1 - self.me, signed.public_key, signed.signature, value, outcome)
        self._emit_ended(outcome)


def _resigned(player: int) -> Outcome:
    return Outcome(winners=(1 - player,), reason="resigned")
