"""The colour and shape of each person, chosen or derived from the key, and of the players of a match, all different.

Pure: knows ids and what people chose; draws nothing.
"""

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from p2pgame.core.digest import digest

__all__ = ["COUNT", "Avatar", "avatar_of", "of_number", "of_players"]

COUNT: Final = 8
"""Colours of a palette, and shapes."""
_FIRST: Final = 4
"""Colours of a palette that are told apart most easily (``docs/design.md``)."""


class Avatar(NamedTuple):
    """Indices into `Theme.players` and `marks.SHAPES`."""

    colour: int
    shape: int

    @property
    def number(self) -> int:
        """As it travels and is saved."""
        return self.colour + COUNT * self.shape


def of_number(number: int) -> Avatar:
    return Avatar(number % COUNT, number // COUNT % COUNT)


def avatar_of(peer: str, chosen: int | None) -> Avatar:
    """Of a person: what it chose, else what its key gives, so that it is the same everywhere and every day.

    A key gives one of the first colours only, which are farthest apart.
    """
    if chosen is not None:
        return of_number(chosen)
    drawn = digest("avatar", peer.encode())
    return Avatar(drawn[0] % _FIRST, drawn[1] % COUNT)


def of_players(peers: Sequence[str], chosen: Callable[[str], int | None]) -> tuple[Avatar, ...]:
    """Of the players of a match, no two alike in colour or in shape, for each seat.

    `peers`: who sits there, as all members know it; empty for a bot. Persons come first, in the order of their seats.
    Who wants what another one has gets the next that is free, as do bots, and a person's second seat. So all members
    come to the same, as far as they know what the others chose.
    """
    colours, shapes = list(range(COUNT)), list(range(COUNT))
    found: dict[int, Avatar] = {}
    persons = [seat for seat, peer in enumerate(peers) if peer]
    for seat in persons + [seat for seat, peer in enumerate(peers) if not peer]:
        wish = avatar_of(peers[seat], chosen(peers[seat])) if peers[seat] else Avatar(colours[0], shapes[0])
        found[seat] = Avatar(_next(wish.colour, colours), _next(wish.shape, shapes))
    return tuple(found[seat] for seat in range(len(peers)))


def _next(wish: int, free: list[int]) -> int:
    """Take `wish`, or the next one that is free, out of `free`."""
    taken = min(free, key=lambda index: (index - wish) % COUNT)
    free.remove(taken)
    return taken
