"""What discovery costs a hall of N peers, on a virtual clock: ``python tests/bench/bench_hall.py [N ...] [--bursts]``.

A hall at rest is made at once: each program gets the list that it would have after some minutes, and a place in the
rhythm of the others. Then newcomers arrive. A broadcast is one packet on the air: a beacon that goes by three methods
counts three times, and each of the three is lost by itself (``--together``: all three or none).

Signatures are checked once for all programs of the hall, or a thousand of them would take hours. The processor time
and the memory of one program are measured in a program by itself, which checks all of them, probes and is probed. Of
several spans of time the one that took least counts: other programs of the machine only add to it.
"""

import argparse
import gc
import random
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from unittest.mock import patch

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

import p2pgame.discovery.watch as watch_module  # noqa: E402
from p2pgame.discovery.protocol import DiscoveryProtocol  # noqa: E402
from p2pgame.discovery.schedule import interval  # noqa: E402
from p2pgame.discovery.table import PEERS_MAX  # noqa: E402
from p2pgame.wire.beacon import Flag  # noqa: E402
from tests.bench.table import Figure, print_table  # noqa: E402
from tests.sim.discovery_world import SimulatedNode, discovery  # noqa: E402
from tests.sim.hall_world import HallLan, arrive, at_rest, busiest_second, rest, shared_checks  # noqa: E402

TARGETS = {
    10: (6, 30, 50, 0.3, 1),
    100: (20, 40, 150, 1, 5),
    1000: (20, 40, 1000, 2, 5),
    3000: (20, 40, 1500, 3, 5),
}
"""For halls up to so many: beacons/s, broadcasts of a newcomer, ms to its list, s until all list it, CPU ms/s."""


def cost_at_rest(count: int) -> tuple[list[float], float, int]:
    """Processor ms a second, in several spans; bytes for one more listed peer; peers listed."""
    now, mean, chance = 1000.0, interval(count), random.Random(5)
    core = discovery(1, seed=3)
    rest(core, [], 0.0, 0.5, 0.5)
    others = {address_of(number): discovery(number, seed=3) for number in range(2, count + 1)}
    for address, other in others.items():
        meet(core, other, address, now)
        now += mean / count
    seconds = max(20.0, 2 * mean)
    spans = []
    for _ in range(5):
        said = []
        for address, other in others.items():
            at = now + chance.random() * mean
            while at < now + seconds:
                said.append((at, other._announcer.beacon(Flag(0), count), (address, 50000)))
                at += mean * (0.5 + chance.random())
        program = Program(core, now)
        began = time.process_time()
        for at, data, source in sorted(said):
            program.advance(at)
            program.receive(data, source, at)
        program.advance(now + seconds)
        spans.append((time.process_time() - began) / seconds * 1000)
        now += seconds
    with patch.object(watch_module, "PROBES_AT_ONCE", PEERS_MAX):  # all at once, which takes a minute else
        return spans, memory_of_a_peer(max(count, 128)), len(core.peers())


def memory_of_a_peer(count: int) -> float:
    """Bytes for one more listed peer, when half of so many, or of those that fit, are listed already."""
    others = [discovery(number, seed=3) for number in range(2, min(count, PEERS_MAX + 1) + 1)]
    core, half = discovery(1, seed=3), len(others) // 2
    rest(core, [], 0.0, 0.5, 0.5)
    now, before = 1000.0, 0
    tracemalloc.start()
    while others:
        if len(others) == half:
            now += 10.0
            before = traced(core, now)
        meet(
            core, others.pop(), address_of(len(others) + 2), now
        )  # and what the other one needs is forgotten
        now += interval(count) / count
    used = traced(core, now + 10.0) - before
    tracemalloc.stop()
    return used / half


def address_of(number: int) -> str:
    return f"10.1.{number >> 8}.{number & 255}"


def traced(core: DiscoveryProtocol, now: float) -> int:
    """Bytes in use, with all that is published and nothing that is under way: after a quiet while."""
    visitor = discovery(5000, first_seq=int(now), seed=3)
    meet(core, visitor, address_of(5000), now)
    core.receive_datagram(visitor._announcer.beacon(Flag.GOODBYE, 2), (address_of(5000), 50000), now)
    del visitor
    core.peers()
    core.events()
    core.datagrams_to_send()
    gc.collect()
    return tracemalloc.get_traced_memory()[0]


