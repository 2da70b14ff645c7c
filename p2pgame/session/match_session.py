"""One match and the sessions (`member_session`) that carry it.

The match does not know links; the lobby does not know interruptions. A lost link pauses the match: the player waits, or
claims it once nothing moved for long enough. Who leaves or breaks a rule loses. What the other side says about the end
counts only as far as our own clock allows it.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from math import inf

from msgspec.structs import replace

from p2pgame.core.errors import IllegalMoveError, LocalProtocolError, Param, RemoteProtocolError
from p2pgame.core.game import EndedBy, Outcome
from p2pgame.core.guard import GameError, Guard
from p2pgame.core.ids import PeerId
from p2pgame.session import events as e
from p2pgame.session.connections import Connections
from p2pgame.session.effects import Write, WriteReport
from p2pgame.session.match import Match
from p2pgame.session.match.channel import Address
from p2pgame.session.match.core import Phase
from p2pgame.session.match.remote import Remote
from p2pgame.session.member_session import MemberSession
from p2pgame.session.migration import Migration
from p2pgame.session.reconnector import Reconnector
from p2pgame.session.status import Status, StatusCode
from p2pgame.session.stopwatch import Stopwatch
from p2pgame.session.view import MatchView
from p2pgame.wire import messages as m
from p2pgame.wire.bounds import (
    ABSENT_AFTER,
    CLAIM_AFTER,
    CLAIM_TOLERANCE,
    HOST_ABSENT_AFTER,
    LINK_QUIET,
    WATCHERS_MAX,
)
from p2pgame.wire.codes import CloseCode
from p2pgame.wire.decisions import Claimed, Resigned
from p2pgame.wire.names import safe_text

__all__ = ["MatchSession", "end_code_of", "game_failed"]

_LONGEST_STEP = 1.0
"""Seconds between two looks at a match that does not move; more is time in which our own program did not run."""
_CLAIM_ROUNDING = 0.001
_FRAMES_PASS = 0.1
"""Seconds since the newest frame of a real-time match in which nobody asks whether it stands still."""
_OVER_THERE = (CloseCode.OVER, CloseCode.NO_SEAT)
_OURS = (CloseCode.BLOCKED, CloseCode.LEFT)
"""Ends that our player chose: who closes a link by one of them leaves the match."""
_RETURNING = ("lost", "slow")
"""Why somebody was dropped who gets its seats again when it is back."""
_MIGRATES_FROM = 3
"""Members from which on the others can choose another host: of two neither has more than half."""
_LATE_VOTER = 2.0
"""Seconds for those who did not vote for a new host to find it, until bots play for them."""
_SLOW_REST = 15.0
"""Seconds for which who was too slow watches, before it plays again."""
_PROMISED = 5.0
"""Seconds for which nobody here becomes host, once we told a host that was started anew to go on with us."""
_PROMISE_AGAIN = 0.5
"""Seconds until we tell it again."""
_FAULT_MAX = 120
"""Characters of each fact about a fault of a game."""


class MatchSession:
    """A match, and the links to its other members."""

    def __init__(
        self,
        match: Match,
        connections: Connections,
        links: Mapping[PeerId, int],
        facts: m.Facts | None = None,
    ) -> None:
        """`links`: to the members, as far as there are any. `facts`: for who comes to watch."""
        self.match = match
        self.facts = facts
        self.members: dict[PeerId, MemberSession] = {}
        """The host has one to each guest; a guest one to the host."""
        self.migration: Migration | None = None
        """The search for another host."""
        self._promised: int | None = None
        """The link on which we told a host that was started anew to go on with us ..."""
        self._promised_at = -inf
        """... and when, last."""
        self._asked = 1
        """The highest number of a session that we asked for with a vote."""
        self._said_to_be = 0, PeerId("")
        """The newest epoch of which we were told, and its host."""
        self._connections = connections
        self._standstill = Stopwatch(longest=_LONGEST_STEP)
        """How long the match made no progress, for our claim."""
        for remote in match.core.linked:
            self._add(remote, links.get(PeerId(remote.peer)))

    @property
    def goes_on(self) -> bool:
        """Whether we carry a match that goes on without a member that is gone: a bot plays for its people."""
        core = self.match.core
        returning = self.migration is not None and self.migration.returning
        return core.is_host and core.goes_on and core.phase is not Phase.STARTING and not returning

    def _add(self, remote: Remote, link: int | None) -> MemberSession:
        peer = PeerId(remote.peer)
        session = MemberSession(remote.member, peer, remote.name, self._connections, link)
        self.members[peer] = session
        if link is not None:
            connection = self._connections.links[link]
            self.match.moved(remote.member, connection.address)
            self.match.set_rtt(remote.member, connection.rtt)
        return session

    @property
    def links(self) -> tuple[int, ...]:
        """The links that carry the match."""
        return tuple([member.link for member in self.members.values() if member.link is not None])

    @property
    def name(self) -> str:
        """Names of the others, for messages about all of them."""
        return ", ".join(member.name for member in self.members.values())

    def culprits(self, error: RemoteProtocolError) -> tuple[int, ...]:
        """The link of who broke the rule; of all members if nobody did alone."""
        blamed = [x for x in self.members.values() if error.member in (None, x.member)]
        links = self._connections.links
        return tuple([x.link for x in blamed if x.link is not None and x.link in links])

    def on(self, link: int) -> MemberSession | None:
        """Whose link it is."""
        return next((member for member in self.members.values() if member.link == link), None)

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
        if self.migration is not None and self.migration.uses(link):
            return True
        return any(member.uses(link) for member in self.members.values())

    # --- the player

    def resign(self, now: float) -> None:
        """Resign. While the other side is unreachable, the match ends at once; who only watches leaves."""
        if self.match.watching:
            self.leave()
        elif self.waiting and self.match.running:
            self._resign_alone()
        else:
            with self.updating(now) as match:
                match.resign()

    def claim(self, now: float) -> None:
        """Claim the win because the other side does not play on. Raises `LocalProtocolError` if it is too early."""
        self._look(now)
        claim_at = self.match.claim_at
        if self.match.watching or claim_at is None or now < claim_at - _CLAIM_ROUNDING:
            raise LocalProtocolError("too_early_to_claim", name=self.name)
        me = self.match.me
        self._end_alone(Outcome.by(EndedBy.CLAIMED, (me,)), Claimed(seat=me))

    def leave(self) -> None:
        """Leave for good; the others go on."""
        self._end_alone(Outcome.by(EndedBy.ABANDONED, self.match.core.others))

    def end_now(self) -> None:
        """Do not wait for the other side any longer: the end that is known stands, else our resignation."""
        self._resign_alone()

    # --- the link

    def receive(self, link: int, message: m.Message, now: float) -> None:
        """Handle a message of the match. Raises `RemoteProtocolError`."""
        member = self.on(link)
        if member is None or getattr(message, "match", None) != self.match.id:
            raise RemoteProtocolError("wrong_match")
        with self.updating(now) as match:
            match.receive(member.member, message, now)
        self._report_pause(now)

    def quiet(self, link: int, now: float) -> None:
        """No data arrives on a session: open another one beside it."""
        member = self.on(link)
        if member is not None:
            self._interrupt(member, StatusCode.CONNECTION, now)

    def heard(self, link: int, now: float) -> None:
        """Data arrives on the session again."""
        member = self.on(link)
        if member is not None and member.searched and member.requested is None:
            self._reconnected(member, now)

    def lost(self, link: int, code: str, params: dict[str, Param], now: float, *, remote: bool) -> None:
        """The session or the link of a resume request closed. `remote`: the other side closed it."""
        reason = CloseCode.of(code)
        ends = reason.refusal or reason.permanent or code == GameError.CODE
        if link == self._promised:
            self._promised, self._promised_at = None, -inf
        if self.migration is not None and self.migration.uses(link):
            asking = self.migration.asking
            self.migration.lost(link)
            if asking is not None and self.migration.asking is None:
                self._ask_no_longer(now)
                return
        member = next((member for member in self.members.values() if member.uses(link)), None)
        if member is None:
            return
        if reason in (CloseCode.NOT_HOST, CloseCode.OLD_EPOCH) and remote and not self.match.over:
            self._look_elsewhere(member, link, params, now)
            return
        if member.reconnector is not None and link == member.reconnector.requested_link:
            member.reconnector.requested_link = None
        if link == member.link:
            member.link = None
            ends = not reason.interruption
            if self.goes_on and not self.match.over:
                self._guest_lost(member, code, params, now, ends=ends, remote=remote)
                return
            if not self.match.over:
                self.match.recovery.interrupted()
                if reason.interruption:
                    self._interrupt(
                        member, StatusCode.CLOSED if reason.goodbye else StatusCode.CONNECTION, now
                    )
                    if remote and reason is not CloseCode.DROPPED:
                        self._search_host(now)
        if ends and self.match.watching:  # nobody lost or won anything here
            self._end_alone(Outcome.by(EndedBy.CONNECTION_LOST))
        elif ends and remote:
            self._look(now)
            self._ended_by_them(member, code, params)
        elif ends:
            self._fail(member, code, params)

    def restore(self, now: float, since: float) -> None:
        """The match was loaded from its file: dial the other side. `since`: time of the last record."""
        core, electorate = self.match.core, self._electorate
        if core.is_host and core.goes_on:
            self.match.decisions.gathering = True
            me = PeerId(core.peer)
            everybody = tuple(dict.fromkeys((*electorate, me)))
            self.migration = Migration(
                me, everybody, (me,), core.log.epoch, self._connections, now, returning=True
            )
        for member in self.members.values():
            member.silence.update(now, since)
            self._interrupt(member, StatusCode.RESTARTED, now)

    def join(self, link: int, now: float) -> None:
        """Join the match on `link` to its host, as who has nothing of it yet."""
        self.match.recovery.fresh = True
        for member in self.members.values():
            self._interrupt(member, StatusCode.RESTARTED, now)
            if member.reconnector is not None:
                self.opened(member.reconnector, link, now)

    def slept(self, seconds: float) -> None:
        """The machine was suspended for so long, which `now` does not count."""
        for member in self.members.values():
            member.silence.seconds += seconds

    # --- reconnecting

    def opened(self, reconnector: object, link: int, now: float) -> bool:
        """The dial of a reconnector succeeded: send our `Resume`. False if it is none of ours."""
        if self.migration is not None and reconnector is self.migration:
            self._vote(self.migration, link)
            return True
        member = next((x for x in self.members.values() if x.reconnector is reconnector), None)
        if member is None or reconnector is None:
            return False
        number = member.request(link, now)
        if number is not None:
            member.ours = self.match.resume_message(member.member, number)
            if self.migration is not None and self.migration.returning:
                member.ours = replace(member.ours, fresh=True)
            self._connections.send(link, member.ours)
        return True

    def resume(self, link: int, message: m.Resume, now: float, *, invited: bool = False) -> None:
        """Handle a `Resume` of another member on any link. Raises `RemoteProtocolError`.

        `invited`: it is in the room, so it may watch.
        """
        peer = self._connections.links[link].peer
        if message.epoch is not None and message.cut is None:
            self._receive_vote(link, peer, message, now)
            return
        if self.migration is not None and link == self.migration.link:
            self._follow(self.migration, link, peer, message, now)
            return
        if self.migration is not None and self.migration.returning and message.cut is None:
            if self.migration.vote(link, peer, message, now):
                self._hold(self.members.get(peer), link, now)
                self._succeed_if_elected(now)
            return
        if self.migration is not None and self.migration.asking is not None and message.cut is None:
            self._refer(link)  # soon we are the host, and not yet
            return
        if self._outdated(peer, message):
            self._leave_host(peer, 0)
        if self._host_returns(peer, message):
            if peer not in self.members:
                self._leave_host(peer, 0)
            self._offer(self.members[peer], link, now)
            return
        found = self._found_host(link, peer, message)
        if found is None and message.cut is not None and self._gathering:
            self._refer(link)  # it carries what we carried on since
            return
        member = found or self.members.get(peer)
        if member is None and not self.match.is_host and (invited or peer in self.match.core.members):
            self._refer(link)
            return
        if member is None and self.goes_on and invited:
            member = self._newcomer(peer, self._connections.links[link].name)
        if member is None:
            raise RemoteProtocolError(CloseCode.NO_SEAT.text)
        if member.at_fault and not message.fresh:  # its states are others, and would be again
            raise RemoteProtocolError(CloseCode.NO_SEAT.text)
        live = member.link is not None and not member.searched
        over = self.match.over
        if self.goes_on and not over and message.fresh and not live and not member.absent:
            answers = member.answers(link) is not None
            member.stop(keep=link)
            self._drop(member, "lost", now)
            if answers:  # to what we asked while it had its seats: it asks again
                self._connections.close(link, CloseCode.DROPPED.text)
                return
        if self.goes_on and (member.absent or self.match.unknown_host(message)):
            self._readmit(member, link, message, now)
            return
        if not self.match.can_resume(fresh=message.fresh):
            raise RemoteProtocolError(self.end_code.text)
        requested = member.answers(link)
        if requested is not None:
            self._receive_answer(member, link, requested, message, now)
            return
        if message.fresh and live and (self.goes_on or self.match.heard_lately(now)):
            raise RemoteProtocolError("old_session", reason="replaced")  # sent by a program that has ended
        member.check_request(message, now)
        if member.reconnector is None or member.reconnector.accepts(link, now):
            ours = self.match.resume_message(member.member, max(message.session, member.number + 1))
            self._connections.send(link, ours)
            self._bind(member, link, ours, message, now)

    def seen(self, peer: PeerId, now: float) -> None:
        """Discovery received a beacon of `peer`: dial it now, if it is searched."""
        member = self.members.get(peer)
        if member is not None and member.reconnector is not None:
            member.reconnector.dial(now)

    # --- time

    def next_deadline(self) -> float | None:
        own = self.match.next_deadline()
        for member in self.members.values():
            if member.reconnector is not None:
                other = member.reconnector.next_deadline()
                own = other if own is None else min(own, other)
        if self.migration is not None:
            own = min(self.migration.next_deadline(), inf if own is None else own)
        if self._promised is not None:
            own = min(self._promised_at + _PROMISE_AGAIN, inf if own is None else own)
        return own

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
        for member in self.members.values():
            if member.reconnector is not None:
                if not match.over:
                    member.reconnector.handle_timeout(now)
                self._report_pause(now)
        if match.core.goes_on and not match.over:
            if self.goes_on:
                self._mind_guests(now)
            else:
                self._mind_host(now)

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
        if match.has_output:
            records = match.records()
            if records:
                first = not match.core.engine.window
                self._connections.add_effect(Write(match=match.id, records=tuple(records), first=first))
            for report in match.reports():
                self._connections.add_effect(WriteReport(match=match.id, records=report))
            for remote in match.core.linked:
                link = self.members[PeerId(remote.peer)].link
                if self.migration is not None and self.migration.asking is not None:
                    link = None  # who is asked for what we lack does not take us for the host yet
                for message in match.messages_to_send(remote.member):
                    if link is not None:
                        match.core.statistics.sent(message, self._connections.send(link, message))
            self._connections.emit(*match.events())
        if match.core.phase is Phase.ENDED:  # asked in every frame
            for member in self.members.values():
                member.stop()
            if self.migration is not None:
                self.migration.stop()
                self.migration = None

    def view(self) -> MatchView:
        """The match to be drawn. Raises `RemoteProtocolError`."""
        try:
            return self.match.view()
        except Exception as error:  # the view calls `Game.to_move`
            if self.match.over:
                raise
            raise self._game_failed(error) from error

    def fail(self, code: str, /, **params: Param) -> None:
        """We end the match for a reason of our own: our rules failed, or we leave."""
        self._fail(None, code, params)

    def _fail(self, member: MemberSession | None, code: str, params: Mapping[str, Param]) -> None:
        """We end the match. `member`: broke a rule, or has other states."""
        match, reason = self.match, CloseCode.of(code)
        if match.over:
            return
        if match.outcome is None or reason not in _OURS:
            self._report(member, code, params)
        if match.decisions.resigning:
            self._resign_alone()
        elif reason in _OURS:
            self._end_alone(Outcome.by(EndedBy.ABANDONED, match.core.others))
        elif reason.dispute:
            self._end_alone(Outcome.by(EndedBy.DISPUTED))
        else:
            ours = code == GameError.CODE  # the file has the code of the wire
            told = CloseCode.RULES_FAILED.text if ours else code
            winners = () if ours or member is None else self._all_but(member)
            self._end_alone(Outcome.by(EndedBy.FAULT, winners, reason=told.replace("_", " ")))

    # --- another host

    @property
    def _electorate(self) -> tuple[PeerId, ...]:
        """Those whose people play: they choose another host if it is gone."""
        return tuple([PeerId(peer) for peer in self.match.core.seating.people])

    @property
    def _number(self) -> int:
        """The highest number of a session so far."""
        return max([self._asked, *(member.number for member in self.members.values())])

    def _search_host(self, now: float) -> None:
        """The host is gone: choose another one with those who play."""
        core, electorate = self.match.core, self._electorate
        if now < self._promised_at + _PROMISED:
            return
        if self.migration is not None or not (core.goes_on and core.seats and self.match.running):
            return
        if self.match.recovery.fresh:  # our program may have voted before it was started anew
            return
        me, host = PeerId(core.peer), PeerId(core.seating.host)
        everybody = tuple(dict.fromkeys((*electorate, host)))
        if core.is_host or len(everybody) < _MIGRATES_FROM:
            return
        order = dict.fromkeys((*core.election.succession, *electorate))
        succession = [peer for peer in order if peer in electorate and peer != host]
        self.migration = Migration(me, everybody, succession, core.log.epoch, self._connections, now)

    def _mind_host(self, now: float) -> None:
        """For a guest: search another host once ours is silent for too long, and go on with the search."""
        promised = next((x for x in self.members.values() if x.requested == self._promised), None)
        if self._promised is not None and promised is not None and now >= self._promised_at + _PROMISE_AGAIN:
            self._offer(promised, self._promised, now)
        for member in self.members.values():
            if member.silent_at is not None and now - member.silent_at > HOST_ABSENT_AFTER:
                self._search_host(now)
            if member.reconnector is not None and self.migration is None and self.match.core.goes_on:
                self._ask_around(member.reconnector, now)
        if self.migration is not None:
            asking = self.migration.asking
            self.migration.handle_timeout(now)
            if asking is not None and self.migration.asking is None:
                self._ask_no_longer(now)
            self._succeed_if_elected(now)

    def _ask_around(self, reconnector: Reconnector, now: float) -> None:
        """Who has no vote dials one member after the other: somebody knows who carries the match."""
        core = self.match.core
        known = [
            peer for peer in dict.fromkeys((core.seating.host, *core.seating.people)) if peer != core.peer
        ]
        turn = int(now - reconnector.since)
        if known and turn and turn != reconnector.turn:
            reconnector.turn = turn
            reconnector.peer = PeerId(known[turn % len(known)])

    def _vote(self, migration: Migration, link: int) -> None:
        """We reached the candidate."""
        if migration.opened(link):
            (old,) = self.match.core.linked
            asked = self.match.resume_message(old.member, self._number + 1, epoch=migration.epoch)
            migration.asked, self._asked = asked, asked.session
            self._connections.send(link, asked)

    def _receive_vote(self, link: int, peer: PeerId, message: m.Resume, now: float) -> None:
        core, member = self.match.core, self.members.get(peer)
        if self.goes_on and member is not None and message.epoch == core.log.epoch:
            self._readmit(member, link, message, now)
            return
        if self._interrupted is None or core.is_host:
            self._refer(link)
            return
        if peer in self._electorate:
            self._search_host(now)
        migration = self.migration
        if migration is not None and migration.vote(link, peer, message, now):
            self._succeed_if_elected(now)
        elif message.newest_epoch < core.log.epoch:
            self._refer(link)  # it does not know for whom we voted
        else:
            self._connections.close(link, CloseCode.SUPERSEDED.text)

    def _succeed_if_elected(self, now: float) -> None:
        """With the votes of most: take what they have more than we do, then carry the match on."""
        migration, match, core = self.migration, self.match, self.match.core
        if migration is None:
            return
        asking = migration.asking
        migration.forget_closed()
        if asking is not None and migration.asking is None:
            self._ask_no_longer(now)
        if not migration.elected(now):
            return
        if not migration.votes:  # nobody else plays any more
            self._succeed(migration, now)
            return
        more = {peer: (x.newest_epoch, x.decisions, x.frame) for peer, (_, x) in migration.votes.items()}
        best = max(more, key=more.__getitem__)
        if more[best] <= (core.log.epoch, len(core.log.entries), match.frame):
            self._succeed(migration, now)
        elif migration.asking is None:
            migration.asking = best
            link, theirs = migration.votes[best]
            match.recovery.interrupted()
            core.link_only([best])
            (remote,) = core.linked
            self._stop_searching(migration)
            self.members = {best: MemberSession(remote.member, best, remote.name, self._connections, link)}
            ours = match.resume_message(remote.member, theirs.session)
            if migration.returning:
                ours = replace(ours, fresh=True)
            match.take_over_from(remote, ours, theirs, now)
            decisions = len(core.log.entries)
            self._connections.send(link, m.Tell(match=match.id, frame=match.frame, decisions=decisions))

    def _stop_searching(self, migration: Migration) -> set[int]:
        """We are elected: keep the links on which the votes came, and return them."""
        votes = {link for link, _ in migration.votes.values()}
        for member in self.members.values():
            member.stop(keep=member.requested if member.requested in votes else None)
        return votes

    def _ask_no_longer(self, now: float) -> None:
        """Who has more of the match than we do did not send it: look for the host as before."""
        core, number = self.match.core, self._number
        sought = (
            [peer for peer in self._electorate if peer != core.peer] if core.is_host else [core.seating.host]
        )
        self.match.recovery.interrupted()
        core.link_only(sought)
        self.members = {}
        for remote in core.linked:
            self._add(remote, None).number = number
        for member in self.members.values():
            self._interrupt(member, StatusCode.CONNECTION, now)

    def _succeed(self, migration: Migration, now: float) -> None:
        match, core = self.match, self.match.core
        old, electorate = PeerId(core.seating.host), self._electorate
        self.migration = None
        match.recovery.interrupted()
        match.recovery.fresh = False
        votes = self._stop_searching(migration)
        for member in self.members.values():
            if member.link not in votes:
                self._close_old(member.link, core.peer, migration.epoch)
        self.members = {}
        with self.updating(now):
            match.carry_on(migration.epoch, now)
        for peer in dict.fromkeys((*electorate, old)):
            if peer == core.peer:
                continue
            name = core.name_of(peer)
            member = MemberSession(core.number_of(peer), peer, name, self._connections, None)
            self.members[peer] = member
            if peer in migration.votes:
                self._readmit(member, *migration.votes[peer], now)
            elif peer == old:
                member.absent = True
                member.wants = tuple(seat for seat, kept in core.seating.kept.items() if kept == peer)
            else:
                core.add_member(peer)
                member.silent_at = now - ABSENT_AFTER + _LATE_VOTER
        match.set_link_suspect(False, now)
        self._resumed(now)

    def _follow(self, migration: Migration, link: int, peer: PeerId, theirs: m.Resume, now: float) -> None:
        """The candidate was elected and carries the match on."""
        if theirs.epoch != migration.epoch or theirs.cut is None or migration.asked is None:
            raise RemoteProtocolError("bad_resume", reason="epoch")
        self.migration = None
        migration.stop(keep=link)
        self._leave_host(peer, theirs.epoch)
        self._bind(self.members[peer], link, migration.asked, theirs, now)

    def _leave_host(self, peer: PeerId, epoch: int) -> None:
        """`peer` is the host from now on, as its decision will say."""
        core, number = self.match.core, self._number
        if self.migration is not None:
            self.migration.stop()
            self.migration = None
        for member in self.members.values():
            member.stop()
            self._close_old(member.link, peer, epoch)
        core.deposed = core.peer == core.seating.host
        core.link_only([peer])
        (remote,) = core.linked
        session = MemberSession(remote.member, peer, core.name_of(peer), self._connections, None)
        session.number = number
        self.members = {peer: session}
        self.match.decisions.following = (epoch, peer)

    def _close_old(self, link: int | None, host: str, epoch: int) -> None:
        """End a link of the match as it was before `host` carried it."""
        if link is not None and link in self._connections.links:
            self._connections.close(link, CloseCode.OLD_EPOCH.text, {"host": host, "epoch": epoch})
            self._connections.links.pop(link, None)

    def _refer(self, link: int) -> None:
        """Somebody looks for the host at us."""
        core = self.match.core
        epoch, host = max(self._said_to_be, (core.log.epoch, PeerId(core.seating.host)))
        self._connections.close(link, CloseCode.NOT_HOST.text, {"host": host, "epoch": epoch})

    def _look_elsewhere(
        self, member: MemberSession, link: int, params: Mapping[str, Param], now: float
    ) -> None:
        """Somebody says that another member carries the match, since that epoch.

        A host believes it only if too few are here for it to go on: then the others may have chosen another one.
        """
        core, peer = self.match.core, PeerId(str(params.get("host", "")))
        epoch = params.get("epoch", 0)
        since = epoch if isinstance(epoch, int) and peer in core.members and peer != core.peer else 0
        if link == member.link:
            member.link = None
        elif member.reconnector is not None:
            member.reconnector.requested_link = None
        if core.is_host and (since <= core.log.epoch or (self.goes_on and self._may_drop)):
            self._interrupt(member, StatusCode.CONNECTION, now)
            return
        if since > core.log.epoch and peer not in self.members:
            self._said_to_be = max(self._said_to_be, (since, peer))
            self._leave_host(peer, 0)
        for session in self.members.values():
            self._interrupt(session, StatusCode.CONNECTION, now)
            if session.reconnector is not None and since >= core.log.epoch:
                session.reconnector.peer = peer

    def _outdated(self, peer: PeerId, message: m.Resume) -> bool:
        """Whether the others chose another host than us, as somebody knows who comes back."""
        core = self.match.core
        newer = message.newest_epoch > core.log.epoch and peer in core.members and message.cut is None
        return core.is_host and newer and not self.match.over and not self._may_drop

    def _found_host(self, link: int, peer: PeerId, message: m.Resume) -> MemberSession | None:
        """For who looked for the host at several members, or was it: the answer of the one that it is."""
        member, core = next((x for x in self.members.values() if x.requested == link), None), self.match.core
        if member is None or message.cut is None or member.reconnector is None:
            return None
        if core.is_host and (message.epoch or 0) <= core.log.epoch:
            return None
        if not core.is_host and peer in self.members:
            return None
        ours, reconnector = member.ours, member.reconnector
        member.reconnector = None
        self._leave_host(peer, message.epoch or 0)
        found = self.members[peer]
        found.ours, found.reconnector = ours, reconnector
        return found

    def _host_returns(self, peer: PeerId, message: m.Resume) -> bool:
        """Whether our host, or one that was chosen since we lost ours, was started anew and asks who has what."""
        core = self.match.core
        newer = message.newest_epoch > core.log.epoch and self._interrupted is not None
        ours = peer in self.members or (newer and peer in core.members)
        return core.goes_on and not core.is_host and message.fresh and message.cut is None and ours

    def _offer(self, member: MemberSession, link: int, now: float) -> None:
        """Tell a host that was started anew what we have: it goes on when all are there.

        It is a promise, too: until it is void, nobody becomes host here.
        """
        self._interrupt(member, StatusCode.CONNECTION, now)
        reconnector = member.reconnector
        if reconnector is None:
            return
        if self.migration is not None:
            self.migration.stop()
            self.migration = None
        reconnector.cancel_request(keep=link)
        self.opened(reconnector, link, now)
        self._hold(member, link, now)
        self._promised, self._promised_at = link, now

    def _hold(self, member: MemberSession | None, link: int, now: float) -> None:
        """The host was started anew, and waits for all: so does who asked it."""
        if member is not None and member.reconnector is not None:
            member.reconnector.hold(link, now)

    def tell(self, link: int, message: m.Tell) -> None:
        """Who is to carry the match on lacks something that we have. Raises `RemoteProtocolError`."""
        chosen = [self.migration.link if self.migration is not None else None]
        chosen += [member.requested for member in self.members.values()]
        if link not in chosen or message.match != self.match.id:
            raise RemoteProtocolError("unexpected_message", message="tell", scope="matches", phase="open")
        for part in self.match.tell(message):
            self._connections.send(link, part)

    # --- for the host of a match that goes on without who is gone

    def drop_absent(self, now: float) -> None:
        """Our player does not want to wait for who is silent any longer."""
        if self.goes_on:
            for member in [x for x in self.members.values() if x.silent_at is not None]:
                self._drop(member, "lost", now)

    def kick(self, peer: PeerId, now: float) -> None:
        """The room removed `peer`."""
        member = self.members.get(peer)
        if self.goes_on and member is not None:
            if not member.absent:
                self._drop(member, "kicked", now)
            del self.members[peer]

    def watch(self, link: int, peer: PeerId, name: str, message: m.Watch) -> None:
        """A member of the room without a seat asks to watch, or to play for a bot. Raises `RemoteProtocolError`."""
        core = self.match.core
        if not self.goes_on or self.match.over:
            raise RemoteProtocolError(CloseCode.OVER.text)
        member = self.members.get(peer) or self._newcomer(peer, name)
        kept, bots = core.seating.kept, sorted(core.seating.bots)
        own = [seat for seat in bots if kept.get(seat) == peer]
        free = [seat for seat in bots if seat not in kept] if core.game.join else []
        member.wants = tuple([*own, *free][: message.seats])
        if self.facts is not None:
            self._connections.send(link, self.facts)

    def _newcomer(self, peer: PeerId, name: str) -> MemberSession:
        """Somebody without a seat comes to watch. Raises `RemoteProtocolError("too_many_watchers")`."""
        core = self.match.core
        watching = [x for x in self.members.values() if not core.seating.seats_of(x.peer) and not x.wants]
        if len(watching) >= WATCHERS_MAX:
            gone = next((member for member in watching if member.absent), None)
            if gone is None:
                raise RemoteProtocolError("too_many_watchers")
            del self.members[gone.peer]
        number = core.number_of(peer)
        member = self.members[peer] = MemberSession(number, peer, name, self._connections, None)
        member.absent = True
        return member

    def _guest_lost(
        self,
        member: MemberSession,
        code: str,
        params: Mapping[str, Param],
        now: float,
        *,
        ends: bool,
        remote: bool,
    ) -> None:
        """A guest closed its link, was closed, or is silent."""
        if ends and not remote:
            self._report(member, code, params)
            self._drop(member, "fault", now)
        elif ends:
            self._drop(member, "left", now)
        elif remote and self._may_drop:
            self._drop(member, "lost", now)
        else:
            self._interrupt(member, StatusCode.CONNECTION, now)

    @property
    def _may_drop(self) -> bool:
        """Whether at least half of those who play are here: else the others may go on without us."""
        playing = self._electorate
        here = {x.peer for x in self.members.values() if x.link is not None and x.silent_at is None}
        present = sum(peer in here or peer == self.match.core.peer for peer in playing)
        return 2 * present >= len(playing)

    def _drop(self, member: MemberSession, reason: str, now: float) -> None:
        """Bots play for its people. It may come back, and gets its seats again unless it left."""
        match, core = self.match, self.match.core
        remote, link = core.remotes.get(member.member), member.link
        member.stop()
        member.link, member.silent_at, member.absent = None, None, True
        member.at_fault = reason == "fault"
        played = (*member.wants, *core.seating.people_of(member.peer))
        member.wants = played if reason in _RETURNING else ()
        member.returns_at = now + _SLOW_REST if reason == "slow" else now
        if remote is not None:
            core.remove_member(remote)
            match.repair.forget(remote)
        if not match.over:
            with self.updating(now):
                match.decisions.drop(member.peer, reason)
        if link is not None and link in self._connections.links:
            self._connections.close(link, CloseCode.DROPPED.text)
        if self._interrupted is None:
            match.set_link_suspect(False, now)

    def _readmit(self, member: MemberSession, link: int, theirs: m.Resume, now: float) -> None:
        match = self.match
        member.check_request(theirs, now)
        match.core.add_member(member.peer, member.name)
        number, epoch = max(theirs.session, member.number + 1), match.core.log.epoch
        cut = match.cut_for(member.peer, theirs)
        ours = match.resume_message(member.member, number, cut, epoch if epoch > 1 else None)
        self._connections.send(link, ours)
        member.bind(link, ours, theirs)
        member.absent, member.silent_at, member.at_fault = False, None, False
        member.admitted_at = ours.frame
        match.moved(member.member, self._connections.links[link].address)
        match.set_rtt(member.member, self._connections.links[link].rtt)
        with self.updating(now):
            match.readmit(member.member, ours, theirs, now)

    def _mind_guests(self, now: float) -> None:
        """Drop who is silent for too long or asked to leave; give seats to who is ready for them."""
        match, core = self.match, self.match.core
        for member in list(self.members.values()):
            remote = core.remotes.get(member.member)
            if remote is None:
                continue
            if remote in match.decisions.leaving:
                match.decisions.leaving.remove(remote)
                self._drop(member, "left", now)
            elif member.silent_at is not None and now - member.silent_at > ABSENT_AFTER:
                if self._may_drop:
                    self._drop(member, "lost", now)
            elif remote.differs:
                self._drop(member, "fault", now)
            elif match.exchange.slow(remote, now):
                self._drop(member, "slow", now)
            elif (
                member.wants
                and now >= member.returns_at
                and remote.hashes.agreed >= member.admitted_at
                and core.phase is Phase.PLAYING
            ):
                seats, member.wants = member.wants, ()
                with self.updating(now):
                    match.decisions.seat(remote, seats)

    # --- inside

    def _game_failed(self, error: Exception) -> RemoteProtocolError:
        """A stranger's rules may raise anything: it ends their match."""
        fault = game_failed(self.match.core.game.name, error)
        return RemoteProtocolError(fault.code, **fault.params)

    @property
    def waiting(self) -> bool:
        """True while the match is paused because the other side is unreachable."""
        return self.match.status.code.absent

    def _interrupt(self, member: MemberSession, reason: StatusCode, now: float) -> None:
        if self.goes_on and not self.match.over and not self.match.core.seating.people_of(member.peer):
            self._drop(member, "lost", now)  # nobody waits for who watches, and it comes by itself
            return
        if not self.match.over and member.interrupt(reason, now, is_host=self.match.is_host):
            member.silent_at = now - LINK_QUIET
            self.match.set_link_suspect(True, now)
            self._report_pause(now)

    def _receive_answer(
        self, member: MemberSession, link: int, ours: m.Resume, theirs: m.Resume, now: float
    ) -> None:
        reconnector = member.reconnector
        if theirs.session < ours.session:
            raise RemoteProtocolError("old_session", session=theirs.session, last=ours.session)
        if reconnector is not None and self.match.recovery.outdated(ours, theirs):
            reconnector.cancel_request()
            reconnector.dial(now)
        elif reconnector is not None:
            reconnector.requested_link = None
            self._bind(member, link, ours, theirs, now)

    def _bind(self, member: MemberSession, link: int, ours: m.Resume, theirs: m.Resume, now: float) -> None:
        """Continue the match on `link`."""
        self._promised, self._promised_at = None, -inf
        member.bind(link, ours, theirs)
        if theirs.cut is not None and theirs.epoch is not None:
            self.match.decisions.following = (theirs.epoch, member.peer)
        self.match.moved(member.member, self._connections.links[link].address)
        self.match.recovery.interrupted()
        with self.updating(now) as match:
            match.rejoin(member.member, ours, theirs, now)
        self._reconnected(member, now)

    def _reconnected(self, member: MemberSession, now: float) -> None:
        member.silent_at = None
        if self.migration is not None and not self._gathering:
            self.migration.stop()  # the host is back before another was elected
            self.migration = None
        if member.reconnected() and self._interrupted is None:
            self.match.set_link_suspect(False, now)
        self._report_pause(now)

    @property
    def _interrupted(self) -> MemberSession | None:
        """Who is searched; of several the one that has been the longest."""
        searched = [member for member in self.members.values() if member.reconnector is not None]
        return min(searched, key=_since, default=None)

    def _report_pause(self, now: float) -> None:
        """Report to the player, once each, that the match is paused and that it is resumed."""
        member, match = self._interrupted, self.match
        if not match.running or self.goes_on:
            return
        if member is not None and not match.heard_lately(now):
            if not self.waiting:
                match.set_pause(Status(code=member.reason, since=_since(member)), now)
                self._look(now)
                self._connections.emit(e.MatchPaused(match=match.id, reason=member.reason.value))
        elif self.waiting and not match.recovery.catching_up and not self._gathering:
            self._resumed(now)

    @property
    def _gathering(self) -> bool:
        """Whether we are to carry the match, but have not all of it yet."""
        migration = self.migration
        return migration is not None and (migration.returning or migration.asking is not None)

    def _resumed(self, now: float) -> None:
        match = self.match
        if self.waiting:
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
        for member in self.members.values():
            apart = self.waiting and member.reconnector is not None
            member.silence.update(now, match.status.since if apart else None)
        match.claim_at = self._standstill.reaches(CLAIM_AFTER)

    def _ended_by_them(self, member: MemberSession, code: str, params: dict[str, Param]) -> None:
        """The other side ended the match: it gave up, or could not hear us for as long as we could not hear it.

        Whatever else it says, it left. What it accuses us of, `verify` can judge.
        """
        match, winners, reason = self.match, self._all_but(member), CloseCode.of(code)
        them = match.core.seating.people_of(member.peer)
        away = member.silence.seconds >= CLAIM_AFTER - CLAIM_TOLERANCE
        if match.over:
            return
        if reason is CloseCode.RESIGNED:
            self._end_alone(Outcome.by(EndedBy.RESIGNED, winners), *map(Resigned, them))
        elif reason is CloseCode.ABANDONED:
            self._end_alone(Outcome.by(EndedBy.ABANDONED, winners), *map(Resigned, them))
        elif match.decisions.resigning:
            self._resign_alone()
        elif reason is CloseCode.CLAIMED and away:
            self._end_alone(Outcome.by(EndedBy.CLAIMED, them[:1]), *map(Claimed, them[:1]))
        else:
            if match.outcome is None:
                self._report(member, code, params)
            if reason.dispute:
                self._end_alone(Outcome.by(EndedBy.DISPUTED))
            elif reason in _OVER_THERE and (away or match.recovery.fresh):  # our file may lack the end
                self._end_alone(Outcome.by(EndedBy.CONNECTION_LOST))
            else:
                self._end_alone(Outcome.by(EndedBy.ABANDONED, winners))

    def _all_but(self, member: MemberSession) -> tuple[int, ...]:
        core = self.match.core
        theirs = core.seating.people_of(member.peer)
        return tuple(player for player in range(len(core.names)) if player not in theirs)

    def _resign_alone(self) -> None:
        core = self.match.core
        self._end_alone(Outcome.by(EndedBy.RESIGNED, core.others), *map(Resigned, core.seats))

    def _report(self, member: MemberSession | None, code: str, params: Mapping[str, Param]) -> None:
        name = self.name if member is None else member.name
        self._connections.emit(e.ErrorEvent(code=code, params={**params, "name": name}))

    def _end_alone(self, outcome: Outcome, *why: Resigned | Claimed) -> None:
        """End the match without the other side. An outcome that is already known stands."""
        self.match.end_alone(outcome, *why)
        self.take_output()


def _since(member: MemberSession) -> float:
    return member.reconnector.since if member.reconnector is not None else inf


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
