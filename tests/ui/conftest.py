"""pygame without a screen for each test, closed afterwards."""

from collections.abc import Iterator

import pygame
import pygame.freetype
import pytest

from tests.ui.desk import Desk


@pytest.fixture(autouse=True)
def screen() -> Iterator[None]:
    pygame.display.init()
    pygame.freetype.init()
    yield
    pygame.quit()


@pytest.fixture
def desk() -> Desk:
    """The app in the lobby, nobody there."""
    made = Desk()
    made.client.announce()
    made.go()
    return made
