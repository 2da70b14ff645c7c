"""Values of a type, from its annotations alone: every one where they are few, random ones where they are many.

Knows the types that inputs and configurations are made of (integers with bounds, booleans, `Literal`, enums, strings,
bytes, tuples, structs, unions of them), and nothing of games. Chance comes from `p2pgame.core.Rng`, so that one seed
gives the same values on every Python.
"""

import itertools
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Any, Final, TypeVar

import msgspec
from msgspec import inspect

from p2pgame.core.rng import Rng

__all__ = ["Dice", "all_values", "random_value"]

T = TypeVar("T")

_INT_MIN: Final = -(1 << 63)
_INT_MAX: Final = (1 << 64) - 1
"""The integers of msgpack."""
_LENGTH: Final = 8
"""Longest text, bytes or tuple that is made, unless the type asks for more."""
_LETTERS: Final = "abcxyzAZ09 -_é中"


class Dice:
    """`Rng` with a memory of its own, for tests; a game keeps its `Rng` in the state instead."""

    def __init__(self, seed: int) -> None:
        self._rng = Rng(seed & _INT_MAX)

    def below(self, bound: int) -> int:
        """A uniform integer in ``[0, bound)``."""
        value, self._rng = self._rng.below(bound)
        return value

    def choice(self, items: Sequence[T]) -> T:
        """One of `items`, each equally likely."""
        return items[self.below(len(items))]

    def shuffled(self, items: Sequence[T]) -> list[T]:
        """`items` in random order (Fisher and Yates)."""
        mixed = list(items)
        for last in range(len(mixed) - 1, 0, -1):
            other = self.below(last + 1)
            mixed[last], mixed[other] = mixed[other], mixed[last]
        return mixed


def all_values(kind: Any, limit: int = 4096) -> list[Any] | None:
    """Every value of type `kind`, or None if there are more than `limit` or they cannot be counted."""
    made = _all(inspect.type_info(kind), limit)
    return None if made is None else list(made)


def random_value(kind: Any, dice: Dice) -> Any:
    """A random value of type `kind`; the ends of a range come up often. Raises `TypeError` for a type unknown here."""
    return _random(inspect.type_info(kind), dice)


def _all(kind: inspect.Type, limit: int) -> Sequence[Any] | None:
    match kind:
        case inspect.NoneType():
            return (None,)
        case inspect.BoolType():
            return (False, True)
        case inspect.LiteralType(values=values):
            return tuple(values)
        case inspect.EnumType(cls=cls):
            return tuple(cls)
        case inspect.IntType():
            low, high, step = _bounds(kind)
            return range(low, high + 1, step) if (high - low) // step < limit else None
        case inspect.UnionType(types=types):
            parts = [_all(part, limit) for part in types]
            flat = [value for part in parts for value in part or ()]
            return flat if None not in parts and len(flat) <= limit else None
        case inspect.TupleType(item_types=types):
            return _product(tuple, types, limit)
        case inspect.StructType(cls=cls):
            return _structs(cls, limit)
        case _:
            return None


@lru_cache(maxsize=64)
def _structs(cls: type[Any], limit: int) -> Sequence[Any] | None:
    """Kept, since every match of a game asks for the values of the same type."""
    fields = msgspec.structs.fields(cls)
    names = [field.name for field in fields]
    kinds = [inspect.type_info(field.type) for field in fields]
    return _product(lambda row: cls(**dict(zip(names, row, strict=True))), kinds, limit)


def _product(
    make: Callable[[tuple[Any, ...]], Any], kinds: Sequence[inspect.Type], limit: int
) -> list[Any] | None:
    columns, size = [], 1
    for kind in kinds:
        column = _all(kind, limit)
        if column is None:
            return None
        size *= len(column)
        if size > limit:
            return None
        columns.append(column)
    return [make(row) for row in itertools.product(*columns)]


def _random(kind: inspect.Type, dice: Dice) -> Any:
    match kind:
        case inspect.NoneType():
            return None
        case inspect.BoolType():
            return bool(dice.below(2))
        case inspect.LiteralType(values=values):
            return dice.choice(values)
        case inspect.EnumType(cls=cls):
            return dice.choice(tuple(cls))
        case inspect.IntType():
            return _integer(kind, dice)
        case inspect.StrType():
            return "".join(dice.choice(_LETTERS) for _ in range(_length(kind, dice)))
        case inspect.BytesType():
            return bytes(dice.below(256) for _ in range(_length(kind, dice)))
        case inspect.TupleType(item_types=types):
            return tuple(_random(part, dice) for part in types)
        case inspect.VarTupleType(item_type=item):
            return tuple(_random(item, dice) for _ in range(_length(kind, dice)))
        case inspect.UnionType(types=types):
            return _random(dice.choice(types), dice)
        case inspect.StructType(cls=cls, fields=fields):
            return cls(**{field.name: _random(field.type, dice) for field in fields})
        case inspect.Metadata(type=inner):
            return _random(inner, dice)
        case _:
            raise TypeError(f"no random value can be made of {_name(kind)}")


def _bounds(kind: inspect.IntType) -> tuple[int, int, int]:
    """Lowest and highest value, and the step between values."""
    low = max([_INT_MIN, *_given(kind.ge), *(x + 1 for x in _given(kind.gt))])
    high = min([_INT_MAX, *_given(kind.le), *(x - 1 for x in _given(kind.lt))])
    step = int(kind.multiple_of or 1)
    return -(-low // step) * step, high // step * step, step


def _given(bound: float | None) -> Iterator[int]:
    if bound is not None:
        yield int(bound)


def _integer(kind: inspect.IntType, dice: Dice) -> int:
    low, high, step = _bounds(kind)
    edges = [x for x in (low, high, 0, step, -step) if low <= x <= high]
    if dice.below(4) == 0:
        return dice.choice(edges)
    if high - low < 1 << 32:
        return low + step * dice.below((high - low) // step + 1)
    near = min(max(0, low), high) // step * step
    value = near + step * (dice.below(2001) - 1000)
    return min(max(value, low), high)


def _length(kind: inspect.StrType | inspect.BytesType | inspect.VarTupleType, dice: Dice) -> int:
    low = kind.min_length or 0
    high = max(low, _LENGTH)
    if kind.max_length is not None:
        high = min(high, kind.max_length)
    return low + dice.below(high - low + 1)


def _name(kind: inspect.Type) -> str:
    return str(getattr(kind, "cls", None) or type(kind).__name__.removesuffix("Type").lower())
