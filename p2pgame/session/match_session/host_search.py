"""The search for the host of a match, for whoever is not, or no more, or not yet it.

    guest: host gone --> vote, or votes of most --> takes what it lacks --> host
    host, started anew: asks all --> all promise --> takes what it lacks --> host
    host that others replaced: told so --> guest

Only in a match that goes on without who is gone. Does not know what is played.
"""

from collections.abc import Mapping
from math import inf

from msgspec.structs import replace

from p2pgame.core.errors import Param, RemoteProtocolError
from p2pgame.core.ids import PeerId
from p2pgame.session.match_session.core import SessionCore
from p2pgame.session.match_session.guests import Guests
from p2pgame.session.match_session.member_session import MemberSession
from p2pgame.session.match_session.migration import Migration, Term, returning_epoch
from p2pgame.session.match_session.reconnector import Reconnector
from p2pgame.session.status import StatusCode
from p2pgame.wire import messages as m
from p2pgame.wire.bounds import ABSENT_AFTER, EPOCHS_AHEAD, HOST_ABSENT_AFTER
from p2pgame.wire.codes import CloseCode
from p2pgame.wire.decisions import HostVote

__all__ = ["HostSearch"]

_MIGRATES_FROM = 3
"""Members from which on the others can choose another host: of two neither has more than half."""
_LATE_VOTER = 2.0
"""Seconds for those who did not vote for a new host to find it, until bots play for them."""
_PROMISED = 5.0
"""Seconds for which nobody here becomes host, once we told a host that was started anew to go on with us."""
_PROMISES_MAX = 20.0
"""Seconds after which one who asks us so, and still does not carry the match, is told no more."""
_CHOICE = 10.0
"""Seconds from then on in which another host may be chosen."""
_PROMISE_AGAIN = 0.5
"""Seconds until we tell it again."""


