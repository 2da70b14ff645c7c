"""Gomoku under any sequence of moves: against a slow oracle, on replay, over the wire, in other processes."""

import hashlib
import os
import re
import subprocess
import sys
from collections.abc import Callable
from operator import itemgetter

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from p2pgame.core import IllegalMoveError, Rng, Setup, decode, encode, state_hash
from p2pgame.games.gomoku.bot import Bot, Options
from p2pgame.games.gomoku.rules import GAME, POINTS, SIZE, Config, Input, Move, Rule, State
from tests.renju_oracle import foul

rules: st.SearchStrategy[Rule] = st.sampled_from(("freestyle", "standard", "renju", "caro"))


@st.composite
def crowded(draw: st.DrawFn) -> list[int]:
    """All points in an order that fills a small square first, so that rows come about."""
    side = draw(st.integers(5, 9))
    left, low = draw(st.integers(0, SIZE - side)), draw(st.integers(0, SIZE - side))
    inner = [(low + y) * SIZE + left + x for y in range(side) for x in range(side)]
    outer = sorted(set(range(POINTS)) - set(inner))
    return [*draw(st.permutations(inner)), *outer]


def start(rule: Rule) -> State:
    return GAME.initial(Setup(players=2, seed=0, config=Config(rule=rule)))


def put(state: State, point: int) -> State:
    GAME.validate(state, state.turn, Move(point))
    inputs: list[Input | None] = [None, None]
    inputs[state.turn] = Move(point)
    return GAME.advance(state, inputs)


def playout(rule: Rule, order: list[int]) -> list[State]:
    states = [start(rule)]
    for point in order:
        if states[-1].over:
            break
        states.append(put(states[-1], point))
    return states


def every_line() -> list[Callable[[str], tuple[str, ...]]]:
    """For each line of the board that has room for a row, what takes its points out of a board written as text."""
    rows = [[(x, y) for x in range(SIZE)] for y in range(SIZE)]
    columns = [[(x, y) for y in range(SIZE)] for x in range(SIZE)]
    rising = [[(x, x + d) for x in range(SIZE) if 0 <= x + d < SIZE] for d in range(1 - SIZE, SIZE)]
    falling = [[(x, d - x) for x in range(SIZE) if 0 <= d - x < SIZE] for d in range(2 * SIZE - 1)]
    lines = [[y * SIZE + x for x, y in line] for line in (*rows, *columns, *rising, *falling)]
    return [itemgetter(*line) for line in lines if len(line) >= 5]


LINES = every_line()


