"""What rooms promise, measured between hosts of the lab: ``python tests/bench/bench_rooms.py [WORD] [--runs N]``.

As root, on an otherwise idle machine. WORD picks the figures whose function has it in its name. Tron, 60 frames a
second, the worst of all members. All hosts of the lab share one clock. A stall is a tick in which no frame could pass.
"""

import argparse
import os
import signal
import socket
import struct
import sys
import threading
import time
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from tests.bench.programs import Bench  # noqa: E402
from tests.bench.run import ms  # noqa: E402
from tests.bench.table import Figure, print_table  # noqa: E402
from tests.lab.lan import DEVICE, Lan, why_no_lab  # noqa: E402
from tests.lab.peer import Event, Peer  # noqa: E402
from tests.lab.rooms import guests_of, host_of, open_room, played  # noqa: E402
from tests.lab.switch import classify  # noqa: E402

RATE = 60
MIDDLE = 120
"""The frame in which something happens."""
_GAME_BYTES = 300
"""Frames of Ethernet up to this size are of the match: a beacon is larger."""


def seconds_of(peer: Peer) -> float:
    return float(end_of(peer)["t"] - peer.wait_for("match_started")["t"])


def end_of(peer: Peer, timeout: float = 90.0) -> Event:
    return peer.wait_for("match_ended", timeout)


def stat(peers: Sequence[Peer], name: str) -> list[float]:
    return [float(end_of(peer)["stats"][name]) for peer in peers]


def stalls_a_minute(peers: Sequence[Peer]) -> list[float]:
    return [float(end_of(peer)["stats"]["stalls"]) * 60 / seconds_of(peer) for peer in peers]


# --- what a round costs


def traffic(runs: int) -> Iterator[Figure]:
    """Round trips of 4 ms."""
    of_guest: list[float] = []
    of_host: list[float] = []
    guest_bytes: list[float] = []
    host_bytes: list[float] = []
    relayed: list[float] = []
    for _ in range(runs):
        with Bench(8) as bench:
            bench.lan.impair(delay_ms=2)
            peers = open_room(bench.start, 8, frames=15 * RATE)
            with watched(bench.lan, host_of(peers)) as wire:
                for peer in peers:
                    end_of(peer)
            relayed += wire.waits()
            for peer in peers:
                stats, seconds = end_of(peer)["stats"], seconds_of(peer)
                packets = (stats["sent_packets"] + stats["received_packets"]) / seconds
                if peer is host_of(peers):
                    of_host.append(packets)
                    host_bytes.append(stats["sent_bytes"] / seconds / 7)
                else:
                    of_guest.append(packets)
                    guest_bytes.append(stats["sent_bytes"] / seconds)
    yield Figure("8 members: datagrams that a guest sends and gets", 124, "/s", of_guest, "max")
    yield Figure("8 members: datagrams that the host sends and gets", 870, "/s", of_host, "max")
    yield Figure("8 members: sent by a guest", 1600, "B/s", guest_bytes, "max")
    yield Figure("8 members: sent by the host to each", 5000, "B/s", host_bytes, "max")
    yield Figure("8 members: an input waits in the host until it is passed on", 6, "ms", relayed, "p99")


class Wire:
    """Datagrams of the match that pass the device of one host, with the kernel's times."""

    def __init__(self, raw: socket.socket) -> None:
        self._raw = raw
        self._came: dict[bytes, list[float]] = {}
        self._went: dict[bytes, list[float]] = {}
        self._ends = threading.Event()
        raw.bind((DEVICE, 3))  # ETH_P_ALL
        raw.setsockopt(socket.SOL_SOCKET, 35, 1)  # SO_TIMESTAMPNS
        raw.settimeout(0.2)
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def _read(self) -> None:
        while not self._ends.is_set():
            try:
                frame, control, _, source = self._raw.recvmsg(2048, 256)
            except TimeoutError:
                continue
            protocol, cast, _ = classify(frame)
            if protocol != "udp" or cast != "unicast" or len(frame) > _GAME_BYTES:
                continue
            whole, nanoseconds = struct.unpack("qq", control[0][2])
            outgoing = source[2] == socket.PACKET_OUTGOING
            seen, other = (self._went, frame[:6]) if outgoing else (self._came, frame[6:12])
            seen.setdefault(other, []).append(whole + nanoseconds / 1e9)

    def stop(self) -> None:
        self._ends.set()
        self._thread.join()

    def waits(self) -> list[float]:
        """Milliseconds from each datagram of a guest to the next one to each other guest."""
        found = []
        for guest, times in self._came.items():
            for other, sent in self._went.items():
                if other != guest and len(sent) > RATE:
                    for at in times[RATE:]:  # the clocks are steered after the start
                        place = bisect_left(sent, at)
                        if place < len(sent):
                            found.append(ms(sent[place] - at))
        return found


