"""Message catalogues in the way of GNU gettext: the English text is the message id.

`install` chooses the language at the start, `set_language` while the program runs; without them everything is
English. `languages` lists what can be chosen. `gettext` and `ngettext` look a text up in the catalogue of the platform
(``assets/locale/<language>.po``), `game_text` in that of a game (``locale/<language>.po`` in the game's package).
Catalogues are read when they are first needed.

A catalogue that cannot be read, and a translation whose ``{placeholders}`` are not those of the English text, count as
missing: the English text is shown.

A program that shows a text for longer than a moment, as a window does its labels, calls `follow_language`. From then
on the texts are `Text`: they remember what they say, and `current` says it in the language that is in use now.
"""

import gettext as gnu
import io
import logging
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache, partial
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from string import Formatter
from typing import NamedTuple, Protocol

import p2pgame
from p2pgame.core.errors import Param
from p2pgame.i18n.system import system_language

__all__ = [
    "Language",
    "Text",
    "composed",
    "current",
    "enumerated",
    "follow_language",
    "game_text",
    "generation",
    "gettext",
    "gettext_noop",
    "install",
    "isolated",
    "language",
    "languages",
    "languages_of",
    "ngettext",
    "own_name",
    "placeholders",
    "prefer_language",
    "set_language",
    "texts_of",
]

_LOCALE = re.compile(r"([A-Za-z]{2,3})(?:[_-]([A-Za-z]{4}))?(?:[_-]([A-Za-z0-9]{2,8}))?(?:\.[^@]*)?(?:@.*)?")
_OWN_NAME = re.compile(r'^"X-Native-Name: ([^"\\]{1,40})(?:\\n)?"$', re.MULTILINE)
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_ISOLATE, _END_OF_ISOLATE = "\u2068", "\u2069"
_HEADER = 4096
"""Characters of a catalogue in which its header is looked for."""
_VARIABLES = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")
_log = logging.getLogger(__name__)

_Catalogue = gnu.NullTranslations
_UNUSABLE = frozenset(("{",))
_ENGLISH = gnu.NullTranslations()


class _Choice:
    """The languages in use, the most wanted first; empty: English."""

    languages: tuple[str, ...] = ()
    generation: int = 0
    """Counts the choices."""
    followed: bool = False
    asked: bool = False
    """Somebody named the language; it does not just follow from the system."""
    at_start: tuple[str, ...] = ()


class Language(NamedTuple):
    """A language that can be chosen."""

    code: str
    """For `set_language`: ``en``, ``zh_CN``."""
    name: str
    """In the language itself: ``English``, ``简体中文``."""


class Text(str):
    """A text that knows how to say itself again in another language."""

    __slots__ = ("_made", "_said")
    _made: int
    _said: Callable[[], str]

    def __new__(cls, shown: str, said: Callable[[], str]) -> "Text":
        """`shown`: in the language in use. `said`: gives it in another one."""
        text = super().__new__(cls, shown)
        text._made, text._said = _Choice.generation, said
        return text

    def again(self) -> str:
        """The text in the language in use; this very object if it is of this language."""
        return self if self._made == _Choice.generation else self._said()


def install(
    wanted: str | None = None,
    environ: Mapping[str, str] = os.environ,
    system: Callable[[], str] = system_language,
) -> None:
    """Choose the language: `wanted` (``de``, ``pt_BR``), else ``P2PGAME_LANGUAGE``, else the system's.

    For a language without a catalogue everything stays English. One of another territory (``zh_CN`` for ``zh_SG``) is
    better than none.
    """
    _Choice.asked = bool(wanted or environ.get("P2PGAME_LANGUAGE"))
    _Choice.at_start = languages_of(wanted, environ, system)
    _use(_Choice.at_start)


def set_language(code: str) -> None:
    """Choose one of `languages` while the program runs; empty: the one that `install` chose.

    Texts that are held change with `current`.
    """
    _use(languages_of(code, {}) if code else _Choice.at_start)


def prefer_language(code: str) -> None:
    """Choose what the settings say, unless `install` was told a language: the command line goes before."""
    if code and not _Choice.asked:
        set_language(code)


def _use(chosen: tuple[str, ...]) -> None:
    _Choice.languages = chosen
    _Choice.generation += 1
    _platform.cache_clear()
    _of_game.cache_clear()


def languages() -> list[Language]:
    """English, and every language that the platform has a catalogue of. A new file is a new language."""
    found = {code: _own_name(file) or code for code, file in _catalogues(_platform_folder()).items()}
    return [Language("en", "English"), *sorted(Language(*item) for item in found.items() if item[0] != "en")]


