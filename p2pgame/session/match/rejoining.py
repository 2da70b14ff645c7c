"""A match that goes on over another session, or after its program died: who has what, and what is said again."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from p2pgame.core.errors import IllegalMoveError, RemoteProtocolError
from p2pgame.core.snapshot import encode
from p2pgame.replay.chain import first_link, link
from p2pgame.replay.reader import FRAMES_MAX
from p2pgame.session.match.base import Phase
from p2pgame.session.match.catchup import CatchUp, tell
from p2pgame.session.match.mendable import Mendable
from p2pgame.session.match.recorder import raw
from p2pgame.session.saved_match import SavedMatch
from p2pgame.wire import messages as m
from p2pgame.wire.bounds import INPUTS_AHEAD, MATCH_TIMEOUT

__all__ = ["Rejoining"]


class Rejoining(Mendable):
    """What an interruption does to a match."""

    _stands: tuple[m.Resume, m.Resume] | None = None
    """What both sides said at the newest `rejoin`: ours, theirs."""

    def _restore(self, saved: SavedMatch) -> None:
        timeline = self._timeline
        chains = [first_link(timeline.hash)]
        if not self.game.tick_rate:
            # Few enough frames to be played again, so that the last of them can be taken back.
            with suppress(IllegalMoveError):
                for inputs in saved.log:
                    timeline.extend([inputs])
                    chains.append(link(chains[-1], raw(inputs), timeline.hash))
        if chains[-1] != saved.chain:
            timeline.restore(saved.log, saved.state)
            chains = [saved.chain]
        self._hashes.ours(timeline.frame, timeline.hash)
        self.phase = Phase.PLAYING
        self._gave_up = saved.gave_up
        if self._recorder is not None:
            self._recorder.restored(timeline.frame, chains)

    def stand(self, epoch: int) -> m.Resume:
        """Where we stand: our first word on another session."""
        return m.Resume(
            match=self.election.match,
            epoch=epoch,
            frame=self._timeline.frame,
            hash=self._timeline.hash,
            fresh=self.fresh,
        )

    def interrupted(self) -> None:
        """The session is gone, and what was under way on it."""
        self._catch_up = None

    def set_doubt(self, in_doubt: bool, now: float) -> None:
        """Whether the session may be gone; then what the other side owes us has no deadline."""
        self._in_doubt = in_doubt
        if self._deadline is not None:
            self._deadline = now + MATCH_TIMEOUT
        if self._mender is not None:
            self._mender.extend(now)

    def rejoin(self, ours: m.Resume, theirs: m.Resume, now: float) -> None:
        """Both said where they stand, on another session: give what they lack, and wait for what we lack.

        Raises `RemoteProtocolError`.
        """
        if not self._may_stand_at(ours, theirs):
            raise RemoteProtocolError("bad_resume", f"frame {theirs.frame}, and we have {ours.frame}")
        self._stands = (ours, theirs)
        if self.phase is Phase.STARTING:
            value = ours.hash if theirs.frame else theirs.hash  # they are at play: their log will tell
            start = m.Start(match=ours.match, hash=value, salt=theirs.salt, input_delay=theirs.input_delay)
            self._started(start, now, answer=False)
        if self._difference is not None and self.phase is Phase.STARTING:
            self._settle(now)
            return
        if self._tells_log(ours, theirs):
            if ours.frame > theirs.frame:
                chain = self._recorder.chain if self._recorder is not None else bytes(16)
                for message in tell(ours.match, self._timeline, theirs.frame, chain):
                    self._send(message)
            elif ours.frame < theirs.frame and self._end_message is None:
                self._catch_up = CatchUp(self.game, len(self.election.players), ours.frame, theirs, now)
        if self._catch_up is None:
            self._go_on(now)
        self._settle(now)

    def outdated(self, ours: m.Resume, theirs: m.Resume) -> bool:
        """True if frames passed since we said `ours` (the old session still told them), and it matters."""
        return self._tells_log(ours, theirs) and self.frame != ours.frame

    def _may_stand_at(self, ours: m.Resume, theirs: m.Resume) -> bool:
        """Whether they can have so many frames: without us nobody gets far."""
        return theirs.frame <= (FRAMES_MAX if ours.fresh else ours.frame + INPUTS_AHEAD)

    def _note_rejoined(self) -> None:
        """The other side spoke: it knows by now, too, that we were started anew, and that need not be said again."""
        if self._stands is not None and not self.behind:
            self.fresh = False

    def _tells_log(self, ours: m.Resume, theirs: m.Resume) -> bool:
        """Whether frames that one side lacks have to be told as a log."""
        del ours, theirs
        return True

    def _receive_missed(self, message: m.Log | m.State, now: float) -> None:
        missed = self._catch_up
        if self._end_message is not None:
            return  # they moved on, and do not know yet that it ended before
        if missed is None:
            raise RemoteProtocolError("unexpected_message", "frames that were not asked for")
        if isinstance(message, m.Log):
            missed.log(message, now)
        else:
            missed.snapshot(message, now)
        if missed.complete:
            self._catch_up = self._view = None
            self._adopt(missed)
            self._go_on(now)

    def _adopt(self, missed: CatchUp) -> None:
        """Play what we missed, or take its end from the other side."""
        fresh = self._stands is not None and self._stands[0].fresh
        if missed.state is not None and fresh:
            self._timeline.skip_to(missed.frames, missed.state)
            if self._recorder is not None:
                self._recorder.skipped(missed.frames, missed.state, missed.chain)
            self._hashes.ours(self._timeline.frame, self._timeline.hash)
            return
        if not fresh and not self._is_ours(missed.frames):
            raise RemoteProtocolError("bad_log", "an input of ours that we did not make")
        try:
            for inputs in missed.frames:
                self._play_missed(inputs)
        except IllegalMoveError as error:
            self._suspicion = RemoteProtocolError("bad_log", f"an illegal input: {error}")
            if self.game.tick_rate:
                raise self._suspicion from error

    def _is_ours(self, frames: Sequence[tuple[Any, ...]]) -> bool:
        """Whether we made the inputs that the other side says are ours; only the first frame can have one."""
        waiting = self._timeline.pending(self.me)
        return all(
            inputs[self.me] in (None, waiting if number == 0 else None)
            for number, inputs in enumerate(frames)
        )

    def _play_missed(self, inputs: tuple[Any, ...]) -> None:
        """One frame that they confirmed and we did not. Raises `IllegalMoveError`."""
        before = self._timeline.state
        if not self._timeline.extend([inputs]):
            raise IllegalMoveError("the match is over")
        self._passed(before)

    def _go_on(self, now: float) -> None:
        """Both have the same frames, or soon will: say again what the other side may not have heard."""
        match, timeline = self.election.match, self._timeline
        self._tell_hash()
        move = timeline.pending(self.me)
        if move is not None:
            self._send(m.Input(match=match, frame=timeline.frame, data=encode(move)))
        self._say_again(now)
        if self._mender is not None:
            self._tell(self._mender.restart(now))

    def _tell_hash(self) -> None:
        """Of the newest confirmed frame. In real time not every frame's is told, and so it is rolled."""
        timeline, real_time = self._timeline, bool(self.game.tick_rate)
        value = self._hashes.rolled if real_time else timeline.hash
        self._send(m.StateHash(match=self.election.match, frame=timeline.frame, hash=value))
