"""Carries out the effects of the lobby on sockets, disk and clock.

Match datagrams wait for the next tick, or where somebody looks for a near one only (`DatagramBatch`). Decides nothing,
and does not know what it carries.
"""

import asyncio
from collections.abc import Callable

from p2pgame.core.ids import PeerId
from p2pgame.net.discovery import DiscoveryService
from p2pgame.net.impair import Impairer
from p2pgame.net.links import Links
from p2pgame.net.routes import Routes
from p2pgame.net.sleep import SleepClock
from p2pgame.net.trace import TraceFile
from p2pgame.session import events as e
from p2pgame.session.datagram_batch import BATCH_WAIT, SEEN_WAIT, DatagramBatch
from p2pgame.session.effects import CloseLink, Dial, Effect, KeepLots, RequestDial, Send, Write, WriteReport
from p2pgame.session.lobby import Lobby
from p2pgame.session.lot import Lot
from p2pgame.session.match.channel import Address
from p2pgame.session.room_view import RoomView
from p2pgame.session.view import MatchView
from p2pgame.storage.recordings import Recordings

__all__ = ["Driver"]

_ROUTINE = (e.Hash, e.Move)
"""Events that come with frames, and change no status."""


class Driver:
    """Of one node. All calls belong to the event loop's thread."""

    def __init__(
        self,
        lobby: Lobby,
        links: Links,
        discovery: DiscoveryService,
        routes: Routes,
        impairer: Impairer,
        recordings: Recordings,
        *,
        on_event: Callable[[e.Event], None],
        on_view: Callable[[MatchView | None], None] | None,
        on_room: Callable[[RoomView | None], None],
        on_rest: Callable[[], None],
        keep_lots: Callable[[tuple[Lot, ...]], None],
        trace: TraceFile | None = None,
    ) -> None:
        """`on_view(match)` and `on_room(room)` whenever they look different, before the event. None: nobody looks.

        `on_rest()` when nothing is left to do.

        `keep_lots(lots)`: see `KeepLots`.
        """
        self._lobby = lobby
        self._links = links
        self._discovery = discovery
        self._routes = routes
        self._impairer = impairer
        self._recordings = recordings
        self._on_event = on_event
        self._on_view = on_view
        self._on_room = on_room
        self._on_rest = on_rest
        self._keep_lots = keep_lots
        self._trace = trace
        self._started = False
        self._timer: asyncio.TimerHandle | None = None
        self._pumping = False
        self._shown: MatchView | None = None
        self._open_links: dict[int, PeerId] = {}
        self._batch = DatagramBatch(BATCH_WAIT if on_view is None else SEEN_WAIT)
        self._sleep = SleepClock()

    @property
    def now(self) -> float:
        """The loop's clock."""
        return asyncio.get_running_loop().time()

    def start(self) -> None:
        """From now on what the lobby wants is done; what it wanted before, too."""
        self._started = True
        self.pump()

    def stop(self) -> None:
        self._started = False
        if self._timer is not None:
            self._timer.cancel()

    def receive_datagram(self, data: bytes, source: Address, now: float) -> None:
        """A match datagram: handed to the match with the next tick, or when many wait. Dropped if there is no match."""
        batch = self._batch
        if self._lobby.matches.match is None:
            return
        if batch.add(data, source, now):
            self._tick(now)
        else:
            self._arm(self._timer.when() if self._timer is not None else None)

    def pump(self) -> None:
        """After everything that the lobby was told, but ticks and match datagrams."""
        self._pump(self.now, rest=True)

    def opened(self, link: int, peer: PeerId) -> None:
        """A link is open; while it is, discovery keeps its peer."""
        self._open_links[link] = peer
        self._discovery.pin(peer)
        if self._trace is not None:
            self._trace.link(link, peer, "open", {})

    def closed(self, link: int, code: str) -> None:
        """A link is gone, whoever ended it."""
        peer = self._open_links.pop(link, None)
        if peer is not None:
            self._discovery.unpin(peer)
            if self._trace is not None:
                self._trace.link(link, peer, "closed", {"code": code})

    def linked(self, peer: PeerId) -> bool:
        """Whether a link to `peer` is open."""
        return peer in self._open_links.values()

    # --- inside

    def _pump(self, now: float, *, rest: bool) -> None:
        """`rest`: the status may have changed, even if no event says so."""
        if self._pumping or not self._started:
            return
        lobby = self._lobby
        self._pumping = True
        try:
            while True:
                for data, to in lobby.matches.datagrams():
                    self._impairer.send(data, to)
                view = lobby.view(now)
                if view is not self._shown:
                    self._shown = view
                    if self._on_view is not None:
                        self._on_view(view)
                if lobby.room_changed():
                    self._on_room(lobby.room_view(now))
                    rest = True
                actions, events = lobby.effects(), lobby.events()
                if not actions and not events:
                    break
                for event in events:
                    rest = rest or not isinstance(event, _ROUTINE)
                    if self._trace is not None:
                        self._trace.event(event)
                    self._on_event(event)
                for action in actions:
                    self._act(action)
        finally:
            self._pumping = False
        if rest:
            self._on_rest()
        self._arm(lobby.next_deadline())

    def _act(self, action: Effect) -> None:
        match action:
            case Send(link=link, message=message, payload=payload):
                self._links.send(link, message, payload)
            case CloseLink(link=link, code=code, params=params):
                self._links.close_link(link, code, params)
                self.closed(link, code)
            case Dial(peer=peer, ticket=ticket):
                addresses, port = self._routes.find(peer, self._discovery.peers)
                self._links.dial(peer, addresses, port, ticket, self._discovery.rtt(peer))
            case RequestDial(peer=peer):
                self._discovery.request_dial(peer)
            case Write(match=match, records=records, first=first):
                self._recordings.write(match, records, wait=first)
            case WriteReport(match=match, records=records):
                self._recordings.report(match, records)
            case KeepLots(lots=lots):
                self._keep_lots(lots)

    def _arm(self, deadline: float | None) -> None:
        """Keep one timer, for the lobby's next deadline or the datagrams that wait."""
        deadline = self._batch.deadline(deadline)
        if self._timer is not None:
            if self._timer.when() == deadline:
                return
            self._timer.cancel()
            self._timer = None
        if deadline is not None:
            self._timer = asyncio.get_running_loop().call_at(deadline, self._on_timer)

    def _on_timer(self) -> None:
        self._timer = None
        self._tick(self.now)

    def _tick(self, now: float) -> None:
        """Hand over the datagrams that wait, and let the match move."""
        if self._started:
            slept = self._sleep.slept()
            if slept:
                self._lobby.matches.slept(slept)
            self._lobby.handle_timeout(now, self._batch.take())
            self._pump(now, rest=False)
