"""What the commands share: a node's configuration from arguments, and a loop that always says goodbye."""

import argparse
import asyncio
import contextlib
import signal
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from p2pgame.cli.exits import Exit
from p2pgame.net.node import NodeConfig
from p2pgame.storage.settings import Settings, default_data_dir, load_settings

__all__ = ["data_dir_of", "node_config", "run_loop", "settings_of"]


def data_dir_of(args: argparse.Namespace) -> Path:
    """The data directory to use."""
    return args.data_dir if args.data_dir is not None else default_data_dir()


def settings_of(args: argparse.Namespace) -> Settings:
    return load_settings(data_dir_of(args))


def node_config(args: argparse.Namespace, *, frames: int = 0, measure_rtt: bool = False) -> NodeConfig:
    """The node that the common options describe."""
    return NodeConfig(
        data_dir=data_dir_of(args),
        name=args.name or settings_of(args).name,
        interfaces=tuple(args.interface),
        discovery_port=args.discovery_port,
        seeds=tuple(args.peer),
        frames=frames,
        measure_rtt=measure_rtt,
    )


def run_loop(main: Callable[[], Coroutine[Any, Any, int]]) -> int:
    """Run `main` on a new loop; Ctrl-C and SIGTERM cancel it, so that its ``finally`` can say goodbye."""
    ended_by: list[int] = []

    async def guarded() -> int:
        task = asyncio.current_task()
        loop = asyncio.get_running_loop()

        def stop(signum: int) -> None:
            ended_by.append(signum)
            if task is not None:
                task.cancel()

        for signum in (signal.SIGINT, signal.SIGTERM):
            with contextlib.suppress(NotImplementedError):  # Windows: KeyboardInterrupt comes by itself
                loop.add_signal_handler(signum, stop, signum)
        return await main()

    try:
        return asyncio.run(guarded())
    except asyncio.CancelledError:
        if ended_by and ended_by[0] == signal.SIGTERM:
            return 128 + signal.SIGTERM
        return Exit.INTERRUPTED
