"""Wins by force: by fours alone, and by fours and threes (Allis, van den Herik and Huntjens, "Go-Moku and threat-space
search", 1993).

After a four the other side has one answer, so the search by fours is a single line of play with many branches for the
attacker only. After an open three it may spoil the open four, or make fours of its own first: all of that is tried, so
a win that is found is proven.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from p2pgame.games.gomoku.engine.lines import FIVE, FOUR, OPEN_FOUR, THREE
from p2pgame.games.gomoku.engine.position import Position, points_of
from p2pgame.games.gomoku.engine.stop import Stop

__all__ = ["Forcing"]

_REMEMBERED_MAX: Final = 200_000


class Forcing:
    """Searches forced wins in one position, which is changed and restored. Remembers where there are none."""

    def __init__(self, position: Position, stop: Stop) -> None:
        self._position = position
        self._stop = stop
        self._inner: Stop | None = None
        self._no_fours: dict[int, int] = {}
        """By key and attacker: how many fours ahead there is no win."""
        self._no_threats: dict[int, int] = {}
        self._left = 0
        self._choosy = False
        """Fours that leave nothing to make another four of are left out."""
        self._cut = False
        """Something was left out because the budget was spent."""

    @property
    def nodes(self) -> int:
        """Counted by the `Stop` of `within`."""
        return self._inner.nodes if self._inner is not None else 0

    @contextmanager
    def within(self, stop: Stop) -> Iterator[None]:
        """Searches inside end by another `Stop`."""
        outer, self._stop, self._inner = self._stop, stop, stop
        try:
            yield
        finally:
            self._stop = outer

    def by_fours(self, attacker: int, depth: int, nodes: int, choosy: bool = False) -> list[int] | None:
        """A win of `attacker`, to move, with at most `depth` fours: the moves of both sides. None: none was found.

        `choosy`: a four that leaves nothing to make another one of is tried only where it stops one of the other side.
        """
        if len(self._no_fours) > _REMEMBERED_MAX:
            self._no_fours.clear()
        self._left, self._cut, self._choosy = nodes, False, choosy
        return self._fours(attacker, depth)

    def by_threats(self, attacker: int, depth: int, nodes: int) -> list[int] | None:
        """A win of `attacker`, to move, with at most `depth` fours and threes: its moves, and the longest defence."""
        if len(self._no_threats) > _REMEMBERED_MAX:
            self._no_threats.clear()
        self._left, self._cut = nodes, False
        for limit in range(1, depth + 1):
            found = self._attack(attacker, limit)
            if found is not None or self._cut:
                return found
        return None

    def _spent(self) -> bool:
        self._stop.count()
        self._left -= 1
        if self._left < 0:
            self._cut = True
            return True
        return False

    def _fours(self, me: int, depth: int) -> list[int] | None:
        if self._spent():
            return None
        position = self._position
        d0, d1, d2, d3 = position.directions
        points, everything, shift = position.points, position.all, position.shifts[me]
        one = d0 | d1 | d2 | d3
        mine = one >> shift
        if mine & everything:
            return [(mine & everything).bit_length() - 1]
        block = one >> position.shifts[1 - me] & everything
        four = mine >> FOUR * points & everything
        if block:
            if block & block - 1:
                return None
            four &= block
        elif four:
            two = d0 & d1 | d2 & d3 | (d0 | d1) & (d2 | d3)
            wins = mine >> OPEN_FOUR * points & everything | two >> shift + FOUR * points & everything
            if wins:
                wins = position.may_play(me, wins)
                if wins:
                    return [wins.bit_length() - 1]
        if four and self._choosy and not block:
            four = position.gaining(me, four, 1 if four.bit_count() <= 2 else 3)
        if not four or depth <= 0:
            return None
        key = position.key * 4 + 2 * self._choosy + me
        if self._no_fours.get(key, -1) >= depth:
            return None
        for point in position.best_looking(me, points_of(position.may_play(me, four))):
            found = self._four(me, point, depth)
            if found is not None:
                return found
            if self._cut:
                return None
        self._no_fours[key] = depth
        return None

    def _four(self, me: int, point: int, depth: int) -> list[int] | None:
        """What wins with a four on `point`."""
        position = self._position
        position.put(point, me)
        fives = position.mask(me, FIVE)
        if fives & fives - 1 or not fives or not position.may_play(1 - me, fives):
            position.undo()
            return [point] if fives else None
        reply = fives.bit_length() - 1
        position.put(reply, 1 - me)
        rest = self._fours(me, depth - 1)
        position.undo()
        position.undo()
        return None if rest is None else [point, reply, *rest]

    def _attack(self, me: int, depth: int) -> list[int] | None:
        """The attacker is to move."""
        if self._spent():
            return None
        position = self._position
        mine = position.mask(me, FIVE)
        if mine:
            return [mine.bit_length() - 1]
        block = position.mask(1 - me, FIVE)
        if block & block - 1:
            return None
        if not block and (wins := position.wins_by_four(me)):
            return [wins.bit_length() - 1]
        if depth <= 0:
            return None
        four, three = position.mask(me, FOUR), position.mask(me, THREE)
        if block:
            candidates = block  # it may leave a threat that stood before
        elif position.wins_by_four(1 - me):
            candidates = four | three & position.guards(1 - me)
        else:
            candidates = four | three
        candidates = position.may_play(me, candidates)
        if not candidates:
            return None
        key = position.key * 2 + me
        if self._no_threats.get(key, -1) >= depth:
            return None
        for point in position.best_looking(me, points_of(candidates)):
            position.put(point, me)
            rest = self._defend(me, depth - 1)
            position.undo()
            if rest is not None:
                return [point, *rest]
            if self._cut:
                return None
        self._no_threats[key] = depth
        return None

    def _defend(self, me: int, depth: int) -> list[int] | None:
        """The other side is to move after a move of the attacker: the longest of its defences, if all fail."""
        position, other = self._position, 1 - me
        if position.mask(other, FIVE):
            return None
        fives = position.mask(me, FIVE)
        if fives:
            if fives & fives - 1:
                return []
            replies = [fives.bit_length() - 1] if position.may_play(other, fives) else []
        elif position.wins_by_four(me):
            guards = position.may_play(other, position.guards(me))
            fours = position.may_play(other, position.mask(other, FOUR)) & ~guards
            replies = position.best_looking(other, points_of(guards))
            replies += points_of(fours)
        else:
            return None
        longest: list[int] = []
        for reply in replies:
            if self._spent():
                return None
            position.put(reply, other)
            rest = self._attack(me, depth)
            position.undo()
            if rest is None:
                return None
            if len(rest) >= len(longest):
                longest = [reply, *rest]
        return longest
