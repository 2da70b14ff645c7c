"""Each in turn adds 1 to 9 to its total; who first has 300 wins."""

from collections.abc import Sequence
from typing import Annotated

import msgspec

from p2pgame.core import Clock, Game, Outcome, Setup, Takebacks

__all__ = ["GAME", "Config", "State"]

Amount = Annotated[int, msgspec.Meta(ge=1, le=9)]


class Config(msgspec.Struct, frozen=True):
    clock: Clock = "15 s a move"
    takebacks: Takebacks = "takebacks"


class State(msgspec.Struct, frozen=True):
    turn: int = 0
    totals: tuple[int, ...] = (0, 0)
    history: tuple[int, ...] = ()
    """So that every move shows."""


class Tally(Game[State, int, Config]):
    name = "tally"
    title = "Tally"
    state_type = State
    input_type = Amount
    config_type = Config

    def initial(self, setup: Setup[Config]) -> State:
        return State()

    def to_move(self, state: State) -> tuple[int, ...]:
        return (state.turn % 2,)

    def validate(self, state: State, player: int, move: int) -> None:
        """Every amount is legal."""

    def advance(self, state: State, inputs: Sequence[int | None]) -> State:
        totals = tuple(total + (move or 0) for total, move in zip(state.totals, inputs, strict=True))
        moves = [move for move in inputs if move is not None]
        return State(state.turn + 1, totals, (*state.history, *moves))

    def outcome(self, state: State) -> Outcome | None:
        winners = tuple(player for player, total in enumerate(state.totals) if total >= 300)
        return Outcome(winners=winners, reason="three hundred") if winners else None


GAME = Tally()
