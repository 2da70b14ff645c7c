"""How often other machines can make discovery do something: all rate limits of incoming datagrams."""

from typing import Final

from p2pgame.discovery.limits import BucketMap, TokenBucket

__all__ = ["Rates"]

SOURCE_RATE: Final = 50.0
"""Datagrams a second from one address ..."""
SOURCE_BURST: Final = 200.0
SOURCES_MAX: Final = 512
"""Addresses for which a rate is kept."""
VERIFY_RATE: Final = 200.0
"""Signatures of unlisted peers checked a second, of all together ..."""
VERIFY_BURST: Final = 256.0
PONG_RATE: Final = 400.0
PONG_SOURCE_RATE: Final = 20.0
SEED_ANSWER_RATE: Final = 4.0
"""Challenges and beacons a second by unicast to one address."""
PROBE_RATE: Final = 100.0
PROBE_BURST: Final = 50.0
UNPROVEN_RATE: Final = 4.0
"""Probes a second to one address that has not answered any; peers may be invented there to have it hit."""
UNPROVEN_BURST: Final = 8.0


class Rates:
    """The limits in use. Each method counts one event, and returns whether it may happen."""

    def __init__(self) -> None:
        self.probes = TokenBucket(PROBE_RATE, PROBE_BURST)
        """All probes together."""
        self.unlisted = TokenBucket(VERIFY_RATE, VERIFY_BURST)
        """Checks of signatures of unlisted peers; a listed one has a budget of its own."""
        self._sources: BucketMap[str] = BucketMap(SOURCE_RATE, SOURCE_BURST, SOURCES_MAX)
        self._answers: BucketMap[str] = BucketMap(SEED_ANSWER_RATE, SEED_ANSWER_RATE, SOURCES_MAX)
        self._pongs: BucketMap[str] = BucketMap(PONG_SOURCE_RATE, PONG_SOURCE_RATE, SOURCES_MAX)
        self._all_pongs = TokenBucket(PONG_RATE, PONG_RATE)
        self._unproven: BucketMap[str] = BucketMap(UNPROVEN_RATE, UNPROVEN_BURST, SOURCES_MAX)

    def receive(self, address: str, now: float) -> bool:
        """A datagram from `address`."""
        return self._sources.take(address, now)

    def answer_seed(self, address: str, now: float) -> bool:
        """A challenge, or a beacon in answer to one, to `address`."""
        return self._answers.take(address, now)

    def pong(self, address: str, now: float) -> bool:
        """A pong to `address`."""
        return self._pongs.take(address, now) and self._all_pongs.take(now)

    def probe_unproven(self, address: str, now: float) -> bool:
        """A probe to `address`, of a peer that has not answered any."""
        return self._unproven.take(address, now)
