"""Who may come in and how much is read of whom. Counts and rates only: opens no socket, time is an argument.

Somebody that we know (met or verified) has a budget of its own. All strangers share one, because anybody has as many
keys as he likes; so what strangers cost is bounded however many they are.
"""

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
    """Messages and bytes that may be read."""

    def __init__(self, messages: TokenBucket, size: TokenBucket) -> None:
        self._messages = messages
        self._bytes = size

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
            TokenBucket(STRANGERS_RATE, STRANGERS_BURST),
            TokenBucket(STRANGERS_BYTES_RATE, STRANGERS_BYTES_BURST),
        )
        self._known = _Own(LINK_RATE, LINK_BURST)
        self._stranger = _Own(STRANGER_RATE, STRANGER_BURST)

    def own(self, peer: PeerId, *, known: bool) -> ReadBudget:
        """The budget of one key, on all its links."""
        return (self._known if known else self._stranger).budget(peer)


class _Own:
    """The budgets of keys of one kind."""

    def __init__(self, rate: float, burst: float) -> None:
        self._messages: BucketMap[PeerId] = BucketMap(rate, burst, _KEPT)
        self._bytes: BucketMap[PeerId] = BucketMap(BYTES_RATE, BYTES_BURST, _KEPT)

    def budget(self, peer: PeerId) -> ReadBudget:
        return ReadBudget(self._messages.bucket(peer), self._bytes.bucket(peer))
