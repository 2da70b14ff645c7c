"""The matches of one peer: holds at most one match at a time, from its start until the player leaves it.

Also keeps matches that our program was interrupted in, until the player resumes or abandons them, and the end codes
of finished matches, which answer an opponent who tries to resume one. Does not know invitations.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from enum import Enum
from math import inf
from typing import Any

import msgspec

from p2pgame.core.errors import LocalProtocolError, Param, RemoteProtocolError
from p2pgame.core.game import EndedBy
from p2pgame.core.guard import GameError
from p2pgame.core.ids import PeerId
from p2pgame.core.registry import Plugin, Registry
from p2pgame.session import commands as c
from p2pgame.session import events as e
from p2pgame.session.agreement import Agreement, agreement_of, facts_of
from p2pgame.session.chat_place import Place
from p2pgame.session.connections import Connections
from p2pgame.session.invite.invitation import PlayedMatch
from p2pgame.session.invite.request_limiter import RequestLimiter
from p2pgame.session.match import Match
from p2pgame.session.match.channel import Address
from p2pgame.session.match.core import Phase
from p2pgame.session.match_factory import MatchFactory
from p2pgame.session.match_session import MatchSession, end_code_of, game_failed
from p2pgame.session.match_session.migration import Migration
from p2pgame.session.match_session.reconnector import Reconnector
from p2pgame.session.message_table import MessageTable, Rule, Scope
from p2pgame.session.saved_match import SavedMatch
from p2pgame.session.view import MatchView
from p2pgame.wire import messages as m
from p2pgame.wire.bounds import RESUME_TIMEOUT
from p2pgame.wire.codes import CloseCode

__all__ = ["Matches"]

_END_CODES_KEPT = 16
_TOLD_MAX = 8
"""How often the other side of a match is told that it is adjourned: each time we do nothing else for a moment."""
_ASKS_AGAIN = 5.0
"""Seconds within which the other side of an adjourned match asks again while it waits for our player."""

_PASSING = ("connect_failed", CloseCode.NO_SEAT.text)
"""Why a match of our room is not watched, while its host is another one since just now, or does not know us yet."""
_TRIES = 3
"""So often in a row that happens until our player is told."""


class MatchesPhase(Enum):
    """A `Resume` is accepted at any time, so there is one phase."""

    OPEN = "open"


class Watching(msgspec.Struct):
    """A match of others that we want to watch."""

    match: str
    host: PeerId
    name: str
    seats: int
    link: int | None = None
    asked_at: float = 0.0
    """When it was asked on the link."""


class Matches:
    """Executes the player's commands in a match and handles the messages of its links. A `LinkUser`."""

    def __init__(
        self,
        registry: Registry,
        connections: Connections,
        factory: MatchFactory,
        table: MessageTable,
        *,
        end_link: Callable[[int, str, Mapping[str, Param], float], None],
        is_used: Callable[[int], bool],
        on_opening_finished: Callable[[], None],
        may_watch: Callable[[PeerId, str], bool] = lambda _, __: False,
        may_ask: Callable[[PeerId], bool] = lambda _: True,
        is_free: Callable[[], bool] = lambda: True,
    ) -> None:
        """`end_link(link, code, params, now)`: end a link on which a rule was broken. `is_used(link)`: a user needs it.
        `on_opening_finished()`: the agreed match has started or was cancelled. `may_watch(peer, room)`: it is in it.
        `may_ask(peer)`: our player wants to hear when `peer` asks to go on. `is_free()`: we do nothing else.
        """
        self._is_free = is_free
        self.last_match: PlayedMatch | None = None
        """The newest match, for a rematch."""
        self.commands: Mapping[type[c.Command], Callable[[Any, float], None]] = {
            c.Submit: lambda command, now: self.submit(command.move, now, command.seat),
            c.Resign: lambda _, now: self.resign(now),
            c.LeaveRound: lambda _, now: self._with_match(Match.leave, now),
            c.DropAbsent: lambda _, now: self._with_session(MatchSession.drop_absent, now),
            c.Adjourn: lambda _, now: self._with_match(lambda match: match.ask_to_adjourn(now), now),
            c.RefuseAdjourn: lambda _, now: self._with_match(Match.refuse_to_adjourn, now),
            c.NotNow: lambda command, now: self.not_now(command.match, now),
            c.OfferDraw: lambda _, now: self._with_match(Match.offer_draw, now),
            c.RefuseDraw: lambda _, now: self._with_match(Match.refuse_draw, now),
            c.AskTakeback: lambda _, now: self._with_match(Match.ask_takeback, now),
            c.AnswerTakeback: lambda command, now: self._with_match(
                lambda match: match.answer_takeback(allow=command.allow), now
            ),
            c.GiveTime: lambda _, now: self._with_match(Match.give_time, now),
            c.SetInputDelay: lambda command, now: self._with_match(
                lambda match: match.set_delay(command.frames), now
            ),
            c.Claim: lambda _, now: self.claim(now),
            c.AnswerDispute: lambda command, now: self._with_match(
                lambda match: match.answer_dispute(go_on=command.go_on), now
            ),
            c.BreakOff: self.break_off,
            c.Resume: lambda command, now: self.resume(command.match, now),
            c.Abandon: lambda command, now: self.abandon(command.match, now),
        }
        self._registry = registry
        self._connections = connections
        self._factory = factory
        self._end_link = end_link
        self._is_used = is_used
        self._on_opening_finished = on_opening_finished
        self._session: MatchSession | None = None
        """The match that is on, or the newest one until it is left."""
        self._agreed: Agreement | None = None
        """What was agreed on, until its match runs."""
        self._leaving = False
        self._offered: dict[str, tuple[SavedMatch, float]] = {}
        """Interrupted matches that wait for the player's decision, and the times of their last records."""
        self._askers: dict[str, tuple[int, float]] = {}
        """Adjourned matches that the other side wants to go on with: the link on which it asked last, and when."""
        self._told: Counter[str] = Counter()
        """How often we told the other side of a match that it is adjourned."""
        self._limiter = RequestLimiter()
        """Of those who ask to go on."""
        self._may_ask = may_ask
        self._may_watch = may_watch
        self._wanted: Watching | None = None
        """The match that we want to watch, until we do."""
        self._unwatched = ("", "", 0)
        """A match that we do not watch, why, and after how many tries in a row."""
        self._end_codes: dict[str, CloseCode] = {}
        """Finished matches: the code that answers a `Resume` of the other side."""
        of_match = {kind: Rule(self._on_message, tuple(Phase)) for kind in Match.RULES}
        table.register(Scope("match", self._phase), of_match)
        always = (MatchesPhase.OPEN,)
        table.register(
            Scope("matches", lambda _: MatchesPhase.OPEN),
            {
                m.Resume: Rule(self._on_resume, always),
                m.Watch: Rule(self._on_watch, always),
                m.Facts: Rule(self._on_facts, always),
                m.Tell: Rule(self._on_tell, always),
            },
        )

    @property
    def match(self) -> Match | None:
        return self._session.match if self._session is not None else None

    @property
    def links(self) -> tuple[int, ...]:
        """The links that carry the match."""
        return self._session.links if self._session is not None else ()

    def chat_place(self) -> Place | None:
        """Where those who play or watch a match by invitation talk: it outlives the match until that is left."""
        session = self._session
        if session is None or session.match.core.room:
            return None
        core = session.match.core
        me, host = PeerId(core.peer), PeerId(core.seating.host)
        links = {peer: member.link for peer, member in session.members.items() if member.link is not None}
        return Place(bytes.fromhex(session.match.id), host, (me, *links), links, room=False)

    @property
    def busy(self) -> bool:
        """True while a match is on."""
        return self._session is not None and not self._session.match.over

    @property
    def ending(self) -> bool:
        """True while an end that is known here, or our resignation, waits for the other side."""
        return self._session is not None and self._session.ending

    def plays_with(self, peer: PeerId) -> bool:
        """True while a match with `peer` is on."""
        return self.busy and self._session is not None and peer in self._session.members

    # --- the player

    def begin(self, agreement: Agreement, links: Mapping[PeerId, int], now: float) -> None:
        """Start an agreed match. `links`: of the host to all others who play, of a guest to the host."""
        if self._session is not None:
            return
        try:
            match = self._factory.begin(agreement)
        except Exception as error:  # third-party rules may raise anything
            fault = game_failed(agreement.plugin.game.name, error)
            for link in links.values():
                self._end_link(link, fault.code, fault.params, now)
            return
        self._agreed = agreement
        self._session = MatchSession(match, self._connections, links, facts_of(agreement))
        with self._catch_faults(now), self._session.updating(now):
            match.begin(now)

    def watch(self, match: str, host: PeerId, seats: int, now: float, name: str = "") -> None:
        """Watch the match that `host` carries. `seats`: so many people want to play here, for bots that give way.
        `name`: of the host, for what is said if it is not reached.

        A match that our program was interrupted in goes on instead, with what is on our disk.
        """
        if match in self._offered:
            try:
                self.resume(match, now)
            except LocalProtocolError as error:
                self._not_watched(match, error.code, error.params)
            return
        wanted = self._wanted
        if wanted is not None and (wanted.match, wanted.host) == (match, host) and self._asks(wanted, now):
            return  # a host that is slow would never be heard if each answer came too late
        self._wanted = Watching(match=match, host=host, name=name, seats=seats)
        self._connections.dial(host, self._wanted)

    def _asks(self, wanted: Watching, now: float) -> bool:
        """Whether its host is being dialled, or was asked a moment ago."""
        if wanted.link is None:
            return self._connections.dialling(wanted)
        return wanted.link in self._connections.links and now < wanted.asked_at + RESUME_TIMEOUT

    def kick(self, peer: PeerId, now: float) -> None:
        """`peer` was removed from the room: it plays no longer."""
        if self._session is not None:
            with self._catch_faults(now):
                self._session.kick(peer, now)

    def submit(self, move: Any, now: float, seat: int | None = None) -> None:
        """Our input. `seat` None: our first. Raises `IllegalMoveError`."""
        session = self._playing()
        with self._catch_faults(now), session.updating(now, submitting=True) as match:
            match.submit(move, seat)

    def resign(self, now: float) -> None:
        """Resign the match, if one is running."""
        if self._session is not None:
            with self._catch_faults(now):
                self._session.resign(now)

    def claim(self, now: float) -> None:
        """Claim the win of a paused match. Raises `LocalProtocolError` if it is too early."""
        session = self._playing()
        with self._catch_faults(now):
            session.claim(now)

    def break_off(self, fault: c.BreakOff, now: float) -> None:
        """Our view or bot of the game that is played failed: end the match, as where its rules fail."""
        session = self._session
        if session is not None and session.match.core.game.name == fault.game and not session.match.over:
            error = game_failed(fault.game, GameError(fault.game, fault.error, fault.place))
            self._handle_fault(RemoteProtocolError(error.code, **error.params), now)
            self._update(now)

    def leave(self, now: float) -> None:
        """Resign if the match is running; drop the match as soon as it is over."""
        self._leaving = True
        self.resign(now)
        if self.match is None or not self.match.running:
            self.clear()

    def give_up(self) -> None:
        """We leave a match that others go on with: here it is over, and cannot be resumed."""
        if self._session is not None:
            self._session.leave()
        self.clear()

    def end_now(self) -> None:
        """Our program ends: what is `ending` is over without the other side."""
        if self._session is not None and self._session.ending:
            self._session.end_now()

    def clear(self, keep: int | None = None) -> None:
        """Drop the finished match and close its link, unless another user needs the link or it is `keep`."""
        self._leaving = False
        session = self._session
        if session is None or session.match.running:
            return
        self._session = None
        self._keep_end_code(session.match.id, session.end_code)
        for link in session.links:
            if link != keep and not self._is_used(link):
                self._connections.close(link, CloseCode.LEFT.text)

    def cancel(self) -> tuple[int, ...]:
        """Cancel the match that has not started; returns its links."""
        session, self._session, self._agreed = self._session, None, None
        if session is None:
            return ()
        for member in session.members.values():
            member.stop()
        return session.links

    def view(self, now: float) -> MatchView | None:
        """The match to be drawn, if there is one."""
        session = self._session
        if session is None:
            return None
        shown = None
        try:
            shown = session.view()
        except RemoteProtocolError as error:
            self._handle_fault(error, now)
            self._update(now)
        return shown or session.match.view()

    # --- matches that were interrupted with our program, or adjourned

    def offer(self, saved: SavedMatch, since: float) -> None:
        """Offer the player a match that was found on disk. `since`: time of its last record."""
        header = saved.header
        self._offered[header.match] = saved, since
        them = _another(PeerId(header.players[header.me]), header.players)
        self._connections.emit(
            e.MatchResumable(
                match=header.match,
                game=header.game,
                peer=header.players[them],
                name=header.names[them],
                frames=len(saved.log),
                started=header.started,
                room=header.room,
                players=header.players,
                names=header.names,
                adjourned=saved.adjourned,
            )
        )

    def resume(self, match: str, now: float) -> None:
        """Resume an offered match. Raises `LocalProtocolError` if that is impossible."""
        if match not in self._offered:
            raise LocalProtocolError("no_such_match")
        saved, since = self._offered[match]
        plugin = self._registry.get(saved.header.game)
        if plugin is None or plugin.digest != saved.header.digest:
            raise LocalProtocolError("rules_not_installed")
        self.clear()
        del self._offered[match]
        restored = self._restored(saved, plugin)
        facts = facts_of(self._factory.agreement_of(saved, plugin))
        self._session = MatchSession(restored, self._connections, {}, facts)
        self._keep_last(plugin, restored)
        self._askers.pop(match, None)
        self._limiter.reset(_opponent(saved))
        with self._catch_faults(now):
            self._session.restore(now, since)

    def abandon(self, match: str, now: float) -> None:
        """Abandon an offered match; the other side wins. Does nothing if it is no longer offered."""
        if match in self._offered:
            self.resume(match, now)
            self.resign(now)
            self.clear()
            self._keep_end_code(match, CloseCode.ABANDONED)

    def not_now(self, match: str, now: float) -> None:
        """Do not go on with an adjourned match now. Does nothing if nobody wants to."""
        session = self._session
        if session is not None and session.match.id == match:
            session.not_now()
            self._update(now)
        elif (asked := self._askers.pop(match, None)) is not None:
            self._limiter.note_decline(_opponent(self._offered[match][0]), now)
            self._refuse_to_go_on(asked[0], "declined")

    def remember(self, match: str, ended_by: EndedBy, *, won: bool) -> None:
        """Keep how an earlier match ended here, to answer the other side if it tries to resume it."""
        self._keep_end_code(match, end_code_of(ended_by, won=won))

    # --- links

    def uses(self, link: int) -> bool:
        if self._wanted is not None and link == self._wanted.link:
            return True
        return self._session is not None and self._session.uses(link)

    def link_opened(self, link: int, peer: PeerId, purpose: object, now: float) -> None:
        """A link opened; the reconnector dialled it if it is the `purpose`."""
        wanted = self._wanted
        if wanted is not None and purpose is wanted:
            wanted.link, wanted.asked_at = link, now
            self._connections.send(link, m.Watch(match=wanted.match, seats=wanted.seats))
        elif not isinstance(purpose, Reconnector | Migration):
            return
        elif self._session is None or not self._session.opened(purpose, link, now):
            self._connections.close(link, CloseCode.SUPERSEDED.text)

    def link_closed(
        self, link: int, code: str, params: Mapping[str, Param], now: float, *, remote: bool
    ) -> None:
        """A link closed; the match may have used it."""
        wanted = self._wanted
        if wanted is not None and link == wanted.link:
            self._wanted = None
            self._not_watched(wanted.match, code, params)
        if self._session is not None and self._session.uses(link):
            self._session.lost(link, code, dict(params), now, remote=remote)
            self._update(now)

    def dial_failed(self, purpose: object, now: float) -> None:
        """A reconnector dials again at its own interval."""
        wanted = self._wanted
        if wanted is not None and purpose is wanted:
            self._wanted = None
            self._not_watched(wanted.match, "connect_failed", {"name": wanted.name} if wanted.name else {})

    def _not_watched(self, match: str, code: str, params: Mapping[str, Param]) -> None:
        """The room asks again every second: our player is told once why that comes to nothing."""
        *before, times = self._unwatched
        times = times + 1 if before == [match, code] else 1
        self._unwatched = match, code, times
        if times == (_TRIES if code in _PASSING else 1):
            self._connections.emit(e.ErrorEvent(code=code, params=dict(params)))

    def fail(self, code: str, /, **params: Param) -> None:
        """The match cannot go on: we close, and nobody answers."""
        if self._session is not None:
            self._session.fail(code, **params)

    def block(self, peer: PeerId) -> None:
        """End the match with `peer`, which was blocked, even while it is paused."""
        if self.plays_with(peer):
            self.fail(CloseCode.BLOCKED.text)

    def quiet(self, link: int, now: float) -> None:
        """No data arrives on a link, but the link is still open."""
        if self._session is not None:
            self._session.quiet(link, now)

    def heard(self, link: int, now: float) -> None:
        """Data arrives on the link again."""
        if self._session is not None:
            self._session.heard(link, now)

    def seen(self, peer: PeerId, now: float) -> None:
        """Discovery received a beacon of `peer`, possibly from a new address."""
        if self._session is not None:
            self._session.seen(peer, now)

    def datagrams(self) -> list[tuple[bytes, Address]]:
        """Datagrams to send, each with its destination."""
        return self._session.match.datagrams_to_send() if self._session is not None else []

    def set_rtt(self, link: int, rtt: float | None) -> None:
        """The link's smoothed round trip, in seconds."""
        session = self._session
        member = session.on(link) if session is not None else None
        if session is not None and member is not None:
            session.match.set_rtt(member.member, rtt)

    # --- time

    def next_deadline(self) -> float | None:
        return self._session.next_deadline() if self._session is not None else None

    def slept(self, seconds: float) -> None:
        """The machine was suspended for so long, which `now` does not count."""
        if self._session is not None:
            self._session.slept(seconds)

    def handle_timeout(self, now: float, datagrams: Sequence[tuple[bytes, Address, float]] = ()) -> None:
        """`datagrams`: see `Lobby.handle_timeout`."""
        session = self._session
        if session is not None:
            try:
                session.handle_timeout(now, datagrams)
            except RemoteProtocolError as error:
                self._handle_fault(error, now)
            self._update(now)

    # --- inside

    def _phase(self, link: int) -> Phase | None:
        session = self._session
        return session.match.phase if session is not None and session.on(link) is not None else None

    def _on_message(self, link: int, message: m.Message, now: float) -> None:
        session = self._session
        if session is not None:
            session.match.core.statistics.received(message, self._connections.message_size)
            session.receive(link, message, now)
            self._update(now)

    def _on_resume(self, link: int, message: m.Resume, now: float) -> None:
        """A peer asks to resume a match. Raises `RemoteProtocolError` with the end code if that is impossible."""
        peer = self._connections.links[link].peer
        session, offered = self._session, self._offered.get(message.match)
        if session is not None and session.match.id == message.match:
            invited = self._may_watch(peer, session.match.core.room)
            session.resume(link, message, now, invited=invited)
            self._update(now)
        elif offered is None or peer not in offered[0].header.players:
            raise RemoteProtocolError(self._end_codes.get(message.match, CloseCode.NO_SEAT).text)
        elif offered[0].adjourned:
            self._asked_to_go_on(link, peer, offered[0], message, now)
        # Otherwise our player has not decided yet, and the peer will ask again.

    def _asked_to_go_on(
        self, link: int, peer: PeerId, saved: SavedMatch, message: m.Resume, now: float
    ) -> None:
        """The other side of an adjourned match wants to go on: our player is asked, unless it does not know yet that
        the match is adjourned.
        """
        header, name = saved.header, self._connections.links[link].name
        asked = self._askers.get(header.match, (link, -inf))[1]
        if not self._is_free() or self.busy:
            self._refuse_to_go_on(link, "busy")
        elif message.decisions < len(saved.decisions.entries) and self._told[header.match] < _TOLD_MAX:
            self._told[header.match] += 1
            with suppress(LocalProtocolError):
                self.resume(header.match, now)
            if self._session is not None and self._session.match.id == header.match:
                self._session.tell_adjourned(now)
                self._session.resume(link, message, now)
                self._update(now)
        elif now < asked + _ASKS_AGAIN:
            self._askers[header.match] = link, now
        elif not self._may_ask(peer) or self._limiter.refusal(peer, now):
            self._refuse_to_go_on(link, "declined")
        else:
            self._askers[header.match] = link, now
            self._connections.emit(
                e.MatchResumeAsked(match=header.match, game=header.game, peer=peer, name=name)
            )

    def _refuse_to_go_on(self, link: int, reason: str) -> None:
        if link in self._connections.links:
            self._connections.close(link, CloseCode.ADJOURNED.text, {"reason": reason})

    def _on_watch(self, link: int, message: m.Watch, now: float) -> None:
        """Raises `RemoteProtocolError` with the end code if it cannot watch."""
        session, connection = self._session, self._connections.links[link]
        if session is None or session.match.id != message.match:
            raise RemoteProtocolError(self._end_codes.get(message.match, CloseCode.NO_SEAT).text)
        if not self._may_watch(connection.peer, session.match.core.room):
            raise RemoteProtocolError(CloseCode.NO_SEAT.text)
        session.watch(link, connection.peer, connection.name, message)
        self._update(now)

    def _on_tell(self, link: int, message: m.Tell, now: float) -> None:
        if self._session is not None:
            self._session.tell(link, message)

    def _on_facts(self, link: int, message: m.Facts, now: float) -> None:
        wanted, self._wanted = self._wanted, None
        if wanted is None or (wanted.link, wanted.match) != (link, message.match):
            raise RemoteProtocolError("unexpected_message", message="facts", scope="matches", phase="open")
        plugin = self._registry.get(message.game)
        if plugin is None:
            raise RemoteProtocolError("bad_facts")
        agreement = agreement_of(message, plugin)
        self.clear()
        if self._session is not None:
            raise RemoteProtocolError("unexpected_message", message="facts", scope="matches", phase="busy")
        session = self._session = MatchSession(self._begun(agreement), self._connections, {}, message)
        with self._catch_faults(now):
            session.join(link, now)

    def _begun(self, agreement: Agreement) -> Match:
        try:
            return self._factory.begin(agreement)
        except Exception as error:  # third-party rules may raise anything
            raise game_failed(agreement.plugin.game.name, error) from error

    def _with_session(self, what: Callable[[MatchSession, float], None], now: float) -> None:
        if self._session is not None:
            with self._catch_faults(now):
                what(self._session, now)

    def _playing(self) -> MatchSession:
        if self._session is None:
            raise LocalProtocolError("no_match")
        return self._session

    def _with_match(self, what: Callable[[Match], None], now: float) -> None:
        """Execute a player's command that the match may ignore."""
        if self._session is not None:
            with self._catch_faults(now), self._session.updating(now) as match:
                what(match)

    def _restored(self, saved: SavedMatch, plugin: Plugin) -> Match:
        try:
            return self._factory.restore(saved, plugin)
        except Exception as error:  # third-party rules may raise anything
            fault = game_failed(plugin.game.name, error)
            raise LocalProtocolError(fault.code, **fault.params) from error

    @contextmanager
    def _catch_faults(self, now: float) -> Iterator[None]:
        """Turn a `RemoteProtocolError` of the match into the end of its link, or of the match if it has no link."""
        try:
            yield
        except RemoteProtocolError as error:
            self._handle_fault(error, now)
        self._update(now)

    def _handle_fault(self, error: RemoteProtocolError, now: float) -> None:
        """End the link of who broke a rule, or the match if nobody did or it has no link."""
        if self._session is None:
            return
        culprits = self._session.culprits(error)
        for link in culprits:
            self._end_link(link, error.code, error.params, now)
        if not culprits:
            self._session.fail(error.code, **error.params)

    def _update(self, now: float) -> None:
        """React to the current state of the match: it started, ended, or the player is leaving it."""
        session = self._session
        if session is None:
            return
        match, agreed = session.match, self._agreed
        if match.core.adjourned and (reason := session.aside):  # asked in every frame
            self._put_aside(session, reason, now)
            return
        if agreed is None and not self._leaving and match.core.phase is not Phase.ENDED:
            return
        session.take_output()
        if agreed is not None and match.running:
            self._keep_last(agreed.plugin, match)
            self._agreed = None
            self._leaving = False
            self._on_opening_finished()
        if self._leaving and match.running and session.waiting:
            session.resign(now)  # the host cannot confirm the resignation any more
        if match.over and not match.settled:
            for link in session.links:  # the other side may not know that it ended
                self._end_link(link, session.end_code.text, {}, now)
        if match.over and self._agreed is not None:
            self.cancel()
            self._on_opening_finished()
        elif match.over and self._leaving:
            self.clear()

    def _put_aside(self, session: MatchSession, reason: str, now: float) -> None:
        """The match waits until both go on with it."""
        session.take_output()
        links, saved = session.links, session.match.saved()
        for member in session.members.values():
            member.stop()
        self._session, self._leaving = None, False
        for link in links:
            if link in self._connections.links:
                self._connections.close(link, CloseCode.ADJOURNED.text)
        self._connections.emit(e.MatchAdjourned(match=session.match.id, reason=reason))
        if saved is not None:
            self.offer(saved, now)

    def _keep_last(self, plugin: Plugin, match: Match) -> None:
        """For a rematch by invitation, which is one of two."""
        core = match.core
        players = core.election.players
        if len(players) == 2 and not core.room:
            them = _another(PeerId(core.peer), players)
            self.last_match = PlayedMatch(players[them], core.names[them], plugin, core.config, core.election)

    def _keep_end_code(self, match: str, code: CloseCode) -> None:
        self._end_codes[match] = code
        while len(self._end_codes) > _END_CODES_KEPT:
            del self._end_codes[next(iter(self._end_codes))]


def _opponent(saved: SavedMatch) -> PeerId:
    header = saved.header
    return PeerId(header.players[_another(PeerId(header.players[header.me]), header.players)])


def _another(me: PeerId, players: Sequence[str]) -> int:
    """The first player who is another peer; the first of all if there is none."""
    return next((player for player, peer in enumerate(players) if peer != me), 0)
