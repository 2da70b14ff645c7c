"""The guests of a host: who is dropped and when, who comes back, in or to watch, and who gets which seat.

For a match that goes on without who is gone. Does not know why there is this host.
"""

from collections.abc import Mapping

from p2pgame.core.errors import Param, RemoteProtocolError
from p2pgame.core.ids import PeerId
from p2pgame.session.match.core import Phase
from p2pgame.session.match.remote import Remote
from p2pgame.session.match_session.core import SessionCore
from p2pgame.session.match_session.member_session import MemberSession
from p2pgame.session.status import StatusCode
from p2pgame.session.stopwatch import Stopwatch
from p2pgame.wire import messages as m
from p2pgame.wire.bounds import ABSENT_AFTER, LOCAL_MAX, WATCHERS_MAX
from p2pgame.wire.codes import CloseCode
from p2pgame.wire.decisions import Dropped

__all__ = ["Guests"]

_RETURNING = ("lost", "slow")
"""Why somebody was dropped who gets its seats again when it is back."""
_SLOW_REST = 15.0
"""Seconds for which who was too slow watches, before it plays again; each further time twice as long."""
_AWAITED_MAX = 5.0
"""Seconds for which all others wait in one go for the inputs of a guest, while it is heard."""
_AWAITED_STEP = 1.0
"""Seconds between two looks at it; more is time in which our own program did not run."""


