"""Continues a match on another session or after a restart: finds and transfers the missing frames.

Does not know sessions. Other parts resend their own messages afterwards.
"""

from contextlib import nullcontext, suppress

from p2pgame.core.errors import IllegalMoveError, RemoteProtocolError
from p2pgame.replay.chain import first_link, link
from p2pgame.replay.reader import FRAMES_MAX
from p2pgame.session.match.catchup import CatchUp, missing_frames
from p2pgame.session.match.core import MatchCore
from p2pgame.session.match.exchange import Exchange
from p2pgame.session.match.remote import Remote
from p2pgame.session.saved_match import SavedMatch
from p2pgame.wire import messages as m
from p2pgame.wire.bounds import INPUTS_AHEAD, RESUME_TIMEOUT, TOLD_SECONDS
from p2pgame.wire.decisions import Claimed, DrawAgreed, Ended, Resigned

__all__ = ["Recovery"]


class Recovery:
    """The recovery of one match."""

    def __init__(self, core: MatchCore, exchange: Exchange) -> None:
        self.fresh = False
        """True for a match that was loaded from its file, until all members have resumed it."""
        self._core = core
        self._exchange = exchange
        self.catch_up: CatchUp | None = None
        self.entries_owed = 0
        """Entries of a host that we came back to: until we have so many, or its session is gone, nothing moves."""
        self.entries_by: float | None = None
        """When the entries are to be here that a host said it has; None once they are."""

    @property
    def catching_up(self) -> bool:
        """True while what another member has more is on its way."""
        return self.catch_up is not None

    @property
    def deadline(self) -> float | None:
        return self.catch_up.deadline if self.catch_up is not None else None

    def restore(self, saved: SavedMatch) -> None:
        """Restore the state at the end of the file."""
        core, timeline = self._core, self._core.timeline
        chains = [first_link(timeline.hash)]
        if not core.engine.window:
            # Replay the few frames, so that a decision can still take back the last of them.
            with suppress(IllegalMoveError):
                for inputs in saved.log:
                    core.engine.replay(inputs)
                    chains.append(link(chains[-1], inputs, timeline.hash))
        if chains[-1] != saved.chain:
            timeline.restore(saved.log, saved.state)
            chains = [saved.chain]
        core.engine.restart()
        for entry in saved.decisions.entries:
            core.log.append(entry)
        core.seat_anew()
        core.link_star()
        core.reseat()
        core.seals.restore(timeline.frame, timeline.sealed, saved.seals)
        for remote in core.linked:
            remote.hashes.ours(timeline.frame, timeline.hash)
        if core.recorder is not None:
            core.recorder.restored(timeline.frame, chains)
        self.fresh = True

    def resume_message(
        self, remote: Remote, session: int, cut: int | None = None, epoch: int | None = None
    ) -> m.Resume:
        """Our `Resume` for the session of number `session` with `remote`. `cut`, `epoch`: see there."""
        core = self._core
        ours = m.Resume(
            cut=cut,
            epoch=epoch,
            match=core.match,
            session=session,
            frame=core.timeline.frame,
            hash=core.timeline.hash,
            fresh=self.fresh,
            epochs=core.log.epochs,
        )
        return self._exchange.resume(ours, remote)

    def check(self, ours: m.Resume, theirs: m.Resume) -> None:
        """Raise `RemoteProtocolError` if they claim more frames than possible: no side can run far ahead.

        A program that was started anew takes no more from the other side than its disk may have lost.
        """
        core = self._core
        if theirs.cut is not None:  # the host went on without us, by decisions that it has to show
            if core.is_host or theirs.cut > theirs.frame:
                raise RemoteProtocolError("bad_resume", reason="cut", frame=theirs.frame, ours=ours.frame)
        elif ours.fresh and core.engine.window:
            told = theirs.frame + len(theirs.inputs) - ours.frame
            if told > TOLD_SECONDS * core.game.tick_rate:
                raise RemoteProtocolError(
                    "disputed", reason="too_much_told", frame=theirs.frame, ours=ours.frame
                )
        elif theirs.frame > ours.frame + INPUTS_AHEAD:
            raise RemoteProtocolError("bad_resume", reason="frame", frame=theirs.frame, ours=ours.frame)

    def outdated(self, ours: m.Resume, theirs: m.Resume) -> bool:
        """True if frames advanced on the old session after we sent `ours` and a log is needed."""
        return self._exchange.tells_log(ours, theirs) and self._core.timeline.frame != ours.frame

    def exchange_frames(self, remote: Remote, ours: m.Resume, theirs: m.Resume, now: float) -> None:
        """Send the frames that they miss, or start to receive those that we miss."""
        core = self._core
        if not self._exchange.tells_log(ours, theirs):
            return
        if ours.frame > theirs.frame:
            for message in missing_frames(core.match, core.timeline, theirs.frame):
                remote.send(message)
        elif ours.frame < theirs.frame:
            self.catch_up = CatchUp(core.game, len(core.names), ours.frame, theirs.frame, now)

    def take_back(self, theirs: m.Resume, now: float) -> None:
        """The host went on without us: what it did not get of our frames never was, and it has more of others."""
        self._take_back_decisions(theirs)
        self._core.take_back(theirs.cut or 0)
        self._expect(theirs, now)

    def expect(self, theirs: m.Resume, now: float) -> None:
        """What another member has more is on its way."""
        self._take_back_decisions(theirs)
        self._expect(theirs, now)

    def _expect(self, theirs: m.Resume, now: float) -> None:
        core, frame = self._core, self._core.timeline.frame
        if theirs.frame > (core.timeline.limit or FRAMES_MAX):
            raise RemoteProtocolError("bad_resume", reason="frame", frame=theirs.frame)
        if frame < theirs.frame:
            self.catch_up = CatchUp(core.game, len(core.names), frame, theirs.frame, now)

    def _take_back_decisions(self, theirs: m.Resume) -> None:
        """Entries that the host of a later epoch does not have never were.

        No end is among them: who resigned, or saw others resign, is not asked again. Raises `RemoteProtocolError`.
        """
        core = self._core
        common = core.log.common(theirs.epochs)
        void = core.log.bodies[common:]
        if not void or theirs.newest_epoch <= core.log.epoch:
            return
        if any(isinstance(what, Resigned | Claimed | DrawAgreed | Ended) for what in void):
            raise RemoteProtocolError("disputed", reason="end_taken_back")
        core.log.take_back(common)
        if core.recorder is not None:
            core.recorder.undecided(common)
        core.seat_anew()

    def interrupted(self) -> None:
        """The session is gone, and what was under way on it."""
        self.catch_up = self.entries_by = None
        self.entries_owed = 0

    def owe(self, entries: int, now: float) -> None:
        """A host says that it has so many entries, and sends those that we lack."""
        self.entries_owed = entries if entries > len(self._core.log.entries) else 0
        self.entries_by = now + RESUME_TIMEOUT if self.entries_owed else None

    def note_heard(self) -> None:
        """The other side spoke: it knows by now, too, that we were started anew."""
        if self.fresh and self.catch_up is None and any(r.resume is not None for r in self._core.linked):
            self.fresh = False

    def receive(self, message: m.Log, now: float) -> CatchUp | None:
        """A part of what we lack; all of it, once it is complete. Raises `RemoteProtocolError`.

        Who came back may have been told of frames that passed here since it asked; who watches, of the last ones.
        """
        core, missed = self._core, self.catch_up
        if missed is None:
            if not any(
                remote.resume is not None and remote.resume[1].cut is not None for remote in core.linked
            ):
                raise RemoteProtocolError(
                    "unexpected_message", message="log", scope="match", phase="complete"
                )
            told = 0 if core.seats else message.first + sum(count for count, _ in message.runs)
            missed = CatchUp(core.game, len(core.names), core.timeline.frame, told, now)
            if missed.complete:
                return None
        missed.log(message, now)
        if not missed.complete:
            return None
        self.catch_up = None
        return missed

    def adopt(self, remote: Remote, missed: CatchUp) -> RemoteProtocolError | None:
        """Play the missing frames. By turns our own inputs are among them only if our disk has them.

        Returns the suspected fault if a frame is illegal in our state. Raises `RemoteProtocolError`.
        """
        core = self._core
        fresh = remote.resume is not None and remote.resume[0].fresh
        dropped = remote.resume is not None and remote.resume[1].cut is not None
        told = fresh and core.engine.window > 0 and not dropped
        if not told and not dropped and not self._exchange.made_by_us(missed.frames):
            raise RemoteProtocolError("disputed" if fresh else "bad_log", reason="not_our_input")
        with core.recorder.told() if told and core.recorder is not None else nullcontext():
            try:
                for inputs in missed.frames:
                    self._exchange.replay(inputs)
            except IllegalMoveError as error:
                suspected_fault = RemoteProtocolError("bad_log", reason=error.code)
                if core.engine.window:
                    raise suspected_fault from error
                return suspected_fault
        return None
