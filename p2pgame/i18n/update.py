"""Brings catalogues in step with the source.

    python -m p2pgame.i18n.update [--check] [--from FILE] [--game FOLDER] [LANGUAGE ...]

Without arguments, every language that is there, of the platform and of its games; with ``--game``, of one game
elsewhere. Translations stay, new
messages come in empty, messages that the source no longer has are kept at the end as obsolete (and come back with their
translation if the source does). A language that is named and not there yet gets new files.

What is missing is printed as a catalogue of its own. Fill it in, and give it back with ``--from``: then it is complete.

    python -m p2pgame.i18n.update zh_CN > missing.po
    (translate missing.po)
    python -m p2pgame.i18n.update --from missing.po zh_CN

``--check`` writes nothing. The exit code is 1 if something is missing, or malformed (`faults`).
"""

import argparse
import re
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import polib

from p2pgame.i18n.catalogue import placeholders
from p2pgame.i18n.extract import MessageId, extract_game, extract_platform

__all__ = ["Area", "areas", "faults", "main", "merge", "missing"]

_PERCENT: Final = re.compile(r"%(?:\(\w+\))?[rs]")
"""A placeholder of argparse."""
_WIDTH: Final = 120
_PLURALS: Final = {
    "zh": "nplurals=1; plural=0;",
    "ja": "nplurals=1; plural=0;",
    "ko": "nplurals=1; plural=0;",
}
_TWO_FORMS: Final = "nplurals=2; plural=(n != 1);"


class Area(NamedTuple):
    """What has a catalogue of its own: the platform, or one game."""

    name: str
    """``platform``, or the name of the game's folder."""
    source: Path
    locale: Path
    """The folder of its catalogues."""

    def messages(self) -> list[MessageId]:
        """The message ids in its source, in the order of files and lines."""
        found = extract_platform(self.source) if self.name == "platform" else extract_game(self.source)
        return sorted(found, key=lambda message: (message.file, message.line, message.text))


def areas(root: Path) -> list[Area]:
    """Those of the package in the folder `root` of a checkout."""
    games = sorted(path.parent for path in (root / "games").glob("*/rules.py"))
    return [
        Area("platform", root, root.parent / "assets" / "locale"),
        *(Area(game.name, game, game / "locale") for game in games),
    ]


def merge(file: Any, messages: Sequence[MessageId], language: str, given: Any = ()) -> Any:
    """The catalogue `file` with exactly these messages, in their order; what it has beyond them becomes obsolete.

    `given`: another catalogue, whose translations are taken where they are not empty.
    """
    known = {entry.msgid: entry for entry in file if not entry.obsolete}
    retired = {entry.msgid: entry for entry in file if entry.obsolete}
    offered = {entry.msgid: entry for entry in given}
    made = polib.POFile(wrapwidth=_WIDTH)
    made.header = file.header
    made.metadata = {**_header(language), **file.metadata}
    forms = _forms(made.metadata["Plural-Forms"])
    for message in messages:
        sources = [offered.get(message.text), known.get(message.text), retired.get(message.text)]
        made.append(_entry(message, forms, [entry for entry in sources if entry is not None]))
    ids = {message.text for message in messages}
    for old in (*known.values(), *retired.values()):
        if old.msgid not in ids and (old.msgstr or any(old.msgstr_plural.values())):
            old.obsolete, old.occurrences = True, []
            ids.add(old.msgid)
            made.append(old)
    return made


def missing(file: Any) -> list[Any]:
    """The entries without a translation, and those that are marked as unsure (``fuzzy``)."""
    return [entry for entry in file if not entry.obsolete and not entry.translated()]


