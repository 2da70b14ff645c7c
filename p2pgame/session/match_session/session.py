"""One match as its links carry it: what a player and the links of the match do to it.

The match does not know links; the lobby does not know interruptions. A lost link pauses the match: the player waits, or
claims it once nothing moved for long enough. Who leaves or breaks a rule loses. What the other side says about the end
counts only as far as our own clock allows it.
"""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager

from p2pgame.core.errors import LocalProtocolError, Param, RemoteProtocolError
from p2pgame.core.game import EndedBy, Outcome
from p2pgame.core.guard import GameError
from p2pgame.core.ids import PeerId
from p2pgame.session.connections import Connections
from p2pgame.session.match import Match
from p2pgame.session.match.channel import Address
from p2pgame.session.match_session.core import SessionCore
from p2pgame.session.match_session.guests import Guests
from p2pgame.session.match_session.host_search import HostSearch
from p2pgame.session.match_session.member_session import MemberSession
from p2pgame.session.status import StatusCode
from p2pgame.session.view import MatchView
from p2pgame.wire import messages as m
from p2pgame.wire.bounds import CLAIM_AFTER, CLAIM_TOLERANCE, RESUME_TIMEOUT, SESSIONS_AHEAD
from p2pgame.wire.codes import CloseCode
from p2pgame.wire.decisions import Claimed, Resigned

__all__ = ["NOT_NOW", "MatchSession", "end_code_of"]

NOT_NOW = ("declined", "busy")
"""Why the other side of an adjourned match does not go on with it."""

