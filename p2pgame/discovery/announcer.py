"""Sends our own beacons: to everybody, in the mDNS record, and as a goodbye. Of other peers it knows how many."""

from collections.abc import Callable, Mapping
from typing import Final

from p2pgame.discovery.chance import RandomSource, random_bytes
from p2pgame.discovery.hall import HallCount
from p2pgame.discovery.profile import Profile
from p2pgame.discovery.schedule import FEW, Due, Schedule, count_of_ttl, interval, ttl_ms
from p2pgame.discovery.transmit import BroadcastMethod, Transmit
from p2pgame.wire.beacon import (
    DATAGRAM_MAX,
    TXT_BEACON_MAX,
    Beacon,
    ChatMark,
    Flag,
    Signer,
    avatar_flags,
    encode_beacon,
    txt_of_datagram,
)

__all__ = ["GOODBYES", "RECORD_REFRESH", "Announcer"]

GOODBYES: Final = (0.0, 0.020, 0.060)
RECORD_REFRESH: Final = 15.0
"""The TXT record gets a newer beacon each so many intervals: a peer that lost us lists us again by it."""

NEW_FOR: Final = 3.0
"""Seconds after the launch for which our beacons say that we are new."""
TTL_DRIFT: Final = 1 / 16
"""A share by which our count may change before our beacons name another ttl: one that says what the last one said is
cheap for all."""
CROWD: Final = 4
"""Of more peers nobody needs every method to answer or to tell a change: others do, too, or it is told again."""
_IN_TURN = (
    BroadcastMethod.DIRECTED,
    BroadcastMethod.MULTICAST,
    BroadcastMethod.DIRECTED,
    BroadcastMethod.LIMITED,
)
"""In the long run one method a beacon, in turn: a third of the packets, and every method is used."""
_TWO_IN_TURN = (
    BroadcastMethod.DIRECTED | BroadcastMethod.MULTICAST,
    BroadcastMethod.LIMITED | BroadcastMethod.MULTICAST,
)


class Announcer:
    """Builds our beacons and knows when each is due."""

    def __init__(
        self,
        signer: Signer,
        exchange_key: bytes,
        instance: bytes,
        profile: Profile,
        ports: tuple[int, int],
        first_seq: int,
        random_source: RandomSource,
    ) -> None:
        self.profile = profile
        self.record: Mapping[bytes, bytes] = {}
        """The strings of our TXT record; a new object whenever they changed, empty before the start."""
        self.latest = b""
        """The last one that went to everybody: it comes back to us, too."""
        self.schedule = Schedule(random_source)
        self.hall = HallCount(random_bytes(32, random_source))
        self.beacons_sent = int(
            random_source.random() * len(_IN_TURN)
        )  # so that not all begin with one method
        self.chat_marks: Callable[[], tuple[ChatMark, ...]] = tuple
        """Which lines of the lobby's chat we have: in each beacon but that of the record."""
        self._signer, self._exchange_key, self._instance = signer, exchange_key, instance
        self._tcp_port, self._udp_port = ports
        self._seq = first_seq
        self._ttl = 0
        self._record_due = 0.0
        self._new_until: float | None = None
        self._goodbye: tuple[bytes, list[float]] | None = None

    @property
    def leaving(self) -> bool:
        return self._goodbye is not None

    def start(self, now: float, peers: int = 1) -> None:
        """Announce ourselves; once more after sleep or a change of the network."""
        self._goodbye = None
        if self.schedule.running:
            self.schedule.restart(now, peers)
        else:
            self._new_until = now + NEW_FOR
            self.schedule.start(now)
        self._record_due = now

    def stop(self, now: float, peers: int) -> None:
        """From now on `take` gives goodbyes, until `next_deadline` is None."""
        self.schedule.stop()
        self._goodbye = (self.beacon(Flag.GOODBYE, peers), [now + offset for offset in GOODBYES])

    def set_profile(self, profile: Profile, now: float) -> None:
        """Announce a changed profile."""
        self.profile = profile
        self.schedule.changed(now)
        self._record_due = min(self._record_due, now)

    def hear(self, public_key: bytes, ttl_ms: int, now: float, *, asks: bool, known: bool) -> None:
        """A genuine new beacon of another peer, which solicits or not, and was `known` before."""
        self.hall.hear(public_key, count_of_ttl(ttl_ms))
        self.schedule.heard(now, asks=asks, known=known)

    def next_deadline(self, now: float) -> float | None:
        if self._goodbye is not None:
            return self._goodbye[1][0] if self._goodbye[1] else None
        beacon = self.schedule.next_deadline(now)
        return None if beacon is None else min(beacon, self._record_due)

    def take(self, now: float, peers: int) -> list[Transmit]:
        """What is due now. `peers` counts ourselves too. Goodbyes are given to send to everybody."""
        if self._goodbye is not None:
            data, times = self._goodbye
            due = [at for at in times if at <= now]
            del times[: len(due)]
            return [Transmit(data)] * len(due)
        self.hall.turn(now, interval(peers))
        if self._new_until is not None and now >= self._new_until:
            self._new_until = None
        if self.schedule.running and self._record_due <= now:
            self.record = txt_of_datagram(self.beacon(Flag(0), peers, limit=TXT_BEACON_MAX))
            self._record_due = now + RECORD_REFRESH * interval(peers)
        due_now = self.schedule.take(now, peers)
        if due_now is None:
            return []
        self.beacons_sent += 1
        self.latest = self.beacon(Flag.SOLICIT if due_now.asks else Flag(0), peers)
        return [Transmit(self.latest, None, self._methods(due_now, peers))]

    def _methods(self, due: Due, peers: int) -> BroadcastMethod:
        """By which methods a beacon goes: each is a packet on the air."""
        if due is Due.ASK_FIRST:
            return BroadcastMethod.DIRECTED
        if due is Due.ASK_OTHERWISE:
            return BroadcastMethod.LIMITED | BroadcastMethod.MULTICAST
        sparing = due in (Due.ANNOUNCE, Due.ASK_AGAIN, Due.ANSWER_ALSO)
        if sparing or (due is Due.ANSWER and peers > FEW):
            return _IN_TURN[self.beacons_sent % len(_IN_TURN)]
        if due is Due.ASK or (peers <= CROWD and due is not Due.INTRODUCE):
            return BroadcastMethod.ALL
        return _TWO_IN_TURN[self.beacons_sent % len(_TWO_IN_TURN)]

    def next_seq(self) -> int:
        self._seq += 1
        return self._seq

    def beacon(self, flags: Flag, peers: int, token: bytes = b"", limit: int = DATAGRAM_MAX) -> bytes:
        """A new signed beacon."""
        profile = self.profile
        ttl = ttl_ms(peers)
        if abs(ttl - self._ttl) > ttl * TTL_DRIFT:
            self._ttl = ttl
        beacon = Beacon(
            public_key=self._signer.public_key,
            exchange_key=self._exchange_key,
            instance=self._instance,
            seq=self.next_seq(),
            protocol=profile.protocol,
            version=profile.version[:32],
            name=profile.name[:64],
            tcp_port=self._tcp_port,
            udp_port=self._udp_port,
            flags=flags
            | avatar_flags(profile.avatar)
            | (Flag.BUSY if profile.busy else 0)
            | (Flag.NEW if self._new_until is not None else 0),
            playing=profile.playing,
            games={name: bytes.fromhex(digest) for name, digest in profile.games.items()},
            ttl_ms=self._ttl,
            token=token,
            room=profile.room,
            chat=self.chat_marks() if limit == DATAGRAM_MAX else (),
        )
        return encode_beacon(beacon, self._signer, limit)
