"""How many calls a frame costs: ``python tests/bench/bench_frame.py [--frames N] [--functions]``.

Two peers play Pong on the virtual clock, over a network that loses nothing; cProfile counts. Prints the calls of
Python functions per peer and frame by module, then the sums: the floors above `netcode` (`session`, `replay`, and
`contextlib`, which only they use here), and of these what carries the match (lobby, matches, session of the match,
connections). Calls of built-in functions are counted apart. Not counted: the virtual network, which stands for `net`,
and with it the links, which it asks at each tick; the game; and the clock of the statistics, a built-in in a program.
"""

import argparse
import cProfile
import pstats
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

import p2pgame  # noqa: E402
from p2pgame.core.registry import Plugin  # noqa: E402
from p2pgame.testing.network import SimPeer, World  # noqa: E402

PACKAGE = Path(p2pgame.__file__).parent
TARGET = 50.0
"""Calls above `netcode` per peer and frame."""
PRESSES_PER_S = 5
_CARRIERS = (
    "session/lobby",
    "session/matches",
    "session/match_session",
    "session/connections",
    "session/invite/",
    "session/people/",
    "contextlib",
)
"""What carries the match, beside the match itself."""
_ABOVE = ("session/", "replay/", "contextlib")
_OF_THE_NETWORK = "session/link"

BUILTIN = "built-in functions"


def frame_of(peer: SimPeer) -> int:
    assert peer.lobby.match is not None
    return peer.lobby.match.frame


def press(peer: SimPeer, number: int) -> None:
    peer.do("submit", number % 3 - 1, peer.now)


def play(frames: int) -> tuple[dict[Any, Any], int]:
    """The profile of so many frames, and how many there were of both peers."""
    world = World(Plugin("p2pgame.games.pong"), seed=2, delay=0.002)
    ann, ben = world.add("Ann"), world.add("Ben")
    ann.meet(ben)
    for peer in (ann, ben):
        assert peer.lobby.match is not None
        core = peer.lobby.match.core
        core.statistics.perf = core.timeline._perf = time.perf_counter  # as in a program
    world.run(2.0)
    for number in range(frames * PRESSES_PER_S // 60):
        peer = (ann, ben)[number % 2]
        world.at(world.now + number / PRESSES_PER_S, lambda peer=peer, n=number: press(peer, n // 2))
    before = frame_of(ann) + frame_of(ben)
    profile = cProfile.Profile()
    profile.enable()
    world.run(frames / 60)
    profile.disable()
    stats: dict[Any, Any] = pstats.Stats(profile).stats  # type: ignore[attr-defined]
    return stats, frame_of(ann) + frame_of(ben) - before


def module_of(file: str) -> str:
    path = Path(file)
    if file == "~":
        return BUILTIN
    if PACKAGE in path.parents:
        return str(path.relative_to(PACKAGE).with_suffix(""))
    return path.stem


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--frames", type=int, default=1200)
    parser.add_argument("--functions", action="store_true", help="also the share of each function")
    args = parser.parse_args()
    stats, frames = play(args.frames)
    calls: Counter[str] = Counter()
    functions: Counter[tuple[str, str]] = Counter()
    for (file, _, name), (_, count, *_) in stats.items():
        calls[module_of(file)] += count
        functions[module_of(file), name] += count
    above = carriers = 0.0
    for module, count in sorted(calls.items(), key=lambda item: (item[0] == BUILTIN, -item[1])):
        share = count / frames
        counted = module.startswith(_ABOVE) and not module.startswith(_OF_THE_NETWORK)
        above += share if counted else 0.0
        carriers += share if module.startswith(_CARRIERS) else 0.0
        if share >= 0.05:
            print(f"{share:8.1f}  {module}{'  *' if counted else ''}")
        if args.functions and module != BUILTIN:
            for (inside, name), some in functions.most_common():
                if inside == module and some / frames >= 0.05:
                    print(f"{some / frames:18.2f}  {name}")
    print(
        f"{frames // 2} frames of two peers; calls per peer and frame of the modules with a *, above netcode:"
    )
    print(f"{above:8.1f}  {'misses' if above > TARGET else 'within'} the target of {TARGET:g}")
    print(f"{carriers:8.1f}  of them in lobby, matches, match_session, connections and contextlib")
    return above > TARGET


if __name__ == "__main__":
    raise SystemExit(main())
