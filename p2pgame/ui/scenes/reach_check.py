"""When the lobby has the selected peer tried, so that it says before an invitation whether it would arrive."""

from math import inf

from p2pgame.ui.scenes.peer_list import Row

__all__ = ["ReachCheck"]

_AFTER = 0.5
"""Seconds that a peer must have been selected: who walks through the list dials nobody."""
_AGAIN = 10.0
"""Seconds between two tries of a peer that is not reached."""


class ReachCheck:
    """Of one list of peers."""

    def __init__(self) -> None:
        self._peer = ""
        self._wait = inf

    def due(self, row: Row | None, dt: float) -> str:
        """The peer to try now, else empty. `row`: the selected one; `dt`: seconds since the last call."""
        idle = row is not None and row.choosable and row.peer.status == "idle" and row.peer.rtt_ms is not None
        peer = row.peer if row is not None and idle else None
        if peer is None or peer.peer != self._peer:
            self._peer, self._wait = ("", inf) if peer is None else (peer.peer, _AFTER)
        elif self._wait == inf and peer.unreachable is not None:
            self._wait = _AGAIN
        self._wait -= dt
        if self._wait > 0:
            return ""
        self._wait = inf
        return self._peer
