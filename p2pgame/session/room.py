"""The table at which one peer plays: at most one match at a time, from its first word until it is left.

Beside the match that is on it keeps those that were interrupted with our program, until the player decides, and the
verdict on those that are over, for an opponent who comes back too late. Does not know how a match is agreed on.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from p2pgame.core.errors import LocalProtocolError, RemoteProtocolError
from p2pgame.core.ids import PeerId
from p2pgame.core.registry import Registry
from p2pgame.session import events as e
from p2pgame.session.connections import Connections
from p2pgame.session.invite.invitation import Invitation, Played
from p2pgame.session.match import Match
from p2pgame.session.match.channel import Address
from p2pgame.session.match.realtime import RealtimeMatch
from p2pgame.session.match_session import MatchSession, verdict
from p2pgame.session.matchmaker import Matchmaker
from p2pgame.session.reconnector import Reconnector
from p2pgame.session.saved_match import SavedMatch
from p2pgame.session.view import MatchView
from p2pgame.wire import messages as m
from p2pgame.wire.bounds import TEXT_MAX
from p2pgame.wire.names import safe_text

__all__ = ["Room"]

_VERDICTS_KEPT = 16
_OF_A_MATCH = frozenset(
    {
        m.Start,
        m.StreamPacket,
        m.SetDelay,
        m.Input,
        m.StateHash,
        m.Resign,
        m.End,
        m.Log,
        m.State,
        m.Differ,
        m.EndSignature,
    }
)


class Room:
    """What the player does in a match, and what its links bring."""

    def __init__(
        self,
        registry: Registry,
        board: Connections,
        matchmaker: Matchmaker,
        *,
        broken: Callable[[int, str, str, float], None],
        wanted: Callable[[int], bool],
        begun: Callable[[], None],
    ) -> None:
        """`broken(link, code, text, now)`: end a link on which a rule was broken. `wanted(link)`: somebody else uses
        it. `begun()`: the match that was agreed on is running, or never will be.
        """
        self.played: Played | None = None
        """The newest match, for a return match."""
        self._registry = registry
        self._connections = board
        self._matchmaker = matchmaker
        self._broken = broken
        self._wanted = wanted
        self._begun = begun
        self._session: MatchSession | None = None
        """The match that is on, or the newest one until it is left."""
        self._agreed: Invitation | None = None
        """While it is not running yet."""
        self._leaving = False
        self._offered: dict[str, SavedMatch] = {}
        """Interrupted matches that wait for the player's word."""
        self._verdicts: dict[str, str] = {}
        """Matches that are over, to what the other side is told if it wants to go on with one."""

    @property
    def match(self) -> Match | None:
        return self._session.match if self._session is not None else None

    @property
    def session(self) -> int | None:
        """The link that carries the match."""
        return self._session.link if self._session is not None else None

    @property
    def taken(self) -> bool:
        """True while a match is on."""
        return self._session is not None and not self._session.match.over

    def uses(self, link: int) -> bool:
        return self._session is not None and self._session.uses(link)

    # --- the player

    def begin(self, invitation: Invitation, link: int, name: str, now: float) -> None:
        """The match of an agreement begins on `link`; `name` is ours."""
        election, plugin = invitation.election, invitation.plugin
        if election is None or self._session is not None:
            return
        names = tuple(invitation.name if p == invitation.peer else name for p in election.players)
        address = self._connections.links[link].address
        try:
            match = self._matchmaker.begin(
                election, plugin, invitation.config, names, invitation.frames, address
            )
        except Exception as error:  # a stranger's rules may raise anything
            text = safe_text(f"the rules of {plugin.game.title} failed: {error}", TEXT_MAX)
            self._broken(link, "rules_failed", text, now)
            return
        self._agreed = invitation
        self._session = MatchSession(match, invitation.peer, invitation.name, self._connections, link)
        with self._guard(now), self._session.moving(now):
            match.begin()

    def submit(self, move: Any, now: float) -> None:
        """Our input. Raises `IllegalMoveError`."""
        sitting = self._seated()
        with self._guard(now), sitting.moving(now, submitting=True) as match:
            match.submit(move)

    def set_delay(self, frames: int) -> None:
        """Change the input delay of the real-time match that is on, for both sides."""
        if isinstance(self.match, RealtimeMatch):
            self.match.set_delay(frames)

    def resign(self, now: float) -> None:
        """Give the match up, if one is on."""
        if self._session is not None:
            with self._guard(now):
                self._session.resign(now)

    def claim(self, now: float) -> None:
        """Win the paused match. Raises `LocalProtocolError` if it is too early for that."""
        sitting = self._seated()
        with self._guard(now):
            sitting.claim(now)

    def leave(self, now: float) -> None:
        """Resign if the match is on; forget it as soon as it is over."""
        self._leaving = True
        self.resign(now)
        if self.match is None or not self.match.running:
            self.clear()

    def clear(self, keep: int | None = None) -> None:
        """Forget the match that is over and, unless an invitation uses it or it is `keep`, close its session."""
        self._leaving = False
        sitting = self._session
        if sitting is None or sitting.match.running:
            return
        self._session = None
        self._judge(sitting.match.election.match, sitting.verdict)
        session = sitting.link
        if session is not None and session != keep and not self._wanted(session):
            self._connections.hang(session, "left")

    def cancel(self) -> int | None:
        """The match that was to begin does not; returns its session."""
        sitting, self._session, self._agreed = self._session, None, None
        if sitting is not None and sitting.reconnector is not None:
            sitting.reconnector.forget()
        return sitting.link if sitting is not None else None

    def view(self, now: float) -> MatchView | None:
        """The match to be drawn, if there is one."""
        if self._session is None:
            return None
        sitting, shown = self._session, None
        with self._guard(now):
            shown = sitting.view()
        return shown or sitting.match.view()

    # --- matches that were interrupted with our program

    def offer(self, saved: SavedMatch) -> None:
        """A match was found on disk; `resume` it or `abandon` it."""
        header = saved.header
        self._offered[header.match] = saved
        them = 1 - header.me
        self._connections.tell(
            e.MatchResumable(
                match=header.match,
                game=header.game,
                peer=header.players[them],
                name=header.names[them],
                frames=len(saved.log),
                started=header.started,
            )
        )

    def resume(self, match: str, now: float) -> None:
        """Go on with an offered match. Raises `LocalProtocolError` if that cannot be."""
        saved = self._offered.get(match)
        if saved is None:
            raise LocalProtocolError("there is no such match")
        plugin = self._registry.get(saved.header.game)
        if plugin is None or plugin.digest != saved.header.digest:
            raise LocalProtocolError("its rules are not installed any more")
        self.clear()
        del self._offered[match]
        try:
            restored = self._matchmaker.restore(saved, plugin)
        except Exception as error:  # a stranger's rules may raise anything
            raise LocalProtocolError(f"the rules of {plugin.game.title} failed: {error}") from error
        them = 1 - restored.me
        peer, name = restored.election.players[them], restored.names[them]
        self._session = MatchSession(restored, peer, name, self._connections, None)
        self.played = Played(peer, name, plugin, saved.config, restored.election)
        with self._guard(now):
            self._session.restore(now)

    def abandon(self, match: str, now: float) -> None:
        """Give an offered match up; the other side wins. Nothing happens if it is no longer offered."""
        if match in self._offered:
            self.resume(match, now)
            self.resign(now)
            self.clear()
            self._judge(match, "abandoned")

    def remember(self, match: str, reason: str, *, won: bool) -> None:
        """A match of earlier ended here, perhaps alone: what the other side is told if it comes back for it."""
        self._judge(match, verdict(reason, won=won))

    # --- links

    def opened(self, link: int, reconnector: Reconnector, now: float) -> None:
        """A link that was dialled for a reconnector."""
        if self._session is not None and self._session.reconnector is reconnector:
            self._session.opened(link, now)
        else:
            self._connections.hang(link, "superseded")

    def receive(self, link: int, message: m.Message, now: float) -> bool:
        """False if the message is not of the match. Raises `RemoteProtocolError`."""
        sitting = self._session
        if sitting is None or link != sitting.link or type(message) not in _OF_A_MATCH:
            return False
        sitting.receive(message, now)
        self._after(now)
        return True

    def on_resume(self, link: int, peer: PeerId, message: m.Resume, now: float) -> None:
        """`peer` wants to go on with a match. Raises `RemoteProtocolError` with what became of it."""
        sitting, offered = self._session, self._offered.get(message.match)
        if sitting is not None and sitting.match.election.match == message.match:
            if peer != sitting.peer:
                raise RemoteProtocolError("no_seat", "no seat is kept for you here")
            sitting.resume(link, message, now)
            self._after(now)
        elif offered is None or peer not in offered.header.players:
            raise RemoteProtocolError(self._verdicts.get(message.match, "no_seat"), "this match is over")
        # Else our player has not decided yet: they ask again.

    def lost(self, link: int, code: str, text: str, now: float) -> None:
        """One of our links is gone."""
        if self._session is not None:
            self._session.lost(link, code, text, now)
            self._after(now)

    def fail(self, code: str, text: str) -> None:
        """The match cannot go on: we close, and nobody answers."""
        if self._session is not None:
            self._session.fail(code, text)

    def shun(self, peer: PeerId) -> None:
        """`peer` is blocked: a match with it ends, even if it waits for it."""
        if self._session is not None and self._session.peer == peer:
            self.fail("blocked", "you blocked this player")

    def quiet(self, link: int, now: float) -> None:
        """Nothing is heard on a link, though it is not given up yet."""
        if self._session is not None and link == self._session.link:
            self._session.quiet(now)

    def heard(self, link: int, now: float) -> None:
        """Something is, again."""
        if self._session is not None and link == self._session.link:
            self._session.heard(now)

    def seen(self, peer: PeerId, now: float) -> None:
        """Discovery hears `peer`, perhaps at another address than before."""
        if self._session is not None and self._session.peer == peer:
            self._session.seen(now)

    def receive_datagram(self, data: bytes, source: Address, now: float) -> None:
        """A datagram that may belong to the match; any other is dropped."""
        if self._session is not None:
            with self._guard(now):
                self._session.receive_datagram(data, source, now)

    def datagrams(self) -> list[tuple[bytes, Address]]:
        """Datagrams to send, each with its destination."""
        return self.match.datagrams_to_send() if isinstance(self.match, RealtimeMatch) else []

    def set_rtt(self, link: int, rtt: float | None) -> None:
        """The link's smoothed round trip, in seconds."""
        if self._session is not None and link == self._session.link:
            self._session.match.set_rtt(rtt)

    # --- time

    def next_deadline(self) -> float | None:
        return self._session.next_deadline() if self._session is not None else None

    def handle_timeout(self, now: float) -> None:
        if self._session is not None:
            with self._guard(now):
                self._session.handle_timeout(now)

    # --- inside

    def _seated(self) -> MatchSession:
        if self._session is None:
            raise LocalProtocolError("there is no match")
        return self._session

    @contextmanager
    def _guard(self, now: float) -> Iterator[None]:
        """Around what may break a rule in the match: it ends the session, or else the match alone."""
        try:
            yield
        except RemoteProtocolError as error:
            if self.session is not None:
                self._broken(self.session, error.code, str(error), now)
            elif self._session is not None:
                self._session.fail(error.code, str(error))
        self._after(now)

    def _after(self, now: float) -> None:
        """What follows from how the match stands now."""
        sitting = self._session
        if sitting is None:
            return
        sitting.take_output()
        match, agreed = sitting.match, self._agreed
        if agreed is not None and match.running:
            self.played = Played(agreed.peer, agreed.name, agreed.plugin, agreed.config, match.election)
            self._agreed = None
            self._leaving = False
            self._begun()
        if self._leaving and match.running and match.pause is not None:
            sitting.resign(now)  # it was to be agreed upon, and the link is gone
        if match.over and not match.settled and sitting.link is not None:
            self._broken(sitting.link, sitting.verdict, "this match is over", now)  # they may not know
        if match.over and self._agreed is not None:
            self.cancel()
            self._begun()
        elif match.over and self._leaving:
            self.clear()

    def _judge(self, match: str, said: str) -> None:
        self._verdicts[match] = said
        while len(self._verdicts) > _VERDICTS_KEPT:
            del self._verdicts[next(iter(self._verdicts))]
