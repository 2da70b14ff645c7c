"""What only a real X server shows: its keyboard layouts, the clipboard of another program, sizes nobody would choose.

The app runs in a process of its own, with a client that is a fake.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.lab.display import Display, open_display, require_display

pytestmark = pytest.mark.window

APP = """
import json, pathlib, re, sys, pygame, pygame.freetype
pygame.display.init()
pygame.freetype.init()
from tests.ui.desk import Desk

desk = Desk()
desk.client.announce()
desk.go()
{setup}
print("ready", flush=True)
for line in sys.stdin:
    desk.go(0.2)
    peak = re.search(r"VmHWM:\\s+(\\d+)", pathlib.Path("/proc/self/status").read_text())
    memory = int(peak.group(1)) / 1024
    print(json.dumps({shown}), flush=True)
"""


@pytest.fixture(scope="module")
def display() -> Iterator[Display]:
    require_display()
    with open_display() as opened:
        yield opened


class Window:
    """The app on a display. `ask` lets it run for a moment and returns what it shows."""

    def __init__(self, process: "subprocess.Popen[str]", display: Display) -> None:
        self.process = process
        self.id = display.wait_window()

    def ask(self) -> object:
        time.sleep(0.1)  # for the X server
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())


@contextmanager
def app(display: Display, setup: str, shown: str) -> Iterator[Window]:
    """`setup` is run in the lobby; `shown` is an expression."""
    process = subprocess.Popen(
        [sys.executable, "-c", APP.format(setup=setup, shown=shown)],
        env=os.environ | display.env,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield Window(process, display)
    finally:
        process.kill()
        process.communicate()


def run(display: Display, *command: str) -> None:
    subprocess.run(command, env=os.environ | display.env, check=True, timeout=20)


def test_the_keys_beside_each_other_move_on_every_keyboard_and_are_named(display: Display) -> None:
    require_display("setxkbmap")
    shown = "[sorted(c.name for c in desk.app._devices.held), desk.scene._hint.partition('(or ')[2][:10]]"
    run(display, "setxkbmap", "us")
    try:
        with app(display, "desk.start_match(game='tron')", shown) as window:
            assert window.ask() == [[], "W, A, S, D"]
            for layout, keys, letters in (
                (["fr"], ["z", "q", "s", "d"], "Z, Q, S, D"),
                (["us", "-variant", "dvorak"], ["comma", "a", "o", "e"], ",, A, O, E"),
                (["ru"], ["Cyrillic_tse", "Cyrillic_ef", "Cyrillic_yeru", "Cyrillic_ve"], "Ц, Ф, Ы, В"),
            ):
                run(display, "setxkbmap", *layout)
                for key, control in zip(keys, ("UP", "LEFT", "DOWN", "RIGHT"), strict=True):
                    run(display, "xdotool", "keydown", key)
                    assert window.ask() == [[control], letters]
                    run(display, "xdotool", "keyup", key)
    finally:
        run(display, "setxkbmap", "us")


def test_keys_that_nobody_has_join_and_move_the_second_player_on_every_keyboard(display: Display) -> None:
    require_display("setxkbmap")
    setup = """
from tests.ui.fake_client import member, person, room_of
desk.client.room_view = room_of([member('Anna')], [person('Anna'), person('Anna (2)')])
desk.go(0.2)
"""
    shown = "[desk.client.calls, [d.name for d in desk.app.context.players.others]]"
    run(display, "setxkbmap", "fr")
    try:
        with app(display, setup, shown) as window:
            assert window.ask() == [[], []]
            run(display, "xdotool", "key", "z")
            assert window.ask() == [[["set_local_players", 2]], ["WASD"]]
            run(display, "xdotool", "key", "Return")
            assert window.ask() == [[["set_local_players", 2], ["set_ready", True]], ["WASD"]]
    finally:
        run(display, "setxkbmap", "us")


@pytest.mark.parametrize(
    ("held", "pasted"), [("grüße 张伟\nzwei".encode(), "grüße 张伟"), (b"gr\xfc\xdfe", "gr\ufffd\ufffde")]
)
def test_the_clipboard_of_another_program_is_pasted(display: Display, held: bytes, pasted: str) -> None:
    require_display("xclip")
    owner = subprocess.Popen(
        ["xclip", "-quiet", "-selection", "clipboard", "-i"],
        env=os.environ | display.env,
        stdin=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    try:
        assert owner.stdin is not None
        owner.stdin.write(held)
        owner.stdin.close()
        setup = "desk.tab_to(desk.scene.direct.address)"
        with app(display, setup, "desk.scene.direct.address.text") as window:
            display.press("ctrl+v")
            assert window.ask() == pasted
    finally:
        owner.terminate()
        owner.wait()


def test_a_window_of_a_few_pixels_is_drawn_in_bounded_memory(display: Display) -> None:
    with app(display, "", "[pygame.display.get_surface().get_size(), memory]") as window:
        for size in ([1, 1], [3, 700], [700, 2], [1000, 700]):
            run(display, "xdotool", "windowsize", "--sync", window.id, *map(str, size))
            shown, memory = window.ask()  # type: ignore[misc]
            assert shown == size
            assert memory < 150
