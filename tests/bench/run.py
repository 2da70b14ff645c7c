"""The figures p2pgame promises, measured between hosts of the lab: ``python tests/bench/run.py [WORD] [--runs N]``.

As root, on an otherwise idle machine. WORD picks the figures whose function has it in its name. Times are
differences of the events' own ``t``: all hosts of the lab share one clock.
"""

import argparse
import random
import signal
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from tests.bench.programs import Bench  # noqa: E402
from tests.bench.table import Figure, print_table  # noqa: E402
from tests.lab.display import open_display  # noqa: E402
from tests.lab.lan import DISCOVERY_PORT, why_no_lab  # noqa: E402
from tests.lab.peer import Peer  # noqa: E402

ACCEPT = ("bot", "--game", "gomoku", "--accept", "--matches", "0")
INVITE = ("bot", "--game", "gomoku", "--invite")
IDLE_S = 12.0


def time_of(witness: Peer, event: str, timeout: float = 15.0, **fields: Any) -> float:
    """When `event` happened, Unix seconds."""
    return float(witness.wait_for(event, timeout, **fields)["t"])


def ms(seconds: float) -> float:
    return seconds * 1000


def meetings(bench: Bench, runs: int) -> Iterator[tuple[float, float]]:
    """How long after the announcement of the second each one lists the other: (the first, the second), in ms.

    Both are new in every run, so neither knows the other's address from before.
    """
    chance = random.Random(1)
    for run in range(runs):
        first = bench.start(run % 2, f"First{run}", *ACCEPT)
        first.wait_for("announcing")
        time.sleep(chance.uniform(1.0, 3.0))  # anywhere in the first one's rhythm
        second = bench.start(1 - run % 2, f"Second{run}", *ACCEPT)
        began = time_of(second, "announcing")
        yield (
            ms(time_of(first, "peer_found", peer=second.id) - began),
            ms(time_of(second, "peer_found", peer=first.id) - began),
        )
        first.close()
        second.close()


def discovery(runs: int) -> Iterator[Figure]:
    with Bench() as bench:
        old, new = zip(*meetings(bench, runs), strict=True)
    yield Figure("announcing to peer_found, other was there before", 50, "ms", old)
    yield Figure("announcing to peer_found, other comes later", 50, "ms", new)
    with Bench() as bench:
        bench.lan.impair(broadcast_loss=0.3, multicast_loss=0.3)
        old, new = zip(*meetings(bench, 2 * runs), strict=True)
    yield Figure("the same with 30 % broadcast and multicast lost", 1000, "ms", (*old, *new), "p95")


def start_to_announcing(runs: int) -> Iterator[Figure]:
    samples = []
    with Bench() as bench:
        for run in range(runs + 1):
            began = time.time()
            peer = bench.start(0, f"P{run}", *ACCEPT)
            samples.append(ms(time_of(peer, "announcing") - began))
            peer.close()
    yield Figure("process start to announcing", 500, "ms", samples[1:])  # the first one fills the disk cache


def accepted_to_started(runs: int) -> Iterator[Figure]:
    samples = []
    with Bench() as bench:
        alice = bench.start(0, "Alice", *ACCEPT)
        for run in range(runs):
            after = len(alice.events)
            bob = bench.start(1, f"Bob{run}", *INVITE, "Alice", "--frames", "2")
            ends = [
                float(peer.wait_for("match_started", after=n)["t"]) for peer, n in ((alice, after), (bob, 0))
            ]
            accepted = float(alice.wait_for("invite_accepted", after=after)["t"])
            samples.append(ms(max(ends) - accepted))
            bob.wait_exit()
    yield Figure("invite_accepted to match_started on both", 150, "ms", samples)


def moves(runs: int) -> Iterator[Figure]:
    del runs
    for delay in (0, 20):
        samples = []
        with Bench() as bench:
            bench.lan.impair(delay_ms=delay)
            options = ("--frames", "60", "--think-ms", "10")
            peers = [
                bench.start(0, "Alice", *ACCEPT, *options[2:]),
                bench.start(1, "Bob", *INVITE, "Alice", *options),
            ]
            peers[1].wait_exit(60)
            peers[0].wait_for("match_ended")
            seen = [{event["frame"]: event for event in peer.all("move")} for peer in peers]
            me = [peer.wait_for("match_started")["me"] for peer in peers]
            for frame in seen[0].keys() & seen[1].keys():
                mover = me.index(seen[0][frame]["player"])
                samples.append(ms(seen[1 - mover][frame]["t"] - seen[mover][frame]["t"]))
        yield Figure(
            f"a move, submit to the state on the other side, RTT {2 * delay} ms", delay + 5, "ms", samples
        )


