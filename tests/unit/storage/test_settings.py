"""What a player chose is there again, and nothing in that file can stop the program."""

import os
from pathlib import Path

import pytest

from p2pgame.core.errors import P2PGameError
from p2pgame.storage.settings import Settings, default_data_dir, load_settings, save_settings


def test_round_trip_into_a_new_directory(tmp_path: Path) -> None:
    chosen = Settings(name="Zoë 再见", sound=False)
    save_settings(tmp_path / "new", chosen)
    assert load_settings(tmp_path / "new") == chosen
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["settings.json"]


def test_none_yet(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert load_settings(tmp_path) == Settings()
    assert load_settings(tmp_path / "nowhere") == Settings()
    assert caplog.text == ""


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b'{"name": 7}', b'{"name": "\xff\xfe"}', b"[" * 5000, b'{"sound": "loud"}'],
    ids=repr,
)
def test_a_damaged_file_gives_the_defaults_and_one_line(
    tmp_path: Path, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "settings.json").write_bytes(content)
    assert load_settings(tmp_path) == Settings()
    assert len(caplog.records) == 1
    assert "\n" not in caplog.records[0].getMessage()


@pytest.mark.parametrize("content", [b'{"name": "Ann",\n"seeds": ["10.0.0.7"}', b"[]"])
def test_a_file_that_cannot_be_read_is_kept_when_settings_are_saved(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "settings.json").write_bytes(content)
    save_settings(tmp_path, Settings(theme="light"))
    assert load_settings(tmp_path) == Settings(theme="light")
    assert (tmp_path / "settings.json.kept").read_bytes() == content


def test_a_file_of_an_editor_that_marks_utf_8_is_read(tmp_path: Path) -> None:
    (tmp_path / "settings.json").write_bytes(b'\xef\xbb\xbf{"name": "Ann"}')
    assert load_settings(tmp_path) == Settings(name="Ann")


def test_a_file_of_a_later_version_is_read(tmp_path: Path) -> None:
    (tmp_path / "settings.json").write_bytes(b'{"name": "Ann", "colour": "blue"}')
    assert load_settings(tmp_path) == Settings(name="Ann")


def test_a_directory_that_is_a_file_is_told_when_saving_only(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "data").write_bytes(b"")
    assert load_settings(tmp_path / "data") == Settings()
    assert caplog.text == ""
    with pytest.raises(P2PGameError, match="settings_not_saved"):
        save_settings(tmp_path / "data", Settings())


def test_the_default_directory_is_the_systems() -> None:
    assert default_data_dir().name == "p2pgame"


@pytest.mark.skipif(os.name == "nt", reason="a home is found in another way there")
def test_where_nobody_knows_the_home_no_directory_is_made_up(monkeypatch: pytest.MonkeyPatch) -> None:
    import pwd

    def unknown(number: int) -> None:
        raise KeyError(number)

    for name in ("HOME", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(pwd, "getpwuid", unknown)
    with pytest.raises(P2PGameError) as failed:
        default_data_dir()
    assert failed.value.code == "no_home"
    monkeypatch.setenv("XDG_DATA_HOME", "/elsewhere")
    assert default_data_dir() == Path("/elsewhere/p2pgame")


@pytest.mark.parametrize(
    ("bad", "good"),
    [
        (b'"scale": 9000', "scale"),
        (b'"theme": "plaid"', "theme"),
        (b'"sound_volume": "loud"', "sound_volume"),
        (b'"keys": {"": {"arrows": {"up": 99999}}}', "keys"),
        (b'"window": [1, 2, 3, 4, 5]', "window"),
        (b'"seeds": ["' + b"x" * 300 + b'"]', "seeds"),
        (b'"may_invite": null', "may_invite"),
    ],
    ids=repr,
)
def test_one_bad_value_costs_no_other(tmp_path: Path, bad: bytes, good: str) -> None:
    (tmp_path / "settings.json").write_bytes(b'{"name": "Ann", ' + bad + b', "still": true}')
    settings = load_settings(tmp_path)
    assert (settings.name, settings.still) == ("Ann", True)
    assert getattr(settings, good) == getattr(Settings(), good)


def test_what_a_newer_version_wrote_is_kept(tmp_path: Path) -> None:
    (tmp_path / "settings.json").write_bytes(b'{"name": "Ann", "hologram": {"depth": 3}}')
    save_settings(tmp_path, Settings(name="Ben", theme="light"))
    text = (tmp_path / "settings.json").read_text()
    assert '"hologram"' in text
    assert load_settings(tmp_path) == Settings(name="Ben", theme="light")


def test_a_huge_file_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "settings.json").write_bytes(b'{"name": "' + b"a" * (1 << 20) + b'"}')
    assert load_settings(tmp_path) == Settings()


def test_every_setting_comes_back(tmp_path: Path) -> None:
    chosen = Settings(
        name="Zoë", sound=False, sound_volume=5, music_volume=0, language="zh_CN", theme="light", palette="lightness",
        scale=150, full_screen=True, still=True, shake=False, confirm_moves=True, keys={"pong": {"arrows": {"up": 26}}},
        interfaces=("eth0",), discovery_port=50000, seeds=("10.0.0.1",), input_delay=3, may_invite="known",
        may_watch="nobody",
        may_chat="verified", game="tron", options={"tron": {"best_of": 3}}, learned=("pong",), window=(1, 2, 800, 600),
    )  # fmt: skip
    save_settings(tmp_path, chosen)
    assert load_settings(tmp_path) == chosen
