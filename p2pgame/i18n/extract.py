"""Finds the message ids of the platform or of a game: ``python -m p2pgame.i18n.extract [FOLDER OF A GAME]``.

Prints a template (``.pot``) for a translator: copied to ``locale/<language>.po`` and filled in, it is a catalogue.
Reads the source, runs none of it. A message id is

- the text of `gettext`, `gettext_noop`, `ngettext`, `game_text` and ``_``;
- a value of a table ``..._SENTENCES`` or ``SENTENCES`` of this package;
- of a game: its title, the hint of its view, the reasons of its illegal moves and outcomes, the fields and choices of
  its configuration, and the values of a table whose name ends with ``SENTENCES``, such as its `notes`.
"""

import ast
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, NamedTuple

__all__ = ["MessageId", "extract_game", "extract_platform", "main", "template"]

_MARKS: Final = frozenset(("gettext", "gettext_noop", "game_text", "_"))
_SHOWN_AS_THEY_ARE: Final = ("hint", "title")


class MessageId(NamedTuple):
    """One message id, and a place where it is used."""

    text: str
    plural: str
    """Empty if it has none."""
    file: str
    line: int


def extract_platform(root: Path) -> list[MessageId]:
    """The message ids of the package in `root`, without those of its games."""
    files = [path for path in sorted(root.rglob("*.py")) if "games" not in path.relative_to(root).parts[:1]]
    return _unique(message for path in files for message in _platform(path, path.relative_to(root)))


def extract_game(root: Path) -> list[MessageId]:
    """The message ids of the game in the folder `root`."""
    trees = {path: ast.parse(path.read_text("utf-8")) for path in sorted(root.rglob("*.py"))}
    aliases = {name: kind for tree in trees.values() for name, kind in _aliases(tree)}
    return _unique(
        message for path, tree in trees.items() for message in _game(tree, aliases, path.relative_to(root))
    )


def template(messages: list[MessageId]) -> str:
    """The text of a ``.pot`` file."""
    import polib

    file = polib.POFile()
    file.metadata = {
        "Content-Type": "text/plain; charset=utf-8",
        "Plural-Forms": "nplurals=2; plural=(n != 1);",
    }
    for message in messages:
        entry = polib.POEntry(msgid=message.text, occurrences=[(message.file, str(message.line))])
        if message.plural:
            entry.msgid_plural = message.plural
            entry.msgstr_plural = {0: "", 1: ""}
        file.append(entry)
    return str(file)


def main(argv: list[str]) -> int:
    """Run as a program."""
    messages = extract_game(Path(argv[0])) if argv else extract_platform(Path(__file__).parents[1])
    sys.stdout.write(template(messages) + "\n")
    return 0


def _unique(messages: Iterator[MessageId]) -> list[MessageId]:
    found: dict[str, MessageId] = {}
    for message in messages:
        known = found.get(message.text)
        if known is None or (message.plural and not known.plural):
            found[message.text] = message
    return list(found.values())


def _platform(path: Path, shown: Path) -> Iterator[MessageId]:
    tree = ast.parse(path.read_text("utf-8"))
    for node in ast.walk(tree):
        match node:
            case ast.Call():
                yield from _call(node, shown)
            case ast.AnnAssign() | ast.Assign() if _is_table(node):
                yield from _table(node, shown)
            case ast.AnnAssign(target=ast.Name(id="_UNKNOWN"), value=ast.Constant() as value):
                yield from _text(value, shown)


def _is_table(node: ast.AnnAssign | ast.Assign) -> bool:
    """Whether it is a dictionary or a tuple of sentences."""
    target = node.target if isinstance(node, ast.AnnAssign) else node.targets[0]
    table = isinstance(node.value, ast.Dict | ast.Tuple)
    return table and isinstance(target, ast.Name) and target.id.endswith("SENTENCES")


def _table(node: ast.AnnAssign | ast.Assign, shown: Path) -> Iterator[MessageId]:
    match node.value:
        case ast.Dict(values=values) | ast.Tuple(elts=values):
            for value in values:
                yield from _text(value, shown)


def _aliases(tree: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    """Names of types: ``Rule = Literal[...]``."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            yield node.targets[0].id, node.value


def _game(tree: ast.Module, aliases: Mapping[str, ast.expr], shown: Path) -> Iterator[MessageId]:
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id="IllegalMoveError" | "ForfeitError"), args=[text, *_]):
                yield from _text(text, shown)
            case ast.Call(func=ast.Name(id="Outcome")):
                for keyword in node.keywords:
                    if keyword.arg == "reason":
                        yield from _text(keyword.value, shown)
            case ast.Call():
                yield from _call(node, shown)
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if name in _SHOWN_AS_THEY_ARE:
                yield from _text(value, shown)
            case ast.AnnAssign() | ast.Assign() if _is_table(node):
                yield from _table(node, shown)
            case ast.ClassDef(name="Config"):
                yield from _options(node, aliases, shown)


def _options(config: ast.ClassDef, aliases: Mapping[str, ast.expr], shown: Path) -> Iterator[MessageId]:
    """The names of the fields as they are shown, and the choices that are words."""
    for node in config.body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            label = node.target.id.replace("_", " ").capitalize()
            yield MessageId(label, "", str(shown), node.lineno)
            kind: ast.expr = node.annotation
            if isinstance(kind, ast.Name):
                kind = aliases.get(kind.id, kind)
            for part in ast.walk(kind):
                if isinstance(part, ast.Constant) and isinstance(part.value, str):
                    yield MessageId(part.value.replace("_", " "), "", str(shown), node.lineno)


def _call(call: ast.Call, shown: Path) -> Iterator[MessageId]:
    name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
    match call.args:
        case [ast.Constant(value=str(one)), ast.Constant(value=str(many)), *_] if name == "ngettext":
            yield MessageId(one, many, str(shown), call.lineno)
        case [_, text, *_] if name == "game_text":
            yield from _text(text, shown)
        case [text, *_] if name in _MARKS:
            yield from _text(text, shown)


def _text(value: ast.expr, shown: Path) -> Iterator[MessageId]:
    """The constants that `value` may be: itself, or the branches of a condition."""
    match value:
        case ast.Constant(value=str(text)) if text:
            yield MessageId(text, "", str(shown), value.lineno)
        case ast.IfExp(body=body, orelse=other):
            yield from _text(body, shown)
            yield from _text(other, shown)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
