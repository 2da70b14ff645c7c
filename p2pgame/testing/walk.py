"""Looks through types and values for what has no place in a state: floats, sets, and what can be changed in place."""

from collections.abc import Iterator
from enum import Enum
from typing import Any, Final, NamedTuple

import msgspec
from msgspec import inspect

__all__ = ["Impurity", "impure_types", "impure_values"]

_BAD_TYPES: Final[dict[type[inspect.Type], str]] = {
    inspect.FloatType: "float",
    inspect.DecimalType: "decimal",
    inspect.SetType: "set_order",
    inspect.FrozenSetType: "set_order",
    inspect.ListType: "mutable",
    inspect.DictType: "mutable",
    inspect.TypedDictType: "mutable",
    inspect.ByteArrayType: "mutable",
    inspect.MemoryViewType: "mutable",
    inspect.DateTimeType: "clock",
    inspect.DateType: "clock",
    inspect.TimeType: "clock",
    inspect.TimeDeltaType: "clock",
    inspect.AnyType: "any_type",
    inspect.CustomType: "unknown_type",
}
_PLAIN: Final = (bool, int, str, bytes, type(None))


class Impurity(NamedTuple):
    """A part of a type or value that has no place in a state."""

    path: str
    why: str
    """Code: ``float``, ``mutable``."""
    subject: str = ""
    """The type or value in question, where the path does not say it."""


def impure_types(kind: Any) -> Iterator[Impurity]:
    """Each part of the type `kind` that a state must not have."""
    info = inspect.type_info(kind)
    yield from _types(getattr(kind, "__name__", str(kind)), info, frozenset())


def _types(path: str, info: inspect.Type, above: frozenset[type]) -> Iterator[Impurity]:
    if type(info) in _BAD_TYPES:
        yield Impurity(path, _BAD_TYPES[type(info)])
        return
    match info:
        case inspect.StructType(cls=cls, fields=fields):
            if not cls.__struct_config__.frozen:
                yield Impurity(path, "not_frozen", cls.__name__)
            if cls in above:  # a struct that contains itself is looked at once
                return
            for part in fields:
                yield from _types(f"{path}.{part.name}", part.type, above | {cls})
        case inspect.DataclassType(cls=cls):
            yield Impurity(path, "dataclass", cls.__name__)
        case inspect.VarTupleType(item_type=item):
            yield from _types(f"{path}[]", item, above)
        case inspect.TupleType(item_types=items) | inspect.UnionType(types=items):
            for item in items:
                yield from _types(path, item, above)
        case inspect.NamedTupleType(fields=fields):
            for part in fields:
                yield from _types(f"{path}.{part.name}", part.type, above)
        case inspect.Metadata(type=inner):
            yield from _types(path, inner, above)


def impure_values(value: Any, path: str = "") -> Iterator[Impurity]:
    """Each part of `value` that a state must not have, whatever its annotations say. The path of `value` is `path`."""
    match value:
        case msgspec.Struct():
            if not value.__struct_config__.frozen:
                yield Impurity(path, "not_frozen", type(value).__name__)
            for name in value.__struct_fields__:
                yield from impure_values(getattr(value, name), f"{path}.{name}" if path else name)
        case tuple():
            for index, item in enumerate(value):
                yield from impure_values(item, f"{path}[{index}]")
        case Enum():
            yield from impure_values(value.value, path)
        case float():
            yield Impurity(path, "float", repr(value))
        case set() | frozenset():
            yield Impurity(path, "set_order")
        case _ if not isinstance(value, _PLAIN):
            yield Impurity(path, "mutable", type(value).__name__)
