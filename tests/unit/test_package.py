"""The package as it is installed: version, entry points, assets, and what it promises in its metadata."""

import subprocess
import sys
import tomllib
from importlib.metadata import entry_points, metadata, requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement

import p2pgame
from p2pgame.cli.main import COMMANDS
from p2pgame.core.registry import installed

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def run(*args: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([sys.executable, *args], capture_output=True, text=True, timeout=30, check=False)


def test_one_version() -> None:
    assert p2pgame.__version__ == PROJECT["project"]["version"] == metadata("p2pgame")["Version"]
    assert run("-m", "p2pgame", "--version").stdout == f"p2pgame {p2pgame.__version__}\n"


def test_the_command_is_installed() -> None:
    (script,) = entry_points(group="console_scripts", name="p2pgame")
    assert callable(script.load())


def test_built_in_games_register_as_a_strangers_would() -> None:
    names = {point.name for point in entry_points(group="p2pgame.games")}
    assert names == set(PROJECT["project"]["entry-points"]["p2pgame.games"])
    assert {plugin.game.name for plugin in installed()} >= names


@pytest.mark.parametrize(
    ("python", "wanted"),
    [("3.11", "pygame"), ("3.13", "pygame"), ("3.14", "pygame-ce"), ("3.15", "pygame-ce")],
)
def test_one_pygame_for_every_python(python: str, wanted: str) -> None:
    needs = [Requirement(text) for text in requires("p2pgame") or ()]
    chosen = [
        need.name
        for need in needs
        if need.name.startswith("pygame")
        and (need.marker is None or need.marker.evaluate({"python_version": python, "extra": ""}))
    ]
    assert chosen == [wanted]


def test_every_command_says_what_it_does() -> None:
    for command in COMMANDS:
        done = run("-m", "p2pgame", command, "--help")
        assert done.returncode == 0, done.stderr
        assert COMMANDS[command].lower() in " ".join(done.stdout.split()).lower()


def test_the_command_line_starts_without_pygame_and_zeroconf() -> None:
    program = (
        "import sys; from p2pgame.cli.main import build_parser; build_parser(); import p2pgame.cli.bot;"
        "sys.exit(str([name for name in ('pygame', 'zeroconf', 'numpy') if name in sys.modules]))"
    )
    assert run("-c", program).stderr.strip() == "[]"


def test_a_command_imports_no_node_that_it_does_not_start() -> None:
    program = (
        "import sys; from p2pgame.cli.main import main; main(['games', '--json']);"
        "sys.exit(str([name for name in ('p2pgame.net.node', 'p2pgame.testing') if name in sys.modules]))"
    )
    assert run("-c", program).stderr.strip() == "[]"


def test_importing_everything_opens_no_window_and_no_socket() -> None:
    program = (
        "import pkgutil, importlib, socket, p2pgame\n"
        "def refuse(*a, **k): raise AssertionError('a socket on import')\n"
        "real, socket.socket.bind = socket.socket.bind, refuse\n"
        "for m in pkgutil.walk_packages(p2pgame.__path__, 'p2pgame.'):\n"
        "    if not m.name.endswith('__main__'): importlib.import_module(m.name)\n"
        "import pygame; assert not pygame.display.get_init()\n"
    )
    done = run("-c", program)
    assert done.returncode == 0, done.stderr


def test_the_wheel_takes_everything_it_needs() -> None:
    wheel = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]
    for folder in wheel["only-include"]:
        assert (ROOT / folder).is_dir()
    assert (ROOT / "p2pgame" / "py.typed").exists()
    assert (ROOT / "LICENSE").read_text().startswith("MIT License")
