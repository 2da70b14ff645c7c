"""How strong the Gomoku engine is: ``python tests/bench/bench_gomoku.py [WORD ...] [--games N] [--wall]``.

WORD picks the lines whose name has it: ``pattern-0.3``, ``pattern-1``, ``alpha-beta``, ``time``, ``fours``, ``threes``,
``speed``, ``levels``. Each opening (four stones of chance around the centre) is played twice, with both colours; what
follows ± is the half width of a 95 % interval. Seconds of thought are those of the processor, so that other programs
change nothing; with ``--wall`` those of a watch. With ``--announced`` a game between yardsticks and the engine with its
full sight ends once the engine announces a win by force; played to its end, it counts announcements that came true.
Scores so far go to stderr.
"""

import argparse
import math
import random
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from p2pgame.core import Setup
from p2pgame.games.gomoku.engine.levels import LEVELS, Strength
from p2pgame.games.gomoku.engine.player import Limits, Player
from p2pgame.games.gomoku.engine.search import Found, Sight, is_mate
from p2pgame.games.gomoku.engine.variant import Variant
from p2pgame.games.gomoku.rules import GAME, Config, Move, State, parse_point
from tests.bench.yardsticks.alpha_beta import AlphaBeta
from tests.bench.yardsticks.pattern_bot import Bot as PatternBot

Choose = Callable[[State], tuple[int, bool]]
"""The point, and whether it is announced as the first move of a win by force."""
Make = Callable[[int], Choose]
"""``make(seed)``: a player for one game."""

PROBLEMS = Path(__file__).with_name("gomoku_problems.txt")
Clock = Callable[[], float]


def engine(strength: Strength, clock: Clock, found: list[Found] | None = None) -> Make:
    """Our engine; what it found goes to `found`."""

    def make(seed: int) -> Choose:
        player = Player(Variant(), strength.sight, clock, chance=random.Random(seed), near=strength.near)

        def choose(state: State) -> int:
            answer = player.choose(state.board, state.colour, strength.limits)
            if found is not None:
                found.append(answer)
            return answer.point, is_mate(answer.score) and answer.score > 0 and strength.sight.threats > 1

        return choose

    return make


def best(seconds: float, clock: Clock, found: list[Found] | None = None) -> Make:
    return engine(Strength(Sight(), Limits(seconds)), clock, found)


def pattern_bot(seed: int) -> Choose:
    bot = PatternBot(seed)

    def choose(state: State) -> tuple[int, bool]:
        move = bot.choose(state, state.turn)
        assert isinstance(move, Move)
        return move.point, False

    return choose


def alpha_beta(seconds: float, clock: Clock) -> Make:
    def make(seed: int) -> Choose:
        player = AlphaBeta(seconds, clock)
        return lambda state: (player.choose(state.board, state.colour), False)

    return make


def opening(seed: int) -> list[int]:
    """Four stones of chance in the middle 5 x 5."""
    points = [y * 15 + x for y in range(5, 10) for x in range(5, 10)]
    return random.Random(seed).sample(points, 4)


class Announced:
    """What became of wins by force that were announced."""

    def __init__(self, ends: bool) -> None:
        self.ends = ends
        """A game ends with the announcement."""
        self.made = 0
        """Games with one."""
        self.kept = 0


def play(seed: int, black: Choose, white: Choose, announced: Announced) -> float:
    """1: Black won; 0: White won; 0.5: nobody."""
    first: int | None = None
    state = GAME.initial(Setup(2, seed, Config()))
    for point in opening(seed):
        state = GAME.advance(state, [Move(point)] * 2)
    while not state.over:
        point, wins = (black, white)[state.turn](state)
        if wins and first is None:
            first = state.turn
            announced.made += 1
            if announced.ends:
                return 1.0 - first
        move = Move(point)
        GAME.validate(state, state.turn, move)
        state = GAME.advance(state, [move, move])
    announced.kept += first is not None and first == state.winner
    return 0.5 if state.winner is None else 1.0 - state.winner


