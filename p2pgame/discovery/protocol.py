"""Discovery without sockets: datagrams, records and time in; datagrams, a record and events out.

Ties together the table, the schedule, the probes and the seeds. Every datagram goes the same way: look at the
header, find out whose it is, limit its key or else its source, parse, drop old beacons, check the signature, and only
then change state. What counts is the key first: a source address is anybody's.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Final

from p2pgame.core.errors import RemoteProtocolError
from p2pgame.core.ids import PeerId, peer_id_of
from p2pgame.discovery.addresses import Evidence
from p2pgame.discovery.announcer import Announcer
from p2pgame.discovery.bundles import BundleAsker, BundleTeller, usable_addresses
from p2pgame.discovery.chance import RandomSource, random_bytes
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
from p2pgame.discovery.probes import FIRST_PROBES, LEAVE_CHECK, Answers, Probes, UnknownAskers
from p2pgame.discovery.profile import Profile
from p2pgame.discovery.rates import Rates
from p2pgame.discovery.schedule import interval
from p2pgame.discovery.seeds import AddressTokens, Seeds, SocketAddress
from p2pgame.discovery.table import MergeResult, PeerEntry, PeerTable
from p2pgame.discovery.transmit import Contact, Listed, Transmit
from p2pgame.discovery.updates import UnicastUpdates
from p2pgame.discovery.watch import News, Watch
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
    is_signed,
    ping_instance,
    probe_key,
    signed_part,
)
from p2pgame.wire.bundle import Told, decode_bundle, decode_request, decode_token
from p2pgame.wire.datagram import SIGNATURE_SIZE
from p2pgame.wire.probe import ExchangeKey

__all__ = ["DiscoveryProtocol"]

CLONES_MAX: Final = 16
ASKED_MAX: Final = 8
"""Solicitations of one launch that are counted."""
INTRODUCTION: Final = 2.0
"""Seconds in which a beacon by unicast answers ours."""
GOODBYES_MAX: Final = 64
"""Peers that are told by unicast, besides the broadcast, that we leave: those that it does not reach come first."""
FEW_PEERS: Final = 8
_ASKS_OR_ENDS: Final = int(Flag.SOLICIT | Flag.SEED | Flag.GOODBYE)
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
        self._watch = Watch(self._table, self._probes, self._rates, random_source)
        self._teller = BundleTeller(self._tokens, self._rates, random_source)
        self._asker = BundleAsker(
            signer.public_key,
            random_source,
            lambda entry, now: self._watch.may_probe(entry, entry.addresses.best, now),
        )
        self.receivers: Mapping[bytes, Callable[[bytes, SocketAddress, float, bool], bool]] = {
            header(DatagramType.BEACON): self._receive_signed,
            header(DatagramType.DIAL_REQUEST): self._receive_dial_request,
            header(DatagramType.PROBE): self._receive_probe,
            header(DatagramType.PROOF): self._receive_proof,
            header(DatagramType.PING): self._receive_ping,
            header(DatagramType.CHALLENGE): self._receive_challenge,
            header(DatagramType.BUNDLE_REQUEST): self._receive_bundle_request,
            header(DatagramType.BUNDLE_TOKEN): self._receive_bundle_token,
            header(DatagramType.BUNDLE): self._receive_bundle,
        }
        """Parts of `receive_datagram` by the header, for who has looked at it and at the length already."""
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
        peers = self.hall_count
        self._announcer.start(now, peers)
        self._seeds.restart(now)
        self._updates.start(now, interval(peers))
        self._asker.start(now)
        self.handle_timeout(now)

    def stop(self, now: float) -> None:
        """Send goodbyes, three within 60 ms: `handle_timeout` is to be called for so long."""
        self._announcer.stop(now, self.hall_count)
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

    def show_rtt(self, peers: Sequence[PeerId]) -> None:
        """Keep `Peer.rtt_ms` of these fresh: those on the screen. Each is probed every 2 s, of many less often."""
        self._watch.show(peers)

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
        everywhere = [Contact((address, entry.udp_port)) for address in entry.addresses]
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
            self._watch.touch(entry)

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
            self._watch.touch(entry)
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

    @property
    def hall_count(self) -> int:
        """How many peers there are, ourselves and those not listed too: an estimate."""
        return self._announcer.hall.count(len(self._table))

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
        if entry is None or entry.instance != instance or "mdns" not in entry.heard_via:
            return
        if len(entry.heard_via) > 1:
            del entry.heard_via["mdns"]
            self._table.changed(entry)
            self._updated(entry)
        elif now - entry.leave_checked >= entry.ttl:
            entry.leave_checked, entry.leaving = now, now + LEAVE_CHECK
            entry.pinged = min(entry.pinged, now - LEAVE_CHECK)
            self._watch.touch(entry)
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
        due += [self._watch.next_deadline(now), self._asker.next_deadline(now)]
        return min((at for at in due if at is not None), default=None)

    def handle_timeout(self, now: float) -> None:
        """Do what is due. Early or needless calls do no harm."""
        peers = self.hall_count
        said = self._announcer.take(now, peers)
        self._out += said
        if self._announcer.leaving:
            self._out += [
                Transmit(out.data, to, shared=s) for out in said for to, s in self._to_tell_goodbye()
            ]
            return
        mean = interval(peers)
        watched = self._watch.take(now)
        for entry, what in watched.news:
            if what is News.CHANGED:
                self._updated(entry)
            else:
                self._drop(entry, "goodbye" if what is News.LEFT else "expired", now)
        self._out += watched.probes
        targets = self._seeds.take(now, mean)
        if targets:
            data = self._beacon(Flag.SEED | Flag.SOLICIT)
            self._out += [Transmit(data, target) for target in targets]
        if self._updates.take(now, mean):
            self._update_by_unicast()
        self._out += self._asker.take(self._table, now, mean)
        for key, (to, shared) in self._unknown.take(now):
            if self._table.by_exchange_key(key) is None and not self._table.full:
                self._challenge(to, now, shared)
        self._out += [Transmit(data, to, shared=s) for data, (to, s) in self._dial_requests.take(now)]

    def _to_tell_goodbye(self) -> list[Contact]:
        """Where goodbyes go by unicast: to all of few, else to those first that hear no broadcast, or are linked."""
        entries = sorted(self._table, key=lambda entry: "broadcast" in entry.heard_via and not entry.pins)
        return [entry.contact for entry in entries[:GOODBYES_MAX]]

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
        if asker is not None:
            self._watch.touch(asker)
        else:
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
            via = "seed" if entry.by_seed else "broadcast"
            if entry.is_idle_copy(data, source[:1], via, now):
                return False
            seq = self._table.repeated_seq(entry, data, source[0])
            if seq is not None:
                return self._receive_repeated(entry, data, seq, now)
        elif data == self._announcer.latest:
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
            if not message.body.flags & _ASKS_OR_ENDS and self._table.by_public_key(key) is None:
                return bool(
                    self._events or self._out
                )  # there is no place for it, as for most of a hall of thousands
        return True

    def _receive_repeated(self, entry: PeerEntry, data: bytes, seq: int, now: float) -> bool:
        """A beacon that is no more than a sign of life of `entry`, as nearly all are in a hall at rest: nothing is due
        earlier by it, nor told."""
        if not self._may_verify(entry, now):
            return False
        key = datagram_key(data)
        if not is_signed(key, signed_part(data), data[-SIGNATURE_SIZE:]):
            return False
        self._table.repeat(entry, data, seq, now)
        self._announcer.hear(key, round(entry.ttl * 1000), now, asks=False, known=True)
        self._watch.touch(entry)
        return self._asker.offer(entry.peer)

    def _budget_of(
        self, entry: PeerEntry | None, public_key: bytes, source: str, now: float
    ) -> Budget | None:
        """What the check of a beacon's signature is taken from; None: it is not even read."""
        if entry is not None:
            return entry
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
            if self._admit(message, beacon, data, source[:1], "broadcast", budget, now):
                known = isinstance(budget, PeerEntry)
                self._announcer.hear(beacon.public_key, beacon.ttl_ms, now, asks=solicits, known=known)
                if solicits:
                    self._receive_solicitation(beacon.peer, now)
                    if self._announcer.schedule.loud(now):
                        self._asker.hear_crowd(self.hall_count, now)
                elif (entry := self._table.get(beacon.peer)) is not None and entry.asked:
                    entry.asked = 0
                    self._announcer.schedule.satisfied(beacon.peer)
        elif solicits and self._tokens.valid(beacon.token, source, now):
            admitted = self._admit(message, beacon, data, source[:1], "seed", budget, now)
            if admitted and (entry := self._table.get(beacon.peer)) is not None:
                entry.came_from = Contact(source, shared)
            if admitted and self._rates.answer_seed(source[0], now):
                self._out.append(Transmit(self._beacon(Flag.SEED), source, shared=shared))
        elif not solicits and (self._seeds.expects(source) or self._listed_at(beacon, source)):
            if self._admit(message, beacon, data, source[:1], "seed", budget, now):
                self._seeds.heard(beacon.peer, source)
                entry = self._table.get(beacon.peer)
                answers = entry is None or now - entry.introduced < INTRODUCTION
                if entry is not None and not answers and not self._seeds.expects(source):
                    entry.deaf = (
                        True  # it tells us its changes by unicast, for it does not hear our broadcasts
                    )
        else:  # unknown, or lost here without knowing it
            self._challenge(source, now, shared)

    def _receive_solicitation(self, peer: PeerId, now: float) -> None:
        entry, before = self._table.get(peer), 0
        if entry is not None:
            before, entry.asked = entry.asked, min(entry.asked + 1, ASKED_MAX)
        self._announcer.schedule.solicited(
            now, peer, self._table.crowd + 2, before=before, friend=peer in self._table.friends
        )

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
            # At its first probes it may have had no time to hear us; if it never does, its updates say so.
            entry.deaf = entry.deaf or entry.probed > FIRST_PROBES or "broadcast" not in entry.heard_via
            entry.introduced = now
        data = self._beacon(Flag.SEED | Flag.SOLICIT, token=decode_challenge(data).token)
        self._out.append(Transmit(data, source, shared=shared))
        return True

    def _listed_at(self, beacon: Beacon, source: SocketAddress) -> bool:
        """Whether the sender of `beacon` is listed at the address of `source`: it may update us by unicast."""
        entry = self._table.get(beacon.peer)
        return entry is not None and entry.instance == beacon.instance and source[0] in entry.addresses

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
            listed = entry is not None and entry.instance == beacon.instance
            if not news and not (listed and via != "broadcast"):
                return False
            if not self._verified(message, budget, now):
                return False
        result = self._table.merge(peer, beacon, data, addresses, via, now)
        for evicted in self._table.evicted:
            self._watch.drop(evicted)
            self._seeds.lost(evicted.peer, now)
            self._events.append(Lost(self._table.peer_of(evicted), "expired"))
        self._table.evicted.clear()
        entry = self._table.get(peer)
        if entry is None:
            return news  # genuine, and there is no place in the list for it
        if result is MergeResult.IGNORED:
            return False
        if result is MergeResult.NEW:
            self._watch.admit(entry, self.hall_count, now)
            self._seeds.found(peer)
            self._events.append(Found(self._table.peer_of(entry)))
        else:
            self._watch.touch(entry)
            if result is MergeResult.UPDATED:
                self._updated(entry)
        if via != "seed":
            self._asker.offer(peer, begins=entry.only_solicited)
        elif result is MergeResult.NEW:
            self._asker.ask(peer)
        if news and beacon.chat:
            self._events.append(HeardMarks(peer, beacon.chat))
        return news

    # Bundles

    def _receive_bundle_request(self, data: bytes, source: SocketAddress, now: float, shared: bool) -> bool:
        answers = self._teller.answer(decode_request(data), source, self._table, now)
        self._out += [Transmit(answer, source, shared=shared) for answer in answers]
        return bool(answers)

    def _receive_bundle_token(self, data: bytes, source: SocketAddress, now: float, shared: bool) -> bool:
        del shared
        request = self._asker.receive_token(decode_token(data), source, self._table, now)
        if request is None:
            return False
        self._out.append(request)
        return True

    def _receive_bundle(self, data: bytes, source: SocketAddress, now: float, shared: bool) -> bool:
        del shared
        if not self._asker.expects(data[6:14], source):
            return False
        try:
            bundle = decode_bundle(data)
        except RemoteProtocolError:
            return False
        passed = self._asker.receive(bundle, source, now)
        if passed is None:
            return False
        for told in passed.told:
            if not self._receive_told(told, passed.teller, source[0], now):
                self._asker.blame(passed.teller)
                return True
        if passed.complete:
            self._announcer.schedule.served()
        return True

    def _receive_told(self, told: Told, teller: PeerId, source: str, now: float) -> bool:
        """List a peer that `teller` knows, if we do not. False if its peer never signed that."""
        key = datagram_key(told.beacon)
        if self._table.by_public_key(key) is not None or key == self._signer.public_key:
            return True
        try:
            message = decode(told.beacon)
        except RemoteProtocolError:
            return False
        if not isinstance(message, SignedBeacon) or not isinstance(message.body, Beacon):
            return False
        beacon = message.body
        addresses = usable_addresses(told.addresses, source)
        heard = now - told.age
        if beacon.has(Flag.GOODBYE) or not addresses or heard + beacon.ttl_ms / 1000 <= now:
            return True
        if not self._table.is_newer(beacon.peer, beacon):
            return True
        if not message.verify():
            return False
        entry = self._table.tell(beacon.peer, beacon, told.beacon, addresses, teller, heard)
        if entry is not None:
            self._watch.admit(entry, self.hall_count, now)
            self._seeds.found(beacon.peer)
            self._events.append(Found(self._table.peer_of(entry)))
        return True

    def _receive_goodbye(self, message: SignedBeacon, beacon: Beacon, budget: Budget, now: float) -> None:
        peer = beacon.peer
        entry = self._table.get(peer)
        if not self._table.is_newer(peer, beacon) or not self._verified(message, budget, now):
            return
        self._table.add_tombstone(peer, beacon.instance, beacon.seq)
        if entry is not None and entry.instance == beacon.instance:
            self._drop(entry, "goodbye", now)

    def _receive_dial_request(self, data: bytes, source: SocketAddress, now: float, shared: bool) -> bool:
        """The source may be forged to have us dial a victim: it is probed, and only then dialled."""
        del shared
        entry = self._table.by_public_key(datagram_key(data))
        if entry is None:
            return False
        if entry.dial is None or data != entry.dial.data:
            try:
                message = decode(data)
            except RemoteProtocolError:
                return False
            if not isinstance(message, SignedBeacon) or not isinstance(message.body, DialRequest):
                return False
            request = message.body
            if request.target != self.peer or not self._dial_requests.is_new(entry, request, now):
                return False
            if not self._verified(message, entry, now):
                return False
            self._dial_requests.accept(entry, request, data, now)
        elif not entry.dial.port or not entry.take(now):  # obeyed already, or copied too often
            return False
        if self._watch.may_probe(entry, source[0], now):
            probe = self._probes.make(entry, source[0], now, entry.dial.port if entry.dial else 0)
            self._out.append(Transmit(probe, source))
            self._watch.touch(entry)
        return True

    def _receive_proof(self, data: bytes, source: SocketAddress, now: float, shared: bool) -> bool:
        del shared
        proven = self._probes.receive(decode_proof(data), source, self._table, now)
        if proven is None:
            return False
        entry = proven.entry
        self._watch.touch(entry)
        if proven.news:
            self._updated(entry)
        if proven.dial is not None:
            address, port = proven.dial
            if self._dial_requests.obey(entry, address, port, now, kept=self._table.kept(entry)):
                self._events.append(
                    DialRequested(entry.peer, address, port, entry.dial is not None and entry.dial.punch)
                )
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
        return self._may_verify(budget, now) and message.verify()

    def _may_verify(self, budget: Budget, now: float) -> bool:
        return budget.take(now) and (not isinstance(budget, PeerEntry) or self._rates.known.take(now))

    # Small parts

    def _update_by_unicast(self) -> None:
        """Send our beacon to the peers known only by address."""
        targets = [entry.contact for entry in self._table if _by_address(entry)]
        if targets:
            data = self._beacon(Flag.SEED)
            self._out += [Transmit(data, to, shared=shared) for to, shared in targets]

    def _beacon(self, flags: Flag, token: bytes = b"") -> bytes:
        return self._announcer.beacon(flags, self.hall_count, token)

    def _updated(self, entry: PeerEntry) -> None:
        self._events.append(Updated(self._table.peer_of(entry)))

    def _drop(self, entry: PeerEntry, reason: str, now: float) -> None:
        self._table.remove(entry)
        self._watch.drop(entry)
        self._report_lost(entry, reason, now)

    def _report_lost(self, entry: PeerEntry, reason: str, now: float) -> None:
        self._seeds.lost(entry.peer, now)
        if reason == "expired" and entry.proven:  # behind two firewalls nothing else tells that it is back
            self._seeds.seek(entry.peer, [(a, entry.udp_port) for a in entry.addresses], now)
        self._events.append(Lost(self._table.peer_of(entry), reason))


def _by_address(entry: PeerEntry) -> bool:
    """Whether our broadcasts do not reach it, as far as we know."""
    return entry.deaf or ("seed" in entry.heard_via and "broadcast" not in entry.heard_via)


def _listed(entry: PeerEntry) -> Listed:
    proven = entry.addresses.evidence(entry.addresses.best) is not Evidence.HEARD
    return Listed(entry.peer, entry.instance, entry.contact, _by_address(entry), proven)