def losses(runs: int) -> Iterator[Figure]:
    goodbyes: list[float] = []
    crashes: list[float] = []
    chance = random.Random(1)
    with Bench(1 + runs) as bench:
        watcher = bench.start(0, "Watcher", *ACCEPT)
        for ending, samples in ((signal.SIGINT, goodbyes), (signal.SIGKILL, crashes)):
            victims = [bench.start(1 + run, f"V{ending.name}{run}", *ACCEPT) for run in range(runs)]
            for victim in victims:
                watcher.wait_for("peer_found", peer=victim.id)
            time.sleep(3)  # past the burst of the start
            ended_at = {}
            for victim in victims:
                time.sleep(chance.uniform(0.1, 0.4))
                ended_at[victim.id] = time.time()
                victim.process.send_signal(ending)
            samples += [
                ms(time_of(watcher, "peer_lost", 15, peer=peer) - began) for peer, began in ended_at.items()
            ]
    yield Figure("goodbye (Ctrl-C) to peer_lost", 100, "ms", goodbyes)
    yield Figure("kill -9 to peer_lost", 8000, "ms", crashes, "max")


def idle_percent(peer: Peer) -> float:
    time.sleep(4)  # past the burst of the start
    began, used = time.monotonic(), peer.cpu_s()
    time.sleep(IDLE_S)
    return 100 * (peer.cpu_s() - used) / (time.monotonic() - began)


def idle_cpu(runs: int) -> Iterator[Figure]:
    del runs
    with Bench() as bench, open_display() as display:
        bot = bench.start(0, "Bot", *ACCEPT)
        yield Figure(f"idle lobby, processor of bot over {IDLE_S:.0f} s", 3, "%", [idle_percent(bot)])
        window = bench.start(1, "Window", "play", **display.env)
        display.wait_window()
        yield Figure(
            f"idle lobby, processor of the window over {IDLE_S:.0f} s", 10, "%", [idle_percent(window)]
        )


def twenty_peers(runs: int) -> Iterator[Figure]:
    del runs
    number, seconds = 20, 20.0

    def knows_all(peer: Peer) -> bool:
        return len(peer.all("peer_found")) >= number - 1

    with Bench(number) as bench:
        peers = [bench.start(host, f"P{host}", *ACCEPT) for host in range(number)]
        last = max(time_of(peer, "announcing", 60) for peer in peers)
        complete = []
        for peer in peers:
            peer.wait_until("19 others", partial(knows_all, peer), 30)
            complete.append(ms(max(0.0, peer.all("peer_found")[number - 2]["t"] - last)))
        yield Figure("20 peers: the last start to 19 others listed", 1000, "ms", complete, "max")
        time.sleep(4)
        bench.lan.counters(reset=True)
        time.sleep(seconds)
        sent = bench.lan.counters()
        for cast in ("broadcast", "multicast", "unicast"):
            frames = sum(host.get(f"udp/{cast}/{DISCOVERY_PORT}", 0) for host in sent)
            yield Figure(
                f"20 peers: {cast} datagrams to the discovery port in all", 20, "/s", [frames / seconds]
            )
        mdns = sum(host.get("udp/multicast/5353", 0) for host in sent)
        yield Figure("20 peers: mDNS datagrams in all", 20, "/s", [mdns / seconds])


FIGURES: tuple[Callable[[int], Iterator[Figure]], ...] = (
    discovery,
    start_to_announcing,
    accepted_to_started,
    moves,
    losses,
    idle_cpu,
    twenty_peers,
)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("word", nargs="?", default="", help=", ".join(f.__name__ for f in FIGURES))
    parser.add_argument("--runs", type=int, default=10)
    args = parser.parse_args()
    if reason := why_no_lab():
        print(reason, file=sys.stderr)
        return 1
    rows: list[Figure] = []
    for measure in FIGURES:
        if args.word in measure.__name__:
            print(f"{measure.__name__} ...", file=sys.stderr, flush=True)
            rows += measure(args.runs)
    print_table(rows)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
