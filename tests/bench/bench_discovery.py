"""What a datagram at the discovery port costs: ``python tests/bench/bench_discovery.py``, in microseconds.

From the socket's callback to the end of its way through the discovery, without sockets and with every limit as in
use: most datagrams of a flood end at the limit of their source.
"""

import random
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from p2pgame.net.broadcast import BroadcastPort
from p2pgame.net.interfaces import Interface, IPv4
from tests.sim.discovery_world import discovery
from tests.unit.discovery.test_protocol import data

DATAGRAMS = 20_000
SOURCES = {
    "neighbour": "10.0.0.9",
    "stranger": "192.168.3.3",
    "own": "10.0.0.5",
    "IPv6": "fe80::99%eth0",
}


def interfaces(number: int) -> tuple[Interface, ...]:
    """`number` of them; the neighbours are on the last that is asked."""
    return tuple(
        Interface(f"eth{i}", i + 2, (IPv4(f"10.{i}.0.5", 24),), (f"fe80::{i + 1}",))
        for i in reversed(range(number))
    )


def cost(number: int, address: str, datagram: bytes, *, selected: bool) -> float:
    """Mean microseconds of CPU time a datagram."""
    core = discovery(1, "me")
    core.start(0.0)
    now = 1.0
    port = BroadcastPort(
        41420, lambda data, source: core.receive_datagram(data, source, now), selected=selected
    )
    port.update(interfaces(number))
    began = time.process_time()
    for _ in range(DATAGRAMS):
        now += 1e-5
        port._on_datagram(datagram, (address, 41421))
    return (time.process_time() - began) / DATAGRAMS * 1e6


def main() -> None:
    beacon = data(2)
    kinds = {
        "a known beacon": beacon,
        "junk behind our header": beacon[:6] + random.Random(1).randbytes(200),
        "junk": random.Random(2).randbytes(200),
    }
    print(f"{'datagram':<24}{'from':<12}{'interfaces':>10}{'all':>8}{'selected':>10}   us")
    for kind, datagram in kinds.items():
        for source, address in SOURCES.items():
            for number in (1, 4):
                costs = [cost(number, address, datagram, selected=selected) for selected in (False, True)]
                print(f"{kind:<24}{source:<12}{number:>10}{costs[0]:>8.1f}{costs[1]:>10.1f}")


if __name__ == "__main__":
    main()
