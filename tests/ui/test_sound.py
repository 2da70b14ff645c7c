"""The sound switch: F6 anywhere, a button in the lobby, saved in the settings."""

from collections.abc import Iterator
from pathlib import Path

import pygame
import pytest

from p2pgame.cli.play import window_sounds
from p2pgame.core.errors import P2PGameError
from p2pgame.storage.settings import Settings, load_settings, save_settings
from p2pgame.ui.scenes.lobby import LobbyScene
from p2pgame.ui.sound import Sounds
from tests.ui.desk import Desk


@pytest.fixture
def device(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A sound device that plays into nothing."""
    monkeypatch.setenv("SDL_AUDIODRIVER", "dummy")
    yield
    pygame.mixer.quit()


def test_the_setting_decides_whether_sounds_play(device: None, tmp_path: Path) -> None:
    for on in (False, True):
        save_settings(tmp_path, Settings(name="Anna", sound=on))
        sounds = window_sounds(tmp_path)
        sounds.start()
        sounds.play("win")
        assert pygame.mixer.get_busy() is on
        sounds.stop()


def test_switching_off_ends_a_sound_and_is_saved(device: None, tmp_path: Path) -> None:
    save_settings(tmp_path, Settings(name="Anna"))
    sounds = window_sounds(tmp_path)
    sounds.start()
    sounds.play("win")
    sounds.toggle()
    assert not pygame.mixer.get_busy()
    assert load_settings(tmp_path) == Settings(name="Anna", sound=False)
    sounds.toggle()
    assert load_settings(tmp_path) == Settings(name="Anna")
    sounds.stop()


def test_f6_switches_in_the_lobby_and_in_a_match() -> None:
    saved: list[bool] = []
    desk = Desk(sounds=Sounds(save=saved.append))
    lobby = desk.top(LobbyScene)
    desk.key(pygame.K_F6)
    assert saved == [False]
    assert desk.toast == "Sound off"
    assert lobby.sound_button.icon == "sound off"
    desk.start_match()
    desk.key(pygame.K_F6)
    assert saved == [False, True]
    assert desk.toast == "Sound on"


def test_the_button_in_the_lobby_switches() -> None:
    saved: list[bool] = []
    desk = Desk(sounds=Sounds(on=False, save=saved.append))
    before = desk.picture()
    desk.click(desk.top(LobbyScene).sound_button.rect.center)
    assert saved == [True]
    desk.hover((5, 5))
    desk.go(6)
    assert desk.picture() != before, "the icon says which"


def test_a_full_disk_is_said_and_it_is_switched_all_the_same() -> None:
    def full(_: bool) -> None:
        raise P2PGameError("settings cannot be saved")

    desk = Desk(sounds=Sounds(save=full))
    desk.key(pygame.K_F6)
    assert not desk.app.canvas.sounds.on
    assert desk.toast == "Settings cannot be saved"
