"""Makes names and texts of other peers safe to draw. Knows Unicode, not peers.

A name from the wire is hostile: control characters, invisible letters, direction overrides and stacks of
combining marks. The result is short, visible, one line, and stays the same when cleaned again.
"""

import unicodedata

__all__ = ["NAME_BYTES", "NAME_CHARACTERS", "NAME_MARKS", "is_called", "safe_name", "safe_text"]

NAME_CHARACTERS = 24
NAME_BYTES = 63
"""In UTF-8."""
NAME_MARKS = 2
"""Combining marks on one letter."""

_RAW_CHARACTERS = 256
_ROUNDS = 8
_DROPPED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_MARKS = frozenset({"Mn", "Mc", "Me"})
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Letters and marks by their category that draw nothing."""


def safe_name(raw: str, fallback: str) -> str:
    """`raw` as one visible line of at most 24 characters and 63 UTF-8 bytes, or `fallback` if nothing is left.

    NFKC (Unicode Standard Annex 15); categories Cc, Cf, Cs, Co, Cn, Zl, Zp and blank letters dropped; at most
    two combining marks a letter; spaces collapsed and stripped. Idempotent.
    """
    return _clean_until_stable(raw, NAME_CHARACTERS, NAME_BYTES) or fallback


def is_called(typed: str, *names: str) -> bool:
    """Whether somebody who typed `typed` means one of these names, tags or ids, as others see them.

    A name is seen as `safe_name` leaves it, whatever its owner typed: cut, composed, without what is not drawn.
    """
    meant = {typed.strip().casefold(), safe_name(typed, "").casefold()}
    return any(name.casefold() in meant for name in names if name)


def safe_text(raw: str, characters: int) -> str:
    """A sentence that others wrote, as one visible line; rules as `safe_name`. Empty if nothing is left."""
    return _clean_until_stable(raw, characters, 4 * characters)


def _clean_until_stable(raw: str, characters: int, size: int) -> str:
    text = raw[: max(characters, _RAW_CHARACTERS)]
    for _ in range(_ROUNDS):  # dropping a character can bring two together that compose
        cleaned = _clean(text, characters, size)
        if cleaned == text:
            return text
        text = cleaned
    return ""


def _clean(text: str, characters: int, size: int) -> str:
    if text.isascii() and text.isprintable():  # as most are: only spaces are to be looked at
        return " ".join(text.split())[: min(characters, size)].rstrip(" ")
    kept: list[str] = []
    room = size
    marks = NAME_MARKS  # a mark needs a letter before it
    for character in unicodedata.normalize("NFKC", text):
        category = unicodedata.category(character)
        if category in _DROPPED or character in _BLANK or 0xFE00 <= ord(character) <= 0xFE0F:
            continue
        if category in _MARKS or 0xE0100 <= ord(character) <= 0xE01EF:
            marks += 1
            if marks > NAME_MARKS:
                continue
        elif category == "Zs":
            if not kept or kept[-1] == " ":
                continue
            marks = NAME_MARKS
        else:
            marks = 0
        room -= len(character.encode())
        if room < 0 or len(kept) == characters:
            break
        kept.append(" " if category == "Zs" else character)
    return "".join(kept).rstrip(" ")
