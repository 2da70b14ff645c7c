"""When the next frame may be drawn, and how many were drawn in the last second."""

__all__ = ["FrameClock"]


class FrameClock:
    """Keeps frames in step, so that 60 a second are 60 even if some are late. Times are monotonic seconds."""

    def __init__(self, fps: int, now: float) -> None:
        self.frames = 0
        """Frames drawn so far."""
        self.rate = 0.0
        """Frames drawn in the last second."""
        self.due = 0.0
        """When the next frame may be drawn."""
        self._interval = 1 / fps
        self._counted_at = now
        self._counted = 0

    def drawn(self, now: float) -> None:
        """A frame was drawn."""
        self.frames += 1
        late = now - self.due
        self.due = self.due + self._interval if late < self._interval else now + self._interval

    def count(self, now: float) -> None:
        """Measure the rate, once a second."""
        if now - self._counted_at >= 1.0:
            self.rate = (self.frames - self._counted) / (now - self._counted_at)
            self._counted_at, self._counted = now, self.frames
