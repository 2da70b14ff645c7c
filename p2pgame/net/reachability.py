"""Whether the peers that are heard can be reached: what dials and unanswered probes show, for the list of peers.

A peer counts as not reached when neither a dial of ours nor one of its own that we asked for came through, or when it
answers none of our datagrams. Dials nobody itself.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Final

from p2pgame.core.ids import PeerId
from p2pgame.discovery.failure import Failure, explain
from p2pgame.discovery.peer import Peer
from p2pgame.net.dial import silence_code
from p2pgame.session.connections import DIAL_BACK_ROUND_TRIPS
from p2pgame.wire.bounds import DIAL_TIMEOUT

__all__ = ["DIAL_BACK", "Reachability"]

DIAL_BACK: Final = DIAL_TIMEOUT + 0.5
"""Seconds, beyond the round trips, that a peer whom we cannot dial has to dial us before it is shown as not reached."""


class Reachability:
    """Of the peers of one node. All calls belong to the event loop's thread."""

    def __init__(
        self, find: Callable[[PeerId], Peer | None], show: Callable[[PeerId, Failure | None], None]
    ) -> None:
        """`find(peer)`: the listed peer. `show(peer, failure)`: list it as not reached, or, None, no longer so."""
        self._find = find
        self._show = show
        self._suspected: dict[PeerId, Sequence[Failure]] = {}
        """Failed dials of peers that may still dial us."""
        self._silent: set[PeerId] = set()
        """Those listed as not reached because they answer no datagram."""

    def cause(self, peer: PeerId) -> Failure | None:
        """Why `peer` is not reached, as far as known."""
        listed = self._find(peer)
        failures = self._suspected.get(peer)
        if listed is None:
            return None
        return listed.unreachable if failures is None else _explain(listed, failures)

    def dial_failed(self, peer: PeerId, failures: Sequence[Failure]) -> None:
        listed = self._find(peer)
        if listed is not None:
            self._suspected[peer] = failures
            wait = DIAL_BACK + DIAL_BACK_ROUND_TRIPS * min((listed.rtt_ms or 0.0) / 1000, 1.0)
            asyncio.get_running_loop().call_later(wait, self._settle, peer, failures)

    def opened(self, peer: PeerId) -> None:
        """There is a link, whoever dialled."""
        self.lost(peer)
        self._show(peer, None)

    def seen(self, peer: Peer) -> None:
        """Discovery heard something new of `peer`."""
        if peer.silent and peer.unreachable is None:
            code = silence_code(peer.address, peer.udp_port)
            self._silent.add(peer.peer)
            self._show(peer.peer, _explain(peer, [Failure(code, peer.address, peer.udp_port)]))
        elif not peer.silent and peer.peer in self._silent:
            self._silent.discard(peer.peer)
            self._show(peer.peer, None)

    def lost(self, peer: PeerId) -> None:
        """Nothing is to be said of `peer` any more."""
        self._suspected.pop(peer, None)
        self._silent.discard(peer)

    def _settle(self, peer: PeerId, failures: Sequence[Failure]) -> None:
        """It did not dial us either."""
        listed = self._find(peer)
        if self._suspected.get(peer) is failures:
            del self._suspected[peer]
            self._silent.discard(peer)
            if listed is not None:
                self._show(peer, _explain(listed, failures))


def _explain(peer: Peer, failures: Sequence[Failure]) -> Failure:
    return explain(failures, answers=peer.rtt_ms is not None and not peer.silent)