@contextmanager
def watched(lan: Lan, host: Peer) -> Iterator[Wire]:
    with lan.open_socket(host.host, socket.SOCK_RAW, socket.AF_PACKET) as raw:
        wire = Wire(raw)
        try:
            yield wire
        finally:
            wire.stop()


def jittery(runs: int) -> Iterator[Figure]:
    """Round trips of 10 ms with 15 of jitter, 2 % lost each way."""
    depths: list[float] = []
    stalls: list[float] = []
    for _ in range(runs):
        with Bench(8) as bench:
            bench.lan.impair(delay_ms=5, jitter_ms=7.5, loss=0.02)
            peers = open_room(bench.start, 8, frames=20 * RATE)
            depths += stat(peers, "p99_rollback")
            stalls += stalls_a_minute(peers)
    yield Figure("8 members, 10/15/2 %: p99 depth of rollbacks", 4, "", depths, "max")
    yield Figure("8 members, 10/15/2 %: stalls a minute", 0, "", stalls, "max")


def library(runs: int) -> Iterator[Figure]:
    ratios = []
    for _ in range(runs):
        cost = []
        for count in (2, 8):
            with Bench(count) as bench:
                bench.lan.impair(delay_ms=2)
                peers = open_room(bench.start, count, frames=10 * RATE)
                cost += stat([host_of(peers)], "cpu_ms_per_frame")
                for peer in peers:
                    end_of(peer)
        ratios.append(cost[1] / cost[0])
    yield Figure("library time a frame at the host, 8 players to 2", 2.5, "x", ratios)


# --- who is gone


def host_gone(runs: int) -> Iterator[Figure]:
    for ending, goal in ((signal.SIGKILL, 1500.0), (signal.SIGTERM, 300.0)):
        samples = []
        for _ in range(runs):
            with Bench(4) as bench:
                bench.lan.impair(delay_ms=2)
                peers = open_room(bench.start, 4, frames=10 * RATE)
                played(peers, MIDDLE)
                host, others = host_of(peers), guests_of(peers)
                host.process.send_signal(ending)
                gone = time.time()
                for peer in others:
                    peer.wait_for("host_changed")
                changed = max(e["frame"] for p in others for e in p.all("hash") if e["t"] <= chosen_at(p))
                samples.append(ms(played(others, changed + 1) - gone))
                for peer in others:
                    end_of(peer)
        what = "killed" if ending is signal.SIGKILL else "says goodbye"
        yield Figure(f"host of 4 {what}, to frames of all", goal, "ms", samples, "max")


def chosen_at(peer: Peer) -> float:
    return float(peer.wait_for("host_changed")["t"])


def guest_gone(runs: int) -> Iterator[Figure]:
    """By how much a confirmed frame of the others was later than before, in the second after a guest was killed."""
    samples: list[float] = []
    for _ in range(runs):
        with Bench(4) as bench:
            bench.lan.impair(delay_ms=2)
            peers = open_room(bench.start, 4, frames=6 * RATE)
            played(peers, MIDDLE)
            victim, *others = guests_of(peers)
            victim.process.kill()
            gone = time.time()
            others.append(host_of(peers))
            for peer in others:
                end_of(peer)
                before = [lateness(e) for e in peer.all("hash") if gone - 1.0 <= e["t"] < gone]
                after = [lateness(e) for e in peer.all("hash") if gone <= e["t"] < gone + 1.0]
                samples.append(ms(max(after) - max(before)))
    yield Figure("guest of 4 killed: a frame of the others later than before", 20, "ms", samples, "max")


def lateness(event: Event) -> float:
    """Seconds, from a beginning of its own."""
    return float(event["t"]) - event["frame"] / RATE


# --- who watches, and who is slow