def own_name() -> str:
    """What the language in use calls itself: drawn, it shows whether there is a font for it."""
    if not _Choice.languages:
        return "English"
    return next((name for file in _wanted(_platform_folder()) if (name := _own_name(file))), "English")


def follow_language() -> None:
    """From now on texts are made to outlive a change of the language. For a window; costs a little for each text."""
    _Choice.followed = True


def generation() -> int:
    """Another number after each choice of a language."""
    return _Choice.generation


def current(text: str) -> str:
    """`text` in the language in use, if it is a `Text`; else as it is."""
    return text.again() if isinstance(text, Text) else text


def composed(say: Callable[[], str]) -> str:
    """What `say` puts together of other texts; it is put together again in another language."""
    return Text(say(), lambda: composed(say)) if _Choice.followed else say()


def enumerated(parts: Iterable[str]) -> str:
    """``a, b, c`` with the comma of the language in use."""
    return gettext(", ").join(map(isolated, parts))


def isolated(text: str) -> str:
    """`text` as a part of a line in a window: what is written from right to left does not turn what stands beside it.

    A name in Hebrew before a number would go behind it. The marks are Unicode's, and are not drawn.
    """
    if not _Choice.followed or text.isascii() or _RIGHT_TO_LEFT.search(text) is None:
        return text
    return f"{_ISOLATE}{text}{_END_OF_ISOLATE}"


def languages_of(
    wanted: str | None, environ: Mapping[str, str], system: Callable[[], str] = str
) -> tuple[str, ...]:
    """The languages to look for, the most wanted first, each with its territory and without; empty: English.

    `system`: asked where neither `wanted` nor `environ` says anything; gives the name of a locale, or nothing.
    """
    text = wanted or environ.get("P2PGAME_LANGUAGE", "")
    text = text or next((value for name in _VARIABLES if (value := environ.get(name))), "") or system()
    found: list[str] = []
    for part in text.split(":"):
        match = _LOCALE.fullmatch(part)
        if match is None:  # C, POSIX, nonsense
            continue
        short, script, territory = match[1].lower(), match[2], match[3]
        if short == "en":
            break
        found += [f"{short}_{territory.upper() if len(territory) == 2 else territory}"] if territory else []
        found += [f"{short}_{script}"] if script else []
        found += [short]
    return tuple(dict.fromkeys(found))


def language() -> str:
    """The first language that is looked for; ``en`` for English."""
    return next(iter(_Choice.languages), "en")


def gettext(text: str, /, **params: Param) -> str:
    """`text` in the language in use, with its parameters."""
    if not text:
        return ""
    if not params:
        return _bare(_platform(), text, "", _Choice.generation, _Choice.followed)
    shown = _filled(_platform().gettext(text), text, params)
    return Text(shown, partial(_again, gettext, (text,), params)) if _Choice.followed else shown


def gettext_noop(text: str, /) -> str:
    """`text` as it is: marks a message id that is translated later, where it is shown."""
    return text


def ngettext(one: str, many: str, n: int, /, **params: Param) -> str:
    """`one` or `many`, as `n` asks for in the language in use; ``{n}`` is a parameter of both."""
    english = one if n == 1 else many
    shown = _filled(_platform().ngettext(one, many, n), english, {"n": n, **params}, plural=many)
    return Text(shown, partial(_again, ngettext, (one, many, n), params)) if _Choice.followed else shown


def game_text(package: str, text: str, /, **params: Param) -> str:
    """`text` of the game in `package`, a message id of the game's own catalogue, with its parameters."""
    if not text:
        return ""
    if not params:
        return _bare(_of_game(package), text, package, _Choice.generation, _Choice.followed)
    shown = _filled(_of_game(package).gettext(text), text, params)
    return Text(shown, partial(_again, game_text, (package, text), params)) if _Choice.followed else shown


@lru_cache(maxsize=4096)  # most texts have no parameters, and are drawn in every frame
def _bare(catalogue: _Catalogue, text: str, package: str, generation: int, followed: bool) -> str:
    """`text` without parameters; empty `package`: of the platform. `generation`: in which this holds."""
    del generation
    shown = _filled(catalogue.gettext(text), text, {})
    if not followed:
        return shown
    return Text(shown, partial(game_text, package, text) if package else partial(gettext, text))


def _again(say: Callable[..., str], texts: tuple[str | int, ...], params: Mapping[str, Param]) -> str:
    """Parameters may be texts themselves."""
    return say(
        *texts, **{key: current(value) if isinstance(value, str) else value for key, value in params.items()}
    )


class Texts(Protocol):
    """`game_text` of one game."""

    def __call__(self, text: str, /, **params: Param) -> str: ...


