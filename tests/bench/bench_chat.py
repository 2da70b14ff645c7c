"""What the lobby's chat costs and how late it is: ``python tests/bench/bench_chat.py [--seeds N] [--lines N]``.

On the virtual clock. A broadcast that goes out by two ways counts as two datagrams, and is lost by both at once, which
is worse than a network is; unicast is not lost, as on Wi-Fi. Prints for each size and loss the time from a line to each
reader, and the datagrams of chat for each line and reader.
"""

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from tests.bench.table import Figure, print_table  # noqa: E402
from tests.sim.chat_world import ChattyLan  # noqa: E402


def measure(count: int, loss: float, seed: int, turns: int) -> tuple[list[float], float]:
    """Seconds from each line to each other reader, and datagrams received for each of them."""
    lan = ChattyLan(seed, loss=loss)
    talkers = lan.crowd(count)
    before = lan.chat_datagrams()
    said: dict[str, float] = {}
    for turn in range(turns):
        speaker = talkers[turn % count]
        text = f"{turn}"
        assert speaker.say(text) == ""
        said[text] = lan.lan.now
        lan.run(1.6 / min(count, 5))
    lan.run(8.0)
    late = []
    for talker in talkers:
        heard = {line.text: at for at, line in talker.core.heard}
        late += [heard[text] - at for text, at in said.items() if text in heard]
        assert len(heard) == len(said), "a line is missing"
    late = [seconds for seconds in late if seconds > 0]
    after = lan.chat_datagrams() - before
    readers = count - 1
    # Lines by broadcast reach all readers, everything else one.
    answers = sum(1 for _, _, out in lan.lan.sent if out.data[5] == 16 and out.to is not None)
    broadcast = after["lines"] - answers
    received = broadcast * readers + answers + after["ask"] + after["token"]
    return late, received / (len(said) * readers)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--lines", type=int, default=40)
    parser.add_argument("--talkers", type=int, nargs="+", default=[2, 8, 20, 60])
    args = parser.parse_args()
    figures = []
    for count in args.talkers:
        for loss in (0.0, 0.3):
            late: list[float] = []
            costs = []
            for seed in range(args.seeds):
                found, cost = measure(count, loss, seed, args.lines)
                late += found
                costs.append(cost)
            name = f"{count} talkers, {loss:.0%} lost"
            milliseconds = [1000 * seconds for seconds in late]
            figures += [
                Figure(f"{name}: line to reader", 3000, "ms", milliseconds, "p99"),
                Figure(f"{name}: the latest", 3000, "ms", milliseconds, "max"),
                Figure(f"{name}: datagrams a line and reader", 2 if not loss else 4, "", costs, "max"),
            ]
    print_table(figures)


if __name__ == "__main__":
    main()
