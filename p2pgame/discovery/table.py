"""The table of peers, merged by peer id from everything heard. Bounded, whatever the network sends.

Takes beacons whose signature was checked and returns what changed. Sends nothing and knows no timing of probes.

Room is made fairly: newcomers, who have proven nothing yet, displace newcomers; strangers who have proven themselves
give way only where those fill the table, of the most crowded address first; friends and who is linked now stay.
"""

from collections import Counter, OrderedDict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from p2pgame.core.ids import PeerId, tag_of
from p2pgame.discovery.addresses import Addresses, Evidence
from p2pgame.discovery.chance import RandomSource, pick
from p2pgame.discovery.failure import Failure
from p2pgame.discovery.limits import TokenBucket
from p2pgame.discovery.peer import Peer
from p2pgame.discovery.profile import Profile, compatibility
from p2pgame.discovery.transmit import Contact
from p2pgame.wire.beacon import Beacon, Flag
from p2pgame.wire.names import safe_name

__all__ = [
    "NEWCOMERS_MIN",
    "NEWCOMERS_PER_ADDRESS",
    "PEERS_MAX",
    "TOMBSTONES_MAX",
    "Asker",
    "MergeResult",
    "PeerEntry",
    "PeerTable",
]

PEERS_MAX: Final = 256
NEWCOMERS_PER_ADDRESS: Final = 8
"""Peers that have proven nothing and name one address, which anybody can make up."""
NEWCOMERS_MIN: Final = 64
"""Places of a full table that newcomers always have, whoever fills the others."""
TOMBSTONES_MAX: Final = 1024
KNOWN_RATE: Final = 16.0
"""Signatures a second that are checked for one listed peer ..."""
KNOWN_BURST: Final = 24.0
HEARSAY_RATE: Final = 0.5
"""Copies of a peer's beacon a second that add an address of it ..."""
HEARSAY_BURST: Final = 8.0
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
class Asker:
    """A program that probes us, by its exchange key."""

    key: bytes
    """Of its probes and our proofs; b"" if there is none."""
    budget: TokenBucket
    newest: int = -1
    """The highest count of its probes."""


