"""Chooses a move: what is forced, else a win by force, else what the search finds best. Manages its time."""

import random
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple, TypeVar

from p2pgame.games.gomoku.engine.lines import FIVE
from p2pgame.games.gomoku.engine.position import Forbidden, Position, points_of
from p2pgame.games.gomoku.engine.search import WIN, Found, Search, Sight
from p2pgame.games.gomoku.engine.stop import OutOfTime, Stop
from p2pgame.games.gomoku.engine.threats import Forcing
from p2pgame.games.gomoku.engine.variant import Variant

__all__ = ["Limits", "Player"]

_T = TypeVar("_T")

_FORCED_SHARE: Final = 0.2
"""Of the time that may be spent on a win by force before the search begins."""
_REFUTED_SHARE: Final = 0.15
"""Of the time that may be spent on moves that lose by force, where the other side threatens to win so."""
_REFUTED_NODES: Final = 1_500
"""For each of these moves."""
_NEXT_DEPTH: Final = 0.75
"""Another depth is begun only before this share of what is left for the search is spent ..."""
_NEXT_DEPTH_OF_NODES: Final = 0.5
"""... or this one of the positions: the levels are measured with it."""
_NEXT_SHARE: Final = 0.4
"""Of the limits, for each move that is compared with the best."""
_MEMORY_FIXED: Final = 100_000_000
_MEMORY_ENTRY: Final = 400
"""Bytes of the program with the states of lines, and of an entry of the search's table; measured."""


class Limits(NamedTuple):
    """How long to think about one move."""

    seconds: float | None = None
    nodes: int | None = None
    judged: bool = False
    """The score counts as much as the move: where there is one move only, it is searched as well."""


