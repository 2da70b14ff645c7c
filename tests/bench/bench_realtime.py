"""What a real-time match costs on each promised network: ``python tests/bench/bench_realtime.py [WORD] [--runs N]``.

As root, on an otherwise idle machine. Two hosts of the lab, both bots, Tron and Pong. Each line is the worst of both
players in all runs, a target beside it where there is one, and whether both sides ended well with equal hashes. WORD
picks the lines whose name has it. Networks are named RTT / jitter of the round trip / loss each way, input delay.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from tests.bench.programs import Bench  # noqa: E402
from tests.lab.lan import Lan, why_no_lab  # noqa: E402
from tests.lab.peer import Event, Peer  # noqa: E402
from tests.lab.realtime import (  # noqa: E402
    ROWS,
    TICK_RATE,
    Row,
    assert_equal_hashes,
    drop_match_udp,
    frame_of,
    pair,
)

GAMES = ("tron", "pong")
CPU_TARGET = 12.0
"""Percent of one core, per peer."""
LATE_TARGET = 3.0
"""Milliseconds, p99."""
_WARM = 60
"""Frames after which processor time is counted: the start is not the match."""


@dataclass(frozen=True)
class Sample:
    """One player's figures of one match."""

    packets_per_s: float
    bytes_per_s: float
    rollback: int
    deepest: int
    stalls: float
    late_ms: float
    cpu_percent: float
    library_us: float
    rtt_ms: float


@dataclass(frozen=True)
class Scenario:
    """One line of the table."""

    name: str
    row: Row
    disturb: Callable[[Lan, Peer, int], None] = lambda *_: None
    """Called while the match runs, with the number of its frames."""
    prepare: Callable[[Lan], None] = lambda _: None
    bounded: bool = True
    """Whether the row's targets hold for it."""


def _drop_and_return(lan: Lan, witness: Peer, frames: int) -> None:
    """No UDP from 5/18 to 8/18 of the match: frames 1,000 to 1,600 of 3,600."""
    frame_of(witness, frames * 5 // 18)
    drop_match_udp(lan, 0, 1)
    frame_of(witness, frames * 8 // 18)
    for host in (0, 1):
        lan.unblock(host)


def _drop_for_good(lan: Lan, witness: Peer, frames: int) -> None:
    frame_of(witness, frames * 5 // 18)
    drop_match_udp(lan, 0, 1)


def _drop_now(lan: Lan) -> None:
    drop_match_udp(lan, 0, 1)


SCENARIOS = (
    *(Scenario(row.name, row) for row in ROWS),
    Scenario("no UDP from the start", ROWS[0], prepare=_drop_now, bounded=False),
    Scenario("no UDP from the middle on", ROWS[0], _drop_for_good, bounded=False),
    Scenario("no UDP for a sixth of the time", ROWS[0], _drop_and_return, bounded=False),
)


def cpu_percent(peers: tuple[Peer, Peer]) -> list[float]:
    """Of one core, each, from now until it ends."""
    began = [(time.monotonic(), peer.cpu_s()) for peer in peers]
    latest = list(began)
    while any(peer.process.poll() is None for peer in peers):
        for index, peer in enumerate(peers):
            if peer.process.returncode is None:
                latest[index] = time.monotonic(), peer.cpu_s()
        time.sleep(0.2)
    return [100 * (c1 - c0) / max(0.1, t1 - t0) for (t0, c0), (t1, c1) in zip(began, latest, strict=True)]


def play(scenario: Scenario, game: str, frames: int) -> Iterator[Sample]:
    """One match; the figures of both players. AssertionError if it did not end well."""
    with Bench() as bench:
        scenario.row.spoil(bench.lan)
        scenario.prepare(bench.lan)
        peers = pair(bench.start, game, frames, scenario.row.input_delay)
        frame_of(peers[0], min(_WARM, frames // 2))
        scenario.disturb(bench.lan, peers[0], frames)
        percent = cpu_percent(peers)
        ends = assert_equal_hashes(*peers, timeout=5)
        for peer, end, cpu in zip(peers, ends, percent, strict=True):
            yield sample_of(end, end["t"] - peer.wait_for("match_started")["t"], cpu)


def sample_of(end: Event, seconds: float, cpu: float) -> Sample:
    stats = end["stats"]
    return Sample(
        packets_per_s=stats["sent_packets"] / seconds,
        bytes_per_s=stats["sent_bytes"] / seconds,
        rollback=stats["p99_rollback"],
        deepest=stats["max_rollback"],
        stalls=stats["stalls"] * 60 / seconds,
        late_ms=stats["p99_late_ms"],
        cpu_percent=cpu,
        library_us=1000 * stats["cpu_ms_per_frame"],
        rtt_ms=stats["rtt_ms"],
    )


COLUMNS: tuple[tuple[str, Callable[[Sample], float], Callable[[Scenario], float | None]], ...] = (
    ("packets/s", lambda s: s.packets_per_s, lambda c: c.row.packets_per_s),
    ("bytes/s", lambda s: s.bytes_per_s, lambda c: c.row.bytes_per_s if c.bounded else None),
    ("p99 depth", lambda s: s.rollback, lambda c: c.row.rollback if c.bounded else None),
    ("deepest", lambda s: s.deepest, lambda _: None),
    ("stalls/min", lambda s: s.stalls, lambda c: c.row.stalls if c.bounded else None),
    ("late p99 ms", lambda s: s.late_ms, lambda _: LATE_TARGET),
    ("core %", lambda s: s.cpu_percent, lambda _: CPU_TARGET),
    ("library us", lambda s: s.library_us, lambda c: 300.0 if not c.row.rollback else None),
    ("rtt ms", lambda s: s.rtt_ms, lambda _: None),
)
"""Heading, figure, target."""


def cell(value: float, target: float | None) -> str:
    if target is None:
        return f"{value:.4g}"
    return f"{value:.4g}{'>' if value > target else ' '}{target:g}"


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "word", nargs="?", default="", help="; ".join(s.name for s in SCENARIOS).replace("%", "%%")
    )
    parser.add_argument("--game", choices=GAMES, action="append", help="default: all")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--frames", type=int, default=60 * TICK_RATE)
    args = parser.parse_args()
    if reason := why_no_lab():
        print(reason, file=sys.stderr)
        return 1
    print(
        "worst of both players in all runs; then a space and the target, or > and the target that is missed"
    )
    print(f"{'game':5} {'network':32}" + "".join(f"{heading:>13}" for heading, _, _ in COLUMNS) + "  load")
    failures = 0
    for scenario in SCENARIOS:
        for game in args.game or GAMES if args.word in scenario.name else ():
            samples: list[Sample] = []
            for _ in range(args.runs):
                try:
                    samples += play(scenario, game, args.frames)
                except AssertionError as error:
                    failures += 1
                    print(f"{game} {scenario.name}: {error}", file=sys.stderr, flush=True)
            if samples:
                cells = (cell(max(map(of, samples)), target(scenario)) for _, of, target in COLUMNS)
                line = "".join(f"{text:>13}" for text in cells)
                print(f"{game:5} {scenario.name:32}{line}  {os.getloadavg()[0]:.1f}", flush=True)
    print(f"{failures} matches did not end well" if failures else "all matches ended well, with equal hashes")
    return 1 if failures else 0


if __name__ == "__main__":
    raise SystemExit(main())
