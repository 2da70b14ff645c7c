"""Steps: ten times a second each player adds a number, and no two ways lead to the same state."""

from collections.abc import Sequence
from typing import Annotated

import msgspec
from msgspec import Meta

from p2pgame.core import Game, Outcome, Setup

__all__ = ["GAME", "Config", "Walk"]


class Config(msgspec.Struct, frozen=True):
    pass


class Walk(msgspec.Struct, frozen=True):
    where: tuple[int, ...]


Step = Annotated[int, Meta(ge=0, le=4)]


class Steps(Game[Walk, Step, Config]):
    name = "steps"
    title = "Steps"
    max_players = 8
    tick_rate = 10
    neutral = 0
    join = True
    state_type = Walk
    input_type = Step
    config_type = Config

    def initial(self, setup: Setup[Config]) -> Walk:
        return Walk(tuple(range(setup.players)))

    def validate(self, state: Walk, player: int, move: Step) -> None:
        pass

    def advance(self, state: Walk, inputs: Sequence[Step | None]) -> Walk:
        moved = zip(state.where, inputs, strict=True)
        return Walk(tuple([(31 * at + (step or 0) + 1) % 2**31 for at, step in moved]))

    def outcome(self, state: Walk) -> Outcome | None:
        return None  # it ends with its frames


GAME = Steps()
