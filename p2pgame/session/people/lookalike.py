"""Detects names that look alike: they have the same skeleton (Unicode Technical Standard 39).

Unicode's table says which characters can hardly be told apart. A person who reads a name in a list is fooled by more:
digits in place of letters, letters of another alphabet that are read as Latin ones, two letters that look like one.
The table is loaded with the first skeleton, not on import.
"""

import unicodedata
from functools import cache, lru_cache

__all__ = ["skeleton"]

_SKELETONS_KEPT = 4096
_BY_HAND = {
    **dict(zip("0123456789|", "olzeasbtbgl", strict=True)),
    "i": "l",
    "d": "cl",
    "m": "rn",
    "w": "vv",
    "ʍ": "rn",
}
"""Additional confusable characters, ignoring case; applied last."""
_READ_AS = {
    read: latin
    for latin, all_read in {
        "a": "ΛΔД@ɐ",
        "b": "βьъ",
        "bl": "ы",
        "d": "ðÐđĐ",
        "e": "εєɛ€Σəǝ",
        "h": "ђћ",
        "k": "κкĸ",
        "n": "иИпПπΠŋ",
        "o": "σ",
        "p": "þÞ",
        "r": "яЯгГΓ",
        "s": "$ς",
        "u": "μ",
        "w": "ωшщШЩ",
        "x": "χ",
        "y": "γ",
    }.items()
    for read in all_read
}
"""Letters of other alphabets, and signs, to the letter they are read as in a Latin name; applied first."""
_SMALL_CAPITAL = "LATIN LETTER SMALL CAPITAL "


@lru_cache(maxsize=_SKELETONS_KEPT)
def skeleton(name: str) -> str:
    """The skeleton of `name`, without case, accents, spaces and punctuation; may be empty."""
    text = "".join(_READ_AS.get(character, character) for character in _without_accents(name))
    text = unicodedata.normalize("NFKC", text)
    text = "".join(_prototypes().get(character, character) for character in text).casefold()
    text = _without_accents(text)
    bare = "".join(c for c in text if unicodedata.category(c)[0] not in "PZC")
    return "".join(_by_hand(character) for character in bare or "".join(text.split()))


def _by_hand(character: str) -> str:
    title = "" if character.isascii() else unicodedata.name(character, "")
    if title.startswith(_SMALL_CAPITAL) and len(title) == len(_SMALL_CAPITAL) + 1:
        character = title[-1].lower()
    return _BY_HAND.get(character, character)


def _without_accents(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not _is_accent(c))


def _is_accent(character: str) -> bool:
    return "\u0300" <= character <= "\u036f"


@cache
def _prototypes() -> dict[str, str]:
    """Map of confusable characters to their prototypes, for text in NFKC."""
    from confusable_homoglyphs import confusables  # slow, and needed only if a peer is verified

    table: dict[str, str] = {}
    data = confusables.confusables_data
    for source, entries in data.items():
        target = entries[0]["c"]
        if len(source) > 1 or len(entries) > 1 or unicodedata.normalize("NFKC", source) != source:
            continue  # it is a prototype itself
        if len(data.get(target, ())) > 1 or (not target.isascii(), target) < (not source.isascii(), source):
            table[source] = "".join(c for c in target if unicodedata.category(c) != "Cf")
    return table
