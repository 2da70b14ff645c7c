"""The settings: every change holds at once and is saved, by mouse, keyboard and gamepad."""

import zipfile
from pathlib import Path

import pygame
import pytest

from p2pgame.core.errors import P2PGameError
from p2pgame.i18n.catalogue import language, set_language
from p2pgame.storage.export import export_data
from p2pgame.storage.settings import Settings
from p2pgame.ui.preferences import Preferences
from p2pgame.ui.scenes.lobby import LobbyScene
from p2pgame.ui.scenes.match import MatchScene
from p2pgame.ui.scenes.settings import KeyTestScene, SettingsScene
from p2pgame.ui.scenes.settings_rows import KeyButton, SavedField
from p2pgame.ui.slider import Slider
from p2pgame.ui.theme import theme_of
from p2pgame.ui.widgets import Button, Choice, Switch, Widget
from tests.ui.desk import LEARNED, Desk
from tests.ui.test_history import entry


@pytest.fixture
def saved() -> list[Settings]:
    return []


@pytest.fixture
def desk(saved: list[Settings]) -> Desk:
    made = Desk(preferences=Preferences(Settings(learned=LEARNED), saved.append))
    made.client.announce()
    made.go()
    made.click(made.top(LobbyScene).settings_button.rect.center)
    return made


def section(desk: Desk, name: str) -> SettingsScene:
    """Show that section, by clicking it."""
    scene = desk.top(SettingsScene)
    at = list(scene.list.names).index(name)
    desk.click(scene.list.row_at(at).center)
    assert scene.list.selected == name
    return scene


def widget(desk: Desk, label: str) -> Widget:
    found = [row.widget for row in desk.top(SettingsScene).rows if row.label == label]
    assert found, label
    assert found[0] is not None
    return found[0]


@pytest.mark.parametrize("size", [(640, 480), (1000, 700)])
def test_every_section_is_drawn_and_every_row_can_be_reached_by_keys(
    desk: Desk, size: tuple[int, int]
) -> None:
    desk.resize(size)
    scene = desk.top(SettingsScene)
    for name in scene.list.names:
        section(desk, name)
        desk.key(pygame.K_RETURN)
        seen = set()
        for _ in range(30):
            focused = scene.form.focused
            assert focused is not None
            seen.add(focused)
            if focused not in (scene.list, scene.back):
                assert scene._inner.inflate(4, 4).contains(focused.rect), (name, size)
            desk.key(pygame.K_TAB)
        expected = {row.widget for row in scene.rows if row.widget is not None and row.widget.focusable}
        assert expected <= seen


def test_the_theme_and_the_palette_hold_at_once(desk: Desk, saved: list[Settings]) -> None:
    section(desk, "look")
    before = desk.picture()
    choice = widget(desk, "Theme")
    assert isinstance(choice, Choice)
    desk.click((choice.rect.right - 20, choice.rect.centery))
    assert desk.app.canvas.theme == theme_of("light")
    assert desk.picture()[:3] != before[:3], "the background is another"
    palette = widget(desk, "Colours of players")
    desk.tab_to(palette)
    desk.key(pygame.K_RIGHT)
    assert desk.app.canvas.theme == theme_of("light", "red-green")
    assert (saved[-1].theme, saved[-1].palette) == ("light", "red-green")


def test_the_size_of_everything_changes_as_far_as_there_is_room(desk: Desk) -> None:
    section(desk, "look")
    desk.tab_to(widget(desk, "Size of everything"))
    before = desk.app.canvas.scale
    desk.key(pygame.K_HOME)
    assert desk.app.canvas.scale == pytest.approx(before * 0.75)
    desk.key(pygame.K_END)
    assert before < desk.app.canvas.scale < 2 * before, "the window is too small for 200 %"
    desk.resize((640, 480))
    assert desk.top(SettingsScene).back.rect.right <= 640


