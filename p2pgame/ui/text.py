"""Text on surfaces: fonts with fallbacks, cached.

Any string can be drawn: characters that no font of the system has become a boxed question mark, an emoji a small
face; control characters vanish, and a line is never taller than its font. Text is drawn in visual order
(`p2pgame.ui.shaping`). Scripts whose letters join or carry marks are shaped by HarfBuzz inside SDL_ttf (`pygame.font`);
everything else is drawn by `pygame.freetype`, which tells what a font has.

A text of the catalogue (`i18n.catalogue.Text`) is drawn in the language in use, however long ago it was looked up.
"""

import math
import unicodedata
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

import pygame
import pygame.font
import pygame.freetype

from p2pgame.i18n.catalogue import current
from p2pgame.ui.shaping import EMOJI, ISOLATES, PLAIN, Piece, lines, pieces
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
_OF_SCRIPTS = {
    EMOJI: (
        "segoeuiemoji",
        "applecoloremoji",
        "notocoloremoji",
        "notoemoji",
        "twemoji",
        "symbola",
        "dejavusans",
    ),
    "Arab": (
        "segoeui",
        "geezapro",
        "notosansarabic",
        "notonaskharabic",
        "notokufiarabic",
        "dejavusans",
        "tahoma",
    ),
    "Hebr": ("segoeui", "arialhebrew", "notosanshebrew", "dejavusans", "tahoma"),
    "Deva": (
        "nirmalaui",
        "mangal",
        "devanagarimt",
        "kohinoordevanagari",
        "notosansdevanagari",
        "lohitdevanagari",
    ),
    "Beng": ("nirmalaui", "vrinda", "banglasangammn", "notosansbengali", "lohitbengali"),
    "Guru": ("nirmalaui", "raavi", "gurmukhimn", "notosansgurmukhi", "lohitgurmukhi"),
    "Gujr": ("nirmalaui", "shruti", "gujaratisangammn", "notosansgujarati", "lohitgujarati"),
    "Taml": ("nirmalaui", "latha", "tamilsangammn", "notosanstamil", "lohittamil"),
    "Telu": ("nirmalaui", "gautami", "telugusangammn", "notosanstelugu", "lohittelugu"),
    "Knda": ("nirmalaui", "tunga", "kannadasangammn", "notosanskannada", "lohitkannada"),
    "Mlym": ("nirmalaui", "kartika", "malayalamsangammn", "notosansmalayalam", "lohitmalayalam"),
    "Sinh": ("nirmalaui", "iskoolapota", "sinhalasangammn", "notosanssinhala", "lklug"),
    "Thai": ("leelawadeeui", "tahoma", "thonburi", "notosansthai", "loma", "waree"),
    "Laoo": ("leelawadeeui", "laosangammn", "notosanslao", "phetsarathot"),
    "Khmr": ("leelawadeeui", "khmersangammn", "notosanskhmer", "khmeros"),
    "Mymr": ("myanmartext", "myanmarsangammn", "notosansmyanmar", "padauk"),
    "Tibt": ("microsofthimalaya", "kailasa", "notoseriftibetan"),
}
"""Where to look for the letters of a script before anywhere else."""
_HAN_PACKAGE = ("noto_cjk_sans_otc", "NotoSansCJK-Regular.ttc")
"""A font in a Python package, the extra ``cjk`` of p2pgame, for systems without one."""
_SIMPLIFIED_FACE = 2
"""Of the faces in a Noto or Source Han collection, the one for Simplified Chinese; face 0 is Japanese."""
_COLLECTIONS = ("notosanscjk", "sourcehansans")
_DROPPED = "\u2028\u2029\ufe0e\ufe0f"
"""Separators; and whether a sign is to be a picture or not, which the font decides."""
_FIRST_EMOJI = "\U0001f000"
_BASELINE = 1.0
"""Of a line, below its top, in sizes."""
_ROUNDING = 0.01
"""Of a pixel: a line that is just as wide as its room would be rounded up."""
_SHAPERS = 64
_PICTURE = 16
_NOTHING = "\U0001fffe"
"""A character that no font has."""
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
        self._fallbacks: dict[bool, list[pygame.freetype.Font]] = {}
        self._of_scripts: dict[str, list[pygame.freetype.Font]] = {}
        self._shapers: OrderedDict[tuple[str, int, str], pygame.font.Font] = OrderedDict()
        self.lacks_han = False
        """Chinese was to be drawn, and no font has it."""
        self._faces: dict[tuple[str, str], pygame.freetype.Font | None] = {}
        self._chosen: dict[tuple[str, bool], pygame.freetype.Font | None] = {}
        self._surfaces: OrderedDict[_Key, pygame.Surface] = OrderedDict()
        self._widths: OrderedDict[tuple[str, int, bool], int] = OrderedDict()
        self._advances: dict[tuple[str, int, bool], float] = {}

    def render(self, text: str, size: int, colour: Colour, *, bold: bool = False) -> pygame.Surface:
        """One line of `text`. The surface is shared: blit it, do not draw on it."""
        text = current(text)
        key = (text, size, colour, bold)
        if (known := self._surfaces.get(key)) is not None:
            self._surfaces.move_to_end(key)
            return known
        surface = pygame.Surface(
            (max(1, self.width(text, size, bold=bold)), self.height(size)), pygame.SRCALPHA
        )
        x = 0.0
        for piece in pieces(_clean(text)):
            if (shaped := self._shaped(piece, size, colour, bold=bold)) is not None:
                surface.blit(shaped[0], (round(x), round(size * _BASELINE) - shaped[1]))
                x += shaped[0].get_width()
            else:
                x = self._plain(surface, piece.text, x, size, colour, bold=bold)
        self._surfaces[key] = surface
        if len(self._surfaces) > _CACHED:
            self._surfaces.popitem(last=False)
        return surface

    def width(self, text: str, size: int, *, bold: bool = False) -> int:
        """Width of a line in pixels."""
        text = current(text)
        key = (text, size, bold)
        if (known := self._widths.get(key)) is not None:
            return known
        width = round(self._length(_clean(text), size, bold=bold) + 0.5)
        self._widths[key] = width
        if len(self._widths) > 4 * _CACHED:
            self._widths.popitem(last=False)
        return width

    def height(self, size: int) -> int:
        """Height of every line of `size`, whatever is in it."""
        return round(size * 1.32)

    def fit(self, text: str, size: int, width: int, *, bold: bool = False) -> str:
        """`text`, cut with an ellipsis where it is wider than `width`."""
        text = current(text)
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
        """`text` in lines of at most `width`, broken at spaces and between Chinese characters; a longer word is cut."""

        def measure(part: str) -> float:
            return self._length(_clean(part), size, bold=bold)

        found: list[str] = []
        for paragraph in current(text)[: 4 * _LONGEST].split("\n"):
            if self.width(paragraph, size, bold=bold) <= width:
                found.append(paragraph)
                continue
            broken = lines(paragraph, width - _ROUNDING, measure)
            found.extend(self.fit(line, size, width, bold=bold) for line in broken)
        return found

    def _length(self, text: str, size: int, *, bold: bool) -> float:
        """Width of a clean line in pixels, not rounded."""
        if text.isascii():
            return sum(self._advance(character, size, bold=bold) for character in text)
        return sum(self._piece_length(piece, size, bold=bold) for piece in pieces(text))

    def _piece_length(self, piece: Piece, size: int, *, bold: bool) -> float:
        if (face := self._shaping_face(piece)) is not None:
            shaper = self._shaper(face, size, piece.script)
            return shaper.size(piece.text)[0] * _shrink(shaper, size)
        return sum(self._advance(character, size, bold=bold) for character in piece.text)

    def _plain(
        self, surface: pygame.Surface, text: str, x: float, size: int, colour: Colour, *, bold: bool
    ) -> float:
        """Draw characters one after another from `x` on; returns the new pen position."""
        baseline = round(size * _BASELINE)
        for run, font in self._runs(text, bold=bold):
            if font is None:
                x = self._boxes(
                    surface, run, x, baseline, size, colour, self._bold if bold else self._regular
                )
                continue
            font.render_to(surface, (round(x), baseline), run, colour, size=size)
            x += sum(self._advance(character, size, bold=bold) for character in run)
        return x

    def _shaped(
        self, piece: Piece, size: int, colour: Colour, *, bold: bool
    ) -> tuple[pygame.Surface, int] | None:
        """The picture of a piece that needs shaping, and how far its baseline is below its top; None: it needs none."""
        del bold  # few such fonts have a bold face, and a smeared one is hard to read
        if (face := self._shaping_face(piece)) is None:
            return None
        shaper = self._shaper(face, size, piece.script)
        picture, factor = shaper.render(piece.text, True, colour), _shrink(shaper, size)
        if factor != 1.0:
            scaled = (
                max(1, round(picture.get_width() * factor)),
                max(1, round(picture.get_height() * factor)),
            )
            picture = pygame.transform.smoothscale(picture.convert_alpha(), scaled)
        return picture, round(shaper.get_ascent() * factor)

    def _shaping_face(self, piece: Piece) -> pygame.freetype.Font | None:
        """The font that shapes a piece; None if it is drawn letter by letter, or no font has all of it."""
        if piece.script == PLAIN:
            return None
        key = (piece.text, piece.script)
        if key not in self._faces:
            if len(self._faces) > _CACHED:
                self._faces.clear()
            fonts = [*self._script_fonts(piece.script), self._regular, *self._fallback_fonts(bold=False)]
            self._faces[key] = next(
                (font for font in fonts if all(self._covers(font, c) for c in piece.text if c != " ")), None
            )
        return self._faces[key]

    def _covers(self, font: pygame.freetype.Font, character: str) -> bool:
        """`font` has `character`. A font of pictures does not tell; what it draws does."""
        if font.scalable:
            return _has(font, character)
        shaper = self._shaper(font, _PICTURE, EMOJI)
        drawn, missing = (
            pygame.image.tobytes(shaper.render(c, True, (255, 255, 255)), "RGBA")
            for c in (character, _NOTHING)
        )
        return drawn != missing

    def _script_fonts(self, script: str) -> list[pygame.freetype.Font]:
        if script not in self._of_scripts:
            named = (_system(name, bold=False) for name in _OF_SCRIPTS.get(script, ()))
            self._of_scripts[script] = [font for font in named if font is not None]
        return self._of_scripts[script]

    def _shaper(self, face: pygame.freetype.Font, size: int, script: str) -> pygame.font.Font:
        """The same font file for HarfBuzz."""
        key = (str(face.path), size, script)
        if key not in self._shapers:
            if not pygame.font.get_init():
                pygame.font.init()
            font = pygame.font.Font(key[0], size)
            if script != EMOJI:
                with suppress(
                    pygame.error, AttributeError
                ):  # an SDL_ttf without HarfBuzz: letters stand alone
                    font.set_script(script)
            self._shapers[key] = font
            if len(self._shapers) > _SHAPERS:
                self._shapers.popitem(last=False)
        self._shapers.move_to_end(key)
        return self._shapers[key]

    def _boxes(
        self,
        surface: pygame.Surface,
        text: str,
        x: float,
        baseline: int,
        size: int,
        colour: Colour,
        font: pygame.freetype.Font,
    ) -> float:
        """A mark for each character that no font has; returns the new pen position."""
        for character in text:
            side = _box(size) - 2
            box = pygame.Rect(round(x) + 1, baseline - round(size * 0.78), side, round(size * 0.86))
            if character >= _FIRST_EMOJI:
                _draw_face(surface, box, colour)
            else:
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
        found = next((font for font in self._fallback_fonts(bold=bold) if _has(font, character)), None)
        self.lacks_han = self.lacks_han or (found is None and _is_han(character))
        return found

    def _fallback_fonts(self, *, bold: bool) -> list[pygame.freetype.Font]:
        if bold not in self._fallbacks:
            fonts = [_system(name, bold=bold) for name in _FALLBACK]
            package = _han_package()
            found = [font for font in (*fonts, package) if font is not None]
            if bold:
                for font in found:
                    font.strong = not _is_bold(font)
            self._fallbacks[bold] = found
        return self._fallbacks[bold]

    def can_draw(self, text: str) -> bool:
        """Some font has every character of `text`."""
        return all(self._font_for(character, bold=False) is not None for character in _clean(text))

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


