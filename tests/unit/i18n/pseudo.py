"""A language in which every text of ours is marked: ``[!! Hello {name} !!]``. What is not marked is not translated."""

import re
from functools import cache
from pathlib import Path

import polib
import pytest

from p2pgame.i18n import catalogue
from p2pgame.i18n.extract import MessageId, extract_game, extract_platform, template
from tests.sources import PACKAGE

__all__ = [
    "LANGUAGE",
    "ONE_PROCESS",
    "catalogue_of",
    "game_folders",
    "install_pseudo",
    "platform",
    "unmarked",
]

ONE_PROCESS = pytest.mark.xdist_group("pseudo language")
"""For modules whose tests use it: to make it costs more than all of them."""
LANGUAGE = "xx"
_MARKED = re.compile(r"\[!!(?:(?!\[!!|!!\]).)*!!\]", re.DOTALL)


def game_folders() -> list[Path]:
    return sorted(path.parent for path in (PACKAGE / "games").glob("*/rules.py"))


@cache
def platform() -> list[MessageId]:
    return extract_platform(PACKAGE)


@cache
def _catalogues() -> dict[str, str]:
    """By folder: "" for the platform, and one for each game."""
    games = {f"p2pgame.games.{game.name}": catalogue_of(extract_game(game)) for game in game_folders()}
    return {"": catalogue_of(platform()), **games}


def catalogue_of(messages: list[MessageId]) -> str:
    """The template of `messages`, filled in."""
    file = polib.pofile(template(messages))
    for entry in file:
        if entry.msgid_plural:
            entry.msgstr_plural = {0: f"[!! {entry.msgid} !!]", 1: f"[!! {entry.msgid_plural} !!]"}
        else:
            entry.msgstr = f"[!! {entry.msgid} !!]"
    return str(file)


def install_pseudo(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Use this language, for the platform and its games; catalogues are written to `folder`."""
    for name, text in _catalogues().items():
        (folder / name).mkdir(exist_ok=True)
        (folder / name / f"{LANGUAGE}.po").write_text(text, "utf-8")
    monkeypatch.setattr(catalogue, "_platform_folder", lambda: folder)
    monkeypatch.setattr(catalogue, "_game_folder", lambda package: folder / package)
    catalogue.install(LANGUAGE)


def unmarked(text: str) -> str:
    """`text` without what is marked."""
    before = None
    while before != text:
        before, text = text, _MARKED.sub("", text)
    return text
