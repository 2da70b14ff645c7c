"""`p2pgame demo`: two or more real peers as processes on this machine's loopback, playing by themselves.

Two find each other by an invitation, more in a room. Windows beside each other where there is a display, else the board
in the terminal. Nothing leaves the machine.
"""

import argparse
import contextlib
import queue
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from p2pgame.cli.common import add_trace_argument, count, game_called
from p2pgame.cli.ending import ending_signals
from p2pgame.cli.exits import Exit, UsageError
from p2pgame.cli.output import Printer, joined, pause_line
from p2pgame.core.child import child_argv
from p2pgame.core.errors import P2PGameError
from p2pgame.core.ids import tag_of
from p2pgame.core.registry import installed
from p2pgame.i18n.catalogue import gettext, ngettext
from p2pgame.i18n.games import game_title, outcome_reason, package_of
from p2pgame.i18n.ways import way_text

__all__ = ["add_arguments", "run"]

_LOOPBACK = "127.0.0.1"
_NAMES = ("Ada", "Grace", "Alan", "Barbara", "Edsger", "Frances", "Donald", "Margaret")
_WINDOW = (760, 620)
"""The largest size of a window."""
_MARGINS = (20, 60)
"""Pixels between windows: to the side, and above each, where the system draws its title."""
_EVENTS_MAX = 10_000
"""Events that wait while nobody reads our output; then the pipes of the two fill, and they leave lines out."""
_EVENT_TIMEOUT = 30.0
"""Timeout in seconds for discovery, and for each further move."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--players",
        type=_players,
        default=2,
        metavar="N",
        help=gettext("how many peers, from 2 to 8; more than two play in a room (default 2)"),
    )
    parser.add_argument(
        "--game",
        default=None,
        metavar="G",
        help=gettext("what they play (default gomoku, or tron for more than two)"),
    )
    parser.add_argument(
        "--terminal", action="store_true", help=gettext("in the terminal, even where there is a display")
    )
    parser.add_argument(
        "--think-ms", type=count, default=None, metavar="N", help=gettext("pause before each move")
    )
    add_trace_argument(parser)


def run(args: argparse.Namespace) -> int:
    from p2pgame.ui import display

    args.game = args.game or ("gomoku" if args.players == 2 else "tron")
    plugin = game_called(installed(), args.game)
    if not plugin.game.min_players <= args.players <= plugin.game.max_players:
        least, most = plugin.game.min_players, plugin.game.max_players
        raise UsageError("wrong_number_of_seats", game=args.game, least=least, most=most)
    windows = not args.terminal and not args.json and display.available() is None
    with tempfile.TemporaryDirectory(prefix="p2pgame-demo-") as directory:
        demo = _Demo(args, Path(directory))
        with demo.processes():
            return demo.windows() if windows else demo.terminal()


@contextlib.contextmanager
def _signals_later() -> Iterator[None]:
    """A signal that comes within the block comes after it: a process that was just started must not be forgotten."""
    came: list[int] = []
    handlers = {each: signal.signal(each, lambda signum, _: came.append(signum)) for each in ending_signals()}
    try:
        yield
    finally:
        for each, handler in handlers.items():
            signal.signal(each, handler)
    for signum in came[:1]:
        signal.raise_signal(signum)


class _Peer:
    """One of the processes; its events arrive in the demo's queue as ``(peer, event)``."""

    def __init__(self, index: int, argv: Sequence[str], events: "_Events") -> None:
        self.index = index
        self.name = _NAMES[index]
        self.process = subprocess.Popen(argv, stdout=subprocess.PIPE)  # noqa: S603  (our own interpreter)
        self._events = events
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        for line in self.process.stdout or ():
            with contextlib.suppress(msgspec.DecodeError):
                self._events.put((self, msgspec.json.decode(line)))
        self._events.put((self, None))


_Events = queue.Queue[tuple[_Peer, dict[str, Any] | None]]
"""None: that process has ended."""


