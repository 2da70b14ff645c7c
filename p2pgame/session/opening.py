"""Opens the session of a match: connects every member to the elected host.

    EXPECTING --the election is known--> CONNECTING --all that we need are linked--> BOUND

Each guest joins the host with the token that only the members can compute, on a link that stands, else on one that it
dials. If that fails, it asks the host to dial: on the link of the invitation, else by datagram. The host waits for all
others, a guest for the host alone; then the match begins. Does not know how members found each other, nor the match.
"""

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Protocol

import msgspec

from p2pgame.core.errors import Param, RemoteProtocolError
from p2pgame.core.ids import PeerId
from p2pgame.session import events as e
from p2pgame.session.agreement import Agreement
from p2pgame.session.connections import Connections
from p2pgame.session.message_table import MessageTable, Rule, Scope
from p2pgame.wire import messages as m
from p2pgame.wire.bounds import SESSION_TIMEOUT

__all__ = ["MatchStarter", "Opening", "OpeningPhase", "SessionOpener"]

Failed = Callable[[str, Mapping[str, Param], float], None]


class OpeningPhase(Enum):
    """Phase of an opening; IDLE if there is none."""

    IDLE = "idle"
    EXPECTING = "expecting"
    CONNECTING = "connecting"
    BOUND = "bound"


class Opening(msgspec.Struct, kw_only=True, eq=False):
    """The session that is being opened."""

    others: Mapping[PeerId, str]
    """The other members, and their names."""
    failed: Failed
    """``failed(code, params, now)``: it came to nothing."""
    line: Callable[[PeerId], int | None] = lambda _: None
    """A link to a member that stands, and that carries more than this match: what is not of it may be of another."""
    asks: int | None = None
    """The link on which a guest asks to be dialled."""
    moved: bool = False
    """Close `asks` once the session stands: the other side does not."""
    deadline: float | None = None
    phase: OpeningPhase = OpeningPhase.EXPECTING
    agreement: Agreement | None = None
    links: dict[PeerId, int] = msgspec.field(default_factory=dict)
    """Of those who joined."""
    early: dict[PeerId, tuple[int, m.Join]] = msgspec.field(default_factory=dict)
    """Overtook, on their own way, what we need to judge them: the newest of each member."""

    def uses(self, link: int) -> bool:
        """True if the opening needs the link to stay open."""
        if link in self.links.values():
            return True
        waits = link == self.asks or any(link == early for early, _ in self.early.values())
        return waits and self.phase is not OpeningPhase.BOUND


class MatchStarter(Protocol):
    """Starts the match: implemented by `Matches`."""

    def uses(self, link: int) -> bool: ...
    def begin(self, agreement: Agreement, links: Mapping[PeerId, int], now: float) -> None: ...
    def cancel(self) -> tuple[int, ...]: ...


