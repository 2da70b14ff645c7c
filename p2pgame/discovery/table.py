"""The table of peers, merged by peer id from everything heard. Bounded, whatever the network sends.

Takes beacons whose signature was checked and returns what changed. Sends nothing and knows no timing of probes.

Room is made fairly: who was only told of, by another peer, gives way to who is heard, and displaces nobody; newcomers,
who have proven nothing yet, displace newcomers; strangers who have proven themselves give way only where those fill
the table, of the most crowded address first; friends and who is linked now stay. Where there are more peers than
places, a peer that is no newcomer gets one only now and then, so that the list stands still.
"""

from collections import Counter, OrderedDict
from collections.abc import Collection, Iterator, Sequence
from enum import Enum
from functools import cache, lru_cache
from math import inf
from typing import Final

import msgspec

from p2pgame.core.errors import Param
from p2pgame.core.ids import PeerId, peer_id_of, tag_of
from p2pgame.discovery.addresses import Addresses, Evidence
from p2pgame.discovery.chance import RandomSource, pick
from p2pgame.discovery.failure import Failure
from p2pgame.discovery.limits import Pace, TokenBucket
from p2pgame.discovery.peer import Peer
from p2pgame.discovery.pool import Pool
from p2pgame.discovery.profile import Profile, compatibility
from p2pgame.discovery.transmit import Contact
from p2pgame.wire.beacon import KEY_SIZE, Beacon, Flag, SignedBeacon, datagram_key, decode, later_seq
from p2pgame.wire.names import safe_name

__all__ = [
    "NEWCOMERS_MIN",
    "NEWCOMERS_PER_ADDRESS",
    "PEERS_MAX",
    "TOLD_PER_TELLER",
    "TOMBSTONES_MAX",
    "Asker",
    "Dial",
    "MergeResult",
    "PeerEntry",
    "PeerTable",
]

PEERS_MAX: Final = 1024
NEWCOMERS_PER_ADDRESS: Final = 8
"""Peers that have proven nothing and name one address, which anybody can make up."""
NEWCOMERS_MIN: Final = 256
"""Places of a full table that newcomers always have, whoever fills the others."""
TOLD_PER_TELLER: Final = 512
"""Peers listed on the word of one other alone."""
CHURN_RATE: Final = 1.0
"""Peers a second that get a place in a full table though they are no newcomers ..."""
CHURN_BURST: Final = 8.0
TOMBSTONES_MAX: Final = 2048
KNOWN_RATE: Final = 16.0
"""Signatures a second that are checked for one listed peer ..."""
KNOWN_BURST: Final = 24.0
HEARSAY_RATE: Final = 0.5
"""Copies of a peer's beacon a second that add an address of it ..."""
HEARSAY_BURST: Final = 8.0
_KNOWN, _HEARSAY = Pace(KNOWN_RATE, KNOWN_BURST), Pace(HEARSAY_RATE, HEARSAY_BURST)
_NEWS: Final = ~int(Flag.BUSY | Flag.PARTIAL)
"""Flags of beacons that mean more than "still here"."""
_SAMPLE: Final = 64
"""Of so many, drawn at random, one gives way."""
_GAMES_KEPT: Final = 64
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


class Ways(msgspec.Struct, eq=False, gc=False):
    """When a peer was last heard, by way. As a dictionary it would cost four times as much."""

    broadcast: float | None = None
    bundle: float | None = None
    mdns: float | None = None
    seed: float | None = None

    def __getitem__(self, way: str) -> float | None:
        heard: float | None = getattr(self, way)
        return heard

    def __setitem__(self, way: str, now: float) -> None:
        setattr(self, way, now)

    def __delitem__(self, way: str) -> None:
        setattr(self, way, None)

    def __contains__(self, way: object) -> bool:
        return getattr(self, str(way)) is not None

    def __iter__(self) -> Iterator[str]:
        return (way for way in Ways.__struct_fields__ if self[way] is not None)

    def __len__(self) -> int:
        ways = (self.broadcast, self.bundle, self.mdns, self.seed)
        return 4 - ways.count(None)


class Asker(msgspec.Struct, eq=False, gc=False):
    """A program that probes us, by its exchange key."""

    key: bytes
    """Of its probes and our proofs; b"" if there is none."""
    paid_until: float = -inf
    """For `limits.Pace`."""
    newest: int = -1
    """The highest count of its probes."""


