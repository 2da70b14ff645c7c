"""Looks through types and values for what has no place in a state: floats, sets, and what can be changed in place."""

from collections.abc import Iterator
from enum import Enum
from typing import Any, Final

import msgspec
from msgspec import inspect

__all__ = ["impure_types", "impure_values"]

_FLOAT: Final = "floats round differently from machine to machine: use integers"
_SET: Final = "the order of a set differs from process to process: use a sorted tuple"
_MUTABLE: Final = "can be changed in place: use a tuple, bytes or a frozen struct"
_CLOCK: Final = "clocks differ: count frames"
_BAD_TYPES: Final[dict[type[inspect.Type], str]] = {
    inspect.FloatType: _FLOAT,
    inspect.DecimalType: "its context is global: use integers",
    inspect.SetType: _SET,
    inspect.FrozenSetType: _SET,
    inspect.ListType: _MUTABLE,
    inspect.DictType: _MUTABLE,
    inspect.TypedDictType: _MUTABLE,
    inspect.ByteArrayType: _MUTABLE,
    inspect.MemoryViewType: _MUTABLE,
    inspect.DateTimeType: _CLOCK,
    inspect.DateType: _CLOCK,
    inspect.TimeType: _CLOCK,
    inspect.TimeDeltaType: _CLOCK,
    inspect.AnyType: "Any takes whatever comes from the wire: name the type",
    inspect.CustomType: "is unknown to the encoding",
}
_PLAIN: Final = (bool, int, str, bytes, type(None))


def impure_types(kind: Any) -> Iterator[tuple[str, str]]:
    """Path and reason of each part of the type `kind` that a state must not have."""
    info = inspect.type_info(kind)
    yield from _types(getattr(kind, "__name__", str(kind)), info, frozenset())


def _types(path: str, info: inspect.Type, above: frozenset[type]) -> Iterator[tuple[str, str]]:
    if type(info) in _BAD_TYPES:
        yield path, _BAD_TYPES[type(info)]
        return
    match info:
        case inspect.StructType(cls=cls, fields=fields):
            if not cls.__struct_config__.frozen:
                yield path, f"{cls.__name__} is not frozen"
            if cls in above:  # a struct that contains itself is looked at once
                return
            for part in fields:
                yield from _types(f"{path}.{part.name}", part.type, above | {cls})
        case inspect.DataclassType(cls=cls):
            yield path, f"{cls.__name__} is a dataclass: use a frozen msgspec.Struct"
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


def impure_values(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Path and reason of each part of `value` that a state must not have, whatever its annotations say."""
    match value:
        case msgspec.Struct():
            if not value.__struct_config__.frozen:
                yield path or "the state", f"{type(value).__name__} is not frozen"
            for name in value.__struct_fields__:
                yield from impure_values(getattr(value, name), f"{path}.{name}" if path else name)
        case tuple():
            for index, item in enumerate(value):
                yield from impure_values(item, f"{path}[{index}]")
        case Enum():
            yield from impure_values(value.value, path)
        case float():
            yield path, f"{value!r}: {_FLOAT}"
        case set() | frozenset():
            yield path, _SET
        case _ if not isinstance(value, _PLAIN):
            yield path, f"a {type(value).__name__} {_MUTABLE}"
