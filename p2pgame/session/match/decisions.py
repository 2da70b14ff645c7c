"""Decisions of the host beyond the inputs, and the requests of members for them.

    a member: Request --> the host: Decided, the next entry of the log --> everybody applies it

Resigning, agreeing to a draw, ending, pauses, and who plays on which seat are entries of one log (`wire.decisions`).
A member that continues without the host decides in a new epoch. Does not know how an end is settled.
"""

from collections.abc import Callable, Sequence
from typing import Protocol

from p2pgame.core.errors import RemoteProtocolError
from p2pgame.core.game import EndedBy, Outcome
from p2pgame.core.terms import clock_of
from p2pgame.netcode.decisions import DECISIONS_MAX, justified
from p2pgame.replay.votes import elected
from p2pgame.session import events as e
from p2pgame.session.match.clock import MatchClock
from p2pgame.session.match.core import MatchCore
from p2pgame.session.match.offers import ADJOURNMENT, DRAW, Offers
from p2pgame.session.match.remote import Remote
from p2pgame.session.saved_match import SavedMatch
from p2pgame.wire import messages as m
from p2pgame.wire.bounds import EPOCHS_MAX
from p2pgame.wire.decisions import (
    Adjourned,
    Claimed,
    Decision,
    DecisionBody,
    DrawAgreed,
    Dropped,
    Ended,
    Flagged,
    HostIs,
    HostVote,
    Paused,
    Resigned,
    Seated,
    TimeAdded,
    Timed,
    decode_decision,
)

__all__ = ["Decisions", "EndFrames"]

_REQUESTED_MAX = 256
"""Entries, besides the stamps of a clock, up to which pauses are recorded: each is caused from outside."""
TIME_GIVEN_MS = 15_000
"""Milliseconds that a player gives to each of the others at once."""
ADJOURNMENTS_MAX = 64
"""Of one match."""
_TAKEN_MAX = DECISIONS_MAX - 16
"""Entries that are taken from another member: there is always room for our own end."""
_ASIDE_MAX = _TAKEN_MAX - 2
"""Entries up to which a match may be adjourned."""


class EndFrames(Protocol):
    """The frames at which decisions take effect."""

    offer_frames: int
    """Frames until a draw offer expires."""

    def end_frame(self) -> int:
        """For the host: the first frame that no member can have passed."""

    def end_range(self) -> tuple[int, int]:
        """For a guest: the first and the last frame at which the host may end the match."""

    def drop_frame(self, seat: int) -> int:
        """For the host: the first frame without an input of the owner of `seat`."""

    def dropped_at(self, seat: int, frame: int) -> None:
        """The owner of `seat` gives no input for `frame` and later ones; the host does."""

    def seating_frame(self, remote: Remote) -> int:
        """For the host: from which frame on `remote` can give the inputs of a seat that we play."""

    def seated(self, seat: int, peer: str, frame: int) -> None:
        """The inputs of `seat` come from `peer` from `frame` on."""


