"""Colour and shape of a person: chosen in the settings, told to the others, worn in a match."""

import pygame

from p2pgame.storage.settings import Settings
from p2pgame.ui.avatars import Avatar
from p2pgame.ui.preferences import Preferences
from p2pgame.ui.scenes.match import MatchScene
from p2pgame.ui.scenes.result import Result
from p2pgame.ui.scenes.room import RoomScene
from p2pgame.ui.scenes.settings import SettingsScene
from p2pgame.ui.swatches import Swatches
from p2pgame.ui.theme import THEME
from tests.ui.desk import LEARNED, Desk
from tests.ui.fake_client import member, person, room_of

GREEN_CROSS = Avatar(2, 6)


def chose() -> Desk:
    return Desk(preferences=Preferences(Settings(learned=LEARNED, avatar=GREEN_CROSS.number)))


def test_it_is_chosen_by_mouse_or_keys_and_told() -> None:
    saved: list[Settings] = []
    desk = Desk(preferences=Preferences(Settings(learned=LEARNED), saved.append))
    desk.key(pygame.K_F10)
    scene = desk.top(SettingsScene)
    desk.click(scene.list.row_at(list(scene.list.names).index("data")).center)
    colours, shapes = (row.widget for row in scene.rows if isinstance(row.widget, Swatches))
    assert isinstance(colours, Swatches)
    assert isinstance(shapes, Swatches)
    rect = colours.rect
    desk.click((rect.left + rect.width * 11 // 16, rect.centery))
    assert saved[-1].avatar % 8 == 5
    before = desk.picture()
    desk.tab_to(shapes)
    desk.key(pygame.K_RIGHT if shapes.index < 7 else pygame.K_LEFT)
    assert saved[-1].avatar == Avatar(5, shapes.index).number
    assert desk.client.calls[-1] == ("set_avatar", saved[-1].avatar)
    assert desk.picture() != before


def test_it_is_told_at_the_start() -> None:
    desk = chose()
    assert ("set_avatar", GREEN_CROSS.number) in desk.client.calls
    assert desk.app.context.avatar(desk.client.peer_id) == GREEN_CROSS


def test_it_is_worn_in_the_match_and_at_its_end_and_not_after_it() -> None:
    desk = chose()
    desk.client.add_peer(1, "Ben", avatar=GREEN_CROSS.number)
    desk.start_match(2, "Cem", game="pong")
    scene = desk.top(MatchScene)
    theme = desk.app.canvas.theme
    assert scene.looks[scene.match.me] == GREEN_CROSS
    assert theme.tint(scene.match.me) == THEME.tint(2)
    desk.go(2)
    desk.press("Resign")
    desk.press("Resign")
    assert desk.top(Result).looks == scene.looks
    desk.press("Back to the lobby")
    desk.go(0.1)
    assert desk.app.canvas.theme == THEME


def test_of_two_who_want_the_same_one_gets_the_next() -> None:
    desk = chose()
    desk.client.add_peer(1, "Ben", avatar=GREEN_CROSS.number)
    desk.client.room_view = room_of([member("Anna"), member("Ben", 1)], [person("Ben", 1), person("Anna")])
    desk.go(0.2)
    assert desk.top(RoomScene).looks == (GREEN_CROSS, Avatar(3, 7))
    assert desk.app.canvas.theme.tint(0) == THEME.tint(2)


def test_colours_that_are_safe_for_the_eyes_are_not_chosen() -> None:
    desk = Desk(
        preferences=Preferences(Settings(learned=LEARNED, avatar=GREEN_CROSS.number, palette="lightness"))
    )
    before = desk.app.canvas.theme.players
    desk.start_match(game="pong")
    theme, me = desk.app.canvas.theme, desk.top(MatchScene).match.me
    assert theme.players == before
    assert theme.shape(me) == GREEN_CROSS.shape
