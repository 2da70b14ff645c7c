"""Sizes, idling, frame rate, full screen and screenshots."""

import time
from pathlib import Path

import pygame
import pytest

from p2pgame.session import events as ev
from p2pgame.ui.inputs import MenuAction, Press
from tests.ui.desk import Desk
from tests.ui.fake_client import peer_id

SIZES = [(1280, 720), (800, 600), (640, 480), (480, 900), (1024, 400), (320, 240), (60, 40)]


def inside(desk: Desk) -> bool:
    """All widgets of the topmost scene lie in the canvas, and none covers another."""
    canvas = pygame.Rect((0, 0), desk.app.window.size)
    rects = [w.rect for w in desk.scene.form.widgets]
    apart = all(not a.colliderect(b) for i, a in enumerate(rects) for b in rects[:i])
    return apart and all(canvas.contains(r) and r.width > 0 for r in rects)


@pytest.mark.parametrize("size", SIZES)
def test_every_scene_fits_every_size(size: tuple[int, int]) -> None:
    desk = Desk(first_run=True)
    desk.resize(size)
    assert inside(desk)
    desk.key(pygame.K_RETURN)
    desk.client.announce()
    for i in range(12):
        desk.client.add_peer(i, f"Player {i}")
    desk.go()
    assert desk.shows == "LobbyScene"
    assert inside(desk)
    desk.client.peer_invites(peer_id(1))
    desk.go(0.7)
    assert inside(desk)
    desk.key(pygame.K_RETURN)
    assert desk.shows == "MatchScene"
    assert inside(desk)
    desk.resize((1000, 700))
    desk.resize(size)
    assert inside(desk)
    desk.key(pygame.K_ESCAPE)
    assert inside(desk)
    desk.key(pygame.K_ESCAPE)
    desk.win()
    assert desk.shows == "Result"
    assert inside(desk)
    desk.client.tell(ev.MatchDesync(match="x", frame=1, ours="a" * 32, theirs="b" * 32, path=None))
    desk.go()
    assert desk.shows == "ErrorScene"
    assert inside(desk)


def test_clicks_reach_their_target_in_a_tiny_window() -> None:
    desk = Desk(size=(1000, 700))
    desk.resize((320, 240))
    across, down = desk.app.window.factors
    assert across == down == 2
    x, y = desk.button("Rename").rect.center
    desk.click((round(x / across), round(y / down)))
    assert desk.shows == "NameScene"


@pytest.mark.parametrize("size", [(1, 1), (1, 700), (2, 3), (5, 700), (10, 10), (700, 1), (3000, 9)])
def test_a_window_of_a_few_pixels_takes_no_more_memory_than_a_large_one(
    desk: Desk, size: tuple[int, int]
) -> None:
    desk.resize(size)
    width, height = desk.app.window.size
    assert 640 <= width <= 4096
    assert 480 <= height <= 4096
    desk.click((size[0] - 1, size[1] - 1))
    desk.resize((1000, 700))
    assert desk.app.window.size == (1000, 700)
    assert inside(desk)


def test_nothing_is_drawn_while_nothing_changes(desk: Desk) -> None:
    desk.client.add_peer(1, "Ben")
    desk.go(1)
    frames, turns = desk.app.frames, desk.now
    desk.go(10)
    assert desk.app.frames == frames
    assert desk.now - turns >= 10
    desk.hover((desk.app.window.size[0] - 3, 3))
    desk.go(0.2)
    assert desk.app.frames == frames, "a pointer that touches nothing changes nothing"


