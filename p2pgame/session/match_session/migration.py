"""The search for another host, after the host of a match is gone: terms, candidates and votes.

In each term one member is the candidate, in the order of succession; the others send it their vote, signed. Who has the
votes of more than half of all carries the match on, in a new epoch, and shows them. Every member votes once an epoch,
and only with a program that knows whom it has voted for: one that was started anew does not vote. Who hears of a later
term takes part in that one (as in Raft, section 5.1), so that those who lost the host at different times, or know
different hosts, meet. The old host goes on only with half of all or more, so there are never two. Does not know what is
played.
"""

from collections.abc import Sequence
from math import inf
from typing import NamedTuple

from p2pgame.core.errors import Param
from p2pgame.core.ids import PeerId
from p2pgame.replay.votes import voter_of
from p2pgame.session.connections import Connections
from p2pgame.wire import messages as m
from p2pgame.wire.codes import CloseCode
from p2pgame.wire.decisions import HostVote

__all__ = ["Migration", "Term", "returning_epoch"]

_TERM = 2.5
"""Seconds for a candidate to get its votes: a dial, its second try, and the answer."""
_DIAL_INTERVAL = 0.4
_BELIEVED = 1.5
"""Seconds for which a host that returns believes what others promised; they keep it for longer."""
_AHEAD_MAX = 1 << 17
"""Epochs by which others may be ahead of us: some know that the host came back, and some do not."""
_RETURN_EPOCHS = 1 << 16
"""The epoch in which a host comes back, beyond that of the newest decision: later than those of all terms."""


def returning_epoch(epoch: int) -> int:
    """The epoch in which a host whose program was started anew goes on. `epoch`: the newest one of its log."""
    return epoch + _RETURN_EPOCHS


class Term(NamedTuple):
    """Who may become host in an epoch, for one member: it votes for nobody else in that epoch."""

    epoch: int
    candidate: PeerId

    @property
    def said(self) -> dict[str, Param]:
        """As the end of a link says it."""
        return {"host": self.candidate, "epoch": self.epoch}


