"""How long the Gomoku bot thinks: ``python tests/bench/bench_gomoku_bot.py [GAMES]`` plays bots against each other."""

import statistics
import sys
import time

from p2pgame.core import Setup
from p2pgame.games.gomoku.bot import Bot
from p2pgame.games.gomoku.rules import GAME, Config, Move, Rule


def main(games: int) -> None:
    rules: tuple[Rule, ...] = ("freestyle", "standard")
    for rule in rules:
        took: list[float] = []
        lengths: list[int] = []
        draws = 0
        for seed in range(games):
            bots = (Bot(2 * seed), Bot(2 * seed + 1))
            state = GAME.initial(Setup(players=2, seed=seed, config=Config(rule=rule)))
            while not state.over:
                begin = time.perf_counter()
                move = bots[state.turn].choose(state, state.turn)
                took.append((time.perf_counter() - begin) * 1000)
                inputs: list[Move | None] = [None, None]
                inputs[state.turn] = move
                state = GAME.advance(state, inputs)
            lengths.append(state.stones)
            draws += state.winner is None
        p99 = statistics.quantiles(took, n=100)[98]
        print(
            f"{rule:9}  {len(took)} moves: median {statistics.median(took):.1f} ms, p99 {p99:.1f} ms, "
            f"max {max(took):.1f} ms; {games} games: median length {statistics.median(lengths):.0f}, {draws} draws"
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10)
