"""The clock of a match by turns: how long each player has thought, and whose time is used up.

The host stamps each move (`Timed`) and says whose flag fell (`Flagged`). The way of a move over the network is
forgiven, up to half a second, and time stands while the match does. A guest measures, too: a host that charges it for
time that it did not use, that forgets its own, or that lets a flag hang breaks the protocol. Knows no messages.
"""

from collections.abc import Iterator, Sequence

from p2pgame.core.errors import RemoteProtocolError
from p2pgame.core.terms import ClockTerms, clock_of
from p2pgame.netcode.clocks import ClockFace, Clocks
from p2pgame.session.match.core import MatchCore, Phase
from p2pgame.session.stopwatch import Stopwatch
from p2pgame.wire.decisions import Adjourned, Timed
from p2pgame.wire.takeback import takeback_in

__all__ = ["MatchClock"]

_FORGIVEN = 0.5
"""Seconds of a round trip, at most, that are not charged for a move."""
_STEP = 1.0
"""Seconds from one look at the time to the next: if it takes much longer, our own program or machine stood still, and
who thought meanwhile is not known."""
_PATIENCE_SHOWN = 60.0
"""Seconds of patience from which on the players see how many are left."""
_TOLERANCE = 10.0
"""Seconds by which the measures of host and guest may differ, over the whole match: a lost packet takes a second ..."""
_TOLERANCE_SHARE = 0.02
"""... and this part of what was measured."""


