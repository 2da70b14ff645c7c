"""What a datagram that leads to nothing costs a program: ``python tests/bench/bench_junk.py``, in microseconds.

A running node on loopback; processor time of reading bursts of 100 from the socket until nothing follows of them, with
every limit as in use, so that most of a kind end at the limit of their source. The first row is `recvfrom` alone.
"""

import asyncio
import random
import socket
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from p2pgame.core.registry import Registry
from p2pgame.net.node import Node, NodeConfig
from p2pgame.net.udp import UdpEndpoint
from p2pgame.session.match.channel import Channel
from p2pgame.wire.beacon import HEADER, DatagramType, header
from p2pgame.wire.sealed import Sealer
from tests.bench.table import Figure, print_table
from tests.lab.attacker import forged, invented

TARGET = 5.0
BURST = 100
BURSTS = 100
WARM_UP = 40
"""Bursts that are not counted: they use up what the limits let through."""
PORT = 45411


def kinds() -> dict[str, list[bytes]]:
    """Datagrams that are sent in turn, by what they are."""
    chance = random.Random(1)

    def noise(kind: DatagramType, size: int) -> list[bytes]:
        return [header(kind) + chance.randbytes(size) for _ in range(40)]

    return {
        "no header of ours": [b"hello, this is nothing" * 4],
        "an unknown type": [HEADER + b"\x09" + bytes(90)],
        "too long": [header(DatagramType.BEACON) + bytes(1400)],
        "too short": [header(DatagramType.PROBE) + bytes(20)],
        "a match that is not": [b"\x80" + bytes(40)],
        "noise behind a beacon's header": noise(DatagramType.BEACON, 200),
        "one forged beacon": forged(invented(1)),
        "40 forged beacons": forged(invented(40)),
        "a dial request of nobody": noise(DatagramType.DIAL_REQUEST, 200),
        "a ping to all": [HEADER + b"\2" + chance.randbytes(8) + bytes(8) for _ in range(40)],
        "a ping to another": noise(DatagramType.PING, 16),
        "a pong": noise(DatagramType.PONG, 16),
        "a challenge": noise(DatagramType.CHALLENGE, 16),
        "a probe of nobody": noise(DatagramType.PROBE, 64),
        "a proof of nothing": noise(DatagramType.PROOF, 24),
        "a text ping": [b"ping abc\n"],
        "a text pong": [b"pong abc\n"],
    }


async def cost(read: Callable[[], int], datagrams: list[bytes], to: int) -> list[float]:
    """Microseconds for each datagram, of each burst."""
    costs = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.bind(("127.0.0.1", 0))
        for burst in range(WARM_UP + BURSTS):
            for number in range(BURST):
                sender.sendto(datagrams[(burst * BURST + number) % len(datagrams)], ("127.0.0.1", to))
            began, count = time.process_time(), 0
            while got := read():
                count += got
            await asyncio.sleep(0)
            if burst >= WARM_UP and count:
                costs.append(1e6 * (time.process_time() - began) / count)
    return costs


def read_only(sock: socket.socket) -> int:
    """Read all that waits, and do nothing with it; how many there were."""
    for count in range(BURST + 1):
        try:
            sock.recvfrom(65_536)
        except BlockingIOError:
            return count
    raise AssertionError("somebody else sends, too")


@contextmanager
def alone(endpoint: UdpEndpoint) -> Iterator[UdpEndpoint]:
    """Nobody but us reads it meanwhile."""
    loop = asyncio.get_running_loop()
    loop.remove_reader(endpoint._sock)
    if endpoint._timer is not None:
        endpoint._timer.cancel()
    yield endpoint
    loop.add_reader(endpoint._sock, endpoint._read)


async def at_a_node() -> AsyncIterator[Figure]:
    with tempfile.TemporaryDirectory() as home:
        config = NodeConfig(name="Ann", data_dir=Path(home), interfaces=("lo",), discovery_port=PORT)
        node = Node(config, Registry([]), lambda *_: None)
        await node.start()
        await asyncio.sleep(0.3)
        unicast, broadcast = node.unicast._endpoints[socket.AF_INET], node.discovery._broadcast
        if broadcast is None or broadcast._ipv4 is None:
            raise AssertionError("no broadcast")
        ports = {"unicast": (unicast, node.unicast.number), "shared": (broadcast._ipv4, PORT)}
        with alone(unicast):
            read = partial(read_only, unicast._sock)
            costs = await cost(read, [bytes(96)], node.unicast.number)
        yield Figure("recvfrom and nothing else", TARGET, "us", costs)
        for name, datagrams in kinds().items():
            for port, (endpoint, to) in ports.items():
                with alone(endpoint):
                    costs = await cost(endpoint._drain, datagrams, to)
                yield Figure(f"{port} port: {name}", TARGET, "us", costs)
        await node.stop()


def in_a_match() -> Iterator[Figure]:
    """What the channel of a match adds for a datagram that names the other side's address."""
    source, now = ("127.0.0.1", 4000), 100.0
    for name, numbers in (("a number that is guessed", range(0x10000)), ("a number in the window", [2])):
        channel = Channel(b"a" * 16, b"b" * 16, source, now, 0.01, b"secret")
        channel.receive_datagram(Sealer(b"b" * 16).seal(b"first"), source, now)
        junk = [b"\x80" + number.to_bytes(2, "big") + bytes(38) for number in numbers] * (
            BURST // len(numbers) or 1
        )
        costs = []
        for _ in range(WARM_UP):
            began = time.process_time()
            for data in junk:
                channel.receive_datagram(data, source, now)
            costs.append(1e6 * (time.process_time() - began) / len(junk))
        yield Figure(f"in a match, beside the reading: {name}", TARGET, "us", costs)


async def measure() -> list[Figure]:
    return [figure async for figure in at_a_node()] + list(in_a_match())


if __name__ == "__main__":
    print_table(asyncio.run(measure()))
