"""Tron bots on small problems and against each other."""

import pytest

from p2pgame.core import Rng, Setup, encode
from p2pgame.games.tron.bot import Bot, Options
from p2pgame.games.tron.rules import (
    CELLS,
    DOWN,
    GAME,
    LEFT,
    NONE,
    RIDING,
    RIGHT,
    UP,
    WIDTH,
    Config,
    Edge,
    Rider,
    State,
)


def riding(riders: tuple[Rider, ...], walls: tuple[int, ...], edge: Edge = "walls") -> State:
    grid = bytearray(CELLS)
    for cell in (*walls, *(rider.cell for rider in riders)):
        grid[cell] = 33
    return State(5, edge, Rng(1), riders, bytes(grid), 100, 1, RIDING, 4)


def cell(x: int, y: int) -> int:
    return y * WIDTH + x


@pytest.mark.parametrize("seed", range(5))
def test_it_takes_the_only_way_out(seed: int) -> None:
    walls = (cell(11, 10), cell(10, 9))
    state = riding((Rider(cell(10, 10), RIGHT), Rider(cell(50, 30), LEFT)), walls)
    assert Bot(seed).choose(state, 0) == DOWN


@pytest.mark.parametrize("seed", range(5))
def test_it_does_not_ride_into_a_dead_end(seed: int) -> None:
    pocket = tuple(cell(x, y) for x in range(5, 16) for y in (6, 11)) + tuple(
        cell(5, y) for y in range(6, 12)
    )
    door = cell(10, 11)
    walls = tuple(c for c in pocket if c != door) + tuple(cell(15, y) for y in range(6, 12)) + (cell(10, 13),)
    state = riding((Rider(cell(10, 12), UP), Rider(cell(50, 30), LEFT)), walls)
    assert Bot(seed).choose(state, 0) in (LEFT, RIGHT)


@pytest.mark.parametrize("seed", range(5))
def test_it_rides_through_an_open_edge_where_that_is_the_way(seed: int) -> None:
    walls = (cell(63, 9), cell(63, 11))
    riders = (Rider(cell(63, 10), RIGHT), Rider(cell(30, 30), LEFT))
    assert Bot(seed).choose(riding(riders, walls, "wrap"), 0) in (NONE, RIGHT)


@pytest.mark.parametrize(("players", "edge"), [(2, "walls"), (2, "wrap"), (8, "walls")])
def test_bots_last_a_while_and_finish(players: int, edge: Edge) -> None:
    state = GAME.initial(Setup(players=players, seed=5, config=Config(best_of=3, edge=edge)))
    bots = [Bot(seed) for seed in range(players)]
    inputs = [NONE] * players
    changes = 0
    while not state.over:
        wanted = [bot.choose(state, player) for player, bot in enumerate(bots)]
        changes += sum(a != b for a, b in zip(inputs, wanted, strict=True))
        inputs = wanted
        state = GAME.advance(state, inputs)
        assert state.frame < 5 * 60 * 60
    assert state.frame / state.round > 10 * 60, "a round of ten seconds at least"
    assert changes / players / (state.frame / 60) < 10


def rounds_won(harder: int, easier: int) -> tuple[int, int]:
    won = [0, 0]
    for seed in range(2):
        state = GAME.initial(Setup(2, seed, Config(best_of=9)))
        bots = Bot(2 * seed, Options(harder)), Bot(2 * seed + 1, Options(easier))
        while not state.over:
            state = GAME.advance(state, [bot.choose(state, player) for player, bot in enumerate(bots)])
        won = [points + rider.points for points, rider in zip(won, state.riders, strict=True)]
    return won[0], won[1]


@pytest.mark.parametrize(("harder", "easier"), [(3, 2), (2, 1)])
def test_a_harder_bot_wins_far_more_rounds(harder: int, easier: int) -> None:
    ours, theirs = rounds_won(harder, easier)
    assert ours > 2 * theirs


@pytest.mark.parametrize("level", [1, 2, 3])
@pytest.mark.parametrize("teams", [(0, 0, 1, 1), (0, 1, 2, 0, 1, 2), (0, 0, 0, 0, 1, 1, 1, 1)])
def test_bots_of_every_level_finish_in_teams(level: int, teams: tuple[int, ...]) -> None:
    state = GAME.initial(Setup(len(teams), 3, Config(best_of=3), teams))
    bots = [Bot(seed, Options(level)) for seed in range(len(teams))]
    while not state.over:
        state = GAME.advance(state, [bot.choose(state, player) for player, bot in enumerate(bots)])
        assert state.frame < 5 * 60 * 60
    outcome = GAME.outcome(state)
    assert outcome is not None
    winning = {teams[player] for player in outcome.winners}
    assert outcome.winners == tuple(player for player, team in enumerate(teams) if team in winning)


def test_it_follows_from_its_seed_and_changes_no_state() -> None:
    def plays() -> list[int]:
        state = GAME.initial(Setup(players=2, seed=1, config=Config()))
        bots, turns = (Bot(1), Bot(2)), []
        for _ in range(500):
            before = encode(state)
            inputs = [bot.choose(state, player) for player, bot in enumerate(bots)]
            assert encode(state) == before
            turns += inputs
            state = GAME.advance(state, inputs)
        return turns

    assert plays() == plays()


def test_who_is_out_presses_nothing() -> None:
    state = riding((Rider(cell(10, 10), RIGHT, out=90), Rider(cell(50, 30), LEFT)), ())
    assert Bot(1).choose(state, 0) == NONE
