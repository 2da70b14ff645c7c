"""The table of peers, merged by peer id from everything heard. Bounded, whatever the network sends.

Takes beacons whose signature was checked and returns what changed. Sends nothing and knows no timing of probes.
"""

from collections import OrderedDict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from p2pgame.core.ids import PeerId, tag_of
from p2pgame.discovery.failure import Failure
from p2pgame.discovery.limits import TokenBucket
from p2pgame.discovery.peer import Peer
from p2pgame.discovery.profile import Profile, compatibility
from p2pgame.wire.beacon import Beacon, Flag
from p2pgame.wire.names import safe_name

__all__ = [
    "ADDRESSES_MAX",
    "PEERS_MAX",
    "PEERS_PER_ADDRESS",
    "TOMBSTONES_MAX",
    "MergeResult",
    "PeerEntry",
    "PeerTable",
]

PEERS_MAX: Final = 256
PEERS_PER_ADDRESS: Final = 8
ADDRESSES_MAX: Final = 8
TOMBSTONES_MAX: Final = 1024
KNOWN_RATE: Final = 4.0
"""Signatures a second that are checked for one listed peer ..."""
KNOWN_BURST: Final = 12.0
BROADCAST_STALE: Final = 3.0
"""A peer counts as not heard by broadcast any more after so many ttl."""


class MergeResult(Enum):
    """The effect of a beacon on the table."""

    NEW = 1
    UPDATED = 2
    SAME = 3
    """A sign of life; nothing that is shown changed."""
    IGNORED = 4
    """A replay, an older program of a listed identity, or no room."""


@dataclass(slots=True)
class PeerEntry:
    """A listed peer, and the evidence for it."""

    peer: PeerId
    beacon: Beacon
    data: bytes
    """The newest datagram: its copies by other ways need no second check of the signature."""
    addresses: list[str]
    heard: float
    """Last sign of life: a newer beacon or the pong of one of our probes."""
    heard_via: dict[str, float]
    """When it was last heard, by way: ``broadcast``, ``mdns``, ``seed``."""
    games: dict[str, str]
    budget: TokenBucket = field(default_factory=lambda: TokenBucket(KNOWN_RATE, KNOWN_BURST))
    pins: int = 0
    only_solicited: bool = False
    """Heard so far only by solicitations to everyone, whose source address anybody can forge to have us send probes
    there."""
    proven: bool = False
    """It answered a probe."""
    rtt: float | None = None
    pinged: float = -1e9
    probed: int = 0
    """Probes sent, ever."""
    unanswered: int = 0
    """Probes since the last sign of life."""
    silence: int = 0
    """Probes since it answered one."""
    silent: bool = False
    """So many that it counts as not answering."""
    linked: bool = False
    """There was a link to it: whether it answers probes says nothing more."""
    unreachable: Failure | None = None
    leaving: float | None = None
    """mDNS reported that it left: it is removed at this time unless it is heard before."""
    dial_request_seq: int = -1
    dial_requested: float = -1e9
    shown: Peer | None = None

    @property
    def ttl(self) -> float:
        """Seconds."""
        return self.beacon.ttl_ms / 1000

    @property
    def expires(self) -> float:
        expires = self.heard + self.ttl
        return expires if self.leaving is None else min(expires, self.leaving)

    @property
    def protected(self) -> bool:
        """Not to be evicted for an unknown peer."""
        return self.proven or self.pins > 0

    def mark_alive(self, now: float) -> None:
        """Note a sign of life."""
        self.heard = max(self.heard, now)
        self.unanswered = 0
        self.leaving = None


def _is_solicitation(beacon: Beacon, via: str) -> bool:
    """Whether it is a solicitation to all. One by unicast, of a seed, comes with proof of its address."""
    return via == "broadcast" and beacon.has(Flag.SOLICIT)


