"""Whether the peers that are heard can be reached: what dials and unanswered probes show, for the list of peers.

A peer counts as not reached when neither a dial of ours nor one of its own that we asked for came through, or when it
answers none of our datagrams. Dials nobody itself.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Final

from p2pgame.core.ids import PeerId
from p2pgame.discovery.failure import Failure, FailureCode, explain
from p2pgame.discovery.peer import Peer
from p2pgame.net.dial import silence_code
from p2pgame.wire.bounds import DIAL_TIMEOUT

__all__ = ["DIAL_BACK", "Reachability"]

DIAL_BACK: Final = DIAL_TIMEOUT + 0.5
"""Seconds that a peer whom we cannot dial has to dial us, before it is shown as not reached."""
_OF_SILENCE = {
    FailureCode.NO_ROUTE,
    FailureCode.FORBIDDEN,
    FailureCode.NOBODY,
    FailureCode.NOTHING_ANSWERS,
}
"""Reasons that hold no longer once the peer answers."""


class Reachability:
    """Of the peers of one node. All calls belong to the event loop's thread."""

    def __init__(
        self, find: Callable[[PeerId], Peer | None], show: Callable[[PeerId, Failure | None], None]
    ) -> None:
        """`find(peer)`: the listed peer. `show(peer, failure)`: list it as not reached, or, None, no longer so."""
        self._find = find
        self._show = show
        self._suspected: dict[PeerId, Failure] = {}
        """Failed dials of peers that may still dial us."""

    def cause(self, peer: PeerId) -> Failure | None:
        """Why `peer` is not reached, as far as known."""
        listed = self._find(peer)
        return self._suspected.get(peer) or (None if listed is None else listed.unreachable)

    def dial_failed(self, peer: PeerId, failures: Sequence[Failure]) -> None:
        listed = self._find(peer)
        if listed is None:
            return
        failure = explain(failures, answers=listed.rtt_ms is not None and not listed.silent)
        self._suspected[peer] = failure
        asyncio.get_running_loop().call_later(DIAL_BACK, self._settle, peer, failure)

    def opened(self, peer: PeerId) -> None:
        """There is a link, whoever dialled."""
        self._suspected.pop(peer, None)
        self._show(peer, None)

    def seen(self, peer: Peer) -> None:
        """Discovery heard something new of `peer`."""
        shown = peer.unreachable
        if peer.silent and shown is None:
            code = silence_code(peer.address, peer.udp_port)
            self._show(peer.peer, explain([Failure(code, peer.address, peer.udp_port)], answers=False))
        elif not peer.silent and shown is not None and shown.code in _OF_SILENCE:
            self._show(peer.peer, None)

    def _settle(self, peer: PeerId, failure: Failure) -> None:
        """It did not dial us either."""
        if self._suspected.get(peer) is failure:
            del self._suspected[peer]
            self._show(peer, failure)
