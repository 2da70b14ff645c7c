"""The words of a game: its title, its options, its illegal moves and how it ends.

A game writes them in English and may bring its own catalogue (`game_text`); the platform's own ends of a match are
here.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

import msgspec

from p2pgame.core.registry import installed
from p2pgame.i18n.catalogue import composed, enumerated, game_text, gettext

__all__ = [
    "END_SENTENCES",
    "TERM_SENTENCES",
    "game_title",
    "option_label",
    "option_value",
    "options",
    "outcome_reason",
    "package_of",
]

END_SENTENCES: Final[dict[str, str]] = {
    "abandoned": "given up",
    "agreed draw": "draw by agreement",
    "claimed": "claimed",
    "connection_lost": "connection lost",
    "desync": "the two games differed",
    "disputed": "disputed: the two games differed",
    "draw": "draw by agreement",
    "dropped": "a player left",
    "frame limit": "frame limit",
    "frame_limit": "frame limit",
    "interrupted": "interrupted",
    "resigned": "resigned",
    "rules failed": "the game had an error",
    "time": "out of time",
}
"""Ends that the platform decides, by `Outcome.reason`."""


TERM_FIELD_SENTENCES: Final[dict[str, str]] = {"clock": "Clock", "takebacks": "Takebacks"}
TERM_SENTENCES: Final[dict[str, str]] = {
    "no clock": "no clock",
    "10 min of patience": "wait 10 min",
    "30 min of patience": "wait 30 min",
    "60 min of patience": "wait 60 min",
    "1 min + 1 s": "1 min + 1 s",
    "3 min + 2 s": "3 min + 2 s",
    "5 min": "5 min",
    "5 min + 3 s": "5 min + 3 s",
    "10 min": "10 min",
    "10 min + 5 s": "10 min + 5 s",
    "15 min + 10 s": "15 min + 10 s",
    "10 min + 3 x 30 s": "10 min + 3 × 30 s",
    "20 min + 5 x 60 s": "20 min + 5 × 60 s",
    "15 s a move": "15 s a move",
    "30 s a move": "30 s a move",
    "60 s a move": "60 s a move",
    "10 min a move": "10 min a move",
    "takebacks": "any number",
    "no takebacks": "no takebacks",
    "1 takeback": "1 takeback",
    "3 takebacks": "3 takebacks",
}
"""Choices that the platform has for all games by turns (`core.terms`); above, their fields."""
_USUAL: Final = ("no clock", "30 min of patience", "takebacks")
"""Those that go without saying."""


@cache
def _packages() -> dict[str, tuple[str, str]]:
    """Package and English title of each installed game, by its name."""
    return {plugin.game.name: (plugin.package, plugin.game.title) for plugin in installed()}


def package_of(game: str) -> str:
    """The package of an installed game; empty for another."""
    return _packages().get(game, ("", ""))[0]


def game_title(game: str) -> str:
    """The title of the game with this name; its name if it is not installed."""
    package, title = _packages().get(game, ("", game))
    return game_text(package, title)


def option_label(package: str, field: str) -> str:
    """The name of an option: ``Best of`` for the field ``best_of``, translated."""
    if field in TERM_FIELD_SENTENCES:
        return gettext(TERM_FIELD_SENTENCES[field])
    return game_text(package, field.replace("_", " ").capitalize())


def option_value(package: str, value: object) -> str:
    """A value of an option; words of the game are translated."""
    if isinstance(value, str) and value in TERM_SENTENCES:
        return gettext(TERM_SENTENCES[value])
    return game_text(package, value.replace("_", " ")) if isinstance(value, str) else str(value)


def options(package: str, config: object) -> str:
    """A configuration (struct or mapping) in a few words: ``standard``, ``Best of 5, walls``; may be empty."""
    values: Any = msgspec.to_builtins(config)
    if not isinstance(values, Mapping):
        return ""

    def words() -> str:
        shown = (
            option_value(package, value)
            if isinstance(value, str)
            else f"{option_label(package, str(field))} {value}"
            for field, value in list(values.items())[:6]
            if value not in _USUAL
        )
        return enumerated(shown)[:80]

    return composed(words)


def outcome_reason(package: str, reason: str) -> str:
    """How a match ended: an end of the platform, or one of the game in `package`."""
    known = END_SENTENCES.get(reason)
    return game_text(package, reason) if known is None else gettext(known)
