"""A lobby that draws as often as it may, in this process: prints frames a second and the longest step in ms.

    python tests/bench/lobby_fps.py DATA_DIR SECONDS

Started by `bench_attacks.py` in a host under attack, with a display. Every frame is asked for, as if something moved.
"""

import sys
import time
from pathlib import Path

import pygame
import pygame.freetype

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from p2pgame.core.registry import installed  # noqa: E402
from p2pgame.net.node import NodeConfig  # noqa: E402
from p2pgame.net.thread import NodeThread  # noqa: E402
from p2pgame.ui import display  # noqa: E402
from p2pgame.ui.app import App  # noqa: E402
from p2pgame.ui.window import WindowOptions  # noqa: E402


def main(data_dir: str, seconds: float) -> None:
    problem = display.available()
    if problem:
        raise SystemExit(problem)
    sys.setswitchinterval(0.0005)
    client = NodeThread(NodeConfig(data_dir=Path(data_dir), name="Lobby"), installed())
    pygame.display.init()
    pygame.freetype.init()
    pygame.joystick.init()
    app = App(client, window=WindowOptions())
    try:
        print("ready", flush=True)
        began = last = time.monotonic()
        longest, first = 0.0, app.frames
        while last < began + seconds:
            app._dirty = True
            app.step()
            now = time.monotonic()
            longest, last = max(longest, now - last), now
        print(
            f"{(app.frames - first) / (last - began):.1f} {longest * 1000:.1f} {len(client.peers())}",
            flush=True,
        )
    finally:
        pygame.quit()
        client.close()


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]))