def test_volumes_by_mouse_and_mute(desk: Desk, saved: list[Settings]) -> None:
    slider = widget(desk, "Sounds")
    assert isinstance(slider, Slider)
    desk.drag(slider.track.center, (slider.track.right, slider.track.centery))
    assert saved[-1].sound_volume == 100
    desk.click(widget(desk, "Mute everything").rect.center)
    assert not desk.app.canvas.sounds.on
    assert not saved[-1].sound


def test_switches_by_keyboard_and_by_gamepad(desk: Desk, saved: list[Settings]) -> None:
    section(desk, "look")
    switch = widget(desk, "Reduce motion")
    assert isinstance(switch, Switch)
    desk.tab_to(switch)
    desk.key(pygame.K_RETURN)
    assert desk.app.canvas.still
    pygame.event.post(pygame.event.Event(pygame.JOYBUTTONDOWN, button=0, instance_id=3))
    desk.go()
    assert not desk.app.canvas.still
    pygame.event.post(pygame.event.Event(pygame.JOYBUTTONDOWN, button=1, instance_id=3))
    desk.go()
    assert desk.shows == "LobbyScene"


def test_a_key_is_bound_for_one_game_and_works_there(desk: Desk, saved: list[Settings]) -> None:
    section(desk, "keys")
    game = widget(desk, "For")
    assert isinstance(game, Choice)
    desk.tab_to(game)
    desk.key(pygame.K_RIGHT)  # Pong
    assert [row.label for row in desk.top(SettingsScene).rows if isinstance(row.widget, KeyButton)] == [
        "Up",
        "Down",
    ]
    desk.click(widget(desk, "Up").rect.center)
    assert desk.top(SettingsScene).capturing
    desk.key(pygame.K_e)
    assert saved[-1].keys == {"pong": {"arrows": {"up": pygame.KSCAN_E}}}
    button = widget(desk, "Up")
    assert isinstance(button, Button)
    assert button.label == "E"
    desk.key(pygame.K_ESCAPE)
    desk.start_match(game="pong")
    desk.go(0.3)
    desk.down(pygame.K_e)
    desk.go(0.2)
    assert ("submit", -1) in desk.client.calls
    desk.up(pygame.K_e)
    desk.go(0.2)
    desk.client.calls.clear()
    desk.down(pygame.K_UP)
    desk.go(0.2)
    assert ("submit", -1) not in desk.client.calls, "the usual key does nothing any more"


def test_a_key_that_does_two_things_is_warned_of(desk: Desk) -> None:
    section(desk, "keys")
    desk.click(widget(desk, "Up").rect.center)
    desk.key(pygame.K_s)  # the left hand's Down
    rows = {row.label: row for row in desk.top(SettingsScene).rows}
    assert rows["Up"].warning
    assert not rows["Left"].warning
    desk.click(widget(desk, "Up").rect.center)
    desk.key(pygame.K_BACKSPACE)
    assert not any(row.warning for row in desk.top(SettingsScene).rows)
    assert desk.app.preferences.now.keys == {"": {"arrows": {}}}


def test_escape_takes_no_key_and_leaves_the_settings_open(desk: Desk) -> None:
    section(desk, "keys")
    desk.click(widget(desk, "Up").rect.center)
    desk.key(pygame.K_ESCAPE)
    assert not desk.top(SettingsScene).capturing
    assert desk.app.preferences.now.keys == {}


def test_all_keys_that_are_down_are_shown(desk: Desk) -> None:
    section(desk, "keys")
    scene = desk.top(SettingsScene)
    button = widget(desk, "Do all your keys work together?")
    desk.tab_to(button)
    desk.key(pygame.K_RETURN)
    test = desk.top(KeyTestScene)
    desk.down(pygame.K_w, pygame.K_UP, pygame.K_SPACE)
    assert set(test.down) == {pygame.KSCAN_W, pygame.KSCAN_UP, pygame.KSCAN_SPACE}
    desk.up(pygame.K_w)
    assert test.most == 3
    desk.key(pygame.K_ESCAPE)
    assert desk.scene is scene


