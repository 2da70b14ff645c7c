"""`p2pgame demo`: two real peers as two processes on this machine's loopback, playing by themselves.

Two windows side by side where there is a display, else the board in the terminal. Nothing leaves the machine.
"""

import argparse
import contextlib
import queue
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import FrameType
from typing import Any

import msgspec

from p2pgame.cli.common import add_trace_argument, count, game_called
from p2pgame.cli.exits import Exit
from p2pgame.cli.output import Printer, joined, pause_line
from p2pgame.core.errors import P2PGameError
from p2pgame.core.ids import tag_of
from p2pgame.core.registry import installed
from p2pgame.i18n.catalogue import gettext, ngettext
from p2pgame.i18n.games import game_title, outcome_reason, package_of

__all__ = ["add_arguments", "run"]

_LOOPBACK = "127.0.0.1"
_NAMES = ("Ada", "Grace")
_SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
_EVENT_TIMEOUT = 30.0
"""Timeout in seconds for discovery, and for each further move."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--game", default="gomoku", metavar="G", help=gettext("what they play (default gomoku)")
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

    game_called(installed(), args.game)

    _end_in_order()
    windows = not args.terminal and not args.json and display.available() is None
    with tempfile.TemporaryDirectory(prefix="p2pgame-demo-") as directory:
        demo = _Demo(args, Path(directory))
        with demo.processes():
            return demo.windows() if windows else demo.terminal()


def _end_in_order() -> None:
    """From now on a shutdown, a logout or a closed terminal ends the demo as Ctrl-C does: it tidies up."""

    def end(signum: int, frame: FrameType | None) -> None:
        del frame
        for each in _SIGNALS:
            signal.signal(each, signal.SIG_IGN)
        sys.exit(128 + signum)

    for each in _SIGNALS:
        if each != signal.SIGINT:
            signal.signal(each, end)


@contextlib.contextmanager
def _signals_later() -> Iterator[None]:
    """A signal that comes within the block comes after it: a process that was just started must not be forgotten."""
    came: list[int] = []
    handlers = {each: signal.signal(each, lambda signum, _: came.append(signum)) for each in _SIGNALS}
    try:
        yield
    finally:
        for each, handler in handlers.items():
            signal.signal(each, handler)
    for signum in came[:1]:
        signal.raise_signal(signum)


class _Peer:
    """One of the two processes; its events arrive in the demo's queue as ``(peer, event)``."""

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
        self.events: _Events = queue.Queue()

    @contextlib.contextmanager
    def processes(self) -> Iterator[None]:
        """Context manager: terminates both processes at the end."""
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
            *(sys.executable, "-m", "p2pgame", command, "--json", "--interface", _LOOPBACK),
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
        """Two windows; they close by themselves when the match is over."""
        self.printer.line(gettext("Two windows open side by side: two peers that find each other and play."))
        from p2pgame.ui import display

        desk_width, desk_height = display.desktop_size()
        width, height = max(1, min(760, desk_width // 2 - 30)), max(1, min(620, desk_height - 120))
        for index, role in enumerate(("accepter", "inviter")):
            self.start(
                "play",
                *("--autoplay", role, "--autoplay-game", self.args.game),
                *("--size", f"{width}x{height}", "--position", f"{20 + index * (width + 20)}x60"),
            )
        return self.follow(boards=False, timeout=None)

    def terminal(self) -> int:
        """Two peers without windows; the board is drawn here, move by move."""
        think = 150 if self.args.think_ms is None else self.args.think_ms
        common = ("--game", self.args.game, "--think-ms", str(think))
        accepter = self.start("bot", "--accept", *common)
        while True:
            peer, event = self._next(_EVENT_TIMEOUT)
            if event is None:
                raise P2PGameError("demo_not_started", name=peer.name)
            self._show(peer, event)
            if event["event"] == "announcing" and peer is accepter:
                break
        self.start("bot", "--board", "--invite", event["peer"], *common)
        return self.follow(boards=True, timeout=_EVENT_TIMEOUT)

    def follow(self, *, boards: bool, timeout: float | None) -> int:
        """Print events until both have ended; compare the results of both sides."""
        hosts: dict[int, str] = {}
        ends: dict[int, dict[str, Any]] = {}
        running = set(range(2))
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
        if len(ends) < 2:  # a window was closed before the end
            self.printer.line(gettext("The demo was ended before the match was over."))
            return Exit.DONE
        return self._verdict(hosts, ends)

    def _verdict(self, hosts: dict[int, str], ends: dict[int, dict[str, Any]]) -> int:
        agree = ends[0]["hash"] == ends[1]["hash"] and hosts.get(0) == hosts.get(1)
        outcome = ends[0]["outcome"]
        for index, name in enumerate(_NAMES):
            self.printer.line(
                gettext("{name}: the elected host is {host}", name=name, host=hosts.get(index, "-"))
            )
        for index, name in enumerate(_NAMES):
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
            self.printer.line(gettext("Both peers agree."))
        else:
            self.printer.line(gettext("THE TWO PEERS DO NOT AGREE."))
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
            return gettext("found {name} by {ways}", name=event["name"], ways=joined(event["via"]))
        case "invite_accepted":
            return gettext("{game} with {name} is agreed", game=game_title(event["game"]), name=event["name"])
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


def _free_port() -> int:
    """A UDP port that nobody uses now, so that a demo meets no other."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind((_LOOPBACK, 0))
        port: int = probe.getsockname()[1]
    return min(port, 65000)
