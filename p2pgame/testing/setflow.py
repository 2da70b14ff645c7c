"""Finds where Python source depends on the order of a set. Part of `p2pgame.testing.lint`.

Asking whether something is in a set is fine, and so is what comes out the same in any order (`len`, `any`, `sum`,
another set, `sorted` without a key). Looping over it, listing it or popping from it is not.
"""

import ast
from collections.abc import Iterator
from typing import Final

__all__ = ["SetFlow"]

_MAKERS: Final = frozenset(("set", "frozenset"))
_ANNOTATIONS: Final = frozenset(("set", "frozenset", "Set", "FrozenSet", "AbstractSet", "MutableSet"))
_METHODS: Final = frozenset(("union", "intersection", "difference", "symmetric_difference", "copy"))
_ORDERLESS: Final = frozenset(
    ("len", "any", "all", "sum", "set", "frozenset", "sorted", "min", "max", "bool", "isinstance")
)
_BY_KEY: Final = frozenset(("sorted", "min", "max"))
"""Without a key they look at whole values; with one, equal keys come out in the order of the set."""
_ORDERED: Final = frozenset(
    (
        "list",
        "tuple",
        "iter",
        "enumerate",
        "zip",
        "map",
        "filter",
        "reversed",
        "bytes",
        "str",
        "repr",
        "dict",
        "deque",
    )
)
_ORDERED_METHODS: Final = frozenset(("join", "extend", "fromkeys", "chain", "from_iterable", "choice"))

_Scope = ast.Module | ast.FunctionDef | ast.Lambda


