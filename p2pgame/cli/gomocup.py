"""`p2pgame gomocup`: our Gomoku engine on stdin and stdout, for Piskvork and other managers of engines."""

import argparse
import sys

from p2pgame import __version__
from p2pgame.cli.common import game_called
from p2pgame.cli.exits import Exit
from p2pgame.cli.streams import stdout
from p2pgame.core.registry import installed

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    del parser


def run(args: argparse.Namespace) -> int:
    del args
    converse = game_called(installed(), "gomoku").guard.load("conversation", "converse")
    source = sys.stdin.buffer if sys.stdin is not None else None
    converse(source.readline if source is not None else lambda _: b"", stdout().write, __version__)
    return Exit.DONE
