"""The search: principal variation search with a transposition table, iterative deepening, killers and history.

Moves that stop a five or two ways to five at once are not counted as full plies, so the search follows threats further
than quiet moves, and at its leaves it looks for a win by fours. Depths are in half plies.
"""

from collections.abc import Callable
from itertools import chain, compress
from typing import Final, NamedTuple

from p2pgame.games.gomoku.engine.lines import FOUR, OPEN_FOUR, THREE
from p2pgame.games.gomoku.engine.position import Position, points_of
from p2pgame.games.gomoku.engine.stop import OutOfTime, Stop
from p2pgame.games.gomoku.engine.threats import Forcing
from p2pgame.games.gomoku.engine.variant import BLACK

__all__ = ["PLY", "WIN", "Found", "Search", "Sight", "is_mate"]

PLY: Final = 2
WIN: Final = 30_000
_MATE: Final = 29_000
_INFINITE: Final = 1 << 20
_PLIES_MAX: Final = 64
_EXTRA: Final = -3 * PLY
"""How far below its depth the search goes on while the side to move has to stop a threat."""
_FULL_WIDTH: Final = 2 * PLY
"""From this depth down half the moves are tried."""
_WIDTH_MIN: Final = 4
_TABLE_MAX: Final = 250_000
_EXACT, _LOWER, _UPPER = range(3)


class Sight(NamedTuple):
    """How much of the game a search sees."""

    depth: int = 40
    """Plies, at most."""
    width: int = 18
    """Moves tried in each position, the best looking ones."""
    root_width: int = 40
    """Moves tried in the first position."""
    fours: int = 16
    """How many fours ahead wins are looked for, 0: none."""
    four_nodes: int = 60
    """Positions searched for a win by fours at each leaf."""
    threats: int = 8
    """How many fours and threes ahead a win is looked for before the search."""
    threat_nodes: int = 20_000
    defends: bool = True
    """It sees that two ways to five at once have to be stopped now."""


class Found(NamedTuple):
    """What a search found."""

    point: int
    score: int
    """For who is to move. Over `_MATE`: `WIN` less the number of plies to the win."""
    depth: int
    """Plies of the last full search; 0: decided without one."""
    nodes: int
    line: tuple[int, ...] = ()
    """The expected moves of both sides, as far as known."""


def is_mate(score: int) -> bool:
    """Whether a score means a forced win of either side."""
    return abs(score) > _MATE


