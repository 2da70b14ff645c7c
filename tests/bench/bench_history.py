"""What the history costs at its bound of 10,000 matches: ``python tests/bench/bench_history.py [--matches N]``.

The window asks for one page at a time, on the thread that draws; the whole list is for programs.
"""

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from p2pgame.replay.entry import HistoryEntry  # noqa: E402
from p2pgame.storage.history import HISTORY_MAX, History  # noqa: E402
from tests.bench.table import Figure, print_table  # noqa: E402

ME = "a" * 26
PEERS = [letter * 26 for letter in "bcdef"]
PAGE = 50
RUNS = 30


def fill(history: History, matches: int) -> None:
    """One in ten was played by another identity of ours, and one in twenty by two of our windows."""
    chance = random.Random(1)
    for number in range(matches):
        entry = HistoryEntry(
            match=f"{chance.getrandbits(128):032x}",
            game=chance.choice(("gomoku", "pong", "tron")),
            peer=chance.choice(PEERS),
            name="Grace",
            me=number % 2,
            started=1e9 + 60.0 * number,
            duration=55.0,
            frames=3300,
            result=chance.choice(("won", "lost", "draw", "unfinished")),
            reason="five in a row",
            file=f"20260101-000000-{number}.p2preplay",
        )
        history.put(entry, PEERS[0] if number % 10 == 0 else ME)
        if number % 20 == 0:
            history.put(entry, ME)


def timed(call: Callable[[], object]) -> list[float]:
    """Milliseconds of each run."""
    samples = []
    for _ in range(RUNS):
        began = time.perf_counter()
        call()
        samples.append(1000 * (time.perf_counter() - began))
    return samples


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--matches", type=int, default=HISTORY_MAX)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        history = History(Path(directory), ME)
        fill(history, args.matches)
        everything = history.all()
        middle, last = everything[len(everything) // 2], everything[-PAGE]
        print_table(
            [
                Figure("first page", 5, "ms", timed(lambda: history.page(PAGE))),
                Figure("page in the middle", 5, "ms", timed(lambda: history.page(PAGE, middle))),
                Figure("last page", 5, "ms", timed(lambda: history.page(PAGE, last))),
                Figure("number of matches", 5, "ms", timed(history.count)),
                Figure("score against one player", 5, "ms", timed(lambda: history.score(PEERS[1]))),
                Figure("newest 16", 5, "ms", timed(lambda: history.all(16))),
                Figure("whole list", 200, "ms", timed(history.all)),
                Figure("matches to resume", 5, "ms", timed(history.open_matches)),
            ]
        )
        history.close()


if __name__ == "__main__":
    main()