class _Demo:
    def __init__(self, args: argparse.Namespace, directory: Path) -> None:
        self.args = args
        self.printer = Printer(json=args.json)
        self.directory = directory
        self.port = _free_port()
        self.peers: list[_Peer] = []
        self.events: _Events = queue.Queue(_EVENTS_MAX)

    @contextlib.contextmanager
    def processes(self) -> Iterator[None]:
        """Context manager: terminates all processes at the end."""
        try:
            yield
        finally:
            for peer in self.peers:
                if peer.process.poll() is None:
                    peer.process.send_signal(signal.SIGTERM)
            for peer in self.peers:
                try:
                    peer.process.wait(3)
                except subprocess.TimeoutExpired:
                    peer.process.kill()
                    peer.process.wait()  # nothing is written any more into the directory that is deleted next

    def start(self, command: str, *options: str) -> _Peer:
        index = len(self.peers)
        argv = [
            *child_argv("p2pgame", command, "--json", "--interface", _LOOPBACK),
            *("--name", _NAMES[index], "--data-dir", str(self.directory / _NAMES[index])),
            *("--discovery-port", str(self.port), *options),
        ]
        if self.args.trace is not None:
            argv += ["--trace", str(_trace_of(self.args.trace, _NAMES[index]))]
        with _signals_later():
            peer = _Peer(index, argv, self.events)
            self.peers.append(peer)
        return peer

    def windows(self) -> int:
        """Windows beside each other; they close by themselves when the match is over."""
        count = self.args.players
        self.printer.line(
            ngettext(
                "{n} window opens: a peer that finds others and plays.",
                "{n} windows open beside each other: peers that find each other and play.",
                count,
            )
        )
        from p2pgame.ui import display

        places = tiles(count, display.desktop_size())
        roles = ("accepter", "inviter") if count == 2 else ("room",) * count
        for index, (role, place) in enumerate(zip(roles, places, strict=True)):
            self.start(
                "play",
                *("--autoplay", role, "--autoplay-game", self.args.game),
                *(self._room(index) if count > 2 else ()),
                *("--size", f"{place[2]}x{place[3]}", "--position", f"{place[0]}x{place[1]}"),
            )
        return self.follow(boards=False, timeout=None)

    def terminal(self) -> int:
        """Peers without windows; the board is drawn here, move by move."""
        count = self.args.players
        think = 150 if self.args.think_ms is None else self.args.think_ms
        common = ("--think-ms", str(think))
        if count > 2:
            for index in range(count):
                self.start("bot", *self._room(index), *(() if index else ("--board",)), *common)
            return self.follow(boards=True, timeout=_EVENT_TIMEOUT)
        accepter = self.start("bot", "--accept", "--game", self.args.game, *common)
        while True:
            peer, event = self._next(_EVENT_TIMEOUT)
            if event is None:
                raise P2PGameError("demo_not_started", name=peer.name)
            self._show(peer, event)
            if event["event"] == "announcing" and peer is accepter:
                break
        self.start("bot", "--board", "--invite", event["peer"], "--game", self.args.game, *common)
        return self.follow(boards=True, timeout=_EVENT_TIMEOUT)

    def _room(self, index: int) -> tuple[str, ...]:
        """The options of a peer in a room: the first opens it, the others join."""
        if index:
            return ("--join", _NAMES[0])
        return ("--open", self.args.game, "--seats", str(self.args.players))

    def follow(self, *, boards: bool, timeout: float | None) -> int:
        """Print events until all have ended; compare the results of all."""
        hosts: dict[int, str] = {}
        ends: dict[int, dict[str, Any]] = {}
        running = set(range(self.args.players))
        while running:
            peer, event = self._next(timeout)
            if event is None:
                running.discard(peer.index)
                continue
            self._show(peer, event)
            match event["event"]:
                case "board" if boards:
                    self.printer.line(event["text"] + "\n")
                case "host_elected":
                    hosts[peer.index] = event["host"]
                case "match_ended":
                    ends[peer.index] = event
        codes = [peer.process.wait() for peer in self.peers]
        if max(codes):
            return next(code for code in codes if code)
        if len(ends) < self.args.players:  # a window was closed before the end
            self.printer.line(gettext("The demo was ended before the match was over."))
            return Exit.DONE
        return self._verdict(hosts, ends)

    def _verdict(self, hosts: dict[int, str], ends: dict[int, dict[str, Any]]) -> int:
        names = _NAMES[: self.args.players]
        agree = len({end["hash"] for end in ends.values()}) == 1
        agree = agree and len({hosts.get(index) for index in range(len(names))}) == 1
        outcome = ends[0]["outcome"]
        for index, name in enumerate(names):
            self.printer.line(
                gettext("{name}: the elected host is {host}", name=name, host=hosts.get(index, "-"))
            )
        for index, name in enumerate(names):
            self.printer.line(
                gettext("{name}: the final state is {hash}", name=name, hash=ends[index]["hash"])
            )
        reason = outcome_reason(package_of(self.args.game), outcome["reason"])
        self.printer.line(
            ngettext(
                "Outcome: {reason} after {n} frame.",
                "Outcome: {reason} after {n} frames.",
                ends[0]["frames"],
                reason=reason,
            )
        )
        if agree:
            self.printer.line(
                gettext("Both peers agree.") if len(names) == 2 else gettext("All peers agree.")
            )
        else:
            self.printer.line(gettext("THE PEERS DO NOT AGREE."))
        if self.args.json:
            self.printer.object({"t": time.time(), "event": "demo_ended", "agree": agree, "outcome": outcome})
        return Exit.DONE if agree else Exit.DESYNC

    def _next(self, timeout: float | None) -> "tuple[_Peer, dict[str, Any] | None]":
        try:
            return self.events.get(timeout=timeout)
        except queue.Empty:
            raise P2PGameError("demo_stalled", seconds=round(timeout or 0.0)) from None

    def _show(self, peer: _Peer, event: dict[str, Any]) -> None:
        if self.args.json:
            self.printer.object({**event, "demo_peer": peer.name})
            return
        text = _line(event)
        if text:
            self.printer.line(f"{peer.name}: {text}")


