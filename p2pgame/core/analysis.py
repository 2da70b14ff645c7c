"""What the ``analysis.py`` of a game offers: what a position is worth, and what to do in it.

For games by turns in which one player moves at a time. The app asks for it in practice and for recorded matches, never
in a match against a person.
"""

from typing import Annotated, Any, Protocol, TypeVar

import msgspec

__all__ = ["LINE_MAX", "RANKED_MAX", "Analysis", "Assessment", "Candidate"]

S_con = TypeVar("S_con", contravariant=True)

LINE_MAX = 32
"""Inputs of a line at most."""
RANKED_MAX = 8
"""Inputs that are compared, at most."""

Chances = Annotated[tuple[Annotated[int, msgspec.Meta(ge=0, le=1000)], ...], msgspec.Meta(max_length=8)]
Line = Annotated[tuple[Any, ...], msgspec.Meta(max_length=LINE_MAX)]


class Assessment(msgspec.Struct, frozen=True, kw_only=True):
    """What is thought of a position."""

    chances: Chances = ()
    """Of each player: its expected share of the win, in thousandths, 1000 in all. Empty: nothing is known.

    Who has all of them wins by force."""
    line: Line = ()
    """The best input of who is to move, and what would follow it. Empty: none is known."""


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """One of the inputs that are compared in a position."""

    chances: Chances
    """Of each player, as those of an `Assessment`, once it is made."""
    line: Line
    """It, and what would follow it; never empty."""


class Analysis(Protocol[S_con]):
    """A class ``Analysis``, made without arguments.

    It may also have ``ranking(state)``, which is asked as `assessment` is and gives a tuple of `Candidate`, best first
    and at most `RANKED_MAX`: the inputs that come into question in `state`. Empty: nothing is to be compared there.
    """

    def assessment(self, state: S_con) -> Assessment | None:
        """Of `state`, which is not over. Returns at once: None as long as it thinks, elsewhere, and it is asked again.

        Asked of another state, it may forget the one before.
        """
        ...

    def close(self) -> None:
        """It is not needed any more."""
        ...
