"""Unicast probes: whether a listed peer is still there, and its round trip. Makes pings, takes pongs, sends nothing."""

from collections import OrderedDict
from math import inf
from typing import Final

from p2pgame.core.ids import PeerId
from p2pgame.discovery.schedule import RandomSource
from p2pgame.discovery.table import PeerEntry, PeerTable
from p2pgame.wire.beacon import Ping, Pong

__all__ = ["LEAVE_CHECK", "PROBES_PER_TTL", "QUIET_SHARE", "Probes", "probe_at", "silent_at"]

QUIET_SHARE: Final = 0.5
"""A peer not heard for this share of its ttl is probed ..."""
PROBES_PER_TTL: Final = 14
"""... this often within a ttl, so that seven probes stay unanswered before it counts as gone."""
LEAVE_CHECK: Final = 0.5
"""Seconds a peer has to answer after mDNS said that it left."""
FIRST_PROBES: Final = 3
"""Probes of a peer that has not answered yet; they prove it and open stateful firewalls."""
SILENT_AFTER: Final = 3
"""Probes in a row, and one to each address, that stayed unanswered: who is heard all the same counts as silent ..."""
ANSWER_TIME: Final = 1.0
"""... when the last of them has had so many seconds."""
OUTSTANDING_MAX: Final = 1024
SMOOTHING: Final = 1 / 8
"""RFC 6298."""


def probe_at(entry: PeerEntry, rtt_interval: float | None) -> float:
    """When to probe next, inf: not. `rtt_interval`: seconds between probes while round trips are shown."""
    if entry.only_solicited and entry.leaving is None:
        return inf  # nothing confirms its address yet; it expires with its ttl
    again = entry.pinged + (LEAVE_CHECK / 3 if entry.leaving is not None else entry.ttl / PROBES_PER_TTL)
    if entry.leaving is not None:
        return again
    if not entry.proven and entry.probed < FIRST_PROBES:
        return again
    quiet = max(entry.heard + entry.ttl * QUIET_SHARE, again)
    return quiet if rtt_interval is None else min(quiet, entry.pinged + rtt_interval)


def silent_at(entry: PeerEntry) -> float:
    """When it counts as not answering, inf: not, or it does already."""
    asked = entry.silence >= max(SILENT_AFTER, len(entry.addresses))
    waits = asked and not (entry.silent or entry.linked)
    return entry.pinged + ANSWER_TIME if waits else inf


class Probes:
    """Outstanding probes by nonce."""

    def __init__(self, random_source: RandomSource) -> None:
        self._random_source = random_source
        self._sent: OrderedDict[bytes, tuple[PeerId, str, float]] = OrderedDict()

    def make(self, entry: PeerEntry, now: float) -> tuple[Ping, str]:
        """A probe of `entry` and the address to send it to. Unanswered ones try its addresses in turn."""
        address = entry.addresses[entry.unanswered % len(entry.addresses)]
        nonce = self._random_source.getrandbits(64).to_bytes(8, "big")
        self._sent[nonce] = (entry.peer, address, now)
        if len(self._sent) > OUTSTANDING_MAX:
            self._sent.popitem(last=False)
        entry.pinged = now
        entry.unanswered += 1
        entry.silence += 1
        entry.probed += 1
        return Ping(nonce, entry.beacon.instance), address

    def receive(self, pong: Pong, table: PeerTable, now: float) -> PeerEntry | None:
        """Note the sign of life. Returns the entry if more than its round trip changed by that, else None."""
        peer, address, sent = self._sent.pop(pong.nonce, (None, "", 0.0))
        entry = table.get(peer) if peer is not None else None
        if entry is None or entry.beacon.instance != pong.instance:
            return None
        spoke_again, entry.silence, entry.silent = entry.silent, 0, False
        moved = entry.unanswered > 1 and address in entry.addresses[1:]  # the front one stayed silent
        entry.mark_alive(now)
        entry.proven = True
        rtt = max(0.0, now - sent)
        entry.rtt = rtt if entry.rtt is None else entry.rtt + (rtt - entry.rtt) * SMOOTHING
        if moved:
            entry.addresses.remove(address)
            entry.addresses.insert(0, address)
        table.changed(entry)
        return entry if moved or spoke_again else None
