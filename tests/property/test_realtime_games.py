"""Pong and Tron under any inputs: what always holds, on replay, from saved states, in other processes.

With every number of players and every split into teams.
"""

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from p2pgame.core import Rng, Setup, decode, encode, state_hash
from p2pgame.core.game import AnyGame
from p2pgame.core.registry import Plugin
from p2pgame.games.pong import rules as pong
from p2pgame.games.tron import rules as tron
from p2pgame.testing.inputs import LineUp, line_ups

Press = tuple[int, tuple[int, ...]]
"""For how many frames which inputs hold."""
GAMES: dict[str, AnyGame] = {"pong": pong.GAME, "tron": tron.GAME}
LINE_UPS = [(name, *line_up) for name, game in GAMES.items() for line_up in line_ups(game)]
seeds = st.integers(0, 2**64 - 1)


def presses(low: int, high: int, players: int) -> st.SearchStrategy[list[Press]]:
    inputs = st.tuples(*[st.integers(low, high)] * players)
    return st.lists(st.tuples(st.integers(1, 40), inputs), min_size=5, max_size=60)


def frames(presses: Sequence[Press]) -> Iterator[tuple[int, ...]]:
    for length, inputs in presses:
        for _ in range(length):
            yield inputs


@given(seeds, st.sampled_from(line_ups(pong.GAME)), st.sampled_from((5, 7, 11)), st.data())
def test_pong_always(seed: int, line_up: LineUp, points: int, data: st.DataObject) -> None:
    players, teams = line_up
    keys = data.draw(presses(-1, 1, players))
    config = pong.GAME.decode_config(encode({"points": points}))
    state = pong.GAME.initial(Setup(players, seed, config, teams))
    for inputs in frames(keys):
        before, state = state, pong.GAME.advance(state, inputs)
        if before.over:
            assert state is before
            continue
        assert state.frame == before.frame + 1
        assert pong.RADIUS <= state.ball.y <= pong.HEIGHT - pong.RADIUS
        assert -pong.RADIUS <= state.ball.x <= pong.WIDTH + pong.RADIUS
        assert 0 < state.speed <= pong.MAX_SPEED
        assert state.ball.dx**2 + state.ball.dy**2 <= pong.MAX_SPEED**2
        for paddle, old in zip(state.paddles, before.paddles, strict=True):
            assert paddle.top + pong.HALF_PADDLE <= paddle.y <= paddle.bottom - pong.HALF_PADDLE
            assert (paddle.side, paddle.top, paddle.bottom) == (old.side, old.top, old.bottom)
            assert abs(paddle.y - old.y) <= pong.PADDLE_SPEED
        gained = state.serve - before.serve
        assert gained in (0, 1)
        assert all(new >= old for new, old in zip(state.score, before.score, strict=True))
        assert (state.rng != before.rng) == (gained == 1)
        outcome = pong.GAME.outcome(state)
        assert (outcome is not None) == (max(state.score) == points)
        if outcome is not None:
            assert {state.paddles[winner].side for winner in outcome.winners} == {state.score.index(points)}
            assert min(state.score) < points


@settings(max_examples=60)
@given(seeds, st.sampled_from(line_ups(tron.GAME)), st.sampled_from(("walls", "wrap")), st.data())
def test_tron_always(seed: int, line_up: LineUp, edge: str, data: st.DataObject) -> None:
    players, teams = line_up
    keys = data.draw(presses(tron.NONE, tron.LEFT, players))
    config = tron.GAME.decode_config(encode({"best_of": 3, "edge": edge}))
    state = tron.GAME.initial(Setup(players, seed, config, teams))
    for inputs in frames(keys):
        before, state = state, tron.GAME.advance(state, inputs)
        if before.over:
            assert state is before
            continue
        assert state.frame == before.frame + 1
        alive = [rider for rider in state.riders if not rider.out]
        assert len({rider.cell for rider in alive}) == len(alive)
        for player, rider in enumerate(state.riders):
            assert tron.owner(state.grid[rider.cell]) == player
        if state.round != before.round:
            assert [r.points for r in state.riders] == [r.points for r in before.riders]
            continue
        if state.grid is not before.grid:
            fresh = [
                cell
                for cell, (old, new) in enumerate(zip(before.grid, state.grid, strict=True))
                if old != new
            ]
            assert all(before.grid[cell] == tron.EMPTY for cell in fresh), "a trail never moves"
            assert sorted(fresh) == sorted(r.cell for r in alive)
        for rider, old in zip(state.riders, before.riders, strict=True):
            assert not (old.out and not rider.out)
            assert (rider.heading - old.heading) % 4 != 2, "nobody turns back on the spot"
            assert rider.points - old.points in (0, 1)
        won = [p for p, r in enumerate(state.riders) if r.points > before.riders[p].points]
        standing = {state.sides[p] for p, rider in enumerate(state.riders) if not rider.out}
        assert (state.phase == tron.RIDING) <= (len(standing) > 1)
        if won:
            assert standing == {state.sides[p] for p in won}
            assert won == [p for p, side in enumerate(state.sides) if side in standing]
        assert state.teams == before.teams == teams
        outcome = tron.GAME.outcome(state)
        if outcome is not None and any(rider.points == state.needed for rider in state.riders):
            assert outcome.winners == tuple(won)


