"""From a code and its parameters to a sentence: the one place where errors become words.

Sentences begin with a small letter and end without a full stop, to stand after a colon or a name. To add one: put
``code: "English with {param}"`` into the table of its area.
"""

import re
from collections.abc import Mapping, Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Final

from p2pgame.core.errors import IllegalMoveError, P2PGameError, Param
from p2pgame.i18n import protocol_errors
from p2pgame.i18n.catalogue import game_text, gettext, placeholders
from p2pgame.i18n.games import game_title, package_of

__all__ = ["TABLES", "sentence", "sentences"]

TABLES: Final = (
    "p2pgame.i18n.session_errors",
    "p2pgame.i18n.storage_errors",
    "p2pgame.i18n.replay_errors",
    "p2pgame.i18n.testing_errors",
    "p2pgame.i18n.cli_errors",
    "p2pgame.i18n.net_errors",
    "p2pgame.i18n.reach_errors",
    "p2pgame.i18n.room_errors",
    "p2pgame.i18n.record_errors",
)
"""Modules with a table ``SENTENCES``, one for each area. No code is in two of them."""
_BARE: Final = protocol_errors.SENTENCES
"""For codes that came without the parameters that our own sentence has."""

_CODE: Final = re.compile(r"[a-z0-9_]{1,32}")
_UNKNOWN: Final = "an unexpected problem ({code})"
"""For a code that this program does not know: that of a newer one on the other side."""
_REASON_SENTENCES: Final = {
    "illegal_move": "the rules do not allow that",
    "no_answer": "{name} cannot be reached",
    "not_deleted": "the match could not be deleted",
    "not_now": "that is not possible now",
    "not_recorded": "the match is not recorded",
}
"""Codes of events that are nothing without the reason, and what they say if it is missing."""
_SHOWN: Final = 400
"""Characters of a parameter."""
_MOVE: Final = "move_"
"""Begins the names of the parameters that a game gave with an illegal move, where they stand beside others."""


def sentences() -> dict[str, str]:
    """All sentences in English, by code."""
    found: dict[str, str] = {}
    for name in TABLES:
        if find_spec(name) is not None:
            found |= import_module(name).SENTENCES
    return found


_SENTENCES: Final = sentences()
_KNOWN: Final = _SENTENCES.keys() | _BARE.keys()


def sentence(
    error: P2PGameError | str,
    params: Mapping[str, Param] | None = None,
    *,
    package: str = "",
    names: Sequence[str] = (),
) -> str:
    """What to tell a person about `error`, an error or the code of one, in the language in use.

    `params`: of a bare code. `package`: of the game that is played, for a sentence of its rules; without it, the
    parameter ``game`` names the game. `names`: of the players, for the parameter ``player``, a player index.

    The parameters ``reason`` and ``cause`` may be the code of another error, or the sentence of a game, with the same
    parameters. Text that came from another peer is made safe.
    """
    code, facts = (error, params or {}) if isinstance(error, str) else (error.code, error.params)
    facts = {key: _visible(value) if isinstance(value, str) else value for key, value in facts.items()}
    package = package or package_of(str(facts.get("game", "")))
    if code not in _KNOWN:
        if _CODE.fullmatch(code) and not isinstance(error, IllegalMoveError):
            return gettext(_UNKNOWN, code=code)
        return game_text(package, code, **facts)  # where others have a code, a game has its own sentence
    shown = _shown(facts, package, names)
    for english in (_SENTENCES.get(code), _BARE.get(code), _REASON_SENTENCES.get(code)):
        if english is not None and placeholders(english) <= shown.keys():
            return gettext(english, **shown)
    return gettext(_UNKNOWN, code=code)  # from a program that gives other facts


def _shown(facts: Mapping[str, Param], package: str, names: Sequence[str]) -> dict[str, Param]:
    """The parameters as a person reads them, and those that follow from others."""
    shown = dict(facts)
    for key in ("reason", "cause"):
        if key in facts:
            shown[key] = _nested(key, facts, package, names)
    if "game" in facts:
        shown["game"] = game_title(str(facts["game"]))
    if isinstance(player := facts.get("player"), int):
        shown["number"] = player + 1
        known = 0 <= player < len(names)
        shown["name"] = names[player] if known else gettext("player {number}", number=player + 1)
    return shown


def _visible(text: str) -> str:
    """`text` as one line of visible characters; it may come from another peer."""
    return "".join(character if character.isprintable() else " " for character in text[:_SHOWN])


def _nested(key: str, facts: Mapping[str, Param], package: str, names: Sequence[str]) -> str:
    """The parameter `key` inside a sentence: in words if it is a code, else as it stands (the system's own words)."""
    reason = str(facts[key])
    rest = {name.removeprefix(_MOVE): value for name, value in facts.items() if name != key}
    if reason in _KNOWN:
        return sentence(reason, rest, package=package, names=names)
    return game_text(package, reason, **rest)
