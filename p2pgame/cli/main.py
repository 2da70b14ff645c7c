"""Entry point: parses the arguments, runs one command, and returns its exit code."""

import argparse
import importlib
import logging
import os
import sys
from collections.abc import Container, Sequence
from pathlib import Path
from typing import Any, NoReturn

from p2pgame.cli import streams
from p2pgame.cli.common import DISCOVERY_PORT, words
from p2pgame.cli.ending import crashed, end_on_signals
from p2pgame.cli.exits import Exit, OutputError, UsageError
from p2pgame.cli.output import escaped
from p2pgame.core.errors import P2PGameError
from p2pgame.i18n.catalogue import gettext, gettext_noop, install
from p2pgame.i18n.errors import sentence
from p2pgame.i18n.usage import translate_argparse

__all__ = ["build_parser", "entry", "main"]

COMMANDS = {
    "play": gettext_noop("open the app window (the default)"),
    "demo": gettext_noop("two to eight peers on this machine find each other and play"),
    "peers": gettext_noop("list the peers and rooms of this LAN"),
    "bot": gettext_noop("a peer without a window that plays by itself"),
    "chat": gettext_noop("the group chat of this LAN, or of a room, in a terminal"),
    "ping": gettext_noop("round trips to a peer over UDP and TCP"),
    "doctor": gettext_noop("what this machine's network lets through"),
    "replay": gettext_noop("verify, show or compare the files of matches"),
    "games": gettext_noop("list the installed games"),
    "check": gettext_noop("prove a game deterministic"),
    "gomocup": gettext_noop("our Gomoku engine on stdin and stdout, for Piskvork and other managers"),
}


def entry() -> NoReturn:
    """What the `p2pgame` command calls."""
    end_on_signals()
    streams.speak_utf8()
    try:
        code = main(sys.argv[1:])
    except KeyboardInterrupt:
        code = Exit.INTERRUPTED
    except SystemExit as ended:  # `--help`, a usage error, a signal
        code = ended.code if isinstance(ended.code, int) else Exit.DONE
    except Exception as error:  # a fault of ours
        code = crashed(error)
    raise SystemExit(int(code) if streams.finish() else int(Exit.FAILED))


def main(argv: list[str]) -> int:
    """Run the command in `argv`; returns the exit code."""
    install(_language(argv))
    translate_argparse()
    args = build_parser(argv).parse_args(argv)
    heard = _open_streams()
    level = (logging.WARNING, logging.INFO, logging.DEBUG)[min(2, args.verbose)]
    handler = logging.StreamHandler(streams.stderr())
    handler.setFormatter(_Formatter("p2pgame: %(message)s"))
    logging.basicConfig(level=level, handlers=[handler])
    for library in ("asyncio", "zeroconf"):  # tracebacks of what a firewall does to a datagram
        logging.getLogger(library).setLevel(logging.CRITICAL if level > logging.DEBUG else level)
    try:
        if not heard and (args.json or args.command != "play"):  # the window shows itself
            raise P2PGameError("no_output")
        with streams.own_stdout():
            code: int = importlib.import_module(f"p2pgame.cli.{args.command}").run(args)
    except OutputError as error:
        return error.exit
    except P2PGameError as error:
        streams.complain(escaped(sentence(error)))
        return Exit.USAGE if isinstance(error, UsageError) else Exit.FAILED
    finally:
        streams.finish()
    return code


def _open_streams() -> bool:
    """Give output that nobody opened for us to nobody, lest it go to a socket of ours; True if stdout was open."""
    streams: dict[str, object] = {name: getattr(sys, name) for name in ("stdin", "stdout", "stderr")}
    if None in streams.values():
        while (number := os.open(os.devnull, os.O_RDWR)) <= 2:  # the lowest that is free
            pass
        os.close(number)
    for name, number in (("stdout", 1), ("stderr", 2)):
        if streams[name] is None:
            setattr(sys, name, os.fdopen(number, "w", encoding="utf-8", closefd=False))
    return streams["stdout"] is not None


class _Formatter(logging.Formatter):
    """Names of files and of peers may stand in what is logged."""

    def format(self, record: logging.LogRecord) -> str:
        return "\n".join(map(escaped, super().format(record).split("\n")))


def build_parser(named: Container[str] = tuple(COMMANDS)) -> argparse.ArgumentParser:
    """The command line. `p2pgame` alone is `p2pgame play`.

    `named`: has the commands whose options are needed. To know them imports what the command uses.
    """
    from p2pgame import __version__

    parser = argparse.ArgumentParser(
        prog="p2pgame",
        description=gettext("Play together on a LAN: no server, no account, no address to type."),
    )
    parser.add_argument(
        "--version",
        action="version",
        version=f"p2pgame {__version__}",
        help=gettext("show the version and exit"),
    )
    parser.set_defaults(command="play")
    _add_common(parser, own_defaults=True)
    _command_module("play").add_arguments(parser)
    commands = parser.add_subparsers(metavar="COMMAND", title=gettext("commands"))
    for name, text in COMMANDS.items():
        shown = gettext(text)
        whole = gettext("{text}.", text=shown[:1].upper() + shown[1:])
        command = commands.add_parser(name, help=shown, description=whole)
        command.set_defaults(command=name)
        _add_common(command, own_defaults=False)
        if name in named:
            _command_module(name).add_arguments(command)
    return parser


def _language(argv: Sequence[str]) -> str | None:
    """The argument ``--language``, which is needed before there is a parser: its help is in that language."""
    for index, argument in enumerate(argv):
        option, equals, value = argument.partition("=")
        if option == "--language":
            return value if equals else next(iter(argv[index + 1 :]), None)
    return None


def _command_module(name: str) -> Any:
    return importlib.import_module(f"p2pgame.cli.{name}")


def _add_common(parser: argparse.ArgumentParser, *, own_defaults: bool) -> None:
    """The options of every command; a command's copy leaves alone what was given before its name."""

    def default(value: object) -> object:
        return value if own_defaults else argparse.SUPPRESS

    group = parser.add_argument_group(gettext("common options"))
    group.add_argument("--name", type=words, default=default(""), help=gettext("the name that others see"))
    group.add_argument(
        "--interface",
        action="append",
        default=default([]),
        metavar="NAME_OR_ADDRESS",
        help=gettext("use only this network interface (repeatable; default: all that are up)"),
    )
    group.add_argument(
        "--data-dir", type=Path, default=default(None), help=gettext("where identity and settings are kept")
    )
    group.add_argument(
        "--discovery-port",
        type=_port,
        default=default(0),
        help=gettext("shared UDP port of discovery (default {port})", port=DISCOVERY_PORT),
    )
    group.add_argument(
        "--peer",
        action="append",
        default=default([]),
        metavar="HOST[:PORT]",
        help=gettext("a peer that broadcasts do not reach (repeatable)"),
    )
    group.add_argument(
        "--language",
        default=default(None),
        metavar="LANGUAGE",
        help=gettext("language of all texts, like zh_CN (default: P2PGAME_LANGUAGE, or the system's)"),
    )
    group.add_argument(
        "--json",
        action="store_true",
        default=default(False),
        help=gettext("one JSON object a line on stdout"),
    )
    group.add_argument(
        "-v", "--verbose", action="count", default=default(0), help=gettext("log more (-vv: everything)")
    )


def _port(text: str) -> int:
    value = int(text)
    if not 1 <= value <= 65535:
        raise argparse.ArgumentTypeError(gettext("a port is a number from 1 to 65535"))
    return value
