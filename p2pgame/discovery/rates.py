"""How often other machines can make discovery do something: all rate limits of incoming datagrams."""

from typing import Final

from p2pgame.core.ids import PeerId
from p2pgame.discovery.limits import BucketMap, Budget, FirstOf, RateMap, TokenBucket

__all__ = ["Rates"]

QUIET_RATE: Final = 2.0
"""Beacons of unlisted peers a second from one address that are read before those of louder addresses ..."""
QUIET_BURST: Final = 8.0
SOURCE_RATE: Final = 50.0
"""... and beacons of unlisted peers that are read from one address at all ..."""
SOURCE_BURST: Final = 200.0
SOURCES_MAX: Final = 512
"""Addresses for which a rate is kept."""
VERIFY_RATE: Final = 50.0
"""Signatures of unlisted peers checked a second, for quiet addresses, and as many again for all ..."""
VERIFY_BURST: Final = 128.0
FRIEND_RATE: Final = 16.0
"""Signatures a second that are checked for one friend who is not listed ..."""
FRIEND_BURST: Final = 24.0
KNOWN_VERIFY_RATE: Final = 400.0
"""Signatures of listed peers checked a second, of all together."""
PONG_RATE: Final = 400.0
PONG_SOURCE_RATE: Final = 20.0
"""Pongs, and proofs for peers that are not listed there, a second to one address."""
SEED_ANSWER_RATE: Final = 4.0
"""Challenges and beacons a second by unicast to one address."""
PROBE_RATE: Final = 100.0
PROBE_BURST: Final = 50.0
"""Probes of peers that have not proven themselves, of all together."""
PROVEN_PROBE_RATE: Final = 400.0
"""Probes of those that have."""
BUNDLE_RATE: Final = 4.0
"""Bundles a second to one address, which has shown that it receives there ..."""
BUNDLE_BURST: Final = 16.0
BUNDLE_RATE_ALL: Final = 16.0
"""... and to all."""
BUNDLE_BURST_ALL: Final = 64.0
BUNDLE_TOKEN_RATE: Final = 8.0
"""Tokens for bundles a second to one address."""
BUNDLE_TOKEN_BURST: Final = 16.0
UNPROVEN_RATE: Final = 4.0
"""Probes a second to one address that has not answered any; peers may be invented there to have it hit."""
UNPROVEN_BURST: Final = 8.0


class Rates:
    """The limits in use. Each method counts one event, and returns whether it may happen."""

    def __init__(self) -> None:
        self.probes = TokenBucket(PROBE_RATE, PROBE_BURST)
        """Probes of peers that have not proven themselves."""
        self.proven_probes = TokenBucket(PROVEN_PROBE_RATE, PROVEN_PROBE_RATE)
        self.known = TokenBucket(KNOWN_VERIFY_RATE, KNOWN_VERIFY_RATE)
        """Checks of signatures of listed peers, each of which has a budget of its own besides."""
        self._for_all = TokenBucket(VERIFY_RATE, VERIFY_BURST)
        self._for_quiet = FirstOf(TokenBucket(VERIFY_RATE, VERIFY_BURST), self._for_all)
        self._friends: BucketMap[PeerId] = BucketMap(FRIEND_RATE, FRIEND_BURST, SOURCES_MAX)
        self._quiet: RateMap[str] = RateMap(QUIET_RATE, QUIET_BURST, SOURCES_MAX)
        self._sources: RateMap[str] = RateMap(SOURCE_RATE, SOURCE_BURST, SOURCES_MAX)
        self._answers: RateMap[str] = RateMap(SEED_ANSWER_RATE, SEED_ANSWER_RATE, SOURCES_MAX)
        self._pongs: RateMap[str] = RateMap(PONG_SOURCE_RATE, PONG_SOURCE_RATE, SOURCES_MAX)
        self._all_pongs = TokenBucket(PONG_RATE, PONG_RATE)
        self._proofs: RateMap[str] = RateMap(PONG_SOURCE_RATE, PONG_SOURCE_RATE, SOURCES_MAX)
        self._all_proofs = TokenBucket(PONG_RATE, PONG_RATE)
        self._bundles: RateMap[str] = RateMap(BUNDLE_RATE, BUNDLE_BURST, SOURCES_MAX)
        self._all_bundles = TokenBucket(BUNDLE_RATE_ALL, BUNDLE_BURST_ALL)
        self._bundle_tokens: RateMap[str] = RateMap(BUNDLE_TOKEN_RATE, BUNDLE_TOKEN_BURST, SOURCES_MAX)
        self._unproven: RateMap[str] = RateMap(UNPROVEN_RATE, UNPROVEN_BURST, SOURCES_MAX)

    def read_unlisted(self, address: str, now: float) -> Budget | None:
        """A beacon of an unlisted peer from `address`: what the check of its signature is taken from.

        None: it is not read. Who is loud uses up what is for all, and nothing of what is for those who are not.
        """
        if not self._sources.take(address, now):
            return None
        return self._for_quiet if self._quiet.take(address, now) else self._for_all

    def read_friend(self, peer: PeerId) -> Budget:
        """A beacon of a friend who is not listed: what the check of its signature is taken from."""
        return self._friends.bucket(peer)

    def answer_seed(self, address: str, now: float) -> bool:
        """A challenge, or a beacon in answer to one, to `address`."""
        return self._answers.take(address, now)

    def pong(self, address: str, now: float) -> bool:
        """A pong to `address`."""
        return self._pongs.take(address, now) and self._all_pongs.take(now)

    def answer_stranger(self, address: str, now: float) -> bool:
        """A proof to `address`, for a peer that is not listed there."""
        return self._proofs.take(address, now) and self._all_proofs.take(now)

    def bundle_token(self, address: str, now: float) -> bool:
        """A token for a bundle to `address`."""
        return self._bundle_tokens.take(address, now)

    def bundle(self, address: str, now: float) -> bool:
        """A bundle to `address`, which has shown a token."""
        return self._bundles.take(address, now) and self._all_bundles.take(now)

    def probe_unproven(self, address: str, now: float) -> bool:
        """A probe to `address`, which has answered none of that peer."""
        return self._unproven.take(address, now)
