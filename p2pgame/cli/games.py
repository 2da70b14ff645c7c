"""`p2pgame games`: what is installed here."""

import argparse

from p2pgame.cli.exits import Exit
from p2pgame.cli.output import Printer, padded
from p2pgame.core.game import AnyGame
from p2pgame.core.registry import installed
from p2pgame.i18n.catalogue import enumerated, gettext, ngettext
from p2pgame.i18n.games import game_title

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    del parser


def _facts(game: AnyGame) -> str:
    """``2-8 players, real time, 60 frames a second``."""
    kind = gettext("turn-based")
    if game.tick_rate:
        kind = gettext("real time, {rate} frames a second", rate=game.tick_rate)
    least, most = game.min_players, game.max_players
    if least == most:
        return enumerated([ngettext("{n} player", "{n} players", most), kind])
    return enumerated([gettext("{least}-{most} players", least=least, most=most), kind])


def run(args: argparse.Namespace) -> int:
    printer = Printer(json=args.json)
    for plugin in installed():
        game = plugin.game
        if args.json:
            printer.object(
                {
                    "game": game.name,
                    "title": game.title,
                    "digest": plugin.digest,
                    "min_players": game.min_players,
                    "max_players": game.max_players,
                    "tick_rate": game.tick_rate,
                    "teams": game.teams,
                    "bot": plugin.has_bot,
                }
            )
        else:
            title = padded(game_title(game.name), 16)
            printer.line(f"{game.name:12} {title} {enumerated([_facts(game), plugin.digest])}")
    return Exit.DONE
