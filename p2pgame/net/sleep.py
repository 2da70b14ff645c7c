"""How long the machine was suspended: time that the event loop's clock does not count."""

import sys
import time

__all__ = ["SleepClock"]

_STEP = 1.0
"""Seconds of difference that count as sleep."""


class SleepClock:
    """Compares the loop's clock with one that goes on while the machine sleeps, where the system has both."""

    def __init__(self) -> None:
        self._gap = _gap()

    def slept(self) -> float:
        """Seconds of sleep since the last call."""
        gap = _gap()
        slept = gap - self._gap
        if slept < _STEP:
            return 0.0
        self._gap = gap
        return slept


if sys.platform == "linux":

    def _gap() -> float:
        return time.clock_gettime(time.CLOCK_BOOTTIME) - time.clock_gettime(time.CLOCK_MONOTONIC)

elif sys.platform == "darwin":

    def _gap() -> float:
        return time.clock_gettime(time.CLOCK_MONOTONIC) - time.clock_gettime(time.CLOCK_UPTIME_RAW)

else:

    def _gap() -> float:
        return 0.0  # the clock of Windows counts sleep itself
