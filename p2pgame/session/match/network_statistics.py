"""How a real-time match is doing: what the overlay shows while it is on, and the statistics of its end.

Counts and averages only; nothing here decides anything.
"""

from collections import Counter
from collections.abc import Mapping

import msgspec

from p2pgame.netcode.rollback import Rollback
from p2pgame.session import events as e
from p2pgame.session.match.channel import Channel
from p2pgame.session.view import Figures

__all__ = ["NetworkStatistics"]

_FRESH = 1.0
"""Seconds for which a rollback is shown."""


class NetworkStatistics:
    """Of one match."""

    def __init__(self) -> None:
        self.ticks = 0
        self.library_time = 0.0
        """Seconds spent here, those in the game's rules not counted."""
        self._lateness: Counter[int] = Counter()
        """Tenths of a millisecond that a frame came after its time, to the number of such frames."""
        self._depth = 0
        self._depth_at = 0.0

    def late(self, seconds: float) -> None:
        """A frame came so long after its time."""
        self._lateness[round(seconds * 10_000)] += 1

    def rolled_back(self, depth: int, now: float) -> None:
        """So many frames were simulated again."""
        self._depth, self._depth_at = depth, now

    def figures(self, channel: Channel, rollback: Rollback, lead: float, now: float) -> Figures:
        """`lead`: frames by which we are ahead."""
        depths = rollback.depths
        return Figures(
            rtt_ms=channel.rtt * 1000,
            jitter_ms=channel.jitter * 1000,
            loss=channel.loss,
            input_delay=rollback.delay,
            rollback_depth=self._depth if now - self._depth_at < _FRESH else 0,
            max_rollback=max(depths, default=0),
            rollbacks=depths.total() - depths[0],
            stalls=rollback.stalls,
            frame_advantage=lead,
            transport=channel.transport,
        )

    def stats(self, session: e.Stats, channel: Channel, rollback: Rollback) -> e.Stats:
        """`session`: what went over the session."""
        depths = rollback.depths
        return msgspec.structs.replace(
            session,
            rtt_ms=round(channel.rtt * 1000, 3),
            rollbacks=depths.total() - depths[0],
            max_rollback=max(depths, default=0),
            p99_rollback=_percentile(depths, 0.99),
            stalls=rollback.stalls,
            sent_packets=session.sent_packets + channel.sent_packets,
            sent_bytes=session.sent_bytes + channel.sent_bytes,
            received_packets=session.received_packets + channel.received_packets,
            received_bytes=session.received_bytes + channel.received_bytes,
            cpu_ms_per_frame=round(self.library_time * 1000 / max(1, self.ticks), 4),
            p99_late_ms=_percentile(self._lateness, 0.99) / 10,
            max_late_ms=max(self._lateness, default=0) / 10,
        )


def _percentile(histogram: Mapping[int, int], share: float) -> int:
    """The value that `share` of all frames did not exceed."""
    left = sum(histogram.values()) * share
    for value in sorted(histogram):
        left -= histogram[value]
        if left <= 0:
            return value
    return 0
