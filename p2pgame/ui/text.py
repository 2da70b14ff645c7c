"""Text on surfaces: fonts with fallbacks, cached.

Any string can be drawn: characters that no font of the system has become a boxed question mark, control
characters vanish, and a line is never taller than its font. Does no bidirectional layout and no shaping.
"""

import unicodedata
from collections import OrderedDict
from collections.abc import Iterator

import pygame
import pygame.freetype

from p2pgame.ui.theme import Colour

__all__ = ["Fonts"]

_SANS = (
    "segoeui",
    "helveticaneue",
    "notosans",
    "ubuntu",
    "cantarell",
    "opensans",
    "liberationsans",
    "dejavusans",
    "arial",
)
_FALLBACK = (
    "microsoftyahei",
    "simhei",
    "pingfangsc",
    "hiraginosansgb",
    "notosanscjksc",
    "sourcehansanssc",
    "wenquanyimicrohei",
    "droidsansfallback",
    "malgungothic",
    "segoeuisymbol",
    "applesymbols",
    "dejavusans",
)
_SIMPLIFIED_FACE = 2
"""Of the faces in a Noto or Source Han collection, the one for Simplified Chinese; face 0 is Japanese."""
_COLLECTIONS = ("notosanscjk", "sourcehansans")
_LONGEST = 400
_CACHED = 600
_LETTERS = 20_000
"""The same for single characters."""

_Key = tuple[str, int, Colour, bool]


