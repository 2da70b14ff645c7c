"""A real-time game for tests: cheap, for any number of players, and every input changes all that follows."""

from collections.abc import Iterable, Sequence

import msgspec

from p2pgame.core import Game, IllegalMoveError, Outcome, Setup
from p2pgame.core.snapshot import encode

__all__ = ["TOY", "Toy", "ToyConfig", "ToyState", "raw"]


class ToyConfig(msgspec.Struct, frozen=True):
    mask: int = 0
    """The match ends by its rules when these bits of the state are 0, after 30 frames; 0: never."""


class ToyState(msgspec.Struct, frozen=True):
    mask: int
    frame: int = 0
    value: int = 1


class Toy(Game[ToyState, int, ToyConfig]):
    """Input 3 is a pulse, predicted to be over in the next frame."""

    name = "toy"
    title = "Toy"
    max_players = 8
    tick_rate = 60
    neutral = 0
    state_type = ToyState
    input_type = int
    config_type = ToyConfig

    def initial(self, setup: Setup[ToyConfig]) -> ToyState:
        return ToyState(setup.config.mask, 0, setup.seed)

    def validate(self, state: ToyState, player: int, move: int) -> None:
        if not 0 <= move <= 3:
            raise IllegalMoveError("{move} is no input", move=move)

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


TOY = Toy()


def raw(moves: Iterable[int]) -> list[bytes]:
    """Inputs as they travel."""
    return [encode(move) for move in moves]
