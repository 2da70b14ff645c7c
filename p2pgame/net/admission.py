"""Who may come in and how much is read of whom. Counts and rates only: opens no socket, time is an argument.

Somebody that we know (met or verified) has a budget of its own. All strangers share one, because anybody has as many
keys as he likes; so what strangers cost is bounded however many they are.
"""

from collections import OrderedDict

from p2pgame.core.ids import PeerId
from p2pgame.discovery.limits import BucketMap, TokenBucket
from p2pgame.wire.addresses import network_of
from p2pgame.wire.bounds import (
    BYTES_BURST,
    BYTES_RATE,
    HANDSHAKE_BURST,
    HANDSHAKE_RATE,
    LINK_BURST,
    LINK_RATE,
    STRANGER_BURST,
    STRANGER_RATE,
    STRANGERS_BURST,
    STRANGERS_BYTES_BURST,
    STRANGERS_BYTES_RATE,
    STRANGERS_HANDSHAKE_BURST,
    STRANGERS_HANDSHAKE_RATE,
    STRANGERS_LINKS_MAX,
    STRANGERS_LINKS_PLAYING,
    STRANGERS_PLAYING_RATE,
    STRANGERS_RATE,
)

__all__ = ["Handshakes", "ReadBudget", "ReadBudgets"]

_KEPT = 1024


class Handshakes:
    """How many TLS handshakes are answered."""

    def __init__(self) -> None:
        self.playing = False
        """A match runs: strangers get less."""
        self._networks: BucketMap[str] = BucketMap(HANDSHAKE_RATE, HANDSHAKE_BURST, _KEPT)
        self._known: BucketMap[PeerId] = BucketMap(HANDSHAKE_RATE, HANDSHAKE_BURST, _KEPT)
        self._strangers = TokenBucket(STRANGERS_HANDSHAKE_RATE, STRANGERS_HANDSHAKE_BURST)
        self._strangers_playing = TokenBucket(STRANGERS_PLAYING_RATE, STRANGERS_PLAYING_RATE)

    def admit_known(self, peer: PeerId, now: float) -> bool:
        """Whether a peer that we know gets a handshake now, dialling from an address of its own."""
        return self._known.take(peer, now)

    def strangers_ready(self, now: float) -> bool:
        """Whether any stranger gets one now: if not, there is no need to hear what it says."""
        strangers = self._strangers_playing if self.playing else self._strangers
        return strangers.ready_at(now) <= now

    def admit_stranger(self, address: str, now: float) -> bool:
        """Whether anybody else at `address` gets one."""
        strangers = self._strangers_playing if self.playing else self._strangers
        return self._networks.take(network_of(address), now) and strangers.take(now)

    @property
    def strangers_links(self) -> int:
        """Links that strangers may have opened to us at once."""
        return STRANGERS_LINKS_PLAYING if self.playing else STRANGERS_LINKS_MAX


class ReadBudget:
    """Messages and bytes that may be read, each at a rate and so many at once."""

    def __init__(
        self,
        messages: float,
        messages_burst: float,
        size: float = BYTES_RATE,
        size_burst: float = BYTES_BURST,
    ) -> None:
        self._messages = TokenBucket(messages, messages_burst)
        self._bytes = TokenBucket(size, size_burst)

    def ready_at(self, now: float) -> float:
        """When the next message may be read."""
        return max(self._messages.ready_at(now), self._bytes.ready_at(now))

    def spend(self, size: int, now: float) -> None:
        """One message is read, or something that is not a whole one yet: `size` bytes. Call it when it is ready."""
        self._messages.take(now)
        self._bytes.take(now, size)


class ReadBudgets:
    """The budget of each key, and the one of all strangers."""

    def __init__(self) -> None:
        self.strangers = ReadBudget(
            STRANGERS_RATE, STRANGERS_BURST, STRANGERS_BYTES_RATE, STRANGERS_BYTES_BURST
        )
        self._own: OrderedDict[tuple[PeerId, bool], ReadBudget] = OrderedDict()

    def own(self, peer: PeerId, *, known: bool) -> ReadBudget:
        """The budget of one key, on all its links."""
        key = (peer, known)
        budget = self._own.get(key)
        if budget is None:
            rates = (LINK_RATE, LINK_BURST) if known else (STRANGER_RATE, STRANGER_BURST)
            budget = self._own[key] = ReadBudget(*rates)
            if len(self._own) > _KEPT:
                self._own.popitem(last=False)
        else:
            self._own.move_to_end(key)
        return budget