class SessionOpener:
    """Opens at most one session at a time. A `LinkUser`."""

    def __init__(
        self, me: PeerId, connections: Connections, table: MessageTable, matches: MatchStarter
    ) -> None:
        self.opening: Opening | None = None
        self._me = me
        self._connections = connections
        self._matches = matches
        phase = OpeningPhase
        table.register(
            Scope("opening", self._phase_on),
            {
                m.DialMe: Rule(self._on_dial_me, (phase.CONNECTING,), ignored=(phase.IDLE, phase.BOUND)),
            },
        )
        table.register(Scope("join", self._phase), {m.Join: Rule(self._on_join, tuple(phase))})

    # --- who wants a session

    def expect(self, opening: Opening) -> None:
        """The members of a match are known, and its election is not yet. Takes the place of any other opening."""
        self.withdraw()
        self.opening = opening

    def connect(self, agreement: Agreement, now: float) -> None:
        """The election of those expected is known, or another host of it has its turn."""
        opening = self.opening
        if opening is None:
            return
        if opening.phase is OpeningPhase.BOUND:
            self._matches.cancel()
        opening.phase = OpeningPhase.CONNECTING
        opening.agreement = agreement
        opening.deadline = now + SESSION_TIMEOUT
        opening.links.clear()
        election = agreement.election
        self._connections.emit(
            e.HostElected(
                match=election.match, host=election.host, players=election.players, epoch=election.epoch
            )
        )
        early, opening.early = opening.early, {}
        for peer, (link, message) in early.items():
            if link in self._connections.links:
                self._judge(opening, peer, link, message)
        if opening.phase is OpeningPhase.CONNECTING and election.host != self._me:
            self._call(opening, election.host)
        if not opening.others:
            opening.phase = OpeningPhase.BOUND
        self._begin_if_bound(now)

    def finish(self) -> None:
        """Finish: the match has started or was cancelled."""
        self.opening = None

    def withdraw(self) -> None:
        """Give up what is being opened, without a word."""
        opening, self.opening = self.opening, None
        if opening is None:
            return
        links = self._matches.cancel()
        for link in {opening.asks, *links, *opening.links.values()}:
            if link is not None and link in self._connections.links:
                self._connections.close(link, "done")

    def fail(self, code: str, params: Mapping[str, Param], now: float) -> None:
        """Cancel the opening, and tell who wanted it."""
        opening = self.opening
        self.withdraw()
        if opening is not None:
            opening.failed(code, params, now)

    # --- links and time (LinkUser)

    def uses(self, link: int) -> bool:
        return self.opening is not None and self.opening.uses(link)

    def link_opened(self, link: int, peer: PeerId, purpose: object, now: float) -> None:
        opening = self.opening
        if opening is None or opening.phase is not OpeningPhase.CONNECTING or opening.agreement is None:
            return
        called_back = purpose is None and opening.asks is None and peer == opening.agreement.election.host
        if purpose is opening or called_back:
            self._join(opening, peer, link)
            self._begin_if_bound(now)

    def link_closed(
        self, link: int, code: str, params: Mapping[str, Param], now: float, *, remote: bool
    ) -> None:
        del remote
        opening = self.opening
        if opening is None or self._matches.uses(link):
            return
        election = opening.agreement.election if opening.agreement is not None else None
        host = election is not None and election.host == self._me
        if opening.phase is OpeningPhase.CONNECTING and host:
            opening.links = {peer: other for peer, other in opening.links.items() if other != link}
        elif link in opening.links.values() or (
            opening.phase is OpeningPhase.EXPECTING and link == opening.asks
        ):
            self.fail(code, params, now)

    def dial_failed(self, purpose: object, now: float) -> None:
        """Try the other direction."""
        del now
        opening = self.opening
        if opening is None or purpose is not opening or opening.agreement is None:
            return
        election = opening.agreement.election
        if election.host == self._me:
            return
        if opening.asks is None:
            self._connections.request_dial(election.host)
        elif opening.asks in self._connections.links:
            self._connections.send(opening.asks, m.DialMe(match=election.match))

    def next_deadline(self) -> float | None:
        return self.opening.deadline if self.opening is not None else None

    def handle_timeout(self, now: float) -> None:
        opening = self.opening
        if opening is not None and opening.deadline is not None and now >= opening.deadline:
            missing = next((name for peer, name in opening.others.items() if peer not in opening.links), "")
            self.fail("connect_failed", {"name": missing}, now)

    # --- messages

    def _phase(self, link: int) -> OpeningPhase:
        del link  # the same on all links: the session may use a new one
        return self.opening.phase if self.opening is not None else OpeningPhase.IDLE

    def _phase_on(self, link: int) -> OpeningPhase:
        """The phase on the link of the invitation; IDLE on any other link."""
        opening = self.opening
        return opening.phase if opening is not None and link == opening.asks else OpeningPhase.IDLE

    def _on_dial_me(self, link: int, message: m.DialMe, now: float) -> None:
        """Dial the guest, because it cannot reach us."""
        del now
        opening = self.opening
        if opening is None or opening.agreement is None or self._connections.dialling(opening):
            return
        if opening.agreement.election.match == message.match:
            self._connections.dial(self._connections.links[link].peer, opening)

    def _on_join(self, link: int, message: m.Join, now: float) -> None:
        """Raises `RemoteProtocolError("no_seat")` for a stranger, or a wrong token."""
        opening, peer = self.opening, self._connections.links[link].peer
        if opening is None or peer not in opening.others:
            raise RemoteProtocolError("no_seat")
        self._judge(opening, peer, link, message)
        self._begin_if_bound(now)

    # --- inside

    def _call(self, opening: Opening, host: PeerId) -> None:
        """Join the host, on a link that stands or on another."""
        line = opening.line(host)
        if line is not None:
            self._join(opening, host, line)
        else:
            self._connections.dial(host, opening)

    def _join(self, opening: Opening, peer: PeerId, link: int) -> None:
        if opening.agreement is not None:
            election = opening.agreement.election
            self._connections.send(
                link, m.Join(match=election.match, session=election.epoch, token=election.token)
            )
            self._bind(opening, peer, link)

    def _judge(self, opening: Opening, peer: PeerId, link: int, message: m.Join) -> None:
        """Let a member in, or keep its word until we know what it knows."""
        if opening.agreement is None:
            opening.early[peer] = (link, message)
            return
        election = opening.agreement.election
        stars = self._me == election.host or peer == election.host
        right = (message.match, message.session, message.token) == (
            election.match,
            election.epoch,
            election.token,
        )
        if not (right and stars):
            if opening.line(peer) is None:
                raise RemoteProtocolError("no_seat")
            opening.early[peer] = (link, message)
        elif opening.links.get(peer, link) != link:
            self._connections.close(link, "superseded")
        elif opening.phase is not OpeningPhase.BOUND:
            self._bind(opening, peer, link)

    def _bind(self, opening: Opening, peer: PeerId, link: int) -> None:
        opening.links[peer] = link
        if opening.agreement is None:
            return
        host = opening.agreement.election.host
        if peer == host or (host == self._me and len(opening.links) == len(opening.others)):
            opening.phase = OpeningPhase.BOUND
            if opening.moved and opening.asks is not None and opening.asks != link:
                self._connections.close(opening.asks, "moved")

    def _begin_if_bound(self, now: float) -> None:
        """Start the match if the session is open."""
        opening = self.opening
        if opening is not None and opening.phase is OpeningPhase.BOUND and opening.agreement is not None:
            self._matches.begin(opening.agreement, opening.links, now)
