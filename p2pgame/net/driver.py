"""Carries out what the lobby wants, on sockets, disk and clock, until it wants nothing more.

Decides nothing, and does not know what it carries.
"""

import asyncio
from collections.abc import Callable

from p2pgame.core.ids import PeerId
from p2pgame.net.discovery import DiscoveryService
from p2pgame.net.impair import Impairer
from p2pgame.net.links import Links
from p2pgame.net.routes import Routes
from p2pgame.session import events as e
from p2pgame.session.effects import CloseLink, Dial, Effect, RequestDial, Send, Write, WriteReport
from p2pgame.session.lobby import Lobby
from p2pgame.session.view import MatchView
from p2pgame.storage.recordings import Recordings

__all__ = ["Driver"]


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
        on_view: Callable[[MatchView | None], None],
        on_rest: Callable[[], None],
    ) -> None:
        """`on_view(match)` whenever it looks different, before the event; `on_rest()` when nothing is left to do."""
        self._lobby = lobby
        self._links = links
        self._discovery = discovery
        self._routes = routes
        self._impairer = impairer
        self._recordings = recordings
        self._on_event = on_event
        self._on_view = on_view
        self._on_rest = on_rest
        self._started = False
        self._timer: asyncio.TimerHandle | None = None
        self._pumping = False
        self._shown: MatchView | None = None
        self._talking: dict[int, PeerId] = {}
        """Open links."""

    @property
    def now(self) -> float:
        """The loop's clock."""
        return asyncio.get_running_loop().time()

    def start(self) -> None:
        """From now on what the lobby wants is done; what it wanted before, too."""
        self._started = True
        self.pump()

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def pump(self) -> None:
        """After everything that was said to the lobby."""
        if self._pumping or not self._started:
            return
        lobby, table = self._lobby, self._lobby.room
        self._pumping = True
        try:
            while True:
                if lobby.session is not None:
                    table.set_rtt(lobby.session, self._links.rtt(lobby.session))
                for data, to in table.datagrams():
                    self._impairer.send(data, to)
                self._show()
                actions, events = lobby.effects(), lobby.events()
                if not actions and not events:
                    break
                for event in events:
                    self._on_event(event)
                for action in actions:
                    self._act(action)
        finally:
            self._pumping = False
        self._on_rest()
        self._arm()

    def opened(self, link: int, peer: PeerId) -> None:
        """A link is there; while it is, discovery keeps its peer."""
        self._talking[link] = peer
        self._discovery.pin(peer)

    def closed(self, link: int) -> None:
        """A link is gone, whoever ended it."""
        peer = self._talking.pop(link, None)
        if peer is not None:
            self._discovery.unpin(peer)

    # --- inside

    def _show(self) -> None:
        view = self._lobby.view(self.now)
        if view is not self._shown:
            self._shown = view
            self._on_view(view)

    def _act(self, action: Effect) -> None:
        match action:
            case Send(link=link, message=message):
                self._links.send(link, message)
            case CloseLink(link=link, code=code, message=text):
                self._links.hang(link, code, text)
                self.closed(link)
            case Dial(peer=peer, ticket=ticket):
                addresses, port = self._routes.find(peer, self._discovery.peers)
                self._links.dial(peer, addresses, port, ticket)
            case RequestDial(peer=peer):
                self._discovery.request_dial(peer)
            case Write(match=match, records=records):
                self._recordings.write(match, records)
            case WriteReport(match=match, records=records):
                self._recordings.report(match, records)

    def _arm(self) -> None:
        """Keep one timer for the lobby's next deadline."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        deadline = self._lobby.next_deadline()
        if deadline is not None:
            self._timer = asyncio.get_running_loop().call_at(deadline, self._on_timer)

    def _on_timer(self) -> None:
        self._lobby.handle_timeout(self.now)
        self.pump()
