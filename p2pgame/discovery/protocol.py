"""Discovery without sockets: datagrams, records and time in; datagrams, a record and events out.

Ties together the table, the schedule, the probes and the seeds. Every datagram goes the same way: look at the
header, find out whose it is, limit its key or else its source, parse, drop old beacons, check the signature, and only
then change state. What counts is the key first: a source address is anybody's.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from math import inf
from typing import Final

from p2pgame.core.errors import RemoteProtocolError
from p2pgame.core.ids import PeerId, peer_id_of
from p2pgame.discovery.addresses import Evidence
from p2pgame.discovery.announcer import Announcer
from p2pgame.discovery.chance import RandomSource, pick, random_bytes
from p2pgame.discovery.dial_requests import DialRequests
from p2pgame.discovery.events import (
    DialRequested,
    DiscoveryEvent,
    DuplicateIdentity,
    Found,
    HeardMarks,
    Lost,
    Updated,
)
from p2pgame.discovery.failure import Failure
from p2pgame.discovery.limits import Budget
from p2pgame.discovery.peer import Peer
from p2pgame.discovery.probes import LEAVE_CHECK, Answers, Probes, UnknownAskers, probe_at, silent_at
from p2pgame.discovery.profile import Profile
from p2pgame.discovery.rates import Rates
from p2pgame.discovery.schedule import interval
from p2pgame.discovery.seeds import AddressTokens, Seeds, SocketAddress
from p2pgame.discovery.table import MergeResult, PeerEntry, PeerTable
from p2pgame.discovery.transmit import Contact, Listed, Transmit
from p2pgame.discovery.updates import UnicastUpdates
from p2pgame.wire.beacon import (
    ANYONE,
    HEADER,
    KEY_SIZE,
    LENGTHS,
    Beacon,
    Challenge,
    ChatMark,
    DatagramType,
    DialRequest,
    Flag,
    Pong,
    SignedBeacon,
    Signer,
    datagram_key,
    datagram_of_txt,
    decode,
    decode_challenge,
    decode_ping,
    decode_probe,
    decode_proof,
    encode_challenge,
    encode_dial_request,
    encode_pong,
    header,
    ping_instance,
    probe_key,
)
from p2pgame.wire.probe import ExchangeKey

__all__ = ["DiscoveryProtocol"]

CLONES_MAX: Final = 16
FEW_PEERS: Final = 8
_RECORD = "mdns"
"""Stands for the source of what came by mDNS, which has none that counts."""


class DiscoveryProtocol:
    """One program's view of the LAN. `now` is monotonic seconds everywhere."""

    def __init__(
        self,
        *,
        signer: Signer,
        instance: bytes,
        profile: Profile,
        tcp_port: int,
        udp_port: int,
        first_seq: int,
        random_source: RandomSource,
    ) -> None:
        self.peer = peer_id_of(signer.public_key)
        self.instance = instance
        self._pinged = (instance, ANYONE)
        self._signer = signer
        self._tcp_port = tcp_port
        self._random_source = random_source
        exchange_key = ExchangeKey(random_bytes(32, random_source))
        self._announcer = Announcer(
            signer, exchange_key.public_key, instance, profile, (tcp_port, udp_port), first_seq, random_source
        )
        self._table = PeerTable(profile, random_source)
        self._probes = Probes(exchange_key, random_source)
        self._answers = Answers(exchange_key, signer.public_key)
        self._seeds = Seeds()
        self._updates = UnicastUpdates()
        self._tokens = AddressTokens(random_bytes(32, random_source))
        self._unknown = UnknownAskers()
        self._dial_requests = DialRequests(random_source)
        self._rates = Rates()
        self.receivers: Mapping[bytes, Callable[[bytes, SocketAddress, float, bool], bool]] = {
            header(DatagramType.BEACON): self._receive_signed,
            header(DatagramType.DIAL_REQUEST): self._receive_dial_request,
            header(DatagramType.PROBE): self._receive_probe,
            header(DatagramType.PROOF): self._receive_proof,
            header(DatagramType.PING): self._receive_ping,
            header(DatagramType.CHALLENGE): self._receive_challenge,
        }
        """Parts of `receive_datagram` by the header, for who has looked at it and at the length already."""
        self._rtt_wanted = False
        self._clones: set[bytes] = set()
        self._out: list[Transmit] = []
        self._events: list[DiscoveryEvent] = []

    @property
    def profile(self) -> Profile:
        """The content of our beacons."""
        return self._announcer.profile

    # Commands

    def start(self, now: float) -> None:
        """Announce ourselves and solicit beacons. Again after sleep or when the interfaces changed."""
        self._announcer.start(now)
        self._seeds.restart(now)
        self._updates.start(now, interval(len(self._table) + 1))
        self.handle_timeout(now)

    def stop(self, now: float) -> None:
        """Send goodbyes, three within 60 ms: `handle_timeout` is to be called for so long."""
        self._announcer.stop(now, len(self._table) + 1)
        self.handle_timeout(now)

    def set_profile(self, profile: Profile, now: float) -> None:
        """Announce a changed profile, at once or as soon as the rate allows."""
        if profile == self.profile:
            return
        rules_changed = profile.games != self.profile.games or profile.protocol != self.profile.protocol
        self._table.profile = profile
        self._announcer.set_profile(profile, now)
        self._updates.changed(now)
        for entry in self._table if rules_changed else ():
            before = self._table.peer_of(entry)
            self._table.changed(entry)
            if self._table.peer_of(entry) != before:
                self._events.append(Updated(self._table.peer_of(entry)))

    def set_rtt_wanted(self, wanted: bool) -> None:
        """Whether each peer is probed each interval, so that `Peer.rtt_ms` stays fresh."""
        self._rtt_wanted = wanted

    def put_seed(self, name: str, addresses: Sequence[SocketAddress], now: float) -> None:
        """Solicit the peer at one of `addresses` until it is heard. `name` identifies the seed."""
        self._seeds.put(name, addresses, now)

    def request_dial(self, peer: PeerId, now: float, punch_port: int | None = None) -> bool:
        """Ask `peer` to dial us; at `punch_port`, if we dial it from there right now. False if it is not listed."""
        entry = self._table.get(peer)
        if entry is None:
            return False
        request = DialRequest(
            self._signer.public_key,
            peer,
            self._dial_requests.nonce(),
            self._announcer.next_seq(),
            punch_port or self._tcp_port,
            punch=punch_port is not None,
        )
        data = encode_dial_request(request, self._signer)
        everywhere = [Contact((address, entry.beacon.udp_port)) for address in entry.addresses]
        self._dial_requests.start(data, [*everywhere, entry.contact] if entry.hidden else everywhere, now)
        self.handle_timeout(now)
        return True

    def set_friends(self, peers: Collection[str]) -> None:
        """Peers that unknown peers never evict nor keep out."""
        self._table.friends = peers

    def pin(self, peer: PeerId) -> None:
        """Keep `peer` in the list even in a flood, until `unpin` was called as often."""
        entry = self._table.get(peer)
        if entry is not None:
            entry.pins += 1
            entry.linked = True

    def unpin(self, peer: PeerId) -> None:
        entry = self._table.get(peer)
        if entry is not None:
            entry.pins = max(0, entry.pins - 1)

    def set_unreachable(self, peer: PeerId, failure: Failure | None) -> None:
        """List `peer` as not reached for this reason, or no longer so."""
        entry = self._table.get(peer)
        if entry is not None and entry.unreachable != failure:
            entry.unreachable = failure
            self._table.changed(entry)
            self._updated(entry)

    def linked(self, peer: PeerId, address: str) -> None:
        """A TLS link to `peer` at `address` was opened: no better proof that it is there."""
        entry = self._table.get(peer)
        if entry is not None:
            shown = self._table.peer_of(entry)
            entry.addresses.credit(address, Evidence.LINKED)
            self._table.changed(entry)
            if self._table.peer_of(entry) != shown:
                self._updated(entry)

    # For the lobby's chat

    def set_chat_marks(self, marks: Callable[[], tuple[ChatMark, ...]]) -> None:
        """`marks()`: what our beacons say of the lines that we have."""
        self._announcer.chat_marks = marks

    def hasten_beacon(self, at: float) -> None:
        """Send the next beacon by `at` if we are so few that the others' beacons might come too late."""
        if len(self._table) < FEW_PEERS:
            self._announcer.schedule.within(at)

    def listed(self, public_key: bytes) -> Listed | None:
        """The listed peer that has this key."""
        entry = self._table.by_public_key(public_key)
        return None if entry is None else _listed(entry)

    def listed_peer(self, peer: PeerId) -> Listed | None:
        entry = self._table.get(peer)
        return None if entry is None else _listed(entry)

    def all_listed(self) -> list[Listed]:
        """In order of first hearing."""
        return [_listed(entry) for entry in self._table]

    # State

    def peers(self) -> tuple[Peer, ...]:
        """In order of first hearing; a new tuple whenever something of it changed."""
        return self._table.peers()

    def get(self, peer: PeerId) -> Peer | None:
        entry = self._table.get(peer)
        return None if entry is None else self._table.peer_of(entry)

    def record(self) -> Mapping[bytes, bytes]:
        """The strings of our TXT record. A new object whenever they changed; empty before the start."""
        return self._announcer.record

    # In

    def receive_datagram(
        self, data: bytes, source: SocketAddress, now: float, *, shared: bool = False
    ) -> bool:
        """Any bytes from anybody. `shared`: they came in at the shared discovery port.

        Returns False if it was dropped at a glance: nothing is to be sent, told or timed anew.
        """
        beginning = data[: len(HEADER) + 1]
        receive = self.receivers.get(beginning)
        return receive is not None and len(data) in LENGTHS[beginning] and receive(data, source, now, shared)

    def receive_service(
        self, properties: Mapping[bytes, bytes | None], addresses: Sequence[str], now: float
    ) -> None:
        """A service record heard by mDNS. The beacon in it is checked; its addresses are a hint."""
        data = datagram_of_txt(properties)
        key = datagram_key(data)
        entry = self._table.by_public_key(key)
        if entry is not None and entry.is_idle_copy(data, addresses, "mdns", now):
            return
        budget = self._budget_of(entry, key, _RECORD, now)
        if budget is None:
            return
        try:
            message = decode(data)
        except RemoteProtocolError:
            return
        if not isinstance(message, SignedBeacon) or not isinstance(message.body, Beacon) or not addresses:
            return
        beacon = message.body
        if not beacon.has(Flag.GOODBYE) and not self._is_ours(message, beacon, addresses[0], budget, now):
            self._admit(message, beacon, data, addresses, "mdns", budget, now)

    def remove_service(self, peer: PeerId, instance: bytes, now: float) -> None:
        """mDNS reports that a service left. The report is unsigned, so the peer has half a second to answer a probe.

        A peer that is heard otherwise says goodbye by a signed beacon, and one that answered is not asked again soon.
        """
        entry = self._table.get(peer)
        if entry is None or entry.beacon.instance != instance or "mdns" not in entry.heard_via:
            return
        if len(entry.heard_via) > 1:
            del entry.heard_via["mdns"]
            self._table.changed(entry)
            self._updated(entry)
        elif now - entry.leave_checked >= entry.ttl:
            entry.leave_checked, entry.leaving = now, now + LEAVE_CHECK
            entry.pinged = min(entry.pinged, now - LEAVE_CHECK)
        self.handle_timeout(now)

    # Time

    def next_deadline(self, now: float) -> float | None:
        """When to call `handle_timeout`; None: never."""
        due = [self._announcer.next_deadline(now)]
        if self._announcer.leaving:
            return due[0]
        due += [
            self._seeds.next_deadline(),
            self._updates.next_deadline(now),
            self._dial_requests.next_deadline(),
            self._unknown.next_deadline(),
        ]
        rtt = self._rtt_interval()
        first, change = [inf, inf], inf
        for entry in self._table:  # up to `PEERS_MAX` at every datagram, so no more calls than it takes
            at = probe_at(entry, rtt)
            priority = self._has_priority(entry)
            if at < first[priority]:
                first[priority] = at
            expires, silent = entry.expires, silent_at(entry)
            if expires < change:
                change = expires
            if silent < change:
                change = silent
        for at, bucket in zip(first, (self._rates.probes, self._rates.proven_probes), strict=True):
            if at < inf:
                due.append(max(at, bucket.ready_at(now)))
        if change < inf:
            due.append(change)
        return min((at for at in due if at is not None), default=None)

    def handle_timeout(self, now: float) -> None:
        """Do what is due. Early or needless calls do no harm."""
        peers = len(self._table) + 1
        known = [entry.contact for entry in self._table]
        self._out += self._announcer.take(now, peers, known)
        if self._announcer.leaving:
            return
        self._expire(now)
        self._notice_silence(now)
        targets = self._seeds.take(now, interval(peers))
        if targets:
            data = self._beacon(Flag.SEED | Flag.SOLICIT)
            self._out += [Transmit(data, target) for target in targets]
        if self._updates.take(now, interval(peers)):
            self._update_by_unicast()
        self._probe(now)
        for key, (to, shared) in self._unknown.take(now):
            if self._table.by_exchange_key(key) is None:
                self._challenge(to, now, shared)
        self._out += [Transmit(data, to, shared=s) for data, (to, s) in self._dial_requests.take(now)]

    # Out

    def datagrams_to_send(self) -> list[Transmit]:
        """What to send now; each is given out once."""
        out, self._out = self._out, []
        return out

    def events(self) -> list[DiscoveryEvent]:
        """Events since the last call, oldest first."""
        events, self._events = self._events, []
        return events

    # Probes and pings

    def _receive_probe(self, data: bytes, source: SocketAddress, now: float, shared: bool) -> bool:
        asker = self._table.by_exchange_key(probe_key(data))
        listed_there = asker is not None and source[0] in asker.addresses
        if not listed_there and not self._rates.answer_stranger(source[0], now):
            return False
        probe = decode_probe(data)
        proof = self._answers.answer(probe, asker, now)
        if proof is None:
            return False
        self._out.append(Transmit(proof, source, shared=shared))
        if asker is None:
            self._unknown.note(probe.exchange_key, Contact(source, shared), now)
        return True

    def _receive_ping(self, data: bytes, source: SocketAddress, now: float, shared: bool) -> bool:
        if ping_instance(data) not in self._pinged or not self._rates.pong(source[0], now):
            return False
        pong = encode_pong(Pong(decode_ping(data).nonce, self.instance))
        self._out.append(Transmit(pong, source, shared=shared))
        return True

    # Beacons and dial requests

    def _receive_signed(self, data: bytes, source: SocketAddress, now: float, shared: bool) -> bool:
        key = datagram_key(data)
        entry = self._table.by_public_key(key)
        if entry is not None:
            via = "seed" if entry.beacon.has(Flag.SEED) else "broadcast"
            if entry.is_idle_copy(data, source[:1], via, now):
                return False
        budget = self._budget_of(entry, key, source[0], now)
        if budget is None:
            return False
        try:
            message = decode(data)
        except RemoteProtocolError:
            return False
        if isinstance(message, SignedBeacon) and isinstance(message.body, Beacon):
            self._receive_beacon(message, message.body, data, source, budget, now, shared)
        return True

    def _budget_of(
        self, entry: PeerEntry | None, public_key: bytes, source: str, now: float
    ) -> Budget | None:
        """What the check of a beacon's signature is taken from; None: it is not even read."""
        if entry is not None:
            return entry.budget
        if self._table.friends and len(public_key) == KEY_SIZE:
            peer = peer_id_of(public_key)
            if peer in self._table.friends:
                return self._rates.read_friend(peer)
        return self._rates.read_unlisted(source, now)

    def _receive_beacon(
        self,
        message: SignedBeacon,
        beacon: Beacon,
        data: bytes,
        source: SocketAddress,
        budget: Budget,
        now: float,
        shared: bool,
    ) -> None:
        if self._is_ours(message, beacon, source[0], budget, now):
            return
        solicits = beacon.has(Flag.SOLICIT)
        if beacon.has(Flag.GOODBYE):
            self._receive_goodbye(message, beacon, budget, now)
        elif not beacon.has(Flag.SEED):
            if self._admit(message, beacon, data, source[:1], "broadcast", budget, now) and solicits:
                self._announcer.schedule.solicited(now, len(self._table) + 1)
        elif solicits and self._tokens.valid(beacon.token, source, now):
            admitted = self._admit(message, beacon, data, source[:1], "seed", budget, now)
            if admitted and (entry := self._table.get(beacon.peer)) is not None:
                entry.came_from = Contact(source, shared)
            if admitted and self._rates.answer_seed(source[0], now):
                self._out.append(Transmit(self._beacon(Flag.SEED), source, shared=shared))
        elif not solicits and (self._seeds.expects(source) or self._listed_at(beacon, source)):
            if self._admit(message, beacon, data, source[:1], "seed", budget, now):
                self._seeds.heard(beacon.peer, source)
        else:  # unknown, or lost here without knowing it
            self._challenge(source, now, shared)

    def _challenge(self, source: SocketAddress, now: float, shared: bool) -> None:
        """Have whoever is at `source` say who it is, and show that it receives there."""
        if self._rates.answer_seed(source[0], now):
            challenge = encode_challenge(Challenge(self._tokens.make(source, now)))
            self._out.append(Transmit(challenge, source, shared=shared))

    def _receive_challenge(self, data: bytes, source: SocketAddress, now: float, shared: bool) -> bool:
        """Answer a seed, or a peer that we have probed and that does not know us. False if it is neither."""
        peer = self._probes.answered_from(source)
        entry = None if peer is None else self._table.get(peer)
        if entry is None and not self._seeds.expects(source):
            return False
        if not self._rates.answer_seed(source[0], now):
            return False
        if entry is not None:
            entry.deaf = True
        data = self._beacon(Flag.SEED | Flag.SOLICIT, token=decode_challenge(data).token)
        self._out.append(Transmit(data, source, shared=shared))
        return True

    def _listed_at(self, beacon: Beacon, source: SocketAddress) -> bool:
        """Whether the sender of `beacon` is listed at the address of `source`: it may update us by unicast."""
        entry = self._table.get(beacon.peer)
        return entry is not None and entry.beacon.instance == beacon.instance and source[0] in entry.addresses

    def _admit(
        self,
        message: SignedBeacon,
        beacon: Beacon,
        data: bytes,
        addresses: Sequence[str],
        via: str,
        budget: Budget,
        now: float,
    ) -> bool:
        """Merge a beacon if its signature holds. True if it is newer than all before it."""
        peer = beacon.peer
        entry = self._table.get(peer)
        news = self._table.is_newer(peer, beacon)
        if entry is None or entry.data != data:
            listed = entry is not None and entry.beacon.instance == beacon.instance
            if not news and not (listed and via != "broadcast"):
                return False
            if not self._verified(message, budget, now):
                return False
        result = self._table.merge(peer, beacon, data, addresses, via, now)
        for evicted in self._table.evicted:
            self._report_lost(evicted, "expired", now)
        self._table.evicted.clear()
        entry = self._table.get(peer)
        if entry is None or result is MergeResult.IGNORED:
            return False
        if result is MergeResult.NEW:
            self._seeds.found(peer)
            self._events.append(Found(self._table.peer_of(entry)))
        elif result is MergeResult.UPDATED:
            self._updated(entry)
        if news and beacon.chat:
            self._events.append(HeardMarks(peer, beacon.chat))
        return news

    def _receive_goodbye(self, message: SignedBeacon, beacon: Beacon, budget: Budget, now: float) -> None:
        peer = beacon.peer
        entry = self._table.get(peer)
        if not self._table.is_newer(peer, beacon) or not self._verified(message, budget, now):
            return
        self._table.add_tombstone(peer, beacon.instance, beacon.seq)
        if entry is not None and entry.beacon.instance == beacon.instance:
            self._drop(entry, "goodbye", now)

    def _receive_dial_request(self, data: bytes, source: SocketAddress, now: float, shared: bool) -> bool:
        """The source may be forged to have us dial a victim: it is probed, and only then dialled."""
        del shared
        entry = self._table.by_public_key(datagram_key(data))
        if entry is None:
            return False
        if data != entry.dial_request:
            try:
                message = decode(data)
            except RemoteProtocolError:
                return False
            if not isinstance(message, SignedBeacon) or not isinstance(message.body, DialRequest):
                return False
            request = message.body
            if request.target != self.peer or not self._dial_requests.is_new(entry, request, now):
                return False
            if not self._verified(message, entry.budget, now):
                return False
            self._dial_requests.accept(entry, request, data, now)
        elif not entry.dial_port or not entry.budget.take(now):  # obeyed already, or copied too often
            return False
        if self._may_probe(entry, source[0], now):
            probe = self._probes.make(entry, source[0], now, entry.dial_port)
            self._out.append(Transmit(probe, source))
        return True

    def _receive_proof(self, data: bytes, source: SocketAddress, now: float, shared: bool) -> bool:
        del shared
        proven = self._probes.receive(decode_proof(data), source, self._table, now)
        if proven is None:
            return False
        entry = proven.entry
        if proven.news:
            self._updated(entry)
        if proven.dial is not None:
            address, port = proven.dial
            if self._dial_requests.obey(entry, address, port, now, kept=self._table.kept(entry)):
                self._events.append(DialRequested(entry.peer, address, port, entry.dial_punch))
        return True

    def _is_ours(
        self, message: SignedBeacon, beacon: Beacon, address: str, budget: Budget, now: float
    ) -> bool:
        if beacon.public_key != self._signer.public_key:
            return False
        stranger = beacon.instance != self.instance and beacon.instance not in self._clones
        if stranger and len(self._clones) < CLONES_MAX and self._verified(message, budget, now):
            self._clones.add(beacon.instance)
            self._events.append(DuplicateIdentity(beacon.instance.hex(), address, beacon.tcp_port))
        return True

    def _verified(self, message: SignedBeacon, budget: Budget, now: float) -> bool:
        """Check a signature, within `budget` and, for listed peers, within that of all of them."""
        listed = self._table.by_public_key(message.body.public_key) is not None
        if not budget.take(now) or (listed and not self._rates.known.take(now)):
            return False
        return message.verify()

    # Deadlines

    def _probe(self, now: float) -> None:
        """Probe whom it is time for, in any order: under a flood there is not enough for all."""
        rtt = self._rtt_interval()
        due = [entry for entry in self._table if probe_at(entry, rtt) <= now]
        for first, bucket in ((True, self._rates.proven_probes), (False, self._rates.probes)):
            some = [entry for entry in due if self._has_priority(entry) is first]
            while some and bucket.take(now):
                entry = pick(some, self._random_source)
                some.remove(entry)
                address = self._probes.next_address(entry)
                if self._may_probe(entry, address, now):
                    hidden = self._probes.next_hidden(entry)
                    to, from_shared = entry.contact_at(address, hidden=hidden)
                    probe = self._probes.make(entry, address, now, hidden=hidden)
                    self._out.append(Transmit(probe, to, shared=from_shared))
                else:
                    entry.pinged = now  # the next one is due as usual

    def _has_priority(self, entry: PeerEntry) -> bool:
        """Not to wait among those who have proven nothing."""
        return entry.proven or self._table.kept(entry)

    def _may_probe(self, entry: PeerEntry, address: str, now: float) -> bool:
        """Whether `entry` may be probed at `address`, where it has answered no probe: who said it may lie."""
        proven = entry.addresses.evidence(address) is not Evidence.HEARD
        return proven or self._table.kept(entry) or self._rates.probe_unproven(address, now)

    def _rtt_interval(self) -> float | None:
        return interval(len(self._table) + 1) if self._rtt_wanted else None

    def _expire(self, now: float) -> None:
        for entry in list(self._table):
            if entry.expires <= now:
                left = entry.leaving is not None and entry.leaving <= now
                self._drop(entry, "goodbye" if left else "expired", now)
            elif self._table.expire_broadcast(entry, now):
                self._updated(entry)

    def _notice_silence(self, now: float) -> None:
        for entry in self._table:
            if silent_at(entry) <= now:
                entry.silent = True
                self._table.changed(entry)
                self._updated(entry)

    def _update_by_unicast(self) -> None:
        """Send our beacon to the peers known only by address."""
        targets = [entry.contact for entry in self._table if _by_address(entry)]
        if targets:
            data = self._beacon(Flag.SEED)
            self._out += [Transmit(data, to, shared=shared) for to, shared in targets]

    # Small parts

    def _beacon(self, flags: Flag, token: bytes = b"") -> bytes:
        return self._announcer.beacon(flags, len(self._table) + 1, token)

    def _updated(self, entry: PeerEntry) -> None:
        self._events.append(Updated(self._table.peer_of(entry)))

    def _drop(self, entry: PeerEntry, reason: str, now: float) -> None:
        self._table.remove(entry)
        self._report_lost(entry, reason, now)

    def _report_lost(self, entry: PeerEntry, reason: str, now: float) -> None:
        self._seeds.lost(entry.peer, now)
        if reason == "expired" and entry.proven:  # behind two firewalls nothing else tells that it is back
            self._seeds.seek(entry.peer, [(a, entry.beacon.udp_port) for a in entry.addresses], now)
        self._events.append(Lost(self._table.peer_of(entry), reason))


def _by_address(entry: PeerEntry) -> bool:
    """Whether our broadcasts do not reach it, as far as we know."""
    return entry.deaf or ("seed" in entry.heard_via and "broadcast" not in entry.heard_via)


def _listed(entry: PeerEntry) -> Listed:
    proven = entry.addresses.evidence(entry.addresses.best) is not Evidence.HEARD
    return Listed(entry.peer, entry.beacon.instance, entry.contact, _by_address(entry), proven)