def test_sixty_frames_a_second_while_something_moves(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.go(1)
    monkeypatch.setattr(type(desk.scene), "animating", True)
    frames = desk.app.frames
    desk.go(2)
    assert 110 <= desk.app.frames - frames <= 124


def test_drawing_changes_nothing(desk: Desk) -> None:
    desk.start_match()
    desk.go(1)
    before = desk.picture()
    desk.scene.dirty = True
    desk.go(0.1)
    assert desk.picture() == before


def test_the_last_stone_comes_to_rest_in_the_result(desk: Desk) -> None:
    desk.start_match()
    desk.win()
    desk.go(4)  # who won stands across the board for three seconds
    before, frames = desk.picture(), desk.app.frames
    desk.go(1)
    assert desk.app.frames == frames
    desk.scene.dirty = True
    desk.go(0.1)
    assert desk.picture() == before


def test_f12_saves_the_picture_and_says_so(tmp_path: Path) -> None:
    desk = Desk()
    desk.app._screenshots = tmp_path
    desk.key(pygame.K_F12)
    (saved,) = tmp_path.glob("*.png")
    assert desk.toast == f"Saved {saved.name}"
    desk.app._screenshots = tmp_path / "missing"
    desk.key(pygame.K_F12)
    desk.go(2)
    assert desk.toast == "The screenshot could not be saved"


def test_f12_twice_makes_two_pictures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "strftime", lambda _: "p2pgame-20260101-120000")  # both within one second
    desk = Desk()
    desk.app._screenshots = tmp_path
    desk.key(pygame.K_F12)
    desk.key(pygame.K_F2)
    desk.key(pygame.K_F12)
    first, second = sorted(tmp_path.iterdir())
    assert [p.name for p in (first, second)] == [
        "p2pgame-20260101-120000-2.png",
        "p2pgame-20260101-120000.png",
    ]
    desk.go(2.5)
    assert desk.toast == "Saved p2pgame-20260101-120000-2.png"
    assert first.read_bytes() != second.read_bytes()
    assert pygame.image.load(first).get_size() == desk.app.window.size


def test_f11_goes_to_full_screen_and_back(desk: Desk) -> None:
    size = desk.app.window.size
    desk.key(pygame.K_F11)
    assert desk.app.window.size == pygame.display.get_desktop_sizes()[0]
    desk.key(pygame.K_F11)
    assert desk.app.window.size == size


class Told:
    """What SDL is told to do with the window."""

    size: tuple[int, int] = (0, 0)
    position: tuple[int, int] = (0, 0)

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.set_windowed = lambda: self.calls.append("windowed")
        self.maximize = lambda: self.calls.append("maximize")

    def set_fullscreen(self, desktop: bool) -> None:
        self.calls.append(f"full {desktop}")


def test_f11_keeps_the_place_and_that_the_window_is_maximised(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The system says what it does with the window, also of what full screen does to it."""
    told = Told()
    monkeypatch.setattr(desk.app.window, "_sdl", told)

    def system(kind: int, **fields: int) -> None:
        pygame.event.post(pygame.event.Event(kind, **fields))
        desk.go(0.05)

    system(pygame.WINDOWMOVED, x=150, y=90)
    system(pygame.WINDOWMAXIMIZED)
    system(pygame.WINDOWMOVED, x=0, y=19)
    for _ in range(2):
        desk.key(pygame.K_F11)
        system(pygame.WINDOWMOVED, x=0, y=0)
        system(pygame.WINDOWRESTORED)
        desk.key(pygame.K_F11)
        system(pygame.WINDOWMOVED, x=0, y=19)
        assert told.position == (150, 90), "for when it is not maximised any more"
    assert told.calls == 2 * ["full True", "windowed", "maximize"]
    system(pygame.WINDOWRESTORED)
    desk.key(pygame.K_F11)
    desk.key(pygame.K_F11)
    assert told.calls[6:] == ["full True", "windowed"]


def test_a_gamepad_walks_like_the_arrows(desk: Desk) -> None:
    desk.client.add_peer(1, "Ben")
    desk.client.add_peer(2, "Clara")
    desk.go()
    pygame.event.post(pygame.event.Event(pygame.JOYHATMOTION, value=(0, -1), hat=0, instance_id=0))
    desk.go()
    pygame.event.post(pygame.event.Event(pygame.JOYBUTTONDOWN, button=0, instance_id=0))
    desk.go()
    assert desk.client.calls[0][:2] == ("invite", peer_id(2))
    pygame.event.post(pygame.event.Event(pygame.JOYBUTTONDOWN, button=1, instance_id=0))
    desk.go()
    assert desk.client.calls[-1] == ("cancel_invite",)


def test_a_stick_steps_once_for_each_push(desk: Desk) -> None:
    devices = desk.app._devices
    got = []
    for value in (0.0, 0.2, 0.7, 0.9, 1.0, 0.5, 0.3, 0.8):
        event = pygame.event.Event(pygame.JOYAXISMOTION, axis=1, value=value, instance_id=0)
        got.append(devices.translate(event, typing=False))
    assert [g for g in got if g is not None] == [Press(MenuAction.DOWN), Press(MenuAction.DOWN)]