class Player:
    """Plays by one variant. One thread at a time."""

    def __init__(
        self,
        variant: Variant,
        sight: Sight,
        clock: Callable[[], float],
        forbidden: Forbidden | None = None,
        chance: random.Random | None = None,
        near: int = 0,
        memory: int | None = None,
    ) -> None:
        """`clock`: seconds. `chance`: decides between the first moves, and those whose scores differ by `near` at most.

        `memory`: bytes that the search may use, about.
        """
        self._variant = variant
        self._sight = sight
        self._clock = clock
        self._forbidden = forbidden
        self._chance = chance or random.Random(0)
        self._near_score = near
        self._table_max = None if memory is None else max(1_000, (memory - _MEMORY_FIXED) // _MEMORY_ENTRY)

    def choose(self, cells: Sequence[int], me: int, limits: Limits) -> Found:
        """The move of `me` on a board that is neither won nor full; `cells`: for each point 0, or its colour + 1."""
        return self.ranked(cells, me, limits, 1)[0]

    def ranked(self, cells: Sequence[int], me: int, limits: Limits, count: int) -> list[Found]:
        """The `count` best moves, best first; one where it is forced, and fewer where nothing is known of one.

        The first is that of `choose`; each other one takes `_NEXT_SHARE` of the `limits` more.
        """
        begin = self._clock()
        position = Position(self._variant, cells, self._forbidden)
        candidates = self._candidates(position, me)
        urgent = self._urgent(position, me)
        if urgent is not None:
            return [urgent]
        if len(candidates) == 1:
            return [Found(candidates[0], 0, 0, 1, (candidates[0],))]
        deadline = None if limits.seconds is None else begin + limits.seconds
        stop = Stop(self._clock, deadline, limits.nodes)
        forcing = Forcing(position, stop)
        forced = self._forced(position, me, forcing, limits)
        if forced is not None:
            first = Found(forced[0], WIN - len(forced), 0, stop.nodes + forcing.nodes, tuple(forced))
            if count == 1:
                return [first]
        candidates = self._unrefuted(position, me, candidates, forcing, limits)
        searched = self._clock()

        def goes_on(found: Found) -> bool:
            if deadline is not None:
                return self._clock() - searched < (deadline - searched) * _NEXT_DEPTH
            return limits.nodes is None or found.nodes < limits.nodes * _NEXT_DEPTH_OF_NODES

        search = Search(position, self._sight, stop, forcing, goes_on, self._table_max, self._near_score)
        if forced is None:
            first = search.best(me, candidates, judged=limits.judged)
            equal = search.close_to_best() if self._near_score else []
            first = first._replace(point=self._chance.choice(equal)) if len(equal) > 1 else first
        found = [first]
        while len(found) < count and (candidates := [p for p in candidates if p != found[-1].point]):
            until = None if limits.seconds is None else self._clock() + limits.seconds * _NEXT_SHARE
            nodes = None if limits.nodes is None else int(limits.nodes * _NEXT_SHARE)
            found.append(search.next_best(me, candidates, Stop(self._clock, until, nodes), first))
        others = sorted((f for f in found[1:] if f.depth), key=lambda f: f.score, reverse=True)
        return [first, *(f._replace(score=min(f.score, first.score)) for f in others)]

    def _urgent(self, position: Position, me: int) -> Found | None:
        """A five, or the stop of one."""
        if five := position.mask(me, FIVE):
            point = five.bit_length() - 1
            return Found(point, WIN - 1, 0, 1, (point,))
        block = position.may_play(me, position.mask(1 - me, FIVE))
        if block:
            point = block.bit_length() - 1
            return Found(point, 0, 0, 1, (point,))
        return None

    def _forced(self, position: Position, me: int, forcing: Forcing, limits: Limits) -> list[int] | None:
        return self._spend(position, forcing, limits, _FORCED_SHARE, lambda: self._win(me, forcing, 1 << 30))

    def _unrefuted(
        self, position: Position, me: int, candidates: list[int], forcing: Forcing, limits: Limits
    ) -> list[int]:
        """The moves after which the other side is not known to win by force; all, if there are none."""
        if not self._sight.threats:
            return candidates
        other, good = 1 - me, list(candidates)

        def leave_out() -> None:
            if not self._win(other, forcing, 1 << 30):
                return  # whoever does not win so if we pass hardly does after a move of ours
            for point in candidates:
                position.play(point, me)
                if self._win(other, forcing, _REFUTED_NODES):
                    good.remove(point)
                position.undo()

        self._spend(position, forcing, limits, _REFUTED_SHARE, leave_out)
        return good or candidates

    def _win(self, side: int, forcing: Forcing, nodes: int) -> list[int] | None:
        """A win of `side`, to move, by force."""
        fours, threats = self._sight.fours, self._sight.threats
        found = forcing.by_fours(side, fours, nodes) if fours else None
        return found or (forcing.by_threats(side, threats, nodes) if threats else None)

    def _spend(
        self, position: Position, forcing: Forcing, limits: Limits, share: float, search: Callable[[], _T]
    ) -> _T | None:
        """What `search` finds within that share of the limits; None, and the position restored, beyond it."""
        stones = position.stones
        deadline = None if limits.seconds is None else self._clock() + limits.seconds * share
        nodes = self._sight.threat_nodes
        if limits.nodes is not None:
            nodes = min(nodes, int(limits.nodes * share))
        try:
            with forcing.within(Stop(self._clock, deadline, nodes)):
                return search()
        except OutOfTime:
            while position.stones > stones:
                position.undo()
            return None

    def _candidates(self, position: Position, me: int) -> list[int]:
        """The moves to try, best looking first; at least one where one is allowed."""
        if not position.stones:
            centre = position.size // 2
            return [centre * position.size + centre]
        looks = position.order[me].to_bytes(position.points, "little")
        order = sorted(range(position.points), key=looks.__getitem__, reverse=True)
        good = [point for point in order[: self._sight.root_width] if looks[point]]
        if position.stones < 3:
            good = self._near(position)
        elif len(good) < 2:
            good = [point for point in order if not position.cells[point]]
        allowed = position.may_play(me, sum(1 << point for point in good))
        good = [point for point in good if allowed >> point & 1]
        if not good:
            free = sum(1 << point for point in range(position.points) if not position.cells[point])
            good = list(points_of(position.may_play(me, free) or free))
        return good

    def _near(self, position: Position) -> list[int]:
        """For the first moves: the points next to a stone, in an order of chance."""
        size = position.size
        near: set[int] = set()
        for point in range(position.points):
            if position.cells[point]:
                x, y = point % size, point // size
                for ny in range(max(0, y - 2), min(size, y + 3)):
                    near.update(ny * size + nx for nx in range(max(0, x - 2), min(size, x + 3)))
        good = sorted(point for point in near if not position.cells[point])
        self._chance.shuffle(good)
        return good
