"""Vectors of docs/protocol.md, "Games": random numbers, first states, and matches played from given inputs."""

from collections.abc import Callable, Sequence
from typing import Any, get_args

import msgspec

from p2pgame.core.game import AnyGame, Setup
from p2pgame.core.rng import Rng
from p2pgame.core.snapshot import encode, state_hash
from p2pgame.games.gomoku import rules as gomoku
from p2pgame.games.pong import rules as pong
from p2pgame.games.tron import rules as tron
from tests.vectors.vector import Vector

__all__ = ["PICTURES", "vectors"]

SHAPES = ("ball", "square", "triangle", "star", "heart", "moon", "cross", "drop")
FILLS = ("white", "yellow", "blue", "red", "striped", "dotted", "checked", "hollow")
PICTURES = [f"{fill} {shape}" for fill in FILLS for shape in SHAPES]


def _draws(seed: int, *bounds: int) -> list[str]:
    """Numbers below each bound; 0: any."""
    rng, out = Rng(seed), []
    for bound in bounds:
        value, rng = rng.below(bound) if bound else rng.next()
        out.append(str(value))
    return [*out, encode(rng).hex()]


def _played(
    game: AnyGame, setup: Setup[Any], inputs: Sequence[Sequence[Any]], shown: Sequence[int]
) -> Vector:
    """Hashes after the frames of `shown`, and how it ended after all."""
    state = game.initial(setup)
    hashes = {0: state_hash(state).hex()}
    first = encode(state)
    for frame, moves in enumerate(inputs, 1):
        if game.outcome(state) is None:
            state = game.advance(state, moves)
            hashes[frame] = state_hash(state).hex()
    outcome = game.outcome(state)
    ended = "-" if outcome is None else f"{list(outcome.winners)} {outcome.reason}"
    last = max(hashes)
    return Vector(
        {
            "game": game.name,
            "players": setup.players,
            "teams": list(setup.teams),
            "seed": setup.seed,
            "config": encode(setup.config).hex(),
            "inputs": _runs(inputs),
            "first_state": first.hex(),
            "last_state": encode(state).hex(),
        },
        [*(f"{frame} {hashes[frame]}" for frame in (*shown, last) if frame in hashes), ended],
    )


def _runs(inputs: Sequence[Sequence[Any]]) -> list[list[Any]]:
    """``[count, inputs of one frame]``."""
    runs: list[list[Any]] = []
    for moves in inputs:
        shown = [None if move is None else msgspec.to_builtins(move) for move in moves]
        if runs and runs[-1][1] == shown:
            runs[-1][0] += 1
        else:
            runs.append([1, shown])
    return runs


def _by_turns(points: Sequence[int]) -> list[tuple[gomoku.Move | None, gomoku.Move | None]]:
    return [
        (gomoku.Move(point), None) if number % 2 == 0 else (None, gomoku.Move(point))
        for number, point in enumerate(points)
    ]


def _said(config: gomoku.Config, text: str) -> list[tuple[gomoku.Input | None, gomoku.Input | None]]:
    """The inputs of a match: points and choices, each of whoever is to move."""
    state, inputs = gomoku.GAME.initial(Setup(2, 1, config)), []
    for word in text.split():
        choice = word in get_args(gomoku.Choice)
        move: Any = word if choice else gomoku.Move(gomoku.parse_point(word, config.size))
        gomoku.GAME.validate(state, state.turn, move)
        inputs.append((move, None) if state.turn == 0 else (None, move))
        state = gomoku.GAME.advance(state, inputs[-1])
    return inputs


def _gomoku(config: gomoku.Config, text: str, *shown: int) -> Vector:
    return _played(gomoku.GAME, Setup(2, 1, config), _said(config, text), shown)


def _lines() -> list[int]:
    """Black fills two lines at once: F8 to J8 and H6 to H10, with H8 last."""
    black = [gomoku.parse_point(text) for text in ("F8", "G8", "I8", "J8", "H6", "H7", "H9", "H10", "H8")]
    white = [gomoku.parse_point(f"{letter}1") for letter in "ACEGIKMO"]
    return [point for pair in zip(black, white, strict=False) for point in pair] + black[-1:]


def _overline() -> list[int]:
    """Black has six in a row, with the last stone inside."""
    black = [gomoku.parse_point(f"{letter}8") for letter in "ABCEFD"]
    white = [gomoku.parse_point(f"{letter}1") for letter in "ACEGI"]
    return [point for pair in zip(black, white, strict=False) for point in pair] + black[-1:]


