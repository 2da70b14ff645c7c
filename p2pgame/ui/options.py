"""What a player can choose about a game: the `Literal` fields of its configuration."""

from collections.abc import Mapping
from typing import Any, Literal, get_args, get_origin, get_type_hints

import msgspec

from p2pgame.i18n.catalogue import gettext
from p2pgame.ui.messages import game_words, sentence

__all__ = ["Option", "config_of", "describe", "options_of"]


class Option(msgspec.Struct, frozen=True):
    """One field with a few allowed values."""

    field: str
    values: tuple[Any, ...]
    default: int
    """Index into `values`."""

    def label(self, package: str) -> str:
        """Its name in the words of the game in `package`."""
        return game_words(package, _words(self.field).capitalize())

    def labels(self, package: str) -> list[str]:
        """Its values in the words of the game in `package`."""
        return [sentence(game_words(package, _words(value))) for value in self.values]


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


def describe(config: object, package: str = "") -> str:
    """The values of a configuration (struct or mapping) in a few words, e.g. ``standard``; may be empty.

    `package`: of the game, whose words they are.
    """
    values = msgspec.to_builtins(config)
    if not isinstance(values, dict):
        return ""
    parts = [_described(package, str(field), value) for field, value in list(values.items())[:6]]
    return ", ".join(parts)[:80]


def _described(package: str, field: str, value: object) -> str:
    if isinstance(value, str):
        return game_words(package, _words(value))
    return gettext("{option} {value}", option=game_words(package, _words(field)), value=str(value))


def _words(name: object) -> str:
    return str(name).replace("_", " ")
