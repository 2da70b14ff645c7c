"""What a host says that we played while it went on without us, and what we know that we did.

A host that answers with a `cut` takes frames of ours back and tells those that passed since. Its decisions have to show
it: an entry that is new to us drops our people at the cut, or begins an epoch there; and an input of a person of ours
is one that we gave. Else it could put any inputs in place of ours, in a file that we sign. Does not know sessions.
"""

from p2pgame.session.match.core import MatchCore
from p2pgame.wire import messages as m
from p2pgame.wire.bounds import TOLD_SECONDS
from p2pgame.wire.decisions import Dropped, HostIs, Seated

__all__ = ["ToldFrames"]

_NO_FRAME = (1 << 32) - 1


class ToldFrames:
    """Of one match."""

    def __init__(self, core: MatchCore) -> None:
        self.invented = False
        """True while a host told what its decisions do not show: we sign nothing."""
        self._core = core
        self._cut: tuple[m.Resume, int, tuple[int, ...]] | None = None
        """To be judged: what the host said, how many entries we had in common with it, and our seats then."""
        self._made: dict[tuple[int, int], bytes | None] = {}
        """Inputs of people of ours that were taken back and not judged yet, by frame and seat."""
        self._first = _NO_FRAME
        """Frames before this one are as they were."""
        self._lost = range(0)
        """Frames whose inputs a program that was started anew may have lost; all, if it lost its file."""

    def begin(self, ours: m.Resume, theirs: m.Resume) -> None:
        """The host went on without us, as it says; nothing is taken back yet."""
        core, frame = self._core, self._core.timeline.frame
        if core.recorder is None:  # we sign nothing anyway
            return
        self._cut = theirs, core.log.common(theirs.epochs), core.seats
        self._first = min(self._first, frame, theirs.cut or 0)
        openings = core.seals.openings if core.seals.frame == frame else {}
        for seat in core.seats:
            for at, inputs in enumerate(core.timeline.log[theirs.cut :], theirs.cut or 0):
                self._made.setdefault((at, seat), inputs[seat])
            given = core.engine.inputs_since(seat, frame) if core.engine.window else ()
            opening = openings.get(seat, core.engine.waiting(seat))
            for at, data in enumerate(given or ((opening,) if opening is not None else ()), frame):
                self._made.setdefault((at, seat), data)
        if ours.fresh:
            until = frame + int(TOLD_SECONDS * core.game.tick_rate) if frame else theirs.frame
            self._lost = range(frame, max(until, self._lost.stop))

    def judge(self) -> None:
        """All that the host promised is here."""
        cut, self._cut = self._cut, None
        if cut is None:
            return
        self.invented = not (self._shown(*cut) and self._all_ours(self._first))
        # Who follows it, maybe the true host, has to answer for these frames, too.
        if not self.invented:
            self._made.clear()
            self._first, self._lost = _NO_FRAME, range(0)

    def _shown(self, theirs: m.Resume, known: int, seats: tuple[int, ...]) -> bool:
        """Whether the log says so: at the cut, or later if the host had no more frames then."""
        if not seats:
            return True
        cut, frames = theirs.cut or 0, []
        for decision in self._core.log.decisions[known:]:
            match decision.what:
                case Dropped(seat=seat) if seat in seats:
                    frames.append(decision.frame)
                case HostIs():
                    frames.append(decision.frame)
        return cut in frames or (cut == theirs.frame and any(frame > cut for frame in frames))

    def _all_ours(self, first: int) -> bool:
        """Whether the inputs of our people in the frames from `first` on are those that we gave."""
        core = self._core
        for seat in range(len(core.names)):
            changes = self._changes(seat)
            for frame, inputs in enumerate(core.timeline.log[first:], first):
                ours = next((mine for since, mine in changes if since <= frame), False)
                if ours and frame not in self._lost and inputs[seat] != self._made.get((frame, seat)):
                    return False
        return True

    def _changes(self, seat: int) -> list[tuple[int, bool]]:
        """From which frame on the seat is that of a person of ours, or not; the newest decision first."""
        core = self._core
        changes = [(0, core.election.players[seat] == core.peer and seat not in core.first_bots)]
        for decision in core.log.decisions:
            match decision.what:
                case Dropped(seat=dropped) if dropped == seat:
                    changes.append((decision.frame, False))
                case Seated(seat=seated, peer=peer) if seated == seat:
                    changes.append((decision.frame, peer == core.peer))
                case HostIs():  # later frames never were: what was decided for them holds from here on
                    changes = [(min(frame, decision.frame), ours) for frame, ours in changes]
        return changes[::-1]
