"""The language in use, translations from catalogues, and what a bad catalogue gets: English."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from p2pgame.core.registry import Plugin
from p2pgame.i18n import catalogue
from p2pgame.i18n.catalogue import game_text, gettext, install, language, languages_of, ngettext
from tests.plugin import write

HEAD = 'msgid ""\nmsgstr "Plural-Forms: nplurals=3; plural=n==1 ? 0 : n%10>=2 && n%10<=4 ? 1 : 2;\\n"\n\n'
FROG = (
    HEAD
    + """
msgid "Hello {name}"
msgstr "Quak {name}"

msgid "{n} frog"
msgid_plural "{n} frogs"
msgstr[0] "ein Frosch"
msgstr[1] "{n} Frösche"
msgstr[2] "{n} Froschen"

msgid "wrong {name}"
msgstr "falsch {nam}"

msgid "broken {name}"
msgstr "kaputt {name"

msgid "deep {name}"
msgstr "tief {name.__class__}"

msgid "lost {name}"
msgstr "weg"

msgid "plain {brace"
msgstr "schlicht {klammer"

#, fuzzy
msgid "unsure"
msgstr "unsicher"

msgid "empty"
msgstr ""
"""
)


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str, str], None]]:
    """Makes a catalogue of the platform; the language is English again after the test."""
    folder = tmp_path / "locale"
    folder.mkdir()
    monkeypatch.setattr(catalogue, "_platform_folder", lambda: folder)

    def make(name: str, text: str) -> None:
        (folder / f"{name}.po").write_text(text, "utf-8")

    yield make
    install("en")


@pytest.mark.parametrize(
    ("wanted", "environ", "languages"),
    [
        (None, {}, ()),
        ("de", {"P2PGAME_LANGUAGE": "fr", "LANG": "it"}, ("de",)),
        (None, {"P2PGAME_LANGUAGE": "fr", "LANGUAGE": "it"}, ("fr",)),
        (None, {"LANGUAGE": "pt_BR:de:en:fr", "LANG": "it"}, ("pt_BR", "pt", "de")),
        (None, {"LANGUAGE": "", "LC_MESSAGES": "it_IT.UTF-8", "LANG": "de"}, ("it_IT", "it")),
        (None, {"LC_ALL": "C.UTF-8", "LANG": "de"}, ()),
        (None, {"LANG": "de_DE.UTF-8@euro"}, ("de_DE", "de")),
        (None, {"LANG": "POSIX"}, ()),
        ("zh-cn", {}, ("zh_CN", "zh")),
        ("zh_Hant", {}, ("zh_Hant", "zh")),
        ("en_GB", {"LANG": "de"}, ()),
        ("../../etc/passwd", {}, ()),
        ("de/../x", {}, ()),
    ],
)
def test_the_language_is_the_argument_else_a_variable(
    wanted: str | None, environ: dict[str, str], languages: tuple[str, ...]
) -> None:
    assert languages_of(wanted, environ) == languages


def test_without_a_choice_everything_is_english() -> None:
    assert language() == "en"
    assert gettext("Hello {name}", name="{x}") == "Hello {x}"
    assert [ngettext("{n} frog", "{n} frogs", n) for n in (0, 1, 2)] == ["0 frogs", "1 frog", "2 frogs"]
    assert gettext("") == ""


def test_texts_are_translated_with_their_parameters_and_plurals(made: Callable[[str, str], None]) -> None:
    made("xx", FROG)
    install("xx_YY")
    assert language() == "xx_YY"
    assert gettext("Hello {name}", name="Ada {0}") == "Quak Ada {0}"
    assert [ngettext("{n} frog", "{n} frogs", n) for n in (1, 3, 7)] == [
        "ein Frosch",
        "3 Frösche",
        "7 Froschen",
    ]
    assert gettext("plain {brace") == "schlicht {klammer"
    assert gettext("lost {name}", name="Ada") == "weg"
    assert gettext("") == ""


@pytest.mark.parametrize(
    "text", ["wrong {name}", "broken {name}", "deep {name}", "unsure", "empty", "unknown"]
)
def test_a_translation_that_does_not_fit_is_english(made: Callable[[str, str], None], text: str) -> None:
    made("xx", FROG)
    install("xx")
    params = {"name": "Ada"} if "{" in text else {}
    assert gettext(text, **params) == text.replace("{name}", "Ada")


def test_parameters_that_do_not_fit_the_english_text_leave_it_as_it_is() -> None:
    assert gettext("Hello {name}", nam="Ada") == "Hello {name}"
    assert gettext("100 % {", name="Ada") == "100 % {"


@pytest.mark.parametrize(
    "text", ["{name:>99999999}", "{name!r}", "{name.__class__}", "{name[0]}", "{}", "{0}"]
)
def test_a_placeholder_is_a_plain_name(text: str) -> None:
    assert gettext(text, name="Ada") == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "garbage",
        "/etc/passwd",
        'msgid "x\nmsgstr',
        'msgid ""\nmsgstr "Plural-Forms: nplurals=2; plural=__import__;\\n"\n\nmsgid "Hello {name}"\nmsgstr "b"\n',
        'msgid ""\nmsgstr "Plural-Forms: nonsense\\n"\n\nmsgid "x"\nmsgstr "b"\n',
        "\0\0\0",
    ],
)
def test_a_malformed_catalogue_is_english(made: Callable[[str, str], None], text: str) -> None:
    made("xx", text)
    install("xx")
    assert gettext("Hello {name}", name="Ada") == "Hello Ada"
    assert ngettext("{n} frog", "{n} frogs", 2) == "2 frogs"


def test_a_catalogue_that_is_no_utf8_or_no_file_is_english(
    made: Callable[[str, str], None], tmp_path: Path
) -> None:
    made("yy", FROG)
    folder = tmp_path / "locale"
    (folder / "xx.po").write_bytes(b'msgid "Hello {name}"\nmsgstr "\xff\xfe {name}"\n')
    (folder / "zz.po").mkdir()
    for name in ("xx", "zz", "ww"):
        install(name)
        assert gettext("Hello {name}", name="Ada") == "Hello Ada"
    install(None, {"LANGUAGE": "xx:zz:ww:yy"})
    assert gettext("Hello {name}", name="Ada") == "Quak Ada"


def test_a_game_brings_its_own_catalogue_and_keeps_its_rules_digest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "frog_game"
    write(folder)
    (folder / "locale").mkdir()
    monkeypatch.syspath_prepend(str(tmp_path))
    plugin = Plugin("frog_game")
    before = plugin.digest
    (folder / "locale" / "xx.po").write_text('msgid "{point} is taken"\nmsgstr "{point} quakt"\n', "utf-8")
    install("xx")
    try:
        assert game_text("frog_game", "{point} is taken", point="H8") == "H8 quakt"
        assert game_text("frog_game", "other") == "other"
        assert gettext("{point} is taken", point="H8") == "H8 is taken"
        assert game_text("no.such.package", "{point} is taken", point="H8") == "H8 is taken"
        assert game_text("", "{point} is taken", point="H8") == "H8 is taken"
    finally:
        install("en")
    assert Plugin("frog_game").digest == before
    sys.modules.pop("frog_game.rules", None)
    sys.modules.pop("frog_game", None)


def test_english_needs_no_reader_of_catalogues() -> None:
    code = (
        "import sys; from p2pgame.i18n.catalogue import gettext, install; install(None, {'LANG': 'en_GB.UTF-8'}); "
        "assert gettext('a') == 'a'; assert 'polib' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
