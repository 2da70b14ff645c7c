"""Sends our own beacons: to everybody, in the mDNS record, and as a goodbye. Knows of other peers only their number."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from p2pgame.discovery.chance import RandomSource
from p2pgame.discovery.profile import Profile
from p2pgame.discovery.schedule import Schedule, interval, ttl_ms
from p2pgame.discovery.transmit import BroadcastMethod, Contact, Transmit
from p2pgame.wire.beacon import (
    DATAGRAM_MAX,
    TXT_BEACON_MAX,
    Beacon,
    ChatMark,
    Flag,
    Signer,
    encode_beacon,
    txt_of_datagram,
)

__all__ = ["GOODBYES", "RECORD_REFRESH", "Announcer"]

GOODBYES: Final = (0.0, 0.020, 0.060)
RECORD_REFRESH: Final = 15.0
"""The TXT record gets a newer beacon each so many intervals: a peer that lost us lists us again by it."""

_STEADY_METHODS = (
    BroadcastMethod.DIRECTED,
    BroadcastMethod.MULTICAST,
    BroadcastMethod.DIRECTED,
    BroadcastMethod.LIMITED,
)
"""In the long run one method a beacon, in turn: a third of the packets, and every method is used."""


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
        self.schedule = Schedule(random_source)
        self.beacons_sent = 0
        self.chat_marks: Callable[[], tuple[ChatMark, ...]] = tuple
        """Which lines of the lobby's chat we have: in each beacon but that of the record."""
        self._signer, self._exchange_key, self._instance = signer, exchange_key, instance
        self._tcp_port, self._udp_port = ports
        self._seq = first_seq
        self._record_due = 0.0
        self._goodbye: tuple[bytes, list[float]] | None = None

    @property
    def leaving(self) -> bool:
        return self._goodbye is not None

    def start(self, now: float) -> None:
        self._goodbye = None
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

    def next_deadline(self, now: float) -> float | None:
        if self._goodbye is not None:
            return self._goodbye[1][0] if self._goodbye[1] else None
        beacon = self.schedule.next_deadline(now)
        return None if beacon is None else min(beacon, self._record_due)

    def take(self, now: float, peers: int, known: Sequence[Contact]) -> list[Transmit]:
        """What is due now. `peers` counts ourselves too; `known`: the contacts of all peers."""
        if self._goodbye is not None:
            return self._goodbyes(now, known)
        if self.schedule.running and self._record_due <= now:
            self.record = txt_of_datagram(self.beacon(Flag(0), peers, limit=TXT_BEACON_MAX))
            self._record_due = now + RECORD_REFRESH * interval(peers)
        due = self.schedule.take(now, peers)
        if due is None:
            return []
        solicits, everywhere = due
        self.beacons_sent += 1
        methods = (
            BroadcastMethod.ALL if everywhere else _STEADY_METHODS[self.beacons_sent % len(_STEADY_METHODS)]
        )
        return [Transmit(self.beacon(Flag.SOLICIT if solicits else Flag(0), peers), None, methods)]

    def _goodbyes(self, now: float, known: Sequence[Contact]) -> list[Transmit]:
        data, times = self._goodbye or (b"", [])
        out: list[Transmit] = []
        while times and times[0] <= now:
            times.pop(0)
            out += [Transmit(data), *(Transmit(data, to, shared=shared) for to, shared in known)]
        return out

    def next_seq(self) -> int:
        self._seq += 1
        return self._seq

    def beacon(self, flags: Flag, peers: int, token: bytes = b"", limit: int = DATAGRAM_MAX) -> bytes:
        """A new signed beacon."""
        profile = self.profile
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
            flags=flags | (Flag.BUSY if profile.busy else 0),
            playing=profile.playing,
            games={name: bytes.fromhex(digest) for name, digest in profile.games.items()},
            ttl_ms=ttl_ms(peers),
            token=token,
            room=profile.room,
            chat=self.chat_marks() if limit == DATAGRAM_MAX else (),
        )
        return encode_beacon(beacon, self._signer, limit)