def match(name: str, wanted: str, ours: Make, theirs: Make, games: int, ends: bool) -> None:
    """Play and print one line. `ends`: games end with an announced win."""
    announced = Announced(ends)
    begin, scores = time.monotonic(), []
    for number in range(games // 2):
        seed = 1_000 + number
        scores.append(play(seed, ours(seed), theirs(seed + 1), announced))
        scores.append(1 - play(seed, theirs(seed + 1), ours(seed), announced))
        print(f"{name}: {sum(scores):g} of {len(scores)}", file=sys.stderr, flush=True)
    share = sum(scores) / len(scores)
    spread = 1.96 * math.sqrt(max(sum((s - share) ** 2 for s in scores), 0.25) / len(scores) ** 2)
    said = (
        f"{announced.made} ended when announced"
        if ends
        else f"{announced.kept} of {announced.made} announced"
    )
    won, drawn = scores.count(1.0), scores.count(0.5)
    print(
        f"{name:44} {wanted:>10}  {100 * share:5.1f} % ± {100 * spread:4.1f}   +{won} ={drawn} "
        f"-{len(scores) - won - drawn}   {len(scores)} games, {said}, {time.monotonic() - begin:.0f} s",
        flush=True,
    )


def problems(kind: str, wanted: str, seconds: float, clock: Clock) -> None:
    """How many of the proven wins the engine announces within `seconds`."""
    solved, slowest, lines = 0, 0.0, [line.split() for line in PROBLEMS.read_text().splitlines()]
    chosen = [line for line in lines if line[0] == kind]
    for _, _, *words in chosen:
        cells = bytearray(225)
        for number, word in enumerate(words):
            cells[parse_point(word)] = 1 + number % 2
        begin = clock()
        found = Player(Variant(), Sight(), clock).choose(cells, len(words) % 2, Limits(seconds))
        slowest = max(slowest, clock() - begin)
        solved += found.score > 0 and is_mate(found.score)
    share = solved / len(chosen)
    print(
        f"{f'wins by {kind} in {seconds:g} s':44} {wanted:>10}  {100 * share:5.1f} %          {solved} of "
        f"{len(chosen)}, slowest {slowest:.2f} s",
        flush=True,
    )


def speed(clock: Clock) -> None:
    """Nodes a second and depth, over the moves of four games at 1 s."""
    found: list[Found] = []
    took = clock()
    for seed in range(2):
        play(seed, best(1.0, clock, found)(seed), best(1.0, clock, found)(seed), Announced(False))
    took = clock() - took
    searched = [f for f in found if f.depth > 1]
    nodes = sum(f.nodes for f in found)
    depth = sum(f.depth for f in searched) / max(1, len(searched))
    print(
        f"{'speed at 1 s a move':44} {'':>10}  {nodes / took:,.0f} nodes/s, mean depth {depth:.1f} plies over "
        f"{len(searched)} searched moves of {len(found)}",
        flush=True,
    )


def lines(games: int, clock: Clock, ends: bool) -> Iterator[tuple[str, Callable[[], None]]]:
    """The lines by name."""
    yield "speed", lambda: speed(clock)
    yield "fours", lambda: problems("fours", ">= 99 %", 1.0, clock)
    yield "threes", lambda: problems("threes", ">= 90 %", 1.0, clock)
    for seconds, wanted in ((0.3, ">= 80 %"), (1.0, ">= 92 %")):
        yield (
            f"pattern-{seconds:g}",
            lambda s=seconds, w=wanted: match(
                f"{s:g} s against the bot by patterns", w, best(s, clock), pattern_bot, games, ends
            ),
        )
    yield (
        "alpha-beta",
        lambda: match(
            "1 s against plain alpha-beta of 1 s",
            ">= 75 %",
            best(1.0, clock),
            alpha_beta(1.0, clock),
            games,
            ends,
        ),
    )
    yield (
        "time",
        lambda: match("0.8 s against 0.05 s", ">= 70 %", best(0.8, clock), best(0.05, clock), games, ends),
    )
    for level in range(2, len(LEVELS) + 1):
        yield (
            f"levels-{level}",
            lambda n=level: match(
                f"level {n} against level {n - 1}",
                "65 to 85 %",
                engine(LEVELS[n - 1], clock),
                engine(LEVELS[n - 2], clock),
                games,
                ends,
            ),
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("words", nargs="*")
    parser.add_argument("--games", type=int, default=40)
    parser.add_argument("--wall", action="store_true")
    parser.add_argument("--announced", action="store_true")
    args = parser.parse_args()
    clock = time.monotonic if args.wall else time.thread_time
    for name, run in lines(args.games, clock, args.announced):
        if not args.words or any(word in name for word in args.words):
            run()


if __name__ == "__main__":
    main()
