"""A finger: what it hits is large enough, a drag scrolls and presses nothing, and hints speak of touching."""

from typing import Any

import pygame
import pytest

from p2pgame.ui.scenes.match import MatchScene
from p2pgame.ui.scenes.settings import SettingsScene
from p2pgame.ui.widgets import Button, Switch
from tests.ui.desk import Desk


def finger(desk: Desk, kind: int, at: tuple[int, int]) -> None:
    fields: dict[str, Any] = {"pos": at, "touch": True}
    fields |= {"rel": (0, 0), "buttons": (1, 0, 0)} if kind == pygame.MOUSEMOTION else {"button": 1}
    pygame.event.post(pygame.event.Event(kind, **fields))
    desk.go(0.05)


def tap(desk: Desk, at: tuple[int, int]) -> None:
    finger(desk, pygame.MOUSEBUTTONDOWN, at)
    finger(desk, pygame.MOUSEBUTTONUP, at)


def test_once_touched_buttons_are_as_large_as_a_finger_and_smaller_again_for_the_mouse(desk: Desk) -> None:
    desk.resize((1280, 720))
    buttons = [w for w in desk.scene.form.widgets if isinstance(w, Button) and w.rect.width]
    assert min(b.rect.height for b in buttons) < 44
    tap(desk, (5, 5))
    lowest = min((b for b in buttons if type(b) is Button), key=lambda b: b.rect.height)
    assert lowest.rect.height >= 40
    assert desk.button("Rename").rect.height >= 44
    desk.click((5, 5))
    assert desk.button("Rename").rect.height < 44


@pytest.mark.parametrize("beside", [(0, -4), (0, 4)])
def test_a_finger_beside_a_low_button_hits_it(desk: Desk, beside: tuple[int, int]) -> None:
    desk.resize((640, 480))
    tap(desk, (2, 2))
    rect = desk.button("Rename").rect
    at = (rect.centerx, rect.top - 4 if beside[1] < 0 else rect.bottom + 3)
    assert not rect.collidepoint(at)
    desk.click(at)
    assert desk.shows == "LobbyScene", "the pointer of a mouse does not"
    tap(desk, at)
    assert desk.shows == "NameScene"


def test_a_finger_that_scrolls_switches_nothing(desk: Desk) -> None:
    desk.resize((640, 480))
    desk.press("Settings")
    desk.key(pygame.K_DOWN)
    scene = desk.top(SettingsScene)
    switch = next(w for w in scene.form.widgets if isinstance(w, Switch))
    on, (x, y) = switch.on, switch.rect.center
    finger(desk, pygame.MOUSEBUTTONDOWN, (x, y))
    for step in range(1, 4):
        finger(desk, pygame.MOUSEMOTION, (x, y - 30 * step))
        fields = {"x": x / 640, "y": (y - 30 * step) / 480, "dx": 0.0, "dy": -30 / 480}
        pygame.event.post(pygame.event.Event(pygame.FINGERMOTION, touch_id=1, finger_id=1, **fields))
        desk.go(0.05)
    finger(desk, pygame.MOUSEBUTTONUP, (x, y - 90))
    assert switch.rect.centery < y, "the rows follow the finger"
    assert switch.on is on
    tap(desk, switch.rect.center)
    assert switch.on is not on


def test_hints_speak_of_touching(desk: Desk) -> None:
    desk.start_match(game="pong")
    assert "Hold" in desk.top(MatchScene)._hint
    tap(desk, desk.top(MatchScene).board.rect.center)
    assert desk.top(MatchScene)._hint.startswith("Touch the field")
    desk.key(pygame.K_UP)
    assert "Hold" in desk.top(MatchScene)._hint
