"""A plain alpha-beta player for freestyle, as many programs have it: a yardstick for the engine, and nothing else.

Iterative deepening over the twelve best-looking moves near stones, with an evaluation that counts the stones of every
window of five. No transposition table, no threats, no forced moves.
"""

from collections.abc import Callable

__all__ = ["AlphaBeta"]

_SIZE = 15
_WORTH = (0, 1, 12, 80, 600, 100_000)
_WIDTH = 12


class _OutOfTimeError(Exception):
    pass


def _windows() -> list[tuple[int, ...]]:
    found = []
    for point in range(_SIZE * _SIZE):
        x, y = point % _SIZE, point // _SIZE
        for dx, dy in ((1, 0), (0, 1), (1, 1), (1, -1)):
            if 0 <= x + 4 * dx < _SIZE and 0 <= y + 4 * dy < _SIZE:
                found.append(tuple((y + i * dy) * _SIZE + x + i * dx for i in range(5)))
    return found


_WINDOWS = _windows()
_OF: list[list[int]] = [[] for _ in range(_SIZE * _SIZE)]
for _number, _window in enumerate(_WINDOWS):
    for _point in _window:
        _OF[_point].append(_number)
_NEAR = [
    [
        b * _SIZE + a
        for b in range(max(0, p // _SIZE - 2), min(_SIZE, p // _SIZE + 3))
        for a in range(max(0, p % _SIZE - 2), min(_SIZE, p % _SIZE + 3))
        if b * _SIZE + a != p
    ]
    for p in range(_SIZE * _SIZE)
]


class AlphaBeta:
    """Chooses a move within a time."""

    def __init__(self, seconds: float, clock: Callable[[], float]) -> None:
        self._seconds = seconds
        self._clock = clock
        self.depth = 0
        """Of the last full search, plies."""

    def choose(self, cells: bytes, me: int) -> int:
        """The point of `me` on a board with 0, or a colour + 1, for each point."""
        self._deadline = self._clock() + self._seconds
        self._cells = bytearray(cells)
        self._counts = [[0] * len(_WINDOWS), [0] * len(_WINDOWS)]
        self._nodes = 0
        self._score = 0
        for point, stone in enumerate(cells):
            if stone:
                self._cells[point] = 0
                self._put(point, stone - 1)
        if not any(cells):
            return 112
        moves = self._moves(me)
        best, self.depth = moves[0], 0
        try:
            for depth in range(1, 20):
                score, best = self._root(me, moves, depth)
                self.depth = depth
                if abs(score) > 50_000:
                    break
        except _OutOfTimeError:
            pass
        return best

    def _root(self, me: int, moves: list[int], depth: int) -> tuple[int, int]:
        alpha, best = -(1 << 30), moves[0]
        for point in moves:
            won = self._put(point, me)
            score = 1_000_000 if won else -self._node(1 - me, depth - 1, -(1 << 30), -alpha)
            self._take(point, me)
            if score > alpha:
                alpha, best = score, point
        moves.remove(best)
        moves.insert(0, best)
        return alpha, best

    def _node(self, me: int, depth: int, alpha: int, beta: int) -> int:
        self._nodes += 1
        if self._nodes % 64 == 0 and self._clock() > self._deadline:
            raise _OutOfTimeError
        if depth == 0:
            return self._score if me == 0 else -self._score
        best = -(1 << 30)
        for point in self._moves(me):
            won = self._put(point, me)
            score = 900_000 + depth if won else -self._node(1 - me, depth - 1, -beta, -max(alpha, best))
            self._take(point, me)
            if score > best:
                best = score
                if best >= beta:
                    break
        return best if best > -(1 << 30) else 0

    def _moves(self, me: int) -> list[int]:
        cells, (mine, theirs) = self._cells, (self._counts[me], self._counts[1 - me])
        looks = {}
        for stone in range(len(cells)):
            if not cells[stone]:
                continue
            for point in _NEAR[stone]:
                if not cells[point] and point not in looks:
                    look = 0
                    for window in _OF[point]:
                        if not theirs[window]:
                            look += 2 * _WORTH[mine[window] + 1]
                        if not mine[window]:
                            look += _WORTH[theirs[window] + 1]
                    looks[point] = look
        if not looks:
            return [point for point in range(len(cells)) if not cells[point]][:1]
        return sorted(looks, key=looks.__getitem__, reverse=True)[:_WIDTH]

    def _put(self, point: int, colour: int) -> bool:
        """True if it makes five."""
        mine, theirs = self._counts[colour], self._counts[1 - colour]
        sign, won = (1, -1)[colour], False
        for window in _OF[point]:
            count = mine[window]
            if theirs[window]:
                if not count:
                    self._score += sign * _WORTH[theirs[window]]
            else:
                self._score += sign * (_WORTH[count + 1] - _WORTH[count])
                won = won or count == 4
            mine[window] = count + 1
        self._cells[point] = colour + 1
        return won

    def _take(self, point: int, colour: int) -> None:
        mine, theirs = self._counts[colour], self._counts[1 - colour]
        sign = (1, -1)[colour]
        for window in _OF[point]:
            mine[window] -= 1
            count = mine[window]
            if theirs[window]:
                if not count:
                    self._score -= sign * _WORTH[theirs[window]]
            else:
                self._score -= sign * (_WORTH[count + 1] - _WORTH[count])
        self._cells[point] = 0
