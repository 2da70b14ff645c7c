"""`p2pgame play`: the window. Two threads: the network's, and this one, which draws."""

import argparse
import secrets
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from p2pgame.cli.common import add_match_arguments, data_dir_of, game_called, node_config, settings_of
from p2pgame.cli.exits import Exit
from p2pgame.cli.output import Printer
from p2pgame.cli.rooms import RoomWish, add_room_arguments, room_wish
from p2pgame.cli.streams import complain, finish
from p2pgame.core.errors import P2PGameError
from p2pgame.core.registry import Registry, installed
from p2pgame.i18n.catalogue import gettext
from p2pgame.i18n.errors import sentence
from p2pgame.net.impair import Impairment
from p2pgame.session.events import Event, MatchResumable
from p2pgame.storage.settings import load_settings, save_settings

if TYPE_CHECKING:
    from p2pgame.net.thread import NodeThread
    from p2pgame.ui.autoplay import Autoplay
    from p2pgame.ui.sound import Sounds

__all__ = ["RoomSearch", "add_arguments", "run", "sliders", "window_sounds"]

_SWITCH_INTERVAL = 0.0005
"""Interpreter switch interval in seconds, so that drawing does not delay the network thread."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--autoplay", choices=("inviter", "accepter", "room"), help=argparse.SUPPRESS)
    parser.add_argument("--autoplay-game", default="gomoku", help=argparse.SUPPRESS)
    parser.add_argument("--position", type=_pair, help=argparse.SUPPRESS)
    parser.add_argument(
        "--size", type=_size, metavar="WIDTHxHEIGHT", help=gettext("size of the window (default 1280x720)")
    )
    add_room_arguments(parser, parser.add_mutually_exclusive_group())
    add_match_arguments(parser)


def run(args: argparse.Namespace) -> int:
    from p2pgame.ui import display

    problem = display.available()
    if problem is not None:
        raise P2PGameError("no_window", reason=problem)
    from p2pgame.net.thread import NodeThread
    from p2pgame.ui.app import WindowOptions
    from p2pgame.ui.app import run as run_window

    sys.setswitchinterval(_SWITCH_INTERVAL)
    data_dir = data_dir_of(args)
    registry = installed()
    printer = Printer(json=True)
    config = node_config(args)
    wish = room_wish(args, registry)
    client = NodeThread(
        config,
        registry,
        on_name=lambda name: _remember(data_dir, name=name),
        on_event=printer.event if args.json else lambda *_: None,
    )
    search = RoomSearch(client, wish) if wish is not None else None

    def lost() -> None:
        complain(sentence("display_lost"))
        client.close()
        finish()

    display.when_lost(lost)
    try:
        return run_window(
            client,
            first_run=not (args.name or settings_of(args).name),
            window=WindowOptions(size=args.size or (1280, 720), position=args.position),
            autoplay=_autoplay(args, registry),
            also=search.notice if search is not None else lambda _: None,
            screenshots=None,
            impairment=sliders(config.impairment),
            sounds=window_sounds(data_dir),
        )
    except KeyboardInterrupt:
        return Exit.INTERRUPTED
    finally:
        client.close()


class RoomSearch:
    """Joins the room that the options name, once it is found; or opens one at once."""

    def __init__(self, client: "NodeThread", wish: RoomWish) -> None:
        self._client = client
        self._wish = wish
        self._asked = False
        self._left: MatchResumable | None = None
        if (opening := wish.opening) is not None:
            client.send(opening)

    def notice(self, event: Event) -> None:
        if isinstance(event, MatchResumable):
            self._left = event
        elif not self._asked and (joining := self._wish.joining(event, self._left)) is not None:
            self._asked = True
            self._client.send(joining)


def sliders(impairment: Impairment) -> tuple[int, int, int]:
    """As the sliders of the window show it: latency and jitter in milliseconds, loss in percent."""
    return round(impairment.latency_ms), round(impairment.jitter_ms), round(100 * impairment.loss)


def _autoplay(args: argparse.Namespace, registry: Registry) -> "Autoplay | None":
    """The scripted player of the demo, if requested."""
    if args.autoplay is None:
        return None
    from p2pgame.ui.autoplay import Autoplay  # pygame is loaded by commands with a window only

    plugin = game_called(registry, args.autoplay_game)
    bot = plugin.bot(secrets.randbits(32))
    return Autoplay(args.autoplay, bot.choose, plugin.game.name, plugin.game.config_type())


def window_sounds(data_dir: Path) -> "Sounds":
    """The sounds, on or off as the settings say."""
    from p2pgame.ui.sound import Sounds

    return Sounds(on=load_settings(data_dir).sound, save=lambda on: _remember(data_dir, sound=on))


def _remember(data_dir: Path, **chosen: str | bool) -> None:
    """Save the settings with these values."""
    save_settings(data_dir, msgspec.structs.replace(load_settings(data_dir), **chosen))


def _size(text: str) -> tuple[int, int]:
    size = _pair(text)
    if min(size) < 1:
        raise argparse.ArgumentTypeError(gettext("two numbers like 1280x720"))
    return size


def _pair(text: str) -> tuple[int, int]:
    first, _, second = text.partition("x")
    try:
        return int(first), int(second)
    except ValueError:
        raise argparse.ArgumentTypeError(gettext("two numbers like 1280x720")) from None
