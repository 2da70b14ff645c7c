"""Watches each listed peer: when it is probed, when it counts as silent, when it has gone. Sends nothing itself.

Everything that changes a peer is followed by `touch`. Costs what is due, not what is listed.
"""

from collections.abc import Sequence
from enum import Enum
from math import inf
from typing import Final, NamedTuple

from p2pgame.core.ids import PeerId
from p2pgame.discovery.addresses import Evidence
from p2pgame.discovery.chance import RandomSource
from p2pgame.discovery.deadlines import Deadlines
from p2pgame.discovery.limits import TokenBucket
from p2pgame.discovery.pool import Pool
from p2pgame.discovery.probes import (
    NEWCOMER_PROBES_RATE,
    PROBES_AT_ONCE,
    SHOWN_RATE,
    SHOWN_SPACING,
    Probes,
    probe_at,
    silent_at,
    unfounded_at,
)
from p2pgame.discovery.rates import Rates
from p2pgame.discovery.table import PeerEntry, PeerTable
from p2pgame.discovery.transmit import Transmit

__all__ = ["SHOWN_MAX", "News", "Watch", "WatchNews"]

SHOWN_MAX: Final = 64
"""Peers whose round trip is on the screen."""


class News(Enum):
    """What became of a peer."""

    LEFT = 1
    EXPIRED = 2
    CHANGED = 3


class WatchNews(NamedTuple):
    """What time brought."""

    news: Sequence[tuple[PeerEntry, News]]
    probes: Sequence[Transmit]


class Watch:
    """The deadlines of all entries of a table."""

    def __init__(self, table: PeerTable, probes: Probes, rates: Rates, random_source: RandomSource) -> None:
        self._table, self._probes, self._rates = table, probes, rates
        self._random_source = random_source
        self._deadlines: Deadlines[PeerEntry] = Deadlines()
        self._waiting: dict[bool, Pool[PeerEntry]] = {True: Pool(), False: Pool()}
        """Who is to be probed as soon as the rate allows: those that need not wait for unproven ones, and these."""
        self._shown: tuple[PeerId, ...] = ()
        self._shown_at = -inf

    def admit(self, entry: PeerEntry, peers: int, now: float) -> None:
        """It is new in the table of a hall of `peers`: not all of a large one probe a newcomer at once."""
        crowd = 0 if self._table.kept(entry) else max(0, peers - PROBES_AT_ONCE)
        entry.probe_from = now + self._random_source.random() * crowd / NEWCOMER_PROBES_RATE
        self.touch(entry)

    def touch(self, entry: PeerEntry) -> None:
        """Something of `entry` changed."""
        if self._table.get(entry.peer) is not entry:
            self.drop(entry)
            return
        waits = entry in self._waiting[True] or entry in self._waiting[False]
        at = min(entry.expires, silent_at(entry), unfounded_at(entry), inf if waits else probe_at(entry))
        self._deadlines.put(entry, at)

    def drop(self, entry: PeerEntry) -> None:
        """It is no longer listed."""
        self._deadlines.put(entry, inf)
        for pool in self._waiting.values():
            pool.discard(entry)

    def show(self, peers: Sequence[PeerId]) -> None:
        """Keep the round trips of these fresh, at most `SHOWN_MAX`: those on the screen."""
        self._shown = tuple(peers)[:SHOWN_MAX]

    def next_deadline(self, now: float) -> float | None:
        due: list[float | None] = []
        if (at := self._deadlines.next()) is not None:
            due.append(max(now, at))
        for first, pool in self._waiting.items():
            if pool:
                due.append(max(now, self._bucket(first).ready_at(now)))
        if self._shown:
            at = self._next_shown()
            due.append(None if at is None else max(now, at))
        return min((at for at in due if at is not None), default=None)

    def take(self, now: float) -> WatchNews:
        """Do what is due."""
        news: list[tuple[PeerEntry, News]] = []
        for entry in self._deadlines.take(now):
            if self._table.get(entry.peer) is not entry:
                continue
            if entry.expires <= now or unfounded_at(entry) <= now:
                left = entry.leaving is not None and entry.leaving <= now
                news.append((entry, News.LEFT if left else News.EXPIRED))
                continue
            if self._table.expire_broadcast(entry, now):
                news.append((entry, News.CHANGED))
            if silent_at(entry) <= now:
                entry.silent = True
                self._table.changed(entry)
                news.append((entry, News.CHANGED))
            if probe_at(entry) <= now:
                self._waiting[self._has_priority(entry)].add(entry)
            self.touch(entry)
        for entry, what in news:
            if what is not News.CHANGED:
                self.drop(entry)
        return WatchNews(news, [*self._probe_waiting(now), *self._probe_shown(now)])

    def may_probe(self, entry: PeerEntry, address: str, now: float) -> bool:
        """Whether `entry` may be probed at `address`, where it has answered no probe: who said it may lie."""
        proven = entry.addresses.evidence(address) is not Evidence.HEARD
        return proven or self._table.kept(entry) or self._rates.probe_unproven(address, now)

    def _probe_waiting(self, now: float) -> list[Transmit]:
        """Probe whom it is time for, in any order: under a flood there is not enough for all."""
        out: list[Transmit] = []
        for first, pool in self._waiting.items():
            bucket = self._bucket(first)
            while pool and bucket.take(now):
                entry = pool.pick(self._random_source)
                pool.discard(entry)
                if probe_at(entry) <= now:  # not heard in the meantime
                    out += self._probe(entry, now)
                self.touch(entry)
        return out

    def _probe(self, entry: PeerEntry, now: float) -> list[Transmit]:
        address = self._probes.next_address(entry)
        if not self.may_probe(entry, address, now):
            entry.pinged = now  # the next one is due as usual
            return []
        hidden = self._probes.next_hidden(entry)
        to, from_shared = entry.contact_at(address, hidden=hidden)
        return [Transmit(self._probes.make(entry, address, now, hidden=hidden), to, shared=from_shared)]

    def _next_shown(self) -> float | None:
        entries = [entry for peer in self._shown if (entry := self._table.get(peer)) is not None]
        if not entries:
            return None
        oldest = min(entry.pinged for entry in entries)
        return max(self._shown_at + 1 / SHOWN_RATE, oldest + SHOWN_SPACING)

    def _probe_shown(self, now: float) -> list[Transmit]:
        at = self._next_shown() if self._shown else None
        if at is None or at > now:
            return []
        self._shown_at = now
        shown = [entry for peer in self._shown if (entry := self._table.get(peer)) is not None]
        entry = min(shown, key=lambda entry: entry.pinged)
        if entry.only_solicited:
            entry.pinged = now
            return []
        out = self._probe(entry, now)
        self.touch(entry)
        return out

    def _bucket(self, first: bool) -> TokenBucket:
        return self._rates.proven_probes if first else self._rates.probes

    def _has_priority(self, entry: PeerEntry) -> bool:
        """Not to wait among those who have proven nothing."""
        return entry.proven or self._table.kept(entry)
