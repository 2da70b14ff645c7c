"""What the windows of all tests have in common: the fonts of the system, and what was drawn once in the usual theme.

Each test has an app of its own, which otherwise looks for fonts, draws letters and rounds corners again: two thirds of
the time of these tests.
"""

from collections import OrderedDict
from collections.abc import Hashable
from functools import cache
from typing import Any

import pygame
import pytest

from p2pgame.i18n.catalogue import language
from p2pgame.ui import canvas, text
from p2pgame.ui.shapes import Shapes
from p2pgame.ui.text import Fonts

__all__ = ["use"]

_system = cache(text._system)
_drawn: dict[tuple[Hashable, ...], pygame.Surface] = {}
_lines: dict[object, tuple[Any, ...]] = {}
"""Lines drawn, their widths and those of letters, by what the fonts that a test has depend on."""
_DRAWN_MAX, _PIXELS_MAX = 2000, 400_000
"""So many pictures are kept, each of so many pixels at most."""
_COLOURED = ("round", "shadow", "stone", "glow", "mark", "picture")
"""Kinds of pictures whose key says all of them."""


class _Fonts(Fonts):
    def __init__(self) -> None:
        super().__init__()
        kept = _lines.setdefault(Fonts._fallback_fonts, (OrderedDict(), OrderedDict(), {}))
        self._surfaces, self._widths, self._advances = kept

    def _find(self, character: str, *, bold: bool) -> pygame.freetype.Font | None:
        found = super()._find(character, bold=bold)
        if self.lacks_han:  # it is noticed as characters are looked up
            _lines.clear()
        return found


class _Shapes(Shapes):
    """What has its colours in its key serves every theme, all else the usual one; pictures only of our own games."""

    def __init__(self) -> None:
        super().__init__()
        if len(_drawn) > _DRAWN_MAX:
            _drawn.clear()
        self._cache = dict(_drawn)
        self._usual = True

    def clear(self) -> None:
        self._usual = False
        self._cache = {key: tile for key, tile in _drawn.items() if key[0] in _COLOURED}

    def _keep(self, key: tuple[Hashable, ...], surface: pygame.Surface) -> pygame.Surface:
        ours = key[0] != "still" or (str(key[1]).startswith("p2pgame.") and language() == "en")
        small = surface.get_width() * surface.get_height() <= _PIXELS_MAX
        if small and (key[0] in _COLOURED or (self._usual and ours)):
            _drawn[key] = surface
        self._cache[key] = surface
        return surface


def use(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the apps of a test have it."""
    monkeypatch.setattr(text, "_system", _system)
    monkeypatch.setattr(canvas, "Fonts", _Fonts)
    monkeypatch.setattr(canvas, "Shapes", _Shapes)
