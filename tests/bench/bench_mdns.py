"""A hall that has mDNS alone, since its broadcasts are blocked: ``python tests/bench/bench_mdns.py [PEERS]``.

Real programs in network namespaces (`tests.lab.lan`), so it needs root and Linux.
"""

import argparse
import sys
import tempfile
import time
from contextlib import ExitStack
from functools import partial
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from tests.bench.table import Figure, print_table  # noqa: E402
from tests.lab.lan import Lan  # noqa: E402
from tests.lab.peer import Peer  # noqa: E402

REST = 30.0
"""Seconds of rest that are counted, after as many as the hall needs to come to rest."""


def knows(peer: Peer, others: int) -> bool:
    return len({event["peer"] for event in peer.all("peer_found")}) >= others


def measure(count: int) -> list[Figure]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        lan = stack.enter_context(Lan(count + 1))
        for host in range(count + 1):
            lan.block(host, "broadcast")

        def start(host: int) -> Peer:
            options = ("bot", "--game", "gomoku", "--accept")
            peer = Peer(lan, host, f"P{host}", folder / f"data{host}", *options)
            stack.callback(peer.close)
            return peer

        peers = [start(host) for host in range(count)]
        for peer in peers:
            peer.wait_for("announcing", 120)
        for peer in peers:
            peer.wait_until(f"{count - 1} others", partial(knows, peer, count - 1), 120)
        time.sleep(20)
        lan.counters(reset=True)
        time.sleep(REST)
        sent = sum(number for host in lan.counters() for key, number in host.items() if key.endswith("/5353"))
        late = start(count)
        began = float(late.wait_for("announcing", 60)["t"])
        late.wait_until(f"{count} others", partial(knows, late, count), 60)
        took = late.all("peer_found")[count - 1]["t"] - began
        heard = [peer.wait_for("peer_found", 60, peer=late.id)["t"] - began for peer in peers]
        ways = {way for peer in peers for event in peer.all("peer_found") for way in event["via"]}
        assert "broadcast" not in ways, ways
    return [
        Figure(f"{count}, mDNS alone: packets of mDNS at rest in all", 20, "/s", [sent / REST]),
        Figure(f"{count}, mDNS alone: a newcomer lists all", 3, "s", [took]),
        Figure(f"{count}, mDNS alone: all list a newcomer", 3, "s", heard, "max"),
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("peers", nargs="?", type=int, default=20)
    print_table(measure(parser.parse_args().peers))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