class Dial(msgspec.Struct, eq=False, gc=False):
    """A genuine request to be dialled."""

    data: bytes
    """Its copies need no second check."""
    seq: int
    at: float
    port: int
    """Where to dial; 0 once it was obeyed."""
    punch: bool
    """The peer dials us from there right now."""


class PeerEntry(msgspec.Struct, eq=False, gc=False):
    """A listed peer, and the evidence for it. There is a thousand of them, so the garbage collector, whose header costs
    as much as two fields, looks at none: nothing in here leads back to it."""

    peer: PeerId
    data: bytes
    """The newest beacon's datagram: its copies by other ways need no second check of the signature."""
    exchange_key: bytes
    instance_hex: str
    """As it is shown, so that it is kept once."""
    seq: int
    udp_port: int
    by_seed: bool
    """That beacon came by unicast."""
    repeats: bool
    """It came by broadcast, and asks and tells nothing: a later one that says the same is no more than a sign of life.
    This much is kept of it; for the rest it is read again."""
    addresses: Addresses
    heard: float
    """Last sign of life: a newer beacon, or a proof that answers one of our probes."""
    heard_via: Ways
    """When it was last heard, by way: ``broadcast``, ``mdns``, ``seed``; ``bundle``: only told of."""
    games: dict[str, str]
    """Shared with others that have the same."""
    ttl: float
    """Seconds."""
    home_at_first: str = ""
    """Where it was first heard."""
    told_by: PeerId | None = None
    """Who told of it, as long as nothing else shows that it is there."""
    probe_from: float = 0.0
    """No probe before that time, so that not all of a hall probe a newcomer at once."""
    paid_until: float = -inf
    """The checks of its signatures are paid for until then: see `take` ..."""
    hearsay_paid: float = -inf
    """... and copies that add an address."""
    pins: int = 0
    asked: int = 0
    """Solicitations in a row."""
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
    introduced: float = -1e9
    """When we last told it by unicast who we are: it answers with its beacon."""
    deaf: bool = False
    """It did not know us when we probed it, so our broadcasts do not reach it."""
    dial: Dial | None = None
    """The newest of its requests to be dialled."""
    shown: Peer | None = None
    due: float = inf
    """For `deadlines.Deadlines` ..."""
    queued: float = inf

    def __lt__(self, other: "PeerEntry") -> bool:
        return self.peer < other.peer  # of those that are due at once, so that every run repeats

    @property
    def beacon(self) -> Beacon:
        """The newest one, read again: to keep it would be a third of what a peer costs."""
        message = decode(self.data)
        if isinstance(message, SignedBeacon) and isinstance(message.body, Beacon):
            return message.body
        raise ValueError("no beacon")

    @property
    def public_key(self) -> bytes:
        return datagram_key(self.data)

    @property
    def instance(self) -> bytes:
        return bytes.fromhex(self.instance_hex)

    def read(self, beacon: Beacon, data: bytes) -> None:
        """Keep a newer beacon."""
        self.data, self.exchange_key, self.seq = data, beacon.exchange_key, beacon.seq
        self.instance_hex = beacon.instance.hex()
        self.udp_port, self.ttl = _port(beacon.udp_port), _seconds(beacon.ttl_ms)
        self.by_seed, self.repeats = beacon.has(Flag.SEED), _repeats(beacon)

    def take(self, now: float) -> bool:
        """A budget for checks of its signatures: `KNOWN_RATE` a second, `KNOWN_BURST` at once."""
        paid = _KNOWN.pay(self.paid_until, now)
        self.paid_until = self.paid_until if paid is None else paid
        return paid is not None

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
        return Contact((address, self.udp_port))

    def is_idle_copy(self, data: bytes, addresses: Sequence[str], via: str, now: float) -> bool:
        """Whether `data` is the newest beacon once more, and adds no way or address, or was used for that too often."""
        if data != self.data:
            return False
        if via in self.heard_via and all(address in self.addresses for address in addresses):
            self.heard_via[via] = now
            return True
        paid = _HEARSAY.pay(self.hearsay_paid, now)
        self.hearsay_paid = self.hearsay_paid if paid is None else paid
        return paid is None

    def mark_alive(self, now: float) -> None:
        """Note a sign of life."""
        self.heard = max(self.heard, now)
        self.unanswered = 0
        self.leaving = None


