"""Sixty-four pictures that nobody takes for each other: not by sight, not without colours, not when said aloud."""

import itertools

import pygame
import pytest

from p2pgame.session.people.verification import PICTURES
from p2pgame.ui import pictures
from p2pgame.ui.canvas import Canvas

SIZE = 48


@pytest.fixture(scope="module")
def drawn() -> list[pygame.Surface]:
    canvas, made = Canvas(), []
    for i in range(pictures.COUNT):
        surface = pygame.Surface((SIZE, SIZE))
        surface.fill(canvas.theme.panel)
        pictures.draw(surface, canvas, i, (SIZE // 2, SIZE // 2), SIZE)
        made.append(surface)
    return made


def greys(surface: pygame.Surface) -> list[float]:
    """Lightness of each pixel, as an eye without colours sees it."""
    data = pygame.image.tobytes(surface, "RGB")
    return [0.3 * r + 0.59 * g + 0.11 * b for r, g, b in zip(data[::3], data[1::3], data[2::3], strict=True)]


def test_there_are_as_many_as_the_code_can_name() -> None:
    assert pictures.COUNT == PICTURES
    assert len({pictures.words(i) for i in range(PICTURES)}) == PICTURES


def test_both_sides_call_a_number_the_same() -> None:
    assert [pictures.words(i) for i in (0, 19, 36, 63)] == [
        "white ball",
        "blue star",
        "striped heart",
        "hollow drop",
    ]


def test_each_differs_from_each_without_colour(drawn: list[pygame.Surface]) -> None:
    seen = [greys(surface) for surface in drawn]
    for (i, a), (j, b) in itertools.combinations(enumerate(seen), 2):
        apart = sum(abs(x - y) for x, y in zip(a, b, strict=True)) / len(a)
        assert apart > 5, f"{pictures.words(i)} and {pictures.words(j)} differ by {apart:.1f} of 255"