def faults(file: Any) -> list[str]:
    """What is wrong with translations, a line each: placeholders, doubles, and space or newline at an end."""
    found: list[str] = []
    seen: set[str] = set()
    for entry in file:
        if entry.obsolete:
            continue
        if entry.msgid in seen:
            found.append(f"twice: {entry.msgid!r}")
        seen.add(entry.msgid)
        percent = sorted(_PERCENT.findall(entry.msgid))
        allowed = placeholders(entry.msgid) | placeholders(entry.msgid_plural)
        for text in (entry.msgstr, *entry.msgstr_plural.values()):
            if not text:
                continue
            used = placeholders(text)
            needed = placeholders(entry.msgid_plural or entry.msgid) - (
                {"n"} if entry.msgid_plural else set()
            )
            if not needed <= used <= allowed or sorted(_PERCENT.findall(text)) != percent:
                found.append(f"placeholders: {entry.msgid!r} -> {text!r}")
            if entry.msgid.strip(" ,") and (text[0].isspace(), text[-1].isspace()) != (
                entry.msgid[0].isspace(),
                entry.msgid[-1].isspace(),
            ):
                found.append(f"space at an end: {entry.msgid!r} -> {text!r}")
    return found


def main(argv: Sequence[str], root: Path | None = None) -> int:
    """Run as a program; `root`: the package."""
    parser = argparse.ArgumentParser(prog="python -m p2pgame.i18n.update")
    parser.add_argument("languages", nargs="*", metavar="LANGUAGE")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--game", type=Path, metavar="FOLDER")
    parser.add_argument("--from", dest="given", type=Path, metavar="FILE")
    args = parser.parse_args(argv)
    game: Path | None = args.game
    all_areas = (
        areas(root or Path(__file__).parents[1])
        if game is None
        else [Area(game.resolve().name, game, game / "locale")]
    )
    languages = args.languages or sorted(
        {path.stem for area in all_areas for path in area.locale.glob("*.po")}
    )
    given = polib.pofile(str(args.given)) if args.given else ()
    bad = False
    wanted = polib.POFile(wrapwidth=_WIDTH)
    for language in languages:
        for area in all_areas:
            path = area.locale / f"{language}.po"
            old = polib.pofile(str(path), wrapwidth=_WIDTH) if path.exists() else polib.POFile()
            made = merge(old, area.messages(), language, given)
            if not args.check:
                area.locale.mkdir(parents=True, exist_ok=True)
                path.write_text(f"{made}".rstrip("\n") + "\n", "utf-8", newline="\n")
            lacking, wrong = missing(made), faults(made)
            bad = bad or bool(lacking or wrong)
            total = sum(not entry.obsolete for entry in made)
            _say(f"{path}: {total} messages, {len(lacking)} missing, {len(wrong)} malformed")
            for fault in wrong:
                _say(f"  {fault}")
            wanted.metadata = made.metadata
            wanted.extend(entry for entry in lacking if entry not in wanted)
    if len(wanted):
        sys.stdout.write(f"{wanted}".rstrip("\n") + "\n")
    return int(bad)


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")


def _header(language: str) -> dict[str, str]:
    return {
        "Project-Id-Version": "p2pgame",
        "Language": language,
        "X-Native-Name": language,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=utf-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": _PLURALS.get(language.partition("_")[0], _TWO_FORMS),
    }


def _forms(rule: str) -> int:
    number = rule.partition("nplurals=")[2].partition(";")[0].strip()
    return int(number) if number.isdigit() and 1 <= int(number) <= 6 else 2


def _entry(message: MessageId, forms: int, sources: Iterable[Any]) -> Any:
    """An entry for `message` with the first translation in `sources` that is of its form. Files, but no lines: they
    change too often."""
    entry = polib.POEntry(msgid=message.text, occurrences=[(message.file, "")])
    if message.plural:
        entry.msgid_plural = message.plural
        entry.msgstr_plural = dict.fromkeys(range(forms), "")
    for source in sources:
        entry.tcomment = entry.tcomment or source.tcomment
        if message.plural and any(source.msgstr_plural.values()):
            entry.msgstr_plural = {form: source.msgstr_plural.get(form, "") for form in range(forms)}
        elif not message.plural and source.msgstr:
            entry.msgstr = source.msgstr
        else:
            continue
        entry.flags = [flag for flag in source.flags if flag == "fuzzy"]
        break
    return entry


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