def _repeats(beacon: Beacon) -> bool:
    return not beacon.chat and not beacon.flags & _NEWS


def _is_solicitation(beacon: Beacon, via: str) -> bool:
    """Whether it is a solicitation to all. One by unicast, of a seed, comes with proof of its address."""
    return via == "broadcast" and beacon.has(Flag.SOLICIT)


_NO_PARAMS: Final[dict[str, Param]] = {}


@lru_cache(_GAMES_KEPT)
def _seconds(ttl_ms: int) -> float:
    """Most peers have the same ttl, so it is shared."""
    return ttl_ms / 1000


@lru_cache(_GAMES_KEPT)
def _port(number: int) -> int:
    """The same, one object for the many that have the same."""
    return number


def _place(address: str) -> str:
    """What counts as one place: all link-local addresses of an interface, since anybody can have any number of them."""
    return address.partition("%")[2] or address


@cache
def _via(ways: frozenset[str]) -> tuple[str, ...]:
    """Sorted; there are few, so they are shared."""
    return tuple(sorted(ways))


def _shown_alike(old: Beacon, new: Beacon) -> bool:
    """Whether a list shows both in the same way, but for their games."""
    return (
        old.name == new.name
        and old.version == new.version
        and (old.tcp_port, old.udp_port) == (new.tcp_port, new.udp_port)
        and old.instance == new.instance
        and old.protocol == new.protocol
        and old.playing == new.playing
        and old.room == new.room
        and old.has(Flag.BUSY) == new.has(Flag.BUSY)
    )


