"""What moves for its looks: one scene becomes the next, a button lights up; and nothing of it with less motion."""

import itertools

import pygame
import pytest

from p2pgame.core.registry import Plugin, installed
from p2pgame.session import events as ev
from p2pgame.storage.settings import Settings
from p2pgame.ui.fade import eased
from p2pgame.ui.living import states_of
from p2pgame.ui.preferences import Preferences
from p2pgame.ui.scenes.lobby import LobbyScene
from tests.ui.desk import LEARNED, Desk


def desk_of(*, still: bool = False) -> Desk:
    desk = Desk(lively=True, preferences=Preferences(Settings(learned=LEARNED, still=still)))
    desk.client.announce()
    desk.go(0.5)
    return desk


def spot(at: tuple[int, int]) -> tuple[int, ...]:
    surface = pygame.display.get_surface()
    assert surface is not None
    return tuple(surface.get_at(at))[:3]


def test_a_motion_eases_out() -> None:
    steps = [eased(n / 10) for n in range(11)]
    assert steps[0] == 0
    assert steps[10] == 1
    parts = [later - earlier for earlier, later in itertools.pairwise(steps)]
    assert parts == sorted(parts, reverse=True)


def test_one_scene_becomes_the_next_and_begins_to_at_once() -> None:
    desk = desk_of()
    lobby = desk.picture()
    pygame.event.post(pygame.event.Event(pygame.KEYDOWN, key=pygame.K_F10, mod=0, unicode="", scancode=67))
    desk.go(0.02)
    assert desk.shows == "SettingsScene"
    first = desk.picture()
    assert first != lobby, "what was pressed shows with the next picture"
    desk.go(0.06)
    half = desk.picture()
    desk.go(0.3)
    rest = desk.picture()
    assert len({lobby, first, half, rest}) == 4
    frames = desk.app.frames
    desk.go(1)
    assert desk.app.frames == frames, "it comes to rest"


def test_a_dialog_comes_and_goes() -> None:
    desk = desk_of()
    peer = desk.client.add_peer(1, "Ben").peer
    desk.go(1)
    calm = desk.picture()
    desk.client.peer_invites(peer)
    desk.go(0.05)
    coming = desk.picture()
    desk.go(0.2)
    assert desk.picture() != coming
    desk.key(pygame.K_ESCAPE, pygame.K_ESCAPE)
    desk.go(10)
    assert calm != coming


def test_with_less_motion_the_next_scene_is_there_at_once() -> None:
    desk = desk_of(still=True)
    desk.key(pygame.K_F10)
    first = desk.picture()
    desk.go(0.5)
    assert desk.picture() == first


def test_a_button_lights_up_under_the_pointer_and_gives_way_when_pressed() -> None:
    desk = desk_of()
    button = desk.top(LobbyScene).settings_button
    at = (button.rect.left + 6, button.rect.centery)
    theme = desk.app.canvas.theme
    assert spot(at) == theme.raised
    pygame.event.post(
        pygame.event.Event(pygame.MOUSEMOTION, pos=button.rect.center, rel=(0, 0), buttons=(0, 0, 0))
    )
    desk.go(0.03)
    assert spot(at) not in (theme.raised, theme.hover)
    desk.go(0.3)
    assert spot(at) == theme.hover
    pygame.event.post(pygame.event.Event(pygame.MOUSEBUTTONDOWN, pos=button.rect.center, button=1))
    desk.go(0.1)
    assert spot(at) not in (theme.raised, theme.hover)
    frames = desk.app.frames
    desk.go(0.3)
    assert desk.app.frames == frames


def test_the_title_and_the_icon_tell_of_what_was_said_while_the_window_was_behind() -> None:
    desk = desk_of()
    ben = desk.client.add_peer(1, "Ben").peer
    line = ev.Chat(peer=ben, name="Ben", text="hello", where=ev.LOBBY)
    desk.client.tell(line)
    desk.go(0.2)
    assert pygame.display.get_caption()[0] == "p2pgame", "the window is in front"
    pygame.event.post(pygame.event.Event(pygame.WINDOWFOCUSLOST))
    desk.go(0.2)
    assert pygame.display.get_caption()[0] == "p2pgame", "what was there before calls nobody"
    desk.client.tell(line)
    desk.client.tell(line)
    desk.go(0.2)
    assert "2 new messages" in pygame.display.get_caption()[0]
    pygame.event.post(pygame.event.Event(pygame.WINDOWFOCUSGAINED))
    desk.go(0.2)
    assert pygame.display.get_caption()[0] == "p2pgame"


