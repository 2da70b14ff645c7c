"""What the parts of a match session share: the match, the sessions with its members, and its output.

Pauses the match for the player while a member is searched. Does not know who is host, nor what an end is worth.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from math import inf

from msgspec.structs import replace

from p2pgame.core.errors import IllegalMoveError, Param, RemoteProtocolError
from p2pgame.core.game import Outcome
from p2pgame.core.guard import GameError, Guard
from p2pgame.core.ids import PeerId
from p2pgame.session import events as e
from p2pgame.session.connections import Connections
from p2pgame.session.effects import Write, WriteReport
from p2pgame.session.match import Match
from p2pgame.session.match.core import Phase
from p2pgame.session.match.remote import Remote
from p2pgame.session.match_session.member_session import MemberSession
from p2pgame.session.match_session.migration import Migration
from p2pgame.session.status import Status, StatusCode
from p2pgame.session.stopwatch import Stopwatch
from p2pgame.wire import messages as m
from p2pgame.wire.bounds import CLAIM_AFTER, LINK_QUIET
from p2pgame.wire.decisions import Claimed, HostVote, Resigned
from p2pgame.wire.names import safe_text

__all__ = ["SessionCore", "game_failed"]

_LONGEST_STEP = 1.0
"""Seconds between two looks at a match that does not move; more is time in which our own program did not run."""
_FAULT_MAX = 120
"""Characters of each fact about a fault of a game."""


class SessionCore:
    """The shared state of one match session."""

    def __init__(self, match: Match, connections: Connections) -> None:
        self.match = match
        self.connections = connections
        self.members: dict[PeerId, MemberSession] = {}
        """The host has one to each guest; a guest one to the host."""
        self.migration: Migration | None = None
        """The search for another host."""
        self.standstill = Stopwatch(longest=_LONGEST_STEP)
        """How long the match made no progress, for our claim."""

    # --- who is there

    @property
    def goes_on(self) -> bool:
        """Whether we carry a match that goes on without a member that is gone: a bot plays for its people."""
        core = self.match.core
        running = core.phase is not Phase.STARTING and not self.match.decisions.gathering
        return core.is_host and core.goes_on and running

    def lets_go(self, peer: PeerId) -> bool:
        """Whether we carry the match, and it goes on when `peer` is gone: always where it only watches."""
        core = self.match.core
        return self.goes_on or (self.shown_to_others and not core.seating.people_of(peer))

    @property
    def shown_to_others(self) -> bool:
        """Whether we carry a match of a room, which its members may watch, whatever becomes of who drops out."""
        core = self.match.core
        return core.is_host and bool(core.room) and core.phase is not Phase.STARTING

    @property
    def taking_over(self) -> bool:
        """Whether we are to carry the match, but have not all of it yet."""
        migration = self.migration
        return migration is not None and (migration.returning or migration.asking is not None)

    @property
    def electorate(self) -> tuple[PeerId, ...]:
        """Those whose people play: they choose another host if it is gone."""
        return tuple([PeerId(peer) for peer in self.match.core.seating.people])

    @property
    def interrupted(self) -> MemberSession | None:
        """Who is searched; of several the one that has been the longest."""
        searched = [member for member in self.members.values() if member.reconnector is not None]
        return min(searched, key=_since, default=None)

    @property
    def waiting(self) -> bool:
        """True while the match is paused because the other side is unreachable."""
        return self.match.status.code.absent

    def add(self, remote: Remote, link: int | None) -> MemberSession:
        """A session with `remote`, which has this link, or is to be searched."""
        peer = PeerId(remote.peer)
        member = MemberSession(remote.member, peer, remote.name, self.connections, link)
        self.members[peer] = member
        if link is not None:
            self._reached(member, link)
        return member

    # --- links

    def request(self, member: MemberSession, link: int, now: float, vote: HostVote | None = None) -> None:
        """Ask on `link`, which our dial opened, to go on there. `vote`: for a host that was started anew."""
        number = member.request(link, now)
        if number is not None:
            member.asked = self.connections.links[link].peer
            ours = replace(self.match.resume_message(member.member, number), vote=vote)
            member.ours = replace(ours, fresh=True) if self.match.decisions.gathering else ours
            self.connections.send(link, member.ours)

    def bind(self, member: MemberSession, link: int, ours: m.Resume, theirs: m.Resume, now: float) -> None:
        """Continue the match on `link`."""
        member.bind(link, ours, theirs)
        if theirs.cut is not None and theirs.epoch is not None:
            self.match.decisions.following = (theirs.epoch, member.peer)
        self._reached(member, link)
        self.match.recovery.interrupted()
        with self.updating(now) as match:
            match.rejoin(member.member, ours, theirs, now)
        self.reconnected(member, now)

    def readmit(self, member: MemberSession, link: int, theirs: m.Resume, now: float) -> None:
        """For the host: a member comes back, or in, or learns that we carry the match."""
        match = self.match
        member.check_request(theirs, now)
        match.core.add_member(member.peer, member.name)
        number, epoch = max(theirs.session, member.number + 1), match.core.log.epoch
        cut = match.cut_for(member.peer, theirs)
        ours = match.resume_message(member.member, number, cut, epoch if epoch > 1 else None)
        self.connections.send(link, ours)
        member.bind(link, ours, theirs)
        member.absent, member.silent_at, member.at_fault = False, None, False
        member.admitted_at = ours.frame
        self._reached(member, link)
        with self.updating(now):
            match.readmit(member.member, ours, theirs, now)

    def interrupt(self, member: MemberSession, reason: StatusCode, now: float) -> None:
        """Search `member`, and let the match wait for it."""
        if not self.match.over and member.interrupt(reason, now, is_host=self.match.is_host):
            member.silent_at = now - LINK_QUIET
            self.match.set_link_suspect(True, now)
            self.report_pause(now)

    def reconnected(self, member: MemberSession, now: float) -> None:
        """`member` is heard again."""
        member.silent_at = None
        if self.migration is not None and not self.taking_over:
            self.migration.stop()  # the host is back before another was elected
            self.migration = None
        if member.reconnected() and self.interrupted is None:
            self.match.set_link_suspect(False, now)
        self.report_pause(now)

    def _reached(self, member: MemberSession, link: int) -> None:
        connection = self.connections.links[link]
        self.match.moved(member.member, connection.address)
        self.match.set_rtt(member.member, connection.rtt)

    # --- pauses

    def report_pause(self, now: float) -> None:
        """Report to the player, once each, that the match is paused and that it is resumed."""
        member, match = self.interrupted, self.match
        if not match.running or self.goes_on:
            return
        if member is not None and not match.heard_lately(now):
            if match.pause is None:
                match.set_pause(Status(code=member.reason, since=_since(member)), now)
                self.look(now)
                self.connections.emit(e.MatchPaused(match=match.id, reason=member.reason.value))
        elif match.pause is not None and not (
            match.recovery.catching_up or self.taking_over or match.adjourned
        ):
            self.resumed(now)

    def resumed(self, now: float) -> None:
        """The match goes on."""
        match = self.match
        if (pause := match.pause) is not None:
            match.set_pause(None, now)
            self.connections.emit(e.MatchResumed(match=match.id, reason=pause.code.value))
        self.take_output()

    def look(self, now: float) -> None:
        """Let the clocks run, or stand."""
        match = self.match
        if match.adjourned:  # nobody has to be there
            return
        since = match.standing_since(now)
        if since is None and not self.standstill.running:
            return
        self.standstill.update(now, since)
        for member in self.members.values():
            apart = self.waiting and member.reconnector is not None
            member.silence.update(now, match.status.since if apart else None)
        match.claim_at = self.standstill.reaches(CLAIM_AFTER)

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
            raise self.game_failed(error) from error
        finally:
            self.take_output()

    def take_output(self) -> None:
        """Forward the output of the match. Records go first, so that every sent message is recorded."""
        match = self.match
        if match.has_output:
            records = match.records()
            if records:
                first = not match.core.engine.window
                self.connections.add_effect(Write(match=match.id, records=tuple(records), first=first))
            for report in match.reports():
                self.connections.add_effect(WriteReport(match=match.id, records=report))
            for remote in match.core.linked:
                link = self.members[PeerId(remote.peer)].link
                if self.migration is not None and self.migration.asking is not None:
                    link = None  # who is asked for what we lack does not take us for the host yet
                for message in match.messages_to_send(remote.member):
                    if link is not None:
                        match.core.statistics.sent(message, self.connections.send(link, message))
            self.connections.emit(*match.events())
        if match.core.phase is Phase.ENDED:  # asked in every frame
            with suppress(GameError):  # it does not matter any more
                match.core.bots.close()
            for member in self.members.values():
                member.stop()
            if self.migration is not None:
                self.migration.stop()
                self.migration = None

    def report(self, name: str, code: str, params: Mapping[str, Param]) -> None:
        """Tell the player what went wrong with whom."""
        self.connections.emit(e.ErrorEvent(code=code, params={**params, "name": name}))

    def end_alone(self, outcome: Outcome, *why: Resigned | Claimed) -> None:
        """End the match without the other side. An outcome that is already known stands."""
        self.match.end_alone(outcome, *why)
        self.take_output()

    def game_failed(self, error: Exception) -> RemoteProtocolError:
        """A stranger's rules may raise anything: it ends their match."""
        fault = game_failed(self.match.core.game.name, error)
        return RemoteProtocolError(fault.code, **fault.params)


def game_failed(game: str, error: Exception) -> GameError:
    """What to say of `error`, which the code of `game` raised or led to, such as a state that cannot be encoded."""
    fault = error if isinstance(error, GameError) else Guard(game).failure(error)
    return GameError(*(safe_text(str(fault.params[fact]), _FAULT_MAX) for fact in ("game", "error", "place")))


def _since(member: MemberSession) -> float:
    return member.reconnector.since if member.reconnector is not None else inf