class Migration:
    """One search, from the loss of the host until somebody carries the match."""

    def __init__(
        self,
        me: PeerId,
        electorate: Sequence[PeerId],
        succession: Sequence[PeerId],
        epoch: int,
        connections: Connections,
        now: float,
        *,
        match: str,
        last: int = 0,
        returning: bool = False,
    ) -> None:
        """`match`: its id. `electorate`: all members whose people play, the old host as well. `succession`: who may
        follow it. `last`: the epoch that another search of ours came to; it goes on with the next one.

        `epoch`: the newest one of the decision log. `returning`: we are the host whose program was started anew, and
        do not know what we decided last: we go on once all others are here, for any of them may have more.
        """
        self.me = me
        self.returning = returning
        self.link: int | None = None
        """Where our vote was sent."""
        self.asked: m.Resume | None = None
        """Our vote."""
        self.votes: dict[PeerId, tuple[int, m.Resume]] = {}
        """For us, with the links on which they came."""
        self._voted_at: dict[PeerId, float] = {}
        self._moved_at: dict[PeerId, float] = {}
        """When we last went to a later term because of that member."""
        self.asking: PeerId | None = None
        """For a candidate that is elected: who has more of the match and is asked for it."""
        self.yielded_to: set[PeerId] = set()
        """For a candidate that is elected: voters that said they know a later epoch."""
        self._match = match
        self.electorate = electorate
        self._succession = succession
        self._first_epoch = returning_epoch(epoch) if returning else epoch + 1
        self._connections = connections
        self._ends_at = now + _TERM
        self._dial_at = now
        self.term = self._term_of(max(self._first_epoch, last + 1))
        """In which we are."""

    @property
    def epoch(self) -> int:
        """Of the term."""
        return self.term.epoch

    @property
    def candidate(self) -> PeerId:
        return self.term.candidate

    @property
    def shown(self) -> tuple[HostVote, ...]:
        """The votes that prove to others that we were elected."""
        return tuple([message.vote for _, message in self.votes.values() if message.vote is not None])

    def elected(self, now: float) -> bool:
        """Whether more than half of all follow us; of a host that returns, all, as they said lately."""
        if self.returning:
            lately = [peer for peer in self.votes if now - self._voted_at[peer] <= _BELIEVED]
            return len(lately) + 1 >= len(self.electorate)
        followers = {self.me, *self.votes}.intersection(self.electorate)
        return self.candidate == self.me in followers and 2 * len(followers) > len(self.electorate)

    def uses(self, link: int) -> bool:
        return link == self.link or any(link == voted for voted, _ in self.votes.values())

    def opened(self, link: int) -> bool:
        """Our dial of a candidate succeeded: whether to send it our vote on `link`."""
        late = self._connections.links[link].peer != self.candidate  # dialled in an earlier term
        if late or self.link is not None or self.candidate == self.me:
            self._connections.close(link, CloseCode.SUPERSEDED.text)
            return False
        self.link = link
        return True

    def vote(self, link: int, peer: PeerId, message: m.Resume, now: float) -> bool:
        """`peer` follows us, as it says, in the epoch of its message. False if that is not the one of this term, or
        its vote is not for us in that epoch.
        """
        epoch = self.epoch if message.epoch is None else message.epoch
        if peer not in self.electorate or (message.epoch is None) != self.returning or epoch < self.epoch:
            return False  # those who wait for a host that returns ask for it as before
        if message.vote is None or voter_of(message.vote, self._match, epoch, self.me) != peer:
            return False
        self.take_part(peer, Term(epoch, self.me), now)
        if self.term != (epoch, self.me):
            return False
        self.votes[peer] = (link, message)
        self._voted_at[peer] = now
        return True

    def take_part(self, peer: PeerId, term: Term, now: float) -> None:
        """`peer` is in a later term than we are: go there. Seldom for the same one, which could have us run away."""
        busy = self.returning or self.asking is not None or now < self._moved_at.get(peer, -inf) + _TERM
        ahead = term.epoch - self.epoch
        if not busy and 0 < ahead <= _AHEAD_MAX and term.candidate in self._succession:
            self._moved_at[peer] = now
            self._enter(term, now)

    def next_term(self, now: float) -> None:
        """The candidate is gone, or has had its time."""
        self._enter(self._term_of(self.epoch + 1), now)

    def lost(self, link: int) -> None:
        if link == self.link:
            self.link = None
        for peer, (voted, _) in list(self.votes.items()):
            if voted == link:
                del self.votes[peer]
                if peer == self.asking:
                    self.asking = None

    def forget_closed(self) -> None:
        """Forget votes whose links we closed ourselves, as for a newer request."""
        for link in [link for link, _ in self.votes.values() if link not in self._connections.links]:
            self.lost(link)

    def stop(self, *, keep: int | None = None, term: Term | None = None) -> None:
        """Close what it opened, except the link `keep`. `term`: in which we go on."""
        said: dict[str, Param] = {} if term is None else term.said
        links = {self.link, *(link for link, _ in self.votes.values())}
        for link in links:
            if link is not None and link != keep and link in self._connections.links:
                self._connections.close(link, CloseCode.SUPERSEDED.text, said)

    def next_deadline(self) -> float | None:
        if self.returning:
            return None
        waits = self.candidate == self.me or self.link is not None
        return self._ends_at if waits else min(self._ends_at, self._dial_at)

    def handle_timeout(self, now: float) -> None:
        """The next term, or the next try to reach the candidate."""
        self.forget_closed()
        if self.returning:
            return
        if now >= self._ends_at:
            self.next_term(now)
        if self.candidate != self.me and self.link is None and now >= self._dial_at:
            self._dial_at = now + _DIAL_INTERVAL
            self._connections.dial(self.candidate, self)

    def _enter(self, term: Term, now: float) -> None:
        """Begin it; what came for an earlier one is void."""
        self.stop(term=term)
        self.term, self.link, self.asking = term, None, None
        self.votes.clear()
        self._ends_at, self._dial_at = now + _TERM, now

    def _term_of(self, epoch: int) -> Term:
        """The term in which we are in that epoch, if nobody tells us of another one."""
        return Term(epoch, self._succession[(epoch - self._first_epoch) % len(self._succession)])
