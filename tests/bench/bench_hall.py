"""What discovery costs a hall of N peers, on a virtual clock: ``python tests/bench/bench_hall.py [N ...] [--runs R]``.

A hall at rest is made at once: each program gets the list that it would have after some minutes, and a place in the
rhythm of the others. Then newcomers arrive. A broadcast is one packet on the air: a beacon that goes by three methods
counts three times, and each of the three is lost by itself (``--together``: all three or none).

Signatures are checked once for all programs of the hall, or a thousand of them would take hours. The processor time
and the memory of one program are measured in a program by itself, which checks all of them.
"""

import argparse
import functools
import gc
import random
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

import p2pgame.discovery.protocol as protocol_module  # noqa: E402
from p2pgame.discovery.addresses import Evidence  # noqa: E402
from p2pgame.discovery.hall import SPAN  # noqa: E402
from p2pgame.discovery.protocol import DiscoveryProtocol  # noqa: E402
from p2pgame.discovery.schedule import interval  # noqa: E402
from p2pgame.discovery.table import PEERS_MAX  # noqa: E402
from p2pgame.discovery.transmit import Transmit  # noqa: E402
from p2pgame.wire.beacon import Beacon, DialRequest, Flag, SignedBeacon, decode  # noqa: E402
from tests.bench.table import Figure, print_table  # noqa: E402
from tests.sim.discovery_world import PORT, SimulatedLan, SimulatedNode, discovery  # noqa: E402

TARGETS = {
    10: (6, 30, 50, 0.3, 1),
    100: (20, 40, 150, 1, 5),
    1000: (20, 40, 1000, 2, 5),
    3000: (20, 40, 1500, 3, 5),
}
"""For halls up to so many: beacons/s, broadcasts of a newcomer, ms to its list, s until all list it, CPU ms/s."""


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
        core = discovery(number, seed=self._seed)
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
    for other in others:
        beacon, data = said[other]
        peer = nodes[other].core.peer
        core._table.merge(peer, beacon, data, [nodes[other].address], "broadcast", now)
        entry = core._table.get(peer)
        assert entry is not None
        core._table.prove(entry)
        entry.addresses.credit(nodes[other].address, Evidence.ANSWERED)
        core._watch.touch(entry)


def rest(
    core: DiscoveryProtocol, said: list[tuple[Beacon, bytes]], now: float, first: float, later: float
) -> None:
    """As after its burst: the next beacon comes somewhere in the rhythm, and all were heard in the span before."""
    core._announcer.start(now)
    core._announcer.hall.turn(now - later, SPAN)
    for beacon, _ in said:
        core._announcer.hall.hear(beacon.public_key, 0)
    core._announcer.hall._until = now + later
    core._announcer._new_until = None
    core._asker._again.clear()
    core._announcer.schedule._burst.clear()
    core._announcer.schedule._steady = now + first
    core._announcer._record_due = float("inf")


def arrive(lan: HallLan, number: int) -> SimulatedNode:
    node = lan.put(number)
    node.start()
    return node


def share_checks() -> None:
    """Decode each datagram and check each signature once for all programs."""

    @functools.lru_cache(1 << 14)
    def verify(message: bytes, signature: bytes) -> bool:
        return own(SignedBeacon(bodies[message], message, signature))

    own = SignedBeacon.verify
    bodies: dict[bytes, Beacon | DialRequest] = {}

    def shared(self: SignedBeacon) -> bool:
        bodies[self.message] = self.body
        try:
            return verify(self.message, self.signature)
        finally:
            del bodies[self.message]

    SignedBeacon.verify = shared  # type: ignore[method-assign]
    protocol_module.decode = functools.lru_cache(1 << 14)(decode)  # type: ignore[attr-defined]


def cost_at_rest(count: int) -> tuple[float, float, int]:
    """Processor ms a second, bytes a listed peer, peers listed: of one program that checks everything by itself."""
    others = [discovery(number, seed=3) for number in range(2, count + 1)]
    chance = random.Random(5)
    tracemalloc.start()
    core = discovery(1, seed=3)
    rest(core, [], 0.0, 0.5, 0.5)
    gc.collect()
    before = tracemalloc.get_traced_memory()[0]
    now, mean = 1000.0, interval(count)
    address = "10.1.{}.{}".format
    for number, other in enumerate(others):
        data = other._announcer.beacon(Flag(0), count)
        hear(core, data, (address(number >> 8, number & 255), 50000), now)
        settle(core, data, address(number >> 8, number & 255))
        now += mean / count
    core.peers()
    core.events()
    core.datagrams_to_send()
    gc.collect()
    listed = len(core.peers())
    memory = (tracemalloc.get_traced_memory()[0] - before) / max(1, listed)
    tracemalloc.stop()
    seconds = 20.0
    due = sorted((now + chance.random() * mean, number) for number in range(len(others)))
    said = [
        (at, others[number]._announcer.beacon(Flag(0), count), (address(number >> 8, number & 255), 50000))
        for at, number in due
        if at < now + seconds
    ]
    span = min(seconds, mean)
    began = time.process_time()
    for at, data, source in said:
        advance(core, at)
        hear(core, data, source, at)
        core.next_deadline(at)
    advance(core, now + span)
    return (time.process_time() - began) / span * 1000, memory, listed


