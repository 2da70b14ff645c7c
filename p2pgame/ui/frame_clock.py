"""When the next frame may be drawn, and how many were drawn in the last second."""

__all__ = ["FrameClock"]

_PATIENCE = 1.6
"""Frames' time for which a state of a match is waited for, before something else that moves is drawn without it."""


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
        self._last = now - self._interval
        self._counted_at = now
        self._counted = 0

    def after(self, part: float) -> float:
        """When a `part` of a frame's time has passed since the last frame."""
        return self._last + part * self._interval

    def drawn(self, now: float, *, in_step: bool = False) -> None:
        """A frame was drawn. `in_step`: the next one comes by itself; only if it is late there is one without it."""
        self.frames += 1
        self._last = now
        if in_step:
            self.due = now + _PATIENCE * self._interval
            return
        late = now - self.due
        self.due = self.due + self._interval if late < self._interval else now + self._interval

    def count(self, now: float) -> None:
        """Measure the rate, once a second."""
        if now - self._counted_at >= 1.0:
            self.rate = (self.frames - self._counted) / (now - self._counted_at)
            self._counted_at, self._counted = now, self.frames
