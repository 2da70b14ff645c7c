"""A language in which every text of ours is marked: ``[!! Hello {name} !!]``. What is not marked is not translated."""

import re
from pathlib import Path

import polib
import pytest

import p2pgame
from p2pgame.i18n import catalogue
from p2pgame.i18n.extract import Message, extract_game, extract_platform, template

__all__ = ["LANGUAGE", "PACKAGE", "catalogue_of", "game_folders", "install_pseudo", "unmarked"]

PACKAGE = Path(p2pgame.__file__).parent
LANGUAGE = "xx"
_MARKED = re.compile(r"\[!!(?:(?!\[!!|!!\]).)*!!\]", re.DOTALL)


def game_folders() -> list[Path]:
    return sorted(path.parent for path in (PACKAGE / "games").glob("*/rules.py"))


def catalogue_of(messages: list[Message]) -> str:
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
    (folder / f"{LANGUAGE}.po").write_text(catalogue_of(extract_platform(PACKAGE)), "utf-8")
    for game in game_folders():
        inside = folder / f"p2pgame.games.{game.name}"
        inside.mkdir()
        (inside / f"{LANGUAGE}.po").write_text(catalogue_of(extract_game(game)), "utf-8")
    monkeypatch.setattr(catalogue, "_platform_folder", lambda: folder)
    monkeypatch.setattr(catalogue, "_game_folder", lambda package: folder / package)
    catalogue.install(LANGUAGE)


def unmarked(text: str) -> str:
    """`text` without what is marked."""
    before = None
    while before != text:
        before, text = text, _MARKED.sub("", text)
    return text
