"""Chooses the puzzles of Gomoku: ``python tests/bench/gomoku_puzzles.py > p2pgame/games/gomoku/puzzles.txt``.

Of the proven problems (`gomoku_problems`) those in which one first move wins in time, as that slow search of all
answers finds it, no two of one game. A line: ``fours`` or ``threes``, moves of the winner, then the stones by turns.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from p2pgame.games.gomoku.engine.lines import FOUR, THREE
from p2pgame.games.gomoku.engine.position import Position, points_of
from p2pgame.games.gomoku.engine.variant import Variant
from p2pgame.games.gomoku.rules import parse_point
from tests.bench.gomoku_problems import Prover, SpentError

WANTED = {
    ("fours", 3): 6,
    ("fours", 4): 4,
    ("fours", 5): 4,
    ("threes", 3): 6,
    ("threes", 4): 5,
    ("threes", 5): 5,
}
"""How many of each kind, by moves of the winner; 5 stands for 5 and more."""


def firsts(stones: list[int], kind: str, moves: int) -> list[int]:
    """The first moves that win within so many moves of the winner. Raises `SpentError`."""
    board = bytearray(225)
    for number, point in enumerate(stones):
        board[point] = 1 + number % 2
    me, position = len(stones) % 2, Position(Variant(), board)
    threats = position.mask(me, FOUR) | (position.mask(me, THREE) if kind == "threes" else 0)
    found = []
    for point in points_of(threats):
        position.play(point, me)
        if Prover(position).loses(1 - me, 2 * moves - 2, threes=kind == "threes"):
            found.append(point)
        position.undo()
    return found


def main() -> None:
    wanted, games = dict(WANTED), set()
    lines = (Path(__file__).parent / "gomoku_problems.txt").read_text("utf-8").split("\n")
    chosen = []
    for line in filter(None, lines):
        kind, plies, *names = line.split()
        moves, game = (int(plies) + 1) // 2, tuple(names[:6])
        key = (kind, min(moves, 5))
        if not wanted.get(key) or game in games:
            continue
        stones = [parse_point(name) for name in names]
        try:
            found = firsts(stones, kind, moves)
        except SpentError:
            continue
        if len(found) == 1:
            wanted[key] -= 1
            games.add(game)
            chosen.append((list(WANTED).index(key), moves, kind, names))
    for _, moves, kind, names in sorted(chosen, key=lambda each: each[:2]):
        print(kind, moves, *names)
    print(f"missing: {[key for key, left in wanted.items() if left]}", file=sys.stderr)


if __name__ == "__main__":
    main()
