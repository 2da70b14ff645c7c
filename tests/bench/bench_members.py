"""What members cost their host: ``python tests/bench/bench_members.py [--seconds N] [--profile]``.

Tron on the virtual clock, round trips of 4 ms, nothing lost. A match of eight members and one of two take turns, half a
second each, so that other work on the machine slows both alike. Prints the library's time a frame at the host, of what
the program counts (`NetworkStatistics.library_time`): ticks and packets, without the game's rules; and in it only the
time of the processor, less what reading that clock costs.
"""

import argparse
import cProfile
import pstats
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from tests.sim.party import Party  # noqa: E402

TARGET = 2.5
TURN = 0.5
"""Virtual seconds."""


class Clock:
    """Of this thread's processor time, in seconds; stands still while it is read."""

    def __init__(self) -> None:
        self._stood = self._cost = 0.0
        began = time.thread_time()
        for _ in range(10_000):
            self()
        self._cost = (time.thread_time() - began) / 10_000

    def __call__(self) -> float:
        self._stood += self._cost
        return time.thread_time() - self._stood


def party(members: int, clock: Clock) -> Party:
    made = Party("tron", range(members), delay=0.002, seed=2)
    made.run(2.0)
    core = made.match(made.host).core
    core.statistics.perf = core.timeline._perf = clock
    return made


def took(party: Party) -> tuple[float, int]:
    """Seconds of the library at the host, and frames."""
    statistics = party.match(party.host).core.statistics
    return statistics.library_time, statistics.ticks


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--profile", action="store_true", help="where the time of the eight goes")
    args = parser.parse_args()
    clock = Clock()
    parties = [party(2, clock), party(8, clock)]
    before = [took(one) for one in parties]
    profile = cProfile.Profile()
    for _ in range(round(args.seconds / TURN)):
        for one in parties:
            if args.profile and one is parties[1]:
                profile.enable()
            one.run(TURN)
            profile.disable()
    cost = []
    for one, (time_before, ticks_before) in zip(parties, before, strict=True):
        seconds, ticks = took(one)
        cost.append((seconds - time_before) * 1e6 / (ticks - ticks_before))
    if args.profile:
        pstats.Stats(profile).sort_stats("tottime").print_stats(45)
    ratio = cost[1] / cost[0]
    print(f"library time a frame at the host: {cost[0]:.0f} us of 2 players, {cost[1]:.0f} us of 8")
    print(f"{ratio:8.2f}  {'misses' if ratio > TARGET else 'within'} the target of {TARGET:g}")
    return ratio > TARGET


if __name__ == "__main__":
    raise SystemExit(main())