_CLAIM_ROUNDING = 0.001
_FRAMES_PASS = 0.1
"""Seconds since the newest frame of a real-time match in which nobody asks whether it stands still."""
_OVER_THERE = (CloseCode.OVER, CloseCode.NO_SEAT)
_OURS = (CloseCode.BLOCKED, CloseCode.LEFT)
"""Ends that our player chose: who closes a link by one of them leaves the match."""


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
        self._core = SessionCore(match, connections)
        self._guests = Guests(self._core, facts)
        self._search = HostSearch(self._core, self._guests)
        self._aside = ""
        self._telling_until: float | None = None
        """Until when the other side, which asked to go on, may take to hear that the match is adjourned."""
        for remote in match.core.linked:
            self._core.add(remote, links.get(PeerId(remote.peer)))

    @property
    def members(self) -> Mapping[PeerId, MemberSession]:
        """The host has one to each guest; a guest one to the host. Another one once the host is."""
        return self._core.members

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
        links = self._core.connections.links
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

    @property
    def waiting(self) -> bool:
        """True while the match is paused because the other side is unreachable."""
        return self._core.waiting

    @property
    def aside(self) -> str:
        """Why the match is to be put aside now (`MatchAdjourned.reason`); empty: it is not."""
        if not self.match.adjourned:
            return ""
        searched = any(member.searched for member in self.members.values())
        return self._aside or ("" if searched or self._telling_until is not None else "agreed")

    def uses(self, link: int) -> bool:
        migration = self._core.migration
        if migration is not None and migration.uses(link):
            return True
        return any(member.uses(link) for member in self.members.values())

    # --- the player

    def resign(self, now: float) -> None:
        """Resign. While the other side is unreachable, the match ends at once; who only watches leaves."""
        if self.match.watching:
            self.leave()
        elif self._core.waiting and self.match.running:
            self._resign_alone()
        else:
            with self.updating(now) as match:
                match.resign()

    def claim(self, now: float) -> None:
        """Claim the win because the other side does not play on. Raises `LocalProtocolError` if it is too early."""
        self._core.look(now)
        claim_at = self.match.claim_at
        if self.match.watching or claim_at is None or now < claim_at - _CLAIM_ROUNDING:
            raise LocalProtocolError("too_early_to_claim", name=self.name)
        me = self.match.me
        self._core.end_alone(Outcome.by(EndedBy.CLAIMED, (me,)), Claimed(seat=me))

    def leave(self) -> None:
        """Leave for good; the others go on."""
        self._core.end_alone(Outcome.by(EndedBy.ABANDONED, self.match.core.others))

    def not_now(self) -> None:
        """Our player does not want to wait any longer until an adjourned match goes on."""
        self._aside = "not_now"

    def tell_adjourned(self, now: float) -> None:
        """The other side does not know yet that the match is adjourned: go on just to tell it."""
        self._telling_until = now + RESUME_TIMEOUT

    def end_now(self) -> None:
        """Do not wait for the other side any longer: the end that is known stands, else our resignation."""
        self._resign_alone()

    def drop_absent(self, now: float) -> None:
        """Our player, who hosts, does not want to wait for who is silent any longer."""
        if self._core.goes_on:
            self._guests.drop_silent(now)

    def kick(self, peer: PeerId, now: float) -> None:
        """The room removed `peer`."""
        if self._core.lets_go(peer):
            self._guests.kick(peer, now)

    # --- the link

    def receive(self, link: int, message: m.Message, now: float) -> None:
        """Handle a message of the match. Raises `RemoteProtocolError`."""
        member = self.on(link)
        if member is None or getattr(message, "match", None) != self.match.id:
            raise RemoteProtocolError("wrong_match")
        with self.updating(now) as match:
            match.receive(member.member, message, now)
        self._core.report_pause(now)

    def quiet(self, link: int, now: float) -> None:
        """No data arrives on a session: open another one beside it."""
        member = self.on(link)
        if member is not None and self._core.lets_go(member.peer) and not self.match.over:
            self._guests.silent(member, now)
        elif member is not None:
            self._core.interrupt(member, StatusCode.CONNECTION, now)

    def heard(self, link: int, now: float) -> None:
        """Data arrives on the session again."""
        member = self.on(link)
        if member is not None and member.searched and member.requested is None:
            self._core.reconnected(member, now)

    def lost(self, link: int, code: str, params: dict[str, Param], now: float, *, remote: bool) -> None:
        """The session or the link of a resume request closed. `remote`: the other side closed it."""
        reason = CloseCode.of(code)
        ends = reason.refusal or reason.permanent or code == GameError.CODE
        if self._search.lost(link, reason, params, now, remote=remote):
            return
        member = next((member for member in self.members.values() if member.uses(link)), None)
        if member is None:
            return
        if reason.referral and remote and not self.match.over:
            self._search.referred(member, link, params, now)
            return
        doubted = self._doubted(member, link) and code != GameError.CODE
        if member.reconnector is not None and link == member.reconnector.requested_link:
            member.reconnector.requested_link = None
        ends_it = ends or (link == member.link and not reason.interruption)
        if self.match.adjourned and self._still_adjourned(reason, code, params, ends=ends_it, remote=remote):
            return
        if doubted and (ends or link == member.link):
            self._not_believed(member, link, reason, now)
            return
        if link == member.link:
            member.link = None
            ends = not reason.interruption
            if not ends and self._guests.beginning and self._guests.enough:
                self._guests.begin_without(member, now)
                return
            if self._core.lets_go(member.peer) and not self.match.over:
                self._guests.lost(member, code, params, now, ends=ends, remote=remote)
                return
            if not self.match.over:
                self._interrupted(member, reason, now, remote=remote)
        if ends and self.match.watching:  # nobody lost or won anything here
            self._core.end_alone(Outcome.by(EndedBy.CONNECTION_LOST))
        elif ends and remote:
            self._core.look(now)
            self._ended_by_them(member, code, params)
        elif ends:
            self._fail(member, code, params)

    def restore(self, now: float, since: float) -> None:
        """The match was loaded from its file: dial the other side. `since`: time of the last record."""
        self._search.begin_return(now)
        for member in self.members.values():
            if self.match.adjourned:
                self._core.interrupt(member, StatusCode.ADJOURNED, now)
            else:
                member.silence.update(now, since)
                self._core.interrupt(member, StatusCode.RESTARTED, now)

    def join(self, link: int, now: float) -> None:
        """Join the match on `link` to its host, as who has nothing of it yet."""
        self.match.recovery.fresh = True
        for member in self.members.values():
            self._core.interrupt(member, StatusCode.RESTARTED, now)
            if member.reconnector is not None:
                self._core.request(member, link, now)

    def slept(self, seconds: float) -> None:
        """The machine was suspended for so long, which `now` does not count."""
        for member in self.members.values():
            member.silence.seconds += seconds

    # --- reconnecting

    def opened(self, reconnector: object, link: int, now: float) -> bool:
        """The dial of a reconnector succeeded: send our `Resume`. False if it is none of ours."""
        if self._core.migration is not None and reconnector is self._core.migration:
            self._search.opened(link)
            return True
        member = next((x for x in self.members.values() if x.reconnector is reconnector), None)
        if member is None or reconnector is None:
            return False
        self._core.request(member, link, now)
        return True

    def resume(self, link: int, message: m.Resume, now: float, *, invited: bool = False) -> None:
        """Handle a `Resume` of another member on any link. Raises `RemoteProtocolError`.

        `invited`: it is in the room, so it may watch.
        """
        peer = self._core.connections.links[link].peer
        self._check_bounds(message)
        member, lets_go = self.members.get(peer), self._core.lets_go(peer)
        if member is not None and member.at_fault and not message.fresh:
            raise RemoteProtocolError(CloseCode.NO_SEAT.text)  # its states are others, and would be again
        if self._search.resume(link, peer, message, now):
            return
        member = self.members.get(peer)
        if not self.match.is_host and self._search.answered_by_host(link, peer, message):
            return
        if member is None and not self.match.is_host and (invited or peer in self.match.core.members):
            self._search.refer(link)
            return
        if member is None and lets_go and invited:
            member = self._guests.newcomer(peer, self._core.connections.links[link].name)
        if member is None:
            raise RemoteProtocolError(CloseCode.NO_SEAT.text)
        if lets_go and self._guests.resume(member, link, message, now):
            return
        if not self.match.can_resume(fresh=message.fresh):
            raise RemoteProtocolError(self.end_code.text)
        requested = member.answers(link)
        if requested is not None:
            self._receive_answer(member, link, requested, message, now)
            return
        live = member.link is not None and not member.searched
        if message.fresh and live and (lets_go or self.match.heard_lately(now)):
            raise RemoteProtocolError("old_session", reason="replaced")  # sent by a program that has ended
        member.check_request(message, now)
        if member.reconnector is None or member.reconnector.accepts(link, now):
            ours = self.match.resume_message(member.member, max(message.session, member.number + 1))
            self._core.connections.send(link, ours)
            self._bind(member, link, ours, message, now)

    def watch(self, link: int, peer: PeerId, name: str, message: m.Watch) -> None:
        """A member of the room without a seat asks to watch, or to play for a bot. Raises `RemoteProtocolError`."""
        if not self._core.lets_go(peer) or self.match.over:
            raise RemoteProtocolError(CloseCode.OVER.text)
        self._guests.watch(link, peer, name, message)

    def tell(self, link: int, message: m.Tell) -> None:
        """Who is to carry the match on lacks something that we have. Raises `RemoteProtocolError`."""
        self._search.tell(link, message)

    def seen(self, peer: PeerId, now: float) -> None:
        """Discovery received a beacon of `peer`: dial it now, if it is searched."""
        member = self.members.get(peer)
        if member is not None and member.reconnector is not None:
            member.reconnector.dial(now)

    # --- time

    def next_deadline(self) -> float | None:
        due = self.match.next_deadline()  # asked in every frame
        if self._telling_until is not None:
            due = _earlier(due, self._telling_until)
        for member in self._core.members.values():
            if member.reconnector is not None:
                due = _earlier(due, member.reconnector.next_deadline())
        return _earlier(due, self._search.next_deadline()) if self.match.core.goes_on else due

    def handle_timeout(self, now: float, datagrams: Sequence[tuple[bytes, Address, float]] = ()) -> None:
        """`datagrams`: may belong to the match. Raises `RemoteProtocolError`."""
        match, core = self.match, self._core
        if self._telling_until is not None and now >= self._telling_until:
            self._aside = "agreed"
        try:  # as `updating`, without what a frame need not pay for
            if datagrams:
                match.receive_datagrams(datagrams, now)
            match.handle_timeout(now)
        except RemoteProtocolError:
            raise
        except Exception as error:
            raise core.game_failed(error) from error
        finally:
            core.take_output()
        if core.standstill.running or now - match.exchange.moved_at > _FRAMES_PASS:
            core.look(now)
        for member in core.members.values():
            if member.reconnector is not None:
                if not match.over:
                    member.reconnector.handle_timeout(now)
                core.report_pause(now)
        if match.core.goes_on and not match.over:
            if core.goes_on or self._guests.beginning:
                self._guests.handle_timeout(now)
            else:
                self._search.handle_timeout(now)
        elif match.core.room and core.shown_to_others and not match.over:
            self._guests.drop_bad_watchers(now)

    # --- output

    def updating(self, now: float, *, submitting: bool = False) -> AbstractContextManager[Match]:
        """See `SessionCore.updating`."""
        return self._core.updating(now, submitting=submitting)

    def take_output(self) -> None:
        """Forward the output of the match."""
        self._core.take_output()

    def view(self) -> MatchView:
        """The match to be drawn. Raises `RemoteProtocolError`."""
        try:
            return self.match.view()
        except Exception as error:  # the view calls `Game.to_move`
            if self.match.over:
                raise
            raise self._core.game_failed(error) from error

    def fail(self, code: str, /, **params: Param) -> None:
        """We end the match for a reason of our own: our rules failed, or we leave."""
        self._fail(None, code, params)

    # --- inside

    def _check_bounds(self, message: m.Resume) -> None:
        """Numbers only grow, so nobody says one after which there is none. Raises `RemoteProtocolError`."""
        if message.session > self._search.newest_session + SESSIONS_AHEAD:
            raise RemoteProtocolError("bad_resume", reason="session", session=message.session)
        if max(message.epoch or 0, message.newest_epoch) > self._search.epoch_limit:
            raise RemoteProtocolError("bad_resume", reason="epoch", epoch=message.newest_epoch)

    def _doubted(self, member: MemberSession, link: int) -> bool:
        """Whether what happens to the link ends nothing: nobody decided that it is to the host, or we gather guests."""
        core = self.match.core
        if not core.goes_on or self.match.watching:
            return False
        other = member.peer if link == member.link else member.asked
        return self._core.taking_over or not (core.is_host or other == core.seating.host)

    def _not_believed(self, member: MemberSession, link: int, reason: CloseCode, now: float) -> None:
        """Go on to look for the host, until our own clock says that the match is gone."""
        if link == member.link:
            member.link = None
            self.match.recovery.interrupted()
            self._core.interrupt(member, StatusCode.CONNECTION, now)
            if member.reconnector is not None:
                member.reconnector.peer = PeerId(self.match.core.seating.host)
        self._core.look(now)
        gone = self._core.standstill.seconds >= CLAIM_AFTER - CLAIM_TOLERANCE
        if reason in _OVER_THERE and gone and not self.match.over:
            self._core.end_alone(Outcome.by(EndedBy.CONNECTION_LOST))

    def _interrupted(self, member: MemberSession, reason: CloseCode, now: float, *, remote: bool) -> None:
        """The link of the host, or of the other one of two, is gone."""
        self.match.recovery.interrupted()
        if reason.interruption:
            self._core.interrupt(member, StatusCode.CLOSED if reason.goodbye else StatusCode.CONNECTION, now)
            if remote and reason is not CloseCode.DROPPED:
                self._search.begin(now)

    def _still_adjourned(
        self, reason: CloseCode, code: str, params: Mapping[str, Param], *, ends: bool, remote: bool
    ) -> bool:
        """A link of an adjourned match closed: whether nothing is lost or won by that, as unless they gave it up.

        `ends`: it would end a match that is played.
        """
        if remote and reason.concedes:
            return False
        if self._telling_until is not None:
            self._aside = "agreed"
        elif reason is CloseCode.ADJOURNED and remote:
            said = str(params.get("reason", ""))
            self._aside = said if said in NOT_NOW else "declined"
        elif ends:
            self._aside = code
        return True

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
        self._search.settled()
        self._core.bind(member, link, ours, theirs, now)

    def _fail(self, member: MemberSession | None, code: str, params: Mapping[str, Param]) -> None:
        """We end the match. `member`: broke a rule, or has other states."""
        match, reason = self.match, CloseCode.of(code)
        if match.over:
            return
        if match.outcome is None or reason not in _OURS:
            self._core.report(self.name if member is None else member.name, code, params)
        if match.decisions.resigning:
            self._resign_alone()
        elif reason in _OURS:
            self._core.end_alone(Outcome.by(EndedBy.ABANDONED, match.core.others))
        elif reason.dispute:
            self._core.end_alone(Outcome.by(EndedBy.DISPUTED))
        else:
            ours = code == GameError.CODE  # the file has the code of the wire
            told = CloseCode.RULES_FAILED.text if ours else code
            winners = () if ours or member is None else self._all_but(member)
            self._core.end_alone(Outcome.by(EndedBy.FAULT, winners, reason=told.replace("_", " ")))

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
            self._core.end_alone(Outcome.by(EndedBy.RESIGNED, winners), *map(Resigned, them))
        elif reason is CloseCode.ABANDONED:
            self._core.end_alone(Outcome.by(EndedBy.ABANDONED, winners), *map(Resigned, them))
        elif match.decisions.resigning:
            self._resign_alone()
        elif reason is CloseCode.CLAIMED and away:
            self._core.end_alone(Outcome.by(EndedBy.CLAIMED, them[:1]), *map(Claimed, them[:1]))
        else:
            if match.outcome is None:
                self._core.report(member.name, code, params)
            if reason.dispute:
                self._core.end_alone(Outcome.by(EndedBy.DISPUTED))
            elif reason in _OVER_THERE and (away or match.recovery.fresh):  # our file may lack the end
                self._core.end_alone(Outcome.by(EndedBy.CONNECTION_LOST))
            else:
                self._core.end_alone(Outcome.by(EndedBy.ABANDONED, winners))

    def _all_but(self, member: MemberSession) -> tuple[int, ...]:
        core = self.match.core
        theirs = core.seating.people_of(member.peer)
        return tuple(player for player in range(len(core.names)) if player not in theirs)

    def _resign_alone(self) -> None:
        core = self.match.core
        self._core.end_alone(Outcome.by(EndedBy.RESIGNED, core.others), *map(Resigned, core.seats))


def _earlier(one: float | None, other: float | None) -> float | None:
    if one is None or other is None:
        return one if other is None else other
    return min(one, other)


def end_code_of(ended_by: EndedBy, *, won: bool) -> CloseCode:
    """The code that answers a `Resume` of a match that ended this way for us."""
    if ended_by is EndedBy.CLAIMED and won:
        return CloseCode.CLAIMED
    if ended_by is EndedBy.RESIGNED and not won:
        return CloseCode.RESIGNED
    return CloseCode.OVER