class Search:
    """Searches one position."""

    def __init__(
        self,
        position: Position,
        sight: Sight,
        stop: Stop,
        forcing: Forcing,
        goes_on: Callable[[Found], bool] = lambda _: True,
        table_max: int | None = None,
        near: int = 0,
    ) -> None:
        """`goes_on`: after each depth, whether the next one is worth its time. `table_max`: entries of the table.

        `near`: moves whose score is less than the best by so little are to be known (`close_to_best`).
        """
        self._position = position
        self._sight = sight
        self._stop = stop
        self._forcing = forcing
        self._goes_on = goes_on
        self._table_max = min(_TABLE_MAX, table_max or _TABLE_MAX)
        self._near = near
        self._scores: dict[int, int] = {}
        """Of the depth that is under way, each move's that is near the best."""
        self._exact: dict[int, int] = {}
        """The same of the last full depth."""
        self._partial: tuple[int, int] | None = None
        """Best move and score of the depth that is under way, so far."""
        self._table: dict[int, tuple[int, int, int, int]] = {}
        """By key and side: depth, bound, score, move."""
        self._killers = [[-1, -1] for _ in range(_PLIES_MAX + 2)]
        self._history = [[0] * position.points, [0] * position.points]
        self._size = position.points
        self._all = range(position.points)
        self._fours = position.points * FOUR

    def best(self, me: int, moves: list[int], *, judged: bool = False) -> Found:
        """The best of `moves`, best looking first, for `me`. Deepens until `Stop` ends it or nothing is open.

        `judged`: how good it is matters, too, so a single move is searched like several.
        """
        stop, position = self._stop, self._position
        found = Found(moves[0], 0, 0, 0)
        stones = position.stones
        try:
            for depth in range(1, self._sight.depth + 1):
                point, score = self._deepen(me, moves, depth * PLY)
                found = Found(point, score, depth, stop.nodes)
                self._exact = dict(self._scores)
                moves.sort(key=lambda p: self._scores.get(p, -_INFINITE), reverse=True)
                moves.remove(point)
                moves.insert(0, point)
                if is_mate(score) or (len(moves) == 1 and not judged) or not self._goes_on(found):
                    break
        except OutOfTime:
            while position.stones > stones:
                position.undo()
            if self._partial is not None:
                found = Found(*self._partial, found.depth, stop.nodes)
                self._exact = {}
        return found._replace(nodes=stop.nodes, line=self._line(me, found.point))

    def next_best(self, me: int, moves: list[int], stop: Stop, before: Found) -> Found:
        """The same of the moves that are left after `before` was found, as deep, with all that was learned so far."""
        self._stop, self._partial = stop, None
        self._goes_on = lambda found: not before.depth or found.depth < before.depth
        with self._forcing.within(stop):
            return self.best(me, moves, judged=True)

    def close_to_best(self) -> list[int]:
        """The moves of the last full depth whose scores are less than the best by `near` at most."""
        best = max(self._exact.values(), default=0)
        if is_mate(best):
            return []
        return [point for point, score in self._exact.items() if score >= best - self._near]

    def _deepen(self, me: int, moves: list[int], depth: int) -> tuple[int, int]:
        position, scores = self._position, self._scores
        self._partial = None
        scores.clear()
        alpha, best = -_INFINITE, moves[0]
        for index, point in enumerate(moves):
            position.play(point, me)
            if index == 0:
                score = -self._node(1 - me, depth - PLY, -_INFINITE, _INFINITE, 1)
            else:
                floor = alpha - self._near
                less = PLY if index > 8 and depth > 2 * PLY else 0
                score = -self._node(1 - me, depth - PLY - less, -floor - 1, -floor, 1)
                if score > floor:
                    score = -self._node(1 - me, depth - PLY, -_INFINITE, -floor, 1)
            position.undo()
            if index == 0 or score > alpha - self._near:
                scores[point] = score
            if score > alpha:
                alpha, best = score, point
            self._partial = (best, alpha)
            if alpha > _MATE:
                break
        return best, alpha

    def _line(self, me: int, point: int) -> tuple[int, ...]:
        position, line = self._position, [point]
        position.play(point, me)
        side = 1 - me
        while len(line) < 12:
            entry = self._table.get(position.key * 2 + side)
            if entry is None or entry[3] < 0 or position.cells[entry[3]]:
                break
            line.append(entry[3])
            position.play(entry[3], side)
            side = 1 - side
        for _ in line:
            position.undo()
        return tuple(line)

    def _node(self, me: int, depth: int, alpha: int, beta: int, ply: int) -> int:
        self._stop.count()
        position, other, sight = self._position, 1 - me, self._sight
        size, fours_at, everything = self._size, self._fours, position.all
        d0, d1, d2, d3 = position.directions
        my_shift, other_shift = position.shifts[me], position.shifts[other]
        one = d0 | d1 | d2 | d3
        mine, theirs = one >> my_shift, one >> other_shift
        if mine & everything:
            return WIN - ply - 1
        block = theirs & everything
        if block:
            if block & block - 1 or not position.may_play(me, block):
                return ply + 2 - WIN
            position.play(block.bit_length() - 1, me)
            score = -self._node(other, depth, -beta, -alpha, ply + 1)
            position.undo()
            return score
        if position.stones >= size:
            return 0
        two = d0 & d1 | d2 & d3 | (d0 | d1) & (d2 | d3)
        fours = mine >> fours_at & everything
        if fours:
            wins = mine >> size * OPEN_FOUR & everything | two >> my_shift + fours_at & everything
            if wins and position.may_play(me, wins):
                return WIN - ply - 3
        key = position.key * 2 + me
        entry = self._table.get(key)
        hint = -1
        if entry is not None:
            known, bound, score, hint = entry
            if known >= depth:
                if score > _MATE:
                    score -= ply
                elif score < -_MATE:
                    score += ply
                if bound == _EXACT or (score >= beta if bound == _LOWER else score <= alpha):
                    return score
        danger = 0
        if sight.defends and theirs >> fours_at & everything:
            danger = theirs >> size * OPEN_FOUR & everything | two >> other_shift + fours_at & everything
            if danger:
                danger = position.may_play(other, danger)
        leaf = (depth <= 0 and (not danger or depth <= _EXTRA)) or ply >= _PLIES_MAX
        worth = self._judge(me, mine, theirs, two, ply) if leaf else -_INFINITE
        if worth >= beta:
            return worth
        if fours and sight.fours and (entry is None or depth > known + PLY):
            win = self._forcing.by_fours(me, sight.fours, sight.four_nodes, choosy=True)
            if win is not None:
                score = WIN - len(win) - 2
                self._keep(key, _INFINITE, _EXACT, score, win[0])
                return score - ply
        if leaf:
            return worth
        looks = position.order[me].to_bytes(size, "little")
        rest: list[int] = []
        if danger:
            allowed = position.may_play(me, position.guards(other) | fours)
            if not allowed:
                return ply + 4 - WIN
            moves = sorted(points_of(allowed), key=looks.__getitem__, reverse=True)
            next_depth = depth - 1
        else:
            order = sorted(compress(self._all, looks), key=looks.__getitem__, reverse=True)
            width = sight.width if depth > _FULL_WIDTH else max(sight.width // 2, _WIDTH_MIN)
            moves, rest = order[:width], order[width:]
            moves = self._ordered(me, moves, ply, looks)
            next_depth = depth - PLY
        if hint >= 0 and hint in moves:
            moves.remove(hint)
            moves.insert(0, hint)
        return self._try(me, moves, rest, looks, depth, next_depth, alpha, beta, ply, key, fours)

    def _ordered(self, me: int, moves: list[int], ply: int, looks: bytes) -> list[int]:
        history, killers = self._history[me], self._killers[ply]
        cells = self._position.cells
        for killer in killers:
            if killer >= 0 and killer not in moves and not cells[killer]:
                moves.append(killer)
        return sorted(
            moves,
            key=lambda p: looks[p] * 16 + min(history[p], 400) + (300 if p in killers else 0),
            reverse=True,
        )

    def _try(
        self, me: int, moves: list[int], rest: list[int], looks: bytes, depth: int, next_depth: int, alpha: int,
        beta: int, ply: int, key: int, fours: int,
    ) -> int:  # fmt: skip
        """Search `moves`, and the `rest` only as long as all lose: so a win that is announced is no matter of width."""
        position, other = self._position, 1 - me
        width = len(moves)
        fouls = position.variant.fouls and me == BLACK
        best, best_point, first, floor = -_INFINITE, -1, True, alpha
        for index, point in enumerate(chain(moves, rest)):
            if index >= width and best > -_MATE:
                break
            if fouls and not position.may_play(me, 1 << point):
                continue
            position.play(point, me)
            if first:
                score = -self._node(other, next_depth, -beta, -alpha, ply + 1)
                first = False
            else:
                less = 0
                if index >= 3 and depth > 2 * PLY and not fours >> point & 1:
                    less = PLY if index < 8 else 2 * PLY
                score = -self._node(other, next_depth - less, -alpha - 1, -alpha, ply + 1)
                if score > alpha and less:
                    score = -self._node(other, next_depth, -alpha - 1, -alpha, ply + 1)
                if alpha < score < beta:
                    score = -self._node(other, next_depth, -beta, -alpha, ply + 1)
            position.undo()
            if score > best:
                best, best_point = score, point
                if score > alpha:
                    alpha = score
                    if alpha >= beta:
                        self._remember_cut(me, point, depth, ply)
                        break
        if best_point < 0:
            return 0 if fouls else self._judge(me, 0, 0, 0, ply)
        stored = best + ply if best > _MATE else best - ply if best < -_MATE else best
        bound = _LOWER if best >= beta else _EXACT if best > floor else _UPPER
        self._keep(key, depth, bound, stored, best_point)
        return best

    def _remember_cut(self, me: int, point: int, depth: int, ply: int) -> None:
        killers = self._killers[ply]
        if killers[0] != point:
            killers[1], killers[0] = killers[0], point
        history = self._history[me]
        history[point] += depth * depth
        if history[point] > 4_000:
            for side in self._history:
                side[:] = [value >> 2 for value in side]

    def _keep(self, key: int, depth: int, bound: int, score: int, point: int) -> None:
        if len(self._table) > self._table_max:
            self._table.clear()
        self._table[key] = (depth, bound, score, point)

    def _judge(self, me: int, mine: int, theirs: int, two: int, ply: int) -> int:
        """What a position is worth for who is to move, without searching (`lines._WORTH_TO_MOVE`)."""
        position, size = self._position, self._size
        threes, everything = size * THREE, position.all
        worth = position.worth[me] + _TEMPO
        if mine >> threes & everything:
            worth += _MY_THREE
            if two >> position.shifts[me] + threes & everything:
                worth += _MY_FORK
        if theirs >> size * FOUR & theirs >> threes & everything:
            worth -= _THEIR_FORK
        return worth


_TEMPO: Final = 22
_MY_THREE: Final = 19
_MY_FORK: Final = 300
"""A stone that makes two threes."""
_THEIR_FORK: Final = 144
"""A stone that makes a four and a three."""