class Guests:
    """Of one match session, while it is that of the host."""

    def __init__(self, core: SessionCore, facts: m.Facts | None) -> None:
        """`facts`: for who comes to watch."""
        self._core = core
        self._facts = facts

    @property
    def enough(self) -> bool:
        """Whether at least half of those who play are here: else the others may go on without us."""
        members, playing = self._core.members, self._core.electorate
        here = {x.peer for x in members.values() if x.link is not None and x.silent_at is None}
        present = sum(peer in here or peer == self._core.match.core.peer for peer in playing)
        return 2 * present >= len(playing)

    @property
    def beginning(self) -> bool:
        """Whether we are about to carry a match that goes on, and somebody has not said yet that it is ready."""
        core = self._core.match.core
        return core.is_host and core.goes_on and core.phase is Phase.STARTING

    def begin_without(self, member: MemberSession, now: float) -> None:
        """A guest is gone before the match has begun: it is dropped as soon as that is so."""
        self._let_go(member, now)
        with self._core.updating(now) as match:
            match.start_if_all_are_here(now)

    def drop_silent(self, now: float) -> None:
        """Our player does not want to wait for who is silent any longer."""
        for member in [x for x in self._core.members.values() if x.silent_at is not None]:
            self.drop(member, "lost", now)

    def kick(self, peer: PeerId, now: float) -> None:
        """The room removed `peer`."""
        member = self._core.members.get(peer)
        if member is not None:
            if not member.absent:
                self.drop(member, "kicked", now)
            del self._core.members[peer]

    def watch(self, link: int, peer: PeerId, name: str, message: m.Watch) -> None:
        """A member of the room without a seat asks to watch, or to play for a bot. Raises `RemoteProtocolError`."""
        core = self._core.match.core
        member = self._core.members.get(peer) or self.newcomer(peer, name)
        kept, bots = core.seating.kept, sorted(core.seating.bots)
        own = [seat for seat in bots if kept.get(seat) == peer]
        free = [seat for seat in bots if seat not in kept] if core.game.join else []
        if core.goes_on and not core.seating.people_of(peer):  # else it has what it gets
            wanted = 0 if peer in core.seating.barred else min(message.seats, LOCAL_MAX)
            member.wants = tuple([*own, *free][:wanted])
        if self._facts is not None:
            self._core.connections.send(link, self._facts)

    def newcomer(self, peer: PeerId, name: str) -> MemberSession:
        """Somebody without a seat comes to watch, or to its seat again, which an earlier host gave to a bot.

        Raises `RemoteProtocolError("too_many_watchers")`.
        """
        core, members = self._core.match.core, self._core.members
        watching = [x for x in members.values() if not core.seating.seats_of(x.peer) and not x.wants]
        if len(watching) >= WATCHERS_MAX:
            gone = next((member for member in watching if member.absent), None)
            if gone is None:
                raise RemoteProtocolError("too_many_watchers")
            del members[gone.peer]
        number = core.number_of(peer)
        member = members[peer] = MemberSession(number, peer, name, self._core.connections, None)
        member.absent, member.wants = True, self.returning(peer)
        return member

    def returning(self, peer: PeerId) -> tuple[int, ...]:
        """The seats of bots that the people of `peer` get again once they are back: the log says it, to every host."""
        core = self._core.match.core
        entries = [decision.what for decision in core.log.decisions]
        newest = {what.seat: what.reason for what in entries if isinstance(what, Dropped)}
        kept = core.seating.kept
        return tuple([seat for seat, who in kept.items() if who == peer and newest.get(seat) in _RETURNING])

    def lost(
        self,
        member: MemberSession,
        code: str,
        params: Mapping[str, Param],
        now: float,
        *,
        ends: bool,
        remote: bool,
    ) -> None:
        """A guest closed its link, or it was closed. `ends`: for good."""
        if ends and not remote:
            self._core.report(member.name, code, params)
            self.drop(member, "fault", now)
        elif ends:
            self.drop(member, "left", now)
        elif remote and self.enough:
            self.drop(member, "lost", now)
        else:
            self.silent(member, now)

    def silent(self, member: MemberSession, now: float) -> None:
        """Wait for a guest at which people play. Nobody waits for who watches, and it comes by itself."""
        if self._core.match.core.seating.people_of(member.peer):
            self._core.interrupt(member, StatusCode.CONNECTION, now)
        else:
            self.drop(member, "lost", now)

    def drop(self, member: MemberSession, reason: str, now: float) -> None:
        """Bots play for its people. It may come back, and gets its seats again unless it left."""
        match = self._core.match
        self._let_go(member, now)
        member.at_fault = reason == "fault"
        played = (*member.wants, *match.core.seating.people_of(member.peer))
        member.wants = played if reason in _RETURNING else ()
        member.returns_at, member.awaited = now, Stopwatch(longest=_AWAITED_STEP)
        if reason == "slow":
            member.returns_at += _SLOW_REST * 2**member.times_slow
            member.times_slow += 1
        if not match.over:
            with self._core.updating(now):
                match.decisions.drop(member.peer, reason)

    def resume(self, member: MemberSession, link: int, message: m.Resume, now: float) -> bool:
        """A guest asks, or answers that it goes on. False: as one without which we did not go on.

        Raises `RemoteProtocolError`.
        """
        match = self._core.match
        if link == member.link and message.session <= member.number:
            return True  # said again before our answer was there
        answers, live = member.answers(link) is not None, member.link is not None and not member.searched
        if message.fresh and not (live or member.absent or match.over):
            member.stop(keep=link)
            self.drop(member, "lost", now)
        elif not (member.absent or match.unknown_host(message)):
            return False
        if answers:  # it was asked as one with its seats, or that knows the host: now it has to ask
            member.stop(keep=link)
            self._core.connections.close(link, CloseCode.DROPPED.text)
        else:
            self._core.readmit(member, link, message, now)
        return True

    def _let_go(self, member: MemberSession, now: float) -> None:
        """Nothing is expected of a member any more; its link is closed."""
        match, link = self._core.match, member.link
        member.stop()
        member.link, member.silent_at, member.absent = None, None, True
        remote = match.core.remotes.get(member.member)
        if remote is not None:
            match.core.remove_member(remote)
            match.repair.forget(remote)
        if link is not None and link in self._core.connections.links:
            self._core.connections.close(link, CloseCode.DROPPED.text)
        if self._core.interrupted is None:
            match.set_link_suspect(False, now)

    def _holds_up(self, member: MemberSession, remote: Remote, now: float) -> bool:
        """Whether all others have waited too long for a guest that is heard and gives no inputs."""
        match = self._core.match
        if match.phase is Phase.PLAYING and match.exchange.waits_for(remote):
            member.awaited.update(now, now if member.silent_at is None else None)
        elif member.awaited.seconds or member.awaited.running:
            member.awaited = Stopwatch(longest=_AWAITED_STEP)
        return member.awaited.seconds > _AWAITED_MAX

    def drop_bad_watchers(self, now: float) -> None:
        """Of a match that waits for its players: let go who only watches, and is silent or has other states."""
        core = self._core.match.core
        for member in list(self._core.members.values()):
            remote = core.remotes.get(member.member)
            if remote is None or core.seating.people_of(member.peer):
                continue
            if remote.differs:
                self.drop(member, "fault", now)
            elif _silent(member, now):
                self.drop(member, "lost", now)

    def handle_timeout(self, now: float) -> None:
        """Drop who is silent for too long or asked to leave; give seats to who is ready for them."""
        match, core = self._core.match, self._core.match.core
        for member in list(self._core.members.values()):
            remote = core.remotes.get(member.member)
            if self.beginning:
                if _silent(member, now) and self.enough:
                    self.begin_without(member, now)
                continue
            if remote is None:
                if member.absent and core.seating.people_of(member.peer):  # it was gone before the beginning
                    self.drop(member, "lost", now)
                continue
            if remote in match.decisions.leaving:
                match.decisions.leaving.remove(remote)
                self.drop(member, "left", now)
            elif _silent(member, now):
                if self.enough:
                    self.drop(member, "lost", now)
            elif remote.differs:
                self.drop(member, "fault", now)
            elif match.exchange.slow(remote, now) or self._holds_up(member, remote, now):
                self.drop(member, "slow", now)
            elif (
                member.wants
                and now >= member.returns_at
                and remote.hashes.agreed >= member.admitted_at
                and core.phase is Phase.PLAYING
            ):
                seats, member.wants = member.wants, ()
                with self._core.updating(now):
                    match.decisions.seat(remote, seats)


def _silent(member: MemberSession, now: float) -> bool:
    """Whether nothing was heard of a guest for so long that nobody waits for it any more."""
    return member.silent_at is not None and now - member.silent_at > ABSENT_AFTER
