"""Keeps all members on the same frame, and a guest's inputs short of the host's tick.

Each side tells by how many frames it sees itself ahead of what it heard of the other. The way there and back is in
both numbers, so half their difference is the true lead (GGPO's scheme): `TimeSync` slows who is ahead down, nobody runs
faster for it. Within a frame, `PhaseLock` moves the ticks of a guest to where its packets wait for the host's next tick
only briefly. Does not know time.
"""

from collections import deque
from math import floor

__all__ = ["PhaseLock", "TimeSync"]

_SAMPLES = 30
"""Frames over which the lead is averaged: half a second at 60 Hz."""
_DEAD_BAND = 0.6
"""Frames of lead that are left alone: where in its frame a guest ticks is up to `PhaseLock`, half a frame each way."""
_GAIN = 0.02
"""Part by which a frame is stretched, for each frame of lead."""
_MOST = 0.10
_PHASE_SHARE = 0.1
"""What one packet counts in the average of the phase."""
_PHASE_GAIN = 0.05
"""Part by which a frame is stretched or shortened, for each frame of error of the phase ..."""
_PHASE_MOST = 0.02
"""... at most: a second or two until it is right."""


class TimeSync:
    """Averages of both sides' frame advantage."""

    def __init__(self) -> None:
        self._differences: deque[int] = deque(maxlen=_SAMPLES)
        """Ours less theirs."""
        self._sum = 0

    def sample(self, ours: int, theirs: int) -> None:
        """One frame's advantages, in frames."""
        differences, difference = self._differences, ours - theirs
        self._sum += difference - differences[0] if len(differences) == _SAMPLES else difference
        differences.append(difference)

    @property
    def lead(self) -> float:
        """Frames by which we are ahead; negative: behind."""
        if not self._differences:
            return 0.0
        return self._sum / len(self._differences) / 2

    @property
    def stretch(self) -> float:
        """Factor for the length of our frames, from 1.0 to 1.1."""
        if self._sum <= 0:
            return 1.0
        excess = self.lead - _DEAD_BAND
        return 1.0 + min(_MOST, _GAIN * excess) if excess > 0 else 1.0


class PhaseLock:
    """Where between two ticks of the host the packets of a guest arrive."""

    def __init__(self) -> None:
        self._error = 0.0
        """Average, in frames: positive if packets come too early."""

    def sample(self, held: float, wanted: float) -> None:
        """One packet: how long the host held it until its tick, and how long it should, in frames."""
        error = held - wanted
        error -= floor(error + 0.5)  # a whole frame earlier or later is the same phase
        self._error += _PHASE_SHARE * (error - self._error)

    def release(self) -> None:
        """Packets come too unsteadily for any phase."""
        self._error = 0.0

    @property
    def stretch(self) -> float:
        """Factor for the length of the guest's frames, from 0.98 to 1.02."""
        return 1.0 + max(-_PHASE_MOST, min(_PHASE_MOST, _PHASE_GAIN * self._error))
