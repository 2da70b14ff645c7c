"""Links among the members of a room: what is measured before a host is elected, and what is left when a leader is gone.

Of two members the later one dials; if it fails, it asks the other to dial, so one open direction is enough.
"""

from collections.abc import Collection
from math import inf

from p2pgame.core.ids import PeerId
from p2pgame.session.connections import Connections
from p2pgame.wire.bounds import MESH_INTERVAL

__all__ = ["Mesh"]


class _Call:
    """The purpose of a dial."""

    def __init__(self, peer: PeerId) -> None:
        self.peer = peer


class Mesh:
    """Keeps a link to each member that is ours to dial."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self._due: dict[PeerId, float] = {}
        """When to dial next; `inf` while a dial is pending."""

    def want(self, peers: Collection[PeerId], now: float) -> None:
        """From now on dial these, and no others."""
        self._due = {peer: self._due.get(peer, now) for peer in peers}

    def call(self, peer: PeerId, now: float) -> None:
        """Dial `peer` at once, unless that is under way."""
        if self._due.get(peer) != inf:
            self._due[peer] = now
            self._dial(peer)

    def closed(self, peer: PeerId, now: float) -> None:
        """A link to `peer` closed."""
        if self._due.get(peer, inf) != inf:
            self._due[peer] = now

    def opened(self, purpose: object, now: float) -> None:
        """A dial succeeded."""
        if isinstance(purpose, _Call) and purpose.peer in self._due:
            self._due[purpose.peer] = now

    def dial_failed(self, purpose: object, now: float) -> PeerId | None:
        """Whom we did not reach, if the dial was ours. It is asked to dial us."""
        if not isinstance(purpose, _Call):
            return None
        if purpose.peer in self._due:
            self._due[purpose.peer] = now + MESH_INTERVAL
            self._connections.request_dial(purpose.peer)
        return purpose.peer

    def next_deadline(self) -> float | None:
        return min(
            (at for peer, at in self._due.items() if self._connections.link_to(peer) is None), default=None
        )

    def handle_timeout(self, now: float) -> None:
        for peer, at in list(self._due.items()):
            if now >= at and self._connections.link_to(peer) is None:
                self._dial(peer)

    def _dial(self, peer: PeerId) -> None:
        self._due[peer] = inf
        self._connections.dial(peer, _Call(peer))
