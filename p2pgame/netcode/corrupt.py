"""Spoils a state, as a fault of memory or of a build would: so that tests can see two sides differ.

Does not know what a state means; the rules never do this.
"""

from collections.abc import Callable, Collection
from typing import Any

import msgspec

__all__ = ["corrupt", "corrupt_at"]


def corrupt(state: Any) -> Any:
    """`state` with the lowest bit of its first integer turned over, in order of fields, indices and keys.

    Raises `ValueError` if it has no integer.
    """
    changed, after = _walk(state)
    if not changed:
        raise ValueError("a state without an integer")
    return after


def corrupt_at(frames: Collection[int]) -> Callable[[int, Any], Any]:
    """For `Timeline.tamper`: spoils the states of these frames."""
    return lambda frame, state: corrupt(state) if frame in frames else state


def _walk(value: Any) -> tuple[bool, Any]:
    """Whether something in `value` was changed, and what it is then."""
    if type(value) is int:
        return True, value ^ 1
    if isinstance(value, msgspec.Struct):
        for field in value.__struct_fields__:
            changed, after = _walk(getattr(value, field))
            if changed:
                return True, msgspec.structs.replace(value, **{field: after})
    elif isinstance(value, tuple | list):
        for index, element in enumerate(value):
            changed, after = _walk(element)
            if changed:
                return True, type(value)([*value[:index], after, *value[index + 1 :]])
    elif isinstance(value, dict):
        for key, element in value.items():
            changed, after = _walk(element)
            if changed:
                return True, {**value, key: after}
    return False, value
