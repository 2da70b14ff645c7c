"""Where no window can be had there is one line, and nothing else; importing the app opens nothing."""

import os
import subprocess
import sys
from importlib.metadata import PackageNotFoundError

import pytest

from p2pgame.ui import display

HEADLESS = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY", "SDL_VIDEODRIVER")}


def ask(environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    code = "from p2pgame.ui import display; print(display.available())"
    return subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=60, check=True
    )


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems always have a display")
@pytest.mark.parametrize("extra", [{}, {"DISPLAY": ":4711"}, {"SDL_VIDEODRIVER": "nonsense"}])
def test_one_line_that_names_what_works(extra: dict[str, str]) -> None:
    told = ask(HEADLESS | extra)
    assert told.stdout == display.no_display() + "\n"
    assert all(f"`p2pgame {command}`" in told.stdout for command in ("bot", "demo", "peers"))
    assert told.stderr == ""


def test_a_dummy_display_will_do() -> None:
    assert ask(HEADLESS | {"SDL_VIDEODRIVER": "dummy"}).stdout == "None\n"


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
        assert "pip uninstall -y pygame pygame-ce" in line
        assert "\n" not in line
        assert display.available() == line


def test_importing_the_app_opens_and_initialises_nothing() -> None:
    code = (
        "import p2pgame.ui.app, p2pgame.games.gomoku.view, pygame; "
        "print(pygame.display.get_init(), pygame.freetype.get_init(), pygame.get_init())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=HEADLESS, capture_output=True, text=True, timeout=60, check=True
    )
    assert (done.stdout, done.stderr) == ("False False False\n", "")