def watcher(runs: int) -> Iterator[Figure]:
    first: list[float] = []
    behind: list[float] = []
    for _ in range(runs):
        with Bench(4) as bench:
            bench.lan.impair(delay_ms=2)
            peers = open_room(bench.start, 3, frames=15 * RATE)
            played(peers, MIDDLE)
            guest = bench.start(3, "Wim", "bot", "--watch", peers[0].name)
            began = float(guest.wait_for("room_found")["t"])
            spectating = guest.wait_for("spectating")
            first.append(ms(played([guest], spectating["frame"]) - began))
            played([guest], spectating["frame"] + 3 * RATE)
            theirs = {e["frame"]: e["t"] for e in host_of(peers).all("hash")}
            seen = guest.all("hash")[len(guest.all("hash")) // 2 :]
            behind += [ms(e["t"] - theirs[e["frame"]]) for e in seen if e["frame"] in theirs]
    yield Figure("watcher: from the room in its list to the first frame", 1000, "ms", first, "max")
    yield Figure("watcher: behind the host", 300, "ms", behind, "p95")


def slow_guest(runs: int) -> Iterator[Figure]:
    """300 ms of round trip to one guest of 4 that loses 20 % of what it sends: from the beginning, or in the middle."""
    far: list[float] = []
    bots: list[float] = []
    at_once: list[float] = []
    for _ in range(runs):
        with Bench(4) as bench:
            bench.lan.impair(3, delay_ms=300, loss=0.2)
            peers = open_room(bench.start, 4, frames=30 * RATE)
            far += stalls_a_minute(peers[:3])
            over = end_of(peers[0])["t"]
            bots.append(sum(event["t"] < over for event in peers[0].all("seat_changed", kind="bot")))
        with Bench(4) as bench:
            peers = open_room(bench.start, 4, frames=30 * RATE)
            played(peers, MIDDLE)
            slow, *others = guests_of(peers)
            others.append(host_of(peers))
            bench.lan.impair(slow.host, delay_ms=300, loss=0.2)
            at_once += stat(others, "stalls")
    yield Figure("one guest at 300 ms and 20 %: stalls of the others a minute", 5, "", far, "max")
    yield Figure("one guest at 300 ms and 20 %: seats that a bot took", 0, "", bots, "max")
    yield Figure("a guest gets there in a match: ticks that the others wait", 20, "", at_once, "max")


# --- many rounds


def rounds(last: int) -> Iterator[Figure]:
    """What three programs have more of after the last round than after the tenth."""
    growth: dict[str, list[float]] = {"kB of memory": [], "threads": [], "descriptors": []}
    with Bench(3) as bench:
        peers = open_room(bench.start, 3, frames=30, matches=last + 1)
        after_ten = [sizes(peer, 10) for peer in peers]
        for peer, before in zip(peers, after_ten, strict=True):
            for name, old, new in zip(growth, before, sizes(peer, last), strict=True):
                growth[name].append(new - old)
    for name, samples in growth.items():
        yield Figure(f"round 10 to {last} in one room: more {name}", 0, "", samples, "max")


def sizes(peer: Peer, after: int) -> tuple[float, float, float]:
    """Memory, threads and descriptors after that round, while the table stands."""
    peer.wait_until(f"end of round {after}", lambda: len(peer.all("match_ended")) >= after, 30.0 * after)
    time.sleep(2)
    status = Path("/proc", str(peer.process.pid), "status").read_text()
    threads = int(status.split("Threads:")[1].split()[0])
    return float(peer.memory_kb()), float(threads), float(peer.descriptors())


FIGURES: tuple[Callable[[int], Iterator[Figure]], ...] = (
    traffic,
    jittery,
    library,
    host_gone,
    guest_gone,
    watcher,
    slow_guest,
    rounds,
)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("word", nargs="?", default="", help=", ".join(f.__name__ for f in FIGURES))
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=100, help="rounds in one room (default 100)")
    args = parser.parse_args()
    if reason := why_no_lab():
        print(reason, file=sys.stderr)
        return 1
    counts = {rounds: args.rounds}
    rows: list[Figure] = []
    for measure in FIGURES:
        if args.word in measure.__name__:
            print(f"{measure.__name__} ...", file=sys.stderr, flush=True)
            rows += measure(counts.get(measure, args.runs))
    print_table(rows)
    print(f"load {' '.join(f'{load:.1f}' for load in os.getloadavg())}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
