"""From a key to changed pixels in Pong: ``python tests/bench/bench_feel.py [--rtt 0 20 60 100] [--seconds S]``.

Two windows, a process each, on the loopback of this machine; the network simulator of each delays what it sends by half
the round trip. One of them gets key events, at random moments, as SDL gives them. After each picture both note when it
was shown and where the paddles are, found by their colour in the pixels of the window. Times in milliseconds from the
event:

- own: to the first picture of the own window in which the own paddle is elsewhere;
- other: the same in the other window;
- reverse: the key is released and the opposite one pressed, to the first picture of a state in which the paddle brakes
  (by the state that is drawn: a paddle takes some frames to turn round, so no pixel tells the moment).

Needs a display; under Xvfb nothing waits for a screen. What a screen and its compositor add is not in it.
"""

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

FLOOR = {"own": (17, 25), "other": (20, 30), "reverse": (19, 27)}
"""Wanted: median and 95th percentile; to the other screen half the round trip comes on top."""
_SIZE = (1280, 720)
_PERIOD = 0.5


def child(role: str, rtt: float, seconds: float, folder: Path) -> None:
    """One window; prints what it saw as JSON when it ends."""
    import pygame

    from p2pgame.core.registry import installed
    from p2pgame.games.pong.rules import FACE, WIDTH, Config
    from p2pgame.net.impair import Impairment
    from p2pgame.net.node import NodeConfig
    from p2pgame.net.thread import NodeThread
    from p2pgame.session import commands
    from p2pgame.session import events as ev
    from p2pgame.storage.settings import Settings
    from p2pgame.ui.app import App, WindowOptions
    from p2pgame.ui.preferences import Preferences
    from p2pgame.ui.scenes.match import MatchScene

    sys.setswitchinterval(0.0005)
    worse = Impairment(rtt / 2, 0, 0)
    config = NodeConfig(
        data_dir=folder / role, name=role, interfaces=("lo",), discovery_port=47420, impairment=worse
    )
    client = NodeThread(config, installed())
    pygame.display.init()
    pygame.freetype.init()
    started: list[float] = []
    spent: list[float] = []

    def also(event: ev.Event) -> None:
        match event:
            case ev.PeerFound(peer=peer) if role == "inviter":
                client.send(commands.Invite(peer=peer, game="pong", config=Config(points=11)))
            case ev.InviteReceived(invite=invite):
                client.send(commands.Accept(invite))
            case ev.MatchStarted():
                started.append(time.monotonic())
                spent.append(time.process_time())

    preferences = Preferences(Settings(name=role, sound=False, learned=("pong",)))
    app = App(client, window=WindowOptions(size=_SIZE), preferences=preferences, also=also)
    shown: list[tuple[float, int, int, int, int]] = []
    keys: list[tuple[float, str]] = []
    present = app.window.present

    def noted(changed: Any = None) -> None:
        present(changed)
        now, scene = time.monotonic(), app.router.top
        if isinstance(scene, MatchScene):
            board, surface = scene.match_board.board, pygame.display.get_surface()
            tops = [_top(surface, board, board.left + round(x / WIDTH * board.width)) for x in (
                FACE - WIDTH // 200, WIDTH - FACE + WIDTH // 200)]  # fmt: skip
            speeds = [paddle.speed for paddle in scene.match.state.paddles]
            shown.append((now, tops[0], tops[1], speeds[0], speeds[1]))

    app.window.present = noted  # type: ignore[method-assign]
    chance = random.Random(7)
    script = _script(chance, seconds)
    me = -1
    until = time.monotonic() + seconds + 20
    while time.monotonic() < until and app.exit_code is None:
        if started and role == "inviter" and script and time.monotonic() - started[0] > 2.5 + script[0][0]:
            _, kind, key = script.pop(0)
            code = pygame.K_UP if key == "up" else pygame.K_DOWN
            place = pygame.KSCAN_UP if key == "up" else pygame.KSCAN_DOWN
            pygame.event.post(pygame.event.Event(kind, key=code, mod=0, scancode=place))
            if kind == pygame.KEYDOWN:
                keys.append((time.monotonic(), key))
        app.step()
        match = client.match()
        me = match.me if match is not None else me
        if started and (time.monotonic() - started[0] > seconds + 3 or (match and match.outcome)):
            break
    cpu = (time.process_time() - spent[0]) / (time.monotonic() - started[0]) if started else 0.0
    print(json.dumps({"me": me, "shown": shown, "keys": keys, "cpu": cpu}), flush=True)
    client.close()


def _script(chance: random.Random, seconds: float) -> list[tuple[float, int, str]]:
    """When which key goes down or up: a key, then at once the opposite one, then a rest."""
    import pygame

    script: list[tuple[float, int, str]] = []
    t, turn = 0.0, 0
    while t < seconds:
        first, second = ("up", "down") if turn % 2 else ("down", "up")
        script += [
            (t, pygame.KEYDOWN, first),
            (t + 0.13, pygame.KEYUP, first),
            (t + 0.13, pygame.KEYDOWN, second),
        ]
        script.append((t + 0.26, pygame.KEYUP, second))
        t += _PERIOD + chance.random() * 0.1
        turn += 1
    return script


def _top(surface: Any, board: Any, x: int) -> int:
    """The topmost row of the paddle in column `x`."""
    column = [surface.get_at((x, y)) for y in range(board.top, board.bottom, 1)]
    return next((i for i, c in enumerate(column) if max(c[:3]) > 200), -1)


def measure(rtt: float, seconds: float) -> dict[str, list[float]]:
    """Play once."""
    with tempfile.TemporaryDirectory() as folder:
        quiet = {**os.environ, "PYGAME_HIDE_SUPPORT_PROMPT": "1", "SDL_AUDIODRIVER": "dummy"}
        common = ["--rtt", str(rtt), "--seconds", str(seconds), "--folder", folder]
        children = [
            subprocess.Popen(
                [sys.executable, __file__, "--child", role, *common], stdout=subprocess.PIPE, env=quiet
            )
            for role in ("accepter", "inviter")
        ]
        there, here = (json.loads(child.communicate()[0].splitlines()[-1]) for child in children)
    side = here["me"] % 2
    found: dict[str, list[float]] = {"own": [], "other": [], "reverse": []}
    for number, (at, key) in enumerate(here["keys"]):
        way = -1 if key == "up" else 1
        kind = "reverse" if number % 2 else "own"
        column = side + (2 if kind == "reverse" else 0)
        if (late := _moved(here["shown"], at, column, way, pixels=kind == "own")) is not None:
            found[kind].append(1000 * late)
        if kind == "own" and (late := _moved(there["shown"], at, side, way)) is not None:
            found["other"].append(1000 * late)
    found["cpu"] = [100 * here["cpu"], 100 * there["cpu"]]
    return found


def _moved(
    shown: list[list[float]], at: float, column: int, way: int, *, pixels: bool = True
) -> float | None:
    """Seconds from `at` to the first picture in which that number goes `way`; None: it does not within a third of one.

    `pixels`: it is a row, and negative where the paddle is not seen.
    """
    before = None
    for moment, *tops in shown:
        if moment > at + 0.35:
            return None
        top = tops[column]
        if moment >= at and before is not None and (top >= 0 or not pixels) and (top - before) * way > 0:
            return moment - at
        if top >= 0 or not pixels:
            before = top
    return None


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rtt", type=float, nargs="+", default=[0, 20, 60, 100])
    parser.add_argument("--seconds", type=float, default=15)
    parser.add_argument("--child")
    parser.add_argument("--folder", type=Path)
    args = parser.parse_args()
    if args.child:
        child(args.child, args.rtt[0], args.seconds, args.folder)
        return
    print(f"{'RTT':>5}  {'what':8} {'n':>4} {'median':>7} {'p95':>6}  wanted")
    for rtt in args.rtt:
        measured = measure(rtt, args.seconds)
        shares = " and ".join(f"{share:.0f} %" for share in measured.pop("cpu"))
        for kind, values in measured.items():
            extra = rtt / 2 if kind == "other" else 0
            median, worst = (limit + extra for limit in FLOOR[kind])
            if len(values) < 2:
                print(f"{rtt:5g}  {kind:8} {len(values):4}")
                continue
            p95 = statistics.quantiles(values, n=20)[-1]
            print(
                f"{rtt:5g}  {kind:8} {len(values):4} {statistics.median(values):7.1f} {p95:6.1f}"
                f"  {median:g} / {worst:g}"
            )
        print(f"{rtt:5g}  processor time of the two windows, with reading their pixels: {shares} of a core")


if __name__ == "__main__":
    main()
