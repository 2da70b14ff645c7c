"""What the picker says beside the choices of a game."""

import pygame
import pytest

from p2pgame.ui.scenes.game_picker import GamePicker
from p2pgame.ui.scenes.lobby import LobbyScene
from tests.ui.desk import Desk


def label_line(desk: Desk, picker: GamePicker, option: int) -> bytes:
    """The pixels above an option, over the whole width of the picker."""
    surface = pygame.display.get_surface()
    assert surface is not None
    left = picker.options[0].rect.left
    rect = pygame.Rect(left, picker.options[option].rect.top - 18, picker.options[0].rect.width, 14)
    return pygame.image.tobytes(surface.subsurface(rect), "RGB")


@pytest.mark.parametrize("size", [(640, 480), (1000, 700), (1280, 720)])
def test_each_rule_and_opening_is_explained_when_it_is_chosen(size: tuple[int, int]) -> None:
    desk = Desk(size=size)
    desk.client.add_peer(1, "Ben")
    desk.go(0.5)
    picker = desk.top(LobbyScene).picker
    for option, values in ((0, 5), (2, 7)):
        seen = set()
        desk.tab_to(picker.options[option])
        for _ in range(values):
            desk.key(pygame.K_RETURN)
            seen.add(label_line(desk, picker, option))
        assert len(seen) == values, "every value has a sentence of its own"
    assert len({*picker._notes()} - {""}) >= 2
    assert not any(
        a.rect.colliderect(b.rect) for i, a in enumerate(picker.widgets) for b in picker.widgets[i + 1 :]
    )
