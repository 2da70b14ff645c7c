"""A player by patterns, with a search of fours: the bot of the first versions of this program, kept as a yardstick.

It is unchanged, faults included: after a four is answered, its search forgets fours elsewhere.

It thinks within a number of positions, not within a time, so that its moves follow from its seed and the states
it was shown. Knows nothing of matches and peers.
"""

import random
from typing import Final

from p2pgame.games.gomoku.rules import (
    BLACK,
    EMPTY,
    Input,
    Move,
    Rule,
    State,
    centre,
    forbidden_points,
    legal_inputs,
)
from tests.bench.yardsticks.pattern_threats import (
    FIVE,
    FOUR,
    OPEN_THREE,
    Budget,
    Threats,
    cell_of,
    nearby,
    place,
    point_of,
    position_of,
)

__all__ = ["Bot"]

_WORTH: Final = (0, 2, 8, 30, 28, 90, 50, 2_000, 50_000)
"""Of each shape from `NOTHING` to `FIVE`."""
_ATTACK: Final = 5
_DEFENCE: Final = 3
"""Weights of what a move makes for us and of what it takes from the other side."""
_FORK: Final = 600
"""Of making two threats at once."""
_WIDTH: Final = 8
"""How many of the best-looking moves are searched."""
_DEEP: Final = 300
"""Positions searched for a win from here, for either side."""
_SHALLOW: Final = 40
"""Positions searched after each move considered."""
_SLACK: Final = 10
"""Moves short of the best by less than this share (one in so many) look equally good: chance decides."""


class Bot:
    """Plays either colour under any rule, and makes the choices of openings by chance. Seeds play different games."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._threats: dict[Rule, Threats] = {}

    def choose(self, state: State, player: int) -> Input:
        """What `player` does, who is to move in `state`, which is not over."""
        if state.asked is not None:
            return self._opening(state)
        size, barred = state.size, _barred(state)
        cells = [cell for cell in nearby(position_of(state)) if cell not in barred]
        if not cells:
            return self._elsewhere(state, barred)
        threats = self._threats.setdefault(state.rule, Threats(state.rule))
        good = _Turn(threats, position_of(state), state.colour, cells, barred).good_moves()
        return Move(point_of(self._random.choice(good), size))

    def _opening(self, state: State) -> Input:
        """A choice, or a stone near the others."""
        legal = [*legal_inputs(state)]
        near = {point_of(cell, state.size) for cell in nearby(position_of(state))}
        return self._random.choice([i for i in legal if isinstance(i, Move) and i.point in near] or legal)

    def _elsewhere(self, state: State, barred: frozenset[int]) -> Input:
        """Where no cell near a stone is left: the centre of an empty board, else any point, or a pass."""
        if not state.stones:
            return Move(centre(state.size))
        free = [point for point, stone in enumerate(state.board) if stone == EMPTY]
        allowed = [point for point in free if cell_of(point, state.size) not in barred]
        return Move(self._random.choice(allowed)) if allowed else "pass"


def _barred(state: State) -> frozenset[int]:
    """The cells that are fouls for who is to move."""
    if not state.renju or state.colour != BLACK:
        return frozenset()
    return frozenset(cell_of(point, state.size) for point in forbidden_points(state.board, state.size))


class _Turn:
    """One decision of who has `colour`, among `cells`."""

    def __init__(
        self, threats: Threats, position: bytes, colour: int, cells: list[int], barred: frozenset[int]
    ) -> None:
        self._threats = threats
        self._position = position
        self._me = colour
        self._other = 1 - colour
        self._cells = cells
        self._barred = barred

    def good_moves(self) -> list[int]:
        """The cells that look equally good; at least one."""
        five, block = (self._completing(p) for p in (self._me, self._other))
        if five or block:
            return five or block
        win = self._win(self._position, self._me, _DEEP)
        if win and win[0] not in self._barred:
            return win[:1]
        danger = self._win(self._position, self._other, _DEEP)
        if danger:
            return self._parry(danger)
        return self._quiet()

    def _quiet(self) -> list[int]:
        """No side can force matters: the best looking moves that allow no forced win, or one that forces one."""
        looks = {cell: self._look(cell) for cell in self._cells}
        safe = []
        for cell in sorted(looks, key=looks.__getitem__, reverse=True)[:_WIDTH]:
            if self._allows_win(self._position, self._me, cell):
                continue
            if self._cannot_be_parried(cell):
                return [cell]
            safe.append(cell)
        return _best({cell: looks[cell] for cell in safe} or looks)

    def _parry(self, danger: list[int]) -> list[int]:
        """The best looking moves that stop `danger`, a forced win of the other side.

        A four of our own comes second: it may only put off the end. If nothing helps, whatever looks best.
        """
        free = [c for c in danger if self._position[c] == EMPTY and c not in self._barred]
        looks = {cell: self._look(cell) for cell in free or self._cells}
        for cells in (looks, self._fours(self._position, self._me)):
            stops = [c for c in cells if not self._allows_win(self._position, self._me, c)]
            if stops:
                return _best({cell: self._look(cell) for cell in stops})
        return _best(looks)

    def _look(self, cell: int) -> int:
        """How good a move looks: what it makes for us and what it takes from the other side."""
        return _ATTACK * self._worth(self._me, cell) + _DEFENCE * self._worth(self._other, cell)

    def _worth(self, player: int, cell: int) -> int:
        shapes = self._threats.shapes(self._position, player, cell)
        threats = sum(shape >= OPEN_THREE for shape in shapes)
        return sum(_WORTH[shape] for shape in shapes) + (_FORK if threats > 1 else 0)

    def _completing(self, player: int) -> list[int]:
        shapes = self._threats.shapes
        return [cell for cell in self._cells if FIVE in shapes(self._position, player, cell)]

    def _fours(self, position: bytes, player: int) -> list[int]:
        shapes = self._threats.shapes
        return [c for c in self._cells if position[c] == EMPTY and max(shapes(position, player, c)) >= FOUR]

    def _win(self, position: bytes, player: int, nodes: int, forced: int | None = None) -> list[int] | None:
        cells = self._cells if position is self._position else nearby(position)
        return self._threats.forced_win(position, player, cells, Budget(nodes), forced=forced)

    def _allows_win(self, position: bytes, player: int, cell: int) -> bool:
        """True if after the stone of `player` on `cell` the other side has a forced win."""
        after = place(position, player, cell)
        fives = self._threats.fives(after, player, cell)
        if len(fives) > 1:
            return False
        return self._win(after, 1 - player, _SHALLOW, next(iter(fives), None)) is not None

    def _cannot_be_parried(self, cell: int) -> bool:
        """True if our stone on `cell` threatens a forced win that no answer prevents."""
        after = place(self._position, self._me, cell)
        threat = self._win(after, self._me, _SHALLOW)
        if threat is None:
            return False
        answers = [c for c in (*threat, *self._fours(after, self._other)) if after[c] == EMPTY]
        return all(self._allows_win(after, self._other, answer) for answer in answers)


def _best(looks: dict[int, int]) -> list[int]:
    """The cells whose look is close to the best."""
    top = max(looks.values())
    return [cell for cell, look in looks.items() if look * _SLACK >= top * (_SLACK - 1)]
