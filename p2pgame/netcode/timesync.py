"""Keeps both sides on the same frame: who is ahead runs a little slower, nobody ever runs faster.

Each side tells by how many frames it sees itself ahead of what it heard of the other. The way there and back is in
both numbers, so half their difference is the true lead (GGPO's scheme). Does not know time.
"""

from collections import deque

__all__ = ["TimeSync"]

_SAMPLES = 30
"""Frames over which the lead is averaged: half a second at 60 Hz."""
_DEAD_BAND = 0.4
"""Frames of lead that are left alone."""
_GAIN = 0.02
"""Part by which a frame is stretched, for each frame of lead."""
_MOST = 0.10


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
