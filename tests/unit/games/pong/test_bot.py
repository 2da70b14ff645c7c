"""Pong bots against each other and against somebody who does nothing."""

import pytest

from p2pgame.core import Setup, encode
from p2pgame.games.pong.bot import Bot, Options
from p2pgame.games.pong.rules import GAME, WIDTH, Config, State


def start(seed: int) -> State:
    return GAME.initial(Setup(players=2, seed=seed, config=Config(points=5)))


@pytest.mark.parametrize("seed", range(4))
def test_bots_rally_and_finish(seed: int) -> None:
    state, bots, longest, changes = start(seed), (Bot(2 * seed), Bot(2 * seed + 1)), 0, 0
    inputs = (0, 0)
    while not state.over:
        wanted = (bots[0].choose(state, 0), bots[1].choose(state, 1))
        changes += sum(a != b for a, b in zip(inputs, wanted, strict=True))
        inputs = wanted
        state = GAME.advance(state, inputs)
        longest = max(longest, state.rally)
        assert state.frame < 5 * 60 * 60
    assert longest >= 4
    assert 3 < changes / 2 / (state.frame / 60) < 8, "about as restless as a person"


@pytest.mark.parametrize("player", [0, 1])
def test_a_bot_beats_nobody(player: int) -> None:
    state, bot = start(3), Bot(3)
    while not state.over:
        push = bot.choose(state, player)
        state = GAME.advance(state, (push, 0) if player == 0 else (0, push))
    assert state.score[1 - player] <= 2


def points(left: int, right: int, players: int = 2) -> tuple[int, int]:
    """Of both sides in three matches."""
    total = [0, 0]
    for seed in range(3):
        state = GAME.initial(Setup(players, seed, Config(points=7)))
        bots = [Bot(9 * seed + player, Options((left, right)[player % 2])) for player in range(players)]
        while not state.over:
            state = GAME.advance(state, [bot.choose(state, player) for player, bot in enumerate(bots)])
        total = [total[0] + state.score[0], total[1] + state.score[1]]
    return total[0], total[1]


@pytest.mark.parametrize("players", [2, 4])
@pytest.mark.parametrize(("harder", "easier"), [(3, 2), (2, 1)])
def test_a_harder_bot_makes_far_more_points(harder: int, easier: int, players: int) -> None:
    ours, theirs = points(harder, easier, players)
    assert ours > 1.5 * theirs
    theirs, ours = points(easier, harder, players)
    assert ours > 1.5 * theirs


def test_partners_share_the_work() -> None:
    """Each stays with what comes to its half, so that both meet the ball about as often."""
    state, hits = GAME.initial(Setup(4, 1, Config(points=7))), [0, 0, 0, 0]
    bots = [Bot(player) for player in range(4)]
    while not state.over:
        before, state = (
            state,
            GAME.advance(state, [bot.choose(state, player) for player, bot in enumerate(bots)]),
        )
        if state.rally > before.rally:
            event = next(event for event in reversed(state.events) if event.kind == "paddle")
            side = int(event.x > WIDTH // 2)
            near = [p for p in range(4) if state.paddles[p].side == side]
            hits[min(near, key=lambda p: abs(state.paddles[p].y - event.y))] += 1
    assert min(hits) * 3 > max(hits)


def test_a_bot_follows_from_its_seed_and_changes_no_state() -> None:
    def plays() -> list[int]:
        state, bot, pushes = start(1), Bot(7), []
        for _ in range(900):
            before = encode(state)
            pushes.append(bot.choose(state, 0))
            assert encode(state) == before
            state = GAME.advance(state, (pushes[-1], 0))
        return pushes

    assert plays() == plays()


def test_a_bot_plays_a_second_match() -> None:
    bot, state = Bot(1), start(1)
    for _ in range(2000):
        state = GAME.advance(state, (bot.choose(state, 0), 0))
    again = start(2)
    pushes = []
    for _ in range(600):
        pushes.append(bot.choose(again, 0))
        again = GAME.advance(again, (pushes[-1], 0))
    assert len(set(pushes[:60])) > 1
