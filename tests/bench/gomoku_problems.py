"""Makes the problems of `bench_gomoku`: ``python tests/bench/gomoku_problems.py > tests/bench/gomoku_problems.txt``.

Positions of careless games in which the side to move wins by force. Each is proven here by a search that tries *every*
answer of the other side near a stone, with no idea of which of them are any good: slow, and independent of the engine's
own search of threats. A line: ``fours`` or ``threes``, plies of the win, then the stones by turns.
"""

import random
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from p2pgame.games.gomoku.engine.lines import FIVE, FOUR, OPEN_FOUR, THREE
from p2pgame.games.gomoku.engine.position import Position, points_of
from p2pgame.games.gomoku.engine.variant import Variant
from p2pgame.games.gomoku.rules import format_point

KINDS = {"fours": 100, "threes": 60}
PLIES = {"fours": (5, 17), "threes": (5, 9)}
NODES = 12_000


class SpentError(Exception):
    pass


class Prover:
    """Proves wins of one side by threats within so many plies, against all answers."""

    def __init__(self, position: Position) -> None:
        self.position = position
        self.left = NODES

    def wins(self, me: int, plies: int, threes: bool) -> bool:
        """Whether `me`, to move, makes five within `plies` by fours, and by open threes if `threes`."""
        self.left -= 1
        if self.left < 0:
            raise SpentError
        position = self.position
        if position.mask(me, FIVE):
            return plies >= 1
        must = position.mask(1 - me, FIVE)
        if must & must - 1 or plies < 3:
            return False
        if not must and position.mask(me, OPEN_FOUR):
            return True
        moves = position.mask(me, FOUR) | (position.mask(me, THREE) if threes else 0)
        for point in points_of(must or moves):
            if not moves >> point & 1:
                continue
            position.play(point, me)
            won = self.loses(1 - me, plies - 1, threes)
            position.undo()
            if won:
                return True
        return False

    def loses(self, me: int, plies: int, threes: bool) -> bool:
        """Whether `me`, to move, loses whatever it does."""
        position = self.position
        if position.mask(me, FIVE):
            return False
        threat = position.mask(1 - me, FIVE)
        if not threat and not (position.mask(1 - me, OPEN_FOUR) and plies >= 4):
            return False
        for point in points_of(threat) if threat else self.near():
            position.play(point, me)
            lost = self.wins(1 - me, plies - 1, threes)
            position.undo()
            if not lost:
                return False
        return True

    def near(self) -> list[int]:
        """The empty points within four steps of a stone: no other can stop or make a four."""
        cells, found = self.position.cells, set()
        for point, stone in enumerate(cells):
            if stone:
                x, y = point % 15, point // 15
                for b in range(max(0, y - 4), min(15, y + 5)):
                    found.update(
                        b * 15 + a for a in range(max(0, x - 4), min(15, x + 5)) if not cells[b * 15 + a]
                    )
        return sorted(found)


def shortest(position: Position, me: int, kind: str) -> int | None:
    """Plies of the shortest proven win of that kind; None: there is none, or it costs too much to know.

    The position is spoilt.
    """
    least, most = PLIES[kind]
    try:
        for plies in range(1, most + 1, 2):
            if Prover(position).wins(me, plies, threes=kind == "threes"):
                return plies if plies >= least else None
    except SpentError:
        pass
    return None


def game(seed: int) -> list[int]:
    """A game of players that take fives, stop fives, and else play one of the moves that look best."""
    chance = random.Random(seed)
    middle = [y * 15 + x for y in range(4, 11) for x in range(4, 11)]
    here = Position(Variant())
    moves: list[int] = []
    while len(moves) < 60:
        me = len(moves) % 2
        looks = here.order[me].to_bytes(here.points, "little")
        ranked = sorted(range(here.points), key=looks.__getitem__, reverse=True)
        five = here.mask(me, FIVE) or here.mask(1 - me, FIVE)
        if len(moves) < 6:
            point = chance.choice([p for p in middle if not here.cells[p]])
        else:
            point = next(points_of(five)) if five else chance.choice(ranked[:4])
        over = here.mask(me, FIVE)
        here.play(point, me)
        moves.append(point)
        if over:
            break
    return moves


def main() -> None:
    wanted, seed = dict(KINDS), 0
    while any(wanted.values()):
        seed += 1
        moves, had = game(seed), set()
        for length in range(8, len(moves)):
            stones = bytearray(225)
            for number, point in enumerate(moves[:length]):
                stones[point] = 1 + number % 2
            me = length % 2
            for kind in ("fours", "threes"):
                if not wanted[kind] or kind in had:
                    continue
                here = Position(Variant(), stones)
                if here.mask(0, FIVE) | here.mask(1, FIVE):
                    break
                if kind == "threes" and shortest(here, me, "fours") is not None:
                    break
                here = Position(Variant(), stones)
                plies = shortest(here, me, kind)
                if plies is not None:
                    had.add(kind)
                    wanted[kind] -= 1
                    print(kind, plies, *map(format_point, moves[:length]), flush=True)


if __name__ == "__main__":
    main()
