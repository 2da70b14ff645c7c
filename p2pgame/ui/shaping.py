"""The order and the pieces in which a line of text is drawn. Pure: knows no font.

Text is stored in the order in which it is read. `visual` gives the order from left to right (Unicode's bidirectional
algorithm), `pieces` cuts that into pieces of one script each, and tells those that need shaping: letters that join or
change places, and marks that sit on letters. `lines` breaks a paragraph, between Chinese, Japanese and Korean
characters, too.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Iterator
from functools import cache
from typing import Final, NamedTuple

__all__ = ["EMOJI", "ISOLATES", "PLAIN", "Piece", "lines", "pieces", "visual"]

PLAIN: Final = ""
"""The script of a piece whose characters can be drawn one after another."""
EMOJI: Final = "Zsye"
ISOLATES: Final = "\u2068\u2069"
"""Characters around a part of a line that is ordered by itself. They are not drawn."""
_NO_ISOLATES: Final = str.maketrans("", "", ISOLATES)

_SCRIPTS: Final = (
    (0x0300, 0x036F, "Zinh"), (0x0590, 0x05FF, "Hebr"), (0x0600, 0x06FF, "Arab"), (0x0700, 0x074F, "Syrc"),
    (0x0750, 0x077F, "Arab"), (0x0780, 0x07BF, "Thaa"), (0x07C0, 0x07FF, "Nkoo"), (0x08A0, 0x08FF, "Arab"),
    (0x0900, 0x097F, "Deva"), (0x0980, 0x09FF, "Beng"), (0x0A00, 0x0A7F, "Guru"), (0x0A80, 0x0AFF, "Gujr"),
    (0x0B00, 0x0B7F, "Orya"), (0x0B80, 0x0BFF, "Taml"), (0x0C00, 0x0C7F, "Telu"), (0x0C80, 0x0CFF, "Knda"),
    (0x0D00, 0x0D7F, "Mlym"), (0x0D80, 0x0DFF, "Sinh"), (0x0E00, 0x0E7F, "Thai"), (0x0E80, 0x0EFF, "Laoo"),
    (0x0F00, 0x0FFF, "Tibt"), (0x1000, 0x109F, "Mymr"), (0x1100, 0x11FF, "Hang"), (0x1780, 0x17FF, "Khmr"),
    (0x1AB0, 0x1AFF, "Zinh"), (0x1DC0, 0x1DFF, "Zinh"), (0x20D0, 0x20FF, "Zinh"), (0xFB1D, 0xFB4F, "Hebr"),
    (0xFB50, 0xFDFF, "Arab"), (0xFE20, 0xFE2F, "Zinh"), (0xFE70, 0xFEFC, "Arab"), (0x1F000, 0x1FAFF, EMOJI),
)  # fmt: skip
"""Blocks whose text is shaped, with the script (ISO 15924); ``Zinh`` takes the script of the letter before it."""
_STARTS: Final = [first for first, _, _ in _SCRIPTS]
_SHAPED: Final = re.compile("[" + "".join(f"{chr(first)}-{chr(last)}" for first, last, _ in _SCRIPTS) + "]")
_RIGHT_TO_LEFT: Final = ("R", "AL")
_BRACKETS: Final = {")": "(", "]": "[", "}": "{", "»": "«", "›": "‹"}
_MIRRORED: Final = {**_BRACKETS, **{left: right for right, left in _BRACKETS.items()}}
_IDEOGRAPHIC: Final = (
    "\u1100-\u11ff\u2e80-\u2fdf\u3001-\u30ff\u3100-\u31ff\u3200-\u33ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af"
    "\uf900-\ufaff\ufe30-\ufe4f\uff01-\uff60\U00020000-\U0003ffff"
)
_OPENING: Final = "“‘（《〈「『【〔［｛"
_CLOSING: Final = "”’）》〉」』】〕］｝，。、；：？！…·～—"
_WORDS: Final = re.compile(" +|[^ ]+")


@cache
def _atoms() -> re.Pattern[str]:
    """Spaces; or what no line may be broken in: a word, or a character with marks that must not begin or end a line.

    For text beyond ASCII, where words are not enough; it takes milliseconds to compile.
    """
    return re.compile(
        rf" +|[{_OPENING}]*(?:[{_IDEOGRAPHIC}]|[^ {_IDEOGRAPHIC}{_OPENING}{_CLOSING}]+|(?=[{_CLOSING}]))"
        rf"[\u0300-\u036f]*[{_CLOSING}]*|."
    )


class Piece(NamedTuple):
    """A part of a line, in the order of drawing."""

    text: str
    script: str
    """ISO 15924; `PLAIN` if it needs no shaping."""


def pieces(text: str) -> list[Piece]:
    """A line of text in the pieces that are drawn from left to right."""
    if _SHAPED.search(text) is None:
        text = text.translate(_NO_ISOLATES)
        return [Piece(text, PLAIN)] if text else []
    text = visual(text)
    found: list[Piece] = []
    start, scripts = 0, _scripts(text)
    for at in range(1, len(text) + 1):
        if (
            at == len(text)
            or scripts[at] != scripts[start]
            or (scripts[at] == EMOJI and not _is_flag(text[start : at + 1]))
        ):
            found.append(Piece(text[start:at], scripts[start]))
            start = at
    return found


def visual(text: str) -> str:
    """`text` in the order from left to right. Marks follow their letters; brackets open to the left."""
    kinds = {unicodedata.bidirectional(character) for character in text}
    if kinds.isdisjoint(_RIGHT_TO_LEFT):
        return text.translate(_NO_ISOLATES)
    import bidi  # only for who meets such a name

    shown = bidi.get_display(text, base_dir="L" if "L" in kinds else "R")
    return _mirrored(_marks_behind(str(shown).translate(_NO_ISOLATES)))


def lines(text: str, room: float, measure: Callable[[str], float]) -> Iterator[str]:
    """A paragraph in lines that `measure` finds at most `room` wide, as far as a line holds more than a single word."""
    line, width, gap = "", 0.0, ""
    for atom in (_WORDS if text.isascii() else _atoms()).findall(text):
        if atom.isspace():
            gap = atom
            continue
        wider = measure(gap + atom)
        if line and width + wider > room:
            yield line
            line, width = atom, measure(atom)
        else:
            line, width = line + gap + atom, width + wider
        gap = ""
    yield line


def _is_flag(text: str) -> bool:
    """Two letters that are one picture. All other pictures are pieces of their own: few fonts have all of them."""
    return len(text) == 2 and all("\U0001f1e6" <= character <= "\U0001f1ff" for character in text)


def _scripts(text: str) -> list[str]:
    """The script of each character: marks and spaces go with what they stand at."""
    found = [_script(character) for character in text]
    for at, script in enumerate(found):
        before = found[at - 1] if at else PLAIN
        if script == "Zinh":
            found[at] = "Latn" if before == PLAIN and at else before
            if before == PLAIN and at:
                found[at - 1] = "Latn"
        elif text[at] == " " and before not in (PLAIN, "Latn", EMOJI) and found[at + 1 : at + 2] == [before]:
            found[at] = before
    return found


def _script(character: str) -> str:
    at = bisect_right(_STARTS, ord(character)) - 1
    if at < 0 or ord(character) > _SCRIPTS[at][1]:
        return PLAIN
    return _SCRIPTS[at][2]


def _marks_behind(text: str) -> str:
    """Reversing text put the marks before their letters: put them behind again."""
    shown: list[str] = []
    marks: list[str] = []
    for character in text:
        kind = unicodedata.bidirectional(character)
        if kind == "NSM" and not (shown and not marks and unicodedata.bidirectional(shown[-1]) == "L"):
            marks.append(character)
            continue
        shown.append(character)
        shown.extend(reversed(marks))
        marks.clear()
    return "".join((*shown, *marks))


def _mirrored(text: str) -> str:
    """Pairs of brackets that came out the wrong way round are turned."""
    shown = list(text)
    closed: list[int] = []
    for at, character in enumerate(text):
        if character in _BRACKETS and _BRACKETS[character] not in text[:at]:
            closed.append(at)
        elif closed and _MIRRORED.get(character) == text[closed[-1]] and character not in _BRACKETS:
            first = closed.pop()
            shown[first], shown[at] = character, text[first]
    return "".join(shown)
