"""The rules of Tron: light cycles that leave a wall behind them. Pure; knows no window, network or clock.

Two to eight riders on a grid of 64 x 36 cells move at once, one cell every `STEP` frames, and never stand still.
Who runs into a trail, a wall or another rider is out; two that enter one cell are both out. The side whose rider is
the last one left wins the round: a team, or a rider for itself. A side that has won more than half of the agreed rounds
wins the match. The arena has walls, or wraps around.

A cell is one integer, ``y * 64 + x``, y downwards. Turns are remembered between steps, two of them, so that a quick
U-turn is never lost; turning back on the spot is not possible.
"""

from collections.abc import Sequence
from typing import Annotated, Final, Literal

import msgspec

from p2pgame.core import Game, IllegalMoveError, Outcome, Rng, Setup

__all__ = [
    "AFTER",
    "CELLS",
    "COUNTDOWN",
    "DOWN",
    "EMPTY",
    "GAME",
    "HEIGHT",
    "LEFT",
    "NONE",
    "RIDING",
    "RIGHT",
    "STEP",
    "UP",
    "WIDTH",
    "Config",
    "Rider",
    "State",
    "Tron",
    "Turn",
    "ahead",
    "owner",
]

WIDTH: Final = 64
HEIGHT: Final = 36
CELLS: Final = WIDTH * HEIGHT
STEP: Final = 4
"""Frames from cell to cell."""
COUNTDOWN_FRAMES: Final = 90
AFTER_FRAMES: Final = 75
"""How long a finished round stays in sight."""

NONE: Final = 0
UP: Final = 1
RIGHT: Final = 2
DOWN: Final = 3
LEFT: Final = 4

COUNTDOWN: Final = 0
RIDING: Final = 1
AFTER: Final = 2
OVER: Final = 3

EMPTY: Final = 0
_STARTED: Final = 33
"""In the grid: where player p began is ``_STARTED + p``."""
_STARTS: Final = {
    2: ((9, 14, RIGHT), (54, 21, LEFT)),
    3: ((13, 7, RIGHT), (32, 29, LEFT), (54, 11, LEFT)),
    4: ((44, 7, LEFT), (19, 28, RIGHT), (50, 25, UP), (13, 10, DOWN)),
    5: ((8, 10, RIGHT), (43, 7, LEFT), (15, 25, RIGHT), (35, 27, LEFT), (58, 18, LEFT)),
    6: (
        (45, 7, LEFT), (18, 28, RIGHT), (23, 9, RIGHT), (40, 26, LEFT),
        (7, 15, RIGHT), (56, 20, LEFT),
    ),
    7: (
        (8, 12, DOWN), (14, 29, RIGHT), (30, 25, RIGHT), (52, 10, LEFT),
        (55, 25, UP), (18, 5, DOWN), (42, 17, LEFT),
    ),
    8: (
        (43, 11, LEFT), (20, 24, RIGHT), (56, 9, DOWN), (7, 26, UP),
        (8, 6, DOWN), (55, 29, UP), (37, 27, LEFT), (26, 8, RIGHT),
    ),
}  # fmt: skip
"""By the number of riders, for each the column, row and heading. Where the number is even, each two are the same seen
from opposite ends. Found by a search for places from which all reach as many cells before the others, at least 15 cells
apart, and whose riders meet nothing for 23 steps if they go straight on."""

