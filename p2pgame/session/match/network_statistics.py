"""Network statistics of a match: for the overlay while it runs, and for its end.

Only counts and averages; influences nothing.
"""

from collections import Counter
from collections.abc import Callable, Collection, Mapping

from p2pgame.netcode.engine import Engine
from p2pgame.session import events as e
from p2pgame.session.match.channel import Channel
from p2pgame.session.match.remote import Remote
from p2pgame.session.view import Figures
from p2pgame.wire import messages as m

__all__ = ["NetworkStatistics"]

_FIGURES_EVERY = 0.1
"""Seconds after which the figures are worked out anew: nobody reads faster."""
_FRESH = 1.0
"""Seconds for which a rollback is shown."""


class NetworkStatistics:
    """The statistics of one match."""

    def __init__(self, perf: Callable[[], float]) -> None:
        """`perf`: a clock in seconds."""
        self.perf = perf
        self.ticks = 0
        self.library_time = 0.0
        """Seconds spent in the library, excluding the game's rules."""
        self._traffic = [0, 0, 0, 0]
        """Over sessions: packets and bytes sent, packets and bytes received."""
        self.lateness: Counter[int] = Counter()
        """Tenths of a millisecond that a frame came after its time, to the number of such frames."""
        self._figures: Figures | None = None
        self._figures_at = 0.0
        self._depth = 0
        self._depth_at = 0.0

    def sent(self, message: m.Message, size: int) -> None:
        """Count a sent message of `size` bytes. Packets are counted by their channel."""
        if type(message) is not m.StreamPacket:
            self._traffic[0] += 1
            self._traffic[1] += size

    def received(self, message: m.Message, size: int) -> None:
        """Count a received message of `size` bytes."""
        if type(message) is not m.StreamPacket:
            self._traffic[2] += 1
            self._traffic[3] += size

    def rolled_back(self, depth: int, now: float) -> None:
        """Note a rollback of `depth` frames."""
        self._depth, self._depth_at = depth, now

    def late_ms(self, frames: int, tick_rate: int) -> float:
        """`frames`, summed over all ticks, as milliseconds on average."""
        return round(frames * 1000 / max(1, self.ticks) / max(1, tick_rate), 1)

    def figures(self, remotes: Collection[Remote], engine: Engine, now: float) -> Figures | None:
        """None before there is a channel. With several members, the worst of each figure."""
        if self._figures is not None and 0 <= now - self._figures_at < _FIGURES_EVERY:
            return self._figures
        channels = _channels(remotes)
        if not channels:
            return None
        depths, rate = engine.depths, engine.timeline.game.tick_rate
        slowest = max(channels, key=lambda channel: channel.rtt)
        self._figures_at = now
        self._figures = Figures(
            rtt_ms=slowest.rtt * 1000,
            jitter_ms=max(channel.jitter for channel in channels) * 1000,
            loss=max(channel.loss for channel in channels),
            input_delay=engine.delay,
            rollback_depth=self._depth if now - self._depth_at < _FRESH else 0,
            max_rollback=max(depths, default=0),
            rollbacks=depths.total() - depths[0],
            stalls=engine.stalls,
            late_ms=max(self.late_ms(remote.late, rate) for remote in remotes),
            late_there_ms=max(self.late_ms(remote.late_there, rate) for remote in remotes),
            frame_advantage=max((remote.sync.lead for remote in remotes), default=0.0),
            transport="tcp" if any(channel.transport == "tcp" for channel in channels) else "udp",
        )
        return self._figures

    def stats(self, remotes: Collection[Remote], engine: Engine) -> e.Stats:
        """Statistics for the end of the match."""
        channels, depths, timeline = _channels(remotes), engine.depths, engine.timeline
        rate = timeline.game.tick_rate
        rtts = [channel.rtt for channel in channels] or [remote.rtt or 0.0 for remote in remotes]
        return e.Stats(
            rtt_ms=round(max(rtts, default=0.0) * 1000, 3),
            rollbacks=depths.total() - depths[0],
            max_rollback=max(depths, default=0),
            p99_rollback=_percentile(depths, 0.99),
            stalls=engine.stalls,
            late_ms=max((self.late_ms(remote.late, rate) for remote in remotes), default=0.0),
            late_there_ms=max((self.late_ms(remote.late_there, rate) for remote in remotes), default=0.0),
            sent_packets=self._traffic[0] + sum(channel.sent_packets for channel in channels),
            sent_bytes=self._traffic[1] + sum(channel.sent_bytes for channel in channels),
            received_packets=self._traffic[2] + sum(channel.received_packets for channel in channels),
            received_bytes=self._traffic[3] + sum(channel.received_bytes for channel in channels),
            cpu_ms_per_frame=round(self.library_time * 1000 / max(1, self.ticks), 4),
            advance_ms_per_frame=round(timeline.advance_time * 1000 / max(1, timeline.frame), 4),
            p99_late_ms=_percentile(self.lateness, 0.99) / 10,
            max_late_ms=max(self.lateness, default=0) / 10,
        )


def _channels(remotes: Collection[Remote]) -> list[Channel]:
    return [remote.channel for remote in remotes if remote.channel is not None]


def _percentile(histogram: Mapping[int, int], share: float) -> int:
    """The percentile `share` (0 to 1) of a histogram."""
    left = sum(histogram.values()) * share
    for value in sorted(histogram):
        left -= histogram[value]
        if left <= 0:
            return value
    return 0
