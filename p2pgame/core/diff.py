"""Where two values differ, as paths a game author can read: ``balls[0].vx: 512 ≠ 513``.

Two values are the same if and only if their canonical bytes are: what cannot be told apart on the wire cannot make
two machines disagree, and what can be told apart there (1 and True, 0.0 and -0.0) does. Serves the sync test and the
report of a desync. Does not know what a state means.
"""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, Final, NamedTuple

import msgspec

from p2pgame.core.snapshot import encode

__all__ = ["MISSING", "Difference", "differences", "first_difference"]

_SHOWN = 60
"""Characters of a value in a message."""


class _Missing:
    """Stands for what only the other side has."""

    def __repr__(self) -> str:
        return "<missing>"


MISSING: Final = _Missing()
"""One side of a `Difference` where that side has no such element."""


class Difference(NamedTuple):
    """One place at which two values differ."""

    path: str
    """``balls[0].vx``; empty for the whole value."""
    a: Any
    b: Any

    def __str__(self) -> str:
        return f"{self.path or '<root>'}: {_shown(self.a)} ≠ {_shown(self.b)}"


def first_difference(a: Any, b: Any) -> Difference | None:
    """The first place, in order of fields, indices and sorted keys, where `a` and `b` differ; None if nowhere."""
    return next(_walk("", a, b), None)


def differences(a: Any, b: Any, limit: int = 20) -> list[Difference]:
    """The first `limit` places where `a` and `b` differ."""
    return list(islice(_walk("", a, b), limit))


def _walk(path: str, a: Any, b: Any) -> Iterator[Difference]:
    if a is not MISSING and b is not MISSING and encode(a) == encode(b):
        return
    if isinstance(a, msgspec.Struct) and type(a) is type(b):
        for field in a.__struct_fields__:
            name = f"{path}.{field}" if path else field
            yield from _walk(name, getattr(a, field), getattr(b, field))
    elif isinstance(a, dict) and isinstance(b, dict):
        for key in sorted({*a, *b}, key=encode):
            yield from _walk(f"{path}[{key!r}]", a.get(key, MISSING), b.get(key, MISSING))
    elif _alike(a, b):
        for index in range(max(len(a), len(b))):
            here = a[index] if index < len(a) else MISSING
            there = b[index] if index < len(b) else MISSING
            yield from _walk(f"{path}[{index}]", here, there)
    else:
        yield Difference(path, a, b)


def _alike(a: Any, b: Any) -> bool:
    """True for two values that are compared element by element."""
    return any(isinstance(a, kinds) and isinstance(b, kinds) for kinds in _SEQUENCES)


_SEQUENCES: Final[tuple[tuple[type[Sequence[Any]], ...], ...]] = ((list, tuple), (bytes, bytearray))


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 4]} ..."