def texts_of(package: str | None) -> Texts:
    """`game_text` of the game in `package`. A view has ``_ = texts_of(__package__)`` and writes ``_("Last move")``."""

    def text_of(text: str, /, **params: Param) -> str:
        return game_text(package or "", text, **params)

    return text_of


def _filled(translated: str, english: str, params: Mapping[str, Param], *, plural: str = "") -> str:
    """`translated` with its parameters; `english` if the placeholders do not fit."""
    if translated != english and placeholders(translated) <= placeholders(english) | placeholders(plural):
        text = _formatted(translated, params)
        if text is not None:
            return text
    if translated != english:
        _log.warning("the translation of %r has other placeholders", english)
    return _formatted(english, params) or english


def _formatted(text: str, params: Mapping[str, Param]) -> str | None:
    """None if the parameters do not fit. Without parameters, braces are braces."""
    if not params:
        return text
    if not placeholders(text) <= params.keys():
        return None
    return text.format_map(
        {name: isolated(value) if isinstance(value, str) else value for name, value in params.items()}
    )


@lru_cache(maxsize=1024)  # most texts are drawn in every frame
def placeholders(text: str) -> frozenset[str]:
    """The placeholders of `text`. One that is more than a plain ``{name}`` counts under a name that no text has.

    A width or an attribute could be asked for without bound, and some texts are not ours.
    """
    try:
        parts = [part[1:] for part in Formatter().parse(text) if part[1] is not None]
    except ValueError:
        return _UNUSABLE
    plain = all(name and name.isidentifier() and not spec and kind is None for name, spec, kind in parts)
    return frozenset(str(name) for name, _, _ in parts) if plain else _UNUSABLE


@lru_cache(maxsize=1)
def _platform() -> _Catalogue:
    if not _Choice.languages:
        return _ENGLISH
    return _first(_wanted(_platform_folder()))


@lru_cache(maxsize=64)
def _of_game(package: str) -> _Catalogue:
    if not _Choice.languages or not package:
        return _ENGLISH
    try:
        folder = _game_folder(package)
    except (ImportError, ValueError, TypeError):  # there is no such package
        return _ENGLISH
    return _first(_wanted(folder))


def _wanted(folder: Traversable) -> Iterator[Traversable]:
    """The catalogues in `folder` to try, the best first."""
    there = _catalogues(folder)
    for name in _Choice.languages:
        if name in there:
            yield there[name]
        elif "_" not in name:
            yield from (file for code, file in there.items() if code.startswith(f"{name}_"))


def _catalogues(folder: Traversable) -> dict[str, Traversable]:
    """The catalogues in `folder`, by language, in alphabetical order."""
    try:
        files = {
            file.name.removesuffix(".po"): file for file in folder.iterdir() if file.name.endswith(".po")
        }
    except OSError:  # there is no such folder
        return {}
    return {code: files[code] for code in sorted(files) if _LOCALE.fullmatch(code)}


def _own_name(file: Traversable) -> str:
    """What the language of a catalogue calls itself: ``X-Native-Name`` in its header."""
    try:
        with file.open("r", encoding="utf-8") as stream:
            match = _OWN_NAME.search(stream.read(_HEADER))
    except (OSError, UnicodeDecodeError):
        return ""
    return match[1] if match else ""


def _platform_folder() -> Traversable:
    package = Path(p2pgame.__file__).parent
    inside = package / "_assets"  # in a wheel
    return (inside if inside.is_dir() else package.parent / "assets") / "locale"


def _game_folder(package: str) -> Traversable:
    return resources.files(package) / "locale"


def _first(files: Iterator[Traversable]) -> _Catalogue:
    """The first catalogue that is there and can be read."""
    for file in files:
        try:
            text = file.read_text("utf-8")
        except (FileNotFoundError, NotADirectoryError):
            continue
        except (OSError, UnicodeDecodeError) as error:
            _log.warning("%s cannot be read: %s", file, error)
            continue
        catalogue = _parsed(file.name, text)
        if catalogue is not None:
            return catalogue
    return _ENGLISH


def _parsed(name: str, text: str) -> _Catalogue | None:
    if (
        not text.startswith(("#", "msgid", "\ufeff")) and "\nmsgid" not in text
    ):  # polib would take it for a file name
        _log.warning("%s is no catalogue", name)
        return None
    import polib  # only where there is a translation

    try:
        file = polib.pofile(text, check_for_duplicates=False)
        file.metadata["Content-Type"] = "text/plain; charset=utf-8"
        return gnu.GNUTranslations(io.BytesIO(file.to_binary()))
    except Exception as error:  # polib and the plural rule raise whatever a malformed file leads them to
        _log.warning("%s is no catalogue: %s", name, error)
        return None
