"""Rock, paper, scissors: all show a hand at once; who beats more hands than beat it gets a point."""

from collections.abc import Sequence
from typing import Literal

import msgspec

from p2pgame.core import Game, IllegalMoveError, Outcome, Setup

__all__ = ["GAME", "Config", "Hand", "Score"]

BEATS = {"rock": "scissors", "paper": "rock", "scissors": "paper"}


class Config(msgspec.Struct, frozen=True):
    points: Literal[60, 3] = 60


class Hand(msgspec.Struct, frozen=True):
    shape: Literal["rock", "paper", "scissors"]


class Score(msgspec.Struct, frozen=True):
    target: int
    points: tuple[int, ...]
    shown: tuple[str, ...] = ()
    """The hands of the last round."""


class Hands(Game[Score, Hand, Config]):
    name = "hands"
    title = "Hands"
    max_players = 8
    state_type = Score
    input_type = Hand
    config_type = Config

    def initial(self, setup: Setup[Config]) -> Score:
        return Score(setup.config.points, (0,) * setup.players)

    def validate(self, state: Score, player: int, move: Hand) -> None:
        if self.outcome(state) is not None:
            raise IllegalMoveError("over")

    def advance(self, state: Score, inputs: Sequence[Hand | None]) -> Score:
        shapes = tuple(hand.shape if hand is not None else "" for hand in inputs)
        gained = [
            sum(BEATS[mine] == other for other in shapes) > sum(BEATS[other] == mine for other in shapes)
            for mine in shapes
        ]
        points = tuple(before + won for before, won in zip(state.points, gained, strict=True))
        return Score(state.target, points, shapes)

    def outcome(self, state: Score) -> Outcome | None:
        best = max(state.points)
        if best < state.target:
            return None
        return Outcome(
            winners=tuple(p for p, n in enumerate(state.points) if n == best), reason="enough points"
        )


GAME = Hands()