class PeerTable:
    """Peers by id, in order of first hearing."""

    def __init__(self, profile: Profile) -> None:
        self.profile = profile
        self.friends: Collection[str] = frozenset()
        """Ids of peers that unknown peers never evict nor keep out."""
        self._entries: dict[PeerId, PeerEntry] = {}
        self._tombstones: OrderedDict[tuple[PeerId, bytes], int] = OrderedDict()
        self._published: tuple[Peer, ...] | None = ()
        self.evicted: list[PeerEntry] = []
        """Entries evicted since this list was last cleared."""

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[PeerEntry]:
        return iter(self._entries.values())

    def get(self, peer: PeerId) -> PeerEntry | None:
        return self._entries.get(peer)

    def peers(self) -> tuple[Peer, ...]:
        """The public peers; a new tuple whenever one of them changed."""
        if self._published is None:
            self._published = tuple(self.peer_of(entry) for entry in self._entries.values())
        return self._published

    def changed(self, entry: PeerEntry) -> None:
        """Note that a public field of `entry` changed."""
        entry.shown = self._published = None

    def is_newer(self, peer: PeerId, beacon: Beacon) -> bool:
        """Whether it is newer than everything heard of its instance before, so that its signature is worth a check."""
        entry = self._entries.get(peer)
        if entry is not None and entry.beacon.instance == beacon.instance:
            return beacon.seq > entry.beacon.seq
        if entry is not None and beacon.seq < entry.beacon.seq:
            return False
        return beacon.seq > self._tombstones.get((peer, beacon.instance), -1)

    def merge(
        self, peer: PeerId, beacon: Beacon, data: bytes, addresses: Sequence[str], via: str, now: float
    ) -> MergeResult:
        """Merge a verified beacon that came by `via` from `addresses`, best first, not empty."""
        entry = self._entries.get(peer)
        if entry is not None and entry.beacon.instance == beacon.instance and beacon.seq <= entry.beacon.seq:
            return self._merge_copy(entry, addresses, via, now)
        if not self.is_newer(peer, beacon):
            return MergeResult.IGNORED
        games = {name: digest.hex() for name, digest in beacon.games.items()}
        if entry is None:
            if not self._make_room(peer, addresses[0]):
                return MergeResult.IGNORED
            addresses = list(dict.fromkeys(addresses))[:ADDRESSES_MAX]
            entry = PeerEntry(
                peer,
                beacon,
                data,
                addresses,
                now,
                {via: now},
                games,
                only_solicited=_is_solicitation(beacon, via),
            )
            self._entries[peer] = entry
            self.changed(entry)
            return MergeResult.NEW
        before = self.peer_of(entry)
        if entry.beacon.instance != beacon.instance:  # restarted
            self._add_tombstone_of(entry)
            entry.addresses, entry.heard_via, entry.games = [], {}, {}
            entry.proven, entry.probed, entry.rtt = False, 0, None
            entry.only_solicited = True
            entry.silence, entry.silent, entry.linked, entry.unreachable = 0, False, False, None
        entry.games = {**entry.games, **games} if beacon.has(Flag.PARTIAL) else games
        entry.beacon, entry.data = beacon, data
        entry.only_solicited = entry.only_solicited and _is_solicitation(beacon, via)
        entry.heard_via[via] = now
        entry.mark_alive(now)
        if via == "mdns":  # anybody may put any address into a record
            self._add(entry, addresses)
        else:
            self._add_newer(entry, addresses[0])
        return self._result(entry, before)

    def _merge_copy(self, entry: PeerEntry, addresses: Sequence[str], via: str, now: float) -> MergeResult:
        """A copy by another way: one more way and address; no sign of life, since it may be a replay."""
        before = self.peer_of(entry)
        entry.heard_via[via] = now
        entry.only_solicited = entry.only_solicited and _is_solicitation(entry.beacon, via)
        self._add(entry, addresses)
        return self._result(entry, before)

    def _add(self, entry: PeerEntry, addresses: Sequence[str]) -> None:
        entry.addresses = list(dict.fromkeys((*entry.addresses, *addresses)))[:ADDRESSES_MAX]

    def _add_newer(self, entry: PeerEntry, address: str) -> None:
        """Put a new address before the others of its family; known ones keep their order."""
        known = entry.addresses
        if address in known:
            return
        if not known or (":" in known[0]) >= (":" in address):
            entry.addresses = [address, *known][:ADDRESSES_MAX]
        else:
            self._add(entry, (address,))

    def _result(self, entry: PeerEntry, before: Peer) -> MergeResult:
        self.changed(entry)
        return MergeResult.SAME if self.peer_of(entry) == before else MergeResult.UPDATED

    def peer_of(self, entry: PeerEntry) -> Peer:
        """The public `Peer` of `entry`."""
        if entry.shown is None:
            beacon = entry.beacon
            reason, params = compatibility(self.profile, beacon.protocol, entry.games)
            entry.shown = Peer(
                peer=entry.peer,
                instance=beacon.instance.hex(),
                name=safe_name(beacon.name, f"Player-{tag_of(entry.peer)}"),
                addresses=tuple(entry.addresses),
                tcp_port=beacon.tcp_port,
                udp_port=beacon.udp_port,
                via=tuple(sorted(entry.heard_via)),
                status="busy" if beacon.has(Flag.BUSY) else "idle",
                playing=beacon.playing,
                games=dict(entry.games),
                version=safe_name(beacon.version, "?"),
                compatible=not reason,
                reason=reason,
                reason_params=params,
                rtt_ms=None if entry.rtt is None else round(entry.rtt * 1000, 3),
                silent=entry.silent,
                unreachable=entry.unreachable,
            )
        return entry.shown

    def remove(self, entry: PeerEntry) -> Peer:
        """Remove `entry`; its old beacons cannot list it again."""
        shown = self.peer_of(entry)
        del self._entries[entry.peer]
        self._published = None
        self._add_tombstone_of(entry)
        return shown

    def add_tombstone(self, peer: PeerId, instance: bytes, seq: int) -> None:
        """From now on ignore beacons of `instance` up to `seq`."""
        key = (peer, instance)
        self._tombstones[key] = max(seq, self._tombstones.pop(key, -1))
        if len(self._tombstones) > TOMBSTONES_MAX:
            self._tombstones.popitem(last=False)

    def _add_tombstone_of(self, entry: PeerEntry) -> None:
        self.add_tombstone(entry.peer, entry.beacon.instance, entry.beacon.seq)

    def expire_broadcast(self, entry: PeerEntry, now: float) -> bool:
        """Forget that `entry` was heard by broadcast if that is long ago. Returns whether that changed anything."""
        heard = entry.heard_via.get("broadcast", now)
        if len(entry.heard_via) < 2 or heard + BROADCAST_STALE * entry.ttl > now:
            return False
        del entry.heard_via["broadcast"]
        self.changed(entry)
        return True

    def _make_room(self, peer: PeerId, address: str) -> bool:
        """Make room for `peer` heard from `address`, if need be by evicting one with less evidence."""
        if peer in self.friends:
            return (
                len(self) < PEERS_MAX or self._evict(list(self)) or self._evict(list(self), for_friend=True)
            )
        neighbours = [entry for entry in self._entries.values() if entry.addresses[0] == address]
        if len(neighbours) >= PEERS_PER_ADDRESS:
            return self._evict(neighbours)
        return len(self._entries) < PEERS_MAX or self._evict(list(self._entries.values()))

    def _evict(self, entries: list[PeerEntry], *, for_friend: bool = False) -> bool:
        victims = [
            entry
            for entry in entries
            if entry.peer not in self.friends and not (entry.pins if for_friend else entry.protected)
        ]
        if not victims:
            return False
        # Real newcomers answer their probe at once, invented ones never: the most probed goes first.
        victim = max(victims, key=lambda entry: (entry.probed, -entry.heard))
        self.evicted.append(victim)
        self.remove(victim)
        return True