def test_what_is_said_in_an_open_chat_is_unread_while_nobody_looks() -> None:
    desk = desk_of()
    ben = desk.client.add_peer(1, "Ben").peer
    chat = desk.app.context.chat
    chat.read(ev.LOBBY)
    chat.look(away=True)
    chat.note(ev.Chat(peer=ben, name="Ben", text="hello", where=ev.LOBBY), desk.client.peer_id, 1.0)
    assert (chat.unread, chat.missed) == (1, 1)
    chat.look(away=False)
    assert (chat.unread, chat.missed) == (0, 0)


def cards(desk: Desk) -> bytes:
    surface = pygame.display.get_surface()
    assert surface is not None
    return pygame.image.tobytes(surface.subsurface(desk.app.router.lobby.picker.games.rect), "RGB")


def test_the_cards_of_the_games_play_and_nothing_else_is_drawn_for_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    desk = desk_of()
    desk.go(0.5)
    before = cards(desk)
    lobby = desk.app.router.lobby
    drawn: list[int] = []
    monkeypatch.setattr(lobby, "draw", lambda surface: drawn.append(1))
    desk.go(3)
    assert cards(desk) != before
    assert drawn == []
    frames = desk.app.frames
    desk.go(2)
    assert 10 < desk.app.frames - frames < 30, "a few pictures a second"


def test_the_cards_stand_still_under_a_dialog_with_less_motion_and_where_a_game_fails(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    calm = desk_of(still=True)
    calm.go(4)
    frames = calm.app.frames
    calm.go(2)
    assert calm.app.frames == frames
    states_of.cache_clear()
    monkeypatch.setattr(Plugin, "bot", failing)
    monkeypatch.setattr(Plugin, "show", failing)
    desk = desk_of()
    desk.go(4)
    frames = desk.app.frames
    desk.go(2)
    assert desk.app.frames == frames
    states_of.cache_clear()


def failing(plugin: Plugin, *given: object) -> object:
    return plugin.guard.call(divmod, 1, 0)


def test_what_a_card_shows_is_a_game_by_the_rules() -> None:
    for plugin in installed():
        states = states_of(plugin)
        assert 20 < len(states) <= 64
        if not plugin.game.tick_rate:
            assert plugin.game.outcome(states[-1]) is not None, "it comes to an end"


def test_a_notice_opens_the_log_of_all_when_it_is_pressed() -> None:
    desk = desk_of()
    desk.app.toasts.say("Ben is here")
    desk.go(0.05)
    coming = desk.app.toasts.rect.copy()
    desk.go(0.4)
    rect = desk.app.toasts.rect
    assert rect.left < coming.left, "it comes from the side"
    desk.click(rect.center)
    assert desk.shows == "NoticesScene"
    desk.go(6)
    assert not desk.app.toasts.rect.width


def test_what_the_pointer_is_on_can_be_seen_in_lists_and_choices() -> None:
    desk = desk_of()
    for number, name in enumerate(("Ben", "Cem", "Dan"), 1):
        desk.client.add_peer(number, name)
    desk.go(0.2)
    lobby = desk.top(LobbyScene)
    option = next(choice for choice in lobby.picker.options if not choice.folded)
    away = (lobby.peers.rect.centerx, lobby.peers.rect.bottom - 4)
    desk.hover(away)
    calm = desk.picture()
    for at in (lobby.peers.row_at(1).center, option._segment(len(option.options) - 1).center):
        desk.hover(at)
        assert desk.picture() != calm
        desk.hover(away)
        assert desk.picture() == calm


def rests(desk: Desk, seconds: float) -> tuple[int, int]:
    """How often the window looks for something to do in that time, and how many pictures it draws."""
    looks, frames, sleep = 0, desk.app.frames, desk.app._sleep

    def count(seconds: float) -> None:
        nonlocal looks
        looks += 1
        sleep(seconds)

    desk.app._sleep = count
    desk.go(seconds)
    desk.app._sleep = sleep
    return looks, desk.app.frames - frames


def test_a_lobby_that_nobody_touches_looks_up_seldom(desk: Desk) -> None:
    desk.key(pygame.K_TAB)
    busy, _ = rests(desk, 0.5)
    assert busy > 100
    desk.go(1.0)
    calm, _ = rests(desk, 1.0)
    assert calm < 100, "but within a frame, so that the first press is not late"


def test_a_window_that_nobody_sees_draws_nothing_and_hardly_looks_up() -> None:
    lively = desk_of()
    lively.go(4)
    assert rests(lively, 2.0)[1] > 8, "the cards play"
    pygame.event.post(pygame.event.Event(pygame.WINDOWMINIMIZED))
    lively.go(0.1)
    looks, frames = rests(lively, 2.0)
    assert frames == 0
    assert looks < 20
    pygame.event.post(pygame.event.Event(pygame.WINDOWRESTORED))
    assert rests(lively, 1.0)[1] > 0
