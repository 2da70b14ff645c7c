"""`p2pgame play`: the window. Two threads: the network's, and this one, which draws."""

import argparse
import secrets
import socket
import sys
import threading
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from p2pgame.cli.common import add_match_arguments, data_dir_of, game_called, node_config, settings_of
from p2pgame.cli.exits import Exit
from p2pgame.cli.output import Printer
from p2pgame.cli.rooms import RoomWish, add_room_arguments, room_wish
from p2pgame.cli.streams import complain, finish
from p2pgame.core.errors import P2PGameError
from p2pgame.core.registry import Registry, installed
from p2pgame.i18n.catalogue import gettext, prefer_language
from p2pgame.i18n.errors import sentence
from p2pgame.net.impair import Impairment
from p2pgame.session.events import Event, MatchResumable
from p2pgame.storage.settings import Settings, load_settings, save_settings

if TYPE_CHECKING:
    from p2pgame.net.config import NodeConfig
    from p2pgame.net.thread import NodeThread
    from p2pgame.ui.app import Hooks
    from p2pgame.ui.autoplay import Autoplay
    from p2pgame.ui.preferences import Preferences
    from p2pgame.ui.window import WindowOptions

__all__ = ["RoomSearch", "add_arguments", "run", "sliders", "window_preferences"]

_SWITCH_INTERVAL = 0.0005
"""Interpreter switch interval in seconds, so that drawing does not delay the network thread."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--autoplay", choices=("inviter", "accepter", "room"), help=argparse.SUPPRESS)
    parser.add_argument("--autoplay-game", default="gomoku", help=argparse.SUPPRESS)
    parser.add_argument("--position", type=_pair, help=argparse.SUPPRESS)
    parser.add_argument(
        "--size", type=_size, metavar="WIDTHxHEIGHT", help=gettext("size of the window (default 1280x720)")
    )
    parser.add_argument(
        "--show",
        type=Path,
        metavar="FILE",
        help=gettext("show a recorded match, or a file of another program"),
    )
    add_room_arguments(parser, parser.add_mutually_exclusive_group())
    add_match_arguments(parser)


def run(args: argparse.Namespace) -> int:
    from p2pgame.ui import display

    problem = display.available(stay=True)
    if problem is not None:
        raise P2PGameError("no_window", reason=problem)
    from p2pgame.net.thread import NodeThread
    from p2pgame.session.view import COUNT_IN

    sys.setswitchinterval(_SWITCH_INTERVAL)
    data_dir = data_dir_of(args)
    prefer_language(load_settings(data_dir).language)
    registry = installed()
    printer = Printer(json=True)
    config = node_config(args)
    if args.autoplay is None:  # a person plays
        config = msgspec.structs.replace(config, countdown=COUNT_IN)
    wish = room_wish(args, registry)
    client = NodeThread(
        config,
        registry,
        on_name=lambda name: _remember(data_dir, name=name),
        on_event=printer.event if args.json else lambda *_: None,
    )
    from p2pgame.ui.app import run as run_window  # takes a while, in which the others can find us already

    preferences = window_preferences(data_dir)
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
            window=_window(args, preferences.now),
            autoplay=_autoplay(args, registry),
            also=search.notice if search is not None else lambda _: None,
            screenshots=None,
            impairment=sliders(config.impairment),
            preferences=preferences,
            hooks=_hooks(data_dir, config, client),
            file=args.show,
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


def _hooks(data_dir: Path, config: "NodeConfig", client: "NodeThread") -> "Hooks":
    from p2pgame.storage.export import export_data
    from p2pgame.ui.app import Hooks

    def advise() -> list[tuple[str, str]]:
        from p2pgame.i18n import doctor
        from p2pgame.net.doctor.glance import glance  # nobody needs it who is not alone

        own = int(client.addresses[0].rpartition(":")[2]) if client.addresses else config.discovery_port + 1
        try:
            found = glance(config.interfaces, config.discovery_port, own)
        except P2PGameError as error:
            return [(sentence(error), gettext("Connect it, or choose others in the settings."))]
        return [(doctor.message(finding), text) for finding in found if (text := doctor.advice(finding))]

    def resolves(text: str) -> bool:
        from p2pgame.net.discovery import parse_seed

        try:
            host, port = parse_seed(text, config.discovery_port)
            return bool(socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM))
        except (OSError, UnicodeError, P2PGameError):
            return False

    return Hooks(export=partial(export_data, data_dir, Path.cwd()), advise=advise, resolves=resolves)


def _window(args: argparse.Namespace, settings: Settings) -> "WindowOptions":
    """Where the window opens: as the command line says, else where it was."""
    from p2pgame.ui.window import WindowOptions

    place, size = None, (1280, 720)
    if len(settings.window) == 4 and min(settings.window[2:]) > 0:
        left, top, width, height = settings.window
        place, size = (left, top), (width, height)
    return WindowOptions(size=args.size or size, position=args.position or place)


def _autoplay(args: argparse.Namespace, registry: Registry) -> "Autoplay | None":
    """The scripted player of the demo, if requested."""
    if args.autoplay is None:
        return None
    from p2pgame.ui.autoplay import Autoplay  # pygame is loaded by commands with a window only

    plugin = game_called(registry, args.autoplay_game)
    bot = plugin.bot(secrets.randbits(32))
    return Autoplay(args.autoplay, bot.choose, plugin.game.name, plugin.game.config_type())


def window_preferences(data_dir: Path) -> "Preferences":
    """The settings of the window, saved when they change."""
    from p2pgame.ui.preferences import Preferences

    return Preferences(load_settings(data_dir), partial(_keep, data_dir))


_WRITES = threading.Lock()
"""The window and the network thread, which saves the name, both write."""


def _keep(data_dir: Path, settings: Settings) -> None:
    """Save the settings of the window, which does not know the name."""
    values = msgspec.structs.asdict(settings)
    del values["name"]
    _remember(data_dir, **values)


def _remember(data_dir: Path, **chosen: Any) -> None:
    """Save the settings with these values."""
    with _WRITES:
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