def hear(core: DiscoveryProtocol, data: bytes, source: tuple[str, int], now: float) -> None:
    core.receive_datagram(data, source, now, shared=True)
    core.datagrams_to_send()
    core.peers()
    core.events()


def settle(core: DiscoveryProtocol, data: bytes, address: str) -> None:
    """As if it had answered a probe."""
    message = decode(data)
    assert isinstance(message, SignedBeacon)
    entry = core._table.by_public_key(message.body.public_key)
    if entry is not None:
        core._table.prove(entry)
        entry.addresses.credit(address, Evidence.ANSWERED)
        core._watch.touch(entry)


def advance(core: DiscoveryProtocol, until: float) -> None:
    for _ in range(100_000):
        deadline = core.next_deadline(until)
        if deadline is None or deadline > until:
            return
        core.handle_timeout(until)
        core.datagrams_to_send()
        core.peers()
        core.events()


def lists_of(nodes: list[SimulatedNode], other: SimulatedNode) -> Iterator[float]:
    """When each listed `other`, seconds after its start; what is never counts as a minute."""
    for node in nodes:
        if node is not other:
            yield next(
                (
                    at - other.started
                    for at, event in node.told
                    if type(event).__name__ == "Found" and event.peer.peer == other.core.peer
                ),
                60.0,
            )


def listed_share(lan: HallLan, node: SimulatedNode, wanted: int, seconds: float) -> float:
    """Seconds until `node` lists so many; a minute if it does not."""
    began = lan.now
    try:
        lan.run_until(lambda: len(node.core._table) >= wanted, seconds)
    except AssertionError:
        return 60.0
    return lan.now - began


def measure(count: int, runs: int, *, together: bool, say: Callable[[str], None]) -> Iterator[Figure]:
    beacons, caused, complete, known, cpu = next(
        TARGETS[limit] for limit in sorted(TARGETS) if count <= limit or limit == max(TARGETS)
    )
    say(f"{count}: making the hall")
    lan = at_rest(count, 1, together=together)
    seconds = 20.0 if count >= 1000 else 60.0
    lan.run(seconds)
    rate = lan.on_air(lan.now - seconds, lan.now) / seconds
    yield Figure(f"{count}: beacons at rest in all", beacons, "/s", [rate])
    say(f"{count}: newcomers")
    storms, lists = [], []
    for run in range(runs):
        lan.run(1.0)
        began = lan.now
        node = arrive(lan, count + 1 + run)
        took = listed_share(lan, node, round(0.99 * min(PEERS_MAX, count)), 10.0)
        lan.run(max(0.0, began + 1.0 - lan.now))
        storms.append(lan.on_air(began, began + 1.0) - rate)
        lists.append(took * 1000)
    yield Figure(f"{count}: broadcasts that a newcomer causes in a second", caused, "", storms, "max")
    yield Figure(f"{count}: a newcomer lists 99 % of what it can", complete, "ms", lists, "max")
    say(f"{count}: newcomers, 30 % of broadcasts lost")
    lan.loss = 0.3
    times: list[float] = []
    old = list(lan.nodes)
    for run in range(runs):
        for each in old:
            each.told.clear()
        node = arrive(lan, count + 101 + run)
        lan.run(4.0)
        times += lists_of(old, node)
    yield Figure(f"{count}: all list a newcomer, 30 % lost", known, "s", times, "p99")
    del lan, old
    gc.collect()
    say(f"{count}: processor and memory")
    ms, memory, listed = cost_at_rest(count)
    yield Figure(f"{count}: processor of a peer at rest", cpu, "ms/s", [ms])
    yield Figure(f"{count}: memory of a listed peer ({listed} listed)", 2048, "B", [memory])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("peers", nargs="*", type=int, default=[10, 100, 1000, 3000])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--together", action="store_true", help="the packets of one beacon get lost together")
    args = parser.parse_args()
    share_checks()
    rows: list[Figure] = []
    for count in args.peers:
        rows += measure(
            count,
            args.runs,
            together=args.together,
            say=lambda line: print(line, file=sys.stderr, flush=True),
        )
    print_table(rows)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