class PeerTable:
    """Peers by id, in order of first hearing."""

    def __init__(self, profile: Profile, random_source: RandomSource) -> None:
        self.profile = profile
        self.friends: Collection[str] = frozenset()
        """Ids of peers that unknown peers never evict nor keep out."""
        self._random_source = random_source
        self._entries: dict[PeerId, PeerEntry] = {}
        self._by_exchange_key: dict[bytes, PeerEntry] = {}
        self._tombstones: OrderedDict[tuple[PeerId, bytes], int] = OrderedDict()
        self._published: tuple[Peer, ...] | None = ()
        self._told: Pool[PeerEntry] = Pool()
        self._newcomers: Pool[PeerEntry] = Pool()
        self._settled: Pool[PeerEntry] = Pool()
        """Each entry is in one of these: told of, heard, proven."""
        self._unproven_at: dict[str, list[PeerEntry]] = {}
        """The first two of them by where they were first heard."""
        self._homes: Counter[str] = Counter()
        """Of the proven ones, where they were first heard."""
        self._told_by: Counter[PeerId] = Counter()
        self._churn = TokenBucket(CHURN_RATE, CHURN_BURST)
        self._games: OrderedDict[tuple[tuple[str, str], ...], dict[str, str]] = OrderedDict()
        """The newest different ones, to be shared."""
        self._texts: dict[str, str] = {}
        self.evicted: list[PeerEntry] = []
        """Entries evicted since this list was last cleared."""

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[PeerEntry]:
        return iter(self._entries.values())

    @property
    def full(self) -> bool:
        return len(self) >= PEERS_MAX

    def get(self, peer: PeerId) -> PeerEntry | None:
        return self._entries.get(peer)

    def by_public_key(self, public_key: bytes) -> PeerEntry | None:
        return self._entries.get(peer_id_of(public_key)) if len(public_key) == KEY_SIZE else None

    def by_exchange_key(self, exchange_key: bytes) -> PeerEntry | None:
        """The peer that has proven to hold it, else the first that told it: anybody can copy it."""
        return self._by_exchange_key.get(exchange_key)

    def prove(self, entry: PeerEntry) -> None:
        """`entry` answered a probe, so its exchange key is its own."""
        entry.proven = True
        self._by_exchange_key[entry.exchange_key] = entry
        self._sort(entry)

    @property
    def crowd(self) -> int:
        """At how many places there are peers that have proven themselves: who invents peers has few places."""
        return len(self._homes)

    def some(self, count: int) -> list[PeerEntry]:
        """Some that are not merely told of, at random."""
        return [e for pool in (self._settled, self._newcomers) for e in pool.some(count, self._random_source)]

    def kept(self, entry: PeerEntry) -> bool:
        """Not to be evicted for a stranger."""
        return entry.pins > 0 or entry.peer in self.friends

    def peers(self) -> tuple[Peer, ...]:
        """The public peers; a new tuple whenever one of them changed."""
        if self._published is None:
            # a list, and no call for who is as before: of a thousand most are
            self._published = tuple([entry.shown or self.peer_of(entry) for entry in self._entries.values()])
        return self._published

    def changed(self, entry: PeerEntry) -> None:
        """Note that a public field of `entry` changed."""
        entry.shown = self._published = None

    def is_newer(self, peer: PeerId, beacon: Beacon) -> bool:
        """Whether it is newer than everything heard of its instance before, so that its signature is worth a check."""
        entry = self._entries.get(peer)
        if entry is not None and entry.instance == beacon.instance:
            return beacon.seq > entry.seq
        if entry is not None and beacon.seq < entry.seq:
            return False
        return beacon.seq > self._tombstones.get((peer, beacon.instance), -1)

    def merge(
        self, peer: PeerId, beacon: Beacon, data: bytes, addresses: Sequence[str], via: str, now: float
    ) -> MergeResult:
        """Merge a verified beacon that came by `via` from `addresses`, best first, not empty."""
        entry = self._entries.get(peer)
        if entry is not None and entry.instance == beacon.instance and beacon.seq <= entry.seq:
            return self._merge_copy(entry, addresses, via, now)
        if not self.is_newer(peer, beacon):
            return MergeResult.IGNORED
        if entry is None:
            newcomer = via == "broadcast" and bool(beacon.flags & (Flag.NEW | Flag.SOLICIT))
            fresh = newcomer or (via == "seed" and not beacon.has(Flag.SOLICIT))  # a seed that we asked
            if not self._make_room(peer, addresses[0], now, fresh=fresh):
                return MergeResult.IGNORED
            entry = self._add(peer, beacon, data, addresses, via, now)
            entry.only_solicited = _is_solicitation(beacon, via)
            return MergeResult.NEW
        before = self.peer_of(entry)
        old, places, known_way = entry.beacon, tuple(entry.addresses), via in entry.heard_via
        games = self._shared_games({name: digest.hex() for name, digest in beacon.games.items()})
        if old.instance != beacon.instance:  # restarted
            self._add_tombstone_of(entry)
            entry.addresses, entry.heard_via, entry.games = Addresses((), self._random_source), Ways(), {}
            entry.probed, entry.rtt, entry.came_from, entry.asked = 0, None, None, 0
            entry.hidden = entry.deaf = False
            entry.only_solicited = True
            entry.silence, entry.silent, entry.linked, entry.unreachable = 0, False, False, None
        if old.exchange_key != beacon.exchange_key:
            self._forget_exchange_key(entry)
            entry.proven, entry.probe_key, entry.asker = False, None, None
        if beacon.has(Flag.PARTIAL):
            games = self._shared_games({**entry.games, **games})
        same = entry.games is games and _shown_alike(old, beacon)
        entry.games = games
        entry.read(beacon, data)
        self._by_exchange_key.setdefault(beacon.exchange_key, entry)
        entry.only_solicited = entry.only_solicited and _is_solicitation(beacon, via)
        if via == "broadcast" and "bundle" in entry.heard_via:
            entry.deaf = (
                False  # it is not in another network, as it seemed; if it hears us not, its updates say so
            )
        entry.heard_via[via] = now
        self._confirm(entry)
        entry.mark_alive(now)
        if via == "mdns" and entry.addresses:  # anybody may put any address into a record
            entry.addresses.hear(addresses)
        else:
            entry.addresses.hear_newer(addresses[0])
            entry.addresses.hear(addresses)
        if same and known_way and places == tuple(entry.addresses):
            return MergeResult.SAME
        return self._result(entry, before)

    def repeated_seq(self, entry: PeerEntry, data: bytes, address: str) -> int | None:
        """The sequence number of `data` if it is no more than a sign of life: the newest beacon of `entry` once more,
        later, and by broadcast from where that was heard. Its signature is still to be checked.
        """
        known = entry.repeats and entry.told_by is None and not entry.only_solicited
        if not known or entry.heard_via["broadcast"] is None or address not in entry.addresses:
            return None
        seq = later_seq(entry.data, data)
        return seq if seq is not None and seq > entry.seq else None

    def repeat(self, entry: PeerEntry, data: bytes, seq: int, now: float) -> None:
        """Note a verified beacon that has a `repeated_seq`."""
        entry.data, entry.seq = data, seq
        entry.heard_via["broadcast"] = now
        entry.mark_alive(now)

    def tell(
        self,
        peer: PeerId,
        beacon: Beacon,
        data: bytes,
        addresses: Sequence[str],
        teller: PeerId,
        heard: float,
    ) -> PeerEntry | None:
        """List a peer that is not listed, by a verified beacon that `teller` passed on; None if it finds no place.

        `heard`: when `teller` had a sign of life of it. `addresses`, not empty, are the word of `teller`.
        """
        if not self.is_newer(peer, beacon) or not self._make_room(peer, addresses[0], heard, teller=teller):
            return None
        entry = self._add(peer, beacon, data, addresses, "bundle", heard, teller)
        self._told_by[teller] += 1
        return entry

    def _add(
        self,
        peer: PeerId,
        beacon: Beacon,
        data: bytes,
        addresses: Sequence[str],
        via: str,
        heard: float,
        teller: PeerId | None = None,
    ) -> PeerEntry:
        games = self._shared_games({name: digest.hex() for name, digest in beacon.games.items()})
        entry = PeerEntry(
            peer,
            data,
            beacon.exchange_key,
            beacon.instance.hex(),
            beacon.seq,
            _port(beacon.udp_port),
            beacon.has(Flag.SEED),
            _repeats(beacon),
            Addresses(addresses, self._random_source),
            heard,
            Ways(**{via: heard}),
            games,
            _seconds(beacon.ttl_ms),
            home_at_first=addresses[0],
            told_by=teller,
        )
        self._entries[peer] = entry
        self._by_exchange_key.setdefault(beacon.exchange_key, entry)
        self._unproven_at.setdefault(entry.home_at_first, []).append(entry)
        self._sort(entry)
        self.changed(entry)
        return entry

    def _confirm(self, entry: PeerEntry) -> None:
        """It was heard, or has answered: it is no longer somebody's word."""
        if entry.told_by is not None:
            self._told_by[entry.told_by] -= 1
            if not self._told_by[entry.told_by]:
                del self._told_by[entry.told_by]
            entry.told_by = None
        if len(entry.heard_via) > 1:
            del entry.heard_via["bundle"]
        self._sort(entry)

    def _sort(self, entry: PeerEntry) -> None:
        """Put it where it belongs by what it has shown."""
        if entry.proven and entry.told_by is not None:
            self._confirm(entry)
            return
        home = self._settled if entry.proven else self._told if entry.told_by is not None else self._newcomers
        if entry in home:
            return
        self._leave_pools(entry)
        home.add(entry)
        if entry.proven:
            entry.probe_from = 0.0
            self._forget_home(entry)
            self._homes[_place(entry.home_at_first)] += 1

    def _leave_pools(self, entry: PeerEntry) -> None:
        if entry in self._settled:
            place = _place(entry.home_at_first)
            self._homes[place] -= 1
            if not self._homes[place]:
                del self._homes[place]
        for pool in (self._settled, self._told, self._newcomers):
            pool.discard(entry)

    def _forget_home(self, entry: PeerEntry) -> None:
        there = self._unproven_at.get(entry.home_at_first, [])
        if entry in there:
            there.remove(entry)
            if not there:
                del self._unproven_at[entry.home_at_first]

    def _shared_text(self, text: str) -> str:
        """The same, one object for all that have the same."""
        if len(self._texts) >= _GAMES_KEPT:
            self._texts.clear()
        return self._texts.setdefault(text, text)

    def _shared_games(self, games: dict[str, str]) -> dict[str, str]:
        """The same, one object for all that have the same."""
        key = tuple(sorted(games.items()))
        shared = self._games.get(key)
        if shared is None:
            shared = self._games[key] = games
            if len(self._games) > _GAMES_KEPT:
                self._games.popitem(last=False)
        return shared

    def _merge_copy(self, entry: PeerEntry, addresses: Sequence[str], via: str, now: float) -> MergeResult:
        """A copy by another way: one more way and address; no sign of life, since it may be a replay."""
        before = self.peer_of(entry)
        entry.heard_via[via] = now
        if entry.told_by is None:
            self._confirm(entry)
        entry.only_solicited = entry.only_solicited and _is_solicitation(entry.beacon, via)
        entry.addresses.hear(addresses)
        return self._result(entry, before)

    def _result(self, entry: PeerEntry, before: Peer) -> MergeResult:
        entry.shown = None
        if self.peer_of(entry) == before:
            entry.shown = before
            return MergeResult.SAME
        self._published = None
        return MergeResult.UPDATED

    def peer_of(self, entry: PeerEntry) -> Peer:
        """The public `Peer` of `entry`."""
        if entry.shown is None:
            beacon = entry.beacon
            reason, params = compatibility(self.profile, beacon.protocol, entry.games)
            entry.shown = Peer(
                peer=entry.peer,
                instance=entry.instance_hex,
                name=safe_name(beacon.name, f"Player-{tag_of(entry.peer)}"),
                addresses=tuple(entry.addresses),
                tcp_port=_port(beacon.tcp_port),
                udp_port=entry.udp_port,
                via=_via(frozenset(entry.heard_via)),
                status="busy" if beacon.has(Flag.BUSY) else "idle",
                playing=beacon.playing,
                avatar=beacon.avatar,
                room=beacon.room,
                games=entry.games,
                version=self._shared_text(safe_name(beacon.version, "?")),
                compatible=not reason,
                reason=reason,
                reason_params=params or _NO_PARAMS,
                rtt_ms=None if entry.rtt is None else round(entry.rtt * 1000, 3),
                silent=entry.silent,
                unreachable=entry.unreachable,
            )
        return entry.shown

    def remove(self, entry: PeerEntry) -> Peer:
        """Remove `entry`; its old beacons cannot list it again."""
        shown = self.peer_of(entry)
        del self._entries[entry.peer]
        self._forget_exchange_key(entry)
        self._forget_home(entry)
        self._leave_pools(entry)
        if entry.told_by is not None:
            self._told_by[entry.told_by] -= 1
            if not self._told_by[entry.told_by]:
                del self._told_by[entry.told_by]
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
        self.add_tombstone(entry.peer, entry.instance, entry.seq)

    def expire_broadcast(self, entry: PeerEntry, now: float) -> bool:
        """Forget that `entry` was heard by broadcast if that is long ago. Returns whether that changed anything."""
        heard = entry.heard_via["broadcast"]
        if heard is None or len(entry.heard_via) < 2 or heard + BROADCAST_STALE * entry.ttl > now:
            return False
        del entry.heard_via["broadcast"]
        self.changed(entry)
        return True

    def _forget_exchange_key(self, entry: PeerEntry) -> None:
        if self._by_exchange_key.get(entry.exchange_key) is entry:
            del self._by_exchange_key[entry.exchange_key]

    def _make_room(
        self, peer: PeerId, address: str, now: float, *, fresh: bool = False, teller: PeerId | None = None
    ) -> bool:
        """Make room for `peer`, heard from `address`, if need be by evicting a stranger.

        `fresh`: it has just been started. `teller`: who told of it, if it was not heard.
        """
        friend = peer in self.friends
        neighbours = [e for e in self._unproven_at.get(address, ()) if not self.kept(e)]
        crowded = not friend and len(neighbours) >= NEWCOMERS_PER_ADDRESS
        if teller is not None:
            return not crowded and len(self) < PEERS_MAX and self._told_by[teller] < TOLD_PER_TELLER
        if crowded:
            return self._evict([e for e in neighbours if e.told_by is not None] or neighbours)
        if len(self) < PEERS_MAX:
            return True
        if not (friend or fresh) and not self._churn.take(now):
            return False
        if self._evict(self._strangers(self._told)):
            return True
        settled = self._strangers(self._settled)
        if not settled or len(self._newcomers) >= NEWCOMERS_MIN:
            return self._evict(self._strangers(self._newcomers))
        homes = Counter(entry.home for entry in settled)
        most = max(homes.values())
        return self._evict([entry for entry in settled if homes[entry.home] == most])

    def _strangers(self, pool: Pool[PeerEntry]) -> list[PeerEntry]:
        """Some of `pool` who may give way, at random; empty only if there is none."""
        some = [entry for entry in pool.some(_SAMPLE, self._random_source) if not self.kept(entry)]
        return some or [entry for entry in pool if not self.kept(entry)]

    def _evict(self, candidates: list[PeerEntry]) -> bool:
        """Evict any of `candidates`: who came first is no merit, since those who wait to flood us come first."""
        if not candidates:
            return False
        victim = pick(candidates, self._random_source)
        self.evicted.append(victim)
        self.remove(victim)
        return True