class Program:
    """Does with a protocol what `net.discovery` does, but for sockets and timers."""

    def __init__(self, core: DiscoveryProtocol, now: float) -> None:
        self.core = core
        self.deadline = core.next_deadline(now)

    def receive(self, data: bytes, source: tuple[str, int], now: float) -> None:
        if self.core.receive_datagram(data, source, now, shared=True):
            self.pump(now)

    def advance(self, until: float) -> None:
        while self.deadline is not None and self.deadline <= until:
            now = self.deadline
            self.core.handle_timeout(now)
            self.pump(now)

    def pump(self, now: float) -> None:
        self.core.events()
        self.core.datagrams_to_send()
        self.core.peers()
        self.deadline = self.core.next_deadline(now)


def meet(core: DiscoveryProtocol, other: DiscoveryProtocol, address: str, now: float) -> None:
    """Both hear, probe and answer each other."""
    home = address_of(1)
    other.receive_datagram(core._announcer.beacon(Flag(0), 2), (home, 50000), now, shared=True)
    core.receive_datagram(other._announcer.beacon(Flag(0), 1000), (address, 50000), now, shared=True)
    for _ in range(2):
        for one, its, another in ((core, home, other), (other, address, core)):
            one.handle_timeout(now)
            for out in one.datagrams_to_send():
                if out.to is not None and out.to[0] == (address if one is core else home):
                    another.receive_datagram(out.data, (its, 41421), now)


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
    gc.disable()  # three million entries of lists: to look at them again and again takes longer than all else
    with shared_checks():
        yield from in_the_hall(count, runs, together=together, say=say)
    gc.enable()
    gc.collect()
    cpu = TARGETS[size_of(count)][4]
    say(f"{count}: processor and memory")
    spans, memory, listed = cost_at_rest(count)
    yield Figure(f"{count}: processor of a peer at rest", cpu, "ms/s", spans, "min")
    yield Figure(f"{count}: memory of a listed peer ({listed} listed)", 2048, "B", [memory])


def size_of(count: int) -> int:
    """Whose targets a hall of `count` has."""
    return next((limit for limit in sorted(TARGETS) if count <= limit), max(TARGETS))


def in_the_hall(count: int, runs: int, *, together: bool, say: Callable[[str], None]) -> Iterator[Figure]:
    beacons, caused, complete, known, _ = TARGETS[size_of(count)]
    say(f"{count}: making the hall")
    lan = at_rest(count, 1, together=together)
    seconds = 10.0 if count > 1000 else 20.0 if count == 1000 else 60.0
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


def bursts(count: int) -> Iterator[Figure]:
    """Thirty programs started within a second in a hall of `count`; then all begin again, as the network comes back."""
    chance = random.Random(4)
    with shared_checks():
        lan = at_rest(count, 2)
        lan.run(3.0)
        began = lan.now
        for number in range(30):
            lan.at(began + chance.random(), partial(arrive, lan, count + 1 + number))
        lan.run(4.0)
        yield Figure(f"{count}: busiest second as 30 arrive", 100, "", [busiest_second(lan, began)])
        lan.run(20.0)
        began = lan.now
        for node in lan.nodes:
            lan.at(began + 2 * chance.random(), node.restart)
        lan.run(10.0)
        yield Figure(
            f"{count + 30}: busiest second as all begin again", 100, "", [busiest_second(lan, began)]
        )
        for node in lan.nodes:
            for entry in list(node.core._table):
                node.core._drop(entry, "goodbye", lan.now)
            node.pump()
        began = lan.now
        for node in lan.nodes:
            lan.at(began + 2 * chance.random(), node.restart)
        lan.run(10.0)
        yield Figure(
            f"{count + 30}: busiest second as all wake up and list nobody",
            100,
            "",
            [busiest_second(lan, began)],
        )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("peers", nargs="*", type=int, default=[10, 100, 1000, 3000])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--together", action="store_true", help="the packets of one beacon get lost together")
    parser.add_argument(
        "--bursts", action="store_true", help="instead: the busiest second as many do the same at once"
    )
    args = parser.parse_args()
    rows: list[Figure] = []
    for count in args.peers:
        if args.bursts:
            rows += bursts(count)
            continue
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
