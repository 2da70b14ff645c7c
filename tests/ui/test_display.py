"""Where no window can be had there is one line, and nothing else; importing the app opens nothing."""

import os
import shlex
import socket
import subprocess
import sys
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest

from p2pgame.ui import display

_NAMES = ("DISPLAY", "WAYLAND_DISPLAY", "XDG_RUNTIME_DIR", "SDL_VIDEODRIVER")
HEADLESS = {k: v for k, v in os.environ.items() if k not in _NAMES}


def ask(environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    code = "from p2pgame.ui import display; print(display.available())"
    return subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=60, check=True
    )


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems always have a display")
@pytest.mark.parametrize(
    "extra",
    [
        {},
        {"DISPLAY": ":4711"},
        {"SDL_VIDEODRIVER": "nonsense"},
        {"SDL_VIDEODRIVER": ""},
        {"WAYLAND_DISPLAY": "wayland-7"},
        {"WAYLAND_DISPLAY": "wayland-7", "XDG_RUNTIME_DIR": "/tmp"},
        {"WAYLAND_DISPLAY": "/dev/null", "DISPLAY": ":4711"},
    ],
)
def test_one_line_that_names_what_works(extra: dict[str, str]) -> None:
    told = ask(HEADLESS | extra)
    assert told.stdout == display.no_display() + "\n"
    assert all(f"`p2pgame {command}`" in told.stdout for command in ("bot", "demo", "peers"))
    assert told.stderr == ""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems have no such socket")
def test_a_socket_on_which_nobody_listens_is_no_screen(tmp_path: Path) -> None:
    """SDL then takes a driver without a screen by itself, and the peer would be there and invisible."""
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(tmp_path / "wayland-0"))
    told = ask(HEADLESS | {"WAYLAND_DISPLAY": "wayland-0", "XDG_RUNTIME_DIR": str(tmp_path)})
    assert (told.stdout, told.stderr) == (display.no_display() + "\n", "")


@pytest.mark.parametrize("driver", ["dummy", "offscreen"])
def test_a_display_without_a_screen_will_do_where_it_is_asked_for(driver: str) -> None:
    assert ask(HEADLESS | {"SDL_VIDEODRIVER": driver}).stdout == "None\n"


@pytest.mark.parametrize(("both", "told"), [(True, True), (False, False)])
def test_both_forks_of_pygame(monkeypatch: pytest.MonkeyPatch, *, both: bool, told: bool) -> None:
    def version(name: str) -> str:
        if name == "pygame-ce" and not both:
            raise PackageNotFoundError(name)
        return "2.6.1"

    monkeypatch.setattr(display, "version", version)
    line = display.conflict()
    assert (line is not None) == told
    if line is not None:
        assert line.count(f"{shlex.quote(sys.executable)} -m pip") == 2
        assert "pip uninstall -y pygame pygame-ce" in line
        assert "\n" not in line
        assert display.available() == line


@pytest.mark.parametrize("left", ["pygame", "pygame-ce"])
def test_what_one_fork_leaves_of_the_other_is_named_with_the_fix(tmp_path: Path, left: str) -> None:
    """An empty folder that can be imported, under the metadata of the fork that was kept."""
    (tmp_path / "pygame").mkdir()
    metadata = tmp_path / f"{left.replace('-', '_')}-2.5.8.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {left}\nVersion: 2.5.8\n")
    code = (
        "import sys; from p2pgame.ui import display; import p2pgame.i18n.catalogue; "
        f"sys.path = [{str(tmp_path)!r}] + [p for p in sys.path if 'site-packages' not in p]; "
        "print(display.available())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=HEADLESS | {"SDL_VIDEODRIVER": "dummy"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    fix = f"{shlex.quote(sys.executable)} -m pip install --force-reinstall {left}`"
    assert done.stdout.endswith(fix + "\n")
    assert (done.stdout.count("\n"), done.stderr) == (1, "")


def test_importing_the_app_opens_and_initialises_nothing() -> None:
    code = (
        "import p2pgame.ui.app, p2pgame.games.gomoku.view, pygame; "
        "print(pygame.display.get_init(), pygame.freetype.get_init(), pygame.get_init())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=HEADLESS, capture_output=True, text=True, timeout=60, check=True
    )
    assert (done.stdout, done.stderr) == ("False False False\n", "")
