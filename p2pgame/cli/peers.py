"""`p2pgame peers`: lists the peers and rooms of the network. It announces itself: peers answer announcements."""

import argparse
import asyncio

from p2pgame.cli.common import node_config, run_loop, seconds
from p2pgame.cli.exits import Exit
from p2pgame.cli.output import Printer
from p2pgame.core.registry import installed
from p2pgame.i18n.catalogue import gettext, ngettext
from p2pgame.net.node import Node

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--seconds", type=seconds, default=3.0, metavar="S", help=gettext("how long to listen (default 3)")
    )
    parser.add_argument("--watch", action="store_true", help=gettext("continue until interrupted"))


def run(args: argparse.Namespace) -> int:
    printer = Printer(json=args.json)

    async def main() -> int:
        node = Node(node_config(args), installed(), printer.event)
        try:
            await node.start()
            await asyncio.sleep(float("inf") if args.watch else args.seconds)
            printer.line(ngettext("{n} found", "{n} found", len(node.peers)))
            if node.rooms:
                printer.line(ngettext("{n} room", "{n} rooms", len(node.rooms)))
        finally:
            await node.stop()
        return Exit.DONE

    return run_loop(main)
