"""Opens the session of a match: connects every member to the elected host.

    EXPECTING --the election is known--> CONNECTING --all that we need are linked--> BOUND

Each guest dials the host and joins with the token that only the members can compute. If that fails, it asks the host to
dial, on a link that both have. The host waits for all others, a guest for the host alone; then the match begins. The
links are the match's alone. Does not know how the members found each other, nor the match.
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
    asks: Callable[[PeerId], int | None]
    """The link on which a guest asks the host to dial; None: there is none."""
    moved: int | None = None
    """A link to be closed once the session stands."""
    renewed: bool = False
    """The election may be another one soon: what is not of this one may be of the next."""
    deadline: float | None = None
    phase: OpeningPhase = OpeningPhase.EXPECTING
    agreement: Agreement | None = None
    links: dict[PeerId, int] = msgspec.field(default_factory=dict)
    """Of those who joined."""
    early: dict[PeerId, tuple[int, m.Join]] = msgspec.field(default_factory=dict)
    """Overtook, on their own way, what we need to judge them: the newest of each member."""
    calls: dict[PeerId, object] = msgspec.field(default_factory=dict)
    """Our newest dial to each member."""

    def uses(self, link: int) -> bool:
        """True if the opening needs the link to stay open."""
        if link in self.links.values():
            return True
        waits = link in map(self.asks, self.others) or any(link == early for early, _ in self.early.values())
        return waits and self.phase is not OpeningPhase.BOUND

    def made(self, call: "_Call") -> bool:
        """Whether it is the newest dial of this opening to that member."""
        return self.calls.get(call.peer) is call


class _Call(msgspec.Struct, eq=False):
    """The purpose of a dial."""

    peer: PeerId


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
        former, opening.links = opening.links, {}
        for link in former.values():
            self._connections.close(link, "done")
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
            self._dial(opening, election.host)
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
        asked = [link for link in map(opening.asks, opening.others) if link is not None]
        for link in dict.fromkeys((*asked, *links, *opening.links.values())):
            if link in self._connections.links:
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
        if not isinstance(purpose, _Call):
            return
        if opening is None or not opening.made(purpose) or opening.phase is not OpeningPhase.CONNECTING:
            self._connections.close(link, "done")
        else:
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
            opening.phase is OpeningPhase.EXPECTING and not opening.renewed and self._is_asked(link)
        ):
            self.fail(code, params, now)

    def dial_failed(self, purpose: object, now: float) -> None:
        """Try the other direction."""
        opening = self.opening
        if opening is None or not isinstance(purpose, _Call) or opening.agreement is None:
            return
        election = opening.agreement.election
        if opening.made(purpose) and purpose.peer == election.host:
            link = opening.asks(election.host)
            if link is not None and link in self._connections.links:
                self._connections.send(link, m.DialMe(match=election.match))
            else:
                self.fail("connect_failed", {"name": opening.others[election.host]}, now)

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
        """The phase on a link on which a guest may ask to be dialled; IDLE on any other link."""
        return self.opening.phase if self.opening is not None and self._is_asked(link) else OpeningPhase.IDLE

    def _on_dial_me(self, link: int, message: m.DialMe, now: float) -> None:
        """Dial the guest, because it cannot reach us."""
        del now
        opening, peer = self.opening, self._connections.links[link].peer
        if opening is None or opening.agreement is None or peer in opening.links:
            return
        if opening.agreement.election.match == message.match:
            self._dial(opening, peer)

    def _on_join(self, link: int, message: m.Join, now: float) -> None:
        """Raises `RemoteProtocolError("no_seat")` for a stranger, or a wrong token."""
        opening, peer = self.opening, self._connections.links[link].peer
        if opening is None or peer not in opening.others:
            raise RemoteProtocolError("no_seat")
        self._judge(opening, peer, link, message)
        self._begin_if_bound(now)

    # --- inside

    def _dial(self, opening: Opening, peer: PeerId) -> None:
        """Dial another member, once at a time."""
        call = opening.calls.get(peer)
        if call is None or not self._connections.dialling(call):
            opening.calls[peer] = call = _Call(peer)
            self._connections.dial(peer, call)

    def _is_asked(self, link: int) -> bool:
        opening, connection = self.opening, self._connections.links.get(link)
        if opening is None or connection is None or connection.peer not in opening.others:
            return False
        return opening.asks(connection.peer) == link

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
            if not opening.renewed:
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
            if opening.moved not in (None, link):
                self._connections.close(opening.moved, "moved")

    def _begin_if_bound(self, now: float) -> None:
        """Start the match if the session is open."""
        opening = self.opening
        if opening is not None and opening.phase is OpeningPhase.BOUND and opening.agreement is not None:
            self._matches.begin(opening.agreement, opening.links, now)
