"""What a player can choose about a game: the `Literal` fields of its configuration."""

from collections.abc import Mapping
from typing import Any, Literal, get_args, get_origin, get_type_hints

import msgspec

from p2pgame.i18n.games import option_label, option_value
from p2pgame.ui.sentences import sentence

__all__ = ["Option", "config_of", "options_of"]


class Option(msgspec.Struct, frozen=True):
    """One field with a few allowed values."""

    field: str
    values: tuple[Any, ...]
    default: int
    """Index into `values`."""

    def label(self, package: str) -> str:
        """Its name in the words of the game in `package`."""
        return option_label(package, self.field)

    def labels(self, package: str) -> list[str]:
        """Its values in the words of the game in `package`."""
        return [sentence(option_value(package, value)) for value in self.values]


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
