"""Rate-limited logging of what other machines cause: each kind of line once an interval, with a count."""

import logging
import time

__all__ = ["RateLimitedLog"]


class RateLimitedLog:
    """At most one line of each format in `interval` seconds."""

    def __init__(self, log: logging.Logger, interval: float = 5.0) -> None:
        self._log = log
        self._interval = interval
        self._last: dict[str, float] = {}
        self._left_out: dict[str, int] = {}

    def info(self, text: str, *args: object) -> None:
        """`text` is the kind; keep it a literal, so that kinds stay few."""
        now = time.monotonic()
        if now < self._last.get(text, float("-inf")) + self._interval:
            self._left_out[text] = self._left_out.get(text, 0) + 1
            return
        self._last[text] = now
        if left_out := self._left_out.pop(text, 0):
            text += f" (and {left_out} more like it)"
        self._log.info(text, *args)
