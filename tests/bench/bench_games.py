"""What the real-time games cost: ``python tests/bench/bench_games.py [FRAMES]`` lets bots play each of them.

Prints microseconds of `advance` and of a bot's `choose`, bytes of an encoded state, how often a bot changes its
input, and how long a match between bots is.
"""

import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

from p2pgame.core import Setup, encode, state_hash
from p2pgame.core.registry import Plugin


def micro(call: Callable[[], Any], into: list[float]) -> Any:
    begin = time.perf_counter_ns()
    result = call()
    into.append((time.perf_counter_ns() - begin) / 1000)
    return result


def spread(samples: list[float]) -> str:
    cuts = statistics.quantiles(samples, n=1000)
    return f"mean {statistics.fmean(samples):6.1f}  p50 {cuts[499]:6.1f}  p99 {cuts[989]:6.1f}  p99.9 {cuts[998]:6.1f}"


def bench(name: str, players: int, frames: int, **config: Any) -> None:
    plugin = Plugin(f"p2pgame.games.{name}")
    game = plugin.game
    advance: list[float] = []
    choose: list[float] = []
    encoding: list[float] = []
    lengths: list[int] = []
    largest = changes = 0
    seed = 0
    while len(advance) < frames:
        seed += 1
        setup = Setup(players=players, seed=seed, config=game.config_type(**config))
        state = game.initial(setup)
        bots = [plugin.bot(100 * seed + player) for player in range(players)]
        inputs = [game.neutral] * players
        length = 0
        while game.outcome(state) is None:
            wanted = [
                micro(lambda bot=bot, player=player, state=state: bot.choose(state, player), choose)
                for player, bot in enumerate(bots)
            ]
            changes += sum(a != b for a, b in zip(wanted, inputs, strict=True))
            inputs = wanted
            state = micro(lambda state=state, inputs=inputs: game.advance(state, inputs), advance)
            micro(lambda state=state: state_hash(state), encoding)
            largest = max(largest, len(encode(state)))
            length += 1
        lengths.append(length)
    seconds = len(advance) / game.tick_rate
    print(
        f"{game.title}, {players} players, {config or 'as it comes'}: {len(advance)} frames, {seed} matches"
    )
    print(f"  advance   {spread(advance)} µs")
    print(f"  choose    {spread(choose)} µs")
    print(f"  hash      {spread(encoding)} µs;  largest state {largest} bytes")
    print(
        f"  a bot changes its input {changes / seconds / players:.1f} times/s; "
        f"a match takes {statistics.median(lengths) / game.tick_rate:.0f} s (median)"
    )


def main(frames: int) -> None:
    for players in (2, 4):
        bench("pong", players, frames)
    for players in (2, 4, 8):
        bench("tron", players, frames // 2)
    bench("tron", 2, frames // 2, edge="wrap")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)
