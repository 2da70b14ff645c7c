"""One match and the sequence of sessions (links) that carry it.

    PLAYING --session silent or lost--> RECONNECTING --Resume both ways on a new link--> PLAYING

The match does not know links; the lobby does not know interruptions. A lost link pauses the match: the player waits, or
claims it once nothing moved for long enough. Who leaves or breaks a rule loses. What the other side says about the end
counts only as far as our own clock allows it. Supports one other member.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from p2pgame.core.errors import IllegalMoveError, LocalProtocolError, Param, RemoteProtocolError
from p2pgame.core.game import EndedBy, Outcome
from p2pgame.core.guard import GameError, Guard
from p2pgame.core.ids import PeerId
from p2pgame.session import events as e
from p2pgame.session.connections import Connections
from p2pgame.session.effects import Write, WriteReport
from p2pgame.session.match import Match
from p2pgame.session.match.channel import Address
from p2pgame.session.reconnector import Reconnector
from p2pgame.session.status import Status, StatusCode
from p2pgame.session.stopwatch import Stopwatch
from p2pgame.session.view import MatchView
from p2pgame.wire import messages as m
from p2pgame.wire.bounds import CLAIM_AFTER, CLAIM_TOLERANCE
from p2pgame.wire.codes import CloseCode
from p2pgame.wire.decisions import Claimed, Resigned
from p2pgame.wire.names import safe_text

__all__ = ["MatchSession", "end_code_of", "game_failed"]

_SESSIONS_IN_A_ROW = 10
"""Session changes that may follow each other at once."""
_SESSIONS_RATE = 1.0
"""Session changes a second in the long run: each one sends everything that is missing again."""
_LONGEST_STEP = 1.0
"""Seconds between two looks at a match that does not move; more is time in which our own program did not run."""
_CLAIM_ROUNDING = 0.001
_FRAMES_PASS = 0.1
"""Seconds since the newest frame of a real-time match in which nobody asks whether it stands still."""
_OVER_THERE = (CloseCode.OVER, CloseCode.NO_SEAT)
_OURS = (CloseCode.BLOCKED, CloseCode.LEFT)
"""Ends that our player chose: who closes a link by one of them leaves the match."""
_FAULT_MAX = 120
"""Characters of each fact about a fault of a game."""


class MatchSession:
    """A match, the other member, and the link between them."""

    def __init__(
        self, match: Match, player: int, peer: PeerId, name: str, connections: Connections, link: int | None
    ) -> None:
        """`player`: the other member's player index. `link`: None if the match has no link yet."""
        self.match = match
        self.player = player
        self.peer = peer
        self.name = name
        self.link = link
        self.number = 1
        """Number of the current session, or of the last one."""
        self.reconnector: Reconnector | None = None
        self._connections = connections
        self._requested_number = 1
        """The highest session number that we requested."""
        self._our_resume: m.Resume | None = None
        """The `Resume` that we sent on `reconnector.requested_link`."""
        self._reason = StatusCode.CONNECTION
        """Why the session was interrupted."""
        self._their_resume: m.Resume | None = None
        """The newest accepted `Resume` of the other member."""
        self._standstill = Stopwatch(longest=_LONGEST_STEP)
        """How long the match made no progress, for our claim."""
        self._silence = Stopwatch()
        """How long we could not hear the other side, for a claim of theirs."""
        self._credit = float(_SESSIONS_IN_A_ROW)
        self._credit_at = 0.0

    @property
    def end_code(self) -> CloseCode:
        """The code that answers a `Resume` after the end of this match."""
        outcome = self.match.outcome
        if outcome is None:
            return CloseCode.OVER
        return end_code_of(outcome.ended_by, won=self.match.me in outcome.winners)

    @property
    def ending(self) -> bool:
        """True while an end that is known here, or our resignation, waits for the other side."""
        match = self.match
        resigning = match.decisions.resigning or match.repair.resign_after
        return match.running and (resigning or match.outcome is not None)

    def uses(self, link: int) -> bool:
        return link == self.link or (self.reconnector is not None and self.reconnector.requested_link == link)

    # --- the player

    def resign(self, now: float) -> None:
        """Resign. While the other side is unreachable, the match ends at once."""
        if self.waiting and self.match.running:
            self._resign_alone()
        else:
            with self.updating(now) as match:
                match.resign()

    def claim(self, now: float) -> None:
        """Claim the win because the other side does not play on. Raises `LocalProtocolError` if it is too early."""
        self._look(now)
        claim_at = self.match.claim_at
        if claim_at is None or now < claim_at - _CLAIM_ROUNDING:
            raise LocalProtocolError("too_early_to_claim", name=self.name)
        me = self.match.me
        self._end_alone(Outcome.by(EndedBy.CLAIMED, (me,)), Claimed(seat=me))

    def end_now(self) -> None:
        """Do not wait for the other side any longer: the end that is known stands, else our resignation."""
        self._resign_alone()

    # --- the link

    def receive(self, message: m.Message, now: float) -> None:
        """Handle a message of the match. Raises `RemoteProtocolError`."""
        if getattr(message, "match", None) != self.match.id:
            raise RemoteProtocolError("wrong_match")
        with self.updating(now) as match:
            match.receive(self.player, message, now)
        self._report_pause(now)

    def quiet(self, now: float) -> None:
        """No data arrives on the session: open another one beside it."""
        self._interrupt(StatusCode.CONNECTION, now)

    def heard(self, now: float) -> None:
        """Data arrives on the session again."""
        if self.reconnector is not None and self.link is not None and self.reconnector.requested_link is None:
            self._reconnected(now)

    def lost(self, link: int, code: str, params: dict[str, Param], now: float, *, remote: bool) -> None:
        """The session or the link of a resume request closed. `remote`: the other side closed it."""
        reason = CloseCode.of(code)
        ends = reason.refusal or reason.permanent or code == GameError.CODE
        if self.reconnector is not None and link == self.reconnector.requested_link:
            self.reconnector.requested_link = None
        if link == self.link:
            self.link = None
            ends = not reason.interruption
            if not self.match.over:
                self.match.recovery.interrupted()
                if reason.interruption:
                    self._interrupt(StatusCode.CLOSED if reason.goodbye else StatusCode.CONNECTION, now)
        if ends and remote:
            self._look(now)
            self._ended_by_them(code, params)
        elif ends:
            self.fail(code, **params)

    def restore(self, now: float, since: float) -> None:
        """The match was loaded from its file: dial the other side. `since`: time of the last record."""
        self._silence.update(now, since)
        self._interrupt(StatusCode.RESTARTED, now)

    def slept(self, seconds: float) -> None:
        """The machine was suspended for so long, which `now` does not count."""
        self._silence.seconds += seconds

    # --- reconnecting

    def opened(self, link: int, now: float) -> None:
        """The dial of the reconnector succeeded: send our `Resume`."""
        if self.reconnector is None:
            self._connections.close(link, CloseCode.SUPERSEDED.text)
        elif self.reconnector.opened(link, now):
            self._requested_number = max(self._requested_number, self.number) + 1
            self._our_resume = self.match.resume_message(self.player, self._requested_number)
            self._connections.send(link, self._our_resume)

    def resume(self, link: int, message: m.Resume, now: float) -> None:
        """Handle a `Resume` of the other member on any link. Raises `RemoteProtocolError`."""
        if not self.match.can_resume(fresh=message.fresh):
            raise RemoteProtocolError(self.end_code.text)
        reconnector = self.reconnector
        if reconnector is not None and reconnector.requested_link == link and self._our_resume is not None:
            self._receive_answer(reconnector, link, self._our_resume, message, now)
            return
        self._charge(now)
        if message.fresh and self.link is not None and reconnector is None and self.match.heard_lately(now):
            raise RemoteProtocolError("old_session", reason="replaced")  # sent by a program that has ended
        last = self._last_number(message)
        if message.session <= last:
            raise RemoteProtocolError("old_session", session=message.session, last=last)
        if reconnector is None or reconnector.accepts(link, now):
            ours = self.match.resume_message(self.player, max(message.session, self.number + 1))
            self._connections.send(link, ours)
            self._bind(link, ours, message, now)

    def seen(self, now: float) -> None:
        """Discovery received a beacon of the other member: dial it now."""
        if self.reconnector is not None:
            self.reconnector.dial(now)

    # --- time

    def next_deadline(self) -> float | None:
        own = self.match.next_deadline()
        if self.reconnector is None:
            return own
        other = self.reconnector.next_deadline()
        return other if own is None else min(own, other)

    def handle_timeout(self, now: float, datagrams: Sequence[tuple[bytes, Address, float]] = ()) -> None:
        """`datagrams`: may belong to the match. Raises `RemoteProtocolError`."""
        match = self.match
        try:  # as `updating`, without what a frame need not pay for
            if datagrams:
                match.receive_datagrams(datagrams, now)
            match.handle_timeout(now)
        except RemoteProtocolError:
            raise
        except Exception as error:
            raise self._game_failed(error) from error
        finally:
            self.take_output()
        if self._standstill.running or now - match.exchange.moved_at > _FRAMES_PASS:
            self._look(now)
        if self.reconnector is not None:
            if not self.match.over:
                self.reconnector.handle_timeout(now)
            self._report_pause(now)

    # --- output

    @contextmanager
    def updating(self, now: float, *, submitting: bool = False) -> Iterator[Match]:
        """Wrap every call that changes the match: settle it, then forward its output.

        An exception of the game's rules becomes ``game_failed``. Raises `RemoteProtocolError`, and
        `IllegalMoveError` if `submitting`.
        """
        match = self.match
        try:
            yield match
            match.settle(now)
        except RemoteProtocolError:
            raise
        except Exception as error:
            if submitting and isinstance(error, IllegalMoveError):
                raise
            raise self._game_failed(error) from error
        finally:
            self.take_output()

    def take_output(self) -> None:
        """Forward the output of the match. Records go first, so that every sent message is recorded."""
        match = self.match
        if match.has_output(self.player):
            records = match.records()
            if records:
                first = not match.core.engine.window
                self._connections.add_effect(Write(match=match.id, records=tuple(records), first=first))
            for report in match.reports():
                self._connections.add_effect(WriteReport(match=match.id, records=report))
            messages = match.messages_to_send(self.player)
            if self.link is not None:
                for message in messages:
                    match.core.statistics.sent(message, self._connections.send(self.link, message))
            self._connections.emit(*match.events())
        if self.reconnector is not None and match.over:
            self.reconnector.cancel_request()
            self.reconnector = None

    def view(self) -> MatchView:
        """The match to be drawn. Raises `RemoteProtocolError`."""
        try:
            return self.match.view()
        except Exception as error:  # the view calls `Game.to_move`
            if self.match.over:
                raise
            raise self._game_failed(error) from error

    def fail(self, code: str, /, **params: Param) -> None:
        """We end the match: the other side broke a rule, the states differ, our rules failed, or we leave."""
        match, reason = self.match, CloseCode.of(code)
        if match.over:
            return
        if match.outcome is None or reason not in _OURS:
            self._report(code, params)
        if match.decisions.resigning:
            self._resign_alone()
        elif reason in _OURS:
            self._end_alone(Outcome.by(EndedBy.ABANDONED, match.core.others))
        elif reason.dispute:
            self._end_alone(Outcome.by(EndedBy.DISPUTED))
        else:
            ours = code == GameError.CODE  # the file has the code of the wire
            told = CloseCode.RULES_FAILED.text if ours else code
            winners = () if ours else self._all_but_them
            self._end_alone(Outcome.by(EndedBy.FAULT, winners, reason=told.replace("_", " ")))

    # --- inside

    def _game_failed(self, error: Exception) -> RemoteProtocolError:
        """A stranger's rules may raise anything: it ends their match."""
        fault = game_failed(self.match.core.game.name, error)
        return RemoteProtocolError(fault.code, **fault.params)

    @property
    def waiting(self) -> bool:
        """True while the match is paused because the other side is unreachable."""
        return self.match.status.code.absent

    def _interrupt(self, reason: StatusCode, now: float) -> None:
        if self.reconnector is None and not self.match.over:
            self._reason = reason
            self.reconnector = Reconnector(self.peer, self._connections, now, is_host=self.match.is_host)
            self.match.set_link_suspect(True, now)
            self._report_pause(now)

    def _receive_answer(
        self, reconnector: Reconnector, link: int, ours: m.Resume, theirs: m.Resume, now: float
    ) -> None:
        if theirs.session < ours.session:
            raise RemoteProtocolError("old_session", session=theirs.session, last=ours.session)
        if self.match.recovery.outdated(ours, theirs):
            reconnector.cancel_request()
            reconnector.dial(now)
        else:
            reconnector.requested_link = None
            self._bind(link, ours, theirs, now)

    def _last_number(self, message: m.Resume) -> int:
        """The session number that `message` must exceed. A restarted program does not know ours."""
        if not message.fresh:
            return self.number
        theirs = self._their_resume
        if theirs is None or message.salt is None or message.salt != theirs.salt:
            return 0
        return theirs.session  # the same program: an older request of it may arrive late

    def _charge(self, now: float) -> None:
        """Limit session changes of the other side. Raises `RemoteProtocolError("too_fast")`."""
        earned = (now - self._credit_at) * _SESSIONS_RATE
        self._credit = min(_SESSIONS_IN_A_ROW, self._credit + earned)
        self._credit_at = now
        if self._credit < 1:
            raise RemoteProtocolError("too_fast", reason="sessions")
        self._credit -= 1

    def _bind(self, link: int, ours: m.Resume, theirs: m.Resume, now: float) -> None:
        """Continue the match on `link`."""
        self._their_resume = theirs
        old, self.link, self.number = self.link, link, max(ours.session, theirs.session)
        if old is not None and old != link and old in self._connections.links:
            self._connections.close(old, CloseCode.SUPERSEDED.text)
        self.match.moved(self.player, self._connections.links[link].address)
        self.match.recovery.interrupted()
        with self.updating(now) as match:
            match.rejoin(self.player, ours, theirs, now)
        self._reconnected(now)

    def _reconnected(self, now: float) -> None:
        if self.reconnector is not None:
            self.reconnector.cancel_request(keep=self.link)
            self.reconnector = None
            self.match.set_link_suspect(False, now)
        self._report_pause(now)

    def _report_pause(self, now: float) -> None:
        """Report to the player, once each, that the match is paused and that it is resumed."""
        reconnector, match = self.reconnector, self.match
        if not match.running:
            return
        if reconnector is not None and not match.heard_lately(now):
            if not self.waiting:
                match.set_pause(Status(code=self._reason, since=reconnector.since), now)
                self._look(now)
                self._connections.emit(e.MatchPaused(match=match.id, reason=self._reason.value))
        elif self.waiting and not match.recovery.catching_up:
            reason = match.status.code.value
            match.set_pause(None, now)
            self._connections.emit(e.MatchResumed(match=match.id, reason=reason))
            self.take_output()

    def _look(self, now: float) -> None:
        """Let the clocks run, or stand."""
        match = self.match
        since = match.standing_since(now)
        if since is None and not self._standstill.running:
            return
        self._standstill.update(now, since)
        self._silence.update(now, match.status.since if self.waiting else None)
        match.claim_at = self._standstill.reaches(CLAIM_AFTER)

    def _ended_by_them(self, code: str, params: dict[str, Param]) -> None:
        """The other side ended the match: it gave up, or could not hear us for as long as we could not hear it.

        Whatever else it says, it left. What it accuses us of, `verify` can judge.
        """
        match, them, winners, reason = self.match, self.player, self._all_but_them, CloseCode.of(code)
        away = self._silence.seconds >= CLAIM_AFTER - CLAIM_TOLERANCE
        if match.over:
            return
        if reason is CloseCode.RESIGNED:
            self._end_alone(Outcome.by(EndedBy.RESIGNED, winners), Resigned(seat=them))
        elif reason is CloseCode.ABANDONED:
            self._end_alone(Outcome.by(EndedBy.ABANDONED, winners), Resigned(seat=them))
        elif match.decisions.resigning:
            self._resign_alone()
        elif reason is CloseCode.CLAIMED and away:
            self._end_alone(Outcome.by(EndedBy.CLAIMED, (them,)), Claimed(seat=them))
        else:
            if match.outcome is None:
                self._report(code, params)
            if reason.dispute:
                self._end_alone(Outcome.by(EndedBy.DISPUTED))
            elif reason in _OVER_THERE and (away or match.recovery.fresh):  # our file may lack the end
                self._end_alone(Outcome.by(EndedBy.CONNECTION_LOST))
            else:
                self._end_alone(Outcome.by(EndedBy.ABANDONED, winners))

    @property
    def _all_but_them(self) -> tuple[int, ...]:
        return tuple(player for player in range(len(self.match.core.names)) if player != self.player)

    def _resign_alone(self) -> None:
        me = self.match.me
        self._end_alone(Outcome.by(EndedBy.RESIGNED, self.match.core.others), Resigned(seat=me))

    def _report(self, code: str, params: dict[str, Param]) -> None:
        self._connections.emit(e.ErrorEvent(code=code, params={**params, "name": self.name}))

    def _end_alone(self, outcome: Outcome, why: Resigned | Claimed | None = None) -> None:
        """End the match without the other side. An outcome that is already known stands."""
        self.match.end_alone(outcome, why)
        self.take_output()


def end_code_of(ended_by: EndedBy, *, won: bool) -> CloseCode:
    """The code that answers a `Resume` of a match that ended this way for us."""
    if ended_by is EndedBy.CLAIMED and won:
        return CloseCode.CLAIMED
    if ended_by is EndedBy.RESIGNED and not won:
        return CloseCode.RESIGNED
    return CloseCode.OVER


def game_failed(game: str, error: Exception) -> GameError:
    """What to say of `error`, which the code of `game` raised or led to, such as a state that cannot be encoded."""
    fault = error if isinstance(error, GameError) else Guard(game).failure(error)
    return GameError(*(safe_text(str(fault.params[fact]), _FAULT_MAX) for fact in ("game", "error", "place")))