def _han_package() -> pygame.freetype.Font | None:
    """The font of the optional package, if it is installed. The package is not imported."""
    package, name = _HAN_PACKAGE
    spec = find_spec(package)
    for folder in (spec.submodule_search_locations or ()) if spec is not None else ():
        path = Path(folder) / name
        if path.is_file():
            with suppress(OSError, RuntimeError, pygame.error):
                return _prepared(pygame.freetype.Font(str(path), font_index=_SIMPLIFIED_FACE))
    return None


def _is_bold(font: pygame.freetype.Font) -> bool:
    """A face that is bold already; others are made so by drawing them thicker."""
    return "bold" in Path(str(font.path)).name.lower()


def _is_han(character: str) -> bool:
    return "\u3400" <= character <= "\u9fff"


def _shrink(shaper: pygame.font.Font, size: int) -> float:
    """By how much to scale what `shaper` draws: a font of pictures has one size of its own."""
    height = shaper.get_height()
    return 1.0 if height <= 2 * size else 1.2 * size / height


def _draw_face(surface: pygame.Surface, box: pygame.Rect, colour: Colour) -> None:
    """The mark of an emoji that no font has: a round face."""
    radius = max(2, min(box.width, box.height) // 2)
    eye, apart = max(1, radius // 5), max(1, radius * 2 // 5)
    pygame.draw.circle(surface, colour, box.center, radius, max(1, radius // 6))
    for side in (-1, 1):
        pygame.draw.circle(surface, colour, (box.centerx + side * apart, box.centery - radius // 4), eye)
    mouth = pygame.Rect(0, 0, max(2, radius), max(2, radius * 3 // 4))
    mouth.center = (box.centerx, box.centery + radius // 5)
    pygame.draw.arc(surface, colour, mouth, math.pi, 2 * math.pi, max(1, radius // 6))


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
    text = text[:_LONGEST]
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        c for c in text if (unicodedata.category(c)[0] != "C" and c not in _DROPPED) or c in ISOLATES
    )
