"""Message catalogues in the way of GNU gettext: the English text is the message id.

`install` chooses the language; without it everything is English. `gettext` and `ngettext` look a text up in the
catalogue of the platform (``assets/locale/<language>.po``), `game_text` in that of a game
(``locale/<language>.po`` in the game's package). Catalogues are read when they are first needed.

A catalogue that cannot be read, and a translation whose ``{placeholders}`` are not those of the English text, count as
missing: the English text is shown.
"""

import gettext as gnu
import io
import logging
import os
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from string import Formatter
from typing import Protocol

import p2pgame
from p2pgame.core.errors import Param

__all__ = [
    "game_text",
    "gettext",
    "gettext_noop",
    "install",
    "language",
    "languages_of",
    "ngettext",
    "placeholders",
    "texts_of",
]

_LOCALE = re.compile(r"([A-Za-z]{2,3})(?:[_-]([A-Za-z0-9]{2,8}))?(?:\.[^@]*)?(?:@.*)?")
_VARIABLES = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")
_log = logging.getLogger(__name__)

_Catalogue = gnu.NullTranslations
_UNUSABLE = frozenset(("{",))
_ENGLISH = gnu.NullTranslations()


class _Choice:
    """The languages in use, the most wanted first; empty: English."""

    languages: tuple[str, ...] = ()


def install(wanted: str | None = None, environ: Mapping[str, str] = os.environ) -> None:
    """Choose the language: `wanted` (``de``, ``pt_BR``), else ``P2PGAME_LANGUAGE``, else the system's.

    For a language without a catalogue everything stays English.
    """
    _Choice.languages = languages_of(wanted, environ)
    _platform.cache_clear()
    _of_game.cache_clear()


def languages_of(wanted: str | None, environ: Mapping[str, str]) -> tuple[str, ...]:
    """The languages to look for, the most wanted first, each with its territory and without; empty: English."""
    text = wanted or environ.get("P2PGAME_LANGUAGE", "")
    text = text or next((value for name in _VARIABLES if (value := environ.get(name))), "")
    found: list[str] = []
    for part in text.split(":"):
        match = _LOCALE.fullmatch(part)
        if match is None:  # C, POSIX, nonsense
            continue
        short, territory = match[1].lower(), match[2]
        if short == "en":
            break
        found += [f"{short}_{territory.upper() if len(territory) == 2 else territory}"] if territory else []
        found += [short]
    return tuple(dict.fromkeys(found))


def language() -> str:
    """The first language that is looked for; ``en`` for English."""
    return next(iter(_Choice.languages), "en")


def gettext(text: str, /, **params: Param) -> str:
    """`text` in the language in use, with its parameters."""
    return _filled(_platform().gettext(text), text, params) if text else ""


def gettext_noop(text: str, /) -> str:
    """`text` as it is: marks a message id that is translated later, where it is shown."""
    return text


def ngettext(one: str, many: str, n: int, /, **params: Param) -> str:
    """`one` or `many`, as `n` asks for in the language in use; ``{n}`` is a parameter of both."""
    english = one if n == 1 else many
    return _filled(_platform().ngettext(one, many, n), english, {"n": n, **params}, plural=many)


def game_text(package: str, text: str, /, **params: Param) -> str:
    """`text` of the game in `package`, a message id of the game's own catalogue, with its parameters."""
    return _filled(_of_game(package).gettext(text), text, params) if text else ""


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
    names = placeholders(text)
    return text.format_map(params) if names <= params.keys() else None


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
    return _first(_platform_folder() / f"{name}.po" for name in _Choice.languages)


@lru_cache(maxsize=64)
def _of_game(package: str) -> _Catalogue:
    if not _Choice.languages or not package:
        return _ENGLISH
    try:
        folder = _game_folder(package)
    except (ImportError, ValueError, TypeError):  # there is no such package
        return _ENGLISH
    return _first(folder / f"{name}.po" for name in _Choice.languages)


def _platform_folder() -> Traversable:
    package = Path(p2pgame.__file__).parent
    inside = package / "_assets"  # in a wheel
    return (inside if inside.is_dir() else package.parent / "assets") / "locale"


def _game_folder(package: str) -> Traversable:
    return resources.files(package) / "locale"


def _first(files: Iterable[Traversable]) -> _Catalogue:
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
