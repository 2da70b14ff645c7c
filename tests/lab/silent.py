"""A peer that lets every invitation wait for an answer: ``python -m tests.lab.silent`` with the common options.

The programs of the package answer at once or wait for a person; the lab needs the state in between.
"""

import asyncio

from p2pgame.cli.common import node_config, run_loop
from p2pgame.cli.main import build_parser
from p2pgame.cli.output import Printer
from p2pgame.core.registry import installed
from p2pgame.net.node import Node


async def main() -> int:
    node = Node(node_config(build_parser().parse_args()), installed(), Printer(json=True).event)
    try:
        await node.start()
        await asyncio.sleep(float("inf"))
    finally:
        await node.stop()
    return 0


if __name__ == "__main__":
    raise SystemExit(run_loop(main))