class HostSearch:
    """Of one match session."""

    def __init__(self, core: SessionCore, guests: Guests) -> None:
        """`guests`: to judge whether enough are here for a host to stay."""
        self._core = core
        self._guests = guests
        self._promised: int | None = None
        """The link on which we told a host that was started anew to go on with us ..."""
        self._promised_at = -inf
        """... and when, last."""
        self._promises: dict[PeerId, float] = {}
        """Who was told so since the match stands still, and when first."""
        self._told: int | None = None
        """The link on which we told a candidate what it lacks."""
        self._asked = 1
        """The highest number of a session that we asked for with a vote."""
        self._said_to_be = Term(0, PeerId(""))
        """The newest epoch of which we were told, and its host."""
        self._last: Migration | None = None
        """The last search for another host, for the epoch that it came to."""

    def begin_return(self, now: float) -> None:
        """Our program was started anew: as host we ask all others before we go on."""
        core = self._core.match.core
        if core.is_host and core.goes_on:
            self._core.match.decisions.gathering = True
            me = PeerId(core.peer)
            everybody = tuple(dict.fromkeys((*self._core.electorate, me)))
            self._core.migration = Migration(
                me,
                everybody,
                (me,),
                core.log.epoch,
                self._core.connections,
                now,
                match=core.match,
                returning=True,
            )

    def begin(self, now: float) -> None:
        """The host is gone: choose another one with those who play."""
        match, core, electorate = self._core.match, self._core.match.core, self._core.electorate
        if now < self._promised_at + _PROMISED:
            return
        if self._core.migration is not None or not (core.goes_on and core.seats and match.running):
            return
        if match.recovery.fresh:  # our program may have voted before it was started anew
            return
        me, host = PeerId(core.peer), PeerId(core.seating.host)
        everybody = tuple(dict.fromkeys((*electorate, host)))
        if core.is_host or len(everybody) < _MIGRATES_FROM:
            return
        order = dict.fromkeys((*core.election.succession, *electorate))
        succession = [peer for peer in order if peer in electorate and peer != host]
        self._last = self._core.migration = Migration(
            me,
            everybody,
            succession,
            core.log.epoch,
            self._core.connections,
            now,
            match=core.match,
            last=0 if self._last is None else self._last.epoch,
        )

    # --- time

    def next_deadline(self) -> float | None:
        migration = self._core.migration
        if self._promised is not None:  # then there is no search
            return self._promised_at + _PROMISE_AGAIN
        return migration.next_deadline() if migration is not None else None

    def handle_timeout(self, now: float) -> None:
        """Search another host once ours is silent for too long, and go on with the search."""
        members = self._core.members
        promised = next((x for x in members.values() if x.requested == self._promised), None)
        if self._promised not in self._core.connections.links:
            self._promised = None
        elif promised is not None and now >= self._promised_at + _PROMISE_AGAIN:
            self._promise_again(promised, now)
        for member in members.values():
            if member.silent_at is not None and now - member.silent_at > HOST_ABSENT_AFTER:
                self.begin(now)
            if member.reconnector is not None and self._core.migration is None:
                self._ask_around(member.reconnector, now)
        migration = self._core.migration
        if migration is not None:
            asking = migration.asking
            migration.handle_timeout(now)
            self._ask_on(migration, asking, now)
            self._succeed_if_elected(now)

    # --- what happens to links

    def opened(self, link: int) -> None:
        """We reached the candidate: vote."""
        migration = self._core.migration
        if migration is not None and migration.opened(link):
            match = self._core.match
            (old,) = match.core.linked
            asked = match.resume_message(old.member, self.newest_session + 1, epoch=migration.epoch)
            asked = replace(asked, vote=self._vote(migration.epoch, migration.candidate))
            migration.asked, self._asked = asked, asked.session
            self._core.connections.send(link, asked)

    def lost(
        self, link: int, reason: CloseCode, params: Mapping[str, Param], now: float, *, remote: bool
    ) -> bool:
        """A link closed. True if nothing else was to be expected of it. `remote`: the other side closed it."""
        if link == self._promised:
            self._promised, self._promised_at = None, -inf
        migration = self._core.migration
        if migration is None or not migration.uses(link):
            return False
        asking, voted = migration.asking, link == migration.link
        migration.lost(link)
        if voted:
            self._vote_lost(migration, reason, params, now, remote=remote)
        return not self._ask_on(migration, asking, now)

    def settled(self) -> None:
        """The match goes on on a link: no promise binds us any more, and what we were told of other hosts is over."""
        self._promised, self._promised_at = None, -inf
        self._said_to_be = Term(0, PeerId(""))
        self._promises.clear()

    # --- what others say

    def resume(self, link: int, peer: PeerId, message: m.Resume, now: float) -> bool:
        """Handle a `Resume` that has to do with the search. False: it has not. Raises `RemoteProtocolError`."""
        migration = self._core.migration
        if message.epoch is not None and message.cut is None:
            self._receive_vote(link, peer, message, now)
        elif migration is not None and link == migration.link:
            self._follow(migration, link, peer, message, now)
        elif migration is not None and migration.returning and message.cut is None:
            self._receive_promise(migration, link, peer, message, now)
        elif migration is not None and migration.asking is not None and message.cut is None:
            self.refer(link)  # soon we are the host, and not yet
        else:
            return self._resume_of_host(link, peer, message, now)
        return True

    def refer(self, link: int) -> None:
        """Somebody looks for the host at us."""
        core = self._core.match.core
        carries = max(self._said_to_be, Term(core.log.epoch, PeerId(core.seating.host)))
        self._core.connections.close(link, CloseCode.NOT_HOST.text, carries.said)

    def referred(self, member: MemberSession, link: int, params: Mapping[str, Param], now: float) -> None:
        """Somebody says that another member carries the match, since that epoch.

        A host believes it only if too few are here for it to go on: then the others may have chosen another one.
        """
        core, said = self._core.match.core, self._term_in(params)
        since = said.epoch
        if link == member.link:
            member.link = None
        elif member.reconnector is not None:
            member.reconnector.requested_link = None
        if self._core.goes_on and (since <= core.log.epoch or self._guests.enough):
            self._guests.silent(member, now)
            return
        if core.is_host and since <= core.log.epoch:
            self._core.interrupt(member, StatusCode.CONNECTION, now)
            return
        self._refer_to(said, now)

    def answered_by_host(self, link: int, peer: PeerId, message: m.Resume) -> bool:
        """Whether the host of our log answers what we asked, while we followed who is said to be host in its place, or
        were to be the host ourselves.

        We forgot what we had of the session with it: once it has dropped us, it answers with all that we lack.
        """
        core = self._core.match.core
        member = next((x for x in self._core.members.values() if x.requested == link), None)
        if member is None or member.reconnector is None or peer != core.seating.host:
            return False
        known = peer in self._core.members
        if known and (message.cut is not None or not core.forgot(peer)):
            return False
        member.reconnector.cancel_request()
        member.reconnector.peer = peer
        return True

    def tell(self, link: int, message: m.Tell) -> None:
        """Who is to carry the match on lacks something that we have. Raises `RemoteProtocolError`."""
        migration, match = self._core.migration, self._core.match
        chosen = [migration.link if migration is not None else None]
        chosen += [member.requested for member in self._core.members.values()]
        if link not in chosen or link == self._told or message.match != match.id:
            raise RemoteProtocolError("unexpected_message", message="tell", scope="matches", phase="open")
        self._told = link
        for part in match.tell(message):
            self._core.connections.send(link, part)

    @property
    def newest_session(self) -> int:
        """The highest number of a session so far."""
        return max([self._asked, *(member.number for member in self._core.members.values())])

    @property
    def epoch_limit(self) -> int:
        """The greatest one that others may speak of."""
        return self._core.match.core.log.epoch + EPOCHS_AHEAD

    # --- inside: what others say of hosts

    def _term_in(self, params: Mapping[str, Param]) -> Term:
        """Who carries the match, or is to do so, as the end of a link says; epoch 0: nobody that can be."""
        core, peer, epoch = self._core.match.core, params.get("host", ""), params.get("epoch", 0)
        named = isinstance(peer, str) and peer in core.members and peer != core.peer
        known = isinstance(epoch, int) and 0 < epoch <= self.epoch_limit
        return Term(int(epoch), PeerId(str(peer))) if named and known else Term(0, PeerId(""))

    def _refer_to(self, said: Term, now: float) -> None:
        """Look for the match at who is said to carry it."""
        core = self._core.match.core
        if said.epoch > core.log.epoch and (core.is_host or said.candidate not in self._core.members):
            self._said_to_be = max(self._said_to_be, said)
            self._leave_host(said.candidate, 0)
        for session in self._core.members.values():
            self._core.interrupt(session, StatusCode.CONNECTION, now)
            if session.reconnector is not None and said.epoch >= core.log.epoch:
                session.reconnector.peer = said.candidate

    # --- inside: votes

    def _ask_around(self, reconnector: Reconnector, now: float) -> None:
        """Who has no vote dials one member after the other: somebody knows who carries the match."""
        core = self._core.match.core
        known = [
            peer for peer in dict.fromkeys((core.seating.host, *core.seating.people)) if peer != core.peer
        ]
        turn = int(now - reconnector.since)
        if known and turn and turn != reconnector.turn:
            reconnector.turn = turn
            reconnector.peer = PeerId(known[turn % len(known)])

    def _receive_vote(self, link: int, peer: PeerId, message: m.Resume, now: float) -> None:
        core, member = self._core.match.core, self._core.members.get(peer)
        late = member is not None and (member.absent or self._core.match.unknown_host(message))
        if self._core.goes_on and member is not None and late and message.epoch == core.log.epoch > 1:
            self._core.readmit(member, link, message, now)
            return
        if self._core.interrupted is None or core.is_host:
            self.refer(link)
            return
        if peer in self._core.electorate:
            self.begin(now)
        migration = self._core.migration
        if migration is not None and migration.vote(link, peer, message, now):
            self._succeed_if_elected(now)
        elif migration is None or migration.returning:
            self.refer(link)
        else:
            self._core.connections.close(link, CloseCode.SUPERSEDED.text, migration.term.said)

    def _vote_lost(
        self,
        migration: Migration,
        reason: CloseCode,
        params: Mapping[str, Param],
        now: float,
        *,
        remote: bool,
    ) -> None:
        """The link to the candidate closed: it is in another term, knows the host, or is gone."""
        said = self._term_in(params)
        if remote and reason.referral and said.epoch >= self._core.match.core.log.epoch:
            self._refer_to(said, now)
        elif remote and reason is CloseCode.SUPERSEDED:
            migration.take_part(migration.candidate, said, now)
        elif reason.interruption and not reason.quiet:
            migration.next_term(now)

    def _receive_promise(
        self, migration: Migration, link: int, peer: PeerId, message: m.Resume, now: float
    ) -> None:
        """A guest says what it has: a promise if it answers us, who were started anew; else it is asked now."""
        member = self._core.members.get(peer)
        if member is not None and member.reconnector is not None and member.requested is None:
            self._core.request(member, link, now)
        elif member is not None and member.searched and member.requested != link:
            self._core.connections.close(link, CloseCode.SUPERSEDED.text)  # it was asked on another one
        elif migration.vote(link, peer, message, now):
            self._hold(member, link, now)
            self._succeed_if_elected(now)

    def _succeed_if_elected(self, now: float) -> None:
        """With the votes of most: take what they have more than we do, then carry the match on."""
        migration, match, core = self._core.migration, self._core.match, self._core.match.core
        if migration is None:
            return
        asking = migration.asking
        migration.forget_closed()
        self._ask_on(migration, asking, now)
        if not migration.returning:  # entries that we were told may have moved somebody
            migration.electorate = tuple(dict.fromkeys((*self._core.electorate, PeerId(core.seating.host))))
        if not migration.elected(now):
            return
        if not migration.votes:  # nobody else plays any more
            self._succeed(migration, now)
            return
        more = {peer: (x.newest_epoch, x.decisions, x.frame) for peer, (_, x) in migration.votes.items()}
        best = max(more, key=more.__getitem__)
        if more[best] <= (core.log.epoch, len(core.log.entries), match.frame):
            self._succeed(migration, now)
        elif migration.asking is None and not self._yields(migration, best, more[best][0], now):
            self._ask(migration, best, now)

    def _yields(self, migration: Migration, best: PeerId, epoch: int, now: float) -> bool:
        """Whether we leave the match to others, as a voter knows a later epoch: frames that we have may not be of it.

        Once for each voter, which may lie.
        """
        if migration.returning or epoch <= self._core.match.core.log.epoch or best in migration.yielded_to:
            return False
        migration.yielded_to.add(best)
        migration.next_term(now)
        return True

    def _ask(self, migration: Migration, best: PeerId, now: float) -> None:
        """Ask who has most of the match for what we lack."""
        match, core = self._core.match, self._core.match.core
        migration.asking = best
        link, theirs = migration.votes[best]
        match.recovery.interrupted()
        core.link_only([best])
        (remote,) = core.linked
        self._stop_reconnecting(migration)
        asked = MemberSession(remote.member, best, remote.name, self._core.connections, link)
        self._core.members = {best: asked}
        ours = match.resume_message(remote.member, theirs.session)
        match.take_over_from(remote, replace(ours, fresh=ours.fresh or migration.returning), theirs, now)
        lacks = m.Tell(match=match.id, frame=match.frame, decisions=len(core.log.entries))
        self._core.connections.send(link, lacks)

    def _ask_on(self, migration: Migration, asking: PeerId | None, now: float) -> bool:
        """Whether we still ask who was asked, if anybody was; else look for the host as before."""
        if asking is None or migration.asking is not None:
            return True
        self._ask_no_longer(now)
        return False

    def _ask_no_longer(self, now: float) -> None:
        """Who has more of the match than we do did not send it: look for the host as before."""
        core, number = self._core.match.core, self.newest_session
        others = [peer for peer in self._core.electorate if peer != core.peer]
        self._core.match.recovery.interrupted()
        core.link_only(others if core.is_host else [core.seating.host])
        self._core.members = {}
        for remote in core.linked:
            self._core.add(remote, None).number = number
        for member in self._core.members.values():
            self._core.interrupt(member, StatusCode.CONNECTION, now)

    def _succeed(self, migration: Migration, now: float) -> None:
        """Carry the match on."""
        match, core = self._core.match, self._core.match.core
        old, electorate = PeerId(core.seating.host), self._core.electorate
        self._core.migration = None
        self.settled()
        match.recovery.interrupted()
        match.recovery.fresh = False
        votes = self._stop_reconnecting(migration)
        for member in self._core.members.values():
            if member.link not in votes:
                self._close_old(member.link, core.peer, migration.epoch)
        members = self._core.members = {}
        with self._core.updating(now):
            match.carry_on(migration.epoch, migration.shown, now)
        for peer in dict.fromkeys((*electorate, old)):
            if peer == core.peer:
                continue
            name = core.name_of(peer)
            member = MemberSession(core.number_of(peer), peer, name, self._core.connections, None)
            members[peer] = member
            if peer in migration.votes:
                self._core.readmit(member, *migration.votes[peer], now)
            elif peer == old:
                member.absent = True
                member.wants = self._guests.returning(peer)
            else:
                core.add_member(peer)
                member.silent_at = now - ABSENT_AFTER + _LATE_VOTER
        match.set_link_suspect(False, now)
        self._core.resumed(now)

    def _stop_reconnecting(self, migration: Migration) -> set[int]:
        """We are elected: keep the links on which the votes came, and return them."""
        votes = {link for link, _ in migration.votes.values()}
        for member in self._core.members.values():
            member.stop(keep=member.requested if member.requested in votes else None)
        return votes

    # --- inside: a host that is found, or comes back

    def _resume_of_host(self, link: int, peer: PeerId, message: m.Resume, now: float) -> bool:
        """Handle the `Resume` of who is, was or found the host. False: it has nothing to do with that."""
        if self._outdated(peer, message):
            self._leave_host(peer, 0, keep=link)
        if self._host_returns(peer, message):
            if self._promised_too_long(peer, now):
                self._core.connections.close(link, CloseCode.SUPERSEDED.text)
                return True
            if peer not in self._core.members:
                self._leave_host(peer, 0, keep=link)
            self._promise(self._core.members[peer], link, returning_epoch(message.newest_epoch), now)
            return True
        if self._found_host(link, peer, message):
            return False
        if message.cut is not None and self._core.taking_over:
            self.refer(link)  # it carries what we carried on since
            return True
        return False

    def _follow(self, migration: Migration, link: int, peer: PeerId, theirs: m.Resume, now: float) -> None:
        """The candidate was elected and carries the match on."""
        if theirs.epoch != migration.epoch or theirs.cut is None or migration.asked is None:
            raise RemoteProtocolError("bad_resume", reason="epoch")
        self._core.migration = None
        migration.stop(keep=link)
        self._leave_host(peer, theirs.epoch)
        self.settled()
        self._core.bind(self._core.members[peer], link, migration.asked, theirs, now)

    def _leave_host(self, peer: PeerId, epoch: int, keep: int | None = None) -> None:
        """`peer` is the host from now on, as its decision will say; `keep`: a link to it."""
        core, number = self._core.match.core, self.newest_session
        self._stop_search()
        for member in self._core.members.values():
            member.stop(keep=keep)
            if member.link != keep:
                self._close_old(member.link, peer, epoch)
        core.deposed = core.peer == core.seating.host
        core.link_only([peer])
        (remote,) = core.linked
        session = MemberSession(remote.member, peer, core.name_of(peer), self._core.connections, None)
        session.number = number
        self._core.members = {peer: session}
        self._core.match.decisions.following = (epoch, peer)

    def _stop_search(self) -> None:
        if self._core.migration is not None:
            self._core.migration.stop()
            self._core.migration = None

    def _close_old(self, link: int | None, host: str, epoch: int) -> None:
        """End a link of the match as it was before `host` carried it."""
        links = self._core.connections.links
        if link is not None and link in links:
            self._core.connections.close(link, CloseCode.OLD_EPOCH.text, Term(epoch, PeerId(host)).said)
            links.pop(link, None)

    def _outdated(self, peer: PeerId, message: m.Resume) -> bool:
        """Whether the others chose another host than us, as somebody knows who comes back."""
        match, core = self._core.match, self._core.match.core
        newer = message.newest_epoch > core.log.epoch and peer in core.members and message.cut is None
        return core.is_host and newer and not match.over and not self._guests.enough

    def _found_host(self, link: int, peer: PeerId, message: m.Resume) -> bool:
        """For who looked for the host at several members, or was it: whether this is the answer of the one that it is.

        Then that one is the member whose answer it is.
        """
        core = self._core.match.core
        member = next((x for x in self._core.members.values() if x.requested == link), None)
        if member is None or message.cut is None or member.reconnector is None:
            return False
        if core.is_host and (message.epoch or 0) <= core.log.epoch:
            return False
        if not core.is_host and peer in self._core.members:
            return False
        ours, reconnector = member.ours, member.reconnector
        member.reconnector = None
        self._leave_host(peer, message.epoch or 0)
        found = self._core.members[peer]
        found.ours, found.reconnector = ours, reconnector
        return True

    def _host_returns(self, peer: PeerId, message: m.Resume) -> bool:
        """Whether our host, or one that was chosen since we lost ours, was started anew and asks who has what."""
        core = self._core.match.core
        newer = message.newest_epoch > core.log.epoch and self._core.interrupted is not None
        ours = peer in self._core.members or (newer and peer in core.members)
        return core.goes_on and not core.is_host and message.fresh and message.cut is None and ours

    def _promise(self, member: MemberSession, link: int, epoch: int, now: float) -> None:
        """Tell a host that was started anew what we have: it goes on, in that epoch, when all are there.

        Until the promise is void, nobody becomes host here.
        """
        self._core.interrupt(member, StatusCode.CONNECTION, now)
        reconnector = member.reconnector
        self._promises.setdefault(member.peer, now)
        if reconnector is not None:
            self._stop_search()
            reconnector.cancel_request(keep=link)
            self._core.request(member, link, now, self._vote(epoch, member.peer))
            self._hold(member, link, now)
            self._promised, self._promised_at = link, now

    def _vote(self, epoch: int, candidate: PeerId) -> HostVote | None:
        vote = self._core.match.core.vote
        return vote(epoch, candidate) if vote is not None else None

    def _promise_again(self, member: MemberSession, now: float) -> None:
        """Say the same once more."""
        if member.ours is None or self._promised is None or self._promised_too_long(member.peer, now):
            self._promised = None
            member.stop()
            self._core.interrupt(member, StatusCode.CONNECTION, now)
        else:
            self._core.connections.send(self._promised, member.ours)
            self._hold(member, self._promised, now)
            self._promised_at = now

    def _promised_too_long(self, peer: PeerId, now: float) -> bool:
        """Whether it has had its time: others are missing there, or it is no host at all.

        The host that our log knows gets another time, once the others had some to choose another one.
        """
        since = self._promises.get(peer, now)
        if peer == self._core.match.core.seating.host and now > since + _PROMISES_MAX + _CHOICE:
            self._promises[peer] = now
        return now > self._promises.get(peer, now) + _PROMISES_MAX

    def _hold(self, member: MemberSession | None, link: int, now: float) -> None:
        """The host was started anew, and waits for all: so does who asked it."""
        if member is not None and member.reconnector is not None:
            member.reconnector.hold(link, now)
