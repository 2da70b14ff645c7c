"""Makes a line of chat safe to draw. Keeps what a person wrote otherwise: unlike a name it is not made comparable."""

import unicodedata
from typing import Final

from p2pgame.wire.chat import TEXT_CHARACTERS

__all__ = ["MARKS_MAX", "safe_line"]

MARKS_MAX: Final = 3
"""Combining marks on one letter."""
_RAW_CHARACTERS: Final = 1000
"""Of what is longer only so much is looked at; it is too long then anyway, unless nearly all of it is dropped."""
_DROPPED: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
_SPACES: Final = frozenset({"Zs", "Zl", "Zp"})
_MARKS: Final = frozenset({"Mn", "Mc", "Me"})
_BLANK: Final = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Letters and marks by their category that draw nothing."""


def safe_line(raw: str, characters: int = TEXT_CHARACTERS) -> str:
    """`raw` as one visible line of at most `characters`; empty if nothing is left.

    NFC (Unicode Standard Annex 15); control, format (among them all direction marks), private and unassigned characters
    dropped; line breaks and tabs become spaces, spaces collapsed and stripped; at most three combining marks a letter.
    """
    kept: list[str] = []
    marks = MARKS_MAX  # a mark needs a letter before it
    for character in unicodedata.normalize("NFC", raw[:_RAW_CHARACTERS]):
        category = unicodedata.category(character)
        if category in _SPACES or character in "\t\n\r\v\f\x85":
            if kept and kept[-1] != " ":
                kept.append(" ")
            marks = MARKS_MAX
        elif category in _DROPPED or character in _BLANK or 0xFE00 <= ord(character) <= 0xFE0F:
            continue
        elif category in _MARKS or 0xE0100 <= ord(character) <= 0xE01EF:
            marks += 1
            if marks <= MARKS_MAX:
                kept.append(character)
        else:
            marks = 0
            kept.append(character)
    return "".join(kept).strip(" ")[:characters].rstrip(" ")