def oracle_winners(state: State) -> set[int]:
    """Who has a winning row, found by reading every line of the board as text, or wins by a foul."""
    board = "".join([".XO"[point] for point in state.board])
    lines = ["".join(points(board)) for points in LINES]
    winners = set()
    for player, (stone, other) in enumerate(("XO", "OX")):
        for line in lines:
            if stone * 5 in line:
                runs = line.replace(other, ".").split(".")
                exact = state.rule == "standard" or (state.rule == "renju" and player == 0)
                if (
                    state.rule == "caro"
                ):  # of exactly five, those that stones of the other colour close do not count
                    runs = re.findall(f"(?<!{stone}){stone * 5}(?!{stone})(?!{other})", line)
                    runs += re.findall(f"(?<!{stone})(?<!{other}){stone * 5}(?!{stone})", line)
                    runs += re.findall(f"{stone * 6}", line)
                if any(len(run) == 5 or (len(run) > 5 and not exact) for run in runs):
                    winners.add(player)
    if not winners and state.rule == "renju" and len(state.moves) % 2:
        *_, last = state.moves
        sides = [
            frozenset((p % SIZE, p // SIZE) for p, s in enumerate(state.board) if s == stone and p != last)
            for stone in (1, 2)
        ]
        if foul(SIZE, sides[0], sides[1], (last % SIZE, last // SIZE)) not in (None, "five"):
            winners.add(1)
    return winners


@given(rules, crowded())
def test_a_playout_agrees_with_the_oracle_at_every_move(rule: Rule, order: list[int]) -> None:
    states = playout(rule, order)
    for number, state in enumerate(states):
        assert state.stones == number == POINTS - state.board.count(0)
        assert state.board.count(1) - state.board.count(2) == number % 2
        outcome = GAME.outcome(state)
        assert oracle_winners(state) == set(outcome.winners if outcome else ())
        assert (outcome is None) == (GAME.to_move(state) == (number % 2,))
    assert states[-1].over


@given(rules, crowded())
def test_the_winning_line_is_a_line(rule: Rule, order: list[int]) -> None:
    last = playout(rule, order)[-1]
    if last.winner is None or last.foul is not None:
        assert last.line == ()
        return
    assert len(last.line) == 5 or (
        len(last.line) > 5 and rule != "standard" and (rule != "renju" or last.winner == 1)
    )
    assert last.last in last.line
    assert {last.board[p] for p in last.line} == {last.winner + 1}
    steps = {
        (b % SIZE - a % SIZE, b // SIZE - a // SIZE) for a, b in zip(last.line, last.line[1:], strict=False)
    }
    assert len(steps) == 1
    assert steps <= {(1, 0), (0, 1), (1, 1), (1, -1)}


@given(rules, crowded(), st.integers(0, POINTS - 1))
def test_nothing_happens_after_the_end(rule: Rule, order: list[int], point: int) -> None:
    last = playout(rule, order)[-1]
    for player in (0, 1):
        with pytest.raises(IllegalMoveError):
            GAME.validate(last, player, Move(point))
    assert GAME.advance(last, [Move(point), Move(point)]) == last


@given(rules, crowded())
def test_a_state_survives_the_wire_and_play_goes_on_from_it_with_equal_hashes(
    rule: Rule, order: list[int]
) -> None:
    states = playout(rule, order)
    state = states[0]
    for point, expected in zip(order, states[1:], strict=False):
        state = decode(encode(put(state, point)), State)
        assert state == expected
        assert state_hash(state) == state_hash(expected)
    assert len({state_hash(s) for s in states}) == len(states)


@given(st.binary(max_size=40), rules, crowded(), st.integers(0, 30))
def test_any_bytes_are_a_legal_move_or_refused(data: bytes, rule: Rule, order: list[int], moves: int) -> None:
    state = playout(rule, order[:moves])[-1]
    try:
        move = GAME.decode_input(data)
        GAME.validate(state, state.turn, move)
    except (msgspec.DecodeError, IllegalMoveError):
        return
    if isinstance(move, Move):
        assert state.board[move.point] == 0
        assert put(state, move.point).stones == state.stones + 1
    else:
        assert (move, rule) == ("pass", "renju")


@settings(max_examples=40, deadline=None)
@given(rules, crowded(), st.integers(0, 224), st.integers(0, 2**64 - 1))
def test_the_bot_always_has_a_legal_move(rule: Rule, order: list[int], moves: int, seed: int) -> None:
    states = playout(rule, order[:moves])
    state = states[-2] if states[-1].over else states[-1]
    before = encode(state)
    GAME.validate(state, state.turn, Bot(seed, Options(1)).choose(state, state.turn))
    assert encode(state) == before


def hash_chain(rule: Rule, seed: int) -> str:
    """One number for a whole game of random stones: blake2b over the hash of every state, in order."""
    chain, rng, state = hashlib.blake2b(digest_size=16), Rng(seed), start(rule)
    free = list(range(POINTS))
    while not state.over:
        chain.update(state_hash(state))
        point, rng = rng.choice(free)
        free.remove(point)
        state = put(state, point)
    chain.update(state_hash(state))
    return f"{state.stones} {chain.hexdigest()}"


GOLDEN = {
    ("freestyle", 1): "100 81c1c216ed09989424716eafda02a248",
    ("standard", 1): "100 f41bc8ca7c3c32094f4641d9478d7c55",
    ("freestyle", 2**64 - 1): "103 526ce1f04dbc4055e6e48a66ef7f3bae",
}


def test_golden_hash_chains() -> None:
    """If this fails, the encoding of the state or the rules changed: old replays and peers no longer agree."""
    assert {key: hash_chain(*key) for key in GOLDEN} == GOLDEN


def bots_chain() -> str:
    """The same for a game of two bots."""
    chain, bots, state = (
        hashlib.blake2b(digest_size=16),
        (Bot(1, Options(1)), Bot(2, Options(1))),
        start("freestyle"),
    )
    while not state.over:
        move = bots[state.turn].choose(state, state.turn)
        assert isinstance(move, Move)
        state = put(state, move.point)
        chain.update(state_hash(state))
    return chain.hexdigest()


def test_other_processes_and_hash_seeds_play_the_same_games() -> None:
    code = (
        "import runpy, sys; m = runpy.run_path(sys.argv[1]);"
        "print(m['hash_chain']('standard', 1), m['bots_chain']())"
    )
    expected = f"{hash_chain('standard', 1)} {bots_chain()}"
    for hash_seed in ("0", "1", "4242"):
        environment = os.environ | {"PYTHONHASHSEED": hash_seed}
        command = [sys.executable, "-c", code, __file__]
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=60, check=True
        )
        assert done.stdout.strip() == expected
