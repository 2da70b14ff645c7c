"""Runs commands as a person or a script does, on the loopback of this machine."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["Shell", "free_port"]


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return min(int(probe.getsockname()[1]), 65000)


class Shell:
    """Runs commands on loopback, on a discovery port and in data directories of its own."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.port = free_port()
        hidden = {"DISPLAY", "WAYLAND_DISPLAY", "SDL_VIDEODRIVER", "P2PGAME_DATA_DIR"}
        self.env = {key: value for key, value in os.environ.items() if key not in hidden}
        self.env |= {"HOME": str(home), "XDG_DATA_HOME": str(home), "PYTHONWARNINGS": "default"}

    def argv(self, *args: str, name: str = "me") -> list[str]:
        network = ["--interface", "127.0.0.1", "--discovery-port", str(self.port)]
        return [sys.executable, "-m", "p2pgame", *args, *network, "--data-dir", str(self.home / name)]

    def run(self, *args: str, plain: bool = False) -> "subprocess.CompletedProcess[str]":
        argv = [sys.executable, "-m", "p2pgame", *args] if plain else self.argv(*args)
        done = subprocess.run(argv, capture_output=True, text=True, timeout=30, env=self.env)
        assert "Traceback" not in done.stderr, done.stderr
        return done

    @contextmanager
    def start(self, *args: str, name: str = "other") -> Iterator["subprocess.Popen[str]"]:
        """A command in the background, once it announces itself."""
        process = subprocess.Popen(
            self.argv(*args, "--json", "--name", name, name=name),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=self.env,
        )
        try:
            assert process.stdout is not None
            assert json.loads(process.stdout.readline())["event"] == "announcing"
            yield process
        finally:
            if process.poll() is None:
                process.kill()
            process.communicate()