def _game(points: list[int], rule: gomoku.Rule) -> gomoku.State:
    state = gomoku.GAME.initial(Setup(2, 1, gomoku.Config(rule)))
    for moves in _by_turns(points):
        state = gomoku.GAME.advance(state, moves)
    return state


def _each(frames: int, *players: Callable[[int], int]) -> list[tuple[int, ...]]:
    return [tuple(player(frame) for player in players) for frame in range(frames)]


def vectors() -> dict[str, Vector]:
    lines, overline = _lines(), _overline()
    up_and_down = _each(
        1500, lambda frame: (-1, 0, 1)[frame // 30 % 3], lambda frame: (0, 1, -1, -1)[frame // 20 % 4]
    )
    turns = _each(
        2000, lambda frame: (0, 1, 2, 3, 4)[frame // 11 % 5], lambda frame: (0, 3, 4, 1, 2)[frame // 13 % 5]
    )
    four = _each(2000, *(lambda frame, p=p: (-1, 0, 1)[(frame // (23 + 4 * p) + p) % 3] for p in range(4)))
    six = _each(2000, *(lambda frame, p=p: (frame // (11 + 2 * p) + p) % 5 for p in range(6)))
    three = _each(400, lambda _: 0, lambda frame: frame // 17 % 5, lambda frame: frame // 23 % 5)
    return {
        "rng": Vector({"state": 1234567, "draws": 5}, _draws(1234567, 0, 0, 0, 0, 0)),
        "rng-below": Vector(
            {"state": 7, "bounds": [5, 4, 3, 2**63 + 1, 8]}, _draws(7, 5, 4, 3, 2**63 + 1, 8)
        ),
        "gomoku-lines": Vector({"moves": lines}, str(list(_game(lines, "freestyle").line))),
        "gomoku-overline": Vector(
            {"moves": overline},
            [str(list(_game(overline, rule).line)) for rule in ("freestyle", "standard")],
        ),
        "gomoku-match": _played(gomoku.GAME, Setup(2, 1, gomoku.Config()), _by_turns(lines), (0, 1, 2)),
        "gomoku-foul": _gomoku(
            gomoku.Config("renju", 15, "RIF"),
            "H8 H9 I9 black F5 J10 G8 G8 A1 I10 A3 I8",
            3,
            4,
            6,
            8,
            9,
        ),
        "gomoku-pass": _gomoku(
            gomoku.Config("renju_fouls_refused", 13, "pro"), "G7 A1 A7 A2 B1 pass C1 pass pass", 3, 6
        ),
        "gomoku-swap2": _gomoku(
            gomoku.Config("caro", 20, "swap2"),
            "K11 A1 C1 more K12 A2 white D1 K13 E1 K14 B1 K15 L1 K16 M1 K17",
            3,
            4,
            6,
            7,
        ),
        "gomoku-taraguchi": _gomoku(
            gomoku.Config("renju", 19, "taraguchi_10"),
            "J10 black J11 white K11 white L13 offer A1 B1 C1 D1 E1 F1 G1 H1 I1 J1 F1 A2",
            1,
            2,
            8,
            18,
            19,
        ),
        "pong-first": Vector(
            {"seed": 7, "config": encode(pong.Config()).hex()},
            encode(pong.GAME.initial(Setup(2, 7, pong.Config()))).hex(),
        ),
        "pong-match": _played(
            pong.GAME, Setup(2, 7, pong.Config(points=5)), up_and_down, (0, 1, 90, 91, 200, 400, 800)
        ),
        "pong-doubles": _played(
            pong.GAME, Setup(4, 8, pong.Config(points=5), (0, 1, 1, 0)), four, (0, 1, 91, 200, 400)
        ),
        "tron-match": _played(
            tron.GAME, Setup(2, 7, tron.Config(best_of=3)), turns, (0, 1, 90, 91, 200, 400, 800)
        ),
        "tron-wrap": _played(
            tron.GAME, Setup(3, 9, tron.Config(best_of=3, edge="wrap")), three, (0, 1, 91, 200)
        ),
        "tron-teams": _played(
            tron.GAME, Setup(6, 10, tron.Config(best_of=3), (0, 1, 2, 2, 1, 0)), six, (0, 1, 91, 200, 400)
        ),
        "pictures": Vector({}, PICTURES),
    }
