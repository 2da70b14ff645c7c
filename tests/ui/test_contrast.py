"""The pixels of scenes, in both themes: words and edges stand out from what is really under them."""

import pygame
import pytest

from p2pgame.storage.settings import Settings
from p2pgame.ui.emotes import EmoteButton
from p2pgame.ui.preferences import Preferences
from p2pgame.ui.theme import EDGE, TEXT, contrast
from p2pgame.ui.widgets import Button, Choice
from tests.ui.desk import LEARNED, Desk

SCENES = ("lobby", "chat", "settings", "howto", "match", "menu", "result", "history", "people")


def show(desk: Desk, scene: str) -> None:
    """Lead the app to that scene."""
    match scene:
        case "chat":
            desk.key(pygame.K_t)
        case "settings":
            desk.key(pygame.K_F10)
        case "howto":
            desk.key(pygame.K_F1)
        case "history":
            desk.key(pygame.K_F5)
        case "people":
            desk.key(pygame.K_F4)
        case "match" | "menu" | "result":
            desk.start_match()
            if scene == "menu":
                desk.key(pygame.K_ESCAPE)
            elif scene == "result":
                desk.win()
                desk.go(4)
    desk.go(0.5)


@pytest.mark.parametrize("size", [(640, 480), (1000, 700)])
@pytest.mark.parametrize("mode", ["dark", "light"])
@pytest.mark.parametrize("scene", SCENES)
def test_what_can_be_pressed_has_words_and_an_edge_that_are_seen(
    scene: str, mode: str, size: tuple[int, int]
) -> None:
    desk = Desk(size=size, preferences=Preferences(Settings(learned=LEARNED, theme=mode)))  # type: ignore[arg-type]
    desk.client.announce()
    desk.client.add_peer(3, "Carla")
    desk.go()
    show(desk, scene)
    surface = pygame.display.get_surface()
    assert surface is not None
    area = surface.get_rect().inflate(-12, -12)
    checked = 0
    for widget in desk.scene.form.widgets:
        if not isinstance(widget, Button | Choice) or not widget.enabled or not area.contains(widget.rect):
            continue
        rect = widget.rect
        face = tuple(surface.get_at((rect.left + 6, rect.centery)))[:3]
        inside = [
            tuple(surface.get_at((x, y)))[:3]
            for x in range(rect.left + 8, rect.right - 8)
            for y in range(rect.centery - 8, rect.centery + 8)
        ]
        words = max(contrast(colour, face) for colour in inside)  # type: ignore[arg-type]
        least = EDGE if isinstance(widget, EmoteButton) else TEXT  # a picture, or words
        assert words >= least, (scene, getattr(widget, "label", ""), words)
        outside = tuple(surface.get_at((rect.left - 5, rect.centery)))[:3]
        border = [tuple(surface.get_at((x, rect.centery)))[:3] for x in range(rect.left - 1, rect.left + 4)]
        edge = max(contrast(colour, outside) for colour in border)  # type: ignore[arg-type]
        assert edge >= EDGE, (scene, getattr(widget, "label", ""), edge)
        checked += 1
    assert checked or scene == "match", "nothing was looked at"