class Fonts:
    """Draws and measures lines of text. Sizes are pixels. Needs `pygame.freetype.init()` first."""

    def __init__(self) -> None:
        self._regular = self._first(_SANS, bold=False)
        self._bold = self._first(_SANS, bold=True)
        self._fallbacks: list[pygame.freetype.Font] | None = None
        self._chosen: dict[tuple[str, bool], pygame.freetype.Font | None] = {}
        self._surfaces: OrderedDict[_Key, pygame.Surface] = OrderedDict()
        self._widths: OrderedDict[tuple[str, int, bool], int] = OrderedDict()
        self._advances: dict[tuple[str, int, bool], float] = {}

    def render(self, text: str, size: int, colour: Colour, *, bold: bool = False) -> pygame.Surface:
        """One line of `text`. The surface is shared: blit it, do not draw on it."""
        key = (text, size, colour, bold)
        if (known := self._surfaces.get(key)) is not None:
            self._surfaces.move_to_end(key)
            return known
        primary = self._bold if bold else self._regular
        surface = pygame.Surface(
            (max(1, self.width(text, size, bold=bold)), self.height(size)), pygame.SRCALPHA
        )
        baseline = round(size * 1.0)
        x = 0.0
        for run, font in self._runs(_clean(text), bold=bold):
            if font is None:
                x = self._boxes(surface, len(run), x, baseline, size, colour, primary)
                continue
            font.render_to(surface, (round(x), baseline), run, colour, size=size)
            x += sum(self._advance(character, size, bold=bold) for character in run)
        self._surfaces[key] = surface
        if len(self._surfaces) > _CACHED:
            self._surfaces.popitem(last=False)
        return surface

    def width(self, text: str, size: int, *, bold: bool = False) -> int:
        """Width of a line in pixels."""
        key = (text, size, bold)
        if (known := self._widths.get(key)) is not None:
            return known
        width = round(sum(self._advance(c, size, bold=bold) for c in _clean(text)) + 0.5)
        self._widths[key] = width
        if len(self._widths) > 4 * _CACHED:
            self._widths.popitem(last=False)
        return width

    def height(self, size: int) -> int:
        """Height of every line of `size`, whatever is in it."""
        return round(size * 1.32)

    def fit(self, text: str, size: int, width: int, *, bold: bool = False) -> str:
        """`text`, cut with an ellipsis where it is wider than `width`."""
        if self.width(text, size, bold=bold) <= width:
            return text
        low, high = 0, min(len(text), _LONGEST)
        while low < high:
            middle = (low + high + 1) // 2
            if self.width(text[:middle].rstrip() + "…", size, bold=bold) <= width:
                low = middle
            else:
                high = middle - 1
        return text[:low].rstrip() + "…"

    def wrap(self, text: str, size: int, width: int, *, bold: bool = False) -> list[str]:
        """`text` in lines of at most `width`, broken at spaces; a longer word is cut."""
        lines: list[str] = []
        for paragraph in text[: 4 * _LONGEST].split("\n"):
            line = ""
            for word in paragraph.split(" "):
                longer = f"{line} {word}" if line else word
                if not line or self.width(longer, size, bold=bold) <= width:
                    line = longer
                else:
                    lines.append(self.fit(line, size, width, bold=bold))
                    line = word
            lines.append(self.fit(line, size, width, bold=bold))
        return lines

    def _boxes(
        self,
        surface: pygame.Surface,
        count: int,
        x: float,
        baseline: int,
        size: int,
        colour: Colour,
        font: pygame.freetype.Font,
    ) -> float:
        """Boxed question marks for `count` characters that no font has; returns the new pen position."""
        for _ in range(count):
            side = _box(size) - 2
            box = pygame.Rect(round(x) + 1, baseline - round(size * 0.78), side, round(size * 0.86))
            pygame.draw.rect(surface, colour, box, 1)
            small = max(6, round(size * 0.6))
            mark, bounds = font.render("?", colour, size=small)
            surface.blit(mark, mark.get_rect(center=box.center) if bounds else box)
            x += _box(size)
        return x

    def _runs(self, text: str, *, bold: bool) -> Iterator[tuple[str, pygame.freetype.Font | None]]:
        """`text` in pieces of one font each."""
        start = 0
        fonts = [self._font_for(character, bold=bold) for character in text]
        for i in range(1, len(text) + 1):
            if i == len(text) or fonts[i] is not fonts[start]:
                yield text[start:i], fonts[start]
                start = i

    def _advance(self, character: str, size: int, *, bold: bool) -> float:
        """By how many pixels the pen moves. To ask a font is slow, and texts differ more than their letters do."""
        key = (character, size, bold)
        if (known := self._advances.get(key)) is not None:
            return known
        font = self._font_for(character, bold=bold)
        if font is None:
            advance: float = _box(size)
        else:
            advance = sum(metrics[4] for metrics in font.get_metrics(character, size=size) if metrics)
        if len(self._advances) > _LETTERS:
            self._advances.clear()
        self._advances[key] = advance
        return advance

    def _font_for(self, character: str, *, bold: bool) -> pygame.freetype.Font | None:
        key = (character, bold)
        if key not in self._chosen:
            if len(self._chosen) > _LETTERS:
                self._chosen.clear()
            self._chosen[key] = self._find(character, bold=bold)
        return self._chosen[key]

    def _find(self, character: str, *, bold: bool) -> pygame.freetype.Font | None:
        primary = self._bold if bold else self._regular
        if _has(primary, character):
            return primary
        if self._fallbacks is None:
            self._fallbacks = [font for name in _FALLBACK if (font := _system(name, bold=False)) is not None]
        return next((font for font in self._fallbacks if _has(font, character)), None)

    @staticmethod
    def _first(names: tuple[str, ...], *, bold: bool) -> pygame.freetype.Font:
        for name in names:
            if (font := _system(name, bold=bold)) is not None and _has(font, "A"):
                return font
        return _prepared(pygame.freetype.Font(None))


def _system(name: str, *, bold: bool) -> pygame.freetype.Font | None:
    """The system font `name`, or None where there is none or it cannot be read."""
    path = pygame.font.match_font(name, bold=bold)
    if not path:
        return None
    face = (
        _SIMPLIFIED_FACE if path.lower().endswith((".ttc", ".otc")) and name.startswith(_COLLECTIONS) else 0
    )
    for index in (face, 0):
        try:
            return _prepared(pygame.freetype.Font(path, font_index=index))
        except (OSError, RuntimeError, pygame.error):
            continue
    return None


def _prepared(font: pygame.freetype.Font) -> pygame.freetype.Font:
    font.origin = True
    font.pad = False
    return font


def _has(font: pygame.freetype.Font, character: str) -> bool:
    try:
        metrics = font.get_metrics(character, size=16)
    except (UnicodeError, ValueError, pygame.error):
        return False
    return bool(metrics) and metrics[0] is not None


def _box(size: int) -> int:
    return round(size * 0.8)


def _clean(text: str) -> str:
    """`text` without invisible characters; a second guard, names are made safe before."""
    return "".join(
        c for c in text[:_LONGEST] if unicodedata.category(c)[0] != "C" and c not in "\u2028\u2029"
    )