def test_privacy_is_told_to_the_network(desk: Desk) -> None:
    section(desk, "privacy")
    choice = widget(desk, "Who may invite you")
    desk.tab_to(choice)
    desk.key(pygame.K_RIGHT)
    assert ("set_privacy", "known", "everyone", "everyone") in desk.client.calls


def test_texts_are_saved_when_the_focus_leaves_and_say_that_they_need_a_restart(
    desk: Desk, saved: list[Settings]
) -> None:
    scene = section(desk, "network")
    row = next(row for row in scene.rows if row.label == "Look for players at")
    assert "again" in row.note
    assert isinstance(row.widget, SavedField)
    desk.click(row.widget.rect.center)
    desk.type("10.0.0.7, 10.0.0.8:5000")
    desk.key(pygame.K_TAB)
    assert saved[-1].seeds == ("10.0.0.7", "10.0.0.8:5000")
    port = widget(desk, "Port of discovery")
    desk.click(port.rect.center)
    desk.type("99999")
    desk.key(pygame.K_TAB)
    assert desk.app.preferences.now.discovery_port == 0


def test_the_history_is_deleted_after_a_question(desk: Desk) -> None:
    desk.client.entries = [entry(1), entry(2)]
    section(desk, "data")
    desk.click(widget(desk, "Delete the history").rect.center)
    desk.press("Keep it")
    assert desk.client.history()
    desk.click(widget(desk, "Delete the history").rect.center)
    desk.press("Delete")
    desk.go()
    assert not desk.client.history()
    assert desk.toast == "The history is deleted"


def test_an_export_says_where_it_is_and_a_full_disk_why_not(desk: Desk, tmp_path: Path) -> None:
    desk.app.context.export = lambda: tmp_path / "data.zip"
    section(desk, "data")
    desk.click(widget(desk, "Export your data").rect.center)
    desk.go(0.2)
    assert desk.toast == f"Written to {tmp_path / 'data.zip'}"

    def full() -> Path:
        raise P2PGameError("no_home")

    desk.app.context.export = full
    section(desk, "data")
    desk.click(widget(desk, "Export your data").rect.center)
    desk.go(6)
    assert "home" in desk.app.toasts.log[0]


def test_in_a_match_the_menu_leads_to_the_settings_and_identity_stays(desk: Desk) -> None:
    desk.key(pygame.K_ESCAPE)
    desk.start_match()
    desk.key(pygame.K_ESCAPE)
    desk.press("Settings")
    section(desk, "data")
    for label in ("New identity", "Delete the history"):
        assert not widget(desk, label).enabled
    desk.key(pygame.K_ESCAPE)
    assert desk.shows == "MatchScene"
    assert desk.top(MatchScene).match.outcome is None


def test_export_leaves_the_identity_out(tmp_path: Path) -> None:
    data, target = tmp_path / "data", tmp_path / "target"
    (data / "replays").mkdir(parents=True)
    target.mkdir()
    for name in ("settings.json", "identity.pem", "identity.pem.old", "lots.msgpack", "replays/a.p2pr"):
        (data / name).write_bytes(b"x")
    first, second = export_data(data, target), export_data(data, target)
    assert first != second
    with zipfile.ZipFile(first) as archive:
        assert archive.namelist() == ["replays/a.p2pr", "settings.json"]


def test_the_language_changes_at_once_and_back(desk: Desk, saved: list[Settings]) -> None:
    section(desk, "look")
    choice = widget(desk, "Language")
    assert isinstance(choice, Choice)
    assert choice.options[1] == "English"
    scene = desk.top(SettingsScene)
    before = desk.picture()
    try:
        choice._choose(len(choice.options) - 1)
        desk.go(0.2)
        assert saved[-1].language == "zh_CN"
        assert language() == "zh_CN"
        assert desk.picture() != before
        other = next(row.widget for row in scene.rows if isinstance(row.widget, Choice))
        other._choose(1)
        desk.go(0.2)
        assert language() == "en"
    finally:
        set_language("en")