class SetFlow:
    """The sets of one module, followed by name."""

    def __init__(self, tree: ast.Module) -> None:
        self._tree = tree
        self._functions = {
            node.name
            for node in ast.walk(tree)
            if isinstance(node, ast.FunctionDef) and node.returns is not None and _says_set(node.returns)
        }
        self._fields = {
            node.target.id
            for owner in ast.walk(tree)
            if isinstance(owner, ast.ClassDef)
            for node in owner.body
            if isinstance(node, ast.AnnAssign)
            and isinstance(node.target, ast.Name)
            and _says_set(node.annotation)
        }
        self._sets: set[str] = set()

    def unordered(self) -> Iterator[tuple[int, str]]:
        """Line of each place that depends on the order of a set, and the source of that set."""
        shared = self._names(self._tree, set())
        yield from self._scan(self._tree, shared)

    def _scan(self, scope: _Scope, outer: set[str]) -> Iterator[tuple[int, str]]:
        names = self._names(scope, outer)
        nested: list[_Scope] = []
        self._sets = names
        harmless: set[int] = set()
        for node in _inside(scope):
            if isinstance(node, (ast.FunctionDef, ast.Lambda)):
                nested.append(node)
                continue
            self._excuse(node, harmless)
            for value in self._ordered_uses(node, harmless):
                if self._is_set(value):
                    yield value.lineno, _short(value)
        for inner in nested:
            yield from self._scan(inner, names)

    def _names(self, scope: _Scope, outer: set[str]) -> set[str]:
        """Names that hold a set in `scope`; a name bound to anything else as well is given the benefit."""
        self._sets = set(outer)
        if not isinstance(scope, ast.Module):
            arguments = (*scope.args.posonlyargs, *scope.args.args, *scope.args.kwonlyargs)
            self._sets -= {argument.arg for argument in arguments}
            self._sets |= {a.arg for a in arguments if a.annotation is not None and _says_set(a.annotation)}
        for _ in range(2):  # a name may be bound to one that is bound further down
            for node in _inside(scope):
                match node:
                    case ast.Assign(targets=[ast.Name(id=name)], value=value):
                        bind = self._sets.add if self._is_set(value) else self._sets.discard
                        bind(name)
                    case ast.AnnAssign(target=ast.Name(id=name), annotation=kind, value=value):
                        if _says_set(kind) or (value is not None and self._is_set(value)):
                            self._sets.add(name)
                    case ast.NamedExpr(target=ast.Name(id=name), value=value) if self._is_set(value):
                        self._sets.add(name)
                    case ast.For(target=ast.Name(id=name)):
                        self._sets.discard(name)
        return set(self._sets)

    def _is_set(self, value: ast.expr) -> bool:
        match value:
            case ast.Set() | ast.SetComp():
                return True
            case ast.Name(id=name):
                return name in self._sets
            case ast.Attribute(attr=name):
                return name in self._fields
            case ast.Call(func=ast.Name(id=name)):
                return name in _MAKERS or name in self._functions
            case ast.Call(func=ast.Attribute(value=base, attr=name)):
                return (name in _METHODS and self._is_set(base)) or name in self._functions
            case ast.BinOp(left=left, op=ast.BitOr() | ast.BitAnd() | ast.Sub() | ast.BitXor(), right=right):
                return self._is_set(left) or self._is_set(right)
            case ast.IfExp(body=body, orelse=orelse):
                return self._is_set(body) or self._is_set(orelse)
            case _:
                return False

    def _excuse(self, node: ast.AST, harmless: set[int]) -> None:
        """Remember the generators of which only what does not depend on order is used."""
        if isinstance(node, ast.SetComp):
            harmless.add(id(node))
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            name = node.func.id
            if name in _ORDERLESS and not (name in _BY_KEY and _has_key(node)):
                harmless.update(id(a) for a in node.args if isinstance(a, (ast.GeneratorExp, ast.ListComp)))

    def _ordered_uses(self, node: ast.AST, harmless: set[int]) -> Iterator[ast.expr]:
        """The expressions whose order `node` makes use of."""
        match node:
            case ast.For(iter=value) | ast.YieldFrom(value=value) | ast.Starred(value=value, ctx=ast.Load()):
                yield value
            case ast.ListComp() | ast.GeneratorExp() | ast.DictComp() if id(node) not in harmless:
                yield from (part.iter for part in node.generators)
            case ast.Assign(targets=[ast.Tuple() | ast.List()], value=value):
                yield value
            case ast.Call(func=ast.Name(id=name), args=args):
                if name in _ORDERED or (name in _BY_KEY and _has_key(node)):
                    yield from args
            case ast.Call(func=ast.Attribute(value=base, attr="pop"), args=[]):
                yield base
            case ast.Call(func=ast.Attribute(attr=name), args=args) if name in _ORDERED_METHODS:
                yield from args
            case ast.FormattedValue(value=value):
                yield value


def _inside(scope: _Scope) -> Iterator[ast.AST]:
    """The nodes of `scope` in the order of the text; nested functions are named but not entered."""
    pending: list[ast.AST] = list(reversed(list(ast.iter_child_nodes(scope))))
    while pending:
        node = pending.pop()
        yield node
        if not isinstance(node, (ast.FunctionDef, ast.Lambda)):
            pending.extend(reversed(list(ast.iter_child_nodes(node))))


def _says_set(annotation: ast.expr) -> bool:
    """True for ``set[...]`` and its like, alone, in Final[...] or with ``| None``; not for a tuple of sets."""
    match annotation:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name in _ANNOTATIONS
        case ast.Subscript(value=ast.Name(id="Final" | "Annotated" | "Optional" | "ClassVar"), slice=inner):
            return _says_set(inner.elts[0] if isinstance(inner, ast.Tuple) and inner.elts else inner)
        case ast.Subscript(value=base):
            return _says_set(base)
        case ast.BinOp(left=left, right=right):
            return _says_set(left) or _says_set(right)
        case _:
            return False


def _has_key(call: ast.Call) -> bool:
    return any(keyword.arg in ("key", None) for keyword in call.keywords)


def _short(value: ast.expr) -> str:
    text = ast.unparse(value)
    return text if len(text) <= 30 else f"{text[:27]}..."