class MatchClock:
    """Of one match. Without a clock among its terms it measures nothing."""

    def __init__(self, core: MatchCore) -> None:
        self.stamps: list[tuple[int, int, int]] = []
        """For the host to decide: seat, frame and milliseconds of each move."""
        self.flag: tuple[int, int] | None = None
        """For the host to decide: whose time is used up, and the milliseconds of its thought."""
        self.now = 0.0
        """Time of the newest news."""
        self._core = core
        self._terms = clock_of(core.config) if not core.game.tick_rate else None
        self.exists = self._terms is not None
        self._seen = False
        self._players = len(core.names)
        self._clocks: Clocks | None = None
        self._applied = 0
        """Entries of the log that are in it."""
        self._frame = core.timeline.frame
        self._watches: dict[int, Stopwatch] = {}
        """Of those who think about the next frame; who has moved keeps its own until the frame passes."""
        self._before: tuple[int, tuple[int, ...]] = (-1, ())
        """The frame after which the match was adjourned last, and the milliseconds that each had thought then."""
        self._measured = [0.0] * self._players
        """Seconds that we measured for moves which the host has stamped or will stamp ..."""
        self._charged = [0.0] * self._players
        """... and what it charged."""

    def update(self, now: float, *, runs: bool) -> None:
        """Measure up to `now`. `runs`: whether the match does.

        Raises `RemoteProtocolError("bad_clock")` of a host that counts otherwise.
        """
        if self._terms is None:
            return
        self.now = now
        self._read_log(self._terms)
        core = self._core
        if core.timeline.frame != self._frame:
            self._pass_frames(now)
        thinking = set(self._thinking()) if core.phase is Phase.PLAYING else set()
        for seat in thinking | self._watches.keys():
            watch = self._watches.setdefault(seat, self._watch(seat))
            if watch.running != (runs and seat in thinking):
                core.changed = True
            watch.update(now, now if runs and seat in thinking else None)
        if (shown := self._shown(self._terms)) != self._seen:
            self._seen, core.changed = shown, True
        self._check_flags(now)

    def next_deadline(self) -> float | None:
        """When a flag falls, or has to have fallen, or to look at the time again; None while no clock runs."""
        due = [at for seat in self._watches if (at := self._due(seat)) is not None]
        return min([self.now + _STEP, *due]) if due else None

    def faces(self) -> tuple[ClockFace, ...]:
        """The clock of each player; empty without, and as long as there is much patience left."""
        if self._terms is None or not self._shown(self._terms):
            return ()
        self._read_log(self._terms)
        clocks, found = self._clocks or Clocks(self._terms, self._players), []
        for seat in range(self._players):
            watch = self._watches.get(seat) or self._watch(seat)
            used = round(watch.seconds * 1000)
            found.append(clocks.face(seat, used, running=watch.running, at=self.now))
        return tuple(found)

    def may_be_late(self, seat: int) -> bool:
        """For a guest: whether the time of its player may be used up, by its own measure."""
        if self._clocks is None:
            return False
        if self._core.linked[0].resume is not None:  # another program measured the rest
            return True
        watch = self._watches.get(seat, Stopwatch())
        enough = self._clocks.left(seat) / 1000 - _TOLERANCE
        due = watch.reaches(enough)
        return watch.seconds >= enough or (due is not None and self.now >= due)

    def thought(self) -> tuple[int, ...]:
        """For the host: milliseconds for which each player has thought about the next move; empty without a clock."""
        if self._terms is None or self._terms.patience:
            return ()
        watches = [self._watches.get(seat) or self._watch(seat) for seat in range(self._players)]
        for watch in watches:
            watch.update(self.now, self.now if watch.running else None)
        return tuple(round(watch.seconds * 1000) for watch in watches)

    def is_fair(self, thought: Sequence[int]) -> bool:
        """For a guest: whether the host says so by our own measure, of our players and of its own."""
        core = self._core
        if self._terms is None or self._terms.patience or len(thought) != self._players:
            return not thought and (self._terms is None or self._terms.patience)
        if core.is_host or not core.linked or core.linked[0].resume is not None:
            return True  # another program, ours or that of the host, has measured the rest
        for seat, milliseconds in enumerate(thought):
            said, measured = milliseconds / 1000, self._watches.get(seat, Stopwatch()).seconds
            tolerance = _TOLERANCE + _TOLERANCE_SHARE * measured
            if seat in core.seats and said > measured + tolerance:
                return False
            forgotten = said + (core.linked[0].rtt or 0.0) + tolerance < measured
            if core.seating.owners[seat] == core.seating.host and forgotten:
                return False
        return True

    # --- inside

    def _shown(self, terms: ClockTerms) -> bool:
        """Whether the players see a clock."""
        if not terms.patience:
            return True
        left = terms.period / 1000 - max((watch.seconds for watch in self._watches.values()), default=0.0)
        return left <= _PATIENCE_SHOWN

    def _watch(self, seat: int) -> Stopwatch:
        """Of a player who begins to think about the next move, or goes on."""
        frame, thought = self._before
        before = thought[seat] if frame == self._core.timeline.frame and seat < len(thought) else 0
        return Stopwatch(before / 1000, longest=2 * _STEP)

    def _thinking(self) -> Iterator[int]:
        """Players whose time runs. Bots have no clock."""
        core = self._core
        for seat in core.engine.to_move:
            if seat not in core.seals.commitments and seat not in core.seating.bots:
                yield seat

    def _read_log(self, terms: ClockTerms) -> None:
        """Apply the entries that came; all anew if some were taken back."""
        decisions = self._core.log.decisions
        if self._clocks is None or len(decisions) < self._applied:
            self._clocks, self._applied = Clocks(terms, self._players), 0
            self._charged = [0.0] * self._players
            self._measured = [0.0] * self._players
        for decision in decisions[self._applied :]:
            what = decision.what
            if isinstance(what, Adjourned):
                self._before = decision.frame, what.thought
            self._core.changed = True
            self._clocks.apply(what)
            if isinstance(what, Timed) and what.seat < self._players:
                self._charged[what.seat] += what.milliseconds / 1000
                self._check_charge(what.seat)
        self._applied = len(decisions)

    def _pass_frames(self, now: float) -> None:
        """Frames passed: stamp the moves that led to them, if we are the host."""
        core, log = self._core, self._core.timeline.log
        watches, self._watches = self._watches, {}
        first, self._frame = self._frame, core.timeline.frame
        for frame in range(first, self._frame):
            if takeback_in(log[frame]) is not None:  # this turn never was, nor the time for it
                continue
            for seat, data in enumerate(log[frame]):
                watch = watches.pop(seat, None)
                if data is None or watch is None:
                    continue
                watch.update(now, now if watch.running else None)
                self._measured[seat] += watch.seconds
                if core.is_host and not (self._terms is not None and self._terms.patience):
                    used = max(0.0, watch.seconds - self._forgiven(seat))
                    self.stamps.append((seat, frame + 1, round(used * 1000)))

    def _forgiven(self, seat: int) -> float:
        """Seconds that a move of `seat` may be on its way."""
        for remote in self._core.linked:
            if seat in remote.seats:
                return min(_FORGIVEN, remote.rtt or 0.0)
        return 0.0

    def _check_charge(self, seat: int) -> None:
        """Of our moves and of those of the host we know about how long they took."""
        core = self._core
        measured, charged = self._measured[seat], self._charged[seat]
        tolerance = _TOLERANCE + _TOLERANCE_SHARE * measured
        if core.is_host or not core.linked or core.linked[0].resume is not None:
            return  # another program, ours or that of the host, has measured the rest
        overcharged = seat in core.seats and charged > measured + tolerance
        rtt = (core.linked[0].rtt or 0.0) * len(core.timeline.log)
        forgotten = core.seating.owners[seat] == core.seating.host and charged + rtt + tolerance < measured
        if overcharged or forgotten:
            raise RemoteProtocolError("bad_clock").by(core.linked[0].member)

    def _due(self, seat: int) -> float | None:
        """When the flag of `seat` falls; for a guest, by when the host has to have said so."""
        watch = self._watches[seat]
        if self._clocks is None or not watch.running:
            return None
        grace = self._forgiven(seat) if self._core.is_host else _TOLERANCE
        return watch.reaches(self._clocks.left(seat) / 1000 + grace)

    def _check_flags(self, now: float) -> None:
        core = self._core
        for seat, watch in self._watches.items():
            due = self._due(seat)
            if due is None or now < due:
                continue
            if core.is_host:
                self.flag = seat, round(watch.seconds * 1000)
            elif core.linked and seat not in core.seats:
                raise RemoteProtocolError("bad_clock").by(core.linked[0].member)
            return