def _line(event: dict[str, Any]) -> str:
    """What a peer reports, in a few words; empty for what a demo does not show."""
    match event["event"]:
        case "announcing":
            return gettext(
                "announces itself as {tag} on {address}, port {port}",
                tag=tag_of(event["peer"]),
                address=_LOOPBACK,
                port=event["tcp_port"],
            )
        case "peer_found":
            return gettext(
                "found {name} by {ways}",
                name=event["name"],
                ways=joined(list(map(way_text, event["via"]))),
            )
        case "invite_accepted":
            return gettext("{game} with {name} is agreed", game=game_title(event["game"]), name=event["name"])
        case "room_found":
            return gettext("found the room of {name}", name=event["name"])
        case "member_joined":
            return gettext("{name} came into the room", name=event["name"])
        case "round_starting" if event["seconds"]:
            return gettext("a round starts in {seconds} s", seconds=round(event["seconds"]))
        case "host_elected":
            return gettext("the elected host is {host}", host=tag_of(event["host"]))
        case "match_paused":
            return pause_line(event["reason"])
        case "match_resumed":
            return gettext("the match continues")
        case "error":
            return str(event["message"])
    return ""


def _trace_of(path: Path, name: str) -> Path:
    """Each peer's own file: ``FILE-Ada``, with the suffix of FILE."""
    return path.with_name(f"{path.stem}-{name}{path.suffix}")


def tiles(count: int, desk: tuple[int, int]) -> list[tuple[int, int, int, int]]:
    """Left, top, width and height of `count` windows on a desktop of that size, as large as they can be."""
    side, above = _MARGINS
    best: list[tuple[int, int, int, int]] = []
    for columns in range(1, count + 1):
        rows = -(-count // columns)
        width = min(_WINDOW[0], desk[0] // columns - side)
        height = min(_WINDOW[1], desk[1] // rows - above)
        width, height = max(1, width), max(1, height)
        places = [
            (side // 2 + i % columns * (width + side), above + i // columns * (height + above), width, height)
            for i in range(count)
        ]
        if not best or width * height > best[0][2] * best[0][3]:
            best = places
    return best


def _players(text: str) -> int:
    value = count(text)
    if not 2 <= value <= len(_NAMES):
        raise argparse.ArgumentTypeError(
            gettext("a number from {least} to {most} is needed", least=2, most=len(_NAMES))
        )
    return value


def _free_port() -> int:
    """A UDP port that nobody uses now, so that a demo meets no other."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind((_LOOPBACK, 0))
        port: int = probe.getsockname()[1]
    return min(port, 65000)
