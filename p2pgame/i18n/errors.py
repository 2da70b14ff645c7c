"""From a code and its parameters to a sentence: the one place where errors become words.

Sentences begin with a small letter and end without a full stop, to stand after a colon or a name. To add one: put
``code: "English with {param}"`` into the table of its area.
"""

import re
from collections.abc import Mapping
from importlib import import_module
from importlib.util import find_spec
from typing import Final

from p2pgame.core.errors import P2PGameError, Param
from p2pgame.i18n.catalogue import game_text, gettext
from p2pgame.i18n.games import game_title, package_of

__all__ = ["TABLES", "sentence", "sentences"]

TABLES: Final = (
    "p2pgame.i18n.protocol_errors",
    "p2pgame.i18n.session_errors",
    "p2pgame.i18n.storage_errors",
    "p2pgame.i18n.replay_errors",
    "p2pgame.i18n.testing_errors",
    "p2pgame.i18n.cli_errors",
    "p2pgame.i18n.net_errors",
)
"""Modules with a table ``SENTENCES``, one for each area. No code is in two of them."""

_CODE: Final = re.compile(r"[a-z_]{1,32}")
_UNKNOWN: Final = "an unexpected problem ({code})"
"""For a code that this program does not know: that of a newer one on the other side."""


def sentences() -> dict[str, str]:
    """All sentences in English, by code."""
    found: dict[str, str] = {}
    for name in TABLES:
        if find_spec(name) is not None:
            found |= import_module(name).SENTENCES
    return found


_SENTENCES: Final = sentences()


def sentence(
    error: P2PGameError | str, params: Mapping[str, Param] | None = None, *, package: str = ""
) -> str:
    """What to tell a person about `error`, an error or the code of one, in the language in use.

    `params`: of a bare code. An event that wraps an error under a code of its own (``illegal_move``, ``not_now``) has
    the error's code as parameter ``cause``, and the error's parameters. `package`: of the game that is played, for a
    sentence of its rules; without it, the parameter ``game`` names the game.
    """
    code, facts = (error, params or {}) if isinstance(error, str) else (error.code, error.params)
    facts = dict(facts)
    code = str(facts.pop("cause", "")) or code
    if (english := _SENTENCES.get(code)) is not None:
        return gettext(english, **_shown(facts))
    if _CODE.fullmatch(code):
        return gettext(_UNKNOWN, code=code)
    # Where others have a code, a game has its own sentence.
    return game_text(package or package_of(str(facts.get("game", ""))), code, **facts)


def _shown(facts: Mapping[str, Param]) -> dict[str, Param]:
    """The parameters as a person reads them: a game by its title."""
    return {key: game_title(str(value)) if key == "game" else value for key, value in facts.items()}
