"""Seeds, the peers given by address or lost at one: solicited by unicast until heard. Both ends of the address check.

A seed answers the beacon of an unknown peer with a challenge smaller than it, and sends its own beacon only to a peer
that returns the token of the challenge: the check of QUIC's Retry (RFC 9000 §8.1), so that it reflects nothing to a
forged source. Knows no signatures and no peer table.
"""

from collections.abc import Sequence
from math import inf
from typing import Final

import msgspec

from p2pgame.core.digest import digest
from p2pgame.core.ids import PeerId

__all__ = ["SEEDS_MAX", "TOKEN_SIZE", "AddressTokens", "Seeds", "SocketAddress"]

SocketAddress = tuple[str, int]
"""Address (IPv6 link-local with ``%scope``) and port."""

SEEDS_MAX: Final = 32
BURST: Final = (0.0, 0.1, 0.25, 0.5, 0.8, 2.0)
"""Seconds at which a new seed is solicited; then it is each interval."""
SEED_ADDRESSES_MAX: Final = 8
"""Four addresses, at the shared port and at the first unicast one."""
LOST_PATIENCE: Final = 120.0
"""Seconds that a lost peer is solicited at its last addresses: firewalls let its answer in for about as long."""
TOKEN_SIZE: Final = 16
TOKEN_PERIOD: Final = 30.0
"""Seconds; a token holds for one to two of them."""


class AddressTokens:
    """Makes and checks the token of an address, without storing any."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def make(self, source: SocketAddress, now: float) -> bytes:
        return self._token(source, int(now // TOKEN_PERIOD))

    def valid(self, token: bytes, source: SocketAddress, now: float) -> bool:
        period = int(now // TOKEN_PERIOD)
        return any(token == self._token(source, p) for p in (period, period - 1))

    def _token(self, source: SocketAddress, period: int) -> bytes:
        text = f"{source[0]} {source[1]} {period}".encode()
        return digest("seed token", self._key, text)[:TOKEN_SIZE]


class _Seed(msgspec.Struct):
    addresses: tuple[SocketAddress, ...]
    due: list[float] = msgspec.field(default_factory=list)
    peer: PeerId | None = None
    """Who was heard there."""
    until: float = inf
    """When to give up; inf for a seed that the player named."""


class Seeds:
    """The seeds by the text that named them, and when to solicit each."""

    def __init__(self) -> None:
        self._seeds: dict[str, _Seed] = {}

    def put(self, name: str, addresses: Sequence[SocketAddress], now: float) -> None:
        """Add the seed `name`, or give it its newest addresses. More than 32 are ignored."""
        found = tuple(addresses)[:SEED_ADDRESSES_MAX]
        seed = self._seeds.get(name)
        if seed is not None:
            seed.addresses = found
            return
        passing = next((known for known, seed in self._seeds.items() if seed.until < inf), None)
        if len(self._seeds) >= SEEDS_MAX and passing is not None:
            del self._seeds[passing]
        if len(self._seeds) < SEEDS_MAX:
            self._seeds[name] = _Seed(found, [now + offset for offset in BURST])

    def seek(self, peer: PeerId, addresses: Sequence[SocketAddress], now: float) -> None:
        """Solicit `peer`, which was at `addresses`, for `LOST_PATIENCE`, or until `found`."""
        if len(self._seeds) < SEEDS_MAX:
            found = tuple(addresses)[:SEED_ADDRESSES_MAX]
            self._seeds[peer] = _Seed(found, [now], until=now + LOST_PATIENCE)

    def found(self, peer: PeerId) -> None:
        """`peer` is listed: stop seeking it."""
        self._seeds.pop(peer, None)

    def restart(self, now: float) -> None:
        for seed in self._seeds.values():
            seed.due = [now + offset for offset in BURST]

    def next_deadline(self) -> float | None:
        return min((seed.due[0] for seed in self._seeds.values() if seed.due and not seed.peer), default=None)

    def take(self, now: float, interval: float) -> list[SocketAddress]:
        """Where to send our beacon now."""
        for name in [name for name, seed in self._seeds.items() if seed.until <= now]:
            del self._seeds[name]
        targets: list[SocketAddress] = []
        for seed in self._seeds.values():
            if seed.peer is not None or not seed.due or seed.due[0] > now:
                continue
            seed.due = [at for at in seed.due if at > now] or [now + interval]
            targets += seed.addresses
        return targets

    def expects(self, source: SocketAddress) -> bool:
        """`source` has the address of a seed. The port may differ: programs share the discovery port."""
        return any(address[0] == source[0] for seed in self._seeds.values() for address in seed.addresses)

    def heard(self, peer: PeerId, source: SocketAddress) -> None:
        """`peer` answered from `source`: stop soliciting it."""
        for seed in self._seeds.values():
            if source in seed.addresses:
                seed.peer = peer

    def lost(self, peer: PeerId, now: float) -> None:
        """`peer` is gone: solicit it again."""
        for seed in self._seeds.values():
            if seed.peer == peer:
                seed.peer, seed.due = None, [now]
