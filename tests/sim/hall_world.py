"""A hall of many `DiscoveryProtocol` objects that have known each other for long, on a virtual clock.

Each gets the list that it would have after some minutes, and a place in the rhythm of the others. A broadcast is one
packet on the air: a beacon that goes by three methods counts three times, and each of the three is lost by itself.
"""

import functools
import random
from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

import p2pgame.discovery.protocol as protocol_module
import p2pgame.wire.beacon as beacon_module
from p2pgame.discovery.addresses import Evidence
from p2pgame.discovery.hall import SPAN
from p2pgame.discovery.protocol import DiscoveryProtocol
from p2pgame.discovery.schedule import interval
from p2pgame.discovery.table import PEERS_MAX
from p2pgame.discovery.transmit import Transmit
from p2pgame.wire.beacon import Beacon, Flag, SignedBeacon, decode, is_signed
from tests.sim.discovery_world import PORT, SimulatedLan, SimulatedNode, discovery

__all__ = ["HallLan", "arrive", "at_rest", "busiest_second", "frames", "rest", "shared_checks"]


def frames(out: Transmit) -> int:
    """Packets on the air."""
    return 0 if out.to is not None else out.methods.bit_count()


class HallLan(SimulatedLan):
    """A large one: finds addresses at once, and loses each of the packets of a beacon by itself."""

    def __init__(self, seed: int, *, together: bool = False) -> None:
        super().__init__(seed, unicast_loss=0.0)
        self.together = together
        self.by_address: dict[str, SimulatedNode] = {}
        self.air: list[tuple[float, int, SimulatedNode]] = []

    def transmit(self, sender: SimulatedNode, out: Transmit) -> None:
        if out.to is not None:
            node = self.by_address.get(out.to[0])
            if node is not None:
                source = (sender.address, PORT if out.shared else 41421)
                self.deliver(node, out.data, source, self.unicast_loss, shared=out.to[1] == PORT)
            return
        self.air.append((self.now, frames(out), sender))
        loss = self.loss if self.together else self.loss ** frames(out)
        for node in self.nodes:
            if node is not sender:
                self.deliver(node, out.data, (sender.address, 50000), loss, shared=True)

    def put(self, number: int) -> SimulatedNode:
        core = discovery(number, seed=self.seed)
        node = self.add(
            start=False, core=core, address=f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"
        )
        self.by_address[node.address] = node
        return node

    def on_air(self, since: float, until: float) -> int:
        return sum(count for at, count, _ in self.air if since <= at < until)


def at_rest(count: int, seed: int, *, together: bool = False) -> HallLan:
    """A hall of `count` that have known each other for long."""
    lan = HallLan(seed, together=together)
    chance = random.Random(seed)
    nodes = [lan.put(number) for number in range(1, count + 1)]
    said: list[tuple[Beacon, bytes]] = []
    for node in nodes:
        data = node.core._announcer.beacon(Flag(0), count)
        message = decode(data)
        assert isinstance(message, SignedBeacon)
        assert isinstance(message.body, Beacon)
        said.append((message.body, data))
    for node in nodes:
        others = [other for other in range(count) if nodes[other] is not node]
        fill(node.core, nodes, said, chance.sample(others, min(PEERS_MAX, len(others))), lan.now)
        mean = interval(count)
        rest(node.core, said, lan.now, chance.random() * mean, chance.random() * SPAN * mean)
        node.pump()
        node.told.clear()
    return lan


def fill(
    core: DiscoveryProtocol,
    nodes: list[SimulatedNode],
    said: list[tuple[Beacon, bytes]],
    others: list[int],
    now: float,
) -> None:
    """List these, as proven."""
    table, due = core._table, core._watch._deadlines
    for other in others:
        beacon, data = said[other]
        address = nodes[other].address
        entry = table._add(nodes[other].core.peer, beacon, data, [address], "broadcast", now)
        table.prove(entry)
        entry.addresses.credit(address, Evidence.ANSWERED)
        due.put(entry, now + entry.ttl / 2)


def rest(
    core: DiscoveryProtocol, said: list[tuple[Beacon, bytes]], now: float, first: float, later: float
) -> None:
    """As after its burst: the next beacon comes somewhere in the rhythm, and all were heard in the span before."""
    core._announcer.start(now)
    hall = core._announcer.hall
    hall.turn(now - later, SPAN)
    places = {hall._place(beacon.public_key) for beacon, _ in said}
    for place in places:
        hall._newer[place >> 3] |= 1 << (place & 7)
    hall._set = len(places)
    hall._until = now + later
    core._announcer._new_until = None
    core._asker._again.clear()
    core._announcer.schedule._burst.clear()
    core._announcer.schedule._steady = now + first
    core._announcer._record_due = float("inf")


def arrive(lan: HallLan, number: int) -> SimulatedNode:
    node = lan.put(number)
    node.start()
    return node


def busiest_second(lan: HallLan, since: float) -> int:
    """The most packets on the air within any second."""
    air = [(at, count) for at, count, _ in lan.air if at >= since]
    return max((lan.on_air(at, at + 1.0) for at, _ in air), default=0)


@contextmanager
def shared_checks() -> Iterator[None]:
    """Decode each datagram and check each signature once for all programs, or a thousand of them would take hours."""
    check = functools.lru_cache(1 << 14)(is_signed)
    read = functools.lru_cache(1 << 14)(decode)
    with (
        patch.object(beacon_module, "is_signed", check),
        patch.object(protocol_module, "is_signed", check),
        patch.object(protocol_module, "decode", read),
    ):
        yield