class Decisions:
    """The decision log of one match, and pending requests."""

    def __init__(
        self,
        core: MatchCore,
        frames: EndFrames,
        end_at: Callable[[int, Outcome], None],
        clock: MatchClock,
    ) -> None:
        """`end_at(frame, outcome)` ends the match there. `clock`: our own measure of the players' time."""
        self.draw = Offers(core, DRAW, lambda: frames.offer_frames)
        self.adjournment = Offers(core, ADJOURNMENT, lambda: frames.offer_frames)
        self.resigning = False
        """True once our player resigned."""
        self.leaving: list[Remote] = []
        """Members who asked to leave the round; the session drops them."""
        self.gathering = False
        """For a host whose program was started anew: it does not know yet what it decided last, and decides nothing."""
        self._leaves = False
        """Our player left the round meanwhile."""
        self.following: tuple[int, str] = (0, "")
        """The epoch and the peer of the host that we chose when the one before was gone."""
        self._core = core
        self._clock = clock
        self._frames = frames
        self._end_at = end_at
        self._repaired = False
        """True once the states differed: an end may be said that was decided in a state that never was."""
        self._known_elsewhere = 0
        """For a host that lost entries with its program: as many a guest has, and says again."""

    @property
    def ended(self) -> Ended | None:
        """The newest end by decision."""
        ends = (what for what in reversed(self._core.log.bodies) if isinstance(what, Ended))
        return next(ends, None)

    # --- our player

    def resign(self) -> None:
        """Resign. The host decides at once; a guest sends a request."""
        core = self._core
        if self.resigning:
            return
        self.resigning = True
        if core.recorder is not None:
            core.recorder.note(m.RequestKind.RESIGN.value)
        if core.is_host:
            self._decide_resigned(core.me)
        else:
            self._request(m.RequestKind.RESIGN)

    def leave(self) -> None:
        """Leave the round: bots play on for our people. Who is no host is told by being dropped."""
        core = self._core
        if not core.seats or self.ended is not None:
            return
        if self.gathering:
            self._leaves = True
        elif core.is_host:
            for seat in core.seats:
                self._decide_dropped(seat, "left")
        else:
            self._request(m.RequestKind.LEAVE)

    def drop(self, peer: str, reason: str) -> None:
        """For the host: bots play for the people of `peer`, who are gone. Nothing more is expected of it."""
        for seat in self._core.seating.people_of(peer):
            self._decide_dropped(seat, reason)

    def seat(self, remote: Remote, seats: Sequence[int]) -> None:
        """For the host: the people of `remote` play on these seats of bots, as soon as they can."""
        core = self._core
        if self.ended is not None or core.timeline.outcome is not None:
            return
        for seat in seats:
            if seat in core.seating.bots:
                frame = self._frames.seating_frame(remote)
                self._decide(frame, Seated(seat=seat, peer=remote.peer))
                self._apply(core.log.decisions[-1])

    def replace_host(self, epoch: int, votes: tuple[HostVote, ...]) -> None:
        """The host is gone and we carry the match from now on, in this epoch; bots play for its people.

        `votes`: by which we were elected.
        """
        core, gone = self._core, self._core.seating.host
        self._decide(core.timeline.frame, HostIs(peer=core.peer, votes=votes), epoch=epoch)
        self._apply(core.log.decisions[-1])
        if gone != core.peer:  # or we are back
            self.drop(gone, "lost")
        if self._leaves:
            self.leave()

    def offer_draw(self) -> None:
        """Offer a draw."""
        self.draw.make()
        self._decide_agreed()

    def ask_to_adjourn(self) -> None:
        """Ask to put the match aside, or agree to it."""
        if self.may_adjourn:
            self.adjournment.make()
            self._decide_agreed()

    @property
    def may_adjourn(self) -> bool:
        """Whether the match can be put aside now."""
        return self._may_decide and self._adjournable

    def restore(self, saved: SavedMatch) -> None:
        """Restore the decisions and requests from before a restart of our program."""
        engine = self._core.engine
        self.resigning = saved.resign_requested
        self.draw.restore(saved.draw_offered)
        self.adjournment.restore(saved.adjourn_offered)
        for decision in self._core.log.decisions:
            match decision.what:
                case Ended(outcome=outcome):
                    engine.end_at(decision.frame, outcome)

    def give_time(self) -> None:
        """The others get more time."""
        core = self._core
        if core.is_host:
            self._decide_more_time(core.me)
        elif core.seats:
            self._request(m.RequestKind.TIME)

    def time(self, seat: int, frame: int, milliseconds: int) -> None:
        """For the host: the move of `seat` that led to `frame` took so long."""
        if self._may_decide and len(self._core.log.entries) < _TAKEN_MAX - _REQUESTED_MAX:
            self._decide(frame, Timed(seat=seat, milliseconds=milliseconds))

    def flag(self, seat: int, milliseconds: int) -> None:
        """For the host: the time of `seat`, which has thought for so long, is used up."""
        if self._may_decide:
            why = Flagged(seat=seat, milliseconds=milliseconds)
            winners = tuple(p for p in range(len(self._core.names)) if p != seat)
            self._decide_end([why], Outcome.by(EndedBy.TIME, winners))

    def paused(self, reason: str, milliseconds: int) -> None:
        """Record a pause that ended now. Only the host does."""
        core = self._core
        if core.is_host and self._may_note:
            self._decide(core.timeline.frame, Paused(reason=reason, milliseconds=milliseconds))

    def end_alone(self, why: Sequence[Resigned | Claimed], outcome: Outcome) -> None:
        """End the match here without the others, in a new epoch."""
        core = self._core
        for number, entry in enumerate((*why, Ended(outcome=outcome))):
            epoch = 0 if number else core.log.epoch + 1
            data = core.log.write(core.timeline.frame, entry, epoch=epoch)
            if core.recorder is not None:
                core.recorder.decided(data)

    # --- messages

    def receive_request(self, remote: Remote, message: m.Request) -> None:
        """Handle the request of a member, which it may make."""
        player = message.player
        match message.what:
            case m.RequestKind.RESIGN:
                self._decide_resigned(player)
            case m.RequestKind.LEAVE:
                self.leaving.append(remote)
            case m.RequestKind.TIME:
                self._decide_more_time(player)
            case m.RequestKind.DRAW | m.RequestKind.REFUSE_DRAW:
                self.draw.receive(remote, message)
            case m.RequestKind.ADJOURN | m.RequestKind.REFUSE_ADJOURN if self.may_adjourn:
                self.adjournment.receive(remote, message)
        self._decide_agreed()

    def receive(self, remote: Remote, message: m.Decided) -> None:
        """Handle an entry of the host's log. A guest may send one that we lost in a restart.

        Raises `RemoteProtocolError("bad_decision")`.
        """
        core = self._core
        decision = decode_decision(message.entry)
        if core.log.contains(message.entry):
            if core.is_host or isinstance(decision.what, Adjourned):  # applied when it was decided
                return
        else:
            old = remote.resume is not None and len(core.log.entries) < remote.resume[1].decisions
            self._check(decision, remote, old=old)
            if len(core.log.entries) >= _TAKEN_MAX or len(core.log.epochs) >= EPOCHS_MAX - 1:
                raise RemoteProtocolError("bad_decision", reason="too_many")
            core.log.append(message.entry)
            if core.recorder is not None:
                core.recorder.decided(message.entry)
            if isinstance(decision.what, Dropped) and decision.what.seat in core.seats and not old:
                core.take_back(decision.frame)  # an old one came with its cut
        self._apply(decision)
        if self.resigning and core.is_host:  # and could not decide that before
            self._decide_resigned(core.me)

    def resend(self, remote: Remote, known: int) -> None:
        """On another session, send the entries after the first `known` and all pending requests."""
        core = self._core
        for entry in core.log.entries[known:]:
            remote.send(m.Decided(match=core.match, entry=entry))
        if self.ended is not None:
            return
        if self.resigning and core.is_host:  # our program was killed before it decided
            self._decide_resigned(core.me)
        elif self.resigning:
            self._request(m.RequestKind.RESIGN)
        else:
            self.draw.resend(remote)
            self.adjournment.resend(remote)

    def repaired(self) -> None:
        """After a repair: replace an end beyond the last frame, which was decided in a wrong state."""
        core, end = self._core, self.ended
        self._repaired = True
        if end is None or not core.is_host:
            return
        frame = self._frames.end_frame()
        if next(d.frame for d in reversed(core.log.decisions) if d.what is end) > frame:
            self._decide(frame, Ended(outcome=end.outcome))
            self._end_at(frame, end.outcome)

    def rejoined(self, ours: m.Resume, theirs: m.Resume) -> None:
        """Both said how many entries they have: the host writes none in the place of those that it lost."""
        if self._core.is_host and (ours.fresh or self._incomplete):
            self._known_elsewhere = max(self._known_elsewhere, theirs.decisions)

    # --- inside

    @property
    def _may_decide(self) -> bool:
        if self._incomplete or self._core.adjourned:
            return False
        return self._core.timeline.outcome is None and self.ended is None

    @property
    def _timed(self) -> bool:
        """Whether the match has a clock."""
        clock = clock_of(self._core.config)
        return clock is not None and not clock.patience

    def _decide_more_time(self, giver: int) -> None:
        core = self._core
        if not self._timed or not self._may_note:
            return
        for seat in range(len(core.names)):
            if core.seating.owners[seat] != core.seating.owners[giver] and seat not in core.seating.bots:
                self._decide(core.timeline.frame, TimeAdded(seat=seat, milliseconds=TIME_GIVEN_MS))
        core.changed = True

    @property
    def _incomplete(self) -> bool:
        """True while entries of ours that we lost are on their way from a guest."""
        return self.gathering or len(self._core.log.entries) < self._known_elsewhere

    @property
    def _may_note(self) -> bool:
        """Whether an entry may be written that somebody asked for or that only tells: not once the end is known."""
        if not self._may_decide:
            return False
        return sum(type(what) is not Timed for what in self._core.log.bodies) < _REQUESTED_MAX

    def _request(self, what: m.RequestKind, value: int = 0) -> None:
        core = self._core
        core.broadcast(m.Request(match=core.match, player=core.me, what=what, value=value))

    def _decide(self, frame: int, what: DecisionBody, *, epoch: int = 0) -> None:
        core = self._core
        data = core.log.write(frame, what, epoch=epoch)
        if core.recorder is not None:
            core.recorder.decided(data)
        core.broadcast(m.Decided(match=core.match, entry=data))

    def _decide_resigned(self, player: int) -> None:
        """All people of the program that resigns for `player` do. The first end stands."""
        core = self._core
        if self.ended is None and not self._incomplete:
            losers = core.seating.people_of(core.seating.owners[player])
            winners = tuple(p for p in range(len(core.names)) if p not in losers)
            why = [Resigned(seat=seat) for seat in losers]
            self._decide_end(why, Outcome.by(EndedBy.RESIGNED, winners))

    def _decide_dropped(self, seat: int, reason: str) -> None:
        frame = self._frames.drop_frame(seat)
        self._decide(frame, Dropped(seat=seat, reason=reason))
        self._apply(self._core.log.decisions[-1])

    @property
    def _adjournable(self) -> bool:
        """Whether it is a match by turns that waits for its players and is on their disks."""
        core = self._core
        if core.game.tick_rate or core.room or core.recorder is None or len(core.log.entries) >= _ASIDE_MAX:
            return False
        return sum(isinstance(what, Adjourned) for what in core.log.bodies) < ADJOURNMENTS_MAX

    def _may_agree(self, offers: Offers, decision: Decision) -> bool:
        """Whether the host may say that all agreed to what is offered. Who watches has no say."""
        until = offers.until if self._core.seats else self._frames.end_range()[1] + 1
        return decision.frame < until

    def _decide_agreed(self) -> None:
        """For the host: decide what everybody offers."""
        if not self._core.is_host or self.ended is not None or self._incomplete:
            return
        if self.draw.agreed:
            self._decide_end([DrawAgreed()], Outcome.by(EndedBy.DRAW_AGREED))
        elif self.adjournment.agreed and self.may_adjourn:
            self._decide(self._frames.end_frame(), Adjourned(thought=self._clock.thought()))
            self._apply(self._core.log.decisions[-1])

    def _decide_end(self, why: Sequence[DecisionBody], outcome: Outcome) -> None:
        frame = self._frames.end_frame()
        for what in why:
            self._decide(frame, what)
        self._end_at(frame, outcome)
        self._decide(frame, Ended(outcome=outcome))

    def _apply(self, decision: Decision) -> None:
        """Apply an entry of the host. The other kinds have no effect of their own."""
        core = self._core
        match decision.what:
            case Ended(outcome=outcome) if decision.frame <= self._frames.end_range()[1]:
                self._end_at(decision.frame, outcome)
            case Dropped(seat=seat):
                self._frames.dropped_at(seat, decision.frame)
                self._reseat(decision, seat)
            case Seated(seat=seat, peer=peer):
                core.number_of(peer)
                core.handovers[seat] = decision.frame
                self._frames.seated(seat, peer, decision.frame)
                self._reseat(decision, seat)
            case Adjourned():
                core.adjourned = core.changed = True
                self.draw.clear()
                self.adjournment.clear()
            case HostIs():
                core.deposed = self.gathering = False
                core.seating.apply(decision)
                core.reseat()
                host, name = core.seating.host, core.name_of(core.seating.host)
                core.emit(e.HostChanged(match=core.match, host=host, name=name, epoch=decision.epoch))

    def _reseat(self, decision: Decision, seat: int) -> None:
        """Somebody else plays on the seat."""
        core = self._core
        core.seating.apply(decision)
        core.reseat()
        kind = "bot" if seat in core.seating.bots else "person"
        owner, name = core.seating.owners[seat], core.seat_names[seat]
        core.emit(e.SeatChanged(room=core.room, seat=seat, kind=kind, peer=owner, name=name))

    def _follows(self, epoch: int, host: str) -> bool:
        """Whether we chose that host, or were away while others chose it and one after it."""
        newest, chosen = self.following
        return epoch < newest or (epoch, host) == (newest, chosen)

    def _check(self, decision: Decision, remote: Remote, *, old: bool) -> None:
        """Raises `RemoteProtocolError("bad_decision")` for a decision that the sender may not make.

        `old`: it was made before the session.
        """
        core = self._core
        what = decision.what
        first, last = self._frames.end_range()
        followed = isinstance(what, HostIs) and self._follows(decision.epoch, what.peer)
        if (core.is_host and not self._incomplete) or not (followed or decision.epoch == core.log.epoch):
            raise RemoteProtocolError("bad_decision", reason="not_yours")
        match what:
            case Resigned(seat=seat):
                mine = seat in core.seats and not self.resigning
                good = seat < len(core.names) and not mine
            case DrawAgreed():
                good = first <= decision.frame and self._may_agree(self.draw, decision)
            case Adjourned(thought=thought):
                good = first <= decision.frame and self._may_agree(self.adjournment, decision)
                good = good and bool(core.seats) and self._adjournable and self._clock.is_fair(thought)
            case Claimed():
                good = False
            case Ended(outcome=outcome):
                never_was = self._repaired or remote.lost_memory  # then the host decides another end
                good = first <= decision.frame and (decision.frame <= last or never_was)
                good = good and justified(outcome, len(core.names), core.log.bodies, clock_of(core.config))
                if outcome.ended_by is EndedBy.DRAW_AGREED:  # while the offer stands, not when the host likes
                    good = good and self._may_agree(self.draw, decision)
            case Paused():
                good = True
            case Timed(seat=seat) | TimeAdded(seat=seat):
                good = seat < len(core.names) and self._timed
            case Flagged(seat=seat):
                good = seat < len(core.names) and (seat not in core.seats or self._clock.may_be_late(seat))
            case Seated(peer=peer) if (
                peer == core.peer and not old
            ):  # of no frame that has our input without us
                good = core.seating.allows(decision) and decision.frame >= core.timeline.frame
            case Dropped() | Seated():
                good = core.seating.allows(decision)
            case HostIs():
                good = followed and core.seating.allows(decision)
                good = good and elected(core.match, decision, core.seating)
        if not good:
            raise RemoteProtocolError("bad_decision", reason="not_yours", frame=decision.frame)
