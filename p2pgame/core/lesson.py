"""What a game shows of itself on the page "How to play": a few positions with a sentence each."""

from collections.abc import Callable
from typing import Any

import msgspec

__all__ = ["Lesson"]


class Lesson(msgspec.Struct, frozen=True):
    """One picture and what it teaches."""

    text: str
    """In English; the app translates it with the catalogue of the game."""
    state: Callable[[], Any]
    """Makes the position that is shown. It is one that the rules of the game give."""
    players: int = 2
