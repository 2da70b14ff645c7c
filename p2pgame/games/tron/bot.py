"""A Tron player: keeps off walls, goes where there is room, and counts the room the others leave it.

It weighs its three ways once a cell, by letting all riders flood the empty cells at the same pace and counting the
cells it reaches first. Cells are the bits of one large integer, which makes that fast. How far it looks and how often
it errs depends on its level. Its inputs follow from its seed and the states it was shown. Knows nothing of matches and
peers.
"""

import random
from typing import Annotated, ClassVar, Final, NamedTuple

import msgspec

from p2pgame.games.tron.rules import (
    CELLS,
    HEIGHT,
    NONE,
    RIDING,
    STEP,
    WIDTH,
    Edge,
    State,
    ahead,
)

__all__ = ["Bot", "Options"]


class _Skill(NamedTuple):
    depth: int
    """Steps of the flood: how far it looks."""
    careless: float
    """How often, per cell, it looks no farther than the next one."""
    restless: float
    """How often, per cell, it turns into a way that is nearly as good."""
    tidy: bool
    """Whether it counts what the others reach, too, and rides along walls where nobody else can come."""


_SKILLS: Final = (
    _Skill(depth=3, careless=0.3, restless=0.3, tidy=False),
    _Skill(depth=20, careless=0.0, restless=0.1, tidy=False),
    _Skill(depth=64, careless=0.0, restless=0.04, tidy=True),
)
"""By level."""
_FIDGET: Final = 0.3
"""How often, per cell, it presses the key of the way it goes anyhow, as people do."""
_OPEN: Final = bytes(49 if not mark else 48 for mark in range(256))
"""Marks of the grid to the digits of a number whose ones are empty cells."""
_ALL: Final = (1 << CELLS) - 1
_COLUMN: Final = sum(1 << row * WIDTH for row in range(HEIGHT))
_NOT_FIRST: Final = _ALL & ~_COLUMN
_NOT_LAST: Final = _ALL & ~(_COLUMN << WIDTH - 1)
_ROWS_DOWN: Final = (HEIGHT - 1) * WIDTH


class Options(msgspec.Struct, frozen=True):
    """What can be chosen of the bot."""

    level: Annotated[int, msgspec.Meta(ge=1, le=3)] = 2
    """How strong it plays."""


_USUAL: Final = Options()


class Bot:
    """Plays any number of opponents."""

    options: ClassVar = Options

    def __init__(self, seed: int, options: Options = _USUAL) -> None:
        self._chance = random.Random(seed)
        self._skill = _SKILLS[options.level - 1]
        self._seen: tuple[int, int] = (0, -1)
        """Round and cell of the last decision."""
        self._turn = NONE
        self._release = 0
        """Until this frame the key stays down."""

    def choose(self, state: State, player: int) -> int:
        """A direction or `NONE`; asked once a frame. Thinks only when its cycle has come to another cell."""
        rider = state.riders[player]
        if state.phase != RIDING or rider.out:
            return NONE
        here = (state.round, rider.cell)
        if here != self._seen:
            self._seen = here
            turn = self._decide(state, player)
            if turn != rider.heading or self._chance.random() < _FIDGET:
                self._turn = turn
                self._release = state.frame + self._chance.randint(STEP, 2 * STEP)
        if not state.frame < self._release <= state.frame + 2 * STEP:
            self._turn = NONE
        return self._turn

    def _decide(self, state: State, player: int) -> int:
        rider, skill = state.riders[player], self._skill
        best = rider.heading
        ways = []
        for heading in (best, best % 4 + 1, (best + 2) % 4 + 1):
            cell = ahead(rider.cell, heading, state.edge)
            if cell >= 0 and not state.grid[cell]:
                ways.append((heading, cell))
        if len(ways) < 2:
            return ways[0][0] if ways else best
        if skill.careless and self._chance.random() < skill.careless:
            return ways[0][0]
        room, others, count = _open_cells(state.grid), 0, 0
        for index, other in enumerate(state.riders):
            if index != player and not other.out:
                others |= 1 << other.cell
                count += 1
        worth, alone = {}, skill.tidy
        for heading, cell in ways:
            mine, theirs = _flooded(1 << cell, others, room, state.edge, skill.depth)
            worth[heading] = mine.bit_count() * count - (theirs.bit_count() if skill.tidy else 0)
            alone = alone and not _grown(mine, state.edge) & theirs
        most = max(worth.values())
        good = [heading for heading, _ in ways if worth[heading] >= most - abs(most) // 16]
        if alone:
            beside = {h: (_grown(1 << c, state.edge) & ~room).bit_count() for h, c in ways}
            return max(good, key=beside.__getitem__)
        if best in good and self._chance.random() >= skill.restless:
            return best
        return self._chance.choice(good)


def _open_cells(grid: bytes) -> int:
    """A bit for each empty cell; cell 0 is the lowest."""
    return int(grid[::-1].translate(_OPEN), 2)


def _grown(cells: int, edge: Edge) -> int:
    """`cells` and their neighbours."""
    grown = cells | (cells & _NOT_LAST) << 1 | (cells & _NOT_FIRST) >> 1 | cells << WIDTH | cells >> WIDTH
    if edge == "wrap":
        grown |= (cells & ~_NOT_LAST) >> WIDTH - 1 | (cells & ~_NOT_FIRST) << WIDTH - 1
        grown |= cells << _ROWS_DOWN | cells >> _ROWS_DOWN
    return grown


def _flooded(mine: int, theirs: int, room: int, edge: Edge, depth: int) -> tuple[int, int]:
    """The cells that `mine` and `theirs` reach before the other in `depth` steps; who comes together shares nothing."""
    room &= ~mine
    for _ in range(depth):
        theirs_next = _grown(theirs, edge) & room
        mine_next = _grown(mine, edge) & room
        both = mine_next & theirs_next
        if not mine_next and not theirs_next:
            break
        room &= ~(mine_next | theirs_next)
        mine |= mine_next & ~both
        theirs |= theirs_next
    return mine, theirs
