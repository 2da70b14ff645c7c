"""How a match of Gomoku may begin, as data: what each opening asks for, step by step. Pure.

Black has the advantage of the first stone; each opening takes some of it away. Stones are Black's and White's by turns,
whoever puts them; who has which colour may change.
"""

from collections.abc import Mapping
from typing import Final, Literal, NamedTuple

__all__ = ["OPENINGS", "Act", "Choice", "Opening", "Step", "Who"]

Opening = Literal["no_opening", "swap", "swap2", "pro", "long_pro", "RIF", "taraguchi_10"]

Choice = Literal["black", "white", "more", "offer", "pass"]
"""What a player may say instead of a stone: I play Black; I play White; I put two stones more and the other player
chooses; I offer ten fifth stones; I pass."""

Act = Literal["put", "choose", "offer", "pick"]
"""Put a stone; choose one of the choices; offer an empty point for the next stone; put one of the offered stones."""

Who = Literal["first", "second", "black", "white"]
"""The player with index 0, the one with index 1, or who has that colour."""

_END: Final = -1


class Step(NamedTuple):
    """One thing that one player does."""

    act: Act
    who: Who
    least: int = 0
    most: int = 20
    """Distance of the stone from the centre (`board.distance`)."""
    choices: Mapping[Choice, int] = {}
    """The step to which each choice leads, `_END`: to free play."""
    points: int = 0
    """How many to offer."""


_COLOURS: Final[Mapping[Choice, int]] = {"black": _END, "white": _END}


def _colours(who: Who, then: int) -> Step:
    return Step("choose", who, choices={"black": then, "white": then})


OPENINGS: Final[Mapping[Opening, tuple[Step, ...]]] = {
    "no_opening": (),
    "swap": (
        Step("put", "first"), Step("put", "first"), Step("put", "first"),
        Step("choose", "second", choices=_COLOURS),
    ),
    "swap2": (
        Step("put", "first"), Step("put", "first"), Step("put", "first"),
        Step("choose", "second", choices={**_COLOURS, "more": 4}),
        Step("put", "second"), Step("put", "second"),
        Step("choose", "first", choices=_COLOURS),
    ),
    "pro": (Step("put", "black", most=0), Step("put", "white"), Step("put", "black", least=3)),
    "long_pro": (Step("put", "black", most=0), Step("put", "white"), Step("put", "black", least=4)),
    "RIF": (
        Step("put", "first", most=0), Step("put", "first", most=1), Step("put", "first", most=2),
        _colours("second", 4),
        Step("put", "white"),
        Step("offer", "black", points=2), Step("pick", "white"),
    ),
    "taraguchi_10": (
        Step("put", "black", most=0), _colours("white", 2),
        Step("put", "white", most=1), _colours("black", 4),
        Step("put", "black", most=2), _colours("white", 6),
        Step("put", "white", most=3),
        Step("choose", "black", choices={"black": 8, "white": 8, "offer": 10}),
        Step("put", "black", most=4), Step("choose", "white", choices=_COLOURS),
        Step("offer", "black", points=10), Step("pick", "white"),
    ),
}  # fmt: skip
"""Within distance 1, 2, 3 and 4 of the centre are the squares of 3 x 3 to 9 x 9. The first three stones of RIF are the
26 openings: the second stone is next to the first, the third within 5 x 5."""
