"""What the ``analysis.py`` of a game offers: what a position is worth, and what to do in it.

For games by turns in which one player moves at a time. The app asks for it in practice and for recorded matches, never
in a match against a person.
"""

from typing import Annotated, Any, Protocol, TypeVar

import msgspec

__all__ = ["LINE_MAX", "Analysis", "Assessment"]

S_con = TypeVar("S_con", contravariant=True)

LINE_MAX = 32
"""Inputs of a line at most."""


class Assessment(msgspec.Struct, frozen=True, kw_only=True):
    """What is thought of a position."""

    chances: Annotated[
        tuple[Annotated[int, msgspec.Meta(ge=0, le=1000)], ...], msgspec.Meta(max_length=8)
    ] = ()
    """Of each player: its expected share of the win, in thousandths, 1000 in all. Empty: nothing is known.

    Who has all of them wins by force."""
    line: Annotated[tuple[Any, ...], msgspec.Meta(max_length=LINE_MAX)] = ()
    """The best input of who is to move, and what would follow it. Empty: none is known."""


class Analysis(Protocol[S_con]):
    """A class ``Analysis``, made without arguments."""

    def assessment(self, state: S_con) -> Assessment | None:
        """Of `state`, which is not over. Returns at once: None as long as it thinks, elsewhere, and it is asked again.

        Asked of another state, it may forget the one before.
        """
        ...

    def close(self) -> None:
        """It is not needed any more."""
        ...
