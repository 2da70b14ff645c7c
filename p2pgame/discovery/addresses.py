"""The addresses of one peer, best first: what is proven comes before what was only heard.

Anybody can send somebody else's beacon from any address, so an address that was heard is a hint. Bounded.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

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


@dataclass(slots=True)
class _Address:
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

    def __init__(self, addresses: Iterable[str], random_source: RandomSource) -> None:
        self.best = ""
        """The first one."""
        self.unasked: str | None = None
        """The first one to be asked: it has shown nothing yet, or nothing since the peer may have moved."""
        self._known: dict[str, _Address] = {address: _Address() for address in addresses}
        self._random_source = random_source
        self._sort()

    def __iter__(self) -> Iterator[str]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)

    def __contains__(self, address: object) -> bool:
        return address in self._known

    def evidence(self, address: str) -> Evidence:
        known = self._known.get(address)
        return Evidence.HEARD if known is None else known.evidence

    def in_turn(self, number: int) -> str:
        """Over and over through all of them."""
        return tuple(self._known)[number % len(self._known)]

    def hear(self, addresses: Iterable[str]) -> None:
        """Add addresses behind the others."""
        for address in addresses:
            self._known.setdefault(address, _Address())
        self._sort()

    def hear_newer(self, address: str) -> None:
        """Put a new address before the others of its family that are no better proven; known ones keep their place."""
        if address in self._known:
            return
        for known in self._known.values():
            known.doubtful = True
        if self._known and (":" in self.best) >= (":" in address):
            self._known = {address: _Address(), **self._known}
        self.hear((address,))

    def asked(self, address: str) -> None:
        """A probe went there."""
        if address in self._known:
            self._known[address].unanswered += 1
            self._sort()

    def credit(self, address: str, evidence: Evidence) -> None:
        """It answered, or is linked. Nothing if it is not among these: where a link came from may be nobody to dial."""
        known = self._known.get(address)
        if known is None:
            return
        known.evidence, known.unanswered, known.doubtful = max(evidence, known.evidence), 0, False
        self._sort()

    def _sort(self) -> None:
        """Best first. Too many: drop any of the least proven but the first, so that a flood of copies wins nothing."""
        best_first = sorted(self._known.items(), key=lambda item: -item[1].rank)
        while len(best_first) > ADDRESSES_MAX:
            least = best_first[-1][1].rank
            others = [item for item in best_first[1:] if item[1].rank == least]
            best_first.remove(pick(others, self._random_source))
        self._known = dict(best_first)
        self._note()

    def _note(self) -> None:
        """Keep what is asked for at every deadline."""
        self.best = next(iter(self._known), "")
        self.unasked = next((address for address, known in self._known.items() if known.to_ask), None)
