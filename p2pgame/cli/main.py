"""Entry point: parses the arguments, runs one command, and turns every way it can end into an exit code."""

import argparse
import importlib
import logging
import sys
from pathlib import Path
from typing import Any, NoReturn

from p2pgame.cli.exits import Exit, UsageError
from p2pgame.cli.output import reader_gone
from p2pgame.core.errors import P2PGameError

__all__ = ["build_parser", "entry", "main"]

COMMANDS = {
    "play": "open the app window (the default)",
    "demo": "two peers on this machine find each other and play",
    "peers": "list the peers of this LAN",
    "bot": "a peer without a window that plays by itself",
    "ping": "round trips to a peer over UDP and TCP",
    "doctor": "what this machine's network lets through",
    "replay": "verify, show or compare the files of matches",
    "games": "list the installed games",
    "check": "prove a game deterministic",
}
_DISCOVERY_PORT = 41420


def entry() -> NoReturn:
    """What the `p2pgame` command calls."""
    try:
        code = main(sys.argv[1:])
    except KeyboardInterrupt:
        code = Exit.DONE if reader_gone() else Exit.INTERRUPTED
    raise SystemExit(int(code))


def main(argv: list[str]) -> int:
    """Run the command in `argv`; returns the exit code."""
    args = build_parser().parse_args(argv)
    level = (logging.WARNING, logging.INFO, logging.DEBUG)[min(2, args.verbose)]
    logging.basicConfig(level=level, stream=sys.stderr, format="p2pgame: %(message)s")
    for library in ("asyncio", "zeroconf"):  # tracebacks of what a firewall does to a datagram
        logging.getLogger(library).setLevel(logging.CRITICAL if level > logging.DEBUG else level)
    try:
        code: int = importlib.import_module(f"p2pgame.cli.{args.command}").run(args)
    except P2PGameError as error:
        sys.stderr.write(f"p2pgame: {error}\n")
        return Exit.USAGE if isinstance(error, UsageError) else Exit.FAILED
    return code


def build_parser() -> argparse.ArgumentParser:
    """The whole command line. `p2pgame` alone is `p2pgame play`."""
    from p2pgame import __version__

    parser = argparse.ArgumentParser(
        prog="p2pgame", description="Play together on a LAN: no server, no account, no address to type."
    )
    parser.add_argument("--version", action="version", version=f"p2pgame {__version__}")
    parser.set_defaults(command="play")
    _add_common(parser, own_defaults=True)
    _command_module("play").add_arguments(parser)
    commands = parser.add_subparsers(metavar="COMMAND", title="commands")
    for name, text in COMMANDS.items():
        command = commands.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".")
        command.set_defaults(command=name)
        _add_common(command, own_defaults=False)
        _command_module(name).add_arguments(command)
    return parser


def _command_module(name: str) -> Any:
    return importlib.import_module(f"p2pgame.cli.{name}")


def _add_common(parser: argparse.ArgumentParser, *, own_defaults: bool) -> None:
    """The options of every command; a command's copy leaves alone what was given before its name."""

    def default(value: object) -> object:
        return value if own_defaults else argparse.SUPPRESS

    group = parser.add_argument_group("common options")
    group.add_argument("--name", default=default(""), help="the name that others see")
    group.add_argument(
        "--interface",
        action="append",
        default=default([]),
        metavar="NAME_OR_ADDRESS",
        help="use only this network interface (repeatable; default: all that are up)",
    )
    group.add_argument(
        "--data-dir", type=Path, default=default(None), help="where identity and settings are kept"
    )
    group.add_argument(
        "--discovery-port",
        type=_port,
        default=default(_DISCOVERY_PORT),
        help=f"shared UDP port of discovery (default {_DISCOVERY_PORT})",
    )
    group.add_argument(
        "--peer",
        action="append",
        default=default([]),
        metavar="HOST[:PORT]",
        help="a peer that broadcasts do not reach (repeatable)",
    )
    group.add_argument(
        "--json", action="store_true", default=default(False), help="one JSON object a line on stdout"
    )
    group.add_argument(
        "-v", "--verbose", action="count", default=default(0), help="log more (-vv: everything)"
    )


def _port(text: str) -> int:
    value = int(text)
    if not 1 <= value <= 65535:
        raise argparse.ArgumentTypeError("a port is a number from 1 to 65535")
    return value
