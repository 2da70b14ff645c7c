"""Reads the source of the rules of a game for what two machines could compute differently. Runs none of it.

A line that is right all the same says so, with the reason: ``x = a / b  # deterministic: shown only``.
It knows no types. It follows names within the module, so a set that arrives through a call is found by
the sync test and ``PYTHONHASHSEED`` instead.
"""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from p2pgame.core.rules_text import Import, RulesModule, imports_of, rules_modules
from p2pgame.testing.setflow import SetFlow

__all__ = ["LintFinding", "field_line", "lint_rules", "lint_source"]


class LintFinding(msgspec.Struct, frozen=True, order=True):
    """One line that needs another look. `p2pgame.i18n.lint` says it in words."""

    line: int
    what: str
    """Code of what was found: ``import``, ``true_division``."""
    why: str
    """Code of what can go wrong, and what to do instead: ``chance``, ``float``."""
    subject: str = ""
    """The name or the piece of source in question."""
    file: str = "rules.py"
    """As seen from the folder of the game."""


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_EXCUSE: Final = re.compile(r"#\s*deterministic:\s*\S")
_ALLOWED_MODULES: Final = _names(
    "__future__ abc bisect collections collections.abc contextlib copy dataclasses enum fractions functools heapq "
    "itertools math msgspec numbers operator p2pgame.core re string textwrap types typing typing_extensions"
)
_INTEGER_MATH: Final = _names("isqrt gcd lcm comb perm factorial prod")
_WHY_NOT: Final = {
    "random": "chance",
    "secrets": "chance",
    "uuid": "chance",
    "numpy": "other_numbers",
    "time": "clock",
    "datetime": "clock",
    "os": "machine",
    "sys": "machine",
    "socket": "outside_world",
    "threading": "threads",
    "asyncio": "tasks",
    "decimal": "decimal",
    "p2pgame": "core_only",
}
_CALLS: Final = {
    "hash": "hash_seed",
    "id": "address",
    "float": "float",
    "complex": "float",
    "open": "outside_world",
    "input": "outside_world",
    "eval": "dynamic_code",
    "exec": "dynamic_code",
    "globals": "outlives_rollback",
    "__import__": "dynamic_import",
}
_MAKERS: Final = _names("list dict set bytearray defaultdict deque Counter OrderedDict")
_MUTATORS: Final = _names(
    "add append appendleft clear discard extend insert pop popitem popleft remove reverse setdefault sort update"
)


def lint_rules(path: Path | str, package: str = "") -> list[LintFinding]:
    """Findings in the rules at `path`, ``rules.py`` or ``rules/__init__.py``, and in the modules that they import.

    `package`: of the game, as absolute imports name it; default: the name of its folder. Ordered by file, the rules
    first, and by line. Raises `OSError` if a file cannot be read.
    """
    folder = _folder_of(Path(path))
    try:
        modules = rules_modules(folder, package or folder.name)
    except SyntaxError as error:
        return [LintFinding(1, "syntax_error", "syntax", str(error))]
    return [finding for module in modules for finding in _lint(module, package or folder.name)]


def lint_source(source: str) -> list[LintFinding]:
    """Findings in the text of a ``rules.py``, by line. What it imports from beside it is not looked at."""
    return _lint(RulesModule("rules", "rules.py", source), "")


def _lint(module: RulesModule, package: str) -> list[LintFinding]:
    try:
        tree = ast.parse(module.source)
    except SyntaxError as error:
        return [LintFinding(error.lineno or 1, "syntax_error", "syntax", error.msg, module.file)]
    lines = module.source.splitlines()
    found = {
        msgspec.structs.replace(finding, file=module.file)
        for finding in _Linter(tree, module, package).findings()
        if not _EXCUSE.search(lines[finding.line - 1])
    }
    return sorted(found)


def _folder_of(rules: Path) -> Path:
    """The folder of the game."""
    return rules.parent.parent if rules.name == "__init__.py" else rules.parent


def field_line(rules: Path, package: str, path: str) -> tuple[str, int]:
    """File and line of the field ``Class.field`` that the `path` of a type is; nothing and 0 if it is not found."""
    owner, _, name = path.replace("[]", "").partition(".")
    for module in rules_modules(_folder_of(rules), package):
        for node in ast.walk(ast.parse(module.source)):
            for statement in node.body if isinstance(node, ast.ClassDef) and node.name == owner else ():
                match statement:
                    case ast.AnnAssign(target=ast.Name(id=found)) if found == name:
                        return module.file, statement.lineno
    return "", 0


