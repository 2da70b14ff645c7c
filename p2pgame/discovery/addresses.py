"""The addresses of one peer, best first: what is proven comes before what was only heard.

Anybody can send somebody else's beacon from any address, so an address that was heard is a hint. Bounded.
"""

from collections.abc import Iterable, Iterator
from enum import IntEnum
from typing import Final

import msgspec

from p2pgame.discovery.chance import RandomSource, pick

__all__ = ["ADDRESSES_MAX", "Addresses", "Evidence"]

ADDRESSES_MAX: Final = 8
FIRST_PROBES: Final = 2
"""Probes of an address that has answered none yet; later ones follow only if the peer is silent."""
SILENT: Final = 2
"""Unanswered probes after which an address is worth no more than one that was merely heard."""


class Evidence(IntEnum):
    """Why we believe that a peer has an address."""

    HEARD = 0
    """Its beacon came from there, whoever sent it."""
    ANSWERED = 1
    """It answered a probe that went there, from there."""
    LINKED = 2
    """It held a TLS link from or to there."""


class _Address(msgspec.Struct, eq=False):
    address: str
    evidence: Evidence = Evidence.HEARD
    unanswered: int = 0
    """Probes since it answered."""
    doubtful: bool = False
    """The peer was heard from a new address since it answered, so it may have moved."""

    @property
    def rank(self) -> Evidence:
        """What its evidence is worth now."""
        return self.evidence if self.unanswered < SILENT else Evidence.HEARD

    @property
    def to_ask(self) -> bool:
        if self.evidence is Evidence.HEARD:
            return self.unanswered < FIRST_PROBES
        return self.doubtful and self.unanswered < SILENT


class Addresses:
    """At most `ADDRESSES_MAX`."""

    __slots__ = ("_known", "_random_source", "best", "unasked")

    def __init__(self, addresses: Iterable[str], random_source: RandomSource) -> None:
        self.best = ""
        """The first one."""
        self.unasked: str | None = None
        """The first one to be asked: it has shown nothing yet, or nothing since the peer may have moved."""
        self._known: tuple[_Address, ...] = tuple(map(_Address, dict.fromkeys(addresses)))
        self._random_source = random_source
        self._sort()

    def __iter__(self) -> Iterator[str]:
        return (known.address for known in self._known)

    def __len__(self) -> int:
        return len(self._known)

    def __contains__(self, address: object) -> bool:
        return any(known.address == address for known in self._known)

    def evidence(self, address: str) -> Evidence:
        known = self._find(address)
        return Evidence.HEARD if known is None else known.evidence

    def in_turn(self, number: int) -> str:
        """Over and over through all of them."""
        return self._known[number % len(self._known)].address

    def hear(self, addresses: Iterable[str]) -> None:
        """Add addresses behind the others."""
        new = [address for address in dict.fromkeys(addresses) if address not in self]
        if new:
            self._known = (*self._known, *map(_Address, new))
            self._sort()

    def hear_newer(self, address: str) -> None:
        """Put a new address before the others of its family that are no better proven; known ones keep their place."""
        if address in self:
            return
        for known in self._known:
            known.doubtful = True
        if self._known and (":" in self.best) >= (":" in address):
            self._known = (_Address(address), *self._known)
            self._sort()
        else:
            self._note()
            self.hear((address,))

    def asked(self, address: str) -> None:
        """A probe went there."""
        known = self._find(address)
        if known is not None:
            known.unanswered += 1
            self._sort()

    def credit(self, address: str, evidence: Evidence) -> None:
        """It answered, or is linked. Nothing if it is not among these: where a link came from may be nobody to dial."""
        known = self._find(address)
        if known is None:
            return
        known.evidence, known.unanswered, known.doubtful = max(evidence, known.evidence), 0, False
        self._sort()

    def _find(self, address: str) -> _Address | None:
        return next((known for known in self._known if known.address == address), None)

    def _sort(self) -> None:
        """Best first. Too many: drop any of the least proven but the first, so that a flood of copies wins nothing."""
        best_first = sorted(self._known, key=lambda known: -known.rank)
        while len(best_first) > ADDRESSES_MAX:
            least = best_first[-1].rank
            others = [known for known in best_first[1:] if known.rank == least]
            best_first.remove(pick(others, self._random_source))
        self._known = tuple(best_first)
        self._note()

    def _note(self) -> None:
        """Keep what is asked for at every deadline."""
        self.best = self._known[0].address if self._known else ""
        self.unasked = next((known.address for known in self._known if known.to_ask), None)
