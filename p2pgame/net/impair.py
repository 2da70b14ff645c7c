"""Network simulator: delays and drops the datagrams of our own matches, so that rollback can be watched at work.

One direction only: what we send. TCP is left alone.
"""

import asyncio
import random
from collections.abc import Callable

import msgspec

__all__ = ["Impairer", "Impairment"]


class Impairment(msgspec.Struct, frozen=True):
    """What to do to each datagram."""

    latency_ms: float = 0.0
    """Added to each."""
    jitter_ms: float = 0.0
    """Up to so much more, at random."""
    loss: float = 0.0
    """Share that is dropped, 0 to 1."""


class Impairer:
    """Sends datagrams with an `Impairment`, which may change at any time."""

    def __init__(self, send: Callable[[bytes, tuple[str, int]], None], impairment: Impairment) -> None:
        self.impairment = impairment
        self._send = send
        self._random = random.Random()

    def send(self, data: bytes, to: tuple[str, int]) -> None:
        """Send now, later or never. Belongs to the event loop."""
        impairment = self.impairment
        if impairment.loss and self._random.random() < impairment.loss:
            return
        delay = (impairment.latency_ms + impairment.jitter_ms * self._random.random()) / 1000
        if delay > 0:
            asyncio.get_running_loop().call_later(delay, self._send, data, to)
        else:
            self._send(data, to)
