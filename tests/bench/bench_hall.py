"""What discovery costs a hall of N peers, on a virtual clock: ``python tests/bench/bench_hall.py [N ...] [--runs R]``.

A hall at rest is made at once: each program gets the list that it would have after some minutes, and a place in the
rhythm of the others. Then newcomers arrive. A broadcast is one packet on the air: a beacon that goes by three methods
counts three times, and each of the three is lost by itself (``--together``: all three or none).

Signatures are checked once for all programs of the hall, or a thousand of them would take hours. The processor time
and the memory of one program are measured in a program by itself, which checks all of them.
"""

import argparse
import gc
import random
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from p2pgame.discovery.addresses import Evidence  # noqa: E402
from p2pgame.discovery.protocol import DiscoveryProtocol  # noqa: E402
from p2pgame.discovery.schedule import interval  # noqa: E402
from p2pgame.discovery.table import PEERS_MAX  # noqa: E402
from p2pgame.wire.beacon import Flag, SignedBeacon, decode  # noqa: E402
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


def cost_at_rest(count: int) -> tuple[float, float, int]:
    """Processor ms a second, bytes for one more listed peer, peers listed: of a program that checks all by itself."""
    others = [discovery(number, seed=3) for number in range(2, count + 1)]
    chance = random.Random(5)
    tracemalloc.start()
    core = discovery(1, seed=3)
    rest(core, [], 0.0, 0.5, 0.5)
    before = traced(core)
    now, mean = 1000.0, interval(count)
    address = "10.1.{}.{}".format
    half = min(len(others), PEERS_MAX) // 2
    for number, other in enumerate(others):
        if number == half:
            before = traced(core)
        data = other._announcer.beacon(Flag(0), count)
        hear(core, data, (address(number >> 8, number & 255), 50000), now)
        settle(core, data, address(number >> 8, number & 255))
        now += mean / count
    listed = len(core.peers())
    memory = (traced(core) - before) / max(1, listed - half)
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
    advance(core, now + span)
    return (time.process_time() - began) / span * 1000, memory, listed


def traced(core: DiscoveryProtocol) -> int:
    """Bytes in use, with all that is published and nothing that is under way."""
    core.peers()
    core.events()
    core.datagrams_to_send()
    gc.collect()
    return tracemalloc.get_traced_memory()[0]


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
    with shared_checks():
        yield from in_the_hall(count, runs, together=together, say=say)
    gc.collect()
    cpu = TARGETS[size_of(count)][4]
    say(f"{count}: processor and memory")
    ms, memory, listed = cost_at_rest(count)
    yield Figure(f"{count}: processor of a peer at rest", cpu, "ms/s", [ms])
    yield Figure(f"{count}: memory of a listed peer ({listed} listed)", 2048, "B", [memory])


def size_of(count: int) -> int:
    """Whose targets a hall of `count` has."""
    return next((limit for limit in sorted(TARGETS) if count <= limit), max(TARGETS))


def in_the_hall(count: int, runs: int, *, together: bool, say: Callable[[str], None]) -> Iterator[Figure]:
    beacons, caused, complete, known, _ = TARGETS[size_of(count)]
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


def bursts(count: int) -> Iterator[Figure]:
    """Thirty programs started within a second in a hall of `count`; then all begin again, as the network comes back."""
    chance = random.Random(4)
    with shared_checks():
        lan = at_rest(count, 2)
        lan.run(3.0)
        began = lan.now
        for number in range(30):
            node = lan.put(count + 1 + number)
            lan.at(began + chance.random(), node.start)
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


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("peers", nargs="*", type=int, default=[10, 100, 1000, 3000])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--together", action="store_true", help="the packets of one beacon get lost together")
    args = parser.parse_args()
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
