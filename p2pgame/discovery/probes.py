"""Unicast probes: whether a listed peer is still there, at which address, its round trip; and our answers to others.

Makes and reads probes and proofs, sends nothing. A proof can only be made by who holds the keys in the listed beacon
(`wire.probe`), and only where the probe arrived.
"""

from collections import OrderedDict
from math import inf
from typing import Final, NamedTuple

from p2pgame.core.ids import PeerId
from p2pgame.discovery.addresses import Evidence
from p2pgame.discovery.chance import RandomSource, random_bytes
from p2pgame.discovery.limits import Pace
from p2pgame.discovery.seeds import SocketAddress
from p2pgame.discovery.table import Asker, PeerEntry, PeerTable
from p2pgame.discovery.transmit import Contact
from p2pgame.wire.beacon import Probe, Proof, encode_probe, encode_proof
from p2pgame.wire.probe import ExchangeKey, is_proof, is_tagged, make_probe, make_proof

__all__ = [
    "FIRST_PROBES",
    "LEAVE_CHECK",
    "NEWCOMER_PROBES_RATE",
    "PROBES_AT_ONCE",
    "PROBES_PER_TTL",
    "QUIET_SHARE",
    "SHOWN_RATE",
    "SHOWN_SPACING",
    "TOLD_SPACING",
    "Answers",
    "Probes",
    "Proven",
    "UnknownAskers",
    "probe_at",
    "silent_at",
    "unfounded_at",
]

QUIET_SHARE: Final = 0.5
"""A peer not heard for this share of its ttl is probed ..."""
PROBES_PER_TTL: Final = 14
"""... this often within a ttl, so that seven probes stay unanswered before it counts as gone ..."""
PROBE_SPACING: Final = 0.25
"""... but not before so many seconds passed since the last one, whatever ttl it names."""
LEAVE_CHECK: Final = 0.5
"""Seconds a peer has to answer after mDNS said that it left."""
LEAVE_PROBES: Final = 5
FIRST_PROBES: Final = 3
"""Probes of a peer that has not answered yet; they prove it and open stateful firewalls. An address has its own."""
SILENT_AFTER: Final = 3
"""Probes in a row, and one to each address, that stayed unanswered: who is heard all the same counts as silent ..."""
ANSWER_TIME: Final = 1.0
"""... when the last of them has had so many seconds."""
TOLD_SPACING: Final = 1.0
"""Seconds between two probes of a peer that was only told of, and after the last one until it is not believed."""
NEWCOMER_PROBES_RATE: Final = 20.0
"""First probes a second, of all programs of a hall to one newcomer, and of a newcomer to all that it was told of ..."""
PROBES_AT_ONCE: Final = 16
"""... beyond this many."""
SHOWN_SPACING: Final = 2.0
"""Seconds between two probes of a peer whose round trip is on the screen ..."""
SHOWN_RATE: Final = 5.0
"""... and so many a second of all of them."""
OUTSTANDING_MAX: Final = 1024
ANSWERED_FOR: Final = 5.0
"""Seconds after an answer in which its sender may ask us in turn who we are."""
SMOOTHING: Final = 1 / 8
"""RFC 6298."""
ANSWER_RATE: Final = 20.0
"""Probes a second under one key that are answered."""
_ANSWERS = Pace(ANSWER_RATE, ANSWER_RATE)
UNKNOWN_PATIENCE: Final = 0.5
"""Seconds in which the beacon of who probes us should come; Wi-Fi holds it back for 0.2 s at times."""
UNKNOWN_MAX: Final = 32
ASKERS_MAX: Final = 256
"""Keys of programs that are not listed here and probed us last."""


def probe_at(entry: PeerEntry) -> float:
    """When to probe next, inf: not."""
    if entry.leaving is not None:
        return entry.pinged + LEAVE_CHECK / LEAVE_PROBES
    if entry.only_solicited:
        return inf  # nothing confirms its address yet; it expires with its ttl
    if entry.told_by is not None:
        return max(entry.probe_from, entry.pinged + TOLD_SPACING)
    again = max(entry.probe_from, entry.pinged + max(PROBE_SPACING, entry.ttl / PROBES_PER_TTL))
    if (not entry.proven and entry.probed < FIRST_PROBES) or entry.addresses.unasked is not None:
        return again
    return max(again, entry.heard + entry.ttl * QUIET_SHARE)


def unfounded_at(entry: PeerEntry) -> float:
    """When who was only told of, and answers nothing, is not believed any longer; inf: it need not be."""
    if entry.told_by is None or entry.probed < FIRST_PROBES:
        return inf
    return entry.pinged + TOLD_SPACING


def silent_at(entry: PeerEntry) -> float:
    """When it counts as not answering, inf: not, or it does already."""
    if entry.silence < SILENT_AFTER or entry.silent or entry.linked or entry.silence < len(entry.addresses):
        return inf
    return entry.pinged + ANSWER_TIME


class _Sent(NamedTuple):
    probe: Probe
    key: bytes
    peer: PeerId
    address: str
    at: float
    tcp_port: int
    """Of the dial request that this probe is for; 0: of none."""
    hidden: bool
    """It went where the peer came from."""


class Proven(NamedTuple):
    """What a proof shows."""

    entry: PeerEntry
    news: bool
    """More than its round trip changed by that."""
    dial: tuple[str, int] | None
    """Where the peer asked to be dialled: it receives there what is sent there."""


