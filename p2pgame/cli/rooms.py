"""The options that open, join or watch a room, and the search for the one that is meant. For `bot` and `play`."""

import argparse
from typing import Any

import msgspec

from p2pgame.cli.common import count, game_called, words
from p2pgame.cli.exits import Exit, UsageError
from p2pgame.core.ids import long_tag_of, tag_of
from p2pgame.core.registry import Registry
from p2pgame.i18n.catalogue import gettext
from p2pgame.session import commands as c
from p2pgame.session import events as e
from p2pgame.wire.bounds import LOCAL_MAX, PLAYERS_MAX, SERIES_MAX
from p2pgame.wire.names import is_called

__all__ = ["RoomWish", "add_room_arguments", "exit_of", "room_wish"]

_EXITS = {"left": Exit.DONE, "closed": Exit.CONNECTION_LOST, "unreachable": Exit.CONNECTION_LOST}
"""Exit codes for why we are no longer in a room; for all other reasons `Exit.REFUSED`."""


class RoomWish(msgspec.Struct, frozen=True, kw_only=True):
    """Which room somebody wants to be in, and how."""

    game: str = ""
    """To be played in a room of our own; empty: in that of another."""
    target: str = ""
    """Of whom the room is: a name, tag or id; or the id of the room."""
    seats: int = 0
    bots: int = 0
    first_to: int = 0
    local: int = 1
    """Players on this machine; 0: we watch."""

    @property
    def opening(self) -> c.Command | None:
        """The command that opens a room of our own."""
        if not self.game:
            return None
        return c.OpenRoom(
            game=self.game, seats=self.seats, bots=self.bots, local=self.local, first_to=self.first_to
        )

    def joining(self, event: e.Event, left: e.MatchResumable | None = None) -> c.Command | None:
        """The command that joins the room in `event`, if it is the one that is meant.

        `left`: the match in which this program was ended. The room of somebody who played in it is that match's room,
        whoever leads it now.
        """
        match event:
            case e.RoomFound() | e.RoomUpdated() if self.target and self._means(event, left):
                return c.JoinRoom(room=event.room, local=self.local)
        return None

    def _means(self, room: e.RoomFound, left: e.MatchResumable | None) -> bool:
        called = [(room.leader, room.name)]
        if left is not None and left.room == room.room:
            called += zip(left.players, left.names, strict=True)
        names = [each for peer, name in called for each in (peer, name, tag_of(peer), long_tag_of(peer))]
        return is_called(self.target, room.room, *names)


def add_room_arguments(parser: argparse.ArgumentParser, role: Any) -> None:
    """`role`: the group of options of which only one may be given."""
    role.add_argument("--open", metavar="GAME", help=gettext("open a room for this game"))
    role.add_argument(
        "--join", type=words, metavar="NAME", help=gettext("join the room of this name, tag or id")
    )
    role.add_argument(
        "--watch", type=words, metavar="NAME", help=gettext("watch in the room of this name, tag or id")
    )
    parser.add_argument(
        "--seats",
        type=_seats,
        default=0,
        metavar="N",
        help=gettext("seats of the room (default: as many as the game allows)"),
    )
    parser.add_argument(
        "--bots",
        type=_bots,
        default=0,
        metavar="N",
        help=gettext("so many seats have a bot until people come"),
    )
    parser.add_argument(
        "--first-to",
        type=_first_to,
        default=0,
        metavar="N",
        help=gettext("who has won N rounds wins the series (default: it has no end)"),
    )
    parser.add_argument(
        "--local", type=_local, default=1, metavar="N", help=gettext("players on this machine (default 1)")
    )


def room_wish(args: argparse.Namespace, registry: Registry) -> RoomWish | None:
    """The room that the options ask for, if they do. Raises `UsageError`."""
    if args.open is not None:
        plugin = game_called(registry, args.open)
        most = min(plugin.game.max_players, PLAYERS_MAX)
        if args.seats and not plugin.game.min_players <= args.seats <= most:
            raise UsageError(
                "wrong_number_of_seats", game=plugin.game.name, least=plugin.game.min_players, most=most
            )
        if args.local > (args.seats or most):
            raise UsageError("more_players_than_seats", local=args.local, seats=args.seats or most)
        return RoomWish(
            game=plugin.game.name, seats=args.seats, bots=args.bots, local=args.local, first_to=args.first_to
        )
    if args.seats or args.bots or args.first_to:
        raise UsageError("only_with_open")
    if args.join is not None:
        return RoomWish(target=args.join, local=args.local)
    if args.local != 1:
        raise UsageError("only_in_a_room")
    return RoomWish(target=args.watch, local=0) if args.watch is not None else None


def exit_of(reason: str) -> Exit:
    """The exit code for `RoomLeft.reason`."""
    return _EXITS.get(reason, Exit.REFUSED)


def _seats(text: str) -> int:
    return _bounded(text, 1, PLAYERS_MAX)


def _bots(text: str) -> int:
    return _bounded(text, 0, PLAYERS_MAX)


def _first_to(text: str) -> int:
    return _bounded(text, 0, SERIES_MAX)


def _local(text: str) -> int:
    return _bounded(text, 0, LOCAL_MAX)


def _bounded(text: str, least: int, most: int) -> int:
    value = count(text)
    if not least <= value <= most:
        raise argparse.ArgumentTypeError(
            gettext("a number from {least} to {most} is needed", least=least, most=most)
        )
    return value
