"""Fonts for all tests of this folder."""

from collections.abc import Iterator

import pygame
import pygame.freetype
import pytest


@pytest.fixture(autouse=True, scope="module")
def fonts() -> Iterator[None]:
    pygame.freetype.init()
    yield
    pygame.freetype.quit()
