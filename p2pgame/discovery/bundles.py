"""Bundles: known peers tell a newcomer of the others. Who asks whom and when, who is answered, and what is told.

A newcomer asks some of those that it has heard, one after another, until two have told it all they hold; later, one now
and then. It names whom it knows already by a filter, so that an answer that got lost in part is had by asking again, of
anybody, and who answers keeps no state. What is told is one peer's word: the beacon is signed by its own peer, whose
addresses and life are not. Reads bundles, checks no signature, sends nothing.
"""

from collections.abc import Callable, Sequence
from ipaddress import ip_address
from typing import Final, NamedTuple

import msgspec

from p2pgame.core.ids import PeerId
from p2pgame.discovery.chance import RandomSource, pick, random_bytes
from p2pgame.discovery.rates import Rates
from p2pgame.discovery.seeds import AddressTokens, SocketAddress
from p2pgame.discovery.table import PEERS_MAX, PeerEntry, PeerTable
from p2pgame.discovery.transmit import Contact, Transmit
from p2pgame.wire.bundle import (
    NO_TOKEN,
    TOLD_ADDRESSES_MAX,
    Bundle,
    BundleRequest,
    BundleToken,
    KnownFilter,
    Told,
    encode_request,
    encode_token,
    pack,
)

__all__ = ["BUNDLE_DATAGRAMS", "BundleAsker", "BundleTeller", "Passed", "usable_addresses"]

TELLERS: Final = 2
"""Peers that a newcomer asks to the end: what one hides or does not know, the other tells."""
BUNDLE_DATAGRAMS: Final = 32
"""Of one answer: what the buffers of a socket hold."""
ROUNDS_MAX: Final = 48
"""Answers that one search asks for."""
TOKEN_TIMEOUT: Final = 0.25
"""Seconds for a token to come."""
BUNDLE_TIMEOUT: Final = 0.2
"""Seconds for the next datagram of an answer ..."""
ROUND_TIMEOUT: Final = 1.5
"""... and for all of them."""
AGAIN: Final = (0.4, 0.8, 1.5, 5.0, 20.0)
"""Seconds after a start at which one more is asked: by then we know others than who was quickest to be known."""
CROWD: Final = (0.3, 0.8)
"""So many seconds, and `CROWD_RATE`, after many newcomers were heard at once: of those that we missed others tell."""
CROWD_RATE: Final = 40.0
"""Such questions a second of all together."""
REFRESH: Final = (30.0, 60.0)
"""Then one each so many seconds, or so many of half the mean interval between two beacons, if that is longer."""
CANDIDATES_MAX: Final = 16


class Passed(NamedTuple):
    """What an answer that we asked for told."""

    teller: PeerId
    told: Sequence[Told]
    complete: bool
    """All of the answer has come."""


class _Round(msgspec.Struct):
    """One question and its answer."""

    teller: PeerId
    to: Contact
    nonce: bytes
    until: float
    latest: float
    asked: bool = False
    """The token came, and the question proper went out."""
    got: set[int] = msgspec.field(default_factory=set)


class BundleTeller:
    """Answers requests."""

    def __init__(self, tokens: AddressTokens, rates: Rates, random_source: RandomSource) -> None:
        self._tokens, self._rates, self._random_source = tokens, rates, random_source

    def answer(
        self, request: BundleRequest, source: SocketAddress, table: PeerTable, now: float
    ) -> list[bytes]:
        """The datagrams for `source`: a token, no larger than the request, for who has not shown that it is there."""
        if not self._tokens.valid(request.token, source, now):
            if not self._rates.bundle_token(source[0], now):
                return []
            return [encode_token(BundleToken(request.nonce, self._tokens.make(source, now)))]
        if not self._rates.bundle(source[0], now):
            return []
        known = KnownFilter(request.nonce, request.known)
        at_home = ip_address(source[0].partition("%")[0]).is_loopback
        told = (
            Told(entry.data, int(max(0.0, now - entry.heard)), addresses)
            for entry in table.some(PEERS_MAX)
            if entry.public_key not in known
            and not entry.hidden
            and entry.leaving is None
            and (addresses := _told_addresses(entry, at_home=at_home))
        )
        return pack(request.nonce, told, BUNDLE_DATAGRAMS)


