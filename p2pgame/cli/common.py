"""Shared by the commands: node configuration from arguments, and an event loop that shuts down cleanly."""

import argparse
import asyncio
import contextlib
import logging
import os
import signal
from collections.abc import Callable, Coroutine, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from p2pgame.cli.ending import ending_signals, exit_code_of
from p2pgame.cli.exits import OutputError, UsageError
from p2pgame.cli.streams import stdout
from p2pgame.core.errors import P2PGameError
from p2pgame.core.registry import Plugin, Registry
from p2pgame.i18n.catalogue import gettext
from p2pgame.i18n.errors import sentence
from p2pgame.storage.settings import Settings, default_data_dir, load_settings
from p2pgame.wire.bounds import DELAY_MAX

if TYPE_CHECKING:
    from p2pgame.net.node import NodeConfig

DISCOVERY_PORT = 41420
_SECONDS_MAX = 1e6
_log = logging.getLogger(__name__)

__all__ = [
    "DISCOVERY_PORT",
    "add_match_arguments",
    "add_trace_argument",
    "count",
    "data_dir_of",
    "discovery_port_of",
    "game_called",
    "known_games",
    "node_config",
    "run_loop",
    "seconds",
    "settings_of",
    "words",
]


def count(text: str) -> int:
    """Type of an argument: a number from 0 on."""
    value = int(text) if text.isdecimal() else -1
    if not 0 <= value < 1 << 32:
        raise argparse.ArgumentTypeError(gettext("{text} is not a whole number from 0 on", text=repr(text)))
    return value


def words(text: str) -> str:
    """Type of an argument that people read: UTF-8, even where the locale says otherwise and Python read it so."""
    try:
        return os.fsencode(text).decode()
    except UnicodeError:
        return text


def seconds(text: str) -> float:
    """Type of an argument: a time to wait."""
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= _SECONDS_MAX:  # also false for nan
        raise argparse.ArgumentTypeError(gettext("{text} is not a number of seconds", text=repr(text)))
    return value


def game_called(registry: Registry, name: str) -> Plugin:
    """The installed game of this name. Raises `UsageError` that names those there are."""
    plugin = registry.get(name)
    if plugin is None:
        raise UsageError("unknown_game", name=repr(name), known=known_games(registry))
    return plugin


def known_games(registry: Registry) -> str:
    """The names of the installed games, for a message."""
    return ", ".join(plugin.game.name for plugin in registry)


def data_dir_of(args: argparse.Namespace) -> Path:
    """The data directory to use."""
    return args.data_dir if args.data_dir is not None else default_data_dir()


def settings_of(args: argparse.Namespace) -> Settings:
    return load_settings(data_dir_of(args))


def discovery_port_of(args: argparse.Namespace) -> int:
    """The shared port of discovery: of the command line, else of the settings, else the usual one."""
    return _port_of(args, settings_of(args))


def _port_of(args: argparse.Namespace, settings: Settings) -> int:
    port: int = args.discovery_port or settings.discovery_port or DISCOVERY_PORT
    return port


def _usable(seeds: Sequence[str], port: int) -> Iterator[str]:
    """Those of the settings that are addresses; a line for each other: it must not keep us from the settings."""
    from p2pgame.net.discovery import parse_seed

    for text in seeds:
        try:
            parse_seed(text, port)
        except P2PGameError as error:
            _log.warning("%s", gettext("settings: {problem}", problem=sentence(error)))
        else:
            yield text


def node_config(args: argparse.Namespace, *, frames: int = 0) -> "NodeConfig":
    """The node that the common options describe."""
    from p2pgame.net.impair import Impairment
    from p2pgame.net.node import NodeConfig  # the most of all imports, and many commands start none

    settings = settings_of(args)
    port = _port_of(args, settings)
    impairment = Impairment()
    if "sim_loss" in args:
        impairment = Impairment(args.sim_latency_ms, args.sim_jitter_ms, args.sim_loss)
    return NodeConfig(
        data_dir=data_dir_of(args),
        name=args.name or settings.name,
        interfaces=tuple(args.interface) or settings.interfaces,
        interfaces_may_be_gone=not args.interface,
        discovery_port=port,
        seeds=tuple(args.peer) or tuple(_usable(settings.seeds, port)),
        frames=frames,
        input_delay=_delay_of(args, settings),
        impairment=impairment,
        corrupt=tuple(args.corrupt) if "corrupt" in args else (),
        trace=args.trace if "trace" in args else None,
    )


def _delay_of(args: argparse.Namespace, settings: Settings) -> int | None:
    """Frames of input delay that the command line or else the settings ask for; None: as measured."""
    if "input_delay" not in args:
        return None
    if args.input_delay is None and settings.input_delay >= 0:
        return settings.input_delay
    delay: int | None = args.input_delay
    return delay


def add_trace_argument(parser: argparse.ArgumentParser) -> None:
    """For developers of another client."""
    parser.add_argument(
        "--trace",
        type=Path,
        metavar="FILE",
        help=gettext(
            "write a trace of the protocol: one JSON line for each message, decision and change of state"
        ),
    )


def add_match_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the commands that play in real time."""
    parser.add_argument(
        "--input-delay",
        type=_delay,
        metavar="FRAMES",
        help=gettext("frames from an input to the frame that uses it, if we are host (default: as measured)"),
    )
    add_trace_argument(parser)
    parser.add_argument("--corrupt", type=count, action="append", default=[], help=argparse.SUPPRESS)
    group = parser.add_argument_group(gettext("network simulator (applies to what our own matches send)"))
    group.add_argument(
        "--sim-latency-ms", type=seconds, default=0.0, metavar="MS", help=gettext("added to each datagram")
    )
    group.add_argument(
        "--sim-jitter-ms",
        type=seconds,
        default=0.0,
        metavar="MS",
        help=gettext("at most this much more, at random"),
    )
    group.add_argument(
        "--sim-loss", type=_share, default=0.0, metavar="SHARE", help=gettext("dropped, from 0 to 1")
    )


def _delay(text: str) -> int:
    value = count(text)
    if value > DELAY_MAX:
        raise argparse.ArgumentTypeError(gettext("at most {most} frames", most=DELAY_MAX))
    return value


def _share(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:  # also false for nan
        raise argparse.ArgumentTypeError(gettext("a share from 0 to 1 is needed, like 0.05"))
    return value


def run_loop(main: Callable[[], Coroutine[Any, Any, int]]) -> int:
    """Run `main` on a new loop. A signal, or an output that fails, cancels it once: its ``finally`` says goodbye.

    Raises `OutputError`.
    """
    ended_by: list[int] = []
    output = stdout()

    async def guarded() -> int:
        task = asyncio.current_task()
        loop = asyncio.get_running_loop()

        def stop(signum: int) -> None:
            if not ended_by and task is not None:
                ended_by.append(signum)
                task.cancel()

        def stop_unheard() -> None:
            with contextlib.suppress(RuntimeError):  # the loop is closed
                loop.call_soon_threadsafe(stop, 0)

        output.on_failure = stop_unheard
        for signum in ending_signals():
            with contextlib.suppress(NotImplementedError):  # Windows: `end_on_signals` is enough
                loop.add_signal_handler(signum, stop, signum)
        return await main()

    try:
        return asyncio.run(guarded())
    except asyncio.CancelledError:
        if output.failure is not None:
            raise OutputError(output.failure) from None
        return exit_code_of(ended_by[0] if ended_by else signal.SIGINT)
    finally:
        output.finish()
