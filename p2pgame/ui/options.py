"""What a player can choose about a game: the `Literal` fields of its configuration."""

from collections.abc import Mapping
from typing import Any, Literal, get_args, get_origin, get_type_hints

import msgspec

__all__ = ["Option", "config_of", "describe", "options_of"]


class Option(msgspec.Struct, frozen=True):
    """One field with a few allowed values."""

    field: str
    values: tuple[Any, ...]
    default: int
    """Index into `values`."""

    @property
    def label(self) -> str:
        return self.field.replace("_", " ").capitalize()


def options_of(config_type: type) -> tuple[Option, ...]:
    """The choices that `config_type`, a struct with defaults, offers."""
    hints = get_type_hints(config_type)
    found = []
    for field in msgspec.structs.fields(config_type):
        hint = hints.get(field.encode_name, field.type)
        if get_origin(hint) is Literal:
            values = get_args(hint)
            default = values.index(field.default) if field.default in values else 0
            found.append(Option(field.name, values, default))
    return tuple(found)


def config_of(config_type: type, chosen: Mapping[str, Any]) -> Any:
    """A configuration with the `chosen` values and defaults for the rest."""
    return config_type(**chosen)


def describe(config: object) -> str:
    """The values of a configuration (struct or mapping) in a few words, e.g. ``standard``; may be empty."""
    values = msgspec.to_builtins(config)
    if not isinstance(values, dict):
        return ""
    words = [
        str(v).replace("_", " ") if isinstance(v, str) else f"{str(k).replace('_', ' ')} {v}"
        for k, v in list(values.items())[:6]
    ]
    return ", ".join(words)[:80]
