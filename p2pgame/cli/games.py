"""`p2pgame games`: what is installed here."""

import argparse

from p2pgame.cli.exits import Exit
from p2pgame.cli.output import Printer
from p2pgame.core.registry import installed

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    del parser


def run(args: argparse.Namespace) -> int:
    printer = Printer(json=args.json)
    for plugin in installed():
        game = plugin.game
        kind = f"real time, {game.tick_rate} frames a second" if game.tick_rate else "by turns"
        if args.json:
            printer.object(
                {
                    "game": game.name,
                    "title": game.title,
                    "digest": plugin.digest,
                    "min_players": game.min_players,
                    "max_players": game.max_players,
                    "tick_rate": game.tick_rate,
                    "bot": plugin.has_bot,
                }
            )
        else:
            players = f"{game.min_players}-{game.max_players}" if game.max_players > game.min_players else "2"
            printer.line(f"{game.name:12} {game.title:16} {players} players, {kind}, rules {plugin.digest}")
    return Exit.DONE