@pytest.mark.parametrize(("name", "players", "teams"), LINE_UPS)
@settings(max_examples=6)
@given(seed=seeds, data=st.data())
def test_play_goes_on_from_any_saved_state_just_as_it_did(
    name: str, players: int, teams: tuple[int, ...], seed: int, data: st.DataObject
) -> None:
    game = GAMES[name]
    low, high = (-1, 1) if name == "pong" else (0, 4)
    inputs = list(frames(data.draw(presses(low, high, players))))
    states = [game.initial(Setup(players, seed, game.config_type(), teams))]
    for pair in inputs:
        states.append(game.advance(states[-1], pair))
    hashes = [state_hash(state) for state in states]
    back = data.draw(st.integers(0, len(inputs) - 1))
    kept, restored = states[back], decode(encode(states[back]), game.state_type)
    for frame, pair in enumerate(inputs[back : back + 60], start=back + 1):
        kept, restored = game.advance(kept, pair), game.advance(restored, pair)
        assert kept == restored == states[frame]
        assert state_hash(restored) == hashes[frame]
    assert [state_hash(state) for state in states] == hashes, "nothing that was kept has changed"


@pytest.mark.parametrize("name", GAMES)
@given(data=st.binary(max_size=24))
def test_any_bytes_are_a_legal_input_or_refused(name: str, data: bytes) -> None:
    game = GAMES[name]
    state = game.initial(Setup(players=2, seed=1, config=game.config_type()))
    try:
        move = game.decode_input(data)
    except msgspec.DecodeError:
        return
    game.validate(state, 0, move)
    game.advance(state, (move, game.neutral))


@pytest.mark.parametrize(("name", "players", "teams"), LINE_UPS)
def test_a_match_in_which_nobody_does_anything_ends(name: str, players: int, teams: tuple[int, ...]) -> None:
    game = GAMES[name]
    state = game.initial(Setup(players, 9, game.config_type(), teams))
    for _ in range(10_000):
        if game.outcome(state) is not None:
            return
        state = game.advance(state, (game.neutral,) * players)
    pytest.fail("it goes on and on")


def random_chain(name: str, players: int, seed: int, teams: tuple[int, ...] = ()) -> str:
    """One number for 3,000 frames of random inputs: blake2b over the hash of every state, in order."""
    game, rng, chain = GAMES[name], Rng(seed), hashlib.blake2b(digest_size=16)
    state = game.initial(Setup(players, seed, game.config_type(), teams))
    inputs = [game.neutral] * players
    for _ in range(3000):
        for player in range(players):
            change, rng = rng.below(12)
            if not change:
                value, rng = rng.below(3 if name == "pong" else 5)
                inputs[player] = value - 1 if name == "pong" else value
        state = game.advance(state, inputs)
        chain.update(state_hash(state))
    return chain.hexdigest()


def bots_chain(name: str, players: int, seed: int) -> str:
    """The same for bots."""
    plugin, chain = Plugin(f"p2pgame.games.{name}"), hashlib.blake2b(digest_size=16)
    state = plugin.game.initial(Setup(players=players, seed=seed, config=plugin.game.config_type()))
    bots = [plugin.bot(player) for player in range(players)]
    for _ in range(1200):
        inputs = [bot.choose(state, player) for player, bot in enumerate(bots)]
        state = plugin.game.advance(state, inputs)
        chain.update(state_hash(state))
    return chain.hexdigest()


GOLDEN: dict[tuple[str, int, int] | tuple[str, int, int, tuple[int, ...]], str] = {
    ("pong", 2, 1): "53e402102b3bcef222677911f64e5e98",
    ("pong", 2, 2**64 - 1): "5f56935ccad28c50f162b8e6edca6fa3",
    ("tron", 2, 1): "6422a311e8e6c0db1fb9124aae9c85db",
    ("pong", 4, 3, (0, 1, 1, 0)): "d231f85a3167298937aec22572a8b4e9",
    ("tron", 6, 4, (0, 1, 2, 2, 1, 0)): "df861d5ea17b82ab137f68d709c09291",
    ("tron", 8, 2): "86a80b2c1a218899e2282c98874ff185",
}


def test_golden_hash_chains() -> None:
    """If this fails, the encoding of the state or the rules changed: old replays and peers no longer agree."""
    assert {key: random_chain(*key) for key in GOLDEN} == GOLDEN


def test_other_processes_and_hash_seeds_play_the_same_games() -> None:
    code = (
        "import runpy, sys; m = runpy.run_path(sys.argv[1]);"
        "print(*(m['random_chain'](*key) for key in m['GOLDEN']),"
        " m['bots_chain']('pong', 2, 1), m['bots_chain']('tron', 3, 1))"
    )
    expected = [*GOLDEN.values(), bots_chain("pong", 2, 1), bots_chain("tron", 3, 1)]
    for hash_seed in ("0", "1", "4242"):
        environment = os.environ | {"PYTHONHASHSEED": hash_seed}
        command = [sys.executable, "-c", code, __file__]
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=60, check=True
        )
        assert done.stdout.split() == expected