class Probes:
    """Outstanding probes by nonce."""

    def __init__(self, exchange_key: ExchangeKey, random_source: RandomSource) -> None:
        self._exchange_key = exchange_key
        self._random_source = random_source
        self._count = 0
        self._sent: OrderedDict[bytes, _Sent] = OrderedDict()
        self._answered: OrderedDict[SocketAddress, tuple[PeerId, float]] = OrderedDict()
        """Who answered, and when, the oldest first."""

    def answered_from(self, source: SocketAddress) -> PeerId | None:
        """Who proved itself from `source` lately."""
        return self._answered[source][0] if source in self._answered else None

    def next_address(self, entry: PeerEntry) -> str:
        """Where to probe next. Each address is asked once; unanswered probes try them in turn."""
        return entry.addresses.unasked or entry.addresses.in_turn(entry.unanswered)

    def next_hidden(self, entry: PeerEntry) -> bool:
        """Whether to probe it next where it came from: unanswered probes try that in turn, too."""
        return entry.hidden != bool(entry.unanswered % 2) if entry.came_from is not None else False

    def make(
        self, entry: PeerEntry, address: str, now: float, tcp_port: int = 0, *, hidden: bool = False
    ) -> bytes:
        """A probe of `entry` at `address`; `hidden`: that it goes where the peer came from."""
        if entry.probe_key is None:
            entry.probe_key = self._exchange_key.key_to_probe(entry.exchange_key, entry.public_key)
        self._forget_answers(now)
        self._count += 1
        nonce = random_bytes(8, self._random_source)
        probe = make_probe(entry.probe_key, self._exchange_key.public_key, self._count, nonce)
        self._sent[nonce] = _Sent(probe, entry.probe_key, entry.peer, address, now, tcp_port, hidden)
        if len(self._sent) > OUTSTANDING_MAX:
            self._sent.popitem(last=False)
        entry.addresses.asked(address)
        entry.pinged = now
        entry.unanswered += 1
        entry.silence += 1
        entry.probed += 1
        return encode_probe(probe)

    def receive(self, proof: Proof, source: SocketAddress, table: PeerTable, now: float) -> Proven | None:
        """Note the sign of life that `proof` is, if it is one."""
        sent = self._sent.get(proof.nonce)
        if sent is None or not is_proof(proof, sent.probe, sent.key):
            return None
        del self._sent[proof.nonce]
        entry = table.get(sent.peer)
        if entry is None or entry.probe_key != sent.key:  # lost, or another program by now
            return None
        shown = table.peer_of(entry).addresses
        spoke_again, entry.silence, entry.silent = entry.silent, 0, False
        entry.mark_alive(now)
        table.prove(entry)
        rtt = max(0.0, now - sent.at)
        entry.rtt = rtt if entry.rtt is None else entry.rtt + (rtt - entry.rtt) * SMOOTHING
        # From elsewhere it may have been passed on: a sign of life, but not that the peer is where we sent it.
        there = source[0] == sent.address
        if there and not sent.tcp_port:
            entry.hidden = sent.hidden
        if there:
            entry.addresses.credit(sent.address, Evidence.ANSWERED)
            self._answered[source] = sent.peer, now
            self._answered.move_to_end(source)
            self._forget_answers(now)
        table.changed(entry)
        dial = (sent.address, sent.tcp_port) if there and sent.tcp_port else None
        return Proven(entry, spoke_again or table.peer_of(entry).addresses != shown, dial)

    def _forget_answers(self, now: float) -> None:
        answered = self._answered
        while answered and next(iter(answered.values()))[1] < now - ANSWERED_FOR:
            answered.popitem(last=False)
        if len(answered) > OUTSTANDING_MAX:
            answered.popitem(last=False)


class Answers:
    """Proofs for those who probe us. A listed peer has a budget that nobody else can use up."""

    def __init__(self, exchange_key: ExchangeKey, public_key: bytes) -> None:
        self._exchange_key = exchange_key
        self._public_key = public_key
        self._strangers: OrderedDict[bytes, Asker] = OrderedDict()

    def answer(self, probe: Probe, entry: PeerEntry | None, now: float) -> bytes | None:
        """Our proof, if `probe` is genuine, new and not one too many. `entry`: the peer that has its exchange key."""
        asker = self._asker(probe.exchange_key, entry)
        if probe.count <= asker.newest or not is_tagged(probe, asker.key):
            return None
        paid = _ANSWERS.pay(asker.paid_until, now)
        if paid is None:
            return None
        asker.paid_until = paid
        asker.newest = probe.count
        if entry is not None:
            entry.only_solicited = False  # who asks about us in person says more than a question to all
        return encode_proof(make_proof(probe, asker.key))

    def _asker(self, exchange_key: bytes, entry: PeerEntry | None) -> Asker:
        asker = entry.asker if entry is not None else self._strangers.get(exchange_key)
        if asker is None:
            key = self._exchange_key.key_to_answer(exchange_key, self._public_key)
            asker = Asker(key)
            if entry is not None:
                entry.asker = asker
            else:
                self._strangers[exchange_key] = asker
                if len(self._strangers) > ASKERS_MAX:
                    self._strangers.popitem(last=False)
        return asker


class UnknownAskers:
    """Who probes us lists us. If we do not list it soon, too, its broadcasts do not get here: it is asked who it is."""

    def __init__(self) -> None:
        self._due: dict[bytes, tuple[float, Contact]] = {}
        """By exchange key, oldest first."""

    def note(self, exchange_key: bytes, contact: Contact, now: float) -> None:
        """A program that is not listed sent a genuine probe. Nothing if too many did."""
        if len(self._due) < UNKNOWN_MAX:
            self._due.setdefault(exchange_key, (now + UNKNOWN_PATIENCE, contact))

    def next_deadline(self) -> float | None:
        return next((at for at, _ in self._due.values()), None)

    def take(self, now: float) -> list[tuple[bytes, Contact]]:
        """Whose time is up."""
        due = [(key, contact) for key, (at, contact) in self._due.items() if at <= now]
        for key, _ in due:
            del self._due[key]
        return due
