"""Sound: F6 anywhere, a button in the lobby, volumes and a side to come from; without a device, silence."""

from collections.abc import Iterator
from pathlib import Path

import pygame
import pytest

from p2pgame.cli.play import window_preferences
from p2pgame.core.errors import P2PGameError
from p2pgame.storage.settings import Settings, load_settings, save_settings
from p2pgame.ui import assets
from p2pgame.ui.preferences import Preferences
from p2pgame.ui.scenes.lobby import LobbyScene
from p2pgame.ui.sound import NAMES, TRACKS, Sounds
from tests.ui.desk import LEARNED, Desk


@pytest.fixture
def device(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A sound device that plays into nothing."""
    monkeypatch.setenv("SDL_AUDIODRIVER", "dummy")
    yield
    pygame.mixer.quit()


@pytest.mark.parametrize("on", [False, True])
def test_the_setting_decides_whether_sounds_play(device: None, on: bool) -> None:
    desk = Desk(preferences=Preferences(Settings(name="Anna", sound=on)))
    sounds = desk.app.canvas.sounds
    sounds.start()
    sounds.play("win")
    assert pygame.mixer.get_busy() is on
    sounds.stop()


def test_switching_off_ends_a_sound_and_is_saved(device: None, tmp_path: Path) -> None:
    save_settings(tmp_path, Settings(name="Anna"))
    desk = Desk(preferences=window_preferences(tmp_path))
    sounds = desk.app.canvas.sounds
    sounds.start()
    sounds.play("win")
    desk.key(pygame.K_F6)
    assert not pygame.mixer.get_busy()
    assert load_settings(tmp_path) == Settings(name="Anna", sound=False)
    desk.key(pygame.K_F6)
    assert load_settings(tmp_path) == Settings(name="Anna")
    sounds.stop()


def test_the_window_does_not_overwrite_the_name_that_the_network_saved(tmp_path: Path) -> None:
    save_settings(tmp_path, Settings(name="Anna"))
    preferences = window_preferences(tmp_path)
    save_settings(tmp_path, Settings(name="Zoë"))
    preferences.change(theme="light")
    assert load_settings(tmp_path) == Settings(name="Zoë", theme="light")


def test_f6_switches_in_the_lobby_and_in_a_match() -> None:
    saved: list[Settings] = []
    desk = Desk(preferences=Preferences(Settings(learned=LEARNED), saved.append))
    lobby = desk.top(LobbyScene)
    desk.key(pygame.K_F6)
    assert [settings.sound for settings in saved] == [False]
    assert desk.toast == "Sound off"
    assert lobby.sound_button.icon == "sound off"
    desk.start_match()
    desk.key(pygame.K_F6)
    assert saved[-1].sound
    assert desk.toast == "Sound on"


def test_the_button_in_the_lobby_switches() -> None:
    desk = Desk(preferences=Preferences(Settings(sound=False)))
    before = desk.picture()
    desk.click(desk.top(LobbyScene).sound_button.rect.center)
    assert desk.app.preferences.now.sound
    desk.hover((5, 5))
    desk.go(6)
    assert desk.picture() != before, "the icon says which"


def test_a_full_disk_is_said_and_it_is_switched_all_the_same() -> None:
    def full(_: Settings) -> None:
        raise P2PGameError("settings cannot be saved")

    desk = Desk(preferences=Preferences(save=full))
    desk.key(pygame.K_F6)
    assert not desk.app.canvas.sounds.on
    assert desk.toast == "Settings cannot be saved"


def test_every_sound_and_every_music_is_there() -> None:
    assert [name for name in NAMES if not assets.sound_path(name).is_file()] == []
    assert [name for name in TRACKS if not assets.music_path(name).is_file()] == []


def test_a_sound_comes_from_where_it_happens(device: None) -> None:
    sounds = Sounds(volume=50)
    sounds.start()
    for pan, left, right in ((-1.0, 0.5, 0.0), (0.0, 0.5, 0.5), (0.5, 0.25, 0.5), (7.0, 0.0, 0.5)):
        assert sounds.loudness(pan) == pytest.approx((left, right))
        sounds.play("wall", pan)
    sounds.stop()


def test_music_follows_the_scene_the_volume_and_the_switch(device: None) -> None:
    sounds = Sounds(music=40)
    sounds.start()
    sounds.score("lobby")
    assert pygame.mixer.music.get_busy()
    sounds.set(on=False, volume=50, music=40)
    pygame.time.wait(0)
    assert sounds.playing == ""
    sounds.set(on=True, volume=50, music=40)
    assert sounds.playing == "lobby"
    sounds.score("")
    assert sounds.playing == ""
    sounds.stop()


def test_without_a_device_there_is_silence_and_no_word(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SDL_AUDIODRIVER", "no such driver")
    sounds = Sounds(music=40)
    sounds.start()
    sounds.score("lobby")
    sounds.play("win")
    sounds.set(on=False, volume=1, music=1)
    sounds.stop()
    assert capfd.readouterr() == ("", "")


def test_a_device_that_vanishes_is_silence_too(device: None) -> None:
    sounds = Sounds(music=40)
    sounds.start()
    pygame.mixer.quit()
    sounds.play("win")
    sounds.score("tron")
    sounds.set(on=True, volume=80, music=10)
    sounds.stop()
