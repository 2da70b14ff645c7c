"""Small games for the tests of the tools: a good one by turns, a good one in real time, and a base for bad ones."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

import msgspec

from p2pgame.core import Game, IllegalMoveError, NoConfig, Outcome, Rng, Setup

Count = Annotated[int, msgspec.Meta(ge=1, le=3)]


class Take(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    count: Count


class Heap(msgspec.Struct, frozen=True):
    left: int
    turn: int = 0


class Size(msgspec.Struct, frozen=True):
    sticks: Literal[7, 21] = 21


class Nim(Game[Heap, Take, Size]):
    """Take one to three sticks; who takes the last one wins."""

    name = "nim"
    title = "Nim"
    state_type = Heap
    input_type = Take
    config_type = Size

    def initial(self, setup: Setup[Size]) -> Heap:
        return Heap(setup.config.sticks)

    def to_move(self, state: Heap) -> tuple[int, ...]:
        return (state.turn,) if state.left else ()

    def validate(self, state: Heap, player: int, move: Take) -> None:
        if player != state.turn or not 1 <= move.count <= min(3, state.left):
            raise IllegalMoveError("not so")

    def advance(self, state: Heap, inputs: Sequence[Take | None]) -> Heap:
        move = inputs[state.turn]
        return state if move is None else Heap(state.left - move.count, 1 - state.turn)

    def outcome(self, state: Heap) -> Outcome | None:
        return None if state.left else Outcome((1 - state.turn,), "last stick")


class Dot(msgspec.Struct, frozen=True):
    rng: Rng
    at: tuple[int, ...]
    frame: int = 0


class Dots(Game[Dot, int, NoConfig]):
    """Every player shifts a number each frame, and chance shifts the first one. The base of the bad games."""

    name = "dots"
    title = "Dots"
    max_players = 3
    tick_rate = 60
    neutral = 0
    state_type: Any = Dot
    input_type: Any = Literal[-1, 0, 1]

    def initial(self, setup: Setup[NoConfig]) -> Dot:
        return Dot(Rng(setup.seed), (0,) * setup.players)

    def validate(self, state: Dot, player: int, move: int) -> None:
        if move not in (-1, 0, 1):
            raise IllegalMoveError("one step at most")

    def advance(self, state: Dot, inputs: Sequence[int | None]) -> Dot:
        roll, rng = state.rng.below(3)
        first, *rest = (at + (move or 0) for at, move in zip(state.at, inputs, strict=True))
        return Dot(rng, (first + roll, *rest), state.frame + 1)

    def outcome(self, state: Dot) -> Outcome | None:
        return None