Turn = Annotated[int, msgspec.Meta(ge=NONE, le=LEFT)]
"""Where a player wants to go: `NONE`, `UP`, `RIGHT`, `DOWN`, `LEFT`."""
Edge = Literal["walls", "wrap"]


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the inviter chooses."""

    best_of: Literal[3, 5, 7, 9] = 5
    edge: Edge = "walls"


class Rider(msgspec.Struct, frozen=True, array_like=True):
    """One light cycle."""

    cell: int
    heading: int
    turn: int = NONE
    """The turn of the next step."""
    then: int = NONE
    """The turn of the step after it."""
    out: int = 0
    """The frame in which it crashed; 0: it rides."""
    points: int = 0
    """Rounds won, in a team by any of it."""


class State(msgspec.Struct, frozen=True):
    """The match at one frame."""

    best_of: int
    edge: Edge
    rng: Rng
    riders: tuple[Rider, ...]
    grid: Annotated[bytes, msgspec.Meta(min_length=CELLS, max_length=CELLS)]
    """One byte a cell: `EMPTY`; ``4 * player + heading`` with which it was entered (1-32); or `_STARTED` + player."""
    frame: int = 0
    round: int = 1
    phase: int = COUNTDOWN
    clock: int = COUNTDOWN_FRAMES
    """Frames left of the phase; while riding, frames to the next step."""
    teams: tuple[int, ...] = ()
    """The team of each rider; empty: each rides for itself."""

    @property
    def sides(self) -> tuple[int, ...]:
        """The team of each rider, or its own index."""
        return self.teams or tuple(range(len(self.riders)))

    @property
    def needed(self) -> int:
        """Rounds that win the match."""
        return self.best_of // 2 + 1

    @property
    def over(self) -> bool:
        return self.phase == OVER


class Tron(Game[State, int, Config]):
    """Light cycles."""

    name = "tron"
    title = "Tron"
    max_players = 8
    tick_rate = 60
    teams = True
    neutral = NONE
    state_type = State
    input_type = Turn
    config_type = Config

    def initial(self, setup: Setup[Config]) -> State:
        if not self.min_players <= setup.players <= self.max_players:
            raise ValueError("Tron is for 2 to 8 players")
        if len(setup.sides) != setup.players or len({setup.sides.count(side) for side in setup.sides}) != 1:
            raise ValueError("all teams have the same number of riders")
        riders, grid, rng = _lined_up((0,) * setup.players, setup.sides, Rng(setup.seed))
        return State(setup.config.best_of, setup.config.edge, rng, riders, grid, teams=setup.teams)

    def validate(self, state: State, player: int, move: int) -> None:
        """Any input is legal in any state; one that cannot be followed does nothing."""
        del state, player
        if type(move) is not int or not NONE <= move <= LEFT:
            raise IllegalMoveError("a rider goes up, right, down or left")

    def advance(self, state: State, inputs: Sequence[int | None]) -> State:
        """One frame. A finished match stays as it is."""
        if state.phase == OVER:
            return state
        riders = state.riders
        for player, wanted in enumerate(inputs):
            if wanted:
                rider = riders[player]
                steered = _steered(rider, wanted)
                if steered is not rider:
                    riders = (*riders[:player], steered, *riders[player + 1 :])
        if state.clock > 1:
            return State(
                state.best_of, state.edge, state.rng, riders, state.grid,
                state.frame + 1, state.round, state.phase, state.clock - 1, state.teams,
            )  # fmt: skip
        if state.phase == AFTER:
            return _next_round(state)
        if state.phase == COUNTDOWN:
            return State(
                state.best_of, state.edge, state.rng, riders, state.grid,
                state.frame + 1, state.round, RIDING, 1, state.teams,
            )  # fmt: skip
        return _stepped(state, riders)

    def outcome(self, state: State) -> Outcome | None:
        """More than half of the rounds win. If too many were drawn, so do the most rounds, unless all have as many."""
        if state.phase != OVER:
            return None
        points = [rider.points for rider in state.riders]
        best = max(points)
        winners = tuple(player for player, won in enumerate(points) if won == best)
        if len(winners) == len(points):
            return Outcome(winners=(), reason="all rounds drawn" if best == 0 else "equal rounds")
        return Outcome(winners=winners, reason="most rounds won")

    def describe(self, state: State, move: int) -> str:
        del state
        return ".^>v<"[move]

    def render(self, state: State) -> str:
        """The points over the arena at half size; riders are capital letters, trails small ones."""
        rows = [["."] * (WIDTH // 2) for _ in range(HEIGHT // 2)]
        for cell, mark in enumerate(state.grid):
            if mark:
                rows[cell // WIDTH // 2][cell % WIDTH // 2] = "abcdefgh"[owner(mark)]
        for player, rider in enumerate(state.riders):
            symbol = "x" if rider.out else "ABCDEFGH"[player]
            rows[rider.cell // WIDTH // 2][rider.cell % WIDTH // 2] = symbol
        points = "  ".join(
            f"{'+'.join('ABCDEFGH'[player] for player in side)} {state.riders[side[0]].points}"
            for side in _members(state.sides)
        )
        return "\n".join([f"#{state.round}  {points}", *("".join(row) for row in rows)])


def ahead(cell: int, heading: int, edge: str) -> int:
    """The next cell from `cell` along `heading`; -1 beyond a wall."""
    x, y = cell % WIDTH, cell // WIDTH
    if heading == UP:
        y -= 1
    elif heading == DOWN:
        y += 1
    elif heading == RIGHT:
        x += 1
    else:
        x -= 1
    if 0 <= x < WIDTH and 0 <= y < HEIGHT:
        return y * WIDTH + x
    return y % HEIGHT * WIDTH + x % WIDTH if edge == "wrap" else -1


def owner(mark: int) -> int:
    """The player whose trail is in a cell of the grid that is not empty."""
    return mark - _STARTED if mark >= _STARTED else (mark - 1) // 4


def _steered(rider: Rider, wanted: int) -> Rider:
    """The rider with `wanted` noted: as the next turn, or as the one after it.

    Nothing is noted of the way it goes or straight back: both are an even number of quarter turns away.
    """
    turn, then = rider.turn, rider.then
    if rider.out or wanted in (turn, then):
        return rider
    if turn and (wanted - turn) % 2:
        then = wanted
    elif (wanted - rider.heading) % 2 and not then:
        turn = wanted
    else:
        return rider
    return Rider(rider.cell, rider.heading, turn, then, 0, rider.points)


def _stepped(state: State, riders: tuple[Rider, ...]) -> State:
    """All riders move one cell, at once."""
    frame = state.frame + 1
    entered = [
        -1 if rider.out else ahead(rider.cell, rider.turn or rider.heading, state.edge) for rider in riders
    ]
    grid = bytearray(state.grid)
    moved = []
    for player, rider in enumerate(riders):
        cell, heading = entered[player], rider.turn or rider.heading
        if rider.out:
            moved.append(rider)
        elif cell < 0 or state.grid[cell] != EMPTY or entered.count(cell) > 1:
            moved.append(Rider(rider.cell, heading, NONE, NONE, frame, rider.points))
        else:
            grid[cell] = 4 * player + heading
            moved.append(Rider(cell, heading, rider.then, NONE, 0, rider.points))
    sides = state.sides
    left = {sides[player] for player, rider in enumerate(moved) if not rider.out}
    phase, clock = RIDING, STEP
    if len(left) <= 1:
        for player, rider in enumerate(moved):
            if sides[player] in left:
                moved[player] = Rider(rider.cell, rider.heading, NONE, NONE, rider.out, rider.points + 1)
        decided = any(rider.points >= state.needed for rider in moved)
        # A bound on drawn rounds: a match between two that always crash together ends, too.
        phase = OVER if decided or state.round >= 3 * state.best_of else AFTER
        clock = AFTER_FRAMES
    return State(
        state.best_of, state.edge, state.rng, tuple(moved), bytes(grid), frame, state.round, phase, clock,
        state.teams,
    )  # fmt: skip


def _next_round(state: State) -> State:
    riders, grid, rng = _lined_up(tuple(rider.points for rider in state.riders), state.sides, state.rng)
    return State(
        state.best_of, state.edge, rng, riders, grid, state.frame + 1, state.round + 1, teams=state.teams
    )


def _lined_up(
    points: tuple[int, ...], sides: tuple[int, ...], rng: Rng
) -> tuple[tuple[Rider, ...], bytes, Rng]:
    """Riders at the start of a round, each on a place by lot.

    The places are dealt in turns of one to each side, so that two teams have one of each two places that are the same.
    """
    places, members = _STARTS[len(points)], _members(sides)
    lots: dict[int, tuple[int, int, int]] = {}
    for dealt in range(0, len(places), len(members)):
        turn = list(places[dealt : dealt + len(members)])
        for side in members:
            index, rng = rng.below(len(turn))
            which, rng = rng.below(len(side))
            lots[side.pop(which)] = turn.pop(index)
    riders = []
    grid = bytearray(CELLS)
    for player, won in enumerate(points):
        x, y, heading = lots[player]
        riders.append(Rider(y * WIDTH + x, heading, points=won))
        grid[y * WIDTH + x] = _STARTED + player
    return tuple(riders), bytes(grid), rng


def _members(sides: tuple[int, ...]) -> list[list[int]]:
    """The riders of each side, the sides in the order of their first riders."""
    found: dict[int, list[int]] = {}
    for player, side in enumerate(sides):
        found.setdefault(side, []).append(player)
    return list(found.values())


GAME: Final = Tron()