@dataclass(slots=True)
class PeerEntry:
    """A listed peer, and the evidence for it."""

    peer: PeerId
    beacon: Beacon
    data: bytes
    """The newest datagram: its copies by other ways need no second check of the signature."""
    addresses: Addresses
    heard: float
    """Last sign of life: a newer beacon, or a proof that answers one of our probes."""
    heard_via: dict[str, float]
    """When it was last heard, by way: ``broadcast``, ``mdns``, ``seed``."""
    games: dict[str, str]
    ttl: float
    """Seconds."""
    budget: TokenBucket = field(default_factory=lambda: TokenBucket(KNOWN_RATE, KNOWN_BURST))
    hearsay: TokenBucket = field(default_factory=lambda: TokenBucket(HEARSAY_RATE, HEARSAY_BURST))
    pins: int = 0
    only_solicited: bool = False
    """Heard so far only by solicitations to everyone, whose source address anybody can forge to have us send probes
    there."""
    proven: bool = False
    """It answered a probe by a proof."""
    probe_key: bytes | None = None
    """Shared with it for our probes; None until the first, b"" if it told no key to agree with."""
    asker: Asker | None = None
    """It, when it probes us."""
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
    leave_checked: float = -1e9
    came_from: Contact | None = None
    """Where it answered a challenge from, and our port that it reached ..."""
    hidden: bool = False
    """... which is the way to it, since a router hides it."""
    deaf: bool = False
    """It did not know us when we probed it, so our broadcasts do not reach it."""
    dial_request: bytes = b""
    """The newest genuine one: its copies need no second check."""
    dial_request_seq: int = -1
    dial_requested: float = -1e9
    dial_port: int = 0
    """What the newest one asks for; 0 once it was obeyed."""
    dial_punch: bool = False
    """The peer dials us from there right now."""
    shown: Peer | None = None

    @property
    def expires(self) -> float:
        expires = self.heard + self.ttl
        return expires if self.leaving is None else min(expires, self.leaving)

    @property
    def home(self) -> str:
        """What its address counts as where it is crowded: anybody can have any number of link-local ones."""
        address = self.addresses.best
        if self.addresses.evidence(address) is Evidence.HEARD:
            return ""
        return address.partition("%")[2] or address

    @property
    def contact(self) -> Contact:
        """Where it gets unicast datagrams."""
        return self.contact_at(self.addresses.best, hidden=self.hidden)

    def contact_at(self, address: str, *, hidden: bool) -> Contact:
        """The same for one of its addresses, if a router hides it or not."""
        if hidden and self.came_from is not None:
            return self.came_from
        return Contact((address, self.beacon.udp_port))

    def is_idle_copy(self, data: bytes, addresses: Sequence[str], via: str, now: float) -> bool:
        """Whether `data` is the newest beacon once more, and adds no way or address, or was used for that too often."""
        if data != self.data:
            return False
        if via in self.heard_via and all(address in self.addresses for address in addresses):
            self.heard_via[via] = now
            return True
        return not self.hearsay.take(now)

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

    def __init__(self, profile: Profile, random_source: RandomSource) -> None:
        self.profile = profile
        self.friends: Collection[str] = frozenset()
        """Ids of peers that unknown peers never evict nor keep out."""
        self._random_source = random_source
        self._entries: dict[PeerId, PeerEntry] = {}
        self._by_public_key: dict[bytes, PeerEntry] = {}
        self._by_exchange_key: dict[bytes, PeerEntry] = {}
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

    def by_public_key(self, public_key: bytes) -> PeerEntry | None:
        return self._by_public_key.get(public_key)

    def by_exchange_key(self, exchange_key: bytes) -> PeerEntry | None:
        """The peer that has proven to hold it, else the first that told it: anybody can copy it."""
        return self._by_exchange_key.get(exchange_key)

    def prove(self, entry: PeerEntry) -> None:
        """`entry` answered a probe, so its exchange key is its own."""
        entry.proven = True
        self._by_exchange_key[entry.beacon.exchange_key] = entry

    def kept(self, entry: PeerEntry) -> bool:
        """Not to be evicted for a stranger."""
        return entry.pins > 0 or entry.peer in self.friends

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
            entry = PeerEntry(
                peer,
                beacon,
                data,
                Addresses(addresses, self._random_source),
                now,
                {via: now},
                games,
                beacon.ttl_ms / 1000,
                only_solicited=_is_solicitation(beacon, via),
            )
            self._entries[peer] = self._by_public_key[beacon.public_key] = entry
            self._by_exchange_key.setdefault(beacon.exchange_key, entry)
            self.changed(entry)
            return MergeResult.NEW
        before = self.peer_of(entry)
        if entry.beacon.instance != beacon.instance:  # restarted
            self._add_tombstone_of(entry)
            entry.addresses, entry.heard_via, entry.games = Addresses((), self._random_source), {}, {}
            entry.probed, entry.rtt, entry.came_from = 0, None, None
            entry.hidden = entry.deaf = False
            entry.only_solicited = True
            entry.silence, entry.silent, entry.linked, entry.unreachable = 0, False, False, None
        if entry.beacon.exchange_key != beacon.exchange_key:
            self._forget_exchange_key(entry)
            entry.proven, entry.probe_key, entry.asker = False, None, None
        entry.games = {**entry.games, **games} if beacon.has(Flag.PARTIAL) else games
        entry.beacon, entry.data, entry.ttl = beacon, data, beacon.ttl_ms / 1000
        self._by_exchange_key.setdefault(beacon.exchange_key, entry)
        entry.only_solicited = entry.only_solicited and _is_solicitation(beacon, via)
        entry.heard_via[via] = now
        entry.mark_alive(now)
        if via == "mdns" and entry.addresses:  # anybody may put any address into a record
            entry.addresses.hear(addresses)
        else:
            entry.addresses.hear_newer(addresses[0])
            entry.addresses.hear(addresses)
        return self._result(entry, before)

    def _merge_copy(self, entry: PeerEntry, addresses: Sequence[str], via: str, now: float) -> MergeResult:
        """A copy by another way: one more way and address; no sign of life, since it may be a replay."""
        before = self.peer_of(entry)
        entry.heard_via[via] = now
        entry.only_solicited = entry.only_solicited and _is_solicitation(entry.beacon, via)
        entry.addresses.hear(addresses)
        return self._result(entry, before)

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
                room=beacon.room,
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
        del self._entries[entry.peer], self._by_public_key[entry.beacon.public_key]
        self._forget_exchange_key(entry)
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

    def _forget_exchange_key(self, entry: PeerEntry) -> None:
        if self._by_exchange_key.get(entry.beacon.exchange_key) is entry:
            del self._by_exchange_key[entry.beacon.exchange_key]

    def _make_room(self, peer: PeerId, address: str) -> bool:
        """Make room for the newcomer `peer` heard from `address`, if need be by evicting a stranger."""
        strangers = [entry for entry in self if not self.kept(entry)]
        newcomers = [entry for entry in strangers if not entry.proven]
        if peer not in self.friends:
            neighbours = [entry for entry in newcomers if entry.addresses.best == address]
            if len(neighbours) >= NEWCOMERS_PER_ADDRESS:
                return self._evict(neighbours)
        if len(self) < PEERS_MAX:
            return True
        settled = [entry for entry in strangers if entry.proven]
        if not settled or len(newcomers) >= NEWCOMERS_MIN:
            return self._evict(newcomers)
        homes = Counter(entry.home for entry in settled)
        most = max(homes.values())
        return self._evict([entry for entry in settled if homes[entry.home] == most])

    def _evict(self, candidates: list[PeerEntry]) -> bool:
        """Evict any of `candidates`: who came first is no merit, since those who wait to flood us come first."""
        if not candidates:
            return False
        victim = pick(candidates, self._random_source)
        self.evicted.append(victim)
        self.remove(victim)
        return True