class BundleAsker:
    """Asks for bundles."""

    def __init__(
        self, own_key: bytes, random_source: RandomSource, may_ask: Callable[[PeerEntry, float], bool]
    ) -> None:
        """`may_ask`: whether a few bytes may go to the best address of a peer, which may be made up."""
        self._own_key, self._random_source, self._may_ask = own_key, random_source, may_ask
        self._wanted = 0
        """Peers that are still to be asked to the end."""
        self._rounds = 0
        self._done: set[PeerId] = set()
        """Who is not asked (again) in this search ..."""
        self._liars: set[PeerId] = set()
        """... nor in any."""
        self._candidates: dict[PeerId, None] = {}
        self._younger: set[PeerId] = set()
        """Who began after us, and knows hardly more: one of them is asked if there is nobody else."""
        self._asked_younger = False
        self._round: _Round | None = None
        self._again: list[float] = []

    def start(self, now: float) -> None:
        """A newcomer wants to know who is there."""
        self._search(TELLERS)
        self._again = [now + after for after in AGAIN]

    def hear_crowd(self, peers: int, now: float) -> None:
        """Many newcomers of `peers` are heard at once, and hardly repeat themselves: ask soon for who was missed."""
        low, high = CROWD
        latest = high + peers / CROWD_RATE
        if not self._again or self._again[0] > now + latest:
            self._again.insert(0, now + low + (latest - low) * self._random_source.random())

    def _search(self, tellers: int) -> None:
        self._wanted, self._rounds = tellers, ROUNDS_MAX
        self._done.clear()
        self._candidates.clear()
        self._younger.clear()
        self._asked_younger = False

    def offer(self, peer: PeerId, *, begins: bool = False) -> bool:
        """It was heard, so it may be asked. True if somebody is to be asked now.

        `begins`: nothing but its first questions to all were heard.
        """
        if begins:
            if self._wanted and len(self._younger) < PEERS_MAX:
                self._younger.add(peer)
        elif self._wanted and len(self._candidates) < CANDIDATES_MAX and not self._has_told(peer):
            self._candidates[peer] = None
        return self._wanted > 0 and self._round is None and bool(self._next_candidates())

    def _has_told(self, peer: PeerId) -> bool:
        return peer in self._done or peer in self._liars

    def _next_candidates(self) -> Sequence[PeerId]:
        """Of whom the next one is asked."""
        older = [peer for peer in self._candidates if peer not in self._younger]
        return older or ([] if self._asked_younger else list(self._candidates))

    def ask(self, peer: PeerId) -> None:
        """It knows others that we do not hear: ask it, whoever else is asked."""
        if not self._wanted:
            self._search(0)
        self._wanted = min(self._wanted + 1, CANDIDATES_MAX)
        self._candidates[peer] = None
        self._younger.discard(peer)

    def next_deadline(self, now: float) -> float | None:
        due = list(self._again[:1])
        if self._round is not None:
            due.append(min(self._round.until, self._round.latest))
        elif self._wanted and self._next_candidates():
            due.append(now)
        return min(due, default=None)

    def take(self, table: PeerTable, now: float, interval: float) -> list[Transmit]:
        """What is due now. `interval`: mean seconds between two beacons of a peer."""
        if self._round is not None and min(self._round.until, self._round.latest) <= now:
            self._end(now, answered=self._round.asked and bool(self._round.got))
        if self._again and self._again[0] <= now:
            self._again.pop(0)
            low, high = REFRESH
            if not self._again:
                wait = low + (high - low) * self._random_source.random()
                self._again = [now + wait * max(1.0, interval / low / 2)]
            if self._round is None and not (self._wanted and self._next_candidates()):
                self._search(max(1, self._wanted))
                for known in table.some(CANDIDATES_MAX // 2):
                    self.offer(known.peer)
        while self._round is None and self._wanted and (candidates := self._next_candidates()):
            if self._rounds <= 0 or len(table) >= PEERS_MAX:
                self._wanted = 0
                break
            peer = pick(candidates, self._random_source)
            del self._candidates[peer]
            entry = table.get(peer)
            if entry is None or entry.told_by is not None or entry.only_solicited:
                continue  # nothing but a question came from its address, or somebody's word
            if not self._may_ask(entry, now):
                continue
            self._rounds -= 1
            self._asked_younger = self._asked_younger or peer in self._younger
            nonce = random_bytes(8, self._random_source)
            self._round = _Round(peer, entry.contact, nonce, now + TOKEN_TIMEOUT, now + ROUND_TIMEOUT)
            request = encode_request(BundleRequest(nonce, NO_TOKEN, b""))
            return [Transmit(request, entry.contact.to, shared=entry.contact.shared)]
        return []

    def receive_token(
        self, token: BundleToken, source: SocketAddress, table: PeerTable, now: float
    ) -> Transmit | None:
        """Ask who has told us how to show our address."""
        current = self._round
        if current is None or current.asked or (token.nonce, source) != (current.nonce, current.to.to):
            return None
        current.asked, current.until = True, now + BUNDLE_TIMEOUT
        keys = [self._own_key, *(entry.public_key for entry in table)]
        known = KnownFilter.of(token.nonce, keys).data
        request = encode_request(BundleRequest(token.nonce, token.token, known))
        return Transmit(request, source, shared=current.to.shared)

    def expects(self, nonce: bytes, source: SocketAddress) -> bool:
        """Whether a bundle with this nonce from `source` was asked for."""
        current = self._round
        return current is not None and current.asked and (nonce, source) == (current.nonce, current.to.to)

    def receive(self, bundle: Bundle, source: SocketAddress, now: float) -> Passed | None:
        """What a datagram of the answer tells; None if nobody asked for it, or it came before."""
        current = self._round
        if current is None or not self.expects(bundle.nonce, source):
            return None
        if bundle.number in current.got or not bundle.number < bundle.count <= BUNDLE_DATAGRAMS:
            return None
        current.got.add(bundle.number)
        current.until = now + BUNDLE_TIMEOUT
        complete = len(current.got) >= bundle.count
        if complete:
            if not bundle.remaining:
                self._done.add(current.teller)
                self._wanted -= current.teller not in self._younger
            self._end(now, answered=True)
        return Passed(current.teller, bundle.told, complete)

    def blame(self, teller: PeerId) -> None:
        """It passed on what its peer never signed: nothing more of it is taken."""
        if len(self._liars) >= PEERS_MAX:
            self._liars.clear()
        self._liars.add(teller)
        self._candidates.pop(teller, None)
        if self._round is not None and self._round.teller == teller:
            self._round = None

    def _end(self, now: float, *, answered: bool) -> None:
        """The round is over; who answered may be asked for more."""
        current, self._round = self._round, None
        if current is None:
            return
        if answered and current.teller not in self._done:
            self._candidates[current.teller] = None
        else:
            self._done.add(current.teller)


def _told_addresses(entry: PeerEntry, *, at_home: bool) -> tuple[str, ...]:
    """What to tell of where `entry` is: what others can use. `at_home`: to somebody on this machine."""
    bare = [(address.partition("%")[0], "%" in address) for address in entry.addresses]
    wide = [address for address, scoped in bare if not scoped and (at_home or not _is_loopback(address))]
    return tuple(wide[:TOLD_ADDRESSES_MAX] or [address for address, scoped in bare if scoped][:1])


def _is_loopback(address: str) -> bool:
    return address.startswith("127.") or address == "::1"


def usable_addresses(told: Sequence[str], source: str) -> list[str]:
    """Those of the addresses in a bundle from `source` at which there can be a peer."""
    scope, found = source.partition("%")[2], []
    for bare in told:
        text, address = bare, ip_address(bare)
        if address.is_multicast or address.is_unspecified or text == "255.255.255.255":
            continue
        if address.is_loopback and not _is_loopback(source):
            continue
        if address.version == 6 and address.is_link_local:
            if not scope:
                continue
            text = f"{text}%{scope}"
        found.append(text)
    return found
