"""The strengths of the engine: how much of the game each one sees, and how many positions it looks at.

A weaker level sees less: fewer moves, fewer plies, shorter wins by force. It never plays a move by chance that it knows
to be bad. All but the strongest are bounded by a number of positions, so they play alike on every machine.
"""

from typing import Final, NamedTuple

from p2pgame.games.gomoku.engine.player import Limits
from p2pgame.games.gomoku.engine.search import Sight

__all__ = ["ANALYSIS", "LEVELS", "LEVEL_MAX", "Strength", "strength_of"]


class Strength(NamedTuple):
    """One level."""

    sight: Sight
    limits: Limits
    near: int = 0
    """Moves whose score is less by so little are as good as the best: chance decides, so that games differ."""


LEVELS: Final = (
    Strength(Sight(1, 4, 6, fours=0, threats=0, defends=False), Limits(nodes=400), 60),
    Strength(Sight(1, 8, 16, fours=1, four_nodes=4, threats=0), Limits(nodes=1_500), 30),
    Strength(Sight(2, 12, 20, fours=2, four_nodes=6, threats=0), Limits(nodes=2_000), 25),
    Strength(Sight(3, 16, 24, fours=6, four_nodes=20, threats=2), Limits(nodes=6_000), 8),
    Strength(
        Sight(8, 16, 36, fours=12, four_nodes=40, threats=5, threat_nodes=5_000), Limits(nodes=15_000), 3
    ),
    Strength(Sight(), Limits(seconds=3.0)),
)
LEVEL_MAX: Final = len(LEVELS)
ANALYSIS: Final = 0
"""What positions are analysed with instead of a level: all that the engine sees, bounded by positions."""
_ANALYSIS: Final = Strength(Sight(), Limits(nodes=30_000, judged=True))


def strength_of(level: int) -> Strength:
    """Of a level, or of `ANALYSIS`."""
    return LEVELS[level - 1] if level != ANALYSIS else _ANALYSIS
