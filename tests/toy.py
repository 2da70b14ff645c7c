"""Cheap games for tests, for any number of players: one in real time, one by turns, one in which all choose at once."""

from collections.abc import Iterable, Sequence
from typing import Annotated

import msgspec

from p2pgame.core import Game, IllegalMoveError, Outcome, Setup
from p2pgame.core.game import NoConfig
from p2pgame.core.snapshot import encode
from p2pgame.core.terms import Clock, Takebacks

__all__ = [
    "CLOCKED",
    "ROBIN",
    "SECRET",
    "TOY",
    "Clocked",
    "RoundRobin",
    "Secret",
    "Tally",
    "Terms",
    "Toy",
    "ToyConfig",
    "ToyState",
    "raw",
]


class ToyConfig(msgspec.Struct, frozen=True):
    mask: int = 0
    """The match ends by its rules when these bits of the state are 0, after 30 frames; 0: never."""


class ToyState(msgspec.Struct, frozen=True):
    mask: int
    frame: int = 0
    value: int = 1


class Toy(Game[ToyState, int, ToyConfig]):
    """Every input changes all that follows. Input 3 is a pulse, predicted to be over in the next frame."""

    name = "toy"
    title = "Toy"
    max_players = 8
    tick_rate = 60
    neutral = 0
    state_type = ToyState
    input_type = Annotated[int, msgspec.Meta(ge=0, le=3)]
    config_type = ToyConfig

    def initial(self, setup: Setup[ToyConfig]) -> ToyState:
        return ToyState(setup.config.mask, 0, setup.seed)

    def validate(self, state: ToyState, player: int, move: int) -> None:
        """Every input is legal."""

    def advance(self, state: ToyState, inputs: Sequence[int | None]) -> ToyState:
        value = state.value
        for move in inputs:
            value = (value * 6364136223846793005 + 1442695040888963407 + (move or 0)) & 0xFFFFFFFFFFFFFFFF
        return ToyState(state.mask, state.frame + 1, value)

    def outcome(self, state: ToyState) -> Outcome | None:
        if state.mask and state.frame > 30 and not (state.value >> 40) & state.mask:
            return Outcome(winners=(state.frame % 2,), reason="enough")
        return None

    def predict(self, last: int) -> int:
        return 0 if last == 3 else last


class Tally(msgspec.Struct, frozen=True):
    turn: int = 0
    totals: tuple[int, ...] = ()


class RoundRobin(Game[Tally, int, NoConfig]):
    """Each in turn adds 1 to 9 to its total; who first has 30 wins."""

    name = "round-robin"
    title = "Round robin"
    max_players = 8
    state_type = Tally
    input_type = int

    def initial(self, setup: Setup[NoConfig]) -> Tally:
        return Tally(totals=(0,) * setup.players)

    def validate(self, state: Tally, player: int, move: int) -> None:
        if not 1 <= move <= 9:
            raise IllegalMoveError("1 to 9")

    def to_move(self, state: Tally) -> tuple[int, ...]:
        return (state.turn % len(state.totals),)

    def advance(self, state: Tally, inputs: Sequence[int | None]) -> Tally:
        totals = tuple(total + (move or 0) for total, move in zip(state.totals, inputs, strict=True))
        return Tally(state.turn + 1, totals)

    def outcome(self, state: Tally) -> Outcome | None:
        winners = tuple(player for player, total in enumerate(state.totals) if total >= 30)
        return Outcome(winners=winners, reason="thirty") if winners else None


class Secret(RoundRobin):
    """All choose at once, and all totals change together."""

    name = "secret"

    def to_move(self, state: Tally) -> tuple[int, ...]:
        return tuple(range(len(state.totals)))


class Terms(msgspec.Struct, frozen=True):
    clock: Clock = "5 min + 3 s"
    takebacks: Takebacks = "3 takebacks"


class Clocked(RoundRobin):
    """With a clock, and takebacks."""

    name = "clocked"
    config_type = Terms


TOY, ROBIN, SECRET, CLOCKED = Toy(), RoundRobin(), Secret(), Clocked()


def raw(moves: Iterable[int]) -> list[bytes]:
    """Inputs as they travel."""
    return [encode(move) for move in moves]
