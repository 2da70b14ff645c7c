"""Finds and loads the pictures and sounds that come with the package.

In a wheel they lie in ``p2pgame/_assets``, in a checkout in ``assets`` beside the package. Pictures are SVG and are
rasterised at the size they are drawn at. A missing file is an empty picture or silence, never an error.
"""

import io
import re
from functools import lru_cache
from pathlib import Path

import pygame

import p2pgame

__all__ = ["music_path", "picture", "root", "sound_path"]

_PACKAGE = Path(p2pgame.__file__).parent
_SIZE = re.compile(r'(<svg[^>]*?)\swidth="[^"]*"\s+height="[^"]*"')


@lru_cache(maxsize=1)
def root() -> Path:
    """The directory of the assets."""
    inside = _PACKAGE / "_assets"
    return inside if inside.is_dir() else _PACKAGE.parent / "assets"


@lru_cache(maxsize=64)
def picture(name: str, size: int) -> pygame.Surface:
    """The square SVG ``name.svg`` drawn `size` pixels wide, with alpha."""
    try:
        text = (root() / f"{name}.svg").read_text(encoding="utf-8")
        text = _SIZE.sub(rf'\1 width="{size}" height="{size}"', text, count=1)
        return pygame.image.load(io.BytesIO(text.encode()), f"{name}.svg")
    except (OSError, pygame.error):
        return pygame.Surface((size, size), pygame.SRCALPHA)


def sound_path(name: str) -> Path:
    """Where the sound `name` should be."""
    return root() / "sounds" / f"{name}.wav"


def music_path(name: str) -> Path:
    """Where the music `name` should be."""
    return root() / "music" / f"{name}.wav"
