"""What the ``puzzles.py`` of a game offers: positions of a game by turns in which who is to move can win."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

__all__ = ["PUZZLES_MAX", "Puzzle"]

PUZZLES_MAX = 200
"""Of a game."""


@dataclass(frozen=True)
class Puzzle:
    """A position of the default configuration. It is solved by who is to move, against a bot of the game."""

    name: str
    """What the app remembers that it was solved by: it stays the same, and no other puzzle of the game has it."""
    task: str
    """What is to be done, in English; the app translates it with the catalogue of the game."""
    moves: int
    """Within how many moves of one's own: who has not won after these has failed."""
    grade: int
    """How hard it is, from 1 to 5."""
    state: Callable[[], Any]
    """Makes the position."""
    players: int = 2
