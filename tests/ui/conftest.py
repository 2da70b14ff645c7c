"""pygame without a screen for each test, closed afterwards."""

from collections.abc import Iterator

import pygame
import pygame.freetype
import pytest

from p2pgame.ui.scenes.practice import PracticeScene
from tests.ui.desk import Desk


@pytest.fixture(autouse=True)
def screen() -> Iterator[None]:
    pygame.display.init()
    pygame.freetype.init()
    yield
    pygame.quit()


@pytest.fixture
def desk() -> Iterator[Desk]:
    """The app in the lobby, nobody there. What a practice that still runs thinks with ends with the test."""
    made = Desk()
    made.client.announce()
    made.go()
    yield made
    for scene in made.app.router.stack:
        if isinstance(scene, PracticeScene):
            scene.practice.close()
