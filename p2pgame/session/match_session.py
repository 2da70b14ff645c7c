"""One match at a table of two, with the sessions that carry it one after the other.

    SEATED --the session falls silent or is lost--> REUNITING --Resume both ways on a new link--> SEATED

The match itself does not know links; the lobby does not know interruptions. What cannot go on (a rule was broken, the
rules of the game failed) ends the match; a lost link never does: the player waits, or claims the match.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from p2pgame.core.errors import IllegalMoveError, LocalProtocolError, RemoteProtocolError
from p2pgame.core.game import Outcome
from p2pgame.core.ids import PeerId
from p2pgame.session import events as e
from p2pgame.session.connections import Connections
from p2pgame.session.effects import Write, WriteReport
from p2pgame.session.match import Match
from p2pgame.session.match.channel import Address
from p2pgame.session.match.realtime import RealtimeMatch
from p2pgame.session.reconnector import Reconnector
from p2pgame.session.view import MatchView, Pause
from p2pgame.wire import messages as m
from p2pgame.wire.bounds import CLAIM_AFTER, TEXT_MAX
from p2pgame.wire.names import safe_text

__all__ = ["REFUSALS", "MatchSession", "verdict"]

_INTERRUPTIONS = frozenset({"connection_lost", "silent", "too_slow", "resume_timeout", "superseded"})
"""Ends of a link that do not end the match."""
REFUSALS = frozenset({"claimed", "resigned", "abandoned", "over", "no_seat"})
"""What the other side says when there is nothing to go on with."""
_FAULTS = frozenset({"blocked", "desync", "rules_failed", "wrong_version"})
"""Answers after which it is of no use to ask again."""
_GAVE_UP = frozenset({"resigned", "abandoned"})
_LOSSES = frozenset({"left", "bye", "over", "no_seat", *_INTERRUPTIONS})
"""Ends that are nobody's fault."""
_PATIENCE = 10
"""So many times in a row a match may change its session, ..."""
_PATIENCE_RATE = 1.0
"""... and so many times a second in the long run: each time, all that is missing is told."""


