"""The texts that decide: the module ``rules`` of a game, and every module of the game that it imports.

Reads the source and runs none of it, so that `p2pgame.testing` looks at the same files as the rules digest. A module is
named as seen from the package of the game: ``rules``, ``engine.moves``.
"""

import ast
import re
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from importlib.resources.abc import Traversable
from importlib.util import decode_source
from typing import NamedTuple

__all__ = ["Import", "RulesModule", "imports_of", "rules_modules"]

_IMPORT = "import"
_STATEMENT = re.compile(r"^[^\s)\]}#]", re.MULTILINE)
"""The beginning of a statement of a module, or of a line within a string."""
_RULES = "rules"
_PACKAGE = "__init__"


class RulesModule(NamedTuple):
    """One of them."""

    name: str
    file: str
    """As seen from the folder of the game: ``engine/moves.py``."""
    source: str = ""

    @property
    def folder(self) -> tuple[str, ...]:
        """What relative imports start from."""
        return tuple(self.file.split("/")[:-1])


class Import(NamedTuple):
    """One imported name."""

    line: int
    text: str
    """The module as it is written: ``math``, ``.engine``."""
    module: str | None
    """As seen from the game, empty for its package itself; None: not of the game."""
    name: str = ""
    """What is taken from the module; it may be a module itself."""


def rules_modules(root: Traversable, package: str) -> list[RulesModule]:
    """``rules`` first, then the others in the order of their names. `root`: the folder of the game's `package`.

    Packages between the game's own and a module count, as importing the module runs them. Raises `FileNotFoundError`
    for a module without a source, and `SyntaxError` for one whose bytes are no text.
    """
    first = _read(root, _RULES)
    if first is None:
        raise FileNotFoundError(_RULES)
    found = {first.name: first}
    pending = [first]
    while pending:
        for name in _needed(root, package, pending.pop()):
            if name not in found:
                module = _read(root, name)
                if module is not None:
                    found[name] = module
                    pending.append(module)
                elif not _below(root, name.split(".")).is_dir():
                    raise FileNotFoundError(name)
    return [found.pop(_RULES), *(found[name] for name in sorted(found))]


def imports_of(tree: ast.Module, module: RulesModule, package: str) -> Iterator[Import]:
    """What `module`, whose source is `tree`, imports, anywhere in it."""
    for node in _statements(tree):
        match node:
            case ast.Import(names=names):
                for alias in names:
                    yield Import(node.lineno, alias.name, _of_game(alias.name, package))
            case ast.ImportFrom(module=None | str() as written, names=names, level=level):
                name = written or ""
                inside = _relative(module.folder, level, name) if level else _of_game(name, package)
                for alias in names:
                    yield Import(node.lineno, "." * level + name, inside, alias.name)


def _statements(tree: ast.Module) -> Iterator[ast.AST]:
    """As `ast.walk`, without expressions: they are most of a tree, and nothing is imported inside of one."""
    waiting: deque[ast.AST] = deque([tree])
    while waiting:
        node = waiting.popleft()
        yield node
        for block in ("body", "handlers", "orelse", "finalbody", "cases"):
            waiting.extend(getattr(node, block, ()))


def _needed(root: Traversable, package: str, module: RulesModule) -> Iterator[str]:
    """The modules of the game that importing `module` runs."""
    try:
        tree = _parsed(module.source)
    except (SyntaxError, ValueError):
        return
    for found in imports_of(tree, module, package):
        if found.module is None:
            continue
        inner = ".".join(filter(None, (found.module, found.name)))
        if found.name and _file(root, inner) is not None:
            yield from _with_packages(root, inner)
        elif found.module:
            yield from _with_packages(root, found.module)
        else:  # a name of the game's own package
            yield _PACKAGE


def _parsed(source: str) -> ast.Module:
    """All of `source`, or no more of it than has all its imports: to parse a text is most of what loading a game costs.

    A part that can be parsed and ends with a line is read as it is read in the whole: what follows it is neither in a
    string nor in a bracket that it opened.
    """
    last = source.rfind(_IMPORT)
    following = _STATEMENT.search(source, last + len(_IMPORT)) if last >= 0 else None
    if following is not None:
        with suppress(SyntaxError):
            return ast.parse(source[: following.start()])
    return ast.parse(source)


def _with_packages(root: Traversable, name: str) -> Iterator[str]:
    parts = name.split(".")
    for length in range(1, len(parts)):
        outer = ".".join(parts[:length])
        if _file(root, outer) is not None:
            yield outer
    yield name


def _read(root: Traversable, name: str) -> RulesModule | None:
    file = _file(root, name)
    if file is None:
        return None
    try:
        source = decode_source(_below(root, file.split("/")).read_bytes())
    except (UnicodeDecodeError, LookupError) as error:
        raise SyntaxError(str(error)) from error
    return RulesModule(name, file, source)


def _file(root: Traversable, name: str) -> str | None:
    """The file of a module; as in Python, a package comes before a module of its name."""
    path = name.replace(".", "/")
    for file in (f"{path}/{_PACKAGE}.py", f"{path}.py"):
        if _below(root, file.split("/")).is_file():
            return file
    return None


def _below(folder: Traversable, names: Sequence[str]) -> Traversable:
    """One name at a time: that of a package without ``__init__.py`` takes no more in Python 3.11."""
    for name in names:
        folder = folder.joinpath(name)
    return folder


def _of_game(name: str, package: str) -> str | None:
    if not package:
        return None
    if name == package:
        return ""
    return name.removeprefix(f"{package}.") if name.startswith(f"{package}.") else None


def _relative(folder: tuple[str, ...], level: int, name: str) -> str | None:
    if level - 1 > len(folder):
        return None
    return ".".join((*folder[: len(folder) - level + 1], *filter(None, (name,))))
