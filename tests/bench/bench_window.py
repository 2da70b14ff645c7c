"""What the window costs: ``python tests/bench/bench_window.py [WORD]``. WORD picks the figures with it in their name.

Without a network and without a screen: the app, its scenes and the real games in this process, on a clock of their own,
so that what is measured is the processor time of the thread that draws. What a program spends beside it is printed by
`bench_paced.py` (the network's thread), and what a screen adds depends on the screen.

    share of a core   processor time in a second of the app's own clock
    a frame           processor time from the beginning of a turn of the loop to its end, median and 95th percentile
    frames to change  pictures from a click to the first one that differs
"""

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))
os.environ.setdefault("SDL_VIDEODRIVER", "dummy")
os.environ.setdefault("SDL_AUDIODRIVER", "dummy")
os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")

import pygame  # noqa: E402
import pygame.freetype  # noqa: E402

from p2pgame.ui.scenes.lobby import LobbyScene  # noqa: E402
from p2pgame.ui.scenes.match import MatchScene  # noqa: E402
from tests.bench.table import Figure, p95, print_table  # noqa: E402
from tests.ui.desk import Desk  # noqa: E402

USUAL, LARGE = (1280, 720), (3840, 2160)
FRAME = 1000 / 60


def lobby_at(size: tuple[int, int], players: int = 0) -> Desk:
    desk = Desk()
    desk.resize(size)  # larger than the desktop of the driver without a screen
    assert desk.app.window.size == size
    desk.client.announce()
    for number in range(players):
        desk.client.add_peer(number, f"Player {number}")
    desk.go(9.5)  # past the advice of the first seconds
    return desk


def match_at(size: tuple[int, int], game: str) -> Desk:
    desk = lobby_at(size)
    desk.start_match(game=game)
    desk.go(3)
    return desk


def share(desk: Desk, seconds: float) -> float:
    """Percent of a core."""
    began = time.process_time()
    desk.go(seconds)
    return 100 * (time.process_time() - began) / seconds


def frames(desk: Desk, count: int, do: Callable[[int], None]) -> list[float]:
    """Milliseconds of `count` turns of the loop that draw; `do` happens before each."""
    found: list[float] = []
    for number in range(count):
        do(number)
        before, until, began = desk.app.frames, desk.now + 0.2, time.process_time()
        while desk.app.frames == before and desk.now < until:
            desk.app.step()
        found.append(1000 * (time.process_time() - began))
        if desk.app.frames == before:
            raise RuntimeError("nothing is drawn")
    return found


def at_rest() -> Iterator[Figure]:
    for players in (0, 20):
        yield Figure(
            f"lobby at rest, {players} players", 2, "%", [share(lobby_at(USUAL, players), 5.0)], "max"
        )


def in_games() -> Iterator[Figure]:
    for game in ("gomoku", "pong", "tron"):
        yield Figure(f"{game} at 1280x720, share of a core", 10, "%", [share(match_at(USUAL, game), 3.0)])


def scrolling() -> Iterator[Figure]:
    for players in (200, 1024):
        desk = lobby_at(USUAL, players)
        pygame.mouse.get_pos = lambda desk=desk: desk.top(LobbyScene).peers.rect.center

        def turn(number: int) -> None:
            down = -1 if number % 100 < 50 else 1
            wheel = pygame.event.Event(pygame.MOUSEWHEEL, x=0, y=down, precise_x=0.0, precise_y=float(down))
            pygame.event.post(wheel)

        samples = frames(desk, 120, turn)
        yield Figure(f"lobby of {players}, a frame while it scrolls", FRAME, "ms", samples, "p95")


def large() -> Iterator[Figure]:
    for game in ("gomoku", "pong", "tron"):
        desk = match_at(LARGE, game)
        scene = desk.top(MatchScene)

        def moving(_: int, scene: MatchScene = scene) -> None:
            if not scene.match.tick_rate:
                scene.dirty = True

        samples = frames(desk, 60, moving)
        yield Figure(f"{game} at 3840x2160, a frame", FRAME, "ms", samples, "p95")
    desk = lobby_at(LARGE, 200)
    lobby = desk.top(LobbyScene)

    def changed(_: int) -> None:
        lobby.dirty = True

    samples = frames(desk, 30, changed)
    yield Figure("lobby of 200 at 3840x2160, a frame", FRAME, "ms", samples, "p95")


def clicks() -> Iterator[Figure]:
    desk = lobby_at(USUAL, 20)
    lobby = desk.top(LobbyScene)
    counts = []
    for number in range(1, 11):
        desk.go(0.5)
        picture, shown, until = desk.picture(), desk.app.frames, desk.now + 0.5
        at = (lobby.peers.rect.left + 60, lobby.peers.rect.top + 30 + 66 * (number % 5))
        for kind in (pygame.MOUSEBUTTONDOWN, pygame.MOUSEBUTTONUP):
            pygame.event.post(pygame.event.Event(kind, pos=at, button=1))
        while desk.picture() == picture and desk.now < until:
            desk.app.step()
        assert desk.picture() != picture
        counts.append(float(desk.app.frames - shown))
    yield Figure("frames from a click on a row to a changed picture", 2, "", counts, "max")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("word", nargs="?", default="")
    args = parser.parse_args()
    rows: list[Figure] = []
    for measure in (at_rest, in_games, scrolling, large, clicks):
        if args.word in measure.__name__:
            pygame.display.init()
            pygame.freetype.init()
            rows += measure()
            pygame.quit()
    print_table(rows)
    for row in rows:
        if row.unit == "ms":
            print(f"{row.name}: median {statistics.median(row.samples):.1f}, p95 {p95(row.samples):.1f}")


if __name__ == "__main__":
    main()
