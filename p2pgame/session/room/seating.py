"""Who sits where: pure functions over the members and seats of a room.

People sit down in order of joining, each person on a seat: first those they have, then open ones, then those of bots. A
seat shows what it is by itself (`Seat.base`) when its person is gone, so bots give way and come back.
"""

from collections import Counter
from collections.abc import Sequence

from msgspec.structs import replace

from p2pgame.core.game import AnyGame
from p2pgame.wire import messages as m
from p2pgame.wire.bounds import PLAYERS_MAX
from p2pgame.wire.rooms import Member, Player, Seat

__all__ = ["fit", "in_teams", "kind_of", "lineup_of", "person_name", "seated", "settle", "watchers"]


def settle(members: Sequence[Member], seats: Sequence[Seat]) -> tuple[Seat, ...]:
    """The seats, with everybody who wants one on one, as far as there are any."""
    wanted = {(member.peer, index) for member in members for index in range(member.local)}
    kept: set[tuple[str, int]] = set()
    out = []
    for seat in seats:
        person = (seat.peer, seat.index)
        if seat.base == "closed" or person not in wanted or person in kept:
            out.append(replace(seat, peer="", index=0))
        else:
            kept.add(person)
            out.append(seat)
    for member in members:
        for index in range(member.local):
            if (member.peer, index) not in kept:
                free = _free(out)
                if free is None:
                    return tuple(out)
                out[free] = replace(out[free], peer=member.peer, index=index)
    return tuple(out)


def fit(seats: Sequence[Seat], game: AnyGame) -> tuple[Seat, ...]:
    """As many seats as `game` can use; the last are left out, or new ones are open. In teams only if it knows any."""
    count = min(max(len(seats), game.min_players), game.max_players, PLAYERS_MAX)
    fitting = seats[:count] if game.teams else [replace(seat, team=0) for seat in seats[:count]]
    return (*fitting, *(Seat() for _ in range(count - len(seats))))


def seated(seats: Sequence[Seat]) -> tuple[str, ...]:
    """Members who have a seat, once each."""
    return tuple(dict.fromkeys(seat.peer for seat in seats if seat.peer))


def watchers(members: Sequence[Member], seats: Sequence[Seat]) -> tuple[str, ...]:
    """Members who have none."""
    playing = seated(seats)
    return tuple(member.peer for member in members if member.peer not in playing)


def lineup_of(
    members: Sequence[Member], seats: Sequence[Seat], *, bots: bool, without: Sequence[str] = ()
) -> tuple[Player, ...]:
    """Who would play now: connected people, and bots where the game has them. `without`: members to leave out."""
    here = {member.peer: member for member in members if member.connected and member.peer not in without}
    players = []
    for number, seat in enumerate(seats):
        member = here.get(seat.peer)
        if member is not None:
            name = person_name(member.name, seat.index)
            players.append(Player(seat=number, peer=seat.peer, name=name, level="", team=seat.team))
        elif seat.base == "bot" and bots:
            players.append(Player(seat=number, peer="", name="", level=seat.level, team=seat.team))
    return tuple(players)


def in_teams(players: Sequence[Player]) -> tuple[Player, ...]:
    """The lineup with its teams numbered from 0 as they come, if they are even: several of one size, two at least.

    Else everybody plays alone.
    """
    sizes = Counter(player.team for player in players)
    even = len(sizes) > 1 and len(set(sizes.values())) == 1 and min(sizes.values()) > 1
    number = {team: n if even else 0 for n, team in enumerate(sizes)}
    return tuple(replace(player, team=number[player.team]) for player in players)


def kind_of(state: m.RoomState, seat: Seat) -> str:
    """``person``, ``kept`` for one who is not reached, or what it is by itself."""
    if not seat.peer:
        return seat.base
    here = any(member.peer == seat.peer and member.connected for member in state.members)
    return "person" if here else "kept"


def person_name(name: str, index: int) -> str:
    """``Ann``; the second person on her machine is ``Ann (2)``."""
    return name if not index else f"{name[:58]} ({index + 1})"


def _free(seats: Sequence[Seat]) -> int | None:
    for base in ("open", "bot"):
        for number, seat in enumerate(seats):
            if seat.base == base and not seat.peer:
                return number
    return None
