"""Gamepads: which button does what, for whom each plays, and what of them is down."""

import pygame
import pytest

from p2pgame.storage.settings import Settings
from p2pgame.ui.gamepads import USUAL_BUTTONS, Gamepads, with_button
from p2pgame.ui.inputs import KeySet, LocalPlayers
from p2pgame.ui.preferences import Preferences
from p2pgame.ui.scenes.pad_test import PadTestScene
from p2pgame.ui.scenes.settings import SettingsScene
from p2pgame.ui.scenes.settings_rows import PadKeyButton
from p2pgame.ui.widgets import Button, Choice
from tests.ui.desk import LEARNED, Desk


def pad(desk: Desk, button: int, *, kind: int = pygame.JOYBUTTONDOWN, number: int = 7) -> None:
    pygame.event.post(pygame.event.Event(kind, instance_id=number, joy=0, button=button))
    desk.go(0.05)


@pytest.fixture
def page(desk: Desk) -> Desk:
    """The page of the gamepads, with one connected."""
    desk.app.context.gamepads.add(7, "Pad", "aa")
    desk.press("Settings")
    names = list(desk.top(SettingsScene).sections.names)
    desk.key(*[pygame.K_DOWN] * names.index("pads"))
    return desk


def of(desk: Desk, action: str) -> PadKeyButton:
    return next(w for w in desk.scene.form.widgets if isinstance(w, PadKeyButton) and w.action == action)


def test_a_button_is_chosen_by_pressing_it_and_the_one_that_had_it_gets_the_other(page: Desk) -> None:
    page.click(of(page, "confirm").rect.center)
    pad(page, 3)
    assert page.app.preferences.now.gamepads["aa"]["confirm"] == 3
    assert page.shows == "SettingsScene", "it did nothing else"
    page.click(of(page, "back").rect.center)
    pad(page, 3)
    assert (of(page, "confirm").label, of(page, "back").label) == ("Button 2", "Button 4")
    pad(page, 3)
    assert page.shows == "LobbyScene"


def test_the_choice_holds_for_pads_of_that_kind_and_outlives_the_window(desk: Desk) -> None:
    saved = {"aa": {"confirm": 9}}
    other = Desk(client=desk.client, preferences=Preferences(Settings(learned=LEARNED, gamepads=saved)))
    other.go()
    gamepads = other.app.context.gamepads
    gamepads.add(1, "Pad", "aa")
    gamepads.add(2, "Pad", "bb")
    assert [gamepads.action(1, n) for n in (9, 0)] == ["confirm", None]
    assert [gamepads.action(2, n) for n in (9, 0)] == [None, "confirm"]


def test_waiting_for_a_button_ends_by_escape_and_the_usual_ones_come_back(page: Desk) -> None:
    page.click(of(page, "confirm").rect.center)
    page.key(pygame.K_ESCAPE)
    assert of(page, "confirm").label == "Button 1"
    assert page.shows == "SettingsScene"
    page.click(of(page, "chat").rect.center)
    pad(page, 8)
    page.press("Restore")
    assert page.app.preferences.now.gamepads == {}
    assert of(page, "chat").label == "Button 3"


def test_a_pad_is_given_to_another_player(page: Desk) -> None:
    players = page.app.context.players
    players.fit(2)
    page.app.context.gamepads.add(8, "Pad", "aa")
    page.go(0.1)
    choice = [w for w in page.scene.form.widgets if isinstance(w, Choice)][1]
    choice.on_change(1)
    assert players.others == [8]
    page.go(0.1)


def test_who_had_a_pad_gets_what_the_other_one_had() -> None:
    players = LocalPlayers()
    players.fit(3)
    first, second = players.others
    players.give(7, 2)
    assert players.others == [7, second]
    players.give(7, 3)
    assert players.others == [second, 7]
    players.give(7, 1)
    assert players.others == [second, first]
    assert isinstance(first, KeySet)


def test_what_is_down_is_shown_and_the_pad_leaves_the_page(page: Desk) -> None:
    page.press("Try them")
    page.top(PadTestScene)
    before = page.picture()
    pad(page, 7)
    down = page.picture()
    assert down != before
    pad(page, 7, kind=pygame.JOYBUTTONUP)
    assert page.picture() == before
    pad(page, 1)
    page.top(SettingsScene)


def test_the_page_follows_what_is_connected(page: Desk) -> None:
    page.app.context.gamepads.remove(7)
    page.go(0.1)
    assert not [w for w in page.scene.form.widgets if isinstance(w, PadKeyButton)]
    page.app.context.gamepads.add(9, "Pad", "aa")
    page.go(0.1)
    assert next(w.label for w in page.scene.form.widgets if type(w) is Button) == "Try them"


def test_buttons_are_swapped_and_never_double() -> None:
    saved: dict[str, dict[str, int]] = {}
    for action, button in (("confirm", 1), ("next", 1), ("chat", 11), ("back", 11)):
        saved = with_button(saved, "aa", action, button)
        assert len(set(saved["aa"].values())) == len(USUAL_BUTTONS)
    gamepads = Gamepads()
    gamepads.bind(saved)
    gamepads.add(1, "", "aa")
    assert gamepads.action(1, 11) == "back"


def test_full_screen_takes_the_display_that_was_chosen(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pygame.display, "get_desktop_sizes", lambda: [(1920, 1080), (2560, 1440)])

    class Sdl:
        position: tuple[int, int] = (0, 0)
        size: tuple[int, int] = (0, 0)
        full: tuple[int, int] | None = None

        def set_fullscreen(self, desktop: bool) -> None:
            del desktop
            self.full = self.position

        def set_windowed(self) -> None:
            self.full = None

    desk.app.window._sdl = Sdl()  # type: ignore[assignment]
    desk.press("Settings")
    desk.key(pygame.K_DOWN)
    choice = next(w for w in desk.scene.form.widgets if isinstance(w, Choice) and w.label == "display")
    assert choice.options[1:] == ("1: 1920 × 1080", "2: 2560 × 1440")
    choice.on_change(2)
    desk.app.context.change(full_screen=True)
    assert desk.app.window._sdl.full == (0x2FFF0001, 0x2FFF0001)  # type: ignore[attr-defined]
    desk.app.context.change(display=1)
    assert desk.app.window._sdl.full == (0x2FFF0000, 0x2FFF0000)  # type: ignore[attr-defined]