class MatchSession:
    """A match, the other player, and the link between them. `link`: None while there is none."""

    def __init__(
        self, match: Match, peer: PeerId, name: str, board: Connections, link: int | None, epoch: int = 1
    ) -> None:
        """`epoch`: of the session that stands, or stood last."""
        self.match = match
        self.peer = peer
        self.name = name
        self.link = link
        self.epoch = epoch
        self.reconnector: Reconnector | None = None
        self._connections = board
        self._epoch = epoch
        """The highest that we asked for."""
        self._ours: m.Resume | None = None
        """Our word on the link that is asked on."""
        self._reason = self._why = ""
        """Of the interruption, and of the pause that came of it."""
        self._heard: m.Resume | None = None
        """Their newest word that holds."""
        self._credit = float(_PATIENCE)
        self._credit_at = 0.0

    @property
    def verdict(self) -> str:
        """What the other side is told if it wants to go on with this match after its end."""
        outcome = self.match.outcome
        return (
            verdict(outcome.reason, won=self.match.me in outcome.winners) if outcome is not None else "over"
        )

    def uses(self, link: int) -> bool:
        return link == self.link or (self.reconnector is not None and self.reconnector.asked == link)

    # --- the player

    def resign(self, now: float) -> None:
        """Give up; where the other side cannot hear it, at once."""
        if self.match.pause is not None and self.match.running:
            self._conclude(Outcome(winners=(1 - self.match.me,), reason="resigned"))
        else:
            with self.moving(now) as match:
                match.resign()

    def claim(self, now: float) -> None:
        """Win, because the other side does not come back. Raises `LocalProtocolError` if it is too early."""
        pause = self.match.pause
        if pause is None or pause.claim_at is None or now < pause.claim_at:
            raise LocalProtocolError(f"{self.name} may still come back")
        self._conclude(Outcome(winners=(self.match.me,), reason="claimed"))

    # --- the link

    def receive(self, message: m.Message, now: float) -> None:
        """A message of the match, on its session. Raises `RemoteProtocolError`."""
        if getattr(message, "match", None) != self.match.election.match:
            raise RemoteProtocolError("wrong_match", "a message of another match")
        with self.moving(now) as match:
            match.receive(message, now)
        self._look(now)

    def receive_datagram(self, data: bytes, source: Address, now: float) -> None:
        """A datagram that may belong to the match. Raises `RemoteProtocolError`."""
        if isinstance(self.match, RealtimeMatch):
            with self.moving(now):
                self.match.receive_datagram(data, source, now)

    def quiet(self, now: float) -> None:
        """Nothing is heard on the session: look for another beside it."""
        self._interrupt("connection", now)

    def heard(self, now: float) -> None:
        """The session lives."""
        if self.reconnector is not None and self.link is not None and self.reconnector.asked is None:
            self._reconnected(now)

    def lost(self, link: int, code: str, text: str, now: float) -> None:
        """One of our links is gone."""
        reconnector = self.reconnector
        if reconnector is not None and link == reconnector.asked:
            reconnector.asked = None
            if code in _FAULTS:
                self.fail(code, text)
        if link == self.link:
            self.link = None
            if self.match.over:
                return
            self.match.interrupted()
            if code in _INTERRUPTIONS:
                self._interrupt("connection", now)
            elif code not in REFUSALS:
                self.fail(code, text)
        if code in REFUSALS:
            self._refused(code)

    def restore(self, now: float) -> None:
        """The match was read from its file: look for the other side."""
        self._interrupt("restarted", now)

    # --- the reconnector

    def opened(self, link: int, now: float) -> None:
        """A link that the reconnector dialled."""
        if self.reconnector is None:
            self._connections.hang(link, "superseded")
        elif self.reconnector.opened(link, now):
            self._epoch = max(self._epoch, self.epoch) + 1
            self._ours = self.match.stand(self._epoch)
            self._connections.send(link, self._ours)

    def resume(self, link: int, message: m.Resume, now: float) -> None:
        """A `Resume` of the other player, on any link. Raises `RemoteProtocolError`."""
        if not self.match.tellable(fresh=message.fresh):
            raise RemoteProtocolError(self.verdict, "this match is over")
        reconnector = self.reconnector
        if reconnector is not None and reconnector.asked == link and self._ours is not None:
            if message.epoch < self._ours.epoch:
                raise RemoteProtocolError("old_epoch", "the answer to another question")
            if self.match.outdated(self._ours, message):
                reconnector.forget()
                reconnector.dial(now)
            else:
                reconnector.asked = None
                self._bind(link, self._ours, message, now)
            return
        self._charge(now)
        if message.fresh and self.link is not None and reconnector is None and self.match.heard_lately(now):
            raise RemoteProtocolError(
                "old_epoch", "a program that is no more; the one after it plays already"
            )
        last = self._last_epoch(message)
        if message.epoch <= last:
            raise RemoteProtocolError("old_epoch", f"epoch {message.epoch}, the last one was {last}")
        if reconnector is None or reconnector.yields(link, now):
            ours = self.match.stand(max(message.epoch, self.epoch + 1))
            self._connections.send(link, ours)
            self._bind(link, ours, message, now)

    def seen(self, now: float) -> None:
        """Discovery hears the other player."""
        if self.reconnector is not None:
            self.reconnector.dial(now)

    # --- time

    def next_deadline(self) -> float | None:
        deadlines = [
            self.match.next_deadline(),
            self.reconnector.next_deadline() if self.reconnector else None,
        ]
        return min((d for d in deadlines if d is not None), default=None)

    def handle_timeout(self, now: float) -> None:
        """Raises `RemoteProtocolError`."""
        with self.moving(now) as match:
            match.handle_timeout(now)
        reconnector = self.reconnector
        if reconnector is not None and not self.match.over:
            reconnector.handle_timeout(now)
        self._look(now)

    # --- what the match says

    @contextmanager
    def moving(self, now: float, *, submitting: bool = False) -> Iterator[Match]:
        """Around every call that moves the match: pass on what it says, and end what cannot go on.

        Raises `RemoteProtocolError`, and `IllegalMoveError` if `submitting`.
        """
        match = self.match
        try:
            yield match
            match.settle(now)
        except RemoteProtocolError:
            raise
        except Exception as error:  # a stranger's rules may raise anything: it ends their match
            if submitting and isinstance(error, IllegalMoveError):
                raise
            raise RemoteProtocolError("rules_failed", _failure(match.game.title, error)) from error
        finally:
            self.take_output()

    def take_output(self) -> None:
        """Pass on what the match wants to say and to write."""
        match = self.match
        messages, records = match.messages_to_send(), match.records()
        if self.link is not None:
            for message in messages:
                self._connections.send(self.link, message)
        if records:
            self._connections.act(Write(match=match.election.match, records=records))
        for report in match.reports():
            self._connections.act(WriteReport(match=match.election.match, records=report))
        self._connections.tell(*match.events())
        if match.over and self.reconnector is not None:
            self.reconnector.forget()
            self.reconnector = None

    def view(self) -> MatchView:
        """The match to be drawn. Raises `RemoteProtocolError("rules_failed")`."""
        try:
            return self.match.view()
        except Exception as error:  # it asks the rules whose turn it is
            if self.match.over:
                raise
            raise RemoteProtocolError("rules_failed", _failure(self.match.game.title, error)) from error

    # --- inside

    def _interrupt(self, reason: str, now: float) -> None:
        if self.reconnector is None and not self.match.over:
            self._reason = reason
            self.reconnector = Reconnector(self.peer, self._connections, now, is_host=self.match.is_host)
            self.match.set_doubt(True, now)
            self._look(now)

    def _last_epoch(self, message: m.Resume) -> int:
        """Which `message` has to exceed. A program that was started anew does not know how far we were."""
        if not message.fresh:
            return self.epoch
        heard = self._heard
        if heard is None or message.salt is None or message.salt != heard.salt:
            return 0
        return heard.epoch  # the same program: what it asked before may have been long under way

    def _charge(self, now: float) -> None:
        """Raises `RemoteProtocolError` if they change the session too often."""
        self._credit = min(_PATIENCE, self._credit + (now - self._credit_at) * _PATIENCE_RATE)
        self._credit_at = now
        if self._credit < 1:
            raise RemoteProtocolError("too_fast", "more sessions than one match can need")
        self._credit -= 1

    def _bind(self, link: int, ours: m.Resume, theirs: m.Resume, now: float) -> None:
        """The match goes on over `link`."""
        self._heard = theirs
        old, self.link, self.epoch = self.link, link, max(ours.epoch, theirs.epoch)
        if old is not None and old != link and old in self._connections.links:
            self._connections.hang(old, "superseded")
        if isinstance(self.match, RealtimeMatch):
            self.match.move(self._connections.links[link].address)
        self.match.interrupted()
        with self.moving(now) as match:
            match.rejoin(ours, theirs, now)
        self._reconnected(now)

    def _reconnected(self, now: float) -> None:
        if self.reconnector is not None:
            self.reconnector.forget(keep=self.link)
            self.reconnector = None
            self.match.set_doubt(False, now)
        self._look(now)

    def _look(self, now: float) -> None:
        """Tell the player, once each, that the match stands still, and that it goes on."""
        reconnector, match = self.reconnector, self.match
        if not match.running:
            return
        if reconnector is not None and not match.heard_lately(now):
            if match.pause is None:
                self._why = self._reason
                match.set_pause(Pause(since=reconnector.since, reason=self._why, claim_at=now + CLAIM_AFTER))
                self._connections.tell(e.MatchPaused(match=match.election.match, reason=self._why))
        elif match.pause is not None and not match.behind:
            match.set_pause(None)
            self._connections.tell(e.MatchResumed(match=match.election.match, reason=self._why))

    def _refused(self, code: str) -> None:
        """The other side is there, and the match is over for it."""
        match = self.match
        if code == "claimed" and match.pause is not None:
            self._conclude(Outcome(winners=(1 - match.me,), reason=code))
        elif code in _GAVE_UP:
            self._conclude(Outcome(winners=(match.me,), reason=code))
        elif match.gave_up:
            self._conclude(Outcome(winners=(1 - match.me,), reason="resigned"))
        else:  # one that was not paused cannot be claimed
            self.fail(code, f"{self.name} no longer has this match")

    def _conclude(self, outcome: Outcome) -> None:
        """It ends here, without the other side: like this, unless it was known already how."""
        self.match.abort(outcome)
        self.take_output()

    def fail(self, code: str, text: str) -> None:
        """The match cannot go on."""
        if not self.match.over:
            if self.match.outcome is None or code not in _LOSSES:
                self._connections.tell(
                    e.ErrorEvent(code=code, message=text or f"the link to {self.name} is lost")
                )
            reason = "connection lost" if code in _LOSSES else code.replace("_", " ")
            self.match.abort(Outcome(winners=(), reason=reason))
            self.take_output()


def verdict(reason: str, *, won: bool) -> str:
    """What to tell who wants to go on with a match that ended so for us."""
    return reason if (reason, won) in {("claimed", True), ("resigned", False)} else "over"


def _failure(title: str, error: Exception) -> str:
    """For people: the rules of a game raised `error`."""
    return safe_text(f"the rules of {title} failed: {type(error).__name__}: {error}", TEXT_MAX)
