"""Every language that is installed is complete and sound; another one is a new file and nothing else."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import polib
import pytest

from p2pgame.cli.main import main as command
from p2pgame.cli.output import padded
from p2pgame.games.gomoku.rules import Config
from p2pgame.i18n import catalogue
from p2pgame.i18n.catalogue import (
    Language,
    composed,
    current,
    enumerated,
    follow_language,
    game_text,
    generation,
    gettext,
    install,
    languages,
    ngettext,
    prefer_language,
    set_language,
)
from p2pgame.i18n.chat import EMOTE_SENTENCES, PHRASE_SENTENCES, chat_text, emote_text
from p2pgame.i18n.extract import MessageId
from p2pgame.i18n.system import first_of
from p2pgame.i18n.update import Area, areas, faults, main, merge, missing
from p2pgame.ui.options import options_of
from tests.sources import PACKAGE
from tests.unit.i18n.pseudo import ONE_PROCESS

pytestmark = ONE_PROCESS
INSTALLED = [
    (area, path) for area in areas(PACKAGE) for path in sorted(area.locale.glob("*.po"))
]  # of the platform and of every game


@pytest.fixture(autouse=True)
def english_again() -> Iterator[None]:
    yield
    install("en", {})


def test_chinese_is_there_for_the_platform_and_every_game() -> None:
    assert [area.name for area, path in INSTALLED if path.stem == "zh_CN"] == [
        "platform",
        *sorted(path.parent.name for path in (PACKAGE / "games").glob("*/rules.py")),
    ]


@pytest.mark.parametrize(
    ("area", "path"), INSTALLED, ids=lambda value: getattr(value, "stem", "") or value.name
)
def test_a_catalogue_is_complete_and_sound(area: Area, path: Path) -> None:
    file = polib.pofile(str(path))
    ids = {message.text for message in area.messages()}
    entries = {entry.msgid for entry in file if not entry.obsolete}
    update = "run `python -m p2pgame.i18n.update`"
    assert ids - entries == set(), f"not in the catalogue: {update}"
    assert entries - ids == set(), f"not in the source: {update}"
    assert [entry.msgid for entry in missing(file)] == [], f"not translated: {update}"
    assert faults(file) == []
    assert file.metadata["Language"] == path.stem
    assert file.metadata["X-Native-Name"] not in ("", path.stem)
    plurals = {message.text: message.plural for message in area.messages()}
    assert {entry.msgid: entry.msgid_plural for entry in file if not entry.obsolete} == plurals


@pytest.mark.parametrize(
    ("area", "path"), INSTALLED, ids=lambda value: getattr(value, "stem", "") or value.name
)
def test_every_translation_is_taken(area: Area, path: Path) -> None:
    set_language(path.stem)
    package = "" if area.name == "platform" else f"p2pgame.games.{area.name}"
    for entry in polib.pofile(str(path)):
        if entry.obsolete:
            continue
        names = catalogue.placeholders(entry.msgid) | catalogue.placeholders(entry.msgid_plural)
        params = {name: f"<{name}>" for name in names - {"n"}}
        count = {"n": 7} if "n" in names else {}
        if entry.msgid_plural:
            shown = ngettext(entry.msgid, entry.msgid_plural, 7, **params)
            wanted = list(entry.msgstr_plural.values())[-1]
        elif package:
            shown, wanted = game_text(package, entry.msgid, **params, **count), entry.msgstr
        else:
            shown, wanted = gettext(entry.msgid, **params, **count), entry.msgstr
        assert shown == (wanted.format_map({**params, "n": 7}) if names else wanted)


# --- choosing


def test_what_can_be_chosen_names_itself() -> None:
    assert languages()[0] == Language("en", "English")
    assert Language("zh_CN", "简体中文") in languages()


def test_the_rules_of_gomoku_have_the_names_that_chinese_players_use() -> None:
    set_language("zh_CN")
    rule, *_, opening = (option.labels("p2pgame.games.gomoku") for option in options_of(Config)[:3])
    assert rule[:3] == ["无禁手", "长连不胜", "有禁手"]
    assert {"指定开局", "塔拉山口-10"} <= set(opening)


@pytest.mark.parametrize("code", ["zh_CN", "zh", "zh_SG", "zh-Hans-CN", "zh_CN.UTF-8"])
def test_chinese_of_any_territory_is_understood(code: str) -> None:
    install(code, {})
    assert gettext("Practice") == "练习"


def test_the_language_changes_while_the_program_runs() -> None:
    before = generation()
    set_language("zh_CN")
    assert (gettext("Practice"), game_text("p2pgame.games.gomoku", "Gomoku")) == ("练习", "五子棋")
    assert generation() != before
    set_language("en")
    assert gettext("Practice") == "Practice"


def test_settings_go_before_the_system_and_the_command_line_before_settings() -> None:
    install(None, {"LANG": "de_DE.UTF-8"})
    prefer_language("zh_CN")
    assert gettext("Practice") == "练习"
    set_language("")
    assert gettext("Practice") == "Practice"
    for wanted, environ in (("en", {}), (None, {"P2PGAME_LANGUAGE": "en"})):
        install(wanted, environ)
        prefer_language("zh_CN")
        assert gettext("Practice") == "Practice"


def test_the_system_is_asked_where_the_environment_says_nothing() -> None:
    install(None, {}, system=lambda: "zh-Hans-CN")
    assert gettext("Practice") == "练习"
    install(None, {"LANG": "C"}, system=lambda: "zh-Hans-CN")
    assert gettext("Practice") == "Practice"


@pytest.mark.parametrize(
    ("answer", "name"),
    [('(\n    "zh-Hans-CN",\n    "en-CN"\n)\n', "zh-Hans-CN"), ("", ""), ("(\n)\n", ""), ("de\n", "de")],
)
def test_the_answer_of_macos_is_read(answer: str, name: str) -> None:
    assert first_of(answer) == name


# --- texts that are held


def test_a_text_that_is_held_is_said_again() -> None:
    follow_language()
    held = gettext("{name} invites you", name=gettext("Somebody"))
    counted = ngettext("{n} move", "{n} moves", 3)
    of_game = game_text("p2pgame.games.gomoku", "{point} is taken", point="H8")
    both = composed(lambda: f"{current(held)}!")
    assert (held, counted, of_game, both) == (
        "Somebody invites you", "3 moves", "H8 is taken", "Somebody invites you!",
    )  # fmt: skip
    set_language("zh_CN")
    texts = (held, counted, of_game, both)
    assert [current(text) for text in texts] == [
        "有人 邀请你", "3 手", "H8 已有棋子", "有人 邀请你!",
    ]  # fmt: skip
    assert current("Practice") == "Practice", "a name that looks like a text stays"
    set_language("en")
    assert [current(current(text)) for text in texts] == list(texts)


def test_a_name_from_right_to_left_is_a_part_of_its_own() -> None:
    follow_language()
    assert (
        gettext("Waiting for {name}… {seconds} s", name="שלום", seconds=3)
        == "Waiting for \u2068שלום\u2069… 3 s"
    )
    assert gettext("Waiting for {name}… {seconds} s", name="张伟", seconds=3) == "Waiting for 张伟… 3 s"
    assert enumerated(["Ben", "שלום"]) == "Ben, \u2068שלום\u2069"


# --- a third language


def package_with(tmp_path: Path) -> Path:
    """A package of its own with two messages and a game, and Chinese of one message."""
    root = tmp_path / "made"
    (root / "games" / "frogs").mkdir(parents=True)
    (root / "app.py").write_text('gettext("Hello {name}")\nngettext("{n} frog", "{n} frogs", 2)\n', "utf-8")
    (root / "games" / "frogs" / "rules.py").write_text('title = "Frogs"\n', "utf-8")
    return root


def test_a_new_language_is_a_new_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    locale = tmp_path / "locale"
    shutil.copytree(PACKAGE.parent / "assets" / "locale", locale)
    (locale / "tlh.po").write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n"X-Native-Name: tlhIngan\\n"\n\n'
        'msgid "Practice"\nmsgstr "qeq"\n',
        "utf-8",
    )
    monkeypatch.setattr(catalogue, "_platform_folder", lambda: locale)
    assert [language.code for language in languages()] == ["en", "tlh", "zh_CN"]
    assert Language("tlh", "tlhIngan") in languages()
    set_language("tlh")
    assert gettext("Practice") == "qeq"
    assert gettext("Invite") == "Invite"


def run(root: Path, *argv: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    code = main(list(argv), root)
    out, err = capsys.readouterr()
    return code, out, err


def test_the_command_makes_a_language_and_takes_its_translations(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = package_with(tmp_path)
    code, out, err = run(root, "de", capsys=capsys)
    assert code == 1
    assert "2 missing" in err
    filled = polib.pofile(out)
    assert [entry.msgid for entry in filled] == ["Hello {name}", "{n} frog", "Frogs"]
    filled[0].msgstr, filled[2].msgstr = "Hallo {name}", "Frösche"
    filled[1].msgstr_plural = {0: "{n} Frosch", 1: "{n} Frösche"}
    given = tmp_path / "given.po"
    given.write_text(str(filled), "utf-8")
    assert run(root, "--from", str(given), capsys=capsys)[:2] == (0, "")
    assert run(root, "--check", capsys=capsys)[:2] == (0, "")
    kept = polib.pofile(str(tmp_path / "assets" / "locale" / "de.po"))
    assert kept[0].msgstr == "Hallo {name}"
    assert kept[1].msgstr_plural == {0: "{n} Frosch", 1: "{n} Frösche"}
    assert polib.pofile(str(root / "games" / "frogs" / "locale" / "de.po"))[0].msgstr == "Frösche"

    (root / "app.py").write_text('gettext("Bye {name}")\n', "utf-8")
    code, out, err = run(root, capsys=capsys)
    assert code == 1
    assert [entry.msgid for entry in polib.pofile(out)] == ["Bye {name}"]
    assert [
        e.msgid for e in polib.pofile(str(tmp_path / "assets" / "locale" / "de.po")).obsolete_entries()
    ] == [
        "Hello {name}",
        "{n} frog",
    ]
    (root / "app.py").write_text('gettext("Hello {name}")\n', "utf-8")
    assert run(root, capsys=capsys)[0] == 0, "an old translation comes back"


def test_the_command_writes_the_same_file_twice(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = package_with(tmp_path)
    file = tmp_path / "assets" / "locale" / "zh_CN.po"
    run(root, "zh_CN", capsys=capsys)
    first = file.read_bytes()
    run(root, capsys=capsys)
    assert file.read_bytes() == first
    assert b"nplurals=1" in first


@pytest.mark.parametrize(
    ("english", "other", "fault"),
    [
        ("Hello {name}", "Hallo {nam}", "placeholders"),
        ("Hello {name}", "Hallo", "placeholders"),
        ("Hello {name}", "Hallo {name", "placeholders"),
        ("  Hello", "Hallo", "space"),
        ("Hello", "Hallo\n", "space"),
    ],
)
def test_malformed_translations_are_found(english: str, other: str, fault: str) -> None:
    file = polib.POFile()
    file.append(polib.POEntry(msgid=english, msgstr=other))
    assert [found.startswith(fault) for found in faults(file)] == [True]


def test_what_is_unsure_counts_as_missing() -> None:
    file = polib.POFile()
    file.append(polib.POEntry(msgid="Hello", msgstr="Hallo", flags=["fuzzy"]))
    assert [entry.msgid for entry in missing(file)] == ["Hello"]
    kept = merge(file, [MessageId("Hello", "", "app.py", 1)], "de")
    assert [entry.msgid for entry in missing(kept)] == ["Hello"]
    assert kept[0].msgstr == "Hallo"


def test_phrases_and_emotes_are_read_in_ones_own_language() -> None:
    set_language("zh_CN")
    assert [
        chat_text("phrase", code) for code in PHRASE_SENTENCES if chat_text("phrase", code).isascii()
    ] == []
    assert [emote_text(code) for code in EMOTE_SENTENCES if emote_text(code).isascii()] == []
    assert chat_text("phrase", "hello") == "你好！"
    assert chat_text("phrase", "of_tomorrow") == "of_tomorrow"
    assert chat_text("text", "Hello!") == "Hello!"


# --- the command line


def test_usage_errors_are_in_the_language_of_the_system(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("P2PGAME_LANGUAGE", raising=False)
    monkeypatch.delenv("LANGUAGE", raising=False)
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    with pytest.raises(SystemExit):
        command(["bot", "--frames", "x"])
    _, err = capsys.readouterr()
    assert err.startswith("用法: p2pgame bot ")
    assert "错误：参数 --frames：'x' 不是从 0 开始的整数" in err
    with pytest.raises(SystemExit):
        command(["bot", "--help"])
    out, _ = capsys.readouterr()
    assert "没有窗口、自动对局的玩家。" in out
    assert "显示本帮助并退出" in out


def test_the_command_serves_a_game_elsewhere(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    frogs = package_with(tmp_path) / "games" / "frogs"
    code, out, _ = run(frogs, "--game", str(frogs), "de", capsys=capsys)
    assert code == 1
    assert [entry.msgid for entry in polib.pofile(out)] == ["Frogs"]
    assert (frogs / "locale" / "de.po").is_file()
    assert not (tmp_path / "assets").exists()


def test_columns_are_as_wide_as_a_terminal_shows_them() -> None:
    assert (padded("五子棋", 8), padded("Gomoku", 8), padded("too long", 3)) == (
        "五子棋  ",
        "Gomoku  ",
        "too long",
    )