class _Linter:
    def __init__(self, tree: ast.Module, module: RulesModule, package: str) -> None:
        self._tree = tree
        self._imported = list(imports_of(tree, module, package))
        self._stored = Counter(
            n.id if isinstance(n, ast.Name) else n.arg
            for n in ast.walk(tree)
            if isinstance(n, ast.arg) or (isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Load))
        )
        """How often each name is bound, anywhere."""
        self._bound = {
            *self._stored,
            *(n.name for n in ast.walk(tree) if isinstance(n, (ast.FunctionDef, ast.ClassDef))),
        }
        self._math = {
            alias.asname or alias.name
            for node in ast.walk(tree)
            if isinstance(node, ast.Import)
            for alias in node.names
            if alias.name == "math"
        }
        self._containers = dict(self._module_containers())
        self._naturals: set[str] = set()
        self._naturals = {
            name for name, value in self._constants() if self._is_natural(value) and self._stored[name] == 1
        }

    def findings(self) -> Iterator[LintFinding]:
        for found in self._imported:
            if found.module is None:
                yield from self._module(found)
        for node in ast.walk(self._tree):
            yield from self._maths(node)
            yield from self._numbers(node)
            yield from self._memory(node)
            match node:
                case ast.Name(id=name, ctx=ast.Load()) if name in _CALLS and name not in self._bound:
                    yield LintFinding(node.lineno, "name", _CALLS[name], name)
                case ast.ClassDef():
                    yield from self._class(node)
        for name, node in self._containers.items():
            if not _is_constant(name, node):
                yield LintFinding(node.lineno, "mutable_global", "constant_is_final", name)
        for line, source in SetFlow(self._tree).unordered():
            yield LintFinding(line, "set_order", "set_order", source)

    # --- what may be imported

    def _module(self, found: Import) -> Iterator[LintFinding]:
        name = found.text
        if name == "math" and found.name and found.name not in _INTEGER_MATH:
            yield LintFinding(found.line, "float_function", "float", f"math.{found.name}")
        if name not in _ALLOWED_MODULES and not name.startswith(("p2pgame.core.", "collections.")):
            reason = _WHY_NOT.get(name.partition(".")[0], "outside_game")
            yield LintFinding(found.line, "import", reason, name)

    def _maths(self, node: ast.AST) -> Iterator[LintFinding]:
        match node:
            case ast.Attribute(value=ast.Name(id=name), attr=attribute) if name in self._math:
                if attribute not in _INTEGER_MATH:
                    yield LintFinding(node.lineno, "float_function", "float", f"math.{attribute}")

    # --- numbers

    def _numbers(self, node: ast.AST) -> Iterator[LintFinding]:
        match node:
            case ast.Constant(value=float() | complex() as value):
                yield LintFinding(node.lineno, "float_literal", "float", repr(value))
            case ast.BinOp(op=ast.Div()) | ast.AugAssign(op=ast.Div()):
                yield LintFinding(node.lineno, "true_division", "integer_division")
            case (
                ast.BinOp(op=ast.Pow(), right=exponent)
                | ast.AugAssign(op=ast.Pow(), value=exponent)
                | ast.Call(func=ast.Name(id="pow"), args=[_, exponent])
            ) if not self._is_natural(exponent):
                yield LintFinding(node.lineno, "power", "exponent", _short(exponent))

    def _is_natural(self, node: ast.expr) -> bool:
        """Whether the value is 0 or more, by its form."""
        match node:
            case ast.Constant(value=int() as value):
                return value >= 0
            case ast.Name(id=name):
                return name in self._naturals
            case ast.Call(func=ast.Name(id="len" | "abs")) | ast.Call(func=ast.Attribute(attr="bit_length")):
                return True
            case ast.Call(func=ast.Name(id="max"), args=args):
                return any(map(self._is_natural, args))
            case ast.Call(func=ast.Name(id="min" | "sum"), args=args):
                return all(map(self._is_natural, args))
            case ast.BinOp(left=left, op=ast.Add() | ast.Mult() | ast.FloorDiv() | ast.Pow(), right=right):
                return self._is_natural(left) and self._is_natural(right)
            case ast.BinOp(left=left, op=ast.LShift() | ast.RShift()):
                return self._is_natural(left)
            case ast.BinOp(op=ast.Mod(), right=right):
                return self._is_natural(right)  # has the sign of the right side
            case ast.BinOp(left=left, op=ast.BitAnd(), right=right):
                return self._is_natural(left) or self._is_natural(right)
            case _:
                return False

    # --- what remembers more than the state

    def _module_containers(self) -> Iterator[tuple[str, ast.Assign | ast.AnnAssign]]:
        for node in self._tree.body:
            match node:
                case ast.Assign(targets=[ast.Name(id=name)], value=value):
                    found = _is_container(value)
                case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                    found = _is_container(value)
                case _:
                    continue
            if found and name != "__all__":
                yield name, node

    def _constants(self) -> Iterator[tuple[str, ast.expr]]:
        """What is bound to a name at the level of the module."""
        for node in self._tree.body:
            match node:
                case (
                    ast.Assign(targets=[ast.Name(id=name)], value=value)
                    | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value)
                ):
                    yield name, value

    def _memory(self, node: ast.AST) -> Iterator[LintFinding]:
        match node:
            case ast.Global(names=names):
                yield LintFinding(node.lineno, "global_statement", "outlives_rollback", ", ".join(names))
            case ast.FunctionDef() | ast.Lambda():
                for value in (*node.args.defaults, *node.args.kw_defaults):
                    if value is not None and _is_container(value):
                        yield LintFinding(value.lineno, "mutable_default", "outlives_rollback")
                if isinstance(node, ast.FunctionDef):
                    yield from self._changes(node)

    def _changes(self, function: ast.FunctionDef) -> Iterator[LintFinding]:
        """Changes of module-level containers inside `function`, unless it has a name of its own like that."""
        own = {n.id for n in ast.walk(function) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
        own |= {n.arg for n in ast.walk(function) if isinstance(n, ast.arg)}
        for node in ast.walk(function):
            base = _changed(node)
            if isinstance(base, ast.Name) and base.id in self._containers and base.id not in own:
                yield LintFinding(base.lineno, "changed_global", "outlives_rollback", base.id)

    def _class(self, node: ast.ClassDef) -> Iterator[LintFinding]:
        for statement in node.body:
            if isinstance(statement, ast.AnnAssign):
                for part in ast.walk(statement.annotation):
                    name = part.id if isinstance(part, ast.Name) else getattr(part, "attr", "")
                    if name in ("set", "frozenset", "Set", "FrozenSet", "AbstractSet"):
                        yield LintFinding(statement.lineno, "set_field", "set_order", name)
        if not any("Game" in ast.unparse(base).partition("[")[0] for base in node.bases):
            return
        for part in ast.walk(node):
            base = (
                part
                if isinstance(part, ast.Attribute) and not isinstance(part.ctx, ast.Load)
                else _changed(part)
            )
            match base:
                case ast.Attribute(value=ast.Name(id=owner), attr=name) if owner in (
                    "self",
                    "cls",
                    node.name,
                ):
                    yield LintFinding(
                        base.lineno, "changed_attribute", "outlives_rollback", f"{owner}.{name}"
                    )


def _is_container(value: ast.expr) -> bool:
    match value:
        case ast.List() | ast.Dict() | ast.Set() | ast.ListComp() | ast.DictComp() | ast.SetComp():
            return True
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)):
            return name in _MAKERS
        case _:
            return False


def _short(value: ast.expr) -> str:
    text = ast.unparse(value)
    return text if len(text) <= 30 else f"{text[:27]}..."


def _is_constant(name: str, node: ast.Assign | ast.AnnAssign) -> bool:
    return name.isupper() or (isinstance(node, ast.AnnAssign) and "Final" in ast.unparse(node.annotation))


def _changed(node: ast.AST) -> ast.expr | None:
    """What `node` changes in place: the container whose item is stored, or whose method changes it."""
    match node:
        case ast.Subscript(value=base, ctx=ast.Store() | ast.Del()):
            return base
        case ast.Call(func=ast.Attribute(value=base, attr=name)) if name in _MUTATORS:
            return base
        case _:
            return None
