"""Places for requests of others that wait for the player: invitations, and requests to compare codes.

Keys cost nothing, so strangers could fill all places. Peers that we know displace them, and one address gets few.
"""

from collections.abc import Callable, Iterable
from typing import Protocol, TypeVar

from p2pgame.core.ids import PeerId
from p2pgame.session.connections import Connections
from p2pgame.wire.addresses import network_of
from p2pgame.wire.bounds import REQUESTS_PER_ADDRESS

__all__ = ["Slots"]


class _Request(Protocol):
    @property
    def peer(self) -> PeerId: ...
    @property
    def link(self) -> int | None: ...


R = TypeVar("R", bound=_Request)


class Slots:
    """The places for one kind of request."""

    def __init__(self, places: int, connections: Connections, knows: Callable[[PeerId], bool]) -> None:
        """`knows(peer)`: we met or verified it."""
        self._places = places
        self._connections = connections
        self._knows = knows

    def has_room(self, link: int, waiting: Iterable[_Request]) -> bool:
        """Whether a request on `link` may wait, too, possibly in the place of another (`displaced`)."""
        waiting = tuple(waiting)
        strangers = [request for request in waiting if not self._knows(request.peer)]
        if self._knows(self._connections.links[link].peer):
            return len(waiting) < self._places or bool(strangers)
        network = self._network(link)
        beside = sum(self._network(request.link) == network for request in strangers)
        return len(waiting) < self._places and (network is None or beside < REQUESTS_PER_ADDRESS)

    def displaced(self, waiting: Iterable[R]) -> R | None:
        """The request that gives its place to one for which there is room: the oldest one of a stranger."""
        waiting = tuple(waiting)
        if len(waiting) < self._places:
            return None
        return next((request for request in waiting if not self._knows(request.peer)), None)

    def _network(self, link: int | None) -> str | None:
        connection = self._connections.links.get(link) if link is not None else None
        return network_of(connection.address[0]) if connection and connection.address else None
